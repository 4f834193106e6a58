"""The charts of a history as files: figures, and everything charted as one table."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from colorlab.reports.figures.control import HistoryPoint, control_panels, history_chart
from colorlab.reports.style import saved
from colorlab.workflows.files import write_bytes
from colorlab.workflows.history import HistoryOutcome
from colorlab.workflows.submitted import Submitted
from colorlab.workflows.supplier_history import SupplierHistory
from spectra.errors import FileError

HEADINGS = (
    "colour",
    "supplier",
    "standard",
    "record",
    "time",
    "decision",
    "share_of_limit",
    "series",
    "chart",
    "quantity",
    "unit",
    "value",
    "centre",
    "lower",
    "upper",
    "out_of_control",
)
_FIGURES = (".svg", ".png", ".pdf")


def write_history(outcome: HistoryOutcome, output: Path) -> tuple[Path, ...]:
    """Write figures and data of a history.

    Parameters
    ----------
    outcome : HistoryOutcome
    output : Path
        A file that ends in .csv for the data, in .svg, .png or .pdf for one figure (of the history if no angle was
        chosen, of the charts of that angle otherwise), or a folder for all of it.

    Returns
    -------
    tuple of Path
        What was written.

    Raises
    ------
    FileError
        If the file exists already or cannot be written, or one figure is asked for of several histories.
    """
    suffix = output.suffix.lower()
    if suffix == ".csv":
        return _written({output: table_of(outcome)})
    if suffix in _FIGURES:
        if len(outcome.histories) != 1:
            raise FileError(
                str(output),
                f"one figure of {len(outcome.histories)} histories",
                remedy="Choose one with --colour and --supplier, or name a folder",
            )
        return _written({output: _one_figure(outcome, suffix[1:])})
    if suffix:
        raise FileError(str(output), f"no format called {suffix}", expected=f".csv, {', '.join(_FIGURES)}, or a folder")
    files = {output / "history.csv": table_of(outcome)}
    for history in outcome.histories:
        if not history.monitored:
            continue
        stem = _stem(history)
        files[output / f"{stem}.svg"] = figure_of(history, "svg")
        for one in history.monitored:
            name = f"{stem}-{_plain(one.series.name.partition(' under ')[0])}.svg"
            files[output / name] = saved(control_panels(one, history.name), "svg")
    return _written(files)


def figure_of(history: SupplierHistory, kind: str, current: str = "") -> bytes:
    """The chart of decisions and shares of the limit, as svg, png or pdf."""
    return saved(history_chart(history_points(history.points), current or history.points[-1].record), kind)


def history_points(points: Sequence[Submitted]) -> tuple[HistoryPoint, ...]:
    """Submissions as `history_chart` draws them."""
    return tuple(
        HistoryPoint(one.record, one.time, one.share_of_limit, one.share_interval, one.decision, one.standard or "")
        for one in points
    )


def table_of(outcome: HistoryOutcome) -> bytes:
    """Every chart of every history as CSV: a row for each submission and line of a chart."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(HEADINGS)
    for history in outcome.histories:
        writer.writerows(_rows(history))
    return text.getvalue().encode()


def _rows(history: SupplierHistory) -> Iterator[list[str]]:
    points = {one.record: one for one in history.points}
    for monitored in history.monitored:
        for chart in monitored.charts:
            for line in chart.lines:
                for row, record in enumerate(monitored.series.records):
                    point = points[record]
                    yield [
                        *(value or "" for value in (history.colour, history.supplier, history.standard)),
                        record,
                        point.time.isoformat(),
                        point.decision,
                        f"{point.share_of_limit:.6g}",
                        monitored.series.name,
                        chart.kind,
                        chart.quantity,
                        chart.unit,
                        *(_number(values[row]) for values in (line, chart.centre, chart.lower, chart.upper)),
                        "yes" if chart.out[row] else "no",
                    ]


def _one_figure(outcome: HistoryOutcome, kind: str) -> bytes:
    (history,) = outcome.histories
    if outcome.selection["angle"] is None or not history.monitored:
        return figure_of(history, kind)
    return saved(control_panels(history.monitored[0], history.name), kind)


def _written(files: dict[Path, bytes]) -> tuple[Path, ...]:
    for path in files:
        if path.exists():
            raise FileError(
                str(path), "exists already", remedy="Remove it or choose another name; nothing is overwritten"
            )
    for path, content in files.items():
        write_bytes(path, content)
    return tuple(files)


def _number(value: float) -> str:
    return f"{value:.6g}" if np.isfinite(value) else ""


def _stem(history: SupplierHistory) -> str:
    return "-".join(_plain(name or "unnamed") for name in (history.colour, history.supplier))


def _plain(name: str) -> str:
    """A name that every file system takes, still telling names apart."""
    return re.sub(r"[^\w.-]+", "_", name).strip("._") or "unnamed"
