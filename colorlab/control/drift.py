"""Drift of a check tile: has what an instrument says of it changed, since when, by how much, how surely."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

import numpy as np

from colorlab.colorimetry.tristimulus import spectra_to_lab
from colorlab.colorimetry.viewing import D65_10, Viewing
from colorlab.colorimetry.weights import white_point
from colorlab.control.drift_tests import Tests, chart_tests, slope_of, steady_charts
from colorlab.difference.standard import delta_E
from spectra.arrays import FloatArray, frozen
from spectra.errors import MeasurementError, NotComparableError
from spectra.measurement import Measurement

Change = Literal["none", "step", "slope", "excursion"]

# Fewer readings cannot tell a drift of three coordinates from their scatter.
FEWEST_READINGS = 10
# How often a station that does not drift is called drifted; over all angles and all three tests together.
FALSE_ALARMS = 0.01
DAYS = 30.0  # over which a slope is stated


@dataclass(frozen=True, slots=True, eq=False)
class AngleDrift:
    """The chart of one angle.

    Attributes
    ----------
    angle : str
    lab : ndarray, shape (n_readings, 3)
    delta_E : ndarray, shape (n_readings,)
        Of each reading from the reference. [unit of the formula]
    change : {"none", "step", "slope", "excursion"}
        What explains the readings best, if anything is proven: a jump, a steady drift, or a passing one.
    since : datetime or None
        First reading after the step, first of a steady drift, or first that left the chart's limit.
    p_value : float
        How often readings without drift look as changed, by whatever test.
    size : tuple of three floats
        Change of L*, a*, b*: at the step, or over the whole series. [CIELAB units]
    size_delta_E : float
        The same as ΔE from the colour before. [unit of the formula]
    slope, slope_uncertainty : tuple of three floats
        Of L*, a*, b* in 30 days, and half the width of its 95 % interval. [CIELAB units]
    mewma : ndarray, shape (n_readings,)
        The chart: multivariate EWMA statistic of each reading.
    mewma_limit : float
        That at most the stated share of charts without drift exceed anywhere.
    """

    angle: str
    lab: FloatArray
    delta_E: FloatArray
    change: Change
    since: datetime | None
    p_value: float
    size: tuple[float, float, float]
    size_delta_E: float
    slope: tuple[float, float, float]
    slope_uncertainty: tuple[float, float, float]
    mewma: FloatArray
    mewma_limit: float

    def as_dict(self) -> dict[str, Any]:
        """Plain types."""
        return {
            "angle": self.angle,
            "change": self.change,
            "since": None if self.since is None else self.since.isoformat(),
            "p_value": self.p_value,
            "size_lab": list(self.size),
            "size_delta_E": self.size_delta_E,
            "slope_lab_30_days": list(self.slope),
            "slope_uncertainty_95": list(self.slope_uncertainty),
            "lab": self.lab.tolist(),
            "delta_E": self.delta_E.tolist(),
            "mewma": self.mewma.tolist(),
            "mewma_limit": self.mewma_limit,
        }


@dataclass(frozen=True, slots=True, eq=False)
class TileDrift:
    """The control chart of one check tile.

    Attributes
    ----------
    tile : str
    times : tuple of datetime
        Of the readings, in order.
    reference : str
        What ΔE is from.
    drifted : bool
        Whether any angle has changed.
    since : datetime or None
        The earliest change.
    days_since_last : float
        From the last reading to `now`. [d]
    """

    tile: str
    viewing: Viewing
    formula: str
    times: tuple[datetime, ...]
    reference: str
    false_alarms: float
    angles: tuple[AngleDrift, ...]
    days_since_last: float

    @property
    def drifted(self) -> bool:
        """Whether any angle has changed."""
        return any(one.change != "none" for one in self.angles)

    @property
    def since(self) -> datetime | None:
        """The earliest change."""
        return min((one.since for one in self.angles if one.since is not None), default=None)

    def as_dict(self) -> dict[str, Any]:
        """Plain types."""
        return {
            "tile": self.tile,
            "verdict": "drifted" if self.drifted else "in control",
            "since": None if self.since is None else self.since.isoformat(),
            "viewing": str(self.viewing),
            "formula": self.formula,
            "reference": self.reference,
            "false_alarms": self.false_alarms,
            "days_since_last": self.days_since_last,
            "times": [time.isoformat() for time in self.times],
            "angles": [one.as_dict() for one in self.angles],
        }

    def as_text(self) -> str:
        """The verdict, then one line an angle."""
        verdict = f"drifted since {self.since:%Y-%m-%d}" if self.since else "in control"
        lines = [
            f"{self.tile}: {verdict}; {len(self.times)} readings from {self.times[0]:%Y-%m-%d} to "
            f"{self.times[-1]:%Y-%m-%d}, the last {self.days_since_last:.0f} days ago; {self.formula} {self.viewing}"
        ]
        for one in self.angles:
            slopes = ", ".join(
                f"{name}* {value:+.3f} ± {half:.3f}"
                for name, value, half in zip("Lab", one.slope, one.slope_uncertainty, strict=True)
            )
            found = f"{one.change} of ΔE {one.size_delta_E:.3f}" if one.since else "no change"
            lines.append(
                f"  {one.angle}: {found} (p {one.p_value:.4f}); last reading ΔE {one.delta_E[-1]:.3f} from "
                f"{self.reference}; in {DAYS:g} days {slopes}"
            )
        return "\n".join(lines)


def check_tile(
    readings: Sequence[Measurement],
    now: datetime,
    rng: np.random.Generator,
    *,
    reference: Measurement | None = None,
    viewing: Viewing = D65_10,
    formula: str = "CIEDE2000",
    false_alarms: float = FALSE_ALARMS,
) -> TileDrift:
    """Whether the readings of one check tile stay what they were.

    Three tests at once: a step between any two readings (Hotelling's T², the greatest over all places), a steady slope
    over time (Hotelling's T² of the three slopes), and a passing excursion (multivariate EWMA). Their limits come from
    simulated charts with the same times and no drift, so that all three together, over all angles, call a steady
    station drifted as often as `false_alarms` says. They hold for readings whose errors are independent: of a station
    warmed up differently every morning they are too strict.

    Parameters
    ----------
    readings : sequence of Measurement
        Of one tile, each with the time it was taken at; in any order. Later ones than `now` do not count.
    now : datetime
        With a time zone.
    rng : numpy.random.Generator
        For the simulated charts.
    reference : Measurement, optional
        The tile's certificate or first reading, from which ΔE is stated; without it the mean of the first three.

    Raises
    ------
    MeasurementError
        If a reading has no time, some have a time zone and some have none, or there are fewer than ten.
    NotComparableError
        If readings differ in angles or wavelengths.

    References
    ----------
    .. [1] C. A. Lowry, W. H. Woodall, C. W. Champ, S. E. Rigdon, "A multivariate exponentially weighted moving average
       control chart", Technometrics 34 (1992) 46.
    .. [2] M. S. Srivastava, K. J. Worsley, "Likelihood ratio tests for a change in the multivariate normal mean",
       J. Am. Stat. Assoc. 81 (1986) 199.
    """
    if not 0 < false_alarms < 1:
        raise MeasurementError(f"a share of false alarms of {false_alarms:g} is not between 0 and 1")
    ordered, times = _in_order(readings, now)
    geometry, grid = ordered[0].geometry, ordered[0].grid
    for one in ordered if reference is None else (*ordered, reference):
        if one.geometry.tokens != geometry.tokens:
            raise NotComparableError("angles", geometry.name, one.geometry.name)
        if one.grid != grid:
            raise NotComparableError("wavelengths", str(grid), str(one.grid))
    labs = spectra_to_lab(np.stack([one.reflectance_factor for one in ordered]), grid, viewing)
    known = None if reference is None else spectra_to_lab(reference.reflectance_factor, grid, viewing)
    days = np.array([(time - times[0]).total_seconds() / 86400 for time in times])
    if not np.ptp(days) > 0:
        raise MeasurementError(f"all {len(days)} readings were taken at one time")
    share = false_alarms / geometry.n_angles
    steady, white = steady_charts(days, share, rng), white_point(viewing, grid)
    tests = [chart_tests(labs[:, angle], days, share, steady) for angle in range(geometry.n_angles)]
    return TileDrift(
        tile=ordered[0].sample,
        viewing=viewing,
        formula=formula,
        times=times,
        reference="the mean of the first three" if reference is None else f"reference {reference.sample}",
        false_alarms=false_alarms,
        angles=tuple(
            _angle(
                token,
                labs[:, row],
                None if known is None else known[row],
                days,
                times,
                tests[row],
                share,
                formula,
                white,
            )
            for row, token in enumerate(geometry.tokens)
        ),
        days_since_last=(_aware(now) - _aware(times[-1])).total_seconds() / 86400,
    )


def _angle(
    token: str,
    lab: FloatArray,
    known: FloatArray | None,
    days: FloatArray,
    times: tuple[datetime, ...],
    tests: Tests,
    share: float,
    formula: str,
    white: FloatArray,
) -> AngleDrift:
    change: Change = tests.likeliest if tests.p_value <= share else "none"
    slope, half = slope_of(lab, days)
    since: datetime | None = None
    size = slope * float(days[-1])
    before = lab.mean(axis=0) - size / 2
    if change == "step":
        since, before = times[tests.step], lab[: tests.step].mean(axis=0)
        size = lab[tests.step :].mean(axis=0) - before
    elif change == "slope":
        since = times[0]
    elif change == "excursion":
        first = int(np.argmax(tests.mewma >= min(tests.mewma_limit, tests.mewma.max())))
        since, before = times[first], np.median(lab, axis=0)
        size = lab[int(tests.mewma.argmax())] - before
    return AngleDrift(
        angle=token,
        lab=frozen(lab),
        delta_E=frozen(delta_E(lab[:3].mean(axis=0) if known is None else known, lab, formula, white)),
        change=change,
        since=since,
        p_value=tests.p_value,
        size=_triple(size),
        size_delta_E=float(delta_E(before, before + size, formula, white)),
        slope=_triple(slope * DAYS),
        slope_uncertainty=_triple(half * DAYS),
        mewma=frozen(tests.mewma),
        mewma_limit=tests.mewma_limit,
    )


def _triple(lab: FloatArray) -> tuple[float, float, float]:
    return float(lab[0]), float(lab[1]), float(lab[2])


def check_times(readings: Sequence[Measurement]) -> None:
    """Refuse readings of a check tile that do not say when they were taken.

    Raises
    ------
    MeasurementError
        Naming the sample.
    """
    for one in readings:
        if one.taken_at is None:
            raise MeasurementError(f"{one.sample}: a reading of a check tile without the time it was taken at")


def _in_order(readings: Sequence[Measurement], now: datetime) -> tuple[list[Measurement], tuple[datetime, ...]]:
    check_times(readings)
    taken = [(one.taken_at, one) for one in readings if one.taken_at is not None]
    if len({time.tzinfo is None for time, _ in taken}) > 1:
        raise MeasurementError("some readings declare their time zone and some do not: their order is not known")
    counted = sorted(((t, m) for t, m in taken if _aware(t) <= _aware(now)), key=lambda row: row[0])
    if len(counted) < FEWEST_READINGS:
        raise MeasurementError(
            f"{len(counted)} readings of the check tile by {now:%Y-%m-%d}; {FEWEST_READINGS} at least tell drift. "
            "Rows of a table under one name are a reading for each date they bear; rows of one date are repeats"
        )
    return [one for _, one in counted], tuple(time for time, _ in counted)


def _aware(time: datetime) -> datetime:
    """A time without zone is compared as if it were UTC: a day's error at most, and only in what counts as past."""
    return time if time.tzinfo is not None else time.replace(tzinfo=UTC)
