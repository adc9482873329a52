"""What the document says is what is answered: requests made of it, on every path, get answers that it describes."""

import logging
from pathlib import Path

import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from tests.served import NAME, app, state, version

NAMES = {"model": NAME, "version": "1"}
LEFT_OUT = [
    not_a_server_error,  # `ready` says no with 503; what may be a server's error is tested with bodies of any kind
    positive_data_acceptance,  # the document cannot say which columns a model has
    negative_data_rejection,  # members that are not known are left alone, as the protocol wants it
]


def test_every_answer_is_as_the_document_says(tmp_path: Path) -> None:
    logging.getLogger("include.serving.front").setLevel(logging.ERROR)
    with app(tmp_path, state(challenger=version("2"))) as served:
        document = schemathesis.openapi.from_asgi("/openapi.json", served.asgi)
        paths = [_asked(found.ok()) for found in document.get_all_operations()]
    logging.getLogger("include.serving.front").setLevel(logging.NOTSET)
    assert {f"/v2/models/{{model}}/versions/{{version}}/{form}" for form in ("infer", "invocations")} <= set(paths)


def _asked(operation: schemathesis.APIOperation) -> str:
    """Asks a path many times, every other time for a model and a version that are there."""
    number = 0

    @settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy())
    def ask(case: schemathesis.Case) -> None:
        nonlocal number
        number += 1
        if number % 2:
            case.path_parameters = {name: NAMES[name] for name in case.path_parameters or {}}
        case.call_and_validate(excluded_checks=LEFT_OUT)

    ask()
    return str(operation.path)
