"""Learned ellipsoid against formula on judgements neither has seen, at the same share of rejections."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from colorlab.tolerance.learning.psychometric import (
    IntArray,
    Judgements,
    Psychometric,
    fit_psychometric,
    log_loss,
)
from spectra.arrays import FloatArray
from spectra.errors import ToleranceError

# Semi-axes within 5, 15, 30 %, a factor of 1.8 and of 2.7 of the formula's shape, one standard deviation. A weaker
# belief is left out: no measured ellipsoid lies so far off, and few judgements would choose it by chance.
STRENGTHS = tuple(round(1 / sd**2, 3) for sd in (0.05, 0.15, 0.3, 0.6, 1.0))
LEAST_PAIRS = 10
_RESAMPLES = 2000


@dataclass(frozen=True, slots=True)
class FormulaOrEllipsoid:
    """Which of the two decides better on pairs it has not seen.

    Attributes
    ----------
    formula_wrong, ellipsoid_wrong : float
        Share of judgements that the decision contradicts; an undecided one counts half. [1]
    wrong_interval : tuple of two float
        95 % of ellipsoid minus formula, pairs drawn again. [1]
    formula_log_loss, ellipsoid_log_loss : float
        Of a judgement. [nat]
    log_loss_interval : tuple of two float
        95 % of ellipsoid minus formula. [nat]
    reject_rate : float
        Share of judgements whose pair the ellipsoid rejects; the formula's limit is set to reject as many. [1]
    formula_limit : float
        That limit on all judgements. [unit of the formula]
    better : bool
        Whether the ellipsoid is better beyond chance: its log loss is less throughout the interval, and it does not
        decide wrongly more often.
    pairs_needed : int or None
        About how many pairs would show a gain in log loss as large as this one in four cases of five; None where it is
        shown already, or there is no gain.
    """

    formula_wrong: float
    ellipsoid_wrong: float
    wrong_interval: tuple[float, float]
    formula_log_loss: float
    ellipsoid_log_loss: float
    log_loss_interval: tuple[float, float]
    reject_rate: float
    formula_limit: float
    better: bool
    pairs_needed: int | None

    def as_dict(self) -> dict[str, Any]:
        """Plain types."""
        return {
            "formula_wrong": self.formula_wrong,
            "ellipsoid_wrong": self.ellipsoid_wrong,
            "wrong_interval_95": list(self.wrong_interval),
            "formula_log_loss": self.formula_log_loss,
            "ellipsoid_log_loss": self.ellipsoid_log_loss,
            "log_loss_interval_95": list(self.log_loss_interval),
            "reject_rate": self.reject_rate,
            "formula_limit": self.formula_limit,
            "better": self.better,
            "pairs_needed": self.pairs_needed,
        }


def grouped_folds(pairs: IntArray, n_folds: int, seed: int) -> list[tuple[IntArray, IntArray]]:
    """Rows to learn from and rows to judge by, all judgements of one pair on one side."""
    names = np.random.default_rng(seed).permutation(np.unique(pairs))
    parts = [np.isin(pairs, part) for part in np.array_split(names, n_folds)]
    return [(np.flatnonzero(~part), np.flatnonzero(part)) for part in parts]


def choose_strength(
    judgements: Judgements,
    prior_metric: FloatArray,
    *,
    strengths: Sequence[float] = STRENGTHS,
    n_folds: int = 5,
    seed: int = 0,
) -> float:
    """How strongly the shape is held to the formula's, by the log loss of pairs left out.

    Parameters
    ----------
    judgements : Judgements
    prior_metric : ndarray, shape (p, p)
    strengths : sequence of float
        1/variance of the ln of a semi-axis, strongest first. [1]
    n_folds, seed : int
    """
    folds = grouped_folds(judgements.pairs, min(n_folds, len(np.unique(judgements.pairs))), seed)
    losses = np.zeros(len(strengths))
    for learn, left_out in folds:
        if not _two_kinds(judgements, learn):
            continue
        test = judgements.rows(left_out)
        for place, strength in enumerate(strengths):
            fit = fit_psychometric(judgements.rows(learn), prior_metric, strength)
            losses[place] += test.weights @ log_loss(fit.probability(test.differences, test.observers), test.accepted)
    # The first of equal ones is the strongest: without evidence the formula's shape stays.
    return float(strengths[int(np.argmin(losses))])


def against_formula(
    judgements: Judgements,
    delta_E: FloatArray,
    prior_metric: FloatArray,
    *,
    strengths: Sequence[float] = STRENGTHS,
    n_folds: int = 5,
    seed: int = 0,
) -> FormulaOrEllipsoid:
    """Compare the ellipsoid with a formula on pairs left out.

    In each fold the ellipsoid, its prior strength and the formula's own psychometric function (the same model in one
    coordinate, ΔE) are learned from the other folds. The ellipsoid rejects beyond its 50 % surface; the formula's limit
    is the one that rejects the same share of the judgements learned from.

    Parameters
    ----------
    judgements : Judgements
    delta_E : ndarray, shape (n,)
        What the formula says of each. [unit of the formula]
    prior_metric : ndarray, shape (p, p)
    strengths : sequence of float
        See `choose_strength`.
    n_folds, seed : int

    Raises
    ------
    ToleranceError
        If there are fewer than `LEAST_PAIRS` pairs, or all but one fold hold one kind of judgement only.
    """
    n_pairs = len(np.unique(judgements.pairs))
    if n_pairs < LEAST_PAIRS:
        raise ToleranceError(f"{n_pairs} pairs are too few to compare by pairs left out; {LEAST_PAIRS} are the least")
    in_one = Judgements(
        delta_E[:, None], judgements.accepted, judgements.observers, judgements.pairs, judgements.weights
    )
    n = len(delta_E)
    losses, wrongs, rejects = np.zeros((2, n)), np.zeros((2, n)), np.zeros(n)
    for learn, left_out in grouped_folds(judgements.pairs, n_folds, seed):
        if not _two_kinds(judgements, learn):
            raise ToleranceError("one kind of judgement stands on too few pairs to leave some of them out")
        known, unknown = judgements.rows(learn), judgements.rows(left_out)
        strength = choose_strength(known, prior_metric, strengths=strengths, n_folds=4, seed=seed)
        ellipsoid = fit_psychometric(known, prior_metric, strength)
        formula = fit_psychometric(in_one.rows(learn), np.eye(1), 1.0)
        limit = limit_at_same_rejections(ellipsoid, known, delta_E[learn])
        refused = np.stack([delta_E[left_out] > limit, _beyond(ellipsoid, unknown.differences)])
        chances = np.stack(
            [
                formula.probability(delta_E[left_out][:, None], unknown.observers),
                ellipsoid.probability(unknown.differences, unknown.observers),
            ]
        )
        losses[:, left_out] = log_loss(chances, unknown.accepted)
        wrongs[:, left_out] = np.where(refused, unknown.accepted, 1 - unknown.accepted)
        rejects[left_out] = refused[1]
    weights = judgements.weights / judgements.weights.sum()
    wrong, loss = wrongs @ weights, losses @ weights
    apart_wrong = _interval(wrongs[1] - wrongs[0], judgements, seed)
    apart_loss = _interval(losses[1] - losses[0], judgements, seed)
    better = apart_loss[1] < 0 and wrong[1] <= wrong[0]
    gain = float(loss[0] - loss[1])
    # Half the interval is 1.96 standard errors at this number of pairs; 1.96 + 0.84 of them show it four times in five.
    error = (apart_loss[1] - apart_loss[0]) / (2 * 1.96)
    needed = None if better or gain <= 0 else int(np.ceil(n_pairs * ((1.96 + 0.84) * error / gain) ** 2))
    whole = fit_psychometric(
        judgements, prior_metric, choose_strength(judgements, prior_metric, strengths=strengths, seed=seed)
    )
    return FormulaOrEllipsoid(
        formula_wrong=float(wrong[0]),
        ellipsoid_wrong=float(wrong[1]),
        wrong_interval=apart_wrong,
        formula_log_loss=float(loss[0]),
        ellipsoid_log_loss=float(loss[1]),
        log_loss_interval=apart_loss,
        reject_rate=float(rejects @ weights),
        formula_limit=limit_at_same_rejections(whole, judgements, delta_E),
        better=bool(better),
        pairs_needed=needed,
    )


def limit_at_same_rejections(ellipsoid: Psychometric, judgements: Judgements, delta_E: FloatArray) -> float:
    """The formula's limit that rejects the share of judgements which the ellipsoid rejects. [unit of the formula]"""
    accepted = float(judgements.weights @ ~_beyond(ellipsoid, judgements.differences)) / judgements.weights.sum()
    if accepted == 0:
        return float(delta_E.min() / 2)
    order = np.argsort(delta_E)
    share = np.cumsum(judgements.weights[order]) / judgements.weights.sum()
    place = int(np.searchsorted(share, accepted - 1e-12))
    here = delta_E[order[min(place, len(order) - 1)]]
    # Halfway to the next larger one: repeats of one pair share their ΔE and fall on one side together.
    larger = delta_E[delta_E > here]
    return float((here + larger.min()) / 2 if len(larger) else here)


def _beyond(ellipsoid: Psychometric, differences: FloatArray) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    outside: np.ndarray[tuple[int, ...], np.dtype[np.bool_]] = (
        np.einsum("ij,jk,ik->i", differences, ellipsoid.matrix, differences) > 1
    )
    return outside


def _two_kinds(judgements: Judgements, rows: IntArray) -> bool:
    votes = judgements.weights[rows] @ judgements.accepted[rows]
    return bool(0 < votes < judgements.weights[rows].sum())


def _interval(apart: FloatArray, judgements: Judgements, seed: int) -> tuple[float, float]:
    """95 % of a weighted mean, whole pairs drawn again."""
    _, pair = np.unique(judgements.pairs, return_inverse=True)
    sums = np.bincount(pair, judgements.weights * apart)
    sizes = np.bincount(pair, judgements.weights)
    drawn = np.random.default_rng(seed).integers(0, len(sums), (_RESAMPLES, len(sums)))
    low, high = np.quantile(sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1), (0.025, 0.975))
    return float(low), float(high)
