"""The published waviness metrics: slope and height of each structure band, and screening figures."""

from __future__ import annotations

import math
from collections.abc import Callable

from inspections.appearance import MetricValue, Refusal
from inspections.evidence import Evidence
from inspections.structure.bands import BANDS, WORST_TRANSFER, Band, BandFigure, resolution_reason

Measure = Callable[[Evidence], MetricValue | Refusal]

BLUR_UNCERTAINTY = 0.05
"""Relative standard uncertainty of the blur that the marker edges show."""
FAINT_UNCERTAINTY = 0.05
"""Relative standard uncertainty of a figure that is as small as what noise alone gives it, in proportion below: what
8-bit levels and compression took of such waves is not noise and does not come back (K_b of 25 simulated panels)."""
REPEATABILITY = {"T1": 0.01, "T2": 0.03}
"""Relative scatter when the panel is put back and photographed again, blur apart; the largest of
benchmarks/bench_panel_bands.py: 0.1 to 1.1 % over the bands with phase steps, 1.7 to 2.4 % with one photo, on simulated
panels."""
BLUR_REPEATS = 0.5
"""Share of the blur's uncertainty that every photo draws anew: S_b and K_b of panels put back scattered by 1.6 and
2.1 %."""
SINGLE_PHOTO_UNCERTAINTY = 0.04
"""Relative standard uncertainty that the surface fitted to one photo adds to a band: what of it is fitted wrongly
where fringes run together (benchmarks/bench_panel_single.py and captures of an independent optical simulation)."""
FLOOR_MRAD = 0.012
"""What phase steps read of black glass that has no structure at all, noise removed: harmonics of the screen, levels of
8 bits, compression: 0.010 to 0.004 mrad from S_b to S_d of an independent simulation, and a fifth more. [mrad]"""
FRINGES_PER_SHORTEST = 2.0
FLAGGED_CORRECTION = 0.10
HEIGHT_PERIODS = 3.0
"""Longest waves the short side must hold for a height: the order-3 form took 16-22 % of H_e from two."""


def slope_metric(band: Band) -> Measure:
    """Measures S_b, the slope rms of a band."""

    def measure(evidence: Evidence) -> MetricValue | Refusal:
        return _banded(
            evidence,
            band,
            f"S_{band.name}",
            "mrad",
            lambda figure: (figure.slope_mrad, figure.sampling),
            slope_definition(band),
        )

    return measure


def height_metric(band: Band) -> Measure:
    """Measures H_b, the height rms of a band."""

    def measure(evidence: Evidence) -> MetricValue | Refusal:
        return _banded(
            evidence,
            band,
            f"H_{band.name}",
            "µm",
            lambda figure: (figure.height_um, figure.height_sampling),
            height_definition(band),
        )

    return measure


def slope_definition(band: Band) -> str:
    """S_b in words."""
    return (
        f"slope rms per axis, sqrt((sx² + sy²)/2), radial brick-wall band {band.shortest_mm:g}–{band.longest_mm:g} mm, "
        "order-3 form removed"
    )


def height_definition(band: Band) -> str:
    """H_b in words."""
    return f"height rms, radial brick-wall band {band.shortest_mm:g}–{band.longest_mm:g} mm, order-3 slope form removed"


def screening_definition(band: Band) -> str:
    """The screening figure in words."""
    return (
        f"slope rms per axis of the surface that explains one photo of fringes, radial brick-wall "
        f"band {band.shortest_mm:g}–{band.longest_mm:g} mm, order-3 form removed; waves shorter than two fringes on it "
        "are fitted, not seen directly; not to be put into one trend with S from phase steps"
    )


def screening_metric(band: Band) -> Measure:
    """Measures S_b_screening: a trend figure from one photo where the fringes are too coarse for S_b itself."""

    def measure(evidence: Evidence) -> MetricValue | Refusal:
        name = f"S_{band.name}_screening"
        if evidence.tier != "T2" or not evidence.bands:
            reason = evidence.missing or "phase-stepped fringes give the band itself"
            return Refusal(name, reason, evidence.would_help or f"read S_{band.name}")
        reason_field = _field_reason(evidence, band)
        if reason_field:
            return Refusal(name, reason_field, "a larger panel")
        figure = evidence.bands[band.name]
        value = figure.slope_mrad
        # What the photo leaves open, in power, known to about its own size.
        unplaced = 0.5 * ((figure.noise_mrad or 0.0) / value) ** 2 if value > 0 else 0.0
        assert evidence.fields is not None
        rig = evidence.fields.rig_uncertainty
        relative = math.sqrt(rig**2 + figure.sampling**2 + SINGLE_PHOTO_UNCERTAINTY**2 + unplaced**2)
        return MetricValue(
            name=name,
            value=value,
            unit="mrad",
            uncertainty=relative * value,
            uncertainty_note=(
                f"{evidence.fields.rig_source} {100 * rig:.1f} %, number of waves in the field "
                f"{100 * figure.sampling:.1f} %, single photo {100 * SINGLE_PHOTO_UNCERTAINTY:.0f} %, left open by the "
                f"photo {100 * unplaced:.1f} %"
            ),
            definition=screening_definition(band),
            repeatability=REPEATABILITY["T2"] * value,
            band_mm=(band.shortest_mm, band.longest_mm),
            flags=("screening",),
        )

    return measure


def _banded(
    evidence: Evidence,
    band: Band,
    name: str,
    unit: str,
    pick: Callable[[BandFigure], tuple[float, float]],
    definition: str,
) -> MetricValue | Refusal:
    if not evidence.bands:
        return Refusal(name, evidence.missing, evidence.would_help)
    reason = _field_reason(evidence, band)
    if reason:
        return Refusal(name, f"not resolved: {reason}", "a closer camera or more pixels, or a larger panel")
    fields = evidence.fields
    assert fields is not None
    if unit == "µm" and min(fields.grid.size_mm) < HEIGHT_PERIODS * band.longest_mm:
        return Refusal(
            name, f"not resolved: form removal takes height from waves of {band.longest_mm:g} mm here", "a larger panel"
        )
    if fields.fringe_mm is not None:
        shortest = FRINGES_PER_SHORTEST * fields.fringe_mm
        if band.shortest_mm < shortest:
            return Refusal(
                name,
                f"not resolved: {fields.fringe_mm:.1f} mm fringes on the panel resolve waves from {shortest:.1f} mm",
                "phase-stepped fringes in two directions",
            )
    figure = evidence.bands[band.name]
    if figure.transfer < WORST_TRANSFER:
        return Refusal(
            name,
            f"not resolved: blur leaves {100 * figure.transfer:.0f} % of this band, below {100 * WORST_TRANSFER:.0f} %",
            "a closer or sharper camera",
        )
    value, sampling = pick(figure)
    flags = []
    lost = 1.0 / figure.transfer - 1.0
    if lost > FLAGGED_CORRECTION:
        flags.append(f"MTF-corrected {100 * lost:.0f} %")
    if figure.noise_mrad is None:
        flags.append("noise not removed: these photos leave no measure of it")
    elif figure.slope_mrad < 3 * figure.noise_mrad:
        flags.append(
            f"below the noise floor of {3 * figure.noise_mrad:.2g} mrad: three times what noise alone gives the band"
        )
    blur = 2.0 * abs(math.log(figure.transfer)) * BLUR_UNCERTAINTY
    single = SINGLE_PHOTO_UNCERTAINTY if evidence.tier == "T2" else 0.0
    known = evidence.tier == "T1" and figure.noise_mrad is not None and figure.slope_mrad > 0
    faint = FAINT_UNCERTAINTY * (figure.noise_mrad or 0.0) / figure.slope_mrad if known else 0.0
    slope = figure.slope_mrad
    # Of a power that may hold so much of the floor: all of a figure far below it, next to nothing of one far above.
    floor = (math.hypot(slope, FLOOR_MRAD) - slope) / slope if evidence.tier == "T1" and slope > 0 else 0.0
    relative = math.hypot(fields.rig_uncertainty, sampling, blur, single, faint, floor)
    return MetricValue(
        name=name,
        value=value,
        unit=unit,
        uncertainty=relative * value,
        uncertainty_note=(
            f"{fields.rig_source} {100 * fields.rig_uncertainty:.1f} %, "
            f"number of waves in the field {100 * sampling:.1f} %, "
            f"blur {100 * blur:.1f} %, faintness {100 * faint:.1f} %, floor of phase steps {100 * floor:.1f} %"
            + (f", single photo {100 * single:.0f} %" if single else "")
        ),
        definition=definition,
        repeatability=math.hypot(REPEATABILITY[evidence.tier], BLUR_REPEATS * blur) * value,
        band_mm=(band.shortest_mm, band.longest_mm),
        flags=tuple(flags),
    )


def _field_reason(evidence: Evidence, band: Band) -> str | None:
    if evidence.fields is None or band.name not in BANDS:
        return "no scale"
    return resolution_reason(band, max(evidence.fields.mm_per_pixel), evidence.fields.grid.size_mm)
