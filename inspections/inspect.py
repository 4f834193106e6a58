"""From photos to the answer: what the capture holds decides the tier, and the tier does the measuring."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from inspections.answer import answer
from inspections.appearance import Appearance, Tier
from inspections.capture.capture import Capture
from inspections.capture.sequences import phase_sequences, single_shots
from inspections.edges.plain_calibration import PlainCalibration
from inspections.evidence import nothing_measured
from inspections.flat_reference import FlatReference
from inspections.gate.checks import first_failed
from inspections.photos.photo import PanelPhoto
from inspections.station.geometry import check_station, geometry_of, responded
from inspections.station.station import Station
from inspections.tiers.relative import inspect_relative
from inspections.tiers.single_photo import inspect_single_photo
from inspections.tiers.stepped import inspect_stepped
from spectra.errors import PhotoError


def inspect_capture(
    capture: Capture,
    photos: Mapping[str, PanelPhoto],
    flat_reference: FlatReference | None = None,
    station: Station | None = None,
    calibration: PlainCalibration | None = None,
) -> Appearance:
    """Measure what the photos of one capture can tell.

    Parameters
    ----------
    capture : Capture
        From `parse_capture`, or `bare_capture` for photos of which nothing is known.
    photos : mapping of str to PanelPhoto
        File name to photo; every shot of the capture must be there.
    flat_reference : FlatReference or None
        Gives gloss uniformity and the camera's own sharpness.
    station : Station or None
        Calibrated; its lens and screen take the place of the ruler. None leaves the manifest's `rig_nominal`.
    calibration : PlainCalibration or None
        The station's own, for the orange-peel estimate of a plain photo.

    Returns
    -------
    Appearance
        Every metric of `METRICS` is either given or refused with the reason.

    Raises
    ------
    PhotoError
        If a photo of the capture is missing.
    """
    missing = [shot.file for shot in capture.shots if shot.file not in photos]
    if missing:
        raise PhotoError(
            f"{capture.name}: {missing[0]} is named in the capture but was not given ({len(missing)} missing)"
        )
    sequences = phase_sequences(capture)
    single = single_shots(capture)
    geometry = geometry_of(capture, station)
    if station is not None:
        used = {shot.file: photos[shot.file] for shot in capture.shots}
        tile = {} if flat_reference is None else flat_reference.photos
        unfit = check_station(capture, (*used.values(), *tile.values()), station)
        failed = first_failed(unfit)
        photos = responded(photos, station)
        if flat_reference is not None:
            flat_reference = replace(flat_reference, photos=responded(tile, station))
        if failed is not None:
            tier: Tier = "T1" if sequences is not None else "T4" if single is None else "T2"
            return answer(capture, used, unfit, nothing_measured(tier, failed), flat_reference=flat_reference)
    if geometry is not None and sequences is not None:
        return inspect_stepped(capture, geometry, photos, sequences, flat_reference)
    if geometry is not None and single is not None:
        return inspect_single_photo(capture, geometry, photos, single, flat_reference)
    return inspect_relative(capture, photos, flat_reference, geometry, calibration)
