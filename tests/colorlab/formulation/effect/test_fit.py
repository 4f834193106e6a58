import numpy as np
import pytest

from colorlab.formulation.effect.lobes import Layout, choose, fit_lobes
from colorlab.formulation.effect.panels import EffectPanels
from colorlab.formulation.effect.per_angle_fit import BandModel, LogPrior, fit_bands
from colorlab.formulation.effect.residual_process import train_residuals
from spectra.errors import CharacterisationError
from spectra.flake_paint import GRID, SIX_ANGLES
from spectra.geometry import D8_SCI
from spectra.optics.kubelka_munk import reflectivity

LAYOUT = Layout(3, 4, 2)


def synthetic(shares, n_panels=60, seed=0):
    """Panels that are what the base says they are."""
    rng = np.random.default_rng(seed)
    c = rng.dirichlet(np.ones(4), n_panels)
    K, S = np.exp(rng.normal(-1, 1, (2, 4, 12)))
    S[0] = 1.0
    own = LAYOUT.per_band(np.array([3.0, 2.0, 1.0])) * reflectivity(c @ K, c @ S)
    return c, own + LAYOUT.beneath(LAYOUT.at_flop(own), np.asarray(shares)), K, S


def wide_prior(shape=(8, 12)):
    sd = np.full(shape, 3.0)
    sd[4] = 0.0
    mean = np.full(shape, -1.0)
    mean[4] = 0.0
    return LogPrior(mean, sd)


def test_constants_that_made_the_panels_are_found_again():
    c, R, K, S = synthetic((0.0, 0.0, 0.0))
    ceiling = LAYOUT.per_band(np.array([3.0, 2.0, 1.0]))
    fit = fit_bands(BandModel(c, R, wide_prior(), ceiling, np.zeros_like(R), noise=1e-4))
    assert fit.absorption == pytest.approx(K, rel=1e-2)
    assert fit.scattering == pytest.approx(S, rel=1e-2)


def test_the_gradient_is_that_of_the_objective():
    c, R, *_ = synthetic((0.3, 0.5, 0.0))
    rng = np.random.default_rng(1)
    model = BandModel(c, R, wide_prior(), np.full(12, 3.0), 0.1 * R)
    unknown = rng.normal(-1, 0.3, (8, 12))
    unknown[4] = 0.0
    bands = np.arange(12)
    gradient, _ = model.normal_equations(unknown, bands)
    for row in (0, 3, 5, 7):
        step = np.zeros_like(unknown)
        step[row] = 1e-5
        slope = (model.objective(unknown + step, bands) - model.objective(unknown - step, bands)) / 2e-5
        assert 2 * gradient[:, row] == pytest.approx(slope, rel=1e-5, abs=1e-4)


def test_a_colorant_held_by_its_prior_does_not_move():
    c, R, *_ = synthetic((0.0, 0.0, 0.0))
    fit = fit_bands(BandModel(c, R, wide_prior(), np.full(12, 4.0), np.zeros_like(R)))
    assert (fit.log_constants[4] == 0).all()


def test_shares_of_multiply_scattered_light_are_found_where_they_are():
    c, R, *_ = synthetic((1.0, 0.5, 0.0))
    _, shares = choose(c, R, wide_prior(), LAYOUT, np.random.default_rng(0))
    assert shares[2] == 0
    assert shares[0] >= 0.5
    assert 0.25 <= shares[1] <= 0.75


def test_light_beneath_the_lobes_predicts_what_two_constants_miss():
    c, R, *_ = synthetic((1.0, 0.5, 0.0), n_panels=90)
    train, held = slice(0, 60), slice(60, 90)
    ceiling = np.array([3.0, 2.0, 1.0])
    errors = []
    for shares in (np.zeros(3), np.array([1.0, 0.5, 0.0])):
        lobes = fit_lobes(c[train], R[train], wide_prior(), ceiling, shares, LAYOUT)
        own = LAYOUT.per_band(ceiling) * reflectivity(c[held] @ lobes.fit.absorption, c[held] @ lobes.fit.scattering)
        errors.append(np.abs(own + LAYOUT.beneath(LAYOUT.at_flop(own), shares) - R[held]).mean())
    assert errors[1] < 0.5 * errors[0]


def test_a_process_learns_a_smooth_residual_and_knows_where_it_has_been():
    rng = np.random.default_rng(2)
    c = rng.dirichlet(np.ones(4), 80)
    residual = np.sin(3 * np.sqrt(c[:, :1])) * np.linspace(1, 2, 12) + 0.01 * rng.standard_normal((80, 12))
    process = train_residuals(c[:60], residual[:60])
    assert np.abs(process.mean(c[60:]) - residual[60:]).mean() < 0.05
    assert process.novelty(c[:60]).max() < 0.3
    assert process.novelty(np.eye(4)).max() > process.novelty(c[60:]).mean()
    again = process.with_panel(np.eye(4)[0])
    assert again.novelty(np.eye(4))[0] < 0.1


def test_noise_alone_teaches_a_process_nothing():
    rng = np.random.default_rng(3)
    c = rng.dirichlet(np.ones(4), 60)
    process = train_residuals(c, 0.01 * rng.standard_normal((60, 12)))
    assert np.abs(process.mean(rng.dirichlet(np.ones(4), 20))).mean() < 0.005


def test_panels_that_cannot_train_a_model_are_refused_with_the_reason(effect_panels):
    few = effect_panels.recipes[:5]
    spectra, roles = effect_panels.reflectance_factor, effect_panels.roles
    with pytest.raises(CharacterisationError, match="5 effect panels"):
        EffectPanels(few, spectra[:5], GRID, SIX_ANGLES, roles)
    with pytest.raises(CharacterisationError, match="d/8 SCI"):
        EffectPanels(effect_panels.recipes, spectra[:, :1], GRID, D8_SCI, roles)
    with pytest.raises(CharacterisationError, match="nobody said what"):
        EffectPanels(effect_panels.recipes, spectra, GRID, SIX_ANGLES, {"AL1": "effect"})
    broken = spectra.copy()
    broken[3, 0, 0] = np.nan
    with pytest.raises(CharacterisationError, match="not a number"):
        EffectPanels(effect_panels.recipes, broken, GRID, SIX_ANGLES, roles)
