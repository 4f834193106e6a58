"""Photos of a panel in, what they can honestly say out; and, in a lab, the panel's polishing ledger."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from colorlab.store.lab import Lab
from colorlab.store.panels import Outcome, StoredCapture, captures_with, panel_ledger, save_capture
from colorlab.store.programme import load_colour
from colorlab.store.raw_files import register_raw_file
from colorlab.workflows.files import read_bytes
from colorlab.workflows.panel_ledger import judged, stored_ledger
from colorlab.workflows.panel_limits import load_limits
from colorlab.workflows.panel_where import WhereItChanged, where_it_changed
from colorlab.workflows.polishing_table import in_rounds
from colorlab.workflows.text import table
from colorlab.workflows.version import software_version
from inspections.appearance import Appearance
from inspections.capture.capture import MANIFEST_NAME, Capture, bare_capture
from inspections.capture.manifest import parse_capture
from inspections.edges.plain_calibration import PlainCalibration
from inspections.flat_reference import FlatReference
from inspections.inspect import inspect_capture
from inspections.photos.decode import MAX_BYTES, open_photo
from inspections.photos.photo import PanelPhoto
from inspections.rounds.ledger import PolishingLedger, PolishingRound
from inspections.rounds.limits import AppearanceLimits
from inspections.rounds.polishing import PolishingVerdict, Verdict
from inspections.station.document import parse_station
from inspections.station.station import Station
from spectra.errors import FileError, PhotoError

PHOTO_SUFFIXES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".dng")
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


@dataclass(frozen=True, slots=True)
class RoundWork:
    """What was done in a round, as told: polishing time [min], pad, compound, who polished, which car."""

    minutes: float | None = None
    pad: str = ""
    compound: str = ""
    operator: str = ""
    car: str = ""


NO_WORK = RoundWork()


@dataclass(frozen=True, slots=True, eq=False)
class RoundOutcome:
    """A polishing round as recorded, and the panel's verdict after it."""

    record: str
    panel: str
    number: int
    appearance: Appearance
    verdict: PolishingVerdict
    where: WhereItChanged

    def as_dict(self) -> dict[str, Any]:
        """Plain types; see docs/json.md."""
        return {
            "record": self.record,
            "panel": self.panel,
            "round": self.number,
            **self.appearance.as_dict(),
            **self.where.as_dict(),
            "judgement": self.verdict.as_dict(),
            "software_version": software_version(),
        }

    def as_text(self) -> str:
        """The verdict first."""
        reasons = "; ".join(self.verdict.reasons)
        head = f"{self.panel}, round {self.number}: {self.verdict.verdict} ({reasons})"
        left = next((in_rounds(one) for one in self.verdict.rounds_left if one.rounds != 0), "")
        told = [head, *self.where.as_lines(), *([f"rounds left: {left}"] if left else [])]
        return "\n".join([*told, appearance_as_text(self.panel, self.appearance), f"recorded as {self.record}"])


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


def inspect_path(
    path: Path,
    flat_reference: Path | None = None,
    station: Path | None = None,
    calibration: PlainCalibration | None = None,
) -> InspectOutcome:
    """Inspect a capture folder, a folder of bare photos, or one photo.

    Parameters
    ----------
    path : Path
    flat_reference : Path, optional
        Capture of the black-glass tile or flat mirror in the same rig.
    station : Path, optional
        Station file; its calibration takes the ruler's place.
    calibration : PlainCalibration, optional
        What a plain photo may say at this station.

    Raises
    ------
    FileError, PhotoError
        If something cannot be read.
    """
    appearance = _inspect(
        load_capture(path),
        None if flat_reference is None else load_capture(flat_reference),
        None if station is None else parse_station(read_bytes(station), station.name),
        calibration,
    )
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
    station: Path | None = None,
    work: RoundWork = NO_WORK,
) -> RoundOutcome:
    """Inspect the capture of a polishing round and enter it into the panel's ledger.

    The round before is inspected again from its photos to tell where this one helped. Photos and records appear
    together or not at all; photos nobody refers to are harmless.

    Parameters
    ----------
    lab : Lab
    path : Path
        The capture.
    panel : str
    number : int
        The round.
    colour : str or None
        Code; None is the one the panel was entered in before, if any.
    limits : AppearanceLimits
        See `limits_of_panel`.
    now : datetime
    by : str
        Who records.
    taken_at : datetime or None
    flat_reference : Path or None
    station : Path or None
        Station file; it is kept with the photos, so that they can be inspected again.
    work : RoundWork

    Raises
    ------
    FileError, PhotoError
        If the photos cannot be read, or the ledger mixes definitions.
    RecordNotFoundError
        If a colour is named that the lab does not know.
    """
    files = load_capture(path)
    reference = None if flat_reference is None else load_capture(flat_reference)
    rig = None if station is None else (read_bytes(station), station.name)
    appearance = _inspect(files, reference, None if rig is None else parse_station(*rig))
    with lab.reading() as connection:
        looks = panel_ledger(connection, panel)
        colour = _colour_of(panel, colour, looks)
        if colour is not None:
            load_colour(connection, colour)
        _refuse_photos_of_another_round(connection, files, panel, number)
        stored = stored_ledger(connection, panel)
        before = next((look for look in reversed(looks) if look.polishing_round < number), None)
        if before is not None and rig is None and not before.document.get("station_file"):
            moved = another_rig(files, stored_files(lab, before.document["files"]))
            if moved:
                raise PhotoError(f"panel {panel}, round {number}: {moved}")
        where = where_it_changed(None if before is None else inspect_again(lab, before), appearance, limits)
        entry = PolishingRound.from_appearance(
            number,
            appearance,
            minutes=work.minutes,
            operator=work.operator or by,
            pad=work.pad,
            compound=work.compound,
            reshoots=stored.looks_at(number),
            roughest=where.roughest,
            worse=where.worse,
        )
        earlier = [one for one in stored.rounds if one.number < number]
        ledger = PolishingLedger(panel, (*earlier, entry), work.car or stored.car)
        verdict = judged(connection, ledger, limits, colour)

    contents = [*files.contents.items(), *(reference.contents.items() if reference else ())]
    blobs = [(lab.blobs.put(content), name) for name, content in contents]
    rig_blob = None if rig is None else lab.blobs.put(rig[0])
    with lab.writing() as connection:
        # Again where nobody else can write: two stations may have looked before either wrote.
        _refuse_photos_of_another_round(connection, files, panel, number)
        for blob, name in blobs:
            register_raw_file(connection, blob, name, now=now, by=by)
        if rig is not None and rig_blob is not None:
            register_raw_file(connection, rig_blob, rig[1], now=now, by=by)
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
                "station_file": None if rig_blob is None else rig_blob.sha256,
                "minutes": work.minutes,
                "operator": work.operator or by,
                "pad": work.pad,
                "compound": work.compound,
                "car": work.car,
                **where.as_dict(),
            },
            taken_at=taken_at or now,
            software_version=software_version(),
            now=now,
            by=by,
            photo_sha256s=[blob.sha256 for blob, _ in blobs],
            polishing_hours=None if work.minutes is None else work.minutes / 60,
        )
    return RoundOutcome(record, panel, number, appearance, verdict, where)


def limits_of_panel(
    lab: Lab, path: Path, *, panel: str, colour: str | None, finish: str | None = None
) -> AppearanceLimits:
    """The limits of a file that hold for a panel: those of its colour, and of the finish the lab knows it to have.

    Raises
    ------
    FileError, PhotoError
        See `load_limits`.
    RecordNotFoundError
        If a colour is named that the lab does not know.
    """
    with lab.reading() as connection:
        colour = _colour_of(panel, colour, panel_ledger(connection, panel))
        if colour is not None:
            finish = finish or load_colour(connection, colour).finish
    return load_limits(path, colour=colour, finish=finish)


def another_rig(files: CaptureFiles, earlier: CaptureFiles) -> str:
    """Why two captures, both by ruler, cannot stand in one trend; empty where they can."""
    ours, theirs = files.capture.rig, earlier.capture.rig
    differs = "" if ours is None or theirs is None else ours.differs_from(theirs)
    if not differs:
        return ""
    return (
        f"states another rig than the rounds before: {differs}; a trend needs one rig. Correct rig_nominal, or measure "
        "by a calibrated station"
    )


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


def _refuse_photos_of_another_round(connection: Connection, files: CaptureFiles, panel: str, number: int) -> None:
    """Refuse photos that the lab holds as another panel's or round's: they cannot show what polishing did since.

    Raises
    ------
    PhotoError
    """
    photos = {hashlib.sha256(content).hexdigest() for name, content in files.contents.items() if name != MANIFEST_NAME}
    for look in captures_with(connection, photos):
        other = (look.panel, look.polishing_round) != (panel, number)
        if other and photos & set(look.document["files"].values()):
            whose = f"round {look.polishing_round}" if look.panel == panel else f"panel {look.panel}"
            raise PhotoError(
                f"these photos are those of {whose} ({look.id}); photograph panel {panel} for round {number}"
            )


def inspect_again(lab: Lab, stored: StoredCapture) -> Appearance:
    """Inspect a recorded capture again from the raw photos and the station file the lab kept, maps included."""
    files = stored_files(lab, stored.document["files"])
    reference = stored.document["flat_reference_files"]
    # Records of before stations could be recorded say nothing of one.
    rig = stored.document.get("station_file")
    station = None if rig is None else parse_station(lab.blobs.read(rig), f"station file of {stored.id}")
    return _inspect(files, stored_files(lab, reference) if reference else None, station)


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


def _inspect(
    files: CaptureFiles,
    reference: CaptureFiles | None,
    station: Station | None = None,
    calibration: PlainCalibration | None = None,
) -> Appearance:
    tile = None if reference is None else FlatReference(reference.capture, reference.photos())
    return inspect_capture(files.capture, files.photos(), tile, station, calibration)


def stored_files(lab: Lab, hashes: Mapping[str, str]) -> CaptureFiles:
    """A recorded capture from the photos and manifest the lab kept; `hashes` maps file name to SHA-256."""
    contents = {name: lab.blobs.read(sha256) for name, sha256 in hashes.items()}
    if MANIFEST_NAME in contents:
        return CaptureFiles(parse_capture(contents[MANIFEST_NAME], MANIFEST_NAME), contents)
    return CaptureFiles(bare_capture(sorted(contents)), contents)
