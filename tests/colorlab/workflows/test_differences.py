"""Two documents differ where their canonical spelling does, and the place is named."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colorlab.store.columns import canonical_json
from colorlab.workflows.differences import Change, differences

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=12,
)


@given(JSON, JSON)
def test_documents_differ_exactly_where_their_canonical_spelling_does(then, now):
    assert list(differences(then, then)) == []
    assert bool(list(differences(then, now))) == (canonical_json(then) != canonical_json(now))


@pytest.mark.parametrize(
    ("then", "now", "path"),
    [
        ({"a": 0.0}, {"a": -0.0}, "a"),
        ({"a": 1}, {"a": 1.0}, "a"),
        ({"a": True}, {"a": 1}, "a"),
        ({"a": [{"b": 1}, {"b": 2}]}, {"a": [{"b": 1}, {"b": 3}]}, "a[1].b"),
        ({"a": [1]}, {"a": [1, 2]}, "a[1]"),
        ({"a": {"b": 1}}, {"a": {}}, "a.b"),
    ],
)
def test_the_place_of_a_difference_is_named(then, now, path):
    assert [one.path for one in differences(then, now)] == [path]


@pytest.mark.parametrize(
    ("then", "now", "relative"),
    [(1.0, 1.5, 1 / 3), (-2, 2, 2.0), (0.0, -0.0, 0.0), (True, 2, None), ("1", 2, None), (None, 1.0, None)],
)
def test_how_far_a_number_moved(then, now, relative):
    found = Change("a", "changed", then, now).relative
    assert found == relative if relative is None else math.isclose(found, relative)


def test_a_difference_in_words():
    (gone,) = differences({"a": 1, "b": "x" * 500}, {"a": 1})
    assert gone.as_text() == f"b: then {'x' * 119}…, now nothing"
    (added,) = differences({}, {"a": None})
    assert added.as_text() == "a: then nothing, now null"
