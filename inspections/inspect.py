"""From photos to the answer: gate, panel frame, pattern, metrics; what a photo cannot tell is refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from inspections import capture_gate as gate
from inspections.appearance import Appearance, AppearanceMap, Finding, FloatMap, MetricValue, PhotoInput, Refusal, Tier
from inspections.bands import BANDS, SlopeSpectra, band_figures, height_map
from inspections.capture import Axis, Capture, MarkerCard, Shot, phases_of
from inspections.evidence import Evidence
from inspections.fringes import (
    SteppedFringes,
    carrier_frequency,
    decode_steps,
    demodulate,
    displacement,
    phase_residues,
    unwrap,
)
from inspections.gloss import amplitude_ratio
from inspections.metrics import METRICS
from inspections.photo import CLIPPED_LEVEL, FloatImage, PanelPhoto, linear
from inspections.rectify import (
    MIN_MARKERS,
    PanelFrame,
    PanelGrid,
    find_markers,
    fit_frame,
    marker_shift,
    panel_grid,
    pixel_maps,
    refine_corners,
    warp,
)
from inspections.slopes import RigModel, camera_azimuth_deg, rig_model, slopes_from_displacement, without_form
from inspections.stripes import measure_stripes
from spectra.arrays import FloatArray
from spectra.errors import PhotoError

COARSE_OVER_FINE = (2.0, 10.0)
"""Range of the ratio of the two fringe periods within which the coarse one can order the fine one."""
MAP_PITCH_MM = 0.2
_CLIPPED = float(linear(np.array([round(CLIPPED_LEVEL * 255)], dtype=np.uint8))[0])


@dataclass(frozen=True, slots=True)
class FlatReference:
    """The capture of the black-glass tile or flat mirror in the same rig and exposure."""

    capture: Capture
    photos: Mapping[str, PanelPhoto]


def inspect_capture(
    capture: Capture, photos: Mapping[str, PanelPhoto], flat_reference: FlatReference | None = None
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
    sequences = _sequences(capture)
    single = _single_photo(capture)
    if capture.rig is not None and capture.card is not None and sequences is not None:
        return _stepped(capture, photos, sequences, flat_reference)
    if capture.rig is not None and capture.card is not None and single is not None:
        return _one_photo(capture, photos, single, flat_reference)
    return _relative(capture, photos)


@dataclass(frozen=True, slots=True)
class _Sequence:
    """Fine and coarse phase steps of one direction."""

    fine: tuple[Shot, ...]
    coarse: tuple[Shot, ...]
    fine_period_mm: float
    coarse_period_mm: float


def _sequences(capture: Capture) -> dict[Axis, _Sequence] | None:
    """Both directions in two periods, or None."""
    found: dict[Axis, _Sequence] = {}
    axes: tuple[Axis, ...] = ("u", "v")
    for axis in axes:
        by_period: dict[float, list[Shot]] = {}
        for shot in capture.shots_of("fringe"):
            if shot.pattern is not None and shot.pattern.axis == axis and shot.pattern.period_mm is not None:
                same = by_period.setdefault(shot.pattern.period_mm, [])
                # A step that was photographed twice is a check on motion, not a step.
                turned = np.exp(1j * phases_of([*same, shot]))
                if np.all(np.abs(turned[:-1] - turned[-1]) > 1e-3):
                    same.append(shot)
        periods = sorted(period for period, shots in by_period.items() if len(shots) >= 3)
        low, high = COARSE_OVER_FINE
        pairs = [(a, b) for a in periods for b in periods if low <= b / a <= high]
        if not pairs:
            return None
        fine, coarse = max(pairs, key=lambda pair: pair[1] / pair[0])
        found[axis] = _Sequence(tuple(by_period[fine]), tuple(by_period[coarse]), fine, coarse)
    return found


def _single_photo(capture: Capture) -> dict[Axis, Shot] | None:
    """One cross photo, or one photo per direction, with the same period; None when there is neither."""
    for shot in capture.shots_of("cross"):
        return {"u": shot, "v": shot}
    by_axis: dict[Axis, Shot] = {}
    for shot in capture.shots_of("fringe"):
        if shot.pattern is not None and shot.pattern.axis is not None:
            best = by_axis.get(shot.pattern.axis)
            if best is None or _period(shot) < _period(best):
                by_axis[shot.pattern.axis] = shot
    return by_axis if len(by_axis) == 2 else None


def _period(shot: Shot) -> float:
    if shot.pattern is None or shot.pattern.period_mm is None:
        raise PhotoError(f"{shot.file}: no fringe period is declared")
    return shot.pattern.period_mm


@dataclass(frozen=True, slots=True, eq=False)
class _Placed:
    """Photos of one capture in the panel frame."""

    frame: PanelFrame
    grid: PanelGrid
    maps: tuple[FloatImage, FloatImage]
    sigma_px: tuple[float, float]
    azimuth_deg: float | None

    def blur_mm2(self) -> FloatArray:
        """Covariance of the camera blur on the panel. [mm²]"""
        to_mm = np.linalg.inv(self.frame.jacobian())
        blur: FloatArray = to_mm @ np.diag(np.square(self.sigma_px)) @ to_mm.T
        return blur


def _placed(photo: PanelPhoto, card: MarkerCard, grid: PanelGrid | None = None) -> tuple[_Placed | None, list[Finding]]:
    """The panel frame of a photo with the findings about markers; None when there is none."""
    image = photo.linear_grey()
    rough = find_markers(photo.grey(), card, photo.file_name)
    expected = len(card.markers_mm)
    if len(rough) < min(MIN_MARKERS, expected):
        return None, gate.check_markers(len(rough), expected, None, photo.file_name)
    corners, sigma = refine_corners(image, rough)
    try:
        frame = fit_frame(corners, card, photo.shape, rough)
    except PhotoError:
        return None, gate.check_markers(len(rough), expected, None, photo.file_name)
    findings = gate.check_markers(len(rough), expected, frame, photo.file_name)
    grid = grid or panel_grid(card, min(frame.mm_per_pixel))
    return _Placed(frame, grid, pixel_maps(frame, grid), sigma, camera_azimuth_deg(frame)), findings


def _stepped(
    capture: Capture,
    photos: Mapping[str, PanelPhoto],
    sequences: Mapping[Axis, _Sequence],
    flat_reference: FlatReference | None,
) -> Appearance:
    """T1: phase-shifted fringes."""
    assert capture.card is not None
    assert capture.rig is not None
    used = {shot.file: photos[shot.file] for part in sequences.values() for shot in (*part.fine, *part.coarse)}
    findings = gate.check_conditions(used, "T1")
    placed, marker_findings = _placed(next(iter(used.values())), capture.card)
    findings += marker_findings
    if placed is None:
        return _answer(capture, used, findings, _nothing("T1", findings[-1]), (), flat_reference)
    reference = _placed_reference(flat_reference, placed.grid)
    findings += gate.check_blur(placed.sigma_px, reference.sigma_px if reference else None, next(iter(used)))
    findings.append(gate.check_pose(placed.azimuth_deg, capture.rig.incidence_deg))
    findings.append(gate.check_motion({name: marker_shift(photo.grey(), placed.frame) for name, photo in used.items()}))
    levels: dict[str, tuple[float, float]] = {}
    fine, coarse = (
        {axis: _decoded(getattr(part, which), used, placed, levels) for axis, part in sequences.items()}
        for which in ("fine", "coarse")
    )
    findings += gate.check_exposure(levels, gate.BAND_METRICS + gate.GLOSS_METRICS)
    findings += gate.check_contrast(
        [
            float(np.percentile(_sparse(np.abs(part.phasor) / np.maximum(part.mean, 1e-4)), 10))
            for part in (*fine.values(), *coarse.values())
        ],
        [
            float(np.sqrt(np.mean(np.square(_sparse(part.residual)))) / np.median(_sparse(np.abs(part.phasor))))
            for part in fine.values()
            if part.residual is not None
        ],
    )
    if not np.isfinite(placed.sigma_px).all() or any(
        finding.check == "camera_side" and finding.outcome == "fail" for finding in findings
    ):
        return _answer(capture, used, findings, _nothing("T1", gate.first_failed(findings)), (), flat_reference)
    model = rig_model(capture.rig, placed.grid, placed.azimuth_deg or 180.0)
    pitch = placed.grid.pitch_mm

    def slopes(kind: int | None) -> tuple[FloatImage, FloatImage]:
        moved = []
        for axis, carrier in (("u", model.u_mm), ("v", model.v_mm)):
            part = sequences[axis]  # type: ignore[index]
            decoded = fine[axis]  # type: ignore[index]
            phasor = decoded.phasor if kind is None or decoded.halves is None else decoded.halves[kind]
            moved.append(
                displacement(phasor, part.fine_period_mm, coarse[axis].phasor, part.coarse_period_mm, carrier, pitch)  # type: ignore[index]
            )
        return _formless(moved[0], moved[1], model)

    whole = slopes(None)
    twins = (slopes(0), slopes(1)) if all(part.halves is not None for part in fine.values()) else None
    noise = None if twins else _noise(fine, sequences, model)
    figures = band_figures(SlopeSpectra(whole, pitch, placed.blur_mm2(), twins, noise), BANDS)
    ratio = _amplitude_ratio(fine, sequences, flat_reference, reference, pitch)
    evidence = Evidence(
        tier="T1",
        bands=figures,
        mm_per_pixel=max(placed.frame.mm_per_pixel),
        field_mm=placed.grid.size_mm,
        amplitude_ratio=ratio,
    )
    maps = _maps(whole, pitch)
    if ratio is not None:
        maps = (*maps, _map("amplitude_ratio", ratio, "1", pitch))
    return _answer(capture, used, findings, evidence, maps, flat_reference)


def _one_photo(
    capture: Capture, photos: Mapping[str, PanelPhoto], shots: Mapping[Axis, Shot], flat_reference: FlatReference | None
) -> Appearance:
    """T2: fringes in two directions from one photo, or from one photo each."""
    assert capture.card is not None
    assert capture.rig is not None
    used = {shot.file: photos[shot.file] for shot in shots.values()}
    findings = gate.check_conditions(used, "T2")
    placed_by_file: dict[str, _Placed] = {}
    grid = None
    reference = _placed_reference(flat_reference, None)
    for file, photo in used.items():
        placed, marker_findings = _placed(photo, capture.card, grid)
        findings += marker_findings
        if placed is None:
            return _answer(capture, used, findings, _nothing("T2", findings[-1]), (), flat_reference)
        findings += gate.check_blur(placed.sigma_px, reference.sigma_px if reference else None, file)
        findings.append(gate.check_pose(placed.azimuth_deg, capture.rig.incidence_deg))
        placed_by_file[file], grid = placed, placed.grid
    images = {file: warp(used[file].linear_grey(), placed.maps) for file, placed in placed_by_file.items()}
    findings += gate.check_exposure(
        {file: gate.levels_of(image, _CLIPPED) for file, image in images.items()}, gate.BAND_METRICS
    )
    first = next(iter(placed_by_file.values()))
    if gate.first_failed(findings, "camera_side", "marker_edge_sigma") is not None:
        return _answer(capture, used, findings, _nothing("T2", gate.first_failed(findings)), (), flat_reference)
    model = rig_model(capture.rig, first.grid, first.azimuth_deg or 180.0)
    pitch = first.grid.pitch_mm
    moved, contrasts, residues, fringe_mm = [], [], [], 0.0
    for axis, carrier in (("u", model.u_mm), ("v", model.v_mm)):
        shot = shots[axis]  # type: ignore[index]
        period = _period(shot)
        phasor = demodulate(images[shot.file], carrier, period, pitch)
        contrasts.append(2 * float(np.percentile(_sparse(np.abs(phasor)), 10)))
        residues.append(phase_residues(phasor, pitch))
        moved.append((unwrap(phasor, pitch) * np.float32(period / (2 * np.pi))).astype(np.float32))
        fringe_mm = max(fringe_mm, 1.0 / carrier_frequency(carrier, period, pitch))
    findings += gate.check_contrast(contrasts, [])
    findings.append(gate.check_residues(residues))
    whole = _formless(moved[0], moved[1], model)
    evidence = Evidence(
        tier="T2",
        bands=band_figures(SlopeSpectra(whole, pitch, np.zeros((2, 2))), BANDS),
        mm_per_pixel=max(first.frame.mm_per_pixel),
        field_mm=first.grid.size_mm,
        fringe_mm=fringe_mm,
    )
    return _answer(capture, used, findings, evidence, _maps(whole, pitch), flat_reference)


def _relative(capture: Capture, photos: Mapping[str, PanelPhoto]) -> Appearance:
    """T3 and T4: no fringes with scale and geometry; stripes where the photo shows some, refusals otherwise."""
    declared = {shot.file for shot in capture.shots_of("stripes")}
    unknown = {shot.file for shot in capture.shots if shot.pattern is None}
    used = {shot.file: photos[shot.file] for shot in capture.shots}
    searched = {file: measure_stripes(photo) for file, photo in used.items() if file in declared | unknown}
    striped = {file: search for file, search in searched.items() if search.regions}
    tier: Tier = "T3" if striped else "T4"
    findings = gate.check_conditions(used, tier)
    if capture.card is None or capture.rig is None:
        findings += gate.check_bare(used.values())
    findings += gate.check_stripe_clipping({file: search.clipped_share for file, search in striped.items()})
    lacking = []
    if capture.card is None and capture.scale_mm_per_px is None:
        lacking.append("no scale")
    if capture.rig is None:
        lacking.append("no geometry")
    lacking.append("no fringes in two directions")
    evidence = Evidence(
        tier=tier,
        stripes=searched,
        missing=f"{', '.join(lacking)}: mrad and µm cannot be had from this photo",
        would_help="phase-stepped fringes on a screen with the marker card, and capture.json",
    )
    return _answer(capture, used, findings, evidence, (), None)


def _decoded(
    shots: tuple[Shot, ...], photos: Mapping[str, PanelPhoto], placed: _Placed, levels: dict[str, tuple[float, float]]
) -> SteppedFringes:
    """One phase sequence on the panel grid; notes the exposure of each frame in `levels`."""

    def frames() -> Iterator[FloatImage]:
        for shot in shots:
            photo = photos[shot.file]
            if photo.shape != placed.frame.image_shape:
                raise PhotoError(
                    f"{shot.file}: {photo.shape[1]} × {photo.shape[0]} pixels; the first frame has "
                    f"{placed.frame.image_shape[1]} × {placed.frame.image_shape[0]}. Photograph all steps alike"
                )
            warped = warp(photo.linear_grey(), placed.maps)
            levels[shot.file] = gate.levels_of(warped, _CLIPPED)
            yield warped

    return decode_steps(frames(), phases_of(shots))


def _formless(moved_u: FloatImage, moved_v: FloatImage, model: RigModel) -> tuple[FloatImage, FloatImage]:
    along_x, along_y = slopes_from_displacement(moved_u, moved_v, model)
    return without_form(along_x), without_form(along_y)


def _noise(
    fine: Mapping[Axis, SteppedFringes], sequences: Mapping[Axis, _Sequence], model: RigModel
) -> tuple[FloatImage, FloatImage] | None:
    """Slopes that the frames' noise alone would give, from what no phase sequence can hold."""
    moved = []
    for axis, part in fine.items():
        if part.residual is None:
            return None
        phase = part.residual / np.maximum(np.abs(part.phasor), np.float32(1e-4))
        moved.append((phase * np.float32(sequences[axis].fine_period_mm / (2 * np.pi))).astype(np.float32))
    return _formless(moved[0], moved[1], model)


def _placed_reference(flat_reference: FlatReference | None, grid: PanelGrid | None) -> _Placed | None:
    if flat_reference is None or flat_reference.capture.card is None:
        return None
    first = flat_reference.photos[flat_reference.capture.shots[0].file]
    return _placed(first, flat_reference.capture.card, grid)[0]


def _amplitude_ratio(
    fine: Mapping[Axis, SteppedFringes],
    sequences: Mapping[Axis, _Sequence],
    flat_reference: FlatReference | None,
    placed: _Placed | None,
    pitch_mm: float,
) -> FloatMap | None:
    """Fringe amplitude over the reference's, geometric mean of both directions; None without a like reference."""
    if flat_reference is None or placed is None:
        return None
    theirs = _sequences(flat_reference.capture)
    if theirs is None or any(theirs[axis].fine_period_mm != sequences[axis].fine_period_mm for axis in sequences):
        return None
    ratios = []
    for axis, part in fine.items():
        decoded = _decoded(theirs[axis].fine, flat_reference.photos, placed, {})
        ratios.append(amplitude_ratio(np.abs(part.phasor), np.abs(decoded.phasor), pitch_mm))
    return np.asarray(np.sqrt(ratios[0] * ratios[1]), dtype=np.float32)


def _maps(slopes: tuple[FloatImage, FloatImage], pitch_mm: float) -> tuple[AppearanceMap, ...]:
    return (
        _map("slope_x", slopes[0], "mrad", pitch_mm),
        _map("slope_y", slopes[1], "mrad", pitch_mm),
        _map("height_lw", height_map(slopes, pitch_mm, BANDS["lw"]), "µm", pitch_mm),
    )


def _map(name: str, values: FloatImage, unit: str, pitch_mm: float) -> AppearanceMap:
    """A map reduced to about `MAP_PITCH_MM`: pages and records need no more."""
    factor = max(1, round(MAP_PITCH_MM / pitch_mm))
    size = (values.shape[1] // factor, values.shape[0] // factor)
    reduced = cv2.resize(values, size, interpolation=cv2.INTER_AREA)
    return AppearanceMap(name, np.asarray(reduced, np.float32), unit, pitch_mm * values.shape[1] / size[0])


def _sparse(field: NDArray[np.floating]) -> FloatImage:
    return field[::3, ::3].astype(np.float32, copy=False)


def _nothing(tier: Tier, finding: Finding | None) -> Evidence:
    """Evidence of a capture whose gate failed before anything could be measured."""
    assert finding is not None
    return Evidence(tier=tier, missing=finding.what, would_help=finding.remedy)


def _answer(
    capture: Capture,
    used: Mapping[str, PanelPhoto],
    findings: list[Finding],
    evidence: Evidence,
    maps: tuple[AppearanceMap, ...],
    flat_reference: FlatReference | None,
) -> Appearance:
    """Every metric given or refused."""
    blocked = gate.blocked_by(findings)
    given: list[MetricValue] = []
    refused: list[Refusal] = []
    for name, metric in METRICS.items():
        answer = metric.measure(evidence)
        if isinstance(answer, MetricValue) and name in blocked:
            answer = Refusal(name, f"blocked by the gate: {blocked[name].what}", blocked[name].remedy)
        if isinstance(answer, MetricValue):
            given.append(answer)
        else:
            refused.append(answer)
    inputs = dict(used)
    if flat_reference is not None:
        inputs |= {f"flatref/{file}": photo for file, photo in flat_reference.photos.items()}
    notes = ["sRGB response assumed: nothing in the files proves it"]
    if evidence.bands:
        notes.append("geometry by ruler: slopes and heights scale with it")
    return Appearance(
        capture=capture.name,
        tier=evidence.tier,
        metrics=tuple(given),
        findings=tuple(findings),
        refusals=tuple(refused),
        maps=maps if given else (),
        inputs=tuple(PhotoInput(file, photo.sha256) for file, photo in inputs.items()),
        notes=tuple(notes),
    )
