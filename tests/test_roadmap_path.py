"""The roadmap from the command line: import, advance through a gate, progress as of a date."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from spectra.formats.base import file_of
from spectra.formats.registry import FORMATS
from spectra.geometry import D8_SCI
from spectra.measurement import Measurement
from spectra.wavelengths import WavelengthGrid

SCRIPT = Path(sys.executable).with_name("colorlab")
PROGRAMME = """
[programme]
name = "Ten colours"
start = 2025-09-25
end = 2028-09-24
slots = 10
utc_offset = "+08:00"
"""
COLOURS = """code,name_en,name_zh,family,finish,suppliers,slot,due
AME,Amethyst,紫水晶,violet,metallic,Supplier A,1,2026-01-31
SPY,Sprout Yellow,嫩芽黄,yellow,solid,Supplier A;Supplier B,2,2026-06-30
"""


def colorlab(*arguments):
    return subprocess.run([SCRIPT, *map(str, arguments)], capture_output=True, text=True, check=False)


def measured(path, name, scale):
    grid = WavelengthGrid(400, 700, 10)
    shape = 0.25 + 0.2 * np.sin((grid.wavelengths - 430) / 70)
    path.write_bytes(
        FORMATS["qtx"].write(file_of([Measurement(name, scale * shape[None], grid, D8_SCI, role="sample")]))
    )
    return path


@pytest.fixture
def lab(tmp_path):
    folder = tmp_path / "lab"
    assert colorlab("lab", "create", folder, "--name", "试验室").returncode == 0
    for name, content in (("programme.toml", PROGRAMME), ("colours.csv", COLOURS)):
        (tmp_path / name).write_text(content, encoding="utf-8")
        done = colorlab("roadmap", "import", folder, tmp_path / name, "--by", "office")
        assert done.returncode == 0, done.stderr
    return folder


def test_a_colour_passes_its_gate_with_an_accepted_verdict_and_not_before(lab, tmp_path):
    for stage in ("brief", "lab sample", "supplier submission"):
        assert colorlab("roadmap", "advance", lab, "SPY", stage, "--by", "office").returncode == 0
    shut = colorlab("roadmap", "advance", lab, "SPY", "colour approved", "--by", "office")
    assert shut.returncode == 2
    assert "accepted verdict" in shut.stderr

    assert colorlab("lab", "standard", lab, "SPY", measured(tmp_path / "master.qtx", "master", 1.0)).returncode == 0
    vetted = colorlab(
        *("vet", measured(tmp_path / "lot.qtx", "lot 1", 0.999), "--lab", lab),
        *("--colour", "SPY", "--supplier", "Supplier A", "--json"),
    )
    assert vetted.returncode == 0, vetted.stderr
    verdict = json.loads(vetted.stdout)["verdicts"][0]["verdict_id"]
    through = colorlab("roadmap", "advance", lab, "SPY", "colour approved", "--by", "office", "--json")
    assert through.returncode == 0, through.stderr
    assert json.loads(through.stdout)["evidence"] == [verdict]


def test_a_gate_is_overridden_only_with_a_reason_that_is_kept(lab):
    skipped = colorlab("roadmap", "advance", lab, "AME", "released", "--by", "Li")
    assert skipped.returncode == 2
    forced = colorlab("roadmap", "advance", lab, "AME", "released", "--by", "Li", "--reason", "shown at the launch")
    assert forced.returncode == 0
    assert "shown at the launch" in forced.stdout


def test_progress_stands_against_the_plan_as_of_a_date(lab):
    done = colorlab("roadmap", "progress", lab, "--as-of", "2026-03-27", "--json")
    answer = json.loads(done.stdout)
    # Half a year of three: 183 of 1095 days, 10 slots.
    assert answer["linear_plan_count"] == pytest.approx(10 * 183 / 1095, abs=0.02)
    assert answer["released_count"] == 0
    assert [late["code"] for late in answer["late"]] == ["AME"]
    assert answer["late"][0]["days_late"] == 55
    assert "紫水晶" in colorlab("roadmap", "progress", lab, "--as-of", "2026-03-27").stdout


def test_a_table_with_faults_is_refused_whole_with_every_fault_named(lab, tmp_path):
    bad = COLOURS + "RRD,Racing Red,竞速红,red,solid,Supplier A,2,2026-13-01\nAME,,,x,y,z,99,2026-01-01\n"
    (tmp_path / "bad.csv").write_text(bad, encoding="utf-8")
    done = colorlab("roadmap", "import", lab, tmp_path / "bad.csv")
    assert done.returncode == 2
    assert "line 4" in done.stderr
    assert "line 5" in done.stderr
    before = json.loads(colorlab("roadmap", "progress", lab, "--as-of", "2026-03-27", "--json").stdout)
    assert before["colours_count"] == 2


def test_a_dry_run_changes_nothing(lab, tmp_path):
    (tmp_path / "more.csv").write_text(COLOURS + "RRD,Racing Red,竞速红,red,solid,B,3,2026-09-01\n", encoding="utf-8")
    done = colorlab("roadmap", "import", lab, tmp_path / "more.csv", "--dry-run", "--json")
    assert json.loads(done.stdout)["added"] == ["RRD"]
    after = json.loads(colorlab("roadmap", "progress", lab, "--as-of", "2026-03-27", "--json").stdout)
    assert after["colours_count"] == 2
