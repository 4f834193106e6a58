"""Verdicts are appended with all they rest on; panels keep a ledger of their rounds."""

from datetime import timedelta

import pytest

from colorlab.store.measurements import save_measurement
from colorlab.store.panels import last_captures, load_capture, panel_ledger, save_capture
from colorlab.store.raw_files import register_raw_file
from colorlab.store.tolerances import save_tolerance
from colorlab.store.verdicts import append_verdict, find_verdicts, load_verdict
from spectra.errors import LabError, RecordNotFoundError


@pytest.fixture
def ground(lab, now, panel):
    """A measurement, a raw file and a tolerance to judge by."""
    blob = lab.blobs.put(b"submission")
    with lab.writing() as connection:
        register_raw_file(connection, blob, "submission.qtx", now=now, by="Li")
        measured = save_measurement(connection, panel, now=now, by="Li")
        tolerance = save_tolerance(connection, "limit = 1.0\n", now=now, by="Li")
    return {"inputs": [measured], "sample": measured, "raw_sha256s": [blob.sha256], "tolerance": tolerance}


def test_a_verdict_comes_back_with_everything_needed_to_repeat_it(lab, now, ground):
    document = {"delta_E_00": [0.41, 1.25], "words": {"en": "darker at 15°", "zh": "15° 偏暗"}}
    with lab.writing() as connection:
        record = append_verdict(
            connection, decision="reject", document=document, colour="AM", supplier="PPG", seed=17,
            software_version="0.1.0", now=now, by="Li", **ground,
        )  # fmt: skip
    with lab.reading() as connection:
        verdict = load_verdict(connection, record)
    assert record == "V-000001"
    assert verdict.document == document
    assert (verdict.decision, verdict.colour, verdict.supplier, verdict.seed) == ("reject", "AM", "PPG", 17)
    assert (verdict.inputs, verdict.raw_sha256s) == (tuple(ground["inputs"]), tuple(ground["raw_sha256s"]))
    assert (verdict.tolerance, verdict.sample, verdict.standard) == (ground["tolerance"], ground["sample"], None)
    assert (verdict.software_version, verdict.recorded_at, verdict.recorded_by) == ("0.1.0", now, "Li")


def test_judging_again_is_a_new_verdict(lab, now, ground):
    with lab.writing() as connection:
        for decision, supplier in (("reject", "PPG"), ("accept", "PPG"), ("accept", "BASF")):
            append_verdict(
                connection, decision=decision, document={}, colour="AM", supplier=supplier, software_version="0.1.0",
                now=now, by="Li", **ground,
            )  # fmt: skip
        assert [v.id for v in find_verdicts(connection, colour="AM")] == ["V-000001", "V-000002", "V-000003"]
        assert [v.id for v in find_verdicts(connection, supplier="PPG", decision="accept")] == ["V-000002"]
        assert len(find_verdicts(connection, sample=ground["sample"])) == 3


def test_a_verdict_names_the_layers_and_the_line_it_was_reached_for(lab, now, ground):
    with lab.writing() as connection:
        finish = save_tolerance(connection, "limit = 1.2\n", finish="matte", now=now, by="Li")
        layers = (ground["tolerance"], finish)
        for day, line in enumerate(("line 1", "line 2")):
            append_verdict(
                connection, decision="accept", document={}, software_version="0", line=line, tolerances=layers,
                now=now + timedelta(days=day), by="Li",
            )  # fmt: skip
        found = find_verdicts(connection, line="line 2")
        assert [(one.id, one.line, one.tolerances) for one in found] == [("V-000002", "line 2", layers)]
        assert [one.id for one in find_verdicts(connection, until=now)] == ["V-000001"]


def test_a_verdict_of_one_tolerance_was_reached_by_one_layer(lab, now, ground):
    with lab.writing() as connection:
        record = append_verdict(
            connection, decision="accept", document={}, software_version="0", now=now, by="Li", **ground
        )
        assert load_verdict(connection, record).tolerances == (ground["tolerance"],)


@pytest.mark.parametrize(
    "stray",
    [
        {"tolerances": ["L-000099"]},
        {"inputs": ["M-000099"]},
        {"tolerance": "T-000099"},
        {"raw_sha256s": ["d" * 64]},
        {"sample": "M-000099"},
    ],
)
def test_a_verdict_cannot_rest_on_what_is_not_in_the_lab(lab, now, ground, stray):
    with pytest.raises(RecordNotFoundError), lab.writing() as connection:
        append_verdict(
            connection, decision="accept", document={}, software_version="0", now=now, by="Li", **{**ground, **stray}
        )
    with lab.reading() as connection:
        assert find_verdicts(connection) == ()


@pytest.mark.parametrize("fault", [{"decision": "maybe"}, {"document": {"delta_E": float("nan")}}])
def test_a_verdict_that_decides_nothing_or_holds_no_number_is_refused(lab, now, fault):
    values = {"decision": "accept", "document": {}, **fault}
    with pytest.raises(LabError), lab.writing() as connection:
        append_verdict(connection, software_version="0", now=now, by="Li", **values)


def test_the_newest_capture_of_the_highest_round_says_where_a_panel_stands(lab, now):
    blob = lab.blobs.put(b"photo")
    rounds = [("A1", 0, "re_polish"), ("A1", 1, "re_shoot"), ("A1", 1, "pass"), ("A2", 0, "fail"), ("A1", 0, "fail")]
    with lab.writing() as connection:
        register_raw_file(connection, blob, "a1.png", now=now, by="station")
        for number, (panel, polishing_round, outcome) in enumerate(rounds):
            save_capture(
                connection, panel=panel, colour="AM", polishing_round=polishing_round, outcome=outcome,
                document={"long_wave": 12.5}, photo_sha256s=[blob.sha256], polishing_hours=10, software_version="0",
                taken_at=now + timedelta(hours=number), now=now, by="station",
            )  # fmt: skip
        ledger = panel_ledger(connection, "A1")
        assert [(c.polishing_round, c.outcome) for c in ledger] == [
            (0, "re_polish"), (0, "fail"), (1, "re_shoot"), (1, "pass"),
        ]  # fmt: skip
        assert {c.panel: c.outcome for c in last_captures(connection, colour="AM")} == {"A1": "pass", "A2": "fail"}
        first = load_capture(connection, "P-000001")
    assert (first.photo_sha256s, first.polishing_hours, first.document) == ((blob.sha256,), 10.0, {"long_wave": 12.5})
    assert first.taken_at == now


@pytest.mark.parametrize("fault", [{"outcome": "nice"}, {"polishing_round": -1}, {"photo_sha256s": ["a" * 64]}])
def test_a_capture_that_cannot_be_is_refused(lab, now, fault):
    values = {"outcome": "pass", "polishing_round": 0, **fault}
    with pytest.raises(LabError), lab.writing() as connection:
        save_capture(
            connection, panel="A1", document={}, software_version="0", taken_at=now, now=now, by="station", **values
        )
