"""One simulated panel put down, polished and put down again, photographed both ways; rendered once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pytest

from inspections.appearance import Appearance
from inspections.render import render_capture
from inspections.simulate import SimulatedPanel
from inspections.virtual_station.scene import Placement
from spectra.arrays import FloatArray

PLACEMENTS = (
    Placement(np.array([0.3, -0.2]), float(np.radians(0.1))),
    Placement(np.array([-1.2, 1.5]), float(np.radians(-0.5))),
)
REMAINING = {"c": 0.85, "d": 0.93}


@dataclass(frozen=True)
class PlacedTwice:
    """The same panel before and after a round, with where it lay and what was taken off."""

    before: Appearance
    after: Appearance
    shift_mm: FloatArray
    turn_deg: float
    gains: Mapping[str, float]


@pytest.fixture(scope="session")
def placed_twice(peeled: SimulatedPanel, inspect_files: Callable[..., Appearance]) -> Mapping[str, PlacedTwice]:
    first, second = PLACEMENTS
    polished = peeled.polished(REMAINING)
    bands = peeled.truth()["bands"], polished.truth()["bands"]
    cosine, sine = np.cos(second.turn_rad), np.sin(second.turn_rad)
    moved = np.array([[cosine, -sine], [sine, cosine]]) @ (second.shift_mm - first.shift_mm)
    rng = np.random.default_rng(21)
    return {
        shots: PlacedTwice(
            inspect_files(render_capture(peeled, shots, rng, placement=first, name="round0")),
            inspect_files(render_capture(polished, shots, rng, placement=second, name="round1")),
            moved,
            float(np.degrees(second.turn_rad - first.turn_rad)),
            {b: float(np.log(bands[0][b]["slope_mrad"] / bands[1][b]["slope_mrad"])) for b in bands[0]},
        )
        for shots in ("fringes", "cross")
    }
