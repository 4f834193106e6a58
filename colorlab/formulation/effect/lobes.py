"""The physical base of an effect model: a lobe at every angle over light that was scattered many times.

What leaves a flake paint far from the specular direction was scattered many times, and leaves alike in all directions;
near it the mirrors of single flakes are added. So the angle farthest from the specular direction is fitted alone, and
every other angle as a share of it plus its own lobe. Share and ceiling of each angle are those that best predict panels
they were not fitted to; a share of 0 is the plain two-constant model of that angle.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from colorlab.formulation.effect.angle_ties import tied_prior
from colorlab.formulation.effect.per_angle_fit import BandFit, BandModel, LogPrior, fit_bands, visible
from spectra.arrays import FloatArray

SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
# Ceilings tried, over the greatest reflectance factor of any panel at the angle.
CEILINGS = (1.15, 1.4, 2.0, 4.0)
_FOLDS = 5
_EVERY = 3  # every third wavelength judges shares and ceilings as well as all do
_LEAST_SQUARE = 1e-6  # a held-out panel is never told apart from its neighbours by less
_ALTERNATIONS = 2  # between ceilings and shares
_TIED = 2  # rounds of tying absorption over the angles


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """How the bands of a table lie: angle after angle, wavelengths within.

    Attributes
    ----------
    n_angles, n_wavelengths : int
    flop : int
        Position of the angle farthest from the specular direction.
    """

    n_angles: int
    n_wavelengths: int
    flop: int

    def per_band(self, per_angle: FloatArray) -> FloatArray:
        """One number an angle, repeated over its wavelengths."""
        return np.repeat(np.asarray(per_angle, dtype=np.float64), self.n_wavelengths)

    def lobes(self, share: float) -> FloatArray:
        """The same share at every angle but the flop's own, shape (n_angles,)."""
        return np.where(np.arange(self.n_angles) == self.flop, 0.0, share)

    def thinned(self, every: int) -> tuple[Layout, NDArray[np.intp]]:
        """Every so many wavelengths, and the bands they are."""
        bands = np.arange(self.n_angles * self.n_wavelengths).reshape(self.n_angles, -1)[:, ::every]
        return Layout(self.n_angles, bands.shape[1], self.flop), bands.ravel()

    def beneath(self, flop: FloatArray, shares: FloatArray) -> FloatArray:
        """Multiply scattered light at every band, from that at the flop angle, shape (n_panels, n_bands)."""
        spread: FloatArray = np.tile(flop, (1, self.n_angles)) * self.per_band(shares)
        return spread

    def at_flop(self, values: FloatArray) -> FloatArray:
        """The columns of the flop angle."""
        first = self.flop * self.n_wavelengths
        return values[:, first : first + self.n_wavelengths]


@dataclass(frozen=True, slots=True, eq=False)
class Lobes:
    """A fitted base.

    Attributes
    ----------
    fit : BandFit
    ceiling, shares : ndarray, shape (n_angles,)
    layout : Layout
    """

    fit: BandFit
    ceiling: FloatArray
    shares: FloatArray
    layout: Layout


def plain_fit(
    fractions: FloatArray, measured: FloatArray, prior: LogPrior, ceiling: FloatArray, layout: Layout
) -> BandFit:
    """Two constants at every angle and nothing beneath: what a recipe search works with."""
    none = np.zeros_like(measured)
    return fit_bands(BandModel(fractions, measured, prior, layout.per_band(ceiling), none))


def fit_lobes(
    fractions: FloatArray,
    measured: FloatArray,
    prior: LogPrior,
    ceiling: FloatArray,
    shares: FloatArray,
    layout: Layout,
    start: BandFit | None = None,
) -> Lobes:
    """Fit with stated ceilings and shares, absorption tied over the angles.

    Parameters
    ----------
    fractions : ndarray, shape (n_panels, n_colorants)
    measured : ndarray, shape (n_panels, n_bands)
    prior : LogPrior
    ceiling, shares : ndarray, shape (n_angles,)
        The share of the flop angle itself is 0.
    layout : Layout
    start : BandFit, optional
    """
    bands = layout.per_band(ceiling)
    first = np.arange(layout.n_wavelengths) + layout.flop * layout.n_wavelengths
    own = LogPrior(prior.mean[:, first], prior.sd[:, first])
    alone = BandModel(fractions, measured[:, first], own, bands[first], np.zeros_like(measured[:, first]))
    flop = fit_bands(alone, None if start is None else start.log_constants[:, first])
    beneath = layout.beneath(alone.reflectance_factor(flop.log_constants), shares)
    model = BandModel(fractions, measured, prior, bands, beneath)
    fit = fit_bands(model, None if start is None else start.log_constants)
    for _ in range(_TIED):
        tied = tied_prior(model, fit, prior, layout.n_angles, layout.flop)
        model = BandModel(fractions, measured, tied, bands, beneath)
        fit = fit_bands(model, fit.log_constants)
    return Lobes(fit, ceiling, shares, layout)


def choose(
    fractions: FloatArray, measured: FloatArray, prior: LogPrior, layout: Layout, rng: np.random.Generator
) -> tuple[FloatArray, FloatArray]:
    """Ceilings and shares, shape (n_angles,) each, by cross-validation; angles are judged each for itself."""
    thin, bands = layout.thinned(_EVERY)
    few, known = measured[:, bands], LogPrior(prior.mean[:, bands], prior.sd[:, bands])
    greatest = measured.reshape(len(measured), layout.n_angles, -1).max(axis=(0, 2))
    fold = rng.permutation(len(fractions)) % _FOLDS
    # Where the last candidate's fit ended the next one's is near.
    starts: list[BandFit | None] = [None] * _FOLDS

    def missed(ceiling: FloatArray, shares: FloatArray) -> FloatArray:
        """Logarithm of the mean square of held-out residuals, summed over panels, shape (n_angles,)."""
        total = np.zeros(layout.n_angles)
        per_band = thin.per_band(ceiling)
        for out in range(_FOLDS):
            inside, held = fold != out, fold == out
            flop = _flop(fractions, few, inside, known, per_band, thin)
            beneath = thin.beneath(flop, shares)
            model = BandModel(fractions[inside], few[inside], known, per_band, beneath[inside])
            last = starts[out]
            fit = starts[out] = fit_bands(model, None if last is None else last.log_constants)
            judged = BandModel(fractions[held], few[held], known, per_band, beneath[held])
            miss = visible(judged.reflectance_factor(fit.log_constants)) - visible(few[held])
            # The geometric mean over panels: one with a colorant the other folds hardly hold must not decide.
            square = np.mean(miss.reshape(-1, thin.n_angles, thin.n_wavelengths) ** 2, axis=2)
            total += np.sum(np.log(square + _LEAST_SQUARE), axis=0)
        return total

    shares = np.zeros(layout.n_angles)
    ceiling = greatest
    for _ in range(_ALTERNATIONS):
        ceiling = greatest * _best(CEILINGS, [missed(factor * greatest, shares) for factor in CEILINGS])
        shares = _best(SHARES, [missed(ceiling, layout.lobes(share)) for share in SHARES])
        shares[layout.flop] = 0.0
    return ceiling, shares


def _best(candidates: Sequence[float], scores: Sequence[FloatArray]) -> FloatArray:
    """The candidate of the least score, angle by angle."""
    best: FloatArray = np.array(candidates)[np.argmin(scores, axis=0)]
    return best


def _flop(
    fractions: FloatArray,
    measured: FloatArray,
    inside: NDArray[np.bool_],
    prior: LogPrior,
    ceiling: FloatArray,
    layout: Layout,
) -> FloatArray:
    """Multiply scattered light of all panels, from a fit to some, shape (n_panels, n_wavelengths)."""
    rows = np.arange(layout.n_wavelengths) + layout.flop * layout.n_wavelengths
    own = LogPrior(prior.mean[:, rows], prior.sd[:, rows])
    seen = measured[:, rows]
    none = np.zeros_like(seen)
    fit = fit_bands(BandModel(fractions[inside], seen[inside], own, ceiling[rows], none[inside]))
    return BandModel(fractions, seen, own, ceiling[rows], none).reflectance_factor(fit.log_constants)
