"""Raw files, kept under the SHA-256 of their content: `raw/ab/abcdef…`.

A file is written under a temporary name, forced to disk and renamed, before any record refers to it; so a kill or a
power cut at any moment leaves at most a file nobody refers to, never a record without its file.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from spectra.errors import DamagedLabError, LabError, RecordNotFoundError

_SHA256 = re.compile(r"[0-9a-f]{64}")
_UNFINISHED = ".unfinished-"


@dataclass(frozen=True, slots=True)
class StoredBlob:
    """A raw file on disk."""

    sha256: str
    size_bytes: int


class BlobStore:
    """The folder of raw files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, sha256: str) -> Path:
        """Where a content stands, or would stand."""
        return self.folder / sha256[:2] / sha256

    def put(self, content: bytes) -> StoredBlob:
        """Keep a content; keeping it again changes nothing.

        Raises
        ------
        DamagedLabError
            If a file stands under this content's name that is not this content.
        LabError
            If the folder cannot be written.
        """
        sha256 = hashlib.sha256(content).hexdigest()
        path = self.path(sha256)
        try:
            if path.exists():
                self.read(sha256)
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                self._write(content, path)
            _force_folder(path.parent)
            _force_folder(self.folder)
        except OSError as problem:
            raise LabError(f"{self.folder} cannot be written: {problem.strerror or problem}") from problem
        return StoredBlob(sha256, len(content))

    def _write(self, content: bytes, path: Path) -> None:
        handle, name = tempfile.mkstemp(prefix=_UNFINISHED, dir=self.folder)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(name).chmod(0o444)  # readable by whoever shares the lab, writable by nobody
            Path(name).replace(path)
        except BaseException:
            with contextlib.suppress(FileNotFoundError):
                Path(name).unlink()
            raise

    def read(self, sha256: str) -> bytes:
        """The content under a hash.

        Raises
        ------
        RecordNotFoundError
            If it is not kept here.
        DamagedLabError
            If the file's content no longer has this hash, or cannot be read at all.
        """
        path = self.path(sha256)
        try:
            if _SHA256.fullmatch(sha256) is None or not path.is_file():
                raise RecordNotFoundError("raw file", sha256)
            content = path.read_bytes()
        except OSError as problem:
            raise DamagedLabError(f"raw file {sha256} cannot be read: {problem.strerror or problem}") from problem
        found = hashlib.sha256(content).hexdigest()
        if found != sha256:
            raise DamagedLabError(
                f"raw file {sha256} now has the hash {found}: it was changed after it was stored. "
                "Restore it from a backup"
            )
        return content

    def __iter__(self) -> Iterator[str]:
        """Hashes of all files kept, in order."""
        for path in self._found("??/*"):
            if _SHA256.fullmatch(path.name):
                yield path.name

    def unfinished(self) -> tuple[Path, ...]:
        """Files a killed program was still writing; safe to delete when nothing is running."""
        return self._found(f"{_UNFINISHED}*")

    def _found(self, pattern: str) -> tuple[Path, ...]:
        try:
            return tuple(sorted(self.folder.glob(pattern)))
        except OSError as problem:
            raise LabError(f"{self.folder} cannot be read: {problem.strerror or problem}") from problem


def _force_folder(folder: Path) -> None:
    """Force a rename to disk; only POSIX systems can open a folder to do so."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
