"""A simulated panel photographed by the virtual station into a capture folder, with the faults a real one has."""

from __future__ import annotations

import json
from typing import Any, Literal

import numpy as np

from inspections.simulate import SimulatedPanel
from inspections.virtual_station.camera import Camera
from inspections.virtual_station.card import ARUCO, card_size_mm, markers_mm, see_card
from inspections.virtual_station.optics import aim
from inspections.virtual_station.rig import SimulatedRig
from inspections.virtual_station.scene import Placement, set_scene
from inspections.virtual_station.screen import photos
from spectra.errors import PhotoError

Fault = Literal["defocus", "overexposed", "covered_marker", "handheld", "auto_exposure"]
FAULTS: tuple[Fault, ...] = ("defocus", "overexposed", "covered_marker", "handheld", "auto_exposure")
_DEFOCUS_PX, _OVEREXPOSURE, _COVERED = 2.3, 3.2, ("0", "2")


def render_capture(
    panel: SimulatedPanel,
    shots: str,
    rng: np.random.Generator,
    /,
    *,
    rig: SimulatedRig | None = None,
    placement: Placement | None = None,
    fault: Fault | None = None,
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
    fault : str or None
        One of `FAULTS`.
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
    if fault is not None and fault not in FAULTS:
        raise PhotoError(f"capture fault {fault!r} is not known; one of {', '.join(FAULTS)}")
    rig = rig or SimulatedRig()
    placement = placement or Placement.by_hand(rng)
    optics = aim(rig, card_size_mm(panel.size_mm), rng)
    scene = set_scene(
        panel,
        rig,
        optics,
        see_card(optics, panel.size_mm, covered=_COVERED if fault == "covered_marker" else ()),
        placement,
        overexposure=_OVEREXPOSURE if fault == "overexposed" else 1.0,
        sigma_px=_DEFOCUS_PX if fault == "defocus" else None,
    )
    camera = Camera(rig, rng, handheld=fault == "handheld", automatic=fault == "auto_exposure")
    files: dict[str, bytes] = {}
    listed = []
    for file, pattern, image in photos(scene, shots):
        files[file] = camera.photograph(image)
        listed.append({"file": file, "pattern": pattern})
    document = {
        "capture": name,
        **manifest,
        "frame": "card centre, x right, y up, z to the viewer, mm",
        "rig_nominal": rig.by_ruler(),
        "card": {"aruco": ARUCO, "markers_mm": markers_mm(panel.size_mm), "panel_mm": list(panel.size_mm)},
        "software": "simulated",
        "shots": listed,
    }
    files["capture.json"] = (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()
    truth = panel.truth() | {"fault": fault, "rig": rig.truth()}
    files["truth.json"] = (json.dumps(truth, indent=1) + "\n").encode()
    return files
