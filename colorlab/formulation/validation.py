"""What a characterisation is worth in ΔE00: ladder levels it did not see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from colorlab.colorimetry.tristimulus import spectra_to_lab
from colorlab.colorimetry.viewing import D65_10
from colorlab.difference.standard import delta_E
from spectra.colorant import ColorantSet
from spectra.holdout import leave_one_level_out
from spectra.ladder import Letdown


@dataclass(frozen=True, slots=True)
class LevelError:
    """Error of one ladder level predicted without it.

    Attributes
    ----------
    panel, colorant : str
    level : int
        Rank of its dose in the ladder, from 0.
    interior : bool
        Whether it lies between levels that stayed; otherwise the ladder was extrapolated.
    delta_E_00 : float
        D65/10°, at the worst angle.
    """

    panel: str
    colorant: str
    level: int
    interior: bool
    delta_E_00: float


def level_errors(letdowns: Sequence[Letdown], colorant_set: ColorantSet) -> tuple[LevelError, ...]:
    """Take every level out of its ladder, characterise again, predict it.

    Parameters
    ----------
    letdowns : sequence of Letdown
        Those the set was characterised from.
    colorant_set : ColorantSet
        Gives base, grid, geometry and surface.
    """
    held = leave_one_level_out(
        letdowns,
        base=colorant_set.base,
        grid=colorant_set.grid,
        geometry=colorant_set.geometry,
        surface=colorant_set.surface,
    )
    return tuple(
        LevelError(
            item.panel,
            item.colorant,
            item.level,
            item.interior,
            float(
                delta_E(
                    spectra_to_lab(item.measured, colorant_set.grid, D65_10),
                    spectra_to_lab(item.predicted, colorant_set.grid, D65_10),
                ).max()
            ),
        )
        for item in held
    )
