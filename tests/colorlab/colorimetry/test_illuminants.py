"""Names of illuminants: one for each, however it is spelt."""

import pytest

from colorlab.colorimetry.illuminants import ILLUMINANTS, canonical_illuminant, is_tabulated
from spectra.errors import UnknownConditionError


@pytest.mark.parametrize("name", ILLUMINANTS)
def test_case_blanks_hyphens_and_underscores_make_no_other_illuminant(name):
    for spelling in (
        name,
        name.lower(),
        f" {name} ",
        name.replace("-", "_"),
        name.replace("-", " "),
        name.replace("-", ""),
    ):
        assert canonical_illuminant(spelling) == name


@pytest.mark.parametrize(
    ("spelling", "name"),
    [
        ("TL-84", "FL11"),
        ("tl 84", "FL11"),
        ("F_11", "FL11"),
        ("F3.1", "FL3.1"),
        ("D-65", "D65"),
        ("ledb1", "LED-B1"),
        ("LED_B1", "LED-B1"),
        ("LED-RGB-1", "LED-RGB1"),
        ("U-30", "FL12"),
    ],
)
def test_trade_names_and_other_spellings_are_understood(spelling, name):
    assert canonical_illuminant(spelling) == name


@pytest.mark.parametrize("name", ["", "-", "D93", "FL3-1", "FL1-1", "LED", "TL"])
def test_what_is_no_illuminant_is_refused_with_those_that_are(name):
    assert not is_tabulated(name)
    with pytest.raises(UnknownConditionError, match=r"FL3\.15"):
        canonical_illuminant(name)
