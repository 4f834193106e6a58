"""What readings would take away of a pair's uncertainty, and what they would not."""

import numpy as np
import pytest

from colorlab.colorimetry.viewing import A_10, D65_10
from colorlab.difference.pairing import pair
from colorlab.uncertainty.measurement_uncertainty import measurement_uncertainty
from colorlab.uncertainty.noise import DECLARED_DEFAULT, ReflectanceNoise
from colorlab.uncertainty.prepared import Prepared, side_of
from spectra.geometry import D8_SCI
from spectra.measurement import Measurement
from spectra.wavelengths import WavelengthGrid

GRID = WavelengthGrid(400, 700, 10)
PAINT = 0.25 + 0.2 * np.sin((GRID.wavelengths - 430) / 70)
KNOWN = ReflectanceNoise(0.004, 0.0002, 0.0, 80.0, "simulated")


def prepared(noise):
    standard, sample = (Measurement("P", scale * PAINT[None], GRID, D8_SCI) for scale in (1, 0.99))
    sides = [side_of(one, (D65_10, A_10), measurement_uncertainty(one, noise)) for one in (standard, sample)]
    return Prepared(pair(standard, sample), *sides, np.zeros_like(sides[0].systematic))


def test_readings_of_both_take_away_all_that_is_random_and_known():
    one, four = prepared(KNOWN).case(), prepared(KNOWN).case(4, 4)
    assert four.covariance == pytest.approx(one.covariance / 4)
    assert four.widened == pytest.approx(1)


def test_an_instrument_of_half_the_uncertainty_has_a_quarter_of_the_covariance():
    case, half = prepared(DECLARED_DEFAULT).case(), prepared(DECLARED_DEFAULT).case(factor=0.5)
    assert half.covariance == pytest.approx(case.covariance / 4)


def test_what_is_only_declared_is_widened_the_less_the_more_readings_there_are():
    pair_of_single_readings = prepared(DECLARED_DEFAULT)
    widened = [float(pair_of_single_readings.case(n, n).widened[0]) for n in (1, 3, 10, 100)]
    assert widened == sorted(widened, reverse=True)
    assert widened[0] > 1.1
    assert widened[-1] < 1.02


def test_more_readings_never_make_a_difference_less_certain():
    traces = [np.trace(prepared(DECLARED_DEFAULT).case(1, n).covariance[0]) for n in (1, 2, 5, 20)]
    assert traces == sorted(traces, reverse=True)
