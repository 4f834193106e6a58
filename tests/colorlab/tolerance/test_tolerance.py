"""Tolerances are data."""

import pytest

from colorlab.colorimetry.viewing import A_10, D65_10
from colorlab.tolerance.document import parse_tolerance, tolerance_from_dict
from colorlab.tolerance.tolerance import DEFAULT, Limit, Tolerance
from spectra.errors import ToleranceError

DOCUMENT = b"""
name = "Amethyst"
formula = "CMC(2:1)"
viewings = ["D65/10", "A/10"]
confidence = 0.9
[[limit]]
delta_E = 1.0
[[limit]]
angle = "45as-15"
delta_E = 2.0
[[limit]]
viewing = "A/10"
delta_E = 1.4
[[limit]]
angle = "45as110"
viewing = "A/10"
delta_E = 3.0
"""


def test_the_most_specific_limit_holds():
    tolerance = parse_tolerance(DOCUMENT, "amethyst.toml")
    assert tolerance.limit("45as45", D65_10) == 1.0
    assert tolerance.limit("45as-15", D65_10) == 2.0
    assert tolerance.limit("45as-15", A_10) == 2.0
    assert tolerance.limit("45as45", A_10) == 1.4
    assert tolerance.limit("45as110", A_10) == 3.0


@pytest.mark.parametrize("tolerance", [DEFAULT, parse_tolerance(DOCUMENT, "amethyst.toml")], ids=lambda one: one.name)
def test_a_stored_tolerance_is_read_back_as_it_was(tolerance):
    assert tolerance_from_dict(tolerance.as_dict()) == tolerance


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ((b'formula = "CMC(2:1)"', b'formula = "AUDI2000"'), "AUDI2000"),
        ((b'"A/10"]', b'"candle/10"]'), "candle"),
        ((b"confidence = 0.9", b"confidence = 1.9"), "confidence"),
        ((b"confidence = 0.9", b'rule = "strict"'), "strict"),
        ((b"confidence = 0.9", b"confidense = 0.9"), "confidense"),
        ((b"[[limit]]\ndelta_E = 1.0\n", b""), "general limit"),
        ((b"delta_E = 2.0", b"delta_E = -2.0"), "-2"),
        ((b"delta_E = 2.0", b'delta_E = "two"'), "limit 2, key delta_E: the text 'two'; expected a finite number"),
        ((b"delta_E = 2.0", b"dE = 2.0"), "dE"),
        ((b'name = "Amethyst"', b""), "name"),
        ((b'angle = "45as-15"\ndelta_E = 2.0', b'viewing = "A/10"\ndelta_E = 2.0'), "two limit rows"),
        ((b"[[limit]]", b"[[limit"), "TOML"),
        ((b"confidence = 0.9", b"confidence = " + b"9" * 6000), "TOML"),
        ((b"confidence = 0.9", b"confidence = " + b"[" * 50_000), "TOML"),
        ((b'"Amethyst"', b'"\xff"'), "TOML"),
        ((b'angle = "45as-15"', b'angle = "face"'), "'face' is no angle pair"),
        ((b'viewing = "A/10"\ndelta_E = 1.4', b'viewing = "FL2/10"\ndelta_E = 1.4'), "FL2/10°, which is not among"),
    ],
)
def test_a_wrong_tolerance_is_refused_by_file_and_key(change, message):
    with pytest.raises(ToleranceError, match=message) as caught:
        parse_tolerance(DOCUMENT.replace(*change), "amethyst.toml")
    assert "amethyst.toml" in str(caught.value) or "Amethyst" in str(caught.value)


def test_a_limit_must_be_a_difference_that_can_be():
    with pytest.raises(ToleranceError):
        Tolerance("t", "CIEDE2000", (D65_10,), (Limit(float("nan")),))


def test_every_spelling_of_an_angle_is_the_same_limit():
    tolerance = parse_tolerance(DOCUMENT.replace(b"45as-15", b" r45AS-15 "), "amethyst.toml")
    assert tolerance.limit("45as-15", D65_10) == 2.0
