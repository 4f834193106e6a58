from dataclasses import replace

import numpy as np
import pytest

from inspections.capture.capture import MarkerCard, RigGeometry
from inspections.frame.lens import Pose
from inspections.frame.rectify import panel_grid
from inspections.fringes.slopes import posed_rig, rig_model, ruler_placement, without_form
from spectra.errors import PhotoError


def test_form_removal_takes_a_cubic_and_leaves_a_wave() -> None:
    y, x = np.meshgrid(np.linspace(-1, 1, 300), np.linspace(-1, 1, 400), indexing="ij")
    wave = np.sin(40 * x) * np.cos(35 * y)
    form = 3 + x - 2 * y + x * y + x**3 - 4 * x * y**2
    assert without_form((form + wave).astype(np.float32)) == pytest.approx(wave, abs=0.03)


GRID = panel_grid(MarkerCard("DICT_4X4_50", {}, (100.0, 75.0)), 1.0)


@pytest.mark.parametrize("azimuth", [0.0, 88.0, 183.0, -95.0])
def test_a_slope_moves_the_reflection_by_twice_the_path_and_less_across_the_plane(azimuth: float) -> None:
    model = rig_model(ruler_placement(RigGeometry(30.0, 350.0, 250.0), azimuth), GRID)
    assert model.screen_path_mm == pytest.approx(250.0)
    middle = model.gain[:, :, GRID.shape[0] // 2, GRID.shape[1] // 2]
    along, across = sorted((abs(middle[0, 0]), abs(middle[1, 1])), reverse=True)
    # In the plane of incidence 2 t, across it 2 t cos(i); [mm/mrad].
    assert along == pytest.approx(0.5, rel=0.01)
    assert across == pytest.approx(0.5 * np.cos(np.radians(30.0)), rel=0.01)


def test_a_calibrated_rig_that_stands_as_by_ruler_gives_the_same_model() -> None:
    ruler = ruler_placement(RigGeometry(30.0, 350.0, 250.0), 180.0)
    axes = np.column_stack([ruler.screen_u, ruler.screen_v, np.cross(ruler.screen_u, ruler.screen_v)])
    card = Pose.from_vectors(np.array([2.0, 0.3, -0.2]), np.zeros(3))
    card = Pose(card.rotation, -card.rotation @ ruler.camera)
    screen = Pose(card.rotation @ axes, card.rotation @ ruler.screen + card.translation)
    posed, nominal = rig_model(posed_rig(card, screen, 0.003, "station"), GRID), rig_model(ruler, GRID)
    assert posed.u_mm == pytest.approx(nominal.u_mm, abs=1e-3)
    assert posed.gain == pytest.approx(nominal.gain, abs=1e-6)


def test_a_rig_that_sees_no_slopes_is_refused() -> None:
    ruler = ruler_placement(RigGeometry(30.0, 350.0, 250.0), 180.0)
    with pytest.raises(PhotoError, match="no slopes can be seen"):
        rig_model(replace(ruler, screen_v=-ruler.screen_v), GRID)
