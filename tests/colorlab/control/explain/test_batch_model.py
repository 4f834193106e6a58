"""How a paint's spectrum moves with each cause, and what cancels when only the change is taken from the model."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from colorlab.control.explain.batch_model import BatchModel, Film
from colorlab.control.explain.causes import Cause
from colorlab.formulation.prediction.predict import predict
from spectra.errors import FormulationError, UnknownColorantError
from spectra.recipe import recipe_from_masses

RECIPE = recipe_from_masses("grey blue", {"W01": 80, "B15": 10, "V23": 6, "K05": 4})
EFFECT = st.floats(-0.5, 0.5)


@pytest.fixture(scope="module")
def model(bench):
    return BatchModel(bench.colorants, RECIPE)


def film_model(bench, thickness, substrate=0.5):
    bare = np.full((1, bench.colorants.grid.count), substrate)
    return BatchModel(bench.colorants, RECIPE, Film(thickness, bare, 0.05))


def test_a_recipe_as_stated_looks_as_predicted(bench, model):
    assert model.as_stated == pytest.approx(predict(bench.colorants, RECIPE).reflectance_factor)


def test_an_amount_changed_is_the_recipe_with_that_amount(bench, model):
    changed = recipe_from_masses("more", {"W01": 80, "B15": 12, "V23": 6, "K05": 4})
    moved = model.reflectance_factor({Cause("amount", "B15"): np.log(1.2)})
    assert moved == pytest.approx(predict(bench.colorants, changed).reflectance_factor)


def test_a_foreign_colorant_is_the_recipe_with_it(bench, model):
    changed = recipe_from_masses("foreign", {"W01": 80, "B15": 10, "V23": 6, "K05": 4, "R22": 1})
    moved = model.reflectance_factor({Cause("foreign", "R22"): np.log(0.01)})
    assert moved == pytest.approx(predict(bench.colorants, changed).reflectance_factor)


@given(EFFECT)
def test_all_amounts_changed_alike_change_no_hiding_film(model, effect):
    every = {Cause("amount", code): effect for code in RECIPE.colorants}
    assert model.reflectance_factor(every) == pytest.approx(model.as_stated)


@given(EFFECT)
def test_all_amounts_changed_alike_are_film_build(bench, effect):
    model = film_model(bench, 20.0)
    every = {Cause("amount", code): effect for code in RECIPE.colorants}
    assert model.reflectance_factor(every) == pytest.approx(model.reflectance_factor({Cause("film build"): effect}))


def test_a_film_of_light_pastes_acts_as_a_thinner_one(bench):
    heavy = {"W01": 2.0}
    dense = replace(
        bench.colorants,
        colorants=tuple(replace(one, density_g_cm3=heavy.get(one.code, 1.0)) for one in bench.colorants.colorants),
    )
    film = film_model(bench, 20.0).film
    thinner = film_model(bench, 20.0 / (0.8 + 2.0 * 0.2))
    assert BatchModel(dense, RECIPE, film).as_stated == pytest.approx(thinner.as_stated, rel=1e-9)


def test_a_thick_film_is_a_hiding_one(bench, model):
    assert film_model(bench, 1e5).as_stated == pytest.approx(model.as_stated, abs=1e-9)


def test_coarser_pigment_absorbs_less_and_scatters_as_told(bench):
    cause = Cause("dispersion", "B15")
    same = BatchModel(bench.colorants, RECIPE).reflectance_factor({cause: -0.1})
    more = BatchModel(bench.colorants, RECIPE, dispersion_scattering=1.0).reflectance_factor({cause: -0.1})
    assert (same >= BatchModel(bench.colorants, RECIPE).as_stated - 1e-12).all()
    assert (more > same).all()


@given(EFFECT, EFFECT)
def test_a_paint_the_model_knows_exactly_is_moved_exactly(model, first, second):
    before, after = {Cause("amount", "K05"): first}, {Cause("amount", "V23"): second}
    start = model.reflectance_factor(before)
    assert model.moved(start, before, after) == pytest.approx(model.reflectance_factor(after), abs=1e-9)


@given(st.floats(0.05, 0.9), EFFECT)
def test_what_moves_there_moves_back(model, level, effect):
    measured = np.full_like(model.as_stated, level)
    cause = {Cause("amount", "B15"): effect}
    there = model.moved(measured, {}, cause)
    assert model.moved(there, cause, {}) == pytest.approx(measured, abs=1e-9)


def test_an_error_of_the_colorants_cancels_from_a_change_to_first_order(bench):
    """Colorants 10 % too strong mispredict the paint by far more than they mispredict how it changes."""
    rng = np.random.default_rng(4)
    wrong = replace(
        bench.colorants,
        colorants=tuple(
            replace(one, absorption=one.absorption * np.exp(0.1 * rng.standard_normal()))
            for one in bench.colorants.colorants
        ),
    )
    true, known = BatchModel(bench.colorants, RECIPE), BatchModel(wrong, RECIPE)
    for code in RECIPE.colorants:
        cause = {Cause("amount", code): np.log(0.95)}
        batch = true.reflectance_factor(cause)
        by_difference = np.abs(known.moved(true.as_stated, {}, cause) - batch).max()
        by_prediction = np.abs(known.reflectance_factor(cause) - batch).max()
        assert by_difference < 0.15 * np.abs(batch - true.as_stated).max()
        assert by_difference < 0.1 * by_prediction


@pytest.mark.parametrize("wrong", [(0.0, 0.5, 0.05), (20.0, 0.5, np.nan), (20.0, -0.1, 0.05)])
def test_an_impossible_film_is_refused(wrong):
    thickness, substrate, scattering = wrong
    with pytest.raises(FormulationError):
        Film(thickness, np.full((1, 31), substrate), scattering)


def test_what_does_not_fit_the_colorants_is_refused(bench):
    with pytest.raises(FormulationError, match="substrate"):
        BatchModel(bench.colorants, RECIPE, Film(20.0, np.full((1, 16), 0.5), 0.05))
    with pytest.raises(UnknownColorantError):
        BatchModel(bench.colorants, recipe_from_masses("x", {"W01": 1, "Z99": 1}))
