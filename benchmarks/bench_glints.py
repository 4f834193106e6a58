"""Which scratches are found under a moved lamp on unseen simulated panels, and what is raised on clean ones."""

from __future__ import annotations

import sys

import cv2
import numpy as np
from bench_panel_marks import BODIES, RIG, STRAIGHT_DOWN, panel_of

from inspections.capture.manifest import parse_capture
from inspections.marks.glints import GlintSearch
from inspections.marks.mark import Mark
from inspections.photos.decode import decode_photo
from inspections.render import render_capture
from inspections.simulate import SimulatedPanel
from inspections.station.geometry import geometry_of
from inspections.tiers.glints import scan_glints
from inspections.virtual_station.canvas import SimulatedMark
from inspections.virtual_station.scratches import Scratch

OFFSET = 800
"""Seeds on which nothing was developed."""
SCRATCHES = 5


def searched(panel: SimulatedPanel, marks: tuple[SimulatedMark, ...], rng: np.random.Generator) -> GlintSearch:
    """What glints on a panel with marks."""
    files = render_capture(panel.with_marks(*marks), "glints", rng, rig=RIG, placement=STRAIGHT_DOWN)
    capture = parse_capture(files["capture.json"])
    photos = {shot.file: decode_photo(files[shot.file], shot.file) for shot in capture.shots}
    search = scan_glints(capture, geometry_of(capture, None), photos)
    assert isinstance(search, GlintSearch), search.reason
    return search


def drawn(rng: np.random.Generator) -> tuple[Scratch, ...]:
    """Scratches anywhere, of any direction, 8 to 20 mm long, in five places that do not overlap."""
    columns = np.linspace(-32, 32, SCRATCHES)
    return tuple(
        Scratch(
            float(x + rng.uniform(-3, 3)),
            float(rng.uniform(-20, 20)),
            float(rng.uniform(8, 20)),
            float(rng.uniform(0, 180)),
            width_mm=float(rng.uniform(0.02, 0.1)),
            depth_um=float(np.exp(rng.uniform(np.log(0.04), np.log(0.4)))),
        )
        for x in columns
    )


def match(scratch: Scratch, marks: tuple[Mark, ...]) -> Mark | None:
    """The mark that lies on a scratch and runs as it does."""
    for mark in marks:
        if mark.orientation_deg is None or mark.kind != "scratch":
            continue
        turn = np.radians(scratch.orientation_deg)
        dx, dy = mark.x_mm - scratch.x_mm, mark.y_mm - scratch.y_mm
        aside, along = abs(dy * np.cos(turn) - dx * np.sin(turn)), abs(dx * np.cos(turn) + dy * np.sin(turn))
        turned = abs((mark.orientation_deg - scratch.orientation_deg + 90) % 180 - 90)
        if aside < 1.0 and along < scratch.length_mm / 2 and turned < 5:
            return mark
    return None


def main() -> None:
    """Run so many panels (default 12), each clean and scratched."""
    cv2.setNumThreads(1)
    panels = int(sys.argv[1]) if len(sys.argv) > 1 else 12
    found: list[tuple[str, bool, float, bool]] = []
    errors: list[tuple[float, float]] = []
    clean, elsewhere, coverage, noise = 0, 0, [], []
    for seed in range(OFFSET, OFFSET + panels):
        panel, rng = panel_of(seed)
        clean += len(searched(panel, (), rng).marks)
        scratches = drawn(rng)
        search = searched(panel, scratches, rng)
        matched = [match(scratch, search.marks) for scratch in scratches]
        elsewhere += sum(all(mark is not one for one in matched) for mark in search.marks)
        coverage.append(search.coverage)
        noise.append((panel.body, search.noise))
        for scratch, mark in zip(scratches, matched, strict=True):
            found.append((panel.body, mark is not None, scratch.depth_um, panel.radius_mm is not None))
            if mark is not None and mark.orientation_deg is not None:
                turned = (mark.orientation_deg - scratch.orientation_deg + 90) % 180 - 90
                errors.append((abs(turned), mark.length_mm / scratch.length_mm))
    print(f"{panels} panels, {len(found)} scratches: {np.mean([hit for _, hit, _, _ in found]):.0%} found")
    print(f"raised on the clean panels {clean}, elsewhere on the scratched ones {elsewhere}")
    for low, high in ((0.04, 0.08), (0.08, 0.15), (0.15, 0.4)):
        hits = [hit for _, hit, depth, _ in found if low <= depth < high]
        print(f"{low:g}-{high:g} µm deep: {sum(hits)} of {len(hits)}")
    for body in BODIES:
        hits = [hit for each, hit, _, _ in found if each == body]
        scatter = [100 * one for each, one in noise if each == body]
        print(f"{body}: {sum(hits)} of {len(hits)}, pixels scatter by {np.mean(scatter or [np.nan]):.1f} % of white")
    for curved in (False, True):
        hits = [hit for _, hit, _, bent in found if bent == curved]
        print(f"{'curved' if curved else 'flat'}: {sum(hits)} of {len(hits)}")
    turned, length = np.array(errors).T
    print(f"direction off by {np.median(turned):.2f}° (median), length over the truth {np.median(length):.2f}")
    print(f"directions and places covered {np.mean(coverage):.0%}")


if __name__ == "__main__":
    main()
