"""The features of a model: which columns, and as what a pipeline gets them."""

from typing import Literal, Self

from pydantic import Field, model_validator

from include.spec.contract import ContractSpec, Frozen

EXACT_IN_32_BITS = 1 << 24  # IEEE 754 binary32 has 24 significant bits


class Features(Frozen):
    """The columns a prediction may use, all known when it is made."""

    numeric: tuple[str, ...] = ()
    categorical: tuple[str, ...] = ()
    float32: tuple[str, ...] = Field((), description="numeric features held in 32 bits: half the memory, seven digits")

    @property
    def names(self) -> tuple[str, ...]:
        """All features, in the order the model sees them."""
        return self.numeric + self.categorical

    def kind_of(self, name: str) -> Literal["float64", "float32", "object"]:
        """The type of a feature's column in the frame that a pipeline gets; words are objects."""
        if name in self.categorical:
            return "object"
        return "float32" if name in self.float32 else "float64"

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        if not self.names:
            raise ValueError("at least one feature is needed, numeric or categorical")
        for names in (self.names, self.float32):
            if twice := sorted({name for name in names if names.count(name) > 1}):
                raise ValueError(f"listed twice: {', '.join(twice)}")
        if others := [name for name in self.float32 if name not in self.numeric]:
            choices = ", ".join(self.numeric) or "none"
            raise ValueError(f"float32 names {', '.join(others)}, no numeric feature. Numeric features: {choices}")
        return self

    def check_float32(self, contract: ContractSpec) -> None:
        """ValueError where the contract allows a whole number that 32 bits would make another one of."""
        for name in self.float32:
            column = contract.columns.get(name)
            if column is None or column.type != "int":
                continue
            if any(bound is None or abs(bound) > EXACT_IN_32_BITS for bound in (column.min, column.max)):
                raise ValueError(
                    f"features.float32 names '{name}', whole numbers from {_shown(column.min)} to "
                    f"{_shown(column.max)} by the contract; 32 bits hold them up to {EXACT_IN_32_BITS} exactly. "
                    f"Bound it there (contract.yaml, columns.{name}.min and max), or leave it out"
                )


def _shown(bound: float | None) -> str:
    return "any" if bound is None else f"{bound:.0f}"
