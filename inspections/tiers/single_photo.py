"""T2: fringes in two directions from one photo, or from one photo each, on a card with markers."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from inspections.answer import answer, surface_maps
from inspections.appearance import Appearance
from inspections.capture.capture import Axis, Capture, Shot
from inspections.capture.sequences import AXES, fringe_period_mm
from inspections.evidence import Evidence, nothing_measured
from inspections.fields import PanelFields
from inspections.flat_reference import FlatReference
from inspections.frame.placing import Placing, place
from inspections.frame.rectify import warp
from inspections.fringes.carrier import carrier_frequency, demodulate, noise_contrast
from inspections.fringes.slopes import formless_slopes
from inspections.fringes.unwrapping import phase_residues, unwrap
from inspections.gate import checks as gate
from inspections.gate import fringes as fringe_gate
from inspections.photos.photo import PanelPhoto
from inspections.station.geometry import CaptureGeometry
from inspections.structure.bands import BANDS, SlopeSpectra, band_figures


def inspect_single_photo(
    capture: Capture,
    geometry: CaptureGeometry,
    photos: Mapping[str, PanelPhoto],
    shots: Mapping[Axis, Shot],
    flat_reference: FlatReference | None,
) -> Appearance:
    """Long structure bands and screening figures from the carrier of fringes.

    Parameters
    ----------
    capture : Capture
    geometry : CaptureGeometry
    photos : mapping of str to PanelPhoto
        File name to photo.
    shots : mapping of {"u", "v"} to Shot
        The photo of each direction; the same for both when the fringes cross.
    flat_reference : FlatReference or None
        Gives the camera's own sharpness.

    Returns
    -------
    Appearance
        Tier T2.
    """
    used = {shot.file: photos[shot.file] for shot in shots.values()}
    findings = gate.check_conditions(used, "T2")
    placings: dict[str, Placing] = {}
    grid = None
    reference = flat_reference.placed(geometry=geometry) if flat_reference else None
    for file, photo in used.items():
        placing, marker_findings = place(photo, geometry.card, grid, geometry.lens)
        findings += marker_findings
        if placing is None:
            failed = nothing_measured("T2", findings[-1])
            return answer(capture, used, findings, failed, (), flat_reference, geometry)
        findings += gate.check_blur(placing.sigma_px, reference.sigma_px if reference else None, file)
        findings.append(geometry.check_pose(placing))
        placings[file], grid = placing, placing.grid
    images = {file: warp(used[file].linear_grey(), placing.maps) for file, placing in placings.items()}
    findings += gate.check_exposure({file: gate.levels_of(image) for file, image in images.items()}, gate.BAND_METRICS)
    if gate.first_failed(findings, "camera_side", "marker_edge_sigma") is not None:
        failed = nothing_measured("T2", gate.first_failed(findings))
        return answer(capture, used, findings, failed, (), flat_reference, geometry)
    first = next(iter(placings.values()))
    model, placement = geometry.model(first)
    pitch = first.grid.pitch_mm
    moved, contrasts, noise, residues, fringe_mm = [], [], [], [], 0.0
    for axis in AXES:
        carrier, period = model.carriers[axis], fringe_period_mm(shots[axis])
        phasor = demodulate(images[shots[axis].file], carrier, period, pitch)
        contrasts.append(2 * fringe_gate.contrast_of(np.abs(phasor)))
        noise.append(noise_contrast(images[shots[axis].file], carrier, period, pitch))
        residues.append(phase_residues(phasor, pitch))
        moved.append((unwrap(phasor, pitch) * np.float32(period / (2 * np.pi))).astype(np.float32))
        fringe_mm = max(fringe_mm, 1.0 / carrier_frequency(carrier, period, pitch))
    findings += fringe_gate.check_single_contrast(contrasts, noise)
    findings.append(fringe_gate.check_residues(residues))
    slopes = formless_slopes(moved[0], moved[1], model)
    fields = PanelFields(
        tier="T2",
        grid=first.grid,
        mm_per_pixel=first.frame.mm_per_pixel,
        spectra=SlopeSpectra(slopes, pitch, np.zeros((2, 2))),
        screen_path_mm=model.screen_path_mm,
        rig_uncertainty=placement.uncertainty,
        rig_source=placement.source,
        fringe_mm=fringe_mm,
    )
    evidence = Evidence(tier="T2", fields=fields, bands=band_figures(fields.spectra, BANDS))
    return answer(capture, used, findings, evidence, surface_maps(slopes, pitch), flat_reference, geometry)
