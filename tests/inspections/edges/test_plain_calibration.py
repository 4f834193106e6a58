import json
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspections.appearance import MetricValue, Refusal
from inspections.edges.line_scan import EdgeScan, LineScan
from inspections.edges.peel_index import peel_index_plain
from inspections.edges.plain_calibration import (
    PlainCalibration,
    ReferencePanel,
    learn_plain,
    plain_calibration_from,
)
from inspections.evidence import Evidence
from inspections.structure.bands import BANDS
from spectra.errors import PhotoError

TODAY = date(2026, 3, 31)
NOISE = np.random.default_rng(3).standard_normal(900)


def scan_of(lw: float, light: str = "soft box 90 × 60 mm", path: float = 250.0) -> EdgeScan:
    """A scan whose LW is given."""
    scan = EdgeScan(light, (LineScan(NOISE, 0.1, True),), path, 30.0, 0.015, "rig by ruler", ("s.jpg",))
    return replace(scan, lines=(LineScan(NOISE * lw / scan.band(BANDS["lw"]).slope_mrad, 0.1, True),))


def references(*edges: float, exponent: float = 1.1, scatter: float = 0.0) -> list[ReferencePanel]:
    rng = np.random.default_rng(4)
    return [
        ReferencePanel(f"P-{k}", edge, 1.6 * edge**exponent * float(np.exp(scatter * rng.standard_normal())))
        for k, edge in enumerate(edges)
    ]


FIVE = (0.3, 0.42, 0.6, 0.85, 1.2)


@given(st.floats(0.6, 1.6), st.floats(0.31, 1.19))
@settings(max_examples=20)
def test_panels_on_one_law_give_that_law_back(exponent: float, edge: float) -> None:
    calibration = learn_plain(references(*FIVE, exponent=exponent), scan_of(0.6), TODAY)
    assert calibration.estimate(edge).value == pytest.approx(1.6 * edge**exponent, rel=1e-6)
    assert calibration.log_sd == pytest.approx(0.0, abs=1e-6)
    # Panels that agree by chance or law: the statistic's own scatter stays.
    assert calibration.factor == pytest.approx(np.exp(3.182 * 0.08), rel=1e-3)


def test_leaving_one_out_by_leverage_is_fitting_again_without_it() -> None:
    panels = references(*FIVE, scatter=0.15)
    missed = []
    for k, one in enumerate(panels):
        x, y = (np.log([getattr(p, name) for p in panels[:k] + panels[k + 1 :]]) for name in ("edge_mrad", "S_lw_mrad"))
        slope, intercept = np.polyfit(x, y, 1)
        missed.append(np.log(one.S_lw_mrad) - intercept - slope * np.log(one.edge_mrad))
    calibration = learn_plain(panels, scan_of(0.6), TODAY)
    assert calibration.log_sd == pytest.approx(np.sqrt(np.mean(np.square(missed))))
    assert calibration.factor == pytest.approx(np.exp(3.182 * calibration.log_sd), rel=1e-3)  # Student, 3 degrees


def test_a_calibration_survives_its_document() -> None:
    calibration = learn_plain(references(*FIVE, scatter=0.1), scan_of(0.6), TODAY)
    again = plain_calibration_from(json.loads(json.dumps(calibration.as_dict())))
    assert again == calibration


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"kind": "bridge"}, "kind: found 'bridge'"),
        ({"panels": 5}, "panels: found 5"),
        ({"panels": [{"panel": "P", "edge_mrad": 0, "S_lw_mrad": 1.0}]}, r"panels\[0\].edge_mrad: found 0"),
        ({"dated": "yesterday"}, "dated: found 'yesterday'"),
        ({"light": None}, "light: found None"),
        ({"screen_path_mm": "near"}, "screen_path_mm: found 'near'"),
    ],
)
def test_a_wrong_document_names_its_key(change: dict[str, object], says: str) -> None:
    record = learn_plain(references(*FIVE), scan_of(0.6), TODAY).as_dict()
    with pytest.raises(PhotoError, match=says):
        plain_calibration_from(record | change)


@pytest.mark.parametrize(
    ("panels", "says"),
    [
        (references(*FIVE[:4]), "4 reference panels; 5 are the least"),
        (references(0.5, 0.51, 0.52, 0.53, 0.54), "1.5 times is the least"),
        ([*references(*FIVE), references(0.3)[0]], "'P-0' is given twice"),
        ([*references(*FIVE), ReferencePanel("P-9", 0.0, 1.0)], "'P-9'.*above 0"),
    ],
)
def test_too_few_or_too_similar_panels_are_refused(panels: list[ReferencePanel], says: str) -> None:
    with pytest.raises(PhotoError, match=says):
        learn_plain(panels, scan_of(0.6), TODAY)


@pytest.fixture
def calibration() -> PlainCalibration:
    return learn_plain(references(*FIVE, scatter=0.1), scan_of(0.6), TODAY)


def test_within_its_calibration_a_plain_photo_gives_an_estimate_with_its_interval(
    calibration: PlainCalibration,
) -> None:
    given = peel_index_plain(Evidence(tier="T4", plain=scan_of(0.7), calibration=calibration))
    assert isinstance(given, MetricValue)
    assert given.value == pytest.approx(1.6 * 0.7**1.1, rel=0.15)
    assert "estimate" in given.flags
    assert "95 % within" in given.uncertainty_note


@pytest.mark.parametrize(
    ("scan", "says"),
    [
        (scan_of(0.15), "wander by 0.15 mrad"),
        (scan_of(1.5), "wander by 1.5 mrad"),
        (scan_of(0.7, light="lamp tube 16 mm"), "calibrated for soft box"),
        (scan_of(0.7, path=300.0), "250 mm away"),
        (replace(scan_of(0.7), incidence_deg=45.0), "45°"),
    ],
)
def test_outside_its_calibration_it_gives_none(scan: EdgeScan, says: str, calibration: PlainCalibration) -> None:
    refused = peel_index_plain(Evidence(tier="T4", plain=scan, calibration=calibration))
    assert isinstance(refused, Refusal)
    assert says in refused.reason


def test_without_a_calibration_a_plain_photo_says_so() -> None:
    refused = peel_index_plain(Evidence(tier="T4", plain=scan_of(0.7)))
    assert isinstance(refused, Refusal)
    assert "only through a calibration" in refused.reason
