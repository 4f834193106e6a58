"""Confusion table of the capture gate: every fault at several strengths against good captures, on unseen seeds.

Prints, for each strength, how many captures the gate rejects (a check fails) or flags (a check warns), which checks
did it, and what the fault does to the bands of the captures that are let through. Faults named on the command line
are run alone, "good" is the good captures: `bench_capture_gate.py 5 good defocus motion`; the first number is how many
seeds each strength gets.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import cv2
import numpy as np

from inspections.appearance import Appearance
from inspections.capture.manifest import parse_capture
from inspections.flat_reference import FlatReference
from inspections.inspect import inspect_capture
from inspections.photos.decode import decode_photo
from inspections.render import render_capture
from inspections.simulate import Body, SimulatedPanel, simulate_panel
from inspections.virtual_station.faults import FAULTS, Fault
from inspections.virtual_station.rig import SimulatedRig

FIRST_SEED = 63_000
GOOD = 45
SIZE_MM = (50.0, 40.0)
PIXEL_MM = 0.11
BODIES: tuple[Body, ...] = ("black", "silver", "grey", "white", "black")
TYPICAL_MRAD: Mapping[str, float] = {"a": 0.10, "b": 0.30, "c": 0.60, "d": 0.85, "e": 0.45}
SHOWN = ("S_b", "S_c", "S_lw")


@dataclass(slots=True)
class Tally:
    """Outcomes of the captures of one fault and strength."""

    outcomes: Counter[str] = field(default_factory=Counter)
    checks: Counter[str] = field(default_factory=Counter)
    errors: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in SHOWN})

    def add(self, appearance: Appearance, truth: Mapping[str, Mapping[str, float]]) -> None:
        """Count one capture."""
        failed = [finding.check for finding in appearance.findings if finding.outcome == "fail"]
        # Without a flat reference fringe_density warns of the panel's own curvature, which is no fault.
        warned = [one.check for one in appearance.findings if one.outcome == "warn" and one.check != "fringe_density"]
        self.outcomes["rejected" if failed else "flagged" if warned else "kept"] += 1
        self.checks.update(failed or warned)
        for name in SHOWN:
            metric = appearance.metric(name)
            if metric is not None:
                self.errors[name].append(metric.value / truth[name[2:]]["slope_mrad"] - 1)

    @property
    def caught(self) -> int:
        """Rejected or flagged."""
        return self.outcomes["rejected"] + self.outcomes["flagged"]

    def words(self) -> str:
        """Outcomes, checks and errors on one line."""
        by = ", ".join(f"{check} {count}" for check, count in self.checks.most_common(4))
        errors = ", ".join(
            f"{name} {100 * float(np.median(np.abs(values))):.1f}" for name, values in self.errors.items() if values
        )
        return (
            f"rejected {self.outcomes['rejected']}, flagged {self.outcomes['flagged']}, kept {self.outcomes['kept']}"
            f" | {by or '-'} | {errors or '-'}"
        )


@cache
def station(seed: int) -> tuple[SimulatedPanel, SimulatedRig]:
    """A panel with random peel, colour, roughness and curvature in a rig with random ruler, screen, lens and JPEG."""
    rng = np.random.default_rng(seed)
    slopes = {band: typical * float(np.exp(0.35 * rng.standard_normal())) for band, typical in TYPICAL_MRAD.items()}
    panel = simulate_panel(
        rng,
        slopes,
        size_mm=SIZE_MM,
        body=BODIES[seed % len(BODIES)],
        radius_mm=None if rng.random() < 0.5 else float(rng.uniform(900, 4000)),
        micro_slope_mrad=float(rng.uniform(0.3, 1.5)),
        gloss_spread=float(rng.uniform(0.0, 0.05)),
    )
    off = 1.0 + 0.01 * rng.standard_normal(3)
    rig = SimulatedRig(
        pixel_mm=PIXEL_MM,
        incidence_deg=float(rng.uniform(25, 40)),
        ruler=(float(off[0]), float(off[1]), float(off[2])),
        lens_sigma_px=float(rng.uniform(0.55, 0.7)),
        radial=float(rng.uniform(-0.02, 0.01)),
        screen_gamma=float(rng.uniform(0.94, 1.08)),
        jpeg_quality=int(rng.integers(85, 97)),
    )
    return panel, rig


def opened(files: Mapping[str, bytes]) -> FlatReference:
    """A rendered capture with its photos."""
    capture = parse_capture(files["capture.json"])
    return FlatReference(capture, {shot.file: decode_photo(files[shot.file], shot.file) for shot in capture.shots})


def tally(seeds: range, fault: Fault | None = None, strength: float | None = None) -> Tally:
    """Render and inspect one capture per seed; a zoom is judged beside the tile of the same rig."""
    counted = Tally()
    for seed in seeds:
        panel, rig = station(seed)
        name = "good" if fault is None else fault.name
        rng = np.random.default_rng([seed, *name.encode(), round(1000 * abs(strength or 0.0))])
        spoilt: dict[str, Any] = {} if fault is None else {"fault": name, "strength": strength}
        shown = opened(render_capture(panel, "fringes_repeated", rng, rig=rig, **spoilt))
        tile = None
        if name == "zoom":
            tile = opened(render_capture(panel.flat_reference(), "fringes", rng, rig=rig, name="flatref"))
        counted.add(inspect_capture(shown.capture, shown.photos, tile), panel.truth()["bands"])
    return counted


def main(seeds: int, names: list[str]) -> None:
    """Print the table."""
    cv2.setNumThreads(1)
    if not names or "good" in names:
        good = tally(range(FIRST_SEED, FIRST_SEED + GOOD))
        print(f"good captures: {good.words()}", flush=True)
    caught = asked = 0
    for name in [each for each in names if each in FAULTS] or ([] if names else list(FAULTS)):
        fault = FAULTS[name]
        print(f"{name}: {fault.meaning}")
        for index, strength in enumerate(fault.strengths):
            first = FIRST_SEED + 1000
            counted = tally(range(first, first + seeds), fault, strength)
            must = index >= fault.strengths.index(fault.moderate)
            caught, asked = caught + must * counted.caught, asked + must * seeds
            print(f"  {strength:g} {fault.unit}{' *' if must else ''}: {counted.words()}", flush=True)
    if asked:
        print(f"moderate to strong faults (*) caught: {caught} of {asked}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5, sys.argv[2:])
