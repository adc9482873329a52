"""The tool that breaks gates on purpose: which mistakes it makes, and that it knows them again."""

import importlib.util

import pytest

from include.settings import REPOSITORY
from include.spec.gates import with_defaults
from tests.mutation.mutants import Mutant, mutants
from tests.mutation.patch import Mutated, patched
from tests.mutation.reach import Reach, recorded
from tests.mutation.score import fingerprint
from tests.mutation.trial import Subject


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


def test_a_mutant_knows_the_function_it_changes() -> None:
    source = "LIMIT = 5\nclass A:\n    b = 1\n    def c(self):\n        def d():\n            e(2)\n"
    assert [(one.function, one.source.count("pass")) for one in mutants(source)] == [
        (None, 0), (None, 0), ("A.c", 1), ("A.c", 0)
    ]  # fmt: skip


def test_the_mutated_module_and_no_other_is_imported_in_its_place() -> None:
    finder = Mutated("include.gates.result", "include/gates/result.py", "STATUS = 'broken'")
    assert finder.find_spec("include.gates.absolute_floor") is None
    found = finder.find_spec("include.gates.result")
    assert found is not None
    module = importlib.util.module_from_spec(found)
    finder.exec_module(module)
    assert (module.STATUS, module.__file__) == ("broken", str(REPOSITORY / "include/gates/result.py"))


def test_a_mutant_is_tried_by_the_tests_that_run_what_it_changes() -> None:
    def reach(test: str, *functions: str) -> Reach:
        return Reach(test, 1.0, frozenset(functions))

    tests = [
        reach("a", "include/gates/slices.py:decide", "include/gates/result.py:GateResult.of"),
        reach("b", "include/gates/slices.py:decide"),
        reach("c", "include/gates/slices.py:decided"),
        reach("d", "include/gates/result.py:GateResult.passed"),
    ]

    def judges(function: str | None, path: str = "include/gates/slices.py") -> str:
        mutant = Mutant("a mutant", function, "")
        return "".join(one.test for one in Subject(path, ("tests/unit/gates",)).judges(mutant, tests))

    assert (judges("decide"), judges("decided"), judges("_never")) == ("ab", "c", "")
    assert (judges(None), judges(None, "include/gates/result.py"), judges(None, "include/a.py")) == (
        "abc",
        "ad",
        "abcd",
    )


def test_the_functions_that_run_are_noted() -> None:
    with recorded() as functions:
        with_defaults("binary", 5)
    assert functions == {"include/spec/gates.py:with_defaults"}


def test_a_function_gets_its_mutated_code_and_a_constant_does_not() -> None:
    path = "include/spec/gates.py"
    mutant = Mutant("", "with_defaults", "def with_defaults(task, gates):\n    return 'mutated'\n")
    before = with_defaults.__code__
    try:
        assert patched(path, mutant)
        assert with_defaults("binary", 5) == "mutated"
    finally:
        with_defaults.__code__ = before
    assert with_defaults("binary", 5) == 5
    assert not patched(path, Mutant("", None, "LIMIT = 5"))
    assert not patched(path, Mutant("", "gone", "def gone():\n    pass\n"))


def test_a_score_is_outdated_by_code_and_not_by_words_about_it() -> None:
    source = "def a(b):\n    return b > 5\n"
    commented = '"""A module."""\n\n\ndef a(b):\n    """Whether."""\n    return b > 5  # enough\n'
    assert fingerprint(commented) == fingerprint(source)
    assert fingerprint(source.replace(">", ">=")) != fingerprint(source)
    assert fingerprint(source.replace("5", "6")) != fingerprint(source)
    assert fingerprint(source.replace("(b)", "(c)")) != fingerprint(source)
