"""Paired readings in, a bridge to the user's own meter out; and what it expects of a capture, as an estimate."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from colorlab.csv_rows import csv_rows
from colorlab.workflows.files import read_bytes, write_bytes
from colorlab.workflows.inspect import InspectOutcome
from colorlab.workflows.station_calibrate import load_station
from colorlab.workflows.text import table
from colorlab.workflows.version import software_version
from inspections.appearance import Refusal
from inspections.capture.capture import MANIFEST_NAME
from inspections.capture.manifest import parse_capture
from inspections.metrics import METRICS
from inspections.station.bridge import Bridge, BridgeModel, Estimate, PairedReading, estimate, learn_bridge
from inspections.station.bridge_document import parse_bridges, write_bridges
from spectra.errors import MalformedFileError

_ALWAYS = ("panel", "scale", "reading", "metric", "rig")
_TYPED, _RECORDED = ("value", "tier"), ("capture",)
_TIERS = ("T1", "T2", "T3", "T4")
_MOST = 1e12
"""Size of a number from which no meter and no metric gave it."""


@dataclass(frozen=True, slots=True, eq=False)
class BridgeOutcome:
    """The bridges learned from one table."""

    path: Path
    bridges: tuple[Bridge, ...]

    def as_dict(self) -> dict[str, Any]:
        """Plain types; see docs/json.md."""
        return {
            "path": self.path.name,
            "bridges": [
                {
                    "scale": bridge.scale,
                    "metric": bridge.metric,
                    "tier": bridge.tier,
                    "rig": bridge.rig,
                    "definition": bridge.definition,
                    "model": bridge.model,
                    "n": bridge.n,
                    "figure_range": list(bridge.figure_range),
                    "reading_range": list(bridge.reading_range),
                    "left_out_error": bridge.left_out_error,
                    "learned": bridge.learned.isoformat(),
                }
                for bridge in self.bridges
            ],
            "software_version": software_version(),
        }

    def as_text(self) -> str:
        """One line a scale."""
        rows = [
            (
                f"{bridge.scale}~est",
                f"{bridge.metric}, {bridge.tier}",
                bridge.rig,
                str(bridge.n),
                f"{bridge.reading_range[0]:.3g} to {bridge.reading_range[1]:.3g}",
                f"{bridge.left_out_error:.2g}",
            )
            for bridge in self.bridges
        ]
        head = ("estimate", "from", "station", "panels", "range", "error, left out")
        return f"{table(head, rows)}\nwritten to {self.path.name}; good for this station, tier and range only"


@dataclass(frozen=True, slots=True, eq=False)
class BridgedOutcome:
    """What one capture says, and apart from it what bridges expect of the user's meter."""

    outcome: InspectOutcome
    estimates: tuple[Estimate | Refusal, ...]

    def as_dict(self) -> dict[str, Any]:
        """Plain types; see docs/json.md."""
        return {**self.outcome.as_dict(), "estimates": [_as_dict(one) for one in self.estimates]}

    def as_text(self) -> str:
        """The measurement first; the estimates are none."""
        lines = [
            f"{one.name} {one.value:.3g} ({one.low:.3g} to {one.high:.3g}): {one.label}, learned {one.bridge.learned}"
            if isinstance(one, Estimate)
            else f"refused: {one.metric}: {one.reason} → {one.would_help}"
            for one in self.estimates
        ]
        return "\n".join([self.outcome.as_text(), *lines])


def learn_bridges(pairs: Path, output: Path, *, today: date, model: BridgeModel, top: float) -> BridgeOutcome:
    """Learn a bridge for every scale of a table of paired readings.

    Raises
    ------
    FileError
        If the table or a record it names cannot be read.
    PhotoError
        If a scale has fewer than eight panels or mixes what must not be mixed.
    """
    read = _paired(pairs)
    bridges = tuple(
        learn_bridge(rows, scale=scale, metric=metric, learned=today, model=model, top=top)
        for (scale, metric), rows in read.items()
    )
    write_bytes(output, write_bridges(bridges))
    return BridgeOutcome(output, bridges)


def with_estimates(outcome: InspectOutcome, bridge: Path, station: Path | None) -> BridgedOutcome:
    """The outcome with what every bridge of a file expects of it.

    Raises
    ------
    FileError
        If the bridge file is missing or wrong.
    """
    manifest = outcome.path / MANIFEST_NAME
    rig = None
    if station is not None:
        rig = load_station(station).name
    elif outcome.path.is_dir() and manifest.exists():
        rig = parse_capture(read_bytes(manifest)).station
    bridges = parse_bridges(read_bytes(bridge), bridge.name)
    return BridgedOutcome(outcome, tuple(estimate(one, outcome.appearance, rig) for one in bridges))


def _as_dict(one: Estimate | Refusal) -> dict[str, Any]:
    given = one if isinstance(one, Estimate) else None
    return {
        "name": one.name if isinstance(one, Estimate) else one.metric,
        "value": given and given.value,
        "low": given and given.low,
        "high": given and given.high,
        "U95": given and given.U95,
        "label": given and given.label,
        "n": given and given.bridge.n,
        "reading_range": given and list(given.bridge.reading_range),
        "left_out_error": given and given.bridge.left_out_error,
        "learned": given and given.bridge.learned.isoformat(),
        "reason": one.reason if isinstance(one, Refusal) else None,
        "would_help": one.would_help if isinstance(one, Refusal) else None,
    }


def _paired(path: Path) -> dict[tuple[str, str], list[PairedReading]]:
    """The rows of the table by scale and metric."""
    rows = csv_rows(read_bytes(path), path.name)
    if not rows:
        raise MalformedFileError(path.name, "no rows", expected=f"columns {', '.join(_ALWAYS)}")
    head = [cell.strip() for cell in rows[0][1]]
    own = _RECORDED if "capture" in head else _TYPED
    for column in (*_ALWAYS, *own):
        if head.count(column) != 1:
            raise MalformedFileError(
                path.name,
                f"column {column!r} {'twice' if column in head else 'is missing'}",
                expected=f"{', '.join(_ALWAYS)}, and capture or {' and '.join(_TYPED)}",
            )
    found: dict[tuple[str, str], list[PairedReading]] = {}
    for line, cells in rows[1:]:
        where = f"line {line}"
        if len(cells) != len(head):
            raise MalformedFileError(path.name, f"{len(cells)} cells", where=where, expected=f"{len(head)}")
        row = {column: cell.strip() for column, cell in zip(head, cells, strict=True)}
        metric = row["metric"]
        if metric not in METRICS:
            raise MalformedFileError(
                path.name, f"metric {metric!r}", where=where, expected=f"one of {', '.join(METRICS)}"
            )
        if not row["panel"] or not row["scale"] or not row["rig"]:
            raise MalformedFileError(path.name, "an empty panel, scale or rig", where=where, expected="a name")
        reading = _number(row, "reading", path.name, where)
        if own == _TYPED:
            if row["tier"] not in _TIERS:
                raise MalformedFileError(path.name, f"tier {row['tier']!r}", where=where, expected="T1 to T4")
            figure, definition, tier = _number(row, "value", path.name, where), METRICS[metric].definition, row["tier"]
        else:
            figure, definition, tier = _recorded(path.parent / row["capture"], metric)
        pair = PairedReading(row["panel"], figure, reading, definition, tier, row["rig"])
        found.setdefault((row["scale"], metric), []).append(pair)
    return found


def _number(row: Mapping[str, str], column: str, file: str, where: str) -> float:
    try:
        value = float(row[column])
    except ValueError:
        value = math.nan
    if not abs(value) < _MOST:
        expected = f"a finite number below {_MOST:.0e}"
        raise MalformedFileError(file, f"{column} {row[column]!r}", where=where, expected=expected)
    return value


def _recorded(path: Path, metric: str) -> tuple[float, str, str]:
    """Value, definition and tier of a metric in what `colorlab inspect --json` printed."""
    try:
        record = json.loads(read_bytes(path))
        found = next((one for one in record["metrics"] if one["name"] == metric), None)
        tier = record["tier"]
        if found is not None:
            return float(found["value"]), str(found["definition"]), str(tier)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise MalformedFileError(path.name, "no answer of `colorlab inspect --json`") from error
    raise MalformedFileError(path.name, f"{metric} was not given for this capture", expected="a capture that gives it")
