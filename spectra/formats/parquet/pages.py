"""How much a Parquet file will take once it is read: counted from its page headers before anything is decoded.

The directory is read here and not by pyarrow, whose accessors of a damaged column end the process instead of raising.
"""

from __future__ import annotations

import io
from typing import BinaryIO, NamedTuple

from spectra.errors import MalformedFileError, UnsafeFileError
from spectra.formats.parquet.thrift import I32, I64, LIST, STRUCT, Compact, Fields

SIGNATURE = b"PAR1"
MAX_FOOTER_BYTES = 8 * 2**20
MAX_HEADER_BYTES = 1 << 16  # of one page: sizes, encodings, and least and greatest value
MAX_PAGES = 100_000  # of one row group
MAX_HELD_BYTES = 256 * 2**20  # one page and one dictionary of every column, which are unpacked at the same time

# parquet.thrift: the fields of FileMetaData, RowGroup, ColumnChunk, ColumnMetaData, PageHeader that are needed.
_N_ROWS, _ROW_GROUPS = (3, I64), (4, LIST)
_COLUMNS, _GROUP_ROWS = (1, LIST), (3, I64)
_COLUMN, _PACKED_SIZE, _DATA_AT, _DICTIONARY_AT = (3, STRUCT), (7, I64), (9, I64), (11, I64)
_PAGE_TYPE, _PAGE_UNPACKED, _PAGE_PACKED = (1, I32), (2, I32), (3, I32)
_VALUES_OF_PAGE = {0: (5, STRUCT), 3: (8, STRUCT)}  # data pages of the first and second version, by page type
_N_VALUES = (1, I32)


class RowGroup(NamedTuple):
    """What the directory says of one row group."""

    n_rows: int
    columns: tuple[tuple[int, int], ...]  # first byte and length of the pages of each


def row_groups(file: BinaryIO, n_bytes: int, file_name: str) -> list[RowGroup]:
    """The directory at the end of the file.

    Raises
    ------
    MalformedFileError
    UnsafeFileError
        If the directory is too large.
    """
    file.seek(max(0, n_bytes - 8))
    tail = file.read(8)
    if n_bytes < 12 or tail[4:] != SIGNATURE:
        raise MalformedFileError(file_name, "cut off, encrypted or no Parquet", expected="PAR1 at its end")
    length = int.from_bytes(tail[:4], "little")
    if length > MAX_FOOTER_BYTES:
        raise UnsafeFileError(
            file_name, f"a directory of {length / 2**20:.0f} MiB", expected=f"at most {MAX_FOOTER_BYTES // 2**20} MiB"
        )
    if length > n_bytes - 12:
        raise MalformedFileError(file_name, "a directory longer than the file")
    file.seek(n_bytes - 8 - length)
    try:
        footer = Compact(file.read(length)).struct()
        groups = [
            RowGroup(group[_GROUP_ROWS], tuple(_pages_of(column[_COLUMN]) for column in group[_COLUMNS]))
            for group in footer[_ROW_GROUPS]
        ]
        if sum(group.n_rows for group in groups) != footer[_N_ROWS] or any(group.n_rows < 0 for group in groups):
            raise ValueError
    except (IndexError, KeyError, ValueError, TypeError):
        raise MalformedFileError(file_name, "a damaged directory", remedy="Write the file again") from None
    return groups


def refuse_bombs(file: BinaryIO, group: RowGroup, place: int, n_bytes: int, file_name: str) -> None:
    """Refuse a row group of which reading would hold too much, or whose pages are not what its directory says.

    Parameters
    ----------
    file : binary file
        That can be sought.
    group : RowGroup
    place : int
        Of the row group, from 0.
    n_bytes : int
        Length of the file.
    file_name : str

    Raises
    ------
    MalformedFileError
    UnsafeFileError
    """
    held = pages = 0
    for index, (at, length) in enumerate(group.columns):
        where = f"row group {place + 1}, column {index + 1}"
        if not 4 <= at <= at + length <= n_bytes:
            raise MalformedFileError(file_name, f"pages at byte {at}", where=where, expected="within the file")
        held_here, n_pages, n_values = _column(file, at, at + length, file_name, where)
        held += held_here
        pages += n_pages
        if n_values != group.n_rows:
            raise MalformedFileError(
                file_name, f"{n_values} values", where=where, expected=f"{group.n_rows}, one a row"
            )
        if held > MAX_HELD_BYTES or pages > MAX_PAGES:
            raise UnsafeFileError(
                file_name,
                f"pages unpack to {held / 2**20:.0f} MiB at a time, {pages} pages",
                where=where,
                expected=f"at most {MAX_HELD_BYTES // 2**20} MiB and {MAX_PAGES} pages a row group",
            )


def _pages_of(column: Fields) -> tuple[int, int]:
    at = column[_DATA_AT]
    dictionary = column.get(_DICTIONARY_AT, 0)
    return (dictionary if 0 < dictionary < at else at), column[_PACKED_SIZE]


def _column(file: BinaryIO, at: int, end: int, file_name: str, where: str) -> tuple[int, int, int]:
    """Bytes of the largest page and the dictionary once unpacked, the number of pages and of values."""
    largest = others = n_values = n_pages = 0
    while at < end and n_pages <= MAX_PAGES:
        file.seek(at)
        header = Compact(file.read(min(MAX_HEADER_BYTES, end - at)))
        try:
            fields = header.struct()
            unpacked, packed = fields[_PAGE_UNPACKED], fields[_PAGE_PACKED]
            values = _VALUES_OF_PAGE.get(fields[_PAGE_TYPE])
            n_values += fields[values][_N_VALUES] if values else 0
            if unpacked < 0 or packed < 0:
                raise ValueError
        except (IndexError, KeyError, ValueError):
            raise MalformedFileError(file_name, "a damaged page", where=f"{where}, byte {at}") from None
        if values:
            largest = max(largest, unpacked)
        else:
            others += unpacked
        n_pages += 1
        at += header.at + packed
    return largest + others, n_pages, n_values


def length_of(file: BinaryIO) -> int:
    """Bytes of a file that can be sought."""
    return file.seek(0, io.SEEK_END)
