"""What the base misses, learned from the laboratory's own panels: Gaussian processes over recipes."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from spectra.arrays import FloatArray, frozen

COMPONENTS = 12
_PANELS_PER_COMPONENT = 4
# Recipes lie on the unit sphere of root fractions: two without a common colorant are √2 apart.
_LENGTH_BOUNDS = (0.1, 10.0)
_AMPLITUDE_BOUNDS = (1e-4, 1e2)
_NOISE_BOUNDS = (1e-3, 1e1)
_JITTER = 1e-9


@dataclass(frozen=True, eq=False)
class ResidualProcess:
    """Residuals of visible reflectance as principal components, each a Gaussian process of the recipe.

    Attributes
    ----------
    inputs : ndarray, shape (n_panels, n_colorants)
        Root mass fractions of the panels it was trained on.
    scores : ndarray, shape (n_panels, n_components)
        Of their residuals.
    components : ndarray, shape (n_components, n_bands)
        Orthonormal.
    amplitude, length, noise : ndarray, shape (n_components,)
        Variance, length scale in root fractions and variance of a single panel, by the marginal likelihood.
    """

    inputs: FloatArray
    scores: FloatArray
    components: FloatArray
    amplitude: FloatArray
    length: FloatArray
    noise: FloatArray

    @cached_property
    def _solved(self) -> FloatArray:
        """(K + σ²I)⁻¹ applied to the scores, shape (n_panels, n_components)."""
        columns = [
            np.linalg.solve(self._kernel(self.inputs, row) + self.noise[row] * np.eye(len(self.inputs)), score)
            for row, score in enumerate(self.scores.T)
        ]
        return frozen(np.array(columns).reshape(len(self.scores.T), -1).T)

    @cached_property
    def _nearness(self) -> tuple[float, FloatArray]:
        """A length scale for all and the inverse of its kernel over the panels: what `novelty` needs."""
        weight = self.amplitude / self.amplitude.sum() if self.amplitude.sum() > 0 else None
        length = float(np.exp(np.average(np.log(np.clip(self.length, 0.3, 1.0)), weights=weight)))
        kernel = np.exp(-0.5 * _square_distances(self.inputs, self.inputs) / length**2)
        return length, frozen(np.linalg.inv(kernel + 1e-3 * np.eye(len(kernel))))

    def mean(self, fractions: FloatArray) -> FloatArray:
        """What to add to the visible reflectance of recipes (n, n_colorants), shape (n, n_bands)."""
        at = root_fractions(fractions)
        scores = np.stack([self._kernel(at, row) @ self._solved[:, row] for row in range(len(self.components))], axis=1)
        added: FloatArray = scores @ self.components
        return added

    def novelty(self, fractions: FloatArray) -> FloatArray:
        """How far recipes (n, n_colorants) are from every training panel: 0 at one, 1 far from all, shape (n,)."""
        length, inverse = self._nearness
        near = np.exp(-0.5 * _square_distances(root_fractions(fractions), self.inputs) / length**2)
        explained = np.einsum("ij,jk,ik->i", near, inverse, near)
        far: FloatArray = np.sqrt(np.clip(1 - explained, 0.0, 1.0))
        return far

    def refitted(self, fractions: FloatArray, residuals: FloatArray) -> ResidualProcess:
        """The same components and hyperparameters on other panels: for cross-validation."""
        return ResidualProcess(
            root_fractions(fractions),
            residuals @ self.components.T,
            self.components,
            self.amplitude,
            self.length,
            self.noise,
        )

    def with_panel(self, fractions: FloatArray) -> ResidualProcess:
        """As if one more panel (n_colorants,) had been sprayed and came out as predicted."""
        return ResidualProcess(
            np.vstack([self.inputs, root_fractions(fractions[None])]),
            np.vstack([self.scores, self.mean(fractions[None]) @ self.components.T]),
            self.components,
            self.amplitude,
            self.length,
            self.noise,
        )

    def _kernel(self, at: FloatArray, row: int) -> FloatArray:
        square = _square_distances(at, self.inputs)
        covariance: FloatArray = self.amplitude[row] * np.exp(-0.5 * square / self.length[row] ** 2)
        return covariance


def root_fractions(fractions: FloatArray) -> FloatArray:
    """Square roots of mass fractions: a percent more of a trace counts for more than of a tenth."""
    root: FloatArray = np.sqrt(np.maximum(fractions, 0.0))
    return root


def train_residuals(fractions: FloatArray, residuals: FloatArray, most: int = COMPONENTS) -> ResidualProcess:
    """Components of the residuals, and a process for each with hyperparameters of greatest marginal likelihood.

    Parameters
    ----------
    fractions : ndarray, shape (n_panels, n_colorants)
    residuals : ndarray, shape (n_panels, n_bands)
        Measured − base, cube root of the reflectance factor.
    most : int
        Greatest number of components.

    References
    ----------
    .. [1] C. E. Rasmussen, C. K. I. Williams, Gaussian Processes for Machine Learning (2006), 5.4.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import RBF, ConstantKernel, WhiteKernel

    count = max(1, min(most, len(fractions) // _PANELS_PER_COMPONENT))
    _, _, axes = np.linalg.svd(residuals, full_matrices=False)
    components = axes[:count]
    # The sign of a singular vector is the library's choice; ours does not depend on it.
    components = components * np.where(components.sum(axis=1) < 0, -1.0, 1.0)[:, None]
    scores, inputs = residuals @ components.T, root_fractions(fractions)
    found = []
    for score in scores.T:
        scale = max(float(np.mean(score**2)), _JITTER)
        kernel = ConstantKernel(0.5, _AMPLITUDE_BOUNDS) * RBF(1.0, _LENGTH_BOUNDS) + WhiteKernel(0.5, _NOISE_BOUNDS)
        process = GaussianProcessRegressor(kernel, alpha=_JITTER)
        with warnings.catch_warnings():
            # A hyperparameter at its bound is an answer: nothing to learn, or no noise to be seen.
            warnings.simplefilter("ignore", ConvergenceWarning)
            process.fit(inputs, score / np.sqrt(scale))
        amplitude, length, noise = np.exp(process.kernel_.theta)
        found.append((amplitude * scale, length, noise * scale))
    amplitudes, lengths, noises = np.array(found).T
    return ResidualProcess(
        frozen(inputs), frozen(scores), frozen(components), frozen(amplitudes), frozen(lengths), frozen(noises)
    )


def _square_distances(one: FloatArray, other: FloatArray) -> FloatArray:
    square: FloatArray = np.sum(one**2, axis=1)[:, None] + np.sum(other**2, axis=1) - 2 * one @ other.T
    return np.maximum(square, 0.0)
