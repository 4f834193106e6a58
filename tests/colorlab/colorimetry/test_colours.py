"""Colours of a batch under several viewings, and what they rest on."""

import xml.etree.ElementTree as ET
from dataclasses import replace

import numpy as np
import pytest

from colorlab.colorimetry.colours import colours, colours_of
from colorlab.colorimetry.tristimulus import spectra_to_lab, xyz
from colorlab.colorimetry.viewing import A_10, D65_10, TL84_10, Viewing
from colorlab.colorimetry.weights import white_point
from colorlab.difference.standard import delta_E
from spectra.errors import MeasurementError, UnknownConditionError
from spectra.geometry import directional
from spectra.measurement import Declared, Measurement
from spectra.wavelengths import WavelengthGrid

GRID = WavelengthGrid(400, 700, 10)
SPECTRA = np.random.default_rng(3).uniform(0.02, 0.9, (5, 3, 31))
PANEL = Measurement("panel", SPECTRA[0], GRID, directional(["45as15", "45as45", "45as110"]))


def test_one_product_gives_every_angle_under_every_viewing():
    seen = colours(SPECTRA, GRID, (D65_10, A_10))
    assert seen.XYZ.shape == (5, 3, 2, 3)
    for place, viewing in enumerate((D65_10, A_10)):
        assert seen.XYZ[..., place, :] == pytest.approx(xyz(SPECTRA, GRID, viewing))
        assert seen.Lab[..., place, :] == pytest.approx(spectra_to_lab(SPECTRA, GRID, viewing))
        assert seen.white[place] == pytest.approx(white_point(viewing, GRID))
    assert seen.LCh[..., 1] == pytest.approx(np.hypot(seen.Lab[..., 1], seen.Lab[..., 2]))
    assert (seen.hue == seen.LCh[..., 2]).all()
    assert seen.Luv.shape == seen.xyY.shape == (5, 3, 2, 3)
    assert seen.xyY[..., 2] == pytest.approx(seen.XYZ[..., 1])


def test_one_viewing_is_taken_out_of_a_set():
    seen = colours(SPECTRA, GRID, (D65_10, A_10)).under(A_10)
    alone = colours(SPECTRA, GRID, A_10).Lab
    assert seen.Lab == pytest.approx(alone)
    with pytest.raises(UnknownConditionError, match="FL11"):
        seen.under(TL84_10)


def test_colours_without_a_viewing_are_refused():
    with pytest.raises(UnknownConditionError):
        colours(SPECTRA, GRID, ())


def test_a_measurement_has_a_colour_at_each_of_its_angles():
    seen = colours_of(PANEL, D65_10)
    assert seen.Lab.shape == (3, 1, 3)
    assert (seen.bandpass, seen.integration) == ("as given", "ASTM E2022 weights, 10 nm")
    assert 0.99 < seen.measured_share[0] < 1


def test_a_bandpass_is_corrected_where_nothing_declared_speaks_against_it():
    assert (
        colours_of(replace(PANEL, declared=Declared(bandpass_nm=10)), D65_10, "Stearns 1988").bandpass == "Stearns 1988"
    )
    with pytest.raises(MeasurementError, match="corrected already"):
        colours_of(replace(PANEL, declared=Declared(bandpass_corrected=True)), D65_10, "Stearns 1988")
    with pytest.raises(MeasurementError, match="5 nm"):
        colours_of(replace(PANEL, declared=Declared(bandpass_nm=5)), D65_10, "Stearns 1988")


def test_spectra_that_end_early_are_held_at_their_end_and_said_to_be(shared_data):
    # 144 patches to 680 nm; by what means its program got from there to the Lab beside them the file does not say.
    root = ET.parse(shared_data / "cxf3" / "sample.cxf").getroot()
    spectra = np.array([node.text.split() for node in root.iterfind(".//{*}ReflectanceSpectrum")], dtype=float)
    stated = np.array([[float(axis.text) for axis in list(node)[:3]] for node in root.iterfind(".//{*}ColorCIELab")])
    seen = colours(spectra, WavelengthGrid(380, 680, 10), Viewing("D50", "2°"))
    apart = delta_E(stated, seen.Lab[:, 0])
    assert apart.shape == (144,)
    assert apart.mean() < 0.06
    assert apart.max() < 0.16
    assert seen.measured_share == pytest.approx([0.996], abs=1e-3)
