"""What sizes a difference in a tolerance: a formula, with the white it may need, or a scheme."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike

from colorlab.colorimetry.viewing import Viewing
from colorlab.colorimetry.weights import white_point
from colorlab.difference.standard import delta_E, formula
from spectra.arrays import FloatArray


class Measure(Protocol):
    """What sizes a difference: a `colorlab.tolerance.tolerance.Tolerance`, by its formula or scheme."""

    def value(
        self,
        standard_lab: ArrayLike,
        sample_lab: ArrayLike,
        tokens: Sequence[str],
        whites: ArrayLike | None = None,
        viewings: Sequence[Viewing] | None = None,
    ) -> FloatArray:
        """Of colours (..., n_angles, n_viewings, 3) the differences (..., n_angles, n_viewings)."""
        ...


def formula_value(
    standard_lab: ArrayLike,
    sample_lab: ArrayLike,
    name: str,
    viewings: Sequence[Viewing],
    whites: ArrayLike | None = None,
) -> FloatArray:
    """The differences of colours under several viewings by a row of `colorlab.difference.standard.FORMULAS`.

    Parameters
    ----------
    standard_lab, sample_lab : array_like, shape (..., n_viewings, 3)
    name : str
    viewings : sequence of Viewing, length n_viewings
    whites : array_like, shape (n_viewings, 3), optional
        XYZ of the perfect diffuser, Y = 100, for formulas that need it; the viewings' tabulated whites otherwise.

    Returns
    -------
    ndarray, shape (..., n_viewings)
    """
    if formula(name).needs_white and whites is None:
        whites = np.stack([white_point(viewing) for viewing in viewings])
    return delta_E(standard_lab, sample_lab, name, whites)


@dataclass(frozen=True, slots=True)
class FormulaMeasure:
    """A formula by itself, without a tolerance."""

    formula: str

    def value(
        self,
        standard_lab: ArrayLike,
        sample_lab: ArrayLike,
        tokens: Sequence[str],
        whites: ArrayLike | None = None,
        viewings: Sequence[Viewing] | None = None,
    ) -> FloatArray:
        """Of colours (..., n_angles, n_viewings, 3) the differences (..., n_angles, n_viewings)."""
        return formula_value(standard_lab, sample_lab, self.formula, viewings or (), whites)
