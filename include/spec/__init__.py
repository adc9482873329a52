"""What a user declares: `model.yaml` and `contract.yaml` as frozen values, and the one loader of them."""

from include.spec.contract import ColumnSpec, ContractSpec, Landing, RowBounds
from include.spec.loader import Declarations, load_contract, load_model, load_models
from include.spec.model import (
    AbsoluteFloor,
    Features,
    Gates,
    KubernetesPlace,
    ModelSpec,
    Monitoring,
    NonInferior,
    NotDegenerate,
    ReferenceSanity,
    Release,
    Target,
    Training,
)

__all__ = [
    "AbsoluteFloor",
    "ColumnSpec",
    "ContractSpec",
    "Declarations",
    "Features",
    "Gates",
    "KubernetesPlace",
    "Landing",
    "ModelSpec",
    "Monitoring",
    "NonInferior",
    "NotDegenerate",
    "ReferenceSanity",
    "Release",
    "RowBounds",
    "Target",
    "Training",
    "load_contract",
    "load_model",
    "load_models",
]
