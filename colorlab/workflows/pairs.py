"""Which sample belongs to which standard, in a file or a submission of several: named by the user, or by the files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from colorlab.difference.disparity import Reading
from colorlab.workflows.read import FileOptions, load
from spectra.errors import MeasurementError
from spectra.formats.base import MeasurementFile
from spectra.measurement import Measurement

NAME_IT = "Name the standard with --standard NAME or --standard-file FILE"
_SHOWN = 400  # letters of a list of names in a message


@dataclass(frozen=True, slots=True, eq=False)
class SubmissionPairs:
    """Standards with their samples.

    Attributes
    ----------
    spectral : tuple of (Measurement, Measurement)
        Standard and sample, both with a spectrum.
    stated : tuple of (reading, reading)
        Standard and sample of which at least one is a colour without a spectrum; for
        `colorlab.verdict.stated_difference.compare_stated`.
    notes : tuple of str
        On the files, samples left out, samples of one name; each names its file where there are several.
    """

    spectral: tuple[tuple[Measurement, Measurement], ...]
    stated: tuple[tuple[Reading, Reading], ...]
    notes: tuple[str, ...]


def pairs_of_file(
    path: Path, standard: Path | str | None, samples: tuple[str, ...], options: FileOptions
) -> tuple[list[tuple[Measurement, Measurement]], tuple[str, ...]]:
    """Pairs of standard and sample that both have a spectrum, and the notes on the file and on samples left out.

    Raises
    ------
    FileError, MeasurementError
        See `pairs_of_files`; also if no pair has two spectra.
    """
    found = pairs_of_files((path,), standard, samples, options)
    if not found.spectral:
        first = found.stated[0][1].sample
        raise MeasurementError(
            f"{path.name}: {len(found.stated)} samples, {first} first, or their standards are stated as colours only, "
            "and this needs spectra"
        )
    left = [f"{sample.sample} was left out: it or its standard has no spectrum" for _, sample in found.stated]
    return list(found.spectral), (*found.notes, *left)


def pairs_of_files(
    paths: Sequence[Path], standard: Path | str | None, samples: tuple[str, ...], options: FileOptions
) -> SubmissionPairs:
    """Pairs of standard and sample of a submission.

    Parameters
    ----------
    paths : sequence of Path
        At least one.
    standard : Path or str, optional
        A file with one reading, or the name of a reading in the submission. Without it each sample belongs to the
        standard its file names, in that file or, where it is not in there, in the one other file that holds it.
    samples : tuple of str
        Names; all samples of the submission when empty.
    options : FileOptions
        For all files.

    Raises
    ------
    FileError, MeasurementError
        If a file cannot be read or is given twice, a name is not in the submission or stands for several readings, or
        no sample is left.
    """
    twice = [path for path, count in Counter(paths).items() if count > 1]
    if twice or not paths:
        raise MeasurementError(f"{twice[0].name} is given twice" if twice else "a submission of no file")
    files = [_Opened(path, load(path, options)) for path in paths]
    whole = _Submission(files)
    notes = [whole.said(one, note) for one in files for note in one.file.notes]
    if standard is None:
        pairs, left = whole.by_names(samples)
    else:
        pairs, left = whole.against(_target(whole, standard, options), samples)
    notes += left
    counts = Counter(sample.sample for _, sample in pairs)
    notes += [
        f"{count} samples are called {name!r}; in the order of the file{'s' if len(files) > 1 else ''}"
        for name, count in counts.items()
        if count > 1
    ]
    spectral = tuple(
        (first, second) for first, second in pairs if isinstance(first, Measurement) and isinstance(second, Measurement)
    )
    stated = tuple(both for both in pairs if not all(isinstance(one, Measurement) for one in both))
    return SubmissionPairs(spectral, stated, tuple(notes))


def _target(whole: _Submission, standard: Path | str, options: FileOptions) -> Reading:
    if isinstance(standard, str):
        return whole.named(standard)[1]
    found = _Opened(standard, load(standard, options)).readings
    if len(found) != 1:
        raise MeasurementError(
            f"{standard.name} holds {len(found)} measurements; a standard file holds exactly one. "
            "Put the standard into the submission's file and name it, or give a file with one measurement"
        )
    return found[0]


class _Opened:
    """A file of the submission and what it holds, spectra before colours."""

    def __init__(self, path: Path, file: MeasurementFile) -> None:
        self.path, self.file = path, file
        # A colour beside a spectrum of the same name and role is what the instrument made of it.
        with_spectrum = {(one.sample, one.role) for one in file.measurements}
        alone = [one for one in file.colours if (one.sample, one.role) not in with_spectrum]
        self.readings: tuple[Reading, ...] = (*file.measurements, *alone)


class _Submission:
    def __init__(self, files: Sequence[_Opened]) -> None:
        self.files = files
        self.name = ", ".join(one.path.name for one in files)
        self.readings = [(opened, one) for opened in files for one in opened.readings]
        self.standards: dict[str, list[tuple[_Opened, Reading]]] = {}
        for opened, one in self.readings:
            if one.role == "standard":
                self.standards.setdefault(one.sample, []).append((opened, one))

    def said(self, opened: _Opened, note: str) -> str:
        return note if len(self.files) == 1 else f"{opened.path.name}: {note}"

    def named(self, name: str) -> tuple[_Opened, Reading]:
        """The one reading of a name, and its file.

        Raises
        ------
        MeasurementError
        """
        found = [(opened, one) for opened, one in self.readings if one.sample == name]
        if len(found) != 1:
            where = dict.fromkeys(opened.path.name for opened, _ in found)
            names = ", ".join(dict.fromkeys(one.sample for _, one in self.readings))
            problem = "no measurement" if not found else f"{len(found)} measurements"
            among = f" (in {', '.join(where)})" if len(where) > 1 else ""
            raise MeasurementError(f"{self.name}: {problem} called {name!r}{among}; it holds {_shown(names)}")
        return found[0]

    def against(self, target: Reading, samples: tuple[str, ...]) -> tuple[list[tuple[Reading, Reading]], list[str]]:
        """All samples, or those named, against one standard."""
        chosen = (
            [self.named(name)[1] for name in samples]
            if samples
            else [one for _, one in self.readings if one is not target and one.role != "standard"]
        )
        if not chosen:
            raise MeasurementError(f"{self.name} holds no sample beside {target.sample}")
        return [(target, sample) for sample in chosen], []

    def by_names(self, samples: tuple[str, ...]) -> tuple[list[tuple[Reading, Reading]], list[str]]:
        """Each sample against the standard its file names."""
        wanted = [self.named(name) for name in samples] if samples else self.readings
        pairs: list[tuple[Reading, Reading]] = []
        notes = []
        for opened, one in wanted:
            if one.role == "standard":
                continue
            here, elsewhere = self._standards(opened, one.standard)
            if len(here) == 1:
                pairs.append((here[0], one))
            elif not here and len(elsewhere) == 1:
                other, standard = elsewhere[0]
                pairs.append((standard, one))
                notes.append(self.said(opened, f"{one.sample} is compared with {standard.sample} of {other.path.name}"))
            else:
                notes.append(self.said(opened, f"{one.sample} was left out: {_why(one, here, elsewhere)}"))
        if not pairs:
            reason = f" ({notes[0]})" if notes else ""
            raise MeasurementError(f"{self.name} holds no sample beside its standard{reason}. {NAME_IT}")
        return pairs, notes

    def _standards(self, opened: _Opened, name: str | None) -> tuple[list[Reading], list[tuple[_Opened, Reading]]]:
        """Standards of a name in the sample's own file, with a spectrum where there are any, and in the others."""
        found = self.standards.get(name or "", [])
        here = [one for where, one in found if where is opened]
        spectra = [one for one in here if isinstance(one, Measurement)]
        return [*spectra] or here, [(where, one) for where, one in found if where is not opened]


def _why(one: Reading, here: list[Reading], elsewhere: list[tuple[_Opened, Reading]]) -> str:
    if one.standard is None or one.standard == "":
        return "no standard is named"
    if len(here) > 1:
        return f"{len(here)} standards are called {one.standard!r}"
    if elsewhere:
        names = ", ".join(where.path.name for where, _ in elsewhere)
        return f"its standard {one.standard!r} is in {len(elsewhere)} other files: {names}"
    return f"its standard {one.standard!r} is not in the file"


def _shown(names: str) -> str:
    return names if len(names) < _SHOWN else names[:_SHOWN] + " …"
