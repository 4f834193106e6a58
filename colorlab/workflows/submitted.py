"""What the lab's verdicts say of each submission, as points of a history: one each, however many its samples."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import Connection

from colorlab.control.series import Series, series
from colorlab.store.measurements import load_measurement
from colorlab.store.verdicts import Decision, StoredVerdict, find_verdicts
from spectra.arrays import FloatArray

COMPONENTS = ("ΔL*", "ΔC*", "ΔH*")
LAB_UNIT = "CIELAB units"
FLOP = "Δ flop index"

Place = tuple[str, str]
"""Angle and viewing."""
_Key = tuple[str | None, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Submitted:
    """One submission: all samples that were judged together against one standard.

    Attributes
    ----------
    record : str
        The verdict of the sample that takes the greatest share of its limit.
    records : tuple of str
        All verdicts.
    time : datetime
        When it was first judged.
    colour, supplier, line, instrument : str or None
    standard : str or None
        Record of the standard; differences from another one are another series.
    tolerance : str or None
        Record of the tolerance.
    decision : {"accept", "reject", "undecided"}
        Reject if any sample was, accept if all were.
    share_of_limit : float
        ΔE / limit at the worst condition of the worst sample. [1]
    share_interval : tuple of two floats
        The same of the 95 % interval of the true ΔE.
    worst : tuple of two str
        Angle and viewing of that condition.
    differences : dict of (angle, viewing) to ndarray, shape (3,)
        ΔL*, ΔC*, ΔH*, mean of the samples. [CIELAB units]
    flop : float or None
        Difference of the flop index, mean of the samples. [unitless]
    """

    record: str
    records: tuple[str, ...]
    time: datetime
    colour: str | None
    supplier: str | None
    line: str | None
    instrument: str | None
    standard: str | None
    tolerance: str | None
    decision: Decision
    share_of_limit: float
    share_interval: tuple[float, float]
    worst: Place
    differences: dict[Place, FloatArray]
    flop: float | None

    def known(self) -> dict[str, str | None]:
        """What a first-pass yield can be counted by."""
        return {"supplier": self.supplier, "colour": self.colour, "line": self.line, "instrument": self.instrument}

    @property
    def label(self) -> str:
        """Its record, and how many more samples were judged with it."""
        return self.record if len(self.records) == 1 else f"{self.record} and {len(self.records) - 1} more"


def submitted(
    connection: Connection,
    *,
    colour: str | None = None,
    supplier: str | None = None,
    line: str | None = None,
    instrument: str | None = None,
    until: datetime | None = None,
) -> tuple[Submitted, ...]:
    """The submissions of a lab that match every name given, in the order in which they were first judged.

    A sample that was judged again against the same standard counts once, with the newest verdict and the first time.
    """
    found = find_verdicts(connection, colour=colour, supplier=supplier, line=line, until=until)
    instruments: dict[str, str | None] = {}
    for one in found:
        if one.sample is not None and one.sample not in instruments:
            instruments[one.sample] = load_measurement(connection, one.sample).measurement.instrument
    newest: dict[_Key, StoredVerdict] = {}
    first: dict[_Key, datetime] = {}
    for one in found:
        # A verdict on no stored sample is about itself alone.
        key: _Key = (one.colour, one.supplier, one.line, one.standard, one.sample or one.id)
        newest[key] = one
        first.setdefault(key, one.recorded_at)
    together: dict[tuple[object, ...], list[tuple[datetime, StoredVerdict]]] = {}
    for key, one in newest.items():
        together.setdefault((*key[:4], first[key]), []).append((first[key], one))
    points = [
        _point(rows[0][0], [one for _, one in rows], instruments) for rows in together.values() if _usable(rows[0][1])
    ]
    points.sort(key=lambda point: (point.time, point.record))
    return tuple(one for one in points if instrument in (None, one.instrument))


def first_submissions(points: Iterable[Submitted]) -> tuple[Submitted, ...]:
    """The first submission of each colour by each supplier, on each line where that is known."""
    firsts: dict[tuple[str | None, ...], Submitted] = {}
    for point in points:
        firsts.setdefault((point.supplier, point.colour, point.line), point)
    return tuple(firsts.values())


def places(points: Sequence[Submitted]) -> tuple[Place, ...]:
    """Angles and viewings that any submission has, in the order of the newest."""
    found: dict[Place, None] = {}
    for point in reversed(points):
        found |= dict.fromkeys(point.differences)
    return tuple(found)


def series_at(points: Sequence[Submitted], place: Place) -> Series:
    """ΔL*, ΔC*, ΔH* at an angle under a viewing, of the submissions that have it."""
    own = [point for point in points if place in point.differences]
    return series(
        f"{place[0]} under {place[1]}",
        COMPONENTS,
        (LAB_UNIT,) * 3,
        [point.time for point in own],
        [point.record for point in own],
        np.array([point.differences[place] for point in own]).reshape(-1, 3),
    )


def flop_series(points: Sequence[Submitted]) -> Series | None:
    """Difference of the flop index, of the submissions that have one; None where none has."""
    own = [point for point in points if point.flop is not None]
    if not own:
        return None
    times, records = [point.time for point in own], [point.record for point in own]
    return series("the flop", (FLOP,), ("1",), times, records, np.array([[point.flop] for point in own]))


def _usable(verdict: StoredVerdict) -> bool:
    return bool(verdict.document.get("conditions"))


def _point(time: datetime, verdicts: Sequence[StoredVerdict], instruments: Mapping[str, str | None]) -> Submitted:
    worst_of = {one.id: max(one.document["conditions"], key=_share) for one in verdicts}
    head = max(verdicts, key=lambda one: _share(worst_of[one.id]))
    worst = worst_of[head.id]
    low, high = worst["delta_E_interval_95"]
    limit = worst["limit_delta_E"]
    decisions = {one.decision for one in verdicts}
    decision: Decision = "reject" if "reject" in decisions else "undecided" if "undecided" in decisions else "accept"
    flops = [_flop(one.document) for one in verdicts]
    known = [flop for flop in flops if flop is not None]
    return Submitted(
        record=head.id,
        records=tuple(one.id for one in verdicts),
        time=time,
        colour=head.colour,
        supplier=head.supplier,
        line=head.line,
        instrument=None if head.sample is None else instruments[head.sample],
        standard=head.standard,
        tolerance=head.tolerance,
        decision=decision,
        share_of_limit=_share(worst),
        share_interval=(low / limit, high / limit),
        worst=(worst["angle"], worst["viewing"]),
        differences=_mean_differences(verdicts),
        flop=float(np.mean(known)) if known else None,
    )


def _share(condition: Mapping[str, Any]) -> float:
    return float(condition["delta_E"] / condition["limit_delta_E"])


def _mean_differences(verdicts: Sequence[StoredVerdict]) -> dict[Place, FloatArray]:
    rows: dict[Place, list[tuple[float, float, float]]] = {}
    for one in verdicts:
        for condition in one.document["conditions"]:
            difference = (condition["delta_L"], condition["delta_C"], condition["delta_H"])
            rows.setdefault((condition["angle"], condition["viewing"]), []).append(difference)
    return {place: np.mean(own, axis=0) for place, own in rows.items()}


def _flop(document: Mapping[str, Any]) -> float | None:
    found = document.get("flop_index")
    return None if found is None else float(found["sample"] - found["standard"])
