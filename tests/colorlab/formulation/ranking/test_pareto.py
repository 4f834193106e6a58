"""Pareto fronts: what is on them, what is not, and where the knee is."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from colorlab.formulation.ranking.pareto import pareto_front
from spectra.errors import FormulationError

numbers = st.integers(0, 6).map(float)
tables = st.integers(1, 3).flatmap(lambda k: st.lists(st.tuples(*[numbers] * k), min_size=1, max_size=12).map(np.array))


def front_of(table):
    return pareto_front({f"c{column}": table[:, column] for column in range(table.shape[1])})


@given(tables)
def test_nothing_on_the_front_is_beaten_and_everything_off_it_is(table):
    rows = set(front_of(table).rows)
    for row, candidate in enumerate(table):
        beaten = any((other <= candidate).all() and (other < candidate).any() for other in table)
        assert beaten == (row not in rows)


@given(tables, st.integers(0, 11))
def test_a_duplicate_stands_beside_its_twin(table, place):
    place %= len(table)
    rows = front_of(np.vstack([table, table[place]])).rows
    assert (place in rows) == (len(table) in rows)


@given(tables)
def test_the_front_does_not_depend_on_the_order_of_candidates(table):
    turned = front_of(table[::-1]).rows
    assert sorted(len(table) - 1 - row for row in turned) == sorted(front_of(table).rows)


def test_the_knee_is_where_giving_up_more_stops_paying():
    # ΔE against price: from the third to the fourth a hundredth of ΔE costs five times as much as before.
    front = pareto_front({"delta_E": [0.50, 0.10, 0.09, 0.08, 0.6], "price": [5.0, 6.0, 12.0, 30.0, 7.0]})
    assert (front.rows, front.knee) == ((0, 1, 2, 3), 1)


def test_a_straight_front_or_a_short_one_has_no_knee():
    assert pareto_front({"delta_E": [0.0, 1.0, 2.0], "price": [2.0, 1.0, 0.0]}).knee is None
    assert pareto_front({"delta_E": [0.0, 1.0], "price": [1.0, 0.0]}).knee is None
    assert pareto_front({"delta_E": [1.0, 1.0, 1.0], "price": [2.0, 2.0, 2.0]}).knee is None


def test_nobody_is_on_the_front_for_a_price_nobody_knows():
    front = pareto_front({"delta_E": [0.1, 0.2, 0.05], "price": [4.0, np.nan, np.nan]})
    assert front.rows == (0, 2)
    nothing = pareto_front({"delta_E": [0.1, 0.2], "price": [np.nan, np.nan]})
    assert (nothing.rows, nothing.criteria, nothing.unknown) == ((0,), ("delta_E",), ("price",))


def test_digits_of_a_refinement_do_not_put_a_recipe_ahead():
    front = pareto_front({"delta_E": [0.1, 0.1 + 1e-12, 0.9], "price": [4.0, 4.0, 1.0]})
    assert front.rows == (0, 1, 2)


def test_no_candidates_no_front_and_unequal_lengths_are_refused():
    assert pareto_front({"delta_E": []}).rows == ()
    with pytest.raises(FormulationError, match="one value a candidate"):
        pareto_front({"delta_E": [1.0], "price": [1.0, 2.0]})
    with pytest.raises(FormulationError, match="one value a candidate"):
        pareto_front({})
