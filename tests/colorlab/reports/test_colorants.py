"""The page of a characterisation and its figures: every number the record's, every axis with its unit."""

import re
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from colorlab.formulation.prediction.quality import quality_of
from colorlab.reports.colorants import ColorantsView, colorants_page
from colorlab.reports.figures import colorants as figures
from colorlab.reports.render import finish
from colorlab.reports.views import Imprint
from spectra.characterise import characterise
from spectra.errors import ReportError
from spectra.geometry import D8_SCI
from spectra.ladder import CardFilm, Letdown
from spectra.particle_paint import GRID, ParticlePaintLaboratory
from spectra.recipe import Recipe

IMPRINT = Imprint("Demo lab", date(2026, 11, 20), "0.1.0", simulated=True)


@pytest.fixture(scope="module")
def view():
    """Ladders in white, and one white film over both halves of a card."""
    rng = np.random.default_rng(3)
    laboratory = ParticlePaintLaboratory(rng, 5)
    panels = list(laboratory.ladders(rng, levels=(0.03, 0.1, 0.3)))
    for card, ground in (("black", 0.03), ("white", 0.7)):
        bare = laboratory.panel({"C1": 1.0}, thickness_um=1e-3, substrate=ground)[0]
        seen = laboratory.panel({"W1": 1.0}, thickness_um=15.0, substrate=ground)[0]
        panels.append(Letdown(f"film on {card}", Recipe("W1", ("W1",), np.ones(1)), seen, CardFilm("film", bare, 15.0)))
    result = characterise(
        panels, name="<set>", base="W1", grid=GRID, geometry=D8_SCI, roles=laboratory.roles, link="similarity", k2=0.5
    )
    return ColorantsView("colorants.html", "letdowns.csv", result, quality_of(result), ("a <remark>",))


@pytest.fixture(scope="module")
def page(view):
    return colorants_page(view, IMPRINT).html


def test_the_page_leads_with_what_levels_not_fitted_say(view, page):
    inner = [error for quality in view.qualities for error in quality.inner_delta_E_00]
    assert f"ΔE00 {np.mean(inner):.2f}" in page
    assert f"mean of {len(inner)}; greatest {max(inner):.2f}" in page


def test_every_colorant_has_its_line_and_its_section(view, page):
    for place, quality in enumerate(view.qualities):
        assert f'<a href="#colorant{place}">{quality.colorant.code}</a>' in page
        assert f'<section id="colorant{place}">' in page


def test_films_and_the_scale_they_give_stand_on_the_page(view, page):
    per_um = view.characterisation.colorant_set.base_scattering_per_um
    assert f"{per_um.min():.4f}–{per_um.max():.4f} per µm of dry film" in page
    assert f'<td class="n">15.0</td><td class="n">{view.characterisation.films[0].fitted_um:.1f}</td>' in page


def test_names_and_remarks_are_only_text(page):
    assert "<set>" not in page
    assert "a &lt;remark&gt;" in page


def test_ids_are_unique_and_pictures_have_words(page):
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert all(re.findall(r'<svg class="figure" role="img" aria-label="([^"]+)"', page))


def test_the_finished_page_is_one_file_and_the_same_each_time(view):
    white = replace(view, qualities=view.qualities[:1])
    first, second = (finish([colorants_page(white, IMPRINT)])["colorants.html"] for _ in range(2))
    assert first == second
    assert b"Simulated data" in first


def test_a_set_without_a_colorant_has_no_page(view):
    with pytest.raises(ReportError, match="no colorant to show"):
        colorants_page(ColorantsView("colorants.html", "x.csv", view.characterisation, ()), IMPRINT)


@pytest.mark.parametrize("draw", [figures.coefficients, figures.ladder])
def test_every_axis_of_a_figure_over_wavelengths_says_quantity_and_unit(view, draw):
    figure = draw(view.qualities[2], GRID)
    for axes in figure.axes:
        assert re.search(r"\[.+\]", axes.get_ylabel())
    assert figure.axes[-1].get_xlabel() == "Wavelength [nm]"


def test_levels_are_drawn_with_their_own_errors(view):
    quality = view.qualities[2]
    axes = figures.level_errors(quality).axes[0]
    widths = [patch.get_width() for patch in axes.patches]
    assert widths == pytest.approx(
        [level.delta_E_00_held_out for level in quality.levels if level.delta_E_00_held_out is not None]
    )
    assert [text.get_text() for text in axes.get_yticklabels()][-1] == "masstone"


def test_strength_is_drawn_over_the_dose(view):
    quality = view.qualities[2]
    axes = figures.strength(quality).axes[0]
    dots = [line for line in axes.lines if line.get_marker() == "o"]
    known = [level for level in quality.levels if level.strength is not None]
    assert [dot.get_xdata()[0] for dot in dots] == pytest.approx([100 * level.dose for level in known])
    assert [dot.get_ydata()[0] for dot in dots] == pytest.approx([100 * level.strength for level in known])
    assert "[%]" in axes.get_xlabel()
