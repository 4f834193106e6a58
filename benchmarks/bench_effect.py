"""Effect paints against an independent simulation of flakes: figures E1 and E2, rivals in the same run.

    python benchmarks/bench_effect.py [seed]

E1: models trained on 30, 60 designed, 60, 100 and 200 panels, and 60 designed with 140 more, predict 60 recipes none of
them saw; ΔE00 (D65/10°) per angle to the nominal panel, over what spraying and reading the same panels again is off.
The rivals are a Gaussian process over recipes alone, the two constants an angle that the search works with, and the
mean colour of the panels. E2: 24 unseen panels as targets; what the recipe found gives when sprayed, and what it gives
after one and two corrections by the measured panel.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from time import perf_counter

import numpy as np

from colorlab.colorimetry.tristimulus import spectra_to_lab
from colorlab.colorimetry.viewing import D65_10
from colorlab.difference.standard import delta_E
from colorlab.formulation.effect.design import first_panels
from colorlab.formulation.effect.match import correct_effect, effect_target, match_effect
from colorlab.formulation.effect.model import Anchor, EffectModel
from colorlab.formulation.effect.panels import EffectPanels
from colorlab.formulation.effect.per_angle_fit import visible
from colorlab.formulation.effect.residual_process import train_residuals
from colorlab.formulation.effect.train import train_effect_model
from colorlab.formulation.search.constraints import Constraints
from spectra.arrays import FloatArray
from spectra.characterise import characterise
from spectra.colorant import ColorantSet
from spectra.flake_paint import GRID, SIX_ANGLES, EffectPaintLaboratory
from spectra.geometry import UNIPLANAR_45_0
from spectra.ladder import Letdown
from spectra.recipe import Recipe, recipe_from_masses

N_TEST, N_TARGETS, MOST = 60, 24, 200
LETDOWNS = (1.0, 0.6, 0.2, 0.05, 0.01)


class Bench:
    """One laboratory: its panels, drawn in a fixed order."""

    def __init__(self, seed: int) -> None:
        self.laboratory = EffectPaintLaboratory(np.random.default_rng(seed))
        self.rng = np.random.default_rng(1000 + seed)
        self.roles = {one.code: one.role for one in self.laboratory.components}
        self.flakes = [code for code, role in self.roles.items() if role == "effect"]
        self.tints = [code for code, role in self.roles.items() if role != "effect"]

    def random_recipe(self, name: str) -> Recipe:
        """One or two flakes, one to three tints; a black counts a fifth."""
        rng = self.rng
        flakes = rng.choice(self.flakes, rng.integers(1, 3), replace=False).tolist()
        tints = rng.choice(self.tints, rng.integers(1, 4), replace=False).tolist()
        share = rng.uniform(0.35, 0.95)
        parts = dict(zip(flakes, share * rng.dirichlet(np.full(len(flakes), 2.0)), strict=True))
        amounts = (1 - share) * rng.dirichlet(np.full(len(tints), 1.5))
        parts |= {code: part * (0.2 if code == "K05" else 1.0) for code, part in zip(tints, amounts, strict=True)}
        return recipe_from_masses(name, parts)

    def nominal(self, recipe: Recipe) -> FloatArray:
        """The panel without spraying error."""
        return self.laboratory.panel(dict(zip(recipe.colorants, recipe.mass_fractions.tolist(), strict=True)))

    def sprayed(self, recipe: Recipe) -> FloatArray:
        """One panel, the mean of three readings."""
        doses = dict(zip(recipe.colorants, recipe.mass_fractions.tolist(), strict=True))
        mean: FloatArray = self.laboratory.read(self.laboratory.sprayed(doses, self.rng), self.rng).mean(axis=0)
        return mean

    def ladders(self) -> ColorantSet:
        """Constants of the tints from letdowns in white, read at 45° alone."""
        recipes = [recipe_from_masses("W01", {"W01": 1.0})]
        for code in self.tints:
            if code != "W01":
                recipes += [
                    recipe_from_masses(f"{code} {share:g}", {code: share, "W01": 1 - share}) for share in LETDOWNS
                ]
        at_45 = SIX_ANGLES.tokens.index("45as45")
        letdowns = [Letdown(one.name, one, np.maximum(self.sprayed(one)[[at_45]], 5e-4)) for one in recipes]
        found = characterise(letdowns, name="ladders", base="W01", grid=GRID, geometry=UNIPLANAR_45_0, k2=0.35)
        return found.colorant_set


def difference(standard: FloatArray, sample: FloatArray) -> FloatArray:
    """ΔE00 per panel and angle."""
    first, second = (
        spectra_to_lab(np.maximum(one, 1e-5).reshape(-1, 6, GRID.count), GRID, D65_10) for one in (standard, sample)
    )
    return delta_E(first, second)


def process_alone(recipes: Sequence[Recipe], spectra: FloatArray, unseen: Sequence[Recipe]) -> FloatArray:
    """A Gaussian process of the recipe and nothing else."""
    codes = tuple(dict.fromkeys(code for recipe in (*recipes, *unseen) for code in recipe.colorants))
    rows = [
        np.array([dict(zip(one.colorants, one.mass_fractions, strict=True)).get(code, 0.0) for code in codes])
        for one in (*recipes, *unseen)
    ]
    seen = visible(spectra.reshape(len(spectra), -1))
    process = train_residuals(np.array(rows[: len(recipes)]), seen - seen.mean(axis=0))
    root = seen.mean(axis=0) + process.mean(np.array(rows[len(recipes) :]))
    spectra_alone: FloatArray = np.maximum(root, 0.0) ** 3
    return spectra_alone


def words(values: FloatArray) -> str:
    """Numbers side by side."""
    return " ".join(f"{value:5.2f}" for value in values)


def figure_e1(bench: Bench) -> EffectModel:
    """Print E1, and E2 for the designed panels alone; the model of all designed and random ones."""
    designed = first_panels(bench.roles)
    random = [bench.random_recipe(f"random {number}") for number in range(MOST)]
    unseen = [bench.random_recipe(f"unseen {number}") for number in range(N_TEST)]
    panels = {recipe.name: bench.sprayed(recipe) for recipe in (*designed, *random)}
    truth = np.array([bench.nominal(recipe) for recipe in unseen])
    again = np.array([bench.sprayed(recipe) for recipe in unseen])
    ladders = bench.ladders()
    repeatability = difference(truth, again)
    unit = repeatability.mean()
    print(f"E1: {N_TEST} unseen recipes; angles {', '.join(SIX_ANGLES.tokens)}; ΔE00 (D65/10°) to the nominal panel")
    print(f"{'repeatability of a panel':34}{words(repeatability.mean(axis=0))}  mean {unit:.2f}")
    tables = {
        "30": random[:30],
        f"{len(designed)} designed": designed,
        "60": random[:60],
        "100": random[:100],
        "200": random,
        f"{len(designed)} designed + 140": [*designed, *random[:140]],
    }
    model = None
    for name, recipes in tables.items():
        spectra = np.array([panels[recipe.name] for recipe in recipes])
        known = {code for recipe in recipes for code in recipe.colorants}
        rows = [row for row, one in enumerate(unseen) if known >= set(one.colorants)]
        asked = [unseen[row] for row in rows]
        began = perf_counter()
        model = train_effect_model(
            EffectPanels(tuple(recipes), spectra, GRID, SIX_ANGLES, bench.roles), name=name, ladders=ladders
        )
        took = perf_counter() - began
        predicted = model.predict(asked)
        seen = np.array([one.prediction.reflectance_factor for one in predicted])
        missed, plain = (
            difference(truth[rows], one) for one in (seen, model.search.reflectance_factor(model.fractions(asked)))
        )
        held = difference(again[rows], seen) <= np.array([one.delta_E_bound() for one in predicted])
        alone = difference(truth[rows], process_alone(recipes, spectra, asked)).mean()
        mean_colour = difference(truth[rows], np.repeat(spectra.mean(axis=0)[None], len(rows), axis=0)).mean()
        print(
            f"{name + ' panels':34}{words(missed.mean(axis=0))}  mean {missed.mean():.2f}  "
            f"p95 {np.quantile(missed, 0.95):.2f}  × repeatability {missed.mean() / unit:.2f}"
        )
        print(
            f"{'':34}two constants an angle {plain.mean():.2f}, process alone {alone:.2f}, mean colour "
            f"{mean_colour:.1f}; 90 % bounds hold {100 * held.mean():.0f} % of sprayed panels "
            f"({words(100 * held.mean(axis=0))}); {took:.0f} s"
            + (f"; {N_TEST - len(rows)} recipes hold a colorant no panel had" if len(rows) < N_TEST else "")
        )
        if name == f"{len(designed)} designed":
            figure_e2(bench, model, unseen)
    assert model is not None
    return model


def figure_e2(bench: Bench, model: EffectModel, unseen: Sequence[Recipe]) -> None:
    """Print E2 of one model."""
    shots: list[list[float]] = []
    began = perf_counter()
    for number, wanted in enumerate(unseen[:N_TARGETS]):
        seen = bench.nominal(wanted)
        target = effect_target(f"target {number}", seen, model)
        recipe = match_effect(target, model, Constraints(max_colorants=4), n_results=3).matches[0].recipe
        row = []
        for _ in range(3):
            panel = bench.sprayed(recipe)
            row.append(float(difference(seen, panel).mean()))
            recipe = correct_effect(target, model, Anchor(recipe, panel))
        shots.append(row)
    first, second, third = np.mean(shots, axis=0)
    print(
        f"E2 with the model of {model.name}: {N_TARGETS} targets, four colorants; first shot {first:.2f}, after one "
        f"correction {second:.2f} ({second / first:.2f}), after two {third:.2f} ({third / first:.2f}); "
        f"{perf_counter() - began:.0f} s"
    )


if __name__ == "__main__":
    laboratory = Bench(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
    final = figure_e1(laboratory)
    figure_e2(laboratory, final, [laboratory.random_recipe(f"late {number}") for number in range(N_TARGETS)])
