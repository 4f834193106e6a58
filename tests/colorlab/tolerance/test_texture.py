"""Sparkle and graininess are compared on one device and software only."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from colorlab.tolerance.texture import TextureLimit
from spectra.errors import ToleranceError
from spectra.geometry import D8_SCI
from spectra.measurement import Measurement
from spectra.stated import Texture
from spectra.wavelengths import WavelengthGrid

GRID = WavelengthGrid(400, 700, 10)


def panel(*texture, instrument="BYK-mac i 7034"):
    spectrum = np.full((1, GRID.count), 0.3)
    return Measurement("panel", spectrum, GRID, D8_SCI, texture=texture, instrument=instrument)


def sparkle(value, geometry="45as15", version="2.1", quantity="Sparkle grade"):
    return Texture(quantity, geometry, value, version)


def test_the_change_of_a_texture_is_held_against_its_limit_at_each_angle():
    standard = panel(sparkle(3.0), sparkle(1.0, " r45as45"), sparkle(5.0, "diffuse", quantity="graininess"))
    sample = panel(sparkle(3.4), sparkle(2.5, "45as45"), sparkle(9.0, "diffuse", quantity="graininess"))
    near, far = TextureLimit("sparkle GRADE", 1.0).judge(standard, sample)
    assert (near.angle, near.conforms, near.difference) == ("45as15", True, pytest.approx(0.4))
    assert (far.angle, far.conforms, far.difference) == ("45as45", False, pytest.approx(1.5))
    assert near.conformity_probability is None
    assert "no uncertainty is stated" in near.remark
    (diffuse,) = TextureLimit("graininess", 1.0, "diffuse").judge(standard, sample)
    assert (diffuse.difference, diffuse.conforms) == (4.0, False)


def test_with_a_stated_uncertainty_the_probability_is_the_normal_one():
    (result,) = TextureLimit("sparkle grade", 1.0, uncertainty=0.5 / math.sqrt(2)).judge(
        panel(sparkle(3.0)), panel(sparkle(4.0))
    )
    # At the limit itself one half, less what lies beyond the other limit, four standard uncertainties away.
    assert result.conformity_probability == pytest.approx(0.5 - 3.167e-5, abs=1e-7)
    assert result.remark == ""


@given(st.floats(-5, 5), st.floats(0.01, 5), st.floats(0.01, 5))
def test_the_probability_does_not_depend_on_which_way_it_changed_and_doubts_both_ways(change, limit, uncertainty):
    rule = TextureLimit("sparkle grade", limit, uncertainty=uncertainty)
    up, down = (rule.judge(panel(sparkle(0.0)), panel(sparkle(one)))[0] for one in (change, -change))
    assert up.conformity_probability == down.conformity_probability
    assert 0 <= up.conformity_probability <= 1
    if not up.conforms:
        assert up.conformity_probability <= 0.5


@pytest.mark.parametrize(
    ("standard", "sample", "why"),
    [
        (panel(sparkle(1.0)), panel(sparkle(1.0), instrument="MA-T12 1"), "whose scales need not agree"),
        (panel(sparkle(1.0)), panel(sparkle(1.0), instrument=None), "which instrument"),
        (panel(sparkle(1.0)), panel(sparkle(1.0, version="2.2")), "versions 2.1 and 2.2"),
        (panel(sparkle(1.0, version="")), panel(sparkle(1.0, version="")), "which version"),
        (panel(sparkle(1.0)), panel(), "the sample states no such value"),
        (panel(), panel(), "the standard states no such value"),
        (panel(sparkle(1.0), sparkle(2.0)), panel(sparkle(1.0)), "states 2 values"),
    ],
)
def test_what_cannot_be_compared_is_not_judged_and_says_why(standard, sample, why):
    (result,) = TextureLimit("sparkle grade", 1.0, uncertainty=0.2).judge(standard, sample)
    assert result.remark.startswith("not judged: ")
    assert why in result.remark
    assert (result.difference, result.conforms, result.conformity_probability) == (None, None, None)
    assert result.as_dict()["remark"] == result.remark


@pytest.mark.parametrize(
    "given_",
    [{"limit": 0.0}, {"limit": math.nan}, {"limit": 1.0, "uncertainty": 0.0}, {"limit": 1.0, "quantity": " "}],
)
def test_a_texture_limit_that_makes_no_sense_is_refused(given_):
    with pytest.raises(ToleranceError):
        TextureLimit(**{"quantity": "graininess"} | given_)
