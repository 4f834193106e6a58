import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from colorlab.workflows import plain_calibration
from colorlab.workflows.inspect import InspectOutcome
from colorlab.workflows.plain_calibration import learn_plain_table, load_plain_calibration
from inspections.appearance import Appearance, MetricValue
from inspections.edges.line_scan import EdgeScan
from inspections.render import render_capture
from inspections.simulate import simulate_panel
from inspections.virtual_station.rig import SimulatedRig
from spectra.errors import MalformedFileError, PhotoError

TODAY = date(2026, 3, 31)
PEEL = {"c": 0.6, "d": 0.9}
REMAINING = (1.0, 0.8, 0.6, 0.45, 0.3)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One reference panel under a soft box, and a table in which it stands for five."""
    root = tmp_path_factory.mktemp("references")
    panel = simulate_panel(np.random.default_rng(1), PEEL, size_mm=(64.0, 50.0))
    files = render_capture(panel, "plain", np.random.default_rng(2), rig=SimulatedRig(pixel_mm=0.15))
    rows = ["panel,plain,stepped"]
    for k in range(len(REMAINING)):
        (root / f"plain{k}").mkdir()
        for name, content in files.items():
            (root / f"plain{k}" / name).write_bytes(content)
        rows.append(f"P-{k},plain{k},stepped{k}")
    (root / "references.csv").write_text("\n".join(rows), encoding="utf-8")
    return root


@pytest.fixture(autouse=True)
def polished(monkeypatch: pytest.MonkeyPatch) -> None:
    """The edges of panel k calm down as that panel was polished."""
    seen = plain_calibration._plain_scan

    def calmed(path: Path, station: Path | None) -> EdgeScan:
        scan = seen(path, station)
        remaining = REMAINING[int(path.name.removeprefix("plain"))]
        return replace(scan, lines=tuple(replace(line, slope_mrad=remaining * line.slope_mrad) for line in scan.lines))

    monkeypatch.setattr(plain_calibration, "_plain_scan", calmed)


@pytest.fixture
def stepped(monkeypatch: pytest.MonkeyPatch) -> Callable[[list[float | None]], None]:
    """Stands for the captures with phase steps, whose S_lw is measured elsewhere."""

    def given(values: list[float | None]) -> None:
        def measured(path: Path, *_: object) -> InspectOutcome:
            value = values[int(path.name.removeprefix("stepped"))]
            metrics = () if value is None else (MetricValue("S_lw", value, "mrad", None, "", ""),)
            return InspectOutcome(path, Appearance("panel", "T1", metrics, (), (), (), ()))

        monkeypatch.setattr(plain_calibration, "inspect_path", measured)

    return given


def test_reference_panels_make_a_calibration_that_can_be_loaded(
    folder: Path, stepped: Callable[[list[float | None]], None], tmp_path: Path
) -> None:
    stepped([1.5 * remaining for remaining in REMAINING])
    outcome = learn_plain_table(folder / "references.csv", tmp_path / "plain.json", today=TODAY)
    loaded = load_plain_calibration(tmp_path / "plain.json")
    assert loaded == outcome.calibration
    assert loaded.light == "soft box 90 × 60 mm"
    assert loaded.exponent == pytest.approx(1.0)
    assert loaded.log_sd == pytest.approx(0.0, abs=1e-6)
    assert "within a factor of" in outcome.as_text()
    assert json.loads(json.dumps(outcome.as_dict()))["dated"] == "2026-03-31"


def test_a_reference_without_S_lw_is_named(
    folder: Path, stepped: Callable[[list[float | None]], None], tmp_path: Path
) -> None:
    stepped([1.5, None, 0.9, 0.7, 0.5])
    with pytest.raises(PhotoError, match="stepped1: gives no S_lw"):
        learn_plain_table(folder / "references.csv", tmp_path / "plain.json", today=TODAY)
    assert not (tmp_path / "plain.json").exists()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("panel,plain\n", "'stepped' is missing"),
        ("panel,plain,stepped\n", "no panels"),
        ("panel,plain,stepped\nP,a\n", "2 cells"),
    ],
)
def test_a_wrong_table_names_what_is_wrong(content: str, says: str, tmp_path: Path) -> None:
    (tmp_path / "references.csv").write_text(content, encoding="utf-8")
    with pytest.raises(MalformedFileError, match=says):
        learn_plain_table(tmp_path / "references.csv", tmp_path / "plain.json", today=TODAY)


@pytest.mark.parametrize(
    ("content", "says"), [("{", "no JSON"), ("[]", "no JSON object"), ('{"kind": "bridge"}', "kind: found 'bridge'")]
)
def test_a_wrong_calibration_file_names_what_is_wrong(content: str, says: str, tmp_path: Path) -> None:
    (tmp_path / "plain.json").write_text(content, encoding="utf-8")
    with pytest.raises(MalformedFileError, match=says):
        load_plain_calibration(tmp_path / "plain.json")
