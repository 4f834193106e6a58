"""A simulated panel photographed by the virtual station into a capture folder, with the faults a real one has."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np

from inspections.simulate import SimulatedPanel
from inspections.station.card import ARUCO, card_size_mm, markers_mm
from inspections.virtual_station.camera import EXPOSURE_S, Camera
from inspections.virtual_station.card import see_card
from inspections.virtual_station.faults import FAULTS, conditions_of, exchanged
from inspections.virtual_station.optics import Optics, aim
from inspections.virtual_station.rig import SimulatedRig
from inspections.virtual_station.scene import Placement, set_scene
from inspections.virtual_station.screen import SHOT_KEYS, photos

__all__ = ["FAULTS", "render_capture"]


def render_capture(
    panel: SimulatedPanel,
    shots: str,
    rng: np.random.Generator,
    /,
    *,
    rig: SimulatedRig | None = None,
    placement: Placement | None = None,
    optics: Optics | None = None,
    fault: str | None = None,
    strength: float | None = None,
    name: str = "panel",
    **manifest: Any,
) -> dict[str, bytes]:
    """Photograph a panel: it is put under the card, the camera is aimed, the shots are taken.

    Parameters
    ----------
    panel : SimulatedPanel
    shots : str
        A key of `virtual_station.screen.SHOTS`; "fringes" is both directions in two periods: 6 mm in
        `rig.fine_steps` steps and 48 mm in 3.
    rng : numpy.random.Generator
        Placing, aiming and noise.
    rig : SimulatedRig or None
        None is the default rig.
    placement : Placement or None
        How the panel lies under the card; None puts it down by hand.
    optics : Optics or None
        A rig that stands as it was aimed before; None aims one.
    fault : str or None
        A key of `FAULTS`.
    strength : float or None
        Of the fault, in its own unit; None is its moderate one.
    name : str
        Key "capture" of the manifest: "panel", "flatref" or another name.
    **manifest
        Further keys of the manifest: panel, colour, round, operator, ...

    Returns
    -------
    dict of str to bytes
        File name to content: the photos, capture.json and truth.json.

    Raises
    ------
    PhotoError
        If shots or fault are not known.
    """
    conditions = conditions_of(fault, strength)
    station = rig or SimulatedRig()
    rig = conditions.rig(station)
    ruler = (station.ruler[0], station.ruler[1] * conditions.stated, station.ruler[2])
    placement = placement or Placement.by_hand(rng)
    if conditions.panel_turn_deg:
        turned = placement.turn_rad + float(np.radians(conditions.panel_turn_deg))
        placement = Placement(placement.shift_mm, turned)
    optics = conditions.aimed(optics or aim(rig, card_size_mm(panel.size_mm), rng))
    card = see_card(optics, panel.size_mm, conditions.covered, conditions.lift_mm)
    scene = set_scene(conditions.dusty(panel, rng), rig, optics, card, placement)
    glare = conditions.glare_light(card.opening, panel.exposure, rng)
    camera = Camera(rig, rng, conditions)
    files: dict[str, bytes] = {}
    listed = []
    for index, (file, pattern, image) in enumerate(photos(scene, shots)):
        of_shot = {key: pattern.pop(key) for key in SHOT_KEYS if key in pattern}
        exposure = of_shot.get("exposure_s", EXPOSURE_S) / EXPOSURE_S
        exposure *= conditions.other_exposure if index % 2 else 1.0
        files[file] = camera.photograph(image if glare is None else image + glare, exposure)
        listed.append({"file": file, "pattern": pattern} | of_shot)
    for _ in range(conditions.swaps):
        first, second = exchanged(listed, rng)
        files[first], files[second] = files[second], files[first]
    document = {
        "capture": name,
        **manifest,
        "frame": "card centre, x right, y up, z to the viewer, mm",
        "rig_nominal": replace(station, ruler=ruler).by_ruler(),
        "card": {"aruco": ARUCO, "markers_mm": markers_mm(panel.size_mm), "panel_mm": list(panel.size_mm)},
        "software": "simulated",
        "shots": listed,
    }
    files["capture.json"] = (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()
    truth = panel.truth() | {"fault": fault, "fault_strength": strength, "rig": rig.truth()}
    files["truth.json"] = (json.dumps(truth, indent=1) + "\n").encode()
    return files
