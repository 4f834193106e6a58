"""One colorant over several batches: a factor they share is the lot, one they do not share the dosing."""

import numpy as np
import pytest

from colorlab.control.explain.lots import lot_strength
from spectra.errors import FormulationError


def test_a_weak_lot_has_one_factor_in_every_paint(bench):
    rng = np.random.default_rng(51)
    paints = [{"W01": 0.95, "B15": 0.03, "R54": 0.02}, {"W01": 0.9, "B15": 0.04, "Y42": 0.06}, bench.paints[0]]
    batches = [bench.explained(paint, bench.scaled(paint, B15=0.88), rng) for paint in paints]
    lot = lot_strength(batches, "B15")
    assert lot.factor.low <= 0.88 <= lot.factor.high
    assert lot.p_common > 0.05
    assert len(lot.batches) == 3


def test_doses_that_differ_from_batch_to_batch_are_no_lot(bench):
    rng = np.random.default_rng(52)
    paint = {"W01": 0.95, "B15": 0.03, "R54": 0.02}
    batches = [bench.explained(paint, bench.scaled(paint, B15=factor), rng) for factor in (0.7, 1.3, 1.0)]
    lot = lot_strength(batches, "B15")
    assert lot.p_common < 0.001
    assert lot.factor.high / lot.factor.low > 1.5


def test_a_colorant_no_batch_shows_is_refused(bench):
    with pytest.raises(FormulationError, match="Z99"):
        lot_strength([], "Z99")
