"""From levels to light: assumed, measured from patches, or linear."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspections.photos.photo import PanelPhoto
from inspections.photos.response import LINEAR_RAW, SRGB_ASSUMED, Response, measure_response, response_from_table
from spectra.errors import PhotoError

LIGHT = np.linspace(0.0, 1.0, 2001)


def srgb(light: np.ndarray) -> np.ndarray:
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)


def tone_curve(light: np.ndarray, strength: float) -> np.ndarray:
    """A camera that adds contrast to sRGB, as cameras do."""
    encoded = srgb(light)
    return encoded + strength * encoded * (1 - encoded) * (2 * encoded - 1)


def worst_error(response: Response, strength: float) -> float:
    """Largest relative error of light from 2 to 80 % of full scale, which the patches cover."""
    bright = LIGHT[(LIGHT > 0.02) & (LIGHT < 0.8)]
    found = response.light_of(tone_curve(bright, strength))
    found = found / np.median(found / bright)  # full scale may be off by a factor, which no curve knows
    return float(np.abs(found / bright - 1).max())


def test_the_inverse_srgb_curve_has_its_published_points() -> None:
    # IEC 61966-2-1: encoded 0.04045 is linear 0.0031308, encoded 0.5 is linear 0.21404.
    levels = SRGB_ASSUMED.linear(np.array([0, round(0.04045 * 65535), 32768, 65535], dtype=np.uint16))
    assert levels == pytest.approx([0.0, 0.0031308, 0.21404, 1.0], abs=2e-5)


@given(st.integers(0, 254))
def test_a_brighter_level_is_more_light(level: int) -> None:
    darker, brighter = SRGB_ASSUMED.linear(np.array([level, level + 1], dtype=np.uint8))
    assert brighter > darker


def test_a_plane_of_levels_and_an_image_of_channels_are_linearised_alike() -> None:
    levels = np.arange(256, dtype=np.uint8).reshape(16, 16)
    assert np.array_equal(SRGB_ASSUMED.linear(levels), SRGB_ASSUMED.linear(levels[..., None])[..., 0])


@settings(max_examples=10, deadline=None)
@given(st.floats(-0.2, 0.35), st.integers(0, 9))
def test_an_exposure_series_gives_the_cameras_curve(strength: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    times = 2.0 ** np.arange(-5, 3)
    patches = np.geomspace(0.03, 0.9, 12)
    light = np.clip(patches[:, None] * times, 0, 1) * (1 + 0.003 * rng.standard_normal((12, 8)))
    levels = np.round(255 * tone_curve(np.clip(light, 0, 1), strength)) / 255
    response = measure_response(levels, times, "series")
    assert worst_error(response, strength) < 0.04
    assert response.residual is not None
    assert response.residual < 0.03  # of 8 bits, in the dark


def test_a_grey_wedge_gives_the_curve_that_its_patches_did_not_see() -> None:
    reflectance = np.geomspace(0.02, 0.9, 24)
    levels = tone_curve(reflectance / 0.92, 0.25)
    response = measure_response(levels, reflectance, "wedge")
    assert worst_error(response, 0.25) < 0.02
    # What assuming sRGB would have cost:
    assert worst_error(SRGB_ASSUMED, 0.25) > 0.1


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 99))
def test_a_measured_curve_never_falls_and_ends_at_full_scale(seed: int) -> None:
    rng = np.random.default_rng(seed)
    reflectance = np.geomspace(0.02, 0.9, 30)
    levels = srgb(reflectance) + 0.01 * rng.standard_normal(30)
    response = measure_response(levels, reflectance, "noisy wedge")
    light = response.light_of(np.linspace(0, 1, 500))
    assert (np.diff(light) >= 0).all()
    assert (light[0], light[-1]) == (0.0, pytest.approx(1.0))


def test_the_table_of_a_station_file_gives_the_curve_back() -> None:
    response = measure_response(tone_curve(np.geomspace(0.02, 0.9, 24), 0.2), np.geomspace(0.02, 0.9, 24), "wedge")
    again = response_from_table(*response.as_table(), "wedge")
    assert again.light_of(LIGHT) == pytest.approx(response.light_of(LIGHT), abs=1e-9)


def test_patches_that_end_before_full_scale_are_refused() -> None:
    with pytest.raises(PhotoError, match=r"brightest at 0\.6"):
        measure_response(np.linspace(0.05, 0.6, 20), np.linspace(0.05, 0.6, 20) ** 2.2, "dim wedge")


@pytest.mark.parametrize(
    ("levels", "light"),
    [
        ([0, 1], [0, 0.9]),
        ([0, 0.5, 0.4, 1], [0, 0.2, 0.3, 1]),
        ([0, 1], [0, np.nan]),
        ([0, 0.5, 1], [0, 1]),
    ],
)
def test_a_table_that_is_no_response_is_refused(levels: list[float], light: list[float]) -> None:
    with pytest.raises(PhotoError, match="bad table"):
        response_from_table(levels, light, "bad table")


def test_an_assumed_response_is_said_to_be_assumed() -> None:
    assert "assumed: nothing in the files proves it" in SRGB_ASSUMED.note()
    assert "assumed" not in LINEAR_RAW.note()


def test_raw_pixels_keep_their_response_whatever_the_station_measured() -> None:
    measured = response_from_table([0, 1], [0, 1], "station")
    image = np.zeros((4, 4), np.uint16)
    raw = PanelPhoto("a.dng", "0", image, "DNG", LINEAR_RAW)
    assert raw.with_response(measured).response is LINEAR_RAW
    assert PanelPhoto("a.png", "0", image, "PNG").with_response(measured).response is measured
