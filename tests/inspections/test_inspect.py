import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from inspections.appearance import Appearance, Finding, MetricValue, Refusal
from inspections.capture.manifest import parse_capture
from inspections.flat_reference import FlatReference
from inspections.inspect import inspect_capture
from spectra.errors import PhotoError

Folder = Callable[[Path], FlatReference]
OffBy = Callable[[Appearance, str, float], float]


def test_the_answer_is_plain_json_and_its_parts_come_back(stepped: Appearance) -> None:
    record = json.loads(json.dumps(stepped.as_dict()))
    assert [MetricValue.from_dict(m) for m in record["metrics"]] == list(stepped.metrics)
    assert [Finding.from_dict(f) for f in record["findings"]] == list(stepped.findings)
    assert [Refusal.from_dict(r) for r in record["refusals"]] == list(stepped.refusals)
    assert {field["name"]: field["unit"] for field in record["maps"]}["height_lw"] == "µm"
    assert all(len(photo["sha256"]) == 64 for photo in record["inputs"])


def test_a_missing_photo_is_named(stepped_files: dict[str, bytes]) -> None:
    with pytest.raises(PhotoError, match=r"fringe_u_p6_0of4\.jpg"):
        inspect_capture(parse_capture(stepped_files["capture.json"]), {})


def test_a_panel_of_another_renderer_is_measured(shared_data: Path, off_by: OffBy, folder: Folder) -> None:
    base = shared_data / "panel_captures/panel_with_defects"
    panel = folder(base / "panel")
    steps = [shot for shot in panel.capture.shots if shot.file.startswith("fringe_")]
    capture = replace(panel.capture, shots=tuple(steps))
    answer = inspect_capture(capture, panel.photos, folder(base / "flatref"))
    truth = json.loads((base / "panel/truth.json").read_text())["bands"]
    for name, key, tolerance in (("S_lw", "LW", 0.03), ("S_c", "Wc", 0.06), ("S_d", "Wd", 0.04), ("S_sw", "SW", 0.10)):
        assert abs(off_by(answer, name, truth[key]["slope_mrad"])) < tolerance, name
    assert not answer.failed_checks
    assert answer.marks == ()  # its truth lists mottle and no mark


def test_polishing_rounds_of_another_renderer_are_in_order(shared_data: Path, off_by: OffBy, folder: Folder) -> None:
    values: dict[str, list[float]] = {"S_d_screening": [], "S_lw_screening": []}
    for number in range(6):
        path = shared_data / f"panel_captures/five_rounds/round{number}"
        part = folder(path)
        answer = inspect_capture(part.capture, part.photos)
        truth = json.loads((path / "truth.json").read_text())["bands"]
        for name, key in (("S_d_screening", "Wd"), ("S_lw_screening", "LW")):
            assert abs(off_by(answer, name, truth[key]["slope_mrad"])) < 0.30
            values[name].append(answer.metric(name).value)  # type: ignore[union-attr]
    for series in values.values():
        assert series == sorted(series, reverse=True)


def test_black_glass_without_structure_is_zero_within_its_uncertainty(shared_data: Path, folder: Folder) -> None:
    tile = folder(shared_data / "panel_captures/panel_with_defects/flatref")
    answer = inspect_capture(tile.capture, tile.photos)
    slopes = [metric for metric in answer.metrics if metric.name.startswith(("S_", "H_"))]
    assert len(slopes) > 6
    for metric in slopes:
        assert metric.uncertainty is not None
        assert metric.value < 2 * metric.uncertainty, metric.name
