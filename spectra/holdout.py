"""Ladder levels predicted from the rest of their ladders: what a characterisation is worth where it was not fitted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from spectra.arrays import FloatArray, frozen
from spectra.ladder import PanelTable
from spectra.ladder_fit import Fit, Prior, fit_panels, lightness_weights
from spectra.panel_model import PaintModel, panels_of

_FOLDS = 3


@dataclass(frozen=True, slots=True, eq=False)
class HeldOut:
    """One panel predicted from a fit that did not see its level.

    Attributes
    ----------
    panel, colorant, base : str
        The base is what the ladder was let down in.
    level : int
        Rank of its dose in the colorant's ladder, from 0.
    interior : bool
        Whether lower and higher levels remained: otherwise the prediction is an extrapolation.
    measured, predicted : ndarray, shape (n_angles, n_wavelengths)
        Reflectance factor.
    """

    panel: str
    colorant: str
    base: str
    level: int
    interior: bool
    measured: FloatArray
    predicted: FloatArray

    @property
    def lightness_error(self) -> float:
        """Root mean square over angles and wavelengths. [L*]"""
        error = lightness_weights(self.measured) * (self.predicted - self.measured)
        return float(np.sqrt(np.mean(error**2)))


def leave_one_level_out(
    table: PanelTable, fit: Fit, prior: Prior | None = None, noise: float | None = None
) -> tuple[HeldOut, ...]:
    """Predict every ladder level from a fit to all other levels of its ladder.

    The same rank is taken out of all ladders at once: they share nothing but the base, which stays.

    Parameters
    ----------
    table : PanelTable
    fit : Fit
        To all panels; its model is held fixed.
    prior, noise
        As `characterise` takes them.

    Returns
    -------
    tuple of HeldOut
        One a panel of every ladder that still has two panels of other doses without it. A film whose thickness nobody
        measured cannot be predicted and is left out.
    """
    ranks = range(max((len(ladder.levels) for ladder in table.ladders), default=0))
    return tuple(held for rank in ranks for held in hold_out(table, [rank], fit, prior or Prior(), noise=noise))


def hold_out(
    table: PanelTable, ranks: Sequence[int], start: Fit, prior: Prior, *, noise: float | None = None
) -> list[HeldOut]:
    """Take these ranks out of every ladder that can spare them, fit the rest under the same model, and predict them."""
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
    model = _as_stated(table, start.model, rows)
    fit = fit_panels(table, model, prior, start=start, noise=noise or start.noise, panel_weights=weights)
    predicted = panels_of(table, model).reflectance_factor(fit.unknown)
    return [
        HeldOut(
            table.letdowns[panel].panel,
            ladder.colorant,
            ladder.base,
            rank,
            ladder.is_interior(rank),
            table.letdowns[panel].reflectance_factor,
            frozen(predicted[panel].reshape(table.shape)),
        )
        for panel, ladder, rank in out
        if _thickness_known(table, panel)
    ]


def _as_stated(table: PanelTable, model: PaintModel, rows: Sequence[int]) -> PaintModel:
    """Films that were taken out must not have told how thick they are."""
    if table.films is None or model.thickness_um is None:
        return model
    thickness = model.thickness_um.copy()
    gone = np.unique(table.films.drawdown[np.isin(table.films.rows, rows)])
    known = np.isfinite(table.films.stated_um[gone])
    thickness[gone[known]] = table.films.stated_um[gone[known]]
    return replace(model, thickness_um=frozen(thickness))


def _thickness_known(table: PanelTable, panel: int) -> bool:
    film = table.letdowns[panel].film
    return film is None or film.thickness_um is not None


def inner_levels(table: PanelTable, start: Fit, prior: Prior, noise: float | None = None) -> tuple[HeldOut, ...]:
    """Inner ladder levels predicted without them; empty when no ladder has one."""
    inner = sorted({rank for ladder in table.ladders for rank in range(len(ladder.levels)) if ladder.is_interior(rank)})
    # Neighbouring levels are taken out in different fits, so that each is bracketed; a long ladder needs no more than
    # three fits.
    folds = [inner[first::_FOLDS] for first in range(min(_FOLDS, len(inner)))]
    return tuple(held for fold in folds for held in hold_out(table, fold, start, prior, noise=noise) if held.interior)
