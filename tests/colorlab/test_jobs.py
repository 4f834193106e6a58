"""One thing done to many items."""

import pytest

from colorlab.jobs import LEAST_ITEMS, run
from spectra.errors import GeometryError

# A function every process can find: reads a token, refuses what is none (the user's mistake), and fails on a number (a
# fault of the program).
from spectra.geometry import canonical

TOKENS = [f" r45AS{angle} " for angle in range(15, 15 + LEAST_ITEMS + 4)]


@pytest.mark.parametrize("workers", [1, 2])
def test_outcomes_come_in_the_order_of_their_items_and_name_what_failed(workers):
    items = [*TOKENS[:3], "sideways", *TOKENS[3:]]
    outcomes = list(run(canonical, items, workers))
    assert [outcome.item for outcome in outcomes] == items
    found = [outcome.value() for outcome in outcomes if outcome.error is None]
    assert found == [token.strip().lower().lstrip("r") for token in TOKENS]
    with pytest.raises(GeometryError, match="sideways"):
        outcomes[3].value()


@pytest.mark.parametrize("workers", [1, 2])
def test_a_fault_of_the_program_is_not_hidden_in_an_outcome(workers):
    with pytest.raises(AttributeError):
        list(run(canonical, [*TOKENS, 45], workers))


def test_nothing_to_do_is_done_at_once():
    assert list(run(canonical, [])) == []
