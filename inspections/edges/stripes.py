"""One photo of reflected stripes without scale: are there stripes at all, and how far do their edges wander."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from inspections.edges.stripe_areas import StripedArea, reduced, striped_areas
from inspections.edges.stripe_edges import MIN_EDGE_PERIODS, edge_spacings, trace_edges
from inspections.edges.stripe_profile import SINE_HARMONIC, stripe_level, third_harmonic
from inspections.photos.photo import FloatImage, PanelPhoto, is_clipped

LONGEST_SIDE = 2048
"""Larger photos are reduced to this before edges are measured; all figures are relative to the period. [pixel]"""
MEASURED_PERIOD_PX = 48.0
"""Stripes with a longer period are reduced to this before their edges are followed. [pixel]"""
MIN_EDGES = 6
MIN_EDGE_LENGTH = 25.0
"""Least total length of edge in a region. [periods]"""
MIN_COVERAGE = 0.3
"""Least share of the edge length that stripes filling the region would have."""
MAX_IRREGULARITY = 0.15
"""Largest robust relative scatter of the distance between edges: a lamp's stripes are regular, a room is not."""


@dataclass(frozen=True, slots=True, eq=False)
class StripeRegion:
    """One connected area of stripes of like direction and period.

    Attributes
    ----------
    period_px : float
        In pixels of the photo as given. [pixel]
    direction_deg : float
        Normal of the stripes, from image x towards image y. [°]
    n_edges : int
    edge_px : int
        Rows of edge that were measured, all edges together. [pixel]
    residual_px : float
        Rms distance of an edge from its own smooth course, median over the edges: a scratch or a stripe's end that
        spoils one edge does not decide. [pixel]
    clipped_share : float
        Share of the area with a channel at full scale. [0-1]
    white : float
        Light that a tenth of the area exceeds. [linear, 1 = full scale]
    third_harmonic : float or None
        Of the light across the stripes, over the first: 0 for a sine, 1/3 for sharp stripes; None where the stripes
        are too fine to tell.
    """

    period_px: float
    direction_deg: float
    n_edges: int
    edge_px: int
    residual_px: float
    clipped_share: float
    white: float
    third_harmonic: float | None

    @property
    def wander_percent(self) -> float:
        """Rms wander of the edges relative to the stripe period. [%]"""
        return 100.0 * self.residual_px / self.period_px


@dataclass(frozen=True, slots=True, eq=False)
class StripeSearch:
    """What the search for stripes gave: the regions measured, and why there are none where there are none."""

    regions: tuple[StripeRegion, ...]
    reason: str

    @property
    def wander_percent(self) -> float:
        """Rms over the regions, weighted by the length of edge they hold. [%]"""
        weight = np.array([region.edge_px for region in self.regions], dtype=np.float64)
        squared = np.array([region.wander_percent**2 for region in self.regions])
        return float(np.sqrt((weight * squared).sum() / weight.sum()))

    @property
    def clipped_share(self) -> float:
        """Largest clipped share of a region. [0-1]"""
        return max(region.clipped_share for region in self.regions)

    @property
    def white(self) -> float:
        """Light of the white stripes of the largest region. [linear, 1 = full scale]"""
        return max(self.regions, key=lambda region: region.edge_px).white

    @property
    def sinusoidal(self) -> bool:
        """Whether most of the edge that tells lies in light that varies like a sine."""
        told = [(region.edge_px, region.third_harmonic) for region in self.regions if region.third_harmonic is not None]
        sine = sum(length for length, harmonic in told if harmonic < SINE_HARMONIC)
        return 2 * sine > sum(length for length, _ in told)


def measure_stripes(photo: PanelPhoto) -> StripeSearch:
    """Find reflected stripes in a photo and measure how their edges wander.

    Tiles of several sizes are asked for one dominant direction with its harmonics; connected tiles that agree form
    a region, which is turned so that its stripes stand upright. In each row the crossings of the local mid level
    are found to a fraction of a pixel and followed from row to row; an edge's wander is its rms distance from its
    own parabola. A region counts only when it holds enough edges at regular distances.

    Parameters
    ----------
    photo : PanelPhoto

    Returns
    -------
    StripeSearch
        Without regions when the photo shows no stripes; `reason` then says what was missing.
    """
    photo = photo.decoded()
    full, _ = reduced(is_clipped(photo.encoded).astype(np.float32), LONGEST_SIDE)
    grey, reduction = reduced(photo.linear_grey(), LONGEST_SIDE)
    areas = striped_areas(grey)
    if not areas:
        return StripeSearch((), "no area with one dominant direction of regular light and dark")
    regions, reasons = [], []
    for area in areas:
        measured = _measured(grey, full, area)
        if isinstance(measured, str):
            reasons.append(measured)
        else:
            # Back to pixels of the photo as it was before it was reduced.
            enlarged = replace(
                measured, period_px=measured.period_px * reduction, residual_px=measured.residual_px * reduction
            )
            regions.append(enlarged)
    if not regions:
        return StripeSearch((), f"{len(reasons)} areas look striped, none is: {reasons[0]}")
    return StripeSearch(tuple(regions), "")


def _measured(grey: FloatImage, full: FloatImage, area: StripedArea) -> StripeRegion | str:
    """The region measured, or why it is no stripe pattern."""
    period = 1.0 / float(np.linalg.norm(area.frequency))
    upright, inside, clipped = _turned_upright(grey, full, area)
    reduction = max(1.0, period / MEASURED_PERIOD_PX)
    if reduction > 1:
        (upright, inside, clipped), period = _coarser(upright, inside, clipped, reduction), period / reduction
    level, usable = stripe_level(upright, inside, period)
    edges = trace_edges(level, usable, period)
    spacing = edge_spacings(edges, period)
    if spacing.size and not 0.8 < np.median(spacing) / period < 1.25:
        # A tile smaller than two stripes sees its own size as the period: ask the edges, once.
        period = float(np.median(spacing))
        level, usable = stripe_level(upright, inside, period)
        edges = trace_edges(level, usable, period)
        spacing = edge_spacings(edges, period)
    if len(edges) < MIN_EDGES:
        return f"{len(edges)} edges of at least {MIN_EDGE_PERIODS:g} periods; {MIN_EDGES} are needed"
    rows = np.array([edge.rows.size for edge in edges])
    coverage = rows.sum() * period / 2 / float(usable.sum())
    if rows.sum() < MIN_EDGE_LENGTH * period or coverage < MIN_COVERAGE:
        return f"edges fill {100 * coverage:.0f} % of what stripes would, over {rows.sum() / period:.0f} periods"
    single = spacing[np.abs(spacing / period - 1) < 0.4]
    if single.size < MIN_EDGES - 2:
        return "its edges do not lie side by side"
    measured_period = float(np.median(single))
    # An edge that could not be followed leaves a distance of two or three periods: that is still regular.
    fraction = spacing / measured_period - np.round(spacing / measured_period)
    irregularity = 1.4826 * float(np.median(np.abs(fraction)))
    if irregularity > MAX_IRREGULARITY:
        return f"its light and dark are not regular (distances scatter by {100 * irregularity:.0f} %)"
    wander = np.array([edge.wander() for edge in edges])
    return StripeRegion(
        period_px=measured_period * reduction,
        direction_deg=float(np.degrees(np.arctan2(area.frequency[1], area.frequency[0]))),
        n_edges=len(edges),
        edge_px=round(rows.sum() * reduction),
        residual_px=float(np.median(wander)) * reduction,
        clipped_share=float(clipped[usable].mean()),
        white=float(np.percentile(upright[usable], 90)),
        third_harmonic=third_harmonic(level, usable, measured_period),
    )


def _coarser(
    upright: FloatImage, inside: NDArray[np.bool_], clipped: FloatImage, reduction: float
) -> tuple[FloatImage, NDArray[np.bool_], FloatImage]:
    """The crop with fewer pixels: stripes of hundreds of pixels need no more to give their edges."""
    size = (round(upright.shape[1] / reduction), round(upright.shape[0] / reduction))
    fine, share, mask = (
        np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA))
        for part in (upright, clipped, inside.astype(np.float32))
    )
    return fine.astype(np.float32), mask > 0.5, share.astype(np.float32)


def _turned_upright(
    grey: FloatImage, full: FloatImage, area: StripedArea
) -> tuple[FloatImage, NDArray[np.bool_], FloatImage]:
    """Crop of the area, turned so that the stripes' normal points along rows; area and clipping likewise."""
    rows, columns = (np.flatnonzero(area.inside.any(axis=axis)) for axis in (1, 0))
    centre = np.array([(columns[0] + columns[-1]) / 2, (rows[0] + rows[-1]) / 2])
    unit = area.frequency / np.linalg.norm(area.frequency)
    turn = np.array([[unit[0], unit[1]], [-unit[1], unit[0]]])
    corners = np.array([[x, y] for x in (columns[0], columns[-1]) for y in (rows[0], rows[-1])]) - centre
    half = np.abs(corners @ turn.T).max(axis=0) + 1
    size = (int(2 * half[0]) + 1, int(2 * half[1]) + 1)
    matrix = np.column_stack([turn, half - turn @ centre])
    upright = cv2.warpAffine(grey, matrix, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    inside = cv2.warpAffine(area.inside.astype(np.uint8), matrix, size, flags=cv2.INTER_NEAREST)
    clipped = cv2.warpAffine(full, matrix, size, flags=cv2.INTER_LINEAR)
    return np.asarray(upright), np.asarray(inside) > 0, np.asarray(clipped)
