"""Which additions bring a batch home: every small choice of colorants solved, the mass of the additions priced."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from math import comb

import numpy as np

from colorlab.formulation.correction.tank import MeasuredBatch
from colorlab.formulation.search.objective import LocalObjective, cube_root
from spectra.arrays import FloatArray
from spectra.errors import FormulationError

# What one unit of added mass per mass of the batch costs, in squared ΔE00: 1 % more paint weighs like ΔE² = 0.002.
MASS_WEIGHT = 0.2
# The same when only the colour counts: enough to choose the lighter of two additions that do the same.
LEAST_MASS_WEIGHT = 1e-5
_STEPS = 25
_REFINED = 300  # choices of colorants refined with the exact model
_SCREENED = 200_000
_FIRST_DAMPING = 1e-3
_FARTHEST = 1e3  # mass of an addition over that of the batch
_BISECTIONS = 24
_HIGHEST_PRICE = 1e7
_SETTLED = 1e-6  # relative change of every amount below which no further step is taken


@dataclass(frozen=True, slots=True, eq=False)
class Additions:
    """Several choices of additions.

    Attributes
    ----------
    amounts : ndarray, shape (n, n_rows)
        Mass of each colorant that may be added, over the mass of the batch; zero, or at least its least. [1]
    colour : ndarray, shape (n,)
        Squared objective of the colour alone, CIEDE2000 by its local metric.
    """

    amounts: FloatArray
    colour: FloatArray

    @property
    def mass(self) -> FloatArray:
        """Added mass over the mass of the batch, shape (n,)."""
        total: FloatArray = self.amounts.sum(axis=1)
        return total


class AdditionSearch:
    """All choices of at most so many colorants to add.

    Parameters
    ----------
    model : MeasuredBatch
    objective : LocalObjective
    least : ndarray, shape (n_rows,)
        Smallest amount of each that can be dosed, over the mass of the batch. [1]
    room : float
        Most that may be added in all, over the mass of the batch. [1]
    max_colorants : int
        Greatest number of colorants added.

    Raises
    ------
    FormulationError
        If there are too many choices to try them all.

    Notes
    -----
    For a given price of mass every choice is solved by projected Levenberg–Marquardt steps on the exact model, its
    doses at their bounds or between (see `colorlab.formulation.search.refine`). A limited tank is a higher price of
    mass: the price is raised until the additions fit. Where there are many choices they are first solved linearised at
    the batch as it is, and only the best go on.
    """

    def __init__(
        self, model: MeasuredBatch, objective: LocalObjective, least: FloatArray, room: float, max_colorants: int
    ) -> None:
        self.model, self.objective = model, objective
        self.least, self.room = np.asarray(least, dtype=np.float64), min(room, _FARTHEST)
        self.sizes = range(1, min(max_colorants, len(model.rows)) + 1)
        count = sum(comb(len(model.rows), size) for size in self.sizes)
        if count > _SCREENED:
            raise FormulationError(
                f"{count} ways to add up to {max_colorants} of {len(model.rows)} colorants; allow fewer colorants"
            )
        self.tried = count
        self._supports = list(self._screened(count))
        # Where the last price left each choice: the next price starts there.
        self._last = [self.least[support] for support in self._supports]
        self._full: dict[int, tuple[FloatArray, FloatArray]] = {}

    def solve(self, mass_weight: float) -> Additions:
        """The best of every choice at one price of mass, best first; adding nothing is one of them."""
        found = [self._nothing()]
        for place, support in enumerate(self._supports):
            amounts = self._fitted(place, mass_weight)
            full = np.zeros((len(support), len(self.model.rows)))
            np.put_along_axis(full, support, amounts, axis=1)
            full = full[full.sum(axis=1) <= self.room * (1 + 1e-9)]
            found.append(Additions(full, self.colour(full)))
        amounts = np.concatenate([one.amounts for one in found])
        colour = np.concatenate([one.colour for one in found])
        order = np.argsort(colour + mass_weight * amounts.sum(axis=1), kind="stable")
        return Additions(amounts[order], colour[order])

    def front(self, mass_weights: FloatArray) -> Additions:
        """Additions of which none is beaten in both colour and mass, over several prices of mass; lightest first."""
        every = [self.solve(float(weight)) for weight in mass_weights]
        amounts = np.concatenate([one.amounts for one in every])
        colour = np.concatenate([one.colour for one in every])
        order = np.lexsort((colour, amounts.sum(axis=1)))
        best = np.minimum.accumulate(colour[order])
        kept = order[np.concatenate([[True], colour[order][1:] < best[:-1] - 1e-9])]
        return Additions(amounts[kept], colour[kept])

    def free(self, support: np.ndarray) -> FloatArray:
        """The best colour of one choice, its amounts down to the least, which may be below zero; shape (size,)."""
        start = np.maximum(self.least[support], 0.0)[None]
        amounts: FloatArray = self._descend(support[None], start, np.zeros(1))[0]
        return amounts

    def colour(self, amounts: FloatArray) -> FloatArray:
        """Squared objective of the colour of additions, shape (n,)."""
        return self._value(self.model.reflectance_factor(amounts).reshape(len(amounts), -1))

    def _nothing(self) -> Additions:
        none = np.zeros((1, len(self.model.rows)))
        return Additions(none, self.colour(none))

    def _value(self, spectra: FloatArray) -> FloatArray:
        rest, miss = self.objective.residuals(spectra), spectra - self.objective.target
        value: FloatArray = np.sum(rest * rest, axis=-1) + self.objective.spectral * np.sum(miss * miss, axis=-1)
        return value

    def _screened(self, count: int) -> Iterator[np.ndarray]:
        choices = [
            np.array(list(combinations(range(len(self.model.rows)), size)), dtype=np.intp) for size in self.sizes
        ]
        if count <= _REFINED:
            yield from choices
            return
        _, gradient, hessian = self._evaluate(
            np.arange(len(self.model.rows))[None], np.zeros((1, len(self.model.rows)))
        )
        g, H = gradient[0] + LEAST_MASS_WEIGHT / 2, hessian[0] + 1e-9 * np.trace(hessian[0]) * np.eye(len(hessian[0]))
        gains = []
        for support in choices:
            own = g[support]
            x = -np.linalg.solve(H[support[:, :, None], support[:, None, :]], own[:, :, None])[:, :, 0]
            # Where an amount is not positive, the same choice without that colorant does as well and is in the list.
            gains.append(np.where((x > 0).all(axis=1), -np.sum(own * x, axis=1), -np.inf))
        limit = np.sort(np.concatenate(gains))[-_REFINED]
        for support, gain in zip(choices, gains, strict=True):
            if (kept := (gain >= limit) & np.isfinite(gain)).any():
                yield support[kept]

    def _fitted(self, place: int, mass_weight: float) -> FloatArray:
        support = self._supports[place]
        amounts = self._descend(support, self._last[place], np.full(len(support), mass_weight))
        self._last[place] = amounts
        if not (amounts.sum(axis=1) > self.room).any():
            return amounts
        if place not in self._full:
            self._full[place] = self._filled(support)
        price, filled = self._full[place]
        result: FloatArray = np.where((mass_weight < price)[:, None], filled, amounts)
        return result

    def _filled(self, support: np.ndarray) -> tuple[FloatArray, FloatArray]:
        """The price of mass from which on each choice fits, and its amounts there; infinite where it never does."""
        low, high = np.full(len(support), np.log(LEAST_MASS_WEIGHT)), np.full(len(support), np.log(_HIGHEST_PRICE))
        smallest = self.least[support]
        filled = np.where(smallest.sum(axis=1, keepdims=True) <= self.room, smallest, np.inf)
        start = smallest
        for _ in range(_BISECTIONS):
            middle = (low + high) / 2
            start = self._descend(support, start, np.exp(middle))
            fits = start.sum(axis=1) <= self.room
            filled = np.where(fits[:, None], start, filled)
            low, high = np.where(fits, low, middle), np.where(fits, middle, high)
        return np.exp(high), filled

    def _descend(self, support: np.ndarray, start: FloatArray, weight: FloatArray) -> FloatArray:
        """Projected Levenberg–Marquardt steps from a start, one price of mass a row, shape (n, size)."""
        x, moving = start.copy(), np.arange(len(start))
        value, gradient, hessian = self._evaluate(support, x)
        cost = value + weight * x.sum(axis=1)
        damping, diagonal = np.full(len(x), _FIRST_DAMPING), np.arange(x.shape[1])
        for _ in range(_STEPS):
            own, low = x[moving], self.least[support[moving]]
            slope = gradient + weight[moving, None] / 2
            held = (own <= low) & (slope > 0)
            H = np.where(held[:, :, None] | held[:, None, :], 0.0, hessian)
            H[:, diagonal, diagonal] *= 1 + damping[:, None]
            floor = 1e-12 * np.trace(hessian, axis1=1, axis2=2)[:, None] + 1e-300
            H[:, diagonal, diagonal] = np.where(held, 1.0, H[:, diagonal, diagonal] + floor)
            move = -np.linalg.solve(H, np.where(held, 0.0, slope)[:, :, None])[:, :, 0]
            trial = np.clip(own + move, low, _FARTHEST)
            value, new_gradient, new_hessian = self._evaluate(support[moving], trial)
            new_cost = value + weight[moving] * trial.sum(axis=1)
            better = new_cost < cost
            going = (np.abs(trial - own) > _SETTLED * (1e-3 + np.abs(own))).any(axis=1)
            x[moving] = np.where(better[:, None], trial, own)
            cost = np.where(better, new_cost, cost)[going]
            gradient = np.where(better[:, None], new_gradient, gradient)[going]
            hessian = np.where(better[:, None, None], new_hessian, hessian)[going]
            damping = np.where(better, damping * 0.1, np.maximum(damping * 10, _FIRST_DAMPING))[going]
            moving = moving[going]
            if not moving.size:
                break
        return x

    def _evaluate(self, support: np.ndarray, amounts: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Squared objective of the colour, half its gradient and half its Gauss–Newton matrix by the amounts."""
        full = np.zeros((len(support), len(self.model.rows)))
        np.put_along_axis(full, support, amounts, axis=1)
        spectra, slopes = self.model.reflectance_and_slope(full)
        own = np.take_along_axis(slopes, support[:, :, None, None], axis=1)
        R, by_amount = spectra.reshape(len(full), -1), own.reshape(*support.shape, -1)
        objective = self.objective
        f, slope = cube_root(R @ objective.tristimulus)
        r, miss = (f - objective.f_target) @ objective.root.T, R - objective.target
        J = ((by_amount @ objective.tristimulus) * slope[:, None]) @ objective.root.T
        value = np.sum(r * r, axis=1) + objective.spectral * np.sum(miss * miss, axis=1)
        gradient = (J @ r[:, :, None])[:, :, 0] + objective.spectral * (by_amount @ miss[:, :, None])[:, :, 0]
        hessian = J @ np.swapaxes(J, 1, 2) + objective.spectral * (by_amount @ np.swapaxes(by_amount, 1, 2))
        return value, gradient, hessian
