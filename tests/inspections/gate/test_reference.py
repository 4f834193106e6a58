from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import pytest

from inspections.appearance import Finding
from inspections.flat_reference import FlatReference
from inspections.frame.placing import Placing
from inspections.gate.card import CardLight
from inspections.gate.dependencies import metrics_of
from inspections.gate.reference import check_reference
from inspections.metrics import METRICS
from inspections.render import render_capture
from inspections.simulate import simulate_panel


@pytest.fixture(scope="module")
def shown(reference_of: Callable[[Mapping[str, bytes]], FlatReference]) -> FlatReference:
    panel = simulate_panel(np.random.default_rng(3), {"c": 0.5}, size_mm=(40.0, 32.0))
    return reference_of(render_capture(panel, "softbox", np.random.default_rng(4)))


def compared(shown: FlatReference, tile: FlatReference, **light: float) -> dict[str, Finding]:
    placing = shown.placed()
    assert isinstance(placing, Placing)
    theirs = replace(placing, card_light=CardLight(0.05, light.get("white", placing.card_light.white)))
    return {each.check: each for each in check_reference(shown.capture, shown.photos, tile, placing, theirs)}


def taken(capture: FlatReference, when: str) -> FlatReference:
    shots = tuple(replace(shot, taken_at=when) for shot in capture.capture.shots)
    return FlatReference(replace(capture.capture, shots=shots), capture.photos)


def test_a_reference_of_the_same_hour_in_the_same_light_passes(shown: FlatReference) -> None:
    found = compared(taken(shown, "2026-03-02T10:00:00"), taken(shown, "2026-03-02T09:10:00"))
    assert set(found) == {"reference_kind", "reference_age", "reference_settings", "reference_scale", "reference_drift"}
    assert {each.outcome for check, each in found.items() if check != "reference_kind"} == {"pass"}


@pytest.mark.parametrize("when", ["2026-02-27T10:00:00+01:00", "2026:02:27 10:00:00"])
def test_an_old_reference_is_flagged_with_its_age(when: str, shown: FlatReference) -> None:
    age = compared(taken(shown, "2026-03-02T10:00:00+01:00"), taken(shown, when))["reference_age"]
    assert (age.outcome, age.value) == ("warn", pytest.approx(3.0))


def test_without_times_nothing_is_said_of_age(shown: FlatReference) -> None:
    assert "reference_age" not in compared(shown, shown)
    assert "reference_age" not in compared(taken(shown, "yesterday"), taken(shown, "today"))


def test_another_exposure_or_another_light_takes_the_gloss(shown: FlatReference) -> None:
    longer = {file: replace(photo, exposure_time_s=0.5) for file, photo in shown.photos.items()}
    assert compared(shown, FlatReference(shown.capture, longer))["reference_settings"].outcome == "fail"
    assert compared(shown, shown, white=0.5)["reference_drift"].outcome == "fail"


def test_a_panel_is_no_flat_reference(shown: FlatReference) -> None:
    assert "photos of the panel itself" in compared(shown, shown)["reference_kind"].what
    other = {file: replace(photo, sha256=file) for file, photo in shown.photos.items()}
    panel, tile = (FlatReference(replace(shown.capture, name=name), other) for name in ("panel", "flatref"))
    assert compared(shown, panel)["reference_kind"].outcome == "fail"
    assert "gloss_gu" in metrics_of(compared(shown, panel)["reference_kind"].blocks, METRICS)
    assert compared(shown, tile)["reference_kind"].outcome == "pass"
