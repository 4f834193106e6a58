"""Slopes of surfaces that are known."""

from collections.abc import Callable

import numpy as np
import pytest

PITCH = 0.1
SHAPE = (450, 500)
Pair = tuple[np.ndarray, np.ndarray]


def sine_slopes(length_mm: float, amplitude_um: float, angle_deg: float, shape: tuple[int, int] = SHAPE) -> Pair:
    y, x = np.meshgrid(-np.arange(shape[0]) * PITCH, np.arange(shape[1]) * PITCH, indexing="ij")
    k = 2 * np.pi / length_mm
    c, s = np.cos(np.radians(angle_deg)), np.sin(np.radians(angle_deg))
    slope = amplitude_um * k * np.cos(k * (c * x + s * y))
    return (c * slope).astype(np.float32), (s * slope).astype(np.float32)


def random_slopes(
    rng: np.random.Generator, power: Callable[[np.ndarray, np.ndarray], np.ndarray], shape: tuple[int, int] = SHAPE
) -> Pair:
    """A window of a periodic random surface twice its size; `power` is that of its slope over (fx, fy)."""
    big = (2 * shape[0], 2 * shape[1])
    fy, fx = -np.fft.fftfreq(big[0], PITCH)[:, None], np.fft.rfftfreq(big[1], PITCH)[None, :]
    f = np.hypot(fx, fy)
    f[0, 0] = np.inf
    wave = np.fft.rfft2(rng.standard_normal(big)) * np.sqrt(power(fx, fy)) / f
    x, y = (np.fft.irfft2(1j * axis * wave, big)[: shape[0], : shape[1]].astype(np.float32) for axis in (fx, fy))
    return x, y


@pytest.fixture(scope="session")
def sine() -> Callable[..., Pair]:
    """Slopes of a sine of height. [mrad]"""
    return sine_slopes


@pytest.fixture(scope="session")
def surface() -> Callable[..., Pair]:
    """Slopes of a random surface of a given spectrum."""
    return random_slopes
