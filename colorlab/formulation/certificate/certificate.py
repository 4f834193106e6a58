"""The certificate of a search: how many combinations were ruled out, how, and to what tolerance."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np
from numpy.typing import NDArray

from colorlab.formulation.certificate.branching import Audit, BetterRecipe, audit
from colorlab.formulation.certificate.paint import paint_of
from colorlab.formulation.search.combinations import combinations_of
from colorlab.formulation.search.objective import LocalObjective
from colorlab.formulation.search.palette import Palette
from spectra.arrays import FloatArray
from spectra.errors import FormulationError

Spread = Callable[[Callable[[NDArray[np.intp]], Audit], Sequence[NDArray[np.intp]]], Iterable[Audit]]

HIDING = "an audit of an objective with hiding: not proved; audit the match without its film build"
# Below it rounding could leave boxes that are neither ruled out nor better. [ΔE]
LEAST_TOLERANCE = 1e-4
# So many required components are named.
_NAMED = 3
# Combinations audited as one piece of work.
_PIECE = 2048


@dataclass(frozen=True, slots=True, eq=False)
class Certificate:
    """What was proved of the best recipes of a search, in the local metric of its objective.

    Attributes
    ----------
    combinations : int
        Every combination allowed.
    certified : int
        Combinations of which no recipe is better than said by more than the tolerance.
    nodes : int
        Boxes of recipes looked at.
    tolerance : float
        [ΔE]
    n_colorants, max_colorants : int
        Components to choose from, required ones with them; greatest number chosen besides the required ones.
    n_best : int
        Recipes listed, whose combinations are exempt from `bound`.
    value : float
        Objective of the last recipe listed. [ΔE]
    bound : float
        No recipe of a certified combination that is not listed is below. [ΔE]
    better : tuple of BetterRecipe
        What refutes the list, best first: recipes of combinations not listed below `value` − `tolerance`, or of a
        listed combination below its own value by more than that. Empty when the list stands.
    required : tuple of str
        Components of every recipe.
    formula : str
        Of the objective; empty where it is not known. `value` and `bound` are by its local metric at the target.
    formula_value : float or None
        Objective of the recipe shown by the formula itself. [ΔE]
    """

    combinations: int
    certified: int
    nodes: int
    tolerance: float
    n_colorants: int
    max_colorants: int
    n_best: int
    value: float
    bound: float
    better: tuple[BetterRecipe, ...] = field(default=())
    required: tuple[str, ...] = ()
    formula: str = ""
    formula_value: float | None = None

    @property
    def complete(self) -> bool:
        """Every combination was certified."""
        return self.certified == self.combinations

    @property
    def holds(self) -> bool:
        """Proved: everything was certified and nothing better was found."""
        return self.complete and not self.better

    def sentence(self) -> str:
        """What was proved, in words."""
        metric = f"the local metric of {self.formula}" if self.formula else "the local metric of the formula"
        counted = (
            f"ΔE by {metric} at the target with all terms of the objective; "
            f"{_grouped(self.combinations)} combinations, {_grouped(self.nodes)} nodes, tolerance {self.tolerance:g}"
        )
        n_optional = self.n_colorants - len(self.required)
        choice = f"up to {self.max_colorants} of these {n_optional} colorants within the constraints"
        if self.required:
            always = ", ".join(self.required) if len(self.required) <= _NAMED else f"all {len(self.required)} required"
            choice = f"{always} and {choice}" if self.max_colorants else f"{always} within the constraints"
        itself = "" if self.formula_value is None else f", by {self.formula} itself {self.formula_value:.3f}"
        share = 100 * self.certified / max(self.combinations, 1)
        part = "" if self.complete else f"; certified {_floor(share)} % of them, nothing is said of the others"
        if self.better:
            best = self.better[0].value
            return (
                f"Not the best: a recipe of {choice} with ΔE {best:.3f} was found, against {self.value:.3f}"
                f"{itself} ({counted}{part})."
            )
        whose = "than the one shown" if self.n_best == 1 else f"than the last of the {self.n_best} shown"
        if not self.complete:
            return (
                f"Not proved: the audit stopped early. Of the combinations certified, no recipe comes closer than "
                f"ΔE {self.bound:.3f} ({counted}{part})."
            )
        if self.bound <= 0:
            return (
                f"No recipe of {choice} can be better {whose} by more than the tolerance: "
                f"that has ΔE {self.value:.3f}{itself} ({counted})."
            )
        exempt = "No recipe" if self.n_best <= 1 else "No other recipe"
        shown = f"the one shown has {self.value:.3f}" if self.n_best == 1 else f"the last shown has {self.value:.3f}"
        return f"{exempt} of {choice} comes closer than ΔE {self.bound:.3f}; {shown}{itself} ({counted})."


def certify(
    palette: Palette,
    local: LocalObjective,
    best: Sequence[tuple[Sequence[int], FloatArray]] | float,
    *,
    max_colorants: int,
    tolerance: float = 0.005,
    top: int = 1,
    max_nodes: int | None = None,
    spread: Spread = map,
) -> Certificate:
    """Prove that no combination gives a better recipe than those a search found, or find one that does.

    Parameters
    ----------
    palette : Palette
    local : LocalObjective
    best : sequence of (support, fractions), or float
        The recipes found, best first, by positions in the palette and mass fractions; or a value to be proved
        unbeatable. [ΔE]
    max_colorants : int
        Greatest number of optional components in a recipe.
    tolerance : float
        How much better a recipe may be without being found. [ΔE; 0.0001 or more]
    top : int
        How many of the recipes found are claimed to be the best: no other combination is better than the last of them,
        and none of theirs has a better recipe.
    max_nodes : int, optional
        The audit stops after so many, and says what fraction it certified.
    spread : callable
        Applies a pure function to pieces of the work, in order, as `map` does; for several cores give one that spreads
        the pieces over processes.

    Returns
    -------
    Certificate

    Raises
    ------
    FormulationError
        If the tolerance is too small, nothing is claimed, a recipe listed breaks the bounds of the palette, or the
        objective has a term for hiding, which the bounds do not know.

    Notes
    -----
    Branch and bound over the simplex of each combination: see `colorlab.formulation.certificate.visit`. What is proved
    holds for the paint model and the objective as `LocalObjective` has it, in double precision with the rounding slack
    of `colorlab.formulation.certificate.bounds`; how far ΔE00 itself may differ is
    `colorlab.formulation.certificate.metric`'s to say.
    """
    if not tolerance >= LEAST_TOLERANCE:
        raise FormulationError(f"an audit to a tolerance of {tolerance:g} ΔE; expected {LEAST_TOLERANCE:g} or more")
    if max_colorants < 1 or top < 1 or (max_nodes is not None and max_nodes < 1):
        raise FormulationError("an audit needs at least one colorant, one recipe and one node")
    if local.film is not None:
        raise FormulationError(HIDING)
    paint = paint_of(palette, local)
    listed = {} if isinstance(best, (int, float)) else _listed(palette, best[:top])
    values = {
        support: float(paint.values(local, np.array([support]), fractions[None])[0])
        for support, fractions in listed.items()
    }
    value = float(best) if isinstance(best, (int, float)) else max(values.values())
    if not np.isfinite(value):
        raise FormulationError(f"an audit of ΔE {value}; expected a finite value")
    # The one recipe claimed to be the best is judged with all others: nothing at all is below its value.
    exempt = listed if len(listed) > 1 else {}
    pieces = _pieces(palette, max_colorants, set(exempt))
    n_others = sum(map(len, pieces))
    n_nodes = None if max_nodes is None else max(1, max_nodes // max(1, len(pieces) + len(exempt)))
    others = list(spread(partial(audit, paint, local, value - tolerance, tolerance, n_nodes), pieces))
    own = [
        audit(paint, local, values[support] - tolerance, tolerance, n_nodes, np.array([support])) for support in exempt
    ]
    better = sorted((one for part in (*others, *own) for one in part.better), key=lambda one: one.value)
    return Certificate(
        combinations=n_others + len(exempt),
        certified=sum(part.certified for part in (*others, *own)),
        nodes=sum(part.nodes for part in (*others, *own)),
        tolerance=tolerance,
        n_colorants=len(palette.codes),
        max_colorants=min(max_colorants, palette.n_optional),
        n_best=len(listed),
        value=value,
        bound=max(0.0, min((part.threshold for part in others), default=value - tolerance)),
        better=tuple(better),
        required=palette.codes[: palette.n_required],
    )


def _listed(palette: Palette, best: Sequence[tuple[Sequence[int], FloatArray]]) -> dict[tuple[int, ...], FloatArray]:
    """The recipes by combination, positions rising, checked against the bounds of the palette."""
    found = {}
    for support, fractions in best:
        order = np.argsort(support)
        rows, part = np.asarray(support)[order], np.asarray(fractions, dtype=np.float64)[order]
        keeps = (part >= palette.least[rows] - 1e-9).all() and (part <= palette.greatest[rows] + 1e-9).all()
        if not (keeps and abs(part.sum() - 1) < 1e-6):
            names = ", ".join(f"{palette.codes[row]} {share:.4%}" for row, share in zip(rows, part, strict=True))
            raise FormulationError(f"an audit of {names}: outside the dose bounds of its own search")
        found[tuple(rows.tolist())] = part
    if not found:
        raise FormulationError("an audit of no recipe at all; give the recipes that a search found, or a value")
    return found


def _pieces(palette: Palette, max_colorants: int, exempt: set[tuple[int, ...]]) -> list[NDArray[np.intp]]:
    """All combinations but those exempt, of one size a piece."""
    pieces = []
    for size in range(0 if palette.n_required else 1, min(max_colorants, palette.n_optional) + 1):
        chosen = combinations_of(palette.n_optional, size).astype(np.intp)
        chosen = chosen[palette.allowed(chosen)] + palette.n_required
        required = np.broadcast_to(np.arange(palette.n_required), (len(chosen), palette.n_required))
        rows = np.concatenate([required, chosen], axis=1)
        for support in exempt:
            if len(support) == rows.shape[1]:
                rows = rows[(rows != support).any(axis=1)]
        # Dealt out like cards: neighbours share colorants, and so how hard they are.
        count = -(-len(rows) // _PIECE)
        pieces += [rows[first::count] for first in range(count)]
    return pieces


def _grouped(count: int) -> str:
    return f"{count:,}".replace(",", " ")


def _floor(percent: float) -> str:
    """Never rounded up to what was not reached."""
    return f"{np.floor(10 * percent) / 10:.1f}"
