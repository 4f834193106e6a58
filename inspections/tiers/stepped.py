"""T1: phase-stepped fringes in two directions and two periods, on a card with markers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from inspections.answer import answer, surface_maps
from inspections.appearance import Appearance, Finding
from inspections.capture.capture import Axis, Capture, Shot, phases_of
from inspections.capture.sequences import AXES, PhaseSequence, further_steps, repeated_steps
from inspections.evidence import Evidence, nothing_measured
from inspections.fields import Pair, PanelFields
from inspections.flat_reference import FlatReference
from inspections.frame.placing import Placing, place
from inspections.fringes.phasor import ComplexImage
from inspections.fringes.slopes import RigModel, formless_slopes
from inspections.fringes.steps import SteppedFringes, decode_steps
from inspections.fringes.unwrapping import displacement
from inspections.gate import checks as gate
from inspections.gate import fringes as fringe_gate
from inspections.gate.density import check_density, check_reference_density
from inspections.gate.dependencies import BAND_METRICS, GLOSS_METRICS, MARK_METRICS
from inspections.gate.dust import check_dust
from inspections.gate.frames import SeenFrames
from inspections.gate.pose import check_stated_pose
from inspections.gate.reference import check_reference
from inspections.gate.series import StepSeries, check_repeats, check_series
from inspections.gate.settings import check_settings
from inspections.gate.sharpness import check_blur
from inspections.gloss.lamp import lamp_halo, lamp_photos
from inspections.gloss.modulation import modulation
from inspections.gloss.tile import reference_tile
from inspections.marks.find import find_marks
from inspections.marks.mask import weights
from inspections.photos.photo import FloatImage, PanelPhoto
from inspections.station.geometry import CaptureGeometry
from inspections.structure.bands import BANDS, SlopeSpectra, holds_waves
from inspections.structure.blocks import band_map
from inspections.structure.figures import band_figures
from inspections.structure.shells import slope_shells
from inspections.structure.surface import surface_figures
from inspections.tiers.glints import glint_photos, scan_glints
from spectra.arrays import frozen

Slopes = tuple[FloatImage, FloatImage]

PEEL_SMOOTHING_MM = 4.0
"""Gaussian sigma of the peel map: a few of the waves that make most of the orange peel. [mm]"""


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
    further = further_steps(capture, sequences)
    steps = [shot for sequence in sequences.values() for shot in sequence.shots]
    steps += [shot for by_axis in further.values() for shots in by_axis.values() for shot in shots]
    repeats = {again: file for again, file in repeated_steps(capture).items() if file in {s.file for s in steps}}
    used = {file: photos[file] for file in (*(shot.file for shot in steps), *repeats)}
    # One photo is looked at more than once, and its channels apart: of all fringes it sees some bright.
    first = next(iter(used))
    photo = used[first] = used[first].decoded()
    findings = check_settings(used, "T1")
    placing, marker_findings = place(photo, geometry.card, lens=geometry.lens)
    findings += marker_findings
    if placing is None:
        return answer(capture, used, findings, nothing_measured("T1", findings[-1]), (), flat_reference, geometry)
    reference = flat_reference.placed(placing.grid, geometry) if flat_reference else None
    findings += check_blur(placing.sigma_px, reference.sigma_px if reference else None, first)
    findings.append(geometry.check_pose(placing))
    if geometry.station is None and geometry.rig is not None:
        findings += check_stated_pose(placing.frame, geometry.rig, first)
    if flat_reference is not None:
        findings += check_reference(capture, used, flat_reference, placing, reference)
    seen = SeenFrames(placing)
    fringes = _decoded_capture(used, sequences, seen)
    amplitudes = _amplitudes(fringes, sequences) | _further_amplitudes(further, used, seen)
    for file in repeats:
        seen.frame(used[file])
    findings.append(gate.check_motion(seen.shifts_px))
    findings += gate.check_exposure(seen.levels, BAND_METRICS + GLOSS_METRICS + MARK_METRICS)
    contrast = _contrast_finding(fringes)
    findings.append(contrast)
    # A matte surface shows coarse fringes only: they alone can say whether the photos belong together.
    matte = contrast.outcome == "fail" and not set(GLOSS_METRICS) <= set(contrast.blocks)
    coarsest = sequences["u"].coarse_period_mm
    series = [one for one in _series(sequences, further, seen) if not matte or one.period_mm == coarsest]
    findings += check_series(series)
    seen_u, seen_v = amplitudes[coarsest if matte else sequences["u"].fine_period_mm]
    amplitude = np.sqrt(seen_u * seen_v)
    findings += check_repeats({again: seen.changed(file, again, amplitude) for again, file in repeats.items()})
    findings.append(check_dust(amplitude, placing.grid.pitch_mm))
    blurred = not np.isfinite(placing.sigma_px).all() or gate.first_failed(findings, "camera_side") is not None
    if blurred or gate.nothing_left(findings):
        failed = nothing_measured("T1", gate.first_failed(findings))
        return answer(capture, used, findings, failed, (), flat_reference, geometry)
    model, placement = geometry.model(placing)
    mirrored, flat_series = _reference_fringes(tuple(amplitudes), flat_reference, reference)
    # A reference that is a panel, or of another zoom or distance, says nothing about this rig.
    unlike = gate.first_failed(findings, "reference_kind", "reference_scale") is not None
    flat_seen = reference is not None and bool(flat_series) and not unlike
    if reference is not None and flat_seen:
        findings.append(check_reference_density(flat_series, geometry.model(reference)[0].carriers))
    findings.append(check_density(series, model, placing.grid.pitch_mm, flat_seen=flat_seen))
    coarse = {axis: (fringes[axis].coarse.phasor, sequences[axis].coarse_period_mm) for axis in AXES}
    findings += geometry.check_screen(coarse, model)
    slopes, spectra = _slope_spectra(fringes, sequences, model, placing)
    fields = PanelFields(
        tier="T1",
        grid=placing.grid,
        mm_per_pixel=placing.frame.mm_per_pixel,
        spectra=spectra,
        screen_path_mm=model.screen_path_mm,
        rig_uncertainty=placement.uncertainty,
        rig_source=placement.source,
        fine_mm=sequences["u"].fine_period_mm,
        amplitude=amplitudes,
        amplitude_noise=_amplitude_noise(fringes, sequences, further),
        reference=mirrored,
        gain=frozen(model.gain.mean(axis=(2, 3))),
        body=_body(fringes),
        mean=fringes["u"].fine.mean,
    )
    findings += geometry.check_tile(fields.reference, fields.fine_mm)
    search = find_marks(fields)
    spectra = replace(spectra, weights=weights(search.marks if search else (), placing.grid))
    fields = replace(fields, spectra=spectra)
    shells = slope_shells(spectra)
    bands = band_figures(shells, BANDS)
    gloss = modulation(fields, {} if matte else bands)
    evidence = Evidence(
        tier="T1",
        fields=fields,
        bands=bands,
        surface=surface_figures(shells, max(fields.mm_per_pixel), fields.grid.size_mm),
        gloss=gloss,
        marks=search.marks if search else None,
        fine_lines=search.fine_lines if search else None,
        tile=reference_tile(flat_reference.capture) if flat_reference else None,
        incidence_deg=float(np.degrees(np.arccos(placement.camera[2] / np.linalg.norm(placement.camera)))),
        halo=lamp_halo(capture, photos, flat_reference, geometry),
        glints=scan_glints(capture, geometry, photos),
    )
    maps = surface_maps(slopes, placing.grid.pitch_mm, gloss)
    if holds_waves(BANDS["lw"], placing.grid.size_mm):
        maps = (*maps, band_map(spectra, BANDS["lw"], PEEL_SMOOTHING_MM))
    used |= lamp_photos(capture, photos) | glint_photos(capture, photos)
    return answer(capture, used, findings, evidence, maps, flat_reference, geometry)


@dataclass(frozen=True, slots=True, eq=False)
class _Fringes:
    """Both periods of one direction, decoded."""

    fine: SteppedFringes
    coarse: SteppedFringes


def _decoded_capture(
    photos: Mapping[str, PanelPhoto], sequences: Mapping[Axis, PhaseSequence], seen: SeenFrames
) -> dict[Axis, _Fringes]:
    """Both directions decoded; the gate sees each frame pass."""
    fine = {axis: _decoded(part.fine, photos, seen) for axis, part in sequences.items()}
    coarse = {axis: _decoded(part.coarse, photos, seen) for axis, part in sequences.items()}
    return {axis: _Fringes(fine[axis], coarse[axis]) for axis in sequences}


def _decoded(shots: tuple[Shot, ...], photos: Mapping[str, PanelPhoto], seen: SeenFrames) -> SteppedFringes:
    """One phase sequence on the panel grid."""
    response = photos[shots[0].file].response
    return decode_steps((seen.frame(photos[shot.file]) for shot in shots), phases_of(shots), response)


def _series(
    sequences: Mapping[Axis, PhaseSequence],
    further: Mapping[float, Mapping[Axis, tuple[Shot, ...]]],
    seen: SeenFrames,
) -> list[StepSeries]:
    """All phase steps of the capture as the gate saw them."""
    found = []
    for axis, part in sequences.items():
        found.append(seen.series(axis, part.fine_period_mm, part.fine))
        found.append(seen.series(axis, part.coarse_period_mm, part.coarse))
    found += [seen.series(axis, period, by_axis[axis]) for period, by_axis in further.items() for axis in by_axis]
    return found


def _contrast_finding(fringes: Mapping[Axis, _Fringes]) -> Finding:
    def contrast(part: SteppedFringes) -> float:
        sparse = np.s_[::3, ::3]
        return fringe_gate.contrast_of(np.abs(part.phasor[sparse]) / np.maximum(part.mean[sparse], np.float32(1e-4)))

    return fringe_gate.check_contrast(
        [contrast(both.fine) for both in fringes.values()], [contrast(both.coarse) for both in fringes.values()]
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
        return slopes, SlopeSpectra(slopes, pitch, placing.blur_mm2(bilinear=placing.bilinear), twins=(first, second))
    noise = _noise_slopes(fringes, sequences, model)
    return slopes, SlopeSpectra(slopes, pitch, placing.blur_mm2(bilinear=placing.bilinear), noise=noise)


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


def _further_amplitudes(
    steps: Mapping[float, Mapping[Axis, tuple[Shot, ...]]],
    photos: Mapping[str, PanelPhoto],
    seen: SeenFrames,
) -> dict[float, Pair]:
    """The same of periods that give no slopes."""
    found = {}
    for period, by_axis in steps.items():
        u, v = (np.abs(_decoded(by_axis[axis], photos, seen).phasor) for axis in AXES)
        found[period] = (u, v)
    return found


def _reference_fringes(
    periods: tuple[float, ...], flat_reference: FlatReference | None, placing: Placing | None
) -> tuple[dict[float, Pair], list[StepSeries]]:
    """The same of the flat reference, and its steps as the gate saw them, for the periods the panel was shown too."""
    if flat_reference is None or placing is None:
        return {}, []
    steps = further_steps(flat_reference.capture, {})
    wanted = {period: by_axis for period, by_axis in steps.items() if period in periods}
    seen = SeenFrames(placing)
    return _further_amplitudes(wanted, flat_reference.photos, seen), _series({}, wanted, seen)


def _amplitude_noise(
    fringes: Mapping[Axis, _Fringes],
    sequences: Mapping[Axis, PhaseSequence],
    further: Mapping[float, Mapping[Axis, tuple[Shot, ...]]],
) -> dict[float, float]:
    """Noise of either quadrature by period: of the fine steps by what they disagree by, of others by their number."""
    residuals = [both.fine.residual for both in fringes.values() if both.fine.residual is not None]
    if not residuals:
        return {}
    count = {part.fine_period_mm: len(part.fine) for part in sequences.values()}
    count |= {part.coarse_period_mm: len(part.coarse) for part in sequences.values()}
    count |= {period: len(by_axis["u"]) for period, by_axis in further.items()}
    fine = sequences["u"].fine_period_mm
    noise = float(np.sqrt(np.mean([np.mean(np.square(part[::3, ::3])) for part in residuals])))
    return {period: noise * (count[fine] / steps) ** 0.5 for period, steps in count.items()}


def _body(fringes: Mapping[Axis, _Fringes]) -> Pair:
    """Light that is left where the coarse fringes are dark, from either direction."""
    u, v = (fringes[axis].coarse.mean - np.abs(fringes[axis].coarse.phasor) for axis in AXES)
    return u, v
