"""The forward model of a characterisation: it is the colorant set's, and its slopes are its slopes."""

from dataclasses import replace

import numpy as np
import pytest

from spectra.colorant import Colorant, ColorantSet
from spectra.geometry import D8_SCI
from spectra.ladder import CardFilm, Letdown, panel_table
from spectra.optics.interface import Saunderson
from spectra.optics.link import LINKS
from spectra.panel_model import PaintModel, Panels, panels_of
from spectra.recipe import Recipe
from spectra.wavelengths import WavelengthGrid

GRID = WavelengthGrid(400, 700, 100)
CARD = np.array([0.8, 0.82, 0.84, 0.85])
MODEL = PaintModel(Saunderson(0.04, 0.5, True), np.array([1.0, 0.0, 0.0]), crowding=0.2, thickness_um=np.array([20.0]))
DOSES = ({"W": 1.0}, {"W": 0.9, "R": 0.1}, {"R": 0.3, "C": 0.7}, {"W": 0.5, "R": 0.2, "C": 0.3})


def table():
    letdowns = [
        Letdown(
            str(number),
            Recipe(str(number), tuple(doses), np.array(list(doses.values()))),
            np.full(GRID.count, 0.5),
            CardFilm("film", CARD, 20.0) if "C" in doses else None,
        )
        for number, doses in enumerate(DOSES)
    ]
    densities = {"W": 1.8, "R": 1.2, "C": 1.0}
    return panel_table(letdowns, "W", GRID, D8_SCI, {"C": "clear"}, densities)


def unknown():
    rng = np.random.default_rng(0)
    K = np.log(np.array([0.01, 3.0, 1e-3]))[:, None] + 0.3 * rng.standard_normal((3, GRID.count))
    S = np.log(np.array([0.1, 0.4, 1e-3]))[:, None] + 0.3 * rng.standard_normal((3, GRID.count))
    return np.concatenate([K, S])


@pytest.mark.parametrize("link", LINKS)
def test_panels_are_what_the_colorant_set_predicts(link):
    panels, values = panels_of(table(), replace(MODEL, link=link)), unknown()
    K, S = panels.coefficients(values)
    colorants = tuple(
        Colorant(code, code, role, K[row][None], S[row][None], crowds=crowds)
        for row, (code, role, crowds) in enumerate((("W", "white", 1.0), ("R", "chromatic", 0.0), ("C", "clear", 0.0)))
    )
    paints = ColorantSet("s", colorants, GRID, D8_SCI, MODEL.surface, "W", link=link, crowding=MODEL.crowding)
    mixed = panels.fractions
    predicted = panels.reflectance_factor(values)
    assert predicted[:2] == pytest.approx(paints.reflectance_factor(mixed)[:2, 0])
    # 20 µm of a film that is lighter than the white alone holds less of everything.
    density = 1 / (mixed[2:] @ (1.8 / np.array([1.8, 1.2, 1.0])))
    depth = np.exp(values[3]) * 20.0 * density[:, None]
    mix = paints.mix(mixed)
    films = paints.film(mix[0][2:, 0], mix[1][2:, 0], depth, CARD)
    assert predicted[2:] == pytest.approx(films, rel=1e-9)


@pytest.mark.parametrize("link", LINKS)
def test_slopes_are_differences(link):
    panels, values = panels_of(table(), replace(MODEL, link=link)), unknown()
    slopes = panels.slopes(values)
    K, S = panels.coefficients(values)
    step = 1e-5
    for row in range(6):
        up, down = values.copy(), values.copy()
        up[row] += step
        down[row] -= step
        expected = (panels.reflectance_factor(up) - panels.reflectance_factor(down)) / (2 * step)
        if row < 3:
            found = slopes.by_K * panels.fractions[:, [row]] * K[row]
        elif row == 3:
            found = slopes.by_depth
        else:
            found = slopes.by_S * panels.acting[:, [row - 3]] * S[row - 3]
        assert found == pytest.approx(expected, abs=1e-7)


def test_the_slope_by_crowding_is_a_difference():
    values, step = unknown(), 1e-5
    panels = panels_of(table(), MODEL)
    ends = [panels_of(table(), replace(MODEL, crowding=0.2 + way)).reflectance_factor(values) for way in (step, -step)]
    found = panels.by_crowding(values, panels.slopes(values))
    assert found == pytest.approx((ends[0] - ends[1]) / (2 * step), abs=1e-7)


def test_hiding_panels_need_no_thickness():
    hiding = Panels(np.array([[0.9, 0.1, 0.0]]), 0, replace(MODEL, thickness_um=None))
    assert hiding.reflectance_factor(unknown()).shape == (1, GRID.count)
