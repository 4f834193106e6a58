"""The auditor at the command line: what the lab is, who wrote what, and whether a verdict is reached again."""

import json
import sqlite3
from contextlib import closing

import numpy as np
import pytest
from click.testing import CliRunner

import cli
from spectra.errors import LabError, RecordNotFoundError
from spectra.formats.base import file_of
from spectra.formats.registry import FORMATS
from spectra.geometry import D8_SCI
from spectra.measurement import Measurement
from spectra.wavelengths import WavelengthGrid

GRID = WavelengthGrid(400, 700, 10)
SHAPE = 0.25 + 0.2 * np.sin((GRID.wavelengths - 430) / 70)
TOLERANCE = 'name = "ours"\nformula = "CIEDE2000"\nviewings = ["D65/10"]\n[[limit]]\ndelta_E = 1.0\n'
PROGRAMME = '[programme]\nname = "One"\nstart = 2025-09-25\nend = 2028-09-24\nslots = 1\n'
COLOURS = "code,name_en,family,finish,slot,due\nAME,Amethyst,violet,matte,1,2026-06-30\n"


def run(*arguments):
    return CliRunner().invoke(cli.colorlab, [*map(str, arguments)])


@pytest.fixture
def lab(tmp_path):
    """A colour with a standard, a tolerance and the verdict V-000001."""
    for name, text in (("programme.toml", PROGRAMME), ("colours.csv", COLOURS), ("ours.toml", TOLERANCE)):
        (tmp_path / name).write_text(text)
    panels = [Measurement(name, scale * SHAPE[None], GRID, D8_SCI) for name, scale in (("Master", 1.0), ("Lot", 0.8))]
    for name, panel in zip(("master.qtx", "lot.qtx"), panels, strict=True):
        (tmp_path / name).write_bytes(FORMATS["qtx"].write(file_of([panel])))
    folder = tmp_path / "lab"
    for arguments in (
        ("lab", "create", folder, "--name", "x"),
        ("roadmap", "import", folder, tmp_path / "programme.toml"),
        ("roadmap", "import", folder, tmp_path / "colours.csv"),
        ("lab", "standard", folder, "AME", tmp_path / "master.qtx", "--by", "Li"),
        ("lab", "tolerance", folder, tmp_path / "ours.toml", "--by", "Li"),
    ):
        done = run(*arguments)
        assert done.exit_code == 0, done.output
    done = run("vet", tmp_path / "lot.qtx", "--lab", folder, "--colour", "AME", "--by", "Wang")
    assert done.exit_code == 1, done.output
    return folder


def tamper(folder, statement):
    with closing(sqlite3.connect(folder / "lab.sqlite")) as elsewhere:
        triggers = [name for (name,) in elsewhere.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")]
        for one in (*(f"DROP TRIGGER {name}" for name in triggers), statement):
            elsewhere.execute(one)
        elsewhere.commit()


@pytest.mark.parametrize("command", [("audit",), ("lab", "check")], ids=" ".join)
def test_one_audit_under_both_its_names(lab, command):
    done = run(*command, lab, "--json")
    answer = json.loads(done.stdout)
    assert (done.exit_code, answer["clean"], answer["log"], answer["noted_head"]) == (0, True, None, None)
    noted = answer["audit_head_sha256"]
    assert json.loads(run(*command, lab, "--json", "--head", noted).stdout)["noted_head"] == {
        "sha256": noted,
        "link": answer["audit_links_count"],
    }
    tamper(lab, "UPDATE verdicts SET decision = 'accept'")
    done = run(*command, lab)
    assert done.exit_code == 1
    assert "record V-000001, written by Wang at " in done.stdout
    assert "the record is not what was written" in done.stdout


def test_an_end_that_was_cut_off_is_out_of_order(lab):
    noted = json.loads(run("audit", lab, "--json").stdout)["audit_head_sha256"]
    tamper(lab, "DELETE FROM audit_log WHERE record = 'V-000001'")
    tamper(lab, "DELETE FROM verdicts")
    assert run("audit", lab).exit_code == 0
    done = run("audit", lab, "--head", noted)
    assert (done.exit_code, noted in done.stdout) == (1, True)
    assert isinstance(run("audit", lab, "--head", "abc").exception, LabError)


def test_who_did_what_is_shown_and_written(lab, tmp_path):
    shown = run("audit", lab, "--record", "V-000001", "--record", "T-000001").stdout
    assert [line.split()[-1] for line in shown.splitlines()[-2:]] == ["T-000001", "V-000001"]
    assert "Wang  verdicts: recorded" in shown
    assert "V-000001" in run("audit", lab, "--since", "2020-01-01").stdout
    assert "V-000001" not in run("audit", lab, "--since", "2999-12-31").stdout
    done = run("audit", lab, "--output", tmp_path / "log.csv")
    assert "V-000001" not in done.stdout
    assert (tmp_path / "log.csv").read_text().splitlines()[-1].split(",")[2:5] == [
        "Wang", "verdicts: recorded", "V-000001",
    ]  # fmt: skip
    assert isinstance(run("audit", lab, "--record", "V-000009").exception, RecordNotFoundError)


def test_a_verdict_is_the_same_or_out_of_order(lab):
    done = run("replay", "V-000001", "--lab", lab)
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("V-000001: the same, to the last bit (reject, ")
    assert json.loads(run("replay", "V-000001", "--lab", lab, "--json").stdout)["same"] is True
    tamper(lab, "UPDATE tolerances SET document = replace(document, '1.0', '9.0')")
    done = run("replay", "V-000001", "--lab", lab)
    assert done.exit_code == 1
    assert "input: T-000001: the record is not what was written" in done.stdout


def test_all_verdicts_are_reached_again(lab):
    done = run("replay", "--all", "--lab", lab)
    assert (done.exit_code, done.stdout) == (
        0, "1 verdict: 1 the same to the last bit, 0 changed, 0 cannot be reached again\n",
    )  # fmt: skip
    assert json.loads(run("replay", "--all", "--lab", lab, "--supplier", "PPG", "--json").stdout)["same_count"] == 0
    tamper(lab, "UPDATE verdicts SET standard = NULL")
    assert run("replay", "--all", "--lab", lab).exit_code == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "name one VERDICT"),
        (("V-000001", "--all"), "name one VERDICT"),
        (("V-000001", "--line", "1"), "go with --all"),
    ],
)
def test_what_to_reach_again_is_named_once(lab, arguments, said):
    done = run("replay", *arguments, "--lab", lab)
    assert done.exit_code == 2
    assert said in done.output


def test_a_finish_has_a_tolerance_of_its_own(lab, tmp_path):
    (tmp_path / "matte.toml").write_text("[[limit]]\ndelta_E = 40.0\n")
    done = run("lab", "tolerance", lab, tmp_path / "matte.toml", "--finish", "matte", "--json")
    answer = json.loads(done.stdout)
    assert (answer["record"], answer["colour"], answer["finish"]) == ("L-000001", None, "matte")
    assert answer["changes"] == [{"key": "limit[*, *]", "before": 1.0, "after": 40.0, "colours": ["AME"]}]
