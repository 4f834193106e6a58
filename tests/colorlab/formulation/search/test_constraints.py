"""Constraints: every recipe keeps them, nothing better keeps them, and those that contradict each other are named."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from scipy.optimize import minimize

from colorlab.formulation.search.components import Component, ratio_lock
from colorlab.formulation.search.constraints import Constraints, SumLimit
from colorlab.formulation.search.match import match
from colorlab.formulation.search.objective import Objective, deviation
from colorlab.formulation.search.palette import palette
from colorlab.formulation.target import Target
from spectra.errors import FormulationError, NoRecipeError, UnknownColorantError
from spectra.geometry import D8_SCI


@pytest.fixture(scope="module")
def paints(drawn):
    whole = drawn(7, seed=4)
    density = {"W": 1.6, "C1": 1.1, "C2": 1.2, "C3": 1.0, "C4": 2.2, "C5": 1.3, "C6": 1.4, "C7": 1.05}
    return replace(whole, colorants=tuple(replace(one, density_g_cm3=density[one.code]) for one in whole.colorants))


@pytest.fixture(scope="module")
def target(paints):
    whole = np.zeros((1, 8))
    whole[0, paints.indices(("W", "C2", "C5", "C7"))] = [0.7, 0.08, 0.12, 0.1]
    rng = np.random.default_rng(2)
    spectrum = paints.reflectance_factor(whole)[0] + 0.003 * rng.standard_normal((1, paints.grid.count))
    return Target("mix", spectrum, paints.grid, D8_SCI)


def doses(found):
    return found.recipe.masses(1.0)


def best_within(paints, target, codes, rows, goal):
    """Least objective of one combination within linear limits, by a general optimiser on the formula itself."""
    columns = paints.indices(codes)

    def value(part):
        whole = np.zeros((1, len(paints.codes)))
        whole[0, columns] = np.maximum(part, 0)
        return float(deviation(target, paints.reflectance_factor(whole), goal).value[0]) ** 2

    limits = [{"type": "ineq", "fun": lambda part, row=row: row[1] - row[0][columns] @ part} for row in rows]
    results = [
        minimize(
            value,
            np.array(start) / sum(start),
            bounds=[(1e-4, 1)] * len(codes),
            constraints=[{"type": "eq", "fun": lambda part: part.sum() - 1}, *limits],
            method="SLSQP",
            options={"maxiter": 200, "ftol": 1e-12},
        )
        for start in ([1] * len(codes), [9] + [1] * (len(codes) - 1))
    ]
    kept = [one.fun for one in results if all(row[0][columns] @ one.x <= row[1] + 1e-6 for row in rows)]
    return float(np.sqrt(min(kept, default=np.inf)))


VOC = {"W": 100, "C2": 400, "C5": 300}
CASES = {
    "a group": ({"sums": (SumLimit("two", {"C5": 1, "C2": 1}, greatest=0.15),)}, {"C5": 1, "C2": 1}, 0.15),
    "total load": ({"greatest_load": 0.2}, {f"C{n}": 1 for n in range(1, 8)}, 0.2),
    "a property": ({"sums": (SumLimit("VOC", VOC, greatest=130),)}, VOC, 130),
    "price": ({"greatest_price": 8.0}, None, 8.0),
    "density": ({"density": (1.55, np.inf)}, "volume", 1 / 1.55),
}


@pytest.mark.parametrize("case", CASES)
def test_sums_are_kept_and_nothing_better_keeps_them(paints, target, case):
    asked, weights, bound = CASES[case]
    if weights is None:
        weights = {one.code: one.price_per_kg for one in paints.colorants}
    elif weights == "volume":
        weights = {one.code: 1 / one.density_g_cm3 for one in paints.colorants}
    row = np.array([weights.get(code, 0.0) for code in paints.codes])
    goal, some = Objective(), ("C2", "C3", "C4", "C5", "C7")
    result = match(target, paints, Constraints(max_colorants=2, required=("W",), allowed=some, **asked), n_results=5)
    free = match(target, paints, max_colorants=2, required=("W",), allowed=some, n_results=5)
    for found in result.matches:
        assert sum(weights.get(code, 0.0) * dose for code, dose in doses(found).items()) <= bound * (1 + 1e-5)
    everything = sorted(
        best_within(paints, target, ("W", *chosen), [(row, bound)], goal)
        for size in (1, 2)
        for chosen in combinations(some, size)
    )
    assert result.matches[0].objective <= everything[0] * 1.01
    assert result.matches[0].objective > free.matches[0].objective * 1.01
    assert [found.objective for found in result.matches][:3] == pytest.approx(everything[:3], rel=0.05)


def test_incompatible_colorants_are_never_together(paints, target):
    free = match(target, paints, max_colorants=3, required=("W",))
    assert {"C2", "C5"} <= set(free.matches[0].recipe.colorants)
    apart = match(target, paints, Constraints(3, required=("W",), incompatible=(("C2", "C5", "C7"),)), n_results=20)
    for found in apart.matches:
        assert len({"C2", "C5", "C7"} & set(found.recipe.colorants)) <= 1


def test_forbidden_colorants_are_in_no_recipe(paints, target):
    result = match(target, paints, Constraints(3, forbidden=("C5", "C1")), n_results=20)
    assert all(not {"C5", "C1"} & set(found.recipe.colorants) for found in result.matches)
    assert result.combinations_screened == 6 + 15 + 20


def test_a_leftover_is_one_component_shown_with_what_is_in_it(paints, target):
    batch = Component("batch 12", {"W": 90, "C5": 15}, (0.0, 0.9), price_per_kg=0.0)
    asked = Constraints(max_colorants=3, leftovers=(batch,), required=("batch 12",), dose_limits={"batch 12": (0.3, 1)})
    result = match(target, paints, asked)
    best = result.matches[0]
    assert best.weighed["batch 12"] >= 0.3 - 1e-12
    expanded = {code: best.weighed.get(code, 0.0) for code in paints.codes}
    expanded["W"] += best.weighed["batch 12"] * 90 / 105
    expanded["C5"] += best.weighed["batch 12"] * 15 / 105
    for code, dose in doses(best).items():
        assert dose == pytest.approx(expanded[code], rel=1e-9)
    # The white and the red of the batch are as good as fresh: the match is as close, and cheaper.
    free = match(target, paints, max_colorants=4)
    assert best.objective == pytest.approx(free.matches[0].objective, rel=0.02)
    fresh = sum(paints[code].price_per_kg * dose for code, dose in doses(best).items())
    assert best.price_per_kg < fresh


def test_a_price_in_the_objective_uses_the_leftover_up(paints, target):
    batch = Component("batch 12", {"W": 90, "C5": 15}, price_per_kg=0.0)
    asked = Constraints(max_colorants=4, leftovers=(batch,))
    cheap = match(target, paints, asked, objective=Objective(price_weight=0.05)).matches[0]
    near = match(target, paints, asked).matches[0]
    assert cheap.price_per_kg < near.price_per_kg
    assert cheap.objective == pytest.approx(
        np.hypot(
            float(deviation(target, cheap.prediction.reflectance_factor[None], Objective()).value[0]),
            0.05 * cheap.price_per_kg,
        )
    )


def test_a_ratio_lock_is_kept_in_every_recipe(paints, target):
    result = match(target, paints, Constraints(2, required=("W",), ratios=({"C5": 3, "C7": 2},)))
    together = [doses(found) for found in result.matches if "C5" in doses(found)]
    assert together
    for recipe in together:
        assert recipe["C5"] / recipe["C7"] == pytest.approx(1.5)
    assert all(("C5" in doses(found)) == ("C7" in doses(found)) for found in result.matches)
    assert "C5 : C7" in result.matches[0].weighed


def test_a_lock_keeps_the_limits_of_its_colorants():
    lock = ratio_lock({"A": 3, "B": 1}, {"A": (0.0, 0.3), "B": (0.05, 1.0)})
    assert lock.dose_limits == pytest.approx((0.2, 0.4))
    with pytest.raises(FormulationError, match="contradict the ratio"):
        ratio_lock({"A": 3, "B": 1}, {"A": (0.0, 0.3), "B": (0.2, 1.0)})


def test_contradictions_are_named_and_nothing_else(paints, target):
    asked = Constraints(
        max_colorants=3,
        required=("W", "C2"),
        dose_limits={"C2": (0.3, 1.0), "C4": (0.0, 0.5)},
        greatest_load=0.2,
        greatest_price=1000.0,
    )
    with pytest.raises(NoRecipeError) as error:
        match(target, paints, asked)
    assert "C2 at least 0.3; " in str(error.value) or "; C2 at least 0.3" in str(error.value)
    assert "total load at most 0.2" in str(error.value)
    assert "price" not in str(error.value)
    assert "C4" not in str(error.value)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"required": ("W",), "forbidden": ("W",)}, "W is both required and forbidden"),
        ({"allowed": ("C1",), "forbidden": ("C1",)}, "C1 is both allowed and forbidden"),
        ({"required": ("C1", "C2"), "incompatible": (("C1", "C2"),)}, "C1 and C2 are both required and incompatible"),
        ({"ratios": ({"C1": 1, "C2": 1},), "incompatible": (("C1", "C2"),)}, "locked in a ratio and incompatible"),
        ({"ratios": ({"C1": 1, "C2": 1}, {"C2": 1, "C3": 1})}, "C2 stands in two ratio locks"),
        ({"ratios": ({"C1": 1},)}, "expected two or more"),
        ({"max_colorants": 0}, "1 to 6"),
        ({"greatest_load": -0.1}, "greatest total load"),
        ({"density": (2.0, 1.0)}, "leaves nothing"),
        ({"least_dose": 0.0}, "least dose of 0"),
    ],
)
def test_statements_that_cannot_be_meant_are_refused(asked, said):
    with pytest.raises(FormulationError, match=said):
        Constraints(**asked)


def test_sums_and_components_that_make_no_sense_are_refused(paints):
    with pytest.raises(FormulationError, match="from 2 to 1 leaves nothing"):
        SumLimit("g", {"C1": 1}, 2, 1)
    with pytest.raises(FormulationError, match="at least one colorant"):
        SumLimit("g", {})
    with pytest.raises(FormulationError, match="mass above 0"):
        Component("b", {"W": 0.0})
    with pytest.raises(UnknownColorantError, match="'X'"):
        palette(paints, Constraints(leftovers=(Component("b", {"X": 1.0}),)))
    with pytest.raises(FormulationError, match="the name is taken"):
        palette(paints, Constraints(leftovers=(Component("W", {"W": 1.0}),)))


def test_a_price_that_nobody_states_cannot_be_capped(drawn, target):
    unpriced = drawn(7, seed=4, price=False)
    with pytest.raises(FormulationError, match=r"price of C1, .* unknown"):
        match(target, unpriced, Constraints(3, greatest_price=5.0))
    with pytest.raises(FormulationError, match="price of"):
        match(target, unpriced, objective=Objective(price_weight=1.0))


def test_what_is_required_holds_nothing_forbidden(paints, target):
    rest = Component("rest", {"W": 0.5, "C1": 0.5}, (0.0, 0.4))
    for asked in (
        Constraints(2, required=("W", "rest"), forbidden=("C1",), leftovers=(rest,)),
        Constraints(2, required=("W", "C2"), forbidden=("C1",), ratios=({"C1": 1, "C2": 1},)),
    ):
        with pytest.raises(FormulationError, match="required and holds C1, which is forbidden"):
            match(target, paints, asked)


def test_a_colorant_is_compatible_with_a_leftover_of_its_own(paints):
    rest = Component("rest", {"W": 0.8, "C2": 0.2}, (0.0, 0.4))
    colours = palette(paints, Constraints(3, incompatible=(("C2", "C5"),), leftovers=(rest,)))
    own, other, left = (colours.codes.index(code) for code in ("C2", "C5", "rest"))
    assert colours.allowed(np.array([[own, left], [other, left], [own, other]])).tolist() == [True, False, False]


def test_a_leftover_counts_for_the_limit_that_the_set_states_of_a_colorant(paints, target):
    capped = replace(
        paints,
        colorants=tuple(replace(one, dose_limits=(0.0, 0.05)) if one.code == "C2" else one for one in paints.colorants),
    )
    rest = Component("rest", {"W": 0.5, "C2": 0.5})
    result = match(target, capped, Constraints(3, required=("W",), leftovers=(rest,)))
    assert all(doses(one).get("C2", 0.0) <= 0.05 + 1e-6 for one in result.matches)


def test_narrow_sums_and_true_minima_that_leave_a_recipe_are_never_refused(paints):
    """A recipe that keeps them is drawn first; its colour is another, so that the search has nothing to follow."""
    bounds = dict.fromkeys(("C1", "C3", "C5", "C6"), (0.05, 0.5))
    for seed in range(25):
        rng = np.random.default_rng([31, seed])
        kept = dict(zip(("W", "C1", "C3", "C5"), rng.dirichlet([6, 3, 3, 3]), strict=True))
        if not all(bounds.get(code, (0, 1))[0] <= dose <= bounds.get(code, (0, 1))[1] for code, dose in kept.items()):
            continue
        sums = []
        for number in range(3):
            each = dict(zip(paints.codes, rng.uniform(0, 1, 8).tolist(), strict=True))
            value = sum(each[code] * dose for code, dose in kept.items())
            sums.append(SumLimit(f"sum {number}", each, value - 0.003, value + 0.003))
        other = paints.reflectance_factor(rng.dirichlet(np.ones(8))[None])[0]
        asked = Constraints(3, required=("W",), dose_limits=bounds, sums=tuple(sums))
        result = match(Target("other", other, paints.grid, D8_SCI), paints, asked, n_results=2, n_refined=50)
        for one in sums:
            total = sum(one.per_colorant[code] * dose for code, dose in doses(result.matches[0]).items())
            assert one.least - 1e-6 <= total <= one.greatest + 1e-6
