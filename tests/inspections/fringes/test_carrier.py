from pathlib import Path

import cv2
import numpy as np
import pytest

from inspections.fringes.carrier import carrier_frequency, demodulate, noise_contrast
from inspections.fringes.slopes import without_form
from inspections.fringes.unwrapping import unwrap
from inspections.photos.decode import decode_photo
from spectra.errors import PhotoError


@pytest.mark.parametrize(("cross", "tolerance"), [(False, 0.04), (True, 0.6)])
def test_one_photo_gives_its_direction_and_a_cross_photo_both_less_well(cross: bool, tolerance: float) -> None:
    y, x = np.mgrid[0:600, 0:800] * 0.1
    u, v = (1.7 * x).astype(np.float32), (1.7 * y).astype(np.float32)
    moved = 0.4 * np.sin(2 * np.pi * x / 15) * np.cos(2 * np.pi * y / 12)
    image = 0.5 + 0.2 * np.cos(2 * np.pi * (u + moved) / 6)
    if cross:  # the other direction's sidebands reach into the pass band: that is why it is called a screening
        image = image + 0.2 * np.cos(2 * np.pi * (v - moved) / 6)
    for carrier, sign in ((u, 1.0), (v, -1.0))[: 1 + cross]:
        found = unwrap(demodulate(image.astype(np.float32), carrier, 6.0, 0.1), 0.1) * 6.0 / (2 * np.pi)
        inner = (slice(80, -80), slice(80, -80))
        off = found[inner] - sign * moved[inner]
        plane = np.column_stack([np.ones(off.size), x[inner].ravel(), y[inner].ravel()])
        off = off.ravel() - plane @ np.linalg.lstsq(plane, off.ravel(), rcond=None)[0]
        assert off.std() < tolerance * moved.std()


@pytest.mark.parametrize(("contrast", "noise"), [(0.3, 0.02), (0.03, 0.01)])
def test_the_noise_of_a_photo_tells_the_phase_noise_of_its_fringes(contrast: float, noise: float) -> None:
    rng = np.random.default_rng(7)
    x = np.arange(900) * 0.1
    u = np.broadcast_to((1.7 * x).astype(np.float32), (700, 900))
    clean = 0.5 * (1 + contrast * np.cos(2 * np.pi * u / 6))
    noisy = (clean + rng.normal(0, 0.5 * noise, clean.shape)).astype(np.float32)
    relative = demodulate(noisy, u, 6.0, 0.1) / demodulate(clean.astype(np.float32), u, 6.0, 0.1)
    phase = np.angle(relative)[60:-60, 60:-60]
    assert noise_contrast(noisy, 1.7 / 6 * 0.1) / contrast == pytest.approx(phase.std(), rel=0.1)


def test_a_photo_without_noise_asks_for_no_contrast() -> None:
    x = np.arange(900) * 0.1
    u = np.broadcast_to((1.7 * x).astype(np.float32), (700, 900))
    smooth = (0.5 + 0.1 * np.cos(2 * np.pi * u / 6)).astype(np.float32)
    assert carrier_frequency(u, 6.0, 0.1) == pytest.approx(1.7 / 6, rel=1e-5)
    assert noise_contrast(smooth, 1.7 / 6 * 0.1) < 1e-4


def test_two_photos_of_one_mirror_demodulate_alike(shared_data: Path) -> None:
    """Real photos of diagonal fringes in a flat mirror, without geometry: what differs is noise."""
    phasors = []
    for name in ("reference.png", "sample.png"):
        file = shared_data / "panel_photos/single_shot_fringe" / name
        image = decode_photo(file.read_bytes(), name).linear_grey()[200:1300, 400:1600]
        if not phasors:
            row, column = dominant(image)
            y, x = np.mgrid[0 : image.shape[0], 0 : image.shape[1]]
            # Pixels for millimetres: the carrier in units of its own period.
            carrier = (row * y + column * x).astype(np.float32)
        phasors.append(demodulate(image, carrier, 1.0, 1.0))
    fringe = 1 / np.hypot(row, column)
    assert fringe == pytest.approx(19, abs=1)
    # Waves of at least two fringes, the shortest that one photo is read for: ISO 16610 Gaussian, 0.1874 of the wave.
    phase = cv2.GaussianBlur(np.angle(phasors[1] / phasors[0]), (0, 0), 0.1874 * 2 * fringe)[60:-60, 60:-60]
    noise = float(without_form(phase, 6).std())
    assert noise < 3e-3  # [rad]
    # With its geometry, fringes of 1.37 mm on a screen 315 mm away: less than a microradian of slope.
    assert noise * 1.37 / (4 * np.pi * 315) < 1e-6


def dominant(image: np.ndarray) -> tuple[float, float]:
    """Frequency of the strongest line, along rows and columns. [1/pixel]"""
    window = np.outer(*(np.hanning(side) for side in image.shape))
    power = np.abs(np.fft.rfft2((image - image.mean()) * window))
    power[:10, :10] = power[-10:, :10] = 0
    i, j = np.unravel_index(int(power.argmax()), power.shape)
    return float(np.fft.fftfreq(image.shape[0])[i]), float(np.fft.rfftfreq(image.shape[1])[j])


def test_a_few_wide_fringes_are_no_photo_of_peel() -> None:
    u = np.broadcast_to(1.7 * 0.5 * np.arange(120, dtype=np.float32), (90, 120))
    image = (0.5 + 0.2 * np.cos(2 * np.pi * u / 48)).astype(np.float32)
    with pytest.raises(PhotoError, match=r"2.1 fringes of 48 mm cross the panel; one photo needs at least 6"):
        demodulate(image, u, 48.0, 0.5)


def test_a_panel_of_a_few_points_shows_no_fringes() -> None:
    u = np.broadcast_to(np.arange(16, dtype=np.float32), (12, 16))
    with pytest.raises(PhotoError, match="16 × 12 points of 1 mm, too few to follow fringes on"):
        carrier_frequency(u, 6.0, 1.0)
