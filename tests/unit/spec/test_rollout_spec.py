"""What model.yaml may say of a rollout."""

import pytest
from pydantic import ValidationError

from include.spec import RolloutRules
from tests.declared import spec


def test_a_model_is_not_served_unless_it_says_so() -> None:
    assert spec().release.rollout is None
    declared = spec(release={"rollout": {}}).release.rollout
    assert declared is not None
    assert declared.shares == (0.05, 0.2, 0.5, 1.0)


@pytest.mark.parametrize("shares", [[0.2, 0.05], [0.0, 0.5], [0.5, 0.5], [0.5, 1.1]])
def test_shares_grow(shares: list[float]) -> None:
    with pytest.raises(ValidationError, match="shares grow from step to step"):
        RolloutRules(shares=tuple(shares))


def test_there_is_at_least_one_step() -> None:
    with pytest.raises(ValidationError, match="at least 1 item"):
        RolloutRules(shares=())
    assert RolloutRules(shares=(1.0,)).shares == (1.0,)
