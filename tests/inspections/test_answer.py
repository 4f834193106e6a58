"""The answer gives every metric or says why not; what is no number is no metric."""

import json
import math
from dataclasses import replace

import pytest

from inspections.answer import answer
from inspections.appearance import MetricValue
from inspections.capture.capture import bare_capture
from inspections.evidence import Evidence
from inspections.metrics import METRICS


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_figure_that_is_no_number_is_refused(monkeypatch, value: float) -> None:
    slope = replace(METRICS["S_lw"], measure=lambda _: MetricValue("S_lw", value, "mrad", None, "", "slope"))
    monkeypatch.setattr("inspections.answer.METRICS", {"S_lw": slope})
    told = answer(bare_capture(["a.jpg"]), {}, (), Evidence(tier="T2"))
    assert not told.measured
    assert [(one.metric, one.reason) for one in told.refusals] == [("S_lw", "the photos give no finite figure of it")]
    json.dumps(told.as_dict(), allow_nan=False)
