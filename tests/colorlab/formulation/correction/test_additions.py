"""Every small choice of additions, the mass priced."""

from itertools import combinations

import numpy as np
import pytest
from scipy.optimize import minimize

from colorlab.formulation.correction.additions import AdditionSearch
from colorlab.formulation.correction.tank import MeasuredBatch
from colorlab.formulation.search.objective import LocalObjective, Objective
from spectra.errors import FormulationError

MASSES = {"W": 500.0, "C1": 10.0, "C2": 20.0, "C3": 5.0}
LOTS = {"C1": 0.9, "C2": 1.08, "C3": 0.95}


@pytest.fixture(scope="module")
def paints(drawn):
    return drawn(5, 2)


@pytest.fixture(scope="module")
def model(paints, tank):
    return MeasuredBatch(paints, tank.batch(paints, MASSES, LOTS), (0, 1, 2, 3))


@pytest.fixture(scope="module")
def local(paints, tank):
    return LocalObjective(tank.target(paints, MASSES), Objective())


def search(model, local, least=1e-6, room=1.0, most=4):
    return AdditionSearch(model, local, np.full(len(model.rows), least), room, most)


def test_every_choice_is_solved_once_and_adding_nothing_is_one(model, local):
    found = search(model, local)
    assert found.tried == 15
    assert len(found.solve(0.2).amounts) == 16


@pytest.mark.parametrize("weight", [0.01, 0.2, 5.0])
def test_the_best_is_what_a_general_solver_finds_over_all_choices(model, local, weight):
    own = search(model, local)
    best = own.solve(weight)
    reached = []
    for size in range(1, 5):
        for chosen in combinations(range(4), size):

            def cost(amounts, chosen=chosen):
                full = np.zeros((1, 4))
                full[0, list(chosen)] = amounts
                return float(own.colour(full)[0] + weight * full.sum())

            start = np.full(size, 0.01)
            reached.append(minimize(cost, start, bounds=[(1e-6, 1.0)] * size, method="L-BFGS-B", tol=1e-12).fun)
    cost = best.colour[0] + weight * best.mass[0]
    assert cost == pytest.approx(min(reached), abs=2e-5)


def test_dearer_mass_is_never_more_mass(model, local):
    own = search(model, local)
    masses = [own.solve(weight).mass[0] for weight in (1e-4, 1e-2, 1.0, 100.0)]
    assert masses == sorted(masses, reverse=True)


def test_an_addition_is_nothing_or_at_least_the_smallest_dose(model, local):
    amounts = search(model, local, least=0.004).solve(0.05).amounts
    assert ((amounts == 0) | (amounts >= 0.004 - 1e-12)).all()


def test_a_tank_is_filled_and_never_overfilled(model, local):
    free, tight = (search(model, local, room=room).solve(1e-4) for room in (1.0, 0.02))
    assert free.mass[0] > 0.02
    assert (tight.mass <= 0.02 * (1 + 1e-6)).all()
    assert tight.mass[0] == pytest.approx(0.02, rel=0.01)


def test_the_front_gets_nearer_as_it_gets_heavier(model, local):
    front = search(model, local).front(np.geomspace(10, 1e-4, 6))
    assert (np.diff(front.mass) >= 0).all()
    assert (np.diff(front.colour) <= 0).all()


def test_many_choices_are_screened_first_and_the_best_survives(paints, tank, local):
    rows = tuple(range(6))
    wide = AdditionSearch(
        MeasuredBatch(paints, tank.batch(paints, MASSES, LOTS), rows), local, np.full(6, 1e-6), 1.0, 4
    )
    narrow = AdditionSearch(wide.model, local, np.full(6, 1e-6), 1.0, 4)
    narrow._supports = [np.array(list(combinations(rows, size))) for size in wide.sizes]
    narrow._last = [narrow.least[support] for support in narrow._supports]
    assert wide.solve(0.2).colour[0] == pytest.approx(narrow.solve(0.2).colour[0], abs=1e-5)


def test_too_many_choices_are_refused(drawn, tank, local):
    paints = drawn(50, 3)
    model = MeasuredBatch(paints, tank.batch(paints, MASSES), tuple(range(51)))
    with pytest.raises(FormulationError, match="allow fewer"):
        search(model, local)
