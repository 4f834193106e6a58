"""What differs from batch to batch: derivatives against the model itself, and what cannot be."""

from dataclasses import replace

import numpy as np
import pytest

from colorlab.formulation.prediction.predict import mass_fractions
from colorlab.formulation.robustness.variation import Dosing, FilmBuild, Variation, simulated, slopes
from spectra.errors import FormulationError
from spectra.recipe import recipe_from_masses

STEP = 1e-5


@pytest.fixture(params=[("kubelka-munk", 0.0), ("similarity", 0.3)], ids=["plain", "crowded"])
def paints(request, drawn):
    link, crowding = request.param
    found = drawn(4, seed=6)
    colorants = tuple(
        replace(one, crowds=1.0 if one.code == "W" else 0.5, density_g_cm3=4.0 if one.code == "W" else 1.1)
        for one in found.colorants
    )
    return replace(found, link=link, crowding=crowding, colorants=colorants)


@pytest.fixture(params=[False, True], ids=["hiding", "film"])
def film(request, paints):
    shape = (1, paints.grid.count)
    return FilmBuild(1.5, np.full(shape, 0.05), 0.1) if request.param else None


def row_of(paints, masses):
    return mass_fractions(paints, [recipe_from_masses("mix", masses)])


def spectrum(paints, fractions, film, thickness=1.0):
    K, S = paints.mix(fractions)
    if film is None:
        return paints.reflectance_factor(fractions)
    depth = film.depth * thickness * paints.relative_density(fractions)[:, None, None]
    return paints.film(K, S, depth, film.substrate)


def test_a_mass_off_moves_the_spectrum_as_weighing_it_so_does(paints, film):
    row = row_of(paints, {"W": 90, "C1": 4, "C3": 6})
    found = slopes(paints, row, film)
    for place in np.flatnonzero(row[0]):
        more, less = row.copy(), row.copy()
        more[0, place] *= 1 + STEP
        less[0, place] *= 1 - STEP
        moved = spectrum(paints, more / more.sum(), film) - spectrum(paints, less / less.sum(), film)
        assert found.by_mass[0, place] == pytest.approx(moved[0] / (2 * STEP), rel=1e-3, abs=1e-6)


def test_a_stronger_lot_moves_the_spectrum_as_the_set_scaled_by_it(paints, film):
    row = row_of(paints, {"W": 90, "C1": 4, "C3": 6})
    found = slopes(paints, row, film)
    for code in ("W", "C1", "C3"):
        strong, weak = (paints.scaled({code: np.exp(step)}) for step in (STEP, -STEP))
        moved = spectrum(strong, row, film) - spectrum(weak, row, film)
        place = paints.index(code)
        assert found.by_strength[0, place] == pytest.approx(moved[0] / (2 * STEP), rel=1e-3, abs=1e-6)


def test_only_a_film_that_does_not_hide_knows_its_build(paints, film):
    row = row_of(paints, {"W": 90, "C1": 10})
    found = slopes(paints, row, film)
    if film is None:
        assert not found.by_build.any()
    else:
        moved = spectrum(paints, row, film, 1 + STEP) - spectrum(paints, row, film, 1 - STEP)
        assert found.by_build == pytest.approx(moved / (2 * STEP), rel=1e-3, abs=1e-6)


def test_simulated_batches_scatter_as_the_slopes_say(paints, film):
    row = row_of(paints, {"W": 90, "C1": 4, "C3": 6})
    variation = Variation(Dosing(1000, 0.01, 0.004), 0.01, film)
    batches = simulated(paints, row[0], variation, np.random.default_rng(1), 4000)
    found = slopes(paints, row, film)
    lots = 0.01**2 * found.by_strength[0] ** 2
    lots[paints.index("W")] = 0.0  # strengths are relative to the base
    variance = (0.004**2 * found.by_mass[0] ** 2 + lots).sum(axis=0)
    if film is not None:
        variance = variance + film.relative_error**2 * found.by_build[0] ** 2
    assert batches.std(axis=0) == pytest.approx(np.sqrt(variance), rel=0.08)
    assert batches.mean(axis=0) == pytest.approx(found.reflectance_factor[0], abs=0.004)


def test_batches_of_one_seed_are_the_same(paints):
    row = row_of(paints, {"W": 90, "C1": 10})[0]
    first, second = (simulated(paints, row, Variation(), np.random.default_rng(3), 5) for _ in range(2))
    assert (first == second).all()


@pytest.mark.parametrize(
    ("made", "says"),
    [
        (lambda: Dosing(balance_resolution_g=-1), "cannot be negative"),
        (lambda: FilmBuild(0.0, np.ones((1, 31))), "positive numbers"),
        (lambda: FilmBuild(1.0, -np.ones((1, 31))), "substrate is negative"),
        (lambda: FilmBuild(1.0, np.ones((1, 31)), -0.1), "relative error of 0 or more"),
    ],
)
def test_what_no_batch_can_be_is_refused(made, says):
    with pytest.raises(FormulationError, match=says):
        made()


def test_strengths_must_be_those_of_the_set(drawn):
    paints = drawn(2, seed=6)
    with pytest.raises(FormulationError, match=r"shape \(2, 2\); \(3, 3\)"):
        Variation(strength=np.eye(2)).strength_covariance(paints)
    with pytest.raises(FormulationError, match="no combination below zero"):
        Variation(strength=-np.eye(3)).strength_covariance(paints)
    with pytest.raises(FormulationError, match="expected 0 or more"):
        Variation(strength=-0.1).strength_covariance(paints)
    assert Variation(strength=0.1).strength_covariance(paints) == pytest.approx(0.01 * np.diag([0.0, 1.0, 1.0]))


def test_a_substrate_measured_otherwise_is_refused(drawn):
    paints = drawn(2, seed=6)
    with pytest.raises(FormulationError, match="as of the colorants"):
        slopes(paints, row_of(paints, {"W": 1}), FilmBuild(1.0, np.ones((1, 5))))
