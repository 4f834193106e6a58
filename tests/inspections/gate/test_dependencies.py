import pytest

from inspections.gate.dependencies import (
    BAND_METRICS,
    FINE_METRICS,
    GLOSS_METRICS,
    GROUPS,
    groups_of,
    metrics_of,
)
from inspections.metrics import METRICS


@pytest.mark.parametrize("name", METRICS)
def test_somebody_decided_what_every_metric_depends_on(name: str) -> None:
    assert 1 <= len(groups_of(name)) < len(GROUPS)


def test_what_nobody_decided_depends_on_everything() -> None:
    assert groups_of("a_figure_to_come") == tuple(GROUPS)


def test_blur_takes_the_fine_waves_and_leaves_the_long_ones() -> None:
    fine = metrics_of(FINE_METRICS, METRICS)
    assert {"S_b", "S_sw", "S_c", "H_c"} <= set(fine)
    assert not {"S_d", "S_e", "S_lw", "H_lw", "edge_wander"} & set(fine)


def test_bands_gloss_and_edges_do_not_overlap() -> None:
    bands, gloss = (set(metrics_of(blocks, METRICS)) for blocks in (BAND_METRICS, GLOSS_METRICS))
    assert {"S_lw", "H_lw", "S_lw_screening"} <= bands
    assert {"gloss_uniformity", "fringe_amplitude_ratio"} <= gloss
    assert not bands & gloss
    assert "edge_wander" not in bands | gloss


def test_single_metrics_can_be_named_with_wildcards() -> None:
    assert metrics_of(("*_lw",), ("S_lw", "H_lw", "S_d")) == ("S_lw", "H_lw")
