"""Adjacent parts judged as a set, from files or against a lab's standards, where the verdict is recorded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from colorlab.store.harmony_verdicts import append_harmony_verdict
from colorlab.store.instrument_statements import instrument_statements_in_force
from colorlab.store.lab import Lab
from colorlab.store.measurements import save_measurements
from colorlab.store.raw_files import register_raw_file
from colorlab.store.standards import standard_in_force
from colorlab.tolerance.tolerance import DEFAULT, Tolerance
from colorlab.uncertainty.instrument_statement import InstrumentStatement
from colorlab.uncertainty.noise import DECLARED_DEFAULT
from colorlab.uncertainty.statement_document import statement_from_dict
from colorlab.verdict.harmony import HarmonySet, judge_harmony
from colorlab.verdict.harmony_verdict import HarmonyVerdict
from colorlab.verdict.judge import SEED
from colorlab.workflows.files import read_bytes
from colorlab.workflows.harmony_file import PartEntry, SetDocument, parse_set
from colorlab.workflows.lab_file import LabFile, read_for_lab, register
from colorlab.workflows.read import NOTHING_DECLARED, FileOptions
from colorlab.workflows.text import table
from colorlab.workflows.tolerance import tolerance_for
from colorlab.workflows.version import provenance, software_version
from spectra.errors import MalformedFileError, MeasurementError, UnknownConditionError
from spectra.measurement import Measurement

FIGURES = (".svg", ".png", ".pdf")


@dataclass(frozen=True, slots=True, eq=False)
class HarmonyOutcome:
    """A set, judged.

    Attributes
    ----------
    file : str
    verdict : HarmonyVerdict
    parts : mapping of str to Measurement
        In the order of the verdict's parts.
    notes : tuple of str
        On the files.
    verdict_id : str or None
        The record, where it was kept in a lab.
    """

    file: str
    verdict: HarmonyVerdict
    parts: Mapping[str, Measurement]
    notes: tuple[str, ...]
    verdict_id: str | None = None

    @property
    def accepted(self) -> bool:
        """Whether the set was accepted."""
        return self.verdict.decision == "accept"

    def as_dict(self) -> dict[str, Any]:
        """Plain types; see docs/json.md."""
        return self.verdict.as_dict() | {
            "file": self.file,
            "notes": list(self.notes),
            "verdict_id": self.verdict_id,
            "software_version": software_version(),
        }

    def as_text(self) -> str:
        """The decision and the one sentence why, the pairs, the worst pair at each angle, and what to know."""
        verdict = self.verdict
        lines = [f"{verdict.name}: {', '.join(part.name for part in verdict.parts)}", verdict.sentence, _pairs(verdict)]
        lines.append(_by_condition(verdict))
        source = f" ({verdict.tolerance.source})" if verdict.tolerance.source else ""
        lines.append(
            f"{verdict.tolerance.formula}, tolerance “{verdict.tolerance.name}”{source}; "
            f"rule {verdict.tolerance.rule}; {verdict.draws} draws"
        )
        lines += [f"remark: {remark}" for remark in verdict.remarks]
        said = [f"remark: {one.name}: {remark}" for one in verdict.pairs for remark in one.verdict.remarks]
        lines += [*said, *(f"note: {note}" for note in self.notes)]
        if self.verdict_id is not None:
            lines.append(f"recorded as {self.verdict_id}")
        return "\n".join(lines)

    def figure(self, suffix: str) -> bytes:
        """The set as a picture.

        Parameters
        ----------
        suffix : {".svg", ".png", ".pdf"}

        Raises
        ------
        UnknownConditionError
            If figures are not written in such a format.
        """
        from colorlab.reports.figures.harmony import harmony_figure
        from colorlab.reports.style import saved

        if suffix.lower() not in FIGURES:
            raise UnknownConditionError("figure format", suffix, FIGURES)
        return saved(harmony_figure(self.verdict, self.parts), suffix.lower()[1:])


def harmony_of_file(
    path: Path,
    *,
    options: FileOptions = NOTHING_DECLARED,
    statements: Sequence[InstrumentStatement] = (),
    seed: int = SEED,
) -> HarmonyOutcome:
    """Judge the parts that a set file names (`colorlab.workflows.harmony_file.parse_set`).

    Raises
    ------
    FileError, ToleranceError
        If the set or a file it names cannot be read.
    MeasurementError
        If a file holds several measurements and none is named, or parts cannot be compared.
    """
    document = parse_set(read_bytes(path), path)
    for part in document.parts:
        if part.colour is not None:
            raise MalformedFileError(
                path.name,
                f"the part {part.name} is the standard of {part.colour}",
                where="key colour",
                expected="a file",
                remedy="Give the lab that holds the standard with --lab",
            )
    files = _files(document, options)
    found = {part.name: _measurement(part, files) for part in document.parts}
    harmony = _set(document, found, document.tolerance or DEFAULT)
    return _outcome(path, harmony, judge_harmony(harmony, DECLARED_DEFAULT, seed, statements=statements), files)


def harmony_in_lab(
    lab: Lab,
    path: Path,
    *,
    now: datetime,
    by: str,
    supplier: str | None = None,
    options: FileOptions = NOTHING_DECLARED,
    seed: int = SEED,
) -> HarmonyOutcome:
    """Judge a set of parts with the lab's standards, tolerance and instrument statements, and record the verdict.

    A part with `colour` is that colour's standard in force. A set without a tolerance is judged by that of its
    reference part's colour, else by the programme's. Everything is computed before anything is written.

    Raises
    ------
    FileError, ToleranceError, MeasurementError
        See `harmony_of_file`.
    RecordNotFoundError
        If a colour has no standard.
    """
    content = read_bytes(path)
    document = parse_set(content, path)
    files = _files(document, options)
    with lab.reading() as connection:
        stored = {
            part.name: standard_in_force(connection, part.colour) for part in document.parts if part.colour is not None
        }
        first = next((part for part in document.parts if part.reference), document.parts[0])
        applied = tolerance_for(connection, first.colour)
        statements = instrument_statements_in_force(connection)
    found = {
        part.name: stored[part.name].measurement if part.name in stored else _measurement(part, files)
        for part in document.parts
    }
    harmony = _set(document, found, document.tolerance or applied.tolerance)
    stated = tuple(statement_from_dict(one.parsed(), one.id) for one in statements)
    verdict = judge_harmony(harmony, DECLARED_DEFAULT, seed, statements=stated)
    outcome = _outcome(path, harmony, verdict, files)

    own = lab.blobs.put(content)
    blobs = [blob for file in files.values() for blob in file.put(lab)]
    with lab.writing() as connection:
        register_raw_file(connection, own, path.name, now=now, by=by)
        if blobs:
            register(connection, blobs, now=now, by=by)
        records = {name: one.id for name, one in stored.items()}
        for file in files.values():
            # All of a file, or its places in the file would be lost.
            ids = save_measurements(connection, file.file.measurements, now=now, by=by, supplier=supplier)
            own_ids = {id(one): record for one, record in zip(file.file.measurements, ids, strict=True)}
            records |= {name: own_ids[id(one)] for name, one in found.items() if id(one) in own_ids}
        record = append_harmony_verdict(
            connection,
            decision=verdict.decision,
            name=verdict.name,
            document=verdict.as_dict() | {"produced_by": provenance()},
            inputs=[*(records[part.name] for part in verdict.parts), *(one.id for one in statements)],
            raw_sha256s=list(
                dict.fromkeys((own.sha256, *(one.source.sha256 for one in found.values() if one.source is not None)))
            ),
            tolerances=applied.records if document.tolerance is None else (),
            software_version=software_version(),
            seed=seed,
            colour=first.colour,
            supplier=supplier,
            now=now,
            by=by,
        )
    return HarmonyOutcome(outcome.file, verdict, outcome.parts, outcome.notes, record)


def _files(document: SetDocument, options: FileOptions) -> dict[Path, LabFile]:
    """Each file once, however many parts it holds."""
    paths = dict.fromkeys(part.file for part in document.parts if part.file is not None)
    return {path: read_for_lab(path, options) for path in paths}


def _measurement(part: PartEntry, files: Mapping[Path, LabFile]) -> Measurement:
    if part.file is None:
        raise AssertionError("a part is a file or a colour")
    file = files[part.file]
    found = [one for one in file.file.measurements if part.sample is None or one.sample == part.sample]
    if len(found) != 1:
        which = "in the file" if part.sample is None else f"called {part.sample!r}"
        raise MeasurementError(
            f"{file.source.file_name}: {len(found)} measurements {which}; the part {part.name} is exactly one. "
            "Name it with sample"
        )
    return found[0]


def _set(document: SetDocument, found: Mapping[str, Measurement], tolerance: Tolerance) -> HarmonySet:
    parts = tuple((part.name, found[part.name]) for part in document.parts)
    return HarmonySet(document.name, parts, tolerance, document.of_pairs, document.reference)


def _outcome(path: Path, harmony: HarmonySet, verdict: HarmonyVerdict, files: Mapping[Path, LabFile]) -> HarmonyOutcome:
    found = dict(harmony.parts)
    notes = tuple(f"{file.source.file_name}: {note}" for file in files.values() for note in file.file.notes)
    return HarmonyOutcome(path.name, verdict, {part.name: found[part.name] for part in verdict.parts}, notes)


def _pairs(verdict: HarmonyVerdict) -> str:
    rows = []
    for one in sorted(verdict.pairs, key=lambda pair: -pair.worst.share_of_limit):
        worst = one.verdict.worst
        rows.append(
            (
                one.name,
                one.verdict.decision,
                f"{100 * one.worst.share_of_limit:.0f} %",
                f"{worst.delta_E:.2f}",
                f"{worst.limit:.2f}",
                f"{worst.angle} {worst.viewing}",
                ", ".join(worst.words),
                f"{one.verdict.conformity_probability:.3f}",
            )
        )
    return table(("pair", "decision", "of limit", "ΔE", "limit", "worst at", "words", "P(conform)"), rows)


def _by_condition(verdict: HarmonyVerdict) -> str:
    rows = [
        (
            row.angle,
            str(row.viewing),
            one.name,
            f"{row.delta_E:.2f}",
            f"{row.limit:.2f}",
            ", ".join(row.words),
        )
        for one, row in verdict.by_condition
    ]
    return table(("angle", "viewing", "worst pair", "ΔE", "limit", "words"), rows)
