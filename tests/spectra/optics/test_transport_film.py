"""Films by radiative transfer, for paints known by two numbers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spectra.errors import FormulationError, GeometryError
from spectra.geometry import ANNULAR_45_0, D8, D8_SCE, D8_SCI
from spectra.optics.discrete_ordinates import diffuse_to, over_substrate, slab, streams, through_surface
from spectra.optics.transport_film import transport_film, transport_ratio

RATIO = st.floats(1e-6, 1e3)


@given(RATIO, st.sampled_from([D8_SCI, D8_SCE, ANNULAR_45_0]))
@settings(max_examples=30, deadline=None)
def test_a_hiding_film_gives_its_ratio_back(ratio, geometry):
    hiding = transport_film(ratio, np.inf, 0.0, geometry)
    assert transport_ratio(hiding, geometry) == pytest.approx(ratio, rel=2e-3)


@given(RATIO, st.floats(1e-3, 10), st.floats(0, 0.9))
@settings(max_examples=30, deadline=None)
def test_a_lighter_substrate_shows_lighter(ratio, depth, substrate):
    films = transport_film(ratio, depth, [substrate, substrate + 0.1], D8_SCI)
    assert films[1] >= films[0] - 1e-12


def test_no_film_shows_a_substrate_under_the_surface():
    # Saunderson with 1 − k1 the transmittance at 8°, and Judd's 0.5963 inside: a perfect diffuser of 30 %.
    inside = 0.9600 * (1 - 0.59635) * 0.3 / (1 - 0.59635 * 0.3)
    assert transport_film(0.1, 0.0, 0.3, D8_SCE) == pytest.approx(inside, abs=2e-4)
    assert transport_film(0.1, 0.0, 0.3, D8_SCI) == pytest.approx(inside + 0.0400, abs=2e-4)


@pytest.mark.parametrize(("anisotropy", "within"), [(0.3, 0.03), (0.45, 0.015), (0.7, 0.02)])
def test_particles_that_scatter_otherwise_forwards_change_little(anisotropy, within):
    paths = streams(1.5, 12, (8.0,))
    for ratio in (1e-3, 0.1):
        for depth in (1.0, 3.0):
            films = slab(
                np.array([ratio]),
                np.array([1 / (1 - anisotropy)]),
                anisotropy ** np.arange(paths.order + 1.0)[None, :],
                np.array([depth]),
                paths,
            )
            exact = diffuse_to(8.0, through_surface(over_substrate(*films, np.array([0.0]), paths), paths), paths)
            assert float(transport_film(ratio, depth, 0.0, D8_SCE)) == pytest.approx(float(exact[0]), abs=within)


def test_what_is_darker_than_the_surface_is_the_darkest_paint():
    assert transport_ratio([0.01, 1.2], D8_SCI) == pytest.approx([1e4, 1e-7])


def test_what_is_no_film_is_refused():
    with pytest.raises(FormulationError, match="absorption over scattering"):
        transport_film(-1.0, 1.0, 0.0, D8_SCI)
    with pytest.raises(FormulationError, match="depth"):
        transport_film(1.0, np.nan, 0.0, D8_SCI)
    with pytest.raises(FormulationError, match="substrate"):
        transport_film(1.0, 1.0, 1.5, D8_SCI)
    with pytest.raises(GeometryError, match="45:0"):
        transport_film(1.0, 1.0, 0.5, D8)
