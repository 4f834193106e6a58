"""Accuracy of the structure bands on unseen simulated panels, and the cost of one capture against decoding it."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping

import numpy as np

from inspections.capture.manifest import parse_capture
from inspections.inspect import inspect_capture
from inspections.photos.decode import decode_photo
from inspections.photos.photo import PanelPhoto
from inspections.render import render_capture
from inspections.simulate import Body, SimulatedPanel, simulate_panel
from inspections.virtual_station.rig import SimulatedRig

FIRST_SEED = 7000
BODIES: tuple[Body, ...] = ("black", "black", "grey", "silver", "white")
TYPICAL_MRAD: Mapping[str, float] = {"a": 0.10, "b": 0.30, "c": 0.60, "d": 0.85, "e": 0.45}


def panel_of(seed: int) -> tuple[SimulatedPanel, np.random.Generator]:
    """A panel with random peel, colour, roughness and curvature."""
    rng = np.random.default_rng(seed)
    slopes = {band: typical * float(np.exp(0.35 * rng.standard_normal())) for band, typical in TYPICAL_MRAD.items()}
    radius = None if rng.random() < 0.5 else float(rng.uniform(900, 4000))
    body = BODIES[int(rng.integers(len(BODIES)))]
    rough = float(rng.uniform(0.3, 1.5))
    return simulate_panel(rng, slopes, body=body, radius_mm=radius, micro_slope_mrad=rough), rng


def measured(files: Mapping[str, bytes]) -> tuple[dict[str, float], float, float]:
    """Metrics of a rendered capture; seconds for inspecting and for decoding."""
    capture = parse_capture(files["capture.json"])
    start = time.perf_counter()
    photos: dict[str, PanelPhoto] = {shot.file: decode_photo(files[shot.file], shot.file) for shot in capture.shots}
    decoded = time.perf_counter()
    appearance = inspect_capture(capture, photos)
    return {m.name: m.value for m in appearance.metrics}, time.perf_counter() - decoded, decoded - start


def report(shots: str, names: tuple[str, ...], seeds: int) -> None:
    """Median and 90th percentile of |error| against the truth, and the scatter of re-placed captures."""
    errors: dict[str, list[float]] = {name: [] for name in names}
    again: dict[str, list[float]] = {name: [] for name in names}
    seconds = []
    for seed in range(FIRST_SEED, FIRST_SEED + seeds):
        panel, rng = panel_of(seed)
        truth = panel.truth()["bands"]
        # Every station has its own ruler, 1 % off; a panel that is put back is put back into the same station.
        by_ruler = 1.0 + 0.01 * rng.standard_normal(3)
        rig = SimulatedRig(ruler=(float(by_ruler[0]), float(by_ruler[1]), float(by_ruler[2])))
        values, inspecting, decoding = measured(render_capture(panel, shots, rng, rig=rig))
        seconds.append((inspecting, decoding))
        for name in names:
            if name in values:
                errors[name].append(values[name] / truth[name.split("_")[1]]["slope_mrad"] - 1)
        if seed % 3 == 0:
            second = measured(render_capture(panel, shots, rng, rig=rig))[0]
            for name in names:
                if name in values and name in second:
                    again[name].append(float(np.log(second[name] / values[name])))
    print(f"{shots}: {seeds} panels")
    for name in names:
        error = 100 * np.array(errors[name])
        if not error.size:
            print(f"  {name:16s} refused on every panel")
            continue
        scatter = 100 * np.sqrt(np.mean(np.square(again[name])) / 2) if again[name] else float("nan")
        print(
            f"  {name:16s} |error| median {np.median(np.abs(error)):5.1f} %, "
            f"p90 {np.percentile(np.abs(error), 90):5.1f} %, "
            f"bias {np.median(error):+5.1f} %, re-placed {scatter:.2f} % ({error.size} given)"
        )
    inspecting, decoding = np.median(seconds, axis=0)
    print(f"  inspecting {inspecting:.2f} s, decoding {decoding:.2f} s a capture, ratio {inspecting / decoding:.1f}")


if __name__ == "__main__":
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 12
    report("fringes", ("S_lw", "S_c", "S_d", "S_sw", "S_b", "S_e"), n)
