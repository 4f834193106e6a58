"""A measured paint carried along a change of the model: what the model says wrongly of it, as a ratio of K/S."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from spectra.arrays import FloatArray
from spectra.colorant import ColorantSet
from spectra.optics.interface import internal_reflectance
from spectra.optics.link import link_of

# Closer than this to a perfect black or white inside the film, K/S is all noise. [1]
_DARKEST, _WHITEST = 1e-3, 0.999


def has_ratio(reflectance_factor: FloatArray, colorant_set: ColorantSet) -> NDArray[np.bool_]:
    """Where a reading is far enough from perfect black and white inside the film for its K/S to mean something.

    Parameters
    ----------
    reflectance_factor : ndarray, shape (..., n_angles, n_wavelengths)
    colorant_set : ColorantSet
        Gives surface, ceilings and link.
    """
    inside = _inside(reflectance_factor, colorant_set)
    return (inside > _DARKEST) & (inside < _WHITEST)


def ratio_inside(reflectance_factor: FloatArray, colorant_set: ColorantSet) -> FloatArray:
    """K/S of the hiding film that looks so, where none does of the nearest that does; shape as `has_ratio`."""
    usable = np.clip(_inside(reflectance_factor, colorant_set), _DARKEST, _WHITEST)
    return link_of(colorant_set.link).ratio(usable)


def carried(measured: FloatArray, first: FloatArray, second: FloatArray, colorant_set: ColorantSet) -> FloatArray:
    """A measured spectrum moved as the model moves from one spectrum to another.

    The change is made in ln K/S of a hiding film, in which a colorant that is characterised too strong or too weak
    errs least; where one of the three is too black or too white for that, in the reflectance factor.

    Parameters
    ----------
    measured, first, second : ndarray, shape (..., n_angles, n_wavelengths)
        They broadcast.
    colorant_set : ColorantSet
    """
    within = has_ratio(measured, colorant_set) & has_ratio(first, colorant_set) & has_ratio(second, colorant_set)
    own, one, two = (ratio_inside(spectrum, colorant_set) for spectrum in (measured, first, second))
    ratio = own / one * two
    through = colorant_set.hiding_film(ratio, np.ones_like(ratio))
    result: FloatArray = np.where(within, through, measured + second - first)
    return result


def _inside(reflectance_factor: FloatArray, colorant_set: ColorantSet) -> FloatArray:
    return internal_reflectance(reflectance_factor / colorant_set.ceilings[:, None], colorant_set.surface)
