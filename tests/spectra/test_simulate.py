"""The virtual paint laboratory behaves like paint."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from colorlab.colorimetry.tristimulus import spectra_to_lab
from colorlab.colorimetry.viewing import D65_10
from colorlab.effects import flop_index
from spectra.errors import UnknownColorantError
from spectra.simulate import FIVE_ANGLES, GRID, PALETTE, TRUE_K1, Flakes, Paint, VirtualPaintLaboratory

CODES = [recipe.code for recipe in PALETTE if recipe.role != "white"]


@pytest.fixture(scope="module")
def laboratory():
    return VirtualPaintLaboratory(np.random.default_rng(7))


@pytest.mark.parametrize("code", CODES)
def test_more_paste_makes_a_letdown_darker(laboratory, code):
    lightness = []
    for dose in (0.005, 0.02, 0.1, 0.4, 1.0):
        mass = {"W01": 1 - dose, code: dose} if dose < 1 else {code: 1.0}
        panel = laboratory.solid_panel(mass, np.random.default_rng(0))
        lightness.append(spectra_to_lab(panel, GRID, D65_10)[0])
    assert lightness == sorted(lightness, reverse=True)


@given(st.dictionaries(st.sampled_from(CODES), st.floats(0.001, 1), min_size=1, max_size=5), st.integers(0, 2**31))
@settings(max_examples=40, deadline=None)
def test_no_panel_reflects_less_than_its_surface_or_more_than_it_gets(laboratory, parts, seed):
    total = sum(parts.values()) + 1.0
    mass = {"W01": 1 / total} | {code: part / total for code, part in parts.items()}
    panel = laboratory.solid_panel(mass, np.random.default_rng(seed))
    assert TRUE_K1 <= panel.min() <= panel.max() < 1


def test_the_same_seed_gives_the_same_panel_and_another_seed_another():
    panels = [
        VirtualPaintLaboratory(np.random.default_rng(seed)).solid_panel({"B15": 1.0}, np.random.default_rng(0))
        for seed in (1, 1, 2)
    ]
    assert panels[0].tolist() == panels[1].tolist()
    assert panels[0].tolist() != panels[2].tolist()


def test_a_silver_flops_and_a_solid_does_not(laboratory):
    silver = Paint({"W01": 0.9, "K05": 0.1}, Flakes(1.6, 22))
    solid = Paint({"W01": 0.8, "Y11": 0.2})
    flops = []
    for paint in (silver, solid):
        panel = laboratory.effect_panel(paint, FIVE_ANGLES, np.random.default_rng(0))
        L = spectra_to_lab(panel, GRID, D65_10)[:, 0]
        flops.append(flop_index(L, FIVE_ANGLES.aspecular_angles.tolist()))
    assert flops[0] > 8
    assert flops[1] == pytest.approx(0, abs=1e-9)


def test_an_interference_pigment_changes_its_hue_with_the_angle(laboratory):
    pearl = Paint({"W01": 0.2, "K05": 0.8}, Flakes(0.9, 30, hue_nm=560, travel_nm=120))
    panel = laboratory.effect_panel(pearl, FIVE_ANGLES, np.random.default_rng(0))
    near, far = panel[0], panel[2]
    assert GRID.wavelengths[np.argmax(near)] > GRID.wavelengths[np.argmax(far)]


def test_readings_scatter_about_the_panel_as_stated(laboratory):
    panel = laboratory.solid_panel({"W01": 1.0}, np.random.default_rng(0))
    readings = laboratory.read(panel, np.random.default_rng(1), n_readings=400)
    assert np.abs(readings.mean(axis=0) / panel - 1).max() < 5e-4
    assert (readings.std(axis=0) / panel).mean() == pytest.approx(0.0025, rel=0.1)


def test_a_lots_strength_changes_the_depth_of_shade(laboratory):
    mass = {"W01": 0.95, "B15": 0.05}
    weak, strong = (
        spectra_to_lab(laboratory.solid_panel(mass, np.random.default_rng(0), {"B15": factor}), GRID, D65_10)[0]
        for factor in (0.8, 1.25)
    )
    assert strong < weak - 2


def test_a_colorant_nobody_has_is_refused(laboratory):
    with pytest.raises(UnknownColorantError, match="X99"):
        laboratory.solid_panel({"X99": 1.0}, np.random.default_rng(0))
