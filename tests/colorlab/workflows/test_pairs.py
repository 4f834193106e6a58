"""A submission of several files, of spectra and of colours: who belongs to whom, and what is left out."""

import numpy as np
import pytest

from colorlab.tolerance.tolerance import DEFAULT
from colorlab.verdict.stated_difference import compare_stated
from colorlab.workflows.pairs import pairs_of_file, pairs_of_files
from colorlab.workflows.read import NOTHING_DECLARED, load
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


def test_real_colour_only_files_are_compared(shared_data):
    path = shared_data / "cxf3" / "id_reference_validation.cxf"
    found = pairs(path, standard=load(path).colours[0].sample)
    assert found.stated
    for both in found.stated:
        assert compare_stated(*both, DEFAULT).worst.delta_E >= 0
