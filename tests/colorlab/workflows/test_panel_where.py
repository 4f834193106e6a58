"""Where a round helped is told in a band that maps can tell, whatever metric is limited."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from colorlab.workflows.panel_where import followed_metric, where_it_changed
from inspections.appearance import Appearance, AppearanceMap, MetricValue
from inspections.rounds.limits import AppearanceLimits, MetricLimit
from inspections.structure.bands import BANDS


def metric(name, value=0.5):
    band = BANDS[name.split("_")[1]]
    return MetricValue(name, value, "mrad", 0.01, "", "slope", 0.005, (band.shortest_mm, band.longest_mm))


@pytest.fixture
def capture():
    """Slopes of 3 to 6 mm waves over 80 × 60 mm."""
    height = np.random.default_rng(3).standard_normal((300, 400)).astype(np.float32)
    height = cv2.GaussianBlur(height, (0, 0), 3.0)
    down, right = np.gradient(height, 0.2)
    maps = (AppearanceMap("slope_x", right, "mrad", 0.2), AppearanceMap("slope_y", -down, "mrad", 0.2))
    return Appearance("round0", "T1", (metric("S_c"), metric("S_lw")), (), (), maps, ())


@pytest.mark.parametrize("limited", ["S_c", "S_lw"])
def test_of_a_limited_band_that_maps_cannot_tell_the_next_one_speaks(capture, limited):
    limits = AppearanceLimits("x", (MetricLimit(limited, 0.1, "mrad"),))
    assert followed_metric([capture], limits) == limited
    where = where_it_changed(capture, replace(capture, capture="round1"), limits)
    assert where.change is not None
    assert where.change.band.name == "lw"
    assert where.change.gain == pytest.approx(0, abs=1e-3)
    assert where.worse is None
    assert where.as_lines()[0].startswith("S_lw changed by -1.0 to +1.0 % (95 %)")


def test_the_first_capture_only_has_a_roughest_zone(capture):
    where = where_it_changed(None, capture)
    assert (where.change, where.reason) == (None, "")
    assert where.roughest is not None
    assert where.as_dict()["roughest"]["where"] == where.roughest.where


def test_captures_that_show_another_panel_are_not_compared(capture):
    mirrored = tuple(AppearanceMap(m.name, m.values[:, ::-1].copy(), m.unit, m.mm_per_pixel) for m in capture.maps)
    where = where_it_changed(capture, replace(capture, maps=mirrored))
    assert where.change is None
    assert "do not show the same panel" in where.as_lines()[0]


def test_photos_without_slopes_say_so(capture):
    flat = replace(capture, metrics=(), maps=())
    assert where_it_changed(capture, flat).reason == "no band of slopes was measured"
    assert where_it_changed(None, flat).reason == ""
    assert followed_metric([flat], None) is None
