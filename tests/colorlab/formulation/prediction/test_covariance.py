"""What a prediction leaves open: its slopes against finite differences, and what each part must be by its nature."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from colorlab.formulation.prediction.covariance import (
    PanelScatter,
    coefficient_slopes,
    ladder_covariance,
    model_covariance,
    panel_covariance,
    strength_covariance,
)
from spectra.errors import FormulationError
from spectra.ladder_fit import lightness_weights
from spectra.model_error import ModelError

doses = st.lists(st.floats(0.01, 1.0), min_size=4, max_size=4)


@pytest.fixture(scope="module")
def paints(drawn):
    covariance = np.broadcast_to(np.diag([1e-4, 4e-4]), (1, 31, 2, 2))
    few = drawn(3, seed=2)
    return replace(
        few,
        colorants=tuple(
            replace(one, log_covariance=covariance, calibrated_dose=(0.01, 0.3), crowds=float(one.code == "W"))
            for one in few.colorants
        ),
        crowding=0.2,
        link="similarity",
        model_error=ModelError(0.2, 0.4, 65.0, 30),
    )


@given(doses)
def test_slopes_are_the_derivatives_by_ln_K_and_ln_S(paints, masses):
    by_K, by_S = coefficient_slopes(paints, [masses])
    step = 1e-6
    for row, one in enumerate(paints.colorants):
        for name, slope in (("absorption", by_K), ("scattering", by_S)):
            if one.code == "W" and name == "scattering":
                continue  # the unit of the scale: a set refuses another
            ends = [
                replace(
                    paints,
                    colorants=tuple(
                        replace(other, **{name: getattr(other, name) * np.exp(sign * step)}) if other is one else other
                        for other in paints.colorants
                    ),
                ).reflectance_factor([masses])[0]
                for sign in (1, -1)
            ]
            assert slope[0, row] == pytest.approx((ends[0] - ends[1]) / (2 * step), rel=1e-4, abs=1e-7)


@given(doses)
def test_every_part_is_a_covariance(paints, masses):
    parts = (
        ladder_covariance(paints, [masses]),
        model_covariance(paints, [masses]),
        strength_covariance(paints, [masses], 0.01 * np.eye(4)),
        panel_covariance(paints, [masses], PanelScatter()),
    )
    for (part,) in parts:
        assert part.shape == (31, 31)
        assert part == pytest.approx(part.T)
        assert np.linalg.eigvalsh(part).min() > -1e-9


def test_one_lot_of_unknown_strength_moves_all_wavelengths_together(paints):
    alone = np.zeros((4, 4))
    alone[2, 2] = 0.05**2
    (part,) = strength_covariance(paints, [[0.9, 0.02, 0.05, 0.03]], alone)
    assert np.linalg.matrix_rank(part, tol=1e-10) == 1


def test_all_lots_stronger_together_are_no_other_colour(paints):
    (part,) = strength_covariance(replace(paints, crowding=0.0), [[0.9, 0.02, 0.05, 0.03]], 0.04 * np.ones((4, 4)))
    assert np.abs(part).max() < 1e-12


def test_the_model_errs_more_on_mixtures_and_beyond_the_ladders(paints):
    rows = np.array([[0.9, 0.1, 0, 0], [0.8, 0.1, 0.1, 0], [0.9, 0, 0, 0.1], [0.995, 0.005, 0, 0], [0.2, 0.8, 0, 0]])
    deviation = np.sqrt(np.einsum("pbb->pb", model_covariance(paints, rows)))
    weights = lightness_weights(paints.reflectance_factor(rows))[:, 0]
    (one, two, _, pale, deep) = (deviation * weights).mean(axis=1)
    assert one == pytest.approx(0.2)
    assert one < two
    assert one < pale
    assert one < deep


def test_the_base_alone_errs_as_one_letdown(paints):
    (part,) = model_covariance(paints, [[1.0, 0, 0, 0]])
    weights = lightness_weights(paints.reflectance_factor([[1.0, 0, 0, 0]]))[0, 0]
    assert np.sqrt(np.diag(part)) * weights == pytest.approx(np.full(31, 0.2))


def test_weighing_errors_cannot_be_negative():
    with pytest.raises(FormulationError, match=r"weighing error -0.1; expected a finite number, 0 or more"):
        PanelScatter(-0.1)
