"""Ladders, colorants and recipes inside a laboratory, from the command line."""

import json
import re
from datetime import UTC, datetime

import numpy as np
import pytest
from click.testing import CliRunner

import cli
from colorlab.demo.suppliers import ladder_file, production_file
from colorlab.store.lab import open_lab
from colorlab.store.recipes import find_recipes, save_recipe
from spectra.formats.base import file_of
from spectra.formats.registry import FORMATS
from spectra.geometry import D8_SCI
from spectra.measurement import Measurement
from spectra.recipe import Recipe
from spectra.simulate import GRID, VirtualPaintLaboratory

PROGRAMME = '[programme]\nname = "One"\nstart = 2025-09-25\nend = 2028-09-24\nslots = 1\n'
COLOURS = "code,name_en,family,finish,slot,due\nSPY,Sprout Yellow,yellow,solid,1,2026-06-30\n"
TRUE_RECIPE = {"W01": 0.93, "Y11": 0.06, "G07": 0.01}


def colorlab(*arguments):
    return CliRunner().invoke(cli.colorlab, [*map(str, arguments)])


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """A laboratory with one colour, its standard painted to a known recipe, and the ladders of the same pastes."""
    folder = tmp_path_factory.mktemp("formulation")
    paints = VirtualPaintLaboratory(np.random.default_rng(11))
    panel = paints.solid_panel(TRUE_RECIPE, np.random.default_rng(12))
    master = Measurement("SPY master", panel[None], GRID, D8_SCI, role="sample")
    (folder / "master.qtx").write_bytes(FORMATS["qtx"].write(file_of([master])))
    (folder / "letdowns.csv").write_bytes(ladder_file(paints, 11).content)
    (folder / "programme.toml").write_text(PROGRAMME)
    (folder / "colours.csv").write_text(COLOURS)
    for arguments in (
        ("lab", "create", folder / "lab", "--name", "x"),
        ("roadmap", "import", folder / "lab", folder / "programme.toml"),
        ("roadmap", "import", folder / "lab", folder / "colours.csv"),
        ("lab", "standard", folder / "lab", "SPY", folder / "master.qtx"),
    ):
        done = colorlab(*arguments)
        assert done.exit_code == 0, (arguments, done.output, done.exception)
    return folder


def test_a_colour_is_matched_with_the_labs_own_colorants_and_its_recipe_is_kept(lab):
    missing = colorlab("match", "--lab", lab / "lab", "--colour", "SPY")
    assert "colorant set" in str(missing.exception)

    made = colorlab("characterise", lab / "letdowns.csv", "--lab", lab / "lab", "--by", "Li", "--json")
    assert made.exit_code == 0, made.output
    assert json.loads(made.stdout)["record"] == "K-000001"

    found = colorlab("match", "--lab", lab / "lab", "--colour", "SPY", "--by", "Li", "--json")
    assert found.exit_code == 0, found.output
    answer = json.loads(found.stdout)
    assert answer["record"] == "R-000001"
    assert max(answer["recipes"][0]["delta_E_00"].values()) < 0.3
    (true,) = (one["mass_fractions"] for one in answer["recipes"] if set(one["mass_fractions"]) == set(TRUE_RECIPE))
    for code, fraction in TRUE_RECIPE.items():
        # Weighed with 0.3 %, measured with noise, predicted by a model that is not the simulator's.
        assert true[code] == pytest.approx(fraction, rel=0.12)
    check = json.loads(colorlab("lab", "check", lab / "lab", "--json").stdout)
    assert check["clean"]
    assert check["records_count"]["recipes"] == 1


def test_the_page_of_a_recipe_shows_the_record_and_says_when_a_new_search_differs(lab, tmp_path):
    made = colorlab("characterise", lab / "letdowns.csv", "--lab", lab / "lab", "--by", "Li")
    assert made.exit_code == 0
    options = ("--allow", "Y11", "--allow", "G07", "--allow", "K05", "--results", 2, "--batch", 250, "--by", "Li")
    assert colorlab("match", "--lab", lab / "lab", "--colour", "SPY", *options).exit_code == 0

    def page(name):
        done = colorlab("report", lab / "lab", "--output", tmp_path / name)
        assert done.exit_code == 0, done.output
        return (tmp_path / name / "recipe-spy.html").read_text(encoding="utf-8")

    as_recorded = page("first")
    assert "differs from the record" not in as_recorded
    assert "Batch sheet for 250 g" in as_recorded

    with open_lab(lab / "lab") as opened, opened.writing() as connection:
        newest = find_recipes(connection, colour="SPY")[-1]
        other = Recipe(newest.recipe.name, ("W01", "Y11"), np.array([0.9, 0.1]))
        kept = {"colour": "SPY", "colorant_set": newest.colorant_set, "document": newest.document}
        record = save_recipe(connection, other, now=datetime.now(UTC), by="Li", **kept)
    said = page("second")
    assert f"record {record} holds another recipe (W01 90.000 %, Y11 10.000 %)" in said
    assert "differs from the record" in said


def test_a_batch_put_right_stands_on_the_page_of_its_colours_recipe(lab, tmp_path):
    paints = VirtualPaintLaboratory(np.random.default_rng(11))
    assert colorlab("characterise", lab / "letdowns.csv", "--lab", lab / "lab", "--by", "Li").exit_code == 0
    assert colorlab("match", "--lab", lab / "lab", "--colour", "SPY", "--by", "Li").exit_code == 0
    short = TRUE_RECIPE | {"Y11": 0.048}
    panel = paints.solid_panel(
        {code: part / sum(short.values()) for code, part in short.items()}, np.random.default_rng(3)
    )
    batch = Measurement("batch 7", panel[None], GRID, D8_SCI, role="sample")
    (tmp_path / "batch.qtx").write_bytes(FORMATS["qtx"].write(file_of([batch])))
    masses = ",".join(f"{code}={10000 * part:g}" for code, part in short.items())
    done = colorlab(
        "correct", tmp_path / "batch.qtx", "--lab", lab / "lab", "--colour", "SPY", "--masses", masses, "--json"
    )
    assert done.exit_code == 0, done.output
    answer = json.loads(done.stdout)
    assert answer["correction"]["additions_g"]["Y11"] == pytest.approx(120, rel=0.3)
    assert colorlab("report", lab / "lab", "--output", tmp_path / "report").exit_code == 0
    page = (tmp_path / "report" / "recipe-spy.html").read_text(encoding="utf-8")
    assert "Batches measured and put right" in page
    assert f"Y11 {answer['correction']['additions_g']['Y11']:.6g}" in page


def test_the_page_of_a_recipe_shows_ladders_by_the_model_recorded_and_none_of_colorants_learned_from_batches(
    lab, tmp_path
):
    def page(name):
        assert colorlab("match", "--lab", lab / "lab", "--colour", "SPY", "--by", "Li").exit_code == 0
        done = colorlab("report", lab / "lab", "--output", tmp_path / name)
        assert done.exit_code == 0, (done.output, done.exception)
        return (tmp_path / name / "recipe-spy.html").read_text(encoding="utf-8")

    stated = ("--link", "kubelka-munk", "--k1", 0.04, "--k2", 0.3, "--name", "stated")
    made = colorlab("characterise", lab / "letdowns.csv", "--lab", lab / "lab", "--by", "Li", *stated, "--json")
    worst = max(one["delta_E_00"] for one in json.loads(made.stdout)["levels"] if one["colorant"] == "R22")
    assert re.search(rf"R22</th>.*?<td class=\"n\">{worst:.2f}</td>", page("stated"), re.DOTALL)

    lots = {"Y11": 1.2, "B15": 0.8, "R54": 1.1}
    panels = production_file(VirtualPaintLaboratory(np.random.default_rng(11)), lots, 11)
    (tmp_path / panels.file_name).write_bytes(panels.content)
    learned = colorlab("bias", tmp_path / panels.file_name, "--lab", lab / "lab", "--by", "Li", "--json")
    assert json.loads(learned.stdout)["record"]
    assert "How well the colorants are known" not in page("learned")


@pytest.mark.parametrize(
    "arguments",
    [
        ("match",),
        ("match", "master.qtx"),
        ("match", "master.qtx", "--lab", "lab", "--colour", "SPY"),
        ("match", "--lab", "lab"),
        ("inspect", "master.qtx", "--lab", "lab"),
        ("vet", "master.qtx", "--lab", "lab", "--colour", "SPY", "--standard", "master.qtx"),
    ],
    ids=" ".join,
)
def test_options_that_do_not_go_together_are_said(lab, arguments, monkeypatch):
    monkeypatch.chdir(lab)
    done = colorlab(*arguments)
    assert done.exit_code == 2
    assert "Error:" in done.output


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[[limit", "not a TOML file"),
        ('name = "x"\n', "no metric"),
        ('[[limit]]\nmetric = "S_q"\nmaximum = 1.0\nunit = "mrad"\n', "S_q"),
        ('[[limit]]\nmetric = "S_c"\nunit = "mrad"\n', "maximum"),
        ('[[limit]]\nmetric = "S_c"\nmaximum = "low"\nunit = "mrad"\n', "line 1: maximum of S_c: 'low'"),
        ('rounds = 7\n[[limit]]\nmetric = "S_c"\nmaximum = 1.0\nunit = "mrad"\n', "rounds"),
        ("limit = 7\n", "limit is no list of tables"),
        ('[[limit]]\nmetric = "S_c"\nmaximum = nan\nunit = "mrad"\n', "finite"),
        ('[[limit]]\nmetric = ["S_c"]\nmaximum = 1\nunit = "mrad"\n', "not one of"),
        ('[[limit]]\nmetric = "S_c"\nmaximum = 1\nunit = "um"\n', "it is in mrad"),
        ('[[limit]]\nmetric = "S_c"\nmaximum = 1\nunit = "mrad"\n' * 2, "two limits"),
        ("max_rounds = 1.5\n", "max_rounds is 1.5"),
        ("guard_factor = inf\n", "finite"),
        ("a = " + "[" * 100_000, "nested too deeply"),
    ],
)
def test_wrong_limits_are_refused_by_file(lab, content, said, tmp_path):
    (tmp_path / "limits.toml").write_text(content)
    done = colorlab(
        *("inspect", lab / "master.qtx", "--lab", lab / "lab", "--panel", "P1", "--round", 0),
        *("--limits", tmp_path / "limits.toml"),
    )
    assert "limits.toml" in str(done.exception)
    assert said in str(done.exception)
