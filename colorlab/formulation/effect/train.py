"""Training: from a laboratory's effect panels to a model of its effect paints."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from colorlab.formulation.effect.held_out import COVERAGE, HeldOutError, held_out_error
from colorlab.formulation.effect.lobes import Layout, Lobes, choose, fit_lobes, plain_fit
from colorlab.formulation.effect.model import EffectModel
from colorlab.formulation.effect.panels import EffectPanels
from colorlab.formulation.effect.per_angle_fit import BandFit, BandModel, LogPrior, fit_bands, visible
from colorlab.formulation.effect.residual_process import ResidualProcess, train_residuals
from colorlab.formulation.effect.texture import FEWEST_READINGS, train_texture
from spectra.arrays import FloatArray, frozen
from spectra.colorant import Colorant, ColorantSet
from spectra.errors import NotComparableError
from spectra.optics.interface import Saunderson

# ln K and ln S of a tint as its solid ladder gave them, of one without a ladder, and of flakes relative to a white.
_LADDER_SD = (0.7, 1.0)
_TINT, _TINT_SD = (-0.5, -1.5), (2.0, 1.5)
_FLAKE, _FLAKE_SD = (-2.3, 0.7), (1.5, 1.5)
# The least of a ladder's K: an ideal white would stand at −∞.
_LEAST_K = 1e-4
# Letdowns that carry a ladder's constants over, and what is assumed of ln K and ln S there.
_LETDOWNS = (1.0, 0.6, 0.2, 0.05, 0.01)
_UNKNOWN_SD = (4.0, 1.5)
_LADDER_CEILING = 1.02
# Errors fall as panels are added: folds of two sizes tell how fast, for the step from the larger to all panels.
_FEW_FOLDS, _FOLDS = 3, 10
# Power of the number of panels: that of averaging. A fold that loses the only panel of its kind would tell more.
_FASTEST = 0.5
# More than the training panels' greatest dose by this factor is not searched.
_DOSE_MARGIN = 1.2


def train_effect_model(
    panels: EffectPanels,
    *,
    name: str,
    ladders: ColorantSet | None = None,
    seed: int = 0,
) -> EffectModel:
    """Fit base, residuals and their uncertainty to panels.

    Parameters
    ----------
    panels : EffectPanels
        As `colorlab.formulation.effect.design` chooses them, or any.
    name : str
    ladders : ColorantSet, optional
        Constants of the tints from solid letdowns, on the same grid, in any one geometry: where the panels hold little
        of a tint, its constants stay near these.
    seed : int
        Deals the panels into folds.

    Returns
    -------
    EffectModel

    Raises
    ------
    NotComparableError
        If the ladders are on another grid.
    """
    codes, fractions = panels.codes, panels.fractions
    measured = panels.reflectance_factor.reshape(len(fractions), -1)
    flop = int(np.argmax(panels.geometry.aspecular_angles))
    layout = Layout(panels.geometry.n_angles, panels.grid.count, flop)
    base = _base(panels, ladders)
    prior = _prior(panels, ladders, base, layout)
    rng = np.random.default_rng(seed)
    ceiling, shares = choose(fractions, measured, prior, layout, rng)
    lobes = fit_lobes(fractions, measured, prior, ceiling, shares, layout)
    process = train_residuals(fractions, visible(measured) - visible(_seen(lobes, fractions)))
    error = _held_out(panels, lobes, prior, process, rng)
    search = plain_fit(fractions, measured, prior, ceiling, layout)
    flakes = np.array([panels.roles[code] == "effect" for code in codes])
    texture = {
        quantity: train_texture(quantity, fractions, values, flakes, rng)
        for quantity, values in panels.texture.items()
        if np.isfinite(values).sum() >= FEWEST_READINGS
    }
    return EffectModel(
        _colorant_set(panels, name, lobes.fit, ceiling, base),
        frozen(shares),
        _colorant_set(panels, name, search, ceiling, base),
        process,
        error,
        texture,
    )


def _base(panels: EffectPanels, ladders: ColorantSet | None) -> str:
    """The colorant whose scattering is the unit: the ladders' base, or a white, or what most panels hold."""
    if ladders is not None and ladders.base in panels.codes:
        return ladders.base
    whites = [code for code in panels.codes if panels.roles[code] == "white"]
    held = np.count_nonzero(panels.fractions, axis=0)
    return whites[0] if whites else panels.codes[int(np.argmax(held))]


def _prior(panels: EffectPanels, ladders: ColorantSet | None, base: str, layout: Layout) -> LogPrior:
    if ladders is not None and ladders.grid != panels.grid:
        raise NotComparableError("grid", f"ladders {ladders.grid}", f"panels {panels.grid}")
    codes, known = panels.codes, {} if ladders is None else _ladder_constants(ladders)
    n_bands = layout.n_angles * layout.n_wavelengths
    mean = np.empty((2, len(codes), n_bands))
    sd = np.empty((2, len(codes), n_bands))
    for row, code in enumerate(codes):
        flake = panels.roles[code] == "effect"
        mean[:, row] = np.array(_FLAKE if flake else _TINT)[:, None]
        sd[:, row] = np.array(_FLAKE_SD if flake else _TINT_SD)[:, None]
        if code in known and not flake:
            mean[:, row] = np.tile(known[code], layout.n_angles)
            sd[:, row] = np.array(_LADDER_SD)[:, None]
    row = codes.index(base)
    sd[1, row] = 0.0
    if base not in known:
        mean[1, row] = 0.0
    return LogPrior(mean.reshape(-1, n_bands), sd.reshape(-1, n_bands))


def _ladder_constants(ladders: ColorantSet) -> dict[str, FloatArray]:
    """ln K and ln S of every colorant, shape (2, n_wavelengths), as this model reads its letdowns.

    Ladders have a paint model and a surface of their own. What carries over are the colours of letdowns in the base:
    they are predicted with theirs and fitted with the two constants used here.
    """
    base = ladders.index(ladders.base)
    rows = [np.eye(len(ladders.codes))[base]]
    for tint in range(len(ladders.codes)):
        if tint != base:
            rows += [share * np.eye(len(ladders.codes))[tint] + (1 - share) * rows[0] for share in _LETDOWNS]
    fractions = np.array(rows)
    seen = ladders.reflectance_factor(fractions).mean(axis=1) - ladders.surface.offset
    mean = np.repeat(np.array(_TINT).repeat(len(ladders.codes))[:, None], ladders.grid.count, axis=1)
    sd = np.repeat(np.array(_UNKNOWN_SD).repeat(len(ladders.codes))[:, None], ladders.grid.count, axis=1)
    mean[len(ladders.codes) + base], sd[len(ladders.codes) + base] = 0.0, 0.0
    ceiling = np.maximum(_LADDER_CEILING * seen.max(axis=0), 1.0)
    model = BandModel(fractions, seen, LogPrior(mean, sd), ceiling, np.zeros_like(seen))
    constants = np.maximum(fit_bands(model).log_constants.reshape(2, len(ladders.codes), -1), np.log(_LEAST_K))
    return {code: constants[:, row] for row, code in enumerate(ladders.codes)}


def _seen(lobes: Lobes, fractions: FloatArray) -> FloatArray:
    """Reflectance factor of the base, shape (n, n_bands)."""
    from spectra.optics.kubelka_munk import reflectivity

    layout = lobes.layout
    inside = reflectivity(fractions @ lobes.fit.absorption, fractions @ lobes.fit.scattering)
    own = layout.per_band(lobes.ceiling) * inside
    return own + layout.beneath(layout.at_flop(own), lobes.shares)


def _held_out(
    panels: EffectPanels, lobes: Lobes, prior: LogPrior, process: ResidualProcess, rng: np.random.Generator
) -> HeldOutError:
    """How far every panel is predicted off by a model that never saw it, brought to the number of all panels."""
    shape = panels.reflectance_factor.shape
    sizes, predictions, novelty = [], [], np.empty(0)
    for folds in (_FEW_FOLDS, _FOLDS):
        predicted, novelty = _predicted_unseen(panels, lobes, prior, process, rng.permutation(shape[0]) % folds)
        predictions.append(predicted.reshape(shape))
        size = np.mean((visible(panels.reflectance_factor) - visible(predictions[-1])) ** 2, axis=(1, 2))
        sizes.append(float(np.log(np.quantile(size, COVERAGE)) / 2))
    kept = [np.log(1 - 1 / folds) for folds in (_FEW_FOLDS, _FOLDS)]
    fall = min(max((sizes[0] - sizes[1]) / (kept[1] - kept[0]), 0.0), _FASTEST)
    lead = float(np.exp(fall * kept[1]))
    return held_out_error(panels.reflectance_factor, predictions[-1], novelty, panels.grid, lead)


def _predicted_unseen(
    panels: EffectPanels, lobes: Lobes, prior: LogPrior, process: ResidualProcess, fold: NDArray[np.intp]
) -> tuple[FloatArray, FloatArray]:
    fractions, measured = panels.fractions, panels.reflectance_factor.reshape(len(panels.recipes), -1)
    predicted, novelty = np.empty_like(measured), np.empty(len(measured))
    for out in range(fold.max() + 1):
        inside, held = fold != out, fold == out
        part = fit_lobes(
            fractions[inside], measured[inside], prior, lobes.ceiling, lobes.shares, lobes.layout, lobes.fit
        )
        base = _seen(part, fractions)
        learned = process.refitted(fractions[inside], (visible(measured) - visible(base))[inside])
        root = visible(base[held]) + learned.mean(fractions[held])
        predicted[held] = np.maximum(root, 0.0) ** 3
        novelty[held] = learned.novelty(fractions[held])
    return predicted, novelty


def _colorant_set(panels: EffectPanels, name: str, fit: BandFit, ceiling: FloatArray, base: str) -> ColorantSet:
    shape = (panels.geometry.n_angles, panels.grid.count)
    colorants = []
    for row, code in enumerate(panels.codes):
        doses = panels.fractions[:, row][panels.fractions[:, row] > 0]
        colorants.append(
            Colorant(
                code=code,
                name=code,
                role=panels.roles[code],
                absorption=fit.absorption[row].reshape(shape),
                scattering=fit.scattering[row].reshape(shape),
                dose_limits=(0.0, min(1.0, _DOSE_MARGIN * float(doses.max()))),
                calibrated_dose=(0.0, float(doses.max())),
            )
        )
    surface = Saunderson(0.0, 0.0, False)
    return ColorantSet(name, tuple(colorants), panels.grid, panels.geometry, surface, base, ceiling=ceiling)
