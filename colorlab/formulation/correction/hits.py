"""How many corrections a batch will take: the loop of adding, reading and adding again, played through."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from colorlab.formulation.correction.additions import AdditionSearch
from colorlab.formulation.correction.outlook import share_of_limit
from colorlab.formulation.correction.result import CorrectionResult
from colorlab.formulation.correction.tank import Batch, MeasuredBatch
from colorlab.formulation.search.objective import LocalObjective
from colorlab.uncertainty.propagation import symmetric_root
from spectra.arrays import FloatArray
from spectra.colorant import ColorantSet
from spectra.recipe import recipe_from_masses

# Corrections after which a batch counts as not brought home.
MOST = 5
_PLAYED = 40


@dataclass(frozen=True, slots=True)
class Hits:
    """Corrections until a batch is inside its limits.

    Attributes
    ----------
    shares : tuple of float, length MOST + 1
        Probability that it takes 0, 1, 2, … corrections. [1]
    never : float
        Probability that so many do not do. [1]
    """

    shares: tuple[float, ...]
    never: float

    @property
    def expected(self) -> float | None:
        """Mean number of corrections of a batch that can be brought home; None when none can."""
        saved = 1 - self.never
        return sum(count * share for count, share in enumerate(self.shares)) / saved if saved > 0 else None


def expected_hits(result: CorrectionResult, seed: int = 0) -> Hits:
    """Play the additions of a result, and what would follow them, on batches as they may truly be.

    Parameters
    ----------
    result : CorrectionResult
    seed : int

    Notes
    -----
    A true batch is drawn from the uncertainty of the reading and of the lots' strengths. The additions are weighed with
    the balance's error into it; what it then is, is held against the limits. While it is outside, it is read with the
    same error as the first time and corrected again by the same rule, with the model as it is known.
    """
    none = (0.0,) * MOST
    if result.decision == "leave":
        return Hits((1.0, *none), 0.0)
    if result.decision == "beyond saving":
        return Hits((0.0, *none), 1.0)
    rng = np.random.default_rng(seed)
    counts = [_played(result, rng) for _ in range(_PLAYED)]
    shares = [sum(count == number for count in counts) / _PLAYED for number in range(MOST + 1)]
    return Hits(tuple(shares), 1 - sum(shares))


def _played(result: CorrectionResult, rng: np.random.Generator) -> int | None:
    """Corrections that one drawn batch takes; None where they do not end."""
    paints, known = result.colorant_set, result.batch
    errors = symmetric_root(result.strength_covariance) @ rng.standard_normal(len(paints.codes))
    lots = {code: float(np.exp(error)) for code, error in zip(paints.codes, errors, strict=True) if code != paints.base}
    acting = paints.scaled(lots)
    root = None if known.covariance is None else symmetric_root(known.covariance)
    true = replace(known, reflectance_factor=np.maximum(known.reflectance_factor - _error(known, root, rng), 1e-4))
    additions = dict(result.correction.additions_g) if result.correction else {}
    for count in range(1, MOST + 1):
        true = _added(true, acting, additions, result, rng)
        if share_of_limit(result.target, true.reflectance_factor[None], result.limits)[0] <= 1:
            return count
        read = replace(true, reflectance_factor=np.maximum(true.reflectance_factor + _error(true, root, rng), 1e-4))
        additions = _next(read, result)
        if not additions:
            return None
    return None


def _error(batch: Batch, root: FloatArray | None, rng: np.random.Generator) -> FloatArray:
    shape = batch.reflectance_factor.shape
    drawn: FloatArray = np.zeros(shape) if root is None else (root @ rng.standard_normal(len(root))).reshape(shape)
    return drawn


def _added(
    true: Batch, acting: ColorantSet, additions: dict[str, float], result: CorrectionResult, rng: np.random.Generator
) -> Batch:
    """The true batch with additions as the balance really weighed them."""
    half = result.means.balance_resolution_g / 2
    asked = np.array(list(additions.values()))
    grams = asked * (1 + result.means.relative_error * rng.standard_normal(asked.size))
    grams = np.maximum(grams + rng.uniform(-half, half, asked.size), 0.0)
    model = MeasuredBatch(acting, true, tuple(acting.indices(tuple(additions))))
    spectrum = model.reflectance_factor(grams[None] / true.mass_g)[0]
    masses = true.recipe.masses(true.mass_g)
    for code, gram in zip(additions, grams.tolist(), strict=True):
        masses[code] = masses.get(code, 0.0) + gram
    recipe = recipe_from_masses(true.recipe.name, masses)
    return Batch(true.name, recipe, true.mass_g + float(grams.sum()), spectrum, true.covariance)


def _next(read: Batch, result: CorrectionResult) -> dict[str, float]:
    """The next additions, by the model as it is known. [g]"""
    how, paints = result.means, result.colorant_set
    allowed = tuple(dict.fromkeys(result.batch.recipe.colorants if how.allowed is None else how.allowed))
    # The tank stays the one it was; without a capacity it holds twice the first batch.
    room = max(result.batch.mass_g + how.room_g(result.batch.mass_g) - read.mass_g, 0.0) / read.mass_g
    model = MeasuredBatch(paints, read, tuple(paints.indices(allowed)))
    least = np.full(len(allowed), how.smallest_g(read.mass_g) / read.mass_g)
    search = AdditionSearch(model, LocalObjective(result.target, result.objective), least, room, how.max_colorants)
    amounts = search.solve(how.mass_weight).amounts[0] * read.mass_g
    return {code: float(gram) for code, gram in zip(allowed, amounts, strict=True) if gram > 0}
