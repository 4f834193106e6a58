"""A measurement file in another format, and what that format could not hold, found by reading it back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from colorlab.workflows.contents_text import contents, counted
from colorlab.workflows.files import read_bytes, write_bytes
from colorlab.workflows.read import NOTHING_DECLARED, FileOptions, parse
from spectra.errors import FileError, UnknownConditionError
from spectra.formats.base import MeasurementFile, ReadOptions
from spectra.formats.bundle import container as bundle
from spectra.formats.losses import Loss, losses
from spectra.formats.registry import FORMATS


@dataclass(frozen=True, slots=True, eq=False)
class ConvertOutcome:
    """A file written, and what it says less than the one it was made of."""

    file: str
    format: str
    output: str
    output_format: str
    counts: dict[str, int]
    losses: tuple[Loss, ...]
    notes: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Plain types; see docs/json.md."""
        return {
            "file": self.file,
            "format": self.format,
            "output": self.output,
            "output_format": self.output_format,
            "counts": dict(self.counts),
            "losses": [loss.as_dict() for loss in self.losses],
            "notes": list(self.notes),
        }

    def as_text(self) -> str:
        """What was written, then what did not come through."""
        lines = [f"{self.output}: {FORMATS[self.output_format].title}, {counted(self.counts)}"]
        lines += [f"lost: {loss.words}" for loss in self.losses] or ["nothing of what was read is lost"]
        lines += [f"note: {note}" for note in self.notes]
        return "\n".join(lines)


def convert_file(
    path: Path, output: Path, *, to: str | None = None, options: FileOptions = NOTHING_DECLARED
) -> ConvertOutcome:
    """Write a measurement file in another format, then read it back and compare.

    Parameters
    ----------
    path, output : Path
    to : str, optional
        A row of FORMATS that writes; the one whose suffix the output bears when left out.
    options : FileOptions

    Raises
    ------
    FileError
        If the file cannot be read, the output exists already or cannot be written.
        Also if the suffix of the output does not tell one format.
    UnknownConditionError
        If the format named is not one that writes.
    MeasurementError
        If the format cannot hold what the file says, such as angles in QTX.
    """
    name = format_to_write(output, to)
    content = read_bytes(path)
    file = parse(content, path.name, options)
    lost = write_file(file, output, name, content, path.name)
    return ConvertOutcome(path.name, file.format, output.name, name, contents(file), lost, file.notes)


def format_to_write(output: Path, to: str | None) -> str:
    """The row of FORMATS that a new file is written with: the one named, or the one its suffix tells.

    Raises
    ------
    FileError, UnknownConditionError
        See `convert_file`.
    """
    name = to or _by_suffix(output)
    row = FORMATS.get(name)
    if row is None or row.write is None:
        raise UnknownConditionError("format to write", name, _writing())
    if output.exists():
        raise FileError(
            str(output), "exists already", remedy="Remove it or choose another name; nothing is overwritten"
        )
    return name


def write_file(file: MeasurementFile, output: Path, name: str, raw: bytes, raw_name: str) -> tuple[Loss, ...]:
    """Write what was read from raw bytes in the format of that name; what it could not hold, found by reading it back.

    Raises
    ------
    FileError
        If the output cannot be written.
    MeasurementError
        If the format cannot hold what the file says.
    """
    row = FORMATS[name]
    if name == bundle.NAME:
        # It takes the raw files along: whoever receives it can go back to the first word.
        sources = bundle.raw_files(raw, raw_name).values() if file.format == bundle.NAME else [raw]
        written = bundle.write(file, sources)
    elif row.write is not None:
        written = row.write(replace(file, format=name))
    else:
        raise UnknownConditionError("format to write", name, _writing())
    back = row.read(written, output.name, ReadOptions())
    write_bytes(output, written)
    return losses(file, back)


def _by_suffix(output: Path) -> str:
    matches = [row.name for row in FORMATS.values() if row.write and output.suffix.lower() in row.suffixes]
    if len(matches) == 1:
        return matches[0]
    choice = matches or _writing()
    raise FileError(
        output.name,
        f"the ending {output.suffix!r} stands for {' and '.join(matches) or 'no format that is written'}",
        remedy="Choose with " + " or ".join(f"--to {name}" for name in choice),
    )


def _writing() -> tuple[str, ...]:
    return tuple(row.name for row in FORMATS.values() if row.write)
