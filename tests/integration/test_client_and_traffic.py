"""The client and the traffic generator against the real service: answers, refusals, labels, and who is told what."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from include import cli
from include.client import ModelClient, NotServed, Problem, Refused
from include.lake import Store
from include.ledger import Ledger
from include.traffic import Request, Traffic
from tests.declared import admit_days, declare
from tests.integration.conftest import MODEL
from tests.landing import TRIPS
from tests.service import Service, promoted, registered, rolled, running, until

NAME = "trip_late"


@pytest.fixture
def service(models: Path, lake: Store, ledger: Ledger, tracking: str, tmp_path: Path) -> Iterator[Service]:
    declare(models, model={**MODEL, "serving": {"entity": ["bus"]}}, contract=TRIPS)
    admit_days("2013-01-01", 40, lake, ledger)
    registered(NAME, "2013-02-08")
    promoted(NAME, "1", ledger)
    with running(tmp_path) as found:
        until(found.ready, "the service is ready", found.log)
        yield found


@pytest.mark.timeout(600)
def test_the_client_and_the_traffic_generator_and_the_service_understand_each_other(
    service: Service, lake: Store, ledger: Ledger, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    address = str(service.client.base_url)
    with ModelClient(address, NAME) as model:
        assert (model.ready(), model.ready("1"), model.ready("2")) == (True, True, False)
        said = model.metadata()
        assert (said.version, said.features) == ("1", {"bus": "FP64", "line": "BYTES"})
        first, second = model.predict([{"bus": 7, "line": "red"}, {"bus": 40, "line": "blue"}])
        assert first.value < second.value  # type: ignore[operator]
        assert {first.version, second.version} == {"1"}
        assert model.feedback({second.id: 31, first.id: None}) == 2
        with pytest.raises(Refused) as caught:
            model.predict([{"bus": 7, "line": "red"}, {"bus": 0, "line": "red"}])
        assert caught.value.problems == (Problem(1, "bus", 0, "min: 1"),)
        with pytest.raises(NotServed):
            model.predict({"bus": 7, "line": "red"}, version="2")

        requests = [Request({"bus": bus, "line": "red"}, float(bus)) for bus in range(1, 50)]
        with Traffic(model, [*requests, Request({"bus": 0, "line": "red"})], 200, labels=True) as traffic:
            until(lambda: traffic.seen["1"] > 100 and traffic.labelled and traffic.refused, "answers", service.log)
        assert traffic.failed == []
        assert set(traffic.seen) == {"1"}
        assert "v1 " in traffic.told
        assert "row 0, bus = 0: min: 1" in traffic.told

    monkeypatch.setenv("PERENNIAL_SERVICE", address)
    assert cli.main(["traffic", NAME, "--rate", "100", "--seconds", "2", "--day", "2013-01-09", "--labels"]) == 0
    assert "refused 0, failed 0, labels " in capsys.readouterr().out

    def known() -> dict[str, float | None]:
        return {row["prediction_id"]: row["label"] for row in rolled(Path(lake.uri), NAME, "labels")}

    until(lambda: {first.id, second.id} <= known().keys(), "labels are in the lake", service.log)
    assert (known()[second.id], known()[first.id]) == (31, None)
