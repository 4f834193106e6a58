"""From encoded levels to light: raw is linear, a camera's curve is measured, or sRGB is assumed and said to be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import nnls

from spectra.arrays import FloatArray
from spectra.errors import PhotoError

FloatImage = NDArray[np.float32]
EncodedImage = NDArray[np.uint8] | NDArray[np.uint16]

KNOTS = 17
"""Points of a measured curve, evenly spaced in encoded level."""
LEAST_REACH = 0.9
"""Encoded level that the brightest patch must reach: beyond it the curve would be a guess."""
MOST_STEP = 0.25
"""Widest gap between encoded levels that the curve is drawn over."""
_SMOOTHNESS = 0.03
"""Scatter of a patch, relative, over the change of steepness from ramp to ramp that is nothing unusual."""
_QUANTUM = 0.004
"""Light below which a level of 8 bits is too coarse to be held to its share. [1 = full scale]"""
_FLAT_BELOW = 0.02
"""Encoded level under which noise and black level, not light, decide."""
_CLIPPED_ABOVE = 0.98
"""Encoded level above which part of a patch may be clipped: its mean then says less than its light."""


@dataclass(frozen=True, slots=True, eq=False)
class Response:
    """How encoded levels become light.

    Attributes
    ----------
    name : str
        "sRGB, assumed", "linear, raw" or whatever measured it.
    light_of : callable
        Encoded level [0-1] to linear light, 1 = full scale; monotone.
    assumed : bool
        Whether nothing proves it.
    residual : float or None
        Of a measured curve: rms relative distance of the patches from it.
    """

    name: str
    light_of: Callable[[FloatArray], FloatArray]
    assumed: bool = False
    residual: float | None = None

    def linear(self, encoded: EncodedImage) -> FloatImage:
        """Linear light of encoded levels; float32, same shape, 1 = full scale."""
        table = _table(self, int(np.iinfo(encoded.dtype).max) + 1)
        if encoded.dtype == np.uint8 and encoded.ndim == 2:
            return np.asarray(cv2.LUT(encoded, table), dtype=np.float32)
        return table[encoded]

    def note(self) -> str:
        """The response in words, for the notes of an answer."""
        if self.assumed:
            return f"{self.name.removesuffix(', assumed')} response assumed: nothing in the files proves it"
        fitted = "" if self.residual is None else f", patches within {100 * self.residual:.1f} % rms"
        return f"response: {self.name}{fitted}"

    def as_table(self) -> tuple[FloatArray, FloatArray]:
        """Encoded levels and their light, `KNOTS` each: what a station file holds of a measured curve."""
        levels = np.linspace(0.0, 1.0, KNOTS)
        return levels, self.light_of(levels)


@lru_cache(maxsize=16)
def _table(response: Response, levels: int) -> FloatImage:
    table = response.light_of(np.arange(levels, dtype=np.float64) / (levels - 1)).astype(np.float32)
    table.setflags(write=False)
    return table


def _inverse_srgb(encoded: FloatArray) -> FloatArray:
    light: FloatArray = np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)
    return light


SRGB_ASSUMED = Response("sRGB, assumed", _inverse_srgb, assumed=True)
"""The inverse curve of IEC 61966-2-1:1999. Cameras bend it to taste, so it is an assumption."""
LINEAR_RAW = Response("linear, raw", np.asarray)


def response_from_table(encoded: ArrayLike, light: ArrayLike, name: str, residual: float | None = None) -> Response:
    """The response that a table of levels and light describes.

    Parameters
    ----------
    encoded, light : array_like, shape (n_levels,)
        Rising from 0 to 1, both; between them the curve runs straight over the sRGB light of the levels.
    name : str
    residual : float, optional

    Raises
    ------
    PhotoError
        If the table is no such curve.
    """
    levels, values = np.asarray(encoded, dtype=np.float64), np.asarray(light, dtype=np.float64)
    if levels.ndim != 1 or levels.shape != values.shape or levels.size < 2 or not np.isfinite([levels, values]).all():
        raise PhotoError(f"response {name!r}: expected as many finite levels as values of light, at least two")
    if (np.diff(levels) <= 0).any() or (np.diff(values) < 0).any():
        raise PhotoError(f"response {name!r}: levels and light must rise")
    if not np.allclose([levels[0], values[0], levels[-1], values[-1]], [0, 0, 1, 1], atol=1e-6):
        raise PhotoError(
            f"response {name!r}: runs from ({levels[0]:g}, {values[0]:g}) to ({levels[-1]:g}, "
            f"{values[-1]:g}); expected (0, 0) to (1, 1)"
        )
    knots = _inverse_srgb(levels)
    return Response(name, lambda at: np.interp(_inverse_srgb(np.asarray(at)), knots, values), residual=residual)


def measure_response(levels: ArrayLike, exposures: ArrayLike, name: str) -> Response:
    """A camera's response from a grey wedge, or from patches photographed at several exposures.

    Parameters
    ----------
    levels : array_like, shape (n_groups, n_steps)
        Mean encoded level of each patch [0-1]; NaN where there is none. A wedge is one group whose steps are its
        patches; in a series each patch is a group whose steps are the exposures. The light of a group is not known,
        only that it is the same in all its steps.
    exposures : array_like, shape (n_steps,)
        Relative light of each step: the patches' reflectance factor, or the exposure time.
    name : str

    Returns
    -------
    Response
        Monotone; `residual` is the rms relative distance of the patches from it.

    Raises
    ------
    PhotoError
        If the patches do not cover the levels.

    Notes
    -----
    With L the sought light, L(level) = e · exposure with one unknown e a group. L is a sum of ramps between knots with
    heights a ≥ 0 and Σ a = 1 (monotone, full scale 1), straight over sRGB light, so that a camera close to sRGB needs
    few knots: least squares in a and e, each row divided by the light it speaks of, with a weak wish that neighbouring
    ramps be equally steep, which alone decides where no patch lies.

    References
    ----------
    .. [1] P. E. Debevec, J. Malik, "Recovering high dynamic range radiance maps from photographs", Proc. SIGGRAPH
       1997, pp. 369-378; the series, solved there for log exposure with a smoothness weight.
    """
    level, exposure = np.atleast_2d(np.asarray(levels, dtype=np.float64)), np.asarray(exposures, dtype=np.float64)
    if level.shape[1:] != exposure.shape or not (np.isfinite(exposure) & (exposure > 0)).all():
        raise PhotoError(f"response {name!r}: expected one exposure above 0 for each step")
    group, step = np.nonzero((level > _FLAT_BELOW) & (level < _CLIPPED_ABOVE))
    seen = level[group, step]
    covered = np.sort(np.append(seen, 0.0))
    if seen.size < KNOTS // 2 or covered[-1] < LEAST_REACH or np.diff(covered).max() > MOST_STEP:
        widest = float(np.diff(covered).max()) if seen.size else 1.0
        raise PhotoError(
            f"response {name!r}: {seen.size} patches between black and clipped, brightest at {covered[-1]:.2f} of full "
            f"scale, widest gap {widest:.2f}; expected {KNOTS // 2}, {LEAST_REACH:g} and at most {MOST_STEP:g}"
        )
    knots = _inverse_srgb(np.linspace(0.0, 1.0, KNOTS))
    ramps = np.clip((_inverse_srgb(seen)[:, None] - knots[:-1]) / np.diff(knots), 0.0, 1.0)
    light_of_group = np.zeros((seen.size, level.shape[0]))
    light_of_group[np.arange(seen.size), group] = -exposure[step]
    heights = np.diff(knots)
    none = np.zeros((KNOTS - 2, level.shape[0]))
    smooth = np.hstack([_SMOOTHNESS * np.diff(np.diag(1.0 / heights), axis=0), none])
    # The sum of the heights is a definition, not an observation: it outweighs all of them.
    whole = 1e3 * np.append(np.ones(KNOTS - 1), np.zeros(level.shape[0]))
    for _ in range(4):  # each row divided by the light it speaks of, as known so far
        weight = 1.0 / (ramps @ heights + _QUANTUM)
        rows = np.hstack([ramps, light_of_group]) * weight[:, None]
        solved, _ = nnls(np.vstack([rows, smooth, whole]), np.append(np.zeros(len(rows) + len(smooth)), 1e3))
        heights = np.maximum(solved[: KNOTS - 1], 1e-9)
        heights /= heights.sum()
    misfit = 1.0 - exposure[step] * solved[KNOTS - 1 :][group] / (ramps @ heights)
    table = np.append(0.0, np.cumsum(heights))
    table[-1] = 1.0
    return response_from_table(np.linspace(0.0, 1.0, KNOTS), table, name, float(np.sqrt(np.mean(misfit**2))))
