"""A table of any length, read piece by piece from a file that can be sought."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import BinaryIO

from spectra.formats.table.row_lines import MAX_LINE
from spectra.formats.text import text_lines
from spectra.stated import Source

PIECE_BYTES = 1 << 18


def source_of_stream(file: BinaryIO, file_name: str, format_name: str) -> Source:
    """The record of the raw file, for which it is read once; it stands at its beginning again afterwards."""
    digest = hashlib.sha256()
    file.seek(0)
    while piece := file.read(PIECE_BYTES):
        digest.update(piece)
    file.seek(0)
    return Source(file_name, digest.hexdigest(), format_name)


def lines_of_stream(file: BinaryIO, file_name: str, encoding: str | None) -> Iterator[str]:
    """The lines of a delimited text, without a byte-order mark.

    Raises
    ------
    MalformedFileError
        If the bytes are not text of the encoding; while the lines are drawn.
    UnsafeFileError
        If a line is longer than MAX_LINE; while the lines are drawn.
    """
    lines = text_lines(file, encoding, file_name, MAX_LINE, keep_bytes=False)
    for line in lines:
        yield line.removeprefix("\ufeff")
        break
    yield from lines
