"""Recipes of a laboratory: kept, shown, compared, weighed, exported, and found again."""

import csv
import json
from datetime import UTC, datetime

import click
import numpy as np
import pytest
from click.testing import CliRunner

import cli
from colorlab.colorimetry.viewing import D65_10
from colorlab.formulation.document import ColorantFile, write_colorants
from colorlab.formulation.prediction.predict import predict
from colorlab.store.colorants import save_colorant_set
from colorlab.store.lab import create_lab, open_lab
from colorlab.store.recipes import save_recipe
from colorlab.workflows.recipe_library import nearest_recipes
from colorlab.workflows.recipes import keep_recipe, show_recipe
from spectra.colorant import Colorant, ColorantSet
from spectra.errors import FileError, FormulationError, RecordNotFoundError, UnknownColorantError
from spectra.formats.base import MeasurementFile
from spectra.formats.registry import FORMATS
from spectra.geometry import D8_SCI
from spectra.measurement import Measurement
from spectra.optics.interface import Saunderson
from spectra.recipe import recipe_from_masses
from spectra.stated_recipe import recipe_from_stated, stated_recipe
from spectra.wavelengths import WavelengthGrid

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
GRID = WavelengthGrid(400, 700, 10)


def colorants():
    nm = GRID.wavelengths
    white = Colorant("W", "white base", "white", np.full((1, 31), 0.004), np.ones((1, 31)), price_per_kg=4.0)
    pastes = [
        Colorant(
            code,
            f"{hue} paste",
            "chromatic",
            (0.05 + 12 * np.exp(-(((nm - peak) / 50) ** 2)))[None],
            np.full((1, 31), 0.3),
            calibrated_dose=(0.005, 0.2),
            price_per_kg=30.0,
            density_g_cm3=1.2,
        )
        for code, hue, peak in (("Y", "yellow", 440), ("R", "red", 530), ("B", "blue", 620))
    ]
    return ColorantSet("pastes", (white, *pastes), GRID, D8_SCI, Saunderson(0.04, 0.5, True), "W")


PAINTS = colorants()
OLD, NEW = {"W": 95.0, "Y": 3.0, "R": 2.0}, {"W": 95.0, "Y": 3.5, "B": 1.5}


@pytest.fixture
def lab(tmp_path):
    folder = tmp_path / "lab"
    with create_lab(folder, "lab", NOW) as opened, opened.writing() as connection:
        record = save_colorant_set(connection, PAINTS, now=NOW, by="Li")
        for masses in (OLD, NEW):
            recipe = recipe_from_masses("sky", masses)
            save_recipe(connection, recipe, now=NOW, by="Li", colorant_set=record)
        save_recipe(connection, recipe_from_masses("foreign", {"X9": 1.0}), now=NOW, by="Li")
    return folder


def run(*arguments):
    done = CliRunner().invoke(cli.colorlab, [*map(str, arguments)])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done


def run_strictly(*arguments):
    return CliRunner().invoke(cli.colorlab, arguments, standalone_mode=False, catch_exceptions=False)


def answer(*arguments):
    return json.loads(run(*arguments, "--json").stdout)


def test_the_list_holds_the_newest_version_of_each(lab):
    found = answer("recipe", "list", lab)["recipes"]
    assert [(one["name"], one["version"]) for one in found] == [("foreign", 1), ("sky", 2)]
    assert "W 95 % + Y 3.5 % + B 1.5 %" in run("recipe", "list", lab).stdout
    assert run("recipe", "list", lab, "--colour", "AME").stdout.startswith("no recipe in this lab")


@pytest.mark.parametrize("which", ["sky@1", "R-000001"])
def test_a_version_is_found_by_its_number_and_by_its_record(lab, which):
    found = answer("recipe", "show", lab, which)
    assert (found["version"], found["record"]) == (1, "R-000001")
    assert [one["code"] for one in found["doses"]] == ["W", "Y", "R"]
    predicted = predict(PAINTS, recipe_from_masses("sky", OLD))
    assert found["Lab"][0]["Lab"] == pytest.approx(predicted.lab(D65_10)[0].tolist())
    assert found["price_per_kg"] == pytest.approx(0.95 * 4 + 0.05 * 30)


def test_a_recipe_without_its_colorants_shows_its_doses_and_says_so(lab):
    found = answer("recipe", "show", lab, "foreign")
    assert (found["Lab"], found["price_per_kg"]) == (None, None)
    assert found["findings"] == ["the lab does not hold the colorants it was made with"]
    assert "X9" in run("recipe", "show", lab, "foreign").stdout
    with pytest.raises(FormulationError, match="nobody knows what a mass may miss"):
        run("recipe", "sheet", lab, "foreign")


def test_the_newest_version_is_compared_with_the_one_before(lab):
    done = run("recipe", "diff", lab, "sky")
    assert done.exit_code == 1
    assert "R" in done.stdout
    assert "removed" in done.stdout
    assert "predicted ΔE00 between them: " in done.stdout
    found = answer("recipe", "diff", lab, "sky")
    assert {one["code"]: one["change"] for one in found["doses"]} == {
        "R": "removed",
        "B": "added",
        "Y": "changed",
        "W": "unchanged",
    }
    assert found["delta_E_00"]["D65/10°"] > 1
    run("recipe", "keep", lab, "sky", "W=95,Y=3.5,B=1.52", "--by", "Li")
    barely = run("recipe", "diff", lab, "sky").stdout
    assert "B " in barely
    assert "W, Y: share changed by less than 0.1 %, as the others make room" in barely
    same = run("recipe", "diff", lab, "sky@1", "sky@1")
    assert same.exit_code == 0
    assert "the doses are the same" in same.stdout


def test_a_recipe_with_one_version_needs_another_to_be_compared_with(lab):
    with pytest.raises(FormulationError, match="foreign has no version before 1"):
        run("recipe", "diff", lab, "foreign")
    unknown = answer("recipe", "diff", lab, "sky", "foreign")
    assert unknown["delta_E_00"] is None


def test_the_sheet_sums_and_says_what_each_mass_may_miss(lab):
    found = answer("recipe", "sheet", lab, "sky", "--batch", 500, "--balance", 0.1)
    assert [one["code"] for one in found["lines"]] == ["W", "Y", "B"]
    assert [one["mass_g"] for one in found["lines"]] == pytest.approx([475.0, 17.5, 7.5])
    assert found["lines"][-1]["running_total_g"] == pytest.approx(500)
    assert 0 < found["lines"][2]["more_g"] < 1
    text = run("recipe", "sheet", lab, "sky", "--batch", 500, "--balance", 0.1).stdout
    assert "475.0" in text
    assert "premix: B: " in run("recipe", "sheet", lab, "sky", "--batch", 10, "--balance", 0.01).stdout


def test_a_recipe_that_is_kept_is_the_next_version_with_the_same_colorants(lab):
    found = answer("recipe", "keep", lab, "sky", "W=95,Y=3.5,B=1.6", "--by", "Wang")
    assert (found["version"], found["recorded_by"], found["colorant_set"]) == (3, "Wang", "K-000001")
    with open_lab(lab) as opened:
        again = keep_recipe(opened, recipe_from_masses("x", {"W": 95, "Y": 3.5, "B": 1.6}), "sky", now=NOW, by="Wang")
        assert again.stored.version == 3
        with pytest.raises(UnknownColorantError, match="X9"):
            keep_recipe(opened, recipe_from_masses("x", {"X9": 1}), "sky", now=NOW, by="Wang")
        with pytest.raises(RecordNotFoundError, match="no recipe 'nothing' in this lab; there are sky, foreign"):
            show_recipe(opened, "nothing")
        with pytest.raises(RecordNotFoundError, match="sky@9"):
            show_recipe(opened, "sky@9")


@pytest.mark.parametrize("batch", [None, 250.0])
def test_cxf3_gives_back_what_was_exported(lab, tmp_path, batch):
    output = tmp_path / "out.cxf"
    run("recipe", "export", lab, "sky", "sky@1", "--output", output, *(() if batch is None else ("--batch", batch)))
    file = FORMATS["cxf"].read(output.read_bytes(), "out.cxf")
    assert [one.unit for one in file.recipes] == ["percent" if batch is None else "g"] * 2
    assert [one.name for one in file.recipes] == ["sky version 2", "sky version 1"]
    newest, oldest = (recipe_from_stated(one) for one in file.recipes)
    assert newest.masses(1) == pytest.approx(recipe_from_masses("sky", NEW).masses(1))
    assert oldest.masses(1) == pytest.approx(recipe_from_masses("sky", OLD).masses(1))
    base = file.recipes[0].components[0]
    assert (base.colorant, base.part_number, base.is_base) == ("white base", "W", True)


def test_csv_and_json_hold_the_same_recipe(lab, tmp_path):
    for ending in ("csv", "json"):
        run("recipe", "export", lab, "sky", "--output", tmp_path / f"out.{ending}")
    with (tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    (found,) = json.loads((tmp_path / "out.json").read_text())["recipes"]
    assert {row["colorant"]: float(row["percent_by_mass"]) / 100 for row in rows} == pytest.approx(
        found["mass_fractions"]
    )
    assert sum(float(row["mass_g"]) for row in rows) == pytest.approx(1000)


def test_exports_overwrite_nothing_and_know_three_endings(lab, tmp_path):
    (tmp_path / "there.csv").write_text("x")
    with pytest.raises(FileError, match="exists already"):
        run("recipe", "export", lab, "sky", "--output", tmp_path / "there.csv")
    with pytest.raises(FileError, match=r"expected one of \.cxf, \.csv, \.json"):
        run("recipe", "export", lab, "sky", "--output", tmp_path / "out.xlsx")


def panel(name, masses):
    return Measurement(name, predict(PAINTS, recipe_from_masses(name, masses)).reflectance_factor, GRID, D8_SCI)


def library_table(path, recipes):
    """A table as the laboratory keeps it: grams of each colorant, then the spectrum."""
    header = ["sample", "g_W", "g_Y", "g_R", "g_B", *(f"{nm:g}" for nm in GRID.wavelengths)]
    lines = [",".join(header)]
    for name, masses in recipes.items():
        spectrum = panel(name, masses).reflectance_factor[0]
        cells = [name, *(f"{masses.get(code, 0)}" for code in "WYRB"), *(f"{value:.8f}" for value in spectrum)]
        lines.append(",".join(cells))
    path.write_text("\n".join(lines) + "\n")
    return path


def test_the_nearest_of_table_and_lab_come_home_at_the_command_line(lab, tmp_path):
    (tmp_path / "pastes.json").write_bytes(write_colorants(ColorantFile(PAINTS, 50.0)))
    own = library_table(tmp_path / "own.csv", {"near": {"W": 95, "Y": 3.1, "R": 1.8}, "far": {"W": 90, "B": 10}})
    target = library_table(tmp_path / "target.csv", {"wanted": {"W": 95, "Y": 3.2, "R": 1.7}})
    command = ("recipe", "nearest", target, "--colorants", tmp_path / "pastes.json", "--table", own, "--lab", lab)
    command = (*command, "--unit", "fraction", "--geometry", "d/8 SCI")
    found = answer(*command)
    assert found["searched"] == 3
    assert [one["name"] for one in found["recipes"]][:2] == ["near", "sky"]
    nearest = found["recipes"][0]
    assert nearest["measured"]
    assert nearest["weighted_delta_E_00"] > 0.1 > 0.01 > nearest["adjusted"]["weighted_delta_E_00"]
    assert nearest["adjusted"]["change_g_per_kg"]["Y"] == pytest.approx(1000 * (3.2 / 99.9 - 3.1 / 99.9), abs=0.02)
    assert found["remarks"] == ["left out, with colorants that pastes does not hold: foreign"]
    assert "change [g per kg]" in run(*command).stdout


def test_recipes_of_a_cxf3_file_are_a_library_too(tmp_path):
    near, far = (recipe_from_masses(name, one) for name, one in (("near", OLD), ("far", NEW)))
    stated = tuple(stated_recipe(one, sample=one.name) for one in (near, far))
    (tmp_path / "own.cxf").write_bytes(
        FORMATS["cxf"].write(MeasurementFile("cxf", (panel("near", OLD),), recipes=stated))
    )
    wanted = panel("wanted", {"W": 95.0, "Y": 3.1, "R": 1.9})
    found = nearest_recipes(wanted, ColorantFile(PAINTS, 50.0), tables=(tmp_path / "own.cxf",)).found
    assert [(one.entry.name, one.entry.measured) for one, _ in found] == [("near", True), ("far", False)]
    assert found[0][1].delta_E_00_after < 0.01


def test_a_library_without_a_recipe_of_these_colorants_says_so():
    with pytest.raises(FormulationError, match="no recipe of the colorants of pastes to look among"):
        nearest_recipes(panel("wanted", OLD), ColorantFile(PAINTS, 50.0))
    with pytest.raises(click.UsageError, match="--table FILE or --lab FOLDER"):
        run_strictly("recipe", "nearest", "x.qtx", "--colorants", "y.json")
