"""Which marks are found on unseen simulated panels, by kind and size, and what is raised on clean ones."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Mapping
from unittest.mock import patch

import cv2
import numpy as np
from bench_panel_bands import TYPICAL_MRAD

from inspections.appearance import Appearance
from inspections.capture.manifest import parse_capture
from inspections.inspect import inspect_capture
from inspections.marks.mark import Mark
from inspections.photos.decode import decode_photo
from inspections.render import render_capture
from inspections.simulate import BODY_LIGHT, Body, SimulatedPanel, simulate_panel
from inspections.virtual_station.canvas import SimulatedMark
from inspections.virtual_station.marks import Burn, Crater, Nib, Run
from inspections.virtual_station.rig import SimulatedRig
from inspections.virtual_station.scene import Placement
from inspections.virtual_station.scratches import Scratch, arc_points, buffer_trail, swirl_field

FIRST_SEED = 61000
BODIES: tuple[Body, ...] = tuple(body for body in BODY_LIGHT if body != "black glass")
SIZE_MM = (100.0, 75.0)
SEEN_MM = (45.0, 32.5)
"""Half the region of interest."""
RIG = SimulatedRig(pixel_mm=0.084, fine_steps=8)
STRAIGHT_DOWN = Placement(np.zeros(2), 0.0)
Row = tuple[str, bool]
"""Class of a mark, and whether it was found."""


def panel_of(seed: int) -> tuple[SimulatedPanel, np.random.Generator]:
    """A panel of each body in turn, with peel up to twice as rough as usual."""
    rng = np.random.default_rng(FIRST_SEED + seed)
    rough = float(np.exp(rng.uniform(np.log(0.5), np.log(2.0))))
    slopes = {
        band: typical * rough * float(np.exp(0.3 * rng.standard_normal())) for band, typical in TYPICAL_MRAD.items()
    }
    body = BODIES[seed % len(BODIES)]
    micro, radius = float(rng.uniform(0.3, 1.5)), None if rng.random() < 0.5 else float(rng.uniform(900, 4000))
    panel = simulate_panel(
        rng, slopes, size_mm=SIZE_MM, body=body, micro_slope_mrad=micro, radius_mm=radius, gloss_spread=0.04
    )
    return panel, rng


def inspected(panel: SimulatedPanel, rng: np.random.Generator) -> Appearance:
    """Photographed with phase-stepped fringes and looked at."""
    files = render_capture(panel, "fringes", rng, rig=RIG, placement=STRAIGHT_DOWN)
    capture = parse_capture(files["capture.json"])
    photos = {shot.file: decode_photo(files[shot.file], shot.file) for shot in capture.shots}
    return inspect_capture(capture, photos)


def marks_of(panel: SimulatedPanel, rng: np.random.Generator) -> tuple[Mark, ...]:
    """The marks of `inspected`."""
    appearance = inspected(panel, rng)
    if appearance.marks is None:
        print(f"  refused: {'; '.join(finding.what for finding in appearance.failed_checks)}")
    return appearance.marks or ()


def places(
    rng: np.random.Generator, n: int, half_mm: tuple[float, float], apart_mm: float
) -> list[tuple[float, float]]:
    """Random places that keep their distance."""
    found: list[tuple[float, float]] = []
    while len(found) < n:
        x, y = ((2 * rng.random(2) - 1) * half_mm).tolist()
        if all(np.hypot(x - a, y - b) > apart_mm for a, b in found):
            found.append((x, y))
    return found


def log_uniform(rng: np.random.Generator, low: float, high: float) -> float:
    """Evenly spread on a logarithmic scale."""
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def clean(seeds: int) -> None:
    """False alarms."""
    raised: Counter[str] = Counter()
    excess = []
    for seed in range(seeds):
        panel, rng = panel_of(seed)
        appearance = inspected(panel, rng)
        raised.update(mark.kind for mark in appearance.marks or ())
        metric = appearance.metric("swirl_excess")
        if metric is None:
            print(f"  refused: {'; '.join(finding.what for finding in appearance.failed_checks)}")
        else:
            excess.append(metric.value)
    print(f"{len(excess)} clean panels: raised {dict(raised) or 'nothing'}")
    print(f"  swirl_excess mean {np.mean(excess):.3f}, sd {np.std(excess):.3f}, largest {max(excess):.3f}")


def points(seeds: int) -> None:
    """Nibs and craters by height or depth."""
    rows: list[Row] = []
    slopes: list[Row] = []
    off, extra = [], 0
    for seed in range(100, 100 + seeds):
        panel, rng = panel_of(seed)
        put: list[Nib | Crater] = []
        for k, (x, y) in enumerate(places(rng, 14, (41, 29), 6.0)):
            size = log_uniform(rng, 0.5, 10)
            put.append(
                Nib(x, y, size, float(rng.uniform(0.3, 1.5)))
                if k % 2
                else Crater(x, y, size, float(rng.uniform(0.4, 1.8)))
            )
        left = list(marks_of(panel.with_marks(*put), rng))
        for one in put:
            near = [mark for mark in left if np.hypot(mark.x_mm - one.x_mm, mark.y_mm - one.y_mm) < 0.6]
            kind, size = ("nib", one.height_um) if isinstance(one, Nib) else ("crater", one.depth_um)
            hit = any(mark.kind in ("nib", "crater") for mark in near)
            rows.append((f"{kind} {_step(size, (1.5, 3.0, 10.0), 'µm')}", hit))
            steep = 2.43 * size / one.diameter_mm
            slopes.append((f"{kind} {_step(steep, (2.0, 3.0, 6.0, 100.0), 'mrad')}", hit))
            if hit:
                rows.append((f"{kind} of the right sign, when found", near[0].kind == kind))
            if hit and near[0].kind == kind and near[0].depth_um is not None and near[0].depth_uncertainty_um:
                off.append(
                    (abs(near[0].depth_um) / size - 1, (abs(near[0].depth_um) - size) / near[0].depth_uncertainty_um)
                )
            left = [mark for mark in left if mark not in near]
        extra += len(left)
    _report(f"{seeds} panels with nibs and craters, {extra} marks raised elsewhere", rows + slopes)
    error = np.array(off)
    typical, bias = 100 * np.median(np.abs(error[:, 0])), 100 * np.median(error[:, 0])
    print(
        f"  height: |error| median {typical:.0f} %, bias {bias:+.0f} %; "
        f"within 2 u {100 * np.mean(np.abs(error[:, 1]) < 2):.0f} % ({len(error)} given)"
    )


def scratches(seeds: int) -> None:
    """Single scratches by what they take from a pixel: width × scattered share."""
    rows: list[Row] = []
    turned, longer, extra = [], [], 0
    for seed in range(200, 200 + seeds):
        panel, rng = panel_of(seed)
        put = [
            Scratch(
                x, y, float(rng.uniform(8, 25)), float(rng.uniform(0, 180)), float(rng.uniform(0.03, 0.12)),
                log_uniform(rng, 0.04, 0.4), None if rng.random() < 0.5 else float(rng.uniform(15, 80)),
            )
            for x, y in places(rng, 5, (33, 22), 12.0)
        ]  # fmt: skip
        found = [mark for mark in marks_of(panel.with_marks(*put), rng) if mark.kind == "scratch"]
        used: set[int] = set()
        for one in put:
            curvature = 0.0 if one.radius_mm is None else 1 / one.radius_mm
            arc = np.array([one.x_mm, one.y_mm, one.length_mm, np.radians(one.orientation_deg), curvature])
            x, y, _ = arc_points(arc, 0.1)
            seen = (np.abs(x) < SEEN_MM[0]) & (np.abs(y) < SEEN_MM[1])
            covered = np.zeros(x.size, bool)
            for k, mark in enumerate(found):
                path = _dense(np.array(mark.outline_mm))
                near = np.hypot(x[:, None] - path[:, 0], y[:, None] - path[:, 1]).min(axis=1) < 0.6
                if near.sum() * 0.1 > 0.5 * mark.length_mm:
                    covered |= near
                    used.add(k)
                    if near[seen].mean() > 0.5:
                        turned.append((mark.orientation_deg or 0) - one.orientation_deg)
                        longer.append(mark.length_mm / (0.1 * seen.sum()) - 1)
            hit = bool(covered[seen].mean() > 0.5)
            rows.append((f"deep {_step(one.depth_um, (0.08, 0.15, 1.0), 'µm')}", hit))
            rows.append((f"wide {_step(one.width_mm, (0.06, 0.12), 'mm')}", hit))
            rows.append((f"body {panel.body}", hit))
            rows.append(("all", hit))
        extra += len(found) - len(used)
    _report(f"{seeds} panels with 5 scratches, {extra} raised elsewhere", rows)
    off = (np.array(turned) + 90) % 180 - 90
    print(f"  direction: |error| median {np.median(np.abs(off)):.1f}°; length: median {100 * np.median(longer):+.0f} %")


def burns(seeds: int) -> None:
    """Burns by the roughness they add."""
    rows: list[Row] = []
    area, extra = [], 0
    for seed in range(300, 300 + seeds):
        panel, rng = panel_of(seed)
        (place,) = places(rng, 1, (24, 14), 0.0)
        one = Burn(
            *place, float(rng.uniform(12, 30)), float(rng.uniform(8, 16)), float(rng.uniform(0, 180)),
            log_uniform(rng, 0.3, 2.0),
        )  # fmt: skip
        marks = marks_of(panel.with_marks(one), rng)
        found = [m for m in marks if m.kind == "burn" and np.hypot(m.x_mm - one.x_mm, m.y_mm - one.y_mm) < 3]
        rows.append((f"adds {_step(one.micro_slope_mrad, (0.5, 1.0, 2.0), 'mrad')}", bool(found)))
        extra += len(marks) - len(found)
        if found and found[0].width_mm:
            area.append(found[0].length_mm * found[0].width_mm / (one.length_mm * one.width_mm) - 1)
    _report(f"{seeds} panels with a burn, {extra} marks raised beside it", rows)
    print(f"  area: median {100 * np.median(area):+.0f} %, scatter {100 * np.std(area):.0f} %")


def runs(seeds: int) -> None:
    """Runs by height over width."""
    rows: list[Row] = []
    for seed in range(400, 400 + seeds):
        panel, rng = panel_of(seed)
        one = Run(float(rng.uniform(-20, 20)), float(rng.uniform(-5, 5)), log_uniform(rng, 3, 20), 40.0, 6.0)
        found = [m for m in marks_of(panel.with_marks(one), rng) if m.kind == "run" and abs(m.x_mm - one.x_mm) < 5]
        rows.append((f"high {_step(one.height_um, (6.0, 12.0, 20.0), 'µm')}", bool(found)))
    _report(f"{seeds} panels with a run 6 mm wide", rows)


def swirls(seeds: int) -> None:
    """Swirls and buffer trails by what they scatter."""
    rows: list[Row] = []
    for seed in range(500, 500 + seeds):
        panel, rng = panel_of(seed)
        trail = seed % 2 == 1
        density = log_uniform(rng, 0.2, 2.0)
        one: SimulatedMark = (
            buffer_trail(
                rng, (0, 0), width_mm=float(rng.uniform(15, 35)), orientation_deg=float(rng.uniform(0, 180)),
                density_mm_per_mm2=density,
            )
            if trail
            else swirl_field(rng, SIZE_MM, density_mm_per_mm2=density, motion="random" if seed % 4 else "rotary")
        )  # fmt: skip
        kinds = {mark.kind for mark in marks_of(panel.with_marks(one), rng)}
        light = "dark" if BODY_LIGHT[panel.body] < 1 else "light"
        kind = "hologram" if trail else "swirl"
        rows.append((f"{kind} on {light}, {_step(density, (0.6, 2.0), 'mm/mm²')}", kind in kinds))
        rows.append((f"{kind} named otherwise", bool(kinds & {"hologram", "swirl"} - {kind})))
    _report(f"{seeds} panels with swirls or a buffer trail, scratches 10–15 µm wide and 0.1 µm deep", rows)


def mask(seeds: int) -> None:
    """What nibs put into S_b with the mask, and without."""
    with_mask, without, spared = [], [], []
    for seed in range(600, 600 + seeds):
        panel, _ = panel_of(seed)
        rng = np.random.default_rng(seed)
        nibs = [
            Nib(x, y, log_uniform(rng, 1.0, 8.0), float(rng.uniform(0.4, 1.2)))
            for x, y in places(rng, 10, (40, 28), 4.0)
        ]
        free, marked = (inspected(one, np.random.default_rng(seed)) for one in (panel, panel.with_marks(*nibs)))
        values = [appearance.metric("S_b") for appearance in (free, marked)]
        if None in values:
            continue
        with_mask.append(values[1].value / values[0].value - 1)  # type: ignore[union-attr]
        spared.append(len(free.marks or ()))
        without.append(_unmasked(panel.with_marks(*nibs), seed) / values[0].value - 1)  # type: ignore[union-attr]
    print(f"{len(with_mask)} panels with 10 nibs of 1-8 µm: S_b against the same panel without them")
    for name, values_ in (("not masked", without), ("masked", with_mask)):
        print(f"  {name:11s} median {100 * np.median(values_):+.1f} %, largest {100 * max(values_):+.1f} %")
    print(f"  marks masked on the panels without nibs: {sum(spared)}")


def _unmasked(panel: SimulatedPanel, seed: int) -> float:
    with patch("inspections.tiers.stepped.weights", lambda *_: None):
        metric = inspected(panel, np.random.default_rng(seed)).metric("S_b")
    assert metric is not None
    return metric.value


def _dense(path: np.ndarray) -> np.ndarray:
    """A polyline with ten points a segment."""
    at = np.linspace(0, len(path) - 1, 10 * len(path))
    return np.column_stack([np.interp(at, np.arange(len(path)), path[:, k]) for k in (0, 1)])


def _step(value: float, limits: tuple[float, ...], unit: str) -> str:
    """The class a value falls in."""
    return next((f"≤ {limit:g} {unit}" for limit in limits if value <= limit), f"> {limits[-1]:g} {unit}")


def _report(title: str, rows: list[Row]) -> None:
    print(title)
    total, found = Counter(name for name, _ in rows), Counter(name for name, hit in rows if hit)
    for name in sorted(total):
        print(f"  {name:40s} {found[name]:3d} of {total[name]:3d}  {100 * found[name] / total[name]:4.0f} %")


PARTS: Mapping[str, tuple[Callable[[int], None], int]] = {
    "clean": (clean, 20),
    "points": (points, 8),
    "scratches": (scratches, 16),
    "burns": (burns, 8),
    "runs": (runs, 6),
    "swirls": (swirls, 12),
    "mask": (mask, 3),
}

if __name__ == "__main__":
    cv2.setNumThreads(1)
    for part in sys.argv[1:] or PARTS:
        measure, n = PARTS[part]
        measure(n)
