"""Vetting inside a lab leaves everything that went into the verdict, or nothing."""

import hashlib
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from colorlab.roadmap.plan import Programme, RoadmapColour
from colorlab.store import verdicts
from colorlab.store.lab import create_lab
from colorlab.store.measurements import find_measurements, load_measurement
from colorlab.store.programme import save_colour, save_programme
from colorlab.store.standards import choose_standard, standard_in_force
from colorlab.store.tolerances import save_tolerance
from colorlab.uncertainty.noise import DECLARED_DEFAULT
from colorlab.verdict.judge import judge
from colorlab.verdict.verdict import Verdict
from colorlab.workflows import submission
from colorlab.workflows.lab import check_lab
from colorlab.workflows.submission import set_standard, vet_submission
from spectra.errors import MeasurementError, NotComparableError, RecordNotFoundError
from spectra.formats.base import file_of
from spectra.formats.registry import FORMATS
from spectra.geometry import D8_SCE, D8_SCI
from spectra.measurement import Measurement
from spectra.wavelengths import WavelengthGrid

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
GRID = WavelengthGrid(400, 700, 10)
SHAPE = 0.25 + 0.2 * np.sin((GRID.wavelengths - 430) / 70)


@pytest.fixture
def lab(tmp_path):
    with create_lab(tmp_path / "lab", "lab", NOW) as opened:
        with opened.writing() as connection:
            programme = Programme("two", date(2025, 9, 25), date(2028, 9, 24), 2)
            save_programme(connection, programme, now=NOW, by="Li")
            for code in ("AME", "SPY"):
                colour = RoadmapColour(code, {"en": code}, "violet", "solid", (), None, date(2026, 9, 1))
                save_colour(connection, colour, now=NOW, by="Li")
        yield opened


@pytest.fixture
def file(tmp_path):
    def write(name, *scales, geometry=D8_SCI):
        panels = [
            Measurement(f"lot {number}", scale * SHAPE[None], GRID, geometry, role="sample")
            for number, scale in enumerate(scales, start=1)
        ]
        (tmp_path / name).write_bytes(FORMATS["qtx"].write(file_of(panels)))
        return tmp_path / name

    return write


def vet(lab, path, colour="AME", now=NOW):
    return vet_submission(lab, [path], colour=colour, supplier="Supplier A", now=now, by="Wang")


def test_a_submission_is_judged_against_the_labs_own_standard(lab, file):
    set_standard(lab, "AME", file("master.qtx", 1.0), now=NOW, by="Li")
    outcome = vet(lab, file("lots.qtx", 0.999, 0.8))
    assert [one.verdict.decision for one in outcome.outcome.judged] == ["accept", "reject"]
    assert not outcome.all_accepted
    with lab.reading() as connection:
        stored = verdicts.find_verdicts(connection, colour="AME")
        assert tuple(one.id for one in stored) == outcome.verdict_ids
        assert [one.decision for one in stored] == ["accept", "reject"]
        assert stored[0].raw_sha256s == (sha256(lab, "master.qtx"), sha256(lab, "lots.qtx"))
    assert check_lab(lab.folder).clean


def sha256(lab, name):
    return hashlib.sha256((lab.folder.parent / name).read_bytes()).hexdigest()


def test_a_recorded_verdict_can_be_reached_again_from_the_records_alone(lab, file):
    set_standard(lab, "AME", file("master.qtx", 1.0), now=NOW, by="Li")
    vet(lab, file("lots.qtx", 0.97))
    with lab.reading() as connection:
        (stored,) = verdicts.find_verdicts(connection)
        standard, sample = (load_measurement(connection, one).measurement for one in (stored.standard, stored.sample))
    kept = Verdict.from_dict(stored.document)
    again = judge(standard, sample, kept.tolerance, DECLARED_DEFAULT, stored.seed)
    assert again.as_dict() == kept.as_dict()
    context = {"produced_by", "instrument_statements"}
    assert kept.as_dict() == {key: value for key, value in stored.document.items() if key not in context}


def test_the_newest_standard_is_in_force_and_old_verdicts_keep_theirs(lab, file):
    first = set_standard(lab, "AME", file("master.qtx", 1.0), now=NOW, by="Li")
    vet(lab, file("lots.qtx", 1.0))
    second = set_standard(lab, "AME", file("master2.qtx", 0.8), now=NOW, by="Li")
    vet(lab, file("lots2.qtx", 0.8))
    with lab.reading() as connection:
        assert standard_in_force(connection, "AME").id == second
        assert [one.standard for one in verdicts.find_verdicts(connection)] == [first, second]
        assert {one.decision for one in verdicts.find_verdicts(connection)} == {"accept"}


def test_an_earlier_standard_can_be_put_in_force_again(lab, file):
    masters = {"A": file("master.qtx", 1.0), "B": file("master2.qtx", 0.8)}
    days = [NOW + timedelta(days=number) for number in range(3)]
    a, b, again = (
        set_standard(lab, "AME", masters[name], now=day, by="Li") for name, day in zip("ABA", days, strict=True)
    )
    assert (a != b, again) == (True, a)
    assert vet(lab, file("lots.qtx", 1.0)).all_accepted
    with lab.reading() as connection:
        assert [standard_in_force(connection, "AME", day).id for day in days] == [a, b, a]
        assert standard_in_force(connection, "AME").id == a
        with pytest.raises(RecordNotFoundError, match="standard of colour 'AME'"):
            standard_in_force(connection, "AME", NOW - timedelta(seconds=1))
    assert check_lab(lab.folder).records["standards"] == 3


def test_choosing_the_standard_in_force_again_is_no_new_decision(lab, file):
    path = file("master.qtx", 1.0)
    record = set_standard(lab, "AME", path, now=NOW, by="Li")
    assert set_standard(lab, "AME", path, now=NOW, by="Wang") == record
    assert check_lab(lab.folder).records["standards"] == 1
    with lab.writing() as connection, pytest.raises(RecordNotFoundError, match="measurement 'M-000009'"):
        choose_standard(connection, "AME", "M-000009", now=NOW, by="Li")


def test_the_tolerance_in_force_decides_and_is_named_in_the_record(lab, file):
    set_standard(lab, "AME", file("master.qtx", 1.0), now=NOW, by="Li")
    wide = 'name = "wide"\nformula = "CIE76"\nviewings = ["D65/10"]\n[[limit]]\ndelta_E = 40.0\n'
    with lab.writing() as connection:
        record = save_tolerance(connection, wide, now=NOW, by="Li", colour="AME")
    assert vet(lab, file("lots.qtx", 0.8)).all_accepted
    with lab.reading() as connection:
        (stored,) = verdicts.find_verdicts(connection)
    assert stored.tolerances == (record,)
    assert stored.document["tolerance"]["name"] == "wide"


def test_a_colour_without_a_standard_or_outside_the_programme_is_refused(lab, file):
    path = file("lots.qtx", 1.0)
    with pytest.raises(RecordNotFoundError, match=r"'SPY' .* Set one with `colorlab lab standard LAB SPY FILE`"):
        vet(lab, path, colour="SPY")
    with pytest.raises(RecordNotFoundError, match="colour 'XXX'"):
        vet(lab, path, colour="XXX")
    with pytest.raises(RecordNotFoundError, match="colour 'XXX'"):
        set_standard(lab, "XXX", path, now=NOW, by="Li")


def test_a_file_of_several_measurements_is_no_standard_until_one_is_named(lab, file):
    path = file("two.qtx", 1.0, 0.9)
    with pytest.raises(MeasurementError, match="exactly one"):
        set_standard(lab, "AME", path, now=NOW, by="Li")
    set_standard(lab, "AME", path, now=NOW, by="Li", sample="lot 2")
    with lab.reading() as connection:
        assert standard_in_force(connection, "AME").measurement.sample == "lot 2"


def test_a_submission_that_cannot_be_compared_leaves_no_record(lab, file):
    set_standard(lab, "AME", file("master.qtx", 1.0), now=NOW, by="Li")
    before = check_lab(lab.folder).records
    with pytest.raises(NotComparableError):
        vet(lab, file("sce.qtx", 1.0, geometry=D8_SCE))
    assert check_lab(lab.folder).records == before


def test_an_interrupt_between_the_records_leaves_none_of_them(lab, file, monkeypatch):
    set_standard(lab, "AME", file("master.qtx", 1.0), now=NOW, by="Li")
    before = check_lab(lab.folder).records
    calls = []

    def interrupted(*args, **kwargs):
        calls.append(args)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return verdicts.append_verdict(*args, **kwargs)

    monkeypatch.setattr(submission, "append_verdict", interrupted)
    with pytest.raises(KeyboardInterrupt):
        vet(lab, file("lots.qtx", 1.0, 0.9))
    check = check_lab(lab.folder)
    assert len(calls) == 2
    assert check.clean
    assert check.records == before
    with lab.reading() as connection:
        assert find_measurements(connection, supplier="Supplier A") == ()


def test_an_unknown_supplier_and_a_file_sent_twice_are_said(lab, file):
    with lab.writing() as connection:
        colour = RoadmapColour("AME", {"en": "AME"}, "violet", "solid", ("Supplier B",), None, date(2026, 9, 1))
        save_colour(connection, colour, now=NOW, by="Li")
    set_standard(lab, "AME", file("master.qtx", 1.0), now=NOW, by="Li")
    first, second = (vet(lab, file("lots.qtx", 0.999)).outcome.notes for _ in range(2))
    assert any("Supplier A is not among the suppliers of AME" in note for note in first)
    assert not any("submitted before" in note for note in first)
    assert "Supplier A is not among the suppliers" in second[0]
    assert any("submitted before, on 2026-03-01" in note for note in second)


def test_a_file_that_another_supplier_sent_is_the_first_thing_said(lab, file):
    set_standard(lab, "AME", file("master.qtx", 1.0), now=NOW, by="Li")
    path = file("lots.qtx", 0.999)
    vet(lab, path)
    other = vet_submission(lab, [path], colour="AME", supplier="Supplier B", now=NOW, by="Wang").outcome.notes
    assert other[0] == "lots.qtx: this very file was submitted before by Supplier A, on 2026-03-01; whose is it?"
    assert not any("judged once more" in note for note in other)
    both = vet_submission(lab, [path], colour="AME", supplier="Supplier B", now=NOW, by="Wang").outcome.notes
    assert "by Supplier A" in both[0]
    assert any("judged once more" in note for note in both)


def test_a_submission_is_held_against_what_the_supplier_usually_delivers(lab, file):
    set_standard(lab, "AME", file("master.qtx", 1.0), now=NOW, by="Li")
    first = vet(lab, file("lot0.qtx", 0.99))
    assert first.background.sameness is None
    assert first.background.notes == ("the first submission of AME by Supplier A",)
    for number, scale in enumerate((0.985, 0.992, 0.988, 0.991, 0.986, 0.993, 0.989), start=1):
        usual = vet(lab, file(f"lot{number}.qtx", scale), now=NOW + timedelta(days=number))
    assert usual.background.sameness.answer == "as usual"
    other = vet(lab, file("other.qtx", 0.9), now=NOW + timedelta(days=30))
    assert other.background.sameness.answer == "unusual"
    assert "Not the same as before" in other.as_text()
