"""Targets: measured once or several times, at angles where flakes mirror, or stated as a colour only."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from colorlab.colorimetry.tristimulus import spectra_to_lab
from colorlab.colorimetry.viewing import A_10, D65_10
from colorlab.formulation.search.match import match
from colorlab.formulation.search.objective import Objective
from colorlab.formulation.target import (
    Target,
    target_from_lab,
    target_from_measurement,
    target_from_measurements,
)
from spectra.errors import FormulationError, NotComparableError
from spectra.geometry import ANNULAR_45_0, D8_SCI, directional
from spectra.measurement import Measurement
from spectra.wavelengths import WavelengthGrid

GRID = WavelengthGrid(400, 700, 10)
RED = 0.05 + 0.5 / (1 + np.exp(-(GRID.wavelengths - 590) / 12))


@pytest.fixture(scope="module")
def paints(drawn):
    return drawn(5, seed=3)


@given(st.floats(30, 85), st.floats(-20, 20), st.floats(-20, 20))
@settings(max_examples=40)
def test_a_stated_colour_gets_a_spectrum_that_has_it(paints, L, a, b):
    target = target_from_lab("stated", (L, a, b), D65_10, paints)
    assert spectra_to_lab(target.reflectance_factor[0], GRID, D65_10) == pytest.approx((L, a, b), abs=1e-5)
    assert target.stated_under == D65_10


def test_a_grey_gets_the_flat_spectrum():
    """Of all spectra of a grey the flat one is the smoothest."""
    flat = np.full(31, 0.1842)
    lab = spectra_to_lab(flat, GRID, D65_10)

    class OnePaint:
        geometry, grid, ceilings, ceiling = D8_SCI, GRID, np.ones(1), None

    target = target_from_lab("grey", lab, D65_10, OnePaint)
    assert target.reflectance_factor[0] == pytest.approx(flat, abs=1e-6)


@pytest.mark.parametrize("lab", [(99.0, 5.0, 5.0), (50.0, 120.0, 60.0), (20.0, -80.0, 0.0)])
def test_a_colour_that_no_surface_has_is_refused(paints, lab):
    with pytest.raises(FormulationError, match="no colour of a surface"):
        target_from_lab("impossible", lab, D65_10, paints)


def test_a_colour_stated_in_part_is_refused(paints):
    with pytest.raises(FormulationError, match=r"expected finite L\*, a\*, b\*"):
        target_from_lab("half", (50.0, 1.0), D65_10, paints)


def test_a_stated_colour_is_matched_on_that_colour_alone(paints):
    whole = np.zeros((1, 6))
    whole[0, paints.indices(("W", "C1", "C2", "C4"))] = [0.7, 0.1, 0.1, 0.1]
    lab = spectra_to_lab(paints.reflectance_factor(whole)[0, 0], GRID, A_10)
    result = match(target_from_lab("stated", lab, A_10, paints), paints, max_colorants=4)
    assert result.objective.viewings == (A_10,)
    assert result.objective.spectral_weight == 0
    assert result.matches[0].delta_E_00.max() < 0.01
    assert result.matches[0].metamerism.size == 0
    assert "matched on that colour alone" in result.findings[0]


def test_repeats_are_averaged_with_their_covariance(paints):
    rng = np.random.default_rng(1)
    readings = [
        Measurement(f"r{n}", RED[None] * (1 + 0.004 * rng.standard_normal((1, 31))), GRID, D8_SCI) for n in range(4)
    ]
    target = target_from_measurements(readings, paints, "red")
    assert target.name == "red"
    assert target.reflectance_factor == pytest.approx(np.mean([one.reflectance_factor for one in readings], axis=0))
    # Four readings that scatter by 0.4 %: their mean by half of that.
    relative = np.sqrt(np.diagonal(target.covariance[0])) / np.hypot(RED, 0.05)
    assert np.mean(relative) == pytest.approx(0.002, rel=0.4)
    alone = target_from_measurements(readings[:1], paints, "red")
    assert alone.covariance is None
    assert alone.reflectance_factor == pytest.approx(readings[0].reflectance_factor)


def test_a_measurement_with_its_own_repeats_is_averaged_too(paints):
    rng = np.random.default_rng(2)
    readings = RED[None, None] + 0.002 * rng.standard_normal((3, 1, 31))
    measured = Measurement("red", readings.mean(axis=0), GRID, D8_SCI, readings=readings)
    assert target_from_measurement(measured, paints).covariance.shape == (1, 31, 31)


def test_repeats_must_be_measured_alike(paints):
    one = Measurement("a", RED[None], GRID, D8_SCI)
    with pytest.raises(NotComparableError, match="Measure a target's repeats alike"):
        target_from_measurements([one, Measurement("b", RED[None], GRID, ANNULAR_45_0)], paints, "red")
    with pytest.raises(FormulationError, match="no measurement"):
        target_from_measurements([], paints, "red")


def test_flakes_may_mirror_up_to_the_ceiling_of_their_angle():
    angles = directional(("45as15", "45as45"))
    bright = np.vstack([np.full(31, 2.5), np.full(31, 0.6)])
    assert Target("silver", bright, GRID, angles, ceiling=np.array([4.0, 1.0])).reflectance_factor.max() == 2.5
    with pytest.raises(FormulationError, match=r"silver at 45as15: 2\.5 at 400 nm; .* below 2 there"):
        Target("silver", bright, GRID, angles, ceiling=np.array([2.0, 1.0]))
    with pytest.raises(FormulationError, match=r"silver at 45as15: 2\.5"):
        Target("silver", bright, GRID, angles)


def test_an_objective_of_a_light_beside_it_does_not_matter_to_a_stated_colour(paints):
    target = target_from_lab("stated", (60, 5, 20), A_10, paints)
    usual = match(target, paints, max_colorants=3).matches[0]
    other = match(target, paints, max_colorants=3, objective=Objective((D65_10,), (1.0,), metamerism_weight=1.0))
    assert other.matches[0].objective == pytest.approx(usual.objective, abs=1e-9)
