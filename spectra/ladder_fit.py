"""The arithmetic of characterisation: absorption and scattering of all colorants fitted to all panels at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from spectra.arrays import FloatArray
from spectra.errors import CharacterisationError
from spectra.optics.interface import Saunderson, internal_reflectance, measured_reflectance, measured_slope
from spectra.optics.kubelka_munk import reflectivity

# Repeatability of a painted and measured panel taken for the covariance when no ladder has a level to spare. [L*]
ASSUMED_NOISE = 0.1
# Residuals of perfect (simulated) data are rounding; below this they are not a measurement of anything. [L*]
LEAST_NOISE = 0.005
# Fewer spare readings per band than this cannot measure the noise.
_LEAST_SPARE = 1.0
# CIE 15:2018, 8.2.1.1: dL*/dY is 116/3 Y^(−2/3) above (6/29)³ and constant below.
_LINEAR_BRANCH = (6 / 29) ** 3
_STEP_LIMIT = 2.0  # greatest change of ln K or ln S in one step
_INTERNAL_LIMITS = (2e-4, 1 - 1e-6)  # a noisy reading at the surface's own reflection still gives a finite start
_MAX_ITERATIONS = 60
_CONVERGED = 1e-6  # relative gain of the objective


@dataclass(frozen=True, slots=True)
class Prior:
    """What is assumed of ln K and ln S before any panel speaks; normal, the same at every wavelength.

    Attributes
    ----------
    ln_S, ln_S_sd : float
        Scattering per unit mass relative to the white base. A paste scatters less than a titanium dioxide white; how
        much less is what a ladder in white alone cannot tell.
    ln_K_sd : float
        About the value the strongest panel gives. So wide that it only stops ln K from running away at wavelengths
        where a colorant does not absorb.
    """

    ln_S: float = -1.0
    ln_S_sd: float = 1.0
    ln_K_sd: float = 5.0


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """A fitted model of all colorants.

    Attributes
    ----------
    ln_K, ln_S : ndarray, shape (n_colorants, n_bands)
    residuals : ndarray, shape (n_panels, n_bands)
        Model − measured, in units of lightness. [L*]
    noise : float
        Standard deviation of a residual after the fit, or the one assumed. [L*]
    noise_measured : bool
        Whether there were enough panels to measure it.
    covariance : ndarray, shape (n_colorants, n_bands, 2, 2)
        Of (ln K, ln S).
    """

    ln_K: FloatArray
    ln_S: FloatArray
    residuals: FloatArray
    noise: float
    noise_measured: bool
    covariance: FloatArray


def lightness_weights(reflectance_factor: FloatArray) -> FloatArray:
    """dL*/dR at a measured reflectance factor: makes one unit of residual equally visible in light and dark paints."""
    floor = np.maximum(reflectance_factor, _LINEAR_BRANCH)
    weight: FloatArray = 116 / 3 * floor ** (-2 / 3)
    return weight


def mixture_reflectance(fractions: FloatArray, ln_K: FloatArray, ln_S: FloatArray, surface: Saunderson) -> FloatArray:
    """Reflectance factor, shape (n_mixtures, n_bands), of mixtures of mass fractions (n_mixtures, n_colorants)."""
    inside = reflectivity(fractions @ np.exp(ln_K), fractions @ np.exp(ln_S))
    return measured_reflectance(inside, surface)


def fit_panels(
    fractions: FloatArray,
    reflectance_factor: FloatArray,
    base: int,
    surface: Saunderson,
    prior: Prior,
    *,
    start: Fit | None = None,
    noise: float | None = None,
    panel_weights: FloatArray | None = None,
) -> Fit:
    """Fit ln K and ln S of every colorant at every band by damped Gauss–Newton, all bands side by side.

    Parameters
    ----------
    fractions : ndarray, shape (n_panels, n_colorants)
        Mass fractions.
    reflectance_factor : ndarray, shape (n_panels, n_bands)
    base : int
        The colorant whose scattering is 1.
    surface : Saunderson
    prior : Prior
    start : Fit, optional
        Where to begin; from the strongest panel of each colorant when left out.
    noise : float, optional
        Standard deviation of one residual [L*]; measured from the residuals when left out.
    panel_weights : ndarray, shape (n_panels,), optional
        1 where left out; 0 takes a panel out of the fit and predicts it.
    """
    weights = lightness_weights(reflectance_factor)
    if panel_weights is not None:
        weights = weights * np.sqrt(panel_weights)[:, None]
    model = _LadderModel(fractions, reflectance_factor, weights, base, surface, prior)
    unknown = model.first_guess() if start is None else np.concatenate([start.ln_K, start.ln_S])
    sigma = noise or (start.noise if start is not None else ASSUMED_NOISE)
    measured = noise is not None
    for _ in range(1 if noise is not None else 3):
        unknown = model.solve(unknown, sigma)
        if noise is None:
            sigma, measured = model.noise(unknown, sigma)
    return model.fit(unknown, sigma, measured)


class _LadderModel:
    """Prediction, derivative and objective of one fit; unknowns are (2 n_colorants, n_bands): ln K above ln S."""

    def __init__(
        self,
        fractions: FloatArray,
        measured: FloatArray,
        weights: FloatArray,
        base: int,
        surface: Saunderson,
        prior: Prior,
    ) -> None:
        self.fractions = fractions
        self.measured = measured
        self.weights = weights
        self.base = base
        self.surface = surface
        self.count = fractions.shape[1]
        guess = self._guess_K(prior)
        self.center = np.concatenate([guess, np.full_like(guess, prior.ln_S)])
        self.center[self.count + base] = 0.0
        sd = np.repeat([prior.ln_K_sd, prior.ln_S_sd], self.count)
        self.precision = 1 / sd**2
        # The base's ln S is the unit of the scale: held by an infinitely stiff prior.
        self.free = np.ones(2 * self.count, dtype=bool)
        self.free[self.count + base] = False

    def _guess_K(self, prior: Prior) -> FloatArray:
        inside = np.clip(internal_reflectance(self.measured, self.surface), *_INTERNAL_LIMITS)
        ratio = (1 - inside) ** 2 / (2 * inside)
        S = np.full(self.count, np.exp(prior.ln_S))
        S[self.base] = 1.0
        # A panel taken out of the fit must not speak through its start either.
        fitted = np.max(self.weights, axis=1) > 0
        strongest = np.argmax(self.fractions * fitted[:, None], axis=0)
        base_ratio = ratio[strongest[self.base]]
        if self.fractions[strongest[self.base], self.base] < 1:
            base_ratio = 0.5 * ratio[fitted].min(axis=0)
        guess = np.empty((self.count, ratio.shape[1]))
        for colorant in range(self.count):
            row = strongest[colorant]
            dose = self.fractions[row, colorant]
            absorbed = ratio[row] * (self.fractions[row] @ S) - self.fractions[row, self.base] * base_ratio
            guess[colorant] = np.maximum(absorbed / dose, 1e-3 * ratio[row])
        guess[self.base] = np.maximum(base_ratio, 1e-9)
        log_guess: FloatArray = np.log(guess)
        return log_guess

    def first_guess(self) -> FloatArray:
        return self.center.copy()

    def _mixtures(self, unknown: FloatArray) -> tuple[FloatArray, ...]:
        coefficient = np.exp(unknown)
        K = self.fractions @ coefficient[: self.count]
        S = self.fractions @ coefficient[self.count :]
        root = np.sqrt(K * (K + 2 * S))
        inside = S / (K + S + root)
        return coefficient, K, S, root, inside

    def residuals(self, unknown: FloatArray) -> FloatArray:
        inside = self._mixtures(unknown)[-1]
        return self.weights * (measured_reflectance(inside, self.surface) - self.measured)

    def jacobian(self, unknown: FloatArray) -> FloatArray:
        """Shape (n_bands, n_panels, 2 n_colorants)."""
        coefficient, K, S, root, inside = self._mixtures(unknown)
        outside = self.weights * measured_slope(inside, self.surface)
        by_K = (-outside * inside / root).T[:, :, None]
        by_S = (outside * inside * K / (S * root)).T[:, :, None]
        shares = coefficient.T[:, None, :]
        absorbing = by_K * self.fractions * shares[..., : self.count]
        scattering = by_S * self.fractions * shares[..., self.count :]
        scattering[..., self.base] = 0.0
        return np.concatenate([absorbing, scattering], axis=-1)

    def objective(self, unknown: FloatArray, sigma: float) -> FloatArray:
        """Per band: residuals and prior."""
        spread = unknown - self.center
        data = np.sum(self.residuals(unknown) ** 2, axis=0) / sigma**2
        value: FloatArray = data + np.sum(self.precision[:, None] * spread**2 * self.free[:, None], axis=0)
        return value

    def hessian(self, J: FloatArray, sigma: float) -> FloatArray:
        """Gauss–Newton, shape (n_bands, 2 n_colorants, 2 n_colorants)."""
        H: FloatArray = np.swapaxes(J, 1, 2) @ J / sigma**2
        diagonal = np.arange(2 * self.count)
        H[:, diagonal, diagonal] += self.precision
        return H

    def solve(self, unknown: FloatArray, sigma: float) -> FloatArray:
        damping = np.full(unknown.shape[1], 1e-3)
        value = self.objective(unknown, sigma)
        diagonal = np.arange(2 * self.count)
        for _ in range(_MAX_ITERATIONS):
            J = self.jacobian(unknown)
            H = self.hessian(J, sigma)
            r = self.residuals(unknown).T[:, :, None]
            pull = self.precision[:, None] * (unknown - self.center) * self.free[:, None]
            gradient = (np.swapaxes(J, 1, 2) @ r)[..., 0] / sigma**2 + pull.T
            H[:, diagonal, diagonal] *= 1 + damping[:, None]
            step = -np.linalg.solve(H, gradient[..., None])[..., 0].T
            trial = unknown + np.clip(step, -_STEP_LIMIT, _STEP_LIMIT)
            trial_value = self.objective(trial, sigma)
            if not np.isfinite(trial_value).all():
                raise CharacterisationError("the fit of absorption and scattering left the range of numbers")
            better = trial_value < value
            gain = float(np.max(np.where(better, (value - trial_value) / np.maximum(value, 1e-300), 0.0)))
            unknown = np.where(better, trial, unknown)
            value = np.where(better, trial_value, value)
            damping = np.where(better, damping * 0.1, np.maximum(damping * 10, 1e-3))
            if gain < _CONVERGED and (better | (damping > 1)).all():
                break
        return unknown

    def noise(self, unknown: FloatArray, sigma: float) -> tuple[float, bool]:
        """Standard deviation of the residuals over the readings that the unknowns did not use up."""
        J = self.jacobian(unknown)
        H = self.hessian(J, sigma)
        used = np.einsum("bii->", np.linalg.solve(H, np.swapaxes(J, 1, 2) @ J / sigma**2))
        readings = int(np.sum(np.max(self.weights, axis=1) > 0)) * self.measured.shape[1]
        spare = readings - float(used)
        if spare < _LEAST_SPARE * self.measured.shape[1]:
            return ASSUMED_NOISE, False
        return max(float(np.sqrt(np.sum(self.residuals(unknown) ** 2) / spare)), LEAST_NOISE), True

    def fit(self, unknown: FloatArray, sigma: float, measured: bool) -> Fit:
        inverse = np.linalg.inv(self.hessian(self.jacobian(unknown), sigma))
        inverse[:, ~self.free, :] = 0.0
        inverse[:, :, ~self.free] = 0.0
        first = np.arange(self.count)
        pairs = np.stack([first, first + self.count], axis=1)
        blocks = inverse[:, pairs[:, :, None], pairs[:, None, :]]
        inside = self._mixtures(unknown)[-1]
        residuals = lightness_weights(self.measured) * (measured_reflectance(inside, self.surface) - self.measured)
        return Fit(
            unknown[: self.count],
            unknown[self.count :],
            residuals,
            sigma,
            measured,
            np.ascontiguousarray(np.swapaxes(blocks, 0, 1)),
        )
