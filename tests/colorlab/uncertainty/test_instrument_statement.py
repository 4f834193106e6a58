"""What is stated of an instrument counts for that instrument and no other."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from colorlab.uncertainty.instrument_statement import (
    InstrumentStatement,
    Reproducibility,
    Spread,
    noise_for,
    statement_from_repeatability,
)
from colorlab.uncertainty.measurement_uncertainty import measurement_uncertainty
from colorlab.uncertainty.noise import DECLARED_DEFAULT, DECLARED_FREEDOM, ReflectanceNoise
from spectra.errors import MeasurementError
from spectra.geometry import D8_SCI, directional
from spectra.measurement import Measurement
from spectra.replicates import repeatability
from spectra.wavelengths import WavelengthGrid

GRID = WavelengthGrid(400, 700, 10)
PAINT = 0.25 + 0.2 * np.sin((GRID.wavelengths - 430) / 70)
DAY = date(2026, 5, 4)
STATED = InstrumentStatement(
    instruments=("MA-T12 SN 7", "MA-T12 SN 8"),
    source="certificate 12",
    date=DAY,
    repeatability=Spread(0.002, 0.0001),
    correlation_length_nm=60.0,
    freedom=20.0,
    systematic=Spread(0.0008, 0.0002),
)
NEAR_AND_FACE = ("45as-15", "45as45")


def panel(instrument):
    return Measurement("P", PAINT[None], GRID, D8_SCI, instrument=instrument)


def test_a_statement_counts_for_the_instruments_it_names():
    noise = noise_for(panel("MA-T12 SN 8"), [STATED])
    assert (noise.relative, noise.systematic, noise.freedom) == (0.002, 0.0008, 20)
    assert noise.systematic_absolute == 0.0002
    found = measurement_uncertainty(panel("MA-T12 SN 8"), noise)
    assert found.kind == "instrument statement"
    assert "certificate 12" in found.source
    assert "2026-05-04" in found.source


@pytest.mark.parametrize("instrument", ["MA-T12 SN 9", "MA-T12", "", None])
def test_a_statement_is_never_applied_to_another_instrument(instrument):
    assert noise_for(panel(instrument), [STATED]) is DECLARED_DEFAULT


def test_case_and_spacing_of_a_name_do_not_matter():
    assert noise_for(panel("ma-t12  sn 7 "), [STATED]).kind == "instrument statement"


def test_two_statements_on_one_instrument_are_not_chosen_between():
    with pytest.raises(MeasurementError, match="two instrument statements name MA-T12 SN 7: certificate 12 and other"):
        noise_for(panel("MA-T12 SN 7"), [STATED, replace(STATED, source="other")])


def test_what_a_statement_leaves_out_is_the_declared_default_and_said_to_be():
    silent = replace(STATED, systematic=None, freedom=None)
    noise = silent.noise()
    assert noise.systematic == DECLARED_DEFAULT.systematic
    assert noise.freedom == DECLARED_FREEDOM
    assert "systematic part not stated, declared default of 0.1 %" in noise.source


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"instruments": ()}, "names no instrument"),
        ({"instruments": (" ",)}, "names no instrument"),
        ({"correlation_length_nm": -1.0}, "correlation length"),
        ({"white_share": 2.0}, "white share"),
        ({"freedom": 0.0}, "degrees of freedom"),
    ],
)
def test_a_statement_that_cannot_be_is_refused(change, message):
    with pytest.raises(MeasurementError, match=message):
        replace(STATED, **change)
    with pytest.raises(MeasurementError, match="between 0 and 1"):
        Spread(1.5)
    with pytest.raises(MeasurementError, match="correlation length"):
        Reproducibility(None, None, 0.0)


def read_sets(n_sets, n_readings, rng, near=1.0, white=0.0, end=1.0):
    """Sets of readings at two angles, the near-specular one and the end of the spectrum worse."""
    noise = ReflectanceNoise(0.004, 0.0002, 0.0, 80.0, "simulated", white_share=white)
    root = np.linalg.cholesky(noise.correlation(panel(None)) + 1e-9 * np.eye(31))
    worse = np.ones((2, 31))
    worse[0] *= near
    worse[:, :3] *= end
    sets = []
    for _ in range(n_sets):
        errors = 0.004 * rng.standard_normal((n_readings, 2, 31)) @ root.T * worse
        paint = rng.uniform(0.1, 0.8)
        sets.append(paint + errors * np.hypot(paint, 0.05))
    return sets


def stated_from(sets):
    return statement_from_repeatability(repeatability(sets, GRID), NEAR_AND_FACE, ["A"], source="own readings", on=DAY)


def test_a_laboratory_states_what_its_own_readings_show():
    stated = stated_from(read_sets(12, 4, np.random.default_rng(0), near=3.0, white=0.2))
    factors = dict(stated.angle_factors)
    near, face = (factors[angle] * stated.repeatability.relative for angle in NEAR_AND_FACE)
    assert face == pytest.approx(0.004, rel=0.2)
    assert near == pytest.approx(0.012, rel=0.2)
    assert stated.correlation_length_nm == pytest.approx(80, rel=0.5)
    assert stated.white_share == pytest.approx(0.2, abs=0.1)
    assert stated.freedom > 5
    assert stated.systematic is None  # no reading tells it


def test_noise_as_stated_by_replicates_is_that_of_the_replicates():
    rng = np.random.default_rng(1)
    sets = read_sets(40, 4, rng, near=2.0, white=0.2, end=3.0)
    known = repeatability(sets, GRID)
    noise = stated_from(sets).noise()
    spectra = np.full((2, 31), 0.3)
    both = Measurement("P", spectra, GRID, directional(NEAR_AND_FACE))
    found = noise.repeatability(both)
    as_read = np.sqrt(np.diagonal(known.covariance(spectra, known.common_size), axis1=1, axis2=2))
    assert found == pytest.approx(as_read, rel=0.2)
    assert found[0, 0] > 2 * found[0, 20]


def test_few_sets_of_readings_count_no_more_than_a_declaration():
    assert stated_from(read_sets(2, 12, np.random.default_rng(2))).freedom == DECLARED_FREEDOM
    assert stated_from(read_sets(1, 2, np.random.default_rng(2))).freedom == 1


def test_an_angle_at_which_no_reading_differs_can_be_said_nothing_of():
    readings = read_sets(1, 3, np.random.default_rng(3))[0]
    readings[:, 0] = 0.3
    with pytest.raises(MeasurementError, match="no reading differs at 45as-15"):
        stated_from([readings])
