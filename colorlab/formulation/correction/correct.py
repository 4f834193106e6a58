"""What to add to a batch that is off: grams of each colorant, what that will give, and when nothing will help."""

from __future__ import annotations

from itertools import product

import numpy as np

from colorlab.formulation.correction.additions import LEAST_MASS_WEIGHT, AdditionSearch
from colorlab.formulation.correction.outlook import Outlook, corrected_covariance, outlook, share_of_limit
from colorlab.formulation.correction.result import Correction, CorrectionResult, Decision, Means
from colorlab.formulation.correction.tank import Batch, MeasuredBatch
from colorlab.formulation.lot_strength import LotStrengths
from colorlab.formulation.lots.learn_strengths import learn_strengths
from colorlab.formulation.prediction.predict import dose_findings
from colorlab.formulation.robustness.inside import Limits
from colorlab.formulation.robustness.robustness import limits_of
from colorlab.formulation.robustness.variation import Dosing
from colorlab.formulation.search.objective import LocalObjective, Objective
from colorlab.formulation.target import Target
from colorlab.tolerance.tolerance import DEFAULT, Tolerance
from spectra.arrays import FloatArray, frozen
from spectra.colorant import ColorantSet
from spectra.errors import FormulationError, NotComparableError
from spectra.ladder import Letdown
from spectra.recipe import recipe_from_masses

# Below this weighted ΔE00 of a batch an addition is as likely to make it worse: simulated batches, bench_correct.py.
NEAR_ENOUGH = 0.2
# Additions that are to be inside are sought this far inside, so that the balance's rounding keeps them there. [1]
_SAFE_SHARE = 0.97
# Prices of mass that are tried for the least mass inside the tolerance.
_MASS_WEIGHTS = np.geomspace(1e3, 1e-5, 13)
# Scatter of a lot about the one in the ladder, where the colorants cannot be fitted to the batch. [ln]
_LOT_SCATTER = 0.05
# Most that leaves a tank: a colorant of which this share of what is in it is too much is the one to name.
_MOST_OUT = 0.95


def correct(
    batch: Batch,
    target: Target,
    colorant_set: ColorantSet,
    *,
    means: Means | None = None,
    tolerance: Tolerance | float = DEFAULT,
    objective: Objective | None = None,
    strengths: LotStrengths | None = None,
    target_covariance: FloatArray | None = None,
    seed: int = 0,
    coverage: float = 0.9,
) -> CorrectionResult:
    """Find the additions that bring a batch home.

    Parameters
    ----------
    batch : Batch
    target : Target
    colorant_set : ColorantSet
    means : Means, optional
    tolerance : Tolerance or float
        Or one ΔE00 for all angles and viewings of the objective.
    objective : Objective, optional
        As a match has it.
    strengths : LotStrengths, optional
        Of the lots in the batch, if they are known; learned from the batch itself when left out.
    target_covariance : ndarray, shape (n_bands, n_bands), optional
        Of the target's reading; left out where its colour is taken as exact.
    seed : int
    coverage : float
        Of the intervals. [1]

    Raises
    ------
    UnknownColorantError
        If a code is not in the set.
    NotComparableError
        If target and colorants are not on one grid and geometry.
    FormulationError
        If the batch does not fit the colorants, or the tank is smaller than the batch.

    Notes
    -----
    The lots' strengths are fitted to the batch's reading with their prior; what they leave is taken into the
    absorption of the paint in the tank (`MeasuredBatch`). Every choice of colorants is then solved for squared ΔE00
    plus the price of the mass. Nothing is added to a batch inside its limits that is nearer than ΔE00 0.2, or that
    would gain less than the reading is uncertain by.

    References
    ----------
    .. [1] E. Allen, "Basic equations used in computer color matching, II. Tristimulus match, two-constant theory",
       J. Opt. Soc. Am. 64 (1974) 991–993, on corrections from the batch's own reading.
    """
    how, goal = means or Means(), objective or Objective()
    _check(batch, target, colorant_set, how)
    limits = limits_of(tolerance, colorant_set.geometry.tokens, goal.viewings)
    lots = strengths if strengths is not None else _strengths_of(batch, colorant_set)
    paints = colorant_set if lots is None else lots.applied(colorant_set)
    scatter = _LOT_SCATTER**2 * np.eye(len(paints.codes)) if lots is None else lots.over(paints)
    size = batch.reflectance_factor.size
    aim = np.zeros((size, size)) if target_covariance is None else np.asarray(target_covariance, dtype=np.float64)
    if aim.shape != (size, size):
        raise FormulationError(f"{target.name}: covariance of shape {aim.shape}; {(size, size)} expected")
    desk = _Desk(batch, target, aim, paints, scatter, how, goal, limits, np.random.default_rng(seed), coverage)
    return desk.result(lots)


def _strengths_of(batch: Batch, colorant_set: ColorantSet) -> LotStrengths | None:
    if colorant_set.model_error is None or any(one.log_covariance is None for one in colorant_set.colorants):
        return None
    if (batch.reflectance_factor <= 0).any():
        return None
    panel = Letdown(batch.name, batch.recipe, batch.reflectance_factor)
    return learn_strengths([panel], colorant_set)


def _check(batch: Batch, target: Target, colorant_set: ColorantSet, how: Means) -> None:
    if (target.grid, target.geometry.tokens) != (colorant_set.grid, colorant_set.geometry.tokens):
        raise NotComparableError(
            "grid and geometry",
            f"colorants {colorant_set.grid}, {colorant_set.geometry.name}",
            f"target {target.grid}, {target.geometry.name}",
            "Make the target with target_from_measurement",
        )
    if how.capacity_g is not None and how.capacity_g < batch.mass_g:
        raise FormulationError(
            f"{batch.name}: {batch.mass_g:g} g in a tank of {how.capacity_g:g} g; give the capacity of the whole tank"
        )


class _Desk:
    """One batch with everything its additions are judged by."""

    def __init__(
        self,
        batch: Batch,
        target: Target,
        aim: FloatArray,
        paints: ColorantSet,
        scatter: FloatArray,
        how: Means,
        goal: Objective,
        limits: Limits,
        rng: np.random.Generator,
        coverage: float,
    ) -> None:
        self.batch, self.target, self.aim, self.paints, self.scatter = batch, target, aim, paints, scatter
        self.how, self.goal, self.limits, self.rng, self.coverage = how, goal, limits, rng, coverage
        self.local = LocalObjective(target, goal)
        self.dosing = Dosing(batch.mass_g, how.balance_resolution_g, how.relative_error)
        allowed = batch.recipe.colorants if how.allowed is None else how.allowed
        self.allowed = tuple(dict.fromkeys(allowed))
        self.rows = tuple(paints.indices(self.allowed))

    def result(self, lots: LotStrengths | None) -> CorrectionResult:
        search = self.search(self.rows, self.how.room_g(self.batch.mass_g))
        before = self.outlook(self.batch.reflectance_factor, self.batch.covariance)
        nearest = self.correction(search, search.solve(LEAST_MASS_WEIGHT).amounts[0])
        least = self.least(search)
        wanted = self.correction(search, search.solve(self.how.mass_weight).amounts[0])
        chosen = wanted if wanted.outlook.inside else least if least is not None else nearest
        decision: Decision = "add" if chosen.outlook.inside and chosen.additions_g else "beyond saving"
        if before.inside and (not chosen.additions_g or not self._worth(before, chosen.outlook)):
            decision = "leave"
        beyond = decision == "beyond saving"
        return CorrectionResult(
            self.batch,
            self.target,
            self.goal,
            self.limits,
            decision,
            before,
            None if decision == "leave" else chosen,
            least,
            nearest,
            self.too_much() if beyond else {},
            self.leftover() if beyond else None,
            lots,
            self.paints,
            self.scatter,
            self.how,
            self.coverage,
            search.tried,
        )

    def _worth(self, before: Outlook, after: Outlook) -> bool:
        gain = before.expected_delta_E_00 - after.expected_delta_E_00
        return before.weighted_delta_E_00 > NEAR_ENOUGH and gain > before.scatter_delta_E_00

    def search(self, rows: tuple[int, ...], room_g: float) -> AdditionSearch:
        room = room_g / self.batch.mass_g
        least = self.how.smallest_g(self.batch.mass_g) / self.batch.mass_g
        model = MeasuredBatch(self.paints, self.batch, rows)
        return AdditionSearch(model, self.local, np.full(len(rows), least), room, self.how.max_colorants)

    def outlook(self, reflectance_factor: FloatArray, covariance: FloatArray | None) -> Outlook:
        # Only the difference counts: what the target may be off by is as if the batch were.
        known = self.aim if covariance is None else self.aim + covariance
        return outlook(self.target, reflectance_factor, known, self.goal, self.limits, self.rng, self.coverage)

    def correction(self, search: AdditionSearch, amounts: FloatArray, *, inside: bool = False) -> Correction:
        """Additions as the balance weighs them, and what they give; `inside` asks for the lightest inside."""
        codes = [self.paints.codes[row] for row in search.model.rows]
        mass = self.batch.mass_g
        grams = self.weighable(search, amounts, inside=inside)
        weighed = grams / mass
        spectrum = search.model.reflectance_factor(weighed[None])[0]
        covariance = corrected_covariance(search.model, weighed, self.scatter, self.dosing)
        added = {code: float(gram) for code, gram in zip(codes, grams, strict=True) if gram > 0}
        masses = self.batch.recipe.masses(mass)
        whole = recipe_from_masses(
            self.batch.recipe.name,
            {code: masses.get(code, 0.0) + added.get(code, 0.0) for code in dict.fromkeys((*masses, *added))},
        )
        prices = [self.paints[code].price_per_kg for code in added]
        known = [price for price in prices if price is not None]
        cost = [gram / 1000 * price for gram, price in zip(added.values(), known, strict=False)]
        return Correction(
            added,
            whole,
            float(mass + grams.sum()),
            frozen(spectrum),
            frozen(covariance),
            self.outlook(spectrum, covariance),
            float(sum(cost)) if len(known) == len(prices) else None,
            dose_findings(self.paints, whole),
        )

    def weighable(self, search: AdditionSearch, amounts: FloatArray, *, inside: bool) -> FloatArray:
        """Each amount rounded up or down to a step of the balance, all ways compared. [g]"""
        step, grams = self.how.balance_resolution_g, amounts * self.batch.mass_g
        smallest = self.how.smallest_g(self.batch.mass_g)
        used = np.flatnonzero(grams)
        if not step or not used.size:
            return grams
        up = np.array(list(product((0, 1), repeat=used.size)))
        ways = np.zeros((len(up), grams.size))
        ways[:, used] = np.maximum(np.round(np.floor(grams[used] / step) * step + up * step, 9), smallest)
        room = search.room * self.batch.mass_g
        ways = ways[ways.sum(axis=1) <= max(room, ways.sum(axis=1).min())]
        cost = search.colour(ways / self.batch.mass_g)
        if inside:
            cost = ways.sum(axis=1) + np.where(self.shares(search, ways / self.batch.mass_g) <= 1, 0.0, np.inf)
        best: FloatArray = ways[int(np.argmin(cost))]
        return best

    def least(self, search: AdditionSearch) -> Correction | None:
        """The smallest mass of additions with which all limits are kept."""
        tried = search.front(_MASS_WEIGHTS)
        shares = self.shares(search, tried.amounts)
        inside = np.flatnonzero(shares <= _SAFE_SHARE)
        if not inside.size:
            return None
        amounts = tried.amounts[inside[0]]
        # The front steps in mass: less of the same additions may still do.
        low, high = 0.0, 1.0
        for _ in range(20):
            middle = (low + high) / 2
            shorter = np.where(amounts > 0, np.maximum(middle * amounts, search.least), 0.0)
            keeps = self.shares(search, shorter[None])[0] <= _SAFE_SHARE
            low, high = (low, middle) if keeps else (middle, high)
        found = np.where(amounts > 0, np.maximum(high * amounts, search.least), 0.0)
        correction = self.correction(search, found, inside=True)
        return correction if correction.outlook.inside and correction.additions_g else None

    def shares(self, search: AdditionSearch, amounts: FloatArray) -> FloatArray:
        return share_of_limit(self.target, search.model.reflectance_factor(amounts), self.limits)

    def too_much(self) -> dict[str, float]:
        """What would have to leave the tank, the base staying: grams of each colorant."""
        own = [code for code in self.batch.recipe.colorants if code != self.paints.base]
        if not own:
            return {}
        fractions = dict(zip(self.batch.recipe.colorants, self.batch.recipe.mass_fractions.tolist(), strict=True))
        rows = tuple(self.paints.indices(own))
        floor = -_MOST_OUT * np.array([fractions[code] for code in own])
        model = MeasuredBatch(self.paints, self.batch, rows, taken_out=True)
        search = AdditionSearch(model, self.local, floor, np.inf, len(rows))
        amounts = search.free(np.arange(len(rows)))
        return {
            code: float(-amount * self.batch.mass_g)
            for code, amount in zip(own, amounts, strict=True)
            if -amount * self.batch.mass_g > self.how.smallest_g(self.batch.mass_g)
        }

    def leftover(self) -> Correction | None:
        """What makes a fresh batch of this one, however large, of the recipe's colorants and those allowed."""
        every = tuple(dict.fromkeys((*self.batch.recipe.colorants, *self.allowed, self.paints.base)))
        return self.least(self.search(tuple(self.paints.indices(every)), np.inf))
