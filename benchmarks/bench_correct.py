"""Batches corrected in one step, and what past batches teach: our engine and its rivals on the same paint, in one run.

    python benchmarks/bench_correct.py

The paint is light followed through particles (`spectra.particle_paint`), physics that no estimator here knows. Every
lot is off by 5 %, every weighing by 0.3 %, every reading by the instrument's noise. A batch is a recipe weighed from
such lots; its target is a panel of the same recipe from the lots of the ladders. What is computed is weighed, painted
and held against the target's true colour. The rivals add to the same batches by the same search: from the recipe alone,
as if the model were right, and with the textbook's difference of reflectances added to whatever the model says.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from time import perf_counter

import numpy as np

from colorlab.formulation.correction.additions import MASS_WEIGHT, AdditionSearch
from colorlab.formulation.correction.correct import correct
from colorlab.formulation.correction.result import CorrectionResult
from colorlab.formulation.correction.tank import Batch, MeasuredBatch
from colorlab.formulation.lots.bias import PastBatch, learn_bias
from colorlab.formulation.prediction.predict import predict
from colorlab.formulation.search.objective import LocalObjective, Objective, deviation
from colorlab.formulation.target import Target
from spectra.arrays import FloatArray
from spectra.carried import carried
from spectra.characterise import characterise
from spectra.colorant import ColorantSet
from spectra.geometry import D8_SCI
from spectra.particle_paint import DOSING_ERROR, GRID, ParticlePaintLaboratory
from spectra.recipe import Recipe, recipe_from_masses

SEED = 5
N_COLORANTS, N_BATCHES, N_FORMULAS, N_NEW = 14, 50, 12, 30
LOT_ERROR, READINGS = 0.05, 3
NOISE, PLACEMENT = 0.0005, 0.002
BATCH_G = 100_000.0
OBJECTIVE = Objective()


@dataclass(frozen=True)
class World:
    """A laboratory, the colorants as its ladders gave them, and the generator of everything that happens in it."""

    lab: ParticlePaintLaboratory
    paints: ColorantSet
    rng: np.random.Generator

    def recipe(self, name: str) -> Recipe:
        """White with three others, from pastel to deep."""
        others = self.rng.choice([code for code in self.paints.codes if code != "W1"], 3, replace=False)
        amounts = np.exp(self.rng.uniform(np.log(0.003), np.log(0.3), 3))
        return recipe_from_masses(name, {"W1": 1.0} | dict(zip(others.tolist(), amounts.tolist(), strict=True)))

    def true(self, amounts: FloatArray, lots: FloatArray | None = None) -> FloatArray:
        """Reflectance factor of a panel, (1, n_wavelengths)."""
        return self.lab.panel(amounts[None], strengths=lots)

    def read(self, truth: FloatArray) -> FloatArray:
        """Mean of a few readings, (1, n_wavelengths)."""
        readings = [self.lab.read(truth, self.rng, noise=NOISE, placement=PLACEMENT) for _ in range(READINGS)]
        return np.asarray(np.mean(readings, axis=0))

    def asked(self, recipe: Recipe) -> FloatArray:
        """A recipe over the laboratory's colorants, (n_colorants,)."""
        fractions: FloatArray = self.lab.fractions(
            dict(zip(recipe.colorants, recipe.mass_fractions.tolist(), strict=True))
        )[0]
        return fractions

    def weighed(self, recipe: Recipe) -> FloatArray:
        """What the balance put in, (n_colorants,)."""
        given: FloatArray = self.lab.weighed(self.asked(recipe), self.rng)[0]
        return given


def world(seed: int) -> World:
    """Ladders in white, characterised."""
    rng = np.random.default_rng(seed)
    lab = ParticlePaintLaboratory(rng, N_COLORANTS)
    ladders = lab.ladders(rng)
    found = characterise(ladders, name="bench", base="W1", grid=GRID, geometry=D8_SCI, roles=lab.roles)
    return World(lab, found.colorant_set, rng)


def reading_covariance(spectrum: FloatArray) -> FloatArray:
    """Of the mean of the readings of one panel."""
    flat = spectrum.ravel()
    return np.asarray((np.outer(flat, flat) * PLACEMENT**2 + NOISE**2 * np.eye(flat.size)) / READINGS)


class AsRecipe(MeasuredBatch):
    """Rival: the model as it is; the reading of the batch does not enter."""

    @cached_property
    def residual(self) -> FloatArray:
        """No correction."""
        return np.ones_like(self.predicted)

    @cached_property
    def offset(self) -> FloatArray:
        """No correction."""
        return np.zeros_like(self.predicted)


class AddedDifference(AsRecipe):
    """Rival: the difference of measured and predicted reflectance is added to every prediction."""

    @cached_property
    def offset(self) -> FloatArray:
        """Measured − predicted."""
        difference: FloatArray = self.batch.reflectance_factor - self.predicted
        return difference


class Carried(AsRecipe):
    """Rival: every prediction times measured over predicted K/S of the batch, however much it is diluted."""

    def reflectance_factor(self, additions: FloatArray) -> FloatArray:
        """Carried from the reading as the model moves from the batch to the batch with additions."""
        moved = super().reflectance_factor(additions)
        return carried(self.batch.reflectance_factor, self.predicted, moved, self.colorant_set)

    def reflectance_and_slope(self, additions: FloatArray) -> tuple[FloatArray, FloatArray]:
        """By differences."""
        spectra, step = self.reflectance_factor(additions), 1e-6
        moved = [self.reflectance_factor(additions + step * one) for one in np.eye(additions.shape[1])]
        return spectra, (np.stack(moved, axis=1) - spectra[:, None]) / step


def additions_of(result: CorrectionResult) -> dict[str, float]:
    """Grams to add; none when the batch is left."""
    return dict(result.correction.additions_g) if result.correction else {}


def rival(kind: type[MeasuredBatch], paints: ColorantSet, batch: Batch, target: Target) -> dict[str, float]:
    """Grams to add by another model of the batch, same search and same price of mass."""
    rows = tuple(paints.indices(batch.recipe.colorants))
    model = kind(paints, batch, rows)
    search = AdditionSearch(model, LocalObjective(target, OBJECTIVE), np.full(len(rows), 1e-6), np.inf, 4)
    amounts = search.solve(MASS_WEIGHT).amounts[0]
    grams = (amounts * batch.mass_g).tolist()
    return {code: gram for code, gram in zip(batch.recipe.colorants, grams, strict=True) if gram > 0}


def corrections(seed: int) -> None:
    """B1: mean ΔE00 after one correction over that before, and the mass it took."""
    paint = world(seed)
    print(f"colorants: {paint.paints.link}, crowding {paint.paints.crowding:g}, k2 = {paint.paints.surface.k2:g}")
    found: dict[str, list[tuple[float, float, float]]] = {}
    own_error, nearer, farther, seconds = [], 0, 0, []
    corrected = 0
    for number in range(N_BATCHES):
        recipe = paint.recipe(f"batch {number + 1}")
        standard = paint.true(paint.asked(recipe))
        target = Target("standard", paint.read(standard), GRID, D8_SCI)
        truth = Target("true standard", standard, GRID, D8_SCI)
        own_error.append(_off(truth, predict(paint.paints, recipe).reflectance_factor))
        lots = paint.lab.lot_strengths(paint.rng, LOT_ERROR)
        tank = paint.weighed(recipe)
        reading = paint.read(paint.true(tank, lots))
        batch = Batch(recipe.name, recipe, BATCH_G, reading, reading_covariance(reading))
        before = _off(truth, paint.true(tank, lots))
        begin = perf_counter()
        result = correct(batch, target, paint.paints, target_covariance=reading_covariance(target.reflectance_factor))
        seconds.append(perf_counter() - begin)
        every = rival(MeasuredBatch, result.colorant_set, batch, target)
        ratio = rival(Carried, result.colorant_set, batch, target)
        bare = rival(MeasuredBatch, paint.paints, batch, target)
        for name, grams in (
            ("colorlab", additions_of(result)),
            ("  every batch corrected", every),
            ("  the same, ratio of K/S carried", ratio),
            ("  every batch, without strengths", bare),
            ("from the recipe alone", rival(AsRecipe, paint.paints, batch, target)),
            ("textbook: add the difference of R", rival(AddedDifference, paint.paints, batch, target)),
        ):
            added = np.array([grams.get(code, 0.0) / BATCH_G for code in paint.lab.codes])
            # The same balance for all, whatever they add.
            added *= 1 + DOSING_ERROR * np.random.default_rng([seed, number]).standard_normal(added.size)
            after = _off(truth, paint.true(tank + added, lots)) if added.any() else before
            found.setdefault(name, []).append((before, after, added.sum()))
            if name == "colorlab" and result.correction:
                low, high = result.correction.outlook.interval
                corrected, nearer, farther = corrected + 1, nearer + (after < low), farther + (after > high)
    print(
        f"the model itself is off by {np.mean(own_error):.2f} ΔE00 at the standards; {np.median(seconds):.2f} s a batch"
    )
    for name, rows in found.items():
        before, after, mass = np.array(rows).T
        print(
            f"  {name:34s} mean ΔE00 {before.mean():.3f} → {after.mean():.3f} (p95 {np.quantile(after, 0.95):.2f}), "
            f"ratio {after.mean() / before.mean():.2f}; added {100 * mass.mean():.1f} % (median "
            f"{100 * np.median(mass):.1f}); worse {100 * np.mean(after > before + 1e-9):.0f} %"
        )
    print(f"  of {corrected} batches corrected {nearer} came out nearer than the 90 % interval says, {farther} farther")


def history(seed: int) -> None:
    """B2: first-shot ΔE00 of new formulas after some batches, over that without history."""
    paint = world(seed)
    lots = paint.lab.lot_strengths(paint.rng, LOT_ERROR)
    past = []
    for number in range(N_FORMULAS):
        recipe = paint.recipe(f"formula {number + 1}")
        past.append(PastBatch(recipe.name, recipe, paint.read(paint.true(paint.weighed(recipe), lots))))
    begin = perf_counter()
    learned = learn_bias(past, paint.paints)
    seconds = perf_counter() - begin
    without, with_history = [], []
    for number in range(N_NEW):
        recipe = paint.recipe(f"new {number + 1}")
        truth = Target(recipe.name, paint.true(paint.asked(recipe), lots), GRID, D8_SCI)
        without.append(_off(truth, predict(paint.paints, recipe).reflectance_factor))
        with_history.append(_off(truth, learned.reflectance_factor(recipe)))
    ratio = np.mean(with_history) / np.mean(without)
    print(
        f"{N_FORMULAS} batches of history, {N_NEW} new formulas: first shot {np.mean(without):.3f} → "
        f"{np.mean(with_history):.3f} ΔE00, ratio {ratio:.2f} ({seconds:.1f} s to learn)"
    )
    for finding in learned.findings:
        print(f"  {finding}")


def _off(target: Target, spectrum: FloatArray) -> float:
    return float(deviation(target, spectrum.reshape(1, 1, -1), OBJECTIVE).weighted_delta_E_00[0])


if __name__ == "__main__":
    for first in (SEED, SEED + 1):
        corrections(first)
        history(first)
