"""What a box's recipes can reach of the objective: by their ranges alone, and by residuals linear in the amounts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from colorlab.formulation.certificate.bounds import (
    LOOSE,
    ROUNDING,
    chord_slopes,
    cube_root_chords,
    greatest_stretch,
    range_over_box,
)
from colorlab.formulation.certificate.boxes import Boxes
from colorlab.formulation.certificate.paint import Paint
from colorlab.formulation.certificate.tube import Tube
from colorlab.formulation.search.objective import LocalObjective, cube_root
from spectra.arrays import FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Mixture:
    """K and S of mixtures as sums over the amounts y.

    Attributes
    ----------
    K, S : ndarray, shape (n, size, n_bands)
        The terms.
    error : ndarray, shape (n, n_bands)
        Of the sum of S: greatest difference from the mixture's scattering.
    """

    K: FloatArray
    S: FloatArray
    error: FloatArray

    def take(self, rows: NDArray[np.intp]) -> Mixture:
        """Some of the rows."""
        return Mixture(self.K[rows], self.S[rows], self.error[rows])


@dataclass(frozen=True, slots=True, eq=False)
class Residuals:
    """Residuals linear in y: ‖r(y) − Zᵀy‖ ≤ error for the recipes of a box that are below the threshold.

    Attributes
    ----------
    Z : ndarray, shape (n, size, n_residuals)
    error : ndarray, shape (n,)
        [ΔE]
    T : ndarray, shape (n, size, n_bands)
        Terms of S − ω*(K + S), see `linearise`.
    reference : ndarray, shape (n, n_bands)
        ω*.
    """

    Z: FloatArray
    error: FloatArray
    T: FloatArray
    reference: FloatArray


def mixture(paint: Paint, boxes: Boxes, part_low: FloatArray, part_high: FloatArray) -> Mixture:
    """Terms of K and S over boxes whose mass fractions lie in part_low…part_high.

    Notes
    -----
    Without crowding S is linear in y. With it, S = Σ y S − lost(y) H, where H = N/C is the crowding share by mass,
    N = Σ y mass h and C = Σ y mass. Around the middle H° of its range, and with g = lost/C in g₋…g₊ around g°,

        lost H = lost H° + g° (N − H°C) + (g − g°)(N − H°C),   |g − g°| |N − H°C| ≤ (g₊ − g₋)/2 · C₊ (H₊ − H₋)/2

    H and g are averages by mass fraction, so their ranges are those of linear forms over the box of the fractions.
    """
    colours, support = paint.colours, boxes.support
    K, S = paint.K[support], paint.S[support]
    if not colours.crowding:
        return Mixture(K, S, np.zeros((len(boxes), K.shape[2])))
    h, mass, lost = colours.crowds[support], paint.mass[support], paint.lost[support]
    H_low, H_high = range_over_box(h[:, :, None], part_low, part_high)
    g_low, g_high = range_over_box(colours.crowding * colours.crowded[support], part_low, part_high)
    _, most_mass = range_over_box(mass[:, :, None], boxes.low, boxes.high)
    H, g = (H_low + H_high) / 2, (g_low + g_high) / 2
    error = (g_high - g_low) / 2 * most_mass * (H_high - H_low) / 2
    linear = S - lost * H[:, :, None] - g[:, None] * (mass * (h - H))[:, :, None]
    return Mixture(K, linear, error * (1 + LOOSE))


def least_by_ranges(paint: Paint, local: LocalObjective, tube: Tube, boxes: Boxes) -> FloatArray:
    """Lower bound of the objective (n,) from the ranges of the spectra alone; infinite where they miss the tube.

    With the target's slopes s of CIELAB's f, a residual is Σ g (R − R_t) + Σ root (s′ − s)(X − X_t), where
    g = root s Wᵀ and s′ is a chord's slope: an interval, whose distance from 0 counts. So for every band of the
    spectral term.
    """
    W, X = local.tristimulus, tube.X
    low, high = paint.reflect(boxes.albedo_low) - local.target, paint.reflect(boxes.albedo_high) - local.target
    X_low, X_high = _range(low, high, W)
    X_low, X_high = X + X_low, X + X_high
    missed = ((X_low > tube.X_high + LOOSE) | (X_high < tube.X_low - LOOSE)).any(axis=1)
    X_low, X_high = np.clip(X_low, tube.X_low, X), np.clip(X_high, X, tube.X_high)
    least, greatest = cube_root_chords(np.broadcast_to(X, X_low.shape), X_low, X_high)
    bend = np.maximum(greatest - tube.slope, tube.slope - least) * np.maximum(X_high - X, X - X_low)
    slack = bend @ np.abs(local.root.T)
    r_low, r_high = _range(low, high, W @ (local.root * tube.slope).T)
    r = np.maximum(np.maximum(r_low, -r_high) - slack, 0.0)
    miss = np.maximum(np.maximum(low, -high), 0.0)
    value = np.sqrt(np.sum(r * r, axis=1) + local.spectral * np.sum(miss * miss, axis=1))
    bound: FloatArray = np.where(missed, np.inf, value * (1 - LOOSE) - 1e-10)
    return bound


def linearise(paint: Paint, local: LocalObjective, tube: Tube, boxes: Boxes, mixed: Mixture) -> Residuals:
    """The residuals around a reference spectrum, and their greatest error.

    Notes
    -----
    The reference is the target's albedo, brought into the box's range ω₋…ω₊: ω*, R* = φ(ω*). With
    T = S − ω*(K + S), linear in y, and M = K + S,

        (R − R*) m = T,   m = M (ω − ω*)/(φ(ω) − φ(ω*))                                                        (1)

    The quotient is one over a chord's slope of the convex φ, which rises from the chord to ω₋ to the chord to ω₊. So m
    lies between m₋ = M₋/slope₊ and m₊ = M₊/slope₋; with α = 2/(m₋ + m₊) and σ = (m₊ − m₋)/(m₊ + m₋),

        |αT − (R − R*)| ≤ σ |R − R*|                                                                           (2)

    Where S is only nearly linear, |S − S̃| ≤ ε, T̃ differs from T by at most (1 − ω*) ε. R* is R_t brought into an
    interval that holds R, so |R − R*| ≤ |R − R_t|, and also at most the interval's end. The left side of (2), as a
    vector δ, is therefore in a box, and ‖δ/σ‖ is below the tube's radius.

    CIELAB's f is f* + s(X − X*), s a chord's slope in s₋…s₊ around s° = (s₋ + s₊)/2. Altogether

        r = r* + L(R − R*) + root (s − s°)(X − X*),   L = [root s° Wᵀ; √γ]
        Zᵀy = r* + L αT̃                                                                                        (3)

    so the error is at most ‖L δ‖ plus the term in s. L δ is √(δᵀPδ) ≤ √(|δ|ᵀ|P||δ|) long with the target's slopes; the
    difference of the slopes is added as root (s° − s_t) Wᵀδ, and ‖root d‖ ≤ √(|d|ᵀ|rootᵀroot||d|).

    The price is w N/C by mass; its term is w N/C°, and |N/C° − N/C| ≤ max|C/C° − 1| N/C with w N/C < threshold.
    """
    W = local.tristimulus
    low, high = boxes.albedo_low, boxes.albedo_high
    reference = np.clip(tube.albedo, low, high)
    R, R_low, R_high = paint.reflect(reference), paint.reflect(low), paint.reflect(high)
    flat = chord_slopes(reference, R, (low, R_low, paint.slope(low))) * (1 - LOOSE)
    steep = chord_slopes(reference, R, (high, R_high, paint.slope(high))) * (1 + LOOSE)
    m_low, m_high = boxes.extinction_low / steep, boxes.extinction_high / flat
    alpha, sigma = 2 / (m_low + m_high), (m_high - m_low) / (m_low + m_high)
    T = mixed.S - reference[:, None] * (mixed.K + mixed.S)
    extra = alpha * (1 - reference) * mixed.error
    delta = sigma * np.minimum(np.maximum(R_high - R, R - R_low) + ROUNDING, tube.radius) + extra
    error = _length(delta, tube.magnitude)
    if np.isfinite(tube.radius):
        in_ball = np.sqrt(greatest_stretch(tube.magnitude, sigma)) * tube.radius
        error = np.minimum(error, in_ball + _length(extra, tube.magnitude))
    X = R @ W
    X_low, X_high = _range(R_low - R, R_high - R, W)
    X_low = np.minimum(np.maximum(X + X_low, tube.X_low), X) - ROUNDING
    X_high = np.maximum(np.minimum(X + X_high, tube.X_high), X) + ROUNDING
    least, greatest = cube_root_chords(X, X_low, X_high)
    s = (least + greatest) / 2
    bend = (greatest - least) / 2 * np.maximum(X_high - X, X - X_low)
    error += _length(bend + np.abs(s - tube.slope) * (delta @ np.abs(W)), tube.root_magnitude)
    moved = alpha[:, None] * T
    terms = [((cube_root(X)[0] - local.f_target)[:, None] + s[:, None] * (moved @ W)) @ local.root.T]
    if local.spectral:
        terms.append(np.sqrt(local.spectral) * ((R - local.target)[:, None] + moved))
    if local.price:
        mass = paint.mass[boxes.support]
        C_low, C_high = range_over_box(mass[:, :, None], boxes.low, boxes.high)
        terms.append(local.price * (paint.colours.prices[boxes.support] * mass * 2 / (C_low + C_high))[:, :, None])
        error += ((C_high - C_low) / (C_low + C_high))[:, 0] * tube.threshold
    return Residuals(np.concatenate(terms, axis=2), error * (1 + LOOSE) + 1e-10, T, reference)


def _range(low: FloatArray, high: FloatArray, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Interval of δ @ weights for δ in low…high."""
    up, down = np.maximum(weights, 0.0), np.minimum(weights, 0.0)
    return low @ up + high @ down, high @ up + low @ down


def _length(vector: FloatArray, magnitude: FloatArray) -> FloatArray:
    """√(vᵀ magnitude v) of vectors ≥ 0, shape (n,)."""
    length: FloatArray = np.sqrt(np.sum((vector @ magnitude) * vector, axis=1))
    return length
