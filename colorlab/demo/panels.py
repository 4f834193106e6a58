"""The launch colour's simulated panel, photographed as sprayed and after each of five polishing rounds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from colorlab.demo.suppliers import stream
from inspections.render import render_capture
from inspections.rounds.limits import AppearanceLimits, MetricLimit
from inspections.simulate import SimulatedPanel, simulate_panel
from inspections.virtual_station.canvas import SimulatedMark
from inspections.virtual_station.marks import Nib
from inspections.virtual_station.rig import SimulatedRig
from inspections.virtual_station.scratches import Scratch

PANEL = "AME-P01"
COLOUR = "AME"
ROUNDS = 5
# Of about 50 hours from spraying to the last inspection, most is hand work: the public figure for Amethyst. [min]
MINUTES_PER_ROUND = 540.0

# Orange peel as sprayed, and the share of it each round leaves: fine structure goes first, long waves hardly. [mrad]
_AS_SPRAYED = {"a": 0.19, "b": 0.44, "c": 0.88, "d": 1.10, "e": 0.35}
_LEFT_BY_A_ROUND = {"a": 0.45, "b": 0.48, "c": 0.56, "d": 0.70, "e": 0.96}
_SIZE_MM = (80.0, 60.0)
_MICRO_SLOPE_MRAD = (1.6, 1.3, 1.1, 0.9, 0.8, 0.7)

# Invented for the demonstration: no standard states a slope below which nobody sees orange peel.
LIMITS = AppearanceLimits(
    "demonstration limits for high-gloss effect colours",
    (
        MetricLimit("S_c", 0.10, "mrad"),
        MetricLimit("S_lw", 0.25, "mrad"),
        MetricLimit("gloss_uniformity", 92.0, "%", "minimum"),
        MetricLimit("n_nibs", 0.0, "1"),
    ),
    max_rounds=7,
)


# Dirt under the clear coat as sprayed, sanded flat in the first round but for one; the second round's pad left a
# scratch that the third took away.
_NIBS = (Nib(-22.0, 12.0, 3.2, 0.9), Nib(18.0, -9.0, 2.4, 0.8), Nib(27.0, 17.0, 2.8, 0.8))
_PAD_SCRATCH = Scratch(5.0, -11.0, 26.0, 24.0, width_mm=0.09, depth_um=0.4)
_MARKS: Mapping[int, tuple[SimulatedMark, ...]] = {0: _NIBS, 1: _NIBS[:1], 2: (_PAD_SCRATCH,)}


def rounds(seed: int) -> Iterator[SimulatedPanel]:
    """The panel as sprayed, then after each round."""
    panel = simulate_panel(
        stream(seed, PANEL, "surface"), _AS_SPRAYED, size_mm=_SIZE_MM, body="grey", gloss_spread=0.03
    )
    for number, micro_slope in enumerate(_MICRO_SLOPE_MRAD):
        left = {band: share**number for band, share in _LEFT_BY_A_ROUND.items()}
        yield panel.polished(left, micro_slope).with_marks(*_MARKS.get(number, ()))


def capture_files(seed: int, number: int, rig: SimulatedRig | None = None) -> Mapping[str, bytes]:
    """The capture folder of a round: fringe photos in two directions and the manifest."""
    panel = list(rounds(seed))[number]
    return render_capture(
        panel,
        "fringes",
        stream(seed, PANEL, "round", number),
        rig=rig,
        panel=PANEL,
        colour=COLOUR,
        round=number,
        station="simulated station",
    )


def flat_reference_files(seed: int, rig: SimulatedRig | None = None) -> Mapping[str, bytes]:
    """The capture of the black-glass tile in the same rig."""
    tile = next(rounds(seed)).flat_reference()
    return render_capture(tile, "fringes", stream(seed, PANEL, "tile"), rig=rig, name="flatref")
