"""Recipes someone weighed, predicted from the colorants, and compared with what was measured."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from colorlab.colorimetry.tristimulus import spectra_to_lab
from colorlab.colorimetry.viewing import VETTING_VIEWINGS
from colorlab.difference.components import words
from colorlab.difference.standard import delta_E
from colorlab.formulation.document import ColorantFile
from colorlab.formulation.predict import Prediction, predict_all
from colorlab.workflows.files import read_bytes
from colorlab.workflows.paint_tables import in_geometry_of_ladders, recipe_table
from colorlab.workflows.read import NOTHING_DECLARED, FileOptions, parse
from colorlab.workflows.text import table
from spectra.errors import NotComparableError


@dataclass(frozen=True, slots=True, eq=False)
class FirstShot:
    """A recipe predicted without having seen its panel. Differences are predicted minus measured."""

    prediction: Prediction
    measured_lab: tuple[float, float, float]
    predicted_lab: tuple[float, float, float]
    delta_E_00: dict[str, float]
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class PredictOutcome:
    """First shots for every recipe of a table."""

    file: str
    colorants: str
    shots: tuple[FirstShot, ...]
    remarks: tuple[str, ...]

    @property
    def mean_delta_E_00(self) -> float:
        """Mean over the recipes under the first viewing condition."""
        return float(np.mean([shot.delta_E_00[str(VETTING_VIEWINGS[0])] for shot in self.shots]))

    def as_dict(self) -> dict[str, Any]:
        """Plain types; see docs/json.md."""
        return {
            "file": self.file,
            "colorants": self.colorants,
            "mean_delta_E_00": self.mean_delta_E_00,
            "viewing": str(VETTING_VIEWINGS[0]),
            "recipes": [
                {
                    "recipe": shot.prediction.recipe.name,
                    "mass_fractions": dict(
                        zip(
                            shot.prediction.recipe.colorants,
                            shot.prediction.recipe.mass_fractions.tolist(),
                            strict=True,
                        )
                    ),
                    "delta_E_00": shot.delta_E_00,
                    "measured_lab": list(shot.measured_lab),
                    "predicted_lab": list(shot.predicted_lab),
                    "words": list(shot.words),
                    "reflectance_factor": shot.prediction.reflectance_factor.tolist(),
                    "standard_uncertainty": None
                    if shot.prediction.standard_uncertainty is None
                    else shot.prediction.standard_uncertainty.tolist(),
                    "findings": list(shot.prediction.findings),
                }
                for shot in self.shots
            ],
            "remarks": list(self.remarks),
        }

    def as_text(self) -> str:
        """A line a recipe, then the mean."""
        viewings = [str(viewing) for viewing in VETTING_VIEWINGS]
        rows = [
            (
                shot.prediction.recipe.name,
                " + ".join(
                    f"{code} {100 * fraction:.2f} %"
                    for code, fraction in zip(
                        shot.prediction.recipe.colorants, shot.prediction.recipe.mass_fractions, strict=True
                    )
                ),
                *(f"{shot.delta_E_00[viewing]:.2f}" for viewing in viewings),
                ", ".join(shot.words),
            )
            for shot in self.shots
        ]
        lines = [table(("recipe", "mass fractions", *(f"ΔE00 {one}" for one in viewings), "predicted is"), rows)]
        lines.append(f"first shot from the ladders alone: mean ΔE00 {self.mean_delta_E_00:.2f} ({viewings[0]})")
        for shot in self.shots:
            lines += [f"finding: {shot.prediction.recipe.name}: {finding}" for finding in shot.prediction.findings]
        lines += [f"remark: {remark}" for remark in self.remarks]
        return "\n".join(lines)


def predict_file(
    path: Path,
    colorants: ColorantFile,
    *,
    base_mass_g: float | None = None,
    options: FileOptions = NOTHING_DECLARED,
) -> PredictOutcome:
    """Predict every recipe of a table and compare it with the spectrum beside it.

    Parameters
    ----------
    path : Path
    colorants : ColorantFile
    base_mass_g : float, optional
        White base in each recipe, where the table has no column for it; that of the ladders when left out. [g]
    options : FileOptions

    Raises
    ------
    FileError, FormulationError
        If the table cannot be read or names colorants the set does not hold.
    """
    colorant_set = colorants.colorant_set
    file = parse(read_bytes(path), path.name, options)
    mass = base_mass_g if base_mass_g is not None else colorants.base_mass_g
    rows = recipe_table(file, path.name, colorant_set.base, mass)
    remarks: list[str] = []
    if f"g_{colorant_set.base}" not in file.measurements[0].conditions:
        remarks.append(
            f"{mass:g} g of {colorant_set.base} in every recipe, as in the ladders; change it with --base-mass"
        )
    shots = []
    for prediction, (_, measurement) in zip(
        predict_all(colorant_set, [recipe for recipe, _ in rows]), rows, strict=True
    ):
        placed, remark = in_geometry_of_ladders(measurement, colorant_set.geometry)
        if placed.geometry.tokens != colorant_set.geometry.tokens:
            raise NotComparableError(
                "geometry", f"{colorant_set.geometry.name} of the ladders", f"{placed.geometry.name} of {placed.sample}"
            )
        remarks += [one.split(": ", 1)[1] for one in remark if one.split(": ", 1)[1] not in remarks]
        shots.append(_shot(prediction, placed.on_grid(colorant_set.grid).reflectance_factor))
    return PredictOutcome(path.name, colorant_set.name, tuple(shots), tuple(remarks))


def _shot(prediction: Prediction, measured: Any) -> FirstShot:
    labs = [
        (spectra_to_lab(measured, prediction.grid, viewing), prediction.lab(viewing)) for viewing in VETTING_VIEWINGS
    ]
    first = labs[0]
    return FirstShot(
        prediction,
        tuple(first[0][0].tolist()),
        tuple(first[1][0].tolist()),
        {str(viewing): float(delta_E(*pair).max()) for viewing, pair in zip(VETTING_VIEWINGS, labs, strict=True)},
        words(first[0][0], first[1][0]),
    )
