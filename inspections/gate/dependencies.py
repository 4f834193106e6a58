"""What each group of metrics needs of a capture: a failed check blocks groups, and a group knows its metrics by name.

One place says what depends on what. A check names the groups that its failure spoils; `metrics_of` turns them into
the names of the registry when the answer is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Literal

Group = Literal["bands", "fine bands", "mirror", "light", "body", "marks", "edges", "glints"]
Blocks = tuple[str, ...]
"""Groups, or names of metrics with wildcards."""

GROUPS: Mapping[Group, tuple[str, ...]] = {
    "bands": ("S_*", "H_*", "Sa_*", "K_*", "K", "Sdq*", "Sal*", "Str*", "Std*", "aniso*", "spectrum*", "dominant_*"),
    "fine bands": ("*_a", "*_b", "*_sw", "*_c", "*_a_*", "*_b_*", "*_sw_*", "*_c_*"),
    "mirror": ("gloss_uniformity", "gloss_worst_zone", "gloss_mottle_*", "alpha_*", "image_clarity*"),
    "light": ("fringe_amplitude_ratio", "specular_ratio", "gloss_gu", "haze*"),
    "body": ("body_mottle_*",),
    "marks": (
        "n_*", "mark_*", "nib*", "crater*", "scratch*", "swirl*", "hologram*", "run_*", "burn*", "spot*",
    ),
    "edges": ("edge_*", "peel_index_plain"),
    "glints": ("glint_*",),
}  # fmt: skip
"""Group to the names of its metrics, with wildcards; a metric may be in several.

bands: slopes and heights, from the phase of fringes. fine bands: those of waves below 3 mm, which blur, noise and
compression take first. mirror: how sharply fringes are mirrored, which a matte surface does not do. light: how much
light is mirrored, over a reference. body: light from under the clear coat. marks: what stands out in slopes or
amplitude. edges: edges of stripes and lamps. glints: what shines under a moved lamp.
"""

BAND_METRICS: Blocks = ("bands",)
FINE_METRICS: Blocks = ("fine bands",)
MIRROR_METRICS: Blocks = ("mirror",)
BODY_METRICS: Blocks = ("body",)
LIGHT_METRICS: Blocks = ("light", *BODY_METRICS)
GLOSS_METRICS: Blocks = (*MIRROR_METRICS, *LIGHT_METRICS)
MARK_METRICS: Blocks = ("marks",)
EDGE_METRICS: Blocks = ("edges",)


def groups_of(metric: str) -> tuple[Group, ...]:
    """The groups a metric is in; every group where no row names it: what nobody decided depends on everything."""
    named: list[Group] = [
        group for group, patterns in GROUPS.items() if any(fnmatchcase(metric, pattern) for pattern in patterns)
    ]
    return tuple(named) or tuple(GROUPS)


def metrics_of(blocks: Iterable[str], metrics: Iterable[str]) -> tuple[str, ...]:
    """The metrics that groups, or names with wildcards, stand for; in the order of `metrics`."""
    wanted = tuple(blocks)
    return tuple(
        name
        for name in metrics
        if any(block in groups_of(name) if block in GROUPS else fnmatchcase(name, block) for block in wanted)
    )
