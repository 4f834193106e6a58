"""The report folder of a lab: each verdict's page knows the lab's own layers, statements, history and reason."""

import re
from datetime import UTC, date, datetime, timedelta
from html import unescape

import numpy as np
import pytest

from colorlab.roadmap.plan import Programme, RoadmapColour
from colorlab.store.colorants import save_colorant_set
from colorlab.store.lab import create_lab
from colorlab.store.programme import save_colour, save_programme
from colorlab.store.recipes import save_recipe
from colorlab.store.tolerances import save_tolerance
from colorlab.uncertainty.instrument_statement import InstrumentStatement, Spread
from colorlab.uncertainty.statement_document import write_statement
from colorlab.workflows.report import write_report
from colorlab.workflows.statement import set_statement
from colorlab.workflows.submission import set_standard, vet_submission
from spectra.colorant import Colorant, ColorantSet
from spectra.formats.base import file_of
from spectra.formats.registry import FORMATS
from spectra.geometry import D8_SCI
from spectra.measurement import Measurement
from spectra.optics.interface import Saunderson, measured_reflectance
from spectra.optics.kubelka_munk import reflectivity
from spectra.recipe import recipe_from_masses
from spectra.wavelengths import WavelengthGrid

START = datetime(2026, 1, 5, 8, tzinfo=UTC)
GRID = WavelengthGrid(400, 700, 10)
SURFACE = Saunderson(0.04, 0.5, True)
ABSORPTION = 0.02 + 9 * np.exp(-(((GRID.wavelengths - 620) / 70) ** 2))
COLORANTS = ColorantSet(
    "two pastes",
    (
        Colorant("W", "white base", "white", np.full((1, 31), 0.002), np.ones((1, 31))),
        Colorant("B", "blue paste", "chromatic", ABSORPTION[None], np.full((1, 31), 0.2)),
    ),
    GRID,
    D8_SCI,
    SURFACE,
    "W",
)
SPHERE = InstrumentStatement(("Sphere 1",), "certificate 12", date(2026, 1, 5), Spread(0.002, 0.0001), 80.0)
OTHER = InstrumentStatement(("Sphere 2",), "certificate 13", date(2026, 1, 5), Spread(0.002, 0.0001), 80.0)


def panel(tmp_path, name, blue):
    K, S = (COLORANTS["W"].absorption + blue * COLORANTS["B"].absorption), 1 + 0.2 * blue
    measured = Measurement(name, measured_reflectance(reflectivity(K, S), SURFACE), GRID, D8_SCI, instrument="Sphere 1")
    path = tmp_path / f"{name}.cxf"
    path.write_bytes(FORMATS["cxf"].write(file_of([measured])))
    return path


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """Of a lab with six submissions, all good but the last; a first one by somebody else, and one of two samples."""
    folder = tmp_path_factory.mktemp("report")
    with create_lab(folder / "lab", "lab", START) as lab:
        with lab.writing() as connection:
            programme = Programme("one", date(2025, 9, 25), date(2028, 9, 24), 1)
            save_programme(connection, programme, now=START, by="Li")
            colour = RoadmapColour("SKY", {"en": "Sky", "zh": "天蓝"}, "blue", "solid", (), None, date(2026, 9, 1))
            save_colour(connection, colour, now=START, by="Li")
            document = 'name = "Sky"\nformula = "CIEDE2000"\nviewings = ["D65/10°"]\n[[limit]]\ndelta_E = 1.0\n'
            save_tolerance(connection, document, now=START, by="Li")
            colorants = save_colorant_set(connection, COLORANTS, now=START, by="Li")
            recipe = recipe_from_masses("SKY", {"W": 100.0, "B": 5.0})
            save_recipe(connection, recipe, now=START, by="Li", colour="SKY", colorant_set=colorants)
        for number, statement in enumerate((SPHERE, OTHER)):
            path = folder / f"{number}.toml"
            path.write_bytes(write_statement(statement))
            set_statement(lab, path, now=START, by="Li")
        set_standard(lab, "SKY", panel(folder, "master", 0.05), now=START, by="Li")
        for day, blue in enumerate((0.0502, 0.0497, 0.0503, 0.0499, 0.0501, 0.042)):
            now, path = START + timedelta(days=1 + day), panel(folder, f"lot{day}", blue)
            vet_submission(lab, [path], colour="SKY", supplier="BASF", now=now, by="Li")
        path = panel(folder, "sample", 0.0501)
        vet_submission(lab, [path], colour="SKY", supplier="PPG", now=START + timedelta(days=9), by="Li")
        paths = [panel(folder, "twin0", 0.0502), panel(folder, "twin1", 0.042)]
        vet_submission(lab, paths, colour="SKY", supplier="Axalta", now=START + timedelta(days=10), by="Li")
        write_report(lab, folder / "out", date(2026, 3, 1))
    return folder / "out"


def plain(path):
    text = path.read_text(encoding="utf-8")
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text[text.index("<main>") :])).split())


@pytest.fixture(scope="module")
def pages(report):
    """Pages of verdicts by record."""
    texts = [plain(path) for path in sorted(report.glob("vetting-*.html"))]
    return {re.search(r"Record (V-\d{6})", text)[1]: text for text in texts}


def test_a_page_names_the_layers_and_statements_it_was_judged_by(pages):
    for text in pages.values():
        assert "put together from T-000001 (the programme’s, version 1)" in text
        assert "Sphere 1, 2026-01-05: certificate 12" in text
        assert "certificate 13" not in text, "it is about another instrument"
        assert "instrument statement" in text
        assert "source SHA-256" in text


def test_the_uncertainty_of_a_statement_is_drawn(pages):
    assert "300 draws of the true difference" in pages["V-000001"]
    assert "the band that holds it with 95 %" in pages["V-000001"]


def test_a_first_submission_is_called_so_and_later_ones_are_compared(pages):
    assert "First submission of SKY by BASF" in pages["V-000001"]
    assert "First submission of SKY by PPG" in pages["V-000007"]
    assert "2 earlier submissions do not say what is usual; 5 are the least: 3 more." in pages["V-000003"]
    assert re.search(r"Not the same as before: .* \(5 earlier submissions\)", pages["V-000006"])


def test_the_history_is_that_of_one_supplier_with_this_page_marked(pages):
    assert "Submissions of Sky by BASF, in order. V-000006 is this page’s" in pages["V-000006"]
    assert "in order" not in pages["V-000007"]


def test_a_rejected_batch_is_explained_from_the_recipe_in_force(pages):
    assert "short of blue paste (B)" in pages["V-000006"]
    assert "blue paste (B) 少" in pages["V-000006"]
    assert "Why is it off" not in pages["V-000001"]


def test_a_first_submission_of_which_one_sample_fails_is_not_accepted(report):
    text = plain(report / "submissions.html")
    assert "Colours accepted at the first submission Axalta 0 of 1 BASF 1 of 1 PPG 1 of 1" in text


def test_the_latest_submissions_are_the_last_recorded(report):
    html = (report / "index.html").read_text(encoding="utf-8")
    links = re.findall(r'href="(vetting-v-\d{6}\.html)"', html)
    assert links == [f"vetting-v-{number:06d}.html" for number in range(9, 0, -1)]
