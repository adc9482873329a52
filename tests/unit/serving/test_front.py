"""What comes in to the hot paths: limits are named, tables are read, and the rest goes on to the routers."""

import json
from pathlib import Path

import pytest

from include.serving.bodies import MOST_BYTES
from include.serving.keys import Key, made
from tests.declared import spec
from tests.served import NAME, app

GOOD = {"bus": 1, "line": "red"}
PATH = f"/v2/models/{NAME}/invocations"


def test_limits_of_bytes_and_rows_are_named(tmp_path: Path) -> None:
    with app(tmp_path, declared=spec(serving={"most_rows": 3})) as asked:
        long = asked.post(PATH, b" " * (MOST_BYTES + 1))
        assert (long.status_code, str(MOST_BYTES) in long.json()["error"]) == (413, True)
        rows = asked.invoke(*[GOOD] * 4)
        assert (rows.status_code, rows.json()["error"]) == (413, "4 rows; 1 to 3 go")
        assert asked.invoke(*[GOOD] * 3).status_code == 200


@pytest.mark.parametrize(
    ("path", "status"),
    [("/", 404), ("/v2", 405), (f"/v2/models/{NAME}", 405), ("/v2/models/nobody/infer", 404), ("/nothing", 404)],
)
def test_what_is_not_hot_goes_on(tmp_path: Path, path: str, status: int) -> None:
    with app(tmp_path) as asked:
        assert asked.post(path, json.dumps({"dataframe_records": [GOOD]}).encode()).status_code == status


def test_csv_is_read_as_mlflow_reads_it(tmp_path: Path) -> None:
    with app(tmp_path) as asked:
        answer = asked.post(PATH, b"bus,line\n1,red\n2,blue\n", **{"content-type": "text/csv"})
        assert answer.json()["predictions"] == [0.1, 0.1]
        assert asked.post(PATH, b"bus,line\n1\n", **{"content-type": "text/csv"}).status_code == 400


def test_a_key_is_known_by_its_hash_alone() -> None:
    shown, key = made("me", ["*"])
    assert isinstance(key, Key)
    assert shown not in key.model_dump_json()
