"""The colours of a file, and what is to be known of the spectra and lights they rest on."""

import numpy as np
import pytest

from colorlab.colorimetry.munsell import munsell
from colorlab.colorimetry.viewing import A_10, D65_10
from colorlab.colorimetry.whiteness import cie_whiteness, yellowness
from colorlab.difference.inconstancy import colour_inconstancy
from colorlab.workflows.colour import SENTENCES, colours_of_file
from colorlab.workflows.read import read_file
from spectra.formats.base import MeasurementFile, file_of
from spectra.formats.bundle import container as bundle
from spectra.formats.registry import FORMATS
from spectra.geometry import D8_SCI, directional
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


def test_a_grey_has_neither_a_hue_nor_a_minus_nought(tmp_path):
    file = written(tmp_path / "grey.qtx", np.full((1, 31), 0.4))
    row = colours_of_file(file).as_text().splitlines()[1].split()
    assert "-0.000" not in row
    assert row[-4:] == ["0.000", "0.000", "0.000", "–"]


def test_indices_are_given_with_the_reason_where_one_does_not_exist(tmp_path):
    cream = np.linspace(0.82, 0.85, 31)
    red = np.where(GRID.wavelengths > 600, 0.6, 0.05)
    outcome = colours_of_file(written(tmp_path / "two.qtx", [cream, red]), indices=True)
    white, coloured = (one.indices for one in outcome.samples)
    assert white.whiteness == pytest.approx(float(cie_whiteness(cream, GRID)[0]))
    assert white.yellowness == pytest.approx(float(yellowness(cream, GRID)))
    assert white.munsell == munsell(cream, GRID).notation
    assert white.inconstancy_A == pytest.approx(float(colour_inconstancy(cream, GRID, A_10)))
    assert (coloured.whiteness, coloured.tint) == (None, None)
    assert "no white" in coloured.whiteness_reason
    assert "P0: CIE whiteness" in outcome.as_text()
    assert "P1: no CIE whiteness (" in outcome.as_text()
    assert colours_of_file(tmp_path / "two.qtx").samples[0].indices is None


def test_angles_of_an_effect_paint_have_no_indices(tmp_path):
    geometry = directional(["45as15", "45as45"])
    panel = Measurement("M", np.full((2, 31), 0.4), GRID, geometry)
    path = tmp_path / "effect.zip"
    path.write_bytes(FORMATS["bundle"].write(file_of([panel])))
    outcome = colours_of_file(path, indices=True)
    assert outcome.samples[0].indices is None
    assert outcome.notes[-1] == "no indices of 1 measurements: they are given for a sphere and 45:0 only"
