"""The tool that breaks gates on purpose: which mistakes it makes, and that it knows them again."""

import importlib.util

import pytest

from include.settings import REPOSITORY
from tests.mutation.mutants import mutants
from tests.mutation.score import fingerprint
from tests.mutation.trial import Mutated, Subject

GATE = Subject("include/gates/result.py", ("tests/unit/gates",))


@pytest.mark.parametrize(
    ("source", "mistakes"),
    [
        ("a = b < c", ["a = b <= c", "a = b >= c"]),
        ("a = b == c != d", ["a = b != c != d", "a = b == c == d"]),
        ("a = b is None", ["a = b is not None"]),
        ("a = b in c", ["a = b not in c"]),
        ("a = b + c * d", ["a = b - c * d", "a = b + c / d"]),
        ("total += a", ["total -= a", "pass"]),
        ("a = b and c", ["a = b or c"]),
        ("remember(a)", ["pass"]),
        ("a = not b", ["a = b"]),
        ("a = -b", ["a = b"]),
        ("a = True", ["a = False"]),
        ("a = 5", ["a = 6"]),
        ("a = 0.25", ["a = 0.5"]),
        ("a = 0.0", ["a = 1.0"]),
        ("a = 'pass'", ["a = 'fail'"]),
        ("a = 'error'", ["a = 'pass'"]),
        ("a = 'auc'", ["a = ''"]),
        ("a = f'{b} rows'", ["a = ''"]),
        ("a = f'from {b.lower:.3f}'", ["a = ''", "a = f'from {b.upper:.3f}'"]),
        ("a = min(b)", ["a = max(b)"]),
        ("a = b.any()", ["a = b.all()"]),
        ("a = evidence.champion", ["a = evidence.challenger"]),
        ("a = np.isfinite(b)", ["a = ~np.isnan(b)"]),
        ("a = math.isfinite(b)", ["a = not math.isnan(b)"]),
        ("if a:\n    b = c", ["if not a:\n    b = c"]),
        ("a = [b for b in c if d]", ["a = [b for b in c]"]),
        ("def a():\n    return b", ["def a():\n    return None"]),
        ("raise a", ["pass"]),
        ("while a < b:\n    continue", ["while a <= b:\n    continue", "while a >= b:\n    continue", None]),
    ],
)
def test_each_kind_of_mistake_is_made(source: str, mistakes: list[str | None]) -> None:
    made = [one.source for one in mutants(source)]
    assert made == [mistake or source.replace("continue", "break") for mistake in mistakes]


@pytest.mark.parametrize(
    "source",
    [
        '"""About 5 rows."""',
        "a: Literal['pass', 'fail']",
        "Status = Literal['pass', 'fail']",
        "def a(b: 'Floats') -> 'Floats':\n    'Five rows.'",
        "@cached(5)\ndef a():\n    ...\n".replace("...", "b = c"),
        "from a import b",
        "__all__ = ['a', 'b']",
        "a = Field(description='at most')",
        "a = f'{b:.3f}'.c".replace("f'{b:.3f}'.c", "b"),
    ],
)
def test_what_only_describes_is_left_alone(source: str) -> None:
    assert mutants(source) == []


def test_a_mutant_is_known_by_its_line_and_not_by_the_lines_number() -> None:
    source = "def reached(a, b):\n    return a >= b\n"
    names = [one.name for one in mutants(source)]
    assert names == [
        "reached: return a >= b [return a >= b -> return None]",
        "reached: return a >= b [a >= b -> a > b]",
        "reached: return a >= b [a >= b -> a < b]",
    ]
    assert names == [one.name for one in mutants(f"# A reason.\n\n{source}")]


def test_mutants_that_read_alike_are_told_apart() -> None:
    assert [one.name for one in mutants("a = [1, 1]")] == [
        "module: a = [1, 1] [1 -> 2]",
        "module: a = [1, 1] [1 -> 2] #2",
    ]


def test_the_mutated_module_and_no_other_is_imported_in_its_place() -> None:
    finder = Mutated(GATE, "STATUS = 'broken'")
    assert finder.find_spec("include.gates.absolute_floor") is None
    found = finder.find_spec("include.gates.result")
    assert found is not None
    module = importlib.util.module_from_spec(found)
    finder.exec_module(module)
    assert (module.STATUS, module.__file__) == ("broken", str(REPOSITORY / GATE.path))


def test_the_tests_named_for_a_module_try_its_mutants_first_then_those_that_import_it() -> None:
    order = [path.rpartition("/")[2] for path in Subject("include/gates/not_degenerate.py", GATE.tests).in_order()]
    assert order[0] == "test_not_degenerate.py"
    assert sorted(order) == sorted(path.name for path in (REPOSITORY / "tests/unit/gates").glob("test_*.py"))
    assert Subject("include/gates/result.py", GATE.tests).in_order()[0].endswith("test_absolute_floor.py")


def test_a_score_is_outdated_by_code_and_not_by_words_about_it() -> None:
    source = "def a(b):\n    return b > 5\n"
    commented = '"""A module."""\n\n\ndef a(b):\n    """Whether."""\n    return b > 5  # enough\n'
    assert fingerprint(commented) == fingerprint(source)
    assert fingerprint(source.replace(">", ">=")) != fingerprint(source)
    assert fingerprint(source.replace("5", "6")) != fingerprint(source)
    assert fingerprint(source.replace("(b)", "(c)")) != fingerprint(source)
