"""Errors drawn once a part and once an instrument have the covariance that is stated of them."""

import math
from dataclasses import replace

import numpy as np

from colorlab.colorimetry.viewing import A_10, D65_10
from colorlab.difference.pairing import pair
from colorlab.uncertainty.measurement_uncertainty import measurement_uncertainty
from colorlab.uncertainty.noise import DECLARED_DEFAULT
from colorlab.uncertainty.propagation import joint_jacobian
from colorlab.uncertainty.reproducibility import reproducibility_covariance
from colorlab.verdict.part_errors import InstrumentErrors, drawn_errors, widening, with_drawn_readings
from spectra.geometry import directional
from spectra.measurement import Measurement
from spectra.wavelengths import WavelengthGrid

GRID = WavelengthGrid(400, 700, 10)
SHAPE = 0.25 + 0.2 * np.sin((GRID.wavelengths - 430) / 70)
ANGLES = directional(["45as15", "45as110"])
VIEWINGS = (D65_10, A_10)
DRAWS = 20_000


def panel(scale, instrument=None):
    return Measurement("P", scale * np.stack([2 * SHAPE, 0.3 * SHAPE]), GRID, ANGLES, instrument=instrument)


def covariance(errors):
    """Of errors (draws, n_angles, n_viewings, 3), viewings together."""
    rows = errors.reshape(*errors.shape[:2], -1)
    return np.einsum("dai,daj->aij", rows, rows) / len(rows)


def assert_alike(found, expected):
    scale = np.sqrt(np.einsum("aii->ai", expected))
    np.testing.assert_allclose(found, expected, atol=0.05 * (scale[:, :, None] * scale[:, None, :]).max())


def test_the_errors_of_a_difference_have_the_covariance_of_both():
    sides = [panel(1.0), panel(0.95)]
    known = [measurement_uncertainty(one, DECLARED_DEFAULT) for one in sides]
    assert (widening(pair(*sides), VIEWINGS, tuple(known), None) > 1.05).all()
    sure = [replace(one, freedom=math.inf) for one in known]
    np.testing.assert_allclose(widening(pair(*sides), VIEWINGS, tuple(sure), None), 1.0)
    rng = np.random.default_rng(1)
    both = pair(*(with_drawn_readings(one, said, DRAWS, rng) for one, said in zip(sides, known, strict=True)))
    expected = sum(said.through(joint_jacobian(one, VIEWINGS)) for one, said in zip(sides, known, strict=True))
    assert_alike(covariance(drawn_errors(both, VIEWINGS)), expected)


def test_what_two_instruments_add_has_the_stated_covariance_and_one_adds_nothing():
    both = pair(panel(1.0, "MA-T12, serial number 1"), panel(0.95, "BYK-mac i, serial number 2"))
    between = InstrumentErrors(DRAWS, np.random.default_rng(1), ()).of(both, VIEWINGS)
    stated = reproducibility_covariance(both.standard, both.sample).covariance
    assert_alike(covariance(between), stated.through(joint_jacobian(both.sample, VIEWINGS)))
    alone = replace(both.standard, instrument=both.sample.instrument)
    assert np.all(InstrumentErrors(9, np.random.default_rng(1), ()).of(pair(alone, both.sample), VIEWINGS) == 0.0)


def test_an_instrument_is_off_alike_in_all_parts_it_measured():
    first, second, third = (panel(1.0, name) for name in ("MA-T12", "BYK-mac i", "BYK-mac i"))
    errors = InstrumentErrors(50, np.random.default_rng(1), ())
    one, other = (errors.of(pair(first, part), VIEWINGS) for part in (second, third))
    np.testing.assert_array_equal(one, other)
    turned = errors.of(pair(second, first), VIEWINGS)
    np.testing.assert_allclose(turned, -one, atol=1e-12)
