"""The registry of appearance metrics: one row each. A new metric is one function and one row here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from inspections.edges import edge_bands, edge_width, peel_index
from inspections.edges.edge_wander import edge_wander
from inspections.gloss import haze, image_clarity, mottle, specular, uniformity
from inspections.marks import glint_measures, measures
from inspections.structure import orange_peel
from inspections.structure import surface_parameters as parameters
from inspections.structure.areal import TOTAL
from inspections.structure.bands import BANDS
from inspections.structure.orange_peel import Measure

_METHOD = "docs/methods/panels.md#panel-appearance"
_GLOSS = "docs/methods/gloss.md#gloss-image-clarity-mottle-haze"
_SLOPE = (
    f"{_METHOD}; slope from reflected fringes: M. C. Knauer, J. Kaminski, G. Häusler, Proc. SPIE 5457 (2004) 366-376"
)
_HEIGHT = (
    f"{_METHOD}; slopes to height: R. T. Frankot, R. Chellappa, IEEE Trans. Pattern Anal. Mach. Intell. 10 (1988) 439, "
    "doi:10.1109/34.3909"
)
_AREAL = f"{_METHOD}; areal Gaussian filter: ISO 16610-61:2015"
_TEXTURE = f"{_METHOD}; areal parameters: ISO 25178-2:2021"
_SINGLE_PHOTO = (
    f"{_METHOD}; fringes of one photo: M. Takeda, H. Ina, S. Kobayashi, J. Opt. Soc. Am. 72 (1982) 156, "
    "doi:10.1364/JOSA.72.000156"
)
_MARKS = (
    "docs/methods/marks.md#marks; chance level: E. J. Gumbel, Statistics of Extremes, Columbia University Press, 1958, "
    "chapter 5"
)

_GLINTS = "docs/methods/marks.md#scratches-under-a-moved-lamp"


@dataclass(frozen=True, slots=True)
class Metric:
    """One appearance metric.

    Attributes
    ----------
    name, unit, definition, source : str
        `source` names a section of docs/methods, and the paper or standard where there is one.
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
            Metric(f"S_{name}", "mrad", orange_peel.slope_definition(band), _SLOPE, orange_peel.slope_metric(band))
            for name, band in BANDS.items()
        ),
        *(
            Metric(f"H_{name}", "µm", orange_peel.height_definition(band), _HEIGHT, orange_peel.height_metric(band))
            for name, band in BANDS.items()
        ),
        *(
            Metric(
                f"Sa_{name}", "µm", parameters.mean_height_definition(band), _AREAL, parameters.mean_height_metric(band)
            )
            for name, band in BANDS.items()
        ),
        *(
            Metric(f"K_{name}", "1/m", parameters.curvature_definition(band), _AREAL, parameters.curvature_metric(band))
            for name, band in BANDS.items()
        ),
        Metric("K", "1/m", parameters.curvature_definition(TOTAL), _AREAL, parameters.TOTAL_CURVATURE),
        *(
            Metric(
                f"aniso_{name}",
                "1",
                parameters.anisotropy_definition(BANDS[name]),
                _SLOPE,
                parameters.anisotropy_metric(BANDS[name]),
            )
            for name in parameters.ANISOTROPY_BANDS
        ),
        *(
            Metric(name, unit, definition.format(parameters.RESOLVED), _TEXTURE, measure)
            for name, unit, definition, measure in (
                ("Sdq", "mrad", parameters.GRADIENT_DEFINITION, parameters.gradient),
                ("Sal", "mm", parameters.LENGTH_DEFINITION, parameters.autocorrelation_length),
                ("Str", "1", parameters.RATIO_DEFINITION, parameters.aspect_ratio),
                ("Std", "°", parameters.DIRECTION_DEFINITION, parameters.direction),
            )
        ),
        *(
            Metric(
                f"S_{name}_screening",
                "mrad",
                orange_peel.screening_definition(BANDS[name]),
                _SINGLE_PHOTO,
                orange_peel.screening_metric(BANDS[name]),
            )
            for name in ("d", "lw")
        ),
        *(
            Metric(
                f"edge_{name}",
                "mrad",
                edge_bands.edge_band_definition(BANDS[name]),
                f"{_METHOD}; profile filter: ISO 16610-21:2011",
                edge_bands.edge_band_metric(BANDS[name]),
            )
            for name in ("lw", "sw")
        ),
        Metric("edge_width", "mrad", edge_width.EDGE_WIDTH_DEFINITION, _METHOD, edge_width.edge_width),
        Metric("peel_index_plain", "1", peel_index.PEEL_INDEX_DEFINITION, _METHOD, peel_index.peel_index_plain),
        Metric("edge_wander", "%", "rms wander of stripe edges over the stripe period", _METHOD, edge_wander),
        Metric(
            "gloss_uniformity",
            "%",
            "100 (1 − std/mean) of fringe amplitude over flat reference",
            _GLOSS,
            uniformity.gloss_uniformity,
        ),
        Metric("gloss_worst_zone", "%", uniformity.ZONE_DEFINITION, _GLOSS, uniformity.gloss_worst_zone),
        Metric(
            "fringe_amplitude_ratio",
            "1",
            "mean fringe amplitude over flat reference",
            _GLOSS,
            uniformity.mean_amplitude_ratio,
        ),
        Metric("specular_ratio", "1", "mean mirrored light over flat reference", _GLOSS, specular.specular_ratio),
        Metric("gloss_gu", "GU", specular.GU_DEFINITION, f"{_GLOSS}; ISO 2813:2014", specular.gloss_gu),
        Metric("alpha_eff", "mrad", image_clarity.ALPHA_DEFINITION, _GLOSS, image_clarity.alpha_eff),
        Metric("alpha_micro", "mrad", image_clarity.MICRO_DEFINITION, _GLOSS, image_clarity.alpha_micro),
        Metric("image_clarity", "%", image_clarity.clarity_definition(), _GLOSS, image_clarity.image_clarity),
        Metric(
            "image_clarity_finest",
            "%",
            image_clarity.clarity_definition(),
            _GLOSS,
            image_clarity.image_clarity_finest,
        ),
        Metric("haze_cam", "%", haze.HAZE_DEFINITION, f"{_GLOSS}; angles: ASTM E430 B", haze.haze_cam),
        Metric("haze_log", "1", haze.LOG_DEFINITION, _GLOSS, haze.haze_log),
        *(
            Metric(f"gloss_mottle_{name}", "%", mottle.gloss_definition(size), _GLOSS, mottle.gloss_mottle_metric(size))
            for name, size in mottle.GLOSS_CLASSES.items()
        ),
        *(
            Metric(f"body_mottle_{name}", "%", mottle.body_definition(size), _GLOSS, mottle.body_mottle_metric(size))
            for name, size in mottle.BODY_CLASSES.items()
        ),
        *(
            Metric(name, measures.UNITS[name], definition, _MARKS, measures.mark_metric(name))
            for name, definition in measures.DEFINITIONS.items()
        ),
        *(
            Metric(name, glint_measures.UNITS[name], definition, _GLINTS, glint_measures.glint_metric(name))
            for name, definition in glint_measures.DEFINITIONS.items()
        ),
    )
}
