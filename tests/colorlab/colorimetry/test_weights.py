"""Colour from spectra against the standards' own numbers and an instrument's."""

import csv

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from colorlab.colorimetry.swatch import swatch
from colorlab.colorimetry.tristimulus import lab_jacobian, spectra_to_lab, xyz
from colorlab.colorimetry.viewing import A_10, D65_10, TL84_10, Viewing, parse_viewing
from colorlab.colorimetry.weights import weights, white_point
from colorlab.difference.standard import delta_E
from spectra.errors import UnknownConditionError, WavelengthRangeError
from spectra.wavelengths import WavelengthGrid

GRID = WavelengthGrid(400, 700, 10)
SPECTRA = arrays.arrays(np.float64, (2, 31), elements=st.floats(0.005, 1.5))

# ISO 18314-4:2024 prints this pair of spectra (400–700/10 nm) with its tristimulus values under D65/10°.
ISO_SAMPLE = (
    ".0379 .0403 .0415 .0427 .0450 .0483 .0521 .0572 .0624 .0673 .0777 .1026 .1307 .1450 .1484 .1455 "
    ".1375 .1254 .1099 .0908 .0698 .0526 .0423 .0368 .0331 .0306 .0297 .0311 .0340 .0380 .0421"
)
ISO_STANDARD = (
    ".0990 .1244 .0933 .0596 .0405 .0322 .0299 .0316 .0377 .0507 .0681 .0968 .1522 .2014 .1991 .1590 "
    ".1162 .0843 .0655 .0570 .0553 .0582 .0638 .0716 .0818 .0959 .1131 .1317 .1490 .1656 .1832"
)


@pytest.mark.parametrize(
    ("spectrum", "published"), [(ISO_SAMPLE, (7.6933, 10.5616, 5.5447)), (ISO_STANDARD, (7.6576, 10.7116, 5.0731))]
)
def test_the_pair_of_iso_18314_4_has_its_published_tristimulus_values(spectrum, published):
    values = [float(value) for value in spectrum.split()]
    assert xyz(values, GRID, D65_10) == pytest.approx(published, abs=5e-4)


def test_an_instruments_own_lab_is_reproduced(shared_data):
    # X-Rite MA-T12, 124 samples at 12 geometries, Lab D65/10° as the instrument printed it (to 4 decimals).
    with (shared_data / "ma_t12" / "spectra_12_angles.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    spectra = np.array([[float(row[f"R{nm}"]) for nm in range(400, 701, 10)] for row in rows])
    stated = np.array([[float(row[name]) for name in ("L_D65_10", "a", "b")] for row in rows])
    assert len(rows) == 1488
    assert delta_E(stated, spectra_to_lab(spectra, GRID, D65_10)).max() < 2e-4


# ASTM E308-18, Table 5, for D65 and A; CIE 15:2018 gives FL11 the chromaticity 0.38541, 0.37123.
@pytest.mark.parametrize(
    ("viewing", "white"),
    [(D65_10, (94.811, 100, 107.304)), (A_10, (111.144, 100, 35.200)), (TL84_10, (103.820, 100, 65.557))],
    ids=str,
)
def test_white_points_are_those_of_the_tables(viewing, white):
    assert white_point(viewing) == pytest.approx(white, abs=0.012)


@pytest.mark.parametrize("viewing", [D65_10, A_10, TL84_10, Viewing("FL2"), Viewing("LED-B1", "2°")], ids=str)
@pytest.mark.parametrize(
    "grid", [GRID, WavelengthGrid(360, 750, 10), WavelengthGrid(380, 730, 5), WavelengthGrid(400, 700, 20)], ids=str
)
def test_the_perfect_diffuser_is_white_on_every_grid_under_every_illuminant(grid, viewing):
    assert spectra_to_lab(np.ones(grid.count), grid, viewing) == pytest.approx([100, 0, 0], abs=1e-9)


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


@given(SPECTRA)
@settings(max_examples=30, deadline=None)
def test_a_batch_gives_what_its_rows_give(spectra):
    rows = np.array([spectra_to_lab(row, GRID, D65_10) for row in spectra])
    assert spectra_to_lab(spectra, GRID, D65_10) == pytest.approx(rows)


@given(SPECTRA)
@settings(max_examples=30, deadline=None)
def test_the_derivative_is_that_of_the_forward_computation(spectra):
    step = 1e-6
    numeric = np.empty((2, 3, 31))
    for column in range(31):
        moved = spectra.copy()
        moved[:, column] += step
        back = spectra.copy()
        back[:, column] -= step
        numeric[:, :, column] = (spectra_to_lab(moved, GRID, A_10) - spectra_to_lab(back, GRID, A_10)) / (2 * step)
    assert lab_jacobian(spectra, GRID, A_10) == pytest.approx(numeric, rel=1e-3, abs=1e-3)


@pytest.mark.parametrize(
    ("text", "viewing"),
    [
        ("D65/10", D65_10),
        ("A/10 deg", A_10),
        ("TL84/10°", TL84_10),
        ("F11/10", TL84_10),
        ("CWF/2", Viewing("FL2", "2°")),
    ],
)
def test_trade_names_of_illuminants_are_understood(text, viewing):
    assert parse_viewing(text) == viewing


@pytest.mark.parametrize("text", ["D65", "D65/5", "sunshine/10", ""])
def test_an_unknown_viewing_condition_is_named(text):
    with pytest.raises(UnknownConditionError):
        parse_viewing(text)


@pytest.mark.parametrize("grid", [WavelengthGrid(400, 700, 3), WavelengthGrid(403, 703, 10)])
def test_a_grid_without_weights_is_refused(grid):
    with pytest.raises(WavelengthRangeError):
        weights(grid, D65_10)


def test_a_swatch_says_when_the_screen_cannot_show_the_colour():
    assert swatch([100, 0, 0]).hex == "#ffffff"
    assert swatch([53.585, 0, 0]).hex == "#808080"  # sRGB mid grey, IEC 61966-2-1
    assert swatch([50, -100, 0]).in_gamut is False
