"""Archives taken apart and put together again, so that every checksum in and around them is right."""

from __future__ import annotations

import hashlib
import io
import warnings
import zipfile

SUMS = "SHA256SUMS"  # of the other members, as the program sha256sum prints them
LARGEST_MEMBER = 2**20
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)

Member = tuple[str, bytes, int]  # name, content, method


def members_of(archive: bytes) -> list[Member]:
    """Every member, of a large one its beginning.

    Raises
    ------
    zipfile.BadZipFile and what else a spoiled archive brings about
    """
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        return [(one.filename, _content(opened, one), one.compress_type) for one in opened.infolist()]


def _content(opened: zipfile.ZipFile, one: zipfile.ZipInfo) -> bytes:
    with opened.open(one) as file:
        return file.read(LARGEST_MEMBER)


def archive_of(members: list[Member]) -> bytes:
    """An archive of named members with no time in it; names may stand twice."""
    buffer = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(buffer, "w") as archive:
        warnings.simplefilter("ignore")  # a doubled name may be the point
        for name, content, method in members:
            entry = zipfile.ZipInfo(name)
            entry.compress_type = method if method in METHODS else zipfile.ZIP_STORED
            archive.writestr(entry, content)
    return buffer.getvalue()


def with_right_sums(members: list[Member]) -> list[Member]:
    """The same members, of which a list of sums says what is in the others now."""
    lines = [f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content, _ in members if name != SUMS]
    sums = "".join(lines).encode("utf-8", "surrogateescape")
    return [(name, sums if name == SUMS else content, method) for name, content, method in members]
