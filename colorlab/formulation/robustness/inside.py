"""How likely a colour that scatters about its own place lies inside a tolerance: all angles and viewings together.

The squared measure is a polynomial of second degree in the errors (`colorlab.uncertainty.expansion`), so along a line
through the space of unit errors each limit holds on an interval, whose probability is exact. The lines run along
the direction that matters most and lie on a lattice in the others (line sampling): no angle or viewing is left out, and
nothing is assumed to be small against the distance from the target.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from colorlab.colorimetry.viewing import Viewing
from colorlab.difference.measure import Measure
from colorlab.uncertainty.expansion import Expansion, expansion
from spectra.arrays import FloatArray

BoolArray = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]

# Lines, and the most directions across them. Directions of less than this share of the first change nothing shown.
LINES, MOST_DIRECTIONS = 256, 8
_LEFT_OUT = 1e-5
# Below this the square of a difference, in limits squared, has no slope to speak of, and a line no curvature.
_NEAR, _FLAT = 1e-3, 1e-12
_WIDTH = 3.0**0.5  # of a uniform error of variance 1, to either side
# Draws of the measure itself where the polynomial is not as good as it, such as at the corners of a box.
_DRAWS = 4096
_CHECKED, _CLOSE = 16, 0.03


@dataclass(frozen=True, slots=True, eq=False)
class Limits:
    """What a colour is held against.

    Attributes
    ----------
    measure : Measure
        A tolerance, or a formula by itself.
    tokens : tuple of str, length n_angles
    viewings : tuple of Viewing
    limits : ndarray, shape (n_angles, n_viewings)
        [unit of the measure]
    """

    measure: Measure
    tokens: tuple[str, ...]
    viewings: tuple[Viewing, ...]
    limits: FloatArray

    def value(self, standard: FloatArray, sample: FloatArray) -> FloatArray:
        """The difference, shape (..., n_angles, n_viewings), of CIELAB (..., n_angles, n_viewings, 3)."""
        return self.measure.value(standard, sample, self.tokens, None, self.viewings)


def probability_inside(
    limits: Limits, standard: FloatArray, sample: FloatArray, roots: FloatArray, n_uniform: int = 0
) -> FloatArray:
    """Probability that the differences at all angles under all viewings keep their limits.

    Parameters
    ----------
    limits : Limits
    standard : ndarray, shape (n_angles, n_viewings, 3)
        CIELAB of the target, taken as exact.
    sample : ndarray, shape (n, n_angles, n_viewings, 3)
        CIELAB about which the samples scatter.
    roots : ndarray, shape (n, n_angles, n_viewings, 3, n_errors)
        From independent errors of mean 0 and variance 1, the same at every angle and viewing, to errors of the sample.
    n_uniform : int
        So many of them, the first ones, are uniform; the others are normal.

    Returns
    -------
    ndarray, shape (n,)
        [1]

    References
    ----------
    .. [1] P. S. Koutsourelakis, H. J. Pradlwarter, G. I. Schuëller, "Reliability of structures in high dimensions,
       part I: algorithms and applications", Probab. Eng. Mech. 19 (2004) 409–417.
    """
    fixed = np.broadcast_to(standard, sample.shape)
    spread = np.sqrt(np.sum(roots**2, axis=-1))
    # The target stays where it is: all of the error is the sample's.
    around = expansion(lambda first, second: limits.value(fixed, second + (fixed - first)), fixed, sample, spread)
    n_errors = roots.shape[-1]
    if n_errors == 0:
        return np.asarray((around.constant <= limits.limits**2).all(axis=(1, 2)), dtype=np.float64)
    chance = _by_lines(around, limits.limits, roots, n_uniform)
    uniform = np.arange(n_errors) < n_uniform
    for row in np.flatnonzero(~_close(limits, around, standard, sample, roots, uniform)):
        drawn = _errors(_lattice(n_errors, _DRAWS), uniform) @ roots[row].reshape(-1, n_errors).T
        colours = sample[row] + drawn.reshape(_DRAWS, *sample.shape[1:])
        chance[row] = (limits.value(standard, colours) <= limits.limits).all(axis=(1, 2)).mean()
    return chance


def _by_lines(around: Expansion, limits: FloatArray, roots: FloatArray, n_uniform: int) -> FloatArray:
    gradient, form, constant = _in_limits(around, limits, roots)
    # How much each direction matters: by its own curvature, and by the slope of the difference itself.
    slope = gradient / np.sqrt(np.maximum(constant, _NEAR))[..., None] / 2
    importance = form.sum(axis=1) + np.swapaxes(slope, 1, 2) @ slope
    # Normal errors may be turned into the directions that matter; uniform ones stay what they are.
    basis = np.broadcast_to(np.eye(roots.shape[-1]), importance.shape).copy()
    normal = slice(n_uniform, None)
    basis[:, normal, normal] = np.linalg.eigh(importance[:, normal, normal])[1]
    score = np.einsum("nij,nik,nkj->nj", basis, importance, basis, optimize=True)
    order = np.argsort(-score, axis=1, kind="stable")
    sorted_score = np.take_along_axis(score, order, axis=1)
    needed = int((sorted_score > _LEFT_OUT * sorted_score[:, :1]).sum(axis=1).max(initial=1))
    order = order[:, : min(max(needed, 1), MOST_DIRECTIONS + 1)]
    uniform = order < n_uniform
    turned = np.take_along_axis(basis, order[:, None], axis=2)[:, None]
    gradient = (gradient[:, :, None] @ turned)[:, :, 0]
    form = np.swapaxes(turned, -1, -2) @ form @ turned
    y = _errors(_lattice(order.shape[1] - 1, LINES), uniform[:, None, 1:])
    a = np.maximum(form[:, :, 0, 0], _FLAT)[..., None]
    b = gradient[:, :, :1] + 2 * form[:, :, 0, 1:] @ np.swapaxes(y, 1, 2)
    c = constant[..., None] - 1 + gradient[:, :, 1:] @ np.swapaxes(y, 1, 2)
    c = c + ((y[:, None] @ form[:, :, 1:, 1:]) * y[:, None]).sum(axis=-1)
    under_root = b * b - 4 * a * c
    root = np.sqrt(np.maximum(under_root, 0.0))
    # The interval of each limit; that of all is what they have in common.
    low = np.where(under_root > 0, (-b - root) / (2 * a), np.inf).max(axis=1)
    high = np.where(under_root > 0, (-b + root) / (2 * a), -np.inf).min(axis=1)
    share = _below(high, uniform[:, :1]) - _below(low, uniform[:, :1])
    chance: FloatArray = np.maximum(share, 0.0).mean(axis=1)
    return chance


def _in_limits(around: Expansion, limits: FloatArray, roots: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Gradient, form and constant of (difference / limit)² in the unit errors, one limit after the other.

    Shapes (n, n_limits, n_errors), (n, n_limits, n_errors, n_errors), (n, n_limits).
    """
    n, *_, n_errors = roots.shape
    turned, square = np.swapaxes(roots, -1, -2), limits.ravel() ** 2
    gradient = (turned @ around.gradient[..., None])[..., 0].reshape(n, -1, n_errors) / square[:, None]
    form = 0.5 * (turned @ around.hessian @ roots).reshape(n, -1, n_errors, n_errors) / square[:, None, None]
    return gradient, form, around.constant.reshape(n, -1) / square


def _close(
    limits: Limits, around: Expansion, standard: FloatArray, sample: FloatArray, roots: FloatArray, uniform: BoolArray
) -> BoolArray:
    """Where the polynomial is as good as the measure, shape (n,)."""
    few = _errors(_lattice(roots.shape[-1], _CHECKED), uniform)
    drawn = np.moveaxis(roots @ few.T, -1, 0)
    own = limits.value(standard, sample + drawn)
    off = np.sqrt(np.maximum(around.at(drawn), 0.0)) - own
    # Far from the limit on either side it does not matter how exact it is.
    allowed = _CLOSE * np.maximum(limits.limits, np.abs(own - limits.limits))
    return np.asarray((np.abs(off) <= allowed).all(axis=(0, 2, 3)))


def _lattice(dimensions: int, count: int) -> FloatArray:
    """Points that fill the unit cube evenly, shape (count, dimensions); one point alone where there is no dimension.

    The fractional parts of multiples of the powers of one number, the inverse root of x^(d+1) = x + 1; in one dimension
    of the golden section.
    """
    if dimensions == 0:
        return np.zeros((1, 0))
    root = 2.0
    for _ in range(40):
        root = (1 + root) ** (1 / (dimensions + 1))
    points: FloatArray = (0.5 + np.arange(1, count + 1)[:, None] * root ** -np.arange(1.0, dimensions + 1)) % 1
    return points


def _errors(points: FloatArray, uniform: BoolArray) -> FloatArray:
    """Errors of mean 0 and variance 1 at points of the unit cube, uniform ones and normal ones."""
    from scipy.special import ndtri

    errors: FloatArray = np.where(uniform, _WIDTH * (2 * points - 1), ndtri(points))
    return errors


def _below(error: FloatArray, uniform: BoolArray) -> FloatArray:
    """How likely an error of mean 0 and variance 1 is below a value."""
    from scipy.special import ndtr

    share: FloatArray = np.where(uniform, np.clip((error / _WIDTH + 1) / 2, 0.0, 1.0), ndtr(error))
    return share
