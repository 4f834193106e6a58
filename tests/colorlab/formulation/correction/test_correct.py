"""A batch corrected: what is promised is what the tank then gives."""

from dataclasses import replace

import numpy as np
import pytest

from colorlab.formulation.correction.correct import correct
from colorlab.formulation.correction.hits import expected_hits
from colorlab.formulation.correction.result import Means
from colorlab.formulation.correction.words import sentences
from colorlab.formulation.prediction.predict import mass_fractions
from colorlab.formulation.search.objective import Objective, deviation
from spectra.colorant import ColorantSet
from spectra.errors import FormulationError, NotComparableError, UnknownColorantError
from spectra.geometry import directional
from spectra.optics.interface import Saunderson

MASSES = {"W": 500.0, "C1": 10.0, "C2": 20.0, "C3": 5.0}
FINE = Means(balance_resolution_g=0.01)


@pytest.fixture(scope="module")
def paints(drawn, tank):
    return tank.weighable(drawn(4, 1))


def off(target, spectrum):
    return float(deviation(target, spectrum, Objective()).weighted_delta_E_00[0])


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_the_tank_then_gives_what_was_promised(paints, tank, seed):
    rng = np.random.default_rng(seed)
    lots = {code: float(np.exp(0.15 * rng.standard_normal())) for code in ("C1", "C2", "C3")}
    target, batch = tank.target(paints, MASSES), tank.batch(paints, MASSES, lots)
    result = correct(batch, target, paints, tolerance=0.3, means=FINE)
    assert result.decision == "add"
    truth = tank.with_additions(paints, MASSES, lots, result.correction.additions_g)
    assert off(target, truth) == pytest.approx(result.correction.outlook.weighted_delta_E_00, abs=0.05)
    assert off(target, truth) < 0.35 * result.before.weighted_delta_E_00


def test_a_short_dose_is_made_good_by_its_colorant(paints, tank):
    target, batch = tank.target(paints, MASSES), tank.batch(paints, MASSES | {"C2": 14.0})
    (addition,) = correct(batch, target, paints, means=FINE).correction.additions_g.items()
    assert addition == ("C2", pytest.approx(6.0, abs=0.3))


def test_grams_follow_the_mass_of_the_batch(paints, tank):
    target = tank.target(paints, MASSES)
    ten = {code: 10 * mass for code, mass in MASSES.items()}
    small, large = (
        correct(tank.batch(paints, masses, {"C1": 0.8}), target, paints, means=FINE).correction.additions_g
        for masses in (MASSES, ten)
    )
    assert large == pytest.approx({code: 10 * gram for code, gram in small.items()}, abs=0.2)


def test_additions_are_steps_of_the_balance_and_the_sheet_sums(paints, tank):
    target, batch = tank.target(paints, MASSES), tank.batch(paints, MASSES, {"C1": 0.8, "C3": 1.2})
    result = correct(batch, target, paints, means=Means(balance_resolution_g=0.5, least_g=1.0))
    steps = np.array(list(result.correction.additions_g.values())) / 0.5
    assert steps == pytest.approx(np.round(steps))
    assert (steps >= 2).all()
    assert result.correction.batch_g == pytest.approx(batch.mass_g + result.correction.added_g)
    masses = result.correction.recipe.masses(result.correction.batch_g)
    assert masses["C1"] == pytest.approx(MASSES["C1"] + result.correction.additions_g.get("C1", 0.0))


def test_a_batch_near_its_target_is_left(paints, tank):
    target, batch = tank.target(paints, MASSES), tank.batch(paints, MASSES, {"C1": 1.01})
    result = correct(batch, target, paints)
    assert (result.decision, result.correction) == ("leave", None)
    assert "leave batch as it is" in sentences(result, expected_hits(result))[0]
    assert expected_hits(result).expected == 0


def test_a_gain_smaller_than_the_reading_is_uncertain_is_left(paints, tank):
    target = tank.target(paints, MASSES)
    sure, unsure = (tank.batch(paints, MASSES, {"C1": 0.9}, noise=noise) for noise in (1e-4, 0.02))
    assert correct(sure, target, paints).decision == "add"
    assert correct(unsure, target, paints).decision == "leave"


def test_too_much_of_a_strong_paste_is_beyond_saving_and_named(paints, tank):
    target, batch = tank.target(paints, MASSES), tank.batch(paints, MASSES | {"C2": 60.0})
    result = correct(batch, target, paints, tolerance=0.5, means=Means(capacity_g=650.0))
    assert result.decision == "beyond saving"
    assert result.too_much_g["C2"] == pytest.approx(40.0, abs=2.0)
    assert result.nearest.batch_g <= 650.0 + 0.1
    lost, named, leftover = sentences(result, expected_hits(result))
    assert lost.startswith("beyond saving")
    assert "650 g of the tank" in lost
    assert "too much of C2 by about 40" in named
    # Three times the paste is worked off in about three times the batch.
    assert result.leftover.batch_g / batch.mass_g == pytest.approx(2.8, abs=0.5)
    assert "as a leftover it goes into" in leftover
    assert off(target, tank.with_additions(paints, MASSES | {"C2": 60.0}, {}, result.leftover.additions_g)) < 0.55


def test_base_alone_dilutes_what_is_too_strong(paints, tank):
    masses = {code: mass * (1.0 if code == "W" else 1.3) for code, mass in MASSES.items()}
    target, batch = tank.target(paints, MASSES), tank.batch(paints, masses)
    result = correct(batch, target, paints, means=Means(allowed=("W",), balance_resolution_g=1.0))
    assert result.correction.additions_g == {"W": pytest.approx(150.0, abs=15.0)}


def test_the_smallest_mass_is_inside_and_no_heavier(paints, tank):
    target, batch = tank.target(paints, MASSES), tank.batch(paints, MASSES, {"C1": 0.8, "C2": 1.15, "C3": 0.9})
    result = correct(batch, target, paints, tolerance=0.6, means=FINE)
    assert result.least.outlook.inside
    assert result.least.added_g <= result.correction.added_g <= result.nearest.added_g + 0.02
    assert result.nearest.outlook.weighted_delta_E_00 <= result.correction.outlook.weighted_delta_E_00 + 0.01


def test_the_price_is_that_of_what_is_added(paints, tank):
    batch = tank.batch(paints, MASSES | {"C2": 14.0})
    correction = correct(batch, tank.target(paints, MASSES), paints, means=FINE).correction
    cost = sum(gram / 1000 * paints[code].price_per_kg for code, gram in correction.additions_g.items())
    assert correction.price == pytest.approx(cost)


def test_a_surer_reading_makes_a_narrower_promise(paints, tank):
    target = tank.target(paints, MASSES)
    narrow, wide = (
        correct(tank.batch(paints, MASSES, {"C1": 0.7}, noise=noise), target, paints).correction.outlook
        for noise in (1e-4, 3e-3)
    )
    assert wide.interval[1] - wide.interval[0] > 2 * (narrow.interval[1] - narrow.interval[0])
    assert narrow.p_inside > wide.p_inside - 1e-9


def test_an_uncertain_target_widens_it_too(paints, tank):
    target, batch = tank.target(paints, MASSES), tank.batch(paints, MASSES, {"C1": 0.7})
    sure = correct(batch, target, paints).correction.outlook
    unsure = correct(batch, target, paints, target_covariance=1e-5 * np.eye(31)).correction.outlook
    assert unsure.expected_delta_E_00 > 1.5 * sure.expected_delta_E_00


def test_lots_are_fitted_to_the_batch_and_none_where_nothing_weighs_them(paints, tank, drawn):
    batch = tank.batch(paints, MASSES, {"C2": 0.8})
    fitted = correct(batch, tank.target(paints, MASSES), paints).strengths
    assert fitted.factors["C2"] == pytest.approx(0.8, abs=0.06)
    assert correct(batch, tank.target(paints, MASSES), drawn(4, 1)).strengths is None


def test_corrections_to_expect_rise_with_the_noise(paints, tank):
    target = tank.target(paints, MASSES)
    easy, hard = (
        expected_hits(correct(tank.batch(paints, MASSES, {"C1": 0.7}, noise=noise), target, paints, tolerance=0.3))
        for noise in (1e-4, 6e-3)
    )
    assert easy.expected == 1.0
    assert hard.expected > 1.1
    assert sum(hard.shares) + hard.never == pytest.approx(1.0)


def test_the_same_seed_promises_the_same(paints, tank):
    target, batch = tank.target(paints, MASSES), tank.batch(paints, MASSES, {"C1": 0.7})
    first, second = (correct(batch, target, paints, seed=4).correction.outlook for _ in range(2))
    assert first.interval == second.interval


def test_what_cannot_be_is_refused(paints, tank, drawn):
    target, batch = tank.target(paints, MASSES), tank.batch(paints, MASSES)
    with pytest.raises(FormulationError, match="capacity of the whole tank"):
        correct(batch, target, paints, means=Means(capacity_g=100.0))
    with pytest.raises(UnknownColorantError):
        correct(batch, target, paints, means=Means(allowed=("Z9",)))
    with pytest.raises(FormulationError, match="smallest dose"):
        Means(least_g=-1.0)
    with pytest.raises(FormulationError, match="expected 1 or more"):
        Means(max_colorants=0)
    with pytest.raises(FormulationError, match="covariance of shape"):
        correct(batch, target, paints, target_covariance=np.eye(3))
    elsewhere = tank.target(paints, MASSES)
    object.__setattr__(elsewhere, "grid", type(paints.grid)(400, 700, 20))
    with pytest.raises(NotComparableError):
        correct(batch, elsewhere, paints)


def test_rows_of_a_recipe_are_those_of_the_set(paints, tank):
    batch = tank.batch(paints, MASSES)
    assert mass_fractions(paints, [batch.recipe]) == pytest.approx(tank.row(paints, MASSES))


@pytest.mark.parametrize("seed", [2, 3, 4])
def test_a_model_that_is_wrong_about_every_paste_still_brings_the_batch_home(paints, tank, seed):
    """Ten percent at random in every K: the recipe alone mispredicts the batch by more than it is off."""
    rng = np.random.default_rng(seed)
    truth = replace(
        paints,
        colorants=tuple(
            replace(one, absorption=one.absorption * np.exp(0.1 * rng.standard_normal())) for one in paints.colorants
        ),
    )
    lots = {code: float(np.exp(0.1 * rng.standard_normal())) for code in ("C1", "C2", "C3")}
    target, batch = tank.target(truth, MASSES), tank.batch(truth, MASSES, lots)
    result = correct(batch, target, paints, tolerance=0.2, means=FINE)
    after = off(target, tank.with_additions(truth, MASSES, lots, result.correction.additions_g))
    assert after < 0.4 * result.before.weighted_delta_E_00
    low, high = result.correction.outlook.interval
    assert low - 0.03 < after < high + 0.03


def test_several_angles_are_corrected_together(drawn, tank):
    """An effect paint by angle: ceilings above 1, absorption that differs from angle to angle."""
    solid = drawn(4, 1)
    angles = directional(("45as15", "45as45", "45as110"))
    lobe = np.array([[0.6], [1.0], [1.3]])
    colorants = tuple(
        replace(one, absorption=lobe * one.absorption, scattering=np.repeat(one.scattering, 3, axis=0))
        for one in solid.colorants
    )
    flakes = ColorantSet(
        "by angle", colorants, solid.grid, angles, Saunderson(0.04, 0.5, False), "W", ceiling=np.array([4.0, 1.5, 1.0])
    )
    lots = {"C1": 0.8, "C2": 1.1}
    target, batch = tank.target(flakes, MASSES), tank.batch(flakes, MASSES, lots)
    result = correct(batch, target, flakes, means=FINE)
    assert result.before.delta_E_00.shape == (3, 3)
    truth = tank.with_additions(flakes, MASSES, lots, result.correction.additions_g)
    assert off(target, truth) < 0.3 * result.before.weighted_delta_E_00
    assert result.lab(result.correction.reflectance_factor).shape == (3, 3, 3)


@pytest.mark.parametrize(
    ("step", "least", "smallest"), [(5.0, 3.7, 5.0), (0.2, 0.5, 0.6), (0.1, None, 0.1), (0.0, 0.5, 0.5)]
)
def test_the_smallest_addition_is_one_the_balance_shows(step, least, smallest):
    assert Means(balance_resolution_g=step, least_g=least).smallest_g(1000.0) == pytest.approx(smallest)
