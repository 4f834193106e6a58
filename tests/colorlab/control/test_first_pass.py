"""First-pass yield and its interval are those that were published."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colorlab.control.first_pass import by_dimension, first_pass_yield, first_pass_yields
from spectra.errors import MeasurementError


# R. G. Newcombe, Stat. Med. 17 (1998) 857, table I, method 3.
@pytest.mark.parametrize(
    ("accepted", "judged", "interval"),
    [(81, 263, (0.2553, 0.3662)), (15, 148, (0.0624, 0.1605)), (0, 20, (0.0, 0.1611)), (1, 29, (0.0061, 0.1718))],
)
def test_the_interval_is_wilsons(accepted, judged, interval):
    assert first_pass_yield("A", accepted, judged).interval == pytest.approx(interval, abs=5e-5)


@given(st.integers(1, 200), st.data())
def test_the_interval_holds_the_share(judged, data):
    found = first_pass_yield("A", data.draw(st.integers(0, judged)), judged)
    low, high = found.interval
    assert 0 <= low <= found.share + 1e-12
    assert found.share - 1e-12 <= high <= 1


def test_first_submissions_are_counted_by_each_dimension_that_is_known():
    firsts = [
        ({"supplier": "A", "line": None}, True),
        ({"supplier": "A", "line": "2"}, False),
        ({"supplier": "B", "line": "2"}, True),
    ]
    found = by_dimension(firsts, ("supplier", "line"))
    assert [(one.group, one.accepted_count, one.judged_count) for one in found["supplier"]] == [
        ("A", 1, 2),
        ("B", 1, 1),
    ]
    assert [(one.group, one.judged_count) for one in found["line"]] == [("2", 2)]
    assert first_pass_yields([(None, True)]) == ()
    assert found["supplier"][0].as_dict()["share"] == 0.5


@pytest.mark.parametrize(("accepted", "judged"), [(0, 0), (3, 2), (-1, 4)])
def test_what_is_no_count_is_refused(accepted, judged):
    with pytest.raises(MeasurementError, match="is no yield"):
        first_pass_yield("A", accepted, judged)
