"""Who is told: declared by name, nobody by default, and never with a secret in the file."""

from typing import Any

import pytest
from pydantic import ValidationError

from include.spec import Channel
from tests.declared import contract, spec


def test_nobody_is_told_unless_a_file_says_so() -> None:
    assert spec().alerts == contract().alerts == {}


def test_a_warning_is_not_sent_unless_somebody_asks_for_it() -> None:
    mail = {"kind": "email", "connection": "smtp_default", "to": ["ops@example.org"]}
    found = spec(alerts={"ops": mail, "early": {**mail, "tier": "warn"}}).alerts
    assert {name: one.tier for name, one in found.items()} == {"ops": "alert", "early": "warn"}
    assert contract(alerts={"ops": mail}).alerts["ops"] == found["ops"]


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"kind": "slack", "to": ["a@b"]}, "to lists the recipients of kind email, and only of that"),
        ({"to": []}, "to lists the recipients of kind email"),
        ({"to": ["ops"]}, "such as ops@example.org, one by one; got ops"),
        ({"to": ["a@b.org, c@d.org"]}, "one by one"),
        ({"to": ["a@b.org\r\nBcc: c"]}, "one by one"),
        ({"tier": "ok"}, "'warn', 'alert' or 'critical'"),
        ({"kind": "pigeon"}, "'email', 'slack' or 'webhook'"),
        ({"connection": ""}, "at least 1 character"),
        ({"password": "x"}, "Extra inputs are not permitted"),
    ],
)
def test_a_channel_that_reaches_nobody_is_refused(changes: dict[str, Any], problem: str) -> None:
    given = {"kind": "email", "connection": "smtp_default", "to": ["ops@example.org"], **changes}
    with pytest.raises(ValidationError, match=problem):
        Channel.model_validate(given)
