"""What a laboratory's records answer later: what the commands print is what docs/json.md says."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from doc_pages import run
from json_fields import check
from small_lab import create

from colorlab.store.lab import open_lab
from colorlab.store.verdicts import append_verdict, load_verdict
from colorlab.workflows.submission import vet_submission
from spectra.formats.base import file_of
from spectra.formats.registry import FORMATS
from spectra.geometry import D8_SCI
from spectra.measurement import Measurement
from spectra.simulate import GRID

START = datetime(2025, 1, 6, 8, tzinfo=UTC)


@pytest.fixture(scope="module")
def supplied(paints, ladders, folder):
    """A colour with a recipe and fourteen lots, the last three of them short of blue, and a colour with one lot."""
    lab, rng = create(folder, "supplied"), np.random.default_rng(5)
    run("characterise", ladders[0], "--lab", lab, "--by", "x")

    def lot(name, blue=2.0, yellow=1.0):
        masses = {"W01": 50.0, "B15": blue, "Y42": yellow}
        truth = paints.solid_panel({code: mass / sum(masses.values()) for code, mass in masses.items()}, rng)
        panel = Measurement(name, truth[None], GRID, D8_SCI, role="sample", instrument="sphere 1")
        path = folder / f"{name}.zip"
        path.write_bytes(FORMATS["bundle"].write(file_of([panel])))
        return path

    for colour in ("AME", "GRN"):
        run("lab", "standard", lab, colour, lot(f"master {colour}"), "--by", "x")
    run("match", "--lab", lab, "--colour", "AME", "--max-colorants", 3, "--by", "x")
    with open_lab(lab) as opened:
        for week in range(14):
            blue, yellow = rng.normal(2.0, 0.01) - 0.3 * (week > 10), rng.normal(1.0, 0.01) + 0.2 * (week == 3)
            vet_submission(
                opened,
                [lot(f"lot {week}", blue, yellow)],
                colour="AME",
                supplier="North",
                line="2" if week else None,
                now=START + timedelta(days=7 * week),
                by="x",
            )
        vet_submission(opened, [lot("other")], colour="GRN", supplier=None, now=START, by="x")
    return lab, lot


def test_vet_in_a_lab_prints_its_documented_fields(supplied):
    lab, lot = supplied
    vetting = ("--lab", lab, "--colour", "AME", "--by", "x")
    named = run("vet", lot("short", blue=1.5), *vetting, "--supplier", "North", "--line", "2", exit_code=1)
    assert named["background"]["explanations"]
    assert named["background"]["same_as_before"]["answer"] == "unusual"
    blocks = ("verdict", "stated", "explanation", "stretch")  # of the last, `colorlab history` says all
    check("colorlab vet --lab", named, run("vet", lot("good"), *vetting), elsewhere=blocks)
    of_verdict = run("explain", named["verdicts"][0]["verdict_id"], "--lab", lab)
    assert of_verdict["records"]
    check("colorlab explain", of_verdict, elsewhere=("explanation",))


def test_history_prints_its_documented_fields(supplied):
    lab, _ = supplied
    found = run("history", lab, "--until", "2025-12-31", exit_code=1)
    assert found["histories"][0]["not_like_the_rest"]
    only = ("--colour", "AME", "--supplier", "North", "--line", "2", "--instrument", "sphere 1", "--angle", "d/8 SCI")
    dates = ("--since", "2025-01-07", "--until", "2025-12-31", "--viewing", "D65/10")
    narrowed = run("history", lab, *only, *dates, exit_code=1)
    assert None not in narrowed["selection"].values()
    check("colorlab history", found, narrowed)


def changed(lab, **document):
    """The first verdict recorded once more, with a document that says something else."""
    with open_lab(lab) as opened, opened.writing() as connection:
        stored = load_verdict(connection, "V-000001")
        return append_verdict(
            connection, decision=stored.decision, document={**stored.document, **document}, colour="AME",
            standard=stored.standard, sample=stored.sample, inputs=stored.inputs, raw_sha256s=stored.raw_sha256s,
            seed=stored.seed, software_version="0", now=datetime.now(UTC), by="x",
        )  # fmt: skip


def forge(lab, statement):
    """Change a record behind the lab's back, past the triggers that forbid it."""
    with closing(sqlite3.connect(next(lab.glob("*.sqlite*")))) as database, database:
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f'DROP TRIGGER "{name}"')
        database.execute(statement)


def test_replay_and_audit_print_their_documented_fields(supplied):
    lab, _ = supplied
    same = run("replay", "V-000001", "--lab", lab)
    clean = [run("audit", lab), run("audit", lab, "--log", "--head", "0" * 64)]
    otherwise = changed(lab, geometry="otherwise", conformity_probability=0.5, produced_by={"numpy": "1.0"})
    unread = changed(lab, monte_carlo_draws="many")
    forge(lab, f"UPDATE verdicts SET supplier = 'South' WHERE id = {int(otherwise[2:])}")
    check("colorlab replay", same, run("replay", otherwise, "--lab", lab, exit_code=1))
    every = run("replay", "--all", "--lab", lab, "--colour", "AME", exit_code=1)
    assert [one["record"] for one in every["cannot"]] == [unread]
    check("colorlab replay --all", every)
    check("colorlab audit", *clean, run("audit", lab, exit_code=1))
    check("colorlab lab check", *clean, run("lab", "check", lab, exit_code=1))
