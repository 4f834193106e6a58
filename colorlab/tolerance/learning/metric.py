"""The quadratic form a colour-difference formula is near one colour, and the coordinates it is written in."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from colorlab.difference.components import NEUTRAL_CHROMA, components
from colorlab.difference.effect import Coordinates
from colorlab.difference.standard import delta_E
from spectra.arrays import FloatArray
from spectra.errors import ToleranceError

NAMES: dict[Coordinates, tuple[str, str, str]] = {"LCH": ("ΔL*", "ΔC*", "ΔH*"), "Lab": ("ΔL*", "Δa*", "Δb*")}
# Small enough to be local, large enough that the differences of CIEDE2000 keep nine digits. [CIELAB units]
_STEP = 0.01


def fitting_coordinates(standard: ArrayLike) -> Coordinates:
    """ΔL*, ΔC*, ΔH* around a colour; ΔL*, Δa*, Δb* around a grey, whose hue angle says little."""
    _, a, b = np.asarray(standard, dtype=np.float64)
    return "LCH" if np.hypot(a, b) >= NEUTRAL_CHROMA else "Lab"


def differences_of(standard: ArrayLike, sample: ArrayLike, kind: Coordinates) -> FloatArray:
    """Sample minus standard in the coordinates of a tolerance.

    Parameters
    ----------
    standard, sample : array_like, shape (..., 3)
        CIELAB.
    kind : {"LCH", "Lab"}

    Returns
    -------
    ndarray, shape (..., 3)
        ΔL*, ΔC*, ΔH* or ΔL*, Δa*, Δb*. [CIELAB units]
    """
    parts = components(standard, sample)
    if kind == "LCH":
        return np.stack([parts.delta_L, parts.delta_C, parts.delta_H], axis=-1)
    return np.stack([parts.delta_L, parts.delta_a, parts.delta_b], axis=-1)


def sample_of(standard: ArrayLike, difference: ArrayLike, kind: Coordinates) -> FloatArray:
    """The sample that lies a difference away from its standard: the inverse of `differences_of`.

    Parameters
    ----------
    standard, difference : array_like, shape (..., 3)
        CIELAB; ΔL*, ΔC*, ΔH* or ΔL*, Δa*, Δb*.
    kind : {"LCH", "Lab"}

    Returns
    -------
    ndarray, shape (..., 3)
        CIELAB.

    Raises
    ------
    ToleranceError
        If no colour lies there: a chroma below 0, or more ΔH* than the two chromas can make.
    """
    first, apart = np.broadcast_arrays(np.asarray(standard, dtype=np.float64), np.asarray(difference, dtype=np.float64))
    if kind == "Lab":
        return np.asarray(first + apart)
    (L, a, b), (dL, dC, dH) = np.moveaxis(first, -1, 0), np.moveaxis(apart, -1, 0)
    C1 = np.hypot(a, b)
    C2 = C1 + dC
    reach = 2 * np.sqrt(np.maximum(C1 * C2, 0.0))
    if (C2 < 0).any() or (np.abs(dH) > reach).any():
        raise ToleranceError("ΔC* and ΔH* lead to no colour: the chroma of the standard is too small for them")
    sine = np.divide(dH, reach, out=np.zeros_like(reach), where=reach > 0)
    h2 = np.arctan2(b, a) + 2 * np.arcsin(sine)
    return np.stack([L + dL, C2 * np.cos(h2), C2 * np.sin(h2)], axis=-1)


def local_metric(standard: ArrayLike, formula: str, kind: Coordinates, white: ArrayLike | None = None) -> FloatArray:
    """The matrix G for which ΔE² is close to dᵀGd where d is small.

    Parameters
    ----------
    standard : array_like, shape (3,)
        CIELAB.
    formula : str
        A row of `colorlab.difference.standard.FORMULAS`.
    kind : {"LCH", "Lab"}
        Of d.
    white : array_like, shape (3,), optional
        XYZ of the white, for the formulas that need it.

    Returns
    -------
    ndarray, shape (3, 3)
        Symmetric, positive definite.

    Raises
    ------
    MeasurementError
        If there is no such formula, or it needs a white and has none.
    ToleranceError
        If ΔH* is asked of a colour without chroma.
    """
    lab = np.asarray(standard, dtype=np.float64)
    C = float(np.hypot(lab[1], lab[2]))
    if kind == "LCH" and C < 10 * _STEP:
        raise ToleranceError("a grey has no ΔH*; take ΔL*, Δa*, Δb*")
    # Directions of L*, C*, H* in L*, a*, b*: first order is all that a local metric is.
    turn = np.eye(3)
    if kind == "LCH":
        cos, sin = lab[1] / C, lab[2] / C
        turn[1:, 1:] = [[cos, -sin], [sin, cos]]
    # Along the coordinates for the diagonal; along the two diagonals between them, half of whose difference is the
    # rest. For a formula that is no quadratic form (HyAB) this is the one with the same values along the coordinates.
    between = [(i, j) for i in range(3) for j in range(i + 1, 3)]
    unit = np.eye(3)
    steps = np.array([*unit, *(unit[i] + side * unit[j] for side in (1, -1) for i, j in between)])
    squares = np.zeros(len(steps))
    for sign in (1.0, -1.0):
        samples = lab + sign * _STEP * steps @ turn.T
        squares += delta_E(lab, samples, formula, white) ** 2 / (2 * _STEP**2)
    metric = np.diag(squares[:3])
    for (i, j), along, across in zip(between, squares[3:6], squares[6:], strict=True):
        metric[i, j] = metric[j, i] = (along - across) / 4
    return metric
