"""Whether a Parquet file can be read in the memory there is: asked of its footer and page headers, before any page.

Few bytes can stand for gigabytes of one page, for billions of rows, or for columns inside columns so deep that the
reader dies. What the footer says may be a lie, and what a page's own header says is what a reader makes room for; so
the headers are read too. The limits are far above what honest files need.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from include.lake.blocks import BLOCK_ROWS
from include.lake.footer import Chunk, Footer, read_footer
from include.lake.thrift import Compact, Malformed

MOST_LEVELS = 64
MOST_COLUMNS = 50_000
MOST_FOOTER_BYTES = 1 << 27
MOST_PAGE_BYTES = 1 << 28
MOST_BLOCK_BYTES = 1 << 30
MOST_ROWS_PER_BYTE = 100
MOST_INFLATION = 1000
SMALL_ROWS, SMALL_BYTES = 1 << 20, 1 << 26  # what any file may hold, however small it is
CHAINED_ROWS = 128  # read at a time where a text repeats the beginning of the one before it
_CHAINED = {6, 7}  # DELTA_LENGTH_BYTE_ARRAY, DELTA_BYTE_ARRAY
_SIZE, _COMPRESSED, _DICTIONARY = 2, 3, 7
_VALUES_OF_PAGE = {5, 7, 8}
_HEADER_BYTES, _LONGEST_HEADER = 1 << 12, 1 << 24


class Unbearable(ValueError):
    """A file that asks for more than the limit: what, how much, in which column."""

    def __init__(self, observed: str, required: str, column: str | None = None) -> None:
        super().__init__(f"{observed} (at most {required})" + (f" (column {column})" if column else ""))
        self.observed, self.required, self.column = observed, required, column


@dataclass(frozen=True)
class Page:
    """One page as its header has it: its place in the file, its bytes on disk and in memory, and how many values."""

    begin: int
    stored: int
    size: int
    values: int
    dictionary: bool
    chained: bool


def read_bearable(path: Path) -> Footer:
    """The footer. Unbearable where columns lie too deep in columns, or columns or rows are too many; else Malformed.

    It comes before anything else is asked of the file: the usual readers follow the columns down by recursion.
    """
    length, footer = path.stat().st_size, read_footer(path, MOST_FOOTER_BYTES)
    if footer is None:
        raise Unbearable("a larger footer", f"{MOST_FOOTER_BYTES} bytes of footer")
    if len(footer.children) > MOST_COLUMNS:
        raise Unbearable(f"{len(footer.children)} columns", f"{MOST_COLUMNS} columns")
    if _levels(footer.children) > MOST_LEVELS:
        raise Unbearable(f"columns inside columns, {_levels(footer.children)} deep", f"{MOST_LEVELS} levels")
    most = max(SMALL_ROWS, MOST_ROWS_PER_BYTE * length)
    if (rows := max(footer.rows, sum(group.rows for group in footer.groups))) > most:
        raise Unbearable(f"{rows} rows in {length} bytes", f"{most} rows")
    return footer


def require_bearable(path: Path, footer: Footer, columns: Sequence[str]) -> bool:
    """Unbearable where pages or a block of rows would be too large; gives whether texts are chained.

    Only the pages of these columns are looked at, which have to be flat ones.
    """
    wanted = {(name,) for name in columns}
    total, chained = 0, False
    with path.open("rb") as file:
        for group in footer.groups:
            room = 0
            for chunk in (chunk for chunk in group.chunks if chunk.path in wanted):
                pages = list(_pages(file, chunk))
                total += sum(page.size for page in pages)
                room += _room(pages)
                chained |= any(page.chained for page in pages)
            if room > MOST_BLOCK_BYTES:
                raise Unbearable(f"{room} bytes for {BLOCK_ROWS} rows", f"{MOST_BLOCK_BYTES} bytes")
    most = max(SMALL_BYTES, MOST_INFLATION * path.stat().st_size)
    if total > most:
        raise Unbearable(f"{total} bytes of values in a file of {path.stat().st_size}", f"{most} bytes")
    return chained


def _levels(children: Iterable[int]) -> int:
    """How deep columns lie in columns: each element of the walk says how many lie directly in it."""
    left, deepest = [1], 0
    for count in children:
        while left and left[-1] <= 0:
            left.pop()
        if not left:
            break
        left[-1] -= 1
        left.append(count)
        deepest = max(deepest, len(left) - 2)
    return deepest


def _pages(file: BinaryIO, chunk: Chunk) -> Iterator[Page]:
    place, column = chunk.begin, chunk.path[0]
    while place < chunk.end:
        page = _page(file, place)
        if page.size > MOST_PAGE_BYTES:
            raise Unbearable(f"a page of {page.size} bytes", f"{MOST_PAGE_BYTES} bytes", column)
        if page.size < 0 or page.stored < 0 or page.values < 0:
            raise Malformed(f"a page of {page.size} bytes and {page.values} values (column {column})")
        yield page
        place = page.begin + page.stored


def _page(file: BinaryIO, place: int) -> Page:
    length = _HEADER_BYTES
    while True:
        file.seek(place)
        data = file.read(length)
        try:
            return _header(Compact(data), place)
        except Malformed:
            if len(data) < length or length >= _LONGEST_HEADER:
                raise
            length *= 16


def _header(reader: Compact, place: int) -> Page:
    facts = {_SIZE: 0, _COMPRESSED: 0}
    values, encoding, dictionary = 0, 0, False
    for number, kind in reader.fields():
        if number in facts:
            facts[number] = reader.integer()
        elif number in _VALUES_OF_PAGE:
            found = _of_page(reader, 4 if number == 8 else 2)  # noqa: PLR2004
            values, encoding, dictionary = *found, number == _DICTIONARY
        else:
            reader.skip(kind)
    begin = place + reader.place
    return Page(begin, facts[_COMPRESSED], facts[_SIZE], values, dictionary, encoding in _CHAINED)


def _of_page(reader: Compact, encoding_field: int) -> tuple[int, int]:
    values, encoding = 0, 0
    for number, kind in reader.fields():
        if number == 1:
            values = reader.integer()
        elif number == encoding_field:
            encoding = reader.integer()
        else:
            reader.skip(kind)
    return values, encoding


def _room(pages: Sequence[Page]) -> int:
    """The most bytes that pages with a block of rows take together, and the dictionary beside them."""
    words = sum(page.size for page in pages if page.dictionary)
    waiting: deque[Page] = deque()
    most = size = values = 0
    for page in (page for page in pages if not page.dictionary):
        waiting.append(page)
        size, values = size + _decoded(page), values + page.values
        while values - waiting[0].values >= BLOCK_ROWS:
            gone = waiting.popleft()
            size, values = size - _decoded(gone), values - gone.values
        most = max(most, size)
    return words + most


def _decoded(page: Page) -> int:
    return page.size * CHAINED_ROWS if page.chained else page.size
