"""What one angle tells of the others: a colorant absorbs much alike wherever the light comes from."""

from __future__ import annotations

import numpy as np

from colorlab.formulation.effect.per_angle_fit import BandFit, BandModel, LogPrior, log_variances
from spectra.arrays import FloatArray

# Standard deviation of ln K of one colorant and wavelength from angle to angle, beside a factor common to all
# colorants of the angle. Between 0.25 and 0.5 panels that were not fitted are predicted equally well.
TIE = 0.5
_ROUNDS = 3


def tied_prior(model: BandModel, fit: BandFit, prior: LogPrior, n_angles: int, flop: int) -> LogPrior:
    """The prior of a hierarchical model: ln K of an angle lies about the mean over the angles.

    Parameters
    ----------
    model : BandModel
        That `fit` solves.
    fit : BandFit
    prior : LogPrior
        The one that knows no angle but its own; the mean over the angles is drawn towards it.
    n_angles, flop : int
        The flop angle, where all light is scattered many times, keeps its own.

    Returns
    -------
    LogPrior
        Mean over the angles, weighted by what each knows, plus the angle's own factor; standard deviation `TIE`.
    """
    lobes = [angle for angle in range(n_angles) if angle != flop]
    if len(lobes) < 2:
        return prior
    count = len(fit.log_constants) // 2

    def by_angle(values: FloatArray) -> FloatArray:
        return values[:count].reshape(count, n_angles, -1)[:, lobes]

    ln_K, known = by_angle(fit.log_constants), by_angle(log_variances(model, fit))
    center, spread = by_angle(prior.mean).mean(axis=1), by_angle(prior.sd).mean(axis=1)
    weight = 1 / (known + TIE**2)
    offset = np.zeros((1, len(lobes), 1))
    mean = center
    for _ in range(_ROUNDS):
        towards = np.divide(1.0, spread**2, out=np.zeros_like(spread), where=spread > 0)
        mean = (np.sum(weight * (ln_K - offset), axis=1) + towards * center) / (weight.sum(axis=1) + towards)
        offset = np.sum(weight * (ln_K - mean[:, None]), axis=(0, 2), keepdims=True) / weight.sum(
            axis=(0, 2), keepdims=True
        )
        offset = offset - offset.mean()
    new_mean = prior.mean.copy().reshape(2 * count, n_angles, -1)
    new_sd = prior.sd.copy().reshape(2 * count, n_angles, -1)
    new_mean[:count, lobes] = mean[:, None] + offset
    new_sd[:count, lobes] = np.where(new_sd[:count, lobes] > 0, TIE, 0.0)
    return LogPrior(new_mean.reshape(prior.mean.shape), new_sd.reshape(prior.sd.shape))
