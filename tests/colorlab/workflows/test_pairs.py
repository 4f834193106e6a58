"""A submission of several files, of spectra and of colours: who belongs to whom, and what is left out."""

import re
from pathlib import Path

import numpy as np
import pytest

from colorlab.tolerance.tolerance import DEFAULT
from colorlab.verdict.stated_difference import compare_stated
from colorlab.workflows.pairs import pairs_of_file, pairs_of_files
from colorlab.workflows.read import NOTHING_DECLARED, load
from colorlab.workflows.vet import vet_files
from spectra.errors import MeasurementError
from spectra.formats.base import MeasurementFile, file_of
from spectra.formats.registry import FORMATS
from spectra.geometry import D8_SCI
from spectra.measurement import Measurement
from spectra.stated import ColourReading, StatedColour
from spectra.wavelengths import WavelengthGrid

GRID = WavelengthGrid(400, 700, 10)
SHAPE = 0.25 + 0.2 * np.sin((GRID.wavelengths - 430) / 70)


def panel(name, scale=1.0, role="sample", standard=None):
    return Measurement(name, scale * SHAPE[None], GRID, D8_SCI, role=role, standard=standard)


def colour(name, lab=(52.0, 10.0, 20.0), role="sample", standard=None):
    return ColourReading(name, (StatedColour("Lab", [lab], "D65", "10°"),), D8_SCI, role, standard)


@pytest.fixture
def written(tmp_path):
    def write(name, *panels, colours=()):
        path = tmp_path / name
        file = MeasurementFile("cxf", panels, colours=colours) if colours else file_of(panels)
        path.write_bytes(FORMATS["cxf" if colours else "qtx"].write(file))
        return path

    return write


def pairs(*paths, standard=None, samples=()):
    return pairs_of_files(paths, standard, samples, NOTHING_DECLARED)


def names(found):
    return [(standard.sample, sample.sample) for standard, sample in found]


def test_a_submission_of_several_files_is_one(written):
    first = written("a.qtx", panel("S", role="standard"), panel("P1", 0.99, standard="S"))
    second = written("b.qtx", panel("P2", 0.98, standard="S"))
    found = pairs(first, second)
    assert names(found.spectral) == [("S", "P1"), ("S", "P2")]
    assert "b.qtx: P2 is compared with S of a.qtx" in found.notes


def test_a_standard_that_two_other_files_hold_is_not_chosen_by_chance(written):
    one, other = (written(name, panel("S", scale, "standard")) for name, scale in (("a.qtx", 1), ("b.qtx", 0.9)))
    last = written("c.qtx", panel("P", standard="S"))
    with pytest.raises(MeasurementError, match=r"its standard 'S' is in 2 other files: a.qtx, b.qtx"):
        pairs(one, other, last)


def test_a_name_may_stand_in_any_file_but_in_one_only(written):
    first = written("a.qtx", panel("S", role="standard"), panel("P"))
    second = written("b.qtx", panel("P"))
    assert names(pairs(first, second, standard="S").spectral) == [("S", "P"), ("S", "P")]
    assert any("2 samples are called 'P'" in note for note in pairs(first, second, standard="S").notes)
    with pytest.raises(MeasurementError, match=r"2 measurements called 'P' \(in a.qtx, b.qtx\)"):
        pairs(first, second, standard="S", samples=("P",))


def test_one_file_given_twice_is_no_submission_of_two(written):
    path = written("a.qtx", panel("S", role="standard"), panel("P", standard="S"))
    with pytest.raises(MeasurementError, match=r"a\.qtx is given twice"):
        pairs(path, path)


def test_colours_without_a_spectrum_are_paired_beside_the_spectra(written):
    path = written(
        "a.cxf",
        panel("S", role="standard"),
        panel("P", 0.99),
        colours=(colour("C"),),
    )
    found = pairs(path, standard="S")
    assert names(found.spectral) == [("S", "P")]
    assert names(found.stated) == [("S", "C")]
    assert compare_stated(*found.stated[0], DEFAULT).worst.viewing == DEFAULT.viewings[0]


def test_a_target_of_which_only_a_colour_is_known_is_a_target(written):
    target = written("target.cxf", colours=(colour("T"),))
    found = pairs(written("a.qtx", panel("P1"), panel("P2")), standard=target)
    assert names(found.stated) == [("T", "P1"), ("T", "P2")]
    assert found.spectral == ()


def test_what_needs_spectra_says_which_have_none(written):
    path = written("a.cxf", panel("S", role="standard"), panel("P", 0.99), colours=(colour("C"),))
    found, notes = pairs_of_file(path, "S", (), NOTHING_DECLARED)
    assert names(found) == [("S", "P")]
    assert any("C was left out" in note for note in notes)
    only = written("b.cxf", panel("S", role="standard"), colours=(colour("C"),))
    with pytest.raises(MeasurementError, match="stated as colours only"):
        pairs_of_file(only, "S", (), NOTHING_DECLARED)


def test_samples_named_come_in_the_order_they_are_named(written):
    path = written("a.qtx", panel("S", role="standard"), panel("P1", standard="S"), panel("P2", 0.98, standard="S"))
    assert names(pairs(path, samples=("P2", "P1")).spectral) == [("S", "P2"), ("S", "P1")]


@pytest.fixture
def table(tmp_path):
    def write(name, *rows):
        path = tmp_path / name
        lines = [",".join([*row, "40", "50", "60"]) for row in rows]
        path.write_text("\n".join(["sample,role,geometry,%R400,%R410,%R420", *lines]) + "\n")
        return path

    return write


def test_samples_that_name_no_standard_belong_to_the_only_one(table):
    path = table("batch.csv", ("T", "standard", "45:0"), *((f"B-{n}", "sample", "45:0") for n in (101, 102, 103)))
    found = pairs(path)
    assert names(found.spectral) == [("T", "B-101"), ("T", "B-102"), ("T", "B-103")]
    said = "B-101, B-102, B-103 (3 samples) are judged against T, the only standard in the submission"
    assert said in found.notes


def test_the_template_of_the_page_of_tables_is_vetted_as_it_is(tmp_path):
    page = (Path(__file__).resolve().parents[3] / "docs" / "formats" / "table.md").read_text(encoding="utf-8")
    path = tmp_path / "batch.csv"
    path.write_text(re.search(r"```csv\n(.*?)```", page, re.DOTALL)[1], encoding="utf-8")
    outcome = vet_files([path])
    assert [(one.verdict.sample, one.verdict.decision) for one in outcome.judged] == [
        *(("B-101", "accept"), ("B-102", "reject"))
    ]


def test_the_only_standard_may_stand_in_another_file_of_the_submission(table):
    found = pairs(table("target.csv", ("T", "standard", "")), table("batch.csv", ("B-101", "sample", "")))
    assert names(found.spectral) == [("T", "B-101")]
    assert "B-101 is judged against T of target.csv, the only standard in the submission" in found.notes


def test_a_sample_whose_standard_is_missing_is_not_given_to_the_only_one(written):
    path = written("a.cxf", panel("S", role="standard"), panel("P", standard="R"), colours=(colour("C", standard="S"),))
    found = pairs(path)
    assert names((*found.spectral, *found.stated)) == [("S", "C")]
    assert "P was left out: its standard 'R' is not in the file" in found.notes


def test_among_several_standards_the_samples_are_named_and_counted_and_the_user_asked(table):
    standards = (("T", "standard", ""), ("U", "standard", ""))
    path = table("batch.csv", *standards, *((f"B-{n}", "sample", "") for n in range(7)))
    said = (
        r"B-0, B-1, B-2, B-3, B-4, … \(7 samples\) were left out: no standard is named, and there are 2: T, U\)\. Name"
    )
    with pytest.raises(MeasurementError, match=said):
        pairs(path)
    with pytest.raises(MeasurementError, match="B-1 was left out: no standard is named, and none is there"):
        pairs(table("alone.csv", ("B-1", "sample", "")))


def test_a_file_of_nothing_but_a_standard_is_judged_against_a_standard_from_elsewhere(table):
    target, batch = table("t.csv", ("T", "standard", "45:0")), table("b.csv", ("B", "standard", "45:0"))
    found = pairs(batch, standard=target)
    assert names(found.spectral) == [("T", "B")]
    assert "B is judged although declared a standard: the file holds no other sample" in found.notes
    both = table("both.csv", ("T", "standard", "45:0"), ("B", "standard", "45:0"))
    assert names(pairs(both, standard="T").spectral) == [("T", "B")]


def test_a_standard_beside_samples_is_left_out_and_the_cure_is_said(table):
    path = table("b.csv", ("T", "standard", ""), ("U", "standard", ""), ("B", "sample", ""))
    found = pairs(path, standard="T")
    assert names(found.spectral) == [("T", "B")]
    left = "U was left out: declared a standard; name them to judge them all the same: --sample NAME"
    assert left in found.notes
    assert names(pairs(path, standard="T", samples=("U",)).spectral) == [("T", "U")]
    with pytest.raises(MeasurementError, match=r"U was left out: declared a standard\)\. Name the standard"):
        pairs(path, samples=("U",))


def test_a_name_of_two_files_is_told_apart_by_its_file(written):
    first = written("a.qtx", panel("S", role="standard"), panel("P", 0.9))
    second = written("b.qtx", panel("S", 0.8, role="standard"), panel("P"))
    with pytest.raises(MeasurementError, match=r"Say of which file: a\.qtx:S"):
        pairs(first, second, standard="S")
    found = pairs(first, second, standard="b.qtx:S", samples=("a.qtx:P",))
    assert [float(one.reflectance_factor[0, 0] / SHAPE[0]) for one in found.spectral[0]] == pytest.approx([0.8, 0.9])


def test_a_name_of_one_file_that_stands_twice_has_a_way_out(written):
    path = written("a.qtx", panel("S", role="standard"), panel("S", 0.8, role="standard"), panel("P"))
    with pytest.raises(MeasurementError, match=r"2 measurements called 'S'; .* its own name, .* --standard-file"):
        pairs(path, standard="S")


def test_a_name_that_looks_like_file_and_name_is_a_name_first(written):
    path = written("a.qtx", panel("S", role="standard"), panel("P"), panel("a.qtx:P", 0.9))
    (found,) = pairs(path, standard="S", samples=("a.qtx:P",)).spectral
    assert found[1].sample == "a.qtx:P"


def test_a_file_and_its_copy_are_one_reading(written, tmp_path):
    path = written("a.qtx", panel("P"))
    copy = tmp_path / "copy.qtx"
    copy.write_bytes(path.read_bytes())
    with pytest.raises(MeasurementError, match=r"one reading, not two: copy\.qtx and a\.qtx are copies of one file"):
        pairs(path, standard=copy)
    with pytest.raises(MeasurementError, match=r"one reading, not two of a\.qtx"):
        pairs(path, standard=path)
    with pytest.raises(MeasurementError, match="one reading, not two"):
        pairs(path, standard="P", samples=("P",))


def test_a_colour_and_its_copy_are_one_reading(written, tmp_path):
    path = written("a.cxf", colours=(colour("C"),))
    (tmp_path / "copy.cxf").write_bytes(path.read_bytes())
    with pytest.raises(MeasurementError, match="one reading, not two"):
        pairs(path, standard=tmp_path / "copy.cxf")


def test_two_readings_of_one_file_are_two_however_alike(table):
    path = table("a.csv", ("T", "standard", ""), ("B", "sample", ""))
    assert names(pairs(path).spectral) == [("T", "B")]


def test_real_colour_only_files_are_compared(shared_data):
    path = shared_data / "cxf3" / "id_reference_validation.cxf"
    found = pairs(path, standard=load(path).colours[0].sample)
    assert found.stated
    for both in found.stated:
        assert compare_stated(*both, DEFAULT).worst.delta_E >= 0
