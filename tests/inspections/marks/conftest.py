"""One panel with a mark of every kind that fringes resolve, put under the card a little aside and turned."""

import numpy as np
import pytest

from inspections.render import render_capture
from inspections.virtual_station.marks import Burn, Crater, Nib
from inspections.virtual_station.scene import Placement
from inspections.virtual_station.scratches import Scratch

NIB = Nib(-18.0, 12.0, 2.0, 1.2)
STEEP_NIB = Nib(-20.0, -12.0, 8.0, 0.5)
CRATER = Crater(-8.0, 12.0, 1.5, 1.1)
FINE_SCRATCH = Scratch(0.0, -6.0, 14.0, 30.0, width_mm=0.05, depth_um=0.12)
DEEP_SCRATCH = Scratch(6.0, 4.0, 16.0, 110.0, width_mm=0.08, depth_um=0.3, radius_mm=30.0)
BURN = Burn(16.0, -10.0, 14.0, 9.0, orientation_deg=20.0, micro_slope_mrad=1.8)


TURN_DEG = 3.0
PLACEMENT = Placement(np.array([1.5, -1.0]), float(np.radians(TURN_DEG)))


def on_card(mark):
    """Where a mark of the panel lies in the card frame: shifted in the panel's own axes, then turned. [mm]"""
    x, y = mark.x_mm + PLACEMENT.shift_mm[0], mark.y_mm + PLACEMENT.shift_mm[1]
    cosine, sine = np.cos(PLACEMENT.turn_rad), np.sin(PLACEMENT.turn_rad)
    return cosine * x - sine * y, sine * x + cosine * y


@pytest.fixture(scope="session")
def marked(peeled, inspect_files):
    """Put down askew: marks move and turn with the panel."""
    panel = peeled.with_marks(NIB, STEEP_NIB, CRATER, FINE_SCRATCH, DEEP_SCRATCH, BURN)
    return inspect_files(render_capture(panel, "fringes", np.random.default_rng(21), placement=PLACEMENT))
