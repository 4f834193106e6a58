"""The uncertainty of a colour follows from that of its spectrum, correlation kept; intervals hold what they state."""

import json

import numpy as np
import pytest

from colorlab.colorimetry.tristimulus import spectra_to_lab
from colorlab.colorimetry.viewing import A_10, D65_10, TL84_10
from colorlab.difference.standard import delta_E
from colorlab.tolerance.tolerance import Limit, Tolerance
from colorlab.uncertainty.colour_uncertainty import delta_E_intervals, lab_uncertainty
from colorlab.uncertainty.measurement_uncertainty import measurement_uncertainty
from colorlab.uncertainty.noise import DECLARED_DEFAULT, ReflectanceNoise
from colorlab.uncertainty.propagation import Calibration, symmetric_root
from colorlab.verdict.judge import judge
from spectra.errors import MeasurementError
from spectra.geometry import D8_SCI, directional
from spectra.measurement import Measurement
from spectra.stated import Source
from spectra.wavelengths import WavelengthGrid, grid_of_nodes

GRID = WavelengthGrid(400, 700, 10)
SOURCE = Source("panel.csv", "0" * 64, "table")
SHAPE = 0.25 + 0.2 * np.sin((GRID.wavelengths - 430) / 70)
NO_NOISE = ReflectanceNoise(0.0, 0.0, 0.0, 80, "none")
DISTANCE = GRID.wavelengths[:, None] - GRID.wavelengths
SMOOTH = np.exp(-0.5 * (DISTANCE / 80) ** 2)
CERTIFICATE = Calibration(0.005, 0.0005, 200, "certificate of the white tile")


def panel(name, spectra, geometry=D8_SCI, **fields):
    return Measurement(name, np.atleast_2d(spectra), GRID, geometry, source=SOURCE, **fields)


def rng():
    return np.random.default_rng(0)


def test_the_covariance_of_a_colour_is_that_of_the_colours_of_noisy_spectra():
    covariance = 0.003**2 * np.outer(SHAPE, SHAPE) / 0.25**2 * SMOOTH
    known = lab_uncertainty(panel("P", SHAPE, covariance=covariance[None]), (D65_10, A_10), NO_NOISE)
    spectra = SHAPE + rng().standard_normal((40_000, 31)) @ symmetric_root(covariance).T
    for column, viewing in enumerate((D65_10, A_10)):
        drawn = np.cov(spectra_to_lab(spectra, GRID, viewing), rowvar=False)
        assert known.covariance[0, column] == pytest.approx(drawn, rel=0.04, abs=2e-4)
        assert known.lab[0, column] == pytest.approx(spectra_to_lab(SHAPE, GRID, viewing))
    assert known.standard_uncertainty[0, 0] ** 2 == pytest.approx(np.diag(known.covariance[0, 0]))


def test_each_viewing_and_angle_is_what_it_is_alone():
    geometry = directional(["45as15", "45as45"])
    sample = panel("P", [SHAPE, 0.5 * SHAPE], geometry)
    together = lab_uncertainty(sample, (D65_10, A_10, TL84_10), DECLARED_DEFAULT)
    for row, token in enumerate(geometry.tokens):
        for column, viewing in enumerate((D65_10, A_10, TL84_10)):
            alone = lab_uncertainty(sample.at_angles([token]), (viewing,), DECLARED_DEFAULT)
            assert together.covariance[row, column] == pytest.approx(alone.covariance[0, 0])
            assert together.lab[row, column] == pytest.approx(alone.lab[0, 0])


def test_errors_that_move_together_make_lightness_uncertain_and_chroma_certain():
    variances = (0.004 * SHAPE) ** 2
    together = panel("P", SHAPE, covariance=np.outer(0.004 * SHAPE, 0.004 * SHAPE)[None])
    apart = panel("P", SHAPE, covariance=np.diag(variances)[None])
    u_together, u_apart = (
        lab_uncertainty(one, (D65_10,), NO_NOISE).standard_uncertainty[0, 0] for one in (together, apart)
    )
    assert u_together[0] > 2 * u_apart[0]
    assert u_together[1] < u_apart[1]
    assert u_together[2] < u_apart[2]


def test_a_stated_covariance_comes_before_readings_and_readings_before_the_declaration():
    readings = SHAPE * (1 + 0.01 * rng().standard_normal((5, 1, 1)))
    stated = panel("P", SHAPE, readings=readings, covariance=1e-6 * SMOOTH[None])
    assert measurement_uncertainty(stated, DECLARED_DEFAULT).covariance == pytest.approx(1e-6 * SMOOTH[None])
    assert "stated" in lab_uncertainty(stated, (D65_10,), DECLARED_DEFAULT).source
    read = panel("P", SHAPE, readings=readings)
    assert "5 repeat readings" in lab_uncertainty(read, (D65_10,), DECLARED_DEFAULT).source
    assert lab_uncertainty(panel("P", SHAPE), (D65_10,), DECLARED_DEFAULT).source == DECLARED_DEFAULT.source


def test_a_stated_covariance_of_nothing_but_zeros_is_not_believed():
    empty = measurement_uncertainty(panel("P", SHAPE, covariance=np.zeros((1, 31, 31))), DECLARED_DEFAULT)
    assert empty.covariance == pytest.approx(measurement_uncertainty(panel("P", SHAPE), DECLARED_DEFAULT).covariance)


def test_a_matrix_that_is_no_covariance_is_refused():
    wrong = 1e-6 * (2 * np.ones((31, 31)) - np.eye(31))
    with pytest.raises(MeasurementError, match="P: the stated covariance has a negative eigenvalue"):
        lab_uncertainty(panel("P", SHAPE, covariance=wrong[None]), (D65_10,), DECLARED_DEFAULT)


def test_a_verdict_rests_on_the_covariance_a_file_states():
    limit = Tolerance("one", "CIEDE2000", (D65_10,), (Limit(1.0),))
    sample = panel("P", 0.97 * SHAPE)
    sure = panel("P", 0.97 * SHAPE, covariance=1e-10 * SMOOTH[None])
    declared = judge(panel("S", SHAPE), sample, limit)
    stated = judge(panel("S", SHAPE), sure, limit)
    assert stated.noise_source == (DECLARED_DEFAULT.source, "covariance stated with the measurement")
    width = [high - low for low, high in (one.worst.delta_E_interval for one in (declared, stated))]
    assert width[1] < 0.85 * width[0]


def test_uneven_wavelengths_keep_their_uncertainty():
    uneven = grid_of_nodes(GRID.wavelengths + np.where(np.arange(31) % 2, 1.0, 0.0))
    sample = panel("P", SHAPE)
    moved = Measurement("P", np.interp(uneven.wavelengths, GRID.wavelengths, SHAPE)[None], uneven, D8_SCI)
    even, other = (lab_uncertainty(one, (D65_10,), DECLARED_DEFAULT) for one in (sample, moved))
    assert other.standard_uncertainty == pytest.approx(even.standard_uncertainty, rel=0.05)


def test_the_error_of_one_calibration_leaves_the_difference_and_stays_in_the_colour():
    standard, sample = panel("S", SHAPE), panel("P", 0.97 * SHAPE)
    widths = {}
    for name, more in (
        ("none", {}),
        ("one", {"calibration": CERTIFICATE}),
        ("two", {"calibration": CERTIFICATE, "one_calibration": False}),
    ):
        (row,) = delta_E_intervals(standard, sample, (D65_10,), DECLARED_DEFAULT, 0, **more)
        widths[name] = row.interval[1] - row.interval[0]
    assert widths["one"] == pytest.approx(widths["none"], rel=0.05)
    assert widths["two"] > 1.2 * widths["none"]
    plain, traceable = (
        lab_uncertainty(sample, (D65_10,), DECLARED_DEFAULT, calibration) for calibration in (None, CERTIFICATE)
    )
    assert (traceable.standard_uncertainty > 1.2 * plain.standard_uncertainty)[0, 0, 0]
    assert CERTIFICATE.source in traceable.source
    (row,) = delta_E_intervals(standard, sample, (D65_10,), DECLARED_DEFAULT, 0, calibration=CERTIFICATE)
    assert row.sources[0].endswith(f"calibration, common to both: {CERTIFICATE.source}")


@pytest.mark.parametrize("shade", [1.0, 0.999, 0.997, 0.99, 0.95])  # ΔE00 of 0, 0.02, 0.07, 0.23 and 1.15
def test_intervals_hold_the_true_difference_as_often_as_they_state(shade):
    noise = ReflectanceNoise(0.004, 0.0002, 0.0, 80, "simulated")
    true = float(delta_E(*(spectra_to_lab(one, GRID, D65_10) for one in (SHAPE, shade * SHAPE))))
    root = symmetric_root(SMOOTH)
    generator = np.random.default_rng(7)

    def measured(name, spectrum):
        error = root @ generator.standard_normal(31) * np.hypot(noise.relative * spectrum, noise.absolute)
        return panel(name, spectrum + error)

    held = []
    for _ in range(300):
        both = measured("S", SHAPE), measured("P", shade * SHAPE)
        (row,) = delta_E_intervals(*both, (D65_10,), noise, draws=400)
        held.append(row.interval[0] <= true <= row.interval[1])
    assert np.mean(held) > 0.95 - 3 * np.sqrt(0.05 * 0.95 / 300)


@pytest.mark.parametrize("shade", [1.0, 0.999, 0.99])
def test_a_verdict_shows_the_interval_that_the_uncertainty_of_a_difference_has(shade):
    both = panel("S", SHAPE), panel("P", shade * SHAPE)
    limit = Tolerance("one", "CIEDE2000", (D65_10, A_10), (Limit(1.0),))
    shown = [row.delta_E_interval for row in judge(*both, limit).conditions]
    assert shown == [row.interval for row in delta_E_intervals(*both, limit.viewings)]


def test_noise_alone_makes_a_difference_and_the_answer_says_how_much():
    standard, sample = panel("S", SHAPE), panel("P", 1.004 * SHAPE)
    (row,) = delta_E_intervals(standard, sample, (D65_10,))
    assert row.noise_bias == row.delta_E - row.delta_E_corrected > 0
    assert row.interval[0] == 0.0
    assert row.delta_E < row.from_noise
    assert "noise alone reaches" in row.as_text()


def test_answers_are_plain_and_say_what_they_rest_on():
    sample = panel("P", SHAPE)
    colour = lab_uncertainty(sample, (D65_10,), DECLARED_DEFAULT)
    (row,) = delta_E_intervals(sample, sample, (D65_10,), DECLARED_DEFAULT, 0, coverage=0.99)
    assert json.loads(json.dumps(colour.as_dict()))["conditions"][0]["viewing"] == "D65/10°"
    assert json.loads(json.dumps(row.as_dict()))["coverage"] == 0.99
    assert "declared default" in colour.as_text()


@pytest.mark.parametrize("coverage", [0.0, 1.0, -1.0])
def test_a_coverage_that_is_none_is_refused(coverage):
    with pytest.raises(MeasurementError, match="coverage"):
        delta_E_intervals(panel("S", SHAPE), panel("P", SHAPE), (D65_10,), NO_NOISE, coverage=coverage)


def test_a_calibration_without_a_length_is_refused():
    with pytest.raises(MeasurementError, match="correlation length"):
        Calibration(0.01, 0.0, 0.0, "x")
