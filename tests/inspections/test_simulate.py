import numpy as np
import pytest

from inspections.simulate import PITCH_MM, SimulatedPanel, simulate_panel
from spectra.errors import PhotoError


def test_the_stated_truth_is_the_slope_of_the_surface(peeled: SimulatedPanel) -> None:
    border = round((6.0 + 5.0) / PITCH_MM)
    x, y = (part[border:-border, border:-border].astype(np.float64) for part in peeled.slopes)
    truth = peeled.truth()["bands"]
    whole = sum(truth[band]["slope_mrad"] ** 2 for band in ("a", "b", "c", "d", "e"))
    # Bands are not exactly uncorrelated inside a finite region.
    assert np.sqrt((np.mean(x**2) + np.mean(y**2)) / 2) == pytest.approx(np.sqrt(whole), rel=0.03)


def test_polishing_scales_each_band_alone(peeled: SimulatedPanel) -> None:
    before, after = peeled.truth()["bands"], peeled.polished({"d": 0.5}).truth()["bands"]
    assert after["d"]["slope_mrad"] == pytest.approx(0.5 * before["d"]["slope_mrad"])
    assert after["c"]["slope_mrad"] == pytest.approx(before["c"]["slope_mrad"])
    assert peeled.flat_reference().truth()["bands"]["lw"]["slope_mrad"] == 0


def test_bands_and_bodies_that_do_not_exist_are_refused() -> None:
    rng = np.random.default_rng(1)
    with pytest.raises(PhotoError, match="band 'lw'"):
        simulate_panel(rng, {"lw": 1.0}, size_mm=(20, 20))
    with pytest.raises(PhotoError, match="body 'pink'"):
        simulate_panel(rng, {"c": 1.0}, size_mm=(20, 20), body="pink")  # type: ignore[arg-type]
