"""Differences as distances in a space made more even than CIELAB: DIN99, DIN99o, CAM02-UCS and CAM16-UCS."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from colorlab.colorimetry.library import colour_science
from colorlab.colorimetry.spaces import lab_to_xyz
from spectra.arrays import FloatArray
from spectra.errors import MeasurementError

# How the appearance models see the panel: in a booth of 1000 lx, which lies in the range ISO 3668 asks for, before a
# grey of a fifth of the white's luminance, to which the eye adapts. The surround is the models' "average".
ILLUMINANCE = 1000.0  # [lx]
BACKGROUND = 20.0  # Y_b, luminance factor [%, 100 is the white]
ADAPTING_LUMINANCE = ILLUMINANCE / np.pi * BACKGROUND / 100  # L_A [cd/m²]
VIEWING_CONDITIONS = (
    f"booth of {ILLUMINANCE:g} lx, Yb = {BACKGROUND:g}, LA = {ADAPTING_LUMINANCE:.2f} cd/m², average surround"
)

# Of DIN99o. The factor of L99o is printed as 303.67; 100 at L* = 100 would need 100 / ln 1.39 = 303.6710. The printed
# one is kept: no difference changes by more than 4 in a million.
_LIGHTNESS, _LIGHTNESS_SLOPE = 303.67, 0.0039
_TURN, _YELLOW = np.radians(26.0), 0.83
_CHROMA, _CHROMA_SLOPE = 0.0435, 0.075


def din99(standard: FloatArray, sample: FloatArray) -> FloatArray:
    """DIN99 with k_E = k_CH = 1; CIELAB of shape (..., 3) to (...)."""
    distance: FloatArray = colour_science().difference.delta_E_DIN99(standard, sample)
    return distance


def din99o(standard: FloatArray, sample: FloatArray) -> FloatArray:
    """DIN99o with k_E = k_CH = 1; CIELAB of shape (..., 3) to (...)."""
    distance: FloatArray = np.linalg.norm(lab_to_din99o(sample) - lab_to_din99o(standard), axis=-1)
    return distance


def lab_to_din99o(lab: ArrayLike) -> FloatArray:
    """L99o, a99o, b99o of CIELAB, shape (..., 3).

    References
    ----------
    .. [1] DIN 6176:2018. The constants are those of two open implementations that agree; the text was not at hand.
    """
    L, a, b = np.moveaxis(np.asarray(lab, dtype=np.float64), -1, 0)
    red = a * np.cos(_TURN) + b * np.sin(_TURN)
    yellow = _YELLOW * (b * np.cos(_TURN) - a * np.sin(_TURN))
    chroma = np.log1p(_CHROMA_SLOPE * np.hypot(red, yellow)) / _CHROMA
    hue = np.arctan2(yellow, red) + _TURN
    lightness = _LIGHTNESS * np.log1p(_LIGHTNESS_SLOPE * L)
    even: FloatArray = np.stack([lightness, chroma * np.cos(hue), chroma * np.sin(hue)], axis=-1)
    return even


def cam02_ucs(standard: FloatArray, sample: FloatArray, white: FloatArray) -> FloatArray:
    """Distance in CAM02-UCS in a booth; see `cam16_ucs`.

    References
    ----------
    .. [1] M. R. Luo, G. Cui, C. Li, "Uniform colour spaces based on CIECAM02 colour appearance model", Color Res. Appl.
       31 (2006) 320–330.
    """
    return _appearance_distance("CAM02-UCS", standard, sample, white)


def cam16_ucs(standard: FloatArray, sample: FloatArray, white: FloatArray) -> FloatArray:
    """Distance in CAM16-UCS in a booth (`VIEWING_CONDITIONS`).

    Parameters
    ----------
    standard, sample : ndarray, shape (..., 3)
        CIELAB under one white.
    white : ndarray, shape (3,) or (..., 3)
        XYZ of the perfect diffuser, Y = 100.

    Returns
    -------
    ndarray, shape (...)

    Raises
    ------
    MeasurementError
        If the model has no value for a colour, which is then none that a surface can have.

    References
    ----------
    .. [1] C. Li et al., "Comprehensive color solutions: CAM16, CAT16, and CAM16-UCS", Color Res. Appl. 42 (2017)
       703–718.
    """
    return _appearance_distance("CAM16-UCS", standard, sample, white)


def _appearance_distance(name: str, standard: FloatArray, sample: FloatArray, white: FloatArray) -> FloatArray:
    colour = colour_science()
    to_space = colour.XYZ_to_CAM02UCS if name == "CAM02-UCS" else colour.XYZ_to_CAM16UCS
    both = np.stack([standard, sample])
    # The models also give a brightness, which the space does not need and which a colour below black has not.
    with np.errstate(invalid="ignore"):
        places = to_space(
            lab_to_xyz(both, white) / 100,
            XYZ_w=np.asarray(white) / 100,
            L_A=ADAPTING_LUMINANCE,
            Y_b=BACKGROUND,
            compute_H=False,
        )
    lost = np.isfinite(both).all(axis=-1) & ~np.isfinite(places).all(axis=-1)
    if lost.any():
        L, a, b = both[lost][0]
        raise MeasurementError(
            f"{name} has no value for L*a*b* {L:.2f}, {a:.2f}, {b:.2f} under this white: no surface has that colour. "
            "Check the colour, or choose a formula of CIELAB"
        )
    distance: FloatArray = np.linalg.norm(places[1] - places[0], axis=-1)
    return distance
