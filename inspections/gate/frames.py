"""What the gate keeps of every frame while it passes once: levels, movement, and the frame averaged."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from inspections.capture.capture import Axis, Shot, phases_of
from inspections.frame.placing import Placing
from inspections.frame.rectify import marker_shift, warp_encoded
from inspections.gate.checks import Levels, clipped_channel_share, levels_of
from inspections.gate.sequence import reduced
from inspections.gate.series import StepSeries, repeat_difference
from inspections.photos.photo import EncodedImage, FloatImage, PanelPhoto
from spectra.errors import PhotoError


@dataclass(slots=True, eq=False)
class SeenFrames:
    """Frames of one placing, decoded one at a time; only what the gate needs of them stays.

    Attributes
    ----------
    placing : Placing
    levels : dict of str to Levels
    shifts_px : dict of str to float
        Movement of the markers against the photo of the placing. [pixel]
    small : dict of str to ndarray of float32
        Frames on the panel grid, averaged by `sequence.reduced`.
    """

    placing: Placing
    levels: dict[str, Levels] = field(default_factory=dict)
    shifts_px: dict[str, float] = field(default_factory=dict)
    small: dict[str, FloatImage] = field(default_factory=dict)

    def frame(self, photo: PanelPhoto) -> EncodedImage:
        """A photo on the panel grid, as encoded: a byte a pixel where its light would take four.

        Luma hides a channel that clips; a photo whose channels are in memory is asked for each of them.

        Raises
        ------
        PhotoError
            If it is not of the size of the photo of the placing.
        """
        frame = self.placing.frame
        if photo.shape != frame.image_shape:
            raise PhotoError(
                f"{photo.file_name}: {photo.shape[1]} × {photo.shape[0]} pixels; the first frame has "
                f"{frame.image_shape[1]} × {frame.image_shape[0]}. Photograph all steps alike"
            )
        grey = photo.grey()
        warped = warp_encoded(grey, self.placing.maps, bilinear=self.placing.bilinear)
        light = photo.response.linear(warped)
        levels = levels_of(light)
        if photo.in_memory:
            clipped = clipped_channel_share(photo.encoded, self.placing.maps)
            levels = levels._replace(clipped=max(levels.clipped, clipped))
        self.levels[photo.file_name] = levels
        self.shifts_px[photo.file_name] = marker_shift(grey, frame)
        self.small[photo.file_name] = reduced(light, self.placing.grid.pitch_mm)
        return warped

    def changed(self, first: str, again: str, amplitude: FloatImage) -> float:
        """How much a photo taken again differs, over the median fringe amplitude."""
        return repeat_difference(self.small[first], self.small[again], float(np.median(amplitude[::3, ::3])))

    def series(self, axis: Axis, period_mm: float, shots: tuple[Shot, ...]) -> StepSeries:
        """The frames of one direction and period; they must have been seen."""
        files = tuple(shot.file for shot in shots)
        frames = tuple(self.small[file] for file in files)
        return StepSeries(axis, period_mm, np.asarray(phases_of(shots)), frames, files)
