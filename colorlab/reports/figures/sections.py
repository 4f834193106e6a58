"""Sections through a tolerance: its outline, the difference, and the differences that the measurement allows."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from colorlab.tolerance.tolerance import Tolerance
from colorlab.verdict.condition import Condition
from spectra.arrays import FloatArray
from spectra.errors import MeasurementError

Value = Callable[[FloatArray, FloatArray], FloatArray]

_DIRECTIONS = 96
_ROUNDS = 5  # of halving the angle between directions where the outline turns sharply
# How far a point may lie from the line between its neighbours, as share of the outline's size. [1]
_SMOOTH, _COARSE = 0.002, 0.02
# Steps of the search along a ray: halving, then false position. A box's value stays level before it grows, where false
# position alone would creep.
_HALVINGS, _STEPS = 6, 8
_FARTHEST = 40.0  # how far from the standard a tolerance is searched [CIELAB units]
# Radius of the ellipse that holds 95 % of a two-dimensional normal distribution, √χ²₂(0.95).
_ELLIPSE_95 = 2.4477
_NEUTRAL = 2.0  # below this chroma a hue means little, and the planes lie along a* and b* [CIELAB units]
CLOUD = 300  # points


@dataclass(frozen=True, slots=True, eq=False)
class Plane:
    """Two directions in CIELAB, and the one across them.

    Attributes
    ----------
    x, y, across : str
        What the directions are called.
    axes : ndarray, shape (3, 3)
        Their unit vectors, the one across last.
    """

    x: str
    y: str
    across: str
    axes: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Section:
    """What lies in one plane, in CIELAB units from the standard.

    Attributes
    ----------
    plane : Plane
    outline : ndarray, shape (n, 2)
        Where the limit is reached.
    at_standard : bool
        The outline is that of the plane through the standard, for at the sample's own distance across there is none.
    sample : ndarray, shape (2,)
    across : float
        How far the sample lies out of the plane through the standard.
    ellipse : ndarray, shape (n, 2), or None
        That holds 95 % of what the measurement allows.
    cloud, beyond : ndarray, shape (n, 2)
        Drawn true differences, within the limit and beyond it.
    """

    plane: Plane
    outline: FloatArray
    at_standard: bool
    sample: FloatArray
    across: float
    ellipse: FloatArray | None
    cloud: FloatArray
    beyond: FloatArray

    @property
    def measured(self) -> FloatArray:
        """The standard, the sample and what its measurement allows, shape (n, 2)."""
        parts = [np.zeros((1, 2)), self.sample[None]]
        return np.vstack(parts if self.ellipse is None else [*parts, self.ellipse])


def value_at(tolerance: Tolerance, conditions: Sequence[Condition]) -> Value:
    """What a tolerance measures at conditions of one viewing: (standard (n, 3), sample (..., n, 3)) → (..., n).

    NaN where an appearance space has no value: near black no surface has every colour that a section passes through.
    """

    def value(standard: FloatArray, sample: FloatArray) -> FloatArray:
        found = _measured(tolerance, conditions, standard, sample.reshape(-1, len(conditions), 3))
        return found.reshape(sample.shape[:-1])

    return value


def _measured(
    tolerance: Tolerance, conditions: Sequence[Condition], standard: FloatArray, sample: FloatArray
) -> FloatArray:
    angles, viewings = [one.angle for one in conditions], (conditions[0].viewing,)
    try:
        found: FloatArray = tolerance.value(standard[:, None], sample[:, :, None], angles, viewings=viewings)[..., 0]
    except MeasurementError:
        rows, n = len(sample) // 2, len(conditions)
        if rows:
            halves = (sample[:rows], sample[rows:])
            return np.concatenate([_measured(tolerance, conditions, standard, half) for half in halves])
        if n > 1:
            each = [slice(row, row + 1) for row in range(n)]
            alone = [_measured(tolerance, conditions[one], standard[one], sample[:, one]) for one in each]
            return np.concatenate(alone, axis=1)
        return np.full((1, 1), np.nan)
    return found


def planes_at(standard_lab: Sequence[float]) -> tuple[Plane, Plane, Plane]:
    """The planes of a* and b*, of chroma and lightness, of hue and lightness; of a near-neutral colour along a*, b*."""
    L, a, b = np.eye(3)
    chroma = math.hypot(standard_lab[1], standard_lab[2])
    if chroma < _NEUTRAL:
        along, across, names = a, b, ("Δa*", "Δb*")
    else:
        cosine, sine = standard_lab[1] / chroma, standard_lab[2] / chroma
        along, across, names = cosine * a + sine * b, cosine * b - sine * a, ("Δ along chroma", "Δ along hue")
    return (
        Plane("Δa*", "Δb*", "ΔL*", np.stack([a, b, L])),
        Plane(names[0], "ΔL*", names[1], np.stack([along, L, across])),
        Plane(names[1], "ΔL*", names[0], np.stack([across, L, along])),
    )


def sections_at(
    tolerance: Tolerance,
    conditions: Sequence[Condition],
    place: int,
    covariances: Sequence[FloatArray | None],
    errors: FloatArray | None = None,
) -> list[Section]:
    """One of the planes of `planes_at` at conditions of one viewing.

    The tolerance is a body in three dimensions: shown is where it is cut at the sample's own distance across the plane
    or, where it does not reach so far, through the standard. What the measurement allows lies around the difference
    with that taken off which noise adds on average, as the verdict's own draws do.

    Parameters
    ----------
    tolerance : Tolerance
    conditions : sequence of Condition
    place : int
        Which plane.
    covariances : sequence of ndarray of shape (3, 3), or of None
        Of the CIELAB difference at each condition.
    errors : ndarray, shape (n, 3), optional
        Drawn errors of the difference, for the cloud; drawn so, the outline is smooth too.
    """
    value = value_at(tolerance, conditions)
    planes = [planes_at(one.standard_lab)[place] for one in conditions]
    standards = np.array([one.standard_lab for one in conditions])
    differences = np.array([one.sample_lab for one in conditions]) - standards
    across = np.array([plane.axes[2] @ off for plane, off in zip(planes, differences, strict=True)])
    offsets = across[:, None] * np.array([plane.axes[2] for plane in planes])
    limits = np.array([one.limit for one in conditions])
    turn = _COARSE if errors is None else _SMOOTH
    cuts, at_standard = outlines(standards, offsets, planes, limits, value, turn)
    found = []
    for row, (condition, plane, difference) in enumerate(zip(conditions, planes, differences, strict=True)):
        kept = condition.delta_E_corrected / condition.delta_E if condition.delta_E > 0 else 1.0
        flat, covariance = plane.axes[:2], covariances[row]
        ellipse, cloud, beyond = None, np.empty((0, 2)), np.empty((0, 2))
        if covariance is not None:
            ellipse = flat @ (kept * difference) + _ellipse(flat @ covariance @ flat.T)
        if errors is not None:
            drawn = kept * difference + errors
            moved = standards + np.where(np.arange(len(planes))[:, None] == row, drawn[:, None], 0.0)
            conforms = value(standards, moved)[:, row] <= condition.limit
            cloud, beyond = (drawn[which] @ flat.T for which in (conforms, ~conforms))
        off = flat @ difference, float(across[row])
        found.append(Section(plane, cuts[row], bool(at_standard[row]), *off, ellipse, cloud, beyond))
    return found


def cloud_errors(covariance: FloatArray, seed: int) -> FloatArray:
    """Drawn errors of a CIELAB difference, shape (CLOUD, 3): the same each time."""
    values, vectors = np.linalg.eigh(covariance)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    errors: FloatArray = np.random.default_rng(seed).standard_normal((CLOUD, 3)) @ root.T
    return errors


def outlines(
    standards: FloatArray,
    offsets: FloatArray,
    planes: Sequence[Plane],
    limits: FloatArray,
    value: Value,
    turn: float = _SMOOTH,
) -> tuple[list[FloatArray], np.ndarray[tuple[int, ...], np.dtype[np.bool_]]]:
    """Where differences reach their limits in a plane each, shape (n, 2), and whether that is through the standard.

    Parameters
    ----------
    standards, offsets : ndarray, shape (n_conditions, 3)
        CIELAB, and from there to the point around which an outline is sought; where that is beyond the limit itself,
        it is sought around the standard.
    planes : sequence of Plane
    limits : ndarray, shape (n_conditions,)
    value : callable
        See `value_at`.
    turn : float
        How far the line between neighbours may be from the outline, roughly, as share of its size. [1]
    """
    at_standard = ~(value(standards, standards + offsets) < limits)
    centres = standards + np.where(at_standard[:, None], 0.0, offsets)
    axes = np.array([plane.axes[:2] for plane in planes])

    def radii_at(turns: FloatArray) -> FloatArray:
        return _radii(np.einsum("kni,nic->knc", _rays(turns), axes), standards, centres, limits, value)

    even = np.linspace(0, 2 * np.pi, _DIRECTIONS, endpoint=False)
    radii = radii_at(np.repeat(even[:, None], len(planes), axis=1))
    found = [(even, radii[:, row]) for row in range(len(planes))]
    for _ in range(_ROUNDS):
        added = [_halfway(turns, own, turn) for turns, own in found]
        most = max(len(one) for one in added)
        if most == 0:
            break
        padded = np.zeros((most, len(planes)))
        for row, one in enumerate(added):
            padded[: len(one), row] = one
        radii = radii_at(padded)
        for row, (turns, own) in enumerate(found):
            n = len(added[row])
            order = np.argsort(every := np.concatenate([turns, added[row]]))
            found[row] = every[order], np.concatenate([own, radii[:n, row]])[order]
    return [own[:, None] * _rays(turns) for turns, own in found], at_standard


def _halfway(turns: FloatArray, radii: FloatArray, turn: float) -> FloatArray:
    """Directions between those where an outline turns sharply."""
    points = radii[:, None] * _rays(turns)
    off = np.linalg.norm(points - (np.roll(points, 1, axis=0) + np.roll(points, -1, axis=0)) / 2, axis=1)
    sharp, steps = off > turn * radii.max(), np.diff(turns, append=turns[0] + 2 * np.pi)
    # The corner lies on either side of a point that is off; a fine step has nothing left to halve.
    split = (sharp | np.roll(sharp, -1)) & (steps > 1e-3)
    halfway: FloatArray = turns[split] + steps[split] / 2
    return halfway


def _radii(
    rays: FloatArray, standards: FloatArray, centres: FloatArray, limits: FloatArray, value: Value
) -> FloatArray:
    """How far from the centres the limits are along rays of shape (k, n_conditions, 3). [CIELAB units]"""

    def beyond(radius: FloatArray) -> FloatArray:
        # What has no value is taken as beyond.
        excess: FloatArray = value(standards, centres + radius[..., None] * rays) - limits
        return np.where(np.isnan(excess), limits, excess)

    low = np.zeros(rays.shape[:2])
    at_low = np.broadcast_to(value(standards, centres) - limits, low.shape)
    high = np.minimum(np.broadcast_to(limits, low.shape), _FARTHEST)
    while (short := ((at_high := beyond(high)) < 0) & (high < _FARTHEST)).any():
        low, at_low = np.where(short, high, low), np.where(short, at_high, at_low)
        high = np.where(short, np.minimum(2 * high, _FARTHEST), high)
    never = at_high < 0
    at_high = np.where(never, limits, at_high)
    side = np.zeros(low.shape)
    for step in range(_HALVINGS + _STEPS):
        # The Illinois variant, for a difference grows almost in proportion.
        halving, falsely = (low + high) / 2, high - at_high * (high - low) / (at_high - at_low)
        middle = halving if step < _HALVINGS else falsely
        at_middle = beyond(middle)
        inside = at_middle < 0
        again = (side == np.where(inside, -1.0, 1.0)) & (step > _HALVINGS)
        at_high = np.where(inside, np.where(again, at_high / 2, at_high), at_middle)
        at_low = np.where(inside, at_middle, np.where(again, at_low / 2, at_low))
        low, high = np.where(inside, middle, low), np.where(inside, high, middle)
        side = np.where(inside, -1.0, 1.0)
    found: FloatArray = np.where(never, _FARTHEST, middle)
    return found


def _rays(turns: FloatArray) -> FloatArray:
    return np.stack([np.cos(turns), np.sin(turns)], axis=-1)


def _ellipse(covariance: FloatArray) -> FloatArray:
    values, vectors = np.linalg.eigh(covariance)
    circle = _rays(np.linspace(0, 2 * np.pi, 64, endpoint=False))
    ellipse: FloatArray = _ELLIPSE_95 * (circle * np.sqrt(np.maximum(values, 0.0))) @ vectors.T
    return ellipse
