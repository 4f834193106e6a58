"""What an instrument is worth: how its readings repeat, how it agrees with another, whether it drifts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from colorlab.colorimetry.viewing import D65_10, Viewing
from colorlab.control.agreement import (
    InstrumentAgreement,
    check_measured_once,
    common_samples,
    instrument_agreement,
)
from colorlab.control.drift import FALSE_ALARMS, TileDrift, check_tile, check_times
from colorlab.control.instruments import FEWEST_SAMPLES, InstrumentProfile, fit_profile
from colorlab.control.profile_document import write_profile
from colorlab.control.repeatability import ColourRepeatability, colour_repeatability
from colorlab.uncertainty.instrument_statement import InstrumentStatement, statement_from_repeatability
from colorlab.uncertainty.statement_document import write_statement
from colorlab.workflows.files import write_bytes
from colorlab.workflows.read import NOTHING_DECLARED, FileOptions, load
from spectra.errors import FileError, MeasurementError
from spectra.measurement import Measurement
from spectra.replicates import DARKEST_SHARE, Repeatability, different_readings, repeatability


@dataclass(frozen=True, slots=True, eq=False)
class RepeatabilityOutcome:
    """How the readings of a file scatter, which samples have none to judge by, and where the statement was kept."""

    file: str
    repeatability: ColourRepeatability
    spectral: Repeatability | None
    statement_file: str | None
    notes: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Plain types; see docs/json.md."""
        spectral = self.spectral and {
            "relative_rms": dict(zip(self.repeatability.angles, self.spectral.relative_rms.tolist(), strict=True)),
            "rule": self.spectral.rule,
        }
        return {
            "file": self.file,
            "notes": list(self.notes),
            "spectral": spectral,
            "statement_file": self.statement_file,
        } | self.repeatability.as_dict()

    def as_text(self) -> str:
        """A line a condition, the readings that stand apart, the scatter of the spectrum and the notes."""
        lines = [self.repeatability.as_text()]
        if self.spectral is not None:
            shares = zip(self.repeatability.angles, self.spectral.relative_rms, strict=True)
            said = ", ".join(f"{angle} {100 * share:.2f} %" for angle, share in shares)
            lines.append(f"spectrum of a reading, rms of √(R² + {DARKEST_SHARE:g}²): {said}; {self.spectral.rule}")
        lines += [] if self.statement_file is None else [f"wrote the instrument statement to {self.statement_file}"]
        return "\n".join([*lines, *(f"note: {note}" for note in self.notes)])


@dataclass(frozen=True, slots=True, eq=False)
class AgreementOutcome:
    """How two instruments agree, and the profile that brings one to the other."""

    files: tuple[str, str]
    agreement: InstrumentAgreement
    profile: InstrumentProfile | None
    profile_file: str | None
    notes: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Plain types; see docs/json.md."""
        return {
            "reference_file": self.files[0],
            "instrument_file": self.files[1],
            "agreement": self.agreement.as_dict(),
            "profile": None if self.profile is None else self.profile.as_dict(),
            "profile_file": self.profile_file,
            "notes": list(self.notes),
        }

    def as_text(self) -> str:
        """The differences, then what a correction is worth."""
        lines = [self.agreement.as_text()]
        lines += [] if self.profile is None else ["", self.profile.as_text()]
        lines += [] if self.profile_file is None else [f"wrote the profile to {self.profile_file}"]
        return "\n".join([*lines, *(f"note: {note}" for note in self.notes)])


def repeatability_of_file(
    path: Path,
    *,
    viewings: Sequence[Viewing] = (D65_10,),
    label: str = "repeatability",
    statement: Path | None = None,
    now: datetime | None = None,
    options: FileOptions = NOTHING_DECLARED,
) -> RepeatabilityOutcome:
    """Repeatability from the repeat readings a file holds.

    Parameters
    ----------
    path : Path
    viewings : sequence of Viewing
    label : str
        What was repeated.
    statement : Path, optional
        Where to keep what the readings state of the instrument (TOML), for verdicts on what it measures.
    now : datetime, optional
        Dates the statement; needed with it.
    options : FileOptions

    Raises
    ------
    FileError
        If the file cannot be read, or the statement exists already or cannot be written.
    MeasurementError
        If no sample has two readings; if a statement is wanted of an instrument the file does not declare, or of
        samples on different wavelengths.
    """
    if statement is not None:
        _check_free(statement)
    measurements = load(path, options).measurements
    sets = [(one, different_readings(one.readings)) for one in measurements if one.readings is not None]
    repeated = [one for one, different in sets if len(different) > 1]
    if not repeated:
        raise MeasurementError(
            f"{path.name}: no sample has two different readings. A table holds them as rows of one sample name"
        )
    notes = []
    if without := len(measurements) - len(repeated):
        notes.append(f"{without} samples without repeat readings are not counted")
    if copies := sum(len(one.readings) - len(different) for one, different in sets if one.readings is not None):
        notes.append(f"{copies} readings that repeat another to the last digit are copies and not counted")
    with naming(path):
        colour = colour_repeatability(repeated, viewings, label=label)
        spectral = _spectral_repeatability(repeated)
    if spectral is None:
        notes.append("samples on different wavelengths: no repeatability of the spectrum is given")
    kept = None
    if statement is not None and now is not None:
        with naming(path):
            write_bytes(statement, write_statement(_statement(path.name, repeated, colour, spectral, now)))
        kept = statement.name
    return RepeatabilityOutcome(path.name, colour, spectral, kept, tuple(notes))


def _statement(
    file: str,
    measurements: Sequence[Measurement],
    colour: ColourRepeatability,
    spectral: Repeatability | None,
    now: datetime,
) -> InstrumentStatement:
    """What the readings of a file state of the instrument it declares."""
    if spectral is None:
        raise MeasurementError("samples on different wavelengths: nothing can be stated of their spectra")
    instruments = {one.instrument for one in measurements}
    names = sorted(name for name in instruments if name is not None)
    if len(instruments) != 1 or not names:
        found = ", ".join(names) or "none"
        raise MeasurementError(
            f"a statement is of one instrument, by the name its files declare; declared with the readings: {found}"
        )
    source = f"{colour.label} of {len(colour.samples)} samples in {file}; {spectral.rule}"
    return statement_from_repeatability(spectral, colour.angles, names, source=source, on=now.date())


def _spectral_repeatability(measurements: Sequence[Measurement]) -> Repeatability | None:
    """Of readings at one list of angles; None where the wavelengths of the samples differ."""
    grid = measurements[0].grid
    if any(one.grid != grid for one in measurements):
        return None
    return repeatability([one.readings for one in measurements if one.readings is not None], grid)


def agreement_of_files(
    reference: Path,
    instrument: Path,
    *,
    viewings: Sequence[Viewing] = (D65_10,),
    output: Path | None = None,
    options: FileOptions = NOTHING_DECLARED,
) -> AgreementOutcome:
    """Agreement of two instruments on the samples both files hold under one name, and a profile where they suffice.

    Parameters
    ----------
    reference, instrument : Path
    viewings : sequence of Viewing
    output : Path, optional
        Where to keep the profile, for `colorlab.workflows.correct`.
    options : FileOptions

    Raises
    ------
    FileError
        If a file cannot be read, or the output exists already or cannot be written.
    MeasurementError
        If no sample stands in both, they cannot be compared, or a profile to keep cannot be fitted.
    """
    if output is not None:
        _check_free(output)
    first, second = load(reference, options).measurements, load(instrument, options).measurements
    names = {one.sample for one in first} & {one.sample for one in second}
    if not names:
        raise MeasurementError(f"no sample of {reference.name} stands under the same name in {instrument.name}")
    notes = []
    alone = len({one.sample for one in (*first, *second)} - names)
    if alone:
        notes.append(f"{alone} samples stand in one file only and are not counted")
    both = [[one for one in side if one.sample in names] for side in (first, second)]
    for path, side in ((reference, both[0]), (instrument, both[1])):
        with naming(path):
            check_measured_once(side)
    profile = None
    most = max(len(pairs) for pairs in common_samples(both[0], both[1]))
    if most < FEWEST_SAMPLES and output is None:
        notes.append(f"no profile was fitted: {most} common samples, {FEWEST_SAMPLES} are the least")
    else:
        profile = fit_profile(both[0], both[1], viewing=viewings[0])
    agreement = instrument_agreement(both[0], both[1], viewings)
    kept = None
    if output is not None and profile is not None:
        write_bytes(output, write_profile(profile))
        kept = output.name
    return AgreementOutcome((reference.name, instrument.name), agreement, profile, kept, tuple(notes))


def _check_free(output: Path) -> None:
    if output.exists():
        raise FileError(
            str(output), "exists already", remedy="Remove it or choose another name; nothing is overwritten"
        )


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """What is wrong with measurements is said with the file they came from."""
    try:
        yield
    except MeasurementError as error:
        raise MeasurementError(f"{path.name}: {error}") from error


def drift_of_files(
    paths: Sequence[Path],
    *,
    now: datetime,
    seed: int,
    reference: Path | None = None,
    tile: str | None = None,
    viewing: Viewing = D65_10,
    false_alarms: float = FALSE_ALARMS,
    options: FileOptions = NOTHING_DECLARED,
) -> TileDrift:
    """Whether the readings of a check tile, one file or many, stay what they were.

    Parameters
    ----------
    paths : sequence of Path
        Rows of a table are a reading for each of their dates.
    now : datetime
        Readings after it do not count.
    seed : int
        Of the simulated charts.
    reference : Path, optional
        A file with one measurement: the tile's certificate.
    tile : str, optional
        Name of the tile, where the files hold other samples too.

    Raises
    ------
    FileError
        If a file cannot be read.
    MeasurementError
        If the files hold readings of several samples and none is named, or too few readings.
    """
    # A chart is of readings over time: what a table holds under other dates is another reading, never a repeat.
    dated = replace(options, by_date=True)
    readings = []
    for path in paths:
        of_tile = [one for one in load(path, dated).measurements if tile in (None, one.sample)]
        with naming(path):
            check_times(of_tile)
        readings += of_tile
    names = sorted({one.sample for one in readings})
    if len(names) != 1:
        found = ", ".join(names[:10]) or "none of that name"
        raise MeasurementError(f"a chart is of one tile; the files hold readings of {found}. Name one with --tile")
    known = None if reference is None else _certificate(reference, options)
    rng = np.random.default_rng(seed)
    return check_tile(readings, now, rng, reference=known, viewing=viewing, false_alarms=false_alarms)


def _certificate(path: Path, options: FileOptions) -> Measurement:
    found = load(path, options).measurements
    if len(found) != 1:
        raise MeasurementError(f"{path.name} holds {len(found)} measurements; a tile's certificate is exactly one")
    return found[0]
