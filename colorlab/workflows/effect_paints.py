"""Metallic and pearl paints from the user's own tables: a model trained, recipes predicted, colours matched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from colorlab.colorimetry.viewing import D65_10
from colorlab.formulation.document import read_colorants
from colorlab.formulation.effect.document import read_effect_model
from colorlab.formulation.effect.held_out import COVERAGE
from colorlab.formulation.effect.match import Appearance, EffectMatchResult, effect_target, match_effect
from colorlab.formulation.effect.model import EffectModel, EffectPrediction
from colorlab.formulation.effect.panels import EffectPanels
from colorlab.formulation.effect.texture import FEWEST_READINGS
from colorlab.formulation.effect.train import train_effect_model
from colorlab.formulation.search.constraints import Constraints
from colorlab.formulation.target import target_from_measurement
from colorlab.workflows.files import read_bytes
from colorlab.workflows.paint_tables import recipe_table
from colorlab.workflows.read import NOTHING_DECLARED, FileOptions, one_measurement, parse
from colorlab.workflows.text import table
from spectra.colorant import Role
from spectra.errors import MalformedFileError
from spectra.formats.base import MeasurementFile
from spectra.recipe import Recipe

# Columns of a table that are learned where they are filled in.
TEXTURE_COLUMNS = ("graininess", "sparkle_intensity", "sparkle_area", "sparkle_grade")
_GRAMS = "g_"


@dataclass(frozen=True, slots=True, eq=False)
class TrainOutcome:
    """A trained model and what panels held out say of it."""

    file: str
    model: EffectModel
    n_panels: int
    remarks: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Plain types; see docs/json.md."""
        model = self.model
        return {
            "file": self.file,
            "name": model.name,
            "n_panels": self.n_panels,
            "colorants": [
                {"code": one.code, "role": one.role, "greatest_mass_fraction": one.calibrated_dose[1]}
                for one in model.lobes.colorants
            ],
            "angles": [
                {
                    "geometry": token,
                    "ceiling": float(model.lobes.ceilings[row]),
                    "multiply_scattered_share": float(model.shares[row]),
                    "held_out_mean_delta_E_00": float(model.error.delta_E_00[row]),
                }
                for row, token in enumerate(model.lobes.geometry.tokens)
            ],
            "greatest_novelty_tested": model.error.greatest_novelty,
            "texture": list(model.texture),
            "remarks": list(self.remarks),
        }

    def as_text(self) -> str:
        """A line an angle, then what is not known."""
        model = self.model
        roles = [one.role for one in model.lobes.colorants]
        rows = [
            (token, f"{model.error.delta_E_00[row]:.2f}", f"{model.shares[row]:.2f}")
            for row, token in enumerate(model.lobes.geometry.tokens)
        ]
        head = (
            f"{model.name}: {roles.count('effect')} flakes and {len(roles) - roles.count('effect')} tints from "
            f"{self.n_panels} panels"
        )
        return "\n".join(
            [
                head,
                table(("angle", "held-out panels, mean ΔE00", "share of multiply scattered light"), rows),
                *(f"finding: {one}" for one in self.remarks),
            ]
        )


@dataclass(frozen=True, slots=True, eq=False)
class EffectPredictOutcome:
    """Recipes and what the model says of each."""

    model: EffectModel
    predictions: tuple[EffectPrediction, ...]

    def as_dict(self) -> dict[str, Any]:
        """Plain types; see docs/json.md."""
        return {
            "model": self.model.name,
            "viewing": str(D65_10),
            "coverage": COVERAGE,
            "recipes": [prediction_dict(one) for one in self.predictions],
        }

    def as_text(self) -> str:
        """A line an angle for every recipe."""
        blocks = []
        for one in self.predictions:
            lab, bound = one.prediction.lab(D65_10), one.delta_E_bound()
            rows = [
                (token, *(f"{value:.1f}" for value in lab[row]), f"{bound[row]:.1f}")
                for row, token in enumerate(one.prediction.geometry.tokens)
            ]
            blocks.append(f"{one.prediction.recipe.name}: {recipe_words(one.prediction.recipe)}")
            blocks.append(table(("angle", "L*", "a*", "b*", "90 % of panels within ΔE00"), rows))
            blocks += [f"{name}: {t.value:.2f} ({t.low:.2f} to {t.high:.2f})" for name, t in one.texture.items()]
            blocks += [f"finding: {reason}" for reason in one.outside]
            if one.outside:
                blocks.append("finding: the bounds were measured within what was trained; they do not hold here")
        return "\n".join(blocks)


@dataclass(frozen=True, slots=True, eq=False)
class EffectMatchOutcome:
    """Ranked recipes for one measurement."""

    model: EffectModel
    result: EffectMatchResult

    def as_dict(self) -> dict[str, Any]:
        """Plain types; see docs/json.md."""
        return {
            "target": self.result.target.name,
            "model": self.model.name,
            "viewing": str(D65_10),
            "coverage": COVERAGE,
            "combinations_screened": self.result.combinations_screened,
            "matches": [
                {
                    "rank": rank,
                    "weighted_delta_E_00": one.weighted_delta_E_00,
                    "delta_E_00": one.delta_E_00.tolist(),
                    "flop_index": one.flop_index,
                    "expected_delta_E_00_of_weighing": one.robustness.expected_delta_E_00,
                    **prediction_dict(one.predicted),
                }
                for rank, one in enumerate(self.result.matches, start=1)
            ],
            "findings": list(self.result.findings),
        }

    def as_text(self) -> str:
        """A line a recipe."""
        tokens = self.result.target.geometry.tokens
        rows = [
            (
                str(rank),
                recipe_words(one.recipe),
                f"{one.weighted_delta_E_00:.2f}",
                " ".join(f"{value:.1f}" for value in one.delta_E_00[:, 0]),
                "–" if one.flop_index is None else f"{one.flop_index:.1f}",
                f"{one.robustness.expected_delta_E_00:.2f}",
                "outside" if one.predicted.outside else "",
            )
            for rank, one in enumerate(self.result.matches, start=1)
        ]
        angles = ", ".join(tokens)
        head = (
            f"{self.result.target.name}: {self.result.combinations_screened} combinations of {self.model.name} screened"
        )
        columns = ("", "recipe", "weighted ΔE00", f"ΔE00 D65/10° at {angles}", "flop", "weighing ΔE00", "trained")
        return "\n".join([head, table(columns, rows), *(f"finding: {one}" for one in self.result.findings)])


def train_file(
    path: Path,
    *,
    flakes: Sequence[str],
    white: str | None = None,
    black: str | None = None,
    ladders: Path | None = None,
    name: str | None = None,
    seed: int = 0,
    options: FileOptions = NOTHING_DECLARED,
) -> TrainOutcome:
    """Train a model on a table of panels: columns `g_CODE` of grams, multi-angle spectra, texture where measured.

    Parameters
    ----------
    path : Path
    flakes : sequence of str
        Codes of metallic and pearl pigments.
    white, black : str, optional
        Codes of the white and the black.
    ladders : Path, optional
        Colorant set of the tints, as `characterise` writes it.
    name : str, optional
        Of the model; the file's name without suffix where left out.
    seed : int
        Deals the panels into folds.
    options : FileOptions

    Raises
    ------
    FileError, FormulationError
        If the table cannot be read or does not train a model.
    """
    file = parse(read_bytes(path), path.name, options)
    codes = _codes(file, path.name)
    stated: dict[str, Role] = dict.fromkeys(flakes, "effect")
    stated |= {white: "white"} if white is not None else {}
    stated |= {black: "black"} if black is not None else {}
    unknown = [code for code in stated if code not in codes]
    if unknown:
        raise MalformedFileError(
            path.name, f"no column g_{unknown[0]}", expected=f"columns {', '.join(_GRAMS + code for code in codes)}"
        )
    rows = recipe_table(file, path.name, codes[0], None)
    roles: dict[str, Role] = {code: stated.get(code, "chromatic") for code in codes}
    first = rows[0][1]
    texture = _texture(file, path.name)
    panels = EffectPanels(
        tuple(recipe for recipe, _ in rows),
        np.array([measurement.reflectance_factor for _, measurement in rows]),
        first.grid,
        first.geometry,
        roles,
        texture,
    )
    known = None if ladders is None else read_colorants(read_bytes(ladders), ladders.name).colorant_set
    model = train_effect_model(panels, name=name or path.stem, ladders=known, seed=seed)
    remarks = [
        f"{quantity}: {int(np.isfinite(values).sum())} panels have it, {FEWEST_READINGS} are needed: not learned"
        for quantity, values in texture.items()
        if quantity not in model.texture
    ]
    never = [code for code in codes if code not in model.codes]
    remarks += [f"no panel holds {', '.join(never)}: not in the model"] if never else []
    return TrainOutcome(path.name, model, len(rows), tuple(remarks))


def predict_recipes(model: Path, recipes: Sequence[Recipe]) -> EffectPredictOutcome:
    """What a model says of recipes."""
    read = read_effect_model(read_bytes(model), model.name)
    return EffectPredictOutcome(read, tuple(read.predict(recipes)))


def match_file(
    path: Path,
    model: Path,
    *,
    sample: str | None = None,
    max_colorants: int = 4,
    flop_index: tuple[float, float] | None = None,
    texture: Mapping[str, tuple[float, float]] | None = None,
    n_results: int = 5,
    options: FileOptions = NOTHING_DECLARED,
) -> EffectMatchOutcome:
    """Recipes for a measured effect colour.

    Raises
    ------
    FileError, FormulationError, NotComparableError
        If the file does not hold the sample at the model's angles, or no recipe keeps what is asked.
    """
    wanted = one_measurement(path, sample, options)
    read = read_effect_model(read_bytes(model), model.name)
    # The check of grid and geometry, and the mean of repeats, are those of any target.
    taken = target_from_measurement(wanted, read.search)
    target = effect_target(wanted.sample, taken.reflectance_factor, read)
    kept = Appearance(flop_index, dict(texture or {}))
    constraints = Constraints(max_colorants=max_colorants)
    return EffectMatchOutcome(read, match_effect(target, read, constraints, appearance=kept, n_results=n_results))


def recipe_words(recipe: Recipe) -> str:
    """Codes and percent."""
    return " + ".join(
        f"{code} {100 * part:.2f} %" for code, part in zip(recipe.colorants, recipe.mass_fractions, strict=True)
    )


def prediction_dict(one: EffectPrediction) -> dict[str, Any]:
    """Plain types; see docs/json.md."""
    recipe = one.prediction.recipe
    return {
        "recipe": recipe.name,
        "mass_fractions": dict(zip(recipe.colorants, recipe.mass_fractions.tolist(), strict=True)),
        "geometry": list(one.prediction.geometry.tokens),
        "lab": one.prediction.lab(D65_10).tolist(),
        "reflectance_factor": one.prediction.reflectance_factor.tolist(),
        "delta_E_00_bound": one.delta_E_bound().tolist(),
        "novelty": one.novelty,
        "outside": list(one.outside),
        "texture": {name: {"value": t.value, "low": t.low, "high": t.high} for name, t in one.texture.items()},
    }


def _codes(file: MeasurementFile, file_name: str) -> list[str]:
    columns = dict.fromkeys(name for one in file.measurements for name in one.conditions)
    codes = [name.removeprefix(_GRAMS) for name in columns if name.startswith(_GRAMS) and len(name) > len(_GRAMS)]
    if not codes:
        raise MalformedFileError(file_name, "no column of grams", expected="columns such as `g_AL1`, one a colorant")
    return codes


def _texture(file: MeasurementFile, file_name: str) -> dict[str, np.ndarray]:
    """Texture columns that hold anything; NaN where a panel's cell is empty."""
    columns: dict[str, np.ndarray] = {}
    for name in TEXTURE_COLUMNS:
        cells = [one.conditions.get(name, "").strip() for one in file.measurements]
        if not any(cells):
            continue
        try:
            columns[name] = np.array([float(cell.replace(",", ".")) if cell else np.nan for cell in cells])
        except ValueError as error:
            raise MalformedFileError(file_name, str(error), where=f"column {name}", expected="numbers") from error
    return columns
