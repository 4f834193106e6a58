"""Out of gamut: bounds that no mixture leaves, proofs with numbers, and who would help."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from colorlab.colorimetry.viewing import D65_10
from colorlab.formulation.refusal.gamut import Helper, beyond_reach, helpers, out_of_gamut, reach, shortfalls
from colorlab.formulation.target import Target, target_from_lab
from spectra.errors import UnknownColorantError
from spectra.optics.interface import Saunderson


@pytest.fixture(scope="module", params=[0.0, 0.3], ids=["plain", "crowded"])
def paints(request, drawn):
    found = drawn(4, seed=6)
    colorants = tuple(replace(one, crowds=1.0 if one.code == "W" else 0.5) for one in found.colorants)
    return replace(found, colorants=colorants, crowding=request.param)


def target_of(paints, spectrum, name="target"):
    return Target(name, np.atleast_2d(spectrum), paints.grid, paints.geometry)


@given(st.lists(st.floats(0, 1), min_size=5, max_size=5).filter(lambda doses: sum(doses) > 0.01))
def test_no_mixture_leaves_the_reach_of_its_colorants(paints, doses):
    bounds = reach(paints, paints.codes)
    mixed = paints.reflectance_factor(np.array([doses]) / sum(doses))[0]
    assert (mixed >= bounds.least - 1e-12).all()
    assert (mixed <= bounds.greatest + 1e-12).all()


def test_a_colour_cleaner_than_every_mixture_is_proven_out_of_reach(paints):
    nm = paints.grid.wavelengths
    bounds = reach(paints, paints.codes)
    spectrum = np.where((nm >= 600) & (nm <= 650), bounds.greatest[0] + 0.05, bounds.greatest[0] - 0.1)
    (found,) = beyond_reach(target_of(paints, spectrum), paints, paints.codes)
    assert (found.first_nm, found.last_nm, found.proven) == (600, 650, True)
    assert "cleaner colorant is missing" in str(found)
    assert found.target == pytest.approx(found.reached + 0.05)


def test_a_colour_darker_than_every_mixture_asks_for_an_absorber(paints):
    nm = paints.grid.wavelengths
    spectrum = np.where(nm >= 620, reach(paints, ["W"]).least[0] - 0.2, reach(paints, ["W"]).greatest[0])
    (found,) = beyond_reach(target_of(paints, spectrum), paints, ["W"])
    assert (found.first_nm, found.last_nm) == (620, 700)
    assert found.absorber == "blue-green"
    assert "absorption is missing there, as of a blue-green or a black" in str(found)


def test_a_mixture_itself_is_within_reach(paints):
    mixed = paints.reflectance_factor(np.array([[0.8, 0.05, 0.05, 0.05, 0.05]]))[0]
    assert beyond_reach(target_of(paints, mixed), paints, paints.codes) == ()


def test_of_a_stated_colour_lightness_alone_is_told_for_its_spectrum_was_made_up(paints):
    nearest = paints.reflectance_factor(np.array([[1.0, 0, 0, 0, 0]]))[0]
    violet, light = (target_from_lab("chip", lab, D65_10, paints) for lab in ([30.0, 60.0, -90.0], [99.9, 0.0, 0.0]))
    assert beyond_reach(replace(violet, stated_under=None), paints, paints.codes)
    assert beyond_reach(violet, paints, paints.codes) == ()
    assert not any(" nm" in one for one in out_of_gamut(violet, paints, paints.codes, nearest, 9.0, 0.3))
    said = out_of_gamut(light, paints, paints.codes, nearest, 9.0, 0.3)
    assert "L* 99.9 is stated, any mixture of these colorants has L*" in said[1]


def test_a_stated_colour_darker_than_the_surface_was_measured_without_it(paints):
    glossy = replace(paints, surface=Saunderson(0.04, 0.6, specular_included=True))
    nearest = glossy.reflectance_factor(np.array([[1.0, 0, 0, 0, 0]]))[0]
    said = out_of_gamut(target_from_lab("chip", [18.0, 0, 0], D65_10, glossy), glossy, glossy.codes, nearest, 9.0, 0.3)
    assert "L* 18.0 is stated, the surface alone reflects L* 23.7 there; a colour measured with the specular" in said[1]


def test_the_shortfall_is_where_the_nearest_recipe_is_seen_to_miss(paints):
    spectrum = np.full(paints.grid.count, 0.4)
    got = spectrum.copy()
    got[16:20] += 0.1  # 560 to 590 nm, where the eye sees best
    got[-1] += 0.1  # 700 nm, where it does not
    (found,) = shortfalls(target_of(paints, spectrum), got[None])
    assert (found.first_nm, found.last_nm, found.proven) == (560, 590, False)
    assert "absorption is missing" in str(found)


def test_the_colorants_that_help_are_named_best_first():
    after = {"red": 0.1, "blue": 2.9, "yellow": 1.0, "green": 0.2}
    found = helpers(after.__getitem__, list(after), before=3.0, limit=0.3)
    assert [one.code for one in found] == ["red", "green", "yellow"]
    assert [one.enough for one in found] == [True, True, False]


def test_the_refusal_says_how_far_in_which_direction_why_and_what_would_help(paints):
    spectrum = np.where(paints.grid.wavelengths >= 600, 0.95, 0.05)
    nearest = np.where(paints.grid.wavelengths >= 600, 0.70, 0.08)[None]
    said = out_of_gamut(
        target_of(paints, spectrum, "orange"), paints, paints.codes, nearest, 6.3, 0.3, [Helper("O1", 0.2, True)]
    )
    assert said[0].startswith(
        "orange is out of gamut: the nearest recipe found of these colorants within these doses has"
    )
    assert "6.30 weighted ΔE00 (limit 0.3); the nearest is " in said[0]
    assert "less chromatic" in said[0]
    assert said[-1] == "would bring it in: O1 (ΔE00 0.20)"
    assert len(said) > 2
    alone = out_of_gamut(
        target_of(paints, spectrum), paints, paints.codes, nearest, 6.3, 0.3, [Helper("O1", 2.0, False)]
    )
    assert alone[-1] == "none left out brings it in alone; nearest with O1 (ΔE00 2.00)"


def test_an_unknown_colorant_has_no_reach(paints):
    with pytest.raises(UnknownColorantError, match="X9"):
        reach(paints, ["X9"])


def test_what_recipes_were_ranked_by_beside_the_colour_is_said(paints):
    dark, light = np.full(paints.grid.count, 0.02), np.full((1, paints.grid.count), 0.5)
    weighed = " ranked with hiding at 20 µm"
    said = out_of_gamut(target_of(paints, dark), paints, paints.codes, light, 6.3, 0.3, (), weighed)
    assert "within these doses ranked with hiding at 20 µm has 6.30" in said[0]
