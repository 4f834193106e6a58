"""Effect paints: what the commands print is what docs/json.md says."""

import numpy as np
import pytest
from doc_pages import run
from json_fields import check

from colorlab.formulation.effect.design import first_panels
from spectra.flake_paint import GRID, SIX_ANGLES, EffectPaintLaboratory

ROLES = {"AL1": "effect", "PB1": "effect", "W01": "white", "K05": "black", "B15": "chromatic"}


@pytest.fixture(scope="module")
def panels(tmp_path_factory):
    """Every designed panel sprayed twice, with its graininess; and one colour wanted."""
    folder = tmp_path_factory.mktemp("effects")
    laboratory, rng = EffectPaintLaboratory(np.random.default_rng(6)), np.random.default_rng(7)
    head = ",".join(["sample", "geometry", "unit", *(f"g_{code}" for code in ROLES), "graininess"])
    head += "".join(f",R{nm:.0f}" for nm in GRID.wavelengths)

    def lines(name, masses, spectra):
        grams = ",".join(f"{masses.get(code, 0):.4f}" for code in ROLES)
        grain = laboratory.graininess(masses) * (1 + 0.03 * rng.standard_normal())
        for token, spectrum in zip(SIX_ANGLES.tokens, spectra, strict=True):
            yield f"{name},{token},fraction,{grams},{grain:.3f}," + ",".join(f"{value:.6f}" for value in spectrum)

    rows = [head]
    for number, recipe in enumerate(first_panels(ROLES) * 2):
        masses = dict(zip(recipe.colorants, (100 * recipe.mass_fractions).tolist(), strict=True))
        rows += lines(f"panel {number}", masses, laboratory.sprayed(masses, rng))
    (folder / "panels.csv").write_text("\n".join(rows))
    wanted = {"AL1": 80.0, "K05": 5.0, "B15": 15.0}
    (folder / "wanted.csv").write_text("\n".join([head, *lines("wanted", wanted, laboratory.panel(wanted))]))
    off = {"AL1": 85.0, "K05": 5.0, "B15": 10.0}
    (folder / "off.csv").write_text("\n".join([head, *lines("off", off, laboratory.sprayed(off, rng))]))
    return folder


def test_the_effect_commands_print_their_documented_fields(panels):
    model, told = panels / "effects.json", ("--flake", "AL1", "--flake", "PB1", "--white", "W01", "--black", "K05")
    check("colorlab effect train", run("effect", "train", panels / "panels.csv", "--output", model, *told))
    here = run("effect", "predict", "AL1=80,K05=5,B15=15", "--model", model)
    beyond = run("effect", "predict", "AL1=10,B15=90", "--model", model)
    check("colorlab effect predict", here, beyond)
    check("colorlab effect match", run("effect", "match", panels / "wanted.csv", "--model", model))
    tints = ("--tint", "B15", "--white", "W01", "--black", "K05")
    check("colorlab effect design", run("effect", "design", "--flake", "AL1", "--flake", "PB1", *tints))
    asked = ("--recipe", "AL1=85,K05=5,B15=10", "--target", panels / "wanted.csv", "--model", model)
    check("colorlab effect correct", run("effect", "correct", panels / "off.csv", *asked))
