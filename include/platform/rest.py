"""Logged-in HTTP with one Airflow: tokens, and errors that say what to do."""

import time
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import httpx

from include.errors import Conflict, NotFound, Outage, PerennialError

Query = Mapping[str, str | int | bool]
REPEATS, REPEAT_SECONDS = 3, 2.0  # a busy database answers 500 for a moment
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}


class Rest:
    """Requests to `/api/v2` as one user; the token is fetched on first use and after each 401."""

    def __init__(self, base_url: str, user: str, password: str, timeout: float) -> None:
        self.base_url = base_url.rstrip("/")
        self._user = user
        self._password = password
        self._token: str | None = None
        # A proxy from the environment must not come between us and this machine.
        remote = urlsplit(self.base_url).hostname not in _LOOPBACK
        self._http = httpx.Client(base_url=self.base_url, timeout=timeout, trust_env=remote)

    def close(self) -> None:
        self._http.close()

    def get(self, path: str, query: Query | None = None) -> Any:
        return self._call("GET", path, query=query)

    def post(self, path: str, body: Mapping[str, object]) -> Any:
        return self._call("POST", path, body=body)

    def patch(self, path: str, body: Mapping[str, object]) -> Any:
        return self._call("PATCH", path, body=body)

    def put(self, path: str) -> Any:
        return self._call("PUT", path)

    def anonymous(self, path: str) -> Any:
        """A page that needs no login."""
        return self._checked(self._send("GET", path)).json()

    def _call(
        self, method: str, path: str, query: Query | None = None, body: Mapping[str, object] | None = None
    ) -> Any:
        response = self._send(method, f"/api/v2{path}", query, body, self.login())
        for _ in range(REPEATS if method in {"GET", "PATCH"} else 0):  # a POST may have taken effect
            if not response.is_server_error:
                break
            time.sleep(REPEAT_SECONDS)
            response = self._send(method, f"/api/v2{path}", query, body, self.login())
        if response.status_code == HTTPStatus.UNAUTHORIZED:
            response = self._send(method, f"/api/v2{path}", query, body, self.login(again=True))
        checked = self._checked(response)
        return checked.json() if checked.content else None

    def login(self, again: bool = False) -> str:
        """The token of this session, fetched where there is none yet."""
        if self._token is None or again:
            response = self._send("POST", "/auth/token", body={"username": self._user, "password": self._password})
            if response.status_code == HTTPStatus.UNAUTHORIZED:
                raise PerennialError(
                    f"Airflow at {self.base_url} refused the password of user {self._user!r}. "
                    "`make status` shows the users of a local platform."
                )
            self._token = str(self._checked(response).json()["access_token"])
        return self._token

    def _send(
        self,
        method: str,
        path: str,
        query: Query | None = None,
        body: Mapping[str, object] | None = None,
        token: str | None = None,
    ) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        try:
            return self._http.request(method, path, params=query, json=body, headers=headers)
        except httpx.TransportError as problem:
            raise Outage(
                f"Airflow at {self.base_url} does not answer ({type(problem).__name__}: {problem}). "
                "Start it with `make up`, or look at its state with `make status`."
            ) from problem

    def _checked(self, response: httpx.Response) -> httpx.Response:
        if response.is_success:
            return response
        raise _kind(response.status_code)(
            f"Airflow refused {response.request.method} {response.request.url.path} as user {self._user!r}: "
            f"{response.status_code} {_detail(response)}"
        )


def _kind(status: int) -> type[PerennialError]:
    if status == HTTPStatus.NOT_FOUND:
        return NotFound
    if status == HTTPStatus.CONFLICT:
        return Conflict
    return Outage if status >= HTTPStatus.INTERNAL_SERVER_ERROR else PerennialError


def _detail(response: httpx.Response) -> str:
    try:
        return str(response.json()["detail"])
    except (ValueError, KeyError, TypeError):
        return response.text[:500]
