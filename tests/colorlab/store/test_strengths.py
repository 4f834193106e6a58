"""Strengths of lots have a history: each learning of a lot is a version, and none is ever changed."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from colorlab.formulation.lot_strength import Contradiction, LotStrengths
from colorlab.store.colorants import save_colorant_set
from colorlab.store.measurements import save_measurement
from colorlab.store.strengths import load_strengths, save_strengths, strengths_history
from spectra.colorant import Colorant, ColorantSet
from spectra.errors import LabError, RecordNotFoundError
from spectra.geometry import D8_SCI
from spectra.optics.interface import Saunderson
from spectra.wavelengths import WavelengthGrid

GRID = WavelengthGrid(400, 700, 10)


@pytest.fixture
def pastes():
    flat = np.ones((1, GRID.count))
    white, black = Colorant("W", "white", "white", 0.01 * flat, flat), Colorant("K", "black", "black", 9 * flat, flat)
    return ColorantSet("pastes", (white, black), GRID, D8_SCI, Saunderson(0.04, 0.5, True), "W")


@pytest.fixture
def learned():
    return LotStrengths(
        "pastes",
        "week 12",
        "W",
        ("W", "K"),
        np.array([0.0, np.log(0.33)]),
        np.array([[0.0, 0.0], [0.0, 0.0025]]),
        (False, True),
        0.01,
        1.3,
        ("batch 1", "batch 2"),
        (Contradiction("batch 2", 1.1, 0.2, "K", "B", 0.3), Contradiction("batch 1", 0.9, 0.2)),
    )


def test_a_new_learning_is_a_new_version_and_the_old_one_stays(lab, now, panel, pastes, learned):
    with lab.writing() as connection:
        measured = save_measurement(connection, panel, now=now, by="Li")
        known = save_colorant_set(connection, pastes, now=now, by="Li")
        first = save_strengths(connection, learned, known, inputs=[measured], now=now, by="Li")
        assert save_strengths(connection, learned, known, inputs=[measured], now=now, by="Wang") == first
        later = now + timedelta(days=7)
        second = save_strengths(connection, replace(learned, dosing=0.02), known, now=later, by="Li")
        other = save_strengths(connection, replace(learned, lot="week 13"), known, now=later, by="Li")
        assert (first, second, other) == ("B-000001", "B-000002", "B-000003")
        stored = load_strengths(connection, first)
        assert (stored.version, stored.colorant_set, stored.inputs) == (1, known, (measured,))
        assert stored.strengths.factors == learned.factors
        assert np.array_equal(stored.strengths.covariance, learned.covariance)
        assert stored.strengths.contradictions[0] == learned.contradictions[0]
        assert str(stored.strengths.contradictions[1]) == str(learned.contradictions[1])
        assert [one.version for one in strengths_history(connection, known, lot="week 12")] == [1, 2]
        assert [one.id for one in strengths_history(connection)] == [first, second, other]


def test_strengths_belong_to_a_set_of_the_laboratory(lab, now, pastes, learned):
    with lab.writing() as connection:
        known = save_colorant_set(connection, pastes, now=now, by="Li")
        other = save_colorant_set(connection, replace(pastes, name="other"), now=now, by="Li")
    with lab.writing() as connection:
        with pytest.raises(RecordNotFoundError, match="K-000009"):
            save_strengths(connection, learned, "K-000009", now=now, by="Li")
        with pytest.raises(RecordNotFoundError, match="M-000001"):
            save_strengths(connection, learned, known, inputs=["M-000001"], now=now, by="Li")
        with pytest.raises(LabError, match="strengths of pastes do not belong to K-000002, other"):
            save_strengths(connection, learned, other, now=now, by="Li")
        with pytest.raises(RecordNotFoundError, match="B-000001"):
            load_strengths(connection, "B-000001")
