"""Hiding as an aim of a match: how far a film of given build falls short of the contrast ratio wanted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from colorlab.colorimetry.viewing import Viewing
from colorlab.colorimetry.weights import weights
from spectra.arrays import FloatArray
from spectra.colorant import ColorantSet
from spectra.errors import FormulationError
from spectra.optics.film import film_reflectance
from spectra.optics.hiding import BLACK, HIDES, WHITE, face_of, hiding_film_build
from spectra.optics.interface import measured_reflectance
from spectra.optics.link import link_of

# Steps of the derivatives: a share of the coefficient, and of the unit where it is next to nothing. [1]
_RELATIVE_STEP, _LEAST_STEP = 1e-5, 1e-3


@dataclass(frozen=True, slots=True)
class HidingGoal:
    """A contrast ratio wanted of a dry film.

    Attributes
    ----------
    film_um : float
        [µm]
    contrast : float
        Over the black and white of ASTM D2805. [above 0, below 1]
    weight : float
        Of what is missing from the contrast ratio: at 100 one per cent less counts like ΔE = 1. [ΔE]

    Raises
    ------
    FormulationError
        If a number is out of its range.
    """

    film_um: float
    contrast: float = HIDES
    weight: float = 100.0

    def __post_init__(self) -> None:
        if not 0 < self.film_um < 1e6:
            raise FormulationError(f"a film of {self.film_um:g} µm; expected above 0")
        if not 0 < self.contrast < 1:
            raise FormulationError(f"a contrast ratio of {self.contrast:g}; expected above 0 and below 1")
        if not 0 <= self.weight < np.inf:
            raise FormulationError(f"a weight of {self.weight:g} on hiding; expected 0 or more")


class FilmHiding:
    """What a film lacks in hiding, with its derivative, for the paints of one set.

    Parameters
    ----------
    colorant_set : ColorantSet
    goal : HidingGoal
    viewing : Viewing
        Whose luminance weights count.

    Raises
    ------
    FormulationError
        If nobody knows how strongly the base scatters per µm: opaque panels do not tell.
    """

    def __init__(self, colorant_set: ColorantSet, goal: HidingGoal, viewing: Viewing) -> None:
        if colorant_set.base_scattering_per_um is None:
            raise FormulationError(
                f"{colorant_set.name}: hiding of a film of {goal.film_um:g} µm cannot be told, as opaque panels leave "
                "open how strongly the base scatters per µm; characterise it with films over black and white"
            )
        face = face_of(colorant_set.geometry)
        count = colorant_set.grid.count
        self.goal = goal
        self.bands = slice(face * count, (face + 1) * count)
        self.depth = goal.film_um * colorant_set.base_scattering_per_um[face]
        self.link, self.surface = link_of(colorant_set.link), colorant_set.surface
        self.luminance = weights(colorant_set.grid, viewing)[:, 1]
        self.specific_volume = 1 / colorant_set.relative_density(np.eye(len(colorant_set.colorants)))

    def shortfall(
        self, K: FloatArray, S: FloatArray, density: FloatArray | None = None
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Weighted shortfall (n,) of mixtures (n, n_wavelengths), and its derivatives by K and S; zeros where it hides.

        `density` (n,) is the mixtures' `ColorantSet.relative_density`, 1 where left out. That by its logarithm is the
        sum over wavelengths of K and S times theirs.

        A film's reflectance at one wavelength depends on K and S at that wavelength alone: two differences a ground
        give all derivatives.
        """
        held = np.ones((len(K), 1)) if density is None else density[:, None]
        K, S = K.astype(np.float64) * held, S.astype(np.float64) * held
        black, white = (self._seen(K, S, ground) @ self.luminance for ground in (BLACK, WHITE))
        missing = self.goal.contrast - black / white
        lacks = self.goal.weight * np.maximum(missing, 0.0)
        steps = np.stack([_RELATIVE_STEP * (K + _LEAST_STEP), np.zeros_like(K)])
        slopes = []
        for by_K, by_S in (steps, (steps[1], _RELATIVE_STEP * (S + _LEAST_STEP))):
            change = [self._seen(K + by_K, S + by_S, ground) - self._seen(K, S, ground) for ground in (BLACK, WHITE)]
            moved = self.luminance * (change[0] - (black / white)[:, None] * change[1]) / white[:, None]
            slopes.append(-self.goal.weight * held * np.where(missing[:, None] > 0, moved / (by_K + by_S), 0.0))
        return lacks, slopes[0], slopes[1]

    def _seen(self, K: FloatArray, S: FloatArray, ground: float) -> FloatArray:
        k, s = self.link.film(K, S)
        return measured_reflectance(film_reflectance(k * self.depth, s * self.depth, 1.0, ground), self.surface)


def hiding_film_um(
    colorant_set: ColorantSet, fractions: FloatArray, viewing: Viewing, contrast: float = HIDES
) -> FloatArray | None:
    """Dry film from which on recipes hide, shape (n,). [µm]

    None where nobody knows how strongly the base scatters per µm; infinite for a recipe that hides at no film.

    Parameters
    ----------
    colorant_set : ColorantSet
    fractions : ndarray, shape (n, n_colorants)
    viewing : Viewing
        Whose luminance weights count.
    contrast : float
        Over the black and white of ASTM D2805. [above 0, below 1]
    """
    if colorant_set.base_scattering_per_um is None:
        return None
    face = face_of(colorant_set.geometry)
    K, S = (values[:, face] for values in colorant_set.mix(fractions))
    k, s = link_of(colorant_set.link).film(K, S)
    per_um = colorant_set.base_scattering_per_um[face] * colorant_set.relative_density(fractions)[:, None]
    luminance = weights(colorant_set.grid, viewing)[:, 1]
    return hiding_film_build(k * per_um, s * per_um, luminance, colorant_set.surface, contrast=contrast)
