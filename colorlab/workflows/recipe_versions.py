"""Two versions of a laboratory's recipe: what changed, and what that does to the colour."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from colorlab.colorimetry.viewing import VETTING_VIEWINGS
from colorlab.formulation.library.recipe_diff import DoseChange, RecipeDiff, recipe_diff
from colorlab.store.lab import Lab
from colorlab.store.recipes import StoredRecipe, find_recipes
from colorlab.workflows.recipes import colorants_of, heading_of, stored_recipe, title_of
from colorlab.workflows.text import table
from spectra.errors import FormulationError

# A dose that changed by less, relative to itself, did so because the others did. [1]
_WORTH_A_LINE = 1e-3


@dataclass(frozen=True, slots=True, eq=False)
class DiffOutcome:
    """Two versions beside each other."""

    before: StoredRecipe
    after: StoredRecipe
    diff: RecipeDiff

    def as_dict(self) -> dict[str, Any]:
        """Plain types; see docs/json.md."""
        names = [str(viewing) for viewing in self.diff.viewings]
        off = self.diff.delta_E_00
        return {
            "before": heading_of(self.before),
            "after": heading_of(self.after),
            "same": self.diff.same,
            "doses": [
                {
                    "code": one.code,
                    "change": one.change,
                    "before_g_per_kg": one.before_g,
                    "after_g_per_kg": one.after_g,
                    "change_g_per_kg": one.change_g,
                    "relative": one.relative,
                }
                for one in self.diff.doses
            ],
            "delta_E_00": None if off is None else dict(zip(names, off.max(axis=0).tolist(), strict=True)),
            "words": list(self.diff.words),
        }

    def as_text(self) -> str:
        """A line a colorant that changed, then the predicted difference."""
        lines = [f"{title_of(self.before)}\n{title_of(self.after)}"]
        changed = [one for one in self.diff.doses if one.change != "unchanged"]
        shown = [one for one in changed if one.relative is None or abs(one.relative) >= _WORTH_A_LINE]
        headers = ("colorant", "g per kg before", "after", "change", "relative", "")
        lines.append(table(headers, [_diff_row(one) for one in shown]) if shown else "the doses are the same")
        if len(shown) < len(changed) and shown:
            rest = ", ".join(one.code for one in changed if one not in shown)
            lines.append(f"{rest}: share changed by less than {100 * _WORTH_A_LINE:g} %, as the others make room")
        off = self.diff.delta_E_00
        if off is not None:
            said = ", ".join(self.diff.words) or "no difference worth a word"
            sizes = ", ".join(
                f"{value:.2f} {viewing}" for value, viewing in zip(off.max(axis=0), self.diff.viewings, strict=True)
            )
            lines.append(f"predicted ΔE00 between them: {sizes}; the second is {said}")
        return "\n".join(lines)


def diff_recipes(lab: Lab, first: str, second: str | None = None) -> DiffOutcome:
    """Two versions: those named, or the newest of one name and the one before it.

    Raises
    ------
    RecordNotFoundError
        If there is none.
    FormulationError
        If a recipe has one version only and no other is named.
    """
    with lab.reading() as connection:
        before = stored_recipe(connection, first)
        if second is None:
            versions = find_recipes(connection, name=before.recipe.name)
            earlier = [one for one in versions if one.version < before.version]
            if not earlier:
                raise FormulationError(
                    f"{before.recipe.name} has no version before {before.version}; name a second recipe"
                )
            before, after = earlier[-1], before
        else:
            after = stored_recipe(connection, second)
        colorants = colorants_of(connection, after, before.recipe)
    return DiffOutcome(before, after, recipe_diff(before.recipe, after.recipe, colorants, VETTING_VIEWINGS))


def _diff_row(one: DoseChange) -> tuple[str, ...]:
    relative = "–" if one.relative is None else f"{100 * one.relative:+.1f} %"
    return (one.code, f"{one.before_g:.3f}", f"{one.after_g:.3f}", f"{one.change_g:+.3f}", relative, one.change)
