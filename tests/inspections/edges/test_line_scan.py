from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspections.edges.line_scan import EdgeScan, LineScan, gaussian_band, scanned_slope
from inspections.edges.straight_edges import straight_edges
from inspections.fringes.slopes import RigModel
from inspections.structure.bands import BANDS, Band

PITCH = 0.1


@pytest.mark.parametrize(("over_cutoff", "passed"), [(1.0, 0.5), (0.5, 0.0625), (2.0, 0.8409)])
def test_the_profile_filter_is_that_of_the_standard(over_cutoff: float, passed: float) -> None:
    """ISO 16610-21: transmission exp(−ln2 (cut-off/wave)²), 50 % at the cut-off."""
    wave = 4.0 * over_cutoff
    x = np.arange(0, 400, PITCH)
    low = gaussian_band(np.sin(2 * np.pi * x / wave), PITCH, Band("low", 4.0, 1e4))
    assert np.sqrt(2) * low[500:-500].std() == pytest.approx(passed, abs=0.002)


def test_a_wave_inside_a_one_to_three_band_loses_a_third() -> None:
    x = np.arange(0, 400, PITCH)
    band = gaussian_band(np.sin(2 * np.pi * x / 2.0), PITCH, BANDS["c"])
    assert np.sqrt(2) * band[500:-500].std() == pytest.approx(0.664, abs=0.003)


def light_of(edge_px: np.ndarray, blur_px: float = 1.5) -> np.ndarray:
    """A step at a column that changes from row to row, dark before light."""
    return (0.5 + 0.4 * np.tanh((np.arange(300)[None, :] - edge_px[:, None]) / blur_px)).astype(np.float32)


@given(st.floats(120.0, 180.0), st.floats(-0.05, 0.05), st.booleans())
@settings(max_examples=10, deadline=None)
def test_an_edge_is_found_to_a_tenth_of_a_pixel_whichever_side_is_light(at: float, slant: float, rising: bool) -> None:
    course = at + slant * (np.arange(300) - 150)
    image = light_of(course)
    (edge,) = straight_edges(image if rising else 1 - image, PITCH)
    assert edge.rising == rising
    assert edge.columns == pytest.approx(course[edge.rows.astype(int)], abs=0.1)


def test_a_folded_edge_lies_where_as_much_is_light_before_as_dark_behind() -> None:
    image = light_of(np.full(400, 150.0))
    # A lake of dark ten pixels behind the edge, six wide: the edge moves by as much.
    image[150:250, 160:166] = 0.1
    (edge,) = straight_edges(image, PITCH)
    assert np.median(edge.columns[160:240]) == pytest.approx(156, abs=0.3)
    assert np.median(edge.columns[:120]) == pytest.approx(150, abs=0.1)


def test_one_even_light_has_no_edge() -> None:
    noise = np.random.default_rng(1).normal(0, 0.01, (600, 400))
    assert straight_edges((0.5 + noise).astype(np.float32), PITCH) == []


def test_a_known_slope_is_read_from_where_the_edge_is_seen() -> None:
    """Slope s(y) sends the ray gain · s away: the edge shows where a flat panel would see that far beside it."""
    rows, columns, gain = 600, 400, 0.5
    x = (np.arange(columns) - 200) * PITCH
    y = np.arange(rows) * PITCH
    slope = 0.4 * np.sin(2 * np.pi * y / 5.0)
    flat_u = np.broadcast_to(1.7 * x, (rows, columns)).astype(np.float32)
    model = RigModel(flat_u, flat_u, np.full((2, 2, rows, columns), gain, np.float32), 250.0)
    seen_u = flat_u + gain * slope[:, None]
    image = (0.5 + 0.4 * np.tanh(seen_u / 0.3)).astype(np.float32)
    (edge,) = straight_edges(image, PITCH)
    scan = scanned_slope(edge, model, PITCH, upright=True)
    form = np.polynomial.Polynomial.fit(edge.rows, slope[edge.rows.astype(int)], 3)(edge.rows)
    assert scan.slope_mrad == pytest.approx(slope[edge.rows.astype(int)] - form, abs=0.01)


def test_both_directions_count_alike_however_many_edges_each_has() -> None:
    rng = np.random.default_rng(2)
    upright = tuple(LineScan(rng.standard_normal(900), PITCH, True) for _ in range(3))
    lying = (LineScan(3.0 * rng.standard_normal(900), PITCH, False),)
    scan = EdgeScan("edge", (*upright, *lying), 250.0, 30.0, 0.015, "rig by ruler", ("e.jpg",))
    one, other, both = (replace(scan, lines=lines).band(BANDS["lw"]) for lines in (upright, lying, scan.lines))
    assert both.directions == 2
    assert both.slope_mrad == pytest.approx(np.sqrt((one.slope_mrad**2 + other.slope_mrad**2) / 2))
    assert scan.length_mm == pytest.approx(4 * 90.0)
