"""Past batches from a table: what they teach of colorants and colours, kept, written, and what is refused."""

import csv
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import cli
from colorlab.formulation.document import ColorantFile, read_colorants, write_colorants
from colorlab.formulation.lots.bias_steps import COLORANTS, COLOURS, STRENGTHS
from colorlab.store.colorants import newest_colorant_set, save_colorant_set
from colorlab.store.lab import create_lab, open_lab
from colorlab.workflows.characterise import characterise_file
from colorlab.workflows.paint_bias import learn_bias_file, record_bias
from colorlab.workflows.predict import predict_file
from spectra.characterise import characterise
from spectra.errors import FormulationError, MalformedFileError, UnknownColorantError
from spectra.geometry import D8_SCI
from spectra.particle_paint import GRID, ParticlePaintLaboratory

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
BASE_G = 100.0


class Bench:
    """Light followed through particles: the ladders' lots, then lots of other strength."""

    def __init__(self, folder):
        self.folder, rng = folder, np.random.default_rng(4)
        self.paints = ParticlePaintLaboratory(rng, 7)
        self.white, *_ = self.paints.codes
        self.pastes = [code for code, role in self.paints.roles.items() if role not in ("white", "clear")]
        self.rng = rng
        found = characterise(
            self.paints.ladders(rng),
            name="pastes",
            base=self.white,
            grid=GRID,
            geometry=D8_SCI,
            roles=self.paints.roles,
        )
        self.colorants = ColorantFile(found.colorant_set, BASE_G)
        self.lots = {code: float(np.exp(0.12 * rng.standard_normal())) for code in self.pastes}

    def formula(self):
        chosen = self.rng.choice(self.pastes, 2, replace=False).tolist()
        return dict(zip(chosen, np.exp(self.rng.uniform(np.log(0.5), np.log(10), 2)).round(3).tolist(), strict=True))

    def batch(self, formula, unstated=None):
        amounts = {self.white: BASE_G} | formula
        for code, grams in (unstated or {}).items():
            amounts[code] = amounts.get(code, 0.0) + grams
        weighed = self.paints.weighed(self.paints.fractions(amounts), self.rng)
        truth = self.paints.panel(weighed, strengths={**dict.fromkeys(self.paints.codes, 1.0), **self.lots})
        return [f"{value:.6f}" for value in self.paints.read(truth, self.rng).ravel()]

    def table(self, name, rows, heading=("sample", "colour")):
        """Rows of (name, colour, formula, spectrum); no second heading, no column of colours."""
        columns = [*heading, *(f"g_{code}" for code in self.pastes), *(f"R{nm:.0f}" for nm in GRID.wavelengths)]
        lines = [
            [*(batch, colour)[: len(heading)], *(formula.get(code, "") for code in self.pastes), *spectrum]
            for batch, colour, formula, spectrum in rows
        ]
        path = self.folder / name
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([columns, *lines])
        return path

    def batches(self, colours, times, unstated=False):
        rows = []
        for number in range(colours):
            formula = self.formula()
            secret = {self.pastes[0]: 1.5} if unstated and number < 3 else None
            rows += [
                (f"B{number}-{time}", f"colour {number}", formula, self.batch(formula, secret)) for time in range(times)
            ]
        return rows


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    return Bench(tmp_path_factory.mktemp("bias"))


@pytest.fixture(scope="module")
def rows(bench):
    return bench.batches(7, 2)


@pytest.fixture(scope="module")
def past(bench, rows):
    return bench.table("past.csv", rows)


@pytest.fixture(scope="module")
def pastes(bench, tmp_path_factory):
    path = tmp_path_factory.mktemp("colorants") / "pastes.json"
    path.write_bytes(write_colorants(bench.colorants))
    return path


def run(*arguments):
    return CliRunner().invoke(cli.colorlab, [str(one) for one in arguments])


def test_new_formulas_are_predicted_with_what_past_batches_taught(bench, past, pastes, tmp_path):
    learned = tmp_path / "learned.json"
    answer = run("bias", past, "--colorants", pastes, "--output", learned, "--json")
    assert answer.exit_code == 0, answer.output
    told = json.loads(answer.stdout)
    assert (told["batches"], told["colours"], told["learned_colorants"]) == (14, 7, "pastes learned")
    assert [one["step"] for one in told["steps"]] == [STRENGTHS, COLORANTS, COLOURS]
    first = told["steps"][0]
    assert first["kept"]
    gain = first["before_delta_E_00"] - first["after_delta_E_00"]
    assert gain > first["gain_standard_error_delta_E_00"] > 0
    new = bench.table("new.csv", bench.batches(8, 1))
    file = read_colorants(learned.read_bytes(), learned.name)
    assert file.base_mass_g == BASE_G
    assert predict_file(new, file).mean_delta_E_00 < 0.5 * predict_file(new, bench.colorants).mean_delta_E_00


def test_every_step_is_said_with_its_gain_and_why_not(past, pastes):
    text = run("bias", past, "--colorants", pastes).stdout
    assert text.startswith(
        "pastes, 14 batches of 7 colours; batches held out, weighted ΔE00 (D65/10°, A/10°, FL11/10°)"
    )
    assert [line.split("  ")[0] for line in text.splitlines()[2:5]] == [STRENGTHS, COLORANTS, COLOURS]
    assert "strengths against the ladders: " in text
    assert "remark: intervals of what it predicts are those of the ladders" in text


def test_what_a_colour_hides_is_learned_of_the_colour(bench):
    """A paste that goes into three colours and stands in no recipe of theirs."""
    found = learn_bias_file(bench.table("hidden.csv", bench.batches(6, 3, unstated=True)), bench.colorants)
    told = found.as_dict()
    assert told["steps"][2]["kept"]
    assert {one["batches"] for one in told["bias_of_colours"]} == {3}
    assert np.array(told["bias_of_colours"][0]["ln_ratio"]).shape == (1, len(told["wavelengths_nm"]))
    assert "K/S of a colour off by, mean over the wavelengths: colour 0 " in found.as_text()


def test_without_a_column_of_colours_every_batch_is_a_colour(bench, rows):
    found = learn_bias_file(bench.table("plain.csv", rows, heading=("sample",)), bench.colorants)
    assert found.as_dict()["colours"] == 14
    assert "no column 'colour' in plain.csv: every batch was taken as a colour of its own" in found.remarks
    assert "finding: bias of the colours not learned: no colour was made twice" in found.as_text()


def test_a_short_history_changes_nothing_and_writes_nothing(bench, rows, pastes, tmp_path):
    short = bench.table("short.csv", [row for row in rows if row[1] in ("colour 0", "colour 1", "colour 2")][::2])
    answer = run("bias", short, "--colorants", pastes, "--json")
    told = json.loads(answer.stdout)
    assert (told["learned_colorants"], told["strengths"], told["bias"]) == (None, [], [])
    assert told["steps"][0]["before_delta_E_00"] is None
    assert "3 colours of history" in told["steps"][0]["reason"]
    refused = run("bias", short, "--colorants", pastes, "--output", tmp_path / "learned.json")
    assert isinstance(refused.exception, FormulationError)
    assert "teaches nothing of the colorants that could be written; go on with pastes" in str(refused.exception)
    assert "strengths of the lots  not tried" in refused.stdout
    assert not (tmp_path / "learned.json").exists()


def test_a_set_that_batches_taught_is_learned_on_from_other_batches(bench, past):
    once = learn_bias_file(past, bench.colorants)
    file = ColorantFile(once.learned.colorant_set, BASE_G)
    again = learn_bias_file(past, file)
    assert "pastes learned was learned from batches: these must be others, else they count twice" in again.remarks
    assert again.learned.colorant_set.name == "pastes learned"


def test_a_laboratory_keeps_the_learned_colorants_with_their_batches(bench, past, tmp_path):
    create_lab(tmp_path / "lab", "colour lab", NOW).close()
    asked = ("--lab", tmp_path / "lab", "--base-mass", BASE_G, "--by", "Li", "--json")
    with open_lab(tmp_path / "lab") as lab, lab.writing() as connection:
        save_colorant_set(connection, bench.colorants.colorant_set, now=NOW, by="Li")
    first = json.loads(run("bias", past, *asked).stdout)
    again = json.loads(run("bias", past, *asked).stdout)
    assert (first["record"], again["record"]) == ("K-000002", "K-000002")
    assert (first["colorants"], again["colorants"]) == ("pastes", "pastes")
    with open_lab(tmp_path / "lab") as lab, lab.reading() as connection:
        kept = newest_colorant_set(connection, "pastes learned")
    assert len(kept.inputs) == 14
    assert kept.inputs[0].startswith("M-")


def test_a_laboratory_keeps_nothing_that_taught_nothing(bench, rows, tmp_path):
    short = bench.table("two.csv", rows[:2])
    create_lab(tmp_path / "lab", "colour lab", NOW).close()
    with open_lab(tmp_path / "lab") as lab:
        found = record_bias(lab, short, now=NOW, by="Li", colorants=bench.colorants)
    assert found.record is None
    assert "nothing recorded" in found.as_text()


def test_tables_that_do_not_say_what_a_batch_is_are_refused(bench, rows):
    def refused(name, changed, heading=("sample", "colour")):
        with pytest.raises(MalformedFileError) as caught:
            learn_bias_file(bench.table(name, changed, heading), bench.colorants)
        return str(caught.value)

    nameless = [rows[0], (rows[1][0], "", *rows[1][2:]), *rows[2:]]
    assert "nameless.csv, B0-1, column colour: an empty cell" in refused("nameless.csv", nameless)
    merged = [("one", *rows[0][1:]), ("one", rows[0][1], *rows[2][2:])]
    assert "2 rows called one differ in g_" in refused("merged.csv", merged)
    assert run("bias", bench.folder / "merged.csv").exit_code == 2


def test_tables_of_other_colorants_or_none_are_refused(bench, rows):
    path = bench.table("foreign.csv", rows)
    path.write_text(path.read_text(encoding="utf-8").replace("g_P", "g_X"), encoding="utf-8")
    with pytest.raises(UnknownColorantError, match="X0"):
        learn_bias_file(path, bench.colorants)
    path.write_text(path.read_text(encoding="utf-8").replace("g_", "kg "), encoding="utf-8")
    with pytest.raises(MalformedFileError, match="columns of grams"):
        learn_bias_file(path, bench.colorants)


def test_two_columns_of_colours_are_not_chosen_among(bench, rows):
    path = bench.table("both.csv", rows[:4], heading=("colour", "Color"))
    text = path.read_text(encoding="utf-8").replace("colour,Color", "sample,colour,Color", 1)
    head, *lines = text.splitlines()
    path.write_text("\n".join([head, *(f"s{place},{line}" for place, line in enumerate(lines))]), encoding="utf-8")
    with pytest.raises(MalformedFileError, match="columns colour and Color"):
        learn_bias_file(path, bench.colorants)


def test_a_set_without_model_error_teaches_its_colorants_alone(bench, past):
    bare = replace(bench.colorants.colorant_set, model_error=None)
    found = learn_bias_file(past, ColorantFile(bare, BASE_G))
    assert "pastes does not say how far its model errs" in found.learned.steps[0].reason
    assert found.as_dict()["strengths"] == []
    assert found.learned.ln_absorption
    assert "absorption off by, mean over the wavelengths: " in found.as_text()


def test_fourteen_real_batches_of_fourteen_colours(shared_data: Path):
    """No colour twice: lots and pastes are learned, colours are not, and the mixed-up pastes are named."""
    data = shared_data / "paint_recipes"
    found = learn_bias_file(data / "recipes.csv", characterise_file(data / "letdowns.csv").colorant_file)
    lots, _, colours = found.learned.steps
    assert lots.kept
    assert lots.after < 0.4 * lots.before
    assert (colours.kept, colours.reason.split(":")[0]) == (False, "no colour was made twice")
    assert any(one.stated == "08S" and one.instead == "08" for one in found.learned.strengths.contradictions)
