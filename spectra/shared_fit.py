"""What all wavelengths of a characterisation share, fitted with them: film thicknesses, crowding, the surface's k1."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from spectra.arrays import FloatArray, frozen
from spectra.errors import CharacterisationError
from spectra.ladder import PanelTable
from spectra.ladder_fit import Fit, LadderProblem, Prior, fit_panels, lightness_weights
from spectra.panel_model import PaintModel, panels_of

# A white loses at most so much of its scattering; beyond, the quadratic law is no longer one. [1]
MOST_CROWDING = 0.8
_CROWDING_SD = 0.5
_K1_STEP = 1e-5
# k1 leaves the value assumed by no more than so many standard deviations of its prior.
_MOST_K1_SHIFT = 3.0
_MAX_STEPS = 12
_HALVINGS = 4
_CONVERGED = 0.05  # gain of the objective, which is in units of chi-squared


@dataclass(frozen=True, slots=True, eq=False)
class SharedFit:
    """A fit of colorants and of what they share.

    Attributes
    ----------
    fit : Fit
        Its model holds the fitted values.
    names : tuple of str
        "k1", "crowding", and the drawdowns of films, in the order of `standard_uncertainty`.
    standard_uncertainty : ndarray, shape (n_shared,)
        Of k1, of the crowding, of the logarithm of a thickness.
    """

    fit: Fit
    names: tuple[str, ...]
    standard_uncertainty: FloatArray


@dataclass(frozen=True, slots=True)
class FilmThickness:
    """A film on a card: what was said of its thickness, and what the panels say.

    Attributes
    ----------
    drawdown : str
    stated_um : float or None
        [µm]
    fitted_um : float
        [µm]
    relative_uncertainty : float
        Standard uncertainty of the fitted one. [1]
    """

    drawdown: str
    stated_um: float | None
    fitted_um: float
    relative_uncertainty: float


class _Shared:
    """Values of the free shared quantities: in and out of a paint model, with their priors."""

    def __init__(self, table: PanelTable, prior: Prior, k1: bool, crowding: bool) -> None:
        self.table, self.k1, self.crowding = table, k1, crowding
        center, sd = [], []
        if k1:
            center, sd = [prior.k1], [prior.k1_sd]
        if crowding:
            center, sd = [*center, 0.0], [*sd, _CROWDING_SD]
        if table.films is not None:
            stated = table.films.stated_um
            known = np.isfinite(stated)
            middle = float(np.median(stated[known]))
            center += np.log(np.where(known, stated, middle)).tolist()
            sd += np.where(known, prior.thickness_sd, prior.unknown_thickness_sd).tolist()
        self.center, self.precision = np.array(center), 1 / np.array(sd) ** 2
        self.names = (*(["k1"] * k1), *(["crowding"] * crowding), *(table.films.drawdowns if table.films else ()))

    def read(self, model: PaintModel) -> FloatArray:
        values = [model.surface.k1] * self.k1 + [model.crowding] * self.crowding
        if model.thickness_um is not None:
            values += np.log(model.thickness_um).tolist()
        return np.array(values)

    def write(self, values: FloatArray, model: PaintModel) -> PaintModel:
        rest = list(values)
        if self.k1:
            span = _MOST_K1_SHIFT / np.sqrt(self.precision[0])
            k1 = float(np.clip(rest.pop(0), max(self.center[0] - span, 0.0), self.center[0] + span))
            model = replace(model, surface=replace(model.surface, k1=k1))
        if self.crowding:
            model = replace(model, crowding=float(np.clip(rest.pop(0), 0.0, MOST_CROWDING)))
        if rest:
            model = replace(model, thickness_um=frozen(np.exp(rest)))
        return model

    def columns(self, problem: LadderProblem, unknown: FloatArray) -> FloatArray:
        """Weighted derivatives of the panels, shape (n_bands, n_panels, n_shared)."""
        slopes = problem.panels.slopes(unknown)
        columns = []
        if self.k1:
            surface, ends = problem.model.surface, []
            for step in (_K1_STEP, -_K1_STEP):
                model = replace(problem.model, surface=replace(surface, k1=max(surface.k1 + step, 0.0)))
                ends.append((model.surface.k1, panels_of(self.table, model).reflectance_factor(unknown)))
            (high, up), (low, down) = ends
            columns.append((up - down) / (high - low))
        if self.crowding:
            columns.append(problem.panels.by_crowding(unknown, slopes))
        films = self.table.films
        if films is not None:
            for drawdown in range(len(films.drawdowns)):
                column = np.zeros_like(slopes.by_depth)
                rows = films.rows[films.drawdown == drawdown]
                column[rows] = slopes.by_depth[rows]
                columns.append(column)
        stacked: FloatArray = np.stack([problem.weights * column for column in columns], axis=-1).swapaxes(0, 1)
        return stacked

    def penalty(self, values: FloatArray) -> float:
        return float(np.sum(self.precision * (values - self.center) ** 2))


def starting_model(table: PanelTable, model: PaintModel) -> PaintModel:
    """A model with the films' thicknesses as stated, the median of those where one is not.

    Raises
    ------
    CharacterisationError
        If there are films and the thickness of none is stated: nothing else gives K and S a scale.
    """
    if table.films is None:
        return model
    stated = table.films.stated_um
    if not np.isfinite(stated).any():
        raise CharacterisationError(
            f"no film thickness is stated for any of {', '.join(table.films.drawdowns)}: K and S per µm need at least "
            "one. Measure the dry film of one drawdown, or characterise from panels that hide"
        )
    middle = float(np.median(stated[np.isfinite(stated)]))
    return replace(model, thickness_um=frozen(np.where(np.isfinite(stated), stated, middle)))


def fit_shared(
    table: PanelTable,
    model: PaintModel,
    prior: Prior,
    *,
    k1: bool = False,
    crowding: bool = False,
    start: Fit | None = None,
    noise: float | None = None,
) -> SharedFit:
    """Fit colorants together with the film thicknesses and, where asked, k1 and the crowding.

    Parameters
    ----------
    table, prior, start, noise
        As `fit_panels` takes them.
    model : PaintModel
        Where the shared quantities begin.
    k1, crowding : bool
        Whether they are free.

    Notes
    -----
    Gauss–Newton on the shared quantities alone, the colorants being at their best for each trial (variable projection
    after G. H. Golub, V. Pereyra, SIAM J. Numer. Anal. 10 (1973) 413, doi:10.1137/0710036).
    """
    shared = _Shared(table, prior, k1, crowding)
    fit = fit_panels(table, model, prior, start=start, noise=noise)
    if not shared.names:
        return SharedFit(fit, (), frozen([]))
    covariance = np.zeros((len(shared.names),) * 2)
    for round_ in range(2):
        fit, covariance = _refine(table, fit, prior, shared)
        if noise is not None or round_:
            break
        # The noise was measured under the first guess of the shared quantities.
        fit = fit_panels(table, fit.model, prior, start=fit)
    return SharedFit(fit, shared.names, frozen(np.sqrt(np.diag(covariance))))


def _refine(table: PanelTable, fit: Fit, prior: Prior, shared: _Shared) -> tuple[Fit, FloatArray]:
    weights = lightness_weights(table.measured)
    for _ in range(_MAX_STEPS):
        problem, values = LadderProblem(table, fit.model, weights, prior), shared.read(fit.model)
        equations, J, _ = problem.equations(fit.unknown, fit.noise)
        columns = shared.columns(problem, fit.unknown) / fit.noise
        right = problem.layout.gradient(*J, columns)
        passed = equations.solve(*right)
        projected = np.einsum("bpi,bpj->ij", columns, columns) + np.diag(shared.precision)
        for side, through in zip(right, passed, strict=True):
            projected -= side.reshape(-1, len(values)).T @ through.reshape(-1, len(values))
        residuals = problem.residuals(fit.unknown).T / fit.noise
        pull = np.einsum("bpi,bp->i", columns, residuals) + shared.precision * (values - shared.center)
        step = -np.linalg.solve(projected, pull)
        found = None
        for _ in range(_HALVINGS):
            trial = shared.write(values + step, fit.model)
            moved = fit_panels(table, trial, prior, start=fit, noise=fit.noise)
            gain = fit.objective + shared.penalty(values) - moved.objective - shared.penalty(shared.read(trial))
            if gain > 0:
                found = replace(moved, noise_measured=fit.noise_measured)
                break
            step = step / 2
        if found is None:
            break
        fit = found
        if gain < _CONVERGED:
            break
    return fit, np.linalg.inv(projected)
