"""Recipes that the measurement and the model cannot tell apart are equal, whatever the third decimal says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from colorlab.formulation.prediction.covariance import coefficient_slopes, model_covariance
from colorlab.formulation.prediction.predict import mass_fractions
from colorlab.formulation.search.objective import Objective, deviation
from colorlab.formulation.target import Target
from colorlab.uncertainty.noise import DECLARED_DEFAULT, smooth_correlation
from colorlab.uncertainty.propagation import symmetric_root
from spectra.arrays import FloatArray
from spectra.colorant import ColorantSet
from spectra.errors import FormulationError
from spectra.recipe import Recipe

DRAWS = 400
# A recipe ties with the first of its group when it is at least as good in this share of the draws. [1]
RISK = 0.05
# And when its objective is nearer than this: the third decimal is nobody's to see. [ΔE]
RESOLUTION = 0.01
RULE = "within a place: P(inside) to the percent, then fewer colorants, then price to 1 %"
# Draws whose spectra are held at once. [reflectance factors]
_BLOCK = 2_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Ties:
    """Groups of equal recipes, best group first.

    Attributes
    ----------
    groups : tuple of tuple of int
        Rows of the candidates. The objective decides between groups, the rule within one.
    p_as_good : ndarray, shape (n_candidates,)
        How often each is at least as good as the one of the best objective. [1]
    rule : str
        Of the order within a group.
    """

    groups: tuple[tuple[int, ...], ...]
    p_as_good: FloatArray
    rule: str

    @property
    def order(self) -> tuple[int, ...]:
        """All rows, best first."""
        return tuple(row for group in self.groups for row in group)


def ties(
    target: Target,
    colorant_set: ColorantSet,
    recipes: Sequence[Recipe],
    objective: Objective,
    *,
    p_inside: ArrayLike | None = None,
    prices: ArrayLike | None = None,
    prediction: bool = False,
    strength: FloatArray | None = None,
    risk: float = RISK,
    seed: int = 0,
    draws: int = DRAWS,
) -> Ties:
    """Which recipes the reading of the target and the model cannot tell apart.

    Parameters
    ----------
    target : Target
        One without a covariance is taken as a single reading of the declared default repeatability.
    colorant_set : ColorantSet
    recipes : sequence of Recipe
    objective : Objective
    p_inside, prices : array_like, shape (n_recipes,), optional
        For the order within a tie; NaN where not known.
    prediction : bool
        Whether the model's errors count beside the target's: without them recipes are equal that the reading alone
        cannot tell apart, with them also those of which nobody knows before the spray-out which will be nearer.
    strength : ndarray, shape (n_colorants, n_colorants), optional
        Covariance of ln strength of the lots.
    risk : float
        [0–0.5]
    seed, draws : int

    Raises
    ------
    FormulationError
        If the risk is not between 0 and 0.5.

    Notes
    -----
    Every draw moves the target by an error of its reading, and all recipes by errors they share: a colorant that
    absorbs more than its ladder said does so in each recipe that holds it. What recipes have in common therefore does
    not part them. Errors of the model itself are shared as far as the same colorants colour two recipes. Recipes whose
    objectives differ by less than `RESOLUTION` tie in any case.
    """
    if not 0 < risk < 0.5:
        raise FormulationError(f"a risk of {risk!r}; expected a number between 0 and 0.5")
    fractions = mass_fractions(colorant_set, recipes)
    spectra = colorant_set.reflectance_factor(fractions)
    rng = np.random.default_rng(seed)
    values = np.empty((draws, len(recipes)))
    errors = _Errors(colorant_set, fractions, prediction, strength)
    reading = symmetric_root(_of_reading(target))
    step = max(1, _BLOCK // max(spectra.size, 1))
    for start in range(0, draws, step):
        count = min(step, draws - start)
        unit = rng.standard_normal((count, *target.reflectance_factor.shape))
        off = (reading @ unit[..., None])[..., 0]
        moved = spectra + errors.draw(rng, count) - off[:, None]
        flat = moved.reshape(-1, *spectra.shape[1:])
        values[start : start + count] = deviation(target, flat, objective).value.reshape(count, -1)
    own = deviation(target, spectra, objective).value
    return tied(own, values, risk, p_inside=p_inside, prices=prices, sizes=[len(one.colorants) for one in recipes])


def tied(
    objectives: ArrayLike,
    drawn: FloatArray,
    risk: float,
    *,
    p_inside: ArrayLike | None = None,
    prices: ArrayLike | None = None,
    sizes: Sequence[int] = (),
) -> Ties:
    """Groups from objectives and joint draws of them.

    Parameters
    ----------
    objectives : array_like, shape (n_candidates,)
    drawn : ndarray, shape (draws, n_candidates)
        All candidates of one draw under the same errors.
    risk : float
    p_inside, prices : array_like, shape (n_candidates,), optional
    sizes : sequence of int
        Number of colorants.
    """
    own = np.asarray(objectives, dtype=np.float64)
    n = own.size
    inside, price = (
        np.full(n, np.nan) if one is None else np.asarray(one, dtype=np.float64) for one in (p_inside, prices)
    )
    cheapest = np.nanmin(price) if np.isfinite(price).any() else 1.0
    percent = np.where(np.isnan(inside), np.inf, -np.round(100 * np.nan_to_num(inside)))
    steps = np.where(np.isnan(price), np.inf, np.round(100 * np.nan_to_num(price) / max(cheapest, 1e-12)))
    few = np.array(sizes if len(sizes) else [0] * n)
    left = np.argsort(own, kind="stable").tolist()
    groups = []
    while left:
        leader = left[0]
        as_good = (drawn[:, left] <= drawn[:, [leader]]).mean(axis=0)
        group = [
            row for row, share in zip(left, as_good, strict=True) if share > risk or own[row] - own[leader] < RESOLUTION
        ]
        left = [row for row in left if row not in group]
        groups.append(tuple(sorted(group, key=lambda row: (percent[row], few[row], steps[row], own[row]))))
    best = int(own.argmin()) if n else 0
    share = (drawn <= drawn[:, [best]]).mean(axis=0) if n else np.zeros(0)
    return Ties(tuple(groups), share, RULE)


def _of_reading(target: Target) -> FloatArray:
    """Covariance of the target's reflectance factor, shape (n_angles, n_wavelengths, n_wavelengths)."""
    if target.covariance is not None:
        return target.covariance
    noise = DECLARED_DEFAULT
    sd = np.hypot(noise.relative * target.reflectance_factor, noise.absolute)
    together = smooth_correlation(target.grid, noise.correlation_length_nm)
    covariance: FloatArray = sd[:, :, None] * sd[:, None, :] * together
    return covariance


class _Errors:
    """What the model may say wrongly of recipes, drawn for all of them together."""

    def __init__(
        self, colorant_set: ColorantSet, fractions: FloatArray, prediction: bool, strength: FloatArray | None
    ) -> None:
        self.shape = (len(fractions), colorant_set.geometry.n_angles, colorant_set.grid.count)
        by_K, by_S = coefficient_slopes(colorant_set, fractions)
        by_strength = by_K + by_S
        self.lots = None
        if strength is not None:
            self.lots = np.einsum("ncaw,cj->njaw", by_strength, symmetric_root(strength))
        self.ladders: list[FloatArray] = []
        self.own: FloatArray | None = None
        error = colorant_set.model_error
        if not prediction or error is None:
            return
        self.smooth = symmetric_root(error.correlation(colorant_set.grid))
        for row, colorant in enumerate(colorant_set.colorants):
            if colorant.log_covariance is not None and fractions[:, row].any():
                roots = np.broadcast_to(symmetric_root(colorant.log_covariance), (*self.shape[1:], 2, 2))
                self.ladders += [
                    by_K[:, row] * roots[..., 0, place] + by_S[:, row] * roots[..., 1, place] for place in range(2)
                ]
        variance = np.diagonal(model_covariance(colorant_set, fractions), axis1=-2, axis2=-1).reshape(self.shape)
        # By which colorants a recipe has its colour: recipes of the same ones are predicted wrongly alike.
        seen = np.sqrt(np.mean(by_strength**2, axis=(2, 3)))
        alike = seen / np.maximum(np.linalg.norm(seen, axis=1, keepdims=True), 1e-300)
        self.own = alike.T[:, :, None, None] * np.sqrt(variance)

    def draw(self, rng: np.random.Generator, count: int) -> FloatArray:
        """Errors of the reflectance factor, shape (count, n_recipes, n_angles, n_wavelengths)."""
        total = np.zeros((count, *self.shape))
        if self.lots is not None:
            total += np.tensordot(rng.standard_normal((count, self.lots.shape[1])), self.lots, axes=(1, 1))
        for part in (*self.ladders, *(() if self.own is None else self.own)):
            smooth = rng.standard_normal((count, *self.shape[1:])) @ self.smooth.T
            total += part * smooth[:, None]
        return total
