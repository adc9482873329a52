"""A client of the service over HTTP. It needs httpx and nothing else of this repository: copy the file.

    with ModelClient("http://127.0.0.1:8800", "flight_delay", key=KEY) as model:
        [answer] = model.predict({"carrier": "UA", ...})
        model.feedback({answer.id: 31})

What is asked again by itself is what cannot have been answered: the connection was refused, or the service said 503.
A prediction whose connection broke may be on record, so it is not asked twice; labels and metadata are.
"""

import math
import random
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol, Self, runtime_checkable

import httpx

Row = Mapping[str, object]
Label = float | str | None
NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
LOOPBACK = ("localhost", "127.0.0.1", "::1")  # where no proxy of the environment is asked
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 5.0


class ServiceError(Exception):
    """The service did not answer as asked. `status` is None where nothing came back; `request` is in its log."""

    def __init__(self, message: str, status: int | None = None, request: str = "") -> None:
        super().__init__(message)
        self.status, self.request = status, request


@dataclass(frozen=True)
class Problem:
    """One refusal: the row's place in the request (None: all of them), the column, what was there, the broken rule."""

    row: int | None
    column: str
    value: object
    rule: str

    def __str__(self) -> str:
        where = "every row" if self.row is None else f"row {self.row}"
        return f"{where}, {self.column} = {self.value!r}: {self.rule}"


class Refused(ServiceError):
    """What was sent is wrong and stays wrong, and nothing of it was answered: `problems` says what to mend."""

    def __init__(
        self, message: str, status: int | None = None, request: str = "", problems: Sequence[Problem] = ()
    ) -> None:
        super().__init__("; ".join([message, *map(str, problems)]), status, request)
        self.problems = tuple(problems)


class NotAllowed(ServiceError):
    """The key is missing, unknown, or not for this model."""


class NotServed(ServiceError):
    """There is no such model, or the version is not loaded."""


class Unavailable(ServiceError):
    """No connection, or no warm model: to ask again later does no harm."""


class Failed(ServiceError):
    """The model failed, or no answer came back: a prediction may be on record all the same."""


@dataclass(frozen=True)
class Prediction:
    """One row's answer: its id for `feedback`, the version that gave it (empty: none did), and of classes each one."""

    id: str
    version: str
    value: float | str
    probabilities: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Metadata:
    """What the service says of a model: who answers, what is loaded, the features by type, and the routing."""

    version: str
    model_hash: str
    versions: tuple[str, ...]
    platform: str
    features: Mapping[str, str]
    routing: Mapping[str, Any]


@runtime_checkable
class Arrow(Protocol):
    """A table of Arrow."""

    def to_pylist(self) -> list[dict[str, Any]]: ...


@runtime_checkable
class Frame(Protocol):
    """A data frame of pandas."""

    def to_dict(self, orient: str) -> Any: ...


class ModelClient:
    """Asks one model. Threads may share it; `seconds` is what each try may take, `tries` how often it is asked."""

    def __init__(
        self, address: str, model: str, *, key: str | None = None, seconds: float = 10.0, tries: int = 5
    ) -> None:
        if tries < 1:
            raise ValueError(f"tries is {tries}; at least 1 is needed.")
        headers = {"authorization": f"Bearer {key}"} if key else {}
        remote = httpx.URL(address).host not in LOOPBACK
        self._http = httpx.Client(base_url=address, headers=headers, timeout=seconds, trust_env=remote)
        self._path, self._tries = f"/v2/models/{model}", tries

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends its connections."""
        self._http.close()

    def predict(
        self, rows: Row | Iterable[Row] | Arrow | Frame, *, version: str | None = None, request: str | None = None
    ) -> list[Prediction]:
        """One answer per row, in their order: all of them, or an exception. NaN and NaT are sent as null.

        `version` asks one that is loaded instead of who is in turn; `request` is an id of yours for the logs.
        """
        place = f"/versions/{version}" if version else ""
        headers = {"x-request-id": request} if request else {}
        content = {"dataframe_records": _records(rows)}
        said = self._asked("POST", f"{place}/invocations", content, headers, again=False).json()
        probabilities = said.get("probabilities") or [{}] * len(said["predictions"])
        return [
            Prediction(*one)
            for one in zip(
                said["prediction_ids"], said["model_versions"], said["predictions"], probabilities, strict=True
            )
        ]

    def feedback(self, labels: Mapping[str, Label]) -> int:
        """Tells what came true, by prediction id; None takes a label back. Gives how many were kept: all of them."""
        content = {"labels": [_label(row, *one) for row, one in enumerate(labels.items())]}
        return int(self._asked("POST", "/feedback", content, again=True).json()["taken"])

    def ready(self, version: str | None = None) -> bool:
        """Whether the model, or a version of it, would answer now. One look: it waits for nothing."""
        place = f"/versions/{version}" if version else ""
        try:
            answer = self._http.get(f"{self._path}{place}/ready")
        except httpx.TransportError:
            return False
        if answer.status_code in (httpx.codes.OK, httpx.codes.SERVICE_UNAVAILABLE):
            return answer.is_success
        raise _problem(answer)

    def metadata(self, version: str | None = None) -> Metadata:
        """What the service says of the model, or of a version that is loaded."""
        said = self._asked("GET", f"/versions/{version}" if version else "", again=True).json()
        return Metadata(
            version=said["model_version"],
            model_hash=said["model_hash"],
            versions=tuple(said["versions"]),
            platform=said["platform"],
            features={one["name"]: one["datatype"] for one in said["inputs"]},
            routing=said["routing"],
        )

    def _asked(
        self, method: str, path: str, content: object = None, headers: Mapping[str, str] | None = None, *, again: bool
    ) -> httpx.Response:
        """The answer. `again`: to be asked twice does no harm."""
        for number in range(self._tries - 1):
            try:
                return self._once(method, path, content, headers, again=again)
            except Unavailable:
                pause = min(FIRST_PAUSE * 2**number, LONGEST_PAUSE)
                time.sleep(pause * random.uniform(0.5, 1))
        return self._once(method, path, content, headers, again=again)

    def _once(
        self, method: str, path: str, content: object, headers: Mapping[str, str] | None, *, again: bool
    ) -> httpx.Response:
        try:
            answer = self._http.request(method, f"{self._path}{path}", json=content, headers=headers)
        except NOT_SENT as problem:
            raise Unavailable(f"{self._http.base_url} cannot be reached: {problem!r}") from problem
        except httpx.TransportError as problem:
            kind = Unavailable if again else Failed
            raise kind(f"{self._http.base_url} took the request and no answer came: {problem!r}") from problem
        if answer.is_success:
            return answer
        raise _problem(answer, again=again)


def _records(rows: Row | Iterable[Row] | Arrow | Frame) -> list[dict[str, Any]]:
    """The rows as JSON has them."""
    found: Iterable[Row]
    if isinstance(rows, Mapping):
        found = [rows]
    elif isinstance(rows, Arrow):
        found = rows.to_pylist()
    elif isinstance(rows, Frame):
        found = rows.to_dict("records")
    else:
        found = rows
    return [{name: _cell(place, name, cell) for name, cell in row.items()} for place, row in enumerate(found)]


def _cell(row: int, column: str, cell: object) -> Any:
    plain = _plain(cell)
    if plain is None or isinstance(plain, str | bool | int) or (isinstance(plain, float) and math.isfinite(plain)):
        return plain
    raise Refused("not sent", problems=[Problem(row, column, cell, f"no JSON for {type(cell).__name__}")])


def _label(row: int, prediction: str, label: Label) -> dict[str, Any]:
    """One label as JSON has it. NaN is refused: it would take back what is known."""
    plain = _cell(row, "label", label)
    if plain is None and label is not None:
        raise Refused("not sent", problems=[Problem(row, "label", label, "no label; None takes one back")])
    return {"prediction_id": prediction, "label": plain}


def _plain(cell: object) -> Any:
    """The cell as JSON has it: what is not itself (NaN, NaT, NA) is null, moments are ISO 8601, numpy's are plain."""
    try:
        if cell is None or bool(cell != cell):  # noqa: PLR0124
            return None
    except (TypeError, ValueError):  # NA of pandas is neither; an array is both
        return None if type(cell).__name__ == "NAType" else cell
    if isinstance(cell, date):
        return cell.isoformat()
    return cell.item() if hasattr(cell, "item") else cell


def _problem(answer: httpx.Response, *, again: bool = False) -> ServiceError:
    """What an answer that is no success means to the caller."""
    said = _said(answer)
    text = f"{answer.status_code}: {said.get('error') or answer.reason_phrase}"
    beside = (text, answer.status_code, answer.headers.get("x-request-id", ""))
    problems = [Problem(**one) for one in said.get("problems", ())]
    problems += [_of_body(one) for one in said.get("detail", ())]
    match answer.status_code:
        case 400 | 413 | 422:
            return Refused(*beside, problems)
        case 401 | 403:
            return NotAllowed(*beside)
        case 404:
            return NotServed(*beside)
        case 408 | 503:
            return Unavailable(*beside)
        case 502 | 504 if again:  # a proxy's
            return Unavailable(*beside)
        case _:
            return Failed(*beside)


def _said(answer: httpx.Response) -> dict[str, Any]:
    """The body of a refusal; a proxy's is no JSON."""
    try:
        said = answer.json()
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _of_body(said: Mapping[str, Any]) -> Problem:
    """A refusal of labels, whose place is a path such as body, labels, 3, label."""
    place = said["loc"]
    row = next((one for one in place if isinstance(one, int)), None)
    return Problem(row, str(place[-1]), said.get("input"), said["msg"])
