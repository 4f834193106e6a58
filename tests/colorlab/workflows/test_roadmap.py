"""The roadmap in a lab: imported once, moved through gates that look at the records, counted as of any day."""

import json
import os
from datetime import UTC, date, datetime, timedelta
from itertools import count

import numpy as np
import pytest

from colorlab.roadmap.plan import Stage
from colorlab.store import records, schema
from colorlab.store.lab import create_lab
from colorlab.store.measurements import save_measurement, save_measurements
from colorlab.store.panels import save_capture
from colorlab.store.programme import load_colour
from colorlab.store.raw_files import register_raw_file
from colorlab.store.standards import choose_standard, standard_in_force
from colorlab.store.verdicts import append_verdict
from colorlab.workflows.lab import check_lab
from colorlab.workflows.roadmap import advance_colour, import_roadmap, progress_as_text, roadmap_progress
from spectra.errors import FileError, MalformedFileError, RecordNotFoundError, RoadmapError
from spectra.geometry import D8_SCI
from spectra.measurement import Measurement
from spectra.stated import Source
from spectra.wavelengths import WavelengthGrid

NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
GRID = WavelengthGrid(400, 700, 10)
SERIAL = count()
PROGRAMME = """
[programme]
name = "100 colours"
start = 2025-09-25
end = 2028-09-24
slots = 100
utc_offset = "+08:00"

[[colours]]
code = "AM"
names = {en = "Amethyst", zh = "紫水晶"}
family = "purple"
finish = "pearl"
suppliers = ["BASF"]
slot = 1
due = 2026-04-01
stage = "supplier submission"
stage_since = 2026-02-01
"""
CSV = "code,name_en,family,finish,suppliers,slot,due,stage,stage_since\n"
AMETHYST = "AM,Amethyst,purple,pearl,BASF,1,2026-04-01,supplier submission,2026-02-01\n"
SPROUT = "SY,Sprout Yellow,yellow,solid,PPG,2,2026-05-01,,\n"


@pytest.fixture
def write(tmp_path):
    def file(name, text):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return file


@pytest.fixture
def lab(tmp_path, write):
    """A lab with one colour that awaits its approval."""
    with create_lab(tmp_path / "lab", "lab", NOW) as opened:
        import_roadmap(opened, write("plan.toml", PROGRAMME), NOW, "Li")
        yield opened


def put_in_force(lab, colour="AM", name="master", now=NOW):
    with lab.writing() as connection:
        record = save_measurement(connection, panel(name, "standard"), now=now, by="Li", colour=colour)
        choose_standard(connection, colour, record, now=now, by="Li")
        return record


def judge(lab, *decisions, colour="AM", now=NOW, supplier="BASF", file=None):
    """A submission of one file, a sample a decision; the colour gets a standard where it has none."""
    file = file or f"{colour} lots {now} {next(SERIAL)}"
    with lab.reading() as connection:
        try:
            standard = standard_in_force(connection, colour).id
        except RecordNotFoundError:
            standard = None
    standard = standard or put_in_force(lab, colour, f"{colour} master")
    blob = lab.blobs.put(file.encode())
    samples = [panel(f"lot {n}", source=Source(file, blob.sha256, "qtx")) for n, _ in enumerate(decisions)]
    with lab.writing() as connection:
        register_raw_file(connection, blob, file, now=now, by="Li")
        ids = save_measurements(connection, samples, now=now, by="Li", colour=colour, supplier=supplier)
        return [
            append_verdict(
                connection, decision=decision, document={}, colour=colour, supplier=supplier, software_version="0",
                now=now, by="Li", standard=standard, sample=sample,
            )
            for decision, sample in zip(decisions, ids, strict=True)
        ][-1]  # fmt: skip


def panel(name, role="sample", source=None):
    return Measurement(name, np.full((1, GRID.count), 0.3), GRID, D8_SCI, role=role, source=source)


def capture(lab, panel, polishing_round, outcome, colour="AM"):
    with lab.writing() as connection:
        return save_capture(
            connection, panel=panel, colour=colour, polishing_round=polishing_round, outcome=outcome, document={},
            taken_at=NOW, software_version="0", now=NOW, by="station",
        )  # fmt: skip


def number_of_records(lab):
    return check_lab(lab.folder).records


def test_a_dry_run_shows_the_differences_and_writes_nothing(lab, write):
    before = number_of_records(lab)
    file = write("plan.csv", CSV + AMETHYST.replace("pearl", "metallic") + SPROUT)
    foreseen = import_roadmap(lab, file, NOW, "Li", dry_run=True)
    assert number_of_records(lab) == before
    assert foreseen.added == ("SY",)
    assert [change.as_dict() for change in foreseen.changes] == [
        {"code": "AM", "field": "names", "before": "en: Amethyst, zh: 紫水晶", "after": "en: Amethyst"},
        {"code": "AM", "field": "finish", "before": "pearl", "after": "metallic"},
    ]
    done = import_roadmap(lab, file, NOW, "Li")
    assert {**done.as_dict(), "dry_run": True} == foreseen.as_dict()


def test_importing_the_same_file_again_changes_nothing(lab, write):
    file = write("plan.csv", CSV + AMETHYST + SPROUT)
    import_roadmap(lab, file, NOW, "Li")
    before = number_of_records(lab)
    again = import_roadmap(lab, file, NOW + timedelta(days=1), "Wang")
    assert (again.added, again.changes, again.unchanged) == ((), (), ("AM", "SY"))
    assert number_of_records(lab) == before
    assert check_lab(lab.folder).clean


def test_what_a_first_import_leaves_empty_is_no_change(tmp_path, write):
    with create_lab(tmp_path / "new", "new", NOW) as empty:
        outcome = import_roadmap(empty, write("plan.toml", PROGRAMME), NOW, "Li")
    assert [change.field for change in outcome.changes] == ["name", "start", "end", "slots", "utc_offset_minutes"]
    assert "; 1 colour added, 0 changed" in outcome.as_text()
    assert "remark" not in outcome.as_text()


def test_importing_an_old_file_does_not_take_a_colour_back(lab, write):
    judge(lab, "accept")
    advance_colour(lab, "AM", "colour approved", NOW, "Li")
    outcome = import_roadmap(lab, write("plan.toml", PROGRAMME), NOW, "Li")
    assert outcome.unchanged == ("AM",)
    with lab.reading() as connection:
        assert load_colour(connection, "AM").stage is Stage.COLOUR_APPROVED


def test_a_stage_a_file_states_is_kept_with_the_file_as_its_reason(lab, write):
    later = AMETHYST.replace("supplier submission,2026-02-01", "line trial,2026-02-20")
    outcome = import_roadmap(lab, write("plan.csv", CSV + later), NOW, "Li")
    assert [c.as_dict() for c in outcome.changes if c.field == "stage"] == [
        {"code": "AM", "field": "stage", "before": "supplier_submission", "after": "line_trial"}
    ]
    with lab.reading() as connection:
        event = load_colour(connection, "AM").history[-1]
    assert (event.stage, event.override_reason) == (Stage.LINE_TRIAL, "stated by plan.csv")


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        (AMETHYST.replace("2026-02-01", "2026-01-01"), "line 2, stage: AM entered supplier submission at 2026-01-01"),
        (SPROUT.replace(",2,", ",1,"), "line 2, slot: 1 belongs to AM"),
        (SPROUT + SPROUT.replace("SY", "S2"), "line 3, slot: 2 is taken already in line 2"),
        (SPROUT.replace(",2,", ",101,"), "line 2, slot: 101 is beyond the programme's 100 slots"),
    ],
)
def test_what_does_not_fit_the_lab_is_refused_whole(lab, write, rows, fault):
    before = number_of_records(lab)
    with pytest.raises(MalformedFileError, match=fault):
        import_roadmap(lab, write("plan.csv", CSV + rows), NOW, "Li")
    assert number_of_records(lab) == before


def test_a_programme_cannot_shrink_below_a_slot_that_is_taken(lab, write):
    import_roadmap(lab, write("plan.csv", CSV + SPROUT), NOW, "Li")
    smaller = PROGRAMME.replace("slots = 100", "slots = 1")
    with pytest.raises(MalformedFileError, match="SY of the lab holds slot 2, beyond the last"):
        import_roadmap(lab, write("plan.toml", smaller), NOW, "Li")


def test_colours_need_a_programme_first(tmp_path, write):
    with create_lab(tmp_path / "empty", "lab", NOW) as empty:
        with pytest.raises(RoadmapError, match="no programme yet"):
            import_roadmap(empty, write("plan.csv", CSV + SPROUT), NOW, "Li")
        with pytest.raises(RecordNotFoundError, match="no programme"):
            roadmap_progress(empty, NOW.date())


@pytest.mark.parametrize("name", ["plan.docx", "no such file.csv"])
def test_a_file_that_is_no_roadmap_is_refused(lab, write, name):
    file = write(name, "") if name.endswith("docx") else lab.folder / name
    with pytest.raises(FileError):
        import_roadmap(lab, file, NOW, "Li")


@pytest.mark.parametrize("decisions", [[], ["reject"], ["undecided"], ["reject", "undecided"]])
def test_a_colour_is_not_approved_without_an_accepted_verdict(lab, decisions):
    for decision in decisions:
        judge(lab, decision)
    judge(lab, "accept", colour="SY")
    before = number_of_records(lab)
    with pytest.raises(RoadmapError, match="no accepted verdict is shown at the gate of colour approved"):
        advance_colour(lab, "AM", "colour approved", NOW, "Li")
    assert number_of_records(lab) == before


def test_a_colour_is_approved_on_its_newest_submission(lab):
    judge(lab, "reject")
    newest = judge(lab, "accept")
    outcome = advance_colour(lab, "AM", "colour approved", NOW, "Li")
    assert outcome.as_dict() == {
        "code": "AM",
        "stage_before": "supplier_submission",
        "stage": "colour_approved",
        "at": NOW.isoformat(),
        "by": "Li",
        "evidence": [newest],
        "override_reason": None,
        "open_points": [],
        "record": "S-000002",
    }


@pytest.mark.parametrize("decisions", [["reject"], ["accept", "undecided"]])
def test_an_acceptance_that_was_taken_back_by_a_later_submission_opens_no_gate(lab, decisions):
    accepted = judge(lab, "accept")
    judge(lab, *decisions)
    fault = f"in the newest submission verdict V-.* is {decisions[-1]}"
    for shown in ([], [accepted]):
        with pytest.raises(RoadmapError, match=fault):
            advance_colour(lab, "AM", "colour approved", NOW, "Li", evidence=shown)
    allowed = advance_colour(lab, "AM", "colour approved", NOW, "Lin", evidence=[accepted], reason="lots were mixed up")
    assert (allowed.event.evidence, len(allowed.open_points)) == ((accepted,), 1)


def test_a_verdict_against_a_superseded_standard_opens_no_gate_until_that_standard_is_chosen_again(lab):
    first = put_in_force(lab)
    accepted = judge(lab, "accept")
    second = put_in_force(lab, name="master 2")
    for shown in ([], [accepted]):
        with pytest.raises(RoadmapError, match=f"against {first}, but {second} is in force"):
            advance_colour(lab, "AM", "colour approved", NOW, "Li", evidence=shown)
    put_in_force(lab)
    assert advance_colour(lab, "AM", "colour approved", NOW, "Li").event.evidence == (accepted,)


def test_a_released_colour_needs_its_newest_submission_too(lab):
    judge(lab, "accept")
    for stage in ("colour approved", "line trial"):
        advance_colour(lab, "AM", stage, NOW, "Li")
    capture(lab, "A1", 0, "pass")
    advance_colour(lab, "AM", "appearance approved", NOW, "Li")
    judge(lab, "reject")
    with pytest.raises(RoadmapError, match="in the newest submission verdict V-000002 is reject"):
        advance_colour(lab, "AM", "released", NOW, "Li")


def test_a_first_submission_is_accepted_only_if_all_its_samples_are(lab):
    judge(lab, "accept", "reject", supplier="BASF")
    judge(lab, "accept", "accept", supplier="PPG")
    judge(lab, "reject", supplier="PPG", now=NOW + timedelta(hours=1))
    judge(lab, "reject", supplier="PPG", colour="SY")
    judge(lab, "accept", supplier="PPG", colour="SY", now=NOW + timedelta(hours=1))
    assert [row.as_dict() for row in roadmap_progress(lab, NOW.date()).first_pass] == [
        {"supplier": "BASF", "accepted_count": 0, "judged_count": 1},
        {"supplier": "PPG", "accepted_count": 1, "judged_count": 2},
    ]


def test_the_same_file_vetted_again_is_another_submission(lab):
    judge(lab, "reject", file="lots.qtx")
    judge(lab, "accept", file="lots.qtx", now=NOW + timedelta(minutes=1))
    assert roadmap_progress(lab, NOW.date()).first_pass[0].accepted_count == 0
    assert advance_colour(lab, "AM", "colour approved", NOW, "Li").event.evidence == ("V-000002",)


@pytest.mark.parametrize(
    ("decision", "colour", "fault"),
    [("reject", "AM", "verdict V-000001 is reject"), ("accept", "SY", "verdict V-000001 is about SY")],
)
def test_a_verdict_that_says_otherwise_opens_no_gate(lab, decision, colour, fault):
    shown = [judge(lab, decision, colour=colour)]
    with pytest.raises(RoadmapError, match=fault):
        advance_colour(lab, "AM", "colour approved", NOW, "Li", evidence=shown)


def test_evidence_that_is_not_in_the_lab_is_no_evidence_even_with_a_reason(lab):
    with pytest.raises(RecordNotFoundError, match="verdict 'V-000007'"):
        advance_colour(lab, "AM", "colour approved", NOW, "Li", evidence=["V-000007"], reason="trust me")


def test_a_named_person_may_open_a_gate_with_a_reason_and_the_lab_keeps_both(lab):
    outcome = advance_colour(lab, "AM", "colour approved", NOW, "Director Lin", reason="shown at the fair")
    assert outcome.open_points == ("no accepted verdict is shown at the gate of colour approved",)
    with lab.reading() as connection:
        event = load_colour(connection, "AM").history[-1]
    assert (event.by, event.override_reason) == ("Director Lin", "shown at the fair")


def test_appearance_is_approved_by_a_panel_whose_last_round_passed(lab):
    judge(lab, "accept")
    advance_colour(lab, "AM", "colour approved", NOW, "Li")
    advance_colour(lab, "AM", "line trial", NOW, "Li")
    early = capture(lab, "A1", 1, "pass")
    capture(lab, "A1", 2, "re_polish")
    capture(lab, "A2", 5, "pass", colour="SY")
    with pytest.raises(RoadmapError, match="no passed panel is shown"):
        advance_colour(lab, "AM", "appearance approved", NOW, "Li")
    with pytest.raises(RoadmapError, match=r"panel A1: its last round, 2 \(P-000002\), is re_polish"):
        advance_colour(lab, "AM", "appearance approved", NOW, "Li", evidence=[early])
    with pytest.raises(RoadmapError, match=r"panel A2 \(P-000003\) is painted in SY"):
        advance_colour(lab, "AM", "appearance approved", NOW, "Li", evidence=["P-000003"])
    passed = capture(lab, "A1", 3, "pass")
    assert advance_colour(lab, "AM", "appearance approved", NOW, "Li").event.evidence == (passed,)
    assert advance_colour(lab, "AM", "released", NOW, "Li").event.evidence == ("V-000001", passed)
    assert roadmap_progress(lab, NOW.date()).released_count == 1
    assert check_lab(lab.folder).clean


def test_a_colour_cannot_be_released_past_its_gates(lab):
    with pytest.raises(RoadmapError, match="the stage colour approved is skipped"):
        advance_colour(lab, "AM", "released", NOW, "Li")


def test_an_unknown_colour_names_the_known_ones(lab):
    with pytest.raises(RecordNotFoundError, match="no colour 'XX' in this lab; there are AM"):
        advance_colour(lab, "XX", "brief", NOW, "Li")


def test_progress_as_of_a_day_stays_what_it_was(lab, write):
    judge(lab, "accept", now=NOW - timedelta(days=20))
    judge(lab, "reject", colour="SY", now=NOW - timedelta(days=10))
    day = NOW.date()
    before = roadmap_progress(lab, day)
    later = NOW + timedelta(days=60)
    postponed = AMETHYST.replace("2026-04-01", "2026-12-01")
    import_roadmap(lab, write("plan.csv", CSV + postponed), later, "Li")
    advance_colour(lab, "AM", "colour approved", later, "Li")
    judge(lab, "accept", colour="TR", now=later)
    assert roadmap_progress(lab, day).as_dict() == before.as_dict()
    assert [row.as_dict() for row in before.first_pass] == [
        {"supplier": "BASF", "accepted_count": 1, "judged_count": 2}
    ]
    assert roadmap_progress(lab, date(2026, 4, 2)).late[0].days_late == 1
    assert roadmap_progress(lab, later.date()).late == ()
    assert json.loads(json.dumps(before.as_dict())) == before.as_dict()


def test_what_is_recorded_later_counts_at_its_stated_dates_and_is_counted(lab, write):
    day, later = NOW.date(), NOW + timedelta(days=60)
    before = roadmap_progress(lab, day)
    assert before.recorded_after_count == 0
    assert "written later" not in progress_as_text(before)
    staged = SPROUT.replace(",,\n", ",released,2026-02-10\n")
    import_roadmap(lab, write("plan.csv", CSV + staged), later, "Li")
    after = roadmap_progress(lab, day)
    assert (before.released_count, after.released_count) == (0, 1)
    assert after.recorded_after_count == after.as_dict()["recorded_after_count"] == 2  # the colour and its stage
    assert "2 records written later" in progress_as_text(after)
    assert roadmap_progress(lab, later.date()).recorded_after_count == 0
    assert roadmap_progress(lab, date(2026, 2, 5)).recorded_after_count == 4  # all but the stage of 10 February


def test_the_last_day_of_the_calendar_has_its_progress_west_of_greenwich(tmp_path, write):
    with create_lab(tmp_path / "west", "lab", NOW) as west:
        import_roadmap(west, write("west.toml", PROGRAMME.replace("+08:00", "-08:00")), NOW, "Li")
        assert roadmap_progress(west, date.max).late[0].code == "AM"
        assert roadmap_progress(west, date.min).linear_plan_count == 0


def test_a_plan_whose_file_name_is_no_text_is_imported_under_a_legible_one(lab, write):
    name = os.fsdecode("批次.csv".encode("gb18030"))
    outcome = import_roadmap(lab, write(name, CSV + SPROUT.replace(",,\n", ",brief,2026-02-01\n")), NOW, "Li")
    legible = r"\xc5\xfa\xb4\xce.csv"
    assert outcome.file_name == legible
    with lab.reading() as connection:
        (event,) = load_colour(connection, "SY").history
    assert (event.by, event.override_reason) == (legible, f"stated by {legible}")


def test_an_import_that_dies_halfway_leaves_nothing(lab, write, monkeypatch):
    before = number_of_records(lab)

    def ctrl_c(*_args, **_keywords):
        raise KeyboardInterrupt

    monkeypatch.setattr("colorlab.workflows.roadmap.append_stage_event", ctrl_c)
    staged = SPROUT.replace(",,\n", ",brief,2026-02-01\n")
    with pytest.raises(KeyboardInterrupt):
        import_roadmap(lab, write("plan.csv", CSV + staged), NOW, "Li")
    assert number_of_records(lab) == before
    check = check_lab(lab.folder)
    assert check.clean
    assert check.unreferenced_files_count == 1


def test_every_table_of_the_roadmap_is_in_the_audit_log(lab):
    with lab.reading() as connection:
        named = {row.record[0] for row in connection.execute(schema.audit_log.select())}
        assert records.count(connection, schema.audit_log) == sum(number_of_records(lab).values())
    assert named == {"F", "G", "C", "S"}
