"""Targets that a recipe of a hiding, non-fluorescent paint cannot honestly be made for, said with the numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from colorlab.colorimetry.contrast_ratio import contrast_ratio
from colorlab.colorimetry.viewing import D65_10
from colorlab.colorimetry.weights import weights
from spectra.colorant import ColorantSet
from spectra.errors import FormulationError
from spectra.excess import unexplained_excess
from spectra.measurement import Measurement
from spectra.optics.hiding import BLACK, HIDES, WHITE, film_coefficients, hiding_film_build
from spectra.optics.interface import internal_reflectance

Kind = Literal["translucent", "fluorescent", "not comparable"]

# Readings this close to the surface's own reflection are noise around it. [reflectance factor]
_DARK_NOISE = 0.002


@dataclass(frozen=True, slots=True)
class Obstacle:
    """What stands between a target and an honest recipe.

    Attributes
    ----------
    kind : {"translucent", "fluorescent", "not comparable"}
    text : str
        What, with the numbers and what to do.
    value, limit : float
        The number it rests on, and the one it is held against.
    """

    kind: Kind
    text: str
    value: float
    limit: float

    def __str__(self) -> str:
        return self.text


def translucent(
    name: str,
    over_black: ArrayLike,
    over_white: ArrayLike,
    colorant_set: ColorantSet,
    *,
    black: ArrayLike = BLACK,
    white: ArrayLike = WHITE,
) -> Obstacle | None:
    """Whether a target's own film lets its ground show, from readings over black and over white.

    Parameters
    ----------
    name : str
    over_black, over_white : array_like, shape (n_wavelengths,)
        Reflectance factors of the same film, measured as the colorants were.
    colorant_set : ColorantSet
        For grid and surface.
    black, white : array_like, broadcastable to (n_wavelengths,)
        Of the grounds, where the film touches them.

    Returns
    -------
    Obstacle or None
        None for a film of contrast ratio 0.98 or more.
    """
    dark, light = (np.asarray(one, dtype=np.float64) for one in (over_black, over_white))
    contrast = float(contrast_ratio(dark, light, colorant_set.grid))
    if contrast >= HIDES:
        return None
    try:
        inside = (np.clip(internal_reflectance(one, colorant_set.surface), 0.0, 1.0) for one in (dark, light))
        K, S = film_coefficients(*inside, black=black, white=white)
        luminous = weights(colorant_set.grid, D65_10)[:, 1]
        times = float(
            hiding_film_build(
                np.maximum(K, 0.0), np.maximum(S, 0.0), luminous, colorant_set.surface, black=black, white=white
            )
        )
    except FormulationError:  # where the film hides at some wavelengths only, the factor is not to be had
        times = float("nan")
    remedy = "apply it thicker"
    if np.isfinite(times):
        remedy = f"apply {times:.1f} times the film build"
    elif times == np.inf:
        remedy = "no film build of it hides"
    return Obstacle(
        "translucent",
        f"{name} does not hide: contrast ratio {contrast:.3f} over black and white, below {HIDES:g}. A recipe of "
        f"hiding paint would match it over one ground only; {remedy}, or match it as a film over its own ground",
        contrast,
        HIDES,
    )


def fluorescent(measurement: Measurement) -> Obstacle | None:
    """Whether a measurement reflects more than it receives, which no recipe of absorption and scattering does."""
    found = unexplained_excess(measurement)
    if not found:
        return None
    worst = max(found, key=lambda one: one.greatest)
    return Obstacle(
        "fluorescent",
        f"{measurement.sample}, {worst}. No mixture of these colorants does so: measure it with the ultraviolet cut "
        "off (M2) to see what is left to match, or check the calibration",
        worst.greatest,
        1.0,
    )


def not_comparable(measurement: Measurement, colorant_set: ColorantSet) -> tuple[Obstacle, ...]:
    """What speaks against a reading having been taken as the colorants were, though it declares the same geometry.

    A reading with the specular reflection included is never darker than the surface; one that is was taken otherwise.
    """
    own, wanted = measurement.geometry, colorant_set.geometry
    if own.n_angles != wanted.n_angles:
        return (
            Obstacle(
                "not comparable",
                f"{measurement.sample} was measured at {own.n_angles} angles ({own.name}), the colorants at "
                f"{wanted.n_angles} ({wanted.name}); measure it in the geometry of the ladders",
                own.n_angles,
                wanted.n_angles,
            ),
        )
    offset = colorant_set.surface.offset
    darkest = float(measurement.reflectance_factor.min())
    if offset and darkest < offset - _DARK_NOISE:
        place = np.unravel_index(int(measurement.reflectance_factor.argmin()), measurement.reflectance_factor.shape)
        return (
            Obstacle(
                "not comparable",
                f"{measurement.sample}: reflectance factor {darkest:.4f} at "
                f"{measurement.grid.wavelengths[place[-1]]:g} nm, below the {offset:g} that the surface alone reflects "
                f"with the specular reflection included, as {colorant_set.name} was characterised; it was measured "
                "without it, or the black trap was not clean",
                darkest,
                offset,
            ),
        )
    return ()
