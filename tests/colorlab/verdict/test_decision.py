"""Four rules read the same probabilities."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colorlab.colorimetry.viewing import D65_10
from colorlab.tolerance.tolerance import Limit, Tolerance
from colorlab.verdict.decision import decide

GUARDED = Tolerance("t", "CIEDE2000", (D65_10,), (Limit(1.0),))
probabilities = st.lists(st.floats(0, 1), min_size=1, max_size=20)


@pytest.mark.parametrize(
    ("joint", "each", "decision"),
    [
        (0.96, [0.97, 0.98], "accept"),
        (0.94, [0.97, 0.98], "undecided"),
        (0.02, [0.024, 0.98], "reject"),
        (0.02, [0.026, 0.98], "undecided"),
    ],
)
def test_proof_of_either_decides_and_the_risk_of_rejection_is_shared(joint, each, decision):
    assert decide(GUARDED, joint, each, within=True) == decision


@given(probabilities, st.floats(0, 1), st.booleans())
def test_one_sided_rules_settle_only_what_the_guarded_one_leaves_open(each, share, within):
    joint = share * min(each)
    both, accepting, rejecting = (
        decide(replace(GUARDED, rule=rule), joint, each, within)
        for rule in ("guarded", "guarded acceptance", "guarded rejection")
    )
    if both == "undecided":
        assert (accepting, rejecting) == ("reject", "accept")
    else:
        assert accepting == both
        assert rejecting == both


@given(probabilities, st.booleans())
def test_measured_values_alone_decide_by_the_simple_rule(each, within):
    decided = decide(replace(GUARDED, rule="simple"), min(each), each, within)
    assert decided == ("accept" if within else "reject")


def test_nothing_is_accepted_beside_a_value_beyond_its_limit_of_which_nobody_knows_how_sure_it_is():
    assert decide(GUARDED, 0.99, [0.99], within=False, surely_within=False) == "undecided"
