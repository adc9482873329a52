"""What the other process is told, and what its ending means. It is a tiny stand-in for the code of another commit."""

import json
from pathlib import Path

import pytest

from include.errors import BadData, NotFound, Outage, PerennialError, SpecError
from include.lake import Store
from include.rebuild.comparison import Rebuilt
from include.rebuild.elsewhere import Order, rebuild_elsewhere

TELLS = """
import json, os, pathlib, sys
folder = pathlib.Path(sys.argv[1])
told = {name: os.environ.get(name) for name in os.environ}
told |= {"arguments": sys.argv[2:], "folder": os.getcwd()}
told |= {name: folder.joinpath(name).read_text() for name in ("manifest.json", "snapshots.json")}
folder.joinpath("told.json").write_text(json.dumps(told))
folder.joinpath("rebuilt.json").write_text('{"inputs": [], "rows": 3}')
print("what a pipeline prints is no answer")
"""


def code(tmp_path: Path, script: str) -> Path:
    folder = tmp_path / "checkout"
    package = folder / "include" / "rebuild"
    package.mkdir(parents=True)
    for file in (package / "__init__.py", package.parent / "__init__.py"):
        file.touch()
    package.joinpath("__main__.py").write_text(script)
    return folder


def run(place: Path, tmp_path: Path, fit: bool = True, repository: Path | None = None) -> Rebuilt:
    folder = tmp_path / "files"
    folder.mkdir(exist_ok=True)
    order = Order(manifest="{m}", snapshots="{s}", threads=3, fit=fit)
    return rebuild_elsewhere(
        order, place, repository or tmp_path / "repository", folder, Store.open(str(tmp_path / "lake"))
    )


def told(tmp_path: Path) -> dict[str, object]:
    found: dict[str, object] = json.loads(tmp_path.joinpath("files", "told.json").read_text())
    return found


@pytest.mark.parametrize(("fit", "arguments"), [(True, ["--fit"]), (False, [])])
def test_it_runs_in_the_checkout_with_the_manifest_as_it_is_stored(
    tmp_path: Path, models: Path, monkeypatch: pytest.MonkeyPatch, fit: bool, arguments: list[str]
) -> None:
    monkeypatch.setenv("PERENNIAL_COMMIT", "a" * 40)
    monkeypatch.setenv("GIT_DIR", "/elsewhere")
    monkeypatch.setenv("PYTHONPATH", "/the/code/of/today")
    place = code(tmp_path, TELLS)
    assert run(place, tmp_path, fit).rows == 3
    found = told(tmp_path)
    assert (found["arguments"], found["folder"]) == (arguments, str(place))
    assert (found["manifest.json"], found["snapshots.json"]) == ("{m}", "{s}")
    assert (found["PYTHONPATH"], found["PERENNIAL_LAKE"]) == (str(place), str(tmp_path / "lake"))
    assert [found[name] for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")] == ["3"] * 3
    assert not {"PERENNIAL_COMMIT", "GIT_DIR"} & set(found)
    assert found["PERENNIAL_MODELS"] == str(models)  # outside the repository: there is no other


def test_models_inside_the_repository_are_those_of_the_checkout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository = tmp_path / "repository"
    monkeypatch.setenv("PERENNIAL_MODELS", str(repository / "include" / "models"))
    place = code(tmp_path, TELLS)
    run(place, tmp_path, repository=repository)
    assert told(tmp_path)["PERENNIAL_MODELS"] == str(place / "include" / "models")


def test_the_running_code_still_says_which_commit_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERENNIAL_COMMIT", "a" * 40)
    place = code(tmp_path, TELLS)
    run(place, tmp_path, repository=place)
    assert told(tmp_path)["PERENNIAL_COMMIT"] == "a" * 40


@pytest.mark.parametrize(
    ("ending", "kind"), [(64, SpecError), (65, BadData), (66, NotFound), (75, Outage), (1, BadData), (-9, BadData)]
)
def test_its_problem_is_raised_as_what_it_is(tmp_path: Path, ending: int, kind: type[PerennialError]) -> None:
    place = code(tmp_path, f"import os, sys\nprint('it was so', file=sys.stderr, flush=True)\n{_end(ending)}")
    with pytest.raises(
        PerennialError, match="The code of the version's own commit cannot rebuild it: it was so"
    ) as ended:
        run(place, tmp_path)
    assert type(ended.value) is kind


def test_an_end_without_a_word_is_said_by_its_number(tmp_path: Path) -> None:
    with pytest.raises(BadData, match="cannot rebuild it: it ended with 3"):
        run(code(tmp_path, "raise SystemExit(3)"), tmp_path)


def _end(code: int) -> str:
    return f"os.kill(os.getpid(), {-code})" if code < 0 else f"sys.exit({code})"
