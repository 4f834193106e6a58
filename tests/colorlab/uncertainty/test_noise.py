"""The declared noise of a reading: its size, its breadth, and that a record brings it back."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from colorlab.uncertainty.noise import DECLARED_DEFAULT, DECLARED_FREEDOM, ReflectanceNoise
from spectra.errors import MeasurementError
from spectra.geometry import D8_SCI, directional
from spectra.measurement import Measurement
from spectra.wavelengths import WavelengthGrid

GRID = WavelengthGrid(400, 700, 10)
PAINT = 0.25 + 0.2 * np.sin((GRID.wavelengths - 430) / 70)
TWO_ANGLES = Measurement("P", np.stack([PAINT, PAINT]), GRID, directional(["45as-15", "45as45"]))
ONE = Measurement("P", PAINT[None], GRID, D8_SCI)

noises = st.builds(
    ReflectanceNoise,
    relative=st.floats(0, 0.1),
    absolute=st.floats(0, 0.01),
    systematic=st.floats(0, 0.1),
    correlation_length_nm=st.floats(1, 1000),
    source=st.text(max_size=20),
    white_share=st.floats(0, 1),
    systematic_absolute=st.floats(0, 0.01),
    freedom=st.floats(1, 100) | st.just(float("inf")),
    angle_factors=st.just(()) | st.just((("45as-15", 2.0), ("45as15", 1.5))),
    wavelength_factors=st.just(()) | st.just(((400.0, 3.0), (450.0, 1.0))),
    kind=st.sampled_from(["declared default", "instrument statement"]),
)


@given(noises)
def test_a_record_brings_the_noise_back(noise):
    assert ReflectanceNoise.from_dict(json.loads(json.dumps(noise.as_dict(), allow_nan=False))) == noise


def test_records_made_before_a_figure_existed_are_read():
    old = {"relative": 0.004, "absolute": 0.0002, "systematic": 0.001, "correlation_length_nm": 80.0, "source": "s"}
    found = ReflectanceNoise.from_dict(old)
    assert (found.white_share, found.systematic_absolute, found.angle_factors) == (0, 0, ())
    assert np.isinf(found.freedom)


@given(noises, st.floats(1.0, 10.0))
def test_the_correlation_of_a_reading_is_one(noise, length):
    matrix = replace(noise, correlation_length_nm=length).correlation(ONE)
    assert np.diagonal(matrix) == pytest.approx(1.0)
    assert np.linalg.eigvalsh(matrix)[0] > -1e-9


def test_a_near_specular_angle_repeats_worse_where_that_is_stated():
    noise = replace(DECLARED_DEFAULT, angle_factors=(("45as-15", 2.5),))
    near, face = noise.repeatability(TWO_ANGLES)
    assert near == pytest.approx(2.5 * face)
    assert noise.drift(TWO_ANGLES)[0] == pytest.approx(noise.drift(TWO_ANGLES)[1])


def test_the_ends_of_the_spectrum_repeat_worse_where_that_is_stated():
    noise = replace(DECLARED_DEFAULT, wavelength_factors=((410.0, 3.0), (430.0, 1.0)))
    ratio = noise.repeatability(ONE)[0] / DECLARED_DEFAULT.repeatability(ONE)[0]
    assert ratio[:5] == pytest.approx([3, 3, 2, 1, 1])
    assert ratio[-1] == pytest.approx(1)


def test_white_noise_is_no_part_of_what_readings_share():
    noise = replace(DECLARED_DEFAULT, white_share=0.2)
    assert noise.correlation(ONE)[0, 1] == pytest.approx(0.8 * DECLARED_DEFAULT.correlation(ONE)[0, 1])
    assert noise.drift_correlation(ONE)[0, 1] == DECLARED_DEFAULT.correlation(ONE)[0, 1]


def test_the_declared_default_is_worth_few_degrees_of_freedom():
    assert DECLARED_DEFAULT.kind == "declared default"
    assert DECLARED_DEFAULT.freedom == DECLARED_FREEDOM == 4


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"relative": -0.1}, "non-negative"),
        ({"correlation_length_nm": 0.0}, "positive correlation length"),
        ({"white_share": 1.1}, "white share"),
        ({"freedom": 0.5}, "degrees of freedom"),
        ({"freedom": float("nan")}, "degrees of freedom"),
        ({"angle_factors": (("45as15", 0.0),)}, "positive"),
        ({"wavelength_factors": ((500.0, 1.0), (400.0, 1.0))}, "rise"),
    ],
)
def test_a_noise_that_cannot_be_is_refused(change, message):
    with pytest.raises(MeasurementError, match=message):
        replace(DECLARED_DEFAULT, **change)
