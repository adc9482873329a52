"""What a card is made of, and nothing else: manifest, evidence, verdicts, the declaration and the promotion."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from include.card.rulings import Ruling, rulings
from include.evaluation import evidence
from include.evaluation.evidence import Evidence
from include.lake.store import Store
from include.ledger import Ledger, Promotion
from include.registry import runs
from include.registry.manifest import Manifest
from include.spec import ModelSpec


@dataclass(frozen=True)
class Sources:
    """One run as it was made and judged. `version` is None where its gates refused it."""

    spec: ModelSpec
    made: Manifest
    evidence: Evidence
    rulings: tuple[Ruling, ...]
    version: str | None = None
    promotion: Promotion | None = None

    @property
    def days(self) -> int:
        """Days with held-out rows: what moves together, and so what counts."""
        return len(np.unique(self.evidence.days.codes))

    @property
    def class_rows(self) -> Mapping[str, int]:
        """Held-out rows of each class; empty for a regression."""
        if self.spec.task == "regression":
            return {}
        names = self.spec.target.classes or ("no", "yes")
        counts = np.bincount(self.evidence.target.astype(np.int64), minlength=len(names))
        return dict(zip(names, counts.tolist(), strict=True))


def read(spec: ModelSpec, run_id: str, version: str | None, store: Store, ledger: Ledger) -> Sources:
    """The sources of one run's card. Raises NotFound where its manifest or evidence is missing."""
    return Sources(
        spec=spec,
        made=runs.manifest(run_id),
        evidence=evidence.load(spec.name, run_id, store),
        rulings=rulings(spec, run_id, ledger),
        version=version,
        promotion=promotion_of(spec.name, version, ledger) if version else None,
    )


def promotion_of(model: str, version: str, ledger: Ledger) -> Promotion | None:
    """The newest promotion of the version on record, None while it never was champion."""
    found = [one for one in ledger.decisions(model, kind="promotion", subject=version) if one.detail != "{}"]
    return Promotion.model_validate_json(found[-1].detail) if found else None
