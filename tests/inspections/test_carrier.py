import numpy as np
import pytest

from inspections.carrier import demodulate
from inspections.unwrapping import unwrap


@pytest.mark.parametrize(("cross", "tolerance"), [(False, 0.04), (True, 0.6)])
def test_one_photo_gives_its_direction_and_a_cross_photo_both_less_well(cross: bool, tolerance: float) -> None:
    y, x = np.mgrid[0:600, 0:800] * 0.1
    u, v = (1.7 * x).astype(np.float32), (1.7 * y).astype(np.float32)
    moved = 0.4 * np.sin(2 * np.pi * x / 15) * np.cos(2 * np.pi * y / 12)
    image = 0.5 + 0.2 * np.cos(2 * np.pi * (u + moved) / 6)
    if cross:  # the other direction's sidebands reach into the pass band: that is why it is called a screening
        image = image + 0.2 * np.cos(2 * np.pi * (v - moved) / 6)
    for carrier, sign in ((u, 1.0), (v, -1.0))[: 1 + cross]:
        found = unwrap(demodulate(image.astype(np.float32), carrier, 6.0, 0.1), 0.1) * 6.0 / (2 * np.pi)
        inner = (slice(80, -80), slice(80, -80))
        off = found[inner] - sign * moved[inner]
        plane = np.column_stack([np.ones(off.size), x[inner].ravel(), y[inner].ravel()])
        off = off.ravel() - plane @ np.linalg.lstsq(plane, off.ravel(), rcond=None)[0]
        assert off.std() < tolerance * moved.std()
