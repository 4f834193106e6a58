import json
from collections.abc import Callable

import numpy as np
import pytest

from inspections.appearance import Appearance
from inspections.structure.bands import BANDS, SlopeSpectra
from inspections.structure.figures import band_figures
from inspections.structure.shells import slope_shells
from inspections.structure.spectrum import MOST_POINTS, structure_spectrum

PITCH = 0.1


def flat(fx: np.ndarray, fy: np.ndarray) -> np.ndarray:
    """The same slope power in every octave from 0.3 to 10 mm."""
    f = np.maximum(np.hypot(fx, fy), 1e-6)
    return ((f > 0.1) & (f < 1 / 0.3)) / f**2


def test_the_squares_add_up_to_those_of_the_bands(surface: Callable[..., tuple]) -> None:
    shells = slope_shells(SlopeSpectra(surface(np.random.default_rng(51), flat), PITCH, np.zeros((2, 2))))
    spectrum, figures = structure_spectrum(shells), band_figures(shells, BANDS)
    octaves = np.log2(shells.edges[1:] / np.maximum(shells.edges[:-1], 1e-9))
    middle = 1 / np.sqrt(np.maximum(shells.edges[:-1] * shells.edges[1:], 1e-18))
    width = octaves[np.isin(np.round(middle, 9), np.round(spectrum.wavelengths_mm, 9))]
    inside = (spectrum.wavelengths_mm > 1) & (spectrum.wavelengths_mm < 3)
    total = (spectrum.slope**2 * width)[inside].sum()
    assert total == pytest.approx(figures["c"].slope_mrad ** 2, rel=1e-6)
    level = spectrum.slope[inside]
    assert level == pytest.approx(np.full(level.size, level.mean()), rel=0.1)
    assert (np.diff(spectrum.wavelengths_mm) < 0).all()


def test_the_spectrum_says_what_blur_leaves_and_what_noise_gives(surface: Callable[..., tuple]) -> None:
    rng = np.random.default_rng(52)
    slopes = surface(rng, flat)
    scale = np.float32(1 / slopes[0].std())
    twins = [tuple(scale * part + 0.1 * rng.standard_normal(part.shape) for part in slopes) for _ in range(2)]
    sigma = 0.1
    shells = slope_shells(SlopeSpectra(slopes, PITCH, sigma**2 * np.eye(2), twins=(twins[0], twins[1])))
    spectrum = structure_spectrum(shells)
    expected = np.exp(-2 * np.pi**2 * sigma**2 / spectrum.wavelengths_mm**2)
    assert spectrum.transfer == pytest.approx(expected, rel=0.03)
    assert spectrum.shortest_mm == pytest.approx(sigma * np.pi * np.sqrt(2 / np.log(2)), rel=0.15)
    assert spectrum.longest_mm == pytest.approx(22.5)
    assert spectrum.noise is not None
    assert (np.diff(spectrum.noise) > 0).mean() > 0.9  # white noise rises towards short waves


def test_a_panel_carries_its_spectrum_in_plain_numbers(stepped: Appearance) -> None:
    assert stepped.spectrum is not None
    assert 20 < stepped.spectrum.wavelengths_mm.size <= MOST_POINTS
    told = json.loads(json.dumps(stepped.as_dict()))["spectrum"]
    assert told["unit"] == "mrad/√octave"
    assert len(told["slope"]) == len(told["wavelengths_mm"]) == len(told["noise"])
