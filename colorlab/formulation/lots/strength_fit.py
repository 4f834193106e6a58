"""The arithmetic of lots' strengths: a robust fit to production panels, with its scatters found by their evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import lgamma, log, pi

import numpy as np

from colorlab.formulation.prediction.covariance import coefficient_slopes, ladder_covariance, model_covariance
from colorlab.formulation.prediction.predict import mass_fractions
from spectra.arrays import FloatArray
from spectra.colorant import ColorantSet
from spectra.errors import FormulationError
from spectra.ladder import Letdown
from spectra.ladder_fit import lightness_weights

# Degrees of freedom of the priors and of the panels' errors: tails that admit a paste of a third of its strength, and a
# panel that was mixed up.
_TAIL = 4.0
# A normal of this many times the scale has the 90 % interval of that Student t.
AS_NORMAL = 2.132 / 1.645
# Strengths move a spectrum smoothly: residuals are compared by so many cosines over the wavelengths of each angle, and
# the model's variance is shared among them alike. Weighted by the full covariance, fine structure that no lot makes
# overrules the level: on 14 real recipes left out one by one the mean ΔE00 is then 1.13 instead of 0.9.
_COMPONENTS = 6
# Beyond this many standard deviations a panel counts by its distance, not its square (Huber): a wrong label pulls, but
# does not rule.
_HUBER = 3.0
_STEP_LIMIT, _CONVERGED, _ITERATIONS = 1.0, 1e-4, 30
# Steps of the three scatters, tried up and down until none raises the evidence.
_STEPS = (2.0, 1.3)


@dataclass(frozen=True, slots=True)
class StrengthPrior:
    """What is assumed of lots before any panel speaks.

    Attributes
    ----------
    common : float
        Standard deviation of what all colorants share against the base: a lot of the base, or its stated mass. [ln]
    ordinary : float
        Usual scatter of one lot about that, the scale of a Student t with 4 degrees of freedom. [ln]
    dosing : float
        Usual scatter of one amount from panel to panel. [ln]
    model_scale : float
        By what factor the paint model errs more on production panels than on ladders. [1]
    uncertain : tuple of float
        How little is known of the last three: standard deviations of their logarithms. They are learned with the
        strengths as far as the panels tell.

    Raises
    ------
    FormulationError
        If one is not positive or not finite.
    """

    common: float = 0.10
    ordinary: float = 0.06
    dosing: float = 0.01
    model_scale: float = 1.5
    uncertain: tuple[float, float, float] = (0.6, 0.7, 0.8)

    def __post_init__(self) -> None:
        values = (self.common, self.ordinary, self.dosing, self.model_scale, *self.uncertain)
        if len(self.uncertain) != 3 or not all(np.isfinite(value) and value > 0 for value in values):
            raise FormulationError(f"prior of strengths {values}; expected positive finite numbers")


@dataclass(frozen=True, slots=True, eq=False)
class PanelFit:
    """Strengths fitted to panels, with what the search for contradictions needs.

    Attributes
    ----------
    theta : ndarray, shape (n_colorants,)
        ln factors relative to the base, whose place holds what all colorants share.
    covariance : ndarray, shape (n_colorants, n_colorants)
        Of theta.
    scatter : tuple of float
        Scale of a lot, of the dosing, and of the model's error.
    chi_square : ndarray, shape (n_panels,)
        Per component. [1]
    rms : ndarray, shape (n_panels,)
        Left by the strengths. [L*]
    evidence : float
    """

    theta: FloatArray
    covariance: FloatArray
    scatter: tuple[float, float, float]
    chi_square: FloatArray
    rms: FloatArray
    evidence: float


def fit_strengths(
    panels: Sequence[Letdown],
    colorant_set: ColorantSet,
    prior: StrengthPrior,
    *,
    scatter: tuple[float, float, float] | None = None,
) -> PanelFit:
    """The fit behind `learn_strengths`; with `scatter` given that is not learned."""
    problem = PanelProblem(panels, colorant_set, prior)
    known = scatter or (prior.ordinary, prior.dosing, prior.model_scale)
    # A first look with a wide prior and no panel left aside: a lot of a third of its strength must not be taken for
    # three bad panels.
    theta = problem.solve(np.zeros(len(colorant_set.codes)), (1.0, known[1], known[2]), robust=False)
    theta = problem.solve(theta, known)
    if scatter is None:
        known = problem.scatter(theta, known)
        theta = problem.solve(theta, known)
    return problem.fit(theta, known)


def _cosines(count: int) -> FloatArray:
    """The smoothest orthonormal functions over so many wavelengths, shape (n_components, count)."""
    order = np.arange(min(_COMPONENTS, count))[:, None]
    waves = np.cos(np.pi * order * (np.arange(count) + 0.5) / count)
    functions: FloatArray = waves / np.linalg.norm(waves, axis=1, keepdims=True)
    return functions


@dataclass(frozen=True, slots=True, eq=False)
class Whitened:
    """A linearised problem: χ² of each panel is c + 2 bᵀδ + δᵀAδ for a step δ of theta."""

    A: FloatArray
    b: FloatArray
    c: FloatArray
    log_determinant: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Linear:
    """Panels by their smooth components.

    Attributes
    ----------
    residuals : ndarray, shape (n_panels, n_components)
        [L*]
    slopes : ndarray, shape (n_panels, n_colorants, n_components)
        By ln strength, that of the base as well.
    ladder : ndarray, shape (n_panels, n_components, n_components)
    model : ndarray, shape (n_panels,)
        Variance of each component.
    rms : ndarray, shape (n_panels,)
        Of the whole residual. [L*]
    """

    residuals: FloatArray
    slopes: FloatArray
    ladder: FloatArray
    model: FloatArray
    rms: FloatArray


class PanelProblem:
    """Panels, and the objective of theta: ln factors, with the common one in the base's place."""

    def __init__(self, panels: Sequence[Letdown], colorant_set: ColorantSet, prior: StrengthPrior) -> None:
        self.colorant_set, self.prior = colorant_set, prior
        self.base = colorant_set.index(colorant_set.base)
        self.others = np.flatnonzero(np.arange(len(colorant_set.codes)) != self.base)
        self.fractions = mass_fractions(colorant_set, [panel.recipe for panel in panels])
        n_angles, n_wavelengths = colorant_set.geometry.n_angles, colorant_set.grid.count
        self.measured = np.array([panel.reflectance_factor.ravel() for panel in panels])
        self.measured = self.measured.reshape(len(panels), n_angles * n_wavelengths)
        self.weights = lightness_weights(self.measured)
        self.basis = np.kron(np.eye(n_angles), _cosines(n_wavelengths))
        self.count = len(self.basis)

    def linearise(self, theta: FloatArray) -> Linear:
        """Residuals and slopes of all panels at theta."""
        codes = self.colorant_set.codes
        acting = self.colorant_set.scaled({codes[row]: float(np.exp(theta[row])) for row in self.others})
        n, n_bands = self.measured.shape
        seen = acting.reflectance_factor(self.fractions).reshape(n, n_bands)
        by_K, by_S = coefficient_slopes(acting, self.fractions)
        slopes = (by_K + by_S).reshape(n, len(codes), n_bands) * self.weights[:, None]
        pairs = self.weights[:, :, None] * self.weights[:, None, :]
        model = np.einsum("pbb->p", model_covariance(acting, self.fractions) * pairs)
        ladder = self.basis @ (ladder_covariance(acting, self.fractions) * pairs) @ self.basis.T
        residuals = (seen - self.measured) * self.weights
        return Linear(
            residuals @ self.basis.T,
            slopes @ self.basis.T,
            ladder,
            model / self.count,
            np.sqrt(np.mean(residuals**2, axis=1)),
        )

    def whiten(self, linear: Linear, scatter: tuple[float, float, float]) -> Whitened:
        """The linearised problem with its errors made independent, for scatters of lots, dosing and model."""
        _, dosing, model_scale = scatter
        dosed = np.swapaxes(linear.slopes, 1, 2) @ linear.slopes
        model = linear.model[:, None, None] * np.eye(self.count)
        root = np.linalg.cholesky(linear.ladder + model_scale**2 * model + dosing**2 * dosed)
        free = np.swapaxes(linear.slopes, 1, 2).copy()
        free[:, :, self.base] = 0.0  # what all share has no slope of its own: every colorant stands about it
        white = np.linalg.solve(root, np.concatenate([free, linear.residuals[:, :, None]], axis=2))
        J, r = white[:, :, :-1], white[:, :, -1]
        return Whitened(
            np.swapaxes(J, 1, 2) @ J,
            np.einsum("pbk,pb->pk", J, r),
            np.sum(r**2, axis=1),
            2 * np.sum(np.log(np.einsum("pbb->pb", root)), axis=1),
        )

    def chi_square(self, white: Whitened, step: FloatArray) -> FloatArray:
        """Of each panel after a step, shape (n_panels,)."""
        value: FloatArray = white.c + 2 * white.b @ step + np.einsum("i,pij,j->p", step, white.A, step)
        return np.maximum(value, 0.0)

    def precision(self, theta: FloatArray, ordinary: float, *, open_as_normal: bool = False) -> FloatArray:
        """Of the prior at theta: the Student t's as a normal of the same pull, shape (n_colorants, n_colorants)."""
        apart = theta[self.others] - theta[self.base]
        weights = (_TAIL + 1) / (_TAIL * ordinary**2 + apart**2)
        if open_as_normal:
            weights = np.minimum(weights, 1 / (AS_NORMAL * ordinary) ** 2)
        matrix = np.zeros((len(theta), len(theta)))
        matrix[self.others, self.others] = weights
        matrix[self.others, self.base] = matrix[self.base, self.others] = -weights
        matrix[self.base, self.base] = weights.sum() + 1 / self.prior.common**2
        return matrix

    def trust(self, chi_square: FloatArray) -> FloatArray:
        """Weight of each panel: 1 up to the bound, falling with its distance beyond."""
        bound = _HUBER * np.sqrt(self.count)
        weight: FloatArray = np.minimum(1.0, bound / np.sqrt(np.maximum(chi_square, bound**2)))
        return weight

    def loss(self, chi_square: FloatArray) -> FloatArray:
        """χ² up to the bound, beyond it growing with the distance only."""
        bound = _HUBER * np.sqrt(self.count)
        lost: FloatArray = np.where(chi_square < bound**2, chi_square, 2 * bound * np.sqrt(chi_square) - bound**2)
        return lost

    def descend(
        self, white: Whitened, theta: FloatArray, ordinary: float, robust: bool
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Best step from theta in the linearised problem, χ² and the weights of the panels there."""
        step = np.zeros_like(theta)
        chi_square = self.chi_square(white, step)
        trust = np.ones_like(chi_square)
        for _ in range(_ITERATIONS):
            trust = self.trust(chi_square) if robust else trust
            precision = self.precision(theta + step, ordinary)
            H = np.tensordot(trust, white.A, axes=1) + precision
            gradient = trust @ white.b + precision @ theta
            new = np.asarray(-np.linalg.solve(H, gradient), dtype=np.float64)
            moved = float(np.max(np.abs(new - step)))
            step, chi_square = new, self.chi_square(white, new)
            if moved < _CONVERGED:
                break
        return step, chi_square, trust

    def solve(self, theta: FloatArray, scatter: tuple[float, float, float], robust: bool = True) -> FloatArray:
        """The theta of least loss, linearised again until it stays."""
        for _ in range(_ITERATIONS):
            white = self.whiten(self.linearise(theta), scatter)
            step, _, _ = self.descend(white, theta, scatter[0], robust)
            step = step * min(1.0, _STEP_LIMIT / max(float(np.max(np.abs(step))), 1e-300))
            theta = theta + step
            if float(np.max(np.abs(step))) < 1e-3:
                break
        return theta

    def evidence(self, linear: Linear, theta: FloatArray, scatter: tuple[float, float, float]) -> float:
        """Log of what panels and priors together give the scatters, theta integrated out (Laplace)."""
        ordinary = scatter[0]
        white = self.whiten(linear, scatter)
        step, chi_square, trust = self.descend(white, theta, ordinary, True)
        at = theta + step
        apart = at[self.others] - at[self.base]
        H = np.tensordot(trust, white.A, axes=1) + self.precision(at, ordinary)
        panels = -0.5 * (self.loss(chi_square) + white.log_determinant).sum()
        constant = lgamma((_TAIL + 1) / 2) - lgamma(_TAIL / 2) - 0.5 * log(_TAIL * pi)
        lots = np.sum(constant - np.log(ordinary) - 0.5 * (_TAIL + 1) * np.log1p(apart**2 / (_TAIL * ordinary**2)))
        common = -0.5 * (at[self.base] / self.prior.common) ** 2
        centre = (self.prior.ordinary, self.prior.dosing, self.prior.model_scale)
        hyper = -0.5 * sum(
            (log(value / usual) / spread) ** 2
            for value, usual, spread in zip(scatter, centre, self.prior.uncertain, strict=True)
        )
        volume = -0.5 * float(np.linalg.slogdet(H)[1]) + 0.5 * len(theta) * log(2 * pi)
        return float(panels + lots + common + hyper + volume)

    def scatter(self, theta: FloatArray, start: tuple[float, float, float]) -> tuple[float, float, float]:
        """Scatters of most evidence, one after the other, up and down."""
        linear, best = self.linearise(theta), start
        if not len(self.fractions):
            return start
        value = self.evidence(linear, theta, best)
        for factor in _STEPS:
            improved, rounds = True, 0
            while improved and rounds < 6:
                improved, rounds = False, rounds + 1
                for place in range(3):
                    for by in (factor, 1 / factor):
                        trial = tuple(one * (by if row == place else 1.0) for row, one in enumerate(best))
                        candidate = (trial[0], trial[1], trial[2])
                        gained = self.evidence(linear, theta, candidate)
                        if gained > value + 1e-6:
                            best, value, improved = candidate, gained, True
                            break
        return best

    def fit(self, theta: FloatArray, scatter: tuple[float, float, float]) -> PanelFit:
        """What is known at theta."""
        linear = self.linearise(theta)
        white = self.whiten(linear, scatter)
        chi_square = self.chi_square(white, np.zeros_like(theta))
        trust = self.trust(chi_square)
        H = np.tensordot(trust, white.A, axes=1) + self.precision(theta, scatter[0], open_as_normal=True)
        covariance = np.asarray(np.linalg.inv(H), dtype=np.float64)
        return PanelFit(
            theta,
            covariance,
            scatter,
            chi_square / self.count,
            linear.rms,
            self.evidence(linear, theta, scatter),
        )

    def distance(self, known: PanelFit) -> FloatArray:
        """χ² of each panel against strengths known from others, with what those leave open, shape (n_panels,)."""
        linear = self.linearise(known.theta)
        free = linear.slopes.copy()
        free[:, self.base] = 0.0
        opened = np.swapaxes(free, 1, 2) @ known.covariance @ free
        white = self.whiten(replace(linear, ladder=linear.ladder + opened), known.scatter)
        return white.c
