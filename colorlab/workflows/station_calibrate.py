"""A folder of calibration photos in, a station file with its pass marks out; and a station file for a capture."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from colorlab.workflows.files import read_bytes, write_bytes
from colorlab.workflows.inspect import PHOTO_SUFFIXES, load_capture
from colorlab.workflows.text import table
from colorlab.workflows.version import software_version
from inspections.photos.decode import MAX_BYTES, decode_photo
from inspections.photos.photo import PanelPhoto
from inspections.station.calibrate import calibrate_station
from inspections.station.document import parse_station, write_station
from inspections.station.set_up import SET_UP_NAME, parse_set_up
from inspections.station.station import Station
from inspections.station.tile import read_tile
from spectra.errors import FileError

TILE_FOLDER = "tile"


@dataclass(frozen=True, slots=True, eq=False)
class CalibrationOutcome:
    """A station as calibrated, and where its file is."""

    path: Path
    station: Station

    def as_dict(self) -> dict[str, Any]:
        """Plain types; see docs/json.md."""
        station = self.station
        return {
            "path": self.path.name,
            "name": station.name,
            "calibrated": station.calibrated.isoformat(),
            "passed": station.passed,
            "slope_uncertainty_percent": 100 * station.slope_uncertainty,
            "scale_uncertainty_percent": 100 * station.scale_uncertainty,
            "checks": [
                {
                    "name": check.name,
                    "value": check.value,
                    "limit": check.limit,
                    "at_least": check.at_least,
                    "unit": check.unit,
                    "passed": check.passed,
                    "remedy": "" if check.passed else check.remedy,
                }
                for check in station.checks
            ],
            "photos": dict(station.photos),
            "software_version": software_version(),
        }

    def as_text(self) -> str:
        """The pass mark, the checks, what to do again."""
        station = self.station
        rows = [
            (
                check.name,
                f"{check.value:.3g}",
                f"{'≥' if check.at_least else '≤'} {check.limit:g}",
                check.unit,
                "PASS" if check.passed else "FAIL",
                "" if check.passed else check.remedy,
            )
            for check in station.checks
        ]
        head = f"station {station.name}: {'PASS' if station.passed else 'FAIL'}, {self.path.name}"
        said = (
            f"slopes to {100 * station.slope_uncertainty:.2g} %, millimetres per pixel to "
            f"{100 * station.scale_uncertainty:.2g} % (standard uncertainties)"
        )
        return "\n".join([head, table(("check", "value", "limit", "unit", "mark", "what to do again"), rows), said])


def calibrate_folder(folder: Path, output: Path, *, today: date) -> CalibrationOutcome:
    """Calibrate a station from a folder: calibration.toml, board_*.jpg, mirror_*.jpg, and tile/ as a capture.

    A station that failed is written too, with what failed; captures are refused with it.

    Raises
    ------
    FileError, PhotoError
        If a file is missing or wrong, or the photos do not determine the station.
    """
    set_up = parse_set_up(read_bytes(folder / SET_UP_NAME), SET_UP_NAME)
    boards, mirrors = _photos(folder, "board"), _photos(folder, "mirror")
    hashes = {photo.file_name: photo.sha256 for photo in (*boards, *mirrors)}
    reading = None
    if (folder / TILE_FOLDER).is_dir():
        if set_up.tile is None:
            raise FileError(
                SET_UP_NAME, f"no [tile] although there is {TILE_FOLDER}/", expected="id and kind of the tile"
            )
        files = load_capture(folder / TILE_FOLDER)
        photos = files.photos()
        reading = read_tile(files.capture, photos, set_up.printed_card)
        hashes |= {f"{TILE_FOLDER}/{name}": photo.sha256 for name, photo in photos.items()}
    station = calibrate_station(
        set_up, boards, mirrors, on=today, tile=reading, software=f"colorlab {software_version()}", hashes=hashes
    )
    write_bytes(output, write_station(station))
    return CalibrationOutcome(output, station)


def load_station(path: Path) -> Station:
    """The station of a file.

    Raises
    ------
    FileError
        If it cannot be read or is no station file.
    """
    return parse_station(read_bytes(path), path.name)


def _photos(folder: Path, kind: str) -> list[PanelPhoto]:
    if not folder.is_dir():
        raise FileError(str(folder), "is no folder", expected=f"{SET_UP_NAME}, board_*.jpg and mirror_*.jpg")
    paths = sorted(one for one in folder.glob(f"{kind}_*") if one.suffix.lower() in PHOTO_SUFFIXES)
    if not paths:
        raise FileError(str(folder), f"holds no photos {kind}_*", expected=f"such as {kind}_1.jpg, {kind}_2.jpg")
    return [decode_photo(read_bytes(path, MAX_BYTES), path.name) for path in paths]
