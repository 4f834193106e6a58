"""The mean of readings and its covariance: no more than the readings bear, and intervals that hold what they state."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from spectra.errors import MeasurementError
from spectra.geometry import D8_SCI, directional
from spectra.measurement import Measurement
from spectra.replicates import average, coefficient_of_variation, reading_scale, repeatability
from spectra.wavelengths import WavelengthGrid, grid_of_nodes

GRID = WavelengthGrid(400, 700, 10)
NM = GRID.wavelengths
PAINT = 0.3 + 0.2 * np.sin((NM - 430) / 70)


def smooth(length, white=0.0):
    return (1 - white) * np.exp(-0.5 * ((NM[:, None] - NM) / length) ** 2) + white * np.eye(31)


def root(shape):
    return np.linalg.cholesky(shape + 1e-9 * np.eye(31))


def readings_of(paint, n_readings, lower, rng, spread=0.005):
    errors = spread * rng.standard_normal((n_readings, 31)) @ lower.T
    return (paint + errors * reading_scale(paint))[:, None, :]


def measured(readings, grid=GRID, geometry=D8_SCI):
    return Measurement("P", np.mean(readings, axis=0), grid, geometry, readings=readings)


def paints(n_paints, rng):
    places, widths = rng.uniform(430, 650, n_paints), rng.uniform(15, 60, n_paints)
    return 0.02 + 0.6 / (1 + np.exp(-(NM - places[:, None]) / widths[:, None]))


@given(st.integers(2, 6), st.integers(1, 3), st.integers(0, 1000))
def test_a_covariance_is_symmetric_and_no_combination_of_wavelengths_is_certain_beyond_rounding(n, n_angles, seed):
    rng = np.random.default_rng(seed)
    readings = PAINT * (1 + 0.005 * rng.standard_normal((n, n_angles, 31)))
    found = average(measured(readings, geometry=directional([f"45as{15 + 10 * k}" for k in range(n_angles)])))
    matrix = found.measurement.covariance
    assert matrix.shape == (n_angles, 31, 31)
    np.testing.assert_allclose(matrix, matrix.swapaxes(-1, -2), atol=1e-18)
    values = np.linalg.eigvalsh(matrix)
    assert (values[:, 0] > -1e-9 * values[:, -1]).all()
    np.testing.assert_allclose(found.of_a_reading, n * matrix)
    np.testing.assert_allclose(found.measurement.reflectance_factor, readings.mean(axis=0))


def test_three_readings_of_one_paint_give_the_size_of_a_smooth_shape_and_no_more():
    known = repeatability([readings_of(PAINT, 3, root(smooth(80)), np.random.default_rng(1))], GRID)
    assert known.weight[0] == 1.0
    assert known.pooled_freedom == 2
    assert "one set of readings, 2 degrees of freedom: 100 % of a shape" in known.rule


def test_hundreds_of_readings_give_their_own_covariance_whatever_its_shape():
    edge = np.exp(-(((NM - 560) / 40) ** 2))  # readings that differ where the paint absorbs: no stationary shape
    true = 0.8 * np.outer(edge, edge) + 0.05 * smooth(40) + 0.01 * np.eye(31)
    rng = np.random.default_rng(2)
    known = repeatability([readings_of(PAINT, 400, root(true), rng)], GRID)
    assert known.weight[0] < 0.05
    assert np.abs(known.relative[0] / 0.005**2 - true).max() < 0.15


def test_the_shape_of_many_sets_is_found_with_its_length_and_white_noise():
    rng = np.random.default_rng(3)
    lower = root(smooth(60, white=0.3))
    known = repeatability([readings_of(paint, 3, lower, rng) for paint in paints(60, rng)], GRID)
    assert 40 <= known.length_nm[0] <= 80
    assert known.white_share[0] == pytest.approx(0.3, abs=0.06)
    assert np.diagonal(known.relative[0]).mean() == pytest.approx(0.005**2, rel=0.15)
    assert np.isinf(known.prior_freedom) or known.prior_freedom > 20


def test_sets_of_different_size_keep_their_own_as_far_as_their_readings_tell():
    rng = np.random.default_rng(4)
    lower = root(smooth(80, white=0.1))
    spreads = 0.004 * np.exp(rng.normal(0, 0.4, 40))
    sets = [readings_of(p, 3, lower, rng, spread) for p, spread in zip(paints(40, rng), spreads, strict=True)]
    known = repeatability(sets, GRID)
    assert 1 < known.prior_freedom < 25
    found = np.array([known.size_of(one)[0] for one in sets]) * np.trace(known.relative[0]) / 31
    assert np.corrcoef(np.log(found), np.log(spreads**2))[0, 1] > 0.5
    alone = np.array([np.var(one / reading_scale(one.mean(axis=0)), axis=0, ddof=1).mean() for one in sets])
    assert np.std(np.log(found / spreads**2)) < np.std(np.log(alone / spreads**2))


@pytest.mark.parametrize("n_sets", [1, 13])
@pytest.mark.parametrize("shape", [smooth(80), smooth(200, white=0.15)], ids=["broad", "broad and white"])
def test_intervals_of_the_mean_hold_the_truth_as_often_as_they_state(n_sets, shape):
    rng, lower = np.random.default_rng(5), root(shape)
    broad = np.stack([np.ones(31), (NM - 550) / 150, np.cos((NM - 400) / 60)]) / 31  # as L*, b* and a* see a spectrum
    held = []
    for _ in range(300 if n_sets == 1 else 100):
        some = paints(n_sets, rng)
        sets = [readings_of(paint, 3, lower, rng) for paint in some]
        known = repeatability(sets, GRID)
        for paint, readings in list(zip(some, sets, strict=True))[:3]:
            found = average(measured(readings), known if n_sets > 1 else None)
            u = np.sqrt(np.diag(broad @ found.measurement.covariance[0] @ broad.T))
            off = broad @ (found.measurement.reflectance_factor[0] - paint)
            held.append(np.abs(off) < stats.t.ppf(0.975, found.freedom) * u)
    # 0.95 of 300 paints, within three standard errors of that share and the coarse count of degrees of freedom.
    assert (np.mean(held, axis=0) > 0.91).all()
    assert (np.mean(held, axis=0) <= 0.995).all()


def test_the_ellipsoid_of_three_colour_coordinates_holds_the_truth_as_often_as_it_states():
    rng, lower = np.random.default_rng(6), root(smooth(80, white=0.1))
    broad = np.stack([np.ones(31), (NM - 550) / 150, np.cos((NM - 400) / 60)]) / 31
    held = []
    for _ in range(200):
        some = paints(13, rng)
        sets = [readings_of(paint, 3, lower, rng) for paint in some]
        found = average(measured(sets[0]), repeatability(sets, GRID))
        off = broad @ (found.measurement.reflectance_factor[0] - some[0])
        distance = off @ np.linalg.solve(broad @ found.measurement.covariance[0] @ broad.T, off)
        freedom = max(found.freedom, 3.0)
        held.append(distance < 3 * freedom / (freedom - 2) * stats.f.ppf(0.95, 3, freedom - 2))
    assert 0.91 < np.mean(held) <= 0.99


def test_readings_that_repeat_another_to_the_last_digit_count_once():
    readings = readings_of(PAINT, 3, root(smooth(80)), np.random.default_rng(7))
    once, twice = average(measured(readings)), average(measured(np.concatenate([readings, readings])))
    np.testing.assert_allclose(once.measurement.covariance, twice.measurement.covariance)
    assert once.freedom == twice.freedom


def test_what_is_known_of_others_serves_where_a_paint_has_two_readings():
    rng, lower = np.random.default_rng(8), root(smooth(80))
    known = repeatability([readings_of(paint, 5, lower, rng) for paint in paints(20, rng)], GRID)
    two = readings_of(PAINT, 2, lower, rng)
    alone, helped = average(measured(two)), average(measured(two), known)
    assert helped.freedom > 5 * alone.freedom
    size = np.trace(helped.of_a_reading[0] / np.outer(reading_scale(PAINT), reading_scale(PAINT))) / 31
    assert size == pytest.approx(0.005**2, rel=0.3)


def test_the_coefficient_of_variation_is_the_spread_over_the_mean():
    assert coefficient_of_variation([[0.1, 0.2, 0.0], [0.3, 0.2, 0.0]])[:2] == pytest.approx([0.5**0.5, 0.0])
    assert np.isnan(coefficient_of_variation([[0.1, 0.0], [0.3, 0.0]])[1])


def test_an_angle_at_which_no_reading_differs_leaves_the_others_their_scatter():
    one = readings_of(PAINT, 3, root(smooth(80)), np.random.default_rng(10))
    both = np.concatenate([one, np.broadcast_to(PAINT, one.shape)], axis=1)
    found = average(measured(both, geometry=directional(["45as15", "45as45"])))
    alone = average(measured(one))
    assert "0–100 % of a shape" in found.rule
    assert not found.measurement.covariance[1].any()
    np.testing.assert_allclose(found.measurement.covariance[0], alone.measurement.covariance[0])


@pytest.mark.parametrize("readings", [PAINT[None, None], np.stack([PAINT, PAINT])[:, None]], ids=["one", "copies"])
def test_one_reading_tells_no_scatter(readings):
    with pytest.raises(MeasurementError, match="two different readings"):
        average(measured(readings))


def test_a_repeatability_of_other_wavelengths_is_refused():
    readings = readings_of(PAINT, 3, root(smooth(80)), np.random.default_rng(9))
    known = repeatability([readings[..., 1:]], WavelengthGrid(410, 700, 10))
    with pytest.raises(MeasurementError, match="410–700/10 nm"):
        average(measured(readings), known)
    with pytest.raises(MeasurementError, match="no single readings"):
        average(Measurement("P", PAINT[None], GRID, D8_SCI))
    with pytest.raises(MeasurementError, match="number of angles"):
        repeatability([readings, np.concatenate([readings, readings], axis=1)], GRID)


def test_real_readings_share_broad_errors_and_white_noise(shared_data):
    for name, n_samples, low, high in (("masstone", 13, 0.008, 0.018), ("mix1", 12, 0.005, 0.011)):
        wavelengths, *rows = json.loads((shared_data / "kimera" / f"{name}.json").read_text(encoding="utf-8"))
        nm = np.array(wavelengths["values"])
        samples = {}
        for row in rows:
            samples.setdefault(row["name"], []).append(np.array(row["reflectance"]) / 100)
        sets = [np.array(one)[:, None] for one in samples.values()]
        known = repeatability(sets, grid_of_nodes(nm))
        assert (known.n_sets, known.pooled_freedom) == (n_samples, 2 * n_samples)
        assert 0 < known.white_share[0] < 0.9
        spread = np.sqrt(np.diagonal(known.relative[0])[(nm > 400) & (nm < 700)].mean())
        assert low < spread < high
        assert known.prior_freedom < 30  # some paints repeat ten times better than others
