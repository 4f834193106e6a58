"""Rounds on unseen simulated panels: registration, gains with their intervals, forecasts against naive ones.

`.venv/bin/python benchmarks/bench_panel_rounds.py [places|forecasts]`, two minutes each, one thread.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import combinations, pairwise

import cv2
import numpy as np

from inspections.appearance import Appearance, AppearanceMap, MetricValue
from inspections.capture.manifest import parse_capture
from inspections.inspect import inspect_capture
from inspections.photos.decode import decode_photo
from inspections.render import render_capture
from inspections.rounds.changes import BandChange, compare_rounds
from inspections.rounds.ledger import PolishingLedger, PolishingRound
from inspections.rounds.limits import MetricLimit
from inspections.rounds.process import MIN_PANELS, ProcessCurve
from inspections.rounds.registration import Registration, register
from inspections.rounds.rounds_left import rounds_left
from inspections.simulate import Body, SimulatedPanel, simulate_panel
from inspections.structure.bands import BANDS
from inspections.virtual_station.rig import SimulatedRig
from inspections.virtual_station.scene import Placement
from spectra.arrays import FloatArray

FIRST_SEED = 91000
BODIES: tuple[Body, ...] = ("black", "black", "grey", "silver", "white")
TYPICAL_MRAD: Mapping[str, float] = {"a": 0.08, "b": 0.30, "c": 0.60, "d": 0.90, "e": 0.45}
SIZE_MM = (70.0, 54.0)
SHIFT_MM, TURN_DEG = 0.8, 0.4
FOLLOWED: Mapping[str, tuple[str, ...]] = {"fringes": ("d", "lw"), "cross": ("d", "lw")}
REPEATABILITY = {"fringes": 0.01, "cross": 0.03}
STATIONS, EARLIER, NEW, ROUNDS = 12, 8, 25, 6


@dataclass(frozen=True)
class Placed:
    """One capture with its truth."""

    appearance: Appearance
    placement: Placement
    truth: Mapping[str, float]


def looked_at(panel: SimulatedPanel, shots: str, rng: np.random.Generator, rig: SimulatedRig) -> Placed:
    """The panel put down by a careless hand and photographed."""
    placement = Placement(SHIFT_MM * rng.standard_normal(2), float(np.radians(TURN_DEG) * rng.standard_normal()))
    files = render_capture(panel, shots, rng, rig=rig, placement=placement)
    capture = parse_capture(files["capture.json"])
    photos = {shot.file: decode_photo(files[shot.file], shot.file) for shot in capture.shots}
    bands = {name: band["slope_mrad"] for name, band in panel.truth()["bands"].items()}
    return Placed(inspect_capture(capture, photos), placement, bands)


def off_place(found: Registration, first: Placement, second: Placement) -> tuple[float, float]:
    """Error of shift [mm] and turn [°]."""
    cosine, sine = np.cos(second.turn_rad), np.sin(second.turn_rad)
    moved = np.array([[cosine, -sine], [sine, cosine]]) @ (second.shift_mm - first.shift_mm)
    turned = np.degrees(second.turn_rad - first.turn_rad)
    return float(np.hypot(*(np.array(found.shift_mm) - moved))), abs(found.turn_deg - float(turned))


def half_turn(appearance: Appearance) -> Appearance:
    """The panel put into the card the wrong way round."""
    maps = tuple(
        AppearanceMap(m.name, np.float32(-1) * m.values[::-1, ::-1], m.unit, m.mm_per_pixel) for m in appearance.maps
    )
    return replace(appearance, maps=maps)


def places(panels: int = 8) -> None:
    """Each panel as sprayed, put back untouched, and after two rounds: places and gains against the truth."""
    for shots, bands in FOLLOWED.items():
        shifts, turns, correlations = [], [], []
        inside: dict[str, list[bool]] = {band: [] for band in bands}
        off: dict[str, list[float]] = {band: [] for band in bands}
        halves: dict[str, list[float]] = {band: [] for band in bands}
        figures: dict[str, list[float]] = {band: [] for band in bands}
        false_blocks, firsts, refused = [], [], 0
        for seed in range(FIRST_SEED, FIRST_SEED + panels):
            rng = np.random.default_rng(seed)
            slopes = {b: typical * float(np.exp(0.35 * rng.standard_normal())) for b, typical in TYPICAL_MRAD.items()}
            body = BODIES[int(rng.integers(len(BODIES)))]
            panel = simulate_panel(
                rng, slopes, size_mm=SIZE_MM, body=body, micro_slope_mrad=float(rng.uniform(0.3, 1.5))
            )
            left = {b: float(share) for b, share in zip("abcd", rng.uniform(0.55, 0.98, 4), strict=True)}
            rig = SimulatedRig()
            looks = [looked_at(state, shots, rng, rig) for state in (panel, panel, panel.polished(left))]
            firsts.append(looks[0].appearance)
            refused += not isinstance(register(looks[0].appearance, half_turn(looks[1].appearance)), Registration)
            for before, after in pairwise(looks):
                found = register(before.appearance, after.appearance)
                if not isinstance(found, Registration):
                    print(f"  panel {seed}: {found.reason}")
                    continue
                shift, turn = off_place(found, before.placement, after.placement)
                shifts.append(shift)
                turns.append(turn)
                correlations.append(found.correlation)
                for band in bands:
                    change = compare_rounds(before.appearance, after.appearance, BANDS[band], REPEATABILITY[shots])
                    if not isinstance(change, BandChange):
                        continue
                    gain = float(np.log(before.truth[band] / after.truth[band]))
                    low, high = change.interval
                    inside[band].append(low <= gain <= high)
                    off[band].append(change.gain - gain)
                    halves[band].append((high - low) / 2)
                    name = f"S_{band}" if shots == "fringes" else f"S_{band}_screening"
                    one, two = before.appearance.metric(name), after.appearance.metric(name)
                    if one is not None and two is not None:
                        figures[band].append(float(np.log(one.value / two.value)) - gain)
                    if after is looks[1]:
                        false_blocks.append(int(change.certain.sum()))
        others = [register(one, two) for one, two in combinations(firsts, 2)]
        print(f"{shots}: {panels} panels, put back twice each, {SHIFT_MM} mm and {TURN_DEG}° (one standard deviation)")
        print(
            f"  shift off by median {np.median(shifts):.3f}, worst {np.max(shifts):.3f} mm; turn by "
            f"{np.median(turns):.3f}, {np.max(turns):.3f}°; least correlation {np.min(correlations):.3f}"
        )
        print(
            f"  turned by 180° refused {refused}/{panels}; another panel refused "
            f"{sum(not isinstance(one, Registration) for one in others)}/{len(others)}"
        )
        for band in bands:
            print(
                f"  gain of {band:2s}: off by rms {100 * rms(off[band]):.2f} % (from whole-panel figures "
                f"{100 * rms(figures[band]):.2f} %), half interval {100 * np.median(halves[band]):.2f} %, truth inside "
                f"{sum(inside[band])}/{len(inside[band])}"
            )
        print(f"  blocks that seem to change where nothing did: {np.mean(false_blocks):.2f} of 24 a panel and band")


def rms(values: list[float]) -> float:
    """Root mean square; NaN of nothing."""
    return float(np.sqrt(np.mean(np.square(values)))) if values else float("nan")


def ledger_of(values: FloatArray) -> PolishingLedger:
    """A panel with one figure a round, 0.6 % repeatability."""
    rounds = (
        PolishingRound(number, (MetricValue("S_lw", float(v), "mrad", None, "", "slope", 0.006 * float(v)),))
        for number, v in enumerate(values)
    )
    return PolishingLedger("P", tuple(rounds))


def process(rng: np.random.Generator, kind: str) -> Callable[[], FloatArray]:
    """A station's way of polishing: draws panels whose floor and rates scatter, 1 % of reading a round."""
    speed, fast = rng.uniform(0.45, 0.8), rng.uniform(0.35, 0.5)
    ends = rng.uniform(0.08, 0.45)
    rounds = np.arange(ROUNDS)

    def panel() -> FloatArray:
        start = rng.uniform(0.8, 2.2)
        share = np.clip(speed + 0.05 * rng.standard_normal(), 0.2, 0.95)
        scatter = np.exp(0.15 * rng.standard_normal())
        floor = (1.4 if kind == "floor of its own" else start) * ends * scatter
        if kind == "two bands":
            other = np.clip(fast + 0.05 * rng.standard_normal(), 0.2, 0.95)
            long = 0.8 * (floor + (start - floor) * share**rounds)
            values = np.hypot(long, 0.6 * (0.4 * floor + (start - 0.4 * floor) * other**rounds))
        else:
            values = floor + (start - floor) * share**rounds
        return np.asarray(values * np.exp(0.01 * rng.standard_normal(ROUNDS)), np.float64)

    return panel


def forecasts() -> None:
    """The value of round 5, forecast after rounds 2 to 4, and the rounds left, over many stations."""
    last = ROUNDS - 1
    for kind in ("floor as a share", "floor of its own", "two bands"):
        errors: dict[tuple[str, int], list[float]] = {}
        held: dict[tuple[str, int], list[bool]] = {}
        for station in range(STATIONS):
            rng = np.random.default_rng(FIRST_SEED + station)
            panel = process(rng, kind)
            learned = ProcessCurve.learn([ledger_of(panel()) for _ in range(EARLIER)], "S_lw")
            assert learned.panels >= MIN_PANELS
            own = ProcessCurve.generic("S_lw")
            for _ in range(NEW):
                values = panel()
                for known in (2, 3, 4):
                    so_far = ledger_of(values[: known + 1])
                    line = np.polyfit(np.arange(known + 1), np.log(values[: known + 1]), 1)
                    told = {"last value": values[known], "log-linear": float(np.exp(np.polyval(line, last)))}
                    for name, curve in (("own rounds", own), ("process", learned)):
                        expected, low, high = curve.forecast(so_far, [last])
                        told[name] = float(expected[0])
                        held.setdefault((name, known), []).append(bool(low[0] <= values[last] <= high[0]))
                    for name, value in told.items():
                        errors.setdefault((name, known), []).append(abs(value / values[last] - 1))
                    limit = MetricLimit("S_lw", float(np.sqrt(values[last - 1] * values[last])), "mrad")
                    left = rounds_left(so_far, limit, learned)
                    if left.basis == "process" and left.low is not None:
                        most = np.inf if left.high is None else left.high
                        held.setdefault(("rounds left", known), []).append(left.low <= last - known <= most)
        print(f"{kind}: {STATIONS} stations, {EARLIER} earlier panels each, {NEW} new ones; round {last} forecast")
        for known in (2, 3, 4):
            words = []
            for name in ("last value", "log-linear", "own rounds", "process"):
                middle, most = (100 * np.quantile(errors[name, known], share) for share in (0.5, 0.9))
                words.append(f"{name} {middle:.0f} % (p90 {most:.0f})")
            shares = [
                f"{name} {100 * np.mean(held[name, known]):.0f} %" for name in ("own rounds", "process", "rounds left")
            ]
            print(f"  after round {known}: {', '.join(words)}; inside 90 %: {', '.join(shares)}")


if __name__ == "__main__":
    cv2.setNumThreads(1)
    asked = sys.argv[1:] or ["places", "forecasts"]
    if "places" in asked:
        places()
    if "forecasts" in asked:
        forecasts()
