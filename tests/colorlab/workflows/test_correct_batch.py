"""A batch corrected from files and in a lab, and one clear sentence where it cannot be."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
import pytest
from click.testing import CliRunner

from colorlab.commands.correcting import correct
from colorlab.formulation.correction.result import Means
from colorlab.formulation.document import ColorantFile, write_colorants
from colorlab.formulation.lot_strength import LotStrengths
from colorlab.roadmap.plan import RoadmapColour
from colorlab.store.colorants import newest_colorant_set, save_colorant_set
from colorlab.store.lab import create_lab
from colorlab.store.programme import save_colour
from colorlab.store.recipes import find_recipes, save_recipe
from colorlab.store.strengths import save_strengths
from colorlab.workflows.correct_batch import correct_file, record_correction
from colorlab.workflows.standard import put_standard_in_force
from colorlab.workflows.typed_masses import masses_from_text
from spectra.colorant import Colorant, ColorantSet
from spectra.errors import FormulationError, MeasurementError, RecordNotFoundError
from spectra.formats.base import file_of
from spectra.formats.registry import FORMATS
from spectra.geometry import D8_SCE, D8_SCI
from spectra.measurement import Measurement
from spectra.optics.interface import Saunderson
from spectra.recipe import recipe_from_masses
from spectra.wavelengths import WavelengthGrid

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
GRID = WavelengthGrid(400, 700, 10)
NM = GRID.wavelengths


def bump(centre, width, height):
    return (0.02 + height * np.exp(-(((NM - centre) / width) ** 2)))[None]


PAINTS = ColorantSet(
    "three pastes",
    (
        Colorant("W", "white base", "white", np.full((1, 31), 0.002), np.ones((1, 31)), price_per_kg=4.0),
        Colorant("B", "blue paste", "chromatic", bump(620, 70, 9), np.full((1, 31), 0.2), price_per_kg=20.0),
        Colorant("R", "red paste", "chromatic", bump(480, 60, 8), np.full((1, 31), 0.3)),
        Colorant("C", "clear", "clear", np.zeros((1, 31)), np.zeros((1, 31))),
    ),
    GRID,
    D8_SCI,
    Saunderson(0.04, 0.5, True),
    "W",
)
MASSES = {"W": 500.0, "B": 25.0, "R": 15.0}
SHORT = MASSES | {"B": 20.0}
STRONG = MASSES | {"B": 60.0}


def panel(name, masses, geometry=D8_SCI, paints=PAINTS):
    row = np.zeros((1, 4))
    row[0, PAINTS.indices(tuple(masses))] = list(masses.values())
    return Measurement(name, paints.reflectance_factor(row)[0], GRID, geometry)


def strengths(lot, **factors):
    ln_factor = np.log([factors.get(code, 1.0) for code in PAINTS.codes])
    spread = np.diag([0.0, 1e-4, 1e-4, 1e-4])
    told = tuple(code in factors for code in PAINTS.codes)
    return LotStrengths(PAINTS.name, lot, "W", PAINTS.codes, ln_factor, spread, told, 0.003, 1.0, ("p1", "p2"))


def write(path, *panels):
    path.write_bytes(FORMATS["qtx"].write(file_of(panels)))
    return path


@pytest.fixture
def files(tmp_path):
    (tmp_path / "paints.json").write_bytes(write_colorants(ColorantFile(PAINTS, 500.0)))
    write(tmp_path / "master.qtx", panel("Master", MASSES))
    write(tmp_path / "batch.qtx", panel("Batch 7", SHORT))
    write(tmp_path / "strong.qtx", panel("Batch 8", STRONG))
    return tmp_path


@pytest.fixture
def lab(files):
    with create_lab(files / "lab", "lab", NOW) as opened:
        with opened.writing() as connection:
            colour = RoadmapColour("AME", {"en": "AME"}, "violet", "solid", (), None, date(2026, 9, 1))
            save_colour(connection, colour, now=NOW, by="Li")
            save_colorant_set(connection, PAINTS, now=NOW, by="Li")
        put_standard_in_force(opened, "AME", files / "master.qtx", now=NOW, by="Li")
        yield opened


def run(*arguments):
    return CliRunner().invoke(correct, [str(argument) for argument in arguments])


def on_paper(files, *more, masses="W=500,B=20,R=15", batch="batch.qtx"):
    start = (files / batch, "--target", files / "master.qtx", "--colorants", files / "paints.json")
    return run(*start, "--masses", masses, *more)


def test_a_short_dose_is_said_in_grams_and_exits_0(files):
    answer = on_paper(files)
    assert answer.exit_code == 0, answer.output
    assert "add to 535 g of Batch 7: 5 g B (5 g in all, 0.9 % of the batch)" in answer.output
    assert "corrections to expect: 1.0" in answer.output


def test_the_answer_in_json_holds_what_a_pump_and_a_page_need(files):
    answer = json.loads(on_paper(files, "--json").stdout)
    assert answer["decision"] == "add"
    assert answer["correction"]["additions_g"] == {"B": pytest.approx(5.0, abs=0.1)}
    assert answer["correction"]["price"] == pytest.approx(0.1, abs=0.005)
    assert [one["viewing"] for one in answer["before"]["conditions"]] == ["D65/10°", "A/10°", "FL11/10°"]
    low, high = answer["correction"]["predicted"]["interval"]
    assert 0 <= low < high < answer["before"]["weighted_delta_E_00"]


def test_too_much_is_beyond_saving_and_exits_1(files):
    answer = on_paper(files, "--capacity", "600", masses="W=500,B=60,R=15", batch="strong.qtx")
    assert answer.exit_code == 1, answer.output
    assert "beyond saving" in answer.output
    assert "too much of B by about 35" in answer.output
    assert "as a leftover it goes into a batch of" in answer.output


def test_a_batch_on_its_target_is_left(files):
    answer = on_paper(files, masses="W=500,B=25,R=15", batch="master.qtx")
    assert answer.exit_code == 0, answer.output
    assert "leave Master as it is" in answer.output


def test_a_table_gives_the_recipe_and_batch_the_mass(files):
    lines = ["sample,g_B,g_R,geometry," + ",".join(f"R{nm:.0f}" for nm in NM)]
    spectrum = ",".join(f"{value:.6f}" for value in panel("Batch 7", SHORT).reflectance_factor[0])
    lines.append(f"Batch 7,20,15,{D8_SCI.tokens[0]},{spectrum}")
    (files / "recipes.csv").write_text("\n".join(lines), encoding="utf-8")
    typed = on_paper(files, "--json")
    start = (files / "batch.qtx", "--target", files / "master.qtx", "--colorants", files / "paints.json")
    tabled = run(*start, "--recipe", files / "recipes.csv", "--batch", "535", "--json")
    assert json.loads(tabled.stdout)["correction"] == json.loads(typed.stdout)["correction"]
    with pytest.raises(FormulationError, match="give --batch GRAMS"):
        correct_file(files / "batch.qtx", ColorantFile(PAINTS, 500.0), files / "recipes.csv", files / "master.qtx")


def test_dilution_offers_base_and_clear(files):
    found = correct_file(
        files / "strong.qtx",
        ColorantFile(PAINTS, None),
        STRONG,
        files / "master.qtx",
        means=Means(allowed=("R",), capacity_g=2000.0, balance_resolution_g=1.0),
        dilute=True,
    )
    assert found.result.decision == "add"
    assert "W" in found.result.correction.additions_g


def test_a_correction_is_kept_with_its_reading_and_the_next_goes_on_from_there(lab, files):
    first = record_correction(lab, "AME", files / "batch.qtx", now=NOW, by="Li", masses_g=SHORT)
    reading, saved = first.records
    assert reading.startswith("M-")
    corrected = first.result.correction
    write(files / "again.qtx", panel("Batch 7", SHORT | {"B": 20.0 + corrected.additions_g["B"]}))
    second = record_correction(lab, "AME", files / "again.qtx", now=NOW, by="Li", batch_g=corrected.batch_g)
    assert second.result.decision == "leave"
    with lab.reading() as connection:
        versions = find_recipes(connection, name="AME batch Batch 7")
        assert not find_recipes(connection, colour="AME")
    assert versions[0].id == saved
    assert versions[0].document["reading"] == reading
    assert versions[0].document["colour"] == "AME"
    assert versions[0].recipe.masses(corrected.batch_g)["B"] == pytest.approx(25.0, abs=0.1)


def test_a_batch_beyond_saving_is_kept_as_it_was_weighed(lab, files):
    kept = record_correction(
        *(lab, "AME", files / "strong.qtx"), now=NOW, by="Li", masses_g=STRONG, means=Means(capacity_g=600.0)
    )
    assert kept.result.decision == "beyond saving"
    with lab.reading() as connection:
        (stored,) = find_recipes(connection, name="AME batch Batch 8")
    assert stored.recipe.masses(sum(STRONG.values())) == pytest.approx(STRONG)


def test_a_lab_corrects_by_the_colours_own_recipe_where_no_masses_are_given(lab, files):
    with pytest.raises(RecordNotFoundError, match="give --masses"):
        record_correction(lab, "AME", files / "batch.qtx", now=NOW, by="Li", batch_g=540.0)
    with lab.writing() as connection:
        save_recipe(connection, recipe_from_masses("AME formula", MASSES), now=NOW, by="Li", colour="AME")
    with pytest.raises(FormulationError, match="give --batch GRAMS or --masses"):
        record_correction(lab, "AME", files / "batch.qtx", now=NOW, by="Li")
    found = record_correction(lab, "AME", files / "batch.qtx", now=NOW, by="Li", batch_g=540.0)
    assert set(found.result.batch.recipe.colorants) == {"W", "B", "R"}


def test_the_command_keeps_it_in_the_lab(lab, files):
    answer = run(
        *(files / "batch.qtx", "--lab", files / "lab", "--colour", "AME"),
        *("--masses", "W=500,B=20,R=15", "--by", "Li"),
    )
    assert answer.exit_code == 0, answer.output
    assert "recorded: M-000002, R-000001" in answer.output


@pytest.fixture
def lots(lab, files):
    """Week 11 and, learned later, week 12, whose blue is weak; and a batch made of week 12."""
    with lab.writing() as connection:
        colorants = newest_colorant_set(connection).id
        for known in (strengths("week 11", B=1.1), strengths("week 12", B=0.8)):
            save_strengths(connection, known, colorants, now=NOW, by="Li")
    write(files / "batch.qtx", panel("Batch 7", SHORT, paints=PAINTS.scaled({"B": 0.8})))
    return lab


def test_a_lab_corrects_with_the_strengths_learned_last(lots, files):
    found = record_correction(lots, "AME", files / "batch.qtx", now=NOW, by="Li", masses_g=SHORT)
    answer = found.as_dict()
    assert (answer["lot"], answer["strengths_record"]) == ("week 12", "B-000002")
    assert answer["strengths"]["B"]["factor"] == pytest.approx(0.8)
    assert answer["correction"]["additions_g"]["B"] == pytest.approx(25 / 0.8 - 20, abs=0.15)
    said = "strengths of week 12 as learned from 2 panels (B-000002, 2026-03-01); recorded too, for --lot: week 11"
    assert said in answer["findings"]
    with lots.reading() as connection:
        (kept,) = find_recipes(connection, name="AME batch Batch 7")
    assert (kept.document["lot"], kept.document["strengths_record"]) == ("week 12", "B-000002")


def test_the_lots_of_a_batch_can_be_named(lots, files):
    start = (
        files / "batch.qtx",
        "--lab",
        files / "lab",
        "--colour",
        "AME",
        "--masses",
        "W=500,B=20,R=15",
        "--by",
        "Li",
    )
    named = json.loads(run(*start, "--lot", "week 11", "--json").stdout)
    assert (named["lot"], named["strengths_record"]) == ("week 11", "B-000001")
    assert named["strengths"]["B"]["factor"] == pytest.approx(1.1)
    with pytest.raises(RecordNotFoundError, match=r"'week 13' in this lab; there are week 11, week 12\. Learn them"):
        record_correction(lots, "AME", files / "batch.qtx", now=NOW, by="Li", masses_g=SHORT, lot="week 13")


def test_strengths_against_earlier_ladders_are_not_taken(lots, files):
    with lots.writing() as connection:
        save_colorant_set(connection, replace(PAINTS, crowding=0.1), now=NOW, by="Li")
    found = record_correction(lots, "AME", files / "batch.qtx", now=NOW, by="Li", masses_g=SHORT)
    assert (found.lot, found.strengths_record) == (None, None)
    assert "no strengths of lots are recorded against three pastes (K-000002)" in found.as_text()


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--lab", "lab"), "--lab goes with --colour"),
        (("--recipe", "x.csv"), "one of --masses and --recipe"),
        (("--lot", "week 12"), "give --lab, or --strengths FILE"),
    ],
)
def test_what_contradicts_is_refused(files, more, said):
    answer = on_paper(files, *more)
    assert answer.exit_code == 2
    assert said in answer.output


def test_what_is_missing_is_said(files):
    assert "--target and --colorants" in run(files / "batch.qtx", "--masses", "W=1").output
    assert (
        "one of --masses"
        in run(files / "batch.qtx", "--target", files / "master.qtx", "--colorants", files / "paints.json").output
    )


def test_several_measurements_are_not_guessed_among(files):
    write(files / "two.qtx", panel("A", SHORT), panel("B", SHORT))
    known = ColorantFile(PAINTS, None)
    with pytest.raises(MeasurementError, match=r"there are A, B\. Name it with --sample"):
        correct_file(files / "two.qtx", known, SHORT, files / "master.qtx")
    with pytest.raises(MeasurementError, match="called 'C'"):
        correct_file(files / "two.qtx", known, SHORT, files / "master.qtx", sample="C")
    assert correct_file(files / "two.qtx", known, SHORT, files / "master.qtx", sample="A").result.inside


def test_a_batch_measured_otherwise_than_the_ladders_is_refused(files):
    write(files / "sce.qtx", panel("Batch 7", SHORT, D8_SCE))
    with pytest.raises(MeasurementError, match="geometry"):
        correct_file(files / "sce.qtx", ColorantFile(PAINTS, None), SHORT, files / "master.qtx")


def test_masses_as_typed():
    assert masses_from_text("W01=50, B15 = 2.5") == {"W01": 50.0, "B15": 2.5}
    for wrong in ("W01", "W01=", "=5", "W01=x", "W=1,W=2"):
        with pytest.raises(FormulationError, match="recipe"):
            masses_from_text(wrong)
