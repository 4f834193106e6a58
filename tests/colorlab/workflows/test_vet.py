"""Which sample is judged against which standard, and what is said when that is not clear."""

import numpy as np
import pytest

from colorlab.workflows.read import FileOptions, parse
from colorlab.workflows.vet import vet_files
from spectra.errors import MeasurementError
from spectra.formats.base import file_of
from spectra.formats.registry import FORMATS
from spectra.geometry import ANNULAR_45_0, D8_SCI
from spectra.measurement import Measurement
from spectra.wavelengths import WavelengthGrid

GRID = WavelengthGrid(400, 700, 10)
SHAPE = 0.25 + 0.2 * np.sin((GRID.wavelengths - 430) / 70)


def panel(name, scale=1.0, role="sample", standard=None):
    return Measurement(name, scale * SHAPE[None], GRID, D8_SCI, role=role, standard=standard)


@pytest.fixture
def qtx(tmp_path):
    def write(*panels):
        path = tmp_path / "file.qtx"
        path.write_bytes(FORMATS["qtx"].write(file_of(panels)))
        return path

    return write


def test_each_batch_is_judged_against_its_own_standard(qtx):
    path = qtx(
        panel("A", 1.0, "standard"),
        panel("B", 0.8, "standard"),
        panel("a", 1.0, standard="A"),
        panel("b", 0.8, standard="B"),
    )
    outcome = vet_files([path])
    assert [(one.verdict.standard, one.verdict.decision) for one in outcome.judged] == [
        ("A", "accept"),
        ("B", "accept"),
    ]


def test_a_batch_with_two_standards_of_its_name_is_not_judged_by_chance(qtx):
    twins = panel("A", 1.0, "standard"), panel("A", 0.8, "standard")
    with pytest.raises(MeasurementError, match="2 standards are called 'A'"):
        vet_files([qtx(*twins, panel("a", standard="A"))])
    outcome = vet_files([qtx(*twins, panel("B", 1.0, "standard"), panel("a", standard="A"), panel("b", standard="B"))])
    assert [one.verdict.sample for one in outcome.judged] == ["b"]
    assert any("a was left out" in note for note in outcome.notes)


def test_samples_of_one_name_are_told_apart_by_their_order(qtx):
    outcome = vet_files([qtx(panel("A", 1.0, "standard"), panel("a", standard="A"), panel("a", 0.7, standard="A"))])
    assert [one.verdict.decision for one in outcome.judged] == ["accept", "reject"]
    assert any("2 samples are called 'a'" in note for note in outcome.notes)


def test_a_verdict_does_not_depend_on_what_else_stood_in_the_file(qtx):
    standard, lot = panel("A", 1.0, "standard"), panel("lot", 0.97, standard="A")
    alone = vet_files([qtx(standard, lot)]).judged[0].verdict.as_dict()
    among = vet_files([qtx(standard, panel("other", 0.9, standard="A"), lot)]).judged[1].verdict.as_dict()
    for document in (alone, among):
        document.pop("inputs_sha256")
    assert alone == among


def test_what_the_reader_declares_is_kept_with_the_measurement():
    table = ("sample,geometry," + ",".join(f"{nm}nm" for nm in GRID.wavelengths.astype(int)) + "\n").encode()
    table += ("P,," + ",".join("40" for _ in range(31)) + "\n").encode()
    file = parse(table, "p.csv", FileOptions(reflectance_unit="percent", geometry=ANNULAR_45_0))
    (measurement,) = file.measurements
    assert measurement.geometry.kind == "45:0"
    assert measurement.conditions["geometry declared by the reader"] == "45:0"
    assert measurement.conditions["reflectance unit declared by the reader"] == "percent"
    assert not any(note.startswith("geometry not declared") for note in file.notes)
