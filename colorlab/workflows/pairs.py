"""Which sample belongs to which standard, in a file or a submission of several: named by the user, or by the files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from colorlab.difference.disparity import Reading
from colorlab.workflows.read import FileOptions, load
from spectra.errors import MeasurementError
from spectra.formats.base import MeasurementFile
from spectra.measurement import Measurement

NAME_IT = "Name the standard with --standard NAME or --standard-file FILE"
NAME_SAMPLES = "name them to judge them all the same: --sample NAME"
_SHOWN = 400  # letters of a list of names in a message
_NAMED = 5  # samples named in a note


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
        standard its file names, in that file or, where it is not in there, in the one other file that holds it; and a
        sample that names none to the only standard of the submission.
    samples : tuple of str
        Names; all samples of the submission when empty. A name that stands in several files is told apart by its file,
        `FILE:NAME`, here and for the standard.
    options : FileOptions
        For all files.

    Raises
    ------
    FileError, MeasurementError
        If a file cannot be read or is given twice, a name is not in the submission or stands for several readings, no
        sample is left, or a standard and its sample are one reading of two copies of a file.
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
    for both in pairs:
        _refuse_one_reading(*both)
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
        """The one reading of a name, or of a name in a file, `FILE:NAME`; and its file.

        Raises
        ------
        MeasurementError
        """
        found = [(opened, one) for opened, one in self.readings if one.sample == name] or [
            (opened, one) for opened, one in self.readings if f"{opened.path.name}:{one.sample}" == name
        ]
        if len(found) != 1:
            where = list(dict.fromkeys(opened.path.name for opened, _ in found))
            names = ", ".join(dict.fromkeys(one.sample for _, one in self.readings))
            problem = "no measurement" if not found else f"{len(found)} measurements"
            among = f" (in {', '.join(where)})" if len(where) > 1 else ""
            remedy = ""
            if len(where) > 1:
                remedy = f". Say of which file: {where[0]}:{found[0][1].sample}"
            elif found:
                remedy = ". Give each its own name, or the standard in a file of its own: --standard-file FILE"
            raise MeasurementError(f"{self.name}: {problem} called {name!r}{among}; it holds {_shown(names)}{remedy}")
        return found[0]

    def against(self, target: Reading, samples: tuple[str, ...]) -> tuple[list[tuple[Reading, Reading]], list[str]]:
        """All samples, or those named, against one standard."""
        if samples:
            return [(target, self.named(name)[1]) for name in samples], []
        rest = [(opened, one) for opened, one in self.readings if one is not target]
        holding = {opened for opened, one in rest if one.role != "standard"}
        # Against a standard from elsewhere every file is there to be judged, one that holds nothing but standards too.
        inside = len(rest) < len(self.readings)
        judged: list[tuple[_Opened, Reading]] = []
        left: list[tuple[_Opened, Reading]] = []
        for opened, one in rest:
            counts = one.role != "standard" or (not holding if inside else opened not in holding)
            (judged if counts else left).append((opened, one))
        if not judged:
            raise MeasurementError(f"{self.name} holds no sample beside {target.sample}")
        promoted = [one.sample for _, one in judged if one.role == "standard"]
        notes = []
        if promoted:
            notes.append(f"{_counted(promoted)} judged although declared a standard: the file holds no other sample")
        reason = f"declared a standard; {NAME_SAMPLES}"
        notes += self.left_out([(opened, one.sample, reason) for opened, one in left])
        return [(target, sample) for _, sample in judged], notes

    def by_names(self, samples: tuple[str, ...]) -> tuple[list[tuple[Reading, Reading]], list[str]]:
        """Each sample against the standard its file names, or against the only one there is."""
        wanted = [self.named(name) for name in samples] if samples else self.readings
        every = [one for found in self.standards.values() for one in found]
        pairs: list[tuple[Reading, Reading]] = []
        notes: list[str] = []
        unnamed: list[str] = []
        left: list[tuple[_Opened, str, str]] = []
        for opened, one in wanted:
            if one.role == "standard":
                left += [(opened, one.sample, "declared a standard")] if samples else []
                continue
            here, elsewhere = self._standards(opened, one.standard)
            if not one.standard and len(every) == 1:
                pairs.append((every[0][1], one))
                unnamed.append(one.sample)
            elif len(here) == 1:
                pairs.append((here[0], one))
            elif not here and len(elsewhere) == 1:
                other, standard = elsewhere[0]
                pairs.append((standard, one))
                notes.append(self.said(opened, f"{one.sample} is compared with {standard.sample} of {other.path.name}"))
            else:
                left.append((opened, one.sample, _why(one, here, elsewhere, list(self.standards))))
        if unnamed:
            opened, standard = every[0]
            name = standard.sample if len(self.files) == 1 else f"{standard.sample} of {opened.path.name}"
            notes.append(f"{_counted(unnamed)} judged against {name}, the only standard in the submission")
        notes += self.left_out(left)
        if not pairs:
            reason = f" ({'; '.join(notes[:_NAMED])})" if notes else ""
            raise MeasurementError(f"{self.name} holds no sample beside its standard{reason}. {NAME_IT}")
        return pairs, notes

    def left_out(self, left: Sequence[tuple[_Opened, str, str]]) -> list[str]:
        """A note for each file and reason: (file, sample, reason) in, the samples named and counted out."""
        alike: dict[tuple[_Opened, str], list[str]] = {}
        for opened, name, reason in left:
            alike.setdefault((opened, reason), []).append(name)
        return [
            self.said(opened, f"{_counted(names, past=True)} left out: {reason}")
            for (opened, reason), names in alike.items()
        ]

    def _standards(self, opened: _Opened, name: str | None) -> tuple[list[Reading], list[tuple[_Opened, Reading]]]:
        """Standards of a name in the sample's own file, with a spectrum where there are any, and in the others."""
        found = self.standards.get(name or "", [])
        here = [one for where, one in found if where is opened]
        spectra = [one for one in here if isinstance(one, Measurement)]
        return [*spectra] or here, [(where, one) for where, one in found if where is not opened]


def _refuse_one_reading(standard: Reading, sample: Reading) -> None:
    """Refuse a reading that is compared with itself, be it through a copy of its file."""
    first, second = standard.source, sample.source
    copied = first is not None and second is not None and first.sha256 == second.sha256
    if standard is sample or (copied and _alike(standard, sample)):
        names = [source.file_name for source in (first, second) if source is not None]
        where = f" of {names[0]}" if len(set(names)) == 1 else f": {' and '.join(names)} are copies of one file"
        raise MeasurementError(
            f"{sample.sample} is standard and sample at once, one reading, not two{where}. "
            "Give the file of the other measurement"
        )


def _alike(one: Reading, other: Reading) -> bool:
    """Whether two entries of one raw file are the same entry."""
    if (one.sample, one.role, one.taken_at, one.geometry.tokens) != (
        *(other.sample, other.role, other.taken_at, other.geometry.tokens),
    ):
        return False
    if isinstance(one, Measurement) and isinstance(other, Measurement):
        return np.array_equal(one.reflectance_factor, other.reflectance_factor)
    stated = zip(one.stated, other.stated, strict=False)
    return type(one) is type(other) and all(np.array_equal(a.values, b.values, equal_nan=True) for a, b in stated)


def _why(one: Reading, here: list[Reading], elsewhere: list[tuple[_Opened, Reading]], standards: Sequence[str]) -> str:
    if not one.standard:
        among = f"there are {len(standards)}: {_shown(', '.join(standards))}" if standards else "none is there"
        return f"no standard is named, and {among}"
    if len(here) > 1:
        return f"{len(here)} standards are called {one.standard!r}"
    if elsewhere:
        names = ", ".join(where.path.name for where, _ in elsewhere)
        return f"its standard {one.standard!r} is in {len(elsewhere)} other files: {names}"
    return f"its standard {one.standard!r} is not in the file"


def _counted(names: Sequence[str], *, past: bool = False) -> str:
    """Samples by name and, where they are several, by number, with their verb."""
    if len(names) == 1:
        return f"{names[0]} {'was' if past else 'is'}"
    more = ", …" if len(names) > _NAMED else ""
    return f"{_shown(', '.join(names[:_NAMED]))}{more} ({len(names)} samples) {'were' if past else 'are'}"


def _shown(names: str) -> str:
    return names if len(names) < _SHOWN else names[:_SHOWN] + " …"
