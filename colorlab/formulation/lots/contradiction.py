"""Panels that no strengths of the lots explain, and the wrong label that would."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import log

import numpy as np

from colorlab.formulation.lot_strength import Contradiction
from colorlab.formulation.lots.strength_fit import AS_NORMAL, PanelFit, PanelProblem, StrengthPrior, fit_strengths
from spectra.colorant import ColorantSet
from spectra.ladder import Letdown
from spectra.recipe import Recipe

# χ² per component from which a panel is looked at, relative to the median of all; and from which it is named even if no
# other label explains it.
_SUSPECT, _NAMED = 3.0, 20.0
# Usual scatters of a lot beyond which every panel of its colorant is looked at.
_RARE = 4.0
# Labels tried in full for each panel, after a first look at all.
_TRIED = 3


def contradictions(
    panels: Sequence[Letdown], colorant_set: ColorantSet, prior: StrengthPrior, fit: PanelFit
) -> tuple[Contradiction, ...]:
    """Panels whose recipe or label is likely wrong.

    Every suspect's colorants are exchanged, one at a time, for every other of the set; the exchange that raises the
    evidence of all panels together most is taken, if by more than as many tries allow by chance, and the search goes on
    with it in place.

    Parameters
    ----------
    panels : sequence of Letdown
    colorant_set : ColorantSet
    prior : StrengthPrior
    fit : PanelFit
        Of these panels as stated.
    """
    usual = float(np.median(fit.rms)) if fit.rms.size else 0.0
    now, stated = fit, list(panels)
    found: dict[int, Contradiction] = {}
    while len(found) < len(panels) // 2:
        suspects = [row for row in _suspects(stated, colorant_set, now) if row not in found]
        tries = _tries(stated, colorant_set, prior, now, suspects)
        best: tuple[float, int, str, str, list[Letdown]] | None = None
        for row, code, instead in tries:
            trial = list(stated)
            trial[row] = _relabelled(stated[row], code, instead)
            evidence = fit_strengths(trial, colorant_set, prior, scatter=now.scatter).evidence
            if best is None or evidence > best[0]:
                best = (evidence, row, code, instead, trial)
        chances = sum(len(stated[row].recipe.colorants) for row in suspects) * len(colorant_set.codes)
        if best is None or best[0] - now.evidence < log(max(chances, 2)) + 1:
            break
        _, row, code, instead, stated = best
        found[row] = Contradiction(panels[row].panel, float(fit.rms[row]), usual, code, instead)
        now = fit_strengths(stated, colorant_set, prior)
    found = {row: replace(one, then=float(now.rms[row])) for row, one in found.items()}
    relative = now.chi_square / max(float(np.median(now.chi_square)), 1e-12) if now.chi_square.size else now.chi_square
    for row in np.flatnonzero((relative > _NAMED) & (now.chi_square > _SUSPECT)).tolist():
        if row not in found:
            found[row] = Contradiction(panels[row].panel, float(fit.rms[row]), usual)
    return tuple(found[row] for row in sorted(found))


def _suspects(panels: Sequence[Letdown], colorant_set: ColorantSet, fit: PanelFit) -> list[int]:
    """Panels far from the fit, and those that hold a colorant whose lot is unusual."""
    if not fit.chi_square.size:
        return []
    base = colorant_set.index(colorant_set.base)
    apart = np.abs(fit.theta - fit.theta[base]) > _RARE * AS_NORMAL * fit.scatter[0]
    rare = {code for code, far in zip(colorant_set.codes, apart, strict=True) if far and code != colorant_set.base}
    far = fit.chi_square > _SUSPECT * float(np.median(fit.chi_square))
    return [row for row, panel in enumerate(panels) if far[row] or rare & set(panel.recipe.colorants)]


def _tries(
    panels: Sequence[Letdown],
    colorant_set: ColorantSet,
    prior: StrengthPrior,
    fit: PanelFit,
    suspects: Sequence[int],
) -> list[tuple[int, str, str]]:
    """For each suspect the exchanges under which it lies nearest to what the other panels' strengths say."""
    tries = []
    for row in suspects:
        used = panels[row].recipe.colorants
        exchanges = [
            (code, instead)
            for code in used
            if code != colorant_set.base
            for instead in colorant_set.codes
            if instead not in used
        ]
        if not exchanges:
            continue
        rest = [panel for place, panel in enumerate(panels) if place != row]
        others = fit_strengths(rest, colorant_set, prior, scatter=fit.scatter)
        problem = PanelProblem([_relabelled(panels[row], *pair) for pair in exchanges], colorant_set, prior)
        distance = problem.distance(others)
        tries += [(row, *exchanges[place]) for place in np.argsort(distance)[:_TRIED]]
    return tries


def _relabelled(panel: Letdown, code: str, instead: str) -> Letdown:
    recipe = panel.recipe
    codes = tuple(instead if one == code else one for one in recipe.colorants)
    return replace(panel, recipe=Recipe(recipe.name, codes, recipe.mass_fractions))
