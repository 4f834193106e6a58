"""Tristimulus values and CIELAB against the standards' own numbers and an instrument's."""

import csv

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from colorlab.colorimetry.spaces import xyz_to_lab
from colorlab.colorimetry.tristimulus import BLOCK, lab_jacobian, spectra_to_lab, xyz
from colorlab.colorimetry.viewing import A_10, D65_10
from colorlab.colorimetry.weights import white_point
from colorlab.difference.standard import delta_E
from spectra.errors import WavelengthRangeError
from spectra.formats.base import ReadOptions
from spectra.formats.registry import FORMATS
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


def test_the_instruments_workbook_gives_its_own_lab_at_every_angle(shared_data):
    (path,) = (shared_data / "ma_t12").glob("*.xlsx")
    file = FORMATS["xrite-ma"].read(path.read_bytes(), path.name, ReadOptions())
    apart = [
        delta_E(stated.values, spectra_to_lab(one.reflectance_factor, one.grid, D65_10))
        for one in file.measurements
        for stated in one.stated
        if stated.space == "Lab"
    ]
    assert np.concatenate(apart).shape == (12,)
    assert np.concatenate(apart).max() < 1e-3


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


def test_a_large_batch_goes_through_in_blocks_and_comes_out_the_same():
    spectra = np.random.default_rng(1).uniform(-0.01, 1.2, (2, BLOCK, 31))
    lab = spectra_to_lab(spectra, GRID, A_10)
    expected = xyz_to_lab(xyz(spectra, GRID, A_10), white_point(A_10, GRID))
    assert lab.shape == (2, BLOCK, 3)
    assert lab == pytest.approx(expected, abs=1e-11)


def test_no_spectra_have_no_colours():
    assert spectra_to_lab(np.empty((0, 12, 31)), GRID, D65_10).shape == (0, 12, 3)


def test_spectra_that_do_not_fit_the_grid_are_refused():
    with pytest.raises(WavelengthRangeError, match="31 wavelengths"):
        spectra_to_lab(np.ones(30), GRID, D65_10)
