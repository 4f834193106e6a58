"""How likely a difference is accepted: the psychometric function over an ellipsoid, and its most likely parameters.

An observer o accepts a difference d with the probability

    P = λ/2 + (1 − λ) / (1 + exp(−η)),   η = k (1 − dᵀMd · exp(−2 t_o))

M is positive definite: dᵀMd = 1 is the surface on which every second judgement is an acceptance. k is how steep the
change is there, λ the share of judgements given without looking (lapses), exp(t_o) how much larger than the typical
observer's the ellipsoid of this observer is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from spectra.arrays import FloatArray
from spectra.errors import ToleranceError

IntArray = np.ndarray[tuple[int, ...], np.dtype[np.intp]]

# What is believed before any judgement: steepness within a factor of e of 3, lapses about 2 % and rarely above 10 %,
# the size of the ellipsoid within a factor of about five of the size of the differences shown.
_LOG_STEEPNESS, _LOG_STEEPNESS_SD = np.log(3.0), 1.0
_LAPSE_LOGIT, _LAPSE_LOGIT_SD = np.log(0.02 / 0.98), 1.0
_SIZE_SD = 1.5
# Observers differ by about a tenth in size; this belief weighs as much as one observer.
_OBSERVER_SD = 0.1
_MAX_STEPS, _TOLERANCE = 200, 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Judgements:
    """What was judged.

    Attributes
    ----------
    differences : ndarray, shape (n, p)
    accepted : ndarray, shape (n,)
        1 accepted, 0 rejected, ½ undecided between the two. [1]
    observers : ndarray of int, shape (n,)
        Numbers from 0, or -1 for nobody in particular.
    pairs : ndarray of int, shape (n,)
        Which judgements are of one pair: they stay together when judgements are left out or drawn again.
    weights : ndarray, shape (n,)
        How many judgements a row stands for. [1]
    """

    differences: FloatArray
    accepted: FloatArray
    observers: IntArray
    pairs: IntArray
    weights: FloatArray

    def rows(self, which: IntArray) -> Judgements:
        """Some of them, or some of them more than once."""
        return Judgements(
            self.differences[which],
            self.accepted[which],
            self.observers[which],
            self.pairs[which],
            self.weights[which],
        )

    @property
    def n_observers(self) -> int:
        """Observers that are told apart."""
        return int(self.observers.max(initial=-1)) + 1


@dataclass(frozen=True, slots=True, eq=False)
class Psychometric:
    """The most likely parameters, and how sure they are.

    Attributes
    ----------
    root : ndarray, shape (p, p)
        u = root · d are coordinates in which the prior metric is a sphere.
    parameters : ndarray, shape (n_parameters,)
        ln of the diagonal of R and its elements below it (M = rootᵀ R Rᵀ root), ln k, logit λ, then t of each observer.
    observer_sd : float
        Of t. [ln of size] 0 where observers are not told apart.
    information : ndarray, shape (n_parameters, n_parameters)
        Expected (Fisher), of the judgements alone.
    prior : ndarray, shape (n_parameters, n_parameters)
        Of what was believed before.
    log_likelihood : float
    n_pairs : int
        Learned from.
    """

    root: FloatArray
    parameters: FloatArray
    observer_sd: float
    information: FloatArray
    prior: FloatArray
    log_likelihood: float
    n_pairs: int

    @property
    def dimension(self) -> int:
        """Coordinates of a difference."""
        return len(self.root)

    @property
    def n_shape(self) -> int:
        """Parameters that belong to the ellipsoid."""
        return self.dimension * (self.dimension + 1) // 2

    @property
    def matrix(self) -> FloatArray:
        """M, shape (p, p)."""
        half = self.root.T @ triangle(self.parameters[: self.n_shape], self.dimension)
        product: FloatArray = half @ half.T
        return product

    @property
    def steepness(self) -> float:
        """k. [1]"""
        return float(np.exp(self.parameters[self.n_shape]))

    @property
    def lapse(self) -> float:
        """λ. [1]"""
        return float(1 / (1 + np.exp(-self.parameters[self.n_shape + 1])))

    @property
    def observer_sizes(self) -> FloatArray:
        """exp(t) of each observer, shape (n_observers,). [1]"""
        sizes: FloatArray = np.exp(self.parameters[self.n_shape + 2 :])
        return sizes

    @property
    def covariance(self) -> FloatArray:
        """Of the parameters, by Laplace's approximation, shape (n_parameters, n_parameters)."""
        return np.asarray(np.linalg.inv(self.information + self.prior), dtype=np.float64)

    def probability(self, differences: FloatArray, observers: IntArray | None = None) -> FloatArray:
        """Of acceptance, shape (n,); by the typical observer where none or an unknown one is named."""
        whose = np.full(len(differences), -1) if observers is None else observers
        return probability_and_slopes(self.root, self.parameters, differences, whose)[0]


def told_apart(observers: IntArray) -> IntArray:
    """Observers by number, or nobody in particular where there is only one: the ellipsoid is then that person's."""
    return observers if len(np.unique(observers)) > 1 else np.full_like(observers, -1)


def triangle(shape: FloatArray, dimension: int) -> FloatArray:
    """R, lower triangular with a positive diagonal."""
    R = np.diag(np.exp(shape[:dimension]))
    R[np.tril_indices(dimension, -1)] = shape[dimension:]
    return R


def probability_and_slopes(
    root: FloatArray, parameters: FloatArray, differences: FloatArray, observers: IntArray
) -> tuple[FloatArray, FloatArray]:
    """P and its derivative by each parameter, shapes (n,) and (n, n_parameters)."""
    p = len(root)
    n_shape = p * (p + 1) // 2
    k, lapse = np.exp(parameters[n_shape]), 1 / (1 + np.exp(-parameters[n_shape + 1]))
    sizes = np.append(parameters[n_shape + 2 :], 0.0)[observers]  # -1 is the typical observer
    R = triangle(parameters[:n_shape], p)
    u = differences @ root.T
    v = u @ R
    shrink = np.exp(-2 * sizes)
    q = (v * v).sum(axis=1) * shrink
    eta = k * (1 - q)
    accepting = 0.5 * (1 + np.tanh(eta / 2))
    slopes = np.zeros((len(u), len(parameters)))
    by_q = -k * shrink[:, None]
    slopes[:, :p] = by_q * 2 * v * u * np.diag(R)
    below, beside = np.tril_indices(p, -1)
    slopes[:, p:n_shape] = by_q * 2 * v[:, beside] * u[:, below]
    slopes[:, n_shape] = eta
    known = np.flatnonzero(observers >= 0)
    slopes[known, n_shape + 2 + observers[known]] = 2 * k * q[known]
    slopes *= ((1 - lapse) * accepting * (1 - accepting))[:, None]
    slopes[:, n_shape + 1] = (0.5 - accepting) * lapse * (1 - lapse)
    return lapse / 2 + (1 - lapse) * accepting, slopes


def fit_psychometric(judgements: Judgements, prior_metric: FloatArray, prior_strength: float) -> Psychometric:
    """The parameters that judgements and prior make most likely.

    Parameters
    ----------
    judgements : Judgements
    prior_metric : ndarray, shape (p, p)
        Shape that is believed before; its size is not.
    prior_strength : float
        1/variance of the ln of a semi-axis about that shape. [1]

    Raises
    ------
    ToleranceError
        If every judgement is the same, or no difference differs from 0.
    """
    votes, total = judgements.weights @ judgements.accepted, judgements.weights.sum()
    if not 0 < votes < total:
        what = "accepted" if total and votes == total else "rejected"
        raise ToleranceError(f"every judgement is of one class, {what}: there is no boundary to learn")
    root = scaled_root(judgements, prior_metric)
    p, n_observers = len(root), judgements.n_observers
    n_shape = p * (p + 1) // 2
    centre = np.concatenate([np.zeros(n_shape), [_LOG_STEEPNESS, _LAPSE_LOGIT], np.zeros(n_observers)])
    theta, observer_sd = centre, _OBSERVER_SD
    for _ in range(50):
        prior = prior_information(p, n_observers, prior_strength, observer_sd)
        theta, information, log_likelihood = _most_likely(judgements, root, theta, centre, prior)
        if n_observers == 0:
            observer_sd = 0.0
            break
        # The scatter of the observers from their estimates and what these leave open (expectation-maximisation).
        scatter = np.diag(np.linalg.inv(information + prior))[n_shape + 2 :] + theta[n_shape + 2 :] ** 2
        found = float(np.sqrt((scatter.sum() + _OBSERVER_SD**2) / (n_observers + 1)))
        settled = abs(found - observer_sd) < 0.01 * observer_sd
        if settled:
            break
        observer_sd = found
    n_pairs = len(np.unique(judgements.pairs[judgements.weights > 0]))
    return Psychometric(root, theta, observer_sd, information, prior, log_likelihood, n_pairs)


def scaled_root(judgements: Judgements, metric: FloatArray) -> FloatArray:
    """The root of a metric, scaled so that the mean square of the differences shown lies on its unit sphere."""
    upper = np.linalg.cholesky(metric).T
    squares = ((judgements.differences @ upper.T) ** 2).sum(axis=1)
    mean_square = float(judgements.weights @ squares / judgements.weights.sum())
    if not 0 < mean_square < np.inf:
        raise ToleranceError("every difference is 0: nothing tells what is still accepted")
    scaled: FloatArray = upper / np.sqrt(mean_square)
    return scaled


def prior_information(p: int, n_observers: int, strength: float, observer_sd: float) -> FloatArray:
    """Inverse covariance of the prior: the shape by `strength`, alike in all directions, the size only weakly."""
    n_shape = p * (p + 1) // 2
    prior = np.zeros((n_shape + 2 + n_observers,) * 2)
    mean = np.full((p, p), 1 / p)
    prior[:p, :p] = strength * (np.eye(p) - mean) + mean / p / _SIZE_SD**2
    # To first order M is I + R₁ + R₁ᵀ: an element below the diagonal stands twice where one on it stands doubled.
    prior[range(p, n_shape), range(p, n_shape)] = strength / 2
    prior[n_shape, n_shape] = 1 / _LOG_STEEPNESS_SD**2
    prior[n_shape + 1, n_shape + 1] = 1 / _LAPSE_LOGIT_SD**2
    observers = range(n_shape + 2, len(prior))
    prior[observers, observers] = 1 / observer_sd**2
    return prior


def _most_likely(
    judgements: Judgements, root: FloatArray, theta: FloatArray, centre: FloatArray, prior: FloatArray
) -> tuple[FloatArray, FloatArray, float]:
    """Fisher scoring, damped so that every step climbs."""
    damping = 1e-3
    state = _state(judgements, root, theta)
    height = state[0] - 0.5 * (theta - centre) @ prior @ (theta - centre)
    for _ in range(_MAX_STEPS):
        _, gradient, information = state
        uphill = gradient - prior @ (theta - centre)
        curvature = information + prior
        step = np.linalg.solve(curvature + damping * np.diag(np.diag(curvature)), uphill)
        # A step of more than one in a logarithm leaves the region in which the quadratic model says anything.
        step /= max(1.0, float(np.abs(step).max()))
        tried = theta + step
        tried_state = _state(judgements, root, tried)
        tried_height = tried_state[0] - 0.5 * (tried - centre) @ prior @ (tried - centre)
        if tried_height >= height:
            gained = tried_height - height
            theta, state, height = tried, tried_state, tried_height
            damping = max(damping / 5, 1e-9)
            if gained < _TOLERANCE * (1 + abs(height)):
                break
        else:
            damping *= 10
            if damping > 1e12:
                break
    return theta, state[2], state[0]


def _state(judgements: Judgements, root: FloatArray, theta: FloatArray) -> tuple[float, FloatArray, FloatArray]:
    """Log-likelihood, its gradient, and the expected information."""
    P, slopes = probability_and_slopes(root, theta, judgements.differences, judgements.observers)
    y, w = judgements.accepted, judgements.weights
    variance = P * (1 - P)
    likelihood = float(w @ (y * np.log(P) + (1 - y) * np.log1p(-P)))
    gradient = slopes.T @ (w * (y - P) / variance)
    return likelihood, gradient, slopes.T @ (slopes * (w / variance)[:, None])


def log_loss(P: FloatArray, accepted: FloatArray) -> FloatArray:
    """Of each judgement, −ln of the probability it had; an undecided one counts half for either side. [nat]"""
    loss: FloatArray = -(accepted * np.log(P) + (1 - accepted) * np.log1p(-P))
    return loss
