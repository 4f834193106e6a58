"""The covariance of a measurement: its parts, who says so, and what readings change."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from colorlab.colorimetry.tristimulus import lab_jacobian
from colorlab.colorimetry.viewing import D65_10
from colorlab.uncertainty.measurement_uncertainty import (
    ScaledCovariance,
    measurement_uncertainty,
    student_inflation,
)
from colorlab.uncertainty.noise import DECLARED_DEFAULT, DECLARED_FREEDOM, ReflectanceNoise
from spectra.errors import MeasurementError
from spectra.geometry import D8_SCI, directional
from spectra.measurement import Measurement
from spectra.replicates import repeatability
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


def noisy(rng, n_readings, size=1.0, length=80.0, paint=SHAPE, **fields):
    """A panel read n times by an instrument with declared noise of another size and breadth, drift as declared."""
    noise = ReflectanceNoise(0.004 * size, 0.0002 * size, 0.0, length, "simulated")
    alone = panel("P", paint)
    root, broad = (np.linalg.cholesky(one.correlation(alone) + 1e-9 * np.eye(31)) for one in (noise, DECLARED_DEFAULT))
    shared = (rng.standard_normal(31) @ broad.T) * DECLARED_DEFAULT.drift(alone)
    readings = paint + shared + rng.standard_normal((n_readings, 1, 31)) @ root.T * noise.repeatability(alone)
    return panel("P", readings.mean(axis=0), readings=readings if n_readings > 1 else None, **fields)


def held(measured, found, paint=SHAPE):
    """Whether each of L*, a*, b* is within its 95 % interval."""
    jacobian = lab_jacobian(paint[None], GRID, D65_10)
    random = np.diag(found.of_one_reading.through(jacobian)[0]) / found.n_readings
    systematic = np.diag(found.systematic.through(jacobian)[0])
    factor = student_inflation(np.stack([random, systematic], axis=-1), (found.freedom, np.inf))
    off = jacobian[0] @ (measured.reflectance_factor[0] - paint)
    return np.abs(off) <= 1.96 * np.sqrt(factor * (random + systematic))


# Lower and upper bounds of the share, where an interval should hold 0.95: one reading says nothing of an instrument
# twice as bad as declared, three say most of it. Sampling error of 1200 values is 0.006.
@pytest.mark.parametrize(
    ("n_readings", "size", "low", "high"),
    [
        (1, 0.5, 0.99, 1.0),
        (1, 1.0, 0.95, 1.0),
        (1, 2.0, 0.72, 0.95),
        (3, 0.5, 0.95, 1.0),
        (3, 1.0, 0.93, 0.99),
        (3, 2.0, 0.88, 0.98),
        (10, 1.0, 0.92, 0.98),
        (10, 2.0, 0.92, 0.98),
        (30, 0.5, 0.92, 0.98),
        (30, 2.0, 0.92, 0.98),
    ],
)
@pytest.mark.parametrize("length", [25.0, 80.0])
def test_intervals_hold_the_truth_also_where_the_declaration_is_wrong(n_readings, size, low, high, length):
    rng = np.random.default_rng(1)
    shares = [
        held(one, measurement_uncertainty(one, DECLARED_DEFAULT))
        for one in (noisy(rng, n_readings, size, length) for _ in range(400))
    ]
    assert low <= np.mean(shares) <= high


def test_real_paints_scatter_as_intervals_from_the_readings_of_other_paints_say(shared_data):
    for name in ("masstone", "mix1"):
        wavelengths, *rows = json.loads((shared_data / "kimera" / f"{name}.json").read_text(encoding="utf-8"))
        paints = {}
        for row in rows:
            paints.setdefault(row["name"], []).append(
                np.interp(GRID.wavelengths, wavelengths["values"], row["reflectance"])
            )
        sets = [np.array(one)[:, None] / 100 for one in paints.values()]
        shares = []
        for place, (first, second, third) in enumerate(sets):
            known = repeatability([*sets[:place], *sets[place + 1 :]], GRID)
            size, freedom = known.size_of(first[None])
            jacobian = lab_jacobian(first, GRID, D65_10)
            variance = np.diag(jacobian[0] @ known.covariance(first, size)[0] @ jacobian[0].T)
            u = np.sqrt(variance * student_inflation([1.0], [freedom]))
            apart = [(second - first) / np.sqrt(2), (third - (first + second) / 2) * np.sqrt(2 / 3)]
            shares += [np.abs(jacobian[0] @ one[0]) <= 1.96 * u for one in apart]
        assert 0.9 < np.mean(shares) <= 0.99  # of 72 and 78 values


def test_a_reading_beyond_the_first_is_worth_a_degree_of_freedom():
    rng = np.random.default_rng(6)
    for n in (1, 2, 7):
        found = measurement_uncertainty(noisy(rng, n), DECLARED_DEFAULT)
        assert found.freedom == DECLARED_FREEDOM + n - 1
        assert found.with_readings(n + 5).freedom == found.freedom + 5


def test_noise_that_is_taken_as_known_is_not_moved_by_readings():
    sure = ReflectanceNoise(0.004, 0.0002, 0.0, 80.0, "known")
    found = measurement_uncertainty(noisy(np.random.default_rng(7), 3, size=5.0), sure)
    assert np.isinf(found.freedom)
    assert found.of_one_reading.scale == pytest.approx(sure.repeatability(panel("P", SHAPE)), rel=0.1)


@given(st.integers(2, 6), st.floats(0.2, 5.0), st.integers(0, 1000))
def test_what_readings_and_declaration_give_together_is_a_covariance(n_readings, size, seed):
    matrix = measurement_uncertainty(
        noisy(np.random.default_rng(seed), n_readings, size), DECLARED_DEFAULT
    ).of_one_reading.matrix
    assert matrix == pytest.approx(matrix.swapaxes(-1, -2))
    values = np.linalg.eigvalsh(matrix)
    assert (values[:, 0] > -1e-9 * values[:, -1]).all()


def test_each_angle_has_the_size_of_its_own_readings():
    rng = np.random.default_rng(8)
    calm, wild = noisy(rng, 10, 0.5).readings, noisy(rng, 10, 4.0).readings
    readings = np.concatenate([calm, wild], axis=1)
    both = panel("P", readings.mean(axis=0), directional(["45as45", "45as-15"]), readings=readings)
    first, second = measurement_uncertainty(both, DECLARED_DEFAULT).of_one_reading.matrix
    assert np.trace(second) > 20 * np.trace(first)


def test_readings_where_nothing_was_declared_give_their_own_covariance():
    silent = ReflectanceNoise(0.0, 0.0, 0.0, 80.0, "none", freedom=4.0)
    read = noisy(np.random.default_rng(9), 5)
    deviations = read.readings[:, 0] - read.readings[:, 0].mean(axis=0)
    found = measurement_uncertainty(read, silent)
    assert np.trace(found.of_one_reading.matrix[0]) == pytest.approx((deviations**2).sum() / 4, rel=0.6)


@pytest.mark.parametrize("freedom", [1.0, 4.0, 30.0])
def test_one_part_is_inflated_as_student_has_it(freedom):
    factor = student_inflation([2.0], [freedom])
    assert np.sqrt(factor) == pytest.approx(stats.t.ppf(0.975, freedom) / stats.norm.ppf(0.975))


def test_known_parts_need_no_inflation_and_outweigh_the_unknown():
    assert student_inflation([1.0, 1.0], [np.inf, np.inf]) == pytest.approx(1.0)
    assert student_inflation([[0.0, 1.0], [1e-4, 1.0]], [4.0, np.inf]) == pytest.approx(1.0, abs=1e-4)
    assert student_inflation([0.0, 0.0], [4.0, np.inf]) == pytest.approx(1.0)


@given(st.floats(1e-6, 1e3), st.floats(1e-6, 1e3), st.floats(1, 1e4))
def test_inflation_is_between_none_and_that_of_the_least_known_part(first, second, freedom):
    factor = student_inflation([first, second], [freedom, np.inf])
    assert 1 <= factor <= student_inflation([first], [freedom]) * (1 + 1e-9)


def test_a_covariance_moves_through_a_jacobian_as_its_matrix_does():
    rng = np.random.default_rng(10)
    found = ScaledCovariance(rng.uniform(size=(2, 31)), np.eye(31))
    jacobian = rng.standard_normal((2, 3, 31))
    assert found.through(jacobian) == pytest.approx(jacobian @ found.matrix @ jacobian.swapaxes(-1, -2))
