"""Line-scan waviness as metrics: slope along mirrored edges in two bands, a screening."""

from __future__ import annotations

import math
from collections.abc import Callable

from inspections.appearance import MetricValue, Refusal
from inspections.evidence import Evidence
from inspections.structure.bands import Band

REPEATABILITY = 0.05
"""Relative scatter when the panel is put back and photographed again (benchmarks/bench_panel_single.py)."""
WOULD_HELP = "a straight edge of light, or stripes, mirrored in the panel on the marker card, with capture.json"


def edge_band_definition(band: Band) -> str:
    """The line-scan figure in words."""
    return (
        "line scan: rms slope across mirrored straight edges of light, along them, one-dimensional Gaussian band "
        f"{band.shortest_mm:g}–{band.longest_mm:g} mm (ISO 16610-21), cubic removed; the edge moves over the panel "
        "with the slope it shows, so it reads lower than S; not comparable with it"
    )


def edge_band_metric(band: Band) -> Callable[[Evidence], MetricValue | Refusal]:
    """Measures edge_b of one band."""

    def measure(evidence: Evidence) -> MetricValue | Refusal:
        name, scan = f"edge_{band.name}", evidence.edges
        if scan is None:
            return Refusal(name, "no straight edge of light with card and geometry in this capture", WOULD_HELP)
        figure = scan.band(band)
        flags = ["line scan, screening"]
        if figure.directions == 1:
            flags.append("one direction only")
        relative = math.hypot(scan.rig_uncertainty, figure.sampling)
        return MetricValue(
            name=name,
            value=figure.slope_mrad,
            unit="mrad",
            uncertainty=relative * figure.slope_mrad,
            uncertainty_note=(
                f"{scan.rig_source} {100 * scan.rig_uncertainty:.1f} %, {scan.length_mm:.0f} mm of "
                f"{len(scan.lines)} edges {100 * figure.sampling:.0f} %"
            ),
            definition=edge_band_definition(band),
            repeatability=REPEATABILITY * figure.slope_mrad,
            band_mm=(band.shortest_mm, band.longest_mm),
            flags=tuple(flags),
            file=scan.files[0] if len(scan.files) == 1 else "",
        )

    return measure
