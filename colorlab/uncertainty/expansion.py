"""A measure of difference, squared, as a polynomial of second degree in the error of the colours: fast, and checked.

ΔE² is smooth where ΔE is not: near zero, where verdicts are hardest, it is the quadratic form of its metric. Over the
few tenths of a unit that a measurement is uncertain by, the polynomial is as good as the formula; where it is not
(a measure with corners, a hue that turns around) the check says so and the formula itself is drawn.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from spectra.arrays import FloatArray

# (standard (..., 3), sample (..., 3)) → (...)
Value = Callable[[FloatArray, FloatArray], FloatArray]

# The polynomial goes through the measure this far from its centre, in standard deviations of the error.
REACH = 1.5
LEAST_STEP = 1e-3  # [CIELAB units] rounding errors of the second differences stay below 1e-8

_PLUS, _MINUS = np.eye(3), -np.eye(3)
_PAIRS = ((0, 1), (0, 2), (1, 2))
_CORNERS = np.array([_PLUS[i] + _PLUS[j] for i, j in _PAIRS])
# Ten points give the ten coefficients of a polynomial of second degree in three variables.
_POINTS = np.concatenate([np.zeros((1, 3)), _PLUS, _MINUS, _CORNERS])


@dataclass(frozen=True, slots=True, eq=False)
class Expansion:
    """value² ≈ constant + gradient · e + ½ eᵀ hessian e, for an error e of sample minus standard in CIELAB.

    Attributes
    ----------
    constant : ndarray, shape (...)
    gradient : ndarray, shape (..., 3)
    hessian : ndarray, shape (..., 3, 3)
    """

    constant: FloatArray
    gradient: FloatArray
    hessian: FloatArray

    def of(self, case: int | np.ndarray[tuple[int, ...], np.dtype[np.int_]]) -> Expansion:
        """That of one case of a batch, or of several."""
        return Expansion(self.constant[case], self.gradient[case], self.hessian[case])

    def at(self, error: FloatArray) -> FloatArray:
        """value² at errors of shape (..., 3)."""
        form = (self.gradient + 0.5 * (self.hessian @ error[..., None])[..., 0]) * error
        total: FloatArray = self.constant + form.sum(axis=-1)
        return total

    def mean_excess(self, covariance: FloatArray) -> FloatArray:
        """By how much the mean of value² exceeds that of its centre, for the covariance (..., 3, 3) of the error."""
        excess: FloatArray = 0.5 * (self.hessian * covariance).sum(axis=(-2, -1))
        return excess

    def variance(self, covariance: FloatArray) -> FloatArray:
        """Of the value for that covariance, to first order: by errors along the difference, not across it."""
        turned = (covariance @ self.gradient[..., None])[..., 0]
        along: FloatArray = (turned * self.gradient).sum(axis=-1) / (4 * np.maximum(self.constant, 1e-18))
        return along

    def shifted(self, by: FloatArray) -> Expansion:
        """The same polynomial around a centre moved by (..., 3)."""
        bent = (self.hessian @ by[..., None])[..., 0]
        return Expansion(self.at(by), self.gradient + bent, self.hessian)

    def coefficients(self, root: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Of the `features` of independent unit errors z, where e = root · z: even and odd, each (..., n_features).

        Parameters
        ----------
        root : ndarray, shape (..., 3, n)
        """
        turned = np.swapaxes(root, -1, -2)
        linear = (turned @ self.gradient[..., None])[..., 0]
        form = 0.5 * (turned @ self.hessian @ root)
        rows, columns = np.triu_indices(form.shape[-1])
        squares = form[..., rows, columns] * np.where(rows == columns, 1.0, 2.0)
        return np.concatenate([self.constant[..., None], squares], axis=-1), linear


def expansion(value: Value, standard: FloatArray, centre: FloatArray, spread: FloatArray) -> Expansion:
    """The polynomial through ten points around a centre.

    Half of an error is the sample's and half the standard's: where both are equally uncertain, what they have in common
    is independent of their difference, and the weights of a formula, which go with their mean, are left where they are.

    Parameters
    ----------
    value : callable
    standard, centre : ndarray, shape (..., 3)
        CIELAB.
    spread : ndarray, shape (..., 3)
        Standard deviation of the error of ΔL*, Δa* and Δb*.
    """
    step = np.maximum(REACH * spread, LEAST_STEP)
    half = _POINTS.reshape(10, *(1,) * (centre.ndim - 1), 3) * (step / 2)
    squared = value(standard - half, centre + half) ** 2
    middle, plus, minus, corners = squared[0], squared[1:4], squared[4:7], squared[7:]
    gradient = np.moveaxis(plus - minus, 0, -1) / (2 * step)
    hessian = np.empty((*centre.shape, 3))
    for axis in range(3):
        hessian[..., axis, axis] = (plus[axis] + minus[axis] - 2 * middle) / step[..., axis] ** 2
    for (i, j), corner in zip(_PAIRS, corners, strict=True):
        mixed = (corner - plus[i] - plus[j] + middle) / (step[..., i] * step[..., j])
        hessian[..., i, j] = hessian[..., j, i] = mixed
    return Expansion(middle, gradient, hessian)


def features(unit_errors: FloatArray) -> FloatArray:
    """1 and the products z_i z_j (i ≤ j) of unit errors (..., n, draws), shape (..., n_features, draws): the even ones.

    The odd ones are the unit errors themselves.
    """
    n = unit_errors.shape[-2]
    rows, columns = np.triu_indices(n)
    ones = np.ones((*unit_errors.shape[:-2], 1, unit_errors.shape[-1]))
    return np.concatenate([ones, unit_errors[..., rows, :] * unit_errors[..., columns, :]], axis=-2)
