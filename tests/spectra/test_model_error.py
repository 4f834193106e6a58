"""The model's own error: what held-out levels show, and how it grows where nobody painted."""

import numpy as np
import pytest

from spectra.errors import FormulationError
from spectra.held_out_error import model_error_of
from spectra.holdout import HeldOut
from spectra.ladder import letdown
from spectra.ladder_fit import lightness_weights
from spectra.model_error import ModelError
from spectra.wavelengths import WavelengthGrid

GRID = WavelengthGrid(400, 700, 10)
DOSES = (0.01, 0.03, 0.1)


def ladders_off_by(within, beyond, length_nm, seed, count=60):
    """Held-out levels whose errors have these standard deviations and this correlation length."""
    rng = np.random.default_rng(seed)
    nm = GRID.wavelengths
    root = np.linalg.cholesky(np.exp(-np.abs(nm[:, None] - nm) / length_nm) + 1e-10 * np.eye(GRID.count))
    measured = np.full((1, GRID.count), 0.3)
    held, panels = [], []
    for number in range(count):
        for level, dose in enumerate(DOSES):
            panels.append(letdown(f"{number}_{level}", f"C{number}", "W", dose, 1 - dose, measured))
            end = level != 1
            sd = np.hypot(within, beyond * np.log(DOSES[1] / DOSES[0]) * end)
            error = sd * (root @ rng.standard_normal(GRID.count)) / lightness_weights(measured)
            held.append(HeldOut(f"{number}_{level}", f"C{number}", "W", level, not end, measured, measured + error))
    return held, panels


def test_half_the_variance_of_the_levels_held_out_is_the_models():
    held, panels = ladders_off_by(0.2, 0.3, 65.0, seed=1)
    found = model_error_of(held, panels, GRID)
    assert found.within == pytest.approx(0.2 / np.sqrt(2), rel=0.15)
    assert found.beyond == pytest.approx(0.3, rel=0.25)
    assert 45 <= found.correlation_nm <= 95
    assert found.n_levels == 180


def test_a_bad_record_does_not_make_the_model_bad():
    held, panels = ladders_off_by(0.2, 0.3, 65.0, seed=2)
    one = held[1]
    held[1] = HeldOut(one.panel, one.colorant, "W", 1, True, one.measured, one.measured + 0.2)
    assert model_error_of(held, panels, GRID).within == pytest.approx(0.2 / np.sqrt(2), rel=0.3)


def test_without_a_level_to_spare_nothing_is_known():
    assert model_error_of([], [], GRID) is None


def test_ladders_without_inner_levels_stand_for_their_middle_by_their_ends():
    held, panels = ladders_off_by(0.2, 0.3, 65.0, seed=3)
    found = model_error_of([one for one in held if not one.interior], panels, GRID)
    assert found.within > 0.2
    assert found.beyond >= 0


def test_more_colorants_and_doses_outside_make_it_grow():
    error = ModelError(0.2, 0.3, 65.0, 10)
    assert error.variance(1, 0.0) == pytest.approx(0.04)
    assert error.variance(1, 0.0) < error.variance(2, 0.0) < error.variance(2, 1.0)
    correlation = error.correlation(GRID)
    assert np.diag(correlation) == pytest.approx(1)
    assert correlation[0, 1] == pytest.approx(np.exp(-10 / 65))


def test_it_survives_a_document_and_refuses_a_damaged_one():
    error = ModelError(0.17, 0.4, 65.0, 63)
    assert ModelError.from_dict(error.as_dict()) == error
    with pytest.raises(FormulationError, match="beyond is None; expected a number"):
        ModelError.from_dict({"within": 0.1})
    with pytest.raises(FormulationError, match="within is -1"):
        ModelError(-1.0, 0.4, 65.0, 63)
    with pytest.raises(FormulationError, match="correlation_nm is 0"):
        ModelError(1.0, 0.4, 0.0, 63)
