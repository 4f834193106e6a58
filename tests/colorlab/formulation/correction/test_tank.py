"""The paint in the tank taken as it was measured."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from colorlab.formulation.correction.tank import Batch, MeasuredBatch
from spectra.errors import FormulationError, UnknownColorantError
from spectra.recipe import recipe_from_masses

MASSES = {"W": 500.0, "C1": 10.0, "C2": 20.0}


@pytest.fixture(scope="module", params=["kubelka-munk", "similarity"])
def paints(request, drawn):
    found = drawn(4, 1)
    crowding = 0.0 if request.param == "kubelka-munk" else 0.3
    crowds = tuple(replace(one, crowds=1.0 if one.code == "W" else 0.0) for one in found.colorants)
    return replace(found, colorants=crowds, link=request.param, crowding=crowding, ceiling=np.array([1.2]))


def test_without_additions_the_batch_looks_as_measured(paints, tank):
    batch = tank.batch(paints, MASSES, {"C1": 1.2, "C2": 0.8})
    model = MeasuredBatch(paints, batch, (0, 1, 2))
    assert model.reflectance_factor(np.zeros((1, 3)))[0] == pytest.approx(batch.reflectance_factor)


def test_a_batch_the_model_predicts_goes_where_the_model_goes(paints, tank):
    batch = tank.batch(paints, MASSES)
    model = MeasuredBatch(paints, batch, (1, 3))
    added = np.array([[0.02, 0.05]])
    total = sum(MASSES.values())
    masses = MASSES | {"C1": MASSES["C1"] + 0.02 * total, "C3": 0.05 * total}
    assert model.reflectance_factor(added)[0] == pytest.approx(paints.reflectance_factor(tank.row(paints, masses))[0])


@settings(max_examples=15)
@given(st.floats(0, 0.3), st.floats(0, 0.3))
def test_slopes_are_those_of_finite_differences(paints, tank, first, second):
    model = MeasuredBatch(paints, tank.batch(paints, MASSES, {"C1": 1.1}), (0, 2))
    amounts, step = np.array([[first, second]]), 1e-6
    spectrum, slopes = model.reflectance_and_slope(amounts)
    moved = np.array([model.reflectance_factor(amounts + step * one)[0] for one in np.eye(2)])
    assert slopes[0] == pytest.approx((moved - spectrum[0]) / step, rel=1e-3, abs=1e-4)


def test_what_is_taken_out_absorbs_as_the_paint_in_the_tank_so_that_some_is_left(paints, tank):
    batch = tank.batch(paints, MASSES, {"C1": 0.1, "C2": 0.1})
    amounts = -0.95 * batch.recipe.mass_fractions[None, 1:]
    with pytest.raises(FormulationError, match="absorption"):
        MeasuredBatch(paints, batch, (1, 2)).reflectance_and_slope(amounts)
    spectrum, _ = MeasuredBatch(paints, batch, (1, 2), taken_out=True).reflectance_and_slope(amounts)
    assert (spectrum[0] > batch.reflectance_factor).any()
    assert np.isfinite(spectrum).all()


def test_much_fresh_paint_drowns_what_the_model_said_wrongly(paints, tank):
    wrong = MeasuredBatch(paints, tank.batch(paints, MASSES, {"C1": 1.5}), (0, 3))
    right = MeasuredBatch(paints, tank.batch(paints, MASSES), (0, 3))
    little, much = np.array([[0.0, 0.01]]), np.array([[500.0, 500.0]])
    apart = [np.abs(wrong.reflectance_factor(one) - right.reflectance_factor(one)).max() for one in (little, much)]
    assert apart[1] < 0.02 * apart[0]


def test_a_black_below_its_surface_keeps_its_difference(paints):
    spectrum = np.full((1, paints.grid.count), 1.2 * 0.0395)
    batch = Batch("black", recipe_from_masses("black", {"C1": 1.0}), 100.0, spectrum)
    model = MeasuredBatch(paints, batch, (1,))
    assert model.residual == pytest.approx(np.ones_like(spectrum))
    assert model.reflectance_factor(np.array([[0.5]]))[0] == pytest.approx(spectrum)


@pytest.mark.parametrize("mass", [0.0, -1.0, np.nan])
def test_a_batch_without_mass_is_refused(mass):
    with pytest.raises(FormulationError, match="positive mass"):
        Batch("b", recipe_from_masses("b", MASSES), mass, np.full((1, 31), 0.5))


def test_what_does_not_fit_the_colorants_is_refused(paints):
    reading = np.full((1, 31), 0.5)
    with pytest.raises(UnknownColorantError):
        MeasuredBatch(paints, Batch("b", recipe_from_masses("b", {"Z": 1.0}), 1.0, reading), (0,))
    with pytest.raises(FormulationError, match="reading of shape"):
        MeasuredBatch(paints, Batch("b", recipe_from_masses("b", MASSES), 1.0, reading[:, :16]), (0,))
    with pytest.raises(FormulationError, match="covariance of shape"):
        Batch("b", recipe_from_masses("b", MASSES), 1.0, reading, np.eye(3))
