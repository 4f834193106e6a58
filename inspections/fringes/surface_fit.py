"""The surface that explains one photo of fringes: heights fitted to the light, starting from the demodulated phase."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft2, next_fast_len, rfft2

from inspections.capture.capture import Axis
from inspections.fringes.slopes import RigModel, slopes_from_displacement, without_form
from inspections.photos.photo import FloatImage
from inspections.structure.bands import BANDS

ROUNDS = 5
"""Linearisations of the light about the surface found so far; with more the bands change by less than 1 %."""
_STEPS = 6
"""Conjugate gradient steps in each."""
_LOCAL_FRINGES = 1.4
"""Gaussian sigma over which mean light and fringe amplitude may vary. [fringes on the panel]"""
_MARGIN_MM = 6.0
"""Unseen rim around the field, so that the surface need not repeat itself at the borders. [mm]"""
_SHELLS_MM = (30.0, 17.0, 10.0, 5.5, 3.0, 2.2, 1.7, 1.2)
"""Wavelengths between which the strength of the surface is taken as one figure. [mm]"""
_REDUCED = 4

_Spectrum = NDArray[np.complex64]
_Hessian = Callable[[_Spectrum], _Spectrum]


@dataclass(frozen=True, slots=True, eq=False)
class FringePhoto:
    """One photo on the panel grid and the directions of fringes it holds.

    Attributes
    ----------
    image : ndarray of float32, shape (height, width)
        Linear.
    axes : tuple of {"u", "v"}
        Both for a cross photo.
    """

    image: FloatImage
    axes: tuple[Axis, ...]


@dataclass(frozen=True, slots=True, eq=False)
class FittedSurface:
    """What was fitted.

    Attributes
    ----------
    slopes : tuple of ndarray of float32, shape (height, width)
        Along x and y, form removed. [mrad]
    unexplained : float
        Rms of the light that the surface does not explain, over the fringe amplitude, before the last step. [1]
    unresolved_mrad : mapping of str to float
        Band to the slope rms per axis that the photo leaves open: expected, but not to be placed. [mrad]
    """

    slopes: tuple[FloatImage, FloatImage]
    unexplained: float
    unresolved_mrad: Mapping[str, float]


def fit_surface(
    photos: Sequence[FringePhoto],
    moved: Mapping[Axis, FloatImage],
    model: RigModel,
    periods_mm: Mapping[Axis, float],
    pitch_mm: float,
) -> FittedSurface:
    """Fit heights to photos of fringes.

    Demodulation low-passes the phase below the fringe frequency and hands what peel does to one direction on to the
    other. Here the light itself is predicted, mean + Σ amplitude · cos(2π position/period), from the slopes of one
    height map, so both directions must agree on one surface and every pixel counts.

    Parameters
    ----------
    photos : sequence of FringePhoto
        One cross photo, or one photo of each direction.
    moved : mapping of axis to ndarray of float32, shape (height, width)
        Displacement on the screen as demodulated: where the fit starts, and where the form comes from. [mm]
    model : RigModel
        On the same grid.
    periods_mm : mapping of axis to float
        On the screen. [mm]
    pitch_mm : float
        Of the grid; a fringe should span ten pixels or more. [mm]

    Returns
    -------
    FittedSurface

    Notes
    -----
    Maximum a posteriori for Gaussian heights: minimise Σ r²/σ² + Σ |h|²/P(f), r the unexplained light, by
    Gauss-Newton; each linear problem by conjugate gradients, preconditioned with the Hessian that a uniform fringe
    position would have. σ² is the variance of r, and P(f), constant within shells of wavelength, is |h|² plus the
    posterior variance of the round before (expectation maximisation): nothing is assumed of the surface but that it
    is one height map and that its strength is even within a shell. Mean light and amplitude are local least squares.
    Form is the cubic that `slopes.without_form` takes; it stays as demodulated.

    References
    ----------
    .. [1] A. P. Dempster, N. M. Laird, D. B. Rubin, "Maximum likelihood from incomplete data via the EM algorithm",
       J. R. Stat. Soc. B 39, 1977, pp. 1-38.
    """
    raw = slopes_from_displacement(moved["u"], moved["v"], model)
    start = (without_form(raw[0]), without_form(raw[1]))
    fit = _Fit(photos, model, periods_mm, pitch_mm, form=(raw[0] - start[0], raw[1] - start[1]))
    height = fit.integrated(start)
    for _ in range(ROUNDS):
        height = fit.improved(height)
    along_x, along_y = fit.slopes(height)
    return FittedSurface(
        slopes=(without_form(along_x), without_form(along_y)),
        unexplained=float(np.sqrt(fit.noise)),
        unresolved_mrad={name: fit.unresolved_mrad(band.shortest_mm, band.longest_mm) for name, band in BANDS.items()},
    )


class _Fit:
    """One fitting problem: the grid with its rim, what is seen on it, and the strength found so far."""

    def __init__(
        self,
        photos: Sequence[FringePhoto],
        model: RigModel,
        periods_mm: Mapping[Axis, float],
        pitch_mm: float,
        form: tuple[FloatImage, FloatImage],
    ) -> None:
        rows, columns = photos[0].image.shape
        rim = round(_MARGIN_MM / pitch_mm)
        self.shape = (next_fast_len(rows + 2 * rim, real=True), next_fast_len(columns + 2 * rim, real=True))
        self.seen = (slice(rim, rim + rows), slice(rim, rim + columns))
        self.size = self.shape[0] * self.shape[1]
        self.cover = rows * columns / self.size
        fy = -np.fft.fftfreq(self.shape[0], pitch_mm)[:, None].astype(np.float32)  # rows run down, y runs up
        fx = np.fft.rfftfreq(self.shape[1], pitch_mm)[None, :].astype(np.float32)
        self.along_x, self.along_y = ((2j * np.pi * f).astype(np.complex64) for f in (fx, fy))
        self.frequency = np.hypot(fx, fy)
        self.squared = np.asarray((2 * np.pi * self.frequency) ** 2, np.float32)
        self.twice = np.full(self.frequency.shape, 2.0, np.float32)
        self.twice[:, 0] = 1.0
        if self.shape[1] % 2 == 0:
            self.twice[:, -1] = 1.0
        self.shell = np.searchsorted(1 / np.array(_SHELLS_MM), self.frequency, side="right")
        self.count = np.bincount(self.shell.ravel(), weights=self.twice.ravel(), minlength=len(_SHELLS_MM) + 1)
        self.photos = photos
        self.turn, self.still = {}, {}
        fringe_mm = 0.0
        for row, (axis, carrier) in enumerate(model.carriers.items()):
            k = np.float32(2 * np.pi / periods_mm[axis])
            self.turn[axis] = (k * model.gain[row, 0], k * model.gain[row, 1])  # [rad/mrad]
            self.still[axis] = k * carrier + self.turn[axis][0] * form[0] + self.turn[axis][1] * form[1]
            down, right = (part.mean() for part in np.gradient(carrier))
            fringe_mm = max(fringe_mm, periods_mm[axis] * pitch_mm / float(np.hypot(down, right)))
        self.local_px = _LOCAL_FRINGES * fringe_mm / pitch_mm
        self.noise = 0.0
        self.open = np.zeros(self.count.size)
        """Posterior variance of a slope wave, by shell. [mrad² on the grid]"""

    def slopes(self, height: _Spectrum) -> tuple[FloatImage, FloatImage]:
        """Along x and y where it is seen. [mrad]"""
        along_x, along_y = (
            np.asarray(irfft2(turn * height, self.shape)[self.seen], np.float32)
            for turn in (self.along_x, self.along_y)
        )
        return along_x, along_y

    def gathered(self, fields: tuple[FloatImage, FloatImage]) -> _Spectrum:
        """The adjoint of `slopes`, but for a factor."""
        total = np.zeros(self.frequency.shape, np.complex64)
        for field, turn in zip(fields, (self.along_x, self.along_y), strict=True):
            whole = np.zeros(self.shape, np.float32)
            whole[self.seen] = field
            total += turn.conj() * rfft2(whole)
        return total

    def integrated(self, slopes: tuple[FloatImage, FloatImage]) -> _Spectrum:
        """Heights whose slopes are nearest to those given."""
        bottom = np.where(self.squared > 0, self.squared, np.float32(np.inf))
        height: _Spectrum = (self.gathered(slopes) / bottom).astype(np.complex64)
        return height

    def improved(self, height: _Spectrum) -> _Spectrum:
        """One linearisation, solved."""
        unexplained, sensitivity = self._compared(self.slopes(height))
        known = np.float32(
            self.cover * sum(float(np.mean(gx * gx + gy * gy)) / 2 for gx, gy in sensitivity)
        )  # information on either slope, per pixel of the grid
        # The demodulated start leaves out the fine waves: what it does not explain is mostly surface, not noise.
        first = self.noise == 0.0
        self.noise = float(np.mean([np.mean(rest * rest) for rest in unexplained])) * (0.3 if first else 1.0)
        power = np.bincount(
            self.shell.ravel(),
            weights=(self.squared * np.abs(height) ** 2 * self.twice).ravel(),
            minlength=self.count.size,
        )
        strength = power / (self.size * self.cover * self.count) + self.open
        strength = np.maximum(strength, 1e-9 * strength.max() + 1e-12)
        self.open = 1.0 / (known / self.noise + 1.0 / strength)
        prior = self.squared / strength.astype(np.float32)[self.shell]
        prior[0, 0] = np.float32(np.inf)  # heights have no level
        weight = np.float32(1.0 / self.noise)
        kept = np.isfinite(prior)
        prior = np.where(kept, prior, np.float32(0.0))
        condition = np.where(kept, 1.0 / np.maximum(self.squared * known * weight + prior, 1e-20), 0.0)
        condition = condition.astype(np.float32)

        def hessian(step: _Spectrum) -> _Spectrum:
            along_x, along_y = self.slopes(step)
            back_x, back_y = np.zeros_like(along_x), np.zeros_like(along_y)
            for gx, gy in sensitivity:
                light = gx * along_x + gy * along_y
                back_x += gx * light
                back_y += gy * light
            return np.asarray(weight * self.gathered((back_x, back_y)) + prior * step, np.complex64)

        pulls = [
            sum((part[i] * rest for part, rest in zip(sensitivity, unexplained, strict=True)), np.float32(0))
            for i in (0, 1)
        ]
        rest = weight * self.gathered((np.asarray(pulls[0]), np.asarray(pulls[1]))) - prior * height
        step = self._solved(hessian, condition, np.asarray(rest, np.complex64))
        improved: _Spectrum = (height + step).astype(np.complex64)
        return improved

    def _solved(self, hessian: _Hessian, condition: FloatImage, right: _Spectrum) -> _Spectrum:
        """A few conjugate gradient steps towards hessian · x = right."""

        def product(a: _Spectrum, b: _Spectrum) -> float:
            return float(np.sum((a.real * b.real + a.imag * b.imag) * self.twice, dtype=np.float64))

        solution = np.zeros_like(right)
        rest = right
        conditioned = condition * rest
        direction, size = conditioned, product(rest, conditioned)
        for _ in range(_STEPS):
            if size <= 0.0:
                break
            turned = hessian(direction)
            length = np.float32(size / product(direction, turned))
            solution = solution + length * direction
            rest = rest - length * turned
            conditioned = condition * rest
            before, size = size, product(rest, conditioned)
            direction = conditioned + np.float32(size / before) * direction
        return solution

    def _compared(
        self, slopes: tuple[FloatImage, FloatImage]
    ) -> tuple[list[FloatImage], list[tuple[FloatImage, FloatImage]]]:
        """Per photo: light that the surface does not explain, and how its light follows either slope. [amplitude]"""
        unexplained, sensitivity = [], []
        for photo in self.photos:
            phases = {
                axis: self.still[axis] + self.turn[axis][0] * slopes[0] + self.turn[axis][1] * slopes[1]
                for axis in photo.axes
            }
            waves = {axis: np.cos(phase) for axis, phase in phases.items()}
            mean, amplitudes = self._local_fit(photo.image, waves)
            scale = np.float32(np.mean([amplitude.mean() for amplitude in amplitudes.values()]))
            rest = photo.image - mean - _sum(amplitudes[axis] * waves[axis] for axis in photo.axes)
            unexplained.append(rest / scale)
            falls = {axis: -amplitudes[axis] / scale * np.sin(phases[axis]) for axis in photo.axes}
            sensitivity.append(
                (
                    _sum(falls[axis] * self.turn[axis][0] for axis in photo.axes),
                    _sum(falls[axis] * self.turn[axis][1] for axis in photo.axes),
                )
            )
        return unexplained, sensitivity

    def _local_fit(
        self, image: FloatImage, waves: Mapping[Axis, FloatImage]
    ) -> tuple[FloatImage, dict[Axis, FloatImage]]:
        """Mean light and fringe amplitudes, local least squares by two rounds of substitution."""
        mean = self._smooth(image)
        amplitudes = {axis: np.zeros_like(image) for axis in waves}
        powers = {axis: self._smooth(wave * wave) for axis, wave in waves.items()}
        for _ in range(2):
            for axis, wave in waves.items():
                others = _sum(amplitudes[other] * waves[other] for other in waves if other != axis)
                amplitudes[axis] = self._smooth((image - mean - others) * wave) / powers[axis]
            mean = self._smooth(image - _sum(amplitudes[axis] * wave for axis, wave in waves.items()))
        return mean, amplitudes

    def _smooth(self, field: FloatImage) -> FloatImage:
        """Gaussian over `_LOCAL_FRINGES`, on a reduced grid: what is left is smooth."""
        size = (max(8, field.shape[1] // _REDUCED), max(8, field.shape[0] // _REDUCED))
        small = cv2.resize(np.ascontiguousarray(field, np.float32), size, interpolation=cv2.INTER_AREA)
        blurred = cv2.GaussianBlur(small, (0, 0), self.local_px / _REDUCED, borderType=cv2.BORDER_REFLECT)
        return np.asarray(cv2.resize(blurred, field.shape[::-1], interpolation=cv2.INTER_LINEAR), np.float32)

    def unresolved_mrad(self, shortest_mm: float, longest_mm: float) -> float:
        """Slope rms per axis that is left open between two wavelengths. [mrad]"""
        inside = (self.frequency > 1 / longest_mm) & (self.frequency <= 1 / shortest_mm)
        variance = float((self.open[self.shell] * self.twice)[inside].sum()) / self.size
        return float(np.sqrt(variance / 2))


def _sum(parts: Iterable[FloatImage]) -> FloatImage:
    """Their sum, 0 of none."""
    return np.asarray(sum(parts, np.float32(0)), np.float32)
