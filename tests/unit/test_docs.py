"""The pages say what the code does: keys, commands, links and the README's example are checked against it."""

import re
import shlex
from pathlib import Path

import pandas as pd
import pytest
import yaml

from docs import reference
from include import cli, spec
from include.platform.__main__ import main as platform_main
from include.settings import REPOSITORY
from include.spec import load_models
from include.training.pipeline import build_pipeline
from include.training.predictions import predict

WORKFLOW = REPOSITORY / ".github" / "workflows" / "ci.yml"
PAGES = sorted([*REPOSITORY.glob("*.md"), *(REPOSITORY / "docs").rglob("*.md")])
CODE = re.compile(r"```[a-z]*\n(.*?)```|`([^`\n]+)`", re.DOTALL)
NAMES = [str(page.relative_to(REPOSITORY)) for page in PAGES]
README = (REPOSITORY / "README.md").read_text(encoding="utf-8")


def code(text: str) -> list[str]:
    """The lines of a page that are code, continued ones joined; comments are left out."""
    found = "\n".join(block or inline for block, inline in CODE.findall(text)).replace("\\\n", " ")
    return [line.partition("  #")[0].strip() for line in found.splitlines()]


def words(text: str, command: str) -> set[str]:
    """The word after a command, wherever code on a page has it."""
    return {found for line in code(text) for found in re.findall(rf"{command} ([a-z][a-z-]+)\b", line)}


def make_words() -> set[str]:
    """Every word that make knows."""
    return set(re.findall(r"^([a-z-]+):.*## ", (REPOSITORY / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


def example(title: str) -> str:
    """The README's block of code after the first mention of a file."""
    return README.split(f"`include/models/parcel_late/{title}`", 1)[1].split("```", 2)[1].partition("\n")[2]


@pytest.fixture
def parcel_late(models: Path) -> spec.ModelSpec:
    """The model that the README adds, in a folder of its own."""
    folder = models / "parcel_late"
    folder.mkdir()
    for name in ("model.yaml", "contract.yaml", "pipeline.py"):
        folder.joinpath(name).write_text(example(name), encoding="utf-8")
    assert load_models().errors == {}
    return load_models().models["parcel_late"]


def test_the_reference_is_written_from_the_code() -> None:
    written = reference.REFERENCE.read_text(encoding="utf-8")
    assert written == reference.reference(), "run: python -m docs.reference"


def test_the_commands_of_the_readme_are_written_from_the_code() -> None:
    assert reference.readme(README) == README, "run: python -m docs.reference"


def test_every_key_is_explained_in_one_place() -> None:
    """A key without a meaning is a riddle, and a note on a key that is gone or explains itself is a lie."""
    described = {
        f"{declared.__name__}.{name}": field.description
        for _, _, declared in reference.SECTIONS
        for name, field in declared.model_fields.items()
    }
    assert {key for key in reference.NOTES if key not in described} == set()
    assert {key for key, text in described.items() if text and key in reference.NOTES} == set()
    assert "|  |" not in reference.reference()


def test_every_section_of_a_declaration_is_in_the_reference() -> None:
    shown = {declared for _, _, declared in reference.SECTIONS}
    declared = {
        one for one in vars(spec).values() if isinstance(one, type) and issubclass(one, spec.ColumnSpec.__base__)
    }
    assert declared <= shown


def test_the_example_of_the_readme_is_a_model(parcel_late: spec.ModelSpec) -> None:
    assert len(example("model.yaml").splitlines()) <= 15
    assert (parcel_late.dataset, parcel_late.target.above) == ("parcels", 24)


def test_the_example_of_the_readme_learns(parcel_late: spec.ModelSpec) -> None:
    rows = 60
    features = pd.DataFrame(
        {
            "weight_kg": [float("nan"), 2.0] * (rows // 2),
            "distance_km": [float(row) for row in range(rows)],
            "weekday": [1.0] * rows,
            "carrier": ["post", None, "van"] * (rows // 3),
            "depot": ["north"] * rows,
        }
    )[list(parcel_late.features.names)]
    pipeline = build_pipeline(parcel_late).fit(features, [float(row > rows / 2) for row in range(rows)])
    said = predict(parcel_late, pipeline, features)
    assert said[-1] > said[0]


@pytest.mark.parametrize("page", NAMES)
def test_make_knows_the_words_a_page_uses(page: str) -> None:
    used = words((REPOSITORY / page).read_text(encoding="utf-8"), "make")
    assert used <= make_words(), f"{page} says: {sorted(used - make_words())}"


def test_the_workflow_uses_the_words_of_make_alone() -> None:
    jobs = yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))["jobs"]
    runs = [step["run"] for job in jobs.values() for step in job["steps"] if "run" in step]
    assert {run.split()[0] for run in runs} == {"make"}
    assert {run.split()[1] for run in runs} == {"setup", "check", "test", "canary", "mutants"} <= make_words()


@pytest.mark.parametrize("page", NAMES)
def test_every_command_on_a_page_is_one(page: str, capsys: pytest.CaptureFixture[str]) -> None:
    lines = code((REPOSITORY / page).read_text(encoding="utf-8"))
    for line in lines:
        _, found, command = line.partition("python -m include ")
        if found and not re.search("[…<]|^--", command):
            cli.parser().parse_args(shlex.split(command))
    for word in words("\n".join(f"`{line}`" for line in lines), "include.platform"):
        with pytest.raises(SystemExit) as ended:
            platform_main([word, "--help"])
        assert ended.value.code == 0, capsys.readouterr().err


@pytest.mark.parametrize("page", NAMES)
def test_links_lead_somewhere(page: str) -> None:
    text = (REPOSITORY / page).read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        path, _, anchor = target.partition("#")
        if target.startswith("http") or path.endswith(".png"):
            continue
        file = (REPOSITORY / page).parent / path if path else REPOSITORY / page
        assert file.exists(), f"{page}: {target}"
        assert not anchor or anchor in anchors(file), f"{page}: {target} has no such heading"


def anchors(page: Path) -> set[str]:
    """The anchors that a page's headings have."""
    titles = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}
