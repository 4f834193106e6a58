"""Reference panels photographed both ways in, the station's calibration of plain photos out."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from colorlab.csv_rows import csv_rows
from colorlab.workflows.files import read_bytes, write_bytes
from colorlab.workflows.inspect import inspect_path, load_capture
from colorlab.workflows.station_calibrate import load_station
from colorlab.workflows.text import table
from colorlab.workflows.version import software_version
from inspections.edges.line_scan import EdgeScan
from inspections.edges.plain_calibration import (
    PlainCalibration,
    ReferencePanel,
    learn_plain,
    plain_calibration_from,
)
from inspections.station.geometry import geometry_of
from inspections.structure.bands import BANDS
from inspections.tiers.edges import scan_lights
from spectra.errors import MalformedFileError, PhotoError

COLUMNS = ("panel", "plain", "stepped")


@dataclass(frozen=True, slots=True, eq=False)
class PlainCalibrationOutcome:
    """The calibration as written."""

    path: Path
    calibration: PlainCalibration

    def as_dict(self) -> dict[str, Any]:
        """Plain types; see docs/json.md."""
        return {"path": self.path.name, **self.calibration.as_dict(), "software_version": software_version()}

    def as_text(self) -> str:
        """One line a panel, then how well the rest predicts each."""
        learned = self.calibration
        rows = [
            (one.panel, f"{one.edge_mrad:.3g}", f"{one.S_lw_mrad:.3g}", f"{learned.estimate(one.edge_mrad).value:.3g}")
            for one in learned.panels
        ]
        low, high = learned.edge_range_mrad
        return "\n".join(
            [
                table(("panel", "edge mrad", "S_lw mrad", "index"), rows),
                f"index within a factor of {learned.factor:.2f} at 95 % (each panel left out once); good for "
                f"{learned.light} {learned.screen_path_mm:.0f} mm away at {learned.incidence_deg:.0f}°, edges of "
                f"{low:.2g} to {high:.2g} mrad",
                f"written to {self.path.name}",
            ]
        )


def learn_plain_table(
    references: Path, output: Path, *, today: date, station: Path | None = None
) -> PlainCalibrationOutcome:
    """Learn from a table of reference panels and write the calibration.

    Parameters
    ----------
    references : Path
        CSV with panel, plain and stepped: its name, the capture folder under the plain light, and the one with
        phase-stepped fringes; folders beside the table.
    output : Path
        JSON.
    today : date
    station : Path, optional
        Station file for both kinds of capture.

    Raises
    ------
    FileError
        If the table or a capture cannot be read.
    PhotoError
        If a capture does not give what it must, the lights differ, or the panels are too few or too similar.
    """
    rows = csv_rows(read_bytes(references), references.name)
    head = [cell.strip() for cell in rows[0][1]] if rows else []
    for column in COLUMNS:
        if head.count(column) != 1:
            raise MalformedFileError(
                references.name,
                f"column {column!r} {'twice' if column in head else 'is missing'}",
                expected=f"columns {', '.join(COLUMNS)}",
            )
    panels: list[ReferencePanel] = []
    first: EdgeScan | None = None
    for line, cells in rows[1:]:
        if len(cells) != len(head):
            raise MalformedFileError(
                references.name, f"{len(cells)} cells", where=f"line {line}", expected=f"{len(head)}"
            )
        row = {column: cell.strip() for column, cell in zip(head, cells, strict=True)}
        scan = _plain_scan(references.parent / row["plain"], station)
        first = first or scan
        if scan.light != first.light:
            raise PhotoError(f"{row['plain']}: shows {scan.light}; the panels before were under {first.light}")
        S_lw = inspect_path(references.parent / row["stepped"], None, station).appearance.metric("S_lw")
        if S_lw is None:
            raise PhotoError(f"{row['stepped']}: gives no S_lw; phase-stepped fringes that pass the gate do")
        panels.append(ReferencePanel(row["panel"], scan.band(BANDS["lw"]).slope_mrad, S_lw.value))
    if first is None:
        raise MalformedFileError(references.name, "no panels", expected=f"columns {', '.join(COLUMNS)}")
    calibration = learn_plain(panels, first, today)
    write_bytes(output, (json.dumps(calibration.as_dict(), ensure_ascii=False, indent=1) + "\n").encode())
    return PlainCalibrationOutcome(output, calibration)


def load_plain_calibration(path: Path) -> PlainCalibration:
    """The calibration that `learn_plain_table` wrote.

    Raises
    ------
    FileError
        If the file cannot be read, is no JSON, or does not say what it must.
    """
    try:
        record = json.loads(read_bytes(path))
    except (ValueError, RecursionError) as error:
        raise MalformedFileError(path.name, "no JSON", expected="what colorlab station learn-plain writes") from error
    if not isinstance(record, dict):
        raise MalformedFileError(path.name, "no JSON object", expected="what colorlab station learn-plain writes")
    try:
        return plain_calibration_from(record)
    except PhotoError as error:
        raise MalformedFileError(path.name, str(error), expected="what colorlab station learn-plain writes") from error


def _plain_scan(path: Path, station: Path | None) -> EdgeScan:
    """The edges of the plain light in a capture."""
    files = load_capture(path)
    geometry = geometry_of(files.capture, None if station is None else load_station(station))
    shots = tuple(s for s in files.capture.shots if s.pattern is not None and s.pattern.kind in ("softbox", "lamp"))
    if geometry is None or not shots:
        lacks = "no soft box or lamp tube" if geometry is not None else "no card or no geometry"
        raise PhotoError(f"{path.name}: {lacks} in its capture.json")
    scan = scan_lights(replace(files.capture, shots=shots), geometry, files.photos()).plain
    if scan is None:
        raise PhotoError(f"{path.name}: no straight edge of the light is seen in the panel")
    return scan
