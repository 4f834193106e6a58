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
from colorlab.formulation.lot_strength import LotStrengths
from colorlab.formulation.lots.left_out import panel_error
from colorlab.formulation.prediction.covariance import PanelScatter
from colorlab.formulation.prediction.interval import COVERAGE, delta_E_reach
from colorlab.formulation.prediction.predict import Prediction, predict_all
from colorlab.workflows.files import read_bytes
from colorlab.workflows.read import NOTHING_DECLARED, FileOptions, parse
from colorlab.workflows.recipe_panels import recipe_panels
from colorlab.workflows.text import table
from spectra.arrays import FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class FirstShot:
    """A recipe predicted without having seen its panel. Differences are predicted minus measured.

    `reach_delta_E_00` is what a panel so weighed and read stays below in nine cases of ten, at the angle where the
    panel comes nearest to it or exceeds it most; `inside`, whether the panel does at every angle. Both under the first
    viewing condition, None without a covariance.
    """

    prediction: Prediction
    measured_lab: tuple[float, float, float]
    predicted_lab: tuple[float, float, float]
    delta_E_00: dict[str, float]
    words: tuple[str, ...]
    reach_delta_E_00: float | None
    inside: bool | None


@dataclass(frozen=True, slots=True, eq=False)
class PredictOutcome:
    """First shots for every recipe of a table."""

    file: str
    colorants: str
    strengths: LotStrengths | None
    shots: tuple[FirstShot, ...]
    remarks: tuple[str, ...]

    @property
    def inside(self) -> tuple[int, int]:
        """How many panels lie inside, of how many whose prediction has an interval."""
        known = [shot.inside for shot in self.shots if shot.inside is not None]
        return sum(known), len(known)

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
            "coverage": COVERAGE,
            "lot": None if self.strengths is None else self.strengths.lot,
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
                    "reach_delta_E_00": shot.reach_delta_E_00,
                    "inside": shot.inside,
                    "uncertainty_of": list(shot.prediction.parts),
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
                "–" if shot.reach_delta_E_00 is None else f"{shot.reach_delta_E_00:.2f}",
                "–" if shot.inside is None else "yes" if shot.inside else "no",
                ", ".join(shot.words),
            )
            for shot in self.shots
        ]
        headers = (*("recipe", "mass fractions"), *(f"ΔE00 {one}" for one in viewings))
        lines = [table((*headers, f"{100 * COVERAGE:g} % within", "inside", "predicted is"), rows)]
        lines.append(f"{self._ground}: mean ΔE00 {self.mean_delta_E_00:.2f} ({viewings[0]})")
        lines += self._inside_lines()
        for shot in self.shots:
            lines += [f"finding: {shot.prediction.recipe.name}: {finding}" for finding in shot.prediction.findings]
        lines += [f"remark: {remark}" for remark in self.remarks]
        return "\n".join(lines)

    @property
    def _ground(self) -> str:
        if self.strengths is None:
            return "first shot from the ladders alone"
        return f"with the strengths of {self.strengths.lot or 'the lots in use'}"

    def _inside_lines(self) -> list[str]:
        within, known = self.inside
        if not known:
            return ["no interval: the colorants carry no covariance or no model error"]
        line = f"{within} of {known} panels lie within what {100 * COVERAGE:g} % of panels stay below"
        if self.strengths is None:
            line += ", if their lots act as those in the ladders; `colorlab strengths` learns how they act"
        return [line]


def predict_file(
    path: Path,
    colorants: ColorantFile,
    *,
    base_mass_g: float | None = None,
    strengths: LotStrengths | None = None,
    options: FileOptions = NOTHING_DECLARED,
) -> PredictOutcome:
    """Predict every recipe of a table and compare it with the spectrum beside it.

    Parameters
    ----------
    path : Path
    colorants : ColorantFile
    base_mass_g : float, optional
        White base in each recipe, where the table has no column for it; that of the ladders when left out. [g]
    strengths : LotStrengths, optional
        How the lots act that the panels were made of; as in the ladders when left out.
    options : FileOptions

    Raises
    ------
    FileError, FormulationError
        If the table cannot be read or names colorants the set does not hold, or the strengths are of other colorants.
    NotComparableError
        If a panel was not measured as the ladders were.
    """
    colorant_set = colorants.colorant_set
    table_of = recipe_panels(parse(read_bytes(path), path.name, options), path.name, colorants, base_mass_g)
    predictions = predict_all(
        colorant_set,
        [panel.recipe for panel in table_of.panels],
        strengths=strengths,
        scatter=PanelScatter() if strengths is None else PanelScatter(strengths.dosing),
    )
    shots = tuple(
        _shot(prediction, panel.reflectance_factor)
        for prediction, panel in zip(predictions, table_of.panels, strict=True)
    )
    return PredictOutcome(path.name, colorant_set.name, strengths, shots, table_of.remarks)


def _shot(prediction: Prediction, measured: FloatArray) -> FirstShot:
    labs = [
        (spectra_to_lab(measured, prediction.grid, viewing), prediction.lab(viewing)) for viewing in VETTING_VIEWINGS
    ]
    first = labs[0]
    reached: float | None = None
    inside: bool | None = None
    if prediction.covariance is not None:
        error = panel_error(prediction, measured, VETTING_VIEWINGS[0])
        reach = delta_E_reach(prediction, VETTING_VIEWINGS[0])
        reached, inside = float(reach[np.argmax(error / reach)]), bool((error <= reach).all())
    return FirstShot(
        prediction,
        tuple(first[0][0].tolist()),
        tuple(first[1][0].tolist()),
        {str(viewing): float(delta_E(*pair).max()) for viewing, pair in zip(VETTING_VIEWINGS, labs, strict=True)},
        words(first[0][0], first[1][0]),
        reached,
        inside,
    )
