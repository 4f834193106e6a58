"""Colours without a spectrum are compared under their own light, or not at all."""

import json

import numpy as np
import pytest

from colorlab.colorimetry.colours import colours_of
from colorlab.colorimetry.viewing import A_10, D65_10, Viewing
from colorlab.colorimetry.weights import white_point
from colorlab.difference.standard import delta_E
from colorlab.tolerance.tolerance import Limit, Tolerance
from colorlab.verdict.stated_difference import compare_stated
from spectra.errors import MeasurementError, NotComparableError
from spectra.geometry import D8_SCE, D8_SCI, UNDECLARED, directional
from spectra.measurement import Declared, Measurement
from spectra.stated import ColourReading, StatedColour
from spectra.wavelengths import WavelengthGrid

GRID = WavelengthGrid(400, 700, 10)
SHAPE = 0.25 + 0.2 * np.sin((GRID.wavelengths - 430) / 70)
ONE = Tolerance("one", "CIEDE2000", (D65_10,), (Limit(1.0),))


def panel(scale=1.0, geometry=D8_SCI, **fields):
    spectra = np.tile(scale * SHAPE, (geometry.n_angles, 1))
    return Measurement("P", spectra, GRID, geometry, **fields)


def colour(lab, viewing=D65_10, geometry=D8_SCI, space="Lab", name="C", **fields):
    illuminant, observer = (viewing.illuminant, viewing.observer) if viewing else (None, None)
    stated = StatedColour(space, np.atleast_2d(lab), illuminant, observer)
    return ColourReading(name, (stated,), geometry, **fields)


def lab_of(measurement, viewing=D65_10):
    return colours_of(measurement, viewing).Lab[:, 0]


@pytest.mark.parametrize("viewing", [D65_10, A_10, Viewing("C", "2°")])
def test_a_spectrum_is_compared_with_a_stated_colour_under_that_colours_own_light(viewing):
    target = lab_of(panel(0.97), viewing)
    found = compare_stated(colour(target, viewing), panel(), ONE)
    assert found.worst.viewing == viewing
    assert found.worst.delta_E == pytest.approx(float(delta_E(target, lab_of(panel(), viewing))[0]))
    assert found.worst.words == ("lighter",)
    assert any(f"sample: colour computed from its spectrum under {viewing}" in remark for remark in found.remarks)


def test_the_roles_may_be_exchanged_and_the_sign_turns():
    target = lab_of(panel(0.97))
    one, other = compare_stated(colour(target), panel(), ONE), compare_stated(panel(), colour(target), ONE)
    assert one.worst.delta_L == pytest.approx(-other.worst.delta_L)


@pytest.mark.parametrize("space", ["XYZ", "LCh"])
def test_coordinates_of_another_space_are_the_same_colour(space):
    lab = np.array([52.0, 20.0, -11.0])
    if space == "LCh":
        other = [52.0, np.hypot(20, 11), np.degrees(np.arctan2(-11, 20)) % 360]
    else:
        from colorlab.colorimetry.spaces import lab_to_xyz

        other = lab_to_xyz(lab, white_point(D65_10))
    assert compare_stated(colour(lab), colour(other, space=space), ONE).worst.delta_E == pytest.approx(0, abs=1e-9)


def test_there_is_no_probability_where_no_uncertainty_is_stated_and_the_values_decide():
    near, far = ([50, 10, 10 + step] for step in (0.5, 5.0))
    accepted, rejected = (compare_stated(colour([50, 10, 10]), colour(lab), ONE) for lab in (near, far))
    assert (accepted.decision, rejected.decision) == ("accept", "reject")
    assert accepted.as_dict()["conformity_probability"] is None
    assert any("simple acceptance" in remark for remark in accepted.remarks)
    assert rejected.sentence.startswith("Reject by the stated colours")
    assert "偏黄" in rejected.sentence_zh
    json.dumps(rejected.as_dict(), allow_nan=False)


def test_two_colours_under_different_lights_are_refused_because_nothing_can_convert_them():
    with pytest.raises(NotComparableError, match=r"standard D65/10°, sample A/10°. Without a spectrum"):
        compare_stated(colour([50, 0, 0]), colour([50, 0, 0], A_10), ONE)


def test_an_undeclared_light_is_refused_and_the_nearest_are_named():
    standard = panel()
    with pytest.raises(NotComparableError, match="would be nearest to it under A/10°") as refused:
        compare_stated(standard, colour(lab_of(standard, A_10), None), ONE)
    assert "Declare both in the file" in str(refused.value)
    with pytest.raises(NotComparableError, match="undeclared/undeclared"):
        compare_stated(colour([50, 0, 0]), colour([50, 0, 0], None), ONE)


def test_of_several_lights_those_of_the_tolerance_count():
    many = tuple(StatedColour("Lab", [[50, 0, 0]], one.illuminant, one.observer) for one in (A_10, D65_10))
    reading = ColourReading("C", many, D8_SCI)
    assert [row.viewing for row in compare_stated(reading, reading, ONE).conditions] == [D65_10]
    elsewhere = Tolerance("t", "CIEDE2000", (Viewing("F2"),), (Limit(1.0),))
    found = compare_stated(reading, reading, elsewhere)
    assert [row.viewing for row in found.conditions] == [A_10, D65_10]
    assert any("general limits" in remark for remark in found.remarks)
    assert any("not tested" in remark for remark in found.remarks)


def test_geometry_and_light_must_agree_as_they_must_for_spectra():
    with pytest.raises(NotComparableError, match="specular component"):
        compare_stated(colour([50, 0, 0]), colour([50, 0, 0], geometry=D8_SCE), ONE)
    with pytest.raises(NotComparableError, match="measurement condition"):
        compare_stated(
            panel(declared=Declared(condition="M0")),
            colour([50, 0, 0], conditions={"measurement condition": "M2"}),
            ONE,
        )
    found = compare_stated(colour([50, 0, 0], geometry=UNDECLARED), colour([50, 0, 0]), ONE)
    assert found.remarks[0] == "geometry undeclared for the standard; taken as measured alike"


def test_instruments_of_two_families_are_told_apart_here_too():
    angles = directional(["45as15"])
    standard = colour([50, 0, 0], geometry=angles, instrument="MA-T12, serial number 1")
    sample = colour([50, 0, 0], geometry=angles, instrument="BYK-mac i, serial number 2")
    found = compare_stated(standard, sample, ONE)
    assert found.remarks[0].startswith("two instruments of different families")


def test_effect_paint_is_compared_at_the_angles_both_state():
    angles = directional(["45as15", "45as45", "45as110"])
    standard = colour([[90, 0, 0], [50, 0, 0], [30, 0, 0]], geometry=angles)
    sample = colour([[30, 0, 4], [np.nan] * 3], geometry=directional(["45as110", "45as15"]))
    found = compare_stated(standard, sample, ONE)
    assert [row.angle for row in found.conditions] == ["45as110"]
    assert found.worst.delta_b == 4
    assert any("45as15" in remark for remark in found.remarks)


def test_two_spectra_are_not_reduced_to_colours():
    with pytest.raises(MeasurementError, match="both have a spectrum"):
        compare_stated(panel(), panel(0.9), ONE)
