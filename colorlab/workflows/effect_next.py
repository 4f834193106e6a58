"""What to spray next: the panels that teach most, and the recipe that follows a panel that was off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from colorlab.colorimetry.tristimulus import spectra_to_lab
from colorlab.colorimetry.viewing import D65_10
from colorlab.difference.standard import delta_E
from colorlab.formulation.effect.design import first_panels
from colorlab.formulation.effect.document import read_effect_model
from colorlab.formulation.effect.match import correct_effect, effect_target
from colorlab.formulation.effect.model import Anchor, EffectModel
from colorlab.formulation.target import Target, target_from_measurement
from colorlab.workflows.effect_paints import recipe_words
from colorlab.workflows.files import read_bytes
from colorlab.workflows.read import NOTHING_DECLARED, FileOptions, one_measurement
from colorlab.workflows.text import table
from spectra.arrays import FloatArray
from spectra.colorant import Role
from spectra.recipe import Recipe


@dataclass(frozen=True, slots=True, eq=False)
class DesignOutcome:
    """The panels to begin with."""

    panels: tuple[Recipe, ...]

    def as_dict(self) -> dict[str, Any]:
        """Plain types; see docs/json.md."""
        return {"panels": [{"panel": one.name, "mass_fractions": _fractions(one)} for one in self.panels]}

    def as_text(self) -> str:
        """A line a panel."""
        return "\n".join(
            [
                f"{len(self.panels)} panels to begin with; the model takes them with their readings (effect train)",
                *(recipe_words(one) for one in self.panels),
            ]
        )


@dataclass(frozen=True, slots=True, eq=False)
class NextOutcome:
    """A panel that was sprayed, and the recipe to spray next."""

    target: Target
    model: EffectModel
    sprayed: Recipe
    following: Recipe
    before: FloatArray
    after: FloatArray

    def as_dict(self) -> dict[str, Any]:
        """Plain types; see docs/json.md."""
        tokens = self.target.geometry.tokens
        return {
            "target": self.target.name,
            "model": self.model.name,
            "viewing": str(D65_10),
            "sprayed": _fractions(self.sprayed),
            "next": _fractions(self.following),
            "change_g_per_kg": self.changes,
            "angles": [
                {"geometry": token, "delta_E_00_before": float(first), "delta_E_00_expected": float(second)}
                for token, first, second in zip(tokens, self.before, self.after, strict=True)
            ],
        }

    @property
    def changes(self) -> dict[str, float]:
        """By how much each dose changes. [g per kg of paint]"""
        old, new = _fractions(self.sprayed), _fractions(self.following)
        return {code: 1000 * (new.get(code, 0.0) - old.get(code, 0.0)) for code in dict.fromkeys((*old, *new))}

    def as_text(self) -> str:
        """What changes, then an angle a line."""
        changes = ", ".join(f"{code} {change:+.2f}" for code, change in self.changes.items())
        rows = [
            (token, f"{first:.2f}", f"{second:.2f}")
            for token, first, second in zip(self.target.geometry.tokens, self.before, self.after, strict=True)
        ]
        return "\n".join(
            [
                f"{self.target.name}: spray next {recipe_words(self.following)}",
                f"change [g per kg]: {changes}",
                table(("angle", f"ΔE00 of the panel, {D65_10}", "expected of the next"), rows),
                "expected is the model carried along by what the panel measured; it has no interval, and leaves out "
                "how two sprayings of one recipe differ",
            ]
        )


def design(flakes: Sequence[str], tints: Sequence[str], *, black: str | None, white: str | None) -> DesignOutcome:
    """Panels to begin with: two of each flake with black, three of each tint over two kinds of flake.

    Raises
    ------
    FormulationError
        If there is no flake, or nothing else.
    """
    roles: dict[str, Role] = dict.fromkeys(flakes, "effect")
    roles |= {white: "white"} if white is not None else {}
    roles |= {black: "black"} if black is not None else {}
    roles |= {code: "chromatic" for code in tints if code not in roles}
    return DesignOutcome(tuple(first_panels(roles)))


def next_recipe(
    panel: Path,
    recipe: Recipe,
    target: Path,
    model: Path,
    *,
    panel_sample: str | None = None,
    target_sample: str | None = None,
    options: FileOptions = NOTHING_DECLARED,
) -> NextOutcome:
    """The recipe to spray after a panel of known recipe was measured.

    Parameters
    ----------
    panel, target : Path
        Files with the readings of the panel and of the colour wanted.
    recipe : Recipe
        Of the panel.
    model : Path
    panel_sample, target_sample : str, optional
        Which measurement, where a file holds several.

    Raises
    ------
    FileError, MeasurementError, FormulationError, NotComparableError
        If a file does not hold the sample at the model's angles, or the model does not know a colorant.
    """
    read = read_effect_model(read_bytes(model), model.name)
    wanted = target_from_measurement(
        one_measurement(target, target_sample, options, option="--target-sample"), read.search
    )
    reading = target_from_measurement(one_measurement(panel, panel_sample, options), read.search)
    goal = effect_target(wanted.name, wanted.reflectance_factor, read)
    sprayed = Anchor(recipe, reading.reflectance_factor)
    following = correct_effect(goal, read, sprayed)
    (expected,) = read.predict([following], anchor=sprayed)
    standard = spectra_to_lab(wanted.reflectance_factor, wanted.grid, D65_10)
    return NextOutcome(
        goal,
        read,
        recipe,
        following,
        delta_E(standard, spectra_to_lab(reading.reflectance_factor, reading.grid, D65_10)),
        delta_E(standard, expected.prediction.lab(D65_10)),
    )


def _fractions(recipe: Recipe) -> dict[str, float]:
    return dict(zip(recipe.colorants, recipe.mass_fractions.tolist(), strict=True))
