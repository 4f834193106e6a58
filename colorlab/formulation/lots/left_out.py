"""Production panels predicted from the others: what learned strengths are worth where they were not learned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from colorlab.colorimetry.tristimulus import spectra_to_lab
from colorlab.colorimetry.viewing import D65_10, Viewing
from colorlab.difference.standard import delta_E
from colorlab.formulation.lots.learn_strengths import learn_strengths
from colorlab.formulation.lots.strength_fit import StrengthPrior
from colorlab.formulation.prediction.covariance import PanelScatter
from colorlab.formulation.prediction.interval import COVERAGE, delta_E_reach
from colorlab.formulation.prediction.predict import Prediction, predict
from spectra.arrays import FloatArray
from spectra.colorant import ColorantSet
from spectra.ladder import Letdown


@dataclass(frozen=True, slots=True)
class LeftOut:
    """One panel predicted without it, at its worst angle.

    Attributes
    ----------
    panel : str
    before : float
        From the ladders alone. [ΔE00]
    after : float
        With strengths learned from the other panels. [ΔE00]
    reach : float
        What `after` was to stay below with the coverage, at the angle where it comes nearest to that or exceeds it
        most. [ΔE00]
    inside : bool
        Whether it did, at every angle.
    """

    panel: str
    before: float
    after: float
    reach: float
    inside: bool


def leave_one_out(
    panels: Sequence[Letdown],
    colorant_set: ColorantSet,
    *,
    prior: StrengthPrior | None = None,
    viewing: Viewing = D65_10,
    coverage: float = COVERAGE,
    at_most: int = 50,
) -> tuple[LeftOut, ...]:
    """Predict every panel with strengths learned from all the others.

    Parameters
    ----------
    panels : sequence of Letdown
    colorant_set : ColorantSet
    prior : StrengthPrior, optional
    viewing : Viewing
    coverage : float
        [1]
    at_most : int
        So many of the panels are left out in turn, evenly over their order: each is one more learning.

    Raises
    ------
    UnknownColorantError, FormulationError
        As `learn_strengths`.
    """
    count = min(at_most, len(panels))
    places = np.unique(np.linspace(0, len(panels) - 1, count).round().astype(int)).tolist() if count else []
    found = []
    for row in places:
        panel = panels[row]
        rest = [other for place, other in enumerate(panels) if place != row]
        known = learn_strengths(rest, colorant_set, prior=prior, search=False)
        scatter = PanelScatter(known.dosing)
        after = predict(colorant_set, panel.recipe, strengths=known, scatter=scatter)
        error = panel_error(after, panel.reflectance_factor, viewing)
        reach = delta_E_reach(after, viewing, coverage=coverage)
        before = panel_error(predict(colorant_set, panel.recipe), panel.reflectance_factor, viewing)
        worst = int(np.argmax(error / reach))
        found.append(
            LeftOut(
                panel.panel, float(before.max()), float(error.max()), float(reach[worst]), bool((error <= reach).all())
            )
        )
    return tuple(found)


def panel_error(prediction: Prediction, measured: FloatArray, viewing: Viewing) -> FloatArray:
    """ΔE00 of a panel against its prediction at every angle, shape (n_angles,)."""
    return delta_E(prediction.lab(viewing), spectra_to_lab(measured, prediction.grid, viewing))
