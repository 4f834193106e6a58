"""What the model is worth on real paint: levels it did not see, and first shots of known recipes."""

import json
import sys

import numpy as np

from colorlab.colorimetry.tristimulus import spectra_to_lab
from colorlab.colorimetry.viewing import D65_10
from colorlab.difference.standard import delta_E
from colorlab.formulation.prediction.predict import predict, predict_all
from colorlab.formulation.prediction.validation import level_errors
from spectra.characterise import characterise
from spectra.geometry import D8_SCE, D8_SCI
from spectra.ladder import Letdown
from spectra.recipe import recipe_from_masses
from spectra.wavelengths import WavelengthGrid


def say(*lines):
    sys.stdout.write("\n".join(("", *lines, "")))


def recipe_errors(panels, colorant_set):
    """ΔE00 between panels of known recipe and what the set predicts for them, (n_panels, n_angles)."""
    predicted = predict_all(colorant_set, [panel.recipe for panel in panels])
    return np.array(
        [
            delta_E(spectra_to_lab(panel.reflectance_factor, colorant_set.grid, D65_10), prediction.lab(D65_10))
            for panel, prediction in zip(panels, predicted, strict=True)
        ]
    )


def test_the_middle_level_of_real_ladders_is_predicted_from_the_other_two(real_paint):
    levels = level_errors(real_paint.characterisation)
    middle = np.array([level.delta_E_00 for level in levels if level.interior])
    ends = np.array([level.delta_E_00 for level in levels if not level.interior])
    say(
        f"k2 = {real_paint.colorants.surface.k2:g}; ΔE00 (D65/10°) of middle levels: mean {middle.mean():.3f}, "
        f"max {middle.max():.3f}; extrapolated end levels: mean {ends.mean():.3f}, max {ends.max():.3f}"
    )
    assert len(middle) == 21
    # Reference: 0.14 mean, 0.36 max with k2 chosen by hand.
    assert middle.mean() <= 0.2
    assert middle.max() <= 0.45


def test_the_first_shot_of_real_recipes_is_reported_whatever_it_is(real_paint):
    errors = recipe_errors(real_paint.recipes, real_paint.colorants)[:, 0]
    say(
        *(
            f"{panel.panel}: first shot {error:.2f} ΔE00"
            for panel, error in zip(real_paint.recipes, errors, strict=True)
        )
    )
    say(f"mean {errors.mean():.2f}")
    # Reference: about 2 to 2.6, dominated by paste strength, and 0.6 to 0.9 for A21 and A22.
    assert 1.5 < errors.mean() < 2.7
    assert errors[-2:].max() < 1.0


def test_two_constants_describe_real_masstones_and_tints(shared_data):
    """13 artists' paints and 12 tints, three readings each: absorption and scattering of every one, none negative."""
    grid = WavelengthGrid(390, 720, 10)
    panels = []
    for name in ("masstone", "mix1"):
        wavelengths, *readings = json.loads((shared_data / "kimera" / f"{name}.json").read_text(encoding="utf-8"))
        for row in readings:
            recipe = recipe_from_masses(row["name"], row.get("components") or {row["name"]: 1.0})
            percent = np.interp(grid.wavelengths, wavelengths["values"], row["reflectance"])
            panels.append(Letdown(row["name"], recipe, percent / 100))
    # The source does not declare the geometry; readings down to 2.2 % say that the specular light was excluded.
    result = characterise(panels, name="artists' paints", base="white", grid=grid, geometry=D8_SCE)
    errors = recipe_errors(panels, result.colorant_set)[:, 0]
    say(
        f"masstones and tints, three readings each: fit to {errors.mean():.3f} ΔE00 mean, {errors.max():.3f} max; "
        f"noise {result.noise:.2f} L*",
        *result.findings,
    )
    assert len(result.colorant_set.colorants) == 13
    assert all(result.scattering_identified.values())
    assert min(colorant.scattering.min() for colorant in result.colorant_set.colorants) > 0
    # Repeats scatter by 0.14 (masstones) and 0.07 (tints) about their mean: the fit is within them.
    assert errors.mean() < 0.2
    assert errors.max() < 0.6
    included = characterise(panels, name="wrong", base="white", grid=grid, geometry=D8_SCI)
    assert any("the specular light was not included" in finding for finding in included.findings)


def test_a_perfect_ladder_has_no_error(drawn):
    paints = drawn(2, seed=2)
    panels = []
    for code in ("C1", "C2"):
        for grams in (0.5, 2.0, 8.0, 30.0):
            recipe = recipe_from_masses(f"{code} {grams}", {code: grams, "W": 100 - grams})
            panels.append(Letdown(recipe.name, recipe, predict(paints, recipe).reflectance_factor))
    white = recipe_from_masses("white", {"W": 1})
    panels.append(Letdown("white", white, predict(paints, white).reflectance_factor))
    assert recipe_errors(panels, paints).max() < 1e-9
    result = characterise(panels, name="perfect", base="W", grid=paints.grid, geometry=paints.geometry, k2=0.5)
    inner = [level.delta_E_00 for level in level_errors(result) if level.interior]
    assert len(inner) == 4
    assert max(inner) < 0.1
