"""A verdict reached again from the records: the same to the last bit, or what changed is named."""

import json
import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime

import numpy as np
import pytest

from colorlab.roadmap.plan import RoadmapColour
from colorlab.store.columns import canonical_json
from colorlab.store.lab import RECORDS_FILE, create_lab
from colorlab.store.programme import save_colour
from colorlab.store.tolerances import save_tolerance
from colorlab.store.verdicts import append_verdict, load_verdict
from colorlab.workflows import replay
from colorlab.workflows.harmony import harmony_in_lab
from colorlab.workflows.reached import PRODUCED_BY
from colorlab.workflows.replay import replay_all, replay_verdict
from colorlab.workflows.submission import set_standard, vet_submission
from colorlab.workflows.version import provenance, software_version
from spectra.errors import LabError, NotComparableError, RecordNotFoundError
from spectra.formats.base import file_of
from spectra.formats.registry import FORMATS
from spectra.geometry import D8_SCI
from spectra.measurement import Measurement
from spectra.wavelengths import WavelengthGrid

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
GRID = WavelengthGrid(400, 700, 10)
SHAPE = 0.25 + 0.2 * np.sin((GRID.wavelengths - 430) / 70)
TOLERANCE = 'name = "ours"\nformula = "CIEDE2000"\nviewings = ["D65/10", "A/10"]\n[[limit]]\ndelta_E = 1.0\n'


@pytest.fixture
def lab(tmp_path):
    """A colour with a tolerance of its own and two verdicts: V-000001 accepts, V-000002 rejects."""

    def file(name, *scales):
        panels = [
            Measurement(f"lot {number}", scale * SHAPE[None], GRID, D8_SCI, role="sample")
            for number, scale in enumerate(scales, start=1)
        ]
        (tmp_path / name).write_bytes(FORMATS["qtx"].write(file_of(panels)))
        return tmp_path / name

    with create_lab(tmp_path / "lab", "lab", NOW) as opened:
        with opened.writing() as connection:
            colour = RoadmapColour("AME", {"en": "Amethyst"}, "violet", "pearl", (), None, date(2026, 9, 1))
            save_colour(connection, colour, now=NOW, by="Li")
            save_tolerance(connection, TOLERANCE, colour="AME", now=NOW, by="Li")
        set_standard(opened, "AME", file("master.qtx", 1.0), now=NOW, by="Li")
        lots = file("lots.qtx", 0.999, 0.8)
        vet_submission(opened, [lots], colour="AME", supplier="BASF", now=NOW, by="Wang", seed=7)
        yield opened


def again(lab, record="V-000001", **changed):
    """The same verdict recorded once more, with a document that was changed."""
    with lab.writing() as connection:
        stored = load_verdict(connection, record)
        return append_verdict(
            connection, decision=stored.decision, document={**stored.document, **changed}, colour="AME",
            standard=stored.standard, sample=stored.sample, inputs=stored.inputs, raw_sha256s=stored.raw_sha256s,
            tolerances=stored.tolerances, seed=stored.seed, software_version="0", now=NOW, by="Li",
        )  # fmt: skip


def tamper(lab, *statements):
    with closing(sqlite3.connect(lab.folder / RECORDS_FILE)) as elsewhere:
        triggers = [name for (name,) in elsewhere.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")]
        for statement in (*(f"DROP TRIGGER {name}" for name in triggers), *statements):
            elsewhere.execute(statement)
        elsewhere.commit()


def rewrite(lab, record, document):
    text = canonical_json(document).replace("'", "''")
    tamper(lab, f"UPDATE verdicts SET document = '{text}' WHERE id = {int(record[2:])}")


@pytest.mark.parametrize(("record", "decision"), [("V-000001", "accept"), ("V-000002", "reject")])
def test_a_verdict_is_reached_again_to_the_last_bit(lab, record, decision):
    outcome = replay_verdict(lab, record)
    assert outcome.same, outcome.as_text()
    assert outcome.decision_then == outcome.decision_now == decision
    assert outcome.as_text().startswith(f"{record}: the same, to the last bit ({decision}, 2026-03-01 by Wang)")
    assert outcome.as_dict()["software_version"] == software_version()
    document = outcome.as_dict()
    assert (document["changes"], document["input_faults"]) == ([], [])
    assert json.loads(json.dumps(document)) == document


def test_a_verdict_does_not_depend_on_the_tolerance_in_force_today(lab):
    with lab.writing() as connection:
        save_tolerance(connection, TOLERANCE.replace("1.0", "0.01"), colour="AME", now=NOW, by="Li")
    assert replay_verdict(lab, "V-000001").same


def test_what_software_reached_it_is_compared_with_what_there_is_now(lab):
    then = {**provenance(), "numpy": "1.0", "machine": "abacus"}
    record = again(lab, **{PRODUCED_BY: then})
    outcome = replay_verdict(lab, record)
    assert outcome.same
    assert [(one.path, one.then) for one in outcome.software] == [("numpy", "1.0"), ("machine", "abacus")]
    assert "software: machine: then abacus, now " in outcome.as_text()


def test_a_record_without_its_software_says_so(lab):
    record = again(lab)
    with lab.writing() as connection:
        document = {k: v for k, v in load_verdict(connection, record).document.items() if k != PRODUCED_BY}
    rewrite(lab, record, document)
    assert "does not say with which source" in replay_verdict(lab, record).as_text()


def test_a_number_that_moved_by_one_bit_is_named(lab):
    with lab.reading() as connection:
        document = load_verdict(connection, "V-000001").document
    conditions = json.loads(canonical_json(document["conditions"]))
    conditions[1]["delta_E"] = float(np.nextafter(conditions[1]["delta_E"], 9))
    record = again(lab, conditions=conditions, **{PRODUCED_BY: provenance()})
    outcome = replay_verdict(lab, record)
    assert [(one.path, one.kind) for one in outcome.changes] == [("conditions[1].delta_E", "changed")]
    assert 0 < outcome.largest_relative_change < 3e-16
    assert "largest relative change of a number: " in outcome.as_text()
    assert "e-16, of conditions[1].delta_E\n" in outcome.as_text()
    assert "the same decision, but 1 value changed" in outcome.as_text()
    assert "this is a fault in colorlab, please report" in outcome.as_text()


def test_what_changed_most_comes_first_and_the_last_digits_of_a_computer_are_one_line(lab):
    with lab.reading() as connection:
        document = load_verdict(connection, "V-000001").document
    conditions = json.loads(canonical_json(document["conditions"]))
    for one in conditions:
        one["delta_E"] = float(np.nextafter(one["delta_E"], 9))
    conditions[0]["delta_L"] += 1e-4 * abs(conditions[0]["delta_L"])
    conditions[1]["delta_C"] *= 2
    record = again(lab, conditions=conditions, **{PRODUCED_BY: {**provenance(), "numpy": "1.0"}})
    lines = replay_verdict(lab, record).as_text().splitlines()
    assert lines[0].startswith(f"{record}: other software now: the same decision, but ")
    assert lines[1].startswith("software: numpy: then 1.0, now ")
    assert [line.split(":")[0] for line in lines[2:4]] == ["conditions[1].delta_C", "conditions[0].delta_L"]
    assert lines[4] == f"{len(conditions)} numbers changed by less than 1e-09 of its size; --json prints all"


def test_keys_that_came_or_went_are_told_apart(lab):
    record = again(lab, formerly_said=[1, 2])
    assert [(one.path, one.kind, one.then) for one in replay_verdict(lab, record).changes] == [
        ("formerly_said", "gone", [1, 2])
    ]


def test_what_is_only_said_now_is_told_apart_from_what_changed(lab):
    record = again(lab)
    with lab.reading() as connection:
        document = dict(load_verdict(connection, record).document)
    del document["flop_index"], document["wavelengths"]
    rewrite(lab, record, document)
    outcome = replay_verdict(lab, record)
    assert (outcome.same, outcome.otherwise) == (False, ())
    assert "all that is recorded is the same to the last bit, and more is said now" in outcome.as_text()
    assert "said now and not then: flop_index, wavelengths" in outcome.as_text()


def test_another_decision_leads_the_answer(lab):
    tamper(lab, "UPDATE measurements SET reflectance_factor = zeroblob(length(reflectance_factor)) WHERE id = 2")
    outcome = replay_verdict(lab, "V-000001")
    assert "V-000001: CHANGED to reject (accept, 2026-03-01 by Wang)" in outcome.as_text()
    assert "M-000002: the record is not what was written" in outcome.input_faults
    assert any(
        "M-000002: raw file lots.qtx reads otherwise now in reflectance_factor" in f for f in outcome.input_faults
    )


def test_a_changed_tolerance_record_is_named(lab):
    tamper(lab, "UPDATE tolerances SET document = replace(document, '1.0', '9.0') WHERE id = 1")
    outcome = replay_verdict(lab, "V-000002")
    assert outcome.input_faults == ("T-000001: the record is not what was written",)
    assert any(one.path.startswith("tolerance.limit[0]") for one in outcome.changes)


def test_a_verdict_that_was_rewritten_is_named(lab):
    tamper(lab, "UPDATE verdicts SET decision = 'accept' WHERE id = 2")
    outcome = replay_verdict(lab, "V-000002")
    assert outcome.input_faults == (
        "V-000002: the record is not what was written",
        "V-000002: the record says accept, its document reject",
    )
    assert outcome.changes == ()
    assert "the same, to the last bit, but not everything it rests on is what it was" in outcome.as_text()


@pytest.mark.parametrize(("number", "record"), [(0, "M-000001"), (1, "M-000002")])
@pytest.mark.parametrize("damage", ["gone", "changed"])
def test_a_raw_file_that_is_gone_or_changed_is_named(lab, number, record, damage):
    with lab.reading() as connection:
        sha256 = load_verdict(connection, "V-000001").raw_sha256s[number]
    path = lab.blobs.path(sha256)
    if damage == "gone":
        path.unlink()
    else:
        path.chmod(0o644)
        path.write_bytes(b"a nicer file")
    outcome = replay_verdict(lab, "V-000001")
    assert not outcome.same
    assert outcome.changes == ()  # the measurement itself stands in the records
    (fault,) = outcome.input_faults
    assert fault.startswith(f"{record}: ")
    assert sha256 in fault


def test_what_can_no_longer_be_judged_is_a_change(lab, monkeypatch):
    def refuses(*_arguments):
        raise NotComparableError("filter", "M0", "M3")

    monkeypatch.setattr(replay, "reached_now", refuses)
    outcome = replay_verdict(lab, "V-000001")
    assert outcome.decision_now is None
    assert "V-000001: CHANGED to no decision" in outcome.as_text()
    assert "decision: then accept, now refused: filter differs: standard M0, sample M3" in outcome.as_text()


def test_a_verdict_of_which_nothing_is_known_cannot_be_reached_again(lab):
    with lab.writing() as connection:
        append_verdict(connection, decision="accept", document={}, software_version="0", now=NOW, by="Li")
    with pytest.raises(LabError, match="V-000003 does not say from which measurements"):
        replay_verdict(lab, "V-000003")
    with pytest.raises(RecordNotFoundError, match="V-000009"):
        replay_verdict(lab, "V-000009")
    outcome = replay_all(lab)
    assert [one.record for one in outcome.outcomes] == ["V-000001", "V-000002"]
    assert list(outcome.impossible) == ["V-000003"]


PARTS = """
name = "front"
[[part]]
name = "body"
colour = "AME"
[[part]]
name = "bumper"
file = "lots.qtx"
sample = "lot 1"
[[part]]
name = "mirror"
file = "lots.qtx"
sample = "lot 2"
[[pair]]
parts = ["bumper", "mirror"]
[pair.tolerance]
name = "between plastics"
formula = "CIE76"
viewings = ["D65/10"]
limit = [{ delta_E = 3.0 }]
"""


def test_a_verdict_on_parts_is_reached_again_too(lab):
    path = lab.folder.parent / "front.toml"
    path.write_text(PARTS)
    made = harmony_in_lab(lab, path, now=NOW, by="Li", seed=5)
    outcome = replay_verdict(lab, made.verdict_id)
    assert outcome.same, outcome.as_text()
    assert (outcome.record, outcome.decision_now) == ("H-000001", "reject")
    assert [one.record for one in replay_all(lab).outcomes] == ["V-000001", "V-000002", "H-000001"]
    tamper(lab, "UPDATE harmony_verdicts SET seed = 6, document = replace(document, '\"seed\":5', '\"seed\":6')")
    outcome = replay_verdict(lab, "H-000001")
    assert outcome.input_faults == ("H-000001: the record is not what was written",)


def test_all_verdicts_are_reached_again_with_one_summary(lab):
    again(lab, formerly_said=True)
    told = []
    outcome = replay_all(lab, steps=lambda *step: told.append(step))
    assert outcome.as_text().splitlines()[0] == (
        "3 verdicts: 2 the same to the last bit, 1 changed, 0 cannot be reached again"
    )
    assert told[-1] == ("reach verdicts again", 3, 3)
    assert [one.record for one in outcome.changed] == ["V-000003"]
    document = outcome.as_dict()
    assert (document["same_count"], document["changed_count"], document["cannot_count"]) == (2, 1, 0)
    assert [one["same"] for one in document["verdicts"]] == [True, True, False]
    assert replay_all(lab, supplier="PPG").outcomes == ()
    assert len(replay_all(lab, colour="AME", supplier="BASF").outcomes) == 2
