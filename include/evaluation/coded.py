"""A column of few values as small numbers: what days, slices and groups are made of."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Codes = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Coded:
    """One code per row, its place in `names`.

    Example: codes [0, 1, 0], names ("EWR", "JFK") -> EWR, JFK, EWR
    """

    codes: Codes
    names: tuple[str, ...]

    @classmethod
    def of(cls, values: npt.ArrayLike) -> "Coded":
        """The column of these values, its names sorted."""
        names, codes = np.unique(np.asarray(values, dtype=np.str_), return_inverse=True)
        return cls(np.asarray(codes, dtype=np.int32), tuple(names.tolist()))

    @classmethod
    def from_arrow(cls, column: pa.ChunkedArray) -> "Coded":
        """The column as it is stored: a dictionary of strings."""
        whole = column.combine_chunks()
        return cls(np.asarray(whole.indices.to_numpy(), dtype=np.int32), tuple(whole.dictionary.to_pylist()))

    def to_arrow(self) -> pa.DictionaryArray:
        """The column as it is stored."""
        return pa.DictionaryArray.from_arrays(pa.array(self.codes), pa.array(self.names, pa.string()))

    def where(self, kept: npt.NDArray[np.bool_]) -> "Coded":
        """Only the rows that are kept; all names stay."""
        return Coded(self.codes[kept], self.names)

    @property
    def values(self) -> list[str]:
        """The name of each row."""
        return [self.names[code] for code in self.codes.tolist()]

    def __len__(self) -> int:
        return len(self.codes)
