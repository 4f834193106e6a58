"""Screening names what is not believable, with numbers, and leaves sound panels alone."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spectra.formats.registry import read_measurements
from spectra.geometry import D8_SCI, Geometry, directional
from spectra.measurement import Measurement
from spectra.screening import screen
from spectra.wavelengths import WavelengthGrid

GRID = WavelengthGrid(400, 700, 10)


def paint(spectra, geometry: Geometry = D8_SCI, **more):
    return Measurement("panel", np.atleast_2d(spectra), GRID, geometry, **more)


def edge(centre: float, width: float, low: float, high: float):
    return low + (high - low) / (1 + np.exp(-(GRID.wavelengths - centre) / width))


def suspicions(measurement: Measurement) -> list[str]:
    return [finding.suspicion for finding in screen(measurement)]


@given(st.floats(350, 750), st.floats(12, 80), st.floats(0.001, 0.5), st.floats(0.0, 0.45))
def test_a_smooth_paint_raises_no_suspicion(centre, width, low, rise):
    assert suspicions(paint(edge(centre, width, low, low + rise + 0.02))) == []


def test_a_value_below_zero_is_named_with_its_wavelength():
    spectrum = edge(580, 25, 0.02, 0.6) - 0.03
    findings = [f for f in screen(paint(spectrum)) if f.suspicion == "negative"]
    assert len(findings) == 1
    assert findings[0].value == pytest.approx(spectrum.min())
    assert findings[0].wavelengths[0] == 400
    assert "at 400 nm" in findings[0].words


def test_a_fluorescent_white_is_suspected_on_a_sphere_and_at_the_flop_but_not_near_the_mirror_direction():
    bright = 0.9 + 0.3 * np.exp(-(((GRID.wavelengths - 450) / 40) ** 2))
    assert suspicions(paint(bright)) == ["above one"]
    assert suspicions(paint(bright, directional(["45as110"]))) == ["above one"]
    assert suspicions(paint(bright, directional(["45as15"]))) == []
    assert suspicions(paint(bright, directional(["45as-15"]))) == []


def test_percent_read_as_a_fraction_is_said_near_the_mirror_direction_too():
    percent = 100 * edge(560, 30, 0.1, 0.4)
    (finding,) = screen(paint([percent, percent], directional(["45as-15", "45as15"])))
    assert finding.suspicion == "percent"
    assert finding.words.endswith("looks like percent read as a fraction")
    assert suspicions(paint(percent))[:1] == ["percent"]


@pytest.mark.parametrize("end", ["short", "long"])
def test_a_padded_end_is_named_with_its_range(end):
    spectrum = edge(560, 30, 0.1, 0.7)
    place = slice(0, 5) if end == "short" else slice(-5, None)
    spectrum[place] = spectrum[4 if end == "short" else -5]
    (finding,) = [f for f in screen(paint(spectrum)) if f.suspicion == "repeated end"]
    assert finding.wavelengths == ((400, 410, 420, 430, 440) if end == "short" else (660, 670, 680, 690, 700))
    assert finding.value == 5


def test_coarse_rounding_is_not_taken_for_padding():
    spectrum = np.repeat(np.arange(11), 3)[:31] / 100 + 0.1
    assert "repeated end" not in suspicions(paint(spectrum))


@given(st.integers(4, 26), st.sampled_from([-1, 1]), st.floats(0.03, 0.2), st.floats(480, 620))
def test_one_wrong_value_is_found_where_it_stands(place, sign, height, centre):
    spectrum = edge(centre, 40, 0.3, 0.6)
    spectrum[place] += sign * height
    (finding,) = [f for f in screen(paint(spectrum)) if f.suspicion == "spike"]
    assert finding.wavelengths == (GRID.wavelengths[place],)
    assert finding.value == pytest.approx(sign * height, abs=0.012)


def test_noise_throughout_is_jagged_not_a_spike():
    noise = np.random.default_rng(5).normal(0, 0.04, 31)
    (finding,) = [f for f in screen(paint(edge(560, 40, 0.3, 0.6) + noise)) if f.suspicion in ("jagged", "spike")]
    assert finding.suspicion == "jagged"
    assert finding.value > finding.limit


def test_a_reading_on_the_edge_of_the_panel_is_named():
    base = edge(560, 30, 0.1, 0.7)
    readings = np.array([[base + 0.001], [base - 0.001], [base + 0.05], [base]])
    (finding,) = screen(paint(readings.mean(axis=0), readings=readings))
    assert (finding.suspicion, finding.reading) == ("reading apart", 3)
    assert finding.value == pytest.approx(0.05, abs=0.002)


def test_two_readings_that_disagree_cannot_say_which_is_wrong():
    base = edge(560, 30, 0.1, 0.7)
    readings = np.array([[base], [base + 0.03]])
    (finding,) = screen(paint(readings.mean(axis=0), readings=readings))
    assert finding.suspicion == "readings disagree"
    assert finding.reading is None
    assert screen(paint(base, readings=np.array([[base], [base + 0.001]]))) == ()


def test_screening_repairs_nothing():
    spectrum = edge(560, 30, 0.1, 0.7)
    spectrum[10] = -0.3
    measurement = paint(spectrum)
    screen(measurement)
    np.testing.assert_array_equal(measurement.reflectance_factor[0], spectrum)


def test_real_pastes_and_car_paints_are_believed(shared_data):
    for name in ("paint_recipes/letdowns.csv", "paint_recipes/recipes.csv", "ma_t12/spectra_12_angles.csv"):
        for measurement in read_measurements((shared_data / name).read_bytes(), name).measurements:
            assert screen(measurement) == ()


def test_the_padded_standard_of_a_real_mail_is_found(shared_data):
    content = (shared_data / "qtx_mif_xtf" / "CARTER1.qtx").read_bytes()
    standard, batch = read_measurements(content, "CARTER1.qtx").measurements
    (finding,) = screen(standard)
    assert finding.suspicion == "repeated end"
    assert finding.wavelengths == (360, 370, 380, 390, 400)
    assert screen(batch) == ()
