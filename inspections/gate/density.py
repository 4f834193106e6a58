"""The gate's checks of fringe density: do the fringes stand as close as screen distance and period of the rig give it.

The density is the one trace in the photos of the stated screen distance and of a scale that all stated periods share.
A curved panel changes it too; a flat reference does not.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import cv2
import numpy as np

from inspections.appearance import Finding
from inspections.capture.capture import Axis
from inspections.fringes.slopes import RigModel
from inspections.gate.dependencies import BAND_METRICS, MARK_METRICS
from inspections.gate.sequence import phase_of
from inspections.gate.series import StepSeries
from inspections.photos.photo import FloatImage
from spectra.arrays import FloatArray

CARRIER_RANGE = (0.4, 1.8)
"""Fringe density over that of a flat panel: a panel curved by 0.7 m changes it by a half."""
REFERENCE_RANGE = (0.97, 1.03)
"""The same of a flat reference: 0.992 to 1.014 in eleven good captures of two simulations, rulers off by up to 1 %.
With the camera 350 mm and the screen 250 mm away 3 % stand for 7 % of screen distance, or 3 % of period."""
MOST_UNEXPLAINED_DENSITY = 0.05
"""Where no flat reference tells curvature from a wrong manifest: 28 flat panels with peel showed 0.97 to 1.02, and 17
of 1.6 to 4 m radius more than 1.08 (benchmarks/bench_capture_gate.py)."""


def check_density(
    series: Sequence[StepSeries], model: RigModel, pitch_mm: float, *, flat_seen: bool = False
) -> Finding:
    """Whether the fringes of phase steps in a panel run as the rig gives it.

    Parameters
    ----------
    series : sequence of StepSeries
    model : RigModel
        Over the region of the frames.
    pitch_mm : float
        Of the grid of `model`. [mm]
    flat_seen : bool
        Whether a flat reference was judged: it tells of the rig, and what is left is the panel's own curvature.
    """
    found = {one.name: (density_ratio(one, model.carriers[one.axis]), one.axis) for one in series}
    return _judged(found, model, pitch_mm, flat_seen=flat_seen)


def check_single_density(
    moved: Mapping[Axis, FloatImage], periods_mm: Mapping[Axis, float], model: RigModel, pitch_mm: float
) -> Finding:
    """Whether the fringes of single photos run as the rig gives it.

    Parameters
    ----------
    moved : mapping of {"u", "v"} to ndarray of float32, shape (height, width)
        Displacement on the screen against a flat panel: its plane is what the density is off by. [mm]
    periods_mm : mapping of {"u", "v"} to float
        On the screen. [mm]
    model : RigModel
        Over the grid of `moved`.
    pitch_mm : float
        [mm]
    """
    found = {}
    for axis, displacement in moved.items():
        flat = _plane(model.carriers[axis])
        found[f"{axis} at {periods_mm[axis]:g} mm"] = (1.0 + float(_plane(displacement) @ flat / (flat @ flat)), axis)
    return _judged(found, model, pitch_mm, flat_seen=False)


def check_reference_density(series: Sequence[StepSeries], carriers: Mapping[Axis, FloatImage]) -> Finding:
    """Whether the fringes in the flat reference run as the rig gives it.

    Parameters
    ----------
    series : sequence of StepSeries
        Of the flat reference; at least one.
    carriers : mapping of {"u", "v"} to ndarray, shape (height, width)
        Screen coordinate that a flat panel would mirror there. [mm]
    """
    found = {one.name: density_ratio(one, carriers[one.axis]) for one in series}
    name = _farthest(found)
    value = found[name]
    low, high = REFERENCE_RANGE
    failed = not low <= value <= high
    return Finding(
        check="reference_density",
        outcome="fail" if failed else "pass",
        value=value,
        limit=low if value < 1 else high,
        unit="1",
        what=f"fringe density in the flat reference over that of the stated rig: {value:.3f} ({name})",
        remedy="measure screen_dist_mm, cam_dist_mm and the fringe period on the screen again; correct capture.json"
        if failed
        else "",
        blocks=BAND_METRICS if failed else (),
    )


def density_ratio(series: StepSeries, carrier_mm: FloatImage) -> float:
    """Fringe density that phase steps show, over that of a flat panel. [1]

    Parameters
    ----------
    series : StepSeries
    carrier_mm : ndarray of float32, shape (height, width)
        Screen coordinate that a flat panel would mirror, over the region of the frames. [mm]
    """
    height, width = series.frames[0].shape
    flat = cv2.resize(np.asarray(carrier_mm, np.float32), (width, height), interpolation=cv2.INTER_AREA)
    expected = _mean_step(np.asarray(2 * np.pi / series.period_mm * flat.astype(np.float64)))
    seen = _mean_step(phase_of(series.frames, series.phases))
    return float(seen @ expected / (expected @ expected))


def implied_radius_mm(ratio: float, model: RigModel, axis: Axis, pitch_mm: float) -> float:
    """Radius of curvature with which a panel in the stated rig would show this fringe density.

    Parameters
    ----------
    ratio : float
        Fringe density over that of a flat panel.
    model : RigModel
    axis : {"u", "v"}
        Direction of the fringes.
    pitch_mm : float
        Of the grid of `model`. [mm]

    Returns
    -------
    float
        Positive where the panel is convex. [mm]

    Notes
    -----
    A panel of radius R has the slopes −(x, y)/R, which move the fringes on the screen by the gain G of the rig: with
    c the gradient of the screen coordinate over a flat panel, ratio − 1 = −G·c / (R c·c). For a camera at distance d
    and a screen at distance t, at incidence θ, that is 2 t d cos θ / ((d + t) R) across the plane of incidence and
    2 t d / ((d + t) R cos θ) in it.
    """
    carrier = _plane(model.carriers[axis]) / pitch_mm * (1, -1)  # rows run down, y up
    gain_mm = 1000.0 * model.gain["uv".index(axis)].mean(axis=(1, 2)).astype(np.float64)
    return float(-(gain_mm @ carrier) / (carrier @ carrier) / (ratio - 1.0))


def _judged(found: Mapping[str, tuple[float, Axis]], model: RigModel, pitch_mm: float, *, flat_seen: bool) -> Finding:
    """The density farthest from a flat panel's: impossible, in need of a word, or as the rig gives it."""
    name = _farthest({each: ratio for each, (ratio, _) in found.items()})
    value, axis = found[name]
    what = f"fringe density over that of a flat panel in the stated rig: {value:.2f} ({name})"
    low, high = CARRIER_RANGE
    if not low <= value <= high:
        return Finding(
            "fringe_density", "fail", value, low if value < 1 else high, "1", what,
            "check rig_nominal, the period and the direction of the fringes in capture.json",
            (*BAND_METRICS, *MARK_METRICS),
        )  # fmt: skip
    if flat_seen:
        return Finding("fringe_density", "pass", value, low if value < 1 else high, "1", what)
    limit = 1.0 - MOST_UNEXPLAINED_DENSITY if value < 1 else 1.0 + MOST_UNEXPLAINED_DENSITY
    if abs(value - 1.0) <= MOST_UNEXPLAINED_DENSITY:
        return Finding("fringe_density", "pass", value, limit, "1", what)
    radius = implied_radius_mm(value, model, axis, pitch_mm)
    form = f"{'convex' if radius > 0 else 'concave'}, radius {abs(radius) / 1000:.2g} m along {axis}"
    return Finding(
        "fringe_density", "warn", value, limit, "1",
        f"{what}: the panel is curved ({form}), or screen_dist_mm or period_mm is not what capture.json states",
        "if the panel is not curved so, measure screen_dist_mm and the fringe period again; phase steps of a flat "
        "reference tell the two apart",
    )  # fmt: skip


def _farthest(ratios: Mapping[str, float]) -> str:
    return max(ratios, key=lambda each: abs(math.log(max(ratios[each], 1e-3))))


def _plane(field: FloatImage) -> FloatArray:
    """Least-squares gradient of a field along columns and along rows, per grid point."""
    means = (field.mean(axis=axis, dtype=np.float64) for axis in (0, 1))
    return np.array([np.polyfit(np.arange(mean.size), mean, 1)[0] for mean in means])


def _mean_step(phase: FloatArray) -> FloatArray:
    """Mean phase step to the next column and to the next row. [rad]"""
    phasor = np.exp(1j * phase)
    return np.array(
        [
            np.angle(np.mean(phasor[:, 1:] * phasor[:, :-1].conj())),
            np.angle(np.mean(phasor[1:] * phasor[:-1].conj())),
        ]
    )
