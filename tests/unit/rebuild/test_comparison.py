"""What a comparison comes to, in a word, a sentence and a report."""

import pytest

from include.rebuild import Compared, Reproduction
from include.rebuild.comparison import Rebuilt, stops

SEED = Compared(name="seed", recorded="7", found="7")
OTHER_SEED = Compared(name="seed", recorded="7", found="8")
THREADS = Compared(name="threads", recorded="2", found="4", binding=False)
MODEL = Compared(name="model", recorded="aa", found="aa")
OTHER_MODEL = Compared(name="model", recorded="aa", found="bb")


def found(inputs: tuple[Compared, ...], results: tuple[Compared, ...], remark: str = "") -> Reproduction:
    return Reproduction(
        model="trip_late", version="3", run_id="r", commit="0123456789abcdef", inputs=inputs, results=results, rows=40,
        remark=remark,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("inputs", "results", "outcome", "sentence"),
    [
        (
            (SEED,), (MODEL,), "equal",
            "trip_late v3 was made again from commit 0123456789ab: "
            "the model and its 40 held-out predictions are equal, bit for bit",
        ),
        ((SEED, THREADS), (MODEL,), "equal", "are equal, bit for bit, although these differ: threads"),
        ((OTHER_SEED, THREADS), (), "inputs differ", "was not made again, because inputs differ: seed, threads"),
        (
            (SEED,), (OTHER_MODEL, MODEL), "result differs",
            "with another result (model; 3 rows): all inputs are equal, so the pipeline does not repeat itself",
        ),
        (
            (SEED, THREADS), (OTHER_MODEL,), "result differs",
            "with another result (model; 3 rows): the cause may be what else differs: threads",
        ),
    ],
)  # fmt: skip
def test_the_outcome_and_why(
    inputs: tuple[Compared, ...], results: tuple[Compared, ...], outcome: str, sentence: str
) -> None:
    made = found(inputs, results, "; 3 rows")
    assert made.outcome == outcome
    assert sentence in made.sentence


def test_the_report_has_each_fact_on_a_line_with_both_values_where_it_differs() -> None:
    report = found((SEED, THREADS), (OTHER_MODEL,)).report.splitlines()
    assert report[1:] == [
        "  equal    seed: 7",
        "  differs  threads: recorded 2, found 4",
        "  differs  model: recorded aa, found bb",
    ]


@pytest.mark.parametrize(
    ("inputs", "stopped"), [((), False), ((SEED, THREADS), False), ((SEED, OTHER_SEED), True), ((THREADS,), False)]
)
def test_only_what_must_be_equal_stops_a_rebuild(inputs: tuple[Compared, ...], stopped: bool) -> None:
    assert stops(inputs) == stopped


def test_the_answer_of_another_commit_survives_its_file() -> None:
    answer = Rebuilt(inputs=(SEED, THREADS), predictions_hash="p", content_hash="c", rows=3)
    assert Rebuilt.model_validate_json(answer.model_dump_json()) == answer
