"""What a user declares: `model.yaml` and `contract.yaml` as frozen values, and the one loader of them."""

from include.spec.alerts import Channel
from include.spec.calendar import QuietDays
from include.spec.comparison import ChampionComparison
from include.spec.contract import ColumnSpec, ContractSpec, Landing, RowBounds
from include.spec.contract_rules import Baseline, Between, Evolution, Freshness, KnownException
from include.spec.features import Features
from include.spec.gates import (
    Calibration,
    Gates,
    Leakage,
    NotDegenerate,
    ReferenceSanity,
    Resources,
    Robustness,
    RoundTrip,
    TrainingData,
)
from include.spec.grouping import Fairness, Slices
from include.spec.loader import Declarations, Windows, load_contract, load_model, load_models, load_windows
from include.spec.model import ModelSpec, Monitoring, Release, Serving, Target
from include.spec.rollout import RolloutRules, Slo
from include.spec.training import KubernetesPlace, Search, SearchedParameter, Training
from include.spec.windows import WindowFeature

__all__ = [
    "Baseline",
    "Between",
    "Calibration",
    "ChampionComparison",
    "Channel",
    "ColumnSpec",
    "ContractSpec",
    "Declarations",
    "Evolution",
    "Fairness",
    "Features",
    "Freshness",
    "Gates",
    "KnownException",
    "KubernetesPlace",
    "Landing",
    "Leakage",
    "ModelSpec",
    "Monitoring",
    "NotDegenerate",
    "QuietDays",
    "ReferenceSanity",
    "Release",
    "Resources",
    "Robustness",
    "RolloutRules",
    "RoundTrip",
    "RowBounds",
    "Search",
    "SearchedParameter",
    "Serving",
    "Slices",
    "Slo",
    "Target",
    "Training",
    "TrainingData",
    "WindowFeature",
    "Windows",
    "load_contract",
    "load_model",
    "load_models",
    "load_windows",
]
