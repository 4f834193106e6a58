"""Patterns, calibration and bridges at the command line."""

import json

import click
import cv2
import numpy as np
import pytest
from click.testing import CliRunner

import cli
from spectra.errors import ColorlabError

HEAD = "panel,scale,reading,metric,rig,value,tier\n"


def run(*arguments):
    return CliRunner().invoke(cli.colorlab, [*map(str, arguments)], standalone_mode=False)


def readings(n):
    return HEAD + "".join(f"P-{k},LW,{10 + 3 * k},S_lw,booth 1,{0.3 + 0.1 * k},T1\n" for k in range(n))


def test_patterns_are_written_with_the_manifest_of_their_photos(tmp_path) -> None:
    done = run(
        "patterns", tmp_path, "--screen", "640x360", "--pitch", 0.5, "--kind", "fringes", "--kind", "board",
        "--kind", "card", "--periods", "6,48", "--steps", "4,3", "--dpi", 150, "--name", "booth 1",
    )  # fmt: skip
    assert done.exception is None
    assert "fringe periods: 12.000, 96.000 pixels" in done.stdout
    manifest = json.loads((tmp_path / "capture.json").read_text())
    assert manifest["station"] == "booth 1"
    for shot in manifest["shots"]:
        image = cv2.imread(str(tmp_path / shot["file"].replace(".jpg", ".png")), cv2.IMREAD_UNCHANGED)
        assert image.shape == (360, 640)
    assert (tmp_path / "card.pdf").read_bytes().startswith(b"%PDF")
    assert "squares" in (tmp_path / "calibration.toml").read_text()


def test_fringes_on_paper_have_their_period_in_millimetres(tmp_path) -> None:
    done = run("patterns", tmp_path, "--on-paper", "--paper", "A5", "--dpi", 127, "--kind", "cross", "--periods", 8)
    assert done.exception is None
    page = cv2.imread(str(tmp_path / "single_cross.png"), cv2.IMREAD_GRAYSCALE)
    assert page.shape == (740, 1050)
    # 127 dpi are 5 pixels a millimetre: 8 mm are 40 pixels.
    assert abs(np.fft.rfft(page[370].astype(float) - page[370].mean())).argmax() == round(1050 / 40)
    assert (tmp_path / "single_cross.pdf").exists()


def test_a_wide_pattern_has_16_bits(tmp_path) -> None:
    run("patterns", tmp_path, "--screen", "64x48", "--pitch", 0.5, "--kind", "softbox", "--bits", 16)
    assert cv2.imread(str(tmp_path / "softbox.png"), cv2.IMREAD_UNCHANGED).dtype == "uint16"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--screen", "640"), "two whole numbers"),
        (("--screen", "640x360"), "--pitch, or --station"),
        (("--screen", "640x360", "--pitch", 0.5, "--periods", "6", "--steps", "8,3"), "expected one for each"),
        (("--screen", "640x360", "--pitch", 0.5, "--periods", "a"), "list of numbers"),
        (("--screen", "640x360", "--pitch", 5, "--kind", "fringes"), "at least 8"),
        (("--screen", "32768x32768", "--pitch", 0.2, "--kind", "fringes"), "at most 150 million are drawn"),
        (("--kind", "card", "--on-paper", "--opening", "1e-9x1e-9"), "sides of at least 20 mm"),
    ],
)
def test_what_cannot_be_shown_is_refused_in_one_sentence(tmp_path, options, said) -> None:
    done = run("patterns", tmp_path, *options)
    assert isinstance(done.exception, ColorlabError | click.UsageError)
    assert said in str(done.exception)


def test_a_calibration_folder_says_what_it_lacks(tmp_path) -> None:
    assert "calibration.toml" in str(run("station", "calibrate", tmp_path).exception)
    run("patterns", tmp_path, "--screen", "640x360", "--pitch", 0.5, "--kind", "board", "--dpi", 100)
    assert "holds no photos board_*" in str(run("station", "calibrate", tmp_path).exception)


def test_a_bridge_is_learned_and_says_what_it_is_good_for(tmp_path) -> None:
    (tmp_path / "pairs.csv").write_text(readings(9))
    done = run("bridge", "learn", tmp_path / "pairs.csv", "--output", tmp_path / "bridge.toml")
    assert done.exception is None
    assert "LW~est" in done.stdout
    assert "good for this station, tier and range only" in done.stdout


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (readings(7), "7 panels; a bridge needs at least 8"),
        ("panel,scale\n", "column 'reading' is missing"),
        ("", "no rows"),
        (HEAD + "P,LW,x,S_lw,b,1,T1\n", "line 2: reading 'x'; expected a finite number"),
        (HEAD + "P,LW,1e300,S_lw,b,1,T1\n", "line 2: reading '1e300'; expected a finite number below 1e+12"),
        (HEAD + "P,LW,5,S_xx,b,1,T1\n", "line 2: metric 'S_xx'; expected one of"),
        (HEAD + "P,LW,5,S_lw,b,1,T9\n", "line 2: tier 'T9'"),
        (HEAD + "P,LW,5,S_lw\n", "line 2: 4 cells; expected 7"),
        (HEAD + "P,,5,S_lw,b,1,T1\n", "an empty panel, scale or rig"),
    ],
)
def test_a_wrong_table_is_refused_with_its_line(tmp_path, content, said) -> None:
    (tmp_path / "pairs.csv").write_text(content)
    done = run("bridge", "learn", tmp_path / "pairs.csv", "--output", tmp_path / "bridge.toml")
    assert isinstance(done.exception, ColorlabError)
    assert said in str(done.exception)
    assert not (tmp_path / "bridge.toml").exists()


def test_readings_may_come_from_recorded_answers(tmp_path) -> None:
    for k in range(8):
        metric = {"name": "S_lw", "value": 0.3 + 0.1 * k, "definition": "as it was"}
        (tmp_path / f"{k}.json").write_text(json.dumps({"tier": "T1", "metrics": [metric]}))
    rows = "".join(f"P-{k},LW,{10 + 3 * k},S_lw,booth 1,{k}.json\n" for k in range(8))
    (tmp_path / "pairs.csv").write_text("panel,scale,reading,metric,rig,capture\n" + rows)
    done = run("bridge", "learn", tmp_path / "pairs.csv", "--output", tmp_path / "b.toml", "--json")
    assert json.loads(done.stdout)["bridges"][0]["definition"] == "as it was"
    (tmp_path / "3.json").write_text("[]")
    assert "no answer of" in str(run("bridge", "learn", tmp_path / "pairs.csv").exception)
