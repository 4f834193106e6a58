"""The Thrift compact protocol, as far as the directory and the page headers of a Parquet file need it."""

from __future__ import annotations

from typing import Any

TRUE, FALSE, BYTE, I16, I32, I64, DOUBLE, BINARY, LIST, SET, MAP, STRUCT = range(1, 13)
MAX_DEPTH = 16
Fields = dict[tuple[int, int], Any]  # by number and type: a field of another type is another field


class Compact:
    """Reads structs from bytes; what ends early or nests deeply raises IndexError or ValueError.

    References
    ----------
    Apache Thrift, doc/specs/thrift-compact-protocol.md
    """

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def struct(self, depth: int = 0) -> Fields:
        """The fields of one struct: integers, structs and lists of them; texts and doubles are passed over."""
        if depth > MAX_DEPTH:
            raise ValueError
        fields: Fields = {}
        number = 0
        while (head := self._byte()) != 0:
            number = number + (head >> 4) if head >> 4 else self._integer()
            kind = head & 0x0F
            if kind in (TRUE, FALSE):
                fields[number, TRUE] = kind == TRUE
            else:
                fields[number, kind] = self._value(kind, depth)
        return fields

    def _value(self, kind: int, depth: int) -> Any:
        if kind in (I16, I32, I64):
            return self._integer()
        if kind == STRUCT:
            return self.struct(depth + 1)
        if kind in (BYTE, TRUE, FALSE):  # truth values have a byte in a list, and only there come here
            return self._byte()
        if kind in (DOUBLE, BINARY):
            length = 8 if kind == DOUBLE else self._varint()  # which moves `at` itself
            self.at += length
            if self.at > len(self.data):
                raise IndexError
            return None
        if kind in (LIST, SET):
            head = self._byte()
            size = head >> 4 if head >> 4 != 15 else self._varint()
            if size > len(self.data) - self.at or depth > MAX_DEPTH:
                raise ValueError
            return [self._value(head & 0x0F, depth + 1) for _ in range(size)]
        raise ValueError  # no struct of Parquet has a map

    def _byte(self) -> int:
        self.at += 1
        return self.data[self.at - 1]

    def _varint(self) -> int:
        value = shift = 0
        while (byte := self._byte()) >= 0x80:
            value |= (byte & 0x7F) << shift
            shift += 7
            if shift > 63:
                raise ValueError
        return value | byte << shift

    def _integer(self) -> int:
        value = self._varint()
        return (value >> 1) ^ -(value & 1)
