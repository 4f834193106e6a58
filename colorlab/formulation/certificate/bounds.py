"""Bounds that hold for every recipe of a box: closed forms, each with its proof, over many boxes at once.

A box holds the recipes y with low ≤ y ≤ high and Σ y = 1.
"""

from __future__ import annotations

import numpy as np

from colorlab.formulation.search.objective import cube_root
from spectra.arrays import FloatArray

# Rounding of a sum of products of some ten terms, against the sum of their magnitudes, with room to spare.
ROUNDING = 1e-13
# Rounding of what is computed through a quotient of differences or an inverse, with room to spare.
LOOSE = 1e-8
# Below this difference a chord's slope is replaced by the derivative at its far end: 0/0 is never formed.
_NEAR = 1e-7
_RIDGE = 1e-10


def range_over_box(t: FloatArray, low: FloatArray, high: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Bounds of t·y over each box, exact where the box holds a recipe.

    Parameters
    ----------
    t : ndarray, shape (n, size, n_forms)
    low, high : ndarray, shape (n, size)

    Returns
    -------
    least, greatest : ndarray, shape (n, n_forms)

    Notes
    -----
    For any ν, because Σ y = 1, and with m and w the middle and half the width of each side,

        t·y = ν + Σ (tⱼ − ν) yⱼ ≥ ν + Σ (tⱼ − ν) mⱼ − Σ wⱼ |tⱼ − ν|

    and likewise with + for the greatest. Every ν gives a bound. It is concave (convex) in ν and bends at the tⱼ only,
    so the best ν is one of them; the duality of linear programming makes it exact.
    """
    size = t.shape[1]
    middle, half = (low + high) / 2, (high - low) / 2
    outside = 1 - middle.sum(axis=1)[:, None]
    reach = np.zeros_like(t)
    for first in range(size):
        for second in range(first + 1, size):
            apart = np.abs(t[:, first] - t[:, second])
            reach[:, first] += half[:, second, None] * apart
            reach[:, second] += half[:, first, None] * apart
    center = (middle[:, None, :] @ t)[:, 0]
    least, greatest = np.full_like(center, -np.inf), np.full_like(center, np.inf)
    for position in range(size):
        level = t[:, position] * outside
        np.maximum(least, level - reach[:, position], out=least)
        np.minimum(greatest, level + reach[:, position], out=greatest)
    slack = ROUNDING * np.abs(t).max(axis=1)
    return center + least - slack, center + greatest + slack


def reweigh(low: FloatArray, high: FloatArray, weight: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Box of zⱼ = wⱼyⱼ/Σ wᵢyᵢ over a box of y ≥ 0, w > 0: z rises with its own amount and falls with every other."""
    small, large = low * weight, high * weight
    least = small / np.maximum(small + large.sum(axis=1, keepdims=True) - large, 1e-300)
    greatest = large / np.maximum(large + small.sum(axis=1, keepdims=True) - small, 1e-300)
    return np.maximum(least - ROUNDING, 0.0), np.minimum(greatest + ROUNDING, 1.0)


def close_sum(low: FloatArray, high: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Sides drawn in to what Σ y = 1 leaves of them: yⱼ = 1 − Σ of the others."""
    tight_low = np.maximum(low, 1 - high.sum(axis=1, keepdims=True) + high - ROUNDING)
    tight_high = np.minimum(high, 1 - low.sum(axis=1, keepdims=True) + low + ROUNDING)
    return tight_low, tight_high


def chord_slopes(argument: FloatArray, value: FloatArray, end: tuple[FloatArray, FloatArray, FloatArray]) -> FloatArray:
    """Slope of the chord from (argument, value) to an end, given as (argument, value, derivative).

    Where the two are too near for a quotient, the end's derivative stands in. For a convex or concave function it lies
    beyond the chord's slope on the side of that end, so it widens the range of slopes and never narrows it.
    """
    step = end[0] - argument
    near = np.abs(step) < _NEAR
    slope: FloatArray = np.where(near, end[2], (end[1] - value) / np.where(near, 1.0, step))
    return slope


def cube_root_chords(X: FloatArray, low: FloatArray, high: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Least and greatest slope of the chords of CIELAB's f from X to the points of low…high, which holds X.

    f is concave (a line below (6/29)³, a cube root above, with one slope where they meet): a chord from X falls as its
    other end rises, so the extremes are at the ends.
    """
    f, _ = cube_root(X)
    least = chord_slopes(X, f, (high, *cube_root(high)))
    greatest = chord_slopes(X, f, (low, *cube_root(low)))
    return least * (1 - LOOSE), greatest * (1 + LOOSE)


def range_over_ellipsoid(
    G: FloatArray, radius: FloatArray, t: FloatArray, low: FloatArray, high: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Bounds of t·y over the recipes of a box with yᵀGy ≤ radius².

    Parameters
    ----------
    G : ndarray, shape (n, size, size)
        Gram matrices.
    radius : ndarray, shape (n,)
    t : ndarray, shape (n, size, n_forms)
    low, high : ndarray, shape (n, size)

    Returns
    -------
    least, greatest : ndarray, shape (n, n_forms)

    Notes
    -----
    For any a and ν, with e = t − ν1 − Ga,

        t·y = ν + aᵀGy + e·y ≤ ν + radius √(aᵀGa) + Σ max(eⱼ lowⱼ, eⱼ highⱼ)

    by Cauchy–Schwarz in the form G and Σ y = 1. Any a and ν give a bound, so it does not matter how well they were
    computed, however singular G is. The ones taken are the best without the box: with A = 1ᵀG⁻¹1, b = 1ᵀG⁻¹t and
    w² = tᵀG⁻¹t − b²/A the greatest value on the ellipsoid is b/A + w √(radius² − 1/A), attained at
    ν = b/A − w/√(A (radius² A − 1)), a = G⁻¹(t − ν1).
    """
    scale = 1 / np.sqrt(np.maximum(np.einsum("nii->ni", G), 1e-300))
    scaling = scale[:, :, None] * scale[:, None, :]
    inverse = np.linalg.inv(G * scaling + _RIDGE * np.eye(G.shape[1])) * scaling
    of_one = inverse.sum(axis=2, keepdims=True)
    of_t = inverse @ t
    A = np.maximum(of_one.sum(axis=1), 1e-300)
    center = of_t.sum(axis=1) / A
    w = np.sqrt(np.maximum(np.sum(t * of_t, axis=1) - center**2 * A, 0.0))
    shift = w / np.sqrt(A * np.maximum(radius[:, None] ** 2 * A - 1, 1e-6))
    middle, half = (low + high)[:, None, :] / 2, (high - low)[:, None, :] / 2
    ends = []
    for sign in (1.0, -1.0):
        nu = (center - sign * shift)[:, None]
        a = of_t - nu * of_one
        Ga = G @ a
        magnitude = np.sum(np.abs(a) / scale[:, :, None], axis=1)
        length = np.sqrt(np.maximum(np.sum(a * Ga, axis=1), 0.0) + ROUNDING * magnitude**2)
        e = t - nu - Ga
        rest = (middle @ e)[:, 0] + sign * (half @ np.abs(e))[:, 0]
        slack = ROUNDING * (np.abs(t).max(axis=1) + np.abs(nu[:, 0]) + magnitude / scale.min(axis=1, keepdims=True))
        ends.append(nu[:, 0] + rest + sign * (radius[:, None] * length + slack))
    return ends[1], ends[0]


def greatest_stretch(magnitude: FloatArray, scale: FloatArray) -> FloatArray:
    """Upper bound of the largest eigenvalue of D P D, D = diag(scale), from |P| entry by entry, shape (n,).

    It is at most that of D|P|D, and for a matrix M with entries ≥ 0 and any x > 0 the largest eigenvalue is at most
    max (Mx)ᵢ/xᵢ (L. Collatz, Math. Z. 48 (1942) 221). Two steps of the power method bring x near the eigenvector.

    Parameters
    ----------
    magnitude : ndarray, shape (n_bands, n_bands)
    scale : ndarray, shape (n, n_bands)
        At least 0.
    """
    scale = np.maximum(scale, 1e-150)
    x = scale / scale.max(axis=1, keepdims=True)
    for _ in range(2):
        x = scale * ((scale * x) @ magnitude)
        x = np.maximum(x / x.max(axis=1, keepdims=True), 1e-12)
    stretch: FloatArray = np.max(scale * ((scale * x) @ magnitude) / x, axis=1) * (1 + LOOSE)
    return stretch
