"""Refinement: the model of the search is the model of the set, with its exact derivative, whatever the paint model."""

from dataclasses import replace

import numpy as np
import pytest

from colorlab.formulation.search.constraints import Constraints, SumLimit
from colorlab.formulation.search.hiding import FilmHiding, HidingGoal
from colorlab.formulation.search.match import match
from colorlab.formulation.search.objective import LocalObjective, Objective, deviation
from colorlab.formulation.search.palette import palette
from colorlab.formulation.search.quadratic import LinearForm, positive_combinations, solve
from colorlab.formulation.search.refine import Model, refine
from colorlab.formulation.search.screen import Candidates, linearise_at_recipe
from colorlab.formulation.target import Target
from spectra.colorant import ColorantSet
from spectra.errors import FormulationError
from spectra.geometry import directional
from spectra.optics.hiding import film_contrast
from spectra.optics.interface import Saunderson
from spectra.optics.link import link_of

ANGLES = directional(("45as15", "45as45", "45as110"))


def crowded(paints, link="similarity", crowding=0.3):
    """The same colorants under another paint model, the white and one other crowding."""
    share = {"W": 1.0, "C2": 0.5}
    colorants = tuple(replace(one, crowds=share.get(one.code, 0.0)) for one in paints.colorants)
    return replace(paints, colorants=colorants, link=link, crowding=crowding)


def metallic(paints):
    """Three angles, at the first of which flakes mirror more than the perfect diffuser."""
    gain = np.array([3.0, 1.0, 0.4])[:, None]
    colorants = tuple(
        replace(one, absorption=np.repeat(one.absorption, 3, axis=0), scattering=gain * one.scattering)
        for one in paints.colorants
    )
    surface = Saunderson(0.04, 0.5, False)
    return ColorantSet(
        "m", colorants, paints.grid, ANGLES, surface, "W", link="similarity", crowding=0.2, ceiling=(4.0, 1.5, 1.0)
    )


def target_of(paints, masses):
    whole = np.zeros((1, len(paints.codes)))
    whole[0, paints.indices(tuple(masses))] = np.array(list(masses.values())) / sum(masses.values())
    spectrum = paints.reflectance_factor(whole)[0]
    return Target("mix", spectrum, paints.grid, paints.geometry, paints.ceiling)


MODELS = {
    "Kubelka–Munk": lambda paints: paints,
    "crowded Kubelka–Munk": lambda paints: crowded(paints, "kubelka-munk"),
    "crowded similarity": crowded,
    "metallic": metallic,
}


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("single", [False, True])
def test_the_search_computes_what_the_set_predicts(drawn, model, single):
    paints = MODELS[model](drawn(5, seed=3))
    target = target_of(paints, {"W": 70, "C2": 5, "C5": 20})
    goal = Objective(metamerism_weight=0.5)
    local = LocalObjective(target, goal)
    colours = palette(paints, Constraints())
    support = np.array([[0, 2, 3, 5]])
    fractions = np.array([[0.7, 0.05, 0.002, 0.248]])
    value, _, _ = Model(colours, local, single=single).of(support).evaluate(fractions)
    whole = np.zeros((1, 6))
    whole[0, support[0]] = fractions[0]
    spectrum = paints.reflectance_factor(whole)
    residuals = local.residuals(spectrum.reshape(1, -1))
    expected = np.sum(residuals**2) + local.spectral * np.sum((spectrum - target.reflectance_factor) ** 2)
    assert value[0] == pytest.approx(expected, rel=1e-3 if single else 1e-9)
    # Near the target the local metric is the formula.
    assert np.sqrt(value[0]) == pytest.approx(deviation(target, spectrum, goal).value[0], rel=0.15)


@pytest.mark.parametrize("model", MODELS)
def test_the_gradient_is_the_derivative_of_the_value(drawn, model):
    paints = MODELS[model](drawn(5, seed=3))
    local = LocalObjective(target_of(paints, {"W": 70, "C2": 5, "C5": 20}), Objective(price_weight=0.01))
    limits = (SumLimit("two", {"C2": 1.0, "C3": 1.0}, greatest=0.1),)
    chunk = Model(palette(paints, Constraints(sums=limits)), local, single=False).of(np.array([[1, 2, 3, 0]]))
    c = np.array([[0.1, 0.15, 0.05, 0.7]])
    _, gradient, _ = chunk.evaluate(c)
    for place in range(3):
        step = np.zeros((1, 4))
        step[0, place], step[0, -1] = 1e-6, -1e-6
        change = chunk.evaluate(c + step)[0][0] - chunk.evaluate(c - step)[0][0]
        assert 2 * gradient[0, place] == pytest.approx(change / 2e-6, rel=1e-5, abs=1e-4)


@pytest.mark.parametrize("model", MODELS)
def test_the_form_at_a_recipe_has_the_slope_of_the_model(drawn, model):
    """Moved a little from the recipe, the linearised objective changes as the exact one."""
    paints = MODELS[model](drawn(5, seed=3))
    goal = Objective(spectral_weight=400.0)
    local = LocalObjective(target_of(paints, {"W": 70, "C2": 5, "C5": 20}), goal)
    colours = palette(paints, Constraints())
    c = np.array([0.6, 0.05, 0.1, 0.05, 0.1, 0.1])
    form = linearise_at_recipe(colours, local, c)
    chunk = Model(colours, local, single=False).of(np.arange(6)[None])

    def linear(amounts):
        return amounts @ form.G @ amounts / (form.s @ amounts) ** 2

    for place in range(1, 6):
        step = np.zeros(6)
        step[place], step[0] = 1e-5, -1e-5
        exact = chunk.evaluate((c + step)[None])[0][0] - chunk.evaluate((c - step)[None])[0][0]
        assert linear(c + step) - linear(c - step) == pytest.approx(exact, rel=1e-2, abs=1e-6)


def test_a_colorant_that_neither_absorbs_nor_scatters_does_no_harm(drawn):
    paints = drawn(2, seed=3)
    nothing = np.zeros((1, paints.grid.count))
    clear = replace(paints.colorants[1], code="clear", role="clear", absorption=nothing, scattering=nothing)
    paints = replace(paints, colorants=(*paints.colorants, clear))
    local = LocalObjective(target_of(paints, {"W": 70, "C2": 5}), Objective())
    start = Candidates(np.array([[0, 2, 3]]), np.array([[0.5, 0.2, 0.3]]), np.array([np.inf]))
    for single in (False, True):
        assert refine(palette(paints, Constraints()), local, [start], 20, single=single)[0].value[0] < 1e-6


@pytest.mark.parametrize("size", [2, 3, 4])
def test_signs_tell_which_combinations_are_positive(size):
    rng = np.random.default_rng(size)
    root = rng.standard_normal((9, 12)) * rng.uniform(0.5, 2, (9, 1)) + 1
    form = LinearForm(root @ root.T, rng.uniform(0.2, 1, 9))
    everything = np.array(np.meshgrid(*[range(9)] * size, indexing="ij")).reshape(size, -1).T
    rows = everything[(np.diff(everything, axis=1) > 0).all(axis=1)]
    amounts, _ = solve(form, rows)
    expected = rows[np.all([amount > 0 for amount in amounts], axis=0)]
    assert positive_combinations(form, size).tolist() == expected.tolist()


@pytest.mark.parametrize("model", ["Kubelka–Munk", "crowded similarity", "metallic"])
def test_hiding_enters_with_its_derivative(drawn, model):
    paints = MODELS[model](drawn(5, seed=3))
    # A heavy white: the film holds less mass of what is light, and its density has a derivative too.
    dense = tuple(replace(one, density_g_cm3=1.6 if one.code == "W" else 1.1) for one in paints.colorants)
    per_um = np.full((paints.geometry.n_angles, paints.grid.count), 0.1)
    paints = replace(paints, colorants=dense, base_scattering_per_um=per_um)
    target = target_of(paints, {"W": 70, "C2": 5, "C5": 20})
    film = FilmHiding(paints, HidingGoal(film_um=8.0), Objective().viewings[0])
    chunk = Model(palette(paints, Constraints()), LocalObjective(target, Objective(), film), single=False)
    bare = Model(palette(paints, Constraints()), LocalObjective(target, Objective()), single=False)
    support, c = np.array([[1, 2, 3, 0]]), np.array([[0.1, 0.15, 0.05, 0.7]])
    value, gradient, _ = chunk.of(support).evaluate(c)
    whole = np.zeros((1, 6))
    whole[0, support[0]] = c[0]
    face = film.bands.start // paints.grid.count
    K, S = (values[:, face] for values in paints.mix(whole))
    depth = 0.8 * paints.relative_density(whole)
    lacks = 100 * (0.98 - float(film_contrast(*_film(paints, K, S), depth, film.luminance, paints.surface)[0]))
    assert lacks > 1
    assert value[0] - bare.of(support).evaluate(c)[0][0] == pytest.approx(lacks**2, rel=1e-9)
    for place in range(3):
        step = np.zeros((1, 4))
        step[0, place], step[0, -1] = 1e-6, -1e-6
        change = chunk.of(support).evaluate(c + step)[0][0] - chunk.of(support).evaluate(c - step)[0][0]
        assert 2 * gradient[0, place] == pytest.approx(change / 2e-6, rel=1e-3)


def _film(paints, K, S):
    return link_of(paints.link).film(K, S)


def test_a_match_is_made_to_hide_where_that_is_asked_for(drawn):
    paints = drawn(5, seed=3)
    paints = replace(paints, base_scattering_per_um=np.full((1, paints.grid.count), 0.1))
    target = target_of(paints, {"W": 70, "C2": 5, "C5": 20})
    near = match(target, paints, max_colorants=3).matches[0]
    film = near.hiding_film_um / 2
    hides = match(target, paints, max_colorants=3, objective=Objective(hiding=HidingGoal(film))).matches[0]
    assert hides.hiding_film_um < near.hiding_film_um
    assert hides.weighted_delta_E_00 > near.weighted_delta_E_00


def test_hiding_of_a_set_known_from_opaque_panels_only_is_refused(drawn):
    paints = drawn(2, seed=3)
    target = target_of(paints, {"W": 70, "C2": 5})
    with pytest.raises(FormulationError, match="films over black and white"):
        match(target, paints, objective=Objective(hiding=HidingGoal(30.0)))
    assert match(target, paints).matches[0].hiding_film_um is None
    with pytest.raises(FormulationError, match="film of 0 µm"):
        HidingGoal(0.0)
