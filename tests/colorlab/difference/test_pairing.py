"""Standard and sample on common ground, or not compared at all."""

import numpy as np
import pytest

from colorlab.difference.pairing import pair
from spectra.errors import NotComparableError
from spectra.geometry import ANNULAR_0_45, ANNULAR_45_0, D8, D8_SCE, D8_SCI, UNDECLARED, UNIPLANAR_45_0, directional
from spectra.measurement import Declared, Measurement
from spectra.wavelengths import WavelengthGrid, grid_of_nodes

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


def test_another_backing_is_said_with_what_it_does():
    (remark,) = pair(
        panel(declared=Declared(backing="white")), panel(declared=Declared(backing="black"), level=0.41)
    ).remarks
    assert remark.startswith("backing: standard white, sample black; alike for a film that hides")
    assert pair(panel(declared=Declared(backing="white")), panel(level=0.41)).remarks == ()


@pytest.mark.parametrize("swap", [False, True])
def test_the_narrower_bandpass_is_brought_to_the_wider_and_said(swap):
    slope = np.linspace(0.1, 0.7, 31) ** 2
    declared = [Declared(bandpass_nm=width, bandpass_corrected=False) for width in (5.0, 10.0)]
    sides = [
        Measurement(name, slope[None] * k, GRID, D8_SCI, declared=one)
        for name, k, one in zip("SP", (1, 1.01), declared, strict=True)
    ]
    both = pair(*(sides[::-1] if swap else sides))
    narrow = both.sample if swap else both.standard
    assert (narrow.reflectance_factor != sides[0].reflectance_factor).any()
    assert (both.standard if swap else both.sample) is sides[1]
    (remark,) = both.remarks
    assert "the narrower brought to 10 nm" in remark


def test_values_freed_of_different_bandpasses_are_alike():
    first, second = (Declared(bandpass_nm=width, bandpass_corrected=True) for width in (5.0, 10.0))
    assert pair(panel(declared=first), panel(declared=second, level=0.41)).remarks == ()


def test_bandpasses_of_which_too_little_is_declared_are_left_as_they_are_and_said():
    first, second = (Declared(bandpass_nm=width) for width in (5.0, 10.0))
    both = pair(panel(declared=first), panel(declared=second, level=0.41))
    assert both.remarks[0].startswith("bandpass: standard 5 nm, sample 10 nm; taken as it is")


@pytest.mark.parametrize(
    ("quantity", "standard", "sample"),
    [("UV", "included", "excluded"), ("colour system", "mat", "byk"), ("device polarization", "Yes", "No")],
)
def test_what_a_file_declares_in_its_own_words_must_agree_too(quantity, standard, sample):
    with pytest.raises(NotComparableError, match=f"{quantity} differs: standard {standard}, sample {sample}"):
        pair(panel(conditions={quantity: standard}), panel(conditions={quantity: sample}, level=0.41))
    assert pair(panel(conditions={quantity: standard}), panel(conditions={}, level=0.41)).remarks == ()


def test_another_aperture_is_said():
    (remark,) = pair(panel(conditions={"aperture": "LAV"}), panel(conditions={"aperture": "SAV"}, level=0.41)).remarks
    assert remark.startswith("aperture: standard LAV, sample SAV; alike for an even, opaque film")


def test_light_and_eye_may_be_exchanged_but_a_ring_is_not_a_direction():
    (remark,) = pair(panel(ANNULAR_45_0), panel(ANNULAR_0_45, level=0.41)).remarks
    assert "Helmholtz" in remark
    (remark,) = pair(panel(ANNULAR_45_0), panel(UNIPLANAR_45_0, level=0.41)).remarks
    assert "surface without direction" in remark


@pytest.mark.parametrize(("other", "match"), [("15as15", "illumination"), ("45as15az90", "azimuth")])
def test_another_illumination_angle_or_azimuth_is_another_angle(other, match):
    with pytest.raises(NotComparableError, match=match):
        pair(panel(directional(["45as15"])), panel(directional([other])))


def test_a_finer_interval_is_picked_and_an_odd_one_interpolated_and_said():
    picked = pair(panel(grid=WavelengthGrid(400, 700, 5)), panel(level=0.41)).remarks
    assert picked == ("wavelengths: standard 400–700/5 nm, sample 400–700/10 nm; compared over 400–700/10 nm",)
    uneven = grid_of_nodes([400.0, 411.0, 420.0, 433.0, 500.0, 600.0, 700.0])
    (remark,) = pair(panel(grid=uneven), panel(level=0.41)).remarks
    assert "cubic spline" in remark


EFFECT = directional(["45as15", "45as110"])


def test_families_are_told_apart_and_serial_numbers_are_not():
    one, other, third = "MA-T12, serial number 1", "MA-T12, serial number 2", "BYK-mac i, serial number 3"
    same = pair(panel(EFFECT, instrument=one), panel(EFFECT, instrument=other, level=0.41))
    assert not same.of_two_families
    assert same.remarks[0].startswith("two instruments of one family (X-Rite MA-T12)")
    apart = pair(panel(EFFECT, instrument=one), panel(EFFECT, instrument=third, level=0.41))
    assert apart.of_two_families
    assert tuple(map(str, apart.families)) == ("X-Rite MA-T12", "BYK-mac i")
    assert "reproducibility belongs to the uncertainty" in apart.remarks[0]
    unknown = pair(panel(EFFECT, instrument=one), panel(EFFECT, instrument="gonio 7", level=0.41))
    assert unknown.families[1] is None
    assert "not known" in unknown.remarks[0]


def test_an_undeclared_instrument_matters_for_effect_paint_only():
    assert pair(panel(instrument="MA-T12"), panel(level=0.41)).remarks == ()
    (remark,) = pair(panel(EFFECT, instrument="MA-T12"), panel(EFFECT, level=0.41)).remarks
    assert remark.startswith("instrument undeclared for the sample; taken as of the family of MA-T12")


def test_a_disparity_is_told_with_other_names_than_standard_and_sample():
    (found,) = pair(panel(instrument="SP62"), panel(instrument="CM-700d", level=0.41)).disparities
    assert found.words("body", "bumper").startswith("two instruments of different families: body SP62, bumper CM-700d")
