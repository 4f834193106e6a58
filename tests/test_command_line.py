"""The command line as a user meets it: answers on stdout, talk on stderr, three exit codes, no tracebacks."""

import errno
import json
import os
import signal
import subprocess
import sys
import time
import unicodedata
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import cli
from spectra.errors import ColorlabError
from spectra.formats.base import file_of
from spectra.formats.registry import FORMATS
from spectra.geometry import D8_SCI, directional
from spectra.measurement import Measurement
from spectra.wavelengths import WavelengthGrid

ROOT = Path(__file__).resolve().parents[1]
GRID = WavelengthGrid(400, 700, 10)
SHAPE = 0.25 + 0.2 * np.sin((GRID.wavelengths - 430) / 70)


def colorlab(*arguments, cwd=None):
    """Run the real console script."""
    script = Path(sys.executable).with_name("colorlab")
    return subprocess.run([script, *map(str, arguments)], capture_output=True, text=True, cwd=cwd, check=False)


def qtx(path, scale):
    """A standard and one batch, the batch's reflectance factors scaled."""
    standard = Measurement("Master", SHAPE[None], GRID, D8_SCI, role="standard")
    batch = Measurement("Batch 7", scale * SHAPE[None], GRID, D8_SCI, role="sample", standard="Master")
    path.write_bytes(FORMATS["qtx"].write(file_of([standard, batch])))
    return path


def test_a_good_batch_is_fine(tmp_path):
    done = colorlab("vet", qtx(tmp_path / "good.qtx", 0.999))
    assert (done.returncode, done.stderr) == (0, "")
    assert "Accept" in done.stdout


def test_a_bad_batch_is_out_of_tolerance(tmp_path):
    done = colorlab("vet", qtx(tmp_path / "bad.qtx", 0.8))
    assert done.returncode == 1
    assert "darker" in done.stdout


def test_json_holds_the_same_verdict(tmp_path):
    done = colorlab("vet", qtx(tmp_path / "bad.qtx", 0.8), "--json")
    answer = json.loads(done.stdout)
    assert done.returncode == 1
    assert [one["decision"] for one in answer["verdicts"]] == ["reject"]
    assert answer["verdicts"][0]["worst"]["delta_E"] > answer["verdicts"][0]["worst"]["limit_delta_E"]


def test_a_tolerance_file_decides(tmp_path):
    tolerance = tmp_path / "wide.toml"
    tolerance.write_text('name = "wide"\nformula = "CIE76"\nviewings = ["D65/10"]\n[[limit]]\ndelta_E = 30.0\n')
    done = colorlab("vet", qtx(tmp_path / "bad.qtx", 0.8), "--tolerance", tolerance)
    assert done.returncode == 0
    assert "“wide”" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("read", "absent.qtx"), "absent.qtx: no such file"),
        (("read", "."), "is a folder"),
        (("read", "noise.bin"), "not recognised"),
        (("read", "cut.qtx"), "cut.qtx, line"),
        (("read", "good.qtx", "--format", "cobol"), "cobol"),
        (("vet", "good.qtx", "--sample", "Batch 8"), "no measurement called 'Batch 8'; it holds Master, Batch 7"),
        (("vet", "good.qtx", "--standard", "nobody"), "nobody"),
        (("vet", "good.qtx", "--standard", "good.qtx"), "no measurement called 'good.qtx'"),
        (("vet", "good.qtx", "--standard-file", "good.qtx"), "a standard file holds exactly one"),
        (("vet", "good.qtx", "--standard", "Master", "--standard-file", "good.qtx"), "either"),
        (("vet", "good.qtx", "--tolerance", "good.qtx"), "not a TOML file"),
        (("vet", "good.qtx", "--seed", "-1"), "--seed"),
        (("vet", "good.qtx", "--seed", str(2**63)), "--seed"),
        (("demo", "new", "--seed", "-1"), "--seed"),
        (("demo", "new", "--port", "99999999"), "--port"),
        (("demo", "good.qtx"), "good.qtx is a file; name a folder"),
        (("match", "good.qtx", "--colorants", "empty.json", "--batch", "inf", "--json"), "--batch"),
        (("match", "good.qtx", "--colorants", "empty.json", "--balance", "nan"), "'nan' is not a finite number"),
        (("match", "good.qtx", "--colorants", "empty.json", "--max-colorants", "0"), "--max-colorants"),
        (("match", "good.qtx", "--colorants", "empty.json", "--max-colorants", "99"), "--max-colorants"),
        (("match", "good.qtx", "--colorants", "empty.json", "--results", "0"), "--results"),
        (("predict", "good.qtx", "--colorants", "empty.json", "--base-mass", "-1"), "--base-mass"),
        (("predict", "good.qtx", "--colorants", "empty.json", "--base-mass", "nan"), "--base-mass"),
        (("inspect", "good.qtx", "--minutes", "nan"), "--minutes"),
        (("inspect", "good.qtx", "--round", "9" * 30), "--round"),
        (("read", "good\x1b[2J\n.qtx"), "good␛[2J␊.qtx: no such file"),
        (("vet", "good.qtx", "--lab", "nowhere", "--colour", "AME"), "not a lab"),
        (("vet", "good.qtx", "--lab", "nowhere"), "--colour"),
        (("characterise", "good.qtx"), "g_paste_in_50g_white"),
        (("predict", "good.qtx", "--colorants", "good.qtx"), "not JSON"),
        (("match", "good.qtx", "--colorants", "empty.json"), "not a colorant set"),
        (("inspect", "good.qtx"), "good.qtx"),
        (("inspect", "nothing"), "neither capture.json nor photos"),
        (("inspect", "outside"), "a file in the capture folder"),
        (("roadmap", "progress", "nowhere"), "not a lab"),
        (("lab", "check", "."), "not a lab"),
        (("demo", "."), "was not made by `colorlab demo`"),
        (("polish",), "No such command"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_a_mistake_gets_one_clear_line_and_exit_code_2(tmp_path, arguments, said):
    good = qtx(tmp_path / "good.qtx", 0.999).read_bytes()
    (tmp_path / "cut.qtx").write_bytes(good[: good.index(b"STD_R=") + 40])
    (tmp_path / "noise.bin").write_bytes(np.random.default_rng(0).bytes(4096))
    (tmp_path / "empty.json").write_text("{}")
    (tmp_path / "nothing").mkdir()
    (tmp_path / "outside").mkdir()
    manifest = {"capture": "panel", "shots": [{"file": "../good.qtx", "pattern": {"kind": "none"}}]}
    (tmp_path / "outside" / "capture.json").write_text(json.dumps(manifest))
    done = colorlab(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_a_multi_angle_table_is_vetted_by_name_of_the_standard(tmp_path):
    geometry = directional(["45as15", "45as45", "45as110"])
    levels = np.array([[2.0], [0.5], [0.1]])
    panels = [Measurement(name, levels**k * SHAPE, GRID, geometry) for name, k in (("Master", 1.0), ("Lot 3", 0.9))]
    path = tmp_path / "lots.csv"
    path.write_bytes(FORMATS["table"].write(file_of(panels)))
    done = colorlab("vet", path, "--standard", "Master", "--json")
    (verdict,) = json.loads(done.stdout)["verdicts"]
    assert {row["angle"] for row in verdict["conditions"]} == {"45as15", "45as45", "45as110"}
    assert verdict["flop_index"]["sample"] < verdict["flop_index"]["standard"]


def test_a_standard_may_come_in_a_file_of_its_own(tmp_path):
    master = Measurement("Master", SHAPE[None], GRID, D8_SCI, role="sample")
    (tmp_path / "Batch 7").write_bytes(FORMATS["qtx"].write(file_of([master])))
    path = qtx(tmp_path / "bad.qtx", 0.8)
    done = colorlab("vet", path, "--standard-file", "Batch 7", "--json", cwd=tmp_path)
    assert [one["standard"] for one in json.loads(done.stdout)["verdicts"]] == ["Master"]
    # A name is a name, even where a file is called the same.
    done = colorlab("vet", path, "--standard", "Batch 7", "--sample", "Master", "--json", cwd=tmp_path)
    assert [one["standard"] for one in json.loads(done.stdout)["verdicts"]] == ["Batch 7"]


def test_a_name_cannot_command_the_terminal(tmp_path):
    panels = [Measurement(name, SHAPE[None], GRID, D8_SCI) for name in ("Master", "Batch")]
    path = tmp_path / "lots\x1b]0;owned\x07.csv"
    # Our writer refuses such a name; another program's does not.
    path.write_bytes(FORMATS["table"].write(file_of(panels)).replace(b"Batch", "Batch\x1b[2J\x9b7".encode()))
    for arguments in (("read", path), ("vet", path, "--standard", "Master"), ("vet", path, "--sample", "none")):
        done = colorlab(*arguments)
        shown = done.stdout + done.stderr
        assert "Batch" in shown
        assert not {letter for letter in shown if letter != "\n" and unicodedata.category(letter) == "Cc"}
    answer = json.loads(colorlab("read", path, "--json").stdout)
    assert answer["file"] == path.name


def test_a_lab_judges_by_its_own_tolerance_once_it_has_one(tmp_path):
    path, lab = qtx(tmp_path / "bad.qtx", 0.8), tmp_path / "lab"
    (tmp_path / "programme.toml").write_text(
        '[programme]\nname = "One"\nstart = 2025-09-25\nend = 2028-09-24\nslots = 1\n'
    )
    (tmp_path / "colours.csv").write_text(
        "code,name_en,family,finish,slot,due\nAME,Amethyst,violet,pearl,1,2026-06-30\n"
    )
    wide = 'name = "wide"\nformula = "CIE76"\nviewings = ["D65/10"]\n[[limit]]\ndelta_E = 30.0\n'
    (tmp_path / "wide.toml").write_text(wide)
    (tmp_path / "wrong.toml").write_text(wide.replace("30.0", "-1"))

    def run(*arguments):
        return CliRunner().invoke(cli.colorlab, [*map(str, arguments)])

    for arguments in (
        ("lab", "create", lab, "--name", "x"),
        ("roadmap", "import", lab, tmp_path / "programme.toml"),
        ("roadmap", "import", lab, tmp_path / "colours.csv"),
        ("lab", "standard", lab, "AME", path, "--sample", "Master"),
    ):
        assert run(*arguments).exit_code == 0
    vetting = ("vet", path, "--lab", lab, "--colour", "AME", "--json")
    assert run(*vetting).exit_code == 1
    assert "-1" in str(run("lab", "tolerance", lab, tmp_path / "wrong.toml", "--colour", "AME").exception)
    assert "'NOP'" in str(run("lab", "tolerance", lab, tmp_path / "wide.toml", "--colour", "NOP").exception)
    assert run(*vetting).exit_code == 1
    made = run("lab", "tolerance", lab, tmp_path / "wide.toml", "--colour", "AME", "--by", "Li")
    assert made.output.startswith("AME is now judged by colour AME (T-000001), since ")
    judged = run(*vetting)
    assert judged.exit_code == 0, judged.output
    assert json.loads(judged.stdout)["verdicts"][0]["tolerance"]["name"] == "wide"
    assert json.loads(run("lab", "check", lab, "--json").stdout)["records_count"]["tolerances"] == 1


def test_declaring_a_geometry_never_overrules_the_file(tmp_path):
    done = colorlab("read", qtx(tmp_path / "good.qtx", 1.0), "--geometry", "d/8 SCE")
    assert done.returncode == 2
    assert "d/8 SCI" in done.stderr


def test_a_fault_of_the_program_is_not_mistaken_for_a_verdict(monkeypatch, capsys):
    def broken(*_args, **_kwargs):
        raise ZeroDivisionError("planted")

    monkeypatch.setattr(cli.colorlab, "main", broken)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 70
    assert "not in your input" in capsys.readouterr().err


def test_an_interrupt_is_not_mistaken_for_a_verdict_either(monkeypatch, capsys):
    def interrupted(*_args, **_kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(cli.colorlab, "main", interrupted)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 130
    assert "are whole" in capsys.readouterr().err


def test_what_the_machine_refuses_is_no_fault_of_the_program(monkeypatch, capsys):
    def full(*_args, **_kwargs):
        raise OSError(errno.ENOSPC, "No space left on device", "lab.sqlite")

    monkeypatch.setattr(cli.colorlab, "main", full)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 2
    assert "No space left on device" in capsys.readouterr().err


def test_an_error_of_our_tree_is_one_line(monkeypatch, capsys):
    def refuses(*_args, **_kwargs):
        raise ColorlabError("panel 7: no")

    monkeypatch.setattr(cli.colorlab, "main", refuses)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert (ended.value.code, capsys.readouterr().err) == (2, "colorlab: panel 7: no\n")


def test_a_closed_pipe_is_no_error(tmp_path):
    path = qtx(tmp_path / "good.qtx", 1.0)
    script = Path(sys.executable).with_name("colorlab")
    with subprocess.Popen([script, "read", path, "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()
        assert process.wait() == 0
        assert b"Traceback" not in process.stderr.read()


@pytest.mark.parametrize("command", [name for name in cli.colorlab.commands if name not in ("lab", "roadmap")])
def test_every_command_explains_itself(command):
    shown = CliRunner().invoke(cli.colorlab, [command, "--help"])
    assert shown.exit_code == 0
    assert "Options:" in shown.output


@pytest.mark.parametrize(
    ("kill", "step"),
    [
        (signal.SIGKILL, "inspect panel photos"),
        (signal.SIGINT, "characterise, match and correct"),  # after it, pages are drawn in processes of their own
    ],
    ids=lambda value: {signal.SIGKILL: "killed", signal.SIGINT: "Ctrl-C"}.get(value, f"after {value}"),
)
def test_a_demo_ended_in_its_midst_leaves_a_lab_that_opens_and_is_consistent(tmp_path, kill, step):
    script = Path(sys.executable).with_name("colorlab")
    folder = tmp_path / "demo"
    with subprocess.Popen(
        [script, "demo", folder], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        try:
            assert any(line.startswith(step) for line in process.stderr)
            # A terminal sends Ctrl-C to the program and all processes it started.
            os.killpg(process.pid, kill)
            started = time.monotonic()
            said = process.stderr.read()
            process.wait(timeout=60)
        finally:
            process.kill()
    if kill == signal.SIGINT:
        assert time.monotonic() - started < 10
        assert process.returncode == 130
        assert said.splitlines()[-1].startswith("colorlab: interrupted; the records written so far are whole")
        assert "Traceback" not in said
    done = colorlab("lab", "check", folder / "lab", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    check = json.loads(done.stdout)
    assert check["clean"] is True
    assert check["records_count"]["captures"] == 6
