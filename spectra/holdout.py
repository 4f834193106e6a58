"""Ladder levels predicted from the rest of their ladders: what a characterisation is worth where it was not fitted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from spectra.arrays import FloatArray, frozen
from spectra.geometry import Geometry
from spectra.ladder import Letdown, PanelTable, panel_table
from spectra.ladder_fit import Fit, Prior, fit_panels, lightness_weights, mixture_reflectance
from spectra.optics.interface import Saunderson
from spectra.wavelengths import WavelengthGrid

_FOLDS = 3


@dataclass(frozen=True, slots=True, eq=False)
class HeldOut:
    """One panel predicted from a fit that did not see its level.

    Attributes
    ----------
    panel, colorant : str
    level : int
        Rank of its dose in the colorant's ladder, from 0.
    interior : bool
        Whether lower and higher levels remained: otherwise the prediction is an extrapolation.
    measured, predicted : ndarray, shape (n_angles, n_wavelengths)
        Reflectance factor.
    """

    panel: str
    colorant: str
    level: int
    interior: bool
    measured: FloatArray
    predicted: FloatArray


def leave_one_level_out(
    letdowns: Sequence[Letdown],
    *,
    base: str,
    grid: WavelengthGrid,
    geometry: Geometry,
    surface: Saunderson,
    prior: Prior | None = None,
    noise: float | None = None,
) -> tuple[HeldOut, ...]:
    """Predict every ladder level from a fit to all other levels of its ladder.

    The same rank is taken out of all ladders at once: they share nothing but the base, which stays.

    Parameters
    ----------
    letdowns, base, grid, geometry, prior, noise
        As `characterise` takes them.
    surface : Saunderson
        Held fixed.

    Returns
    -------
    tuple of HeldOut
        One a panel of every ladder that still has two panels of other doses without it.
    """
    table = panel_table(letdowns, base, grid, geometry)
    ranks = range(max((len(ladder.levels) for ladder in table.ladders), default=0))
    start = fit_panels(table.fractions, table.measured, 0, surface, prior or Prior(), noise=noise)
    return tuple(
        held for rank in ranks for held in hold_out(table, [rank], surface, prior or Prior(), start=start, noise=noise)
    )


def hold_out(
    table: PanelTable,
    ranks: Sequence[int],
    surface: Saunderson,
    prior: Prior,
    *,
    start: Fit | None = None,
    noise: float | None = None,
) -> list[HeldOut]:
    """Take these ranks out of every ladder that can spare them, fit the rest, and predict them."""
    out = [
        (panel, ladder, rank)
        for ladder in table.ladders
        if ladder.can_lose_a_level
        for rank in ranks
        if rank < len(ladder.levels)
        for panel in ladder.levels[rank]
    ]
    if not out:
        return []
    rows = [panel for panel, _, _ in out]
    weights = np.ones(len(table.letdowns))
    weights[rows] = 0.0
    fit = fit_panels(
        table.fractions, table.measured, 0, surface, prior, start=start, noise=noise, panel_weights=weights
    )
    predicted = mixture_reflectance(table.fractions[rows], fit.ln_K, fit.ln_S, surface)
    return [
        HeldOut(
            table.letdowns[panel].panel,
            ladder.colorant,
            rank,
            ladder.is_interior(rank),
            table.letdowns[panel].reflectance_factor,
            frozen(spectrum.reshape(table.shape)),
        )
        for (panel, ladder, rank), spectrum in zip(out, predicted, strict=True)
    ]


def inner_level_rms(table: PanelTable, surface: Saunderson, prior: Prior, noise: float | None = None) -> float:
    """Root mean square error of inner ladder levels predicted without them; NaN when no ladder has one. [L*]"""
    inner = sorted({rank for ladder in table.ladders for rank in range(len(ladder.levels)) if ladder.is_interior(rank)})
    # Neighbouring levels are taken out in different fits, so that each is bracketed; a long ladder needs no more than
    # three fits.
    folds = [inner[first::_FOLDS] for first in range(min(_FOLDS, len(inner)))]
    errors = [
        lightness_weights(held.measured) * (held.predicted - held.measured)
        for fold in folds
        for held in hold_out(table, fold, surface, prior, noise=noise)
        if held.interior
    ]
    return float(np.sqrt(np.mean(np.square(errors)))) if errors else float("nan")
