import numpy as np
import pytest

from inspections.structure.bands import BANDS, SlopeSpectra
from inspections.structure.blocks import band_map, block_figures
from inspections.structure.figures import band_figures
from inspections.structure.shells import slope_shells

PITCH = 0.1
SHAPE = (400, 600)
NO_BLUR = np.zeros((2, 2))


def waves(rng: np.random.Generator, shortest_mm: float, longest_mm: float, mrad: float) -> tuple[np.ndarray, ...]:
    """Slopes of isotropic random waves, rms per axis over both."""
    fy, fx = -np.fft.fftfreq(SHAPE[0], PITCH)[:, None], np.fft.rfftfreq(SHAPE[1], PITCH)[None, :]
    f = np.hypot(fx, fy)
    height = np.fft.rfft2(rng.standard_normal(SHAPE)) * ((f > 1 / longest_mm) & (f <= 1 / shortest_mm))
    slopes = [np.fft.irfft2(1j * axis * height, SHAPE) for axis in (fx, fy)]
    scale = mrad / np.sqrt(sum(np.mean(part**2) for part in slopes) / 2)
    return tuple((scale * part).astype(np.float32) for part in slopes)


def test_a_rough_corner_shows_in_its_block_and_nowhere_else() -> None:
    rng = np.random.default_rng(5)
    rough = np.ones(SHAPE, np.float32)
    rough[:100, :100] = 3.0  # top left of 4 × 6 blocks
    slopes = tuple(part * rough for part in waves(rng, 1.0, 3.0, 1.0))
    found = block_figures(SlopeSpectra(slopes, PITCH, NO_BLUR), {"c": BANDS["c"]})
    inside, others = found.slope_mrad["c"][0, 0], np.delete(found.slope_mrad["c"].ravel(), 0)
    assert inside == pytest.approx(3.0, rel=0.15)
    assert np.median(others) == pytest.approx(1.0, rel=0.05)
    assert others.max() < 1.5
    assert found.x_mm[0] == pytest.approx(-25)
    assert found.y_mm[0] == pytest.approx(15)
    peel = band_map(SlopeSpectra(slopes, PITCH, NO_BLUR), BANDS["c"]).values
    assert np.unravel_index(np.argmax(peel), peel.shape)[0] < peel.shape[0] / 4
    assert np.unravel_index(np.argmax(peel), peel.shape)[1] < peel.shape[1] / 6


def test_the_blocks_together_are_the_band_and_scatter_as_they_say() -> None:
    rng = np.random.default_rng(6)
    slopes = waves(rng, 1.0, 3.0, 1.0)
    spectra = SlopeSpectra(slopes, PITCH, NO_BLUR)
    found = block_figures(spectra, {"c": BANDS["c"]})
    rms = float(np.sqrt(np.mean(found.slope_mrad["c"] ** 2)))
    assert rms == pytest.approx(band_figures(slope_shells(spectra), BANDS)["c"].slope_mrad, rel=0.03)
    scatter = np.std(found.slope_mrad["c"], ddof=1)
    assert scatter == pytest.approx(found.standard_error_mrad["c"].mean(), rel=0.5)


def test_noise_and_blur_are_left_out_of_the_blocks() -> None:
    rng = np.random.default_rng(7)
    truth = waves(rng, 2.0, 2.2, 0.2)
    sigma_mm = 0.2
    lost = np.float32(np.exp(-2 * np.pi**2 * sigma_mm**2 / 2.1**2))

    def reading() -> tuple[np.ndarray, np.ndarray]:
        x, y = (part * lost + rng.standard_normal(SHAPE).astype(np.float32) for part in truth)
        return x, y

    blur = sigma_mm**2 * np.eye(2)
    noise = (rng.standard_normal(SHAPE).astype(np.float32), rng.standard_normal(SHAPE).astype(np.float32))
    for spectra in (
        SlopeSpectra(reading(), PITCH, blur, twins=(reading(), reading())),
        SlopeSpectra(reading(), PITCH, blur, noise=noise),
    ):
        found = block_figures(spectra, {"c": BANDS["c"]}).slope_mrad["c"]
        assert np.sqrt(np.mean(found**2)) == pytest.approx(0.2, rel=0.05)


def test_a_masked_block_is_not_given_and_a_masked_mark_does_not_count() -> None:
    rng = np.random.default_rng(8)
    slopes = waves(rng, 1.0, 3.0, 1.0)
    weights = np.ones(SHAPE, np.float32)
    weights[:100, :100] = 0.0
    weights[250:260, 250:260] = 0.0
    nibbed = tuple(part + 500.0 * (1 - weights) for part in slopes)
    found = block_figures(SlopeSpectra(nibbed, PITCH, NO_BLUR, weights=weights), {"c": BANDS["c"]}).slope_mrad["c"]
    clean = block_figures(SlopeSpectra(slopes, PITCH, NO_BLUR), {"c": BANDS["c"]}).slope_mrad["c"]
    assert np.isnan(found[0, 0])
    assert np.isfinite(found).sum() == found.size - 1
    assert found[2, 2] == pytest.approx(clean[2, 2], rel=0.05)
