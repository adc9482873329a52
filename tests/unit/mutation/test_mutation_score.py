"""The kept score of the gates: an edit outdates it, which is told after the tests; it is never too low."""

from tests.mutation.mutants import mutants
from tests.mutation.score import MINIMUM, Score, equivalent, kept, outdated, subjects


def test_every_module_that_decides_has_a_score_and_none_is_below_the_minimum() -> None:
    scores = kept()
    assert sorted(scores) == sorted(one.path for one in subjects()), "run: make mutants"
    assert {path: one.share for path, one in scores.items() if one.share < MINIMUM} == {}


def test_every_excuse_is_counted_in_the_score_and_has_a_reason() -> None:
    scores = kept()
    assert {path: len(excuses) for path, excuses in equivalent().items()} == {
        path: one.equivalent for path, one in scores.items() if one.equivalent
    }
    assert [name for excuses in equivalent().values() for name, reason in excuses.items() if len(reason) < 20] == []


def test_an_excused_mutant_counts_neither_as_noticed_nor_as_survived() -> None:
    score = Score(source="", mutants=12, noticed=9, equivalent=2, survived=("a",))
    assert score.share == 0.9
    assert Score(source="", mutants=2, noticed=0, equivalent=2).share == 1


def test_a_score_of_another_source_is_outdated() -> None:
    scores = kept()
    first, second, *_ = sorted(scores)
    edited = {**scores, first: scores[first].model_copy(update={"source": "of yesterday"})}
    del edited[second]
    assert set(outdated(edited)) == {first, second, *outdated(scores)}
    assert len(mutants(next(subjects()).source)) > 0
