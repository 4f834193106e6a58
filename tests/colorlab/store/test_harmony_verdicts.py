"""Verdicts on parts side by side are appended with all they rest on."""

from datetime import timedelta

import pytest

from colorlab.store.harmony_verdicts import append_harmony_verdict, find_harmony_verdicts, load_harmony_verdict
from colorlab.store.measurements import save_measurements
from colorlab.store.raw_files import register_raw_file
from colorlab.store.tolerances import save_tolerance
from spectra.errors import LabError, RecordNotFoundError


@pytest.fixture
def ground(lab, now, panel):
    """Two parts, their file and two layers."""
    blob = lab.blobs.put(b"parts")
    with lab.writing() as connection:
        register_raw_file(connection, blob, "parts.qtx", now=now, by="Li")
        parts = save_measurements(connection, [panel, panel], now=now, by="Li", line="line 1")
        layers = [
            save_tolerance(connection, "limit = 1.0\n", finish=finish, now=now, by="Li") for finish in (None, "m")
        ]
    return {"inputs": parts, "raw_sha256s": (blob.sha256,), "tolerances": tuple(layers)}


def test_it_comes_back_with_everything_needed_to_repeat_it(lab, now, ground):
    document = {"worst_pair": ["body", "bumper"], "delta_E": 1.25}
    with lab.writing() as connection:
        record = append_harmony_verdict(
            connection, decision="reject", name="front", document=document, seed=3, colour="AM", line="line 1",
            software_version="0.2.0", now=now, by="Li", **ground,
        )  # fmt: skip
    with lab.reading() as connection:
        verdict = load_harmony_verdict(connection, record)
    assert record == "H-000001"
    assert (verdict.decision, verdict.name, verdict.document, verdict.seed) == ("reject", "front", document, 3)
    assert (verdict.colour, verdict.supplier, verdict.line) == ("AM", None, "line 1")
    assert {name: getattr(verdict, name) for name in ground} == ground
    assert (verdict.software_version, verdict.recorded_at, verdict.recorded_by) == ("0.2.0", now, "Li")


def test_a_set_judged_again_is_a_new_verdict_and_found_by_its_name(lab, now, ground):
    with lab.writing() as connection:
        for day, name in enumerate(("front", "rear", "front")):
            append_harmony_verdict(
                connection, decision="accept", name=name, document={}, software_version="0",
                now=now + timedelta(days=day), by="Li", **ground,
            )  # fmt: skip
        assert [one.id for one in find_harmony_verdicts(connection, name="front")] == ["H-000001", "H-000003"]
        assert [one.id for one in find_harmony_verdicts(connection, until=now + timedelta(days=1))] == [
            "H-000001", "H-000002",
        ]  # fmt: skip
        assert find_harmony_verdicts(connection, decision="reject") == ()


@pytest.mark.parametrize(
    ("stray", "error"),
    [
        ({"inputs": ["M-000099"]}, RecordNotFoundError),
        ({"tolerances": ["L-000099"]}, RecordNotFoundError),
        ({"raw_sha256s": ["d" * 64]}, RecordNotFoundError),
        ({"decision": "maybe"}, LabError),
    ],
)
def test_it_cannot_rest_on_what_is_not_in_the_lab_or_decide_nothing(lab, now, ground, stray, error):
    values = {"decision": "accept", "name": "front", "document": {}, **ground, **stray}
    with pytest.raises(error), lab.writing() as connection:
        append_harmony_verdict(connection, software_version="0", now=now, by="Li", **values)
    with lab.reading() as connection:
        assert find_harmony_verdicts(connection) == ()
