"""The arithmetic of characterisation: absorption and scattering of all colorants fitted to all panels at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from spectra.arrays import FloatArray
from spectra.arrow import ArrowEquations, ArrowLayout
from spectra.errors import CharacterisationError
from spectra.first_guess import first_guess
from spectra.ladder import PanelTable
from spectra.optics.interface import K1_RESIN
from spectra.panel_model import PaintModel, Panels, Slopes, panels_of

# Repeatability of a painted and measured panel taken for the covariance when no ladder has a level to spare. [L*]
ASSUMED_NOISE = 0.1
# Residuals of perfect (simulated) data are rounding; below this they are not a measurement of anything. [L*]
LEAST_NOISE = 0.005
# Fewer spare readings per band than this cannot measure the noise.
_LEAST_SPARE = 1.0
# CIE 15:2018, 8.2.1.1: dL*/dY is 116/3 Y^(−2/3) above (6/29)³ and constant below.
_LINEAR_BRANCH = (6 / 29) ** 3
_STEP_LIMIT = 2.0  # greatest change of ln K or ln S in one step
# Beyond this ln K and ln S say nothing and their squares leave the range of numbers.
_LOG_LIMIT = 40.0
_MAX_ITERATIONS = 60
# A gain of so many units of chi-squared, or of so much of the objective, moves no unknown by a tenth of its error.
_CONVERGED, _CONVERGED_SHARE = 1e-3, 1e-6
_SAME_NOISE = 0.05  # relative change of the noise below which the fit is not repeated with it


@dataclass(frozen=True, slots=True)
class Prior:
    """What is assumed before any panel speaks; normal, the same at every wavelength.

    Attributes
    ----------
    ln_S, ln_S_sd : float
        Scattering per unit mass relative to the white base. A paste scatters less than a titanium dioxide white; how
        much less is what a ladder in white alone cannot tell.
    ln_K_sd : float
        About the value the strongest panel gives. So wide that it only stops ln K from running away at wavelengths
        where a colorant does not absorb.
    ln_clear, ln_clear_sd : float
        Both K and S of a clear, relative to the white's scattering: next to nothing.
    ln_depth_sd : float
        Scattering of the base per µm, about the value that films over a dark card give at first sight.
    k1, k1_sd : float
        External reflection of the surface, where the panels are let to say it: that of a resin of index 1.5.
    thickness_sd, unknown_thickness_sd : float
        Of the logarithm of a film's thickness: about the one stated, and about the median of those stated where it was
        not. [1]
    """

    ln_S: float = -1.0
    ln_S_sd: float = 1.0
    ln_K_sd: float = 5.0
    ln_clear: float = -7.0
    ln_clear_sd: float = 1.5
    ln_depth_sd: float = 3.0
    k1: float = K1_RESIN
    k1_sd: float = 0.005
    thickness_sd: float = 0.03
    unknown_thickness_sd: float = 0.7


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """A fitted model of all colorants.

    Attributes
    ----------
    model : PaintModel
        Under which they were fitted.
    unknown : ndarray, shape (2 n_colorants, n_bands)
        ln K above ln S, as `spectra.panel_model.Panels` takes them.
    residuals : ndarray, shape (n_panels, n_bands)
        Model − measured, in units of lightness. [L*]
    objective : float
        Weighted squares and prior, summed over the bands.
    noise : float
        Standard deviation of a residual after the fit, or the one assumed. [L*]
    noise_measured : bool
        Whether there were enough panels to measure it.
    covariance : ndarray, shape (n_colorants, n_bands, 2, 2)
        Of (ln K, ln S).
    ln_depth_sd : ndarray, shape (n_bands,)
        Standard uncertainty of the logarithm of the base's scattering per µm; without films that of its prior.
    """

    model: PaintModel
    unknown: FloatArray
    residuals: FloatArray
    objective: float
    noise: float
    noise_measured: bool
    covariance: FloatArray
    ln_depth_sd: FloatArray

    @property
    def ln_K(self) -> FloatArray:
        """Shape (n_colorants, n_bands)."""
        return self.unknown[: len(self.unknown) // 2]

    @property
    def ln_S(self) -> FloatArray:
        """Shape (n_colorants, n_bands); the base's is zero."""
        ln_S = self.unknown[len(self.unknown) // 2 :].copy()
        ln_S[0] = 0.0
        return ln_S


def lightness_weights(reflectance_factor: FloatArray) -> FloatArray:
    """dL*/dR at a measured reflectance factor: makes one unit of residual equally visible in light and dark paints."""
    floor = np.maximum(reflectance_factor, _LINEAR_BRANCH)
    weight: FloatArray = 116 / 3 * floor ** (-2 / 3)
    return weight


def mixture_reflectance(fractions: FloatArray, fit: Fit) -> FloatArray:
    """Reflectance factor, shape (n_mixtures, n_bands), of hiding panels of mass fractions (n_mixtures, n_colorants)."""
    return Panels(fractions, 0, fit.model).reflectance_factor(fit.unknown)


def fit_panels(
    table: PanelTable,
    model: PaintModel,
    prior: Prior,
    *,
    start: Fit | None = None,
    noise: float | None = None,
    panel_weights: FloatArray | None = None,
) -> Fit:
    """Fit ln K and ln S of every colorant at every band by damped Gauss–Newton, all bands side by side.

    Parameters
    ----------
    table : PanelTable
    model : PaintModel
        Held fixed.
    prior : Prior
    start : Fit, optional
        Where to begin; from the strongest panel of each colorant when left out.
    noise : float, optional
        Standard deviation of one residual [L*]; measured from the residuals when left out.
    panel_weights : ndarray, shape (n_panels,), optional
        1 where left out; 0 takes a panel out of the fit.
    """
    weights = lightness_weights(table.measured)
    if panel_weights is not None:
        weights = weights * np.sqrt(panel_weights)[:, None]
    problem = LadderProblem(table, model, weights, prior)
    unknown = problem.center.copy() if start is None else start.unknown
    sigma = noise or (start.noise if start is not None else ASSUMED_NOISE)
    measured = noise is not None
    for _ in range(1 if noise is not None else 3):
        unknown = problem.solve(unknown, sigma)
        if noise is not None:
            break
        before = sigma
        sigma, measured = problem.noise(unknown, sigma)
        if abs(sigma / before - 1) < _SAME_NOISE:
            break
    return problem.fit(unknown, sigma, measured)


class LadderProblem:
    """Prediction, derivative and objective of one fit; unknowns are (2 n_colorants, n_bands): ln K above ln S."""

    def __init__(self, table: PanelTable, model: PaintModel, weights: FloatArray, prior: Prior) -> None:
        self.table, self.weights, self.model = table, weights, model
        self.panels = panels_of(table, model)
        self.layout = ArrowLayout(table.fractions, 0)
        self.count = table.fractions.shape[1]
        fitted = np.max(weights, axis=1) > 0
        self.center = first_guess(table, model, fitted, prior.ln_S, prior.ln_clear)
        sd = np.repeat([prior.ln_K_sd, prior.ln_S_sd], self.count)
        clear = np.flatnonzero(np.array(table.roles) == "clear")
        sd[clear] = sd[self.count + clear] = prior.ln_clear_sd
        # The base's ln S is the unit of the scale. Its place holds the base's scattering per µm, which only films show.
        self.free = np.ones(2 * self.count, dtype=bool)
        self.free[self.count] = table.films is not None
        sd[self.count] = prior.ln_depth_sd
        self.precision: FloatArray = 1 / sd**2

    def residuals(self, unknown: FloatArray) -> FloatArray:
        """Weighted, shape (n_panels, n_bands)."""
        residuals: FloatArray = self.weights * (self.panels.reflectance_factor(unknown) - self.table.measured)
        return residuals

    def jacobian(self, unknown: FloatArray, slopes: Slopes) -> tuple[FloatArray, FloatArray]:
        """Weighted derivatives by shared and by own unknowns, as `ArrowLayout.equations` takes them."""
        layout, panels = self.layout, self.panels
        K, S = panels.coefficients(unknown)
        by_K, by_S = self.weights * slopes.by_K, self.weights * slopes.by_S
        shared = []
        for colorant in layout.shared:
            shared.append(by_K * panels.fractions[:, colorant, None] * K[colorant])
            scattered = by_S * panels.acting[:, colorant, None] * S[colorant]
            shared.append(self.weights * slopes.by_depth if colorant == 0 else scattered)
        rows, owner = np.arange(len(by_K)), layout.owner
        share = (panels.fractions[rows, owner] * layout.owned)[:, None]
        acting = (panels.acting[rows, owner] * layout.owned)[:, None]
        own = np.stack([by_K * share * K[owner], by_S * acting * S[owner]])
        return (
            np.ascontiguousarray(np.moveaxis(np.array(shared), 0, -1).swapaxes(0, 1)),
            np.ascontiguousarray(np.moveaxis(own, 0, -1).swapaxes(0, 1)),
        )

    def objective(self, unknown: FloatArray, sigma: float) -> FloatArray:
        """Per band: residuals and prior."""
        spread = unknown - self.center
        data = np.sum(self.residuals(unknown) ** 2, axis=0) / sigma**2
        value: FloatArray = data + np.sum(self.precision[:, None] * spread**2 * self.free[:, None], axis=0)
        return value

    def equations(
        self, unknown: FloatArray, sigma: float
    ) -> tuple[ArrowEquations, tuple[FloatArray, FloatArray], Slopes]:
        """Gauss–Newton equations, the derivatives they are made of, and those of the panels."""
        slopes = self.panels.slopes(unknown)
        J = self.jacobian(unknown, slopes)
        J = (J[0] / sigma, J[1] / sigma)
        return self.layout.equations(*J, self.precision), J, slopes

    def solve(self, unknown: FloatArray, sigma: float) -> FloatArray:
        """The unknowns of least objective."""
        damping = np.full(unknown.shape[1], 1e-3)
        value = self.objective(unknown, sigma)
        equations, gradient = self._linearised(unknown, sigma)
        for _ in range(_MAX_ITERATIONS):
            step = -self.layout.join(*equations.damped(damping).solve(*gradient))
            trial = np.clip(unknown + np.clip(step, -_STEP_LIMIT, _STEP_LIMIT), -_LOG_LIMIT, _LOG_LIMIT)
            trial_value = self.objective(trial, sigma)
            if not np.isfinite(trial_value).all():
                raise CharacterisationError("the fit of absorption and scattering left the range of numbers")
            better = trial_value < value
            settled = np.abs(value - trial_value) < _CONVERGED + _CONVERGED_SHARE * value
            value = np.where(better, trial_value, value)
            damping = np.where(better, damping * 0.1, np.maximum(damping * 10, 1e-3))
            unknown = np.where(better, trial, unknown)
            if settled.all():
                break
            if better.any():
                equations, gradient = self._linearised(unknown, sigma)
        return unknown

    def _linearised(self, unknown: FloatArray, sigma: float) -> tuple[ArrowEquations, tuple[FloatArray, FloatArray]]:
        equations, J, _ = self.equations(unknown, sigma)
        residuals = self.residuals(unknown).T[:, :, None] / sigma
        pull = self.layout.split(self.precision[:, None] * (unknown - self.center) * self.free[:, None])
        shared, own = self.layout.gradient(*J, residuals)
        return equations, (shared + pull[0], own + pull[1])

    def noise(self, unknown: FloatArray, sigma: float) -> tuple[float, bool]:
        """Standard deviation of the residuals over the readings that the unknowns did not use up."""
        equations, _, _ = self.equations(unknown, sigma)
        head, shaft = equations.inverse_blocks()
        left = self.layout.join(
            np.diagonal(head, axis1=-2, axis2=-1)[..., None], np.diagonal(shaft, axis1=-2, axis2=-1)[..., None]
        )
        # Of one unknown the data decide 1 − precision × variance, the prior the rest.
        used = float(np.sum((1 - self.precision[:, None] * left)[self.free]))
        readings = int(np.sum(np.max(self.weights, axis=1) > 0)) * self.table.measured.shape[1]
        spare = readings - used
        if spare < _LEAST_SPARE * self.table.measured.shape[1]:
            return ASSUMED_NOISE, False
        return max(float(np.sqrt(np.sum(self.residuals(unknown) ** 2) / spare)), LEAST_NOISE), True

    def fit(self, unknown: FloatArray, sigma: float, measured: bool) -> Fit:
        """Everything a fit is asked for later."""
        equations, _, _ = self.equations(unknown, sigma)
        head, shaft = equations.inverse_blocks()
        blocks = np.empty((self.count, unknown.shape[1], 2, 2))
        for place, colorant in enumerate(self.layout.shared):
            blocks[colorant] = head[:, 2 * place : 2 * place + 2, 2 * place : 2 * place + 2]
        blocks[self.layout.own] = np.swapaxes(shaft, 0, 1)
        ln_depth_sd = np.sqrt(blocks[0, :, 1, 1])
        blocks[0, :, 1, :] = blocks[0, :, :, 1] = 0.0
        predicted = self.panels.reflectance_factor(unknown)
        return Fit(
            self.model,
            unknown,
            lightness_weights(self.table.measured) * (predicted - self.table.measured),
            float(np.sum(self.objective(unknown, sigma))),
            sigma,
            measured,
            blocks,
            ln_depth_sd,
        )
