"""The registry of appearance metrics: one row each. A new metric is one function and one row here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from inspections import gloss, orange_peel
from inspections.bands import BANDS
from inspections.edge_wander import edge_wander
from inspections.orange_peel import Measure

_RADIAL = "panel-imaging figures of this project, docs/methods.md; band limits as used by line-scan instruments"
_EDGE = "50 % edge tracing as in ISO 12233 slanted-edge practice; wander as relative waviness, docs/methods.md"
_AMPLITUDE = "fringe amplitude as image clarity, docs/methods.md"


@dataclass(frozen=True, slots=True)
class Metric:
    """One appearance metric.

    Attributes
    ----------
    name, unit, definition, source : str
    measure : callable
        Evidence to MetricValue, or Refusal with the reason.
    """

    name: str
    unit: str
    definition: str
    source: str
    measure: Measure


METRICS: Mapping[str, Metric] = {
    metric.name: metric
    for metric in (
        *(
            Metric(f"S_{name}", "mrad", orange_peel.slope_definition(band), _RADIAL, orange_peel.slope_metric(band))
            for name, band in BANDS.items()
        ),
        *(
            Metric(f"H_{name}", "µm", orange_peel.height_definition(band), _RADIAL, orange_peel.height_metric(band))
            for name, band in BANDS.items()
        ),
        *(
            Metric(
                f"S_{name}_screening",
                "mrad",
                orange_peel.screening_definition(BANDS[name]),
                _RADIAL,
                orange_peel.screening_metric(BANDS[name]),
            )
            for name in ("d", "lw")
        ),
        Metric("edge_wander", "%", "rms wander of stripe edges over the stripe period", _EDGE, edge_wander),
        Metric(
            "gloss_uniformity",
            "%",
            "100 (1 − std/mean) of fringe amplitude over flat reference",
            _AMPLITUDE,
            gloss.gloss_uniformity,
        ),
        Metric(
            "fringe_amplitude_ratio",
            "1",
            "mean fringe amplitude over flat reference",
            _AMPLITUDE,
            gloss.mean_amplitude_ratio,
        ),
    )
}
