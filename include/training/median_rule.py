"""The median rule: which trials of a search are given up before they were scored on every fold."""

import numpy as np
import optuna
from optuna.pruners import BasePruner
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState

WARM_UP = 5  # complete trials before one is given up


class MedianRule(BasePruner):
    """Gives up a trial whose newest report is worse than the median of complete trials at the same step.

    Reports are means over the folds so far. Optuna's own median pruner (the rule of Vizier: Golovin et al., KDD 2017,
    section 3.1) compares the best report of a trial so far: an easy first fold would shield every trial after it.
    """

    def prune(self, study: optuna.Study, trial: FrozenTrial) -> bool:
        """Whether to give it up. The trial has reported at least once."""
        step = trial.last_step
        complete = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
        if step is None or len(complete) < WARM_UP:
            return False
        median = float(np.median([one.intermediate_values[step] for one in complete]))
        reported = trial.intermediate_values[step]
        return reported < median if study.direction == StudyDirection.MAXIMIZE else reported > median
