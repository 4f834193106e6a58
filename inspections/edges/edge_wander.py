"""Edge wander: relative waviness of reflected stripes, for photos that carry no scale."""

from __future__ import annotations

from inspections.appearance import MetricValue, Refusal
from inspections.evidence import Evidence


def edge_wander(evidence: Evidence) -> MetricValue | Refusal:
    """Relative waviness of reflected stripes, from the photo with the most edge."""
    name = "edge_wander"
    found = {file: search for file, search in evidence.stripes.items() if search.regions}
    if not found and evidence.edges is not None:
        return Refusal(name, "the edges have card and geometry: edge_lw gives them in mrad", "read edge_lw")
    if not found:
        reasons = sorted({search.reason for search in evidence.stripes.values()})
        reason = f"no stripes in the reflection: {reasons[0]}" if reasons else "no photo of stripes in this capture"
        return Refusal(name, reason, "a photo of a stripe lamp reflected in the panel, at least 4 stripes wide")
    file = max(found, key=lambda each: sum(region.edge_px for region in found[each].regions))
    search = found[file]
    edges = sum(region.n_edges for region in search.regions)
    value = search.wander_percent
    spread = [region.wander_percent for region in search.regions]
    flags = ["relative: no scale, no geometry"]
    if search.clipped_share > 0.01:
        flags.append(f"{100 * search.clipped_share:.0f} % of the striped area is clipped")
    if search.sinusoidal:
        flags.append("sinusoidal pattern: edges are mid-level crossings")
    return MetricValue(
        name=name,
        value=value,
        unit="%",
        uncertainty=None,
        uncertainty_note=(
            f"relative figure; {edges} edges, {len(search.regions)} areas from {min(spread):.2f} to {max(spread):.2f} %"
        ),
        definition="rms distance of a stripe's 50 % edge from its own parabola, in percent of the stripe period",
        flags=tuple(flags),
        file=file,
    )
