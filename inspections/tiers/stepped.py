"""T1: phase-stepped fringes in two directions and two periods, on a card with markers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from inspections.answer import answer, surface_maps
from inspections.appearance import Appearance, Finding, FloatMap
from inspections.capture.capture import Axis, Capture, Shot, phases_of
from inspections.capture.sequences import AXES, PhaseSequence, phase_sequences
from inspections.evidence import Evidence, nothing_measured
from inspections.fields import Pair, PanelFields
from inspections.flat_reference import FlatReference
from inspections.frame.placing import Placing, place
from inspections.frame.rectify import marker_shift, warp
from inspections.fringes.phasor import ComplexImage
from inspections.fringes.slopes import RigModel, formless_slopes
from inspections.fringes.steps import SteppedFringes, decode_steps
from inspections.fringes.unwrapping import displacement
from inspections.gate import checks as gate
from inspections.gate import fringes as fringe_gate
from inspections.gloss.uniformity import amplitude_ratio
from inspections.photos.photo import FloatImage, PanelPhoto
from inspections.station.geometry import CaptureGeometry
from inspections.structure.bands import BANDS, SlopeSpectra, band_figures
from spectra.errors import PhotoError

Slopes = tuple[FloatImage, FloatImage]


def inspect_stepped(
    capture: Capture,
    geometry: CaptureGeometry,
    photos: Mapping[str, PanelPhoto],
    sequences: Mapping[Axis, PhaseSequence],
    flat_reference: FlatReference | None,
) -> Appearance:
    """Structure bands, and gloss with a flat reference, from phase steps.

    Parameters
    ----------
    capture : Capture
    geometry : CaptureGeometry
    photos : mapping of str to PanelPhoto
        File name to photo.
    sequences : mapping of {"u", "v"} to PhaseSequence
        Both directions.
    flat_reference : FlatReference or None

    Returns
    -------
    Appearance
        Tier T1.

    Raises
    ------
    PhotoError
        If the frames differ in size or the steps do not determine a phase.
    """
    used = {shot.file: photos[shot.file] for sequence in sequences.values() for shot in sequence.shots}
    first, photo = next(iter(used.items()))
    findings = gate.check_conditions(used, "T1")
    placing, marker_findings = place(photo, geometry.card, lens=geometry.lens)
    findings += marker_findings
    if placing is None:
        return answer(capture, used, findings, nothing_measured("T1", findings[-1]), (), flat_reference, geometry)
    reference = flat_reference.placed(placing.grid, geometry) if flat_reference else None
    findings += gate.check_blur(placing.sigma_px, reference.sigma_px if reference else None, first)
    findings.append(geometry.check_pose(placing))
    findings.append(gate.check_motion({file: marker_shift(one.grey(), placing.frame) for file, one in used.items()}))
    fringes, levels = _decoded_capture(used, sequences, placing)
    findings += gate.check_exposure(levels, gate.BAND_METRICS + gate.GLOSS_METRICS)
    findings += _contrast_findings(fringes)
    if not np.isfinite(placing.sigma_px).all() or gate.first_failed(findings, "camera_side") is not None:
        failed = nothing_measured("T1", gate.first_failed(findings))
        return answer(capture, used, findings, failed, (), flat_reference, geometry)
    model, placement = geometry.model(placing)
    pitch = placing.grid.pitch_mm
    slopes, spectra = _slope_spectra(fringes, sequences, model, placing)
    fields = PanelFields(
        tier="T1",
        grid=placing.grid,
        mm_per_pixel=placing.frame.mm_per_pixel,
        spectra=spectra,
        screen_path_mm=model.screen_path_mm,
        rig_uncertainty=placement.uncertainty,
        rig_source=placement.source,
        amplitude=_amplitudes(fringes, sequences),
        reference=_reference_amplitudes(sequences, flat_reference, reference),
        mean=fringes["u"].fine.mean,
    )
    fine = sequences["u"].fine_period_mm
    ratio = _ratio(fields.amplitude[fine], fields.reference[fine], pitch) if fine in fields.reference else None
    evidence = Evidence(tier="T1", fields=fields, bands=band_figures(spectra, BANDS), amplitude_ratio=ratio)
    return answer(capture, used, findings, evidence, surface_maps(slopes, pitch, ratio), flat_reference, geometry)


@dataclass(frozen=True, slots=True, eq=False)
class _Fringes:
    """Both periods of one direction, decoded."""

    fine: SteppedFringes
    coarse: SteppedFringes


def _decoded_capture(
    photos: Mapping[str, PanelPhoto], sequences: Mapping[Axis, PhaseSequence], placing: Placing
) -> tuple[dict[Axis, _Fringes], dict[str, tuple[float, float]]]:
    """Both directions decoded, and the exposure of each frame as `gate.levels_of` gives it."""
    levels: dict[str, tuple[float, float]] = {}
    fine = {axis: _decoded(part.fine, photos, placing, levels) for axis, part in sequences.items()}
    coarse = {axis: _decoded(part.coarse, photos, placing, levels) for axis, part in sequences.items()}
    return {axis: _Fringes(fine[axis], coarse[axis]) for axis in sequences}, levels


def _decoded(
    shots: tuple[Shot, ...], photos: Mapping[str, PanelPhoto], placing: Placing, levels: dict[str, tuple[float, float]]
) -> SteppedFringes:
    """One phase sequence on the panel grid; notes the exposure of each frame in `levels`."""

    def frames() -> Iterator[FloatImage]:
        for shot in shots:
            photo = photos[shot.file]
            if photo.shape != placing.frame.image_shape:
                raise PhotoError(
                    f"{shot.file}: {photo.shape[1]} × {photo.shape[0]} pixels; the first frame has "
                    f"{placing.frame.image_shape[1]} × {placing.frame.image_shape[0]}. Photograph all steps alike"
                )
            warped = warp(photo.linear_grey(), placing.maps)
            levels[shot.file] = gate.levels_of(warped)
            yield warped

    return decode_steps(frames(), phases_of(shots))


def _contrast_findings(fringes: Mapping[Axis, _Fringes]) -> list[Finding]:
    sequences = [both.fine for both in fringes.values()] + [both.coarse for both in fringes.values()]
    return fringe_gate.check_contrast(
        [fringe_gate.contrast_of(np.abs(part.phasor) / np.maximum(part.mean, np.float32(1e-4))) for part in sequences],
        [
            fringe_gate.disagreement(both.fine.residual, np.abs(both.fine.phasor))
            for both in fringes.values()
            if both.fine.residual is not None
        ],
    )


def _slope_spectra(
    fringes: Mapping[Axis, _Fringes], sequences: Mapping[Axis, PhaseSequence], model: RigModel, placing: Placing
) -> tuple[Slopes, SlopeSpectra]:
    """The slopes, and with them what the bands need: blur, and two independent readings or the noise."""
    pitch = placing.grid.pitch_mm

    def slopes_of(fine: Mapping[Axis, ComplexImage]) -> Slopes:
        moved_u, moved_v = (
            displacement(
                fine[axis],
                sequences[axis].fine_period_mm,
                fringes[axis].coarse.phasor,
                sequences[axis].coarse_period_mm,
                model.carriers[axis],
                pitch,
            )
            for axis in AXES
        )
        return formless_slopes(moved_u, moved_v, model)

    slopes = slopes_of({axis: both.fine.phasor for axis, both in fringes.items()})
    halves = {axis: both.fine.halves for axis, both in fringes.items() if both.fine.halves is not None}
    if len(halves) == len(AXES):
        first, second = (slopes_of({axis: pair[half] for axis, pair in halves.items()}) for half in (0, 1))
        return slopes, SlopeSpectra(slopes, pitch, placing.blur_mm2(), twins=(first, second))
    noise = _noise_slopes(fringes, sequences, model)
    return slopes, SlopeSpectra(slopes, pitch, placing.blur_mm2(), noise=noise)


def _noise_slopes(
    fringes: Mapping[Axis, _Fringes], sequences: Mapping[Axis, PhaseSequence], model: RigModel
) -> Slopes | None:
    """Slopes that the frames' noise alone would give, from what no phase sequence can hold."""
    moved = []
    for axis in AXES:
        fine = fringes[axis].fine
        if fine.residual is None:
            return None
        phase = fine.residual / np.maximum(np.abs(fine.phasor), np.float32(1e-4))
        moved.append((phase * np.float32(sequences[axis].fine_period_mm / (2 * np.pi))).astype(np.float32))
    return formless_slopes(moved[0], moved[1], model)


def _amplitudes(fringes: Mapping[Axis, _Fringes], sequences: Mapping[Axis, PhaseSequence]) -> dict[float, Pair]:
    """Period to the fringe amplitude of both directions, where both have it."""
    found = {}
    for part in ("fine", "coarse"):
        period_u, period_v = (getattr(sequences[axis], f"{part}_period_mm") for axis in AXES)
        if period_u == period_v:
            u, v = (np.abs(getattr(fringes[axis], part).phasor) for axis in AXES)
            found[period_u] = (u, v)
    return found


def _reference_amplitudes(
    sequences: Mapping[Axis, PhaseSequence], flat_reference: FlatReference | None, placing: Placing | None
) -> dict[float, Pair]:
    """The same of the flat reference, for the periods that the panel was shown too."""
    if flat_reference is None or placing is None:
        return {}
    theirs = phase_sequences(flat_reference.capture)
    if theirs is None:
        return {}
    found = {}
    for part in ("fine", "coarse"):
        periods = {getattr(each[axis], f"{part}_period_mm") for each in (theirs, sequences) for axis in AXES}
        if len(periods) == 1:
            u, v = (
                np.abs(_decoded(getattr(theirs[axis], part), flat_reference.photos, placing, {}).phasor)
                for axis in AXES
            )
            found[periods.pop()] = (u, v)
    return found


def _ratio(panel: Pair, reference: Pair, pitch_mm: float) -> FloatMap:
    """Fringe amplitude over the reference's, geometric mean of both directions."""
    ratio_u, ratio_v = (amplitude_ratio(ours, theirs, pitch_mm) for ours, theirs in zip(panel, reference, strict=True))
    return np.asarray(np.sqrt(ratio_u * ratio_v), dtype=np.float32)
