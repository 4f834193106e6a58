"""What one photo tells of orange peel on unseen simulated panels: fringes (T2), edges (T3), a plain light (T4).

Usage: bench_panel_single.py [number of panels] [first seed]
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

import cv2
import numpy as np
from bench_panel_bands import panel_of
from scipy.stats import spearmanr

from inspections.appearance import Appearance
from inspections.capture.manifest import parse_capture
from inspections.edges.line_scan import EdgeScan
from inspections.edges.plain_calibration import ReferencePanel, learn_plain
from inspections.inspect import inspect_capture
from inspections.photos.decode import decode_photo
from inspections.render import render_capture
from inspections.station.geometry import geometry_of
from inspections.structure.bands import BANDS
from inspections.tiers.edges import scan_lights
from inspections.virtual_station.rig import SimulatedRig

FIRST_SEED, SEEDS = 7200, 40
CALIBRATION_PANELS = 8
"""Panels that a station calibrates on; all figures of T3 and T4 are of the others."""
FRINGES = {"cross": ("single_cross.jpg",), "pair": ("single_u.jpg", "single_v.jpg")}
LIGHTS = {
    "edges": ("edge_u.jpg", "edge_v.jpg"),
    "stripes": ("stripes_u.jpg", "stripes_v.jpg"),
    "tubes": ("tube_u.jpg", "tube_v.jpg"),
    "soft box": ("softbox.jpg",),
}
SINGLE = {"S_d_screening": "d", "S_lw_screening": "lw", "S_e": "e"}


def inspected(files: Mapping[str, bytes], names: tuple[str, ...]) -> Appearance:
    """What some photos of a capture say."""
    capture = parse_capture(files["capture.json"])
    capture = replace(capture, shots=tuple(shot for shot in capture.shots if shot.file in names))
    return inspect_capture(capture, {name: decode_photo(files[name], name) for name in names})


def scanned(files: Mapping[str, bytes], names: tuple[str, ...]) -> dict[str, float]:
    """Line-scan bands of some photos; empty where no edge was found."""
    capture = parse_capture(files["capture.json"])
    capture = replace(capture, shots=tuple(shot for shot in capture.shots if shot.file in names))
    geometry = geometry_of(capture, None)
    assert geometry is not None
    found = scan_lights(capture, geometry, {name: decode_photo(files[name], name) for name in names})
    scan = found.patterned or found.plain
    return {} if scan is None else {name: scan.band(BANDS[name]).slope_mrad for name in ("lw", "sw")}


@dataclass
class Rows:
    """Figures of every panel: (shots, metric) to (value, truth, uncertainty), and logs of what putting back changed."""

    fringes: dict[tuple[str, str], list[tuple[float, float, float]]] = field(default_factory=dict)
    lights: dict[tuple[str, str], list[tuple[float, float]]] = field(default_factory=dict)
    again: dict[tuple[str, str], list[float]] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=lambda: dict.fromkeys(FRINGES, 0))


def measure(seed: int, rows: Rows) -> None:
    """Render one panel under every light, and take its figures down."""
    panel, rng = panel_of(seed)
    truth = {name: band["slope_mrad"] for name, band in panel.truth()["bands"].items()}
    by_ruler = 1.0 + 0.01 * rng.standard_normal(3)
    rig = SimulatedRig(ruler=(float(by_ruler[0]), float(by_ruler[1]), float(by_ruler[2])), pixel_mm=0.084)
    put_back = seed % 8 == 0
    for shots, names in FRINGES.items():
        answer = inspected(render_capture(panel, shots, rng, rig=rig), names)
        rows.refused[shots] += bool(answer.failed_checks)
        repeated = inspected(render_capture(panel, shots, rng, rig=rig), names) if put_back else None
        for name, band in SINGLE.items():
            metric = answer.metric(name)
            if metric is None or metric.uncertainty is None:
                continue
            rows.fringes.setdefault((shots, name), []).append((metric.value, truth[band], metric.uncertainty))
            other = repeated.metric(name) if repeated is not None else None
            if other is not None:
                rows.again.setdefault((shots, name), []).append(float(np.log(other.value / metric.value)))
    # One station for all panels: that is what a plain photo's calibration asks for.
    station = SimulatedRig(pixel_mm=0.084)
    files = render_capture(panel, "lights", rng, rig=station)
    second = render_capture(panel, "lights", rng, rig=station) if put_back else None
    for light, names in LIGHTS.items():
        back = {} if second is None else scanned(second, names)
        for band, value in scanned(files, names).items():
            rows.lights.setdefault((light, band), []).append((value, truth[band]))
            if band in back:
                rows.again.setdefault((light, band), []).append(float(np.log(back[band] / value)))


def report(rows: Rows) -> None:
    """One line per figure."""
    print(f"T2; captures with a failed check: {rows.refused}")
    for (shots, name), figures in rows.fringes.items():
        value, true, uncertainty = np.array(figures).T
        error = 100 * (value / true - 1)
        print(
            f"  {shots:6s} {name:15s} rank {spearmanr(value, true)[0]:.3f}, "
            f"|error| median {np.median(np.abs(error)):4.1f} %, p90 {np.percentile(np.abs(error), 90):4.1f} %, "
            f"bias {np.median(error):+5.1f} %, "
            f"truth within 2 u {100 * np.mean(np.abs(value - true) < 2 * uncertainty):3.0f} %, "
            f"re-placed {_scatter(rows.again, (shots, name)):.1f} % ({len(figures)} given)"
        )
    print(f"T3 and T4: line scans against S, factor from the first {CALIBRATION_PANELS} panels, figures of the others")
    for (light, band), pairs in rows.lights.items():
        value, true = np.array(pairs).T
        ratio = np.log(value / true)
        rest = ratio[CALIBRATION_PANELS:] - ratio[:CALIBRATION_PANELS].mean()
        print(
            f"  {light:8s} edge_{band}: rank {spearmanr(value, true)[0]:.3f}, over S {np.exp(np.median(ratio)):.2f}, "
            f"after one factor |error| median {100 * np.median(np.abs(np.expm1(rest))):4.1f} %, "
            f"log-SD {rest.std():.2f}, re-placed {_scatter(rows.again, (light, band)):.1f} % ({len(pairs)} given)"
        )
    for light in ("soft box", "tubes"):
        plain(light, rows.lights[light, "lw"])


def plain(light: str, pairs: list[tuple[float, float]]) -> None:
    """The calibration as a station makes it, on the panels it was not made with."""
    references = [ReferencePanel(str(k), *pair) for k, pair in enumerate(pairs[:CALIBRATION_PANELS])]
    calibration = learn_plain(references, EdgeScan(light, (), 250.0, 30.0, 0.015, "", ()), date(2026, 1, 1))
    low, high = calibration.edge_range_mrad
    inside = [(edge, true) for edge, true in pairs[CALIBRATION_PANELS:] if 0.95 * low <= edge <= 1.05 * high]
    off = np.array([np.log(calibration.estimate(edge).value / true) for edge, true in inside])
    held = 100 * np.mean(np.abs(off) < np.log(calibration.factor))
    print(
        f"  peel_index_plain under {light}: {len(off)} of {len(pairs) - CALIBRATION_PANELS} in range, "
        f"|error| median {100 * np.median(np.abs(np.expm1(off))):.1f} %, log-SD {off.std():.2f} "
        f"(leave-one-out {calibration.log_sd:.2f}), factor {calibration.factor:.2f} holds {held:.0f} %"
    )


def _scatter(again: Mapping[tuple[str, str], list[float]], key: tuple[str, str]) -> float:
    """Relative standard deviation of one placing. [%]"""
    return 100 * float(np.sqrt(np.mean(np.square(again[key])) / 2)) if key in again else float("nan")


if __name__ == "__main__":
    cv2.setNumThreads(1)
    count = int(sys.argv[1]) if len(sys.argv) > 1 else SEEDS
    start = int(sys.argv[2]) if len(sys.argv) > 2 else FIRST_SEED
    everything = Rows()
    for each in range(start, start + count):
        measure(each, everything)
    report(everything)
