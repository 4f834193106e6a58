from collections.abc import Callable

import numpy as np
import pytest

from inspections.structure.bands import Band, SlopeSpectra
from inspections.structure.shells import slope_shells
from inspections.structure.texture import SurfaceTexture, resolved_surface, surface_texture

PITCH = 0.1
NO_BLUR = np.zeros((2, 2))
SURFACE = Band("surface", 0.3, 10.0)


def texture_of(slopes: tuple[np.ndarray, np.ndarray]) -> SurfaceTexture:
    texture = surface_texture(slope_shells(SlopeSpectra(slopes, PITCH, NO_BLUR)), SURFACE)
    assert texture is not None
    return texture


def test_the_gradient_and_the_decay_of_a_sine_are_those_of_its_formula(sine: Callable[..., tuple]) -> None:
    texture = texture_of(sine(2.0, 1.0, 0))
    # Sdq = sqrt2 pi A / lambda; the filters pass 0.9844 × 0.9999 of a 2 mm wave.
    assert texture.gradient.value == pytest.approx(0.9845 * np.sqrt(2) * np.pi / 2.0, rel=0.01)
    # cos(2 pi x / lambda) = 0.2
    assert texture.autocorrelation_length_mm == pytest.approx(np.arccos(0.2) / (2 * np.pi) * 2.0, rel=0.05)
    assert texture.aspect_ratio is None or texture.aspect_ratio < 0.05
    assert texture.direction_deg == pytest.approx(90, abs=2)


@pytest.mark.parametrize("turned_deg", [0, 35, 120])
def test_brushed_paint_has_the_direction_it_was_brushed_in(surface: Callable[..., tuple], turned_deg: float) -> None:
    c, s = np.cos(np.radians(turned_deg)), np.sin(np.radians(turned_deg))

    def brushed(fx: np.ndarray, fy: np.ndarray) -> np.ndarray:
        along, across = c * fx + s * fy, c * fy - s * fx
        return np.hypot(fx, fy) ** 2 * np.exp(-0.5 * (along / 0.05) ** 2 - 0.5 * (across / 0.4) ** 2)

    texture = texture_of(surface(np.random.default_rng(41), brushed))
    assert texture.aspect_ratio is None or texture.aspect_ratio < 0.4
    assert (texture.direction_deg - turned_deg + 90) % 180 - 90 == pytest.approx(0, abs=12)


def test_peel_alike_in_all_directions_has_a_round_autocorrelation_of_the_right_size(
    surface: Callable[..., tuple],
) -> None:
    width = 0.3  # of the spectrum; the autocorrelation is then exp(−2 (pi width r)²)

    def round_peel(fx: np.ndarray, fy: np.ndarray) -> np.ndarray:
        f = np.hypot(fx, fy)
        return f**2 * np.exp(-0.5 * (f / width) ** 2)

    texture = texture_of(surface(np.random.default_rng(42), round_peel))
    assert texture.aspect_ratio is not None
    assert texture.aspect_ratio > 0.6
    # sqrt(ln 5 / 2)/(pi width), a little less for the longest waves that the 10 mm filter takes.
    assert texture.autocorrelation_length_mm == pytest.approx(np.sqrt(np.log(5) / 2) / (np.pi * width), rel=0.1)
    assert 0 < texture.length_error_mm < 0.5 * texture.autocorrelation_length_mm


@pytest.mark.parametrize(
    ("mm_per_pixel", "field_mm", "limits"),
    [
        (0.084, (90.0, 65.0), (0.3, 30.0)),
        (0.035, (30.0, 20.0), (0.1, 10.0)),
        (0.3, (54.0, 40.0), (1.0, 10.0)),
        (0.5, (54.0, 40.0), None),
    ],
)
def test_the_surface_is_what_pixels_and_field_resolve(
    mm_per_pixel: float, field_mm: tuple[float, float], limits: tuple[float, float] | None
) -> None:
    surface = resolved_surface(mm_per_pixel, field_mm)
    assert limits == (None if surface is None else (surface.shortest_mm, surface.longest_mm))


def test_a_perfect_mirror_has_no_texture() -> None:
    zero = np.zeros((300, 300), np.float32)
    assert surface_texture(slope_shells(SlopeSpectra((zero, zero), PITCH, NO_BLUR)), SURFACE) is None


def test_a_surface_turned_by_a_right_angle_has_its_direction_turned(surface: Callable[..., tuple]) -> None:
    def hardly_brushed(fx: np.ndarray, fy: np.ndarray) -> np.ndarray:
        return np.hypot(fx, fy) ** 2 * (np.hypot(fx, fy) < 0.3)

    for seed in range(8):
        x, y = (part[:, :450] for part in surface(np.random.default_rng(seed), hardly_brushed))
        upright = texture_of((x, y)).direction_deg
        turned = texture_of((-np.rot90(y), np.rot90(x))).direction_deg
        assert (turned - upright) % 180 == pytest.approx(90, abs=2), seed
