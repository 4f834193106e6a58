"""The objective: CIEDE2000's local metric and the matrices of the search agree with the formula itself."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from colorlab.colorimetry.viewing import A_10, D65_10
from colorlab.difference.standard import FORMULAS, delta_E
from colorlab.formulation.search.objective import LocalObjective, Objective, deviation, local_metric
from colorlab.formulation.target import Target, target_from_measurement
from spectra.errors import FormulationError, MissingAngleError, NotComparableError, WavelengthRangeError
from spectra.geometry import ANNULAR_45_0, D8_SCI, directional
from spectra.measurement import Measurement
from spectra.wavelengths import WavelengthGrid

GRID = WavelengthGrid(400, 700, 10)
RED = 0.05 + 0.5 / (1 + np.exp(-(GRID.wavelengths - 590) / 12))


@given(
    st.tuples(st.floats(5, 95), st.floats(-60, 60), st.floats(-60, 60)),
    st.tuples(*[st.floats(-1, 1)] * 3).filter(lambda d: np.linalg.norm(d) > 0.1),
)
def test_the_metric_is_the_formula_for_small_differences(lab, direction):
    small = 1e-2 * np.array(direction)
    exact = float(delta_E(np.array(lab), np.array(lab) + small))
    assert np.sqrt(small @ local_metric(np.array(lab)) @ small) == pytest.approx(exact, rel=0.03, abs=1e-4)


def test_the_metric_of_a_neutral_grey_is_one_of_lengths():
    assert np.linalg.eigvalsh(local_metric(np.array([50.0, 0.0, 0.0]))).min() > 0


@pytest.mark.parametrize("spectrum", [RED, np.full(31, 0.6), np.full(31, 0.004)])
def test_the_search_minimises_what_the_ranking_ranks(spectrum):
    target = Target("red", spectrum, GRID, D8_SCI)
    goal = Objective()
    rng = np.random.default_rng(1)
    near = spectrum * (1 + 0.002 * rng.standard_normal((20, 1, 31)))
    local = LocalObjective(target, goal)
    r = local.residuals(near[:, 0])
    squared = np.sum(r * r, axis=1) + local.spectral * np.sum((near[:, 0] - spectrum) ** 2, axis=1)
    assert np.sqrt(squared) == pytest.approx(deviation(target, near, goal).value, rel=0.02)


def test_the_linear_map_is_the_derivative_of_the_residuals():
    target = Target("red", RED, GRID, D8_SCI)
    local = LocalObjective(target, Objective())
    step = 1e-5 * np.sin(np.arange(31))
    change = (local.residuals(RED + step) - local.residuals(RED - step)) / 2
    assert local.linear_map(RED) @ step == pytest.approx(change, rel=1e-4, abs=1e-9)


def test_angles_share_the_objective_evenly():
    angles = directional(("45as15", "45as110"))
    both = Target("red", np.vstack([RED, 0.5 * RED]), GRID, angles)
    off = np.vstack([RED, 0.5 * RED])[None] * 1.01
    together = deviation(both, off, Objective())
    single = [
        deviation(Target("one", row, GRID, D8_SCI), 1.01 * row[None, None], Objective()).weighted_delta_E_00[0]
        for row in both.reflectance_factor
    ]
    assert together.delta_E_00.shape == (1, 2, 3)
    assert together.weighted_delta_E_00[0] == pytest.approx(np.sqrt(np.mean(np.square(single))))


def test_weights_are_brought_to_one_and_nonsense_is_refused():
    assert Objective((D65_10, A_10), (3, 1)).viewing_weights == (0.75, 0.25)
    with pytest.raises(FormulationError, match="2 viewing conditions and 3 weights"):
        Objective((D65_10, A_10), (1, 1, 1))
    with pytest.raises(FormulationError, match="must not be negative"):
        Objective((D65_10,), (-1,))


def test_a_target_must_be_measured_like_the_ladders(drawn):
    paints = drawn(1, seed=1)
    fine = WavelengthGrid(380, 730, 5)
    wide = Measurement("red", np.full((1, fine.count), 0.3), fine, D8_SCI)
    assert target_from_measurement(wide, paints).reflectance_factor.shape == (1, 31)
    with pytest.raises(NotComparableError, match="Measure the target in the geometry of the ladders"):
        target_from_measurement(Measurement("red", np.full((1, 31), 0.3), GRID, ANNULAR_45_0), paints)
    short = WavelengthGrid(420, 700, 10)
    with pytest.raises(WavelengthRangeError):
        target_from_measurement(Measurement("red", np.full((1, short.count), 0.3), short, D8_SCI), paints)


def test_a_target_no_paint_reflects_is_refused_with_the_place():
    with pytest.raises(FormulationError, match=r"black hole: 0 at 400 nm"):
        Target("black hole", np.zeros(31), GRID, D8_SCI)
    glowing = np.where(GRID.wavelengths == 610, 1.07, 0.4)
    with pytest.raises(FormulationError, match=r"daylight orange: 1\.07 at 610 nm; .*fluorescence"):
        Target("daylight orange", glowing, GRID, D8_SCI)


@pytest.mark.parametrize("name", FORMULAS)
def test_every_formula_may_be_matched_by(name):
    """The search minimises what the ranking ranks: near the target the local form is the formula, whichever it is."""
    target = Target("red", RED, GRID, D8_SCI)
    goal = Objective(formula=name, spectral_weight=0.0)
    rng = np.random.default_rng(1)
    near = RED * (1 + 1e-3 * rng.standard_normal((30, 1, 31)))
    r = LocalObjective(target, goal).residuals(near[:, 0])
    exact = deviation(target, near, goal)
    # HyAB is no quadratic form however near: √2 between its axes and its diagonals.
    apart = 0.5 if name == "HyAB" else 0.03
    assert np.sqrt(np.sum(r * r, axis=1)) == pytest.approx(exact.value, rel=apart)
    usual = deviation(target, near, Objective(spectral_weight=0.0))
    assert exact.delta_E_00 == pytest.approx(usual.delta_E)


def test_metamerism_counts_what_is_left_when_the_match_is_taken_off():
    target = Target("red", RED, GRID, D8_SCI)
    near = RED * (1 + 0.002 * np.random.default_rng(3).standard_normal((8, 1, 31)))
    plain, more = Objective(), Objective(metamerism_weight=2.0)
    added = deviation(target, near, more).value ** 2 - deviation(target, near, plain).value ** 2
    index = deviation(target, near, plain).metamerism
    assert added == pytest.approx(4 * np.mean(index**2, axis=(1, 2)))
    local, without = (LocalObjective(target, goal).residuals(near[:, 0]) for goal in (more, plain))
    assert np.sum(local**2, axis=1) - np.sum(without**2, axis=1) == pytest.approx(added, rel=0.1)


def test_the_flop_index_may_be_matched():
    angles = directional(("45as15", "45as45", "45as110"))
    silver = np.vstack([0.95 * RED / RED.max(), 0.4 * RED, 0.15 * RED])
    target = Target("silver", silver, GRID, angles)
    near = silver * (1 + 0.01 * np.random.default_rng(3).standard_normal((6, 3, 1)))
    plain, more = Objective(), Objective(flop_weight=0.5)
    off = deviation(target, near, more)
    assert off.flop is not None
    assert off.value**2 - deviation(target, near, plain).value ** 2 == pytest.approx((0.5 * off.flop) ** 2)
    local, without = (LocalObjective(target, goal).residuals(near.reshape(6, -1)) for goal in (more, plain))
    assert local[:, -1] == pytest.approx(0.5 * off.flop, rel=0.1, abs=0.02)
    assert local[:, :-1] == pytest.approx(without)


def test_the_flop_of_a_single_angle_is_refused():
    with pytest.raises(MissingAngleError, match="needs the 15°"):
        LocalObjective(Target("red", RED, GRID, D8_SCI), Objective(flop_weight=1.0))
