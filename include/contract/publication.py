"""Making an admitted file of judged rows: the file as it landed if it says just that, or one written anew."""

from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Self

import pyarrow as pa
import pyarrow.parquet as pq

from include.contract.check import CheckResult, check
from include.contract.conform import TYPES, WORDS, absent, readable
from include.contract.scan import scan
from include.contract.situation import Situation
from include.lake import Landed, Store, layout
from include.lake.staged import Staged
from include.spec import ContractSpec

ROWS_PER_GROUP = 1 << 18
MOST_ROWS_PER_GROUP = 1 << 21


class Publishing:
    """Judges a staged landing and publishes it: each row is read once, and written only if it has to be."""

    def __init__(self, staged: Staged, contract: ContractSpec, folder: Path, beside: Situation) -> None:
        self._staged, self._contract, self._folder, self._beside = staged, contract, folder, beside
        self._file = folder / "admitted.parquet"
        self._as_landed = False

    @property
    def landed(self) -> Landed:
        """The landing that is judged."""
        return self._staged.landed

    def check(self) -> CheckResult:
        """The verdict on the landing; what would have to be written anew is written on the way."""
        self._staged = self._staged.vetted(self._contract.columns)
        self._as_landed = stands_as_landed(self._staged, self._contract)
        if self._as_landed or not self._can_be_cast():
            return check(self._staged, self._contract, self._folder, None, self._beside)
        with AdmittedFile(self._file, self._contract) as file:
            return check(self._staged, self._contract, self._folder, file.add, self._beside)

    def publish(self, result: CheckResult, store: Store, path: str) -> None:
        """Puts the profile and then the rows in their place. A file that is there has the same content and stays."""
        if result.profile is None:
            raise ValueError("what has no profile was not admitted")
        store.write_bytes(layout.profile(path), result.profile.to_json())
        if store.exists(path):
            return
        if self._as_landed and result.altered:
            with AdmittedFile(self._file, self._contract) as file:
                scan(self._staged, self._contract, self._folder, file.add, self._beside)
        store.upload(self._staged.files[0].path if self._as_landed and not result.altered else self._file, path)

    def _can_be_cast(self) -> bool:
        schema, contract = self._staged.schema(), self._contract
        return len(readable(schema, contract)) + len(absent(schema, contract, self._beside)) == len(contract.columns)


def schema_of(contract: ContractSpec) -> pa.Schema:
    """The columns and types of an admitted file."""
    return pa.schema([(name, TYPES[spec.type]) for name, spec in contract.columns.items()])


def stands_as_landed(staged: Staged, contract: ContractSpec) -> bool:
    """Whether the landing is one file with the contract's columns, in order and type, in groups one can read."""
    if len(staged.files) != 1:
        return False
    with staged.files[0].open() as parquet:
        groups = staged.files[0].groups
        same = parquet.schema_arrow.remove_metadata().equals(schema_of(contract))
    return same and max(groups, default=0) <= MOST_ROWS_PER_GROUP and len(groups) <= 1 + sum(groups) // 1000


class AdmittedFile:
    """A Parquet file that grows block by block, written beside the pass over the rows."""

    def __init__(self, path: Path, contract: ContractSpec) -> None:
        fields = [(field.name, WORDS if field.type == pa.string() else field.type) for field in schema_of(contract)]
        self._schema = pa.schema(fields)
        # Without Arrow's own schema in the file, text is text to whoever reads it, and no dictionary.
        self._writer = pq.ParquetWriter(path, self._schema, compression="zstd", store_schema=False)
        self._thread = ThreadPoolExecutor(1)
        self._writing: Future[None] | None = None
        self._waiting: list[pa.Table] = []
        self._rows = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._write()
                self._await()
        finally:
            self._thread.shutdown(wait=True)
            self._writer.close()

    def add(self, block: pa.Table) -> None:
        """Takes the next rows."""
        self._waiting.append(block)
        self._rows += block.num_rows
        if self._rows >= ROWS_PER_GROUP:
            self._write()

    def _write(self) -> None:
        self._await()
        blocks, self._waiting, self._rows = self._waiting, [], 0
        if blocks:
            self._writing = self._thread.submit(self._write_group, blocks)

    def _write_group(self, blocks: list[pa.Table]) -> None:
        group = pa.concat_tables(blocks).unify_dictionaries()
        self._writer.write_table(group, row_group_size=group.num_rows or None)

    def _await(self) -> None:
        if self._writing is not None:
            self._writing.result()
