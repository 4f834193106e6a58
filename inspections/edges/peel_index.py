"""The orange-peel estimate of a plain photo: only through a calibration on the station's own reference panels."""

from __future__ import annotations

import math

from inspections.appearance import MetricValue, Refusal
from inspections.edges.plain_calibration import LEAST_LOG_SD
from inspections.evidence import Evidence
from inspections.structure.bands import BANDS

PEEL_INDEX_DEFINITION = (
    "estimate from the wander of a plain light's edges (line scan, 1.2–12 mm), on the scale of S_lw in mrad of the "
    "station's reference panels, by a ln–ln fit to them; an index with a factor, not a band figure"
)
_CALIBRATE = "colorlab station learn-plain with at least five reference panels that were measured with phase steps"


def peel_index_plain(evidence: Evidence) -> MetricValue | Refusal:
    """Orange-peel estimate with its 95 % factor; refused without a calibration that holds here."""
    name, scan, calibration = "peel_index_plain", evidence.plain, evidence.calibration
    if scan is None:
        return Refusal(
            name,
            "no straight edge of a soft box or a lamp tube is seen on a panel with card and geometry",
            "a soft box or tube whose edge crosses the panel, the marker card, and capture.json that declares both",
        )
    if calibration is None:
        return Refusal(name, "a plain photo gives orange peel only through a calibration; none was given", _CALIBRATE)
    objection = calibration.objection(scan)
    if objection is not None:
        return Refusal(name, f"outside the calibration of {calibration.dated}: {objection}", _CALIBRATE)
    found = calibration.estimate(scan.band(BANDS["lw"]).slope_mrad)
    n = len(calibration.panels)
    return MetricValue(
        name=name,
        value=found.value,
        unit="1",
        uncertainty=math.expm1(max(calibration.log_sd, LEAST_LOG_SD)) * found.value,
        uncertainty_note=(
            f"95 % within {found.low:.3g} to {found.high:.3g} (factor {calibration.factor:.2f}); leave-one-out over "
            f"{n} reference panels of {calibration.dated}"
        ),
        definition=PEEL_INDEX_DEFINITION,
        repeatability=None,
        band_mm=None,
        flags=("estimate", f"calibrated for {calibration.light}"),
        file=scan.files[0] if len(scan.files) == 1 else "",
    )
