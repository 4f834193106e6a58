"""The figure of an explanation shows what the explanation says."""

import re

import numpy as np
import pytest

from colorlab.control.explain.difference import explain_difference
from colorlab.reports.figures.explained import contributions
from colorlab.reports.style import svg
from spectra.colorant import Colorant, ColorantSet
from spectra.geometry import D8_SCI
from spectra.measurement import Measurement
from spectra.optics.interface import Saunderson, measured_reflectance
from spectra.optics.kubelka_munk import reflectivity
from spectra.recipe import recipe_from_masses
from spectra.wavelengths import WavelengthGrid

GRID = WavelengthGrid(400, 700, 10)
SURFACE = Saunderson(0.04, 0.5, True)


@pytest.fixture(scope="module")
def explanation():
    nm = GRID.wavelengths
    white = Colorant("W", "white base", "white", np.full((1, 31), 0.002), np.ones((1, 31)))
    blue = Colorant("B", "blue paste", "chromatic", 9 * np.exp(-(((nm - 620) / 70) ** 2))[None], np.full((1, 31), 0.2))
    colorants = ColorantSet("two", (white, blue), GRID, D8_SCI, SURFACE, "W")
    panels = [
        Measurement(
            name,
            measured_reflectance(
                reflectivity(white.absorption + share * blue.absorption, white.scattering + share * blue.scattering),
                SURFACE,
            ),
            GRID,
            D8_SCI,
        )
        for name, share in (("standard", 0.1), ("batch", 0.09))
    ]
    return explain_difference(*panels, recipe_from_masses("blue", {"W": 1.0, "B": 0.1}), colorants)


def test_each_cause_has_a_row_and_each_part_of_the_difference_a_panel(explanation):
    figure = contributions(explanation)
    assert len(figure.axes) == 4
    titles = [axes.get_title(loc="left") for axes in figure.axes]
    assert titles == ["ΔL*", "ΔC*", "ΔH*", "ΔE left without it"]
    rows = {text.get_text().replace("\n", " ") for text in figure.axes[0].texts}
    assert {"measured", "not explained"} < rows
    assert any("short of blue paste (B)" in row for row in rows)
    units = [axes.get_xlabel() for axes in figure.axes if axes.get_xlabel()]
    assert all(re.search(r"\[.+\]", unit) for unit in units)


def test_the_bars_are_the_numbers(explanation):
    figure = contributions(explanation)
    (found,) = explanation.found
    for axes, name in zip(figure.axes, ("delta_L", "delta_C", "delta_H"), strict=False):
        widths = [bar.get_width() for bar in axes.patches]
        assert widths[0] == pytest.approx(explanation.difference[name])
        assert widths[1] == pytest.approx(found.contribution[name].value)
        assert widths[1] + widths[2] == pytest.approx(widths[0])
    assert [bar.get_width() for bar in figure.axes[3].patches] == pytest.approx(
        [explanation.delta_E, found.delta_E_without.value, explanation.delta_E_remaining]
    )


def test_its_drawing_is_the_same_each_time(explanation):
    first, second = (svg(contributions(explanation), "explained", "contributions") for _ in range(2))
    assert first == second
