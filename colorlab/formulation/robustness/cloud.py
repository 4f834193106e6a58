"""Batches of one recipe as a cloud of colours, and the tolerance around the target in the same planes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from colorlab.colorimetry.tristimulus import spectra_to_lab
from colorlab.colorimetry.viewing import D65_10, Viewing
from colorlab.formulation.prediction.predict import mass_fractions
from colorlab.formulation.robustness.inside import Limits
from colorlab.formulation.robustness.robustness import limits_of
from colorlab.formulation.robustness.variation import Variation, simulated
from colorlab.formulation.target import Target
from colorlab.tolerance.tolerance import Tolerance
from spectra.arrays import FloatArray
from spectra.colorant import ColorantSet
from spectra.errors import FormulationError
from spectra.recipe import Recipe

# Points of a tolerance's outline, and halvings by which each is found. The search begins this far out. [CIELAB units]
_DIRECTIONS, _HALVINGS, _FARTHEST = 120, 40, 100.0


@dataclass(frozen=True, slots=True, eq=False)
class RobustnessCloud:
    """Simulated batches of a recipe at one angle under one viewing, and what of them is allowed.

    Attributes
    ----------
    lab : ndarray, shape (draws, 3)
        CIELAB of the batches.
    recipe, target : ndarray, shape (3,)
        CIELAB of the recipe as stated and of the target.
    outline_ab : ndarray, shape (n_points, 2)
        Where the tolerance ends in (a*, b*) at the target's lightness, a closed line.
    outline_LC : ndarray, shape (n_points, 2)
        Where it ends in (L*, C*ab) at the target's hue.
    p_inside : float
        Share of the batches in tolerance at this angle under this viewing. [1]
    token : str
        The angle.
    viewing : Viewing
    seed : int
    """

    lab: FloatArray
    recipe: FloatArray
    target: FloatArray
    outline_ab: FloatArray
    outline_LC: FloatArray
    p_inside: float
    token: str
    viewing: Viewing
    seed: int

    @property
    def LC(self) -> FloatArray:
        """Lightness and chroma of the batches, shape (draws, 2)."""
        return np.stack([self.lab[:, 0], np.hypot(self.lab[:, 1], self.lab[:, 2])], axis=-1)


def robustness_clouds(
    colorant_set: ColorantSet,
    recipe: Recipe,
    variation: Variation,
    target: Target,
    tolerance: Tolerance | float,
    *,
    viewing: Viewing = D65_10,
    seed: int = 0,
    draws: int = 500,
) -> tuple[RobustnessCloud, ...]:
    """Clouds of one recipe, one an angle, of the same simulated batches by the whole model.

    Parameters
    ----------
    colorant_set : ColorantSet
    recipe : Recipe
    variation : Variation
    target : Target
    tolerance : Tolerance or float
        A number is a ΔE00 limit.
    viewing : Viewing
        One of the tolerance's.
    seed : int
    draws : int

    Raises
    ------
    FormulationError
        If the tolerance has no limits under the viewing.
    """
    tokens = colorant_set.geometry.tokens
    fractions = mass_fractions(colorant_set, [recipe])[0]
    spectra = simulated(colorant_set, fractions, variation, np.random.default_rng(seed), draws)
    stated = colorant_set.reflectance_factor(fractions[None])[0]
    grid = colorant_set.grid
    batches, own, wanted = (spectra_to_lab(one, grid, viewing) for one in (spectra, stated, target.reflectance_factor))
    all_limits = limits_of(tolerance, tokens, (viewing,))
    if viewing not in all_limits.viewings:
        raise FormulationError(f"the tolerance says nothing under {viewing}")
    place = all_limits.viewings.index(viewing)
    found = []
    for angle, token in enumerate(tokens):
        colour = wanted[angle]
        limit = all_limits.limits[angle : angle + 1, place : place + 1]
        limits = Limits(all_limits.measure, (token,), (viewing,), limit)
        chroma = float(np.hypot(colour[1], colour[2]))
        hue = colour[1:] / chroma if chroma > 0 else np.array([1.0, 0.0])
        flat = _outline(limits, colour, np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]))
        upright = _outline(limits, colour, np.array([[1.0, 0.0, 0.0], [0.0, *hue]]))
        found.append(
            RobustnessCloud(
                batches[:, angle],
                own[angle],
                colour,
                flat[:, 1:],
                np.stack([upright[:, 0], upright[:, 1:] @ hue], axis=-1),
                float(np.mean(_in_limits(limits, colour, batches[:, angle]) <= 1)),
                token,
                viewing,
                seed,
            )
        )
    return tuple(found)


def _outline(limits: Limits, colour: FloatArray, plane: FloatArray) -> FloatArray:
    """Colours on the limit in a plane (2, 3) through a colour, shape (n_points, 3), the first one again as the last.

    Differences grow with the distance, so halving the interval finds the limit in every direction.
    """
    turn = np.linspace(0.0, 2 * np.pi, _DIRECTIONS + 1)
    direction = np.stack([np.cos(turn), np.sin(turn)], axis=-1) @ plane
    inside, outside = np.zeros((_DIRECTIONS + 1, 1)), np.full((_DIRECTIONS + 1, 1), _FARTHEST)
    for _ in range(_HALVINGS):
        middle = (inside + outside) / 2
        within = (_in_limits(limits, colour, colour + middle * direction) <= 1)[:, None]
        inside, outside = np.where(within, middle, inside), np.where(within, outside, middle)
    points: FloatArray = colour + inside * direction
    return points


def _in_limits(limits: Limits, standard: FloatArray, sample: FloatArray) -> FloatArray:
    """Difference of colours (n, 3) from a standard, in units of the limit, shape (n,)."""
    value = limits.value(standard[None, None, None], sample[:, None, None]) / limits.limits
    return np.asarray(value[:, 0, 0])
