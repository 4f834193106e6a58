"""Strengths of lots from a table of weighed recipes: learned, kept, written, and used to predict the next panels."""

import csv
import json
from datetime import UTC, datetime

import numpy as np
import pytest
from click.testing import CliRunner

import cli
from colorlab.formulation.document import ColorantFile
from colorlab.store.lab import create_lab, open_lab
from colorlab.store.strengths import strengths_history
from colorlab.workflows.characterise import characterise_file, record_colorants
from colorlab.workflows.predict import predict_file
from colorlab.workflows.recipe_panels import load_strengths
from colorlab.workflows.strengths import learn_strengths_file, record_strengths
from spectra.errors import MalformedFileError, RecordNotFoundError, UnknownColorantError
from spectra.simulate import GRID, VirtualPaintLaboratory

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
PASTES = ("K05", "Y42", "R01", "B15")
LOTS = {"K05": 1.15, "Y42": 0.9, "R01": 0.5, "B15": 1.0}


class Bench:
    """Ladders and recipes of one virtual laboratory as tables; its lots absorb more or less than the ladders did."""

    def __init__(self, folder):
        self.folder, self.rng = folder, np.random.default_rng(21)
        self.paints = VirtualPaintLaboratory(self.rng)

    def spectrum(self, masses, lots=None):
        total = sum(masses.values())
        truth = self.paints.solid_panel({code: grams / total for code, grams in masses.items()}, self.rng, lots)
        return [f"{value:.6f}" for value in self.paints.read(truth, self.rng).mean(axis=0)]

    def write(self, name, head, rows):
        path = self.folder / name
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([[*head, *(f"R{nm:.0f}" for nm in GRID.wavelengths)], *rows])
        return path

    def ladders(self):
        levels = [(paste, grams) for paste in PASTES for grams in (0.2, 0.6, 1.8, 5.0)]
        rows = [["white", "", 0, *self.spectrum({"W01": 50.0})]]
        rows += [
            [f"{paste} {grams}", paste, grams, *self.spectrum({"W01": 50.0, paste: grams})] for paste, grams in levels
        ]
        return self.write("ladders.csv", ("sample", "paste", "g_paste_in_50g_W01"), rows)

    def recipes(self, name, count, lots, mixed_up=()):
        rows = []
        for number in range(count):
            used = self.rng.choice(PASTES, 2, replace=False)
            grams = dict(zip(used.tolist(), self.rng.uniform(0.4, 2.0, 2).round(3).tolist(), strict=True))
            painted = dict(grams)
            if number in mixed_up:  # another paste went into the paint than the label says
                other = next(code for code in PASTES if code not in used)
                painted[other] = painted.pop(str(used[0]))
            spectrum = self.spectrum({"W01": 50.0, **painted}, lots)
            rows.append([f"{name} {number}", *(grams.get(code, 0) for code in PASTES), *spectrum])
        return self.write(f"{name}.csv", ("recipe", *(f"g_{code}" for code in PASTES)), rows)


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    return Bench(tmp_path_factory.mktemp("lots"))


@pytest.fixture(scope="module")
def tables(bench):
    return bench.ladders(), bench.recipes("batch", 12, LOTS), bench.recipes("next", 12, LOTS)


@pytest.fixture(scope="module")
def colorants(tables):
    return characterise_file(tables[0]).colorant_file


@pytest.fixture(scope="module")
def outcome(tables, colorants):
    return learn_strengths_file(tables[1], colorants, lot="week 12")


def test_strengths_bring_the_first_shot_home(outcome):
    assert outcome.mean_after_delta_E_00 < 0.3 * outcome.mean_before_delta_E_00
    assert outcome.strengths.factors["R01"] == pytest.approx(0.5, abs=0.1)
    assert sum(one.inside for one in outcome.left_out) >= 9
    assert outcome.strengths.contradictions == ()
    text = outcome.as_text()
    assert "week 12: strengths against the ladders of ladders, relative to W01, from 12 panels" in text
    assert "each panel predicted with strengths from the others: mean ΔE00" in text


def test_the_next_panels_lie_inside_what_was_predicted(tables, colorants, outcome):
    blind = predict_file(tables[2], colorants)
    known = predict_file(tables[2], colorants, strengths=outcome.strengths)
    assert known.mean_delta_E_00 < 0.3 * blind.mean_delta_E_00
    within, of = known.inside
    assert of == 12
    assert within >= 9
    assert within > blind.inside[0]
    assert "`colorlab strengths` learns how they act" in blind.as_text()
    assert "with the strengths of week 12: mean ΔE00" in known.as_text()
    assert known.as_dict()["recipes"][0]["uncertainty_of"] == ["ladders", "model", "lots", "weighing and reading"]


def test_a_paste_that_went_into_the_wrong_pot_is_named(bench, colorants):
    mixed = learn_strengths_file(bench.recipes("mixed", 12, LOTS, mixed_up=(4,)), colorants)
    (found,) = mixed.strengths.contradictions
    assert found.panel == "mixed 4"
    assert f"with {found.instead} in place of {found.stated}" in mixed.as_text()


def test_a_laboratory_keeps_what_was_learned(tables, tmp_path):
    create_lab(tmp_path / "lab", "colour lab", NOW).close()
    with open_lab(tmp_path / "lab") as lab:
        with pytest.raises(RecordNotFoundError, match="colorant set"):
            record_strengths(lab, tables[1], now=NOW, by="Li", base_mass_g=50.0)
        known = record_colorants(lab, tables[0], now=NOW, by="Li")
        asked = {"now": NOW, "by": "Li", "base_mass_g": 50.0, "lot": "week 12"}
        first = record_strengths(lab, tables[1], **asked)
        again = record_strengths(lab, tables[1], colorants=ColorantFile(known.colorant_set, 50.0), **asked)
        later = record_strengths(lab, tables[2], **asked)
        with lab.reading() as connection:
            history = strengths_history(connection, lot="week 12")
    assert (first.record, again.record, later.record) == ("B-000001", "B-000001", "B-000002")
    assert [one.colorant_set for one in history] == [known.record, known.record]
    assert len(history[0].inputs) == 12
    assert history[0].strengths.factors == first.strengths.factors
    assert "recorded as B-000001" in first.as_text()


def test_the_commands_learn_write_and_predict(tables, tmp_path):
    ladders, batches, following = map(str, tables)
    pastes, lots = str(tmp_path / "pastes.json"), str(tmp_path / "lots.json")

    def run(*arguments):
        return CliRunner().invoke(cli.colorlab, arguments, catch_exceptions=False)

    assert run("characterise", ladders, "--output", pastes).exit_code == 0
    learned = run("strengths", batches, "--colorants", pastes, "--lot", "week 12", "--output", lots, "--json")
    assert learned.exit_code == 0
    answer = json.loads(learned.stdout)
    assert {one["colorant"] for one in answer["strengths"]} == set(PASTES)
    assert answer["left_out"]["mean_after_delta_E_00"] < answer["left_out"]["mean_before_delta_E_00"]
    predicted = json.loads(run("predict", following, "--colorants", pastes, "--strengths", lots, "--json").stdout)
    assert predicted["lot"] == "week 12"
    assert sum(one["inside"] for one in predicted["recipes"]) >= 9
    assert load_strengths(tmp_path / "lots.json").factors["R01"] == pytest.approx(0.5, abs=0.1)
    assert run("strengths", batches).exit_code == 2


def test_strengths_of_other_colorants_and_other_files_are_refused(bench, tables, colorants, outcome):
    fewer = bench.write(
        "fewer.csv",
        ("sample", "paste", "g_paste_in_50g_W01"),
        [["white", "", 0, *bench.spectrum({"W01": 50.0})]]
        + [[f"K {g}", "K05", g, *bench.spectrum({"W01": 50.0, "K05": g})] for g in (0.2, 0.6, 1.8)],
    )
    with pytest.raises(UnknownColorantError):
        predict_file(tables[2], characterise_file(fewer).colorant_file, strengths=outcome.strengths)
    with pytest.raises(UnknownColorantError, match="paste_in_50g_W01"):
        learn_strengths_file(tables[0], colorants)
    with pytest.raises(MalformedFileError, match="not JSON"):
        load_strengths(tables[0])
