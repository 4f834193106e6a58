"""Weights of every grid: the tables' own numbers, the library's, and what interpolation must keep."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from colorlab.colorimetry.illuminants import ILLUMINANTS
from colorlab.colorimetry.library import colour_science
from colorlab.colorimetry.tristimulus import spectra_to_lab, xyz
from colorlab.colorimetry.viewing import A_10, D65_10, TL84_10, Viewing
from colorlab.colorimetry.weights import correction, integration, measured_share, stacked_weights, weights, white_point
from colorlab.difference.standard import delta_E
from spectra.errors import WavelengthRangeError
from spectra.wavelengths import WavelengthGrid, grid_of_nodes

GRID = WavelengthGrid(400, 700, 10)
THIRDS = WavelengthGrid(400, 700, 10 / 3)
UNEVEN = grid_of_nodes(
    [
        380,
        390,
        401,
        412.5,
        425,
        440,
        455,
        470,
        485,
        500,
        515,
        530,
        545,
        560,
        578,
        597,
        615,
        633,
        652,
        670,
        690,
        705,
        720,
    ]
)
GRIDS = [
    *(GRID, WavelengthGrid(360, 750, 10), WavelengthGrid(380, 730, 5), WavelengthGrid(400, 700, 20)),
    *(THIRDS, UNEVEN, WavelengthGrid(400, 700, 2), WavelengthGrid(403, 703, 10), WavelengthGrid(340, 800, 4)),
]


def paint(nm):
    """A smooth reddish curve."""
    return 0.05 + 0.6 / (1 + np.exp(-(np.asarray(nm) - 590) / 18)) + 0.05 * np.exp(-(((nm - 450) / 40) ** 2))


# ASTM E308-18, Table 5, for D65 and A; CIE 15:2018 gives FL11 the chromaticity 0.38541, 0.37123.
@pytest.mark.parametrize(
    ("viewing", "white"),
    [(D65_10, (94.811, 100, 107.304)), (A_10, (111.144, 100, 35.200)), (TL84_10, (103.820, 100, 65.557))],
    ids=str,
)
def test_white_points_are_those_of_the_tables(viewing, white):
    assert white_point(viewing) == pytest.approx(white, abs=0.012)


@pytest.mark.parametrize("viewing", [D65_10, A_10, TL84_10, Viewing("FL2"), Viewing("LED-B1", "2°")], ids=str)
@pytest.mark.parametrize("grid", GRIDS, ids=str)
def test_the_perfect_diffuser_is_white_on_every_grid_under_every_illuminant(grid, viewing):
    assert spectra_to_lab(np.ones(grid.count), grid, viewing) == pytest.approx([100, 0, 0], abs=1e-9)
    assert weights(grid, viewing).sum(axis=0) == pytest.approx(white_point(viewing, grid))


@pytest.mark.parametrize("illuminant", ILLUMINANTS)
def test_weights_are_the_librarys(illuminant):
    colour = colour_science()
    viewing, nm = Viewing(illuminant, "10°"), WavelengthGrid(360, 780, 10).wavelengths
    fine = colour.SpectralShape(360, 780, 1)
    theirs = colour.colorimetry.sd_to_XYZ_ASTME308(
        colour.SpectralDistribution(paint(nm), nm),
        cmfs=colour.MSDS_CMFS["CIE 1964 10 Degree Standard Observer"].copy().align(fine),
        illuminant=colour.SDS_ILLUMINANTS[illuminant].copy().align(fine),
    )
    assert xyz(paint(nm), WavelengthGrid(360, 780, 10), viewing) == pytest.approx(theirs, abs=1e-9)


@pytest.mark.parametrize("viewing", [D65_10, A_10, Viewing("D50", "2°")], ids=str)
@pytest.mark.parametrize("grid", [THIRDS, UNEVEN, WavelengthGrid(400, 700, 2), WavelengthGrid(403, 703, 10)], ids=str)
def test_a_grid_without_a_table_sees_the_colour_the_fine_table_sees(grid, viewing):
    # The truth at 1 nm, with the same ends held constant, as missing ends are.
    fine = WavelengthGrid(360, 780, 1)
    held = paint(np.clip(fine.wavelengths, grid.start, grid.stop))
    seen = spectra_to_lab(paint(grid.wavelengths), grid, viewing)
    assert delta_E(spectra_to_lab(held, fine, viewing), seen) < 0.02


@given(st.lists(st.floats(1.0, 19.9), min_size=25, max_size=60), st.floats(330, 398))
@settings(max_examples=30, deadline=None)
def test_interpolation_is_exact_for_a_straight_line(distances, start):
    nodes = start + np.concatenate([[0], np.cumsum(distances)])
    nodes = nodes[nodes < 900]
    if nodes[-1] < 790 or start > 359:
        nodes = np.unique(np.concatenate([[350.0], nodes, np.arange(nodes[-1] + 15, 800, 15)]))
        nodes = nodes[np.concatenate([[True], np.diff(nodes) > 0.5])]
    filled = [nodes[0]]
    for node in nodes[1:]:
        while node - filled[-1] > 20:
            filled.append(filled[-1] + 20)
        filled.append(node)
    grid = grid_of_nodes(filled)
    line, fine = 0.1 + 0.001 * (grid.wavelengths - 360), WavelengthGrid(360, 780, 1)
    expected = xyz(0.1 + 0.001 * (fine.wavelengths - 360), fine, D65_10)
    assert xyz(line, grid, D65_10) == pytest.approx(expected, rel=1e-2 if grid.step in (5, 10, 20) else 1e-9)


@pytest.mark.parametrize(
    "grid", [WavelengthGrid(500, 520, 10), WavelengthGrid(400, 600, 10), WavelengthGrid(770, 900, 10)], ids=str
)
def test_no_colour_is_made_of_a_part_of_the_spectrum(grid):
    with pytest.raises(WavelengthRangeError):
        spectra_to_lab(np.ones(grid.count), grid, D65_10)


def test_wavelengths_beyond_the_measured_end_count_with_the_end():
    # ASTM E308-18, 7.3.2.2: weights below 400 and above 700 nm go to the 400 and 700 nm values.
    long = np.r_[[0.2] * 4, np.linspace(0.2, 0.7, 31), [0.7] * 8]
    assert xyz(long[4:35], GRID, A_10) == pytest.approx(xyz(long, WavelengthGrid(360, 780, 10), A_10))


def test_a_gap_in_the_visible_range_is_named():
    with pytest.raises(WavelengthRangeError, match="between 500 and 560 nm"):
        weights(grid_of_nodes([*range(400, 501, 10), *range(560, 701, 10)]), D65_10)


def test_several_viewings_stand_side_by_side():
    stacked = stacked_weights(GRID, (D65_10, A_10))
    assert stacked.shape == (31, 6)
    assert (stacked[:, 3:] == weights(GRID, A_10)).all()


def test_what_was_measured_is_stated():
    assert measured_share(WavelengthGrid(360, 780, 10), D65_10) == 1
    assert measured_share(GRID, D65_10) == pytest.approx(0.9994, abs=1e-4)
    assert measured_share(GRID, A_10) == pytest.approx(0.9985, abs=1e-4)
    assert measured_share(THIRDS, D65_10) == pytest.approx(0.998, abs=1e-3)
    assert integration(GRID) == "ASTM E2022 weights, 10 nm"
    assert "cubic spline" in integration(THIRDS)


# --- bandpass ---------------------------------------------------------------------------------------------------------


def test_the_correction_for_bandpass_is_that_of_stearns_and_stearns():
    values = np.array([0.0651, 0.0705, 0.0772, 0.0870, 0.1128, 0.1360])
    corrected = correction(WavelengthGrid(500, 600, 20), "Stearns 1988") @ values
    # By hand: 0.0705 + 0.083 (2 × 0.0705 − 0.0651 − 0.0772), and at the ends 0.0651 + 0.083 (0.0651 − 0.0705).
    assert corrected[:2] == pytest.approx([0.0646518, 0.0703921], abs=1e-7)
    # colour-science 0.4.7 writes into the array it reads, so that its neighbours were corrected before they are used:
    # the left one always, the right one at the end. With that put in, it is the same.
    theirs = (
        colour_science()
        .bandpass_correction(colour_science().SpectralDistribution(values, np.arange(500, 601, 20)))
        .values
    )
    recursive = corrected.copy()
    recursive[1:-1] += 0.083 * (values[:-2] - theirs[:-2])
    recursive[-2] += 0.083 * (values[-1] - theirs[-1])
    assert theirs == pytest.approx(recursive, abs=1e-12)


def test_the_correction_is_folded_into_the_weights():
    freed = paint(GRID.wavelengths) @ correction(GRID, "Stearns 1988").T
    folded = paint(GRID.wavelengths) @ weights(GRID, D65_10, "Stearns 1988")
    assert folded == pytest.approx(xyz(freed, GRID, D65_10))


def test_the_correction_takes_back_what_a_triangular_slit_did():
    fine = WavelengthGrid(360, 780, 1)
    triangle = np.maximum(0, 1 - np.abs(np.arange(-20, 21)) / 20)
    smeared = np.convolve(np.pad(paint(fine.wavelengths), 20, mode="edge"), triangle / triangle.sum(), mode="valid")
    grid, truth = WavelengthGrid(380, 760, 20), spectra_to_lab(paint(fine.wavelengths), fine, D65_10)
    seen = np.interp(grid.wavelengths, fine.wavelengths, smeared)
    white = white_point(D65_10, grid)
    apart = [
        float(
            np.abs(
                seen @ weights(grid, D65_10, how) / white
                - xyz(paint(fine.wavelengths), fine, D65_10) / white_point(D65_10, fine)
            ).max()
        )
        for how in ("as given", "Stearns 1988")
    ]
    assert truth.shape == (3,)
    assert apart[1] < apart[0] / 3


def test_uneven_wavelengths_have_no_bandpass_to_correct():
    with pytest.raises(WavelengthRangeError, match="resample"):
        weights(UNEVEN, D65_10, "Stearns 1988")
