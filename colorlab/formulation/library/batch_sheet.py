"""What is weighed: a recipe at a batch's mass and a balance's step, in order, with what each mass may miss."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb

import numpy as np

from colorlab.colorimetry.tristimulus import spectra_to_lab
from colorlab.colorimetry.viewing import D65_10, Viewing
from colorlab.difference.standard import delta_E
from colorlab.formulation.robustness.variation import Dosing
from spectra.arrays import FloatArray
from spectra.colorant import ColorantSet
from spectra.errors import FormulationError
from spectra.recipe import Recipe

# Ways to round that are all tried; with more, the largest remainders are rounded up.
_MOST_WAYS = 5000
_HALVINGS = 50
# A dilution that a shop keeps: parts of the colorant in a hundred. [1]
LETDOWNS = (0.1, 0.01)
# A mass of fewer steps than this is weighed to no better than 5 %.
_FEWEST_STEPS = 10


@dataclass(frozen=True, slots=True)
class BatchLine:
    """One thing to weigh.

    Attributes
    ----------
    code, name : str
        Of the colorant; of a premix its code and what it is.
    exact_g : float
        What the recipe asks for. [g]
    mass_g : float
        What is weighed, in steps of the balance. [g]
    running_total_g : float
        On the balance after it. [g]
    less_g, more_g : float
        How much less and more of it alone keeps the paint within the sheet's ΔE00; infinite where no mass takes it out.
        [g]
    """

    code: str
    name: str
    exact_g: float
    mass_g: float
    running_total_g: float
    less_g: float
    more_g: float


@dataclass(frozen=True, slots=True)
class Premix:
    """A dilution that makes a dose weighable.

    Attributes
    ----------
    code : str
        Of the colorant.
    into : str
        What it is let down in: the base, or the main part of the recipe.
    share : float
        Of the colorant in it. [1]
    mass_g : float
        To be weighed in the place of the colorant. [g]
    less_of_main_g : float
        By how much less of the main part is weighed then. [g]
    why : str
    """

    code: str
    into: str
    share: float
    mass_g: float
    less_of_main_g: float
    why: str

    def __str__(self) -> str:
        return (
            f"{self.why}; take {self.mass_g:g} g of a {100 * self.share:g} % letdown of {self.code} in {self.into} "
            f"and {self.less_of_main_g:g} g less {self.into}"
        )


@dataclass(frozen=True, slots=True)
class BatchSheet:
    """A recipe to be weighed.

    Attributes
    ----------
    recipe : str
    lines : tuple of BatchLine
        In the order of weighing: the base first, then the largest mass first.
    batch_g : float
        Sum of the masses. [g]
    dosing : Dosing
    rounding_delta_E_00 : float
        What rounding makes of the colour, at the worst angle.
    within_delta_E_00 : float
        That the tolerances of the masses keep.
    viewing : Viewing
        Of both.
    premixes : tuple of Premix
    """

    recipe: str
    lines: tuple[BatchLine, ...]
    batch_g: float
    dosing: Dosing
    rounding_delta_E_00: float
    within_delta_E_00: float
    viewing: Viewing
    premixes: tuple[Premix, ...]

    @property
    def decimals(self) -> int:
        """Digits behind the point that the balance shows."""
        step = self.dosing.balance_resolution_g
        if not step:
            return 3
        return next((digits for digits in range(7) if abs(round(step, digits) - step) < 1e-9 * step), 7)


def batch_sheet(
    colorant_set: ColorantSet,
    recipe: Recipe,
    dosing: Dosing,
    *,
    weighed: Mapping[str, Mapping[str, float]] | None = None,
    within: float = 0.1,
    viewing: Viewing = D65_10,
) -> BatchSheet:
    """The masses of a batch.

    Parameters
    ----------
    colorant_set : ColorantSet
    recipe : Recipe
        Of the set's colorants, or of components named in `weighed` beside them.
    dosing : Dosing
    weighed : mapping of str to mapping of str to float, optional
        Composition of what is no colorant: leftovers, blends; mass fractions of the set's colorants.
    within : float
        ΔE00 from the recipe as stated that a single mass may cost.
    viewing : Viewing

    Raises
    ------
    UnknownColorantError
        If the recipe holds what is neither in the set nor in `weighed`.
    FormulationError
        If the batch is less than a step of the balance, or the ΔE00 is not above 0.

    Notes
    -----
    The masses sum to the batch, rounded to the balance. Of all ways to round each mass to the step below or above with
    that sum, the one of the least ΔE00 is taken.
    """
    if not 0 < within < np.inf:
        raise FormulationError(f"a ΔE00 of {within!r} to be kept by each mass; expected a number above 0")
    paint = _Paint(colorant_set, recipe, weighed or {}, viewing)
    step = dosing.balance_resolution_g
    exact = recipe.mass_fractions * dosing.batch_g
    masses, off = (exact, 0.0) if step == 0 else _rounded(paint, exact, step)
    codes = recipe.colorants
    order = sorted(range(len(codes)), key=lambda row: (codes[row] != colorant_set.base, -exact[row], codes[row]))
    less, more = paint.margins(exact, within)
    lines, total = [], 0.0
    for row in order:
        total += float(masses[row])
        lines.append(
            BatchLine(
                codes[row],
                colorant_set[codes[row]].name if codes[row] in colorant_set.codes else codes[row],
                float(exact[row]),
                float(masses[row]),
                total,
                float(less[row]),
                float(more[row]),
            )
        )
    premixes = _premixes(codes, exact, np.minimum(less, more), step, main=order[0]) if step else ()
    return BatchSheet(recipe.name, tuple(lines), total, dosing, off, within, viewing, premixes)


class _Paint:
    """Colours of what is weighed, and how far they are from the recipe as stated."""

    def __init__(
        self, colorant_set: ColorantSet, recipe: Recipe, weighed: Mapping[str, Mapping[str, float]], viewing: Viewing
    ) -> None:
        self.colorant_set, self.viewing = colorant_set, viewing
        self.parts = np.zeros((len(recipe.colorants), len(colorant_set.codes)))
        for row, code in zip(self.parts, recipe.colorants, strict=True):
            made_of = weighed.get(code, {code: 1.0})
            row[colorant_set.indices(tuple(made_of))] = list(made_of.values())
        self.stated = self.lab(recipe.mass_fractions[None])[0]

    def lab(self, masses: FloatArray) -> FloatArray:
        """CIELAB (n, n_angles, 3) of masses (n, n_weighed)."""
        shares = masses / masses.sum(axis=1, keepdims=True) @ self.parts
        return spectra_to_lab(self.colorant_set.reflectance_factor(shares), self.colorant_set.grid, self.viewing)

    def off(self, masses: FloatArray) -> FloatArray:
        """ΔE00 from the recipe as stated at the worst angle, shape (n,)."""
        difference: FloatArray = delta_E(self.stated, self.lab(masses)).max(axis=1)
        return difference

    def margins(self, exact: FloatArray, within: float) -> tuple[FloatArray, FloatArray]:
        """By how much less and more of each mass alone ΔE00 reaches a limit, shape (n_weighed,) each."""
        count = len(exact)
        if count == 1:
            return np.full(1, np.inf), np.full(1, np.inf)
        found = []
        for sign, farthest in ((-1.0, exact * (1 - 1e-9)), (1.0, np.full(count, 1e3 * exact.sum()))):
            place = np.arange(count)
            inside, outside = np.zeros(count), farthest.copy()
            never = self._off_by(exact, sign * farthest) <= within
            for _ in range(_HALVINGS):
                middle = (inside + outside) / 2
                keeps = self._off_by(exact, sign * middle) <= within
                inside, outside = np.where(keeps, middle, inside), np.where(keeps, outside, middle)
            found.append(np.where(never, np.inf, inside)[place])
        return found[0], found[1]

    def _off_by(self, exact: FloatArray, change: FloatArray) -> FloatArray:
        return self.off(exact + np.diag(change))


def _rounded(paint: _Paint, exact: FloatArray, step: float) -> tuple[FloatArray, float]:
    """Masses in whole steps whose sum is the rounded batch, of the least ΔE00, and that ΔE00."""
    steps = exact / step
    total = round(float(steps.sum()))
    if total < 1:
        raise FormulationError(f"a batch of {exact.sum():g} g is less than one step of the balance, {step:g} g")
    # A dose that is a whole number of steps but for rounding stays it.
    below = np.floor(steps + 1e-9)
    missing = int(total - below.sum())
    if not 0 <= missing <= len(exact):
        below[int(steps.argmax())] += missing
        missing = 0
    if comb(len(exact), missing) <= _MOST_WAYS:
        ways = [list(rows) for rows in combinations(range(len(exact)), missing)]
    else:
        ways = [np.argsort(below - steps, kind="stable")[:missing].tolist()]
    tried = np.repeat(below[None], len(ways), axis=0)
    for row, up in zip(tried, ways, strict=True):
        row[up] += 1
    off = paint.off(tried * step)
    best = int(off.argmin())
    return np.round(tried[best]) * step, float(off[best])


def _premixes(
    codes: Sequence[str], exact: FloatArray, margin: FloatArray, step: float, main: int
) -> tuple[Premix, ...]:
    """Letdowns for doses that the balance cannot weigh well enough."""
    found, room = [], float(exact[main])
    for row, code in enumerate(codes):
        too_small = exact[row] < step
        if row == main or not (too_small or step / 2 > margin[row]):
            continue
        why = f"{code}: half a step of the balance, {step / 2:g} g, is more than the {margin[row]:.3g} g it may miss"
        if too_small:
            why = f"{code}: {exact[row]:.3g} g is less than the balance's step of {step:g} g"
        made = _letdown(code, codes[main], float(exact[row]), float(margin[row]), step, room, why)
        if made is not None:
            found.append(made)
            room -= made.less_of_main_g
        elif too_small:
            # The smallest dose of all: it may want more than this one.
            least = exact.sum() * _FEWEST_STEPS * step / exact.min()
            raise FormulationError(f"{why}, and there is no room for a letdown; weigh a batch of {least:.3g} g or more")
    return tuple(found)


def _letdown(
    code: str, into: str, mass_g: float, margin_g: float, step: float, room_g: float, why: str
) -> Premix | None:
    """The strongest letdown that can be weighed well enough, or the weakest that can be weighed at all."""
    weighable = [
        share for share in LETDOWNS if mass_g / share * (1 - share) <= room_g and mass_g / share >= _FEWEST_STEPS * step
    ]
    if not weighable:
        return None
    share = max((one for one in weighable if step / 2 <= margin_g / one), default=min(weighable))
    rounded = round(mass_g / share / step) * step
    less = round(rounded * (1 - share) / step) * step
    return Premix(code, into, share, rounded, less, why)
