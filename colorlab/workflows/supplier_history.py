"""One colour by one supplier over time: charts, drift, changes, capability, and whether the newest is as before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np

from colorlab.colorimetry.viewing import Viewing
from colorlab.control.capability import FEWEST as FEWEST_FOR_CAPABILITY
from colorlab.control.capability import Capability, capability
from colorlab.control.change_points import Change, SteadyHistories, change_points, fewest_submissions, steady_histories
from colorlab.control.charts.monitor import Alarm, Monitored, chart_count, monitor
from colorlab.control.charts.run_length import LONGEST_RUN
from colorlab.control.same_as_last import Sameness, Standing, same_as_before
from colorlab.control.series import Series
from colorlab.control.series_drift import SeriesDrift, SteadySeries, drift_of_series, more_for_drift, steady_series
from colorlab.workflows.submitted import COMPONENTS, Place, Submitted, flop_series, places, series_at
from spectra.errors import MeasurementError

# Submissions between false alarms, on average, of all charts of one colour and supplier together.
IN_CONTROL_RUN = 100.0
# Share of steady histories of one colour and supplier that are said to drift, to have changed, or to hold a stranger.
FALSE_ALARMS = 0.01
CHANGE_FALSE_ALARMS = 0.05
FEWEST_FOR_CHARTS = 3
_TOLD = 5  # alarms that the text tells; several angles say the same


@dataclass(frozen=True, slots=True, eq=False)
class SupplierHistory:
    """One colour by one supplier against one standard.

    Attributes
    ----------
    colour, supplier : str or None
    standard : str or None
        Record of the standard.
    viewing : str
        Under which the charts are.
    points : tuple of Submitted
    run_length : float
        Submissions between false alarms of each chart.
    monitored : tuple of Monitored
        The charts, by angle; of the flop index last. Empty where there are fewer than three submissions.
    drift : tuple of SeriesDrift
        By angle; empty where there are too few.
    changes : tuple of (str, Change)
        With the name of the series.
    capability : Capability or None
    sameness : Sameness or None
        Of the newest submission.
    notes : tuple of str
        What cannot be said yet, and what a reader must know.
    """

    colour: str | None
    supplier: str | None
    standard: str | None
    viewing: str
    points: tuple[Submitted, ...]
    run_length: float
    monitored: tuple[Monitored, ...]
    drift: tuple[SeriesDrift, ...]
    changes: tuple[tuple[str, Change], ...]
    capability: Capability | None
    sameness: Sameness | None
    notes: tuple[str, ...]

    @property
    def name(self) -> str:
        """Colour and supplier."""
        return f"{self.colour or 'colour not named'} by {self.supplier or 'a supplier not named'}"

    @property
    def alarms(self) -> tuple[Alarm, ...]:
        """Charts whose newest submission is out of control, the one farthest beyond its limit first."""
        found = [alarm for one in self.monitored for alarm in one.alarms]
        return tuple(sorted(found, key=lambda alarm: -abs(alarm.value) / max(abs(alarm.limit), 1e-9)))

    @property
    def drifts(self) -> tuple[SeriesDrift, ...]:
        """Drift that was found, the surest first."""
        return tuple(sorted((one for one in self.drift if one.change != "none"), key=lambda one: one.p_value))

    @property
    def alarmed(self) -> bool:
        """Whether anything stands against the newest submission or the history as a whole."""
        return bool(self.alarms or self.drifts)

    @property
    def sentence(self) -> str:
        """The answer in one sentence."""
        n, newest = len(self.points), self.points[-1]
        what = f"{n} submissions of {self.name}" if n > 1 else f"1 submission of {self.name}"
        last = f"newest {newest.label} of {newest.time:%Y-%m-%d}"
        if self.alarms:
            more = f" and {len(self.alarms) - 1} more charts" if len(self.alarms) > 1 else ""
            return f"Alarm: {self.name} is out of control, {last}: {self.alarms[0].words}{more}."
        if self.drifts:
            return f"Alarm: {self.name} has drifted: {self.drifts[0].words}; {last}."
        if not self.monitored:
            return f"Not charted yet: {what}, {last}; charts begin with {FEWEST_FOR_CHARTS}."
        more_needed = max(one.more_needed for one in self.monitored)
        if more_needed:
            return (
                f"No alarm, but too few to see much: {what}, {last}; {more_needed} more until the limits are at most "
                "twice as wide as they can be."
            )
        return f"In control: {what}, {last}; {chart_total(self.monitored)} charts, none out of its limits."

    @property
    def strangers(self) -> dict[str, tuple[str, ...]]:
        """Records that do not belong to the history as a whole (phase I), and the names of the series that say so."""
        found: dict[str, list[str]] = {}
        for one in self.monitored:
            for row in one.strangers:
                found.setdefault(one.series.records[row], []).append(one.series.name)
        return {record: tuple(names) for record, names in sorted(found.items())}

    def _clearest_changes(self) -> list[tuple[str, Change]]:
        """Of changes that may be the same one, seen at several angles, the one whose place is known best."""
        order = {point.record: row for row, point in enumerate(self.points)}
        kept: list[tuple[str, Change]] = []
        by_width = sorted(self.changes, key=lambda one: (order[one[1].latest] - order[one[1].earliest], one[1].record))
        for name, change in by_width:
            if not any(
                order[change.earliest] <= order[other.latest] and order[other.earliest] <= order[change.latest]
                for _, other in kept
            ):
                kept.append((name, change))
        return sorted(kept, key=lambda one: one[1].time)

    def as_dict(self) -> dict[str, Any]:
        """Plain types; see docs/json.md."""
        return {
            "colour": self.colour,
            "supplier": self.supplier,
            "standard": self.standard,
            "viewing": self.viewing,
            "sentence": self.sentence,
            "alarmed": self.alarmed,
            "submissions": [_submission(point) for point in self.points],
            "run_length_of_each_chart": self.run_length,
            "alarms": [alarm.as_dict() for alarm in self.alarms],
            "series": [one.as_dict() for one in self.monitored],
            "not_like_the_rest": {record: list(names) for record, names in self.strangers.items()},
            "drift": [one.as_dict() for one in self.drift],
            "changes": [{"series": name} | change.as_dict() for name, change in self.changes],
            "capability": None if self.capability is None else self.capability.as_dict(),
            "same_as_before": None if self.sameness is None else self.sameness.as_dict(),
            "notes": list(self.notes),
        }

    def as_text(self) -> str:
        """The sentence, the alarms, same as before, capability, changes and notes."""
        lines = [self.sentence]
        lines += [f"  alarm: {alarm.words}" for alarm in self.alarms[:_TOLD]]
        if len(self.alarms) > _TOLD:
            lines.append(f"  alarm: {len(self.alarms) - _TOLD} more charts")
        lines += [f"  drift: {one.words} (p {one.p_value:.4f})" for one in self.drifts]
        if self.sameness is not None:
            lines += [f"  {self.sameness.sentence}", f"  {self.sameness.sentence_zh}"]
        if self.capability is not None:
            lines.append(f"  {self.capability.as_text()}")
        for name, change in self._clearest_changes():
            size = ", ".join(f"{part} {value:+.2f}" for part, value in zip(COMPONENTS, change.size, strict=False))
            lines.append(
                f"  changed at {change.record} of {change.time:%Y-%m-%d} (between {change.earliest} and "
                f"{change.latest}): {size} at {name}; confidence {_sure(change.confidence)}"
            )
        for record, where in self.strangers.items():
            lines.append(f"  not like the rest: {record}, at {', '.join(where)}")
        return "\n".join([*lines, *(f"  note: {note}" for note in self.notes)])


def supplier_history(
    points: Sequence[Submitted],
    *,
    viewing: Viewing | None = None,
    angle: str | None = None,
    run_length: float = IN_CONTROL_RUN,
    seed: int = 0,
) -> SupplierHistory:
    """Everything that can be said of the submissions of one colour by one supplier, in the order of time.

    The series is of those against the standard of the newest one; earlier ones against another are said and left out.

    Raises
    ------
    MeasurementError
        If the viewing or angle is in none of the verdicts.
    """
    newest = points[-1]
    own = tuple(point for point in points if point.standard == newest.standard)
    chosen = _chosen(own, viewing, angle)
    notes = _notes(points, own)
    rng = np.random.default_rng(seed)
    all_series = [series_at(own, place) for place in chosen]
    flop = flop_series(own)
    if flop is not None:
        all_series.append(flop)
    long_enough = [one for one in all_series if one.n >= FEWEST_FOR_CHARTS]
    total = sum(chart_count(len(one.components)) for one in long_enough)
    each = min(run_length * max(total, 1), LONGEST_RUN)
    monitored = []
    for one in long_enough:
        try:
            monitored.append(monitor(one, each, FALSE_ALARMS / len(long_enough)))
        except MeasurementError as error:
            notes.append(f"{one.name} is not charted: {error}")
    colours = [one for one in long_enough if len(one.components) == len(COMPONENTS)]
    sameness, missing = sameness_of(own, chosen)
    notes += missing
    drift = _drift(colours, rng, notes)
    if sameness is not None:
        sameness = replace(sameness, standing=_standing(own, monitored, drift))
    return SupplierHistory(
        colour=newest.colour,
        supplier=newest.supplier,
        standard=newest.standard,
        viewing=chosen[0][1],
        points=own,
        run_length=each,
        monitored=tuple(monitored),
        drift=drift,
        changes=_changes(colours, rng, notes),
        capability=_capability(own, notes),
        sameness=sameness,
        notes=tuple(notes),
    )


def chart_total(monitored: Sequence[Monitored]) -> int:
    """How many charts there are."""
    return sum(len(one.charts) for one in monitored)


def _standing(
    points: Sequence[Submitted], monitored: Sequence[Monitored], drift: Sequence[SeriesDrift]
) -> Standing | None:
    """What stands against the submissions before the newest, with which it is compared."""
    earlier = points[:-1]
    since = min((alarm.since for one in monitored for alarm in one.alarms), default=None)
    drifts = any(one.change != "none" for one in drift)
    if since is None and not drifts:
        return None
    out = None if since is None else sum(point.time >= since for point in earlier)
    return Standing(earlier[0].time.date(), earlier[-1].time.date(), out, drifts)


def _chosen(points: Sequence[Submitted], viewing: Viewing | None, angle: str | None) -> tuple[Place, ...]:
    found = places(points)
    wanted = found[0][1] if viewing is None else str(viewing)
    viewings = tuple(dict.fromkeys(place[1] for place in found))
    if wanted not in viewings:
        raise MeasurementError(f"no verdict is under {wanted}; there are {', '.join(viewings)}")
    angles = tuple(place[0] for place in found if place[1] == wanted)
    if angle is not None and angle not in angles:
        raise MeasurementError(f"no verdict is at {angle} under {wanted}; there are {', '.join(angles)}")
    return tuple((one, wanted) for one in angles if angle in (None, one))


def _notes(points: Sequence[Submitted], own: Sequence[Submitted]) -> list[str]:
    notes = []
    if before := len(points) - len(own):
        notes.append(
            f"{before} submissions were judged against another standard than {own[-1].standard}, which is that of the "
            f"newest: differences from another standard are another series and are not charted with these"
        )
    if len({point.tolerance for point in own}) > 1:
        notes.append(
            "they were judged by several versions of the tolerance: the share of the limit is of each one's own"
        )
    for name, values in (
        ("lines", {point.line for point in own}),
        ("instruments", {point.instrument for point in own}),
    ):
        if len(values) > 1:
            said = ", ".join(sorted(value or "not named" for value in values))
            notes.append(f"of several {name} ({said}), charted together; separate them with --{name[:-1]}")
    return notes


def _drift(colours: Sequence[Series], rng: np.random.Generator, notes: list[str]) -> tuple[SeriesDrift, ...]:
    found: list[SeriesDrift] = []
    simulated: dict[tuple[datetime, ...], SteadySeries] = {}
    longest = max((one.n for one in colours), default=0)
    if colours and more_for_drift(longest):
        notes.append(f"drift is tested from {longest + more_for_drift(longest)} submissions on")
    for one in colours:
        if more_for_drift(one.n):
            continue
        try:
            if one.times not in simulated:
                simulated[one.times] = steady_series(one.days(), rng, false_alarms=FALSE_ALARMS / len(colours))
            found.append(drift_of_series(one, simulated[one.times]))
        except MeasurementError as error:
            notes.append(f"no drift test at {one.name}: {error}")
    return tuple(found)


def _changes(colours: Sequence[Series], rng: np.random.Generator, notes: list[str]) -> tuple[tuple[str, Change], ...]:
    found: list[tuple[str, Change]] = []
    simulated: dict[int, SteadyHistories] = {}
    fewest = fewest_submissions(len(COMPONENTS))
    for one in colours:
        if one.n < fewest:
            continue
        try:
            if one.n not in simulated:
                share = CHANGE_FALSE_ALARMS / len(colours)
                simulated[one.n] = steady_histories(one.n, len(COMPONENTS), rng, false_alarms=share)
            found += [(one.name, change) for change in change_points(one, simulated[one.n])]
        except MeasurementError as error:
            notes.append(f"no change points at {one.name}: {error}")
    return tuple(found)


def _capability(points: Sequence[Submitted], notes: list[str]) -> Capability | None:
    if len(points) < FEWEST_FOR_CAPABILITY:
        notes.append(
            f"capability is stated from {FEWEST_FOR_CAPABILITY} submissions on: "
            f"{FEWEST_FOR_CAPABILITY - len(points)} more"
        )
        return None
    return capability([point.share_of_limit for point in points])


def sameness_of(
    points: Sequence[Submitted], chosen: Sequence[Place] | None = None
) -> tuple[Sameness | None, tuple[str, ...]]:
    """The newest submission among the earlier ones that have all its angles, or why nothing can be said.

    Parameters
    ----------
    points : sequence of Submitted
        Of one colour and supplier, in the order of time; those against another standard do not count.
    chosen : sequence of Place, optional
        All angles under the first viewing when left out.
    """
    points = [point for point in points if point.standard == points[-1].standard]
    chosen = _chosen(points, None, None) if chosen is None else chosen
    shared = [place for place in chosen if place in points[-1].differences]
    rows = [point for point in points if all(place in point.differences for place in shared)]
    values = np.array([np.concatenate([point.differences[place] for place in shared]) for point in rows])
    names = [f"{component} at {place[0]}" for place in shared for component in COMPONENTS]
    try:
        return same_as_before(values[:-1], values[-1], names), ()
    except MeasurementError as error:
        return None, (f"same as before: {error}",)


def _sure(confidence: float) -> str:
    return "above 99.9 %" if confidence > 0.999 else f"{100 * confidence:.1f} %"


def _submission(point: Submitted) -> dict[str, Any]:
    return {
        "record": point.record,
        "records": list(point.records),
        "time": point.time.isoformat(),
        "line": point.line,
        "instrument": point.instrument,
        "tolerance": point.tolerance,
        "decision": point.decision,
        "share_of_limit": point.share_of_limit,
        "share_of_limit_interval_95": list(point.share_interval),
        "worst": {"angle": point.worst[0], "viewing": point.worst[1]},
        "flop_index_difference": point.flop,
    }
