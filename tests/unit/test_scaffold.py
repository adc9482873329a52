"""A first folder for a model, from a sample."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from include.cli import main
from include.contract import admit
from include.errors import BadData, Conflict, NotFound
from include.lake import Store
from include.ledger import Ledger
from include.scaffold import scaffold
from include.spec import ContractSpec, load_contract, load_model, load_models
from include.training.pipeline import build_pipeline
from tests.landing import land

N = 3000


def parcels(rows: int = N, seed: int = 1) -> pa.Table:
    r = np.random.default_rng(seed)
    return pa.table(
        {
            "depot": r.choice(["north", "south", "yes"], rows),
            "sent_at": pa.array(np.arange(rows) // 3 * 10**6, pa.timestamp("us")),
            "number": pa.array(np.arange(rows) % 3 + 10, pa.int32()),
            "kilos": pa.array(r.gamma(2, 3, rows), mask=r.random(rows) < 0.1),
            "degrees": r.normal(-5, 4, rows),
            "country": r.choice(["DE", "FR"] + [f"X{n}" for n in range(9)] * 9, rows),
            "note": [f"leave at door {n % 1500}" for n in range(rows)],
            "email": [f"p{n % 50}@example.org" for n in range(rows)],
            "route": pa.array([[1, 2]] * rows),
            "weight class": r.integers(0, 9, rows),
            "late": r.random(rows) < 0.3,
        }
    )


@pytest.fixture
def sample(tmp_path: Path) -> str:
    file = tmp_path / "sample.parquet"
    pq.write_table(parcels(), file)
    return str(file)


def written(models: Path, sample: str, target: str | None = None) -> ContractSpec:
    scaffold("parcel_late", [sample], target, "parcels", "logistics")
    assert load_models().errors == {}
    return load_contract("parcels")


def test_the_folder_can_be_loaded_and_its_pipeline_built(models: Path, sample: str) -> None:
    contract = written(models, sample)
    model = load_model("parcel_late")
    assert (model.task, model.target.column, model.owner) == ("binary", "late", "logistics")
    assert (contract.event_time, contract.keys) == ("sent_at", ("sent_at", "number"))
    assert model.features.numeric == ("kilos", "degrees", "weight class")
    assert model.features.categorical == ("depot", "country")
    pipeline = build_pipeline(model)
    assert pipeline.steps[-1][0] == "trees"


def test_bounds_are_wide_and_every_guess_is_told(models: Path, sample: str) -> None:
    columns = written(models, sample).columns
    text = (models / "parcel_late" / "contract.yaml").read_text()
    assert columns["depot"].one_of == ("north", "south", "yes")
    assert columns["country"].pattern == "^[A-Z0-9]{2}$"
    assert columns["note"].max_length == 50
    assert (columns["kilos"].min, columns["kilos"].nullable) == (0, True)
    assert 0.15 < float(columns["kilos"].max_null_share or 0) < 0.3
    kilos = parcels()["kilos"].drop_null().to_numpy()
    assert float(columns["kilos"].max or 0) >= 2 * kilos.max()
    assert float(columns["degrees"].min or 0) < 2 * np.min(parcels()["degrees"].to_numpy())
    assert columns["kilos"].severity == columns["depot"].severity == "warn"
    assert columns["email"].personal
    assert not columns["note"].personal
    assert "route" not in columns
    assert '# left out: route ("of type list<' in text
    guessed = [
        line for line in text.splitlines() if line.split(":")[0].strip() in {"max", "one_of", "max_length", "rows"}
    ]
    assert len(guessed) >= 8
    assert all("# guess: " in line for line in guessed)


def test_the_sample_is_admitted_by_its_own_contract_and_nonsense_is_not(
    models: Path, sample: str, lake: Store, ledger: Ledger
) -> None:
    contract = written(models, sample)
    land(lake, "2013-01-01", {"part-0.parquet": Path(sample).read_bytes()}, dataset="parcels")
    assert admit(contract, "2013-01-01", lake, ledger).rows == N
    land(lake, "2013-01-02", {"part-0.parquet": parcels(seed=2)}, dataset="parcels")
    assert admit(contract, "2013-01-02", lake, ledger).rows == N
    twice = pa.concat_tables([parcels(), parcels()])
    land(lake, "2013-01-03", {"part-0.parquet": twice}, dataset="parcels")
    with pytest.raises(BadData, match="share their key"):
        admit(contract, "2013-01-03", lake, ledger)


@pytest.mark.parametrize(("target", "task"), [("kilos", "regression"), ("late", "binary")])
def test_a_target_may_be_named(models: Path, sample: str, target: str, task: str) -> None:
    written(models, sample, target)
    assert load_model("parcel_late").task == task
    assert load_model("parcel_late").target.column == target


def test_a_sample_too_small_to_tell_makes_everything_nullable(models: Path, tmp_path: Path) -> None:
    file = tmp_path / "few.parquet"
    pq.write_table(parcels(60), file)
    columns = written(models, str(file)).columns
    assert columns["degrees"].nullable
    assert not columns["sent_at"].nullable


def test_what_cannot_be_guessed_is_left_to_be_replaced(models: Path, tmp_path: Path) -> None:
    file = tmp_path / "odd.parquet"
    pq.write_table(pa.table({"x": [1.0, 1.0], "y": [True, False]}), file)
    scaffold("odd", [str(file)], None, None, "o")
    text = (models / "odd" / "contract.yaml").read_text()
    assert "event_time: REPLACE_ME  # guess: there is no timestamp" in text
    assert "keys: [REPLACE_ME]  # guess: no three columns" in text
    assert yaml.safe_load(text)["columns"]["y"] == {"type": "bool", "nullable": True}
    assert "REPLACE_ME" in str(next(iter(load_models().errors.values())))


def test_nothing_is_overwritten(models: Path, sample: str) -> None:
    written(models, sample)
    before = (models / "parcel_late" / "contract.yaml").read_bytes()
    with pytest.raises(Conflict, match=r"parcel_late is there already. Nothing was written"):
        scaffold("parcel_late", [sample], None, "other", "me")
    assert (models / "parcel_late" / "contract.yaml").read_bytes() == before


@pytest.mark.parametrize(
    ("name", "file", "target", "said"),
    [
        ("Late Parcels", None, None, "cannot be a name"),
        ("../late", None, None, "cannot be a name"),
        ("late", "nowhere.parquet", None, "There is no sample nowhere.parquet"),
        ("late", None, "note", "'note' cannot be predicted. Columns of numbers and flags: kilos, degrees"),
    ],
)
def test_a_mistake_is_told_and_nothing_is_written(
    models: Path, sample: str, name: str, file: str | None, target: str | None, said: str
) -> None:
    with pytest.raises(NotFound, match=said):
        scaffold(name, [file or sample], target, None, "o")
    assert list(models.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"PAR1 nonsense PAR1"])
def test_a_sample_that_is_no_parquet_is_bad_data_naming_it(models: Path, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "torn.parquet").write_bytes(content)
    with pytest.raises(BadData, match=r"torn.parquet is no readable Parquet file"):
        scaffold("late", [str(tmp_path / "torn.parquet")], None, None, "o")


def test_it_is_a_command(models: Path, sample: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scaffold", "parcel_late", sample, "--dataset", "parcels"]) == 0
    assert "contract.yaml, model.yaml, pipeline.py, guessed from 3000 rows" in capsys.readouterr().out
    assert (models / "parcel_late" / "pipeline.py").exists()


def test_names_and_texts_that_mean_something_in_yaml_stay_what_they_are(models: Path, tmp_path: Path) -> None:
    odd = ["a: b", "#x", '"q"', "new\nline", "1", "null", "[x]", "ünï 😀", "a\x85b", "{y}"]
    columns = {name: pa.array(["- !x", ": #", "😀"] * 400) for name in odd}
    left_out = {" padded": pa.array([1] * 1200), "": pa.array([2] * 1200)}
    moments = pa.array(range(1200), pa.timestamp("s"))
    file = tmp_path / "odd.parquet"
    pq.write_table(pa.table({"at": moments, **columns, **left_out, "y: z": pa.array([True, False] * 600)}), file)
    scaffold("odd", [str(file)], None, None, "me: #1")
    assert load_models().errors == {}
    model = load_model("odd")
    assert model.owner == model.contract.owner == "me: #1"
    assert list(model.contract.columns) == ["at", *odd, "y: z"]
    assert {one.one_of for one in model.contract.columns.values() if one.type == "string"} == {("- !x", ": #", "😀")}
    assert (model.target.column, model.features.categorical) == ("y: z", tuple(odd))
    assert build_pipeline(model).steps[0][1].transformers[0][2] == odd


def test_numbers_of_any_size_are_read_back_as_numbers(models: Path, tmp_path: Path) -> None:
    values = {"tiny": 3e-9, "large": 4e15, "huge": 1.5e308, "below": -2.5e20}
    file = tmp_path / "sizes.parquet"
    columns = {name: pa.array([0.0, value] * 600) for name, value in values.items()}
    pq.write_table(pa.table({"at": pa.array(range(1200), pa.timestamp("s")), **columns}), file)
    scaffold("sizes", [str(file)], None, None, "o")
    bounds = load_contract("sizes").columns
    for name, value in values.items():
        assert float(bounds[name].min or 0) <= value <= float(bounds[name].max or 0)
    assert bounds["tiny"].max == 2


def test_a_folder_of_days_bounds_the_rows_of_a_day(models: Path, tmp_path: Path) -> None:
    for day, count in (("2013-01-01", 1600), ("2013-01-02", 2000)):
        folder = tmp_path / "landing" / day
        folder.mkdir(parents=True)
        pq.write_table(parcels(count), folder / "part-0.parquet")
    scaffold("late", [str(tmp_path / "landing")], None, None, "o")
    rows = load_contract("late").rows
    assert (rows.min, rows.max) == (400, 8000)
    assert load_contract("late").keys == ("sent_at", "number")
    assert "of 2 folders" in (models / "late" / "contract.yaml").read_text()


def test_a_large_sample_is_looked_at_in_part_and_says_so(
    models: Path, sample: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("include.scaffold.sample.MOST_ROWS", 2000)
    assert "guessed from 2000 rows" in scaffold("late", [sample], None, None, "o")
    assert load_contract("late").rows.max == 4 * N


def test_a_dataset_has_one_contract(models: Path, sample: str) -> None:
    written(models, sample)
    with pytest.raises(Conflict, match="The dataset parcels has a contract already"):
        scaffold("parcel_weight", [sample], "kilos", "parcels", "o")
    assert [folder.name for folder in models.iterdir()] == ["parcel_late"]
