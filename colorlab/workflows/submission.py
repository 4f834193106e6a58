"""Vetting inside a lab: the colour's standard is the lab's own, and everything that went into a verdict is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from colorlab.control.profile_document import read_profile
from colorlab.store.instrument_statements import instrument_statements_in_force
from colorlab.store.lab import Lab
from colorlab.store.measurements import StoredMeasurement, find_measurements, save_measurements
from colorlab.store.programme import load_colour
from colorlab.store.standards import choose_standard, standard_in_force
from colorlab.store.verdicts import append_verdict
from colorlab.uncertainty.noise import DECLARED_DEFAULT
from colorlab.uncertainty.statement_document import statement_from_dict
from colorlab.verdict.judge import SEED
from colorlab.workflows.background import Background, background_of
from colorlab.workflows.files import read_bytes
from colorlab.workflows.lab_file import LabFile, read_for_lab, register
from colorlab.workflows.read import NOTHING_DECLARED, FileOptions
from colorlab.workflows.tolerance import tolerance_for
from colorlab.workflows.verdict_text import Layout
from colorlab.workflows.version import provenance, software_version
from colorlab.workflows.vet import VetOutcome, judge_all, on_one_instrument
from spectra.errors import MeasurementError
from spectra.measurement import Measurement


@dataclass(frozen=True, slots=True, eq=False)
class SubmissionOutcome:
    """A vetted submission and the records it left."""

    colour: str
    supplier: str | None
    line: str | None
    outcome: VetOutcome
    verdict_ids: tuple[str, ...]
    background: Background

    @property
    def all_accepted(self) -> bool:
        """Whether every sample was accepted."""
        return self.outcome.all_accepted

    def as_dict(self) -> dict[str, Any]:
        """Plain types; see docs/json.md."""
        document = self.outcome.as_dict()
        verdicts = [
            verdict | {"verdict_id": identity}
            for verdict, identity in zip(document["verdicts"], self.verdict_ids, strict=True)
        ]
        belongs = {"colour": self.colour, "supplier": self.supplier, "line": self.line}
        return document | belongs | {"verdicts": verdicts, "background": self.background.as_dict()}

    def as_text(self) -> str:
        """The verdicts, what is known beside them, then the records they became."""
        blocks = (self.outcome.as_text(), self.background.as_text(), f"recorded as {', '.join(self.verdict_ids)}")
        return "\n\n".join(block for block in blocks if block)


def set_standard(
    lab: Lab,
    colour: str,
    path: Path,
    *,
    now: datetime,
    by: str,
    sample: str | None = None,
    options: FileOptions = NOTHING_DECLARED,
) -> str:
    """Make a measurement the standard of a colour; it is in force from now on, older verdicts keep theirs.

    A measurement that was in force before can be chosen again.

    Returns
    -------
    str
        Record id of the measurement.

    Raises
    ------
    FileError, MeasurementError
        If the file cannot be read, or holds several measurements and none is named.
    RecordNotFoundError
        If the lab's programme has no such colour.
    """
    lab_file = read_for_lab(path, options)
    file_name = lab_file.source.file_name
    found = [one for one in lab_file.file.measurements if sample is None or one.sample == sample]
    if len(found) != 1:
        raise MeasurementError(
            f"{file_name}: {len(found)} measurements {'in the file' if sample is None else f'called {sample!r}'}; "
            "a standard is exactly one. Name it with --sample"
        )
    blobs = lab_file.put(lab)
    with lab.writing() as connection:
        load_colour(connection, colour)
        register(connection, blobs, now=now, by=by)
        (record,) = save_measurements(connection, [_as_standard(found[0])], now=now, by=by, colour=colour)
        choose_standard(connection, colour, record, now=now, by=by)
        return record


def vet_submission(
    lab: Lab,
    paths: Sequence[Path],
    *,
    colour: str,
    supplier: str | None,
    now: datetime,
    by: str,
    line: str | None = None,
    agreement: Path | None = None,
    options: FileOptions = NOTHING_DECLARED,
    seed: int = SEED,
    layout: Layout = "usual",
) -> SubmissionOutcome:
    """Judge all samples of one file or several against the colour's standard and record everything together.

    Everything is computed before anything is written; the records then appear in one transaction or not at all. What
    the lab's instrument statements say counts for the instruments they name.

    Parameters
    ----------
    lab : Lab
    paths : sequence of Path
    colour : str
    supplier, line : str or None
        Who sent it, and from which production line.
    now : datetime
    by : str
    agreement : Path, optional
        Instrument profile (JSON) that brings samples of its instrument to its reference.
    options, seed, layout
        See `colorlab.workflows.vet.vet_files`.

    Raises
    ------
    FileError, MeasurementError
        If a file cannot be read or compared, or holds no sample.
    RecordNotFoundError
        If the lab has no such colour, or the colour no standard.
    """
    if len(set(paths)) < len(paths) or not paths:
        raise MeasurementError("a submission is one file or several different ones")
    files = [read_for_lab(path, options) for path in paths]
    samples = [one for file in files for one in file.file.measurements if one.role != "standard"]
    names = ", ".join(file.source.file_name for file in files)
    if not samples:
        raise MeasurementError(f"{names} holds no sample with a spectrum{_other_contents(files)}")
    notes = [note for file in files for note in _notes(file, alone=len(files) == 1)]
    profile = None if agreement is None else read_profile(profile_bytes := read_bytes(agreement), agreement.name)
    with lab.reading() as connection:
        suppliers = load_colour(connection, colour).suppliers
        standard = standard_in_force(connection, colour)
        applied = tolerance_for(connection, colour)
        statements = instrument_statements_in_force(connection)
        before = {
            file.source.file_name: find_measurements(connection, colour=colour, raw_sha256=file.source.sha256)
            for file in files
        }
    doubts = []
    if supplier and suppliers and supplier not in suppliers:
        doubts.append(f"{supplier} is not among the suppliers of {colour} in the roadmap: {', '.join(suppliers)}")
    for name, found in before.items():
        others = [one for one in found if one.supplier not in (None, supplier)]
        own = [one for one in found if one not in others]
        if others:
            doubts.append(
                f"{name}: this very file was submitted before by {', '.join(_suppliers(others))}, on "
                f"{others[0].recorded_at:%Y-%m-%d}; whose is it?"
            )
        if own:
            notes.append(
                f"{name}: this very file was submitted before, on {own[0].recorded_at:%Y-%m-%d}; it is judged once more"
            )
    notes = [*doubts, *notes]
    stated = tuple(statement_from_dict(one.parsed(), one.id) for one in statements)
    pairs, brought = on_one_instrument([(standard.measurement, sample) for sample in samples], profile)
    judged = judge_all(pairs, applied.tolerance, DECLARED_DEFAULT, seed, stated)
    outcome = VetOutcome(tuple(file.source.file_name for file in files), judged, (), seed, (*notes, *brought), layout)

    blobs = [blob for file in files for blob in file.put(lab)]
    context: dict[str, Any] = {"produced_by": provenance(), "instrument_statements": [one.id for one in statements]}
    if agreement is not None:
        blobs.append((lab.blobs.put(profile_bytes), agreement.name))
        context["agreement_sha256"] = blobs[-1][0].sha256
    with lab.writing() as connection:
        register(connection, blobs, now=now, by=by)
        belongs = {"colour": colour, "supplier": supplier, "line": line}
        sample_ids = save_measurements(connection, samples, now=now, by=by, **belongs)
        verdict_ids = tuple(
            append_verdict(
                connection,
                decision=one.verdict.decision,
                document=one.verdict.as_dict() | context,
                software_version=software_version(),
                now=now,
                by=by,
                standard=standard.id,
                sample=sample_id,
                inputs=(standard.id, sample_id, *context["instrument_statements"]),
                raw_sha256s=one.verdict.inputs,
                tolerances=applied.records,
                seed=seed,
                **belongs,
            )
            for one, sample_id in zip(judged, sample_ids, strict=True)
        )
    off = [record for one, record in zip(judged, verdict_ids, strict=True) if one.verdict.decision != "accept"]
    background = background_of(lab, colour=colour, supplier=supplier, off=off)
    return SubmissionOutcome(colour, supplier, line, outcome, verdict_ids, background)


def _suppliers(measurements: Sequence[StoredMeasurement]) -> list[str]:
    return sorted({one.supplier for one in measurements if one.supplier is not None})


def _notes(file: LabFile, alone: bool) -> list[str]:
    prefix = "" if alone else f"{file.source.file_name}: "
    notes = [f"{prefix}{note}" for note in file.file.notes]
    if any(one.role == "standard" for one in file.file.measurements):
        notes.append(f"{prefix}the standard in the file was not used: the lab's own standard is in force")
    if file.file.colours:
        notes.append(
            f"{prefix}{len(file.file.colours)} colours without a spectrum were not judged: in a lab verdicts rest on "
            "spectra; without --lab they are compared"
        )
    return notes


def _other_contents(files: Sequence[LabFile]) -> str:
    if any(file.file.colours for file in files):
        return ", only colours; without --lab they are compared"
    return ", only standards" if any(file.file.measurements for file in files) else ""


def _as_standard(measurement: Measurement) -> Measurement:
    return replace(measurement, role="standard", standard=None)
