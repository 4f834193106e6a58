"""T2: fringes in two directions from one photo, or from one photo each, on a card with markers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from inspections.answer import answer, surface_maps
from inspections.appearance import Appearance
from inspections.capture.capture import Axis, Capture, Shot
from inspections.capture.sequences import AXES, fringe_period_mm
from inspections.evidence import Evidence, nothing_measured
from inspections.fields import PanelFields
from inspections.flat_reference import FlatReference
from inspections.frame.placing import Placing, place
from inspections.frame.rectify import warp_encoded
from inspections.fringes.carrier import carrier_frequency, demodulate, noise_contrast
from inspections.fringes.reduction import coarser, reduced, reduction
from inspections.fringes.surface_fit import FringePhoto, fit_surface
from inspections.fringes.unwrapping import phase_residues, unwrap
from inspections.gate import checks as gate
from inspections.gate import fringes as fringe_gate
from inspections.gate.density import check_single_density
from inspections.gate.dependencies import BAND_METRICS
from inspections.gate.pose import check_stated_pose
from inspections.gate.settings import check_settings
from inspections.gate.sharpness import check_blur
from inspections.gloss.lamp import lamp_halo, lamp_photos
from inspections.photos.photo import PanelPhoto
from inspections.station.geometry import CaptureGeometry
from inspections.structure.bands import BANDS, SlopeSpectra
from inspections.structure.figures import band_figures
from inspections.structure.shells import slope_shells
from inspections.tiers.glints import glint_photos, scan_glints

_PROBE = 8
"""Grid points averaged to learn how wide a fringe is on the panel."""


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
    # A cross photo is the photo of both directions, decoded once.
    used = {file: photos[file].decoded() for file in dict.fromkeys(shot.file for shot in shots.values())}
    findings = check_settings(used, "T2")
    placings: dict[str, Placing] = {}
    grid = None
    reference = flat_reference.placed(geometry=geometry) if flat_reference else None
    for file, photo in used.items():
        placing, marker_findings = place(photo, geometry.card, grid, geometry.lens)
        findings += marker_findings
        if placing is None:
            failed = nothing_measured("T2", findings[-1])
            return answer(capture, used, findings, failed, (), flat_reference, geometry)
        findings += check_blur(placing.sigma_px, reference.sigma_px if reference else None, file)
        findings.append(geometry.check_pose(placing))
        if geometry.station is None and geometry.rig is not None:
            findings += check_stated_pose(placing.frame, geometry.rig, file)
        placings[file], grid = placing, placing.grid
    images, levels = {}, {}
    for file, placing in placings.items():
        # Cubic whatever the pitch: the noise of the photo is read from it.
        encoded = warp_encoded(used[file].grey(), placing.maps, bilinear=False)
        images[file] = used[file].response.linear(encoded)
        clipped = gate.clipped_channel_share(used[file].encoded, placing.maps)
        seen = gate.levels_of(images[file])
        levels[file] = seen._replace(clipped=max(seen.clipped, clipped))
    findings += gate.check_exposure(levels, BAND_METRICS)
    if gate.first_failed(findings, "camera_side", "marker_edge_sigma") is not None:
        failed = nothing_measured("T2", gate.first_failed(findings))
        return answer(capture, used, findings, failed, (), flat_reference, geometry)
    first = next(iter(placings.values()))
    fine = first.grid.pitch_mm
    probe, _ = geometry.model(replace(first, grid=coarser(first.grid, _PROBE)))
    periods = {axis: fringe_period_mm(shots[axis]) for axis in AXES}
    frequencies = {axis: carrier_frequency(probe.carriers[axis], periods[axis], _PROBE * fine) for axis in AXES}
    # As fine as the finest fringes on the panel need.
    factor = reduction(1.0 / max(frequencies.values()), fine)
    grid = coarser(first.grid, factor)
    pitch = grid.pitch_mm
    model, placement = geometry.model(replace(first, grid=grid))
    small = {file: reduced(image, factor, placings[file].blur_mm2(), pitch) for file, image in images.items()}
    contrasts, noise, residues, moved = [], [], [], {}
    for axis in AXES:
        file, period = shots[axis].file, periods[axis]
        phasor = demodulate(small[file], model.carriers[axis], period, pitch)
        contrasts.append(2 * fringe_gate.contrast_of(np.abs(phasor[::3, ::3])))
        noise.append(noise_contrast(images[file], frequencies[axis] * fine))
        residues.append(phase_residues(phasor, pitch))
        moved[axis] = (unwrap(phasor, pitch) * np.float32(period / (2 * np.pi))).astype(np.float32)
    findings += fringe_gate.check_single_contrast(contrasts, noise)
    findings.append(fringe_gate.check_residues(residues))
    findings.append(check_single_density(moved, periods, model, pitch))
    fitted = fit_surface(
        [FringePhoto(small[file], tuple(axis for axis in AXES if shots[axis].file == file)) for file in small],
        moved,
        model,
        periods,
        pitch,
    )
    fields = PanelFields(
        tier="T2",
        grid=grid,
        mm_per_pixel=first.frame.mm_per_pixel,
        spectra=SlopeSpectra(fitted.slopes, pitch, np.zeros((2, 2))),
        screen_path_mm=model.screen_path_mm,
        rig_uncertainty=placement.uncertainty,
        rig_source=placement.source,
        fringe_mm=1.0 / min(frequencies.values()),
    )
    figures = band_figures(slope_shells(fields.spectra), BANDS)
    # What the photo leaves open is expected there all the same: without it the fit, which shrinks, would read low.
    bands = {
        name: replace(
            figure,
            slope_mrad=float(np.hypot(figure.slope_mrad, fitted.unresolved_mrad[name])),
            noise_mrad=fitted.unresolved_mrad[name],
        )
        for name, figure in figures.items()
    }
    halo = lamp_halo(capture, photos, flat_reference, geometry)
    glints = scan_glints(capture, geometry, photos)
    evidence = Evidence(tier="T2", fields=fields, bands=bands, halo=halo, glints=glints)
    used |= lamp_photos(capture, photos) | glint_photos(capture, photos)
    return answer(capture, used, findings, evidence, surface_maps(fitted.slopes, pitch), flat_reference, geometry)
