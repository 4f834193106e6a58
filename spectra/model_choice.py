"""Which paint model the ladders speak for: theory, internal reflection and crowding, judged on levels not fitted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from spectra.arrays import FloatArray
from spectra.holdout import inner_levels
from spectra.ladder import PanelTable
from spectra.ladder_fit import Fit, Prior
from spectra.optics.link import LINKS
from spectra.panel_model import PaintModel
from spectra.shared_fit import fit_shared

# Internal reflection tried when nobody states it: real paints were found between 0.3 and the Fresnel value 0.6.
K2_GRID = (0.30, 0.35, 0.40, 0.45, 0.50, 0.55, 0.60, 0.65)
# Taken when no ladder has an inner level from which k2 could be judged: the middle of what practice uses.
K2_ASSUMED = 0.50
# A model less usual or with one constant more must predict held-out levels better by so many standard errors of the
# difference, level by level, and by so large a share: else the plainer one is kept.
STANDARD_ERRORS = 2.0
LEAST_GAIN = 0.15
# Differences of fewer levels have no standard error to speak of.
LEAST_LEVELS = 4
# A crowding below this is not worth a constant. [1]
LEAST_CROWDING = 0.02
# A panel speaks for k1 where it reads little above the surface's own reflection; k1 is then fitted, and taken when it
# differs by what an instrument can tell. [times k1, 1]
_DARK, _LEAST_K1 = 1.5, 0.001
# k1 and k2 lean on each other: so many turns of one after the other.
_TURNS = 3
# A link that errs by so many times the best one is not rescued by crowding.
_HOPELESS = 2.0


@dataclass(frozen=True, slots=True, eq=False)
class Tried:
    """One paint model and what it is worth.

    Attributes
    ----------
    link : str
    k2 : float
    crowding : float
    errors : ndarray, shape (n_levels,)
        Root mean square error of each inner level predicted without it, in one order for all models. [L*]
    fit : Fit
        To all panels.
    """

    link: str
    k2: float
    crowding: float
    errors: FloatArray
    fit: Fit

    @property
    def rms(self) -> float:
        """Over all levels; NaN when there is none. [L*]"""
        return float(np.sqrt(np.mean(self.errors**2))) if self.errors.size else float("nan")


@dataclass(frozen=True, slots=True, eq=False)
class ModelChoice:
    """The model taken and what it was held against.

    Attributes
    ----------
    taken : Tried
    rivals : tuple of Tried
        The best of each other kind: another link, with or without crowding.
    profile : tuple of (float, float)
        k2 and the rms of inner levels [L*] under the link and crowding taken; empty when k2 was given or could not be
        judged.
    """

    taken: Tried
    rivals: tuple[Tried, ...]
    profile: tuple[tuple[float, float], ...]


def choose_model(
    table: PanelTable,
    model: PaintModel,
    prior: Prior,
    *,
    links: Sequence[str] = tuple(LINKS),
    k2: float | None = None,
    crowding: float | None = None,
    noise: float | None = None,
) -> ModelChoice:
    """The plainest model that predicts inner levels of the ladders as well as any.

    Parameters
    ----------
    table : PanelTable
    model : PaintModel
        k1 and film thicknesses to begin with.
    links : sequence of str
        To choose among, the plainest first.
    k2, crowding : float, optional
        Given rather than chosen.
    prior, noise
        As `fit_panels` takes them.

    Notes
    -----
    For every link k2 is the value of `K2_GRID` with the least rms over inner levels, found from neighbour to neighbour;
    with crowding free, k2 is tried again, the crowding being fitted to all panels at each. A model replaces a plainer
    one when the mean error of the inner levels falls by more than `STANDARD_ERRORS` standard errors of the paired
    difference and by `LEAST_GAIN` of itself (after the one-standard-error rule of L. Breiman et al., Classification
    and Regression Trees, 1984, ch. 3).
    """
    # Plainer first: crowding is one constant more, another link is none.
    ranked = [
        _best(table, replace(model, link=link, crowding=crowding or 0.0), prior, k2, False, noise) for link in links
    ]
    plain = [tried for tried, _ in ranked]
    if crowding is None and plain[0].errors.size and model.crowds.any():
        least = min(float(tried.errors.mean()) for tried in plain)
        for tried in plain:
            if tried.errors.mean() > _HOPELESS * least:
                continue
            free, _ = _best(table, tried.fit.model, prior, tried.k2, True, noise, start=tried.fit)
            if free.crowding >= LEAST_CROWDING and free.errors.mean() < tried.errors.mean():
                ranked.append(_best(table, tried.fit.model, prior, k2, True, noise, start=free.fit))
    taken = 0
    for row in range(1, len(ranked)):
        if is_better(ranked[row][0].errors, ranked[taken][0].errors):
            taken = row
    rivals = tuple(tried for row, (tried, _) in enumerate(ranked) if row != taken)
    return ModelChoice(ranked[taken][0], rivals, ranked[taken][1])


def choose_k1(
    table: PanelTable, choice: ModelChoice, prior: Prior, *, k2: float | None = None, noise: float | None = None
) -> ModelChoice:
    """The choice with the k1 of the darkest panels, where inner levels speak for it by the same rule.

    A black masstone alone does not: its own reflectance inside is as little known as k1.

    Parameters
    ----------
    choice : ModelChoice
        Under the k1 assumed.
    table, prior, k2, noise
        As `choose_model` takes them.
    """
    taken = choice.taken
    surface = taken.fit.model.surface
    if not surface.specular_included or not taken.errors.size or table.measured.min() > _DARK * surface.k1:
        return choice
    best, profile = taken, choice.profile
    for _ in range(_TURNS):
        model = fit_shared(table, best.fit.model, prior, k1=True, start=best.fit, noise=noise).fit.model
        if abs(model.surface.k1 - best.fit.model.surface.k1) < _LEAST_K1:
            break
        best, profile = _best(table, model, prior, k2, False, noise)
    if best is taken or not is_better(best.errors, taken.errors):
        return choice
    return ModelChoice(best, (taken, *choice.rivals), profile)


def is_better(errors: FloatArray, than: FloatArray) -> bool:
    """Whether errors of the same levels are smaller beyond their own scatter."""
    if errors.size < LEAST_LEVELS:
        return False
    gain = than - errors
    standard_error = float(np.std(gain, ddof=1)) / np.sqrt(gain.size)
    return bool(gain.mean() > max(STANDARD_ERRORS * standard_error, LEAST_GAIN * float(than.mean())))


def _best(
    table: PanelTable,
    model: PaintModel,
    prior: Prior,
    k2: float | None,
    crowding: bool,
    noise: float | None,
    start: Fit | None = None,
) -> tuple[Tried, tuple[tuple[float, float], ...]]:
    """The model with its best k2, and the k2 that were tried with their rms, rising."""

    def attempt(value: float, begin: Fit | None) -> Tried:
        here = replace(model, surface=replace(model.surface, k2=value))
        if crowding and begin is not None:
            here = replace(here, crowding=begin.model.crowding)
        fit = fit_shared(table, here, prior, crowding=crowding, start=begin, noise=noise).fit
        return Tried(model.link, value, fit.model.crowding, level_errors(table, fit, prior, noise), fit)

    if k2 is not None:
        return attempt(k2, start), ()
    place = K2_GRID.index(K2_ASSUMED if start is None else start.model.surface.k2)
    best = attempt(K2_GRID[place], start)
    if not best.errors.size:
        return best, ()
    tried = {best.k2: best}
    # The rms falls towards its least from either side, so the neighbours tell the way.
    for way in (1, -1):
        while 0 <= place + way < len(K2_GRID):
            other = attempt(K2_GRID[place + way], best.fit)
            tried[other.k2] = other
            if other.rms >= best.rms:
                break
            place, best = place + way, other
    return best, tuple((value, tried[value].rms) for value in sorted(tried))


def level_errors(table: PanelTable, fit: Fit, prior: Prior, noise: float | None) -> FloatArray:
    """Error of every inner level predicted without it, shape (n_levels,). [L*]"""
    return np.array([one.lightness_error for one in inner_levels(table, fit, prior, noise)])
