"""Colorants and sets: what is refused, and how coefficients stack."""

import numpy as np
import pytest

from spectra.colorant import Colorant, ColorantSet
from spectra.errors import FormulationError, UnknownColorantError
from spectra.geometry import D8_SCI, directional
from spectra.optics.interface import Saunderson
from spectra.wavelengths import WavelengthGrid

GRID = WavelengthGrid(400, 700, 100)
SURFACE = Saunderson(0.04, 0.5, True)
K, S = np.full((1, 4), 0.2), np.ones((1, 4))


def colorant(code, **changes):
    return Colorant(**{"code": code, "name": code, "role": "chromatic", "absorption": K, "scattering": S, **changes})


def test_a_set_stacks_its_colorants_in_order():
    both = ColorantSet("set", (colorant("W"), colorant("R", absorption=3 * K)), GRID, D8_SCI, SURFACE, "W")
    assert both.codes == ("W", "R")
    assert both.absorption.shape == (2, 1, 4)
    assert both.absorption[both.index("R")].tolist() == (3 * K).tolist()
    assert both.indices(["R", "W"]) == [1, 0]
    assert both["R"].code == "R"


def test_coefficients_that_hold_at_every_angle_are_spread_over_the_angles():
    angles = directional(("45as15", "45as110"))
    several = colorant("E", absorption=np.vstack([K, 2 * K]), scattering=np.vstack([S, S]))
    both = ColorantSet("set", (colorant("W"), several), GRID, angles, SURFACE, "W")
    assert both.absorption.shape == (2, 2, 4)
    assert both.absorption[0].tolist() == np.vstack([K, K]).tolist()


def test_a_colorant_keeps_its_own_copy():
    mine = K.copy()
    held = colorant("R", absorption=mine)
    mine[:] = 9
    assert held.absorption.max() == pytest.approx(0.2)
    with pytest.raises(ValueError, match="read-only"):
        held.absorption[0, 0] = 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"absorption": -K}, "cannot be negative"),
        ({"scattering": np.full((1, 4), np.nan)}, "must be finite"),
        ({"scattering": np.ones((1, 3))}, "must be alike"),
        ({"log_covariance": np.zeros((1, 4, 2))}, "does not fit"),
        ({"dose_limits": (0.5, 0.1)}, "must rise within"),
        ({"calibrated_dose": (0.0, 1.5)}, "must rise within"),
    ],
)
def test_a_colorant_that_cannot_be_is_refused(changes, words):
    with pytest.raises(FormulationError, match=words):
        colorant("R", **changes)


def test_an_unknown_colorant_is_named_with_those_there_are():
    one = ColorantSet("set", (colorant("W"),), GRID, D8_SCI, SURFACE, "W")
    with pytest.raises(UnknownColorantError, match=r"'X' is not in the set; it holds W"):
        one.index("X")


def test_a_set_refuses_twins_a_missing_base_and_other_grids():
    with pytest.raises(FormulationError, match="twice"):
        ColorantSet("set", (colorant("W"), colorant("W")), GRID, D8_SCI, SURFACE, "W")
    with pytest.raises(UnknownColorantError):
        ColorantSet("set", (colorant("R"),), GRID, D8_SCI, SURFACE, "W")
    with pytest.raises(FormulationError, match="do not fit set"):
        ColorantSet("set", (colorant("W"),), WavelengthGrid(400, 700, 10), D8_SCI, SURFACE, "W")


def dense(density, **changes):
    """A white of 4 g/cm³ in a binder of 1: 20 µm of the mixture hold as much white as its mass says."""
    parts = (colorant("W", density_g_cm3=density[0]), colorant("C", density_g_cm3=density[1], **changes))
    return ColorantSet("set", parts, GRID, D8_SCI, SURFACE, "W")


def test_a_film_holds_mass_in_proportion_to_its_density():
    paints = dense((4.0, 1.0))
    # A cubic centimetre of half and half by mass is 0.2 of white and 0.8 of binder: 1.6 g.
    assert paints.relative_density([[1, 0], [0, 1], [0.5, 0.5], [2, 2]]).tolist() == [1, 0.25, 0.4, 0.4]
    assert paints.density_unknown == ()


def test_a_density_nobody_stated_is_that_of_the_base_and_is_named():
    assert dense((4.0, None)).relative_density([[0.3, 0.7]]).tolist() == [1]
    assert dense((4.0, None)).density_unknown == ("C",)
    assert dense((None, 1.0)).relative_density([[0.3, 0.7]]).tolist() == [1]
    assert dense((None, 1.0)).density_unknown == ("W", "C")
