"""Standard and sample on common ground, or not compared at all."""

import numpy as np
import pytest

from colorlab.difference.pairing import pair
from spectra.errors import NotComparableError
from spectra.geometry import ANNULAR_45_0, D8, D8_SCE, D8_SCI, UNDECLARED, directional
from spectra.measurement import Declared, Measurement
from spectra.wavelengths import WavelengthGrid

GRID = WavelengthGrid(400, 700, 10)


def panel(geometry=D8_SCI, grid=GRID, level=0.4, **fields):
    spectra = np.full((geometry.n_angles, grid.count), level)
    return Measurement("P", spectra, grid, geometry, **fields)


def test_alike_measurements_need_no_remark():
    assert pair(panel(), panel(level=0.41)).remarks == ()


@pytest.mark.parametrize(
    ("standard", "sample"),
    [(D8_SCI, D8_SCE), (D8_SCI, ANNULAR_45_0), (ANNULAR_45_0, directional(["45as15"]))],
    ids=lambda geometry: geometry.name,
)
def test_contradicting_geometries_are_refused_both_ways_round(standard, sample):
    for first, second in ((standard, sample), (sample, standard)):
        with pytest.raises(NotComparableError):
            pair(panel(first), panel(second))


@pytest.mark.parametrize("geometry", [D8, UNDECLARED], ids=lambda geometry: geometry.name)
def test_what_one_side_does_not_declare_is_taken_on_trust_and_said(geometry):
    (remark,) = pair(panel(), panel(geometry, level=0.41)).remarks
    assert "undeclared" in remark


def test_angles_are_brought_into_one_order():
    first, second = directional(["45as15", "45as45", "45as110"]), directional(["45as110", "45as15"])
    both = pair(panel(first), panel(second))
    assert both.standard.geometry.tokens == both.sample.geometry.tokens == ("45as15", "45as110")
    assert "45as45" in both.remarks[0]


def test_no_common_angle_is_no_comparison():
    with pytest.raises(NotComparableError, match="aspecular angles"):
        pair(panel(directional(["45as15"])), panel(directional(["45as25"])))


def test_a_longer_range_is_cut_to_the_common_one_and_said():
    both = pair(panel(grid=WavelengthGrid(360, 700, 10)), panel())
    assert both.standard.grid == both.sample.grid == GRID
    assert "400–700/10 nm" in both.remarks[0]


def test_no_common_range_is_no_comparison():
    with pytest.raises(NotComparableError, match="wavelength range"):
        pair(panel(grid=WavelengthGrid(400, 500, 10)), panel(grid=WavelengthGrid(600, 700, 10)))


def test_two_instruments_are_told_apart():
    (remark,) = pair(panel(instrument="SF600 6120"), panel(instrument="MA-T12 17", level=0.41)).remarks
    assert "two instruments" in remark


@pytest.mark.parametrize("swap", [False, True])
def test_an_undeclared_geometry_is_not_compared_with_several_angles(swap):
    sides = [panel(UNDECLARED), panel(directional(["45as15", "45as45"]))]
    with pytest.raises(NotComparableError, match="geometry"):
        pair(*(sides[::-1] if swap else sides))


@pytest.mark.parametrize("swap", [False, True])
def test_grids_that_interleave_are_compared_on_the_nodes_of_the_tables(swap):
    sides = [panel(grid=WavelengthGrid(405, 695, 10)), panel()]
    both = pair(*(sides[::-1] if swap else sides))
    assert both.standard.grid == both.sample.grid == WavelengthGrid(410, 690, 10)


def test_a_reading_compared_with_itself_is_said_to_be_one_reading():
    (remark,) = pair(panel(), panel()).remarks
    assert "equal to the last digit" in remark


def test_another_filter_before_the_lamp_is_another_measurement():
    with_ultraviolet, without = Declared(condition="M0"), Declared(condition="M2")
    with pytest.raises(
        NotComparableError, match=r"measurement condition \(ISO 13655\) differs: standard M0, sample M2"
    ):
        pair(panel(declared=with_ultraviolet), panel(declared=without, level=0.41))
    (remark,) = pair(panel(declared=with_ultraviolet), panel(level=0.41)).remarks
    assert remark == "measurement condition undeclared for the sample; taken as M0, as the other is"


def test_another_backing_or_bandpass_is_said():
    first = Declared(backing="white", bandpass_nm=10.0, bandpass_corrected=True)
    second = Declared(backing="black", bandpass_nm=10.0, bandpass_corrected=False)
    assert pair(panel(declared=first), panel(declared=second, level=0.41)).remarks == (
        "backing: standard white, sample black",
        "bandpass: standard 10 nm, corrected, sample 10 nm, not corrected",
    )
    assert pair(panel(declared=first), panel(level=0.41)).remarks == ()
