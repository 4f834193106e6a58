"""The colours of a file of any length: the same numbers, and memory that does not grow."""

import csv
import tracemalloc

import numpy as np
import pytest

from colorlab.colorimetry.viewing import A_10, D65_10
from colorlab.workflows.colour import colours_of_file
from colorlab.workflows.colour_stream import write_colours
from colorlab.workflows.read import NOTHING_DECLARED
from spectra.errors import FileError, WavelengthRangeError
from spectra.formats.base import file_of
from spectra.formats.registry import FORMATS
from spectra.geometry import directional
from spectra.measurement import Measurement
from spectra.wavelengths import WavelengthGrid

GRID = WavelengthGrid(400, 700, 10)


def written(path, output, viewings=(D65_10, A_10)):
    count, told = write_colours(path, output, viewings=viewings, bandpass="as given", options=NOTHING_DECLARED)
    assert told
    with output.open(newline="", encoding="utf-8") as file:
        return count, list(csv.DictReader(file))


def test_the_table_holds_what_the_answer_says(tmp_path):
    angles = directional(["45as15", "45as110"])
    panels = [Measurement(f"panel {n}", np.linspace([0.1, 0.05], [0.5, 0.2], 31).T * n, GRID, angles) for n in (1, 2)]
    path = tmp_path / "panels.csv"
    path.write_bytes(FORMATS["table"].write(file_of(panels)))
    count, rows = written(path, tmp_path / "colours.csv")
    assert (count, len(rows)) == (2, 2 * 2 * 2)
    answer = colours_of_file(path, viewings=(D65_10, A_10))
    told = [row for sample in answer.samples for row in sample.rows()]
    for row, said in zip(rows, told, strict=True):
        assert (row["angle"], row["viewing"]) == (said["angle"], said["viewing"])
        assert [float(row[axis]) for axis in "XYZLab"] == pytest.approx([*said["XYZ"], *said["Lab"]], abs=1e-6)


def test_memory_does_not_grow_with_the_file(tmp_path):
    def peak(rows):
        path = tmp_path / f"{rows}.csv"
        with path.open("w", encoding="utf-8") as file:
            file.write("sample," + ",".join(f"R{nm:g}" for nm in GRID.wavelengths) + "\n")
            file.writelines(f"{n}," + ",".join(["0.25"] * 31) + "\n" for n in range(rows))
        tracemalloc.start()
        count = write_colours_only(path)
        _, top = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert count == rows
        return top

    def write_colours_only(path):
        output = path.with_suffix(".out")
        return write_colours(path, output, viewings=(D65_10,), bandpass="as given", options=NOTHING_DECLARED)[0]

    peak(10)  # loads libraries and weights
    assert peak(20_000) < 1.5 * peak(5_000)


def test_a_spectrum_that_gives_no_colour_leaves_no_table(tmp_path):
    short = Measurement("short", np.full((1, 11), 0.3), WavelengthGrid(500, 600, 10), directional(["45as15"]))
    path = tmp_path / "short.csv"
    path.write_bytes(FORMATS["table"].write(file_of([short])))
    with pytest.raises(WavelengthRangeError):
        written(path, tmp_path / "colours.csv")
    assert sorted(one.name for one in tmp_path.iterdir()) == ["short.csv"]


def test_a_table_that_exists_is_not_overwritten(tmp_path):
    (tmp_path / "colours.csv").write_text("mine")
    with pytest.raises(FileError, match="exists already"):
        written(tmp_path / "any.csv", tmp_path / "colours.csv")
