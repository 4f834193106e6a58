"""Geometry tokens and what they mean."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spectra.errors import GeometryError, MissingAngleError
from spectra.geometry import D8_SCI, canonical, directional, is_directional

# The twelve pairs of an X-Rite MA-T12 and two out-of-plane pairs of an MA98, as their files spell them.
IN_USE = [
    "15as-45",
    "15as-30",
    "15as-15",
    "15as15",
    "15as45",
    "15as80",
    "45as-15",
    "45as15",
    "45as25",
    "45as45",
    "45as75",
    "45as110",
]
OUT_OF_PLANE = ["45as25az90", "45as60az-125.3", "15as38.3az43"]


def test_an_instruments_tokens_give_its_angles():
    geometry = directional(IN_USE)
    assert geometry.n_angles == 12
    assert geometry.illumination_angles[geometry.index("15as80")] == 15
    assert geometry.aspecular_angles[geometry.index("45as-15")] == -15


def test_out_of_plane_pairs_keep_their_azimuth():
    assert directional(OUT_OF_PLANE).azimuths.tolist() == [90, -125.3, 43]


@given(st.sampled_from(IN_USE + OUT_OF_PLANE))
def test_every_spelling_of_a_token_is_one_token(token):
    assert canonical(f" r{token.upper()} ") == token


@pytest.mark.parametrize(
    ("spelling", "token"),
    [
        ("45as25az270", "45as25az-90"),
        ("45as25az-180", "45as25az180"),
        ("45as25az540", "45as25az180"),
        ("45as15az0", "45as15"),
        ("45as15az-0.0", "45as15"),
        ("45as15az360", "45as15"),
    ],
)
def test_an_azimuth_is_counted_within_one_turn_and_none_is_in_plane(spelling, token):
    assert canonical(spelling) == token
    assert directional([spelling]).tokens == (token,)
    with pytest.raises(GeometryError, match=f"{token} stands more than once"):
        directional([token, spelling])


@given(st.integers(-999, 999), st.integers(-999, 999))
def test_azimuths_are_one_angle_where_they_differ_by_whole_turns_and_only_there(one, other):
    same = canonical(f"45as25az{one}") == canonical(f"45as25az{other}")
    assert same == ((one - other) % 360 == 0)


@given(st.text(max_size=12))
def test_a_text_is_a_token_or_is_refused(text):
    if is_directional(text):
        directional([text])
    else:
        with pytest.raises(GeometryError):
            directional([text])


def test_the_same_pair_twice_is_refused():
    with pytest.raises(GeometryError, match="45as15"):
        directional(["45as15", "r45as15"])


def test_a_missing_angle_names_what_was_measured():
    with pytest.raises(MissingAngleError, match=r"needs the 110° .* 15°, 45°"):
        directional(["45as15", "45as45"]).index("45as110")


def test_a_sphere_has_one_angle_and_says_what_it_does_with_gloss():
    assert (D8_SCI.n_angles, D8_SCI.specular) == (1, "included")


def test_minus_nought_is_nought():
    assert canonical("45as-0") == "45as0"


def test_a_message_quotes_the_beginning_of_a_token_without_end():
    with pytest.raises(GeometryError) as refused:
        directional(["45as15", "45" + "[" * 3000])
    assert len(str(refused.value)) < 200
