from collections.abc import Callable

import numpy as np
import pytest

from inspections.structure.bands import BANDS, SlopeSpectra
from inspections.structure.figures import band_figures
from inspections.structure.leakage import coupling
from inspections.structure.shells import shell_edges, slope_shells

PITCH = 0.1
NO_BLUR = np.zeros((2, 2))


def in_bands(**mrad: float) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    """Power that gives each band so many mrad per axis, alike in every octave, on fields of `PITCH`."""

    def power(fx: np.ndarray, fy: np.ndarray) -> np.ndarray:
        f = np.maximum(np.hypot(fx, fy), 1e-6)
        found = np.zeros_like(f)
        for name, slope in mrad.items():
            band = BANDS[name]
            octaves = np.log(band.longest_mm / band.shortest_mm)
            found += ((f > 1 / band.longest_mm) & (f <= 1 / band.shortest_mm)) * (slope / f / PITCH) ** 2 / octaves
        return found / np.pi

    return power


def test_a_window_moves_power_and_makes_none() -> None:
    window = np.outer(np.hanning(300), np.hanning(400)).astype(np.float32)
    moved = coupling(window, PITCH, shell_edges((300, 400), PITCH, BANDS.values()))
    assert (moved > -1e-4).all()
    # What a shell loses to those beyond the reach is missing; one in the middle loses nothing.
    assert moved[:, 3].sum() == pytest.approx(1.0, abs=0.01)
    assert np.diag(moved).min() > 0.3


def test_without_a_window_every_shell_keeps_its_power() -> None:
    edges = shell_edges((500, 500), PITCH, BANDS.values())
    moved = coupling(np.ones((500, 500), np.float32), PITCH, edges)
    assert np.diag(moved)[2:].min() > 0.6  # a finite field is a window too


def test_a_weak_band_between_strong_ones_is_not_filled_by_them(surface: Callable[..., tuple]) -> None:
    rng = np.random.default_rng(21)
    off = []
    for _ in range(6):
        slopes = surface(rng, in_bands(c=0.3, d=1.5))
        figure = band_figures(slope_shells(SlopeSpectra(slopes, PITCH, NO_BLUR)), BANDS)["c"]
        off.append([figure.slope_mrad / 0.3 - 1, figure.height_um])
    assert abs(np.mean([one[0] for one in off])) < 0.05
    # Equal power in every octave from 1 to 3 mm: mean λ²/4π² = (9 − 1)/(2 ln 3)/4π², both axes.
    expected = 0.3 * np.sqrt(2 * 4 / np.log(3)) / (2 * np.pi)
    assert np.mean([one[1] for one in off]) == pytest.approx(expected, rel=0.1)


def test_the_stated_sampling_holds_what_the_window_really_shows(surface: Callable[..., tuple]) -> None:
    rng = np.random.default_rng(22)
    scores = []
    for _ in range(16):
        x, y = surface(rng, in_bands(c=0.6), (300, 320))
        truth = np.sqrt((np.mean(x**2) + np.mean(y**2)) / 2)  # nothing but this band is there
        figure = band_figures(slope_shells(SlopeSpectra((x, y), PITCH, NO_BLUR)), BANDS)["c"]
        scores.append((figure.slope_mrad / truth - 1) / figure.sampling)
    assert 0.3 < np.sqrt(np.mean(np.square(scores))) < 1.5


def test_masked_nibs_do_not_count(surface: Callable[..., tuple]) -> None:
    rng = np.random.default_rng(23)
    x, y = surface(rng, in_bands(b=0.3, c=0.6, d=0.9))
    rows, columns = np.meshgrid(np.arange(450) * PITCH, np.arange(500) * PITCH, indexing="ij")
    nibbed, weights = [x.copy(), y.copy()], np.ones_like(x)
    for row, column in rng.uniform(5, 40, (9, 2)):
        off_x, off_y = columns - column, row - rows
        distance = np.hypot(off_x, off_y)
        bump = 8.0 * np.exp(-0.5 * (distance / 0.25) ** 2)  # a nib of 8 µm
        nibbed[0] += (-bump * off_x / 0.25**2).astype(np.float32)
        nibbed[1] += (-bump * off_y / 0.25**2).astype(np.float32)
        weights *= np.clip((distance - 1.2) / 0.4, 0, 1).astype(np.float32)

    def slope(pair: tuple[np.ndarray, ...], weights: np.ndarray | None = None) -> np.ndarray:
        spectra = SlopeSpectra((pair[0], pair[1]), PITCH, NO_BLUR, weights=weights)
        found = band_figures(slope_shells(spectra), BANDS)
        return np.array([found[name].slope_mrad for name in ("b", "sw", "c", "lw")])

    clean = slope((x, y))
    assert slope((nibbed[0], nibbed[1]))[0] > 1.25 * clean[0]
    assert slope((nibbed[0], nibbed[1]), weights) == pytest.approx(clean, rel=0.035)
