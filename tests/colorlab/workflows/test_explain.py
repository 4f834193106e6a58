"""A batch explained from files and from a lab's verdict, and one clear sentence where it cannot be."""

import json
from datetime import UTC, datetime

import numpy as np
import pytest
from click.testing import CliRunner

from colorlab.commands.explaining import explain
from colorlab.formulation.document import ColorantFile, write_colorants
from colorlab.store.colorants import save_colorant_set
from colorlab.store.lab import create_lab
from colorlab.store.measurements import save_measurements
from colorlab.store.recipes import save_recipe
from colorlab.store.verdicts import append_verdict
from colorlab.tolerance.tolerance import DEFAULT
from colorlab.uncertainty.noise import DECLARED_DEFAULT
from colorlab.verdict.judge import judge
from colorlab.workflows.explain import explain_file, explain_verdict, film_over
from colorlab.workflows.lab_file import read_for_lab, register
from colorlab.workflows.read import NOTHING_DECLARED
from colorlab.workflows.typed_masses import recipe_from_text
from spectra.colorant import Colorant, ColorantSet
from spectra.errors import (
    FormulationError,
    LabError,
    MeasurementError,
    NotComparableError,
    RecordNotFoundError,
)
from spectra.formats.base import file_of
from spectra.formats.registry import FORMATS
from spectra.geometry import D8_SCE, D8_SCI
from spectra.measurement import Measurement
from spectra.optics.interface import Saunderson, measured_reflectance
from spectra.optics.kubelka_munk import reflectivity
from spectra.recipe import recipe_from_masses
from spectra.wavelengths import WavelengthGrid

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
GRID = WavelengthGrid(400, 700, 10)
SURFACE = Saunderson(0.04, 0.5, True)
NM = GRID.wavelengths


def bump(centre, width, height):
    return 0.02 + height * np.exp(-(((NM - centre) / width) ** 2))


COLORANTS = ColorantSet(
    "three pastes",
    (
        Colorant("W", "white base", "white", np.full((1, 31), 0.002), np.ones((1, 31))),
        Colorant("B", "blue paste", "chromatic", bump(620, 70, 9)[None], np.full((1, 31), 0.2)),
        Colorant("R", "red paste", "chromatic", bump(480, 60, 8)[None], np.full((1, 31), 0.3)),
        Colorant("Y", "yellow paste", "chromatic", bump(420, 40, 7)[None], np.full((1, 31), 0.5)),
    ),
    GRID,
    D8_SCI,
    SURFACE,
    "W",
)
MASSES = {"W": 100.0, "B": 5.0, "R": 3.0}


def reflectance(masses):
    K = sum(mass * COLORANTS[code].absorption for code, mass in masses.items())
    S = sum(mass * COLORANTS[code].scattering for code, mass in masses.items())
    return measured_reflectance(reflectivity(K, S), SURFACE)


def panel(name, masses, geometry=D8_SCI, **fields):
    return Measurement(name, reflectance(masses), GRID, geometry, **fields)


@pytest.fixture
def submission(tmp_path):
    path = tmp_path / "batch.qtx"
    panels = [
        panel("Master", MASSES, role="standard"),
        panel("Batch 7", MASSES | {"B": 4.5}, role="sample", standard="Master"),
        panel("Batch 8", MASSES, role="sample", standard="Master"),
    ]
    path.write_bytes(FORMATS["qtx"].write(file_of(panels)))
    return path


@pytest.fixture
def colorants(tmp_path):
    path = tmp_path / "colorants.json"
    path.write_bytes(write_colorants(ColorantFile(COLORANTS, None)))
    return path


@pytest.fixture
def recipes(tmp_path):
    """A table of weighed recipes with a spectrum beside each."""
    path = tmp_path / "recipes.csv"
    lines = ["sample,g_W,g_B,g_R,geometry," + ",".join(f"R{nm:.0f}" for nm in NM)]
    for name, masses in (("Batch 7", MASSES), ("other", {"W": 100.0, "B": 1.0, "R": 1.0})):
        spectrum = ",".join(f"{value:.6f}" for value in reflectance(masses)[0])
        lines.append(f"{name},{masses['W']},{masses['B']},{masses['R']},{D8_SCI.tokens[0]},{spectrum}")
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def run(*arguments):
    return CliRunner().invoke(explain, [str(argument) for argument in arguments])


def test_a_short_dose_is_explained_from_files(submission):
    outcome = explain_file(submission, ColorantFile(COLORANTS, None), recipe_from_text("W=100,B=5,R=3"))
    short, right = outcome.explanations
    assert (short.sample, short.finding) == ("Batch 7", "explained")
    assert short.found[0].cause.colorant == "B"
    assert short.found[0].change.value == pytest.approx(-0.1, abs=0.02)
    assert (right.sample, right.finding) == ("Batch 8", "nothing to explain")
    assert "short of blue paste (B)" in outcome.as_text()
    assert "blue paste (B) 少" in outcome.as_text()
    json.dumps(outcome.as_dict(), allow_nan=False)


def test_the_command_says_what_the_workflow_says(submission, colorants):
    options = ("--recipe", "W=100,B=5,R=3", "--colorants", colorants, "--only", "Batch 7")
    text, document = run(submission, *options), run(submission, *options, "--json")
    assert (text.exit_code, document.exit_code) == (0, 0)
    assert "short of blue paste (B)" in text.output
    (answer,) = json.loads(document.output)["explanations"]
    assert answer["causes"][0]["colorant"] == "B"
    assert answer["assumptions"]["strength"] == 0.05


def test_the_assumptions_are_the_users(submission, colorants):
    options = ("--recipe", "W=100,B=5,R=3", "--colorants", colorants, "--strength", "20", "--weighing", "1", "--json")
    assumed = json.loads(run(submission, *options).output)["explanations"][0]["assumptions"]
    assert (assumed["strength"], assumed["weighing"]) == (0.2, 0.01)


def test_a_recipe_is_taken_from_the_row_of_its_sample_or_the_one_named(submission, colorants, recipes):
    options = ("--recipe", recipes, "--colorants", colorants, "--only", "Batch 7")
    answer = json.loads(run(submission, *options, "--json").output)["explanations"][0]
    assert answer["recipe"] == "Batch 7"
    named = json.loads(run(submission, *options, "--recipe-name", "other", "--json").output)["explanations"][0]
    assert named["recipe"] == "other"
    missing = run(submission, "--recipe", recipes, "--colorants", colorants)
    assert isinstance(missing.exception, FormulationError)
    assert "--recipe-name" in str(missing.exception)


def test_a_sample_without_a_standard_is_held_against_the_recipe_as_predicted(submission, colorants):
    options = ("--recipe", "W=100,B=5,R=3", "--colorants", colorants, "--predicted", "--only", "Batch 7", "--json")
    answer = json.loads(run(submission, *options).output)["explanations"][0]
    assert answer["standard"] == "recipe as predicted"


def test_a_film_that_shows_its_substrate_may_be_too_thin(submission, colorants, tmp_path):
    bare = tmp_path / "card.qtx"
    black = Measurement("card", np.full((1, 31), 0.05), GRID, D8_SCI, role="standard")
    bare.write_bytes(FORMATS["qtx"].write(file_of([black])))
    film = ("--film-build", "20", "--substrate", bare, "--scattering", "0.1")
    done = run(submission, "--recipe", "W=100,B=5,R=3", "--colorants", colorants, *film, "--json")
    kinds = {one["kind"] for one in json.loads(done.output)["explanations"][0]["candidates"]}
    assert "film build" in kinds
    partly = run(submission, "--recipe", "W=100,B=5,R=3", "--colorants", colorants, "--film-build", "20")
    assert "--substrate" in partly.output


def test_a_substrate_measured_otherwise_is_refused(tmp_path):
    bare = tmp_path / "card.qtx"
    other = Measurement("card", np.full((1, 31), 0.05), GRID, D8_SCE, role="standard")
    bare.write_bytes(FORMATS["qtx"].write(file_of([other])))
    with pytest.raises(NotComparableError):
        film_over(20.0, bare, 0.1, ColorantFile(COLORANTS, None), NOTHING_DECLARED)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "--recipe and --colorants"),
        (("--recipe", "W=1", "--colorants", "c.json", "--standard", "a", "--predicted"), "only one of"),
        (("--lab", "lab", "--recipe", "W=1"), "those of the verdict"),
    ],
)
def test_options_that_do_not_go_together_are_told(submission, arguments, said):
    done = run(submission, *arguments)
    assert done.exit_code == 2
    assert said in done.output


def test_a_sample_that_is_not_there_is_told(submission, colorants):
    done = run(submission, "--recipe", "W=1,B=1", "--colorants", colorants, "--predicted", "--only", "Batch 9")
    assert isinstance(done.exception, MeasurementError)
    assert "Batch 9" in str(done.exception)


@pytest.fixture
def lab(tmp_path, submission):
    """A verdict on a short batch of a colour, in a lab that holds its measurements."""
    path = tmp_path / "lab"
    kept = read_for_lab(submission, NOTHING_DECLARED)
    standard, sample, _ = kept.file.measurements
    verdict = judge(standard, sample, DEFAULT, DECLARED_DEFAULT, seed=0)
    with create_lab(path, "lab", NOW) as opened:
        blobs = kept.put(opened)
        with opened.writing() as connection:
            register(connection, blobs, now=NOW, by="Li")
            records = save_measurements(connection, [standard, sample], now=NOW, by="Li", colour="AME")
            recorded = append_verdict(
                connection,
                decision=verdict.decision,
                document=verdict.as_dict(),
                software_version="0",
                now=NOW,
                by="Wang",
                standard=records[0],
                sample=records[1],
                colour="AME",
            )
        yield opened, path, recorded


def with_recipe(lab, masses=MASSES):
    with lab.writing() as connection:
        colorants = save_colorant_set(connection, COLORANTS, now=NOW, by="Li")
        recipe = recipe_from_masses("AME match", masses)
        return save_recipe(connection, recipe, now=NOW, by="Li", colour="AME", colorant_set=colorants)


def test_a_verdict_is_explained_with_the_recipe_of_its_colour(lab):
    opened, path, verdict = lab
    with_recipe(opened, {"W": 1.0, "Y": 1.0})
    recipe = with_recipe(opened)
    outcome = explain_verdict(opened, verdict)
    assert outcome.records[0] == verdict
    assert recipe in outcome.records
    (one,) = outcome.explanations
    assert one.found[0].cause.colorant == "B"
    opened.close()
    done = run("--lab", path, verdict, "--json")
    assert done.exit_code == 0
    assert json.loads(done.output)["explanations"][0]["causes"] == outcome.as_dict()["explanations"][0]["causes"]


def test_a_colour_without_a_recipe_cannot_be_explained(lab):
    opened, _, verdict = lab
    with pytest.raises(RecordNotFoundError, match=r"'AME' .*`colorlab match --lab LAB --colour AME` finds one"):
        explain_verdict(opened, verdict)


def test_a_verdict_of_no_colour_cannot_be_explained(lab):
    opened, _, _ = lab
    with opened.writing() as connection:
        alone = append_verdict(connection, decision="accept", document={}, software_version="0", now=NOW, by="Li")
    with pytest.raises(LabError, match=alone):
        explain_verdict(opened, alone)
