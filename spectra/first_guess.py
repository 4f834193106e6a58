"""Where the fit of absorption and scattering begins: the strongest panel of each colorant, taken by itself."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from spectra.arrays import FloatArray
from spectra.ladder import PanelTable
from spectra.optics.interface import internal_reflectance
from spectra.optics.link import link_of
from spectra.panel_model import PaintModel

_INTERNAL_LIMITS = (2e-4, 1 - 1e-6)  # a noisy reading at the surface's own reflection still gives a finite start
_LEAST_DEPTH = 0.05  # a film over a dark card that reflects less scatters next to nothing


def first_guess(
    table: PanelTable, model: PaintModel, fitted: NDArray[np.bool_], ln_S: float, ln_clear: float
) -> FloatArray:
    """ln K above ln S, shape (2 n_colorants, n_bands), as `spectra.panel_model.Panels` takes them.

    Parameters
    ----------
    table : PanelTable
    model : PaintModel
    fitted : ndarray of bool, shape (n_panels,)
        A panel taken out of the fit must not speak through its start either.
    ln_S, ln_clear : float
        Scattering assumed of a colorant, absorption and scattering assumed of a clear.
    """
    count, bands = table.fractions.shape[1], table.measured.shape[1]
    inside = np.clip(internal_reflectance(table.measured, model.surface), *_INTERNAL_LIMITS)
    ratio = link_of(model.link).ratio(inside)
    S = np.full(count, np.exp(ln_S))
    clear = np.array(table.roles) == "clear"
    S[clear], S[0] = np.exp(ln_clear), 1.0
    scattered = table.fractions @ S
    # What each panel absorbs, per unit of the base's scattering.
    absorbed = ratio * scattered[:, None]
    guess = np.zeros((2 * count, bands))
    guess[count:] = np.log(S)[:, None]
    if table.films is not None:
        guess[count], seen = _films(table, model, inside)
        absorbed[table.films.rows] = seen
    strongest = np.argmax(table.fractions * fitted[:, None], axis=0)
    row = strongest[0]
    base_absorbs = absorbed[row] / scattered[row]
    if table.fractions[row, 0] < 1:
        base_absorbs = 0.5 * (absorbed / scattered[:, None])[fitted].min(axis=0)
    for colorant in range(count):
        row = strongest[colorant]
        rest = absorbed[row] - table.fractions[row, 0] * base_absorbs
        guess[colorant] = np.log(np.maximum(rest / table.fractions[row, colorant], 1e-3 * absorbed[row]))
    guess[0] = np.log(np.maximum(base_absorbs, 1e-9))
    guess[:count][clear] = ln_clear
    return guess


def _films(table: PanelTable, model: PaintModel, inside: FloatArray) -> tuple[FloatArray, FloatArray]:
    """ln of the base's scattering per µm, and what each film absorbs per unit of it."""
    films = table.films
    assert films is not None
    assert model.thickness_um is not None
    card = np.clip(internal_reflectance(films.substrate, model.surface), *_INTERNAL_LIMITS)
    thickness = model.thickness_um[films.drawdown] * films.density
    film = inside[films.rows]
    share = table.fractions[films.rows, 0]
    # Over black, a film that hardly absorbs reflects SX/(1 + SX).
    whitest = int(np.argmax(share - card.mean(axis=1)))
    power = np.maximum(film[whitest] / (1 - film[whitest]), _LEAST_DEPTH)
    per_um = power / (thickness[whitest] * max(float(share[whitest]), 1e-3))
    # Over white, a film that hardly scatters reflects Rg exp(−2KX); over black nothing can be said of K at first sight.
    light = np.maximum(card, film)
    seen = np.maximum(-0.5 * np.log(film / light), 1e-3)
    return np.log(per_um), seen / (thickness[:, None] * per_um)
