import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspections.structure.bands import BANDS, BandFigure, SlopeSpectra, height_map, resolution_reason
from inspections.structure.figures import band_figures
from inspections.structure.shells import slope_shells

PITCH = 0.1
NO_BLUR = np.zeros((2, 2))


def figures_of(spectra: SlopeSpectra) -> dict[str, BandFigure]:
    return band_figures(slope_shells(spectra), BANDS)


def wave(
    length_mm: float, amplitude_um: float, angle_deg: float, shape: tuple[int, int] = (450, 500)
) -> tuple[np.ndarray, np.ndarray]:
    """Slopes of a sine of height. [mrad]"""
    y, x = np.meshgrid(-np.arange(shape[0]) * PITCH, np.arange(shape[1]) * PITCH, indexing="ij")
    k = 2 * np.pi / length_mm
    c, s = np.cos(np.radians(angle_deg)), np.sin(np.radians(angle_deg))
    slope = amplitude_um * k * np.cos(k * (c * x + s * y))
    return (c * slope).astype(np.float32), (s * slope).astype(np.float32)


@given(st.floats(1.3, 2.2), st.floats(0.1, 5), st.floats(0, 180))
@settings(max_examples=6, deadline=None)
def test_a_sine_lies_in_its_band_with_its_slope_and_height(
    length_mm: float, amplitude_um: float, angle_deg: float
) -> None:
    figures = figures_of(SlopeSpectra(wave(length_mm, amplitude_um, angle_deg), PITCH, NO_BLUR))
    # Sine identities: rms slope = sqrt2 pi A / lambda over both axes together, rms height = A / sqrt2.
    both = np.sqrt(2) * np.pi * amplitude_um / length_mm
    assert figures["c"].slope_mrad == pytest.approx(both / np.sqrt(2), rel=0.02)
    assert figures["c"].height_um == pytest.approx(amplitude_um / np.sqrt(2), rel=0.02)
    assert figures["d"].slope_mrad < 0.08 * figures["c"].slope_mrad


def test_neighbouring_bands_share_the_energy_and_lose_none() -> None:
    rng = np.random.default_rng(3)
    slopes = tuple(rng.standard_normal((500, 600)).astype(np.float32) for _ in range(2))
    figures = figures_of(SlopeSpectra(slopes, PITCH, NO_BLUR))
    # White slopes of unit rms: a band's share is its area in the frequency plane over 1/pitch².
    for band in ("b", "c", "d"):
        area = np.pi * (1 / BANDS[band].shortest_mm ** 2 - 1 / BANDS[band].longest_mm ** 2) * PITCH**2
        assert figures[band].slope_mrad == pytest.approx(np.sqrt(area), rel=0.04)


def test_blur_that_is_known_is_given_back() -> None:
    sigma_mm = 0.15
    x, y = wave(2.0, 1.0, 30)
    lost = np.float32(np.exp(-2 * np.pi**2 * sigma_mm**2 / 2.0**2))
    figure = figures_of(SlopeSpectra((x * lost, y * lost), PITCH, sigma_mm**2 * np.eye(2)))["c"]
    assert figure.slope_mrad == pytest.approx(np.pi / 2.0, rel=0.02)
    assert figure.transfer == pytest.approx(float(lost), rel=0.02)


def test_noise_is_removed_by_two_readings_and_by_its_own_likeness() -> None:
    rng = np.random.default_rng(4)
    truth = wave(2.0, 0.05, 45)

    def noise() -> tuple[np.ndarray, np.ndarray]:
        first, second = rng.standard_normal((2, 450, 500)).astype(np.float32) * np.float32(0.5)
        return first, second

    def with_noise(part: tuple[np.ndarray, np.ndarray], factor: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
        return truth[0] + np.float32(factor) * part[0], truth[1] + np.float32(factor) * part[1]

    expected = np.pi * 0.05 / 2.0
    noisy = with_noise(noise())
    raw = figures_of(SlopeSpectra(noisy, PITCH, NO_BLUR))["c"]
    twins = figures_of(SlopeSpectra(noisy, PITCH, NO_BLUR, (with_noise(noise()), with_noise(noise()))))["c"]
    like = figures_of(SlopeSpectra(noisy, PITCH, NO_BLUR, noise=noise()))["c"]
    assert raw.slope_mrad > 1.3 * expected
    assert twins.slope_mrad == pytest.approx(expected, rel=0.08)
    assert like.slope_mrad == pytest.approx(expected, rel=0.08)


def test_the_height_map_is_the_sine_that_made_the_slopes() -> None:
    x, y = wave(4.0, 1.0, 0)
    height = height_map((x, y), PITCH, BANDS["lw"])
    truth = np.sin(2 * np.pi / 4.0 * np.arange(500) * PITCH)
    assert height[225, 100:-100] == pytest.approx(truth[100:-100], abs=0.05)


@pytest.mark.parametrize(
    ("band", "mm_per_pixel", "field_mm", "resolved"),
    [
        ("a", 0.036, (100.0, 75.0), False),  # 0.1/2.8 = 0.0357
        ("a", 0.035, (100.0, 75.0), True),
        ("sw", 0.10, (90.0, 65.0), True),
        ("sw", 0.11, (90.0, 65.0), False),
        ("e", 0.08, (90.0, 65.0), True),
        ("e", 0.08, (34.0, 24.0), False),
    ],
)
def test_a_band_is_resolved_by_pixels_and_field_or_refused(
    band: str, mm_per_pixel: float, field_mm: tuple[float, float], resolved: bool
) -> None:
    assert (resolution_reason(BANDS[band], mm_per_pixel, field_mm) is None) == resolved
