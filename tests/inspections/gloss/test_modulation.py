from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspections.appearance import MetricValue, Refusal
from inspections.evidence import Evidence
from inspections.gloss.image_clarity import alpha_eff, alpha_micro, micro_slope
from inspections.gloss.modulation import Modulation
from inspections.gloss.specular import gloss_gu
from inspections.gloss.tile import ReferenceTile

PATH_MM, INCIDENCE = 250.0, np.radians(30.0)
GAIN_MM = (2e-3 * PATH_MM, 2e-3 * PATH_MM * float(np.cos(INCIDENCE)))
SHAPE = (120, 160)


def reflected(
    alpha_mrad: float, gloss: float = 0.9, structure_mrad: float = 0.0, periods: tuple[float, ...] = (3.0, 6.0, 48.0)
) -> Modulation:
    """Amplitude ratios of an even panel: gloss × exp(−½ (2π g α/p)²), peel inside a pixel included."""
    variance = alpha_mrad**2 + structure_mrad**2
    seen = {}
    for period in periods:
        u, v = (
            np.full(SHAPE, gloss * np.exp(-0.5 * (2 * np.pi * gain / period) ** 2 * variance), np.float32)
            for gain in GAIN_MM
        )
        seen[period] = (u, v)
    inside = np.full(SHAPE, structure_mrad**2, np.float32)
    return Modulation(seen, 6.0, GAIN_MM, (inside, inside), 0.3, 0.25, relative=False)


@settings(max_examples=20, deadline=None)
@given(st.floats(0.2, 1.6), st.floats(0.3, 1.2))
def test_two_periods_tell_roughness_whatever_the_gloss(alpha: float, gloss: float) -> None:
    found = micro_slope(reflected(alpha, gloss))
    assert found is not None
    assert np.median(found.map_mrad()) == pytest.approx(alpha, rel=1e-3)


def test_peel_inside_a_pixel_is_in_one_figure_and_out_of_the_other() -> None:
    evidence = Evidence(tier="T1", gloss=reflected(0.8, structure_mrad=0.4))
    with_peel, without = alpha_eff(evidence), alpha_micro(evidence)
    assert isinstance(with_peel, MetricValue)
    assert isinstance(without, MetricValue)
    assert with_peel.value == pytest.approx(np.hypot(0.8, 0.4), rel=1e-3)
    assert without.value == pytest.approx(0.8, rel=1e-3)
    assert "below the pixel" in with_peel.definition


def test_gloss_without_peel_is_that_of_the_roughness_alone() -> None:
    clean, peeled = reflected(0.8), reflected(0.8, structure_mrad=0.5)
    assert peeled.gloss() == pytest.approx(clean.gloss(), rel=1e-4)


@pytest.mark.parametrize("periods", [(6.0, 48.0), (3.0, 6.0, 48.0), (3.0, 6.0)])
def test_endlessly_coarse_fringes_see_gloss_alone(periods: tuple[float, ...]) -> None:
    assert reflected(1.2, gloss=0.85, periods=periods).specular() == pytest.approx(0.85, rel=1e-4)


def test_fringes_the_surface_no_longer_mirrors_are_not_used() -> None:
    hazy = micro_slope(reflected(4.0))
    assert hazy is not None
    assert hazy.periods_mm == (6.0, 48.0)
    assert np.median(hazy.map_mrad()) == pytest.approx(4.0, rel=1e-3)
    assert micro_slope(reflected(30.0)) is None


def test_gloss_units_are_the_ratio_times_the_tiles_own_gloss() -> None:
    evidence = Evidence(tier="T1", gloss=reflected(0.5, gloss=0.9), tile=ReferenceTile(1.5, 0.001), incidence_deg=60.0)
    found = gloss_gu(evidence)
    assert isinstance(found, MetricValue)
    assert found.value == pytest.approx(0.9 * 89.1, abs=0.1)  # 89.1 GU at 60° for n = 1.50
    assert "not that of ISO 2813" in found.flags[0]
    at_30 = gloss_gu(replace(evidence, incidence_deg=30.0))
    assert isinstance(at_30, MetricValue)
    assert "not a geometry of ISO 2813" in at_30.flags[0]


def test_a_tile_of_unknown_index_gives_no_gloss_units() -> None:
    refused = gloss_gu(Evidence(tier="T1", gloss=reflected(0.5), incidence_deg=60.0))
    assert isinstance(refused, Refusal)
    assert "does not state the tile's index" in refused.reason


def test_a_mirror_has_no_micro_slope_but_a_limit() -> None:
    refused = alpha_eff(Evidence(tier="T1", gloss=reflected(0.0)))
    assert isinstance(refused, Refusal)
    assert "at most" in refused.reason
