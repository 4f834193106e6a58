"""Opening the files users hand in, and writing ours so that nothing half-written is ever seen."""

from __future__ import annotations

import os
import stat
import tempfile
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, cast

from spectra.errors import FileError, MalformedFileError, UnsafeFileError
from spectra.formats.base import MAX_FILE_BYTES


def read_bytes(path: Path, limit_bytes: int = MAX_FILE_BYTES) -> bytes:
    """The content of a regular file of bounded size.

    Raises
    ------
    UnsafeFileError
        If it is a device, a pipe or larger than `limit_bytes`.
    FileError
        If it does not exist or may not be read.
    """
    with open_regular(path) as file:
        size = os.fstat(file.fileno()).st_size
        if size > limit_bytes:
            found, expected = f"{size / 2**20:.0f} MiB", f"at most {limit_bytes // 2**20} MiB"
            raise UnsafeFileError(str(path), found, expected=expected)
        try:
            return file.read(limit_bytes + 1)
        except OSError as error:
            raise FileError(str(path), _reason(error)) from error


def open_regular(path: Path) -> BinaryIO:
    """A regular file, opened for reading from its beginning to its end.

    Raises
    ------
    UnsafeFileError
        If it is a device or a pipe.
    FileError
        If it does not exist, is a folder or may not be read.
    """
    try:
        # Opened before it is looked at, so that what was checked is what is read; never waits for a pipe's writer.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except (OSError, ValueError) as error:
        reason = _reason(error) if isinstance(error, OSError) else str(error)
        raise FileError(str(path), reason, remedy="Check the name and the permissions") from error
    status = os.fstat(descriptor)
    if stat.S_ISREG(status.st_mode):
        return os.fdopen(descriptor, "rb")
    os.close(descriptor)
    if stat.S_ISDIR(status.st_mode):
        raise FileError(str(path), "is a folder", expected="a file")
    raise UnsafeFileError(str(path), "is a device or a pipe", expected="a regular file")


def parse_toml(content: bytes, file_name: str) -> dict[str, Any]:
    """The tables and keys of a TOML document.

    Raises
    ------
    MalformedFileError
        If it is not UTF-8, not TOML, nested beyond reason, or holds an integer of more than 64 bits, which TOML does
        not ask a reader to keep.
    """
    try:
        document = tomllib.loads(content.decode("utf-8"))
    except RecursionError as error:
        raise MalformedFileError(file_name, "nested too deeply", expected="a TOML file") from error
    except ValueError as error:
        raise MalformedFileError(file_name, f"not a TOML file ({error})") from error
    values: list[Any] = [document]
    while values:
        value = values.pop()
        if isinstance(value, dict):
            values += value.values()
        elif isinstance(value, list):
            values += value
        elif isinstance(value, int) and not -(2**63) <= value < 2**63:
            raise MalformedFileError(file_name, f"an integer of {value.bit_length()} bits", expected="at most 64")
    return document


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file whole or not at all (see `writing`).

    Raises
    ------
    FileError
        If the folder cannot be written.
    """
    with writing(path) as file:
        file.write(content)


@contextmanager
def writing(path: Path) -> Iterator[BinaryIO]:
    """A file to write that appears whole or not at all: under a temporary name in the same folder, then renamed.

    Raises
    ------
    FileError
        If the folder cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
            temporary = Path(file.name)
            try:
                yield cast("BinaryIO", file)
                file.flush()
                os.fsync(file.fileno())
                os.fchmod(file.fileno(), 0o644)
            except BaseException:
                temporary.unlink(missing_ok=True)
                raise
        temporary.replace(path)
    except OSError as error:
        raise FileError(str(path), _reason(error), remedy="Check the folder, its permissions and the disk") from error


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
