"""Secrets and passwords of one platform: made once per state folder, the same for every process in it."""

import base64
import json
import secrets
from dataclasses import dataclass

from include.platform.home import Home, read_json, write_atomically

ADMIN = "admin"
DEMO = "demo"
ROLES = {ADMIN: "admin", DEMO: "user"}  # `user` may run Dags and answer approvals, but changes no settings


@dataclass(frozen=True)
class Secrets:
    """Keys that Airflow's processes share: with differing ones every task fails with `Invalid auth token`."""

    fernet_key: str
    jwt_secret: str
    api_secret_key: str


def platform_secrets(home: Home) -> Secrets:
    """The keys of this state folder, made on first use."""
    kept = read_json(home.secrets_file) or {}
    made = {
        "fernet_key": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "jwt_secret": secrets.token_urlsafe(48),
        "api_secret_key": secrets.token_urlsafe(32),
    }
    whole = made | {key: value for key, value in kept.items() if key in made}
    if whole != kept:
        write_atomically(home.secrets_file, json.dumps(whole), mode=0o600)
    return Secrets(**whole)


def passwords(home: Home) -> dict[str, str]:
    """User name -> password, made on first use; Airflow's simple auth manager reads the same file."""
    kept = read_json(home.passwords_file) or {}
    whole = {user: secrets.token_urlsafe(12) for user in ROLES} | kept
    if whole != kept:
        write_atomically(home.passwords_file, json.dumps(whole), mode=0o600)
    return whole
