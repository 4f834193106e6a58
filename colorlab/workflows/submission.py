"""Vetting inside a lab: the colour's standard is the lab's own, and everything that went into a verdict is kept."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from colorlab.store.lab import Lab
from colorlab.store.measurements import find_measurements, save_measurements
from colorlab.store.programme import load_colour
from colorlab.store.standards import choose_standard, standard_in_force
from colorlab.store.tolerances import tolerance_in_force
from colorlab.store.verdicts import append_verdict
from colorlab.tolerance.document import tolerance_from_dict
from colorlab.tolerance.judge import SEED
from colorlab.tolerance.noise import DECLARED_DEFAULT
from colorlab.tolerance.tolerance import DEFAULT, Tolerance
from colorlab.workflows.lab_file import read_for_lab, register
from colorlab.workflows.read import NOTHING_DECLARED, FileOptions
from colorlab.workflows.version import software_version
from colorlab.workflows.vet import VetOutcome, judge_all
from spectra.errors import MeasurementError, RecordNotFoundError
from spectra.measurement import Measurement


@dataclass(frozen=True, slots=True, eq=False)
class SubmissionOutcome:
    """A vetted submission and the records it left."""

    colour: str
    supplier: str | None
    outcome: VetOutcome
    verdict_ids: tuple[str, ...]

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
        return document | {"colour": self.colour, "supplier": self.supplier, "verdicts": verdicts}

    def as_text(self) -> str:
        """The verdicts, then the records they became."""
        return f"{self.outcome.as_text()}\n\nrecorded as {', '.join(self.verdict_ids)}"


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
    path: Path,
    *,
    colour: str,
    supplier: str | None,
    now: datetime,
    by: str,
    options: FileOptions = NOTHING_DECLARED,
    seed: int = SEED,
) -> SubmissionOutcome:
    """Judge all samples of a file against the colour's standard and record file, measurements and verdicts together.

    Everything is computed before anything is written; the records then appear in one transaction or not at all.

    Raises
    ------
    FileError, MeasurementError
        If the file cannot be read or compared.
    RecordNotFoundError
        If the lab has no such colour, or the colour no standard.
    """
    lab_file = read_for_lab(path, options)
    file, file_name = lab_file.file, lab_file.source.file_name
    samples = [one for one in file.measurements if one.role != "standard"]
    if not samples:
        raise MeasurementError(f"{file_name} holds no sample, only standards")
    notes = list(file.notes)
    with lab.reading() as connection:
        suppliers = load_colour(connection, colour).suppliers
        standard = standard_in_force(connection, colour)
        tolerance, tolerance_id = _tolerance(connection, colour)
        before = find_measurements(connection, colour=colour, raw_sha256=lab_file.source.sha256)
    if supplier and suppliers and supplier not in suppliers:
        notes.append(f"{supplier} is not among the suppliers of {colour} in the roadmap: {', '.join(suppliers)}")
    if before:
        notes.append(
            f"this very file was submitted before, on {before[0].recorded_at:%Y-%m-%d}; it is judged once more"
        )
    if len(samples) < len(file.measurements):
        notes.append("the standard in the file was not used: the lab's own standard is in force")
    judged = judge_all([(standard.measurement, sample) for sample in samples], tolerance, DECLARED_DEFAULT, seed)
    outcome = VetOutcome(file_name, judged, seed, tuple(notes))

    blobs = lab_file.put(lab)
    with lab.writing() as connection:
        register(connection, blobs, now=now, by=by)
        sample_ids = save_measurements(connection, samples, now=now, by=by, colour=colour, supplier=supplier)
        verdict_ids = tuple(
            append_verdict(
                connection,
                decision=one.verdict.decision,
                document=one.verdict.as_dict(),
                software_version=software_version(),
                now=now,
                by=by,
                standard=standard.id,
                sample=sample_id,
                inputs=(standard.id, sample_id),
                raw_sha256s=one.verdict.inputs,
                tolerance=tolerance_id,
                seed=seed,
                colour=colour,
                supplier=supplier,
            )
            for one, sample_id in zip(judged, sample_ids, strict=True)
        )
    return SubmissionOutcome(colour, supplier, outcome, verdict_ids)


def _tolerance(connection: Connection, colour: str) -> tuple[Tolerance, str | None]:
    """The colour's tolerance, the programme's default, or the house's where the lab has none."""
    try:
        stored = tolerance_in_force(connection, colour)
    except RecordNotFoundError:
        return DEFAULT, None
    return tolerance_from_dict(stored.parsed(), stored.id), stored.id


def _as_standard(measurement: Measurement) -> Measurement:
    return replace(measurement, role="standard", standard=None)
