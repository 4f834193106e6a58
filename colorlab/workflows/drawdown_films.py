"""What one drawdown over black and white tells: contrast ratio, K X and S X, its thickness."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from colorlab.colorimetry.contrast_ratio import contrast_ratio
from colorlab.colorimetry.tristimulus import spectra_to_lab
from colorlab.colorimetry.viewing import D65_10
from colorlab.difference.standard import delta_E
from colorlab.formulation.prediction.paint_film import THICKNESS_ERROR, Model, PaintFilms
from colorlab.workflows.drawdowns import Drawdown
from colorlab.workflows.film_answers import DrawdownFilm, Look, Thickness
from spectra.arrays import FloatArray
from spectra.errors import FormulationError
from spectra.optics.hiding import film_coefficients
from spectra.optics.interface import Saunderson, internal_reflectance
from spectra.wavelengths import WavelengthGrid

_UNKNOWN = 1 / 3  # relative uncertainty from which on only a least thickness is known
_MISFIT = 1.5  # L*: beyond it the recipe, its colorants or the card is not the one stated


def look_of(over: FloatArray, film_um: float | None, grid: WavelengthGrid) -> Look:
    """One film, reflectance factors (2, n_wavelengths) over black and over white, under D65/10."""
    lab = spectra_to_lab(over, grid, D65_10)
    ratio = float(contrast_ratio(over[0], over[1], grid, D65_10))
    return Look(film_um, ratio, lab[0], lab[1], float(delta_E(lab[1], lab[0])))


def drawdown_film(
    one: Drawdown,
    fractions: FloatArray | None,
    films: PaintFilms | None,
    left_out: Mapping[Model, float],
    grounds: FloatArray | None,
    surface: Saunderson,
    grid: WavelengthGrid,
) -> DrawdownFilm:
    """What a drawdown's readings tell.

    Parameters
    ----------
    one : Drawdown
    fractions : ndarray, shape (n_colorants,), or None
        Of what was drawn down, where it is known.
    films : PaintFilms or None
    left_out : mapping of model to float
        Thickness errors of the models on this laboratory's own drawdowns, where there are enough. [relative]
    grounds : ndarray, shape (2, n_wavelengths), or None
        Reflectance factor of the bare cards, where it was stated.
    surface : Saunderson
    grid : WavelengthGrid
    """
    look = look_of(one.reflectance_factor, one.thickness_um, grid)
    findings = []
    if look.contrast_ratio > 1:
        findings.append("lighter over black than over white: are the two readings exchanged, or the films two?")
    absorbed = scattered = None
    if grounds is None:
        findings.append("K X and S X need the bare cards: --card-black and --card-white")
    else:
        absorbed, scattered = _coefficients(one.reflectance_factor, grounds, surface)
        hidden = int(np.isnan(absorbed).sum())
        if hidden:
            findings.append(f"hides at {hidden} of {grid.count} wavelengths, where only K/S can be known")
    thickness = None
    if fractions is None or films is None or grounds is None:
        if films is not None and fractions is None:
            findings.append("its thickness needs its recipe: columns g_… beside it, or --recipe")
    else:
        found = films.thickness(fractions, one.reflectance_factor)
        own = float(found.relative_uncertainty)
        model = left_out.get(films.model, THICKNESS_ERROR[films.model])
        thickness = Thickness(
            float(found.thickness_um), float(np.hypot(own, model)), float(found.residual), films.model
        )
        if own > _UNKNOWN:
            findings.append(f"hides: that it is {thickness.dry_um:.0f} µm thick is not known, only that it is no mist")
        if thickness.residual > _MISFIT:
            findings.append(
                f"the film found misses the readings by {thickness.residual:.1f} L*: the recipe, its colorants or the "
                "card is not the one stated, or the model does not hold"
            )
    return DrawdownFilm(one.name, look, absorbed, scattered, thickness, tuple(findings))


def _coefficients(over: FloatArray, grounds: FloatArray, surface: Saunderson) -> tuple[FloatArray, FloatArray]:
    """K X and S X wavelength by wavelength, NaN where the film hides."""
    inside = internal_reflectance(over, surface)
    cards = np.clip(internal_reflectance(grounds, surface), 0.0, 1.0)
    found = np.full((2, over.shape[1]), np.nan)
    for band in range(over.shape[1]):
        try:
            found[:, band] = film_coefficients(*inside[:, band], black=cards[0, band], white=cards[1, band])
        except FormulationError:  # the film hides there, which is an answer
            continue
    return found[0], found[1]
