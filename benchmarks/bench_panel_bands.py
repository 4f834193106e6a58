"""Accuracy of what phase-stepped fringes say of the structure on unseen simulated panels, and whether the stated
uncertainty holds the truth.

    .venv/bin/python benchmarks/bench_panel_bands.py [eight|four|close] [panels] [first seed]

eight, four: 100 × 75 mm at 0.084 mm a pixel in 8 or 4 fine steps; close: 40 × 30 mm at 0.036 mm a pixel in 8.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import cv2
import numpy as np

from inspections.capture.manifest import parse_capture
from inspections.frame.rectify import ROI_BORDER_MM
from inspections.inspect import inspect_capture
from inspections.photos.decode import decode_photo
from inspections.render import render_capture
from inspections.simulate import PITCH_MM, Body, SimulatedPanel, simulate_panel
from inspections.structure.areal import gaussian_band
from inspections.structure.bands import BANDS
from inspections.virtual_station.rig import SimulatedRig

FIRST_SEED = 7000
BODIES: tuple[Body, ...] = ("black", "black", "grey", "silver", "white")
TYPICAL_MRAD: Mapping[str, float] = {"a": 0.10, "b": 0.30, "c": 0.60, "d": 0.85, "e": 0.45}
AGAIN_EVERY = 8
"""Every so many panels one is put back and photographed again."""


@dataclass(frozen=True)
class Setting:
    """How panels are photographed."""

    size_mm: tuple[float, float]
    pixel_mm: float
    fine_steps: int


SETTINGS = {
    "eight": Setting((100.0, 75.0), 0.084, 8),
    "four": Setting((100.0, 75.0), 0.084, 4),
    "close": Setting((40.0, 30.0), 0.036, 8),
}


def panel_of(seed: int, size_mm: tuple[float, float] = (100.0, 75.0)) -> tuple[SimulatedPanel, np.random.Generator]:
    """A panel with random peel, colour, roughness and curvature."""
    rng = np.random.default_rng(seed)
    slopes = {band: typical * float(np.exp(0.35 * rng.standard_normal())) for band, typical in TYPICAL_MRAD.items()}
    radius = None if rng.random() < 0.5 else float(rng.uniform(900, 4000))
    body = BODIES[int(rng.integers(len(BODIES)))]
    rough = float(rng.uniform(0.3, 1.5))
    return simulate_panel(rng, slopes, size_mm=size_mm, body=body, radius_mm=radius, micro_slope_mrad=rough), rng


def truth_of(panel: SimulatedPanel) -> dict[str, float]:
    """Metric to what was put in; Gaussian bands from the periodic surface, inside the region of interest."""
    found: dict[str, float] = {}
    for name, band in panel.truth()["bands"].items():
        found |= {f"S_{name}": band["slope_mrad"], f"H_{name}": band["height_um"]}
        found[f"aniso_{name}"] = float(np.log(band["slope_x_mrad"] / band["slope_y_mrad"]))
    slope_x, slope_y = (np.fft.rfft2(part) for part in panel.slopes)
    shape = panel.slopes[0].shape
    fy, fx = -np.fft.fftfreq(shape[0], PITCH_MM)[:, None], np.fft.rfftfreq(shape[1], PITCH_MM)[None, :]
    f = np.hypot(fx, fy)
    along = fx * slope_x + fy * slope_y
    inside = tuple(
        slice(int((full - side / PITCH_MM) / 2 + border), int((full + side / PITCH_MM) / 2 - border))
        for full, side in zip(shape, panel.size_mm[::-1], strict=True)
        for border in [ROI_BORDER_MM / PITCH_MM]
    )
    for name, band in BANDS.items():
        passed = along * gaussian_band(band)(f)
        height = np.fft.irfft2(-1j * passed / (2 * np.pi * np.where(f > 0, f, np.inf) ** 2), shape)[inside]
        found[f"Sa_{name}"] = float(np.abs(height - height.mean()).mean())
        found[f"K_{name}"] = float(np.fft.irfft2(1j * np.pi * passed, shape)[inside].std())
    return found


def measured(panel: SimulatedPanel, rig: SimulatedRig, rng: np.random.Generator) -> dict[str, tuple[float, float]]:
    """Value and standard uncertainty of every metric given for a fresh capture."""
    files = render_capture(panel, "fringes", rng, rig=rig)
    capture = parse_capture(files["capture.json"])
    answer = inspect_capture(capture, {shot.file: decode_photo(files[shot.file], shot.file) for shot in capture.shots})
    return {metric.name: (metric.value, metric.uncertainty or np.nan) for metric in answer.metrics}


def results(setting: Setting, seeds: range) -> Iterator[dict[str, dict[str, float]]]:
    """Per panel: metric to value, uncertainty, truth and, of some panels, the value of a second capture."""
    for seed in seeds:
        panel, rng = panel_of(seed, setting.size_mm)
        # Every station has its own ruler, 1 % off; a panel that is put back is put back into the same station.
        by_ruler = 1.0 + 0.01 * rng.standard_normal(3)
        rig = SimulatedRig(
            ruler=(float(by_ruler[0]), float(by_ruler[1]), float(by_ruler[2])),
            pixel_mm=setting.pixel_mm,
            fine_steps=setting.fine_steps,
        )
        truth, first = truth_of(panel), measured(panel, rig, rng)
        second = measured(panel, rig, rng) if seed % AGAIN_EVERY == 0 else {}
        yield {
            name: {"value": value, "u": u, "truth": truth[name], "again": second.get(name, (np.nan,))[0]}
            for name, (value, u) in first.items()
            if name in truth
        }


def report(found: list[dict[str, dict[str, float]]]) -> None:
    """One line a metric; errors relative but for the anisotropy, which is a logarithm already."""
    print("            |error|: median     p90 |   bias  scatter | truth within 1.96 u | put back | given")
    for name in [f"{letter}_{band}" for letter in ("S", "H", "Sa", "K", "aniso") for band in BANDS]:
        rows = [one[name] for one in found if name in one]
        if not rows:
            continue
        value, u, truth, again = (np.array([row[key] for row in rows]) for key in ("value", "u", "truth", "again"))
        scale = np.ones_like(truth) if name.startswith("aniso") else truth
        error, off = (value - truth) / scale, (again - value) / scale
        held = np.abs(value - truth) <= 1.96 * u
        print(
            f"{name:10s} {100 * np.median(np.abs(error)):15.1f} % {100 * np.percentile(np.abs(error), 90):5.1f} % |"
            f" {100 * np.median(error):+5.1f} % {100 * error.std():5.1f} % | {100 * held.mean():15.0f} %   "
            f" | {100 * np.sqrt(np.nanmean(off**2) / 2) if np.isfinite(off).any() else np.nan:5.2f} %  | {len(rows)}"
        )


if __name__ == "__main__":
    cv2.setNumThreads(1)
    which = sys.argv[1] if len(sys.argv) > 1 else "eight"
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 40
    start = int(sys.argv[3]) if len(sys.argv) > 3 else FIRST_SEED
    begun, done = time.perf_counter(), []
    for one in results(SETTINGS[which], range(start, start + count)):
        done.append(one)
        if "--log" in sys.argv:
            print(json.dumps(one), flush=True)
    print(f"{which}: {count} panels from seed {start}, {time.perf_counter() - begun:.0f} s")
    report(done)
