import re
from pathlib import Path

import numpy as np
import pytest

from inspections.appearance import Appearance, Refusal
from inspections.evidence import Evidence
from inspections.metrics import METRICS


@pytest.mark.parametrize("name", METRICS)
def test_every_metric_of_the_registry_is_given_or_refused_exactly_once(name: str, stepped: Appearance) -> None:
    row = METRICS[name]
    given = [metric for metric in stepped.metrics if metric.name == name]
    refused = [refusal for refusal in stepped.refusals if refusal.metric == name]
    assert len(given) + len(refused) == 1
    for metric in given:
        assert metric.unit == row.unit
        assert np.isfinite(metric.value)
        assert metric.definition
        assert metric.uncertainty is not None or metric.uncertainty_note
    assert all(refusal.reason and refusal.would_help for refusal in refused)
    nothing = row.measure(Evidence(tier="T4", missing="no pattern", would_help="fringes"))
    assert isinstance(nothing, Refusal)
    assert nothing.metric == name == row.name
    assert row.definition
    assert row.source


@pytest.mark.parametrize("name", METRICS)
def test_the_source_of_every_metric_is_a_section_that_exists(name: str) -> None:
    pages = re.findall(r"(docs/[\w./-]+)#([\w-]+)", METRICS[name].source)
    assert pages
    for page, anchor in pages:
        text = (Path(__file__).resolve().parents[2] / page).read_text(encoding="utf-8")
        headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
        assert anchor in {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
