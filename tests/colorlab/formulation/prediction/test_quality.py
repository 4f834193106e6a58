"""What is said of each colorant: its levels, its strength, and what a colour engineer must not overlook."""

from dataclasses import replace

import numpy as np
import pytest

from colorlab.formulation.prediction.quality import quality_of
from spectra.characterise import characterise
from spectra.ladder import Letdown
from spectra.recipe import Recipe, recipe_from_masses

LEVELS = (0.01, 0.03, 0.1, 0.3)


def ladders(paints, acting=None, noise=0.0005):
    """Panels of two colorants in white; `acting` is the dose a panel really holds."""
    rng, panels = np.random.default_rng(3), [("white", {"W": 1.0}, {"W": 1.0})]
    for code in ("C1", "C2"):
        panels.append((f"{code} alone", {code: 1.0}, {code: 1.0}))
        for level in LEVELS:
            name, dose = f"{code} {level:g}", (acting or {}).get((code, level), level)
            panels.append((name, {code: level, "W": 1 - level}, {code: dose, "W": 1 - dose}))
    letdowns = []
    for name, stated, real in panels:
        row = np.zeros(len(paints.codes))
        row[paints.indices(tuple(real))] = list(real.values())
        seen = paints.reflectance_factor(row[None])[0] + noise * rng.standard_normal((1, paints.grid.count))
        letdowns.append(
            Letdown(name, Recipe(name, tuple(stated), np.array(list(stated.values()))), np.clip(seen, 1e-3, 0.99))
        )
    return letdowns


def characterised(paints, panels):
    given = {"link": "kubelka-munk", "k1": 0.04, "k2": 0.5, "crowding": 0.0}
    return characterise(panels, name="set", base="W", grid=paints.grid, geometry=paints.geometry, **given)


@pytest.fixture(scope="module")
def paints(drawn):
    return drawn(2, seed=4)


@pytest.fixture(scope="module")
def qualities(paints):
    return {one.colorant.code: one for one in quality_of(characterised(paints, ladders(paints)))}


def test_every_panel_stands_with_the_colorant_it_was_painted_for(qualities):
    assert [level.panel for level in qualities["W"].levels] == ["white"]
    assert [level.panel for level in qualities["C1"].levels] == [f"C1 {level:g}" for level in LEVELS] + ["C1 alone"]
    assert [level.base for level in qualities["C1"].levels] == ["W"] * 4 + [""]


def test_levels_are_predicted_without_them_and_masstones_are_not(qualities):
    first, *inner, alone = qualities["C1"].levels
    assert (first.interior, alone.interior) == (False, False)
    assert all(level.interior for level in inner)
    assert alone.held_out is None
    assert alone.strength is None
    assert len(qualities["C1"].inner_delta_E_00) == 3
    assert max(qualities["C1"].inner_delta_E_00) < 0.5


def test_a_ladder_in_proportion_acts_as_stated(qualities):
    for level in qualities["C2"].levels:
        if level.strength is not None:
            assert abs(level.strength - 1) < 4 * level.strength_sd + 0.01
    assert not any("proportion" in finding for finding in qualities["C2"].findings)


def test_a_level_that_holds_more_than_stated_acts_stronger_and_is_said(paints):
    heavy = characterised(paints, ladders(paints, {("C1", 0.03): 0.036}))
    quality = quality_of(heavy)[heavy.colorant_set.index("C1")]
    (level,) = (one for one in quality.levels if one.panel == "C1 0.03")
    assert level.strength == pytest.approx(1.2, abs=0.05)
    assert any("3 % acts like 3." in finding for finding in quality.findings)


def test_uncertainty_is_that_of_the_colorant(qualities):
    quality = qualities["C1"]
    assert quality.ln_K_sd == pytest.approx(np.sqrt(quality.colorant.log_covariance[..., 0, 0]))
    assert quality.scattering_identified
    assert (qualities["W"].ln_S_sd == 0).all()


def test_white_letdowns_alone_are_called_single_constant(paints):
    thin = [
        item
        for item in ladders(paints)
        if "alone" not in item.panel and "0.1" not in item.panel and "0.3" not in item.panel
    ]
    quality = quality_of(characterised(paints, thin))[1]
    assert not quality.scattering_identified
    assert quality.findings[0].startswith("single-constant")


def test_a_colorant_without_a_level_to_spare_says_so(paints):
    panels = [item for item in ladders(paints) if item.panel in ("white", "C1 alone", "C1 0.1")]
    quality = quality_of(characterised(paints, panels))[1]
    assert any("no level could be spared" in finding for finding in quality.findings)


def test_paintings_of_one_panel_are_judged_each_by_itself(paints):
    panels = ladders(paints)
    twin = next(item for item in panels if item.panel == "C1 0.1")
    brighter = replace(twin, reflectance_factor=np.minimum(1.05 * twin.reflectance_factor, 0.99))
    quality = quality_of(characterised(paints, [*panels, brighter]))[1]
    twins = [level.delta_E_00_held_out for level in quality.levels if level.panel == "C1 0.1"]
    assert len(twins) == 2
    assert twins[0] != twins[1]


def test_a_mixture_stands_with_the_least_of_its_colorants(paints):
    recipe = recipe_from_masses("mixture", {"W": 0.6, "C1": 0.1, "C2": 0.3})
    row = np.zeros((1, len(paints.codes)))
    row[0, paints.indices(recipe.colorants)] = recipe.mass_fractions
    mixed = Letdown("mixture", recipe, paints.reflectance_factor(row)[0])
    qualities = quality_of(characterised(paints, [*ladders(paints), mixed]))
    (level,) = (one for one in qualities[1].levels if one.panel == "mixture")
    assert level.base == "W + C2"
