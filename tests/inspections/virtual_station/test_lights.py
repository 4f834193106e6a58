from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from inspections.capture.capture import Axis
from inspections.photos.photo import FloatImage
from inspections.simulate import SimulatedPanel, simulate_panel
from inspections.virtual_station import lights
from inspections.virtual_station.card import see_card
from inspections.virtual_station.optics import aim
from inspections.virtual_station.rig import SimulatedRig
from inspections.virtual_station.scene import Placement, Scene, set_scene

RIG = SimulatedRig(pixel_mm=0.25)
ROUGH_MRAD, HAZE = 1.2, 0.1


def scene_of(panel: SimulatedPanel) -> Scene:
    optics = aim(RIG, (100.0, 86.0), np.random.default_rng(2))
    card = see_card(optics, panel.size_mm, ())
    return set_scene(panel, RIG, optics, card, Placement(np.zeros(2), 0.0))


@pytest.fixture(scope="module")
def scene() -> Scene:
    """A flat, rough, hazy panel."""
    return scene_of(
        simulate_panel(np.random.default_rng(1), {}, size_mm=(64.0, 50.0), micro_slope_mrad=ROUGH_MRAD, haze=HAZE)
    )


def by_rays(shape: Callable[[np.ndarray, np.ndarray], np.ndarray], at_u: float, at_v: float) -> float:
    """Light of a shape that rays gather from a place on the screen: pupil, roughness and halo drawn at random."""
    rng = np.random.default_rng(3)
    n = 400_000
    radius, turn = RIG.disc_mm / 2 * np.sqrt(rng.random(n)), 2 * np.pi * rng.random(n)
    slope = np.where(rng.random(n) < HAZE, 35.0, ROUGH_MRAD) * 2e-3 * RIG.screen_dist_mm
    u = at_u + radius * np.cos(turn) + slope * rng.standard_normal(n)
    v = at_v + radius * np.sin(turn) + slope * np.cos(np.radians(RIG.incidence_deg)) * rng.standard_normal(n)
    return float(shape(u, v).mean())


def looking_at(scene: Scene, at_u: float, at_v: float) -> Scene:
    """The scene with every ray aimed at one place of the screen."""
    return replace(scene, u=np.full_like(scene.u, at_u), v=np.full_like(scene.v, at_v))


def seen(scene: Scene, image: FloatImage) -> float:
    """Light in the middle of the panel over the mirrored white."""
    box = (image - scene.picture(np.zeros_like(scene.u)))[scene.rows, scene.columns] / scene.gain
    return float(box[box.shape[0] // 2, box.shape[1] // 2])


@pytest.mark.parametrize("at", [-6.0, -1.0, 0.0, 1.0, 6.0])
@pytest.mark.parametrize("axis", ["u", "v"])
def test_an_edge_is_as_soft_as_the_rays_that_gather_its_light(axis: Axis, at: float, scene: Scene) -> None:
    turn = np.radians({"u": 0.0, "v": 90.0}[axis] + lights.EDGE_SLANT_DEG)
    place = (at * np.cos(turn), at * np.sin(turn))
    aimed = looking_at(scene, *place)
    expected = by_rays(lambda u, v: np.cos(turn) * u + np.sin(turn) * v > 0, *place)
    assert seen(aimed, lights.edge(aimed, axis)[2]) == pytest.approx(expected, abs=0.004)


def test_an_edge_and_its_opposite_are_the_whole_screen(scene: Scene) -> None:
    dark, white = (scene.picture(np.full_like(scene.u, level)) for level in (0.0, 1.0))
    pair = [lights.edge(scene, "u", opposite=opposite)[2] for opposite in (False, True)]
    assert pair[0] + pair[1] - dark == pytest.approx(white, abs=1e-4)


def test_stripes_keep_of_their_fundamental_what_pupil_roughness_and_haze_leave(scene: Scene) -> None:
    _, _, image = lights.stripes(scene, "u")
    dark = scene.picture(np.zeros_like(scene.u))
    box = ((image - dark)[scene.rows, scene.columns] / scene.gain)[10:-10, 10:-10]
    phase = 2 * np.pi * scene.u[::2, ::2][10:-10, 10:-10].ravel() / lights.STRIPES_MM
    waves = np.column_stack([np.ones(phase.size), np.cos(phase), np.sin(phase)])
    _, cosine, sine = np.linalg.lstsq(waves, box.ravel(), rcond=None)[0]
    amplitude = np.hypot(cosine, sine)
    # A square wave has 4/π of its half amplitude in the fundamental.
    assert amplitude == pytest.approx(2 / np.pi * scene.contrast(lights.STRIPES_MM).mean(), rel=0.03)


@pytest.mark.parametrize(("at_u", "at_v"), [(0.0, 0.0), (44.0, 0.0), (0.0, 31.0), (20.0, -29.0)])
def test_a_soft_box_is_seen_as_rays_see_it(at_u: float, at_v: float, scene: Scene) -> None:
    aimed = looking_at(scene, at_u, at_v)
    width, height = lights.SMALL_SOFTBOX_MM
    expected = by_rays(lambda u, v: (np.abs(u) < width / 2) & (np.abs(v) < height / 2), at_u, at_v)
    image = lights.softbox(aimed, lights.SMALL_SOFTBOX_MM)[2]
    assert seen(aimed, image) == pytest.approx(expected, abs=0.004)
