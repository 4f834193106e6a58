import json

import numpy as np
import pytest
from click.testing import CliRunner

from colorlab.colorimetry.tristimulus import spectra_to_lab
from colorlab.colorimetry.viewing import D65_10
from colorlab.commands.effects import effect
from colorlab.difference.standard import delta_E
from colorlab.formulation.effect.design import first_panels
from colorlab.workflows.effect_next import design, next_recipe
from colorlab.workflows.effect_paints import match_file, predict_recipes, train_file
from colorlab.workflows.typed_masses import recipe_from_text
from spectra.errors import FormulationError, MalformedFileError, UnknownColorantError
from spectra.flake_paint import GRID, SIX_ANGLES, EffectPaintLaboratory

ROLES = {"AL1": "effect", "PB1": "effect", "W01": "white", "K05": "black", "B15": "chromatic"}


def table_of(rows, codes):
    """CSV: a row an angle, grams beside the spectra."""
    wavelengths = [f"{nm:.0f}" for nm in GRID.wavelengths]
    lines = [",".join(["sample", "geometry", "unit", *(f"g_{code}" for code in codes), "graininess", *wavelengths])]
    for name, masses, spectra, grain in rows:
        for token, spectrum in zip(SIX_ANGLES.tokens, spectra, strict=True):
            grams = [f"{masses.get(code, 0):.4f}" for code in codes]
            lines.append(",".join([name, token, "fraction", *grams, grain, *(f"{value:.6f}" for value in spectrum)]))
    return "\n".join(lines) + "\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("effects")
    laboratory, rng = EffectPaintLaboratory(np.random.default_rng(6)), np.random.default_rng(7)
    rows = []
    for number, recipe in enumerate(first_panels(ROLES)):
        masses = dict(zip(recipe.colorants, (100 * recipe.mass_fractions).tolist(), strict=True))
        grain = f"{laboratory.graininess(masses):.3f}" if number < 3 else ""
        rows.append((f"panel {number}", masses, laboratory.sprayed(masses, rng), grain))
    (place / "panels.csv").write_text(table_of(rows, tuple(ROLES)))
    wanted = {"AL1": 80.0, "K05": 5.0, "B15": 15.0}
    (place / "wanted.csv").write_text(table_of([("wanted", wanted, laboratory.panel(wanted), "")], tuple(ROLES)))
    return place


@pytest.fixture(scope="module")
def model(folder):
    told = ["--flake", "AL1", "--flake", "PB1", "--white", "W01", "--black", "K05", "--json"]
    place = [str(folder / "panels.csv"), "--output", str(folder / "effects.json")]
    answer = CliRunner().invoke(effect, ["train", *place, *told], catch_exceptions=False)
    assert answer.exit_code == 0
    said = json.loads(answer.stdout)
    assert [one["role"] for one in said["colorants"]].count("effect") == 2
    assert [one["geometry"] for one in said["angles"]] == list(SIX_ANGLES.tokens)
    assert said["remarks"] == ["graininess: 3 panels have it, 20 are needed: not learned"]
    return folder / "effects.json"


def test_a_recipe_is_predicted_at_every_angle_with_a_bound(model):
    said = predict_recipes(model, [recipe_from_text("AL1=80,K05=5,B15=15")]).as_dict()["recipes"][0]
    assert np.shape(said["lab"]) == (6, 3)
    assert min(said["delta_E_00_bound"]) > 0
    assert said["outside"] == []


def test_the_command_says_when_a_recipe_is_outside_what_was_trained(model):
    answer = CliRunner().invoke(effect, ["predict", "AL1=10,B15=90", "--model", str(model)], catch_exceptions=False)
    assert answer.exit_code == 0
    assert "finding: B15 at 90 % lies outside" in answer.stdout
    assert "45as-15" in answer.stdout


def test_a_measured_colour_is_matched_with_its_own_pigments(folder, model):
    found = match_file(folder / "wanted.csv", model, n_results=2)
    assert {"AL1", "B15"} <= set(found.result.matches[0].recipe.colorants)
    assert found.result.matches[0].weighted_delta_E_00 < 1.5
    assert found.as_dict()["matches"][0]["rank"] == 1
    assert "combinations of panels screened" in found.as_text()


def test_a_texture_no_panel_has_is_refused(folder, model):
    with pytest.raises(FormulationError, match="graininess"):
        match_file(folder / "wanted.csv", model, texture={"graininess": (0, 3)})


def test_a_flake_without_a_column_is_named(folder):
    with pytest.raises(MalformedFileError, match="no column g_AL9"):
        train_file(folder / "panels.csv", flakes=["AL9"])


def test_a_pigment_the_model_does_not_know_is_refused(model):
    with pytest.raises(UnknownColorantError):
        predict_recipes(model, [recipe_from_text("AL1=60,ZZ=1")])


def test_a_panel_with_too_little_blue_is_followed_by_one_with_more(folder, model):
    laboratory = EffectPaintLaboratory(np.random.default_rng(6))
    off, wanted = {"AL1": 85.0, "K05": 5.0, "B15": 10.0}, {"AL1": 80.0, "K05": 5.0, "B15": 15.0}
    (folder / "off.csv").write_text(table_of([("off", off, laboratory.panel(off), "")], tuple(ROLES)))
    found = next_recipe(
        folder / "off.csv", recipe_from_text("AL1=85,K05=5,B15=10", "off"), folder / "wanted.csv", model
    )
    assert found.changes["B15"] > 20
    assert sum(found.changes.values()) == pytest.approx(0, abs=1e-6)
    made = laboratory.panel(dict(zip(found.following.colorants, 100 * found.following.mass_fractions, strict=True)))
    target = spectra_to_lab(laboratory.panel(wanted), GRID, D65_10)
    assert delta_E(target, spectra_to_lab(made, GRID, D65_10)).mean() < 0.4 * found.before.mean()


def test_designed_panels_hold_every_flake_and_tint():
    found = design(["AL1", "PB1"], ["B15"], black="K05", white="W01").panels
    assert {code for one in found for code in one.colorants} == set(ROLES)
