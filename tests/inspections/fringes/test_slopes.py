import numpy as np
import pytest

from inspections.fringes.slopes import without_form


def test_form_removal_takes_a_cubic_and_leaves_a_wave() -> None:
    y, x = np.meshgrid(np.linspace(-1, 1, 300), np.linspace(-1, 1, 400), indexing="ij")
    wave = np.sin(40 * x) * np.cos(35 * y)
    form = 3 + x - 2 * y + x * y + x**3 - 4 * x * y**2
    assert without_form((form + wave).astype(np.float32)) == pytest.approx(wave, abs=0.03)
