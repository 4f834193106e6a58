"""What is said of films: recipes and the build that hides, drawdowns and what they tell; as JSON and as text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from colorlab.workflows.text import table
from colorlab.workflows.version import software_version
from spectra.arrays import FloatArray
from spectra.recipe import Recipe


@dataclass(frozen=True, slots=True)
class HidingFilm:
    """Film from which on a recipe has a contrast ratio. `dry_um` is 0 where any film does, infinite where none does.

    `wet_um` [µm] and `spreading_rate` [m²/L] are None where solids by volume are not known, or there is no such film.
    """

    contrast_ratio: float
    dry_um: float
    wet_um: float | None
    spreading_rate: float | None


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """One film over black and over white: CIELAB under D65/10, ΔE00 between them, contrast ratio."""

    film_um: float | None
    contrast_ratio: float
    over_black: FloatArray
    over_white: FloatArray
    delta_E_00: float

    def as_dict(self) -> dict[str, Any]:
        """Plain types."""
        return {
            "film_um": self.film_um,
            "contrast_ratio": self.contrast_ratio,
            "over_black_lab": self.over_black.tolist(),
            "over_white_lab": self.over_white.tolist(),
            "delta_E_00": self.delta_E_00,
        }


@dataclass(frozen=True, slots=True, eq=False)
class RecipeFilm:
    """A recipe's films; `hides` is empty and `look` None where nobody knows what a micrometre scatters."""

    recipe: Recipe
    relative_density: float
    solids_by_volume: float | None
    hides: tuple[HidingFilm, ...]
    look: Look | None
    findings: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Plain types; a film build that does not exist is null."""
        return {
            "recipe": self.recipe.name,
            "mass_fractions": dict(zip(self.recipe.colorants, self.recipe.mass_fractions.tolist(), strict=True)),
            "relative_density": self.relative_density,
            "solids_by_volume": self.solids_by_volume,
            "hides": [
                {
                    "contrast_ratio": one.contrast_ratio,
                    "dry_film_um": one.dry_um if np.isfinite(one.dry_um) else None,
                    "wet_film_um": one.wet_um,
                    "spreading_rate_m2_per_L": one.spreading_rate,
                }
                for one in self.hides
            ],
            "film": None if self.look is None else self.look.as_dict(),
            "findings": list(self.findings),
        }


@dataclass(frozen=True, slots=True)
class Thickness:
    """Thickness found of a film of known recipe.

    `relative_uncertainty` is the standard one of the reading and of the model together [1]; `residual` [L*].
    """

    dry_um: float
    relative_uncertainty: float
    residual: float
    model: str


@dataclass(frozen=True, slots=True, eq=False)
class DrawdownFilm:
    """A drawdown as read. `absorbed` and `scattered` are K X and S X, NaN where the film hides; None without cards."""

    name: str
    look: Look
    absorbed: FloatArray | None
    scattered: FloatArray | None
    thickness: Thickness | None
    findings: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Plain types."""
        found = self.thickness
        return {
            "film": self.name,
            **{("stated_um" if key == "film_um" else key): value for key, value in self.look.as_dict().items()},
            "absorbed": _numbers(self.absorbed),
            "scattered": _numbers(self.scattered),
            "thickness": None
            if found is None
            else {
                "dry_um": found.dry_um,
                "relative_uncertainty": found.relative_uncertainty if np.isfinite(found.relative_uncertainty) else None,
                "residual_L": found.residual,
                "model": found.model,
            },
            "findings": list(self.findings),
        }


@dataclass(frozen=True, slots=True, eq=False)
class FilmOutcome:
    """Everything asked of films.

    Attributes
    ----------
    colorants : str or None
    geometry : str
    wavelengths_nm : tuple of float
    cards : tuple of float
        Y over 100 of the bare black and white, as measured in this geometry.
    cards_stated : bool
        False where they are the black and white of ASTM D2805.
    model : str or None
        How the films are followed; None where nobody knows what a micrometre scatters.
    model_error : float or None
        Standard error of the hiding film. [relative]
    left_out : mapping of str to float
        Thickness error of drawdowns left out, by model. [relative]
    surface : tuple of float
        Saunderson's k1 and k2 by which the readings are brought inside.
    recipes, drawdowns, findings, remarks
    """

    colorants: str | None
    geometry: str
    wavelengths_nm: tuple[float, ...]
    cards: tuple[float, float]
    cards_stated: bool
    model: str | None
    model_error: float | None
    left_out: dict[str, float]
    surface: tuple[float, float]
    recipes: tuple[RecipeFilm, ...]
    drawdowns: tuple[DrawdownFilm, ...]
    findings: tuple[str, ...]
    remarks: tuple[str, ...]
    wanted: float

    @property
    def hides(self) -> bool:
        """Whether every recipe has the contrast ratio wanted at the film build asked for; true where none was."""
        looks = [one.look for one in self.recipes if one.look is not None]
        return all(look.contrast_ratio >= self.wanted for look in looks)

    def as_dict(self) -> dict[str, Any]:
        """Plain types; see docs/json.md."""
        return {
            "colorants": self.colorants,
            "geometry": self.geometry,
            "viewing": "D65/10",
            "wavelengths_nm": list(self.wavelengths_nm),
            "cards": {"black": self.cards[0], "white": self.cards[1], "stated": self.cards_stated},
            "surface": {"k1": self.surface[0], "k2": self.surface[1]},
            "model": self.model,
            "model_error": self.model_error,
            "left_out_error": dict(self.left_out),
            "recipes": [one.as_dict() for one in self.recipes],
            "drawdowns": [one.as_dict() for one in self.drawdowns],
            "findings": list(self.findings),
            "remarks": list(self.remarks),
            "software_version": software_version(),
        }

    def as_text(self) -> str:
        """What hides at which film, what the film asked for looks like, what the drawdowns say, then the findings."""
        black, white = self.cards
        source = "as stated" if self.cards_stated else "those of ASTM D2805 under this paint"
        blocks = [f"{self.geometry}, D65/10; cards of Y {100 * black:.1f} % and {100 * white:.1f} %, {source}"]
        if self.model is not None and self.model_error is not None:
            told = ", ".join(f"{100 * error:.1f} % by {name}" for name, error in self.left_out.items())
            blocks.append(
                f"films by {self.model}: a hiding film is ±{100 * self.model_error:.0f} % (standard error on simulated "
                f"paint of particles)" + (f"; drawdowns left out found to {told}" if told else "")
            )
        if any(one.hides for one in self.recipes):
            headers = ("recipe", "contrast ratio", "dry film µm", "wet film µm", "m²/L")
            rows = [_hiding_row(one, film) for one in self.recipes for film in one.hides]
            blocks.append(table(headers, rows))
        looks = [(one.recipe.name, one.look, "–", "–") for one in self.recipes if one.look is not None]
        looks += [(one.name, one.look, *_thickness_cells(one.thickness)) for one in self.drawdowns]
        if looks:
            blocks.append(table(_LOOK_HEADERS, [_look_row(*one) for one in looks]))
        lines = [f"finding: {one.recipe.name}: {text}" for one in self.recipes for text in one.findings]
        lines += [f"finding: {one.name}: {text}" for one in self.drawdowns for text in one.findings]
        lines += [f"finding: {text}" for text in self.findings]
        lines += [f"remark: {text}" for text in self.remarks]
        return "\n\n".join([*blocks, *(["\n".join(lines)] if lines else [])])


_LOOK_HEADERS = (
    *("film", "stated µm", "found µm", "±", "contrast ratio"),
    *("L* a* b* over black", "L* a* b* over white", "ΔE00"),
)


def _hiding_row(one: RecipeFilm, film: HidingFilm) -> tuple[str, ...]:
    dry = "never" if film.dry_um == np.inf else f"{film.dry_um:.1f}"
    wet = "–" if film.wet_um is None else f"{film.wet_um:.1f}"
    rate = "–" if film.spreading_rate is None else f"{film.spreading_rate:.2f}"
    return (one.recipe.name, f"{100 * film.contrast_ratio:g} %", dry, wet, rate)


def _look_row(name: str, look: Look, found: str, unsure: str) -> tuple[str, ...]:
    stated = "–" if look.film_um is None else f"{look.film_um:g}"
    labs = (" ".join(f"{value:.2f}" for value in lab) for lab in (look.over_black, look.over_white))
    return (name, stated, found, unsure, f"{100 * look.contrast_ratio:.2f} %", *labs, f"{look.delta_E_00:.2f}")


def _thickness_cells(found: Thickness | None) -> tuple[str, str]:
    if found is None:
        return "–", "–"
    unsure = found.relative_uncertainty
    return f"{found.dry_um:.1f}", f"{100 * unsure:.0f} %" if unsure < 1 else "unknown"


def _numbers(values: FloatArray | None) -> list[float | None] | None:
    if values is None:
        return None
    return [float(value) if np.isfinite(value) else None for value in values]
