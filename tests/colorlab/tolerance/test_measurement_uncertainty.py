"""The covariance of a measurement: its parts, who says so, and what readings change."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from colorlab.tolerance.measurement_uncertainty import measurement_uncertainties, measurement_uncertainty
from colorlab.tolerance.noise import DECLARED_DEFAULT
from spectra.errors import MeasurementError
from spectra.geometry import D8_SCI, directional
from spectra.measurement import Measurement
from spectra.wavelengths import WavelengthGrid

GRID = WavelengthGrid(400, 700, 10)
SHAPE = 0.25 + 0.2 * np.sin((GRID.wavelengths - 430) / 70)


def panel(name, spectra, geometry=D8_SCI, **fields):
    return Measurement(name, np.atleast_2d(spectra), GRID, geometry, **fields)


def _readings(n, spread, seed=3):
    factors = 1 + spread * np.random.default_rng(seed).standard_normal((n, 1, 1))
    return SHAPE * factors


def _relative_u(measurement):
    covariance = measurement_uncertainty(measurement, DECLARED_DEFAULT).covariance[0]
    return float((np.sqrt(np.diagonal(covariance)) / SHAPE).mean())


def test_many_repeat_readings_speak_for_themselves():
    readings = _readings(60, 0.02)
    noisy = panel("P", readings.mean(axis=0), readings=readings)
    found = measurement_uncertainty(noisy, DECLARED_DEFAULT)
    assert found.n_readings == 60
    assert "60 repeat readings" in found.source
    assert _relative_u(noisy) == pytest.approx(0.02 / np.sqrt(60), rel=0.35)


def test_a_few_readings_are_weighed_against_the_declaration():
    calm, wild = _readings(3, 0.0001), _readings(3, 0.03)
    single = _relative_u(panel("P", SHAPE))
    assert _relative_u(panel("P", calm.mean(axis=0), readings=calm)) < single
    assert _relative_u(panel("P", wild.mean(axis=0), readings=wild)) > single
    # Three readings that agree better than declared do not make the instrument three times as good.
    assert _relative_u(panel("P", calm.mean(axis=0), readings=calm)) > 0.25 * single


def test_one_reading_pasted_three_times_is_one_reading():
    copies = np.repeat(SHAPE[None, None], 3, axis=0)
    pasted = measurement_uncertainty(panel("P", SHAPE, readings=copies), DECLARED_DEFAULT)
    single = measurement_uncertainty(panel("P", SHAPE), DECLARED_DEFAULT)
    assert pasted.covariance == pytest.approx(single.covariance)
    assert pasted.n_readings == 1
    assert "2 readings that repeat another" in pasted.source


def test_no_number_of_readings_takes_the_systematic_part_away():
    readings = _readings(400, 0.004)
    assert _relative_u(panel("P", readings.mean(axis=0), readings=readings)) > DECLARED_DEFAULT.systematic


@given(st.integers(1, 200), st.integers(1, 200))
def test_more_readings_take_away_the_random_part_and_leave_the_rest(n, more):
    found = measurement_uncertainty(panel("P", SHAPE), DECLARED_DEFAULT)
    one, many = found.with_readings(n), found.with_readings(n + more)
    assert one.covariance == pytest.approx(found.of_one_reading.matrix / n + found.systematic.matrix)
    gained = np.linalg.eigvalsh(one.covariance - many.covariance)
    assert (gained > -1e-12 * gained.max()).all()
    assert (np.linalg.eigvalsh(many.covariance - found.systematic.matrix) > -1e-15).all()


def test_a_stated_covariance_does_not_shrink_with_readings():
    stated = measurement_uncertainty(panel("P", SHAPE, covariance=1e-6 * np.eye(31)[None]), DECLARED_DEFAULT)
    assert stated.kind == "stated"
    assert not stated.of_one_reading.matrix.any()
    assert stated.with_readings(100).covariance == pytest.approx(1e-6 * np.eye(31)[None])


def test_what_nobody_measured_is_shown_as_a_declared_default():
    assert measurement_uncertainty(panel("P", SHAPE), DECLARED_DEFAULT).kind == "declared default"


def test_no_mean_has_fewer_than_one_reading():
    with pytest.raises(MeasurementError, match="0 readings"):
        measurement_uncertainty(panel("P", SHAPE), DECLARED_DEFAULT).with_readings(0)


def test_the_covariance_of_a_colour_needs_no_dense_covariance_of_the_spectrum():
    spectra = np.stack([SHAPE, 2 * SHAPE])
    found = measurement_uncertainty(panel("P", spectra, directional(["45as15", "45as45"])), DECLARED_DEFAULT)
    jacobian = np.random.default_rng(1).standard_normal((2, 6, 31))
    assert found.with_readings(3).through(jacobian) == pytest.approx(
        jacobian @ found.with_readings(3).covariance @ jacobian.swapaxes(-1, -2)
    )


def test_many_measurements_share_one_shape():
    first, second = measurement_uncertainties([panel("P", SHAPE), panel("Q", 2 * SHAPE)], DECLARED_DEFAULT)
    assert first.of_one_reading.shape is second.of_one_reading.shape
    assert math.isinf(first.freedom)
