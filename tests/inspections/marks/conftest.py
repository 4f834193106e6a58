"""One panel with a mark of every kind that fringes resolve, photographed straight and put down askew."""

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


@pytest.fixture(scope="session")
def marked(peeled, inspect_files):
    panel = peeled.with_marks(NIB, STEEP_NIB, CRATER, FINE_SCRATCH, DEEP_SCRATCH, BURN)
    files = render_capture(panel, "fringes", np.random.default_rng(21), placement=Placement(np.zeros(2), 0.0))
    return inspect_files(files)


@pytest.fixture(scope="session")
def askew(peeled, inspect_files):
    """The same marks, the panel put down 2 mm aside and turned by 3 degrees."""
    panel = peeled.with_marks(NIB, CRATER, DEEP_SCRATCH)
    placement = Placement(np.array([1.5, -1.0]), float(np.radians(3.0)))
    return inspect_files(render_capture(panel, "fringes", np.random.default_rng(22), placement=placement))
