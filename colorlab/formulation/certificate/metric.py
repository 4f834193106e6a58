"""What a bound in the local metric says of the colour-difference formula itself."""

from __future__ import annotations

import numpy as np

from colorlab.colorimetry.tristimulus import spectra_to_lab
from colorlab.colorimetry.weights import white_point
from colorlab.difference.standard import delta_E
from colorlab.formulation.search.objective import Objective, local_metric
from colorlab.formulation.target import Target
from spectra.arrays import FloatArray
from spectra.errors import FormulationError

# Directions and distances at which the formula is compared with its local metric.
_DIRECTIONS, _DISTANCES = 1500, 10


def stretch_of_metric(target: Target, objective: Objective, bound: float) -> float:
    """Greatest ratio of the local metric to the formula among colours that a recipe below a bound could have. [1]

    A recipe whose objective is below the bound has, under a viewing that weighs w, a difference below bound/√w. In
    that neighbourhood of the target's colour the ratio is sampled, in 1500 directions at 10 distances for every viewing
    and angle: it is a measured figure, not a proved one.

    Parameters
    ----------
    target : Target
    objective : Objective
    bound : float
        [ΔE]

    Raises
    ------
    FormulationError
        If the objective holds metamerism or flop, of which the comparison knows nothing.
    """
    if objective.metamerism_weight or objective.flop_weight:
        raise FormulationError("the local metric is compared with the formula for differences of colour only")
    if bound <= 0:
        return 1.0
    directions = _sphere(_DIRECTIONS)
    greatest = 1.0
    for viewing, share in zip(objective.viewings, objective.viewing_weights, strict=True):
        if not share:
            continue
        white = white_point(viewing, target.grid)
        reach = bound / np.sqrt(share / target.geometry.n_angles)
        for lab in spectra_to_lab(target.reflectance_factor, target.grid, viewing):
            root = np.linalg.cholesky(local_metric(lab, objective.formula, white))
            unit = np.linalg.solve(root.T, directions.T).T
            for distance in np.linspace(0, 1.5 * reach, _DISTANCES + 1)[1:]:
                difference = delta_E(lab, lab + distance * unit, objective.formula, white)
                inside = (difference <= reach) & (difference > 0)
                greatest = max(greatest, float(np.max(distance / difference[inside], initial=0.0)))
    return greatest


def _sphere(count: int) -> FloatArray:
    """Directions spread evenly: a spiral whose turns advance by the golden angle."""
    height = 1 - 2 * (np.arange(count) + 0.5) / count
    turn = np.pi * (3 - np.sqrt(5)) * np.arange(count)
    around = np.sqrt(1 - height**2)
    return np.stack([around * np.cos(turn), around * np.sin(turn), height], axis=1)
