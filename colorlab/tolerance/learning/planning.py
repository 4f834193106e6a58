"""What to ask the observers next: how many more judgements, and of which difference."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from colorlab.tolerance.learning.psychometric import Psychometric, probability_and_slopes
from colorlab.tolerance.learning.reach import coverage_factor, log_reach_uncertainty, without_belief
from spectra.arrays import FloatArray
from spectra.errors import ToleranceError

PRECISION = 0.1  # half of the 95 % interval of every reach, as a share of it [1]
_MOST = 1e6  # times as many judgements as there are: never
# Candidates lie where acceptance goes from nearly sure to nearly none. [semi-axes]
_SIZES = (0.6, 0.8, 1.0, 1.2, 1.5)


@dataclass(frozen=True, slots=True)
class MoreJudgements:
    """How many judgements a precision takes beyond those there are, asked like those there are.

    Attributes
    ----------
    precision : float
        Half of the 95 % interval of each reach, as a share of it. [1]
    same_observers : int or None
        More judgements by the same observers; None where their differing from each other alone leaves more than that.
    new_observers : int
        More judgements where new observers give them, each as many as each gave so far.
    """

    precision: float
    same_observers: int | None
    new_observers: int

    def as_dict(self) -> dict[str, Any]:
        """Plain types."""
        return {
            "precision": self.precision,
            "same_observers": self.same_observers,
            "new_observers": self.new_observers,
        }


@dataclass(frozen=True, slots=True)
class Question:
    """A difference worth showing.

    Attributes
    ----------
    difference : tuple of float
        From the standard; its opposite tells as much. [CIELAB units]
    probability : float
        Of acceptance by the typical observer, as far as known. [1]
    gain : float
        Expected information about the ellipsoid from one judgement. [nat]
    """

    difference: tuple[float, ...]
    probability: float
    gain: float

    def as_dict(self) -> dict[str, Any]:
        """Plain types."""
        return {"difference": list(self.difference), "probability": self.probability, "gain": self.gain}


def more_judgements(
    fit: Psychometric,
    n_judgements: float,
    directions: FloatArray,
    *,
    precision: float = PRECISION,
    widening: FloatArray | None = None,
) -> MoreJudgements:
    """How many more judgements bring every reach to a precision.

    Information is taken to grow in proportion to the judgements, so they must be of differences like those judged so
    far; `next_question` tells of better ones.

    Parameters
    ----------
    fit : Psychometric
    n_judgements : float
        Made so far.
    directions : ndarray, shape (n_directions, p)
    precision : float
        See `MoreJudgements`. [1]
    widening : ndarray, shape (n_directions,), optional
        See `colorlab.tolerance.learning.reach.widening_by_pairs`.

    Raises
    ------
    ToleranceError
        If the precision does not lie between 0 and 1, or no number of judgements like these would do.
    """
    if not 0 < precision < 1:
        raise ToleranceError(f"a precision of {precision} does not lie between 0 and 1")
    wider = np.ones(len(directions)) if widening is None else widening
    n_own, prior = fit.n_shape + 2, without_belief(fit)

    def precise(times: float, covariance: FloatArray) -> bool:
        allowed = np.log1p(precision) / coverage_factor(fit, times * fit.n_pairs) / wider
        return all(
            log_reach_uncertainty(fit, e, covariance) <= most for e, most in zip(directions, allowed, strict=True)
        )

    def reached_by_same(times: float) -> bool:
        covariance = np.asarray(np.linalg.inv(times * fit.information + prior), dtype=np.float64)
        return precise(times, covariance)

    def reached_by_new(times: float) -> bool:
        # What a set of observers tells of the common parameters once their own are integrated out; such sets add up.
        own, cross = fit.information[:n_own, :n_own], fit.information[:n_own, n_own:]
        observers = fit.information[n_own:, n_own:] + prior[n_own:, n_own:]
        told = own - cross @ np.linalg.solve(observers, cross.T)
        covariance = np.zeros_like(prior)
        covariance[:n_own, :n_own] = np.linalg.inv(times * told + prior[:n_own, :n_own])
        return precise(times, covariance)

    new = _least(reached_by_new)
    if new is None:
        raise ToleranceError("no number of judgements like these would do: show differences in other directions")
    same = _least(reached_by_same)
    return MoreJudgements(
        precision,
        None if same is None else int(np.ceil((same - 1) * n_judgements)),
        int(np.ceil((new - 1) * n_judgements)),
    )


def candidates(fit: Psychometric, n_directions: int = 60) -> FloatArray:
    """Differences all around the standard, nearer and farther than the 50 % surface, shape (n, p).

    Only half of the directions: a difference and its opposite tell an ellipsoid the same.
    """
    p = fit.dimension
    if p == 3:
        # A spiral of equal areas over the half sphere.
        turn = np.arange(n_directions) * np.pi * (3 - np.sqrt(5))
        height = (np.arange(n_directions) + 0.5) / n_directions
        flat = np.sqrt(1 - height**2)
        unit = np.column_stack([flat * np.cos(turn), flat * np.sin(turn), height])
    else:
        unit = np.random.default_rng(0).normal(size=(n_directions, p))
        unit /= np.linalg.norm(unit, axis=1, keepdims=True)
    # Onto the surface of the ellipsoid: with M = FFᵀ, x = F⁻ᵀu has xᵀMx = uᵀu.
    surface = np.linalg.solve(np.linalg.cholesky(fit.matrix).T, unit.T).T
    return np.concatenate([size * surface for size in _SIZES])


def next_question(fit: Psychometric, shown: FloatArray | None = None) -> Question:
    """The difference whose judgement is expected to tell most about the ellipsoid.

    Parameters
    ----------
    fit : Psychometric
    shown : ndarray, shape (n, p), optional
        Differences that can be shown; `candidates` when left out.

    Notes
    -----
    D-optimal for the ellipsoid, whatever steepness and lapses are: with the parameters' covariance Σ, a judgement of
    probability P with slope j adds the information jjᵀ/P(1 − P), and what is gained is half of the fall of ln det of
    the ellipsoid's part of Σ. The judgement is the typical observer's.

    References
    ----------
    .. [1] K. Chaloner, I. Verdinelli, "Bayesian experimental design: a review", Stat. Sci. 10 (1995) 273,
       doi:10.1214/ss/1177009939.
    """
    differences = candidates(fit) if shown is None else np.asarray(shown, dtype=np.float64)
    gains, P = information_gain(fit, differences)
    best = int(np.argmax(gains))
    difference = differences[best] * np.sign(differences[best][np.abs(differences[best]).argmax()])
    return Question(tuple(difference.tolist()), float(P[best]), float(gains[best]))


def information_gain(fit: Psychometric, differences: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Expected information about the ellipsoid from one judgement of each difference [nat], and how likely it accepts.

    Returns
    -------
    tuple of ndarray, both of shape (n,)
    """
    nobody = np.full(len(differences), -1)
    P, slopes = probability_and_slopes(fit.root, fit.parameters, differences, nobody)
    # What the formula's shape was believed to be is not held for known: a direction nobody judged is worth asking.
    covariance = np.linalg.inv(fit.information + without_belief(fit))
    seen = slopes @ covariance
    weight = 1 / (P * (1 - P))
    own = covariance[: fit.n_shape, : fit.n_shape]
    part = seen[:, : fit.n_shape]
    toward = np.einsum("ij,ij->i", np.linalg.solve(own, part.T).T, part)
    everything = np.einsum("ij,ij->i", seen, slopes)
    gains: FloatArray = -0.5 * np.log1p(-weight * toward / (1 + weight * everything))
    return gains, P


def _least(reached: Callable[[float], bool], most: float = _MOST) -> float | None:
    """The least factor, at least 1, at which something that only gets easier is reached."""
    if reached(1.0):
        return 1.0
    if not reached(most):
        return None
    low, high = 1.0, most
    while high / low > 1.001:
        middle = float(np.sqrt(low * high))
        low, high = (low, middle) if reached(middle) else (middle, high)
    return high
