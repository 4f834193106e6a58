"""Viewings: names as people write them, and lights somebody measured."""

import numpy as np
import pytest

from colorlab.colorimetry.colours import colours
from colorlab.colorimetry.illuminants import ILLUMINANTS
from colorlab.colorimetry.library import colour_science
from colorlab.colorimetry.tables import illuminant_table, observer_table
from colorlab.colorimetry.tristimulus import spectra_to_lab
from colorlab.colorimetry.viewing import A_10, D65_10, TL84_10, Viewing, parse_viewing, under_light
from colorlab.colorimetry.weights import weights
from spectra.errors import MeasurementError, UnknownConditionError, WavelengthRangeError
from spectra.light import SpectralDistribution
from spectra.wavelengths import WavelengthGrid, grid_of_nodes

GRID = WavelengthGrid(400, 700, 10)


def lamp(values=None, grid=None, name="Showroom"):
    grid = grid or WavelengthGrid(380, 780, 5)
    power = np.ones(grid.count) if values is None else values
    return SpectralDistribution(name, "relative", power, grid)


def tabulated(name, nm):
    return colour_science().SDS_ILLUMINANTS[name].copy()[np.asarray(nm)]


@pytest.mark.parametrize(
    ("text", "viewing"),
    [
        ("D65/10", D65_10),
        ("d65/10", D65_10),
        ("A/10 deg", A_10),
        ("TL84/10°", TL84_10),
        ("f11/10", TL84_10),
        ("U30/2", Viewing("FL12", "2°")),
        ("F3.4/2", Viewing("FL3.4", "2°")),
        ("CWF/2", Viewing("FL2", "2°")),
        ("led-rgb1/10", Viewing("LED-RGB1")),
    ],
)
def test_names_of_illuminants_are_understood_as_people_write_them(text, viewing):
    assert parse_viewing(text) == viewing


@pytest.mark.parametrize("text", ["D65", "D65/5", "sunshine/10", "F13/10", ""])
def test_an_unknown_viewing_condition_is_named(text):
    with pytest.raises(UnknownConditionError):
        parse_viewing(text)


@pytest.mark.parametrize("illuminant", ["D66", "", "FL3.16"])
def test_a_viewing_under_an_unknown_illuminant_cannot_be_made(illuminant):
    with pytest.raises(UnknownConditionError, match="illuminant"):
        Viewing(illuminant)


def test_every_illuminant_has_a_table_to_780_nm_in_the_library():
    tables = colour_science().SDS_ILLUMINANTS
    assert all(tables[name].shape.end >= 780 for name in ILLUMINANTS)
    # The others are films' sensitometric lights; their tables end at 690 nm or before.
    assert all(tables[name].shape.end < 780 for name in set(tables) - set(ILLUMINANTS))


def test_a_measured_light_equal_to_an_illuminant_sees_the_same_colour():
    nm = np.arange(380, 781, 5)
    booth = under_light(lamp(tabulated("A", nm), name="booth 2"))
    paint = np.linspace(0.1, 0.7, 31)
    assert str(booth) == "booth 2/10°"
    assert spectra_to_lab(paint, GRID, booth) == pytest.approx(spectra_to_lab(paint, GRID, A_10), abs=2e-3)


def test_a_light_is_known_by_its_content():
    first, again = under_light(lamp()), under_light(lamp())
    brighter = under_light(lamp(np.linspace(1, 2, 81)))
    assert first == again
    assert hash(first) == hash(again)
    assert first != brighter
    assert weights(GRID, first) is weights(GRID, again)
    assert under_light(lamp(), name="Hall") != first


def test_the_strength_of_a_light_changes_no_colour():
    power = np.linspace(1, 2, 81)
    assert weights(GRID, under_light(lamp(power))) == pytest.approx(weights(GRID, under_light(lamp(40 * power))))


def test_an_emission_line_leaves_no_negative_power_beside_it():
    grid = grid_of_nodes([380, 400, 435.8, 437, 450, 500, 545, 546.1, 547, 600, 700, 780])
    light = under_light(lamp([1, 1, 1, 90, 1, 1, 1, 80, 1, 1, 1, 1], grid))
    assert (illuminant_table(light) >= 1).all()


def test_a_light_measured_over_too_little_says_over_how_much():
    light = under_light(lamp(grid=WavelengthGrid(450, 650, 5)))
    with pytest.raises(WavelengthRangeError, match=r"Showroom was measured over 450–650/5 nm; .* \d+\.\d % of Z"):
        weights(GRID, light)


def test_a_light_that_ends_on_a_low_value_does_not_count_as_measured_whole():
    grid = WavelengthGrid(400, 650, 5)
    light = under_light(lamp(np.linspace(1, 0, grid.count), grid))
    with pytest.raises(WavelengthRangeError, match=r"% of X \(1\.4 % of Y\) by an even light; at most 2 %"):
        weights(GRID, light)


def test_what_rests_on_the_end_values_of_a_light_is_said_with_its_share():
    grid = WavelengthGrid(400, 680, 5)
    viewing = under_light(lamp(grid=grid))
    matching = observer_table("10°")
    beyond = np.r_[matching[:40, 0], matching[321:, 0]]  # before 400 and after 680 nm
    X = 100 * beyond.sum() / matching[:, 0].sum()
    (remark,) = colours(np.full(31, 0.4), GRID, (D65_10, viewing)).remarks
    assert remark.startswith("Showroom/10°: the light was measured over 400–680/5 nm")
    assert f"{X:.1f} % of X" in remark
    assert colours(np.full(31, 0.4), GRID, (D65_10, under_light(lamp()))).remarks == ()


def test_a_negative_power_is_named_with_its_wavelength():
    power = np.ones(81)
    power[3] = -0.01
    with pytest.raises(MeasurementError, match=r"-0\.01 at 395 nm"):
        under_light(lamp(power))


@pytest.mark.parametrize("name", ["D65", "f11", "TL84", "tl84"])
def test_a_measured_light_does_not_borrow_the_name_of_an_illuminant(name):
    with pytest.raises(MeasurementError, match="rename"):
        under_light(lamp(name=name))


def test_darkness_and_filters_are_no_lights():
    with pytest.raises(MeasurementError, match="no power"):
        under_light(lamp(np.zeros(81)))
    with pytest.raises(MeasurementError, match="transmittance"):
        under_light(SpectralDistribution("glass", "transmittance", np.ones(81), WavelengthGrid(380, 780, 5)))
