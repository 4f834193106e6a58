"""An audit agrees with searches that miss nothing, finds what was hidden from it, and never claims more than it did."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from colorlab.formulation.certificate.certificate import Certificate, certify
from colorlab.formulation.certificate.paint import paint_of
from colorlab.formulation.search.constraints import Constraints, SumLimit
from colorlab.formulation.search.objective import LocalObjective, Objective
from colorlab.formulation.search.palette import palette
from colorlab.formulation.target import Target
from spectra.colorant import Colorant, ColorantSet
from spectra.errors import FormulationError
from spectra.geometry import directional
from spectra.optics.interface import Saunderson
from spectra.wavelengths import WavelengthGrid

from .conftest import MODELS, colours_of, local_of, mixed_target, searched


@pytest.mark.parametrize(("link", "crowding"), MODELS)
@pytest.mark.parametrize("spectral", [400.0, 0.0])
def test_a_certificate_holds_where_a_dense_search_finds_nothing_better(paints, link, crowding, spectral):
    colours = colours_of(paints, link, crowding, allowed=("W", "C1", "C2", "C3", "C4"))
    local = mixed_target(colours_of(paints, link, crowding), spectral, paints, np.random.default_rng(7))
    (value, support, fractions), *_ = searched(colours, local, 3, starts=400)
    proof = certify(colours, local, [(support, fractions)], max_colorants=3, tolerance=0.01)
    assert proof.holds
    assert proof.combinations == 5 + 10 + 10
    assert proof.value == pytest.approx(value)
    assert proof.bound == pytest.approx(max(0, value - 0.01))


@pytest.mark.parametrize("seed", range(3))
def test_no_value_below_the_best_of_a_dense_search_is_proved_and_none_above_it(paints, seed):
    colours = colours_of(paints, allowed=("W", "C1", "C2", "C3", "C4"))
    # A foreign target: its best recipe leaves a difference, so that there is something to be wrong about.
    local = mixed_target(colours_of(paints), 400.0, paints, np.random.default_rng(seed), noise=0.01)
    best = searched(colours, local, 2, starts=800)[0]
    assert certify(colours, local, best[0], max_colorants=2, tolerance=1e-3).holds
    proof = certify(colours, local, best[0] + 0.005, max_colorants=2, tolerance=1e-3)
    assert not proof.holds
    assert proof.better[0].value == pytest.approx(best[0], abs=2e-3)


def test_a_wrong_best_is_refuted_by_the_recipe_that_was_planted(paints):
    colours = colours_of(paints)
    paint = paint_of(colours, local_of(np.full(paints.grid.count, 0.4), paints))
    planted, doses = np.array([0, 3, 6]), np.array([0.9, 0.06, 0.04])
    local = local_of(paint.spectra(planted[None], doses[None])[0], paints)
    wrong = (0, 3, 5), np.array([0.9, 0.06, 0.04])
    proof = certify(colours, local, [wrong], max_colorants=3)
    assert not proof.holds
    assert proof.better[0].support == tuple(planted)
    assert proof.better[0].fractions == pytest.approx(doses, abs=0.01)
    assert proof.better[0].value < 0.02 < proof.value
    assert "Not the best" in proof.sentence()


def test_a_list_of_ten_without_its_fourth_is_refuted_by_that(paints):
    colours = colours_of(paints, allowed=("W", "C1", "C2", "C3", "C4"))
    local = mixed_target(colours_of(paints), 400.0, paints, np.random.default_rng(3), noise=0.01)
    ranked = [(support, part) for _, support, part in searched(colours, local, 3, starts=800)]
    assert certify(colours, local, ranked, max_colorants=3, top=10).holds
    without = [*ranked[:3], *ranked[4:]]
    proof = certify(colours, local, without, max_colorants=3, top=10, tolerance=1e-3)
    assert ranked[3][0] in {one.support for one in proof.better}


def test_a_listed_recipe_with_doses_that_are_not_its_best_is_refuted(paints):
    colours = colours_of(paints, allowed=("W", "C1", "C2", "C3"))
    local = mixed_target(colours_of(paints), 400.0, paints, np.random.default_rng(4), noise=0.01)
    ranked = [(support, part) for _, support, part in searched(colours, local, 3, starts=800)][:3]
    support, part = ranked[1]
    spoiled = [ranked[0], (support, part + 0.02 * (np.roll(np.eye(len(part))[0], 1) - np.eye(len(part))[0])), ranked[2]]
    proof = certify(colours, local, spoiled, max_colorants=3, top=3, tolerance=1e-3)
    assert support in {one.support for one in proof.better}


def test_what_the_bounds_of_the_doses_forbid_is_no_better_recipe(paints):
    limits = {"W": (0.2, 0.5), "C1": (0.1, 1.0), "C2": (0.05, 0.3)}
    colours = colours_of(
        paints,
        allowed=("W", "C1", "C2", "C3"),
        dose_limits=limits,
        sums=(SumLimit("two pastes", {"C1": 1, "C2": 1}, greatest=0.35),),
    )
    free = mixed_target(colours_of(paints, allowed=("W", "C1", "C2")), 400.0, paints, np.random.default_rng(8))
    value, support, fractions = searched(colours, free, 3, starts=3000)[0]
    proof = certify(colours, free, [(support, fractions)], max_colorants=3)
    assert proof.holds
    # Without the bounds there is a far better one.
    loose = certify(colours_of(paints, allowed=("W", "C1", "C2", "C3")), free, value, max_colorants=3)
    assert loose.better[0].value < value / 3


def test_required_colorants_and_incompatible_ones_shape_what_is_counted(paints):
    required = colours_of(paints, required=("W",), allowed=("W", "C1", "C2", "C3"))
    local = mixed_target(required, 400.0, paints, np.random.default_rng(9))
    assert certify(required, local, 0.0, max_colorants=2).combinations == 1 + 3 + 3
    apart = colours_of(paints, required=("W",), allowed=("W", "C1", "C2", "C3"), incompatible=(("C1", "C2"),))
    assert certify(apart, local, 0.0, max_colorants=2).combinations == 1 + 3 + 2


def test_a_price_in_the_objective_is_proved_too(paints):
    colours = colours_of(paints, allowed=("W", "C1", "C2", "C3"))
    local = mixed_target(colours_of(paints), 400.0, paints, np.random.default_rng(5), noise=0.01, price_weight=0.05)
    value, support, fractions = searched(colours, local, 3, starts=800)[0]
    assert certify(colours, local, [(support, fractions)], max_colorants=3).holds
    assert not certify(colours, local, value + 0.05, max_colorants=3).holds


def test_several_angles_above_a_ceiling_are_one_proof():
    rng = np.random.default_rng(12)
    geometry = directional(("45as15", "45as45", "45as110"))
    grid = WavelengthGrid(400, 700, 20)
    shape = (geometry.n_angles, grid.count)
    paints = ColorantSet(
        "effects",
        tuple(
            Colorant(f"E{n}", f"paste {n}", "chromatic", rng.uniform(0.05, 3, shape), rng.uniform(0.2, 1, shape))
            for n in range(5)
        ),
        grid,
        geometry,
        Saunderson(0.04, 0.5, False),
        "E0",
        ceiling=np.array([4.0, 1.5, 1.0]),
    )
    colours = palette(paints, Constraints())
    aim = paint_of(colours, LocalObjective(Target("x", np.full(shape, 0.3), grid, geometry), Objective()))
    spectrum = aim.spectra(np.array([[1, 2, 3]]), np.array([[0.5, 0.3, 0.2]]))[0].reshape(shape)
    local = LocalObjective(Target("aim", spectrum + rng.uniform(0, 0.01, shape), grid, geometry), Objective())
    value, support, fractions = searched(colours, local, 2, starts=800)[0]
    assert certify(colours, local, [(support, fractions)], max_colorants=2).holds
    three = certify(colours, local, value, max_colorants=3)
    assert three.better[0].support == (1, 2, 3)


def test_an_audit_that_is_stopped_claims_what_it_did_and_no_more(paints):
    colours = colours_of(paints)
    local = mixed_target(colours, 0.0, paints, np.random.default_rng(3), noise=0.01)
    whole = certify(colours, local, 0.2, max_colorants=4)
    part = certify(colours, local, 0.2, max_colorants=4, max_nodes=150)
    assert part.nodes <= 150
    assert not part.complete
    assert not part.holds
    assert part.certified < part.combinations == whole.combinations
    assert "nothing is said of the others" in part.sentence()


def test_pieces_may_be_spread_in_any_way(paints):
    colours = colours_of(paints)
    local = mixed_target(colours, 400.0, paints, np.random.default_rng(3), noise=0.01)
    seen = []

    def backwards(function, pieces):
        seen.append(len(pieces))
        assert isinstance(function, partial)
        return [*map(function, pieces[::-1])][::-1]

    one = certify(colours, local, 0.3, max_colorants=3, spread=backwards)
    assert seen == [3]
    assert (one.certified, one.nodes) == tuple(
        getattr(certify(colours, local, 0.3, max_colorants=3), name) for name in ("certified", "nodes")
    )


def test_a_target_no_paint_comes_near_needs_no_search(paints):
    colours = colours_of(paints)
    local = local_of(np.full(paints.grid.count, 0.99), paints)
    proof = certify(colours, local, 1.0, max_colorants=3)
    assert proof.holds
    assert proof.nodes == proof.combinations


def test_the_sentence_says_what_was_proved():
    proof = Certificate(31930, 31930, 2400000, 0.02, 30, 4, 1, 0.355, 0.335)
    assert proof.sentence() == (
        "No recipe of up to 4 of these 30 colorants within the constraints comes closer than ΔE 0.335; the one shown "
        "has 0.355 (ΔE by the local metric of the formula at the target with all terms of the objective; "
        "31 930 combinations, 2 400 000 nodes, tolerance 0.02)."
    )
    named = replace(proof, required=("W",), formula="CIEDE2000", formula_value=0.349)
    assert named.sentence().startswith("No recipe of W and up to 4 of these 29 colorants within the constraints comes")
    assert "has 0.355, by CIEDE2000 itself 0.349 (ΔE by the local metric of CIEDE2000 at the" in named.sentence()
    assert "No recipe of all 4 required and up to 4" in replace(proof, required=("A", "B", "C", "D")).sentence()
    assert "more than the tolerance" in replace(proof, value=0.01, bound=0.0).sentence()
    assert "No other recipe" in replace(proof, n_best=10).sentence()
    assert "certified 99.9 %" in replace(proof, certified=31929).sentence()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"tolerance": 0.0}, "tolerance of 0"),
        ({"max_colorants": 0}, "at least one colorant"),
        ({"best": float("nan")}, "finite"),
        ({"best": []}, "no recipe at all"),
        ({"best": [((0, 1), np.array([0.5, 0.6]))]}, "outside the dose bounds"),
    ],
)
def test_what_cannot_be_audited_is_refused(paints, changes, message):
    colours = colours_of(paints)
    asked = {"best": 1.0, "max_colorants": 2} | changes
    best = asked.pop("best")
    with pytest.raises(FormulationError, match=message):
        certify(colours, local_of(np.full(paints.grid.count, 0.4), paints), best, **asked)


def test_a_real_recipe_has_its_certificate(real_paint):
    colours = palette(real_paint.colorants, Constraints(required=("white base",)))
    spectrum = real_paint.recipes[0].reflectance_factor
    local = local_of(spectrum, real_paint.colorants)
    from colorlab.formulation.search.search import Search

    best = Search(colours, local, 3, 800).run(10)
    for top in (1, 10):
        proof = certify(colours, local, best, max_colorants=3, top=top)
        assert proof.holds
        assert proof.combinations == 1562
