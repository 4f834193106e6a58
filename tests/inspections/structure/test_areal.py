from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspections.simulate import PITCH_MM, SimulatedPanel
from inspections.structure.areal import TOTAL, areal_figures, gaussian_band, lowpass
from inspections.structure.bands import BANDS, SlopeSpectra
from inspections.structure.figures import band_figures
from inspections.structure.shells import slope_shells

PITCH = 0.1
NO_BLUR = np.zeros((2, 2))


@pytest.mark.parametrize(("cutoff_over_wave", "transmission"), [(1.0, 0.5), (0.5, 0.8409), (2.0, 0.0625)])
def test_the_gaussian_filter_transmits_what_iso_16610_says(cutoff_over_wave: float, transmission: float) -> None:
    assert lowpass(0.8)(np.array([cutoff_over_wave / 0.8]))[0] == pytest.approx(transmission, abs=5e-5)


def test_the_gaussian_weights_have_the_constant_of_the_standard() -> None:
    # alpha = sqrt(ln 2 / pi) = 0.4697, transmission exp(-pi (alpha lc f)^2): ISO 16610-21 and -61.
    f = np.linspace(0, 3, 7)
    assert lowpass(1.7)(f) == pytest.approx(np.exp(-np.pi * (np.sqrt(np.log(2) / np.pi) * 1.7 * f) ** 2))
    assert np.sqrt(np.log(2) / np.pi) == pytest.approx(0.4697, abs=5e-5)


def test_a_band_of_1_to_3_mm_keeps_two_thirds_of_a_2_mm_sine_and_a_brick_wall_all_of_it(
    sine: Callable[..., tuple],
) -> None:
    assert gaussian_band(BANDS["c"])(np.array([1 / 2.0]))[0] == pytest.approx(0.664, abs=5e-4)
    assert gaussian_band(BANDS["c"])(1 / np.linspace(1, 3, 400)).max() == pytest.approx(0.697, abs=1e-3)
    shells = slope_shells(SlopeSpectra(sine(2.0, 1.0, 30), PITCH, NO_BLUR))
    areal = areal_figures(shells, BANDS)["c"]
    # mean |sin| = 2/pi
    assert areal.mean_height.value == pytest.approx(0.664 * 2 / np.pi, rel=0.01)
    assert band_figures(shells, BANDS)["c"].height_um == pytest.approx(1.0 / np.sqrt(2), rel=0.01)


@given(st.floats(1.2, 2.8), st.floats(0.05, 3), st.floats(0, 180))
@settings(max_examples=6, deadline=None)
def test_the_mean_curvature_of_a_sine_is_half_of_that_across_it(
    sine: Callable[..., tuple], length_mm: float, amplitude_um: float, angle_deg: float
) -> None:
    shells = slope_shells(SlopeSpectra(sine(length_mm, amplitude_um, angle_deg), PITCH, NO_BLUR))
    figure = areal_figures(shells, BANDS)["c"]
    passed = float(gaussian_band(BANDS["c"])(np.array([1 / length_mm]))[0])
    across = 4 * np.pi**2 * amplitude_um / (np.sqrt(2) * length_mm**2)
    assert figure.curvature.value == pytest.approx(passed * across / 2, rel=0.02)
    assert figure.mean_height.value == pytest.approx(passed * amplitude_um * 2 / np.pi, rel=0.02)


def test_blur_and_noise_are_taken_out_of_both(sine: Callable[..., tuple]) -> None:
    rng = np.random.default_rng(31)
    clean = sine(2.0, 0.05, 60)
    sigma_mm = 0.12
    lost = np.float32(np.exp(-2 * np.pi**2 * sigma_mm**2 / 2.0**2))

    def reading() -> tuple[np.ndarray, ...]:
        return tuple(lost * part + 0.1 * rng.standard_normal(part.shape).astype(np.float32) for part in clean)

    blur = sigma_mm**2 * np.eye(2)
    noisy = areal_figures(slope_shells(SlopeSpectra(reading(), PITCH, blur)), BANDS)["c"]
    twins = areal_figures(slope_shells(SlopeSpectra(clean, PITCH, blur, twins=(reading(), reading()))), BANDS)["c"]
    expected = areal_figures(slope_shells(SlopeSpectra(clean, PITCH, NO_BLUR)), BANDS)["c"]
    assert noisy.curvature.value > 1.1 * expected.curvature.value
    assert twins.curvature.value == pytest.approx(expected.curvature.value, rel=0.05)
    assert twins.mean_height.value == pytest.approx(expected.mean_height.value, rel=0.06)
    assert twins.curvature.noise is not None
    assert twins.curvature.transfer == pytest.approx(float(lost), rel=0.05)


def test_the_two_definitions_differ_as_they_do_on_other_panels(peeled: SimulatedPanel) -> None:
    slopes = tuple(part[200:-200, 200:-200] for part in peeled.slopes)
    shells = slope_shells(SlopeSpectra((slopes[0], slopes[1]), PITCH_MM, NO_BLUR))
    areal, brick = areal_figures(shells, {**BANDS, "total": TOTAL}), band_figures(shells, BANDS)
    # Rms height, Gaussian over brick-wall, 0.6 to 1: a Gaussian passes less of its band than it lets in from beside it.
    for name in ("b", "c", "d", "sw", "lw"):
        ratio = areal[name].mean_height.value / np.sqrt(2 / np.pi) / brick[name].height_um
        assert 0.55 < ratio < 1.6
    assert "e" not in areal  # 30 mm waves are not in a field of 40 mm
