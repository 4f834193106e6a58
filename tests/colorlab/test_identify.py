"""Which illuminant a stored colour belongs to: a finding with numbers, and silence where the file speaks."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from colorlab.colorimetry.colours import colours
from colorlab.colorimetry.viewing import Viewing
from colorlab.identify import CANDIDATES, CONSISTENT_WITHIN, identify_illuminant
from spectra.errors import MeasurementError
from spectra.formats.registry import read_measurements
from spectra.geometry import D8_SCI, directional
from spectra.measurement import Measurement
from spectra.stated import StatedColour
from spectra.wavelengths import WavelengthGrid

GRID = WavelengthGrid(400, 700, 10)
GREEN = 0.05 + 0.5 * np.exp(-(((GRID.wavelengths - 530) / 40) ** 2))


def stating(viewing, space="XYZ", spectra=GREEN, declared=(None, None), geometry=D8_SCI):
    """A measurement that states the colour it has under a viewing."""
    computed = colours(np.atleast_2d(spectra), GRID, viewing)
    values = {"XYZ": computed.XYZ, "Lab": computed.Lab, "LCh": computed.LCh}[space][:, 0]
    return Measurement(
        "Panel", np.atleast_2d(spectra), GRID, geometry, stated=(StatedColour(space, values, *declared),)
    )


@settings(deadline=None)
@given(viewing=st.sampled_from(CANDIDATES), space=st.sampled_from(("XYZ", "Lab", "LCh")))
def test_the_viewing_a_chromatic_colour_was_computed_under_is_found(viewing, space):
    (found,) = identify_illuminant(stating(viewing, space))
    assert found.ranked[0].viewing == viewing
    assert found.ranked[0].delta_E_00 < 1e-6
    assert len(found.ranked) == len(CANDIDATES)
    assert found.consistent[0].viewing == viewing


def test_a_perfect_grey_is_consistent_with_every_illuminant_when_it_states_lab():
    (found,) = identify_illuminant(stating(Viewing("D65"), "Lab", np.full(31, 0.2)))
    assert found.is_ambiguous
    assert len(found.consistent) == len(CANDIDATES)
    assert ", or ambiguously " in found.sentence


def test_what_the_file_declares_is_not_questioned():
    assert identify_illuminant(stating(Viewing("A"), declared=("D65", "10°"))) == ()


def test_a_declared_observer_leaves_its_candidates_only():
    (found,) = identify_illuminant(stating(Viewing("FL11"), declared=(None, "10°")))
    assert {one.viewing.observer for one in found.ranked} == {"10°"}
    assert found.ranked[0].viewing == Viewing("FL11")


def test_the_worst_angle_counts_and_an_angle_without_a_colour_does_not():
    angles = directional(["45as15", "45as45", "45as110"])
    measurement = stating(Viewing("D65"), spectra=np.stack([GREEN, GREEN / 2, GREEN / 4]), geometry=angles)
    (found,) = identify_illuminant(measurement)
    assert found.ranked[0].viewing == Viewing("D65")
    values = measurement.stated[0].values.copy()
    values[1] = np.nan
    values[2] *= 2
    (spoiled,) = identify_illuminant(replace(measurement, stated=(StatedColour("XYZ", values),)))
    assert spoiled.ranked[0].delta_E_00 > 1
    values[:] = np.nan
    assert identify_illuminant(replace(measurement, stated=(StatedColour("XYZ", values),))) == ()


def test_a_colour_of_another_spectrum_agrees_with_none():
    measurement = replace(stating(Viewing("D65")), reflectance_factor=np.full((1, 31), 0.5))
    (found,) = identify_illuminant(measurement)
    assert found.consistent == ()
    assert found.sentence.startswith("Panel: the stated colour agrees with none of 20 viewings; next ")


def test_no_candidates_identify_nothing():
    with pytest.raises(MeasurementError, match="0 candidates"):
        identify_illuminant(stating(Viewing("D65")), ())
    with pytest.raises(MeasurementError, match="within -1"):
        identify_illuminant(stating(Viewing("D65")), within=-1)


# Figures found by computing: nearest viewing of every stored XYZ of the file, largest residual, least distance of the
# second. [CIEDE2000]
@pytest.mark.parametrize(
    ("name", "count", "nearest", "largest", "second"),
    [
        ("CARTER TEST.qtx", 1, "D65/10°", 0.011, 0.409),
        ("CARTER1.qtx", 2, "FL2/10°", 0.042, 1.664),
        ("CARTER2.qtx", 2, "FL2/10°", 0.055, 2.782),
        ("CARTER3.qtx", 2, "FL2/10°", 0.055, 2.782),
        ("CTMAIL.QTX", 7, "D65/10°", 0.006, 0.357),
        ("CTMAIL3.QTX", 8, "D65/10°", 0.006, 0.357),
        ("CTMAIL4.qtx", 1, "D65/10°", 0.006, 0.500),
        ("CTMAIL7.qtx", 12, "D65/10°", 0.101, 0.200),
        ("file1.qtx", 1, "FL11/10°", 0.132, 1.935),
        ("file2.qtx", 1, "FL11/10°", 0.104, 2.185),
        ("file3.qtx", 1, "FL11/10°", 0.034, 0.358),
        ("file4.qtx", 1, "FL11/10°", 0.048, 1.928),
        ("file5.qtx", 1, "FL11/10°", 0.044, 1.016),
        ("file6.qtx", 1, "FL11/10°", 0.012, 1.109),
        ("file7.qtx", 1, "FL11/10°", 0.025, 1.800),
        ("file8.qtx", 1, "FL11/10°", 0.033, 1.680),
        ("file9.qtx", 1, "FL11/10°", 0.098, 2.391),
        ("file10.qtx", 1, "FL11/10°", 0.087, 2.683),
    ],
)
def test_the_stored_colours_of_real_mails_belong_to_one_viewing(shared_data, name, count, nearest, largest, second):
    file = read_measurements((shared_data / "qtx_mif_xtf" / name).read_bytes(), name)
    found = [one for measurement in file.measurements for one in identify_illuminant(measurement)]
    assert len(found) == count
    assert {str(one.ranked[0].viewing) for one in found} == {nearest}
    assert max(one.ranked[0].delta_E_00 for one in found) == pytest.approx(largest, abs=0.002)
    assert min(one.ranked[1].delta_E_00 for one in found) == pytest.approx(second, abs=0.002)
    assert max(one.ranked[0].delta_E_00 for one in found) < CONSISTENT_WITHIN / 1.8


def test_the_one_declared_illuminant_of_the_real_mails_is_the_one_that_is_computed(shared_data):
    path = shared_data / "qtx_mif_xtf" / "CTMAIL.QTX"
    standard = read_measurements(path.read_bytes(), path.name).measurements[0]
    (stated,) = standard.stated
    assert (stated.illuminant, stated.observer) == ("D65", "10°")
    undeclared = replace(standard, stated=(replace(stated, illuminant=None, observer=None),))
    (found,) = identify_illuminant(undeclared)
    assert [str(one.viewing) for one in found.consistent] == ["D65/10°"]
    assert found.sentence.endswith("is consistent with D65/10° (0.00 ΔE00); next FL7/2°, 0.53 off")


def test_where_nothing_is_undeclared_no_candidate_is_asked():
    # 400–660 nm is enough for D65/10° and too little for A/2°, which nobody wants to know of.
    grid = WavelengthGrid(400, 660, 5)
    panel = Measurement("panel", np.full((1, grid.count), 0.3), grid, D8_SCI)
    assert identify_illuminant(panel) == ()
