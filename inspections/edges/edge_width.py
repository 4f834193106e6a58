"""Width of mirrored edges as a metric, and when it is peel that makes it."""

from __future__ import annotations

import math

import numpy as np

from inspections.appearance import MetricValue, Refusal
from inspections.edges.edge_bands import WOULD_HELP
from inspections.edges.piece_widths import PIECE_MM, QUARTILES_PER_SIGMA
from inspections.evidence import Evidence

MOST_SPREAD = 0.6
"""Quartile distance of the pieces over their median above which the width is peel's, which focuses light here and
spreads it there: 0.8 in a capture of an independent simulation with S_lw of 1.5 mrad."""
MIN_PIECES = 12
SHAPE_UNCERTAINTY = 0.1
"""Relative: a pupil's disc is no Gaussian, so widths add in quadrature only about; 1 mrad of roughness read 0.81 and
0.65 mrad on two simulated panels beside a reference of 1.2 mrad."""
EDGE_WIDTH_DEFINITION = (
    "Gaussian-equivalent sigma of mirrored straight edges (quartiles of the light, over 1.349) in pieces of "
    f"{PIECE_MM:g} mm aligned to the edge, over the movement of the light per slope: median over the pieces, that of a "
    "flat reference taken off in quadrature where there is one"
)


def edge_width(evidence: Evidence) -> MetricValue | Refusal:
    """Width of mirrored edges in mrad, refused where peel makes it."""
    name, scan = "edge_width", evidence.edges
    if scan is None:
        return Refusal(name, "no straight edge of light with card and geometry in this capture", WOULD_HELP)
    pieces = scan.widths_mrad
    if pieces.size < MIN_PIECES:
        return Refusal(name, f"{pieces.size} pieces of edge; {MIN_PIECES} are needed", "longer edges, or more of them")
    low, value, high = (float(part) for part in np.percentile(pieces, (25, 50, 75)))
    if high - low > MOST_SPREAD * value:
        return Refusal(
            name,
            f"peel makes the width: pieces of the edge spread by {100 * (high - low) / value:.0f} % of their median",
            "phase-stepped fringes in two periods with a flat reference, for image clarity and micro-slope",
        )
    reference = scan.reference_width_mrad
    # Standard error of a median, from the quartiles.
    error = 1.2533 * (high - low) / QUARTILES_PER_SIGMA / math.sqrt(pieces.size)
    own = value
    flags = []
    if reference is None:
        flags.append("pupil and lens included: no flat reference with the same light")
    else:
        own = math.sqrt(max(value**2 - reference**2, 0.0))
        error = math.hypot(error * value, SHAPE_UNCERTAINTY * reference**2) / max(own, 1e-9)
        if error > own:
            return Refusal(
                name,
                f"{value:.2g} mrad wide, in the flat reference {reference:.2g} mrad: too little is the panel's own",
                "a smaller pupil or a closer light",
            )
    return MetricValue(
        name=name,
        value=own,
        unit="mrad",
        uncertainty=math.hypot(error, scan.rig_uncertainty * own),
        uncertainty_note=(
            f"{scan.rig_source} {100 * scan.rig_uncertainty:.1f} %, {pieces.size} pieces of edge {error:.2g} mrad"
        ),
        definition=EDGE_WIDTH_DEFINITION,
        flags=tuple(flags),
        file=scan.files[0] if len(scan.files) == 1 else "",
    )
