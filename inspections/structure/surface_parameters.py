"""The published areal metrics: Sa and K of each Gaussian band, anisotropy, and Sdq, Sal, Str, Std of the surface."""

from __future__ import annotations

import math

from inspections.appearance import MetricValue, Refusal
from inspections.evidence import Evidence
from inspections.structure.areal import TOTAL, Filtered
from inspections.structure.bands import WORST_TRANSFER, Band, resolution_reason
from inspections.structure.orange_peel import (
    BLUR_REPEATS,
    BLUR_UNCERTAINTY,
    FAINT_UNCERTAINTY,
    FLAGGED_CORRECTION,
    HEIGHT_PERIODS,
    REPEATABILITY,
    Measure,
)
from inspections.structure.texture import SurfaceTexture

ANISOTROPY_BANDS = ("b", "c", "d", "sw", "lw")
"""Shorter waves are blur, longer ones too few for a direction."""
DIRECTIONAL_RATIO = 0.5
"""Str from which a surface has no direction to speak of."""
LEAST_RIG_ANISOTROPY = 1 / 3
"""Least share of the rig's uncertainty that stretches slopes one way."""
_STEPPED = "phase-stepped fringes in two directions"


def mean_height_definition(band: Band) -> str:
    """Sa_b in words."""
    return (
        f"mean |height|, ISO 16610-61 Gaussian band {_range(band)}: low-pass at the shorter less its own low-pass at "
        "the longer limit; |z| over rms z without half a longest wave at the border; order-3 slope form removed"
    )


def curvature_definition(band: Band) -> str:
    """K_b in words."""
    return (
        f"standard deviation of the mean curvature (∂²z/∂x² + ∂²z/∂y²)/2, from slopes, ISO 16610-61 Gaussian band "
        f"{_range(band)}; a ridge that runs one way has half the curvature across it"
    )


def anisotropy_definition(band: Band) -> str:
    """aniso_b in words."""
    return f"ln(sx/sy) of the slope rms along card x and card y, radial brick-wall band {_range(band)}"


GRADIENT_DEFINITION = "Sdq, rms length of the slope, ISO 25178-2, surface of {}, Gaussian S- and L-filter"
LENGTH_DEFINITION = "Sal, shortest way over which the height's autocorrelation falls to 0.2, ISO 25178-2, surface of {}"
RATIO_DEFINITION = (
    "Str, shortest over longest way over which the autocorrelation falls to 0.2, ISO 25178-2, surface of {}"
)
DIRECTION_DEFINITION = (
    "Std, direction of the marks: across the height's most powerful direction (5° smoothing), from card x "
    "counter-clockwise, ISO 25178-2, surface of {}"
)
RESOLVED = "the waves resolved"


def mean_height_metric(band: Band) -> Measure:
    """Measures Sa_b."""

    def measure(evidence: Evidence) -> MetricValue | Refusal:
        name = f"Sa_{band.name}"
        refused = _unresolved(evidence, band, name)
        if refused is not None:
            return refused
        assert evidence.fields is not None
        assert evidence.surface is not None
        if min(evidence.fields.grid.size_mm) < HEIGHT_PERIODS * band.longest_mm:
            reason = f"not resolved: form removal takes height from waves of {band.longest_mm:g} mm here"
            return Refusal(name, reason, "a larger panel")
        figure = evidence.surface.areal[band.name].mean_height
        return _given(evidence, name, "µm", figure, mean_height_definition(band), band)

    return measure


def curvature_metric(band: Band, name: str | None = None) -> Measure:
    """Measures K_b, or total curvature under its own name."""

    def measure(evidence: Evidence) -> MetricValue | Refusal:
        called = name or f"K_{band.name}"
        refused = _unresolved(evidence, band, called)
        if refused is not None:
            return refused
        assert evidence.surface is not None
        figure = evidence.surface.areal[band.name].curvature
        return _given(evidence, called, "1/m", figure, curvature_definition(band), band)

    return measure


def anisotropy_metric(band: Band) -> Measure:
    """Measures aniso_b."""

    def measure(evidence: Evidence) -> MetricValue | Refusal:
        name = f"aniso_{band.name}"
        refused = _unresolved(evidence, band, name)
        if refused is not None:
            return refused
        assert evidence.fields is not None
        figure = evidence.bands[band.name]
        if figure.transfer < WORST_TRANSFER or figure.slope_x_mrad <= 0 or figure.slope_y_mrad <= 0:
            return Refusal(name, "not resolved: blur or noise leaves too little of this band", "a sharper camera")
        blur = 2.0 * math.sqrt(2.0) * abs(math.log(figure.transfer)) * BLUR_UNCERTAINTY
        rig = rig_anisotropy(evidence.incidence_deg) * evidence.fields.rig_uncertainty
        parts = (figure.anisotropy_sampling, blur, rig)
        noisy = figure.noise_mrad is not None and figure.slope_mrad < 3 * figure.noise_mrad
        return MetricValue(
            name=name,
            value=math.log(figure.slope_x_mrad / figure.slope_y_mrad),
            unit="1",
            uncertainty=math.hypot(*parts),
            uncertainty_note=f"number of waves {parts[0]:.3f}, blur {blur:.3f}, {evidence.fields.rig_source} {rig:.3f}",
            definition=anisotropy_definition(band),
            repeatability=math.hypot(REPEATABILITY["T1"], BLUR_REPEATS * blur),
            band_mm=(band.shortest_mm, band.longest_mm),
            flags=("the band is below its noise floor",) if noisy else (),
        )

    return measure


def rig_anisotropy(incidence_deg: float | None) -> float:
    """Share of the rig's uncertainty that stretches slopes one way. [1]

    Slopes across the plane of incidence i go with cos i: an angle 1 % off makes ln(sx/sy) 0.01 i tan i wrong, 0.3 % at
    30° and 1.8 % at 60°, beside the 1.5 % that a rule of 1 % gives every slope.
    """
    if incidence_deg is None:
        return LEAST_RIG_ANISOTROPY
    angle = math.radians(incidence_deg)
    return max(LEAST_RIG_ANISOTROPY, angle * math.tan(angle) * 0.01 / 0.015)


def gradient(evidence: Evidence) -> MetricValue | Refusal:
    """Measures Sdq."""
    texture = _texture(evidence, "Sdq")
    if isinstance(texture, Refusal):
        return texture
    surface = texture.surface
    return _given(evidence, "Sdq", "mrad", texture.gradient, GRADIENT_DEFINITION.format(_range(surface)), surface)


def autocorrelation_length(evidence: Evidence) -> MetricValue | Refusal:
    """Measures Sal."""
    texture = _texture(evidence, "Sal")
    if isinstance(texture, Refusal):
        return texture
    value, error = texture.autocorrelation_length_mm, texture.length_error_mm
    return _counted("Sal", "mm", value, error, LENGTH_DEFINITION, texture)


def aspect_ratio(evidence: Evidence) -> MetricValue | Refusal:
    """Measures Str."""
    texture = _texture(evidence, "Str")
    if isinstance(texture, Refusal):
        return texture
    if texture.aspect_ratio is None:
        return Refusal(
            "Str", "the autocorrelation does not fall off within the field in every direction", "a larger panel"
        )
    return _counted("Str", "1", texture.aspect_ratio, texture.ratio_error, RATIO_DEFINITION, texture)


def direction(evidence: Evidence) -> MetricValue | Refusal:
    """Measures Std, where there is a direction."""
    texture = _texture(evidence, "Std")
    if isinstance(texture, Refusal):
        return texture
    if texture.aspect_ratio is not None and texture.aspect_ratio > DIRECTIONAL_RATIO:
        reason = f"no direction: Str is {texture.aspect_ratio:.2f}, alike in all directions above {DIRECTIONAL_RATIO:g}"
        return Refusal("Std", reason, "nothing: this surface has none")
    error = math.hypot(texture.direction_error_deg, 1.0)
    return _counted("Std", "°", texture.direction_deg, error, DIRECTION_DEFINITION, texture)


def _texture(evidence: Evidence, name: str) -> SurfaceTexture | Refusal:
    if evidence.surface is None:
        return Refusal(
            name, evidence.missing or "one photo does not hold the short waves", evidence.would_help or _STEPPED
        )
    texture = evidence.surface.texture
    if texture is None:
        return Refusal(name, "not resolved: pixels and field leave hardly any waves", "more pixels or a larger panel")
    if texture.gradient.noise is not None and texture.gradient.value < 3 * texture.gradient.noise and name != "Sdq":
        return Refusal(name, f"slopes of {texture.gradient.value:.2g} mrad are below their noise floor", "more light")
    return texture


def _unresolved(evidence: Evidence, band: Band, name: str) -> Refusal | None:
    if evidence.surface is None or evidence.fields is None:
        reason = evidence.missing or "one photo does not hold the short waves that a Gaussian band lets through"
        return Refusal(name, reason, evidence.would_help or _STEPPED)
    unresolved = resolution_reason(band, max(evidence.fields.mm_per_pixel), evidence.fields.grid.size_mm)
    if unresolved is not None:
        return Refusal(name, f"not resolved: {unresolved}", "a closer camera or more pixels, or a larger panel")
    return None


def _given(
    evidence: Evidence, name: str, unit: str, figure: Filtered, definition: str, band: Band
) -> MetricValue | Refusal:
    assert evidence.fields is not None
    if figure.transfer < WORST_TRANSFER:
        return Refusal(
            name,
            f"not resolved: blur leaves {100 * figure.transfer:.0f} % of it, below {100 * WORST_TRANSFER:.0f} %",
            "a closer or sharper camera",
        )
    flags = []
    lost = 1.0 / figure.transfer - 1.0
    if lost > FLAGGED_CORRECTION:
        flags.append(f"MTF-corrected {100 * lost:.0f} %")
    if figure.noise is None:
        flags.append("noise not removed: these photos leave no measure of it")
    elif figure.value < 3 * figure.noise:
        flags.append(f"below the noise floor of {3 * figure.noise:.2g} {unit}: three times what noise alone gives it")
    blur = 2.0 * abs(math.log(figure.transfer)) * BLUR_UNCERTAINTY
    rig = evidence.fields.rig_uncertainty
    faint = FAINT_UNCERTAINTY * (figure.noise or 0.0) / figure.value if figure.value > 0 else 0.0
    relative = math.hypot(rig, figure.sampling, blur, faint)
    return MetricValue(
        name=name,
        value=figure.value,
        unit=unit,
        uncertainty=relative * figure.value,
        uncertainty_note=(
            f"{evidence.fields.rig_source} {100 * rig:.1f} %, "
            f"number of waves in the field {100 * figure.sampling:.1f} %, blur {100 * blur:.1f} %, "
            f"faintness {100 * faint:.1f} %"
        ),
        definition=definition,
        repeatability=math.hypot(REPEATABILITY["T1"], BLUR_REPEATS * blur) * figure.value,
        band_mm=(band.shortest_mm, band.longest_mm),
        flags=tuple(flags),
    )


def _counted(
    name: str, unit: str, value: float, error: float | None, definition: str, texture: SurfaceTexture
) -> MetricValue:
    return MetricValue(
        name=name,
        value=value,
        unit=unit,
        uncertainty=error,
        uncertainty_note="each quarter of the field left out in turn"
        if error is not None
        else "a quarter less of the field does not hold it",
        definition=definition.format(_range(texture.surface)),
        band_mm=(texture.surface.shortest_mm, texture.surface.longest_mm),
    )


def _range(band: Band) -> str:
    return f"{band.shortest_mm:g}–{band.longest_mm:g} mm"


TOTAL_CURVATURE = curvature_metric(TOTAL, "K")
