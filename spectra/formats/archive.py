"""Zip archives from unknown hands: measured before they are unpacked, and never unpacked to more than they state."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

from spectra.errors import UnsafeFileError
from spectra.formats.text import printable

ZIP_SIGNATURE = b"PK\x03\x04"
MAX_PARTS = 5000  # members of the zip; a panel brings one texture image per angle
MAX_PART_BYTES = 64 * 2**20  # one unpacked sheet; 200 bytes a cell make 300 000 cells
MAX_UNPACKED_BYTES = 128 * 2**20
MAX_RATIO = 200  # deflate reaches 1032; sheets of numbers compress by 3 to 20
RATIO_FROM_BYTES = 2**20  # below, any ratio is harmless

# Our own bundle begins with this part and may hold raw workbooks; no workbook begins with it.
BUNDLE_FIRST_PART = "bundle.json"

_HEADER = struct.Struct("<26xHH")  # of a local file header: the lengths of name and extra field


class Archive:
    """The parts of one archive.

    Parameters
    ----------
    content : bytes
    file_name : str
    kind : str
        What the archive is called in messages: "workbook", "bundle".

    Raises
    ------
    UnsafeFileError
        If it is damaged, has too many parts, or two of one name.
    """

    def __init__(self, content: bytes, file_name: str, kind: str) -> None:
        self._content = content
        self._file_name = file_name
        self._kind = kind
        self._unpacked = 0
        entries = content.count(b"PK\x01\x02")
        if entries > MAX_PARTS:  # before the directory is read, because reading a million entries is the harm
            raise UnsafeFileError(file_name, f"{entries} parts", expected=f"at most {MAX_PARTS}")
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                parts = archive.infolist()
        except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error, OSError) as error:
            raise UnsafeFileError(file_name, f"not a readable {kind}: {printable(str(error)[:200])}") from error
        self._parts = {part.filename: part for part in parts}
        if len(self._parts) != len(parts):
            raise UnsafeFileError(file_name, f"two parts of the {kind} have one name")

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the parts, in the order of the directory."""
        return tuple(self._parts)

    def unpack(self, name: str) -> bytes:
        """One part, never producing more than its limit, whatever sizes the archive states.

        Raises
        ------
        KeyError
            If there is no such part.
        UnsafeFileError
            If it is encrypted, damaged, or it, or all parts so far, unpack to too much.
        """
        part = self._parts[name]
        shown = printable(name[-100:])
        if part.flag_bits & 0x1:
            raise UnsafeFileError(
                self._file_name, f"{shown} is encrypted", remedy=f"Save the {self._kind} without a password"
            )
        limit = min(MAX_PART_BYTES, max(RATIO_FROM_BYTES, MAX_RATIO * part.compress_size))
        if part.file_size > limit:
            raise self._too_large(shown, part.file_size)
        self._unpacked += part.file_size
        if self._unpacked > MAX_UNPACKED_BYTES:
            raise self._too_large(f"the {self._kind}", self._unpacked)
        unpacked = self._inflated(part, self._packed(part))
        if len(unpacked) != part.file_size or zlib.crc32(unpacked) != part.CRC:
            raise UnsafeFileError(self._file_name, f"{shown} does not unpack to the {part.file_size} bytes it states")
        return unpacked

    def _packed(self, part: zipfile.ZipInfo) -> bytes:
        header = self._content[part.header_offset : part.header_offset + 30]
        if len(header) < 30 or not header.startswith(ZIP_SIGNATURE):
            raise UnsafeFileError(self._file_name, f"{printable(part.filename[-100:])} is damaged")
        start = part.header_offset + 30 + sum(_HEADER.unpack(header))
        return self._content[start : start + part.compress_size]

    def _inflated(self, part: zipfile.ZipInfo, packed: bytes) -> bytes:
        if part.compress_type == zipfile.ZIP_STORED:
            return packed
        if part.compress_type != zipfile.ZIP_DEFLATED:
            raise UnsafeFileError(
                self._file_name, f"{printable(part.filename[-100:])} is packed by method {part.compress_type}"
            )
        try:
            return zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed, part.file_size + 1)
        except zlib.error as error:
            raise UnsafeFileError(self._file_name, f"{printable(part.filename[-100:])} is damaged: {error}") from error

    def _too_large(self, part: str, size: int) -> UnsafeFileError:
        return UnsafeFileError(
            self._file_name,
            f"{part} unpacks to {size / 2**20:.1f} MiB",
            expected=f"at most {MAX_PART_BYTES // 2**20} MiB a part and {MAX_RATIO} times its packed size",
        )


def first_part(content: bytes) -> str:
    """Name of the part that an archive begins with; empty if it is no archive. For recognising only."""
    if not content.startswith(ZIP_SIGNATURE) or len(content) < 30:
        return ""
    length, _ = _HEADER.unpack(content[:30])
    return content[30 : 30 + length].decode("utf-8", errors="replace")
