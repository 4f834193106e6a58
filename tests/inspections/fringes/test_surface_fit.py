from collections.abc import Sequence

import numpy as np
import pytest

from inspections.capture.capture import Axis
from inspections.fringes.carrier import demodulate
from inspections.fringes.slopes import RigModel
from inspections.fringes.surface_fit import FittedSurface, FringePhoto, fit_surface
from inspections.fringes.unwrapping import unwrap
from inspections.photos.photo import FloatImage

PITCH, PERIOD, GAIN = 0.25, 6.0, 0.5
"""Grid [mm], fringes on the screen [mm], movement on the screen per slope [mm/mrad]; fringes of 3.5 mm on the panel."""
AXES: tuple[Axis, Axis] = ("u", "v")


def waves(rng: np.random.Generator, shortest: float, longest: float, rms: float) -> tuple[FloatImage, FloatImage]:
    """Slopes of one random height map between two wavelengths. [mrad]"""
    shape = (200, 260)
    fy, fx = -np.fft.fftfreq(shape[0], PITCH)[:, None], np.fft.rfftfreq(shape[1], PITCH)[None, :]
    f = np.hypot(fx, fy)
    inside = (f > 1 / longest) & (f <= 1 / shortest)
    spectrum = np.fft.rfft2(rng.standard_normal(shape)) * inside / np.where(inside, f**2, 1)
    along_x, along_y = (np.fft.irfft2(2j * np.pi * part * spectrum, shape) for part in (fx, fy))
    scale = rms / np.sqrt(np.mean(along_x**2 + along_y**2) / 2)
    return (scale * along_x).astype(np.float32), (scale * along_y).astype(np.float32)


def fitted(slopes: tuple[FloatImage, FloatImage], photos: Sequence[Sequence[Axis]], noise: float) -> FittedSurface:
    """The fit to photos of these slopes in a rig that moves u with slope x and v with slope y."""
    rng = np.random.default_rng(5)
    y, x = np.mgrid[0 : slopes[0].shape[0], 0 : slopes[0].shape[1]] * PITCH
    flat = {"u": (1.71 * x).astype(np.float32), "v": (-1.71 * y).astype(np.float32)}
    gain = np.zeros((2, 2, *x.shape), np.float32)
    gain[0, 0] = gain[1, 1] = GAIN
    model = RigModel(flat["u"], flat["v"], gain, 250.0)
    at = {axis: flat[axis] + np.float32(GAIN) * slopes[i] for i, axis in enumerate(AXES)}
    # Brighter to one side, as under any lamp.
    bright = 0.4 + 0.001 * x
    pictures = []
    for axes in photos:
        light = sum(0.5 / len(axes) * np.cos(2 * np.pi * at[axis] / PERIOD) for axis in axes)
        picture = bright * (1 + light) + noise * rng.standard_normal(x.shape)
        pictures.append(FringePhoto(picture.astype(np.float32), tuple(axes)))
    moved = {}
    for axis in AXES:
        photo = next(photo for photo in pictures if axis in photo.axes)
        phase = unwrap(demodulate(photo.image, flat[axis], PERIOD, PITCH), PITCH)
        moved[axis] = (phase * np.float32(PERIOD / (2 * np.pi))).astype(np.float32)
    return fit_surface(pictures, moved, model, dict.fromkeys(AXES, PERIOD), PITCH)


def off(found: FittedSurface, slopes: tuple[FloatImage, FloatImage]) -> float:
    """Rms of what was found wrongly over what there is, away from the borders."""
    inner = (slice(12, -12), slice(12, -12))
    wrong = [np.mean((a - b)[inner] ** 2) for a, b in zip(found.slopes, slopes, strict=True)]
    return float(np.sqrt(sum(wrong) / sum(np.mean(b[inner] ** 2) for b in slopes)))


@pytest.mark.parametrize("photos", [[["u", "v"]], [["u"], ["v"]]])
def test_peel_down_to_a_fringe_is_found_where_it_is(photos: list[list[Axis]]) -> None:
    peel = waves(np.random.default_rng(1), 3.5, 15.0, 1.0)
    found = fitted(peel, photos, noise=0.002)
    assert off(found, peel) < 0.12
    assert found.unexplained < 0.1


def test_waves_of_half_a_fringe_are_found_in_strength_if_not_in_place() -> None:
    coarse, fine = waves(np.random.default_rng(2), 3.5, 15.0, 0.8), waves(np.random.default_rng(3), 1.5, 3.5, 0.4)
    both = coarse[0] + fine[0], coarse[1] + fine[1]
    found = fitted(both, [["u", "v"]], noise=0.002)
    strength = [np.sqrt(np.mean(part[0] ** 2 + part[1] ** 2)) for part in (found.slopes, both)]
    assert strength[0] == pytest.approx(strength[1], rel=0.1)


def test_a_flat_panel_in_noise_stays_flat() -> None:
    flat = np.zeros((200, 260), np.float32)
    found = fitted((flat, flat), [["u", "v"]], noise=0.02)
    # Amplitude 0.1, steepest at 2π · 0.5/6 rad a mrad: what a pixel alone would say, on average over the fringe.
    one_pixel = 0.02 / (0.1 * 2 * np.pi * GAIN / PERIOD / np.sqrt(2))
    assert np.sqrt(np.mean(found.slopes[0] ** 2 + found.slopes[1] ** 2) / 2) < 0.12 * one_pixel


def test_a_noisier_photo_leaves_more_open() -> None:
    peel = waves(np.random.default_rng(4), 2.0, 15.0, 0.8)
    quiet, noisy = (fitted(peel, [["u", "v"]], noise) for noise in (0.002, 0.03))
    assert noisy.unresolved_mrad["lw"] > quiet.unresolved_mrad["lw"]
    assert noisy.unresolved_mrad["lw"] < 0.8
