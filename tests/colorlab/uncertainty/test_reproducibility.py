"""Two instruments make a difference of their own, and who says how large is shown."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from colorlab.colorimetry.tristimulus import spectra_to_lab
from colorlab.colorimetry.viewing import D65_10
from colorlab.difference.standard import delta_E
from colorlab.uncertainty.instrument_statement import InstrumentStatement, Reproducibility, Spread
from colorlab.uncertainty.noise import smooth_correlation
from colorlab.uncertainty.reproducibility import DECLARED_REPRODUCIBILITY, reproducibility_covariance
from spectra.errors import MeasurementError
from spectra.geometry import D8_SCI, UNDECLARED, directional
from spectra.measurement import Measurement
from spectra.wavelengths import WavelengthGrid

GRID = WavelengthGrid(400, 700, 10)
NM = GRID.wavelengths
PAINT = 0.25 + 0.2 * np.sin((NM - 430) / 70)


def panel(instrument, scale=1.0, geometry=D8_SCI):
    return Measurement("P", scale * PAINT[None], GRID, geometry, instrument=instrument)


def statement(name, family=None, within=None, between=None, length=100.0):
    reproducibility = None
    if within or between:
        reproducibility = Reproducibility(within and Spread(within), between and Spread(between), length)
    return InstrumentStatement(
        (name,),
        f"certificate of {name}",
        date(2026, 5, 4),
        Spread(0.002),
        80.0,
        family=family,
        reproducibility=reproducibility,
    )


def test_one_instrument_adds_nothing_and_says_nothing():
    found = reproducibility_covariance(panel("A 1"), panel("a  1"))
    assert (found.relation, found.covariance, found.remark) == ("one instrument", None, "")


@pytest.mark.parametrize(
    ("first", "second", "who"), [(None, "A", "standard"), ("A", None, "sample"), (None, None, "standard and sample")]
)
def test_an_instrument_nobody_declares_is_not_taken_for_another(first, second, who):
    found = reproducibility_covariance(panel(first), panel(second))
    assert found.relation == "undeclared"
    assert found.covariance is None
    assert f"instrument of the {who} not declared" in found.remark


def test_without_a_statement_a_declared_default_is_used_and_shown_as_such():
    found = reproducibility_covariance(panel("A"), panel("B"))
    assert (found.relation, found.kind) == ("two instruments", "declared default")
    assert "two instruments (A, B): reproducibility not stated, declared default, not measured: 1.5 %" in found.remark
    u = np.sqrt(np.diagonal(found.covariance.matrix[0]))
    assert u == pytest.approx(np.hypot(0.015 * PAINT, 0.001))


def test_instruments_of_one_family_agree_better():
    sides = panel("A"), panel("B")
    one = reproducibility_covariance(*sides, [statement("A", "X"), statement("B", "x")])
    two = reproducibility_covariance(*sides, [statement("A", "X"), statement("B", "Y")])
    assert (one.relation, two.relation) == ("one family", "two families")
    assert np.trace(one.covariance.matrix[0]) < np.trace(two.covariance.matrix[0])
    assert "0.5 % of the reading" in one.remark


@pytest.mark.parametrize(
    ("first", "second", "relation"),
    [
        ("X-Rite MA-T12 SN 7", "MA-T12 SN 8", "one family"),
        ("X-Rite MA-T12 SN 7", "BYK-mac i SN 8", "two families"),
        ("X-Rite MA-T12 SN 7", "our old one", "two instruments"),
    ],
)
def test_families_nobody_states_are_those_the_names_tell(first, second, relation):
    assert reproducibility_covariance(panel(first), panel(second)).relation == relation


def test_a_family_only_one_side_states_is_not_guessed_for_the_other():
    assert reproducibility_covariance(panel("A"), panel("B"), [statement("A", "X")]).relation == "two instruments"


def test_the_larger_of_two_stated_reproducibilities_holds():
    sides = panel("A"), panel("B")
    stated = [statement("A", "X", within=0.002), statement("B", "X", within=0.004, between=0.02, length=50.0)]
    for order in (stated, stated[::-1]):
        found = reproducibility_covariance(*sides, order)
        assert found.kind == "instrument statement"
        assert "certificate of B" in found.remark
        assert np.sqrt(np.diagonal(found.covariance.matrix[0])) == pytest.approx(0.004 * PAINT)
        assert found.covariance.shape == pytest.approx(smooth_correlation(GRID, 50.0))


def test_what_a_statement_does_not_say_is_the_declared_default():
    stated = [statement("A", "X", within=0.002), statement("B", "Y", within=0.002)]
    found = reproducibility_covariance(panel("A"), panel("B"), stated)
    assert (found.relation, found.kind) == ("two families", "declared default")


def test_it_does_not_matter_which_instrument_read_the_standard():
    one = reproducibility_covariance(panel("A"), panel("B", 1.1))
    other = reproducibility_covariance(panel("B", 1.1), panel("A"))
    assert one.covariance.matrix == pytest.approx(other.covariance.matrix)


def test_sides_at_other_angles_are_refused():
    two = replace(panel("B"), reflectance_factor=np.stack([PAINT, PAINT]), geometry=directional(["45as15", "45as45"]))
    with pytest.raises(MeasurementError, match="common angles"):
        reproducibility_covariance(panel("A"), two)
    other = replace(panel("B"), grid=WavelengthGrid(405, 705, 10))
    with pytest.raises(MeasurementError, match="common angles and wavelengths"):
        reproducibility_covariance(panel("A"), other)


@pytest.mark.parametrize(("name", "size"), [("within_family", 0.18), ("between_families", 0.55)])
def test_the_declared_default_makes_the_colour_differences_it_is_said_to(name, size):
    edges = [0.04 + 0.6 / (1 + np.exp(-(NM - place) / 15)) for place in (480, 520, 560, 600, 630)]
    peaks = [0.04 + 0.5 * np.exp(-0.5 * ((NM - place) / 35) ** 2) for place in (450, 530)]
    paints = np.array([np.full(31, level) for level in (0.05, 0.2, 0.5, 0.8)] + edges + peaks)
    root = np.linalg.cholesky(smooth_correlation(GRID, 80.0) + 1e-9 * np.eye(31))
    errors = np.random.default_rng(0).standard_normal((400, len(paints), 31)) @ root.T
    moved = paints + errors * getattr(DECLARED_REPRODUCIBILITY, name).at(paints)
    found = delta_E(spectra_to_lab(paints, GRID, D65_10), spectra_to_lab(moved, GRID, D65_10)).mean()
    assert found == pytest.approx(size, rel=0.05)


def test_a_geometry_that_one_file_leaves_open_is_no_other_geometry():
    assert reproducibility_covariance(panel("A"), panel("B", geometry=UNDECLARED)).relation == "two instruments"
