import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspections.gloss.fresnel import STANDARD_INDEX, fresnel_reflectance, specular_gloss
from spectra.errors import PhotoError

# Gloss of perfectly smooth surfaces by refractive index, from the Fresnel equations relative to n = 1.567 (ISO 2813).
INDEX = (1.40, 1.46, 1.48, 1.50, 1.52, 1.54, 1.60)
GLOSS = {
    20: (57.0, 71.8, 76.9, 82.0, 87.3, 92.7, 109.1),
    60: (71.9, 82.4, 85.8, 89.1, 92.4, 95.7, 105.2),
    85: (96.6, 98.2, 98.6, 99.0, 99.3, 99.6, 100.4),
}


@pytest.mark.parametrize("angle", GLOSS)
def test_a_flawless_coat_has_the_gloss_of_its_index(angle: int) -> None:
    assert specular_gloss(INDEX, angle) == pytest.approx(GLOSS[angle], abs=0.06)


def test_straight_down_the_reflectance_is_that_of_the_textbook() -> None:
    assert fresnel_reflectance(1.5, 0.0) == pytest.approx(0.04, abs=1e-12)


@given(st.floats(1.2, 2.5))
def test_under_brewsters_angle_half_of_the_light_at_most_is_left_out(index: float) -> None:
    brewster = np.degrees(np.arctan(index))
    across = ((1 - index**2) / (1 + index**2)) ** 2
    assert fresnel_reflectance(index, brewster) == pytest.approx(across / 2, rel=1e-9)


@given(st.floats(1.3, 2.0), st.floats(1.3, 2.0))
def test_a_denser_glass_never_shines_less_than_a_lighter_one_straight_down(one: float, two: float) -> None:
    low, high = sorted((one, two))
    assert specular_gloss(low, 0.0) <= specular_gloss(high, 0.0)
    assert specular_gloss(STANDARD_INDEX, 60.0) == pytest.approx(100.0)


@pytest.mark.parametrize(("index", "angle"), [(0.9, 20.0), (1.5, 90.0), (1.5, -1.0), (float("nan"), 20.0)])
def test_an_impossible_glass_or_angle_is_refused(index: float, angle: float) -> None:
    with pytest.raises(PhotoError, match="refractive index"):
        fresnel_reflectance(index, angle)
