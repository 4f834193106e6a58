"""Films that may let their ground show: where recipes hide, what they look like there, what drawdowns tell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from colorlab.colorimetry.tristimulus import xyz
from colorlab.colorimetry.viewing import D65_10
from colorlab.formulation.document import ColorantFile
from colorlab.formulation.prediction.paint_film import (
    HIDING_ERROR,
    KnownFilm,
    Model,
    PaintFilms,
    ideal_grounds,
    left_out_error,
    scale_of,
    tell_scale,
)
from colorlab.formulation.prediction.predict import mass_fractions
from colorlab.workflows.drawdown_films import drawdown_film, look_of
from colorlab.workflows.drawdowns import SIDES, Drawdowns, Side, Source, card_reading, load_drawdowns
from colorlab.workflows.film_answers import FilmOutcome, HidingFilm, RecipeFilm
from colorlab.workflows.paint_tables import in_geometry_of_ladders, recipe_table
from colorlab.workflows.read import NOTHING_DECLARED, FileOptions, load
from spectra.arrays import FloatArray
from spectra.colorant import ColorantSet
from spectra.errors import FormulationError, NotComparableError
from spectra.film_build import spreading_rate, volume_solids, wet_film
from spectra.formats.base import file_of
from spectra.measurement import Measurement
from spectra.optics.hiding import BLACK, HIDES, WHITE, face_of
from spectra.optics.interface import (
    K1_RESIN,
    Saunderson,
    measured_reflectance,
    sees_the_surface,
)
from spectra.recipe import Recipe
from spectra.wavelengths import WavelengthGrid

# What diffuse light inside a resin of index 1.5 meets at its surface; taken where no colorant set says another. [1]
K2_RESIN = 0.596
# A card off the white of the standard by more than this is another card. [1]
_CARD_SLACK = 0.02


@dataclass(frozen=True, slots=True)
class Solids:
    """What remains of the wet paint.

    Attributes
    ----------
    by_volume, by_mass : float or None
        Share of the wet volume or mass. One of them. [0–1]
    density, volatile_density : float or None
        Of the wet paint and of what evaporates, with `by_mass`; the wet paint's follows from the colorants' where all
        of a recipe's are known. [g/cm³]
    """

    by_volume: float | None = None
    by_mass: float | None = None
    density: float | None = None
    volatile_density: float | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked of recipes' films: contrast ratios [0–1], a dry film build [µm] and the solids."""

    contrasts: tuple[float, ...] = (HIDES,)
    film_um: float | None = None
    solids: Solids = Solids()


def films_of_files(
    colorants: ColorantFile | None,
    recipes: Recipe | Path | None = None,
    *,
    drawdowns: Source | None = None,
    cards: dict[Side, str | None] | None = None,
    wish: Wish | None = None,
    base_mass_g: float | None = None,
    options: FileOptions = NOTHING_DECLARED,
) -> FilmOutcome:
    """Where recipes hide, and what drawdowns tell.

    Parameters
    ----------
    colorants : ColorantFile, optional
        Needed for recipes and for the thickness of drawdowns.
    recipes : Recipe or Path, optional
        One recipe, of the drawdowns too where they name none, or a table of weighed ones.
    drawdowns : Source, optional
        Those of known recipe and thickness teach what a micrometre scatters.
    cards : mapping of side to str, optional
        Of the bare card: a reflectance factor, a sample of the drawdowns, or a file of one measurement. Where left out
        recipes are held against the black and white of ASTM D2805, and drawdowns give no K X and S X.
    wish : Wish, optional
    base_mass_g : float, optional
        White base in each recipe of a table without a column for it; that of the ladders when left out. [g]
    options : FileOptions

    Raises
    ------
    FileError, MeasurementError, FormulationError
        If a file cannot be read, readings were not taken as the colorants were, or the parts do not fit each other.
    """
    wish = wish or Wish()
    cards = cards or {}
    paints = None if colorants is None else colorants.colorant_set
    if recipes is not None and paints is None:
        raise FormulationError("a recipe is a film of known colorants only; give their set with --colorants")
    if paints is not None and sees_the_surface(paints.geometry) != paints.surface.specular_included:
        paints = replace(paints, surface=replace(paints.surface, specular_included=sees_the_surface(paints.geometry)))
    drawn = None if drawdowns is None else load_drawdowns(drawdowns, cards, paints, options)
    remarks = [] if drawn is None else list(drawn.remarks)
    if paints is None:
        if drawn is None:
            raise FormulationError("nothing asked: give a recipe with --colorants, or drawdowns")
        surface = Saunderson(K1_RESIN, K2_RESIN, sees_the_surface(drawn.geometry))
        grid, geometry = drawn.grid, drawn.geometry
        grounds = measured_reflectance(np.repeat([[BLACK], [WHITE]], grid.count, axis=1), surface)
        remarks.append(f"surface of a resin of index 1.5, k1 {surface.k1:g} and k2 {surface.k2:g}: no colorant set")
    else:
        surface, grid, geometry = paints.surface, paints.grid, paints.geometry
        grounds = ideal_grounds(paints)
    bare = _bare(drawn, cards, paints, grid, options)
    grounds = np.array([bare.get(side, ground) for side, ground in zip(SIDES, grounds, strict=True)])
    stated = len(bare) == len(SIDES)
    asked = _recipes(recipes, colorants, base_mass_g, options, remarks)
    own = recipes if isinstance(recipes, Recipe) else None
    rows = [] if drawn is None else _recipes_of(drawn, colorants, own, base_mass_g)
    findings = _card_findings(grounds, grid, bare)
    films, left_out = _model(paints, grounds, drawn, rows, stated, findings)
    luminous = xyz(grounds, grid, D65_10)[:, 1] / 100
    return FilmOutcome(
        colorants=None if paints is None else paints.name,
        geometry=geometry.name,
        wavelengths_nm=tuple(grid.wavelengths.tolist()),
        cards=(float(luminous[0]), float(luminous[1])),
        cards_stated=stated,
        model=None if films is None else films.model,
        model_error=None if films is None else HIDING_ERROR[films.model],
        left_out={str(model): error for model, error in left_out.items()},
        surface=(surface.k1, surface.k2),
        recipes=() if paints is None else tuple(_recipe_film(one, paints, films, wish) for one in asked),
        drawdowns=()
        if drawn is None
        else tuple(
            drawdown_film(one, row, films, left_out, grounds if stated else None, surface, grid)
            for one, row in zip(drawn.films, rows, strict=True)
        ),
        findings=tuple(findings),
        remarks=tuple(remarks),
        wanted=wish.contrasts[0],
    )


def _recipes(
    recipes: Recipe | Path | None,
    colorants: ColorantFile | None,
    base_mass_g: float | None,
    options: FileOptions,
    remarks: list[str],
) -> list[Recipe]:
    if not isinstance(recipes, Path) or colorants is None:
        return [] if recipes is None or isinstance(recipes, Path) else [recipes]
    base, mass = colorants.colorant_set.base, base_mass_g if base_mass_g is not None else colorants.base_mass_g
    file = load(recipes, options)
    if file.measurements and f"g_{base}" not in file.measurements[0].conditions and mass is not None:
        remarks.append(f"{mass:g} g of {base} in every recipe, as in the ladders; change it with --base-mass")
    return [recipe for recipe, _ in recipe_table(file, recipes.name, base, mass)]


def _recipes_of(
    drawn: Drawdowns, colorants: ColorantFile | None, own: Recipe | None, base_mass_g: float | None
) -> list[FloatArray | None]:
    """Mass fractions of each drawdown, None where nobody says what was drawn."""
    if colorants is None:
        return [None] * len(drawn.films)
    paints, mass = colorants.colorant_set, base_mass_g if base_mass_g is not None else colorants.base_mass_g
    found: list[FloatArray | None] = []
    for film in drawn.films:
        recipe = own
        if any(name.lower().startswith("g_") for name in film.reading.conditions):
            ((recipe, _),) = recipe_table(file_of([film.reading]), drawn.files[0], paints.base, mass)
        found.append(None if recipe is None else mass_fractions(paints, [recipe])[0])
    return found


def _bare(
    drawn: Drawdowns | None,
    cards: dict[Side, str | None],
    paints: ColorantSet | None,
    grid: WavelengthGrid,
    options: FileOptions,
) -> dict[Side, FloatArray]:
    if drawn is not None or paints is None:
        return {} if drawn is None else drawn.bare

    def spectrum(reading: Measurement) -> FloatArray:
        placed, _ = in_geometry_of_ladders(reading, paints.geometry)
        if placed.geometry.tokens != paints.geometry.tokens:
            raise NotComparableError("geometry", paints.geometry.name, f"{placed.geometry.name} of {placed.sample}")
        on_grid: FloatArray = placed.on_grid(grid).reflectance_factor[face_of(paints.geometry)]
        return on_grid

    return {side: card_reading(text, spectrum, grid, options) for side, text in cards.items() if text is not None}


def _card_findings(grounds: FloatArray, grid: WavelengthGrid, bare: dict[Side, FloatArray]) -> list[str]:
    black, white = (float(value) / 100 for value in xyz(grounds, grid, D65_10)[:, 1])
    if black >= white:
        raise FormulationError(
            f"the black card has Y {100 * black:.1f} % and the white {100 * white:.1f} %; are they exchanged?"
        )
    if "white" in bare and abs(white - WHITE) > _CARD_SLACK:
        return [
            f"the white card has Y {100 * white:.1f} %, that of the standards 80 %: the contrast ratio is that over "
            f"this card, {'lower' if white > WHITE else 'higher'} than the standards'"
        ]
    return []


def _model(
    paints: ColorantSet | None,
    grounds: FloatArray,
    drawn: Drawdowns | None,
    rows: Sequence[FloatArray | None],
    stated: bool,
    findings: list[str],
) -> tuple[PaintFilms | None, dict[Model, float]]:
    """The best model there is, and how it did on drawdowns left out."""
    if paints is None:
        return None, {}
    if paints.density_unknown:
        findings.append(
            f"density of {', '.join(paints.density_unknown)} not known, taken as that of {paints.base}: a film of a "
            "light colorant holds less mass than that says"
        )
    known = [
        KnownFilm(one.name, row, one.thickness_um, one.reflectance_factor)
        for one, row in zip(() if drawn is None else drawn.films, rows, strict=True)
        if row is not None and one.thickness_um is not None
    ]
    two_flux = None if paints.base_scattering_per_um is None else PaintFilms(paints, grounds)
    if not known or not stated:
        if known:
            findings.append(
                "drawdowns of known thickness teach nothing without their cards: --card-black, --card-white"
            )
        if two_flux is None:
            findings.append(
                f"{paints.name} does not know what a micrometre scatters, as opaque panels do not tell it. Draw down a "
                "few of its mixtures at known thickness over black and white cards, thin enough to let them show, and "
                "give them with --drawdowns, or characterise with them"
            )
        else:
            findings.append(
                "Kubelka–Munk takes light as diffuse from the start: in films of particles it is off by more than a "
                "tenth. Drawdowns of known recipe and thickness (--drawdowns) let radiative transfer be used"
            )
        return two_flux, {}
    used = tell_scale(paints, known)
    films = PaintFilms(paints, grounds, scale_of(paints, grounds, used))
    errors = left_out_error(paints, grounds, used, D65_10)
    if len(used) < len(known):
        findings.append(f"{len(known) - len(used)} drawdowns with a clear are not used for the scale of the others")
    return films, errors


def _recipe_film(recipe: Recipe, paints: ColorantSet, films: PaintFilms | None, wish: Wish) -> RecipeFilm:
    fractions = mass_fractions(paints, [recipe])
    density = float(paints.relative_density(fractions)[0])
    solids = _solids(recipe, fractions[0], paints, density, wish.solids)
    if films is None:
        return RecipeFilm(recipe, density, solids, (), None, ("not known what a micrometre scatters",))
    hides, findings = [], []
    for contrast in wish.contrasts:
        dry = films.hiding_um(fractions[0], D65_10, contrast)
        real = solids is not None and 0 < dry < np.inf
        wet = float(wet_film(dry, solids)) if solids is not None and real else None
        rate = float(spreading_rate(dry, solids)) if solids is not None and real else None
        hides.append(HidingFilm(contrast, dry, wet, rate))
        if dry == np.inf:
            findings.append(f"no film build has a contrast ratio of {100 * contrast:g} %")
        elif dry == 0:
            findings.append(f"the two cards alone have a contrast ratio of {100 * contrast:g} %: nothing to hide")
    look = None
    if wish.film_um is not None:
        look = look_of(films.of(fractions[0])(np.asarray(wish.film_um)), wish.film_um, paints.grid)
        if look.contrast_ratio < wish.contrasts[0]:
            findings.append(
                f"at {wish.film_um:g} µm it does not hide: contrast ratio {100 * look.contrast_ratio:.2f} %, "
                f"{100 * wish.contrasts[0]:g} % wanted"
            )
    return RecipeFilm(recipe, density, solids, tuple(hides), look, tuple(findings))


def _solids(
    recipe: Recipe, fractions: FloatArray, paints: ColorantSet, relative: float, solids: Solids
) -> float | None:
    """Solids by volume of one recipe."""
    if solids.by_volume is not None or solids.by_mass is None:
        return solids.by_volume
    if solids.volatile_density is None:
        raise FormulationError("solids by mass need the density of what evaporates: --volatile-density")
    if solids.density is not None:
        return float(volume_solids(solids.by_mass, solids.density, solids.volatile_density))
    unknown = [code for code in recipe.colorants if code in paints.density_unknown]
    base = paints[paints.base].density_g_cm3
    if unknown or base is None:
        raise FormulationError(
            f"solids by mass need the density of the wet paint (--density): that of {', '.join(unknown)} is not known"
        )
    dry = solids.by_mass / (relative * base)
    return float(dry / (dry + (1 - solids.by_mass) / solids.volatile_density))
