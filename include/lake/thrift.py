"""Thrift's compact protocol, as far as a Parquet file's footer and page headers need it.

https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
"""

from collections.abc import Iterator

TRUE, FALSE, BYTE, DOUBLE, BINARY, LIST, SET, MAP, STRUCT = 1, 2, 3, 7, 8, 9, 10, 11, 12
_INTEGERS = {4, 5, 6}
_LONG_LIST = 15
_DEEPEST = 16
_MOST_BITS = 63


class Malformed(ValueError):
    """Bytes that are no value of the protocol, or end before it does."""


class Compact:
    """Reads one value after another, each byte once."""

    def __init__(self, data: bytes, place: int = 0) -> None:
        self._data = data
        self.place = place

    def fields(self) -> Iterator[tuple[int, int]]:
        """Number and kind of each field of a struct. Whoever asks reads or skips a field before the next one."""
        number = 0
        while kind := self._byte():
            number = number + (kind >> 4) if kind >> 4 else self.integer()
            yield number, kind & 15

    def integer(self) -> int:
        """A signed number of 16, 32 or 64 bits."""
        found = self._varint()
        return (found >> 1) ^ -(found & 1)

    def text(self) -> str:
        """Text; what is no UTF-8 is told by its numbers."""
        size = self._varint()
        begin = self.place
        self._pass(size)
        return self._data[begin : self.place].decode("utf-8", "backslashreplace")

    def items(self) -> tuple[int, int]:
        """How many items of which kind a list has; they follow."""
        head = self._byte()
        return (self._varint() if head >> 4 == _LONG_LIST else head >> 4), head & 15

    def skip(self, kind: int, depth: int = 0) -> None:
        """Passes over a value."""
        if depth > _DEEPEST:
            raise Malformed("values inside values, too deep")
        if kind in _INTEGERS:
            self._varint()
        elif kind == BINARY:
            self._pass(self._varint())
        elif kind == STRUCT:
            for _, inner in self.fields():
                self.skip(inner, depth + 1)
        elif kind in {LIST, SET}:
            count, inner = self.items()
            self._skip_items(count, inner, depth)
        elif kind in {BYTE, DOUBLE}:
            self._pass(1 if kind == BYTE else 8)
        elif kind not in {TRUE, FALSE}:
            raise Malformed(f"a value of kind {kind}, which no Parquet file has")

    def _skip_items(self, count: int, kind: int, depth: int) -> None:
        if kind in {TRUE, FALSE}:  # in a list they have a byte each
            self._pass(count)
            return
        for _ in range(count):
            self.skip(kind, depth + 1)

    def _varint(self) -> int:
        found, shift = 0, 0
        while True:
            byte = self._byte()
            found |= (byte & 127) << shift
            if byte < 128:  # noqa: PLR2004
                return found
            shift += 7
            if shift > _MOST_BITS:
                raise Malformed("a number of more than 64 bits")

    def _byte(self) -> int:
        try:
            found = self._data[self.place]
        except IndexError:
            raise Malformed("the bytes end inside a value") from None
        self.place += 1
        return found

    def _pass(self, count: int) -> None:
        self.place += count
        if self.place > len(self._data):
            raise Malformed("the bytes end inside a value")
