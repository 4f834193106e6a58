"""What the capture of the reference tile says of the station: fringe amplitude, contrast and the camera's sharpness."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from inspections.capture.capture import Capture, MarkerCard, phases_of
from inspections.capture.sequences import AXES, phase_sequences
from inspections.frame.placing import place
from inspections.frame.rectify import warp
from inspections.fringes.steps import decode_steps
from inspections.photos.photo import PanelPhoto
from spectra.errors import PhotoError


@dataclass(frozen=True, slots=True)
class TileReading:
    """The tile as captured.

    Attributes
    ----------
    amplitude, contrast : tuple of float
        Mean linear amplitude of the fine fringes, and that over their mean light, along u and v.
    sigma_px : tuple of float
        Gaussian sigma of the marker edges along pixel x and y. [pixel]
    """

    amplitude: tuple[float, float]
    contrast: tuple[float, float]
    sigma_px: tuple[float, float]


def read_tile(capture: Capture, photos: Mapping[str, PanelPhoto], card: MarkerCard) -> TileReading:
    """Read the capture of a black-glass tile or mirror: phase-stepped fringes, the card on the tile.

    Raises
    ------
    PhotoError
        If it holds no phase-stepped fringes, or its markers are not found.
    """
    sequences = phase_sequences(capture)
    if sequences is None:
        raise PhotoError(f"{capture.name}: the tile is read from phase-stepped fringes in two directions and periods")
    placing, _ = place(photos[sequences["u"].fine[0].file], card)
    if placing is None:
        raise PhotoError(f"{capture.name}: the card's markers are not found on the tile; uncover them and light them")
    if not np.isfinite(placing.sigma_px).all():
        raise PhotoError(f"{capture.name}: no marker edge on the tile is sharp enough to be read; focus on the card")
    amplitude, contrast = [], []
    for axis in AXES:
        shots = sequences[axis].fine
        frames = (warp(photos[shot.file].linear_grey(), placing.maps) for shot in shots)
        stepped = decode_steps(frames, phases_of(shots))
        amplitude.append(float(np.abs(stepped.phasor).mean()))
        contrast.append(amplitude[-1] / float(stepped.mean.mean()))
    return TileReading((amplitude[0], amplitude[1]), (contrast[0], contrast[1]), placing.sigma_px)
