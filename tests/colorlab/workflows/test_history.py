"""The history of a lab: what was first, what is charted, what alarms, and what cannot be said yet."""

import csv
import json
import re
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from click.testing import CliRunner

import cli
from colorlab.colorimetry.viewing import A_10
from colorlab.roadmap.plan import Programme, RoadmapColour
from colorlab.store.lab import create_lab
from colorlab.store.measurements import save_measurement
from colorlab.store.programme import save_colour, save_programme
from colorlab.store.verdicts import append_verdict
from colorlab.workflows.history import history_of
from colorlab.workflows.history_files import history_points, write_history
from colorlab.workflows.submission import set_standard, vet_submission
from colorlab.workflows.submitted import submitted
from spectra.errors import FileError, LabError, MeasurementError
from spectra.formats.base import file_of
from spectra.formats.registry import FORMATS
from spectra.geometry import D8_SCI
from spectra.measurement import Measurement
from spectra.wavelengths import WavelengthGrid

START = datetime(2026, 1, 5, 8, tzinfo=UTC)
GRID = WavelengthGrid(400, 700, 10)
ANGLES = ("45as15", "45as110")
VIEWINGS = ("D65/10°", "A/10°")
MIX = np.array([[0.3, 0.0, 0.0], [0.2, 0.1, 0.0], [-0.1, 0.05, 0.04]])


class Records:
    """A lab with verdicts as they would stand there."""

    def __init__(self, lab):
        self.lab, self.count = lab, 0
        self.standard = self.measurement("master")

    def measurement(self, name, instrument="MA 1"):
        self.count += 1
        panel = Measurement(name, np.full((1, 31), 0.2 + 1e-6 * self.count), GRID, D8_SCI, instrument=instrument)
        with self.lab.writing() as connection:
            return save_measurement(connection, panel, now=START, by="Li")

    def verdict(self, day, difference, decision="accept", flop=None, sample=None, **others):
        rows = [
            {
                "angle": angle,
                "viewing": viewing,
                "delta_L": float(difference[0]) * (1 + place),
                "delta_C": float(difference[1]),
                "delta_H": float(difference[2]),
                "delta_E": float(np.linalg.norm(difference)) * (1 + place),
                "delta_E_interval_95": [0.0, 2 * float(np.linalg.norm(difference))],
                "limit_delta_E": 1.4,
            }
            for place, angle in enumerate(ANGLES)
            for viewing in VIEWINGS
        ]
        document = {
            "conditions": rows,
            "flop_index": None if flop is None else {"standard": 10.0, "sample": 10.0 + flop},
        }
        instrument = others.pop("instrument", "MA 1")
        sample = sample or self.measurement(f"lot {day}", instrument)
        belongs = {"colour": "AME", "supplier": "BASF", "standard": self.standard} | others
        with self.lab.writing() as connection:
            return append_verdict(
                connection,
                decision=decision,
                document=document,
                software_version="0",
                now=START + timedelta(days=day),
                by="Li",
                sample=sample,
                **belongs,
            )

    def steady(self, n, rng, first=0, shift=(0, 0, 0), **others):
        for row in range(n):
            self.verdict(7 * (first + row), rng.standard_normal(3) @ MIX.T + shift, **others)


@pytest.fixture
def records(tmp_path):
    with create_lab(tmp_path / "lab", "lab", START) as opened:
        yield Records(opened)


def test_a_steady_supplier_is_in_control(records):
    records.steady(25, np.random.default_rng(0))
    outcome = history_of(records.lab)
    (history,) = outcome.histories
    assert not outcome.alarmed
    assert outcome.sentence.startswith("In control: 25 submissions of AME by BASF, newest V-000025 of 2026-06-22; 28")
    assert [one.series.name for one in history.monitored] == [f"{angle} under D65/10°" for angle in ANGLES]
    # All charts together keep the run length that was asked for.
    assert history.run_length == 100 * 2 * 14
    assert history.sameness.answer == "as usual"
    assert history.capability.n == 25
    assert json.loads(json.dumps(outcome.as_dict(), allow_nan=False))["alarmed"] is False


def test_a_change_of_what_is_delivered_alarms_and_says_since_when(records):
    rng = np.random.default_rng(1)
    records.steady(24, rng)
    records.steady(6, rng, first=24, shift=(0.0, 0.0, 0.8))
    (history,) = history_of(records.lab).histories
    assert history.alarmed
    assert history.sentence.startswith("Alarm: AME by BASF is out of control, newest V-000030")
    assert {alarm.kind for alarm in history.alarms} >= {"MEWMA"}
    assert {one.change for one in history.drifts} <= {"step", "slope", "excursion"}
    assert "changed at V-000025 of 2026-06-22" in history.as_text()
    # No "same as before" beside an alarm without saying as what.
    assert "Same as before" not in history.as_text()
    assert 0 < history.sameness.standing.out_of_control_count <= 5
    assert re.search(r"29 earlier submissions, 2026-01-05 to 2026-07-20, the last .* out of control", history.as_text())
    assert "此前 29 次提交（2026-01-05 至 2026-07-20）" in history.as_text()


def test_one_submission_unlike_the_others_is_not_the_same_as_before(records):
    rng = np.random.default_rng(2)
    records.steady(20, rng)
    records.verdict(200, (0.0, 0.0, 1.5), "reject")
    (history,) = history_of(records.lab).histories
    assert history.sameness.answer == "unusual"
    assert history.sameness.largest.component.startswith("ΔH* at ")
    assert "T²" in {alarm.kind for alarm in history.alarms}


def test_another_standard_begins_another_series_and_it_is_said(records):
    records.steady(12, np.random.default_rng(3))
    other = records.measurement("new master")
    records.steady(5, np.random.default_rng(4), first=12, shift=(3, 0, 0), standard=other)
    (history,) = history_of(records.lab).histories
    assert (len(history.points), history.standard) == (5, other)
    assert any("12 submissions were judged against another standard" in note for note in history.notes)
    assert not history.alarmed


def test_a_short_history_says_what_cannot_be_charted_yet(records):
    records.steady(2, np.random.default_rng(5))
    (history,) = history_of(records.lab).histories
    assert history.sentence.startswith("Not charted yet: 2 submissions of AME by BASF")
    assert {"capability is stated from 10 submissions on: 8 more"} <= set(history.notes)
    assert any("4 more" in note for note in history.notes if note.startswith("same as before"))
    records.steady(3, np.random.default_rng(6), first=2)
    assert "more until the limits are at most twice as wide" in history_of(records.lab).sentence


def test_first_pass_counts_first_submissions_by_what_is_known(records):
    records.verdict(0, (0.1, 0, 0), "reject", line="1")
    records.verdict(7, (0.1, 0, 0.1), line="1")
    records.verdict(8, (0.1, 0, 0.1), colour="SPY", line="2", instrument="MA 2")
    records.verdict(9, (0.1, 0, 0.1), colour="SPY", supplier="PPG")
    outcome = history_of(records.lab)
    counts = {
        name: [(one.group, one.accepted_count, one.judged_count) for one in own]
        for name, own in outcome.first_pass.items()
    }
    assert counts["supplier"] == [("BASF", 1, 2), ("PPG", 1, 1)]
    assert counts["line"] == [("1", 0, 1), ("2", 1, 1)]
    assert counts["instrument"] == [("MA 1", 1, 2), ("MA 2", 1, 1)]
    assert counts["colour"] == [("AME", 0, 1), ("SPY", 2, 2)]
    every = [(one.group, one.accepted_count, one.judged_count) for one in outcome.submissions_accepted["supplier"]]
    assert every == [("BASF", 2, 3), ("PPG", 1, 1)]
    # What was first is not decided by when one begins to look.
    later = history_of(records.lab, since=START + timedelta(days=5))
    assert "AME" not in [one.group for one in later.first_pass["colour"]]
    assert "3 histories of colour and supplier; 3 have too few" in outcome.sentence


def test_samples_judged_together_are_one_submission_and_the_worst_names_it(records):
    records.verdict(0, (0.2, 0.0, 0.0))
    records.verdict(0, (0.6, 0.0, 0.0), "reject", flop=0.4)
    with records.lab.reading() as connection:
        (point,) = submitted(connection)
    assert (point.record, point.records, point.decision) == ("V-000002", ("V-000001", "V-000002"), "reject")
    assert point.differences["45as15", "D65/10°"] == pytest.approx((0.4, 0, 0))
    assert point.share_of_limit == pytest.approx(1.2 / 1.4)
    assert (point.worst[0], point.flop) == ("45as110", pytest.approx(0.4))
    assert point.label == "V-000002 and 1 more"


def test_a_sample_judged_again_counts_once(records):
    sample = records.measurement("lot")
    records.verdict(0, (0.5, 0, 0), "undecided", sample=sample)
    records.verdict(9, (0.4, 0, 0), sample=sample)
    with records.lab.reading() as connection:
        (point,) = submitted(connection)
    assert (point.record, point.decision, point.time) == ("V-000002", "accept", START)


def test_lines_and_instruments_charted_together_are_said_and_can_be_separated(records):
    for row in range(6):
        records.verdict(
            row, np.random.default_rng(row).standard_normal(3), line=str(row % 2), instrument=f"MA {row % 3}"
        )
    (history,) = history_of(records.lab).histories
    assert any("of several lines (0, 1)" in note and "--line" in note for note in history.notes)
    assert any("of several instruments (MA 0, MA 1, MA 2)" in note for note in history.notes)
    assert len(history_of(records.lab, line="1").histories[0].points) == 3
    assert len(history_of(records.lab, instrument="MA 2").histories[0].points) == 2


def test_the_flop_is_charted_where_there_is_one(records):
    rng = np.random.default_rng(7)
    for row in range(9):
        records.verdict(row, rng.standard_normal(3) @ MIX.T, flop=float(rng.normal(0, 0.2)))
    (history,) = history_of(records.lab).histories
    assert history.monitored[-1].series.components == ("Δ flop index",)
    assert history.run_length == 100 * (2 * 14 + 4)


def test_another_viewing_or_one_angle_can_be_chosen(records):
    records.steady(6, np.random.default_rng(8))
    (history,) = history_of(records.lab, viewing=A_10, angle="45as110").histories
    assert [one.series.name for one in history.monitored] == ["45as110 under A/10°"]
    with pytest.raises(MeasurementError, match="no verdict is at 45as45 under D65/10°; there are 45as15, 45as110"):
        history_of(records.lab, angle="45as45")


def test_copies_are_said_and_not_charted(records):
    for row in range(8):
        records.verdict(row, (0.1, 0.2, 0.3))
    (history,) = history_of(records.lab).histories
    assert history.monitored == ()
    assert any("is not charted: the submissions do not scatter" in note for note in history.notes)


def test_nothing_that_matches_is_an_error_in_words(records):
    records.verdict(0, (0.1, 0, 0))
    with pytest.raises(LabError, match="no submission was judged of supplier PPG in that time"):
        history_of(records.lab, supplier="PPG")


def test_figures_and_data_are_written_and_never_over_others(records, tmp_path):
    records.steady(8, np.random.default_rng(9))
    outcome = history_of(records.lab)
    written = write_history(outcome, tmp_path / "charts")
    assert sorted(path.name for path in written) == [
        "AME-BASF-45as110.svg",
        "AME-BASF-45as15.svg",
        "AME-BASF.svg",
        "history.csv",
    ]
    with (tmp_path / "charts" / "history.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    # Two angles, fourteen charts, one more line of each CUSUM.
    assert len(rows) == 8 * 2 * (14 + 3)
    assert {row["out_of_control"] for row in rows} <= {"yes", "no"}
    assert rows[0]["value"] == ""
    with pytest.raises(FileError, match="exists already"):
        write_history(outcome, tmp_path / "charts")
    (png,) = write_history(outcome, tmp_path / "one.png")
    assert png.read_bytes().startswith(b"\x89PNG")
    with pytest.raises(FileError, match=r"no format called \.jpg"):
        write_history(outcome, tmp_path / "one.jpg")
    assert [one.record for one in history_points(outcome.histories[0].points)][-1] == "V-000008"


def test_one_figure_is_of_one_history(records, tmp_path):
    records.verdict(0, (0.1, 0, 0))
    records.verdict(1, (0.1, 0, 0), supplier="PPG")
    with pytest.raises(FileError, match="one figure of 2 histories"):
        write_history(history_of(records.lab), tmp_path / "one.svg")


def test_real_verdicts_are_read_as_they_are_written(tmp_path):
    shape = 0.25 + 0.2 * np.sin((GRID.wavelengths - 430) / 70)

    def file(name, scale):
        panel = Measurement("lot", scale * shape[None], GRID, D8_SCI, role="sample", instrument="sphere 1")
        (tmp_path / name).write_bytes(FORMATS["qtx"].write(file_of([panel])))
        return tmp_path / name

    with create_lab(tmp_path / "lab", "lab", START) as lab:
        with lab.writing() as connection:
            programme = Programme("one", date(2025, 9, 25), date(2028, 9, 24), 1)
            save_programme(connection, programme, now=START, by="Li")
            colour = RoadmapColour("AME", {"en": "AME"}, "violet", "solid", (), None, date(2026, 9, 1))
            save_colour(connection, colour, now=START, by="Li")
        set_standard(lab, "AME", file("master.qtx", 1.0), now=START, by="Li")
        for day, scale in enumerate((0.999, 1.002, 0.997, 1.001)):
            path, now = file(f"lot{day}.qtx", scale), START + timedelta(days=day)
            vet_submission(lab, [path], colour="AME", supplier="BASF", now=now, by="Li")
        (history,) = history_of(lab).histories
    assert [point.decision for point in history.points] == ["accept"] * 4
    assert (
        history.points[2].differences["d/8 SCI", "D65/10°"][0]
        < 0
        < history.points[1].differences["d/8 SCI", "D65/10°"][0]
    )


def run(*arguments):
    return CliRunner().invoke(cli.colorlab, ["history", *map(str, arguments)])


def test_the_command_leads_with_the_sentence_and_exits_with_an_alarm(records, tmp_path):
    rng = np.random.default_rng(10)
    records.steady(20, rng)
    fine = run(records.lab.folder)
    assert (fine.exit_code, fine.stdout.startswith("In control: 20 submissions")) == (0, True)
    assert "colours accepted at first submission" in fine.stdout
    assert "1 of 1 (100 %)" in fine.stdout
    assert re.search(r"20 of 20 \(100 %\) +84 to 100 %", fine.stdout)
    records.verdict(200, (3.0, 0.0, 0.0), "reject")
    alarmed = run(records.lab.folder, "--json", "--output", tmp_path / "out.csv")
    assert alarmed.exit_code == 1
    document = json.loads(alarmed.stdout)
    assert document["alarmed"] is True
    assert (tmp_path / "out.csv").is_file()
    before = run(records.lab.folder, "--until", "2026-06-01")
    assert before.exit_code == 0
