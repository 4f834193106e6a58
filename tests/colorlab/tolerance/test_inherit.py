"""A colour's tolerance inherits from its finish and its programme."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from colorlab.colorimetry.viewing import A_10, D65_10
from colorlab.tolerance.document import tolerance_from_dict
from colorlab.tolerance.inherit import as_layer, merge, resolve
from colorlab.tolerance.requirements import FlopLimit
from colorlab.tolerance.texture import TextureLimit
from colorlab.tolerance.tolerance import DEFAULT, Limit
from spectra.errors import ToleranceError

PROGRAMME = {
    "name": "programme",
    "formula": "CIEDE2000",
    "viewings": ["D65/10", "A/10"],
    "source": "quality manual",
    "limit": [{"delta_E": 1.0}, {"angle": "45as-15", "delta_E": 1.6}, {"viewing": "A/10", "delta_E": 1.2}],
    "requirement": [{"kind": "flop", "limit": 0.5}],
}
METALLIC = {
    "confidence": 0.9,
    "limit": [{"angle": "r45AS-15", "delta_E": 2.0}, {"angle": "45as110", "viewing": "A/10", "delta_E": 3.0}],
    "texture": [{"quantity": "graininess", "limit": 0.5}],
}
AMETHYST = {
    "name": "Amethyst",
    "limit": [{"angle": "45as110", "viewing": "A/10°", "withdrawn": True}],
    "requirement": [{"kind": "flop", "limit": 0.3}],
    "texture": [{"quantity": "Graininess", "withdrawn": True}],
}
SCHEME = {
    "name": "silver",
    "source": "someone",
    "form": [{"semi_axes": [1, 1, 1]}, {"angle": "45as110", "semi_axes": [2, 2, 2]}],
}


def test_a_layer_changes_what_it_names_and_leaves_the_rest():
    resolved = resolve([("programme", PROGRAMME), ("metallic", METALLIC), ("colour", AMETHYST)])
    tolerance = resolved.tolerance
    assert (tolerance.name, tolerance.confidence, tolerance.viewings) == ("Amethyst", 0.9, (D65_10, A_10))
    assert tolerance.limits == (Limit(1.0), Limit(2.0, "45as-15"), Limit(1.2, viewing="A/10°"))
    assert tolerance.requirements == (FlopLimit(0.3),)
    assert tolerance.textures == ()


def test_a_colours_general_limit_is_not_undone_by_a_wider_one_of_the_programme():
    strict = {"name": "Racing Red", "limit": [{"delta_E": 0.5}, {"angle": "45as110", "delta_E": 0.7}]}
    resolved = resolve([("programme", PROGRAMME), ("metallic", METALLIC), ("colour", strict)])
    assert resolved.tolerance.limits == (Limit(0.5), Limit(0.7, "45as110"))
    assert {key: layer for key, layer in resolved.origins.items() if key.startswith("limit")} == {
        "limit[*, *]": "colour",
        "limit[45as110, *]": "colour",
    }


def test_the_origin_of_every_key_is_kept():
    resolved = resolve([("programme", PROGRAMME), ("metallic", METALLIC), ("colour", AMETHYST)])
    assert resolved.origins == {
        "name": "colour",
        "formula": "programme",
        "viewings": "programme",
        "source": "programme",
        "confidence": "metallic",
        "limit[*, *]": "programme",
        "limit[45as-15, *]": "metallic",
        "limit[*, A/10°]": "programme",
        "requirement[flop]": "colour",
    }


def test_the_resolved_document_is_a_tolerance_of_its_own():
    resolved = resolve([("programme", PROGRAMME), ("metallic", METALLIC)])
    assert tolerance_from_dict(resolved.document) == resolved.tolerance
    assert tolerance_from_dict(resolved.tolerance.as_dict()) == resolved.tolerance
    assert resolved.tolerance.textures == (TextureLimit("graininess", 0.5),)


def test_one_layer_is_the_tolerance_itself():
    assert resolve([("house", DEFAULT.as_dict())]).tolerance == DEFAULT


def test_a_layer_that_does_not_inherit_starts_afresh():
    own = {"name": "own", "formula": "CMC(2:1)", "viewings": ["D65/10"], "limit": [{"delta_E": 0.8}]}
    resolved = resolve([("programme", PROGRAMME), ("colour", own | {"inherits": False})])
    assert resolved.tolerance == tolerance_from_dict(own)
    assert set(resolved.origins.values()) == {"colour"}
    assert resolve([("programme", PROGRAMME), ("finish", {"inherits": True})]).tolerance == tolerance_from_dict(
        PROGRAMME
    )


def test_a_withdrawn_row_can_be_set_again():
    again = {"limit": [{"angle": "45as110", "viewing": "A/10", "delta_E": 2.5}]}
    layers = [("programme", PROGRAMME), ("metallic", METALLIC), ("colour", AMETHYST), ("part", again)]
    assert Limit(2.5, "45as110", "A/10°") in resolve(layers).tolerance.limits


def test_a_layer_changes_single_forms_of_a_scheme():
    below = {"name": "p", "viewings": ["D65/10"], "scheme": SCHEME}
    above = {
        "scheme": {"form": [{"angle": "45as110", "semi_axes": [3, 3, 3]}, {"angle": "45as15", "semi_axes": [1, 2, 3]}]}
    }
    resolved = resolve([("programme", below), ("colour", above)])
    assert [form.semi_axes for form in resolved.tolerance.scheme.forms] == [(1, 1, 1), (3, 3, 3), (1, 2, 3)]
    assert resolved.tolerance.scheme.source == "someone"
    assert resolved.origins["scheme.source"] == resolved.origins["scheme.form[*, *]"] == "programme"
    assert resolved.origins["scheme.form[45as110, *]"] == "colour"


def test_weights_are_never_passed_off_as_another_sources():
    below = {"name": "p", "viewings": ["D65/10"], "scheme": SCHEME}
    above = {"scheme": {"name": "gold", "source": "me", "form": [{"semi_axes": [4, 4, 4]}]}}
    scheme = resolve([("programme", below), ("colour", above)]).tolerance.scheme
    assert (scheme.name, scheme.source, [form.semi_axes for form in scheme.forms]) == ("gold", "me", [(4, 4, 4)])
    with pytest.raises(ToleranceError, match="no form"):
        resolve([("programme", below), ("colour", {"scheme": {"name": "gold", "source": "me"}})])


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        ({"confidense": 0.9}, "^colour: unknown key 'confidense'"),
        ({"rule": "strict"}, "^colour, key rule: the text 'strict'"),
        ({"inherits": "no"}, "^colour, key inherits: the text 'no'; expected true or false"),
        ({"inherits": False}, r"^programme \+ colour: the key 'formula' is missing"),
        ({"limit": [{"angle": "45as15", "delta_E": "2"}]}, "^colour, limit 1, key delta_E"),
        ({"limit": [{"angle": "45as15", "withdrawn": True}]}, r"^colour: limit\[45as15, \*\] is withdrawn, which no"),
        ({"limit": [{"withdrawn": False}]}, "^colour, limit 1, key withdrawn: false"),
        ({"limit": [{"withdrawn": True, "delta_E": 2}]}, "^colour, limit 1: unknown key 'delta_E'"),
        ({"limit": [{"withdrawn": True}]}, r"^programme \+ colour: .*no general limit"),
        ({"inherits": False, "limit": [{"withdrawn": True}]}, "^colour: .* is withdrawn, which no layer below sets"),
        (
            {"requirement": [{"kind": "travel", "withdrawn": True}]},
            "^colour, requirement 1: the key 'quantity' is missing",
        ),
        (
            {"viewings": ["D65/10"]},
            r"^programme: limit\[\*, A/10°\] is never judged, as the viewings of colour are D65",
        ),
        ({"formula": "CMC(2:1)"}, r"^programme: limit\[\*, \*\] was set for the formula CIEDE2000, but colour has the"),
        (
            {"scheme": SCHEME},
            r"^programme: limit\[\*, \*\] was set for the formula CIEDE2000, but colour has the scheme",
        ),
        ({"formula": "CMC(2:1)", "scheme": SCHEME}, "^colour: both a formula and a scheme"),
        ({"scheme": {"form": []}}, r"^programme: limit|^programme \+ colour, scheme: the key 'name' is missing"),
    ],
)
def test_a_layer_that_makes_no_sense_is_refused_by_layer_and_key(layer, message):
    with pytest.raises(ToleranceError, match=message):
        resolve([("programme", PROGRAMME), ("colour", layer)])


def test_limits_of_a_layer_without_a_formula_hold_for_the_one_above_it():
    limits = {"limit": [{"delta_E": 1.0}]}
    whole = {"name": "n", "formula": "CMC(2:1)", "viewings": ["D65/10"]}
    assert resolve([("limits", limits), ("programme", whole)]).tolerance.limits == (Limit(1.0),)


def test_no_layer_is_no_tolerance():
    with pytest.raises(ToleranceError, match="no layer"):
        resolve([])


angles = st.sampled_from(["*", "45as15", "45as45"])


def _rows(of):
    places = st.tuples(angles, st.sampled_from(["*", "A/10"]))
    row = st.one_of(st.fixed_dictionaries(of), st.just({"withdrawn": True}))
    return st.dictionaries(places, row, max_size=3).map(
        lambda found: [{"angle": angle, "viewing": viewing} | one for (angle, viewing), one in found.items()]
    )


numbers = st.sampled_from([0.5, 1.0, 2.0])
forms = _rows({"semi_axes": st.tuples(numbers, numbers, numbers)})
schemes = st.fixed_dictionaries({}, optional={"name": st.sampled_from("XY"), "source": st.just("s"), "form": forms})
layers = (
    st.fixed_dictionaries(
        {},
        optional={
            "name": st.sampled_from("abc"),
            "confidence": st.sampled_from([0.8, 0.9]),
            "formula": st.sampled_from(["CIE76", "CIEDE2000"]),
            "scheme": schemes,
            "inherits": st.booleans(),
            "limit": _rows({"delta_E": numbers}),
        },
    )
    .filter(lambda layer: not {"formula", "scheme"} <= set(layer))
    .map(lambda layer: as_layer(layer, "layer"))
)


@given(layers, layers, layers)
def test_it_does_not_matter_which_two_of_three_layers_are_merged_first(first, second, third):
    assert merge(merge(first, second), third) == merge(first, merge(second, third))


@given(layers)
def test_a_layer_upon_itself_or_upon_nothing_or_under_nothing_is_itself(layer):
    assert merge(layer, layer) == merge({}, layer) == merge(layer, {}) == layer


@given(layers, layers)
def test_what_the_upper_layer_says_holds(below, above):
    merged = merge(below, above)
    assume("scheme" not in above)
    for key, value in above.items():
        held = merged[key]
        assert all(row in held for row in value) if isinstance(value, list) else held == value
