"""Which sample of a file belongs to which standard: named by the user, or by the file itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from colorlab.workflows.read import FileOptions, load
from spectra.errors import MeasurementError
from spectra.formats.base import MeasurementFile
from spectra.measurement import Measurement


def pairs_of_file(
    path: Path, standard: Path | str | None, samples: tuple[str, ...], options: FileOptions
) -> tuple[list[tuple[Measurement, Measurement]], tuple[str, ...]]:
    """Pairs of standard and sample, and the notes on the file and on samples left out.

    Parameters
    ----------
    path : Path
    standard : Path or str, optional
        A file with one measurement, or the name of a measurement in `path`. Without it each sample belongs to the
        standard its file names.
    samples : tuple of str
        Names; all samples of the file when empty.
    options : FileOptions

    Raises
    ------
    FileError, MeasurementError
        If a file cannot be read, a name is not in it, or no sample is left.
    """
    file = load(path, options)
    pairs, notes = _pairs(file, path, standard, samples, options)
    return pairs, (*file.notes, *notes, *_same_names([sample for _, sample in pairs]))


def _pairs(
    file: MeasurementFile, path: Path, standard: Path | str | None, samples: tuple[str, ...], options: FileOptions
) -> tuple[list[tuple[Measurement, Measurement]], list[str]]:
    if standard is None:
        return _pairs_in_file(file, path.name, samples)
    if isinstance(standard, Path):
        others = load(standard, options).measurements
        if len(others) != 1:
            raise MeasurementError(
                f"{standard.name} holds {len(others)} measurements; a standard file holds exactly one. "
                "Put the standard into the submission's file and name it, or give a file with one measurement"
            )
        target = others[0]
    else:
        target = _named(file, path.name, standard)
    chosen = (
        [_named(file, path.name, name) for name in samples]
        if samples
        else [one for one in file.measurements if one is not target and one.role != "standard"]
    )
    if not chosen:
        raise MeasurementError(f"{path.name} holds no sample beside {target.sample}")
    return [(target, sample) for sample in chosen], []


def _pairs_in_file(
    file: MeasurementFile, name: str, samples: tuple[str, ...]
) -> tuple[list[tuple[Measurement, Measurement]], list[str]]:
    standards = [one for one in file.measurements if one.role == "standard"]
    candidates = [_named(file, name, sample) for sample in samples] if samples else file.measurements
    pairs, notes = [], []
    for one in candidates:
        if one.role == "standard":
            continue
        own = [standard for standard in standards if standard.sample == one.standard]
        if len(own) == 1:
            pairs.append((own[0], one))
        elif own:
            notes.append(f"{one.sample} was left out: {len(own)} standards are called {one.standard!r}")
        else:
            reason = f"its standard {one.standard!r} is not in the file" if one.standard else "no standard is named"
            notes.append(f"{one.sample} was left out: {reason}")
    if not pairs:
        reason = f" ({notes[0]})" if notes else ""
        raise MeasurementError(
            f"{name} holds no sample beside its standard{reason}. "
            "Name the standard with --standard NAME or --standard-file FILE"
        )
    return pairs, notes


def _same_names(samples: Sequence[Measurement]) -> list[str]:
    """Remarks on samples that share a name: their verdicts can only be told apart by their order."""
    counts = Counter(one.sample for one in samples)
    return [
        f"{count} samples are called {name!r}; in the order of the file" for name, count in counts.items() if count > 1
    ]


def _named(file: MeasurementFile, file_name: str, sample: str) -> Measurement:
    found = [one for one in file.measurements if one.sample == sample]
    if len(found) != 1:
        names = ", ".join(dict.fromkeys(one.sample for one in file.measurements))
        shown = names if len(names) < 400 else names[:400] + " …"
        problem = "no measurement" if not found else f"{len(found)} measurements"
        raise MeasurementError(f"{file_name}: {problem} called {sample!r}; it holds {shown}")
    return found[0]
