"""Colour strength: a known dose comes back, and what is no strength stays as a residual."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from colorlab.colorimetry.viewing import D65_10
from colorlab.colorimetry.weights import weights
from colorlab.difference.strength import BARE_SURFACE, BASES, colour_strength
from spectra.errors import FormulationError, UnknownConditionError, WavelengthRangeError
from spectra.optics.interface import Saunderson, measured_reflectance
from spectra.optics.kubelka_munk import absorption_over_scattering, reflectivity
from spectra.wavelengths import WavelengthGrid, grid_of_nodes

GRID = WavelengthGrid(400, 700, 10)
K_OVER_S = 0.02 + 1.5 * np.exp(-(((GRID.wavelengths - 560) / 50) ** 2))
GLOSS = Saunderson(0.04, 0.5, True)


def film(K, surface=BARE_SURFACE):
    return measured_reflectance(reflectivity(K, 1.0), surface)


@pytest.mark.parametrize("surface", [BARE_SURFACE, GLOSS])
@pytest.mark.parametrize("basis", BASES)
@given(strength=st.floats(0.5, 2.0))
@settings(deadline=None)
def test_a_paste_of_known_strength_is_found_and_nothing_is_left(basis, surface, strength):
    found = colour_strength(film(K_OVER_S, surface), film(strength * K_OVER_S, surface), GRID, basis, surface)
    assert found.strength == pytest.approx(100 * strength, rel=1e-9)
    assert found.residual_delta_E == pytest.approx(0, abs=1e-4)
    assert found.wavelength == (560 if basis == "maximum" else None)


def test_a_shift_of_hue_is_not_strength():
    shifted = 0.02 + 1.5 * np.exp(-(((GRID.wavelengths - 570) / 50) ** 2))
    found = colour_strength(film(K_OVER_S), film(shifted), GRID)
    assert 85 < found.strength < 115
    assert found.residual_delta_E > 1


@pytest.mark.parametrize("basis", ["maximum", "sum"])
def test_what_titanium_dioxide_absorbs_in_the_ultraviolet_is_no_strength(basis):
    wide = WavelengthGrid(360, 700, 10)
    white = 8 / (1 + np.exp((wide.wavelengths - 375) / 3))  # alike in both letdowns; nothing of it is left at 400 nm
    colorant = 1.5 * np.exp(-(((wide.wavelengths - 560) / 40) ** 2))
    found = colour_strength(film(white + colorant), film(white + 1.3 * colorant), wide, basis)
    assert found.strength == pytest.approx(130, abs=0.2)
    assert found.wavelength == (560 if basis == "maximum" else None)


@pytest.mark.parametrize(
    "nodes",
    [np.arange(400, 701, 5), np.arange(360, 781, 10), np.r_[360:500:2, 500:741:10], np.r_[395:700:7, 702]],
    ids=["closer", "wider", "denser in the blue", "ends between wavelengths"],
)
def test_the_sum_does_not_depend_on_the_spacing_of_the_wavelengths(nodes):
    def strength(nm):
        standard, sample = (np.exp(-(((nm - peak) / 60) ** 2)) for peak in (480, 610))
        return colour_strength(film(0.05 + standard), film(0.05 + 1.4 * sample), grid_of_nodes(nm), "sum").strength

    assert strength(nodes) == pytest.approx(strength(np.arange(400, 701, 1)), rel=0.002)


@pytest.mark.parametrize("basis", ["maximum", "sum"])
def test_strength_of_a_part_of_the_visible_is_refused(basis):
    part = WavelengthGrid(450, 700, 10)
    with pytest.raises(WavelengthRangeError, match="400–700 nm; measured 450–700/10 nm"):
        colour_strength(np.full(26, 0.3), np.full(26, 0.2), part, basis)


def test_the_surface_changes_the_answer_and_must_be_said():
    seen = film(K_OVER_S, GLOSS), film(1.3 * K_OVER_S, GLOSS)
    assert colour_strength(*seen, GRID, "sum", GLOSS).strength == pytest.approx(130)
    assert abs(colour_strength(*seen, GRID, "sum").strength - 130) > 3


def test_the_weighted_basis_is_written_out_by_hand():
    Q = [absorption_over_scattering(film(K)) for K in (K_OVER_S, K_OVER_S**1.2)]
    share = weights(GRID, D65_10).sum(axis=1)
    found = colour_strength(film(K_OVER_S), film(K_OVER_S**1.2), GRID, "weighted")
    assert found.strength == pytest.approx(100 * (Q[1] @ share) / (Q[0] @ share))


def test_a_batch_gives_what_its_samples_give():
    batch = np.stack([film(f * K_OVER_S) for f in (0.9, 1.0, 1.2)])
    assert colour_strength(film(K_OVER_S), batch, GRID).strength == pytest.approx([90, 100, 120])


def test_what_kubelka_munk_cannot_know_is_refused_with_its_wavelength():
    bright = film(K_OVER_S).copy()
    bright[30] = 1.05
    with pytest.raises(FormulationError, match=r"sample: 1\.05 at 700 nm"):
        colour_strength(film(K_OVER_S), bright, GRID)
    with pytest.raises(FormulationError, match="standard"):
        colour_strength(np.full(31, 0.03), film(K_OVER_S), GRID, surface=GLOSS)


def test_an_unknown_basis_is_refused():
    with pytest.raises(UnknownConditionError, match="maximum, sum, weighted"):
        colour_strength(film(K_OVER_S), film(K_OVER_S), GRID, "mean")
