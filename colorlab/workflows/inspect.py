"""Photos of a panel in, what they can honestly say out; and, in a lab, the panel's polishing ledger."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from colorlab.store.lab import Lab
from colorlab.store.panels import Outcome, StoredCapture, panel_ledger, save_capture
from colorlab.store.programme import load_colour
from colorlab.store.raw_files import register_raw_file
from colorlab.workflows.files import parse_toml, read_bytes
from colorlab.workflows.text import table
from colorlab.workflows.version import software_version
from inspections.appearance import Appearance, Finding, MetricValue
from inspections.capture.capture import MANIFEST_NAME, Capture, bare_capture
from inspections.capture.manifest import parse_capture
from inspections.flat_reference import FlatReference
from inspections.inspect import inspect_capture
from inspections.metrics import METRICS
from inspections.photos.decode import MAX_BYTES, open_photo
from inspections.photos.photo import PanelPhoto
from inspections.rounds.ledger import PolishingLedger, PolishingRound
from inspections.rounds.limits import AppearanceLimits, MetricLimit, limits_from_mapping
from inspections.rounds.polishing import PolishingVerdict, Verdict, judge
from spectra.errors import FileError, MalformedFileError, PhotoError

PHOTO_SUFFIXES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".dng")
_LIMIT_KEYS = {"metric", "maximum", "unit"}
OUTCOMES: Mapping[Verdict, Outcome] = {
    "PASS": "pass",
    "RE-POLISH": "re_polish",
    "FAIL": "fail",
    "RE-SHOOT": "re_shoot",
}


@dataclass(frozen=True, slots=True, eq=False)
class CaptureFiles:
    """A capture with the bytes of its photos and manifest, by file name."""

    capture: Capture
    contents: Mapping[str, bytes]

    def photos(self) -> dict[str, PanelPhoto]:
        """The photos, each decoded whenever it is looked at.

        Raises
        ------
        PhotoError
            If one cannot be opened.
        """
        return {shot.file: open_photo(self.contents[shot.file], shot.file) for shot in self.capture.shots}


@dataclass(frozen=True, slots=True, eq=False)
class InspectOutcome:
    """What the photos of one capture say."""

    path: Path
    appearance: Appearance

    def as_dict(self) -> dict[str, Any]:
        """Plain types; see docs/json.md."""
        return {"path": self.path.name, **self.appearance.as_dict(), "software_version": software_version()}

    def as_text(self) -> str:
        """The metrics, then what failed, then what is refused and why."""
        return appearance_as_text(self.path.name, self.appearance)


@dataclass(frozen=True, slots=True, eq=False)
class RoundOutcome:
    """A polishing round as recorded, and the panel's verdict after it."""

    record: str
    panel: str
    number: int
    appearance: Appearance
    verdict: PolishingVerdict

    def as_dict(self) -> dict[str, Any]:
        """Plain types; see docs/json.md."""
        return {
            "record": self.record,
            "panel": self.panel,
            "round": self.number,
            **self.appearance.as_dict(),
            "judgement": self.verdict.as_dict(),
            "software_version": software_version(),
        }

    def as_text(self) -> str:
        """The verdict first."""
        reasons = "; ".join(self.verdict.reasons)
        head = f"{self.panel}, round {self.number}: {self.verdict.verdict} ({reasons})"
        return f"{head}\n{appearance_as_text(self.panel, self.appearance)}\nrecorded as {self.record}"


def load_capture(path: Path) -> CaptureFiles:
    """The capture in a folder with `capture.json`, a folder of bare photos, or one photo.

    Raises
    ------
    FileError, CaptureManifestError
        If a file is missing, cannot be read, or the manifest is wrong or names a file outside its folder.
    """
    if not path.is_dir():
        return CaptureFiles(bare_capture([path.name], path.name), {path.name: read_bytes(path, MAX_BYTES)})
    manifest = path / MANIFEST_NAME
    if manifest.exists():
        content = read_bytes(manifest)
        capture = parse_capture(content, f"{path.name}/{MANIFEST_NAME}")
        contents = {MANIFEST_NAME: content}
    else:
        names = sorted(one.name for one in path.iterdir() if one.suffix.lower() in PHOTO_SUFFIXES)
        if not names:
            raise FileError(
                str(path), "holds neither capture.json nor photos", expected="PNG, JPEG, TIFF or DNG photos"
            )
        capture, contents = bare_capture(names, path.name), {}
    for shot in capture.shots:
        contents[shot.file] = read_bytes(path / shot.file, MAX_BYTES)
    return CaptureFiles(capture, contents)


def inspect_path(path: Path, flat_reference: Path | None = None) -> InspectOutcome:
    """Inspect a capture folder, a folder of bare photos, or one photo.

    Parameters
    ----------
    path : Path
    flat_reference : Path, optional
        Capture of the black-glass tile or flat mirror in the same rig.

    Raises
    ------
    FileError, PhotoError
        If something cannot be read.
    """
    appearance = _inspect(load_capture(path), None if flat_reference is None else load_capture(flat_reference))
    return InspectOutcome(path, appearance)


def record_round(
    lab: Lab,
    path: Path,
    *,
    panel: str,
    number: int,
    colour: str | None,
    limits: AppearanceLimits,
    now: datetime,
    by: str,
    taken_at: datetime | None = None,
    flat_reference: Path | None = None,
    minutes: float | None = None,
) -> RoundOutcome:
    """Inspect the capture of a polishing round and enter it into the panel's ledger.

    Photos and records appear together or not at all; photos nobody refers to are harmless.

    Raises
    ------
    FileError, PhotoError
        If the photos cannot be read, or the ledger mixes definitions.
    RecordNotFoundError
        If a colour is named that the lab does not know.
    """
    files = load_capture(path)
    reference = None if flat_reference is None else load_capture(flat_reference)
    appearance = _inspect(files, reference)
    entry = PolishingRound.from_appearance(number, appearance, minutes=minutes, operator=by)
    with lab.reading() as connection:
        looks = panel_ledger(connection, panel)
        colour = _colour_of(panel, colour, looks)
        if colour is not None:
            load_colour(connection, colour)
        earlier = [one for one in stored_ledger(connection, panel).rounds if one.number < number]
    _refuse_photos_of_another_round(files, number, looks)
    verdict = judge(PolishingLedger(panel, (*earlier, entry)), limits)

    contents = [*files.contents.items(), *(reference.contents.items() if reference else ())]
    blobs = [(lab.blobs.put(content), name) for name, content in contents]
    with lab.writing() as connection:
        for blob, name in blobs:
            register_raw_file(connection, blob, name, now=now, by=by)
        record = save_capture(
            connection,
            panel=panel,
            colour=colour,
            polishing_round=number,
            outcome=OUTCOMES[verdict.verdict],
            document={
                "appearance": appearance.as_dict(),
                "judgement": verdict.as_dict(),
                "files": {name: blob.sha256 for blob, name in blobs[: len(files.contents)]},
                "flat_reference_files": {name: blob.sha256 for blob, name in blobs[len(files.contents) :]},
                "minutes": minutes,
            },
            taken_at=taken_at or now,
            software_version=software_version(),
            now=now,
            by=by,
            photo_sha256s=[blob.sha256 for blob, _ in blobs],
            polishing_hours=None if minutes is None else minutes / 60,
        )
    return RoundOutcome(record, panel, number, appearance, verdict)


def _colour_of(panel: str, colour: str | None, looks: Sequence[StoredCapture]) -> str | None:
    """The colour a panel is painted in: as stated now or before, and always the same.

    Raises
    ------
    PhotoError
        If it was entered in another colour before.
    """
    known = {look.colour for look in looks if look.colour is not None}
    if colour is not None and known - {colour}:
        raise PhotoError(f"panel {panel} was entered in {', '.join(sorted(known))} before; now in {colour}")
    return colour or next(iter(known), None)


def _refuse_photos_of_another_round(files: CaptureFiles, number: int, looks: Sequence[StoredCapture]) -> None:
    """Refuse photos that stand in the ledger as another round already: they cannot show what polishing did since.

    Raises
    ------
    PhotoError
    """
    photos = {hashlib.sha256(content).hexdigest() for name, content in files.contents.items() if name != MANIFEST_NAME}
    for look in looks:
        if look.polishing_round != number and photos & set(look.document["files"].values()):
            raise PhotoError(
                f"these photos are those of round {look.polishing_round} ({look.id}); photograph the panel again for "
                f"round {number}"
            )


def stored_ledger(connection: Connection, panel: str, until: datetime | None = None) -> PolishingLedger:
    """The ledger of a panel as recorded until a moment; of two looks at one round the newer counts."""
    captures = [one for one in panel_ledger(connection, panel) if until is None or one.recorded_at <= until]
    newest = {capture.polishing_round: capture for capture in captures}
    return PolishingLedger(panel, tuple(_round(newest[number]) for number in sorted(newest)))


def limits_of(stored: StoredCapture) -> AppearanceLimits:
    """The limits a recorded capture was judged by."""
    rule = stored.document["judgement"]["limits"]
    limits = tuple(MetricLimit(row["metric"], row["maximum"], row["unit"]) for row in rule["metrics"])
    return AppearanceLimits(rule["name"], limits, rule["max_rounds"], rule["guard_factor"])


def load_limits(path: Path) -> AppearanceLimits:
    """The limits a panel is judged by, from TOML: name, max_rounds, guard_factor and [[limit]] metric, maximum, unit.

    Raises
    ------
    FileError
        If the file cannot be read or does not say what it must.
    """
    document = parse_toml(read_bytes(path), path.name)
    name, rows = document.pop("name", path.stem), document.pop("limit", [])
    max_rounds, guard_factor = document.pop("max_rounds", None), document.pop("guard_factor", 0.0)
    if document:
        raise _wrong_limits(path, f"unknown key {next(iter(document))!r}")
    if not isinstance(rows, list) or not all(isinstance(row, dict) and set(row) == _LIMIT_KEYS for row in rows):
        raise _wrong_limits(path, "a [[limit]] without its three keys, or with others")
    if max_rounds is not None and (not isinstance(max_rounds, int) or isinstance(max_rounds, bool) or max_rounds < 0):
        raise _wrong_limits(path, f"max_rounds is {max_rounds!r}")
    for row in rows:
        if not isinstance(row["metric"], str) or row["metric"] not in METRICS:
            raise _wrong_limits(path, f"metric {row['metric']!r} is not one of {', '.join(METRICS)}")
        if row["unit"] != METRICS[row["metric"]].unit:
            raise _wrong_limits(path, f"{row['metric']} in {row['unit']!r}; it is in {METRICS[row['metric']].unit}")
    if len({row["metric"] for row in rows}) < len(rows):
        raise _wrong_limits(path, "a metric has two limits")
    for what, value in (("guard_factor", guard_factor), *((row["metric"], row["maximum"]) for row in rows)):
        if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
            raise _wrong_limits(path, f"{what}: {value!r} is not a finite number")
    try:
        return limits_from_mapping(
            str(name),
            {row["metric"]: row["maximum"] for row in rows},
            {row["metric"]: row["unit"] for row in rows},
            max_rounds=max_rounds,
            guard_factor=guard_factor,
        )
    except PhotoError as error:
        raise _wrong_limits(path, str(error)) from error


def _wrong_limits(path: Path, found: str) -> MalformedFileError:
    return MalformedFileError(
        path.name, found, expected="name, max_rounds, guard_factor and [[limit]] with metric, maximum and unit"
    )


def inspect_again(lab: Lab, stored: StoredCapture) -> Appearance:
    """Inspect a recorded capture again from the raw photos the lab kept, maps included."""
    files = _stored_files(lab, stored.document["files"])
    reference = stored.document["flat_reference_files"]
    return _inspect(files, _stored_files(lab, reference) if reference else None)


def appearance_as_text(name: str, appearance: Appearance) -> str:
    """The metrics, then what failed, then what is refused and why."""
    lines = [f"{name}: tier {appearance.tier}" + ("" if appearance.measured else "; REFUSED for measurement")]
    if appearance.metrics:
        rows = [
            (
                metric.name,
                f"{metric.value:.3g}",
                "–" if metric.uncertainty is None else f"±{metric.uncertainty:.2g}",
                metric.unit,
                "–" if metric.band_mm is None else f"{metric.band_mm[0]:g}–{metric.band_mm[1]:g} mm",
                "; ".join(metric.flags),
            )
            for metric in appearance.metrics
        ]
        lines.append(table(("metric", "value", "standard uncertainty", "unit", "band", "flags"), rows))
    lines += [
        f"{finding.outcome}: {finding.what}" + (f" → {finding.remedy}" if finding.remedy else "")
        for finding in appearance.findings
        if finding.outcome != "pass"
    ]
    lines += [
        f"refused: {', '.join(metrics)}: {reason}" + (f" → {would_help}" if would_help else "")
        for reason, would_help, metrics in appearance.refusals_by_reason()
    ]
    lines += [f"note: {note}" for note in appearance.notes]
    return "\n".join(lines)


def _inspect(files: CaptureFiles, reference: CaptureFiles | None) -> Appearance:
    if reference is None:
        return inspect_capture(files.capture, files.photos())
    return inspect_capture(
        files.capture, files.photos(), flat_reference=FlatReference(reference.capture, reference.photos())
    )


def _stored_files(lab: Lab, hashes: Mapping[str, str]) -> CaptureFiles:
    contents = {name: lab.blobs.read(sha256) for name, sha256 in hashes.items()}
    if MANIFEST_NAME in contents:
        return CaptureFiles(parse_capture(contents[MANIFEST_NAME], MANIFEST_NAME), contents)
    return CaptureFiles(bare_capture(sorted(contents)), contents)


def _round(stored: StoredCapture) -> PolishingRound:
    appearance = stored.document["appearance"]
    try:
        return PolishingRound(
            number=stored.polishing_round,
            metrics=tuple(MetricValue.from_dict(metric) for metric in appearance["metrics"]),
            findings=tuple(Finding.from_dict(finding) for finding in appearance["findings"]),
            minutes=stored.document["minutes"],
            operator=stored.recorded_by,
        )
    except KeyError as error:
        raise PhotoError(f"record {stored.id} does not hold {error.args[0]!r}; it was written otherwise") from error
