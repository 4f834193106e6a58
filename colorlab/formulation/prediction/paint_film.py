"""Films of recipes that may let their ground show: what they look like, where they hide, how thick they are.

Two models. Kubelka and Munk's film needs nothing but a colorant set that knows its base's scattering per µm.
Radiative transfer needs drawdowns of known recipe and thickness beside it, and misses less in films of particles.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from colorlab.colorimetry.contrast_ratio import contrast_ratio
from colorlab.colorimetry.viewing import Viewing
from colorlab.colorimetry.weights import weights
from spectra.arrays import FloatArray
from spectra.colorant import ColorantSet
from spectra.errors import FormulationError
from spectra.film_calibration import FilmScale, calibrate_films
from spectra.film_thickness import ThicknessEstimate, film_thickness
from spectra.optics.hiding import BLACK, HIDES, WHITE, face_of, last_crossing
from spectra.optics.interface import internal_reflectance, measured_reflectance

Model = Literal["Kubelka–Munk", "radiative transfer"]

# Standard error of ln thickness found and of ln hiding film on simulated paint of particles, colorants and scale known
# from panels with errors (benchmarks/bench_films.py and bench_hiding_film.py).
THICKNESS_ERROR: dict[Model, float] = {"Kubelka–Munk": 0.15, "radiative transfer": 0.04}
HIDING_ERROR: dict[Model, float] = {"Kubelka–Munk": 0.23, "radiative transfer": 0.04}
# Fewer drawdowns than this tell no error when one is left out; more than so many cost seconds and tell no more.
LEAST_LEFT_OUT, MOST_LEFT_OUT = 3, 6


@dataclass(frozen=True, slots=True, eq=False)
class KnownFilm:
    """A drawdown of known recipe and thickness.

    Attributes
    ----------
    name : str
    fractions : ndarray, shape (n_colorants,)
        Mass fractions over the colorants of the set.
    thickness_um : float
        Dry. [µm]
    reflectance_factor : ndarray, shape (n_grounds, n_wavelengths)
        Over each ground, measured as the colorants were.
    """

    name: str
    fractions: FloatArray
    thickness_um: float
    reflectance_factor: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class PaintFilms:
    """Films of the mixtures of one set over given grounds, at the angle at which a panel is judged for hiding.

    Attributes
    ----------
    colorant_set : ColorantSet
    grounds : ndarray, shape (2, n_wavelengths)
        Reflectance factor of the bare black and white, measured as the colorants were; the film wets them.
    scale : FilmScale or None
        What drawdowns say; None for Kubelka and Munk's film.

    Raises
    ------
    FormulationError
        If there is neither a scale nor a base whose scattering per µm is known, or the grounds are not as stated.
    """

    colorant_set: ColorantSet
    grounds: FloatArray
    scale: FilmScale | None = None

    def __post_init__(self) -> None:
        if self.scale is None and self.colorant_set.base_scattering_per_um is None:
            raise FormulationError(
                f"{self.colorant_set.name}: opaque panels leave open how strongly the base scatters per µm. "
                "Characterise it with drawdowns over black and white cards, or give some of known recipe and thickness"
            )
        if self.grounds.shape != (2, self.colorant_set.grid.count) or not (
            np.isfinite(self.grounds).all() and (self.grounds >= 0).all()
        ):
            raise FormulationError(
                f"grounds of shape {self.grounds.shape}; a black and a white at the {self.colorant_set.grid.count} "
                "wavelengths of the colorants expected, 0 or more"
            )

    @property
    def model(self) -> Model:
        """How the films are followed."""
        return "Kubelka–Munk" if self.scale is None else "radiative transfer"

    def of(self, fractions: FloatArray) -> Callable[[FloatArray], FloatArray]:
        """One recipe's films: from dry film builds (...) [µm] to reflectance factors (..., 2, n_wavelengths).

        Parameters
        ----------
        fractions : ndarray, shape (n_colorants,)
        """
        paints, face = self.colorant_set, face_of(self.colorant_set.geometry)
        row = fractions[None]
        if self.scale is not None:
            scale, known = self.scale, _known(paints, row)
            inside = wetted(self.grounds, paints)

            def transport(build_um: FloatArray) -> FloatArray:
                hiding, scattering, filled = (one[0] for one in known)
                return scale.reflectance_factor(hiding, scattering, filled, build_um, inside)

            return transport
        K, S = paints.mix(row)
        assert paints.base_scattering_per_um is not None
        per_um = paints.base_scattering_per_um * paints.relative_density(row)[0]

        def two_flux(build_um: FloatArray) -> FloatArray:
            depth = np.asarray(build_um, dtype=np.float64)[..., None, None, None] * per_um
            seen: FloatArray = paints.film(K[0], S[0], depth, self.grounds[:, None])[..., face, :]
            return seen

        return two_flux

    def hiding_um(self, fractions: FloatArray, viewing: Viewing, contrast: float = HIDES) -> float:
        """Dry film from which on a recipe has a contrast ratio over the grounds. [µm]

        0 where the grounds are as alike as that without any film, infinite where no film build hides them.

        Raises
        ------
        FormulationError
            If the contrast ratio is not above 0 and below 1.
        """
        if not 0 < contrast < 1:
            raise FormulationError(f"a contrast ratio of {contrast:g}; expected above 0 and below 1")
        film, luminance = self.of(fractions), weights(self.colorant_set.grid, viewing)[:, 1]

        def excess(build_um: FloatArray) -> FloatArray:
            luminous = film(build_um) @ luminance
            difference: FloatArray = luminous[..., 0] - contrast * luminous[..., 1]
            return difference

        K, S = self.colorant_set.mix(fractions[None])
        per_um = self.colorant_set.base_scattering_per_um if self.scale is None else self.scale.scattering_per_um
        assert per_um is not None
        return float(last_crossing(excess, np.array([np.mean((K[0] + S[0]) * per_um)]))[0])

    def thickness(self, fractions: FloatArray, reflectance_factor: FloatArray) -> ThicknessEstimate:
        """Thickness of a film of a recipe from its readings over the grounds, shape (2, n_wavelengths)."""
        return film_thickness(reflectance_factor, self.of(fractions))


def ideal_grounds(colorant_set: ColorantSet) -> FloatArray:
    """Black and white of ASTM D2805 as they would be measured through the paint's own surface, (2, n_wavelengths)."""
    inside = np.repeat([[BLACK], [WHITE]], colorant_set.grid.count, axis=1)
    seen: FloatArray = colorant_set.ceilings[face_of(colorant_set.geometry)] * measured_reflectance(
        inside, colorant_set.surface
    )
    return seen


def wetted(grounds: ArrayLike, colorant_set: ColorantSet) -> FloatArray:
    """Reflectance of grounds where the film touches them, same shape. [0–1]"""
    bare = np.asarray(grounds, dtype=np.float64) / colorant_set.ceilings[face_of(colorant_set.geometry)]
    inside: FloatArray = np.clip(internal_reflectance(bare, colorant_set.surface), 0.0, 1.0)
    return inside


def tell_scale(colorant_set: ColorantSet, films: Sequence[KnownFilm]) -> list[KnownFilm]:
    """The drawdowns to learn the scale from: those without a clear, where there are any.

    A white let down in clear loosens more than one let down in colour. On simulated paint of particles drawdowns with a
    clear bring the error of the hiding film of other recipes from 3 to 9 %.
    """
    clear = np.array([colorant.role == "clear" for colorant in colorant_set.colorants])
    return [one for one in films if not one.fractions[clear].any()] or list(films)


def scale_of(colorant_set: ColorantSet, grounds: FloatArray, films: Sequence[KnownFilm]) -> FilmScale:
    """What a micrometre scatters, from drawdowns of known recipe and thickness.

    Raises
    ------
    CharacterisationError, GeometryError
        If the drawdowns hide, or the geometry is not one that is followed.
    """
    rows = np.array([one.fractions for one in films])
    return calibrate_films(
        [one.reflectance_factor for one in films],
        *_known(colorant_set, rows),
        [one.thickness_um for one in films],
        wetted(grounds, colorant_set),
        colorant_set.geometry,
    )


def left_out_error(
    colorant_set: ColorantSet, grounds: FloatArray, films: Sequence[KnownFilm], viewing: Viewing
) -> dict[Model, float]:
    """Root mean square of ln (found / stated thickness) of drawdowns that the model had not seen, by model.

    The scale of radiative transfer is learned anew without each of them; that of Kubelka and Munk's film is the set's.
    Where the drawdowns are those the set was characterised with, the latter is no error on data unseen. Those that hide
    tell no thickness and are not asked for it, nor are more than six. Empty where fewer than three show their ground.
    """
    shows = [
        place
        for place, one in enumerate(films)
        if float(contrast_ratio(one.reflectance_factor[0], one.reflectance_factor[1], colorant_set.grid, viewing))
        < HIDES
    ]
    if len(shows) < LEAST_LEFT_OUT:
        return {}
    spread = np.linspace(0, len(shows) - 1, min(len(shows), MOST_LEFT_OUT)).round().astype(int)
    asked = [(shows[row], films[shows[row]]) for row in spread]

    def miss(model: PaintFilms, one: KnownFilm) -> float:
        return float(np.log(model.thickness(one.fractions, one.reflectance_factor).thickness_um / one.thickness_um))

    misses: dict[Model, list[float]] = {"radiative transfer": []}
    for place, one in asked:
        others = [other for position, other in enumerate(films) if position != place]
        scale = scale_of(colorant_set, grounds, others)
        misses["radiative transfer"].append(miss(PaintFilms(colorant_set, grounds, scale), one))
    if colorant_set.base_scattering_per_um is not None:
        misses["Kubelka–Munk"] = [miss(PaintFilms(colorant_set, grounds), one) for _, one in asked]
    return {model: float(np.sqrt(np.mean(np.square(values)))) for model, values in misses.items()}


def _known(colorant_set: ColorantSet, rows: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Hiding reflectance factor, scattering of equal volumes relative to the base, and what crowds, of recipes."""
    face = face_of(colorant_set.geometry)
    _, S = colorant_set.mix(rows)
    heavier = colorant_set.relative_density(rows)[:, None]
    hiding = colorant_set.reflectance_factor(rows)[:, face]
    return hiding, S[:, face] * heavier, rows @ colorant_set.crowds
