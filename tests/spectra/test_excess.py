"""What exceeds the perfect diffuser without the geometry's leave is said in numbers, and no paint model takes it."""

import numpy as np
import pytest

from spectra.characterise import characterise
from spectra.errors import FormulationError
from spectra.excess import cannot_be_fraction, looks_like_percent, unexplained_excess
from spectra.geometry import D8_SCI, directional
from spectra.ladder import letdown, masstone
from spectra.measurement import Measurement
from spectra.wavelengths import WavelengthGrid

GRID = WavelengthGrid(400, 700, 10)
ORANGE = 0.1 + 0.7 / (1 + np.exp(-(GRID.wavelengths - 585) / 8)) + 0.4 * np.exp(-(((GRID.wavelengths - 610) / 15) ** 2))


def panel(spectra, geometry=D8_SCI):
    return Measurement("panel", np.atleast_2d(spectra), GRID, geometry)


def test_a_fluorescent_orange_exceeds_in_a_band():
    (excess,) = unexplained_excess(panel(ORANGE))
    assert excess.greatest == ORANGE.max() > 1.1
    assert excess.at == 610
    assert excess.share < 0.2
    assert excess.mean_excess == pytest.approx(np.mean(ORANGE[ORANGE > 1] - 1))
    assert "d/8 SCI" in str(excess)
    assert "610–620 nm" in str(excess)


def test_a_wrong_unit_exceeds_everywhere():
    (excess,) = unexplained_excess(panel(30 * ORANGE))
    assert excess.share == 1


def test_only_angles_away_from_the_mirror_direction_are_named():
    found = unexplained_excess(panel([ORANGE, ORANGE, 0.3 * ORANGE], directional(["45as15", "45as75", "45as110"])))
    assert [excess.angle for excess in found] == ["45as75"]


def test_paint_that_reflects_less_than_the_diffuser_exceeds_nothing():
    assert unexplained_excess(panel(np.ones(31))) == ()


@pytest.mark.parametrize(
    ("factor", "tokens", "refused", "suspected"),
    [
        ([[12.0] * 31] * 3, ["45as15", "45as25", "45as45"], True, True),
        ([[8.0] * 31, [3.0] * 31, [0.8] * 31], ["45as-15", "45as25", "45as110"], False, False),  # coarse aluminium
        ([[8.0] * 31], ["45as15"], False, True),
        ([[3.0] * 31], ["45as25"], True, True),
        ([[1.0] * 15 + [40.0] * 16], ["45as45"], True, True),  # a red in percent
        ([[1.0] * 20 + [40.0] * 11], ["45as45"], True, True),
        ([[1.0] * 20 + [40.0] * 11], ["45as15"], False, True),
        ([[0.5] * 28 + [2.4] * 3], ["45as45"], False, True),  # fluorescence perhaps
        ([[1.4] * 31], ["45as45"], False, False),
    ],
)
def test_percent_is_told_from_what_flakes_and_fluorescence_can_be(factor, tokens, refused, suspected):
    geometry = directional(tokens)
    assert cannot_be_fraction(factor, geometry) is refused
    assert looks_like_percent(factor, geometry) is suspected


def test_no_mirror_direction_explains_percent_on_a_sphere():
    assert cannot_be_fraction(100 * ORANGE[None], D8_SCI)
    assert looks_like_percent(100 * ORANGE[None], D8_SCI)
    assert not looks_like_percent(ORANGE[None], D8_SCI)


def test_no_colorant_is_made_of_a_fluorescent_panel():
    white, tint = np.full(31, 0.85), np.minimum(ORANGE, 0.8)
    panels = [masstone("white", "W", white), letdown("tint", "O", "W", 1, 9, tint), masstone("day-glow", "O", ORANGE)]
    with pytest.raises(FormulationError, match=r"day-glow: 1\.\d+ at 610 nm; .* \(fluorescence"):
        characterise(panels, name="set", base="W", grid=GRID, geometry=D8_SCI)
