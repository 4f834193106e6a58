"""Characterisation: the colorants that made the panels come back, and what panels cannot tell is said."""

import csv
import sys

import numpy as np
import pytest

from spectra.characterise import characterise
from spectra.errors import CharacterisationError, FormulationError
from spectra.geometry import D8, D8_SCE, D8_SCI, directional
from spectra.holdout import leave_one_level_out
from spectra.ladder import Letdown, ladders, letdown, masstone
from spectra.ladder_fit import ASSUMED_NOISE, Prior
from spectra.model_choice import K2_ASSUMED
from spectra.optics.interface import Saunderson, measured_reflectance
from spectra.optics.kubelka_munk import reflectivity
from spectra.recipe import Recipe
from spectra.wavelengths import WavelengthGrid

GRID = WavelengthGrid(400, 700, 10)
WAVELENGTHS = GRID.wavelengths
SURFACE = Saunderson(0.04, 0.45, True)
LEVELS = (0.005, 0.02, 0.08, 0.3)
WHITE = 0.002 + 0.4 * np.exp(-(((WAVELENGTHS - 390) / 15) ** 2))
# Absorption and scattering per unit mass relative to the white: a black, a yellow, a red, a blue.
TRUTH = {
    "W": (WHITE, np.ones(GRID.count)),
    "K": (np.full(GRID.count, 25.0), np.full(GRID.count, 0.1)),
    "Y": (0.02 + 8 / (1 + np.exp((WAVELENGTHS - 500) / 10)), np.linspace(0.7, 0.4, GRID.count)),
    "R": (0.03 + 9 / (1 + np.exp((WAVELENGTHS - 590) / 9)), np.full(GRID.count, 0.5)),
    "B": (0.05 + 7 * np.exp(-(((WAVELENGTHS - 620) / 60) ** 2)), np.full(GRID.count, 0.3)),
}


def spectrum(doses, surface=SURFACE):
    K = sum(dose * TRUTH[code][0] for code, dose in doses.items())
    S = sum(dose * TRUTH[code][1] for code, dose in doses.items())
    return measured_reflectance(reflectivity(K, S), surface)


def panel(name, doses, surface=SURFACE, stated=None):
    stated = stated or doses
    recipe = Recipe(name, tuple(stated), np.array(list(stated.values())))
    return Letdown(name, recipe, spectrum(doses, surface))


def white_ladders(surface=SURFACE, levels=LEVELS):
    return [panel("W masstone", {"W": 1.0}, surface)] + [
        panel(f"{code} {level:g}", {code: level, "W": 1 - level}, surface)
        for code in TRUTH
        if code != "W"
        for level in levels
    ]


def full_ladders(surface=SURFACE):
    return [
        *white_ladders(surface),
        *(panel(f"{code} masstone", {code: 1.0}, surface) for code in TRUTH if code != "W"),
    ]


def run(panels, **changes):
    return characterise(panels, **{"name": "set", "base": "W", "grid": GRID, "geometry": D8_SCI, **changes})


def test_the_colorants_that_made_the_panels_come_back():
    result = run(full_ladders(), k2=SURFACE.k2)
    for code, (K, S) in TRUTH.items():
        colorant = result.colorant_set[code]
        assert colorant.scattering[0] == pytest.approx(S, rel=0.02), code
        assert colorant.absorption[0] == pytest.approx(K, rel=0.03), code
    assert result.residual_rms.max() < 0.01
    assert all(result.scattering_identified.values())
    assert result.suspects == ()


def test_the_base_scatters_one_by_convention_and_without_uncertainty():
    white = run(full_ladders(), k2=SURFACE.k2).colorant_set["W"]
    assert (white.scattering == 1).all()
    assert (white.log_covariance[..., 1, 1] == 0).all()
    assert white.role == "white"


def test_a_mixture_no_panel_showed_is_predicted():
    colorants = run(full_ladders(), k2=SURFACE.k2).colorant_set
    doses = {"W": 0.7, "Y": 0.2, "B": 0.09, "K": 0.01}
    fractions = np.array([doses.get(code, 0.0) for code in colorants.codes])
    K, S = (np.tensordot(fractions, stack, 1) for stack in (colorants.absorption, colorants.scattering))
    assert measured_reflectance(reflectivity(K, S), colorants.surface)[0] == pytest.approx(spectrum(doses), abs=5e-4)


@pytest.mark.parametrize("k2", [0.35, 0.55])
def test_internal_reflection_is_found_from_inner_levels(k2):
    result = run(full_ladders(Saunderson(0.04, k2, True)))
    assert result.colorant_set.surface.k2 == k2
    assert min(result.choice.profile, key=lambda row: row[1])[0] == k2
    assert f"k2 = {k2:g} predicts inner ladder levels best" in result.findings[0]


def test_ladders_in_white_alone_do_not_tell_scattering_and_it_says_so():
    rng = np.random.default_rng(7)
    noisy = [
        Letdown(item.panel, item.recipe, item.reflectance_factor * (1 + 0.01 * rng.standard_normal(GRID.count)))
        for item in white_ladders(levels=(0.003, 0.01, 0.03))
    ]
    result = run(noisy, k2=SURFACE.k2)
    assert not any(known for code, known in result.scattering_identified.items() if code != "W")
    assert any("do not tell the scattering of K, Y, R, B" in finding for finding in result.findings)


def test_the_true_scattering_lies_within_the_stated_uncertainty():
    rng = np.random.default_rng(3)
    noisy = [
        Letdown(item.panel, item.recipe, item.reflectance_factor + 0.001 * rng.standard_normal((1, GRID.count)))
        for item in full_ladders()
    ]
    result = run(noisy, k2=SURFACE.k2)
    scores = []
    for code, (K, S) in TRUTH.items():
        colorant = result.colorant_set[code]
        sd = np.sqrt(np.diagonal(colorant.log_covariance, axis1=-2, axis2=-1))[0]
        scores.append((np.log(colorant.absorption[0]) - np.log(K)) / sd[:, 0])
        if code != "W":
            scores.append((np.log(colorant.scattering[0]) - np.log(S)) / sd[:, 1])
    # The noise is the same in R, not in L*, so the scores are not exactly standard normal.
    assert 0.4 < np.sqrt(np.mean(np.square(scores))) < 1.6


def test_a_level_weighed_wrong_is_named_with_the_dose_it_looks_like():
    panels = full_ladders()
    place = next(row for row, item in enumerate(panels) if item.panel == "R 0.02")
    panels[place] = panel("R 0.02", {"R": 0.026, "W": 0.974}, stated={"R": 0.02, "W": 0.98})
    result = run(panels, k2=SURFACE.k2)
    assert [suspect.panel for suspect in result.suspects] == ["R 0.02"]
    assert result.suspects[0].dose_factor == pytest.approx(1.3, abs=0.04)
    assert any("panel R 0.02 contradicts the others" in finding for finding in result.findings)
    assert "R 0.02" in result.panels  # named, not dropped


def test_the_order_of_the_panels_does_not_matter():
    panels = full_ladders()
    forth, back = run(panels, k2=0.45).colorant_set, run([panels[0], *panels[:0:-1]], k2=0.45).colorant_set
    for code in TRUTH:
        assert forth[code].absorption == pytest.approx(back[code].absorption, rel=0.02)


def test_every_angle_is_characterised_by_itself():
    angles = directional(("45as15", "45as110"))
    surface = Saunderson(0.04, 0.45, False)
    one = full_ladders(surface)
    both = [
        Letdown(item.panel, item.recipe, np.vstack([1.1 * item.reflectance_factor, item.reflectance_factor]))
        for item in one
    ]
    result = run(both, geometry=angles, k2=0.45)
    single = run(one, geometry=D8_SCE, k2=0.45)
    assert result.colorant_set["R"].absorption.shape == (2, GRID.count)
    assert result.residuals.shape == (len(one), 2, GRID.count)
    # The yellow absorbs in the first ten bands; where it does not, prior and noise decide.
    yellow = result.colorant_set["Y"].absorption[1][:10]
    assert yellow == pytest.approx(single.colorant_set["Y"].absorption[0][:10], rel=0.05)


def test_one_tint_and_a_masstone_give_two_constants_with_an_assumed_repeatability():
    panels = [
        panel("W", {"W": 1.0}),
        panel("R", {"R": 1.0}),
        panel("R tint", {"R": 0.3, "W": 0.7}),
    ]
    result = run(panels)
    assert result.colorant_set.surface.k2 == K2_ASSUMED
    assert not result.noise_measured
    assert result.noise == ASSUMED_NOISE
    assert any("k2 = 0.5 is assumed" in finding for finding in result.findings)
    assert any("assumed repeatability" in finding for finding in result.findings)
    exact = run(panels, k2=SURFACE.k2).colorant_set["R"]
    assert exact.scattering[0] == pytest.approx(TRUTH["R"][1], rel=0.1)


def test_calibrated_doses_are_those_of_the_panels():
    result = run(white_ladders(), k2=0.45)
    assert result.colorant_set["R"].calibrated_dose == pytest.approx((0.005, 0.3))
    assert result.colorant_set["W"].calibrated_dose == pytest.approx((0.7, 1.0))


def test_a_reading_below_the_surface_is_a_finding():
    panels = full_ladders(Saunderson(0.02, 0.45, True))
    (finding,) = (text for text in run(panels, k2=0.45).findings if "surface's own reflection" in text)
    assert "K masstone down to 0.0" in finding
    assert "the specular light was not included" in finding


def test_levels_left_out_are_predicted_and_ends_are_marked():
    result = run(full_ladders(), k2=SURFACE.k2)
    held = leave_one_level_out(result.table, result.fit)
    assert len(held) == 4 * len(LEVELS)
    inner = [item for item in held if item.interior]
    assert {item.level for item in inner} == {1, 2, 3}  # the masstone lies beyond the last level
    assert max(float(np.abs(item.predicted - item.measured).max()) for item in inner) < 2e-3


def test_ladders_sort_their_levels_and_hold_replicates_together():
    panels = [
        letdown("b", "R", "W", 2.0, 98.0, spectrum({"R": 0.02, "W": 0.98})),
        letdown("a", "R", "W", 1.0, 99.0, spectrum({"R": 0.01, "W": 0.99})),
        letdown("b again", "R", "W", 1.0, 49.0, spectrum({"R": 0.02, "W": 0.98})),
        masstone("w", "W", spectrum({"W": 1.0})),
    ]
    (ladder,) = ladders(panels, "W")
    assert (ladder.colorant, ladder.base, ladder.levels) == ("R", "W", ((1,), (0, 2)))
    assert not ladder.has_masstone
    assert not ladder.is_interior(1)


def test_what_cannot_be_characterised_is_refused():
    with pytest.raises(CharacterisationError, match="no panel contains the base 'X'"):
        run(full_ladders(), base="X")
    with pytest.raises(CharacterisationError, match="W masstone: reflectance factors of shape"):
        run(full_ladders(), grid=WavelengthGrid(400, 700, 20))
    with pytest.raises(FormulationError, match="declare the geometry"):
        run(full_ladders(), geometry=D8)
    with pytest.raises(CharacterisationError, match="above zero"):
        masstone("black", "K", np.zeros(31))


def test_real_white_letdowns_choose_their_surface_and_admit_what_they_do_not_tell(shared_data):
    with (shared_data / "paint_recipes" / "letdowns.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    panels = []
    for row in rows:
        values = [float(row[f"R{nm}"]) for nm in range(400, 701, 10)]
        if row["paste"]:
            grams = float(row["g_paste_in_50g_white"])
            panels.append(letdown(row["sample"], row["paste"], "white base", grams, 50.0, values))
        else:
            panels.append(masstone(row["sample"], "white base", values))
    result = run(panels, base="white base")
    sys.stdout.write("\n".join(("", *result.findings, "")))
    assert len(result.colorant_set.colorants) == 22
    # The reference found the inner level predicted best with k2 between 0.3 and 0.5.
    assert 0.3 <= result.colorant_set.surface.k2 <= 0.5
    assert not any(known for code, known in result.scattering_identified.items() if code != "white base")
    assert np.median(result.residual_rms) < 0.3  # [L*]


def test_a_strong_prior_fixes_scattering_without_hurting_the_fit_in_white():
    panels = white_ladders(levels=(0.003, 0.01, 0.03))
    fixed = run(panels, k2=0.45, prior=Prior(ln_S=-3.0, ln_S_sd=0.01))
    assert fixed.colorant_set["R"].scattering == pytest.approx(np.exp(-3.0), rel=0.1)
    assert fixed.residual_rms.max() < 0.5
