"""A folder of captures of one panel tells its polishing story, and a broken capture is one row of it."""

import json
import math
import shutil

import click
import numpy as np
import pytest
from click.testing import CliRunner

import cli
from colorlab.workflows.inspect import RoundWork, inspect_path
from colorlab.workflows.inspect_series import inspect_series, is_series
from colorlab.workflows.panel_limits import load_limits
from inspections.render import render_capture
from inspections.rounds.changes import BandChange
from inspections.rounds.limits import AppearanceLimits, MetricLimit
from inspections.rounds.polishing import judge
from inspections.rounds.process import ProcessCurve
from inspections.simulate import simulate_panel
from spectra.errors import FileError, PhotoError

LEFT = (1.0, 0.75, 0.74)
LIMITS = 'name = "x"\n[[limit]]\nmetric = "S_d_screening"\nmaximum = {}\nunit = "mrad"\n'


def run(*arguments):
    return CliRunner().invoke(cli.colorlab, [*map(str, arguments)], standalone_mode=False)


def write(folder, files):
    folder.mkdir()
    for name, content in files.items():
        if name != "truth.json":
            (folder / name).write_bytes(content)


@pytest.fixture(scope="module")
def polished(tmp_path_factory):
    """A small panel as sprayed and after two rounds, the second of which did next to nothing; one photo each."""
    folder = tmp_path_factory.mktemp("panel") / "AME-7"
    folder.mkdir()
    panel = simulate_panel(np.random.default_rng(31), {"c": 0.5, "d": 1.0, "e": 0.3}, size_mm=(64.0, 50.0))
    rng = np.random.default_rng(32)
    for number, left in enumerate(LEFT):
        told = {"panel": "AME-7", "round": number, "minutes": 50.0 + number, "pad": "wool", "car": "C-1"}
        write(folder / f"capture{number}", render_capture(panel.polished(left), "cross", rng, **told))
    write(folder / "tile", render_capture(panel.flat_reference(), "cross", rng, name="flatref"))
    return folder


@pytest.fixture
def series(polished, tmp_path):
    """The same folder, to be changed."""
    return shutil.copytree(polished, tmp_path / "AME-7")


@pytest.fixture(scope="module")
def known():
    """What was said of photos already looked at."""
    return {}


@pytest.fixture
def remembered(known, monkeypatch):
    """Photos are inspected once, whatever their folder is called and their manifest says of the round."""

    def inspect(path, tile, station):
        photos = b"".join(sorted(photo.read_bytes() for photo in path.glob("*.jpg")))
        if photos not in known:
            known[photos] = inspect_path(path, tile, station)
        return known[photos]

    monkeypatch.setattr("colorlab.workflows.inspect_series.inspect_path", inspect)


@pytest.fixture(scope="module")
def five_rounds(shared_data):
    return inspect_series(shared_data / "panel_captures" / "five_rounds")


@pytest.fixture(scope="module")
def true_lw(shared_data):
    """What was put in after each round. [mrad]"""
    folder = shared_data / "panel_captures" / "five_rounds"
    truths = [json.loads((folder / f"round{n}" / "truth.json").read_text(encoding="utf-8")) for n in range(6)]
    return [truth["bands"]["LW"]["slope_mrad"] for truth in truths]


def test_the_story_of_a_panel_is_one_table(polished, remembered):
    done = run("inspect", polished, "--operator", "Li")
    lines = done.stdout.splitlines()
    assert lines[0].startswith("AME-7, car C-1: S_lw_screening [mrad]")
    assert [line.split()[0] for line in lines[2:5]] == ["0", "1", "2"]
    assert "Li, wool, 51 min" in lines[3]
    assert "improved" in lines[3]
    assert "no detectable change" in lines[4]
    assert "LDC: least detectable change, 95 %, from declared repeatability" in done.stdout


def test_with_limits_each_round_has_its_verdict_and_the_last_decides_the_exit(polished, tmp_path, remembered):
    for maximum, exit_code, verdict in ((5.0, 0, "PASS"), (0.1, 1, "RE-POLISH")):
        (tmp_path / "limits.toml").write_text(LIMITS.format(maximum))
        done = run("inspect", polished, "--limits", tmp_path / "limits.toml", "--json")
        assert done.exit_code == exit_code
        answer = json.loads(done.stdout)
        assert answer["judgement"]["verdict"] == verdict
        assert [one["verdict"] for one in answer["rounds"]] == [verdict] * 3
        assert answer["flat_reference"] == "tile"
        assert answer["rounds"][1]["change_map"]["blocks_improved"] == 24
    assert answer["judgement"]["zone"] == answer["rounds"][2]["roughest"]


def test_a_broken_capture_is_one_row_that_says_why(series, remembered):
    (series / "capture1" / "cross.jpg").unlink(missing_ok=True)
    for photo in (series / "capture1").glob("*.jpg"):
        photo.write_bytes(b"no picture")
    outcome = inspect_series(series)
    assert [entry.number for entry in outcome.ledger.rounds] == [0, 2]
    (refused,) = outcome.refused
    assert (refused.name, refused.round) == ("capture1", 1)
    assert refused.reason in outcome.as_text()
    assert outcome.measured


def test_a_manifest_that_cannot_be_read_is_one_row_too(series, remembered):
    (series / "capture2" / "capture.json").write_text("{")
    outcome = inspect_series(series)
    assert [one.name for one in outcome.refused] == ["capture2"]
    assert "capture.json" in outcome.refused[0].reason


def test_a_round_photographed_twice_is_a_re_shoot(series, remembered):
    manifest = json.loads((series / "capture2" / "capture.json").read_text())
    (series / "capture2" / "capture.json").write_text(json.dumps(manifest | {"round": 1}))
    outcome = inspect_series(series)
    first, second = outcome.ledger.rounds
    assert (second.number, second.capture, len(second.reshoots), len(first.reshoots)) == (1, "capture2", 1, 0)


def test_captures_nobody_numbered_are_taken_by_name(series, remembered):
    for capture, name in (("capture0", "a"), ("capture1", "b"), ("capture2", "c")):
        manifest = json.loads((series / capture / "capture.json").read_text())
        del manifest["round"]
        (series / capture / "capture.json").write_text(json.dumps(manifest))
        (series / capture).rename(series / name)
    outcome = inspect_series(series, work=RoundWork(compound="C1"))
    assert [entry.capture for entry in outcome.ledger.rounds] == ["a", "b", "c"]
    assert outcome.ledger.rounds[0].compound == "C1"
    assert "neither manifests nor names number them" in outcome.notes[0]


def test_captures_of_two_panels_are_no_series(series):
    manifest = json.loads((series / "capture1" / "capture.json").read_text())
    (series / "capture1" / "capture.json").write_text(json.dumps(manifest | {"panel": "AME-8"}))
    with pytest.raises(PhotoError, match="captures of the panels AME-7, AME-8; one panel a folder"):
        inspect_series(series)


def test_minutes_that_are_no_number_are_refused_by_file(series):
    manifest = json.loads((series / "capture1" / "capture.json").read_text())
    (series / "capture1" / "capture.json").write_text(json.dumps(manifest | {"minutes": "an hour"}))
    with pytest.raises(PhotoError, match=r"capture1/capture.json: minutes is 'an hour'"):
        inspect_series(series)


def test_a_pad_that_is_no_text_is_refused_by_file(series):
    manifest = json.loads((series / "capture1" / "capture.json").read_text())
    (series / "capture1" / "capture.json").write_text(json.dumps(manifest | {"pad": ["wool"]}))
    with pytest.raises(PhotoError, match=r"capture1/capture.json: pad is \['wool'\]; expected a text"):
        inspect_series(series)


def test_photos_of_an_earlier_round_show_no_later_one(series, remembered):
    for photo in (series / "capture0").glob("*.jpg"):
        shutil.copy(photo, series / "capture1")
    outcome = inspect_series(series)
    assert [(one.name, one.reason) for one in outcome.refused] == [
        ("capture1", "its photos are those of capture0; photograph the panel again")
    ]
    assert [entry.capture for entry in outcome.ledger.rounds] == ["capture0", "capture2"]


def test_the_page_of_a_rendered_panel_says_that_it_is_simulated(polished, tmp_path):
    done = run("inspect", polished / "capture0", "--page", tmp_path / "panel.html")
    page = (tmp_path / "panel.html").read_text(encoding="utf-8")
    assert "S_lw_screening" in done.stdout
    assert "Simulated data" in page


def test_one_capture_with_limits_is_a_story_of_one_round(series, tmp_path):
    (tmp_path / "wide.toml").write_text(LIMITS.format(9.0))
    (tmp_path / "tight.toml").write_text(LIMITS.format(0.01))
    page = tmp_path / "panel.html"
    passed = run("inspect", series / "capture0", "--limits", tmp_path / "wide.toml", "--page", page)
    assert (passed.exit_code, "PASS" in passed.stdout) == (0, True)
    assert "合格" in page.read_text(encoding="utf-8")
    refused = run("inspect", series / "capture0", "--limits", tmp_path / "tight.toml")
    assert (refused.exit_code, "RE-POLISH" in refused.stdout) == (1, True)


def test_a_bare_photo_has_no_verdict(tmp_path):
    (tmp_path / "limits.toml").write_text(LIMITS.format(1.0))
    (tmp_path / "photo.png").write_bytes(b"")
    done = run("inspect", tmp_path / "photo.png", "--limits", tmp_path / "limits.toml")
    assert isinstance(done.exception, click.UsageError)


def test_a_finish_that_differs_by_a_letter_is_asked_about(tmp_path):
    limits = tmp_path / "limits.toml"
    matte = '[finish.matte]\n[[finish.matte.limit]]\nmetric = "S_c"\nmaximum = 2.0\nunit = "mrad"\n'
    limits.write_text(LIMITS.format(1.0) + matte)
    for asked in ("mate", "Matte"):
        with pytest.raises(PhotoError, match=f"has no finish '{asked}'; it has 'matte'"):
            load_limits(limits, finish=asked)
    assert len(load_limits(limits, finish="solid").limits) == 1
    assert len(load_limits(limits, finish="matte").limits) == 2


def test_a_folder_of_nothing_is_no_series(tmp_path):
    assert not is_series(tmp_path)
    with pytest.raises(FileError, match="no capture folders"):
        inspect_series(tmp_path)


def test_a_series_nothing_is_measured_in_exits_with_cannot(series):
    for photo in series.rglob("*.jpg"):
        photo.write_bytes(b"no picture")
    done = run("inspect", series)
    assert done.exit_code == 2
    assert "nothing was measured" in done.stdout


def test_the_rounds_of_an_independent_renderer_come_in_the_order_of_the_truth(five_rounds, true_lw):
    values = [value.value for _, value in five_rounds.ledger.measured("S_lw_screening")]
    assert len(values) == 6
    assert values == sorted(values, reverse=True)
    assert values == pytest.approx(true_lw, rel=0.05)


def test_the_stop_is_called_in_the_round_in_which_the_truth_is_within_the_limit(five_rounds, true_lw):
    """For a limit halfway (in ln) between any two rounds of the truth."""
    for number in range(1, 6):
        limit = math.sqrt(true_lw[number - 1] * true_lw[number])
        limits = AppearanceLimits("x", (MetricLimit("S_lw_screening", limit, "mrad"),))
        rounds = five_rounds.ledger.rounds
        passed = [
            judge(type(five_rounds.ledger)("P", rounds[: last + 1]), limits).verdict == "PASS" for last in range(6)
        ]
        assert passed == [last >= number for last in range(6)], limit


@pytest.mark.parametrize("known", [3, 4, 5])
def test_the_forecast_from_its_first_rounds_holds_the_fifth(five_rounds, true_lw, known):
    ledger = type(five_rounds.ledger)("P", five_rounds.ledger.rounds[:known])
    expected, low, high = ProcessCurve.generic("S_lw_screening").forecast(ledger, [5])
    assert low[0] < true_lw[5] < high[0]
    assert expected[0] == pytest.approx(true_lw[5], rel=0.15)


def test_every_round_is_compared_with_the_one_before(five_rounds, true_lw):
    inside = 0
    for number in range(1, 6):
        change = five_rounds.rounds[number].where.change
        assert isinstance(change, BandChange)
        assert change.improved >= 20
        assert change.worsened == 0
        gain = math.log(true_lw[number - 1] / true_lw[number])
        assert change.gain == pytest.approx(gain, abs=0.03)
        inside += int(change.interval[0] <= gain <= change.interval[1])
    assert inside >= 4


def test_without_round_keys_rounds_are_numbered_by_their_folders(five_rounds):
    assert [entry.number for entry in five_rounds.ledger.rounds] == [0, 1, 2, 3, 4, 5]
    assert five_rounds.flat_reference == "flatref"
    assert "numbered by the names of their folders" in five_rounds.notes[0]
