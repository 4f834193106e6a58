"""What one capture yielded before it is put into metrics: bands, amplitude, stripes, and how well they are known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from inspections.appearance import Finding, Tier
from inspections.edges.line_scan import EdgeScan
from inspections.edges.plain_calibration import PlainCalibration
from inspections.edges.stripes import StripeSearch
from inspections.fields import PanelFields
from inspections.gloss.lamp import NO_LAMP, HaloPair, NoHalo
from inspections.gloss.modulation import Modulation
from inspections.gloss.tile import ReferenceTile
from inspections.marks.glints import NO_GLINTS, GlintSearch, NoGlints
from inspections.marks.mark import Mark
from inspections.marks.swirls import FineLines
from inspections.structure.bands import BandFigure
from inspections.structure.surface import SurfaceFigures


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """The input of every metric.

    Attributes
    ----------
    tier : {"T1", "T2", "T3", "T4"}
    fields : PanelFields or None
        What the fringes gave on the panel grid; None without pattern, scale or geometry.
    bands : mapping of str to BandFigure
        Empty without pattern, scale or geometry.
    surface : SurfaceFigures or None
        Gaussian bands, texture and spectrum; None without phase-stepped fringes.
    gloss : Modulation or None
        Fringe amplitude over that of the flat reference; None without phase-stepped fringes.
    tile : ReferenceTile or None
        What the manifest of the flat reference says about its glass.
    incidence_deg : float or None
        Of the capture. [°]
    halo : HaloPair or NoHalo
        The halo of a lamp in panel and tile, or why there is none.
    stripes : mapping of str to StripeSearch
        File to what the search for stripes in it gave.
    edges : EdgeScan or None
        Line scans of edges and stripes; None without card or geometry.
    plain : EdgeScan or None
        Line scans of the edges of a soft box or a lamp tube.
    calibration : PlainCalibration or None
        The station's own, for plain photos.
    marks : tuple of Mark, or None
        Of the fringes; None where nobody could look for them.
    glints : GlintSearch or NoGlints
        What glints under a moved lamp, or why nobody could look.
    fine_lines : FineLines or None
        Scratches too faint to be marks of their own, over the whole panel; None with `marks`.
    missing : str
        Why there are no bands, in words; empty when there are.
    would_help : str
        What would give them.
    """

    tier: Tier
    fields: PanelFields | None = None
    bands: Mapping[str, BandFigure] = field(default_factory=dict)
    surface: SurfaceFigures | None = None
    gloss: Modulation | None = None
    tile: ReferenceTile | None = None
    incidence_deg: float | None = None
    halo: HaloPair | NoHalo = NO_LAMP
    stripes: Mapping[str, StripeSearch] = field(default_factory=dict)
    edges: EdgeScan | None = None
    plain: EdgeScan | None = None
    calibration: PlainCalibration | None = None
    marks: tuple[Mark, ...] | None = None
    fine_lines: FineLines | None = None
    glints: GlintSearch | NoGlints = NO_GLINTS
    missing: str = ""
    would_help: str = ""


def nothing_measured(tier: Tier, finding: Finding | None) -> Evidence:
    """Evidence of a capture whose gate failed before anything could be measured; `finding` is the failed check."""
    assert finding is not None
    nobody = NoHalo(finding.what, finding.remedy)
    glints = NoGlints(finding.what, finding.remedy)
    return Evidence(tier=tier, missing=finding.what, would_help=finding.remedy, halo=nobody, glints=glints)
