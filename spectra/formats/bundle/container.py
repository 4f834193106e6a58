"""Our own lossless file: everything a measurement file holds, bit for bit, with the raw files it was read from."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Iterable
from typing import Any

from spectra.errors import ColorlabError, MalformedFileError, MeasurementError, UnsafeFileError
from spectra.formats import base
from spectra.formats.archive import BUNDLE_FIRST_PART, MAX_PART_BYTES, MAX_PARTS, Archive, first_part
from spectra.formats.base import (
    NOTHING_DECLARED,
    MeasurementFile,
    ReadOptions,
    refuse_large,
    refuse_other_unit,
    source_of,
)
from spectra.formats.bundle.codecs import OddValueError, Packing, Unpacking, sequence
from spectra.formats.bundle.records import FILE, TABLES
from spectra.formats.text import printable

NAME = "bundle"
VERSION = 1
ARRAYS = "arrays.f64"
SUMS = "SHA256SUMS"
RAW = "raw/"
UNDATED = (1980, 1, 1, 0, 0, 0)  # the earliest a zip can say: the same content gives the same bytes
MAX_VALUES = 4_000_000  # in bundle.json; each takes some 100 bytes of memory


def recognises(content: bytes, file_name: str) -> bool:
    """Whether it is a zip archive that begins with bundle.json."""
    return first_part(content) == BUNDLE_FIRST_PART


def read(content: bytes, file_name: str, options: ReadOptions = NOTHING_DECLARED) -> MeasurementFile:
    """Everything that was written, bit for bit; what had no source has the bundle as its source.

    Raises
    ------
    MalformedFileError
        If a newer version wrote it, a part is not what its sum says, or a field is not what it must be.
    UnsafeFileError
        If it is damaged or unpacks to too much.
    """
    refuse_other_unit(options, "fraction", file_name)
    document, parts = _opened(content, file_name)
    unpacking = Unpacking(parts[ARRAYS], source_of(content, file_name, NAME))
    try:
        for name, codec in TABLES.items():
            try:
                unpacking.tables[name] = sequence(codec).decode(document.pop(name, []), unpacking)
            except OddValueError as error:
                raise error.within(name) from None
        file: MeasurementFile = FILE.decode(document, unpacking)
        if unpacking.at != unpacking.floats.size:
            raise OddValueError(f"{unpacking.floats.size} numbers in {ARRAYS}", f"the {unpacking.at} that are used")
    except OddValueError as error:
        where = f"{BUNDLE_FIRST_PART} {error.path}" if error.path else BUNDLE_FIRST_PART
        raise MalformedFileError(file_name, error.found, where=where, expected=error.expected) from None
    return file


def write(file: MeasurementFile, raw_files: Iterable[bytes] = ()) -> bytes:
    """A bundle; the same arguments give the same bytes.

    Parameters
    ----------
    file : MeasurementFile
    raw_files : iterable of bytes
        Files that the records were read from; kept by their SHA-256.

    Raises
    ------
    MeasurementError
        If a name has control characters, a reflectance factor is absurd, an attached document is no JSON, or the bundle
        would be too large to be read.
    """
    packing = Packing()
    try:
        records = FILE.encode(file, packing)
    except OddValueError as error:
        raise MeasurementError(f"{error.found}: expected {error.expected}") from None
    document = {"format": "colorlab bundle", "version": VERSION, **packing.tables, **records}
    raw = {f"{RAW}{hashlib.sha256(one).hexdigest()}": one for one in raw_files}
    try:
        text = json.dumps(document, ensure_ascii=True, allow_nan=False, separators=(",", ":")).encode("ascii")
    except ValueError as error:  # a whole number of thousands of digits
        raise MeasurementError(f"no JSON: {str(error)[:100]}") from error
    _refuse_many_values(text, lambda found: MeasurementError(f"{found} in one bundle; write several"))
    parts = {BUNDLE_FIRST_PART: text, ARRAYS: b"".join(packing.arrays), **dict(sorted(raw.items()))}
    sums = "".join(f"{hashlib.sha256(part).hexdigest()}  {name}\n" for name, part in parts.items())
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, part in {**parts, SUMS: sums.encode("ascii")}.items():
            archive.writestr(zipfile.ZipInfo(name, UNDATED), part)
    written = buffer.getvalue()
    largest = max(map(len, parts.values()))
    if len(written) > base.MAX_FILE_BYTES or largest > MAX_PART_BYTES or written.count(b"PK\x01\x02") > MAX_PARTS:
        raise MeasurementError(f"the bundle takes {len(written) / 2**20:.0f} MiB, more than is read; write several")
    return written


def raw_files(content: bytes, file_name: str) -> dict[str, bytes]:
    """The raw files that a bundle carries, by their SHA-256.

    Raises
    ------
    MalformedFileError
    UnsafeFileError
    """
    _, parts = _opened(content, file_name)
    return {name.removeprefix(RAW): part for name, part in parts.items() if name.startswith(RAW)}


def _opened(content: bytes, file_name: str) -> tuple[dict[str, Any], dict[str, bytes]]:
    """The document, of a version that is known, and every part, which is what its sum says."""
    refuse_large(content, file_name)
    archive = Archive(content, file_name, "bundle")
    if not {BUNDLE_FIRST_PART, ARRAYS, SUMS} <= set(archive.names):
        raise MalformedFileError(file_name, "a part is missing", expected=f"{BUNDLE_FIRST_PART}, {ARRAYS} and {SUMS}")
    text = archive.unpack(BUNDLE_FIRST_PART)
    document = _document(text, file_name)
    parts = {BUNDLE_FIRST_PART: text}
    parts |= {name: archive.unpack(name) for name in archive.names if name not in (BUNDLE_FIRST_PART, SUMS)}
    _refuse_other_sums(parts, archive.unpack(SUMS), file_name)
    if len(parts[ARRAYS]) % 8:
        raise MalformedFileError(file_name, f"{len(parts[ARRAYS])} bytes", where=ARRAYS, expected="float64 numbers")
    return document, parts


def _document(text: bytes, file_name: str) -> dict[str, Any]:
    _refuse_many_values(text, lambda found: UnsafeFileError(file_name, found, where=BUNDLE_FIRST_PART))
    try:
        document = json.loads(text.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise MalformedFileError(file_name, f"no JSON: {str(error)[:100]}", where=BUNDLE_FIRST_PART) from error
    if not isinstance(document, dict) or document.pop("format", None) != "colorlab bundle":
        raise MalformedFileError(file_name, "no bundle", where=BUNDLE_FIRST_PART, expected="the format colorlab bundle")
    version = document.pop("version", None)
    if type(version) is not int or version != VERSION:
        raise MalformedFileError(
            file_name,
            f"version {ascii(version)[:20]} of the bundle",
            where=BUNDLE_FIRST_PART,
            expected=f"version {VERSION}",
            remedy="A newer colorlab wrote it: read it with that one",
        )
    return document


def _refuse_many_values(text: bytes, error: Callable[[str], ColorlabError]) -> None:
    values = sum(map(text.count, (b",", b"[", b"{")))
    if values > MAX_VALUES:
        raise error(f"{values} values, more than {MAX_VALUES}")


def _refuse_other_sums(parts: dict[str, bytes], sums: bytes, file_name: str) -> None:
    """The sums, as `sha256sum` writes them, name every other part and are right."""
    listed = {}
    for line in sums.decode("ascii", "replace").splitlines():
        digest, _, name = line.partition("  ")
        listed[name] = digest
    if listed.keys() != parts.keys():
        odd = sorted(listed.keys() ^ parts.keys())[0]
        raise MalformedFileError(
            file_name, f"{printable(odd[-100:])!r} is not in both", where=SUMS, expected="the sum of every part"
        )
    for name, part in parts.items():
        found = hashlib.sha256(part).hexdigest()
        if found != listed[name]:
            raise MalformedFileError(
                file_name,
                f"{printable(name[-100:])} has the SHA-256 {found[:12]}…",
                where=SUMS,
                expected=f"{printable(listed[name][:12])}…",
                remedy="The bundle was changed or damaged; take another copy",
            )
        if name not in (BUNDLE_FIRST_PART, ARRAYS) and name != f"{RAW}{found}":
            raise MalformedFileError(file_name, f"an unknown part {printable(name[-100:])!r}", expected=f"{RAW}…")
