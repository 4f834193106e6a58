import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spectra.optics.thin_film import fresnel_reflectance, stack_reflectance

NM = np.array([450.0, 550.0, 650.0])


def test_a_bare_surface_reflects_as_fresnel_says():
    cosines = np.linspace(0.05, 1, 20)
    stack = stack_reflectance(cosines, NM, 1.0, (), 1.5)
    assert stack == pytest.approx(np.repeat(fresnel_reflectance(cosines, 1.5)[:, None], 3, axis=1))
    assert stack[-1] == pytest.approx(0.04)


def test_light_beyond_the_critical_angle_stays_inside():
    cosines = np.array([0.2, 0.7, 0.75])
    assert (fresnel_reflectance(cosines, 1 / 1.5) == 1).tolist() == [True, True, False]
    assert fresnel_reflectance(1.0, 1 / 1.5) == pytest.approx(0.04)


@given(st.floats(0.1, 1), st.floats(10, 300), st.floats(1.3, 2.6))
def test_a_layer_of_the_medium_itself_is_not_there(cosine, thickness, index):
    with_layer = stack_reflectance(cosine, NM, 1.5, ((1.5, thickness),), index)
    assert with_layer == pytest.approx(stack_reflectance(cosine, NM, 1.5, (), index), abs=1e-12)


def test_a_quarter_wave_coat_of_the_root_index_is_black_at_its_wavelength():
    # Macleod, 3.1: n1 = √(n0 n2), one quarter wave thick.
    coat = ((np.sqrt(1.5), 550 / 4 / np.sqrt(1.5)),)
    seen = stack_reflectance(1.0, NM, 1.0, coat, 1.5)
    assert seen[1] == pytest.approx(0, abs=1e-12)
    assert min(seen[0], seen[2]) > 0.001


def test_a_single_layer_agrees_with_airys_sum():
    # Airy: r = (r01 + r12 e^{2iδ}) / (1 + r01 r12 e^{2iδ}), normal incidence, an absorbing substrate.
    n0, n1, n2, d = 1.5, 2.4, 0.96 + 6.69j, 80.0
    r01, r12 = (n0 - n1) / (n0 + n1), (n1 - n2) / (n1 + n2)
    turn = np.exp(2j * 2 * np.pi * n1 * d / NM)
    airy = np.abs((r01 + r12 * turn) / (1 + r01 * r12 * turn)) ** 2
    assert stack_reflectance(1.0, NM, n0, ((n1, d),), n2) == pytest.approx(airy)


def test_aluminium_in_resin_reflects_nine_tenths_less_a_little():
    # ((n − n0)² + k²) / ((n + n0)² + k²) with n = 0.96, k = 6.69, n0 = 1.5.
    assert stack_reflectance(1.0, [550.0], 1.5, (), 0.96 + 6.69j)[0] == pytest.approx(45.0477 / 50.8077, abs=1e-5)
