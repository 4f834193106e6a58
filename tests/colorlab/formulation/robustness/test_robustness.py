"""Robustness of recipes: the Jacobian's figures against simulated batches."""

from dataclasses import replace

import numpy as np
import pytest

from colorlab.colorimetry.tristimulus import spectra_to_lab
from colorlab.colorimetry.viewing import A_10, D65_10, VETTING_VIEWINGS
from colorlab.difference.standard import delta_E
from colorlab.formulation.prediction.predict import mass_fractions, predict
from colorlab.formulation.robustness.robustness import robustness
from colorlab.formulation.robustness.variation import Dosing, FilmBuild, Variation, simulated
from colorlab.formulation.target import Target
from colorlab.tolerance.tolerance import Limit, Tolerance
from spectra.colorant import ColorantSet
from spectra.errors import FormulationError
from spectra.geometry import directional
from spectra.optics.interface import Saunderson
from spectra.recipe import recipe_from_masses

MIX = recipe_from_masses("mix", {"W": 90, "C1": 4, "C2": 2, "C4": 4})


def batches(paints, recipe, variation, draws=20_000, seed=2):
    row = mass_fractions(paints, [recipe])[0]
    return simulated(paints, row, variation, np.random.default_rng(seed), draws)


def target_beside(paints, masses):
    mixed = predict(paints, recipe_from_masses("target", masses)).reflectance_factor
    return Target("target", mixed, paints.grid, paints.geometry)


@pytest.mark.parametrize(
    "variation",
    [
        Variation(Dosing(1000, 0.01, 0.01)),
        Variation(Dosing(50, 0.1, 0.0)),
        Variation(Dosing(100, 0.05, 0.02)),
        Variation(Dosing(1000, 0.01, 0.003), 0.05),
        Variation(Dosing(1000, 0.01, 0.003), 0.02, FilmBuild(1.2, np.full((1, 31), 0.05), 0.1)),
    ],
    ids=["shop", "coarse", "both", "lots", "film"],
)
@pytest.mark.parametrize("viewing", [D65_10, A_10], ids=str)
def test_the_expected_difference_is_that_of_simulated_batches(drawn, variation, viewing):
    paints = drawn(4, seed=6)
    (stated,) = robustness(paints, [MIX], variation, (viewing,))
    lab = spectra_to_lab(batches(paints, MIX, variation), paints.grid, viewing)[:, 0]
    K, S = paints.mix(mass_fractions(paints, [MIX]))
    film = variation.film
    own = paints.film(K, S, film.depth, film.substrate) if film else predict(paints, MIX).reflectance_factor[None]
    difference = delta_E(spectra_to_lab(own, paints.grid, viewing)[0, 0], lab)
    assert stated.expected_delta_E_00 == pytest.approx(difference.mean(), rel=0.05)
    assert stated.p95_delta_E_00 == pytest.approx(np.quantile(difference, 0.95), rel=0.06)


@pytest.mark.parametrize("limit", [0.3, 0.6, 1.5])
@pytest.mark.parametrize(
    "variation", [Variation(Dosing(1000, 0.01, 0.02)), Variation(Dosing(50, 0.1, 0.0)), Variation(Dosing(), 0.05)]
)
def test_the_probability_in_tolerance_is_that_of_simulated_batches(drawn, variation, limit):
    paints = drawn(4, seed=6)
    target = target_beside(paints, {"W": 90, "C1": 4.1, "C2": 1.96, "C4": 4.05})
    (stated,) = robustness(paints, [MIX], variation, VETTING_VIEWINGS, target=target, tolerance=limit)
    made = batches(paints, MIX, variation)
    within = np.ones(len(made), dtype=bool)
    for viewing in VETTING_VIEWINGS:
        wanted, seen = (spectra_to_lab(one, paints.grid, viewing) for one in (target.reflectance_factor, made))
        within &= (delta_E(wanted, seen) <= limit).all(axis=1)
    assert stated.p_inside == pytest.approx(within.mean(), abs=0.02)
    assert stated.limit == f"ΔE00 ≤ {limit:g}"


def test_a_tolerance_counts_with_its_own_formula_limits_and_viewings(drawn):
    paints = drawn(4, seed=6)
    target = target_beside(paints, {"W": 90, "C1": 4, "C2": 2.2, "C4": 4})
    variation = Variation(Dosing(1000, 0.01, 0.02))
    own = Tolerance("shop", "DIN99o", (A_10,), (Limit(0.5),))
    (stated,) = robustness(paints, [MIX], variation, target=target, tolerance=own)
    wanted, seen = (
        spectra_to_lab(one, paints.grid, A_10) for one in (target.reflectance_factor, batches(paints, MIX, variation))
    )
    assert stated.p_inside == pytest.approx((delta_E(wanted, seen, "DIN99o") <= 0.5).mean(), abs=0.015)
    assert stated.limit == "shop"


def test_all_angles_of_an_effect_paint_are_held_together(drawn):
    solid = drawn(3, seed=6)
    angles = directional(("45as15", "45as45", "45as110"))
    lobe = np.array([0.4, 1.0, 1.3])[:, None]
    colorants = tuple(
        replace(one, absorption=one.absorption * lobe, scattering=np.repeat(one.scattering, 3, axis=0))
        for one in solid.colorants
    )
    paints = ColorantSet(
        "car", colorants, solid.grid, angles, Saunderson(0.04, 0.5, False), "W", ceiling=np.array([4.0, 1.5, 1.0])
    )
    recipe = recipe_from_masses("mix", {"W": 80, "C1": 12, "C3": 8})
    beside = recipe_from_masses("beside", {"W": 80, "C1": 12.2, "C3": 7.9})
    mixed = predict(paints, beside).reflectance_factor
    target = Target("target", mixed, paints.grid, angles, paints.ceiling)
    variation = Variation(Dosing(1000, 0.01, 0.02))
    (stated,) = robustness(paints, [recipe], variation, target=target, tolerance=0.6)
    wanted, seen = (spectra_to_lab(one, paints.grid, D65_10) for one in (mixed, batches(paints, recipe, variation)))
    difference = delta_E(wanted, seen)
    assert stated.p_inside == pytest.approx((difference <= 0.6).all(axis=1).mean(), abs=0.015)
    # Angle by angle more batches would pass: errors of the angles go together only in part.
    assert stated.p_inside < (difference <= 0.6).mean(axis=0).min() + 0.01


def test_a_recipe_far_from_its_target_is_never_inside(drawn):
    paints = drawn(4, seed=6)
    target = target_beside(paints, {"W": 50, "C1": 50})
    (stated,) = robustness(paints, [MIX], Variation(Dosing(1000, 0.01, 0.01)), target=target, tolerance=1.0)
    assert stated.p_inside == 0.0


def test_what_the_model_does_not_know_lowers_the_probability(drawn):
    paints = drawn(4, seed=6)
    target = Target("own", predict(paints, MIX).reflectance_factor, paints.grid, paints.geometry)
    variation = Variation(Dosing(1000, 0.01, 0.002))
    unknown = (0.01 * target.reflectance_factor.T) @ (0.01 * target.reflectance_factor)
    sure, unsure = (
        robustness(paints, [MIX], variation, target=target, tolerance=0.5, covariances=[covariance])[0].p_inside
        for covariance in (None, unknown)
    )
    # 1 % of the whole spectrum is ΔL* = 0.3 at this lightness.
    assert sure > 0.999
    assert 0.9 < unsure < 0.99


def test_the_drivers_share_the_variance_and_name_the_balance(drawn):
    paints = drawn(4, seed=6)
    small = recipe_from_masses("mix", {"W": 97, "C1": 0.1, "C2": 2.9})
    (stated,) = robustness(paints, [small], Variation(Dosing(100, 0.05, 0.001)))
    assert sum(one.share for one in stated.drivers) == pytest.approx(1)
    assert (stated.drivers[0].cause, stated.drivers[0].colorant) == ("rounding", "C1")
    code, step = stated.finer_balance()
    assert code == "C1"
    assert step in (0.02, 0.01, 0.005, 0.002, 0.001)
    (finer,) = robustness(paints, [small], Variation(Dosing(100, step, 0.001)))
    assert sum(one.share for one in finer.drivers if one.cause == "rounding") < 0.6
    assert finer.expected_delta_E_00 < stated.expected_delta_E_00
    (fine,) = robustness(paints, [small], Variation(Dosing(1000, 0.001, 0.01)))
    assert fine.finer_balance() is None


def test_lots_that_go_together_are_attributed_together(drawn):
    paints = drawn(2, seed=6)
    recipe = recipe_from_masses("mix", {"W": 90, "C1": 5, "C2": 5})
    together = 0.05**2 * np.ones((3, 3))
    (stated,) = robustness(paints, [recipe], Variation(Dosing(1000, 0, 0.001), together))
    # A factor common to all colorants of a hiding paint changes nothing.
    (alone,) = robustness(paints, [recipe], Variation(Dosing(1000, 0, 0.001)))
    assert stated.expected_delta_E_00 == pytest.approx(alone.expected_delta_E_00, rel=1e-6)
    assert sum(one.share for one in stated.drivers) == pytest.approx(1)


def test_a_batch_of_recipes_gives_what_each_gives(drawn):
    paints = drawn(4, seed=6)
    recipes = [MIX, recipe_from_masses("two", {"W": 95, "C3": 5}), recipe_from_masses("one", {"W": 1})]
    target = target_beside(paints, {"W": 90, "C1": 4, "C2": 2.1, "C4": 4})
    options = {"target": target, "tolerance": 0.6}
    variation = Variation(Dosing(100, 0.05, 0.01), 0.02)
    together = robustness(paints, recipes, variation, **options)
    for recipe, found in zip(recipes, together, strict=True):
        (alone,) = robustness(paints, [recipe], variation, **options)
        assert found.expected_delta_E_00 == pytest.approx(alone.expected_delta_E_00)
        assert found.p_inside == pytest.approx(alone.p_inside, abs=0.01)


def test_perfect_weighing_changes_nothing(drawn):
    paints = drawn(2, seed=6)
    recipe = recipe_from_masses("mix", {"W": 90, "C1": 4})
    (stated,) = robustness(paints, [recipe], Variation(Dosing(100, 0.0, 0.0)), (D65_10,))
    assert (stated.expected_delta_E_00, stated.p95_delta_E_00) == (0.0, 0.0)
    assert (stated.drivers, stated.finer_balance()) == ((), None)


def test_a_colorant_alone_cannot_be_weighed_wrong(drawn):
    paints = drawn(1, seed=6)
    (stated,) = robustness(paints, [recipe_from_masses("W", {"W": 1})], Variation(Dosing(100, 0.1, 0.1)), (D65_10,))
    assert stated.expected_delta_E_00 < 1e-6


def test_no_recipes_no_robustness_and_nonsense_is_refused(drawn):
    paints = drawn(1, seed=6)
    assert robustness(paints, [], Variation(Dosing()), (D65_10,)) == []
    with pytest.raises(FormulationError, match="a batch must have mass"):
        Dosing(batch_g=0)
    with pytest.raises(FormulationError, match="both a target and a tolerance"):
        robustness(paints, [MIX], Variation(), tolerance=1.0)
    with pytest.raises(FormulationError, match="expected a number above 0"):
        robustness(
            paints,
            [recipe_from_masses("W", {"W": 1})],
            Variation(),
            target=target_beside(paints, {"W": 1}),
            tolerance=0.0,
        )
