"""Whatever computes a difference takes every formula, those that need the white of the viewing among them."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from colorlab.colorimetry.tristimulus import spectra_to_lab
from colorlab.colorimetry.viewing import A_10, D65_10
from colorlab.colorimetry.weights import white_point
from colorlab.control.agreement import instrument_agreement
from colorlab.control.drift import check_tile
from colorlab.control.instruments import fit_profile
from colorlab.control.repeatability import colour_repeatability
from colorlab.control.reproducibility import reproducibility
from colorlab.difference.metamerism import spectral_metamerism_index
from colorlab.difference.standard import FORMULAS, delta_E
from colorlab.difference.strength import colour_strength
from colorlab.workflows.compare import compare
from spectra.geometry import directional
from spectra.measurement import Measurement
from spectra.wavelengths import WavelengthGrid

GRID = WavelengthGrid(400, 700, 10)
NM = GRID.wavelengths
ANGLES = directional(("45as15", "45as110"))
PAINT = np.stack([0.35 + 0.2 * np.sin((NM - 430) / 70), 0.2 + 0.1 * np.sin((NM - 430) / 70)])
START = datetime(2026, 1, 5, 7, 30, tzinfo=UTC)

every_formula = pytest.mark.parametrize("formula", [*FORMULAS, "CMC(1.4:1)", "CIEDE2000(2:1:1)"])


def tiles(instrument, scale=1.0):
    shades = np.random.default_rng(1).uniform(0.2, 1, (14, 1, 1)) ** (1 + 0.1 * np.sin(NM / 60))
    return [
        Measurement(f"tile {place}", scale * shade * PAINT, GRID, ANGLES, instrument=instrument)
        for place, shade in enumerate(shades)
    ]


def repeated(name, seed):
    factors = 1 + 0.003 * np.random.default_rng(seed).standard_normal((5, 1, 1)) * (NM / 550)
    readings = factors * PAINT
    return Measurement(name, readings.mean(axis=0), GRID, ANGLES, readings=readings)


def apart(standard, sample, viewing, formula):
    labs = (spectra_to_lab(one, GRID, viewing) for one in (standard, sample))
    return delta_E(*labs, formula, white_point(viewing, GRID))


@every_formula
def test_a_comparison(formula):
    pair = Measurement("master", PAINT, GRID, ANGLES), Measurement("batch", 0.9 * PAINT**1.05, GRID, ANGLES)
    found = compare(*pair, (D65_10, A_10), formula)
    for column, viewing in enumerate((D65_10, A_10)):
        expected = apart(PAINT, 0.9 * PAINT**1.05, viewing, formula)
        assert [row.delta_E for row in found.differences[2 * column :][:2]] == pytest.approx(expected)
    assert min(row.spectral for row in found.metamerism) >= 0
    assert all(row.residual_delta_E is not None for row in found.strength)


@every_formula
def test_strength_and_metamerism_of_a_paint_and_itself(formula):
    assert colour_strength(PAINT[0], PAINT, GRID, formula=formula).residual_delta_E[0] == pytest.approx(0, abs=1e-6)
    assert spectral_metamerism_index(PAINT, PAINT, GRID, D65_10, A_10, formula) == pytest.approx([0, 0], abs=1e-6)


@every_formula
def test_instruments(formula):
    pair = tiles("A"), tiles("B", 1.02)
    (first, *_) = instrument_agreement(*pair, (A_10, D65_10), formula=formula).rows
    expected = [
        float(apart(one.reflectance_factor[0], two.reflectance_factor[0], A_10, formula))
        for one, two in zip(*pair, strict=True)
    ]
    assert first.delta_E.mean == pytest.approx(np.mean(expected))
    assert fit_profile(*pair, formula=formula).formula == formula


@every_formula
def test_repeat_readings(formula):
    one, other = repeated("panel", 1), repeated("panel", 2)
    found = colour_repeatability([one], (D65_10, A_10), formula=formula)
    assert found.mcdm.shape == (1, 2, 2)
    lab = spectra_to_lab(one.readings, GRID, A_10)
    assert found.mcdm[0, :, 1] == pytest.approx(
        delta_E(lab.mean(axis=0), lab, formula, white_point(A_10, GRID)).mean(axis=0)
    )
    assert (reproducibility({"day": [one], "night": [other]}, D65_10, formula=formula).mcdm > 0).all()


@every_formula
def test_a_check_tile(formula):
    rng = np.random.default_rng(3)
    readings = [
        Measurement(
            "tile 4",
            PAINT * (1 + 0.001 * (rng.standard_normal((2, 3)) @ np.stack([NM / 550, np.ones(31), (NM / 550) ** 2]))),
            GRID,
            ANGLES,
            taken_at=START + timedelta(days=day),
        )
        for day in range(12)
    ]
    found = check_tile(readings, START + timedelta(days=20), np.random.default_rng(0), formula=formula)
    assert [len(angle.delta_E) for angle in found.angles] == [12, 12]
