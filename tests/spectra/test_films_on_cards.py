"""Letdowns over black and white cards: K and S per µm, thicknesses found, wrong ones named."""

import numpy as np
import pytest

from spectra.characterise import characterise
from spectra.errors import CharacterisationError
from spectra.geometry import D8_SCI
from spectra.ladder import CardFilm, Letdown
from spectra.optics.film import film_reflectance
from spectra.optics.interface import Saunderson, internal_reflectance, measured_reflectance
from spectra.recipe import Recipe
from spectra.wavelengths import WavelengthGrid

GRID = WavelengthGrid(420, 700, 40)
NM = GRID.wavelengths
SURFACE = Saunderson(0.04, 0.5, True)
PER_UM = 0.12 * (NM / 550) ** -1.2
CARDS = {"black": np.full(GRID.count, 0.045), "white": np.linspace(0.78, 0.84, GRID.count)}
TRUTH = {
    "W": (np.full(GRID.count, 0.004), np.ones(GRID.count)),
    "R": (0.03 + 9 / (1 + np.exp((NM - 590) / 9)), np.full(GRID.count, 0.5)),
    "B": (0.05 + 7 * np.exp(-(((NM - 620) / 60) ** 2)), np.full(GRID.count, 0.3)),
    "C": (np.full(GRID.count, 2e-4), np.full(GRID.count, 1e-4)),
}
DENSITY = {"W": 1.7, "R": 1.2, "B": 1.1, "C": 1.05}


def film(name, doses, um, rng, stated="as it is"):
    """Both parts of one drawdown."""
    mass = 1 / sum(share * DENSITY["W"] / DENSITY[code] for code, share in doses.items())
    K, S = (PER_UM * mass * sum(share * TRUTH[code][which] for code, share in doses.items()) for which in (0, 1))
    parts = []
    for card, bare in CARDS.items():
        inside = film_reflectance(K, S, um, np.clip(internal_reflectance(bare, SURFACE), 0, 1))
        seen = measured_reflectance(inside, SURFACE) + 0.0003 * rng.standard_normal(GRID.count)
        recipe = Recipe(name, tuple(doses), np.array(list(doses.values())))
        parts.append(
            Letdown(f"{name} on {card}", recipe, seen, CardFilm(name, bare, um if stated == "as it is" else stated))
        )
    return parts


def drawdowns(**stated):
    rng = np.random.default_rng(0)
    panels = film("W 15", {"W": 1.0}, 15.0, rng) + film("C", {"C": 1.0}, 40.0, rng)
    for code in ("W", "R", "B"):
        for level, um in ((0.03, 40.0), (0.1, 30.0), (0.3, 22.0)):
            name = f"{code} {level:g}"
            panels += film(name, {code: level, "C": 1 - level}, um, rng, stated.get(name.replace(" ", "_"), "as it is"))
    return panels


def run(panels, **changes):
    given = {"roles": {"C": "clear"}, "densities": DENSITY, "link": "kubelka-munk", "k2": 0.5, "crowding": 0.0}
    return characterise(panels, name="films", base="W", grid=GRID, geometry=D8_SCI, **(given | changes))


@pytest.fixture(scope="module")
def result():
    return run(drawdowns())


def test_films_of_known_thickness_give_scattering_per_um(result):
    assert result.colorant_set.base_scattering_per_um[0] == pytest.approx(PER_UM, rel=0.03)


def test_ladders_in_clear_tell_absorption_and_scattering(result):
    for code in ("R", "B"):
        K, S = TRUTH[code]
        assert result.scattering_identified[code]
        assert result.colorant_set[code].scattering[0] == pytest.approx(S, rel=0.06)
        assert result.colorant_set[code].absorption[0] == pytest.approx(K, rel=0.06)


def test_a_clear_stays_next_to_nothing_and_is_no_finding(result):
    clear = result.colorant_set["C"]
    assert clear.role == "clear"
    assert max(clear.absorption.max(), clear.scattering.max()) < 0.005
    assert not any(" C" in finding for finding in result.findings)


def test_levels_in_clear_are_held_out_with_the_thickness_stated(result):
    inner = [item for item in result.held_out if item.interior]
    assert {item.panel for item in inner} >= {"R 0.1 on black", "R 0.1 on white"}
    assert {item.base for item in inner} == {"C"}
    assert max(item.lightness_error for item in inner) < 0.5


def test_a_thickness_nobody_stated_is_found_from_the_panels():
    found = run(drawdowns(**{"R_0.1": None}))
    (film_found,) = (one for one in found.films if one.stated_um is None)
    assert film_found.fitted_um == pytest.approx(30.0, rel=0.05)
    assert film_found.relative_uncertainty < 0.1
    assert any("not stated" in finding and "R 0.1" in finding for finding in found.findings)
    assert not any(item.panel.startswith("R 0.1 ") for item in found.held_out)


def test_a_thickness_stated_wrong_is_named():
    found = run(drawdowns(**{"B_0.1": 42.0}))
    assert [finding.split(" is stated")[0] for finding in found.findings if "is stated as" in finding] == ["film B 0.1"]


def test_densities_not_stated_are_a_finding():
    found = run(drawdowns(), densities=None)
    assert any(finding.startswith("density not stated for W, C, R, B") for finding in found.findings)


def test_films_that_hide_give_no_scale():
    rng = np.random.default_rng(1)
    found = run(film("W 2000", {"W": 1.0}, 2000.0, rng) + film("W R", {"W": 0.9, "R": 0.1}, 2000.0, rng))
    assert found.colorant_set.base_scattering_per_um is None
    assert any("hide their cards too well" in finding for finding in found.findings)


def test_films_without_any_thickness_are_refused():
    rng = np.random.default_rng(1)
    with pytest.raises(CharacterisationError, match="no film thickness is stated for any of W 15"):
        run(film("W 15", {"W": 1.0}, 15.0, rng, stated=None))


def test_one_film_has_one_thickness():
    rng = np.random.default_rng(1)
    black, white = film("W 15", {"W": 1.0}, 15.0, rng)
    other = Letdown(white.panel, white.recipe, white.reflectance_factor, CardFilm("W 15", CARDS["white"], 16.0))
    with pytest.raises(CharacterisationError, match=r"15\.0 µm in another panel"):
        run([black, other])


@pytest.mark.parametrize(("substrate", "um"), [(-0.1, 10.0), (np.nan, 10.0), (0.5, 0.0), (0.5, np.inf)])
def test_an_impossible_film_is_refused(substrate, um):
    with pytest.raises(CharacterisationError):
        CardFilm("film", np.full(GRID.count, substrate), um)
