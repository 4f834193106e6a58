"""The colours of a file, and what is to be known of the spectra and lights they rest on."""

import numpy as np

from colorlab.colorimetry.viewing import D65_10
from colorlab.workflows.colour import SENTENCES, colours_of_file
from colorlab.workflows.read import read_file
from spectra.formats import bundle
from spectra.formats.base import MeasurementFile, file_of
from spectra.formats.registry import FORMATS
from spectra.geometry import D8_SCI
from spectra.light import SpectralDistribution
from spectra.measurement import Measurement
from spectra.wavelengths import WavelengthGrid

GRID = WavelengthGrid(400, 700, 10)


def written(path, spectra):
    panels = [Measurement(f"P{n}", one[None], GRID, D8_SCI) for n, one in enumerate(spectra)]
    path.write_bytes(FORMATS["qtx"].write(file_of(panels)))
    return path


def test_colours_repeat_the_findings_of_the_spectra_they_are_computed_from(tmp_path):
    smooth = 0.3 + 0.1 * np.sin(GRID.wavelengths / 60)
    dark = smooth.copy()
    dark[5] = -0.02
    file = written(tmp_path / "panels.qtx", [smooth, dark])
    outcome, read = colours_of_file(file), read_file(file)
    assert outcome.samples[0].findings == ()
    assert [one.findings for one in outcome.samples] == list(read.findings)
    assert "finding: P1: d/8 SCI: reflectance factor down to -0.0200 at 450 nm" in outcome.as_text()
    assert outcome.as_dict()["samples"][1]["findings"][0].endswith("cannot be below 0")


def test_a_terminal_is_shown_a_bounded_number_of_findings(tmp_path):
    file = written(tmp_path / "flat.qtx", np.full((SENTENCES + 5, 31), 0.4))
    lines = [line for line in colours_of_file(file).as_text().splitlines() if line.startswith("finding: ")]
    assert len(lines) == SENTENCES + 1
    assert lines[-1] == "finding: 5 more, see `colorlab read`"


def test_what_of_a_light_was_not_measured_is_a_note(tmp_path):
    file = written(tmp_path / "panel.qtx", [0.3 + 0.1 * np.sin(GRID.wavelengths / 60)])
    grid = WavelengthGrid(400, 690, 10)
    booth = SpectralDistribution("booth", "irradiance", np.ones(grid.count), grid, "W/m²")
    (tmp_path / "booth.colorlab").write_bytes(bundle.write(MeasurementFile(bundle.NAME, (), spectra=(booth,))))
    outcome = colours_of_file(file, viewings=(D65_10,), lights=[tmp_path / "booth.colorlab"])
    remarks = [note for note in outcome.notes if "the light was measured over 400–690/10 nm" in note]
    assert len(remarks) == 2
    assert f"note: {remarks[0]}" in outcome.as_text()
    assert set(remarks) <= set(outcome.as_dict()["notes"])
