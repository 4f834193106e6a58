"""What to weigh for a recipe of a laboratory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from colorlab.formulation.library.batch_sheet import BatchSheet, batch_sheet
from colorlab.formulation.robustness.variation import Dosing
from colorlab.store.lab import Lab
from colorlab.store.recipes import StoredRecipe
from colorlab.workflows.recipes import NO_COLORANTS, colorants_of, heading_of, stored_recipe, title_of
from colorlab.workflows.text import table
from spectra.errors import FormulationError


@dataclass(frozen=True, slots=True, eq=False)
class SheetOutcome:
    """What to weigh for one version of a recipe."""

    stored: StoredRecipe
    sheet: BatchSheet

    def as_dict(self) -> dict[str, Any]:
        """Plain types; see docs/json.md. Infinite tolerances are null."""
        sheet = self.sheet
        return heading_of(self.stored) | {
            "batch_g": sheet.batch_g,
            "balance_resolution_g": sheet.dosing.balance_resolution_g,
            "rounding_delta_E_00": sheet.rounding_delta_E_00,
            "within_delta_E_00": sheet.within_delta_E_00,
            "lines": [
                {
                    "code": line.code,
                    "name": line.name,
                    "exact_g": line.exact_g,
                    "mass_g": line.mass_g,
                    "running_total_g": line.running_total_g,
                    "less_g": _finite(line.less_g),
                    "more_g": _finite(line.more_g),
                }
                for line in sheet.lines
            ],
            "premixes": [
                {
                    "code": one.code,
                    "into": one.into,
                    "share": one.share,
                    "mass_g": one.mass_g,
                    "less_of_main_g": one.less_of_main_g,
                    "sentence": str(one),
                }
                for one in sheet.premixes
            ],
        }

    def as_text(self) -> str:
        """A line a mass, in the order of weighing."""
        sheet, digits = self.sheet, self.sheet.decimals
        rows = [
            (
                str(place),
                line.code,
                line.name,
                f"{line.mass_g:.{digits}f}",
                f"{line.running_total_g:.{digits}f}",
                _grams(line.less_g),
                _grams(line.more_g),
            )
            for place, line in enumerate(sheet.lines, start=1)
        ]
        kept = f"{sheet.within_delta_E_00:g} ΔE00"
        lines = [
            f"{title_of(self.stored)}: {sheet.batch_g:.{digits}f} g",
            table(("#", "colorant", "name", "weigh [g]", "on the balance", "may be less by", "more by"), rows),
            f"each mass by itself may miss what keeps the colour within {kept}; rounding costs "
            f"{sheet.rounding_delta_E_00:.3f} ΔE00",
        ]
        return "\n".join([*lines, *(f"premix: {one}" for one in sheet.premixes)])


def sheet_of_recipe(lab: Lab, which: str, dosing: Dosing, within: float) -> SheetOutcome:
    """What to weigh for one version.

    Raises
    ------
    RecordNotFoundError
        If there is none, or its colorants are not in the lab.
    FormulationError
        If a dose cannot be weighed.
    """
    with lab.reading() as connection:
        stored = stored_recipe(connection, which)
        colorants = colorants_of(connection, stored)
    if colorants is None:
        raise FormulationError(f"{stored.recipe.name}: {NO_COLORANTS}; without them nobody knows what a mass may miss")
    return SheetOutcome(stored, batch_sheet(colorants, stored.recipe, dosing, within=within))


def _finite(value: float) -> float | None:
    return value if value < float("inf") else None


def _grams(value: float) -> str:
    return f"{value:.2g}" if value < float("inf") else "any"
