"""Repeat readings: their mean, and how far a reading and the mean may be off.

Three readings cannot give a covariance of 31 wavelengths. What they and the readings of other samples can tell is told
in three parts, each with as many figures as the readings bear: a shape, its size, and the size of each sample.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from spectra.arrays import FloatArray, frozen
from spectra.errors import MeasurementError
from spectra.measurement import Measurement, average_readings
from spectra.wavelengths import WavelengthGrid

# The scatter of readings is a constant share of the reflectance factor down to about 5 %, and below it of no less [1 of
# `repeatability`]. [reflectance factor]
DARKEST_SHARE = 0.05
# Correlation lengths among which a shape is sought. [nm]
LENGTHS_NM = (10.0, 15.0, 20.0, 30.0, 40.0, 60.0, 80.0, 120.0, 160.0, 240.0, 320.0, 640.0)
# With fewer sets the spread of their sizes says too little: each sample then keeps its own.
FEWEST_SETS = 4


@dataclass(frozen=True, slots=True, eq=False)
class Repeatability:
    """How readings of samples scatter, from sets of repeat readings.

    Attributes
    ----------
    grid : WavelengthGrid
    relative : ndarray, shape (n_angles, n_wavelengths, n_wavelengths)
        Covariance of a single reading in units of `reading_scale` of its sample. [1]
    common_size : float
        Variance that samples have in common, as a multiple of `relative`. [1]
    prior_freedom : float
        How many degrees of freedom `common_size` is worth beside a sample's own readings: infinite where the sets
        scatter alike, 0 with fewer than `FEWEST_SETS` of them.
    independent_errors : float
        Of how many independent errors the deviation of one reading consists: its degrees of freedom.
    n_sets : int
    pooled_freedom : int
        Readings less sets: what `relative` rests on.
    length_nm, white_share, weight : ndarray, shape (n_angles,)
        The smooth shape: its correlation length, its share of noise that is independent between wavelengths, and how
        much of `relative` is this shape and not the readings' own covariance. [nm], [1], [1]
    """

    grid: WavelengthGrid
    relative: FloatArray
    common_size: float
    prior_freedom: float
    independent_errors: float
    n_sets: int
    pooled_freedom: int
    length_nm: FloatArray
    white_share: FloatArray
    weight: FloatArray

    @property
    def relative_rms(self) -> FloatArray:
        """Root mean square error of a single reading of a common sample over the spectrum, shape (n_angles,).

        In units of `reading_scale`. [1]
        """
        variance = self.common_size * np.trace(self.relative, axis1=1, axis2=2) / self.grid.count
        rms: FloatArray = np.sqrt(variance)
        return rms

    @property
    def rule(self) -> str:
        """How the covariance was reached, in words."""
        if not self.weight.any():
            shape = "the covariance of the readings themselves"
        else:
            weight, white = _span(100 * self.weight), _span(100 * self.white_share)
            shape = f"{weight} % of a shape with {_span(self.length_nm)} nm and {white} % white noise"
        sets = "one set" if self.n_sets == 1 else f"{self.n_sets} sets"
        return f"{sets} of readings, {self.pooled_freedom} degrees of freedom: {shape}"

    def size_of(self, readings: ArrayLike) -> tuple[float, float]:
        """Variance of a sample as a multiple of `relative`, and its degrees of freedom, from its own readings too.

        Parameters
        ----------
        readings : array_like, shape (n_readings, n_angles, n_wavelengths)
            Of the sample; a single one adds nothing to what is known.
        """
        contrasts = _contrasts(readings, self.grid)
        size, _ = _moderated(self, contrasts)
        if np.isinf(self.prior_freedom):
            return size, float(self.pooled_freedom)
        # The sizes of samples scatter with the prior's degrees of freedom, whatever the shape, as real readings held
        # against those of other paints bear out. Of its own readings, were the shape known, a variance would have all
        # the degrees of freedom that went into the size; were it not at all, one a reading. Half-way, as simulated
        # readings of many shapes bear out.
        return size, self.prior_freedom + len(contrasts) * math.sqrt(self.independent_errors)

    def covariance(self, reflectance_factor: ArrayLike, size: float = 1.0) -> FloatArray:
        """Of a single reading of a sample, shape (n_angles, n_wavelengths, n_wavelengths)."""
        scale = reading_scale(reflectance_factor)
        matrix: FloatArray = size * scale[:, :, None] * self.relative * scale[:, None, :]
        return matrix


@dataclass(frozen=True, slots=True, eq=False)
class Averaged:
    """The mean of a set of readings, with its covariance.

    Attributes
    ----------
    measurement : Measurement
        Reflectance factor: the mean; covariance: of the mean.
    of_a_reading : ndarray, shape (n_angles, n_wavelengths, n_wavelengths)
        Covariance of a single reading.
    freedom : float
        Degrees of freedom of the variance of a quantity such as L*, for Student's t.
    rule : str
    """

    measurement: Measurement
    of_a_reading: FloatArray
    freedom: float
    rule: str


def reading_scale(reflectance_factor: ArrayLike) -> FloatArray:
    """What the scatter of readings is in proportion to: R, and in the dark no less than 0.05. [reflectance factor]"""
    scale: FloatArray = np.hypot(np.asarray(reflectance_factor, dtype=np.float64), DARKEST_SHARE)
    return scale


def coefficient_of_variation(readings: ArrayLike) -> FloatArray:
    """Standard deviation of readings over their mean, per wavelength. [1]

    Parameters
    ----------
    readings : array_like, shape (n_readings, …, n_wavelengths)

    Returns
    -------
    ndarray, shape (…, n_wavelengths)
        NaN where the mean is not positive.
    """
    values = np.asarray(readings, dtype=np.float64)
    mean, deviation = values.mean(axis=0), values.std(axis=0, ddof=1)
    share: FloatArray = np.divide(deviation, mean, out=np.full_like(mean, np.nan), where=mean > 0)
    return share


def repeatability(reading_sets: Sequence[ArrayLike], grid: WavelengthGrid) -> Repeatability:
    """How readings scatter: covariance from one set of repeat readings, or better from those of several samples.

    Deviations of each set from its mean, as independent contrasts and in units of `reading_scale`, are pooled. Their
    covariance is drawn towards a smooth shape, exp(−½(Δλ/ℓ)²) and a share of white noise, of which ℓ and the share are
    those nearest to it (this nearness is estimated without bias however few the readings). It is drawn as far as its
    own sampling error asks [2]: two or three readings of one sample give no more than the size of that shape, hundreds
    give their own covariance. Sets that scatter differently are first brought to one size, and each variance is drawn
    towards the pooled one as far as the spread of the sets allows [3].

    Parameters
    ----------
    reading_sets : sequence of array_like, each of shape (n_readings, n_angles, n_wavelengths)
        Of one sample each. Readings that repeat another to the last digit are copies and count once.
    grid : WavelengthGrid

    Raises
    ------
    MeasurementError
        If no set holds two different readings, or shapes disagree.

    References
    ----------
    .. [1] P. Centore, "The coefficient of variation as a measure of spectrophotometric repeatability", Color Res.
       Appl. 41 (2016) 571.
    .. [2] J. Schäfer and K. Strimmer, Stat. Appl. Genet. Mol. Biol. 4 (2005) 32, with the sampling variance of a
       normal covariance; after O. Ledoit and M. Wolf, J. Multivar. Anal. 88 (2004) 365.
    .. [3] G. K. Smyth, Stat. Appl. Genet. Mol. Biol. 3 (2004) 3.
    """
    contrasts = [one for one in (_contrasts(readings, grid) for readings in reading_sets) if len(one)]
    if not contrasts:
        raise MeasurementError("repeatability needs two different readings of one sample at least")
    if len({one.shape[1] for one in contrasts}) > 1:
        raise MeasurementError("the sets of readings differ in their number of angles")
    known = _pooled(contrasts, contrasts, grid)
    if known.prior_freedom == 0 or np.isinf(known.prior_freedom):
        return known
    # A few sets that scatter most would make the shape alone: once more with each set in units of its own size.
    even = [one / np.sqrt(_moderated(known, one)[0]) for one in contrasts]
    return _pooled(even, contrasts, grid)


def average(measurement: Measurement, known: Repeatability | None = None) -> Averaged:
    """The mean of a measurement's readings with the covariance of a reading and of the mean.

    Parameters
    ----------
    measurement : Measurement
        With two different readings at least.
    known : Repeatability, optional
        Of other samples measured alike; its shape then serves, in the size of these readings weighed against it.

    Raises
    ------
    MeasurementError
        If there are not two different readings, or `known` was found on another grid.
    """
    if measurement.readings is None:
        raise MeasurementError(f"{measurement.sample}: the file holds no single readings to average")
    different = different_readings(measurement.readings)
    known = repeatability([different], measurement.grid) if known is None else known
    if known.grid != measurement.grid or len(known.relative) != measurement.geometry.n_angles:
        raise MeasurementError(
            f"{measurement.sample}: measured over {measurement.grid} at {measurement.geometry.n_angles} angles; the "
            f"repeatability is known over {known.grid} at {len(known.relative)}"
        )
    size, freedom = known.size_of(different)
    mean = average_readings(different)
    of_a_reading = known.covariance(mean, size)
    averaged = replace(
        measurement, reflectance_factor=mean, readings=different, covariance=of_a_reading / len(different)
    )
    return Averaged(averaged, frozen(of_a_reading), freedom, f"mean of {len(different)} readings; {known.rule}")


def different_readings(readings: ArrayLike) -> FloatArray:
    """Readings without those that repeat another to the last digit, in their order: copies are not repeats."""
    values = np.asarray(readings, dtype=np.float64)
    firsts: dict[bytes, int] = {}
    for place, reading in enumerate(values + 0.0):  # −0 is 0
        firsts.setdefault(reading.tobytes(), place)
    return values if len(firsts) == len(values) else values[list(firsts.values())]


def _span(values: FloatArray) -> str:
    """One figure for all angles, or the least and the greatest."""
    low, high = f"{np.nanmin(values):.0f}", f"{np.nanmax(values):.0f}"
    return low if low == high else f"{low}–{high}"


def _contrasts(readings: ArrayLike, grid: WavelengthGrid) -> FloatArray:
    """Independent errors of single readings, in units of their scale, shape (n_readings − 1, n_angles, n_wavelengths).

    Helmert's contrasts: reading k less the mean of those before it, so scaled that each varies as a reading does.
    """
    values = different_readings(readings)
    if values.ndim != 3 or values.shape[2] != grid.count or not np.isfinite(values).all():
        raise MeasurementError(f"readings of shape {values.shape} are not (readings, angles, {grid.count} wavelengths)")
    before = np.cumsum(values, axis=0)[:-1] / np.arange(1, len(values))[:, None, None]
    factor = np.sqrt(np.arange(1, len(values)) / np.arange(2, len(values) + 1))
    contrasts: FloatArray = factor[:, None, None] * (values[1:] - before) / reading_scale(values.mean(axis=0))
    return contrasts


def _pooled(alike: Sequence[FloatArray], contrasts: Sequence[FloatArray], grid: WavelengthGrid) -> Repeatability:
    """The shape from sets that are alike in size, the sizes from the sets as they are."""
    pooled = np.concatenate(alike)
    matrices, lengths, whites, weights = zip(
        *(_shrunk(pooled[:, angle], grid) for angle in range(pooled.shape[1])), strict=True
    )
    relative = frozen(np.array(matrices))
    # The energy of one contrast is worth so many independent errors (Satterthwaite); angles are independent.
    errors = float(np.trace(relative, axis1=1, axis2=2).sum() ** 2 / (relative**2).sum())
    energies = np.array([_energy(one, relative) for one in contrasts])
    common, prior = _prior(energies, errors * np.array([len(one) for one in contrasts]))
    return Repeatability(
        grid=grid,
        relative=relative,
        common_size=common,
        prior_freedom=prior,
        independent_errors=errors,
        n_sets=len(contrasts),
        pooled_freedom=len(pooled),
        length_nm=frozen(lengths),
        white_share=frozen(whites),
        weight=frozen(weights),
    )


def _moderated(known: Repeatability, contrasts: FloatArray) -> tuple[float, float]:
    """Size of a set weighed against the common one, and the degrees of freedom it then has."""
    if np.isinf(known.prior_freedom):
        return known.common_size, known.pooled_freedom * known.independent_errors
    own = len(contrasts) * known.independent_errors
    freedom = known.prior_freedom + own
    if freedom == 0:
        raise MeasurementError("a single reading, and too few sets of others to tell how far it may be off")
    energy = _energy(contrasts, known.relative) if len(contrasts) else 0.0
    return (known.prior_freedom * known.common_size + own * energy) / freedom, freedom


def _shrunk(contrasts: FloatArray, grid: WavelengthGrid) -> tuple[FloatArray, float, float, float]:
    """Covariance (n_wavelengths, n_wavelengths) of contrasts, and length, white share and weight of its smooth part."""
    n_contrasts, n_wavelengths = contrasts.shape
    own = contrasts.T @ contrasts / n_contrasts
    variance = float(np.trace(own)) / n_wavelengths
    if variance == 0:  # an angle at which no reading differs to the last digit has no shape
        return own, math.nan, math.nan, 0.0
    target, length, white = _nearest_shape(own, variance, grid)
    # Gaussian sampling variance of all elements of the covariance, over the distance there is to the target.
    error = (float((own**2).sum()) + float(np.trace(own)) ** 2) / n_contrasts
    apart = float(((own - target) ** 2).sum())
    weight = 1.0 if apart <= error else error / apart
    return (1 - weight) * own + weight * target, length, white, weight


def _nearest_shape(own: FloatArray, variance: float, grid: WavelengthGrid) -> tuple[FloatArray, float, float]:
    nm, identity = grid.wavelengths, np.eye(grid.count)
    correlation = own / variance
    nearest, found = np.inf, (identity, 0.0, 1.0)
    for length in LENGTHS_NM:
        smooth = np.exp(-0.5 * ((nm[:, None] - nm) / length) ** 2)
        rest = identity - smooth
        white = float(np.clip(((correlation - smooth) * rest).sum() / (rest**2).sum(), 0.0, 1.0))
        apart = float(((correlation - smooth - white * rest) ** 2).sum())
        if apart < nearest:
            nearest, found = apart, (variance * (smooth + white * rest), length, white)
    return found


def _energy(contrasts: FloatArray, relative: FloatArray) -> float:
    """Mean square of contrasts over what `relative` expects. [1]"""
    return float(np.mean((contrasts**2).sum(axis=(1, 2))) / np.trace(relative, axis1=1, axis2=2).sum())


def _prior(energies: FloatArray, freedom: FloatArray) -> tuple[float, float]:
    """Common variance and its weight in degrees of freedom, from the spread of ln variance (Smyth 2004, section 6)."""
    if len(energies) < FEWEST_SETS:
        return 1.0, 0.0
    from scipy.optimize import brentq
    from scipy.special import digamma, polygamma

    logs = np.log(np.maximum(energies, 1e-30)) - digamma(freedom / 2) + np.log(freedom / 2)
    excess = float(logs.var(ddof=1) - np.mean(polygamma(1, freedom / 2)))
    if excess <= 1e-6:
        return float(freedom @ energies / freedom.sum()), np.inf
    half = float(brentq(lambda x: float(polygamma(1, x)) - excess, 1e-8, 1e8))
    return float(np.exp(logs.mean() + digamma(half) - np.log(half))), 2 * half
