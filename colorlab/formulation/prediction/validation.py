"""What a characterisation is worth in ΔE00: ladder levels it did not see."""

from __future__ import annotations

from dataclasses import dataclass

from colorlab.colorimetry.tristimulus import spectra_to_lab
from colorlab.colorimetry.viewing import D65_10
from colorlab.difference.standard import delta_E
from spectra.characterise import Characterisation


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


def level_errors(characterisation: Characterisation) -> tuple[LevelError, ...]:
    """ΔE00 of every ladder level predicted from a fit, under the same paint model, that had not seen it."""
    grid = characterisation.colorant_set.grid
    return tuple(
        LevelError(
            item.panel,
            item.colorant,
            item.level,
            item.interior,
            float(
                delta_E(spectra_to_lab(item.measured, grid, D65_10), spectra_to_lab(item.predicted, grid, D65_10)).max()
            ),
        )
        for item in characterisation.held_out
    )
