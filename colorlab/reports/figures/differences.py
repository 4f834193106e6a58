"""Colour differences: the a*b* plane, and the section through the tolerance at one condition."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Polygon

from colorlab.colorimetry.swatch import swatch
from colorlab.colorimetry.viewing import Viewing
from colorlab.difference.pairing import pair
from colorlab.reports.style import ACCENT, FAINT, INK, MUTED, PAPER, blank, box, house_style, label, paint
from colorlab.tolerance.condition import Condition
from colorlab.tolerance.noise import ReflectanceNoise
from colorlab.tolerance.tolerance import Tolerance
from colorlab.tolerance.uncertainty import lab_uncertainty
from colorlab.tolerance.verdict import Verdict
from spectra.arrays import FloatArray
from spectra.measurement import Measurement

_DIRECTIONS = 96
_FARTHEST = 40.0  # how far from the standard a tolerance is searched [CIELAB units]
_LETTER, _LINE = 6.2, 14.0  # about the size of a letter of a name in the plane [px]
# Radius of the ellipse that holds 95 % of a two-dimensional normal distribution, √χ²₂(0.95).
_ELLIPSE_95 = 2.4477


@house_style
def ab_plane(verdict: Verdict, viewing: Viewing) -> Figure:
    """Where standard and sample lie in the a*b* plane at every angle, the points in the sample's own colours."""
    figure = blank(420, 420)
    axes = box(figure, 52, 48, -20, -32)
    own = [condition for condition in verdict.conditions if condition.viewing == viewing]
    standard = np.array([condition.standard_lab for condition in own])
    sample = np.array([condition.sample_lab for condition in own])
    marked = verdict.worst.angle if verdict.worst.delta_E > verdict.worst.limit else None
    lights = [condition.angle.partition("as")[0] for condition in own]
    for light in dict.fromkeys(lights):
        path = standard[[other == light for other in lights]]
        axes.plot(path[:, 1], path[:, 2], color=FAINT, linewidth=1.2)
    for first, second in zip(standard, sample, strict=True):
        axes.plot([first[1], second[1]], [first[2], second[2]], color=MUTED, linewidth=1)
        axes.plot(first[1], first[2], "o", markersize=11, markerfacecolor=PAPER, markeredgecolor=MUTED, zorder=3)
        face = paint(swatch(second).hex)
        axes.plot(second[1], second[2], "o", markersize=8, markerfacecolor=face, markeredgecolor=INK, zorder=4)
    _square(axes, np.vstack([standard[:, 1:], sample[:, 1:]]), least=6.0)
    _name_points(axes, standard[:, 1:], sample[:, 1:], [condition.angle for condition in own], marked)
    _axes_of_the_plane(axes)
    label(axes, x=f"a* under {viewing} [CIELAB units]", y="b* [CIELAB units]")
    return figure


@house_style
def tolerance_section(verdict: Verdict, condition: Condition, covariance: FloatArray | None) -> Figure:
    """The plane of Δa* and Δb* at one condition: limit, difference, and the 95 % ellipse of the measurement.

    The limit is a body in three dimensions; shown is its section at the sample's own ΔL*. Where ΔL* alone exceeds the
    limit there is no such section, and the one at ΔL* = 0 is drawn dashed.

    Parameters
    ----------
    verdict : Verdict
    condition : Condition
    covariance : ndarray, shape (3, 3), or None
        Of the CIELAB difference.
    """
    figure = blank(420, 420)
    axes = box(figure, 52, 48, -20, -32)
    lab, value = np.array(condition.standard_lab), value_at(verdict.tolerance, condition)
    here = tolerance_outline(lab, condition.delta_L, condition.limit, value)
    outline = here if here is not None else tolerance_outline(lab, 0.0, condition.limit, value)
    points = [np.array([[0.0, 0.0], [condition.delta_a, condition.delta_b]])]
    if outline is not None:
        dashes = "solid" if here is not None else (0, (4, 3))
        axes.add_patch(Polygon(outline, closed=True, facecolor=FAINT if here is not None else "none", alpha=0.35))
        axes.add_patch(Polygon(outline, closed=True, facecolor="none", edgecolor=INK, linewidth=1.2, linestyle=dashes))
        points.append(outline)
    beyond = condition.delta_E > condition.limit
    tone = ACCENT if beyond else INK
    if covariance is not None:
        ellipse = _ellipse(covariance[1:, 1:]) + points[0][1]
        axes.add_patch(Polygon(ellipse, closed=True, facecolor=tone, alpha=0.22))
        axes.add_patch(Polygon(ellipse, closed=True, facecolor="none", edgecolor=tone, linewidth=1))
        points.append(ellipse)
    axes.plot(0, 0, "+", color=MUTED, markersize=11)
    axes.plot(condition.delta_a, condition.delta_b, "o", color=tone, markersize=6)
    _square(axes, np.vstack(points), least=0.5)
    _axes_of_the_plane(axes)
    label(axes, x=f"Δa* at {condition.angle} under {condition.viewing} [CIELAB units]", y="Δb* [CIELAB units]")
    return figure


Value = Callable[[FloatArray, FloatArray], FloatArray]


def value_at(tolerance: Tolerance, condition: Condition) -> Value:
    """What a tolerance measures at one condition: (standard (..., 3), sample (..., 3)) → (...)."""

    def value(standard: FloatArray, sample: FloatArray) -> FloatArray:
        first, second = (lab[..., None, None, :] for lab in (standard, sample))
        found: FloatArray = tolerance.value(first, second, (condition.angle,), viewings=(condition.viewing,))[..., 0, 0]
        return found

    return value


def tolerance_outline(lab: FloatArray, delta_L: float, limit: float, value: Value) -> FloatArray | None:
    """Where ΔE reaches its limit in the plane of Δa* and Δb*, shape (n, 2); None where ΔL* alone exceeds it.

    Parameters
    ----------
    lab : ndarray, shape (3,)
        The standard. CIELAB.
    delta_L : float
        At which the plane lies.
    limit : float
    value : callable
        See `value_at`.
    """
    centre = lab + np.array([delta_L, 0.0, 0.0])
    if float(value(lab, centre)) >= limit:
        return None
    turn = np.linspace(0, 2 * np.pi, _DIRECTIONS, endpoint=False)
    ray = np.column_stack([np.zeros_like(turn), np.cos(turn), np.sin(turn)])
    # Outwards no further than needed: an appearance space has no value for colours that no surface can have.
    low, high = np.zeros(_DIRECTIONS), np.full(_DIRECTIONS, min(limit, _FARTHEST))
    while (inside := (value(lab, centre + high[:, None] * ray) < limit) & (high < _FARTHEST)).any():
        low, high = np.where(inside, high, low), np.where(inside, np.minimum(2 * high, _FARTHEST), high)
    for _ in range(16):
        middle = (low + high) / 2
        inside = value(lab, centre + middle[:, None] * ray) < limit
        low, high = np.where(inside, middle, low), np.where(inside, high, middle)
    outline: FloatArray = low[:, None] * ray[:, 1:]
    return outline


def difference_covariance(
    standard: Measurement, sample: Measurement, noise: ReflectanceNoise, condition: Condition
) -> FloatArray:
    """Covariance of the CIELAB difference at one condition, shape (3, 3), from the measurement uncertainty of both."""
    both = pair(standard, sample)
    row = both.standard.geometry.tokens.index(condition.angle)
    total = np.zeros((3, 3))
    for side in (both.standard, both.sample):
        total += lab_uncertainty(side, (condition.viewing,), noise).covariance[row, 0]
    return total


def _name_points(axes: Axes, points: FloatArray, beside: FloatArray, names: Sequence[str], marked: str | None) -> None:
    """A name beside each point, on the first of four sides where it covers no other name or point."""
    places = axes.transData.transform(points)
    dots = np.vstack([places, axes.transData.transform(beside)])
    taken = [(x - 6, y - 6, x + 6, y + 6) for x, y in dots]
    for (x, y), name in zip(places, names, strict=True):
        width = _LETTER * len(name)
        sides = [(x + 9, y - 13), (x + 9, y + 3), (x - 9 - width, y - 13), (x - 9 - width, y + 3)]
        boxes = [(left, low, left + width, low + _LINE) for left, low in sides]
        free = [box for box in boxes if not any(_overlap(box, other) for other in taken)]
        chosen = (free or boxes)[0]
        taken.append(chosen)
        tone = ACCENT if name == marked else MUTED
        axes.text(chosen[0], chosen[1], name, transform=None, color=tone, fontsize=11, va="bottom")


def _overlap(one: Sequence[float], other: Sequence[float]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _ellipse(covariance: FloatArray) -> FloatArray:
    values, vectors = np.linalg.eigh(covariance)
    turn = np.linspace(0, 2 * np.pi, 64, endpoint=False)
    circle = np.column_stack([np.cos(turn), np.sin(turn)])
    ellipse: FloatArray = _ELLIPSE_95 * (circle * np.sqrt(np.maximum(values, 0.0))) @ vectors.T
    return ellipse


def _square(axes: Axes, points: FloatArray, least: float) -> None:
    """Equal scales on both axes, around all points."""
    low, high = points.min(axis=0), points.max(axis=0)
    centre, half = (low + high) / 2, max(0.58 * float((high - low).max()), least)
    limits: Sequence[tuple[float, float]] = [(float(c) - half, float(c) + half) for c in centre]
    width, height = axes.bbox.width, axes.bbox.height
    stretch = width / height
    (x0, x1), (y0, y1) = limits
    middle = (x0 + x1) / 2
    axes.set_xlim(middle - half * stretch, middle + half * stretch)
    axes.set_ylim(y0, y1)


def _axes_of_the_plane(axes: Axes) -> None:
    axes.axhline(0, color=FAINT, linewidth=1, zorder=0)
    axes.axvline(0, color=FAINT, linewidth=1, zorder=0)
    axes.locator_params(nbins=6)
    axes.grid()
