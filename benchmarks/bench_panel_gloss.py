"""Gloss maps, micro-slope, mottle and haze of unseen simulated panels against what was put in."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field

import cv2
import numpy as np
from scipy.stats import spearmanr

from inspections.appearance import Appearance
from inspections.capture.manifest import parse_capture
from inspections.flat_reference import FlatReference
from inspections.gloss.mottle import BODY_CLASSES, GLOSS_CLASSES, mottle_figures
from inspections.inspect import inspect_capture
from inspections.photos.decode import decode_photo
from inspections.render import render_capture
from inspections.simulate import PITCH_MM, ROI_BORDER_MM, Body, SimulatedPanel, simulate_panel
from inspections.virtual_station.halo import haze_truth
from inspections.virtual_station.marks import Burn
from inspections.virtual_station.mottle import Mottle
from inspections.virtual_station.rig import SimulatedRig
from inspections.virtual_station.scene import Placement

FIRST_SEED = 82_000
SIZE_MM = (56.0, 56.0)
BODIES: tuple[Body, ...] = ("black", "black", "grey", "silver", "white")
TYPICAL_MRAD: Mapping[str, float] = {"a": 0.10, "b": 0.30, "c": 0.55, "d": 0.75, "e": 0.40}
GRID_MM = 0.25
FRINGE_MM = 6.0
UNEVEN_PERCENT = 1.0
RING_MM = (2.7, 7.6)
"""Where on the panel the haze ring about a highlight in its middle lies: 2.7 mm a degree, as seen from this rig."""


def panel_of(seed: int) -> tuple[SimulatedPanel, np.random.Generator]:
    """A panel with random peel, colour, roughness and haze; blotches of each, and a burn on every other."""
    rng = np.random.default_rng(seed)
    slopes = {band: typical * float(np.exp(0.35 * rng.standard_normal())) for band, typical in TYPICAL_MRAD.items()}
    rough = float(rng.uniform(0.3, 1.5))
    marks: list[Mottle | Burn] = [
        Mottle("micro_slope", float(rng.uniform(0.05, 0.20)), (3.0, 25.0), seed),
        Mottle("mirror", float(rng.uniform(0.002, 0.015)), (3.0, 25.0), seed + 1),
        Mottle("body", float(rng.uniform(0.005, 0.03)), (5.0, 20.0), seed + 2),
    ]
    if seed % 2:
        marks.append(
            Burn(
                float(rng.uniform(-20, 20)),
                float(rng.uniform(-20, 20)),
                float(rng.uniform(8, 20)),
                float(rng.uniform(5, 10)),
                float(rng.uniform(0, 180)),
            )
        )
    panel = simulate_panel(
        rng,
        slopes,
        size_mm=SIZE_MM,
        body=BODIES[int(rng.integers(len(BODIES)))],
        micro_slope_mrad=rough,
        haze=float(rng.uniform(0, 0.04)),
        marks=tuple(marks),
    )
    return panel, rng


def reference_of(files: Mapping[str, bytes]) -> FlatReference:
    """A rendered capture, read."""
    capture = parse_capture(files["capture.json"])
    return FlatReference(capture, {s.file: decode_photo(files[s.file], s.file) for s in capture.shots})


def true_ratio(panel: SimulatedPanel, period_mm: float, path_mm: float, incidence_deg: float) -> np.ndarray:
    """Fringe amplitude over that of a perfect mirror inside the region of interest, both directions, at `GRID_MM`."""
    left = np.ones(panel.gloss.shape)
    for cosine in (1.0, np.cos(np.radians(incidence_deg))):
        turn = 2 * np.pi * 2e-3 * path_mm * cosine / period_mm
        rough = np.exp(-0.5 * (turn * panel.canvas.micro_slope_mrad.astype(np.float64)) ** 2)
        halo = np.exp(-0.5 * (turn * panel.haze_slope_mrad) ** 2)
        left *= panel.gloss * ((1 - panel.canvas.haze) * rough + panel.canvas.haze * halo)
    return inside(np.sqrt(left), panel)


def inside(field: np.ndarray, panel: SimulatedPanel) -> np.ndarray:
    """A map of the panel over the region of interest, at `GRID_MM`."""
    rows, columns = (
        slice(round((full - side / PITCH_MM) / 2 + ROI_BORDER_MM / PITCH_MM),
              round((full + side / PITCH_MM) / 2 - ROI_BORDER_MM / PITCH_MM))
        for full, side in zip(field.shape, panel.size_mm[::-1], strict=True)
    )  # fmt: skip
    cut = field[rows, columns]
    size = tuple(round(side * PITCH_MM / GRID_MM) for side in cut.shape[::-1])
    return np.asarray(cv2.resize(cut.astype(np.float64), size, interpolation=cv2.INTER_AREA))


def smoothed(values: np.ndarray, side_mm: float, pitch_mm: float) -> np.ndarray:
    """Box mean."""
    side = max(1, round(side_mm / pitch_mm))
    return np.asarray(cv2.blur(values.astype(np.float64), (side, side), borderType=cv2.BORDER_REFLECT))


@dataclass(slots=True)
class Tally:
    """Pairs of what was found, with its standard uncertainty, and what was put in."""

    found: list[float] = field(default_factory=list)
    uncertainty: list[float] = field(default_factory=list)
    true: list[float] = field(default_factory=list)
    refused: int = 0

    def add(self, answer: Appearance, name: str, truth: float) -> None:
        """Note one metric of one panel."""
        metric = answer.metric(name)
        if metric is None:
            self.refused += 1
            return
        self.found.append(metric.value)
        self.uncertainty.append(metric.uncertainty or float("nan"))
        self.true.append(truth)

    def line(self, name: str, *, relative: bool) -> str:
        """Error, coverage and rank correlation."""
        if not self.found:
            return f"  {name:22s} refused on every panel"
        found, true = np.array(self.found), np.array(self.true)
        error = 100 * (found / true - 1) if relative else found - true
        z = np.abs(found - true) / np.array(self.uncertainty)
        unit = "%" if relative else "in its unit"
        size = np.abs(error)
        return (
            f"  {name:22s} |error| median {np.median(size):5.2f}, p90 {np.percentile(size, 90):5.2f}, "
            f"bias {np.median(error):+6.2f} {unit}; within 2u {100 * np.mean(z <= 2):3.0f} %, "
            f"rho {spearmanr(found, true).statistic:.3f} ({found.size} given, {self.refused} refused)"
        )


METRICS = ("gloss_uniformity", "gloss_worst_zone", "specular_ratio", "alpha_micro", "image_clarity", "gloss_mottle_2_6",
           "gloss_mottle_6_13", "body_mottle_5_10", "haze_cam")  # fmt: skip


@dataclass(slots=True)
class Table:
    """What all panels gave."""

    tallies: dict[str, Tally] = field(default_factory=lambda: {name: Tally() for name in METRICS})
    correlation: dict[tuple[str, float], list[float]] = field(
        default_factory=lambda: {(name, side): [] for name in ("gloss", "alpha_eff") for side in (2.0, 5.0)}
    )
    spreads: list[float] = field(default_factory=list)
    unreferenced: list[float] = field(default_factory=list)

    def measure(self, seed: int) -> None:
        """Render one panel and its tile, inspect them, compare."""
        panel, rng = panel_of(seed)
        by_ruler = 1.0 + 0.01 * rng.standard_normal(3)
        rig = SimulatedRig(ruler=(float(by_ruler[0]), float(by_ruler[1]), float(by_ruler[2])))
        straight = Placement(np.zeros(2), 0.0)
        captured, tile = (
            reference_of(render_capture(each, "gloss", rng, rig=rig, placement=straight, name=name))
            for each, name in ((panel, "panel"), (panel.flat_reference(), "flatref"))
        )
        answer = inspect_capture(captured.capture, captured.photos, tile)
        truth = true_ratio(panel, FRINGE_MM, rig.screen_dist_mm, rig.incidence_deg)
        if answer.metric("gloss_uniformity") is not None:
            self._maps(answer, panel, truth)
        if seed % 4 == 0:
            alone = inspect_capture(captured.capture, captured.photos).map("gloss")
            if alone is not None:
                self.unreferenced.append(agreement(alone.values, smoothed(truth, 2.0, GRID_MM), 2.0))
        for name, value in put_in(panel, truth, rig).items():
            self.tallies[name].add(answer, name, value)
        if seed % 4 < 2:
            lit, lit_tile = (
                reference_of(render_capture(each, "lamp", rng, rig=rig, name=name))
                for each, name in ((panel, "panel"), (panel.flat_reference(), "flatref"))
            )
            haze = inspect_capture(lit.capture, lit.photos, lit_tile)
            hazy = inside(panel.canvas.haze, panel)
            away = np.hypot(*np.meshgrid(*((np.arange(n) - (n - 1) / 2) * GRID_MM for n in hazy.shape[::-1])))
            share = float(hazy[(away > RING_MM[0]) & (away < RING_MM[1])].mean())
            true = haze_truth(rig, share, panel.haze_slope_mrad, mirror=float(panel.gloss.mean()))
            self.tallies["haze_cam"].add(haze, "haze_cam", true["haze_cam"])

    def _maps(self, answer: Appearance, panel: SimulatedPanel, truth: np.ndarray) -> None:
        fine = smoothed(truth, 2.0, GRID_MM)
        self.spreads.append(100 * float(fine.std() / fine.mean()))
        for name, values in (("gloss", truth), ("alpha_eff", inside(panel.canvas.micro_slope_mrad, panel))):
            seen = answer.map(name)
            for side in (2.0, 5.0):
                r = float("nan") if seen is None else agreement(seen.values, smoothed(values, side, GRID_MM), side)
                self.correlation[name, side].append(r)

    def add(self, other: Table) -> None:
        """Put the panels of another table into this one."""
        for name, tally in other.tallies.items():
            ours = self.tallies[name]
            ours.found += tally.found
            ours.uncertainty += tally.uncertainty
            ours.true += tally.true
            ours.refused += tally.refused
        for key, values in other.correlation.items():
            self.correlation[key] += values
        self.spreads += other.spreads
        self.unreferenced += other.unreferenced

    def show(self) -> None:
        """Print it."""
        uneven = np.array(self.spreads) >= UNEVEN_PERCENT
        print(f"  maps of {uneven.size} panels, {uneven.sum()} of them vary by {UNEVEN_PERCENT:g} % or more at 2 mm")
        for (name, side), found in self.correlation.items():
            r = np.array(found)
            print(
                f"  r({name} map, truth) at {side:g} mm: all, median {np.nanmedian(r):.3f}, worst {np.nanmin(r):.3f}; "
                f"uneven, median {np.nanmedian(r[uneven]):.3f}, worst {np.nanmin(r[uneven]):.3f}"
            )
        print(f"  r(gloss map, truth) at 2 mm without flat reference: median {np.median(self.unreferenced):.3f}")
        for name, tally in self.tallies.items():
            print(tally.line(name, relative=name not in ("gloss_uniformity", "haze_cam")))


def agreement(seen: np.ndarray, truth: np.ndarray, side_mm: float) -> float:
    """Correlation of a map, smoothed over 2 mm already, with the smoothed truth."""
    at = cv2.resize(seen.astype(np.float64), truth.shape[::-1], interpolation=cv2.INTER_LINEAR)
    ours = smoothed(at, side_mm, GRID_MM) if side_mm > 2 else at
    return float(np.corrcoef(ours.ravel(), truth.ravel())[0, 1])


def put_in(panel: SimulatedPanel, truth: np.ndarray, rig: SimulatedRig) -> dict[str, float]:
    """What the metrics should say."""
    fine = smoothed(truth, 2.0, GRID_MM)
    side = round(10.0 / GRID_MM)
    zones = cv2.blur(truth, (side, side))[side // 2 : -side // 2, side // 2 : -side // 2]
    mirrored = inside(panel.gloss * (1 - panel.canvas.haze), panel)
    rough = float(np.median(inside(panel.canvas.micro_slope_mrad, panel)))
    # The finest band is not resolved: as a pixel averages over it, it counts as roughness.
    finest = panel.slope_mrad["a"]
    turn = (2 * np.pi * 2e-3 * rig.screen_dist_mm / FRINGE_MM * finest) ** 2
    kept = float(np.exp(-0.5 * turn * (1 + np.cos(np.radians(rig.incidence_deg)) ** 2) / 2))
    gloss, body = np.log(fine), np.log(inside(panel.canvas.body, panel))
    blotches = mottle_figures(gloss, gloss, GRID_MM, GLOSS_CLASSES)
    return {
        "gloss_uniformity": 100 * (1 - float(fine.std() / fine.mean())),
        "gloss_worst_zone": 100 * float(zones.min() / np.median(fine)),
        "specular_ratio": float(mirrored.mean()),
        "alpha_micro": float(np.hypot(rough, finest)),
        "image_clarity": 100 * kept * float((truth / mirrored).mean()),
        "gloss_mottle_2_6": blotches["2_6"].percent,
        "gloss_mottle_6_13": blotches["6_13"].percent,
        "body_mottle_5_10": mottle_figures(body, body, GRID_MM, BODY_CLASSES)["5_10"].percent,
    }


def table_of(seeds: Iterable[int]) -> Table:
    """The table of some panels, on one thread."""
    cv2.setNumThreads(1)
    table = Table()
    for seed in seeds:
        table.measure(seed)
    return table


def main(seeds: int) -> None:
    """Half of the panels in each of two processes, one thread each."""
    halves = [range(FIRST_SEED + start, FIRST_SEED + seeds, 2) for start in (0, 1)]
    print(f"{seeds} panels of {SIZE_MM[0]:g} × {SIZE_MM[1]:g} mm, 0.09 mm a pixel, 3, 6 and 48 mm fringes")
    with ProcessPoolExecutor(2) as pool:
        table, other = pool.map(table_of, halves)
    table.add(other)
    table.show()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 40)
