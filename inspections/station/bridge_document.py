"""The bridge file (TOML): read with every wrong key named, written so that it reads back the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from inspections.station.bridge import LEAST_PANELS, Bridge
from inspections.station.tables import Table, parse_tables, toml_lines

FORMAT = "colorlab bridge 1"


def parse_bridges(content: bytes, file_name: str) -> tuple[Bridge, ...]:
    """Read a bridge file.

    Raises
    ------
    MalformedFileError
        Naming the key that is missing, unknown or of the wrong kind.
    """
    document = parse_tables(content, file_name)
    document.one_of("format", (FORMAT,))
    rows = document.tables("bridge")
    if not rows:
        document.refuse("bridge", "no rows [[bridge]]", "at least one")
    bridges = tuple(_bridge(row) for row in rows)
    document.done()
    return bridges


def write_bridges(bridges: Sequence[Bridge]) -> bytes:
    """The file; `parse_bridges` of it gives the same bridges."""
    lines = toml_lines({"format": FORMAT})
    for bridge in bridges:
        values = {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(bridge).items()}
        lines += ["", "[[bridge]]", *toml_lines(values)]
    return ("\n".join(lines) + "\n").encode()


def _bridge(row: Table) -> Bridge:
    figures, readings = row.array("figure_range", 2), row.array("reading_range", 2)
    bridge = Bridge(
        scale=row.text("scale"),
        metric=row.text("metric"),
        definition=row.text("definition"),
        tier=row.text("tier"),
        rig=row.text("rig"),
        top=row.number("top"),
        intercept=row.number("intercept"),
        slope=row.number("slope"),
        centre=row.number("centre"),
        model=row.one_of("model", ("saturating", "linear")),
        scatter=row.number("scatter", 0.0),
        spread=row.number("spread", 1e-12),
        n=row.whole("n", LEAST_PANELS),
        figure_range=(float(figures[0]), float(figures[1])),
        reading_range=(float(readings[0]), float(readings[1])),
        left_out_error=row.number("left_out_error", 0.0),
        learned=row.day("learned"),
    )
    row.done()
    return bridge
