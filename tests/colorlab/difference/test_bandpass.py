"""Two bandpasses are compared at the wider one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from colorlab.colorimetry.tristimulus import spectra_to_lab
from colorlab.colorimetry.viewing import D65_10
from colorlab.difference.bandpass import broadened, effective_bandpass
from colorlab.difference.standard import delta_E
from spectra.errors import NotComparableError
from spectra.geometry import D8_SCI
from spectra.measurement import Declared, Measurement
from spectra.wavelengths import WavelengthGrid, grid_of_nodes

FINE = np.arange(300, 801, 0.5)
EDGE = 0.06 + 0.5 / (1 + np.exp(-(FINE - 580) / 9))  # an orange with a steep edge


def read(width_nm, grid, spectrum=EDGE):
    """What an instrument of a triangular bandpass reads of a finely known spectrum."""
    wavelengths = grid.wavelengths
    if width_nm == 0:
        return np.interp(wavelengths, FINE, spectrum)
    weights = np.maximum(1 - np.abs(FINE - wavelengths[:, None]) / width_nm, 0)
    return (weights * spectrum).sum(axis=1) / weights.sum(axis=1)


def panel(spectrum, grid, **fields):
    return Measurement("P", np.atleast_2d(spectrum), grid, D8_SCI, **fields)


@pytest.mark.parametrize(
    ("narrow", "wide", "grid"),
    [
        (5, 10, WavelengthGrid(400, 700, 5)),
        (5, 10, WavelengthGrid(400, 700, 10)),
        (0, 10, WavelengthGrid(400, 700, 10)),
        (2, 10, WavelengthGrid(400, 700, 1)),
    ],
)
def test_the_narrower_reading_becomes_the_wider_one(narrow, wide, grid):
    wanted, before = read(wide, grid), read(narrow, grid)
    after = broadened(panel(before, grid), narrow, wide).reflectance_factor[0]
    inner = slice(2, -2)
    assert np.abs(after - wanted)[inner].max() < 0.25 * np.abs(before - wanted)[inner].max()
    lab, lab_before, lab_after = (spectra_to_lab(one, grid, D65_10) for one in (wanted, before, after))
    assert delta_E(lab, lab_after) < 0.25 * delta_E(lab, lab_before)


@given(st.floats(0, 10), st.floats(0, 10))
def test_a_grey_reads_alike_with_every_bandpass(first, second):
    grid = WavelengthGrid(400, 700, 10)
    flat = panel(np.full(31, 0.3), grid)
    narrow, wide = sorted((first, second))
    np.testing.assert_allclose(broadened(flat, narrow, max(wide, narrow + 0.1)).reflectance_factor, 0.3, rtol=1e-12)


def test_the_uncertainty_moves_with_the_spectrum():
    grid = WavelengthGrid(400, 700, 10)
    rng = np.random.default_rng(3)
    readings = read(5, grid) + 0.01 * rng.standard_normal((4000, 1, 31))
    own = panel(read(5, grid), grid, readings=readings, covariance=1e-4 * np.eye(31)[None])
    moved = broadened(own, 5, 10)
    found = np.cov(moved.readings[:, 0].T)
    np.testing.assert_allclose(np.diag(found), np.diag(moved.covariance[0]), rtol=0.12)
    assert moved.covariance[0, 10, 10] < 1e-4


def test_uneven_or_too_few_wavelengths_are_not_brought_together():
    uneven = grid_of_nodes([400.0, 411.0, 420.0, 433.0])
    with pytest.raises(NotComparableError, match="bandpass"):
        broadened(panel(np.full(4, 0.3), uneven), 5, 10)
    with pytest.raises(NotComparableError, match="bandpass"):
        broadened(panel(np.full(3, 0.3), WavelengthGrid(500, 520, 10)), 5, 100)


def test_values_freed_of_their_bandpass_carry_none():
    assert effective_bandpass(Declared(bandpass_nm=10, bandpass_corrected=True)) == 0
    assert effective_bandpass(Declared(bandpass_nm=10, bandpass_corrected=False)) == 10
    assert effective_bandpass(Declared(bandpass_nm=10)) is None
