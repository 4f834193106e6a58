"""Ellipsoids from how large differences look: they follow pairs left out, or the formula stays."""

import json

import numpy as np
import pytest

from colorlab.colorimetry.spaces import xyz_to_lab
from colorlab.difference.standard import delta_E
from colorlab.tolerance.learning.magnitude import learn_magnitudes
from colorlab.tolerance.learning.metric import differences_of, fitting_coordinates, local_metric
from spectra.errors import ToleranceError


def seen(matrix, seed, n_pairs=80, noise=0.15):
    rng = np.random.default_rng(seed)
    d = rng.normal(size=(n_pairs, 3)) * [0.8, 1.2, 0.5]
    size = np.sqrt(np.einsum("ij,jk,ik->i", d, matrix, d))
    return d, 2.0 * size * np.exp(rng.normal(0, noise, n_pairs)), size


def test_the_true_form_is_found_in_the_unit_of_the_eye(truth):
    d, delta_V, _ = seen(truth[1], 0, n_pairs=800)
    formula = np.sqrt(np.einsum("ij,jk,ik->i", d, truth[2], d))
    fit = learn_magnitudes(d, delta_V, formula, truth[2])
    assert fit.matrix / 4 == pytest.approx(truth[1], abs=0.06 * truth[1].max())
    assert fit.better
    assert fit.left_out.first == pytest.approx(fit.seen_stress, abs=0.5)


def test_where_the_eye_follows_the_formula_it_stays(truth):
    better = []
    for seed in range(4):
        d, delta_V, size = seen(truth[2], seed)
        better.append(learn_magnitudes(d, delta_V, size, truth[2]).better)
    assert sum(better) <= 1


def test_shuffled_visual_differences_give_no_improvement(truth):
    d, delta_V, _ = seen(truth[1], 1)
    formula = np.sqrt(np.einsum("ij,jk,ik->i", d, truth[2], d))
    shuffled = np.random.default_rng(0).permutation(delta_V)
    assert not learn_magnitudes(d, shuffled, formula, truth[2]).better


def test_around_witts_green_the_eye_has_another_shape_than_ciede2000(shared_data):
    data = json.loads((shared_data / "colour_difference" / "witt.json").read_text())
    lab = xyz_to_lab(np.array(data["xyz"]), np.array(data["reference_white"]))
    first, second = np.array(data["pairs"]).T
    delta_V, middle = np.array(data["dv"]), (lab[first] + lab[second]) / 2
    near = np.linalg.norm(middle - [56.1, -31.1, 0.4], axis=1) < 6
    assert near.sum() == 78
    centre = middle[near].mean(axis=0)
    kind = fitting_coordinates(centre)
    fit = learn_magnitudes(
        differences_of(lab[first], lab[second], kind)[near],
        delta_V[near],
        delta_E(lab[first], lab[second])[near],
        local_metric(centre, "CIEDE2000", kind),
    )
    assert fit.better
    assert (fit.left_out.first, fit.left_out.second) == pytest.approx((9.9, 21.8), abs=0.1)


def test_too_few_pairs_are_refused(truth):
    d, delta_V, size = seen(truth[1], 2, n_pairs=9)
    with pytest.raises(ToleranceError, match="9 pairs are too few"):
        learn_magnitudes(d, delta_V, size, truth[2])
