"""The ledger of a panel in a lab: what was told of each round, its re-shoots, and records of before."""

import json
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from click.testing import CliRunner

import cli
from colorlab.store.lab import create_lab
from colorlab.store.panels import panel_ledger, save_capture
from colorlab.workflows.panel_ledger import learn_process, show_ledger, stored_ledger
from inspections.appearance import Appearance, MetricValue
from inspections.render import render_capture
from inspections.rounds.ledger import PolishingLedger, PolishingRound
from inspections.rounds.limits import AppearanceLimits, MetricLimit
from inspections.rounds.polishing import judge
from inspections.simulate import simulate_panel
from spectra.errors import PhotoError, RecordNotFoundError

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
LIMITS = AppearanceLimits("x", (MetricLimit("S_lw", 0.3, "mrad"),))


def run(*arguments):
    return CliRunner().invoke(cli.colorlab, [*map(str, arguments)], standalone_mode=False)


def document(value, photo, **told):
    metric = MetricValue("S_lw", value, "mrad", 0.02 * value, "", "slope", 0.006 * value)
    appearance = Appearance("panel", "T1", (metric,), (), (), (), ())
    entry = PolishingRound.from_appearance(0, appearance)
    judgement = judge(PolishingLedger("P", (entry,)), LIMITS).as_dict()
    return {
        "appearance": appearance.as_dict(),
        "judgement": judgement,
        "files": {"a.jpg": photo, "capture.json": "m"},
        "flat_reference_files": {},
        "minutes": 55.0,
        **told,
    }


@pytest.fixture
def lab(tmp_path):
    with create_lab(tmp_path / "lab", "lab", NOW) as opened:
        yield opened


@pytest.fixture
def enter(lab):
    """Records a look at a panel without photos."""
    entered = []

    def save(panel, number, value, photo=None, **told):
        entered.append(None)
        with lab.writing() as connection:
            return save_capture(
                connection,
                panel=panel,
                polishing_round=number,
                outcome="re_polish",
                document=document(value, photo or f"sha{len(entered)}", **told),
                taken_at=NOW,
                software_version="0",
                now=NOW + timedelta(minutes=len(entered)),
                by="Li",
            )

    return save


def test_a_round_keeps_what_was_told_of_it(lab, enter):
    zone = {"where": "upper left", "x_mm": -30.0, "y_mm": 24.0, "width_mm": 15.0, "height_mm": 16.0}
    zone |= {"slope_mrad": 0.9, "change_percent": None}
    enter("P1", 0, 0.9, pad="wool", compound="C1", operator="Wang", car="C-1", roughest=zone)
    shown = show_ledger(lab, "P1")
    (entry,) = shown.ledger.rounds
    assert (entry.pad, entry.compound, entry.operator, shown.ledger.car) == ("wool", "C1", "Wang", "C-1")
    assert shown.verdict.zone == entry.roughest
    assert "Wang, wool, C1, 55 min" in shown.as_text()
    assert json.loads(json.dumps(shown.as_dict()))["rounds"][0]["roughest"] == zone


def test_a_record_of_before_pads_and_zones_is_read(lab, enter):
    enter("P1", 0, 0.9)
    with lab.reading() as connection:
        (entry,) = stored_ledger(connection, "P1").rounds
    assert (entry.pad, entry.operator, entry.roughest, entry.minutes) == ("", "Li", None, 55.0)


def test_a_record_that_lacks_what_it_must_hold_is_named(lab, enter):
    record = enter("P1", 0, 0.9)
    with lab.reading() as connection:
        (capture,) = panel_ledger(connection, "P1")
    assert capture.id == record
    enter("P2", 0, 0.9, appearance={"metrics": []})
    with lab.reading() as connection, pytest.raises(PhotoError, match="P-000002 does not hold 'findings'"):
        stored_ledger(connection, "P2")


def test_a_second_look_is_a_re_shoot_unless_its_photos_are_the_same(lab, enter):
    enter("P1", 0, 0.90, photo="first")
    enter("P1", 0, 0.91, photo="second")
    enter("P1", 0, 0.91, photo="second")
    with lab.reading() as connection:
        (entry,) = stored_ledger(connection, "P1").rounds
    assert [one[0].value for one in entry.reshoots] == [0.90]


def test_panels_of_a_colour_teach_its_process(lab, enter, monkeypatch):
    for number, start in enumerate((1.0, 1.3, 1.6)):
        for polishing_round in range(5):
            enter(f"P{number}", polishing_round, start * (0.3 + 0.7 * 0.6**polishing_round))
    with pytest.raises(RecordNotFoundError, match="colour"):
        learn_process(lab, "AME")
    monkeypatch.setattr("colorlab.workflows.panel_ledger.find_captures", lambda connection, colour: _all(connection))
    learned = learn_process(lab, "AME")
    (curve,) = learned.as_dict()["curves"]
    assert (curve["panels"], curve["minutes_a_round"]) == (3, 55.0)
    assert curve["left_by_a_round"] == pytest.approx(0.6, abs=0.05)
    assert "S_lw: 3 panels; a round leaves" in learned.as_text()


def _all(connection):
    return [one for number in range(3) for one in panel_ledger(connection, f"P{number}")]


def test_a_panel_nobody_entered_is_refused(lab):
    with pytest.raises(RecordNotFoundError, match="P9"):
        show_ledger(lab, "P9")


def test_rounds_entered_at_the_command_line_are_compared_and_shown(tmp_path):
    panel = simulate_panel(np.random.default_rng(41), {"c": 0.5, "d": 1.0, "e": 0.3}, size_mm=(64.0, 50.0))
    rng = np.random.default_rng(42)
    limits = '[[limit]]\nmetric = "S_d_screening"\nmaximum = 0.3\nunit = "mrad"\n'
    (tmp_path / "limits.toml").write_text(limits + "[finish.matte]\nmax_rounds = 2\n")
    run("lab", "create", tmp_path / "lab", "--name", "x")
    entry = ("--lab", tmp_path / "lab", "--panel", "P1", "--limits", tmp_path / "limits.toml", "--by", "x")
    told = ("--pad", "wool", "--compound", "C1", "--operator", "Li", "--car", "C-1", "--minutes", 40)
    for number, left in enumerate((1.0, 0.7)):
        (tmp_path / f"round{number}").mkdir()
        for name, content in render_capture(panel.polished(left), "cross", rng).items():
            (tmp_path / f"round{number}" / name).write_bytes(content)
        capture = (tmp_path / f"round{number}", *entry, *told, "--round", number)
        assert "--finish" in str(run("inspect", *capture).exception)
        done = run("inspect", *capture, "--finish", "solid", "--json")
        assert done.exception.code == 1
        answer = json.loads(done.stdout)
        assert answer["judgement"]["verdict"] == "RE-POLISH"
        assert answer["judgement"]["zone"]["where"]
    assert answer["change_map"]["blocks_improved"] == 24
    shown = run("panel", "ledger", "P1", "--lab", tmp_path / "lab")
    assert shown.exception.code == 1
    assert "P1, car C-1: S_d_screening [mrad]" in shown.stdout
    assert "Li, wool, C1, 40 min" in shown.stdout
    assert "RE-POLISH" in shown.stdout
