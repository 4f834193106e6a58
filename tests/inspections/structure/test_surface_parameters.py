from dataclasses import replace

import numpy as np
import pytest

from inspections.appearance import Appearance, MetricValue, Refusal
from inspections.evidence import Evidence
from inspections.fields import PanelFields
from inspections.frame.rectify import PanelGrid
from inspections.simulate import SimulatedPanel
from inspections.structure.areal import Filtered
from inspections.structure.bands import BANDS, SlopeSpectra
from inspections.structure.figures import band_figures
from inspections.structure.shells import slope_shells
from inspections.structure.surface import surface_figures
from inspections.structure.surface_parameters import (
    anisotropy_metric,
    curvature_metric,
    direction,
    gradient,
    rig_anisotropy,
)

PITCH = 0.084


def evidence_of(slopes: tuple[np.ndarray, np.ndarray], **more: object) -> Evidence:
    rows, columns = slopes[0].shape
    grid = PanelGrid(np.arange(columns) * PITCH, np.arange(rows)[::-1] * PITCH, PITCH)
    spectra = SlopeSpectra(slopes, PITCH, np.zeros((2, 2)), **more)  # type: ignore[arg-type]
    fields = PanelFields("T1", grid, (PITCH, PITCH), spectra, 250.0)
    shells = slope_shells(spectra)
    return Evidence(
        "T1", fields, bands=band_figures(shells, BANDS), surface=surface_figures(shells, PITCH, grid.size_mm)
    )


def test_the_definitions_are_named_apart_and_given_side_by_side(stepped: Appearance) -> None:
    for name in ("S_c", "H_c", "Sa_c", "K_c", "aniso_c", "Sdq", "Sal", "Str"):
        metric = stepped.metric(name)
        assert metric is not None, name
        assert metric.uncertainty is not None
        assert metric.uncertainty > 0
    definitions = [stepped.metric(name).definition for name in ("S_c", "H_c", "Sa_c", "K_c")]  # type: ignore[union-attr]
    assert len(set(definitions)) == 4
    assert ["brick-wall" in one for one in definitions] == [True, True, False, False]
    assert ["Gaussian" in one for one in definitions] == [False, False, True, True]


def test_total_curvature_needs_waves_of_a_tenth_of_a_millimetre(stepped: Appearance) -> None:
    (refusal,) = [one for one in stepped.refusals if one.metric == "K"]
    assert "too coarse for waves of 0.1 mm" in refusal.reason


def test_slopes_stretched_one_way_show_as_anisotropy() -> None:
    rng = np.random.default_rng(61)
    x, y = (rng.standard_normal((480, 640)).astype(np.float32) for _ in range(2))
    metric = anisotropy_metric(BANDS["c"])(evidence_of((1.2 * x, y)))
    assert isinstance(metric, MetricValue)
    assert metric.uncertainty is not None
    assert metric.value == pytest.approx(np.log(1.2), abs=3 * metric.uncertainty)
    assert metric.uncertainty < 0.05


def test_a_band_of_nothing_but_noise_is_said_to_lie_below_its_floor() -> None:
    rng = np.random.default_rng(62)

    def noise() -> tuple[np.ndarray, np.ndarray]:
        return tuple(rng.standard_normal((480, 640)).astype(np.float32) for _ in range(2))  # type: ignore[return-value]

    evidence = evidence_of(noise(), twins=(noise(), noise()))
    metric = gradient(evidence)
    assert isinstance(metric, MetricValue)
    assert any(flag.startswith("below the noise floor of ") for flag in metric.flags)
    assert isinstance(direction(evidence), Refusal)


def test_what_blur_took_half_of_is_refused(peeled: SimulatedPanel) -> None:
    evidence = evidence_of(tuple(part[:480, :640] for part in peeled.slopes))  # type: ignore[arg-type]
    assert evidence.surface is not None
    blurred = replace(evidence.surface.areal["c"], curvature=Filtered(1.0, 0.4, None, 0.01))
    spoilt = replace(evidence, surface=replace(evidence.surface, areal={"c": blurred}))
    refused = curvature_metric(BANDS["c"])(spoilt)
    assert isinstance(refused, Refusal)
    assert "blur leaves 40 %" in refused.reason


@pytest.mark.parametrize(("incidence_deg", "off"), [(20.0, 0.005), (45.0, 0.0079), (60.0, 0.0181)])
def test_an_angle_one_per_cent_off_stretches_slopes_the_more_the_flatter_one_looks(
    incidence_deg: float, off: float
) -> None:
    assert rig_anisotropy(incidence_deg) * 0.015 == pytest.approx(off, rel=0.02)
