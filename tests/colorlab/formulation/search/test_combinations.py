"""Combinations as arrays: all of them, in order, and each told its place by its members."""

from itertools import combinations
from math import comb

import pytest

from colorlab.formulation.search.combinations import combinations_of, rank_terms


@pytest.mark.parametrize(("count", "size"), [(7, 0), (7, 1), (7, 3), (7, 7), (5, 6), (30, 4)])
def test_every_combination_stands_once_and_in_order(count, size):
    assert combinations_of(count, size).tolist() == [list(row) for row in combinations(range(count), size)]


@pytest.mark.parametrize(("count", "size"), [(7, 1), (7, 3), (12, 5)])
def test_the_members_of_a_combination_tell_its_place(count, size):
    terms, rows = rank_terms(count, size), combinations_of(count, size)
    ranks = comb(count, size) - 1 - sum(terms[place][rows[:, place]] for place in range(size))
    assert ranks.tolist() == list(range(len(rows)))
