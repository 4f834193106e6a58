"""The particle-paint laboratory: what real paint does, and two-flux models do not know."""

import numpy as np
import pytest

from spectra.errors import FormulationError, GeometryError, UnknownColorantError
from spectra.geometry import ANNULAR_45_0, D8, D8_SCE, D8_SCI
from spectra.particle_paint import GRID, ParticlePaintLaboratory

GREEN = int(np.argmin(abs(GRID.wavelengths - 550)))


@pytest.fixture(scope="module")
def laboratory():
    return ParticlePaintLaboratory(np.random.default_rng(5))


def test_a_seed_makes_the_same_paints_again_and_another_seed_others(laboratory):
    recipe = {"W1": 0.9, "P02": 0.1}
    again, other = (ParticlePaintLaboratory(np.random.default_rng(seed)).panel(recipe) for seed in (5, 6))
    assert np.array_equal(laboratory.panel(recipe), again)
    assert abs(laboratory.panel(recipe) - other).max() > 0.01


def test_masstones_look_like_their_pigments(laboratory):
    white, black, yellow = (laboratory.panel({code: 1.0})[0] for code in ("W1", "K1", "P01"))
    assert white[GREEN] > 0.88
    assert white[0] < 0.7
    assert (black < 0.05).all()
    assert (black > 0.04).all()
    assert yellow[-1] > 0.3
    assert yellow[5] < 0.06


def test_more_than_three_hundred_panels_are_one_array(laboratory):
    rows = np.random.default_rng(1).dirichlet(np.full(12, 0.3), 40)
    panels = laboratory.panel(rows)
    assert panels.shape == (40, GRID.count)
    assert panels[7] == pytest.approx(laboratory.panel(rows[7])[0], abs=1e-12)
    assert ((panels > 0.03) & (panels < 1)).all()


def test_the_geometries_differ_by_the_surface(laboratory):
    recipe = {"W1": 1.0}
    included, excluded, ring = (laboratory.panel(recipe, geometry=one)[0] for one in (D8_SCI, D8_SCE, ANNULAR_45_0))
    assert included - excluded == pytest.approx(0.0400, abs=1e-4)
    # A surface of index 1.5 lets in 94.98 % of a beam at 45°, and 90.82 % of diffuse light.
    assert ring / excluded == pytest.approx(0.9498 / 0.9082, abs=0.01)
    with pytest.raises(GeometryError, match="d/8 SCI, d/8 SCE"):
        laboratory.panel(recipe, geometry=D8)


def test_a_thick_film_hides_and_no_film_shows_the_substrate(laboratory):
    recipe = {"W1": 0.8, "P06": 0.2}
    over = [laboratory.panel(recipe, thickness_um=1000, substrate=ground)[0] for ground in (0.0, 0.8)]
    assert over[0] == pytest.approx(laboratory.panel(recipe)[0], abs=1e-5)
    assert over[1] == pytest.approx(over[0], abs=1e-5)
    # A perfect white seen through nothing but the surface stays a perfect white.
    assert laboratory.panel({"C1": 1.0}, thickness_um=0, substrate=1.0) == pytest.approx(1, abs=1e-5)


def test_contrast_falls_as_the_film_grows(laboratory):
    films = np.array([5.0, 10, 20, 40, 80])
    rows = np.repeat(laboratory.fractions({"W1": 1.0}), films.size, axis=0)
    black, white = (laboratory.panel(rows, thickness_um=films, substrate=ground)[:, GREEN] for ground in (0.0, 0.8))
    ratio = black / white
    assert (np.diff(ratio) > 0).all()
    assert 0.4 < ratio[1] < 0.8
    assert ratio[-1] > 0.95


def test_crowding_takes_scattering_from_a_white(laboratory):
    # Clear in place of half the white: by Kubelka and Munk nothing changes in a thin film of twice the thickness.
    full = laboratory.panel({"W1": 1.0}, thickness_um=10, substrate=0.0)[0, GREEN]
    colorant = {one.code: one for one in laboratory.colorants}
    half = {"W1": colorant["W1"].density_g_cm3, "C1": colorant["C1"].density_g_cm3}  # equal volumes
    thinned = laboratory.panel(half, thickness_um=20, substrate=0.0)[0, GREEN]
    assert thinned > full + 0.02


def test_a_stronger_lot_of_black_darkens(laboratory):
    grey = {"W1": 0.97, "K1": 0.03}
    assert (laboratory.panel(grey, strengths={"K1": 1.1}) < laboratory.panel(grey)).all()
    lots = laboratory.lot_strengths(np.random.default_rng(3), 0.05)
    assert lots[laboratory.codes.index("C1")] == 1
    assert laboratory.panel(grey, strengths=lots).shape == (1, GRID.count)


def test_weighing_and_reading_err_as_stated(laboratory):
    rng = np.random.default_rng(0)
    asked = np.repeat(laboratory.fractions({"W1": 0.9, "P03": 0.1}), 4000, axis=0)
    weighed = laboratory.weighed(asked, rng, error=0.01)
    assert weighed.sum(axis=1) == pytest.approx(1)
    ratio = weighed[:, laboratory.codes.index("P03")] / weighed[:, 0] * 9
    assert ratio.std() == pytest.approx(0.01 * np.sqrt(2), rel=0.05)
    readings = laboratory.read(np.full((4000, GRID.count), 0.5), rng, noise=0.001, placement=0.0)
    assert readings.std() == pytest.approx(0.001, rel=0.05)
    assert laboratory.weighed({"P03": 1.0}, rng, error=0.0, resolution=0.1)[0].max() == 1


def test_ladders_are_letdowns_of_what_was_asked(laboratory):
    panels = laboratory.ladders(np.random.default_rng(1), partners=("W1", "K1", "C1"), levels=(0.05, 0.5))
    coloured = len(laboratory.codes) - 1
    assert len(panels) == coloured + 2 * (coloured - 1) * 2 + coloured * 2
    ladder = next(item for item in panels if item.recipe.colorants == ("P01", "C1"))
    assert ladder.recipe.mass_fractions == pytest.approx([0.05, 0.95])
    assert laboratory.roles["C1"] == "clear"


@pytest.mark.parametrize(
    ("recipe", "films", "error", "words"),
    [
        ({"P99": 1.0}, {}, UnknownColorantError, "P99"),
        ({"W1": -1.0}, {}, FormulationError, "positive sum"),
        (np.ones((2, 5)), {}, FormulationError, r"\(2, 5\)"),
        ({"C1": 1.0}, {}, FormulationError, "never hides"),
        ({"W1": 1.0}, {"thickness_um": 30}, FormulationError, "thickness and a substrate"),
        ({"W1": 1.0}, {"thickness_um": -1, "substrate": 0.1}, FormulationError, "film thickness"),
        ({"W1": 1.0}, {"thickness_um": 30, "substrate": 1.1}, FormulationError, "substrate reflectance"),
        ({"W1": 1.0}, {"strengths": {"W1": 0.0}}, FormulationError, "above 0"),
        ({"W1": 1.0}, {"strengths": {"W9": 1.0}}, UnknownColorantError, "W9"),
    ],
)
def test_what_is_no_panel_is_refused(laboratory, recipe, films, error, words):
    with pytest.raises(error, match=words):
        laboratory.panel(recipe, **films)


def test_a_laboratory_has_a_white_a_black_and_a_clear():
    with pytest.raises(FormulationError, match="white, black and clear"):
        ParticlePaintLaboratory(np.random.default_rng(0), 2)
