"""IES TM-27: lamps and samples, read as an independent reader does, and refused in words."""

import re
from pathlib import Path

import numpy as np
import pytest

from spectra.errors import MalformedFileError, UnsafeFileError
from spectra.formats import spdx
from spectra.formats.base import ReadOptions
from spectra.formats.registry import detect_format
from spectra.geometry import D8_SCE
from spectra.wavelengths import WavelengthGrid

SAMPLE = (Path(__file__).parent / "samples" / "spdx.spdx").read_bytes()


def test_a_reflectance_is_a_measurement_with_what_is_declared_of_it():
    (one,) = spdx.read(SAMPLE, "white.spdx").measurements
    assert one.sample == "Matt white on card"
    assert one.reflectance_factor[0] == pytest.approx([0.52, 0.78, 0.81, 0.83, 0.84, 0.84, 0.85])
    assert one.grid == WavelengthGrid(400, 700, 50)
    assert one.geometry is D8_SCE
    assert (one.declared.bandpass_nm, one.declared.bandpass_corrected) == (10.0, False)
    assert one.instrument == "Sphere spectrophotometer"
    assert one.conditions["CatalogNumber"] == "W-1"


def test_every_other_quantity_is_a_spectral_distribution_of_that_name():
    file = spdx.read(SAMPLE.replace(b">reflectance<", b">Transmittance<"), "glass.spdx")
    assert file.measurements == ()
    assert file.spectra[0].quantity == "transmittance"
    assert file.spectra[0].conditions["ReflectionGeometry"] == "de:8"


def test_a_reflectance_is_a_ratio_unless_the_user_says_percent():
    percent = SAMPLE.replace(b">0.", b">")
    with pytest.raises(MalformedFileError, match=r"up to 85: looks like percent; expected fractions.*--unit percent"):
        spdx.read(percent, "white.spdx")
    (one,) = spdx.read(percent, "white.spdx", ReadOptions("percent")).measurements
    assert one.reflectance_factor.max() == pytest.approx(0.85)


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (
            b"<SpectralQuantity>reflectance</SpectralQuantity>",
            b"",
            "line 12, SpectralDistribution: no SpectralQuantity",
        ),
        (b'wavelength="450"', b'wavelength="400"', r"line 18, SpectralData: 400 nm after 400 nm; expected rising"),
        (b'wavelength="450"', b"", r"line 18, SpectralData: 'no wavelength'; expected a number"),
        (b">0.78<", b">nan<", r"line 18, SpectralData: 'nan'; expected a number"),
        (b">10<", b">0<", "a bandpass of 0 nm"),
        (b"SpectralDistribution>", b"Spectrum>", "line 2: no SpectralDistribution"),
        (b"</Header>", b"", "not well-formed XML"),
    ],
)
def test_what_the_standard_forbids_is_refused_by_its_line(before, after, words):
    with pytest.raises(MalformedFileError, match=words):
        spdx.read(SAMPLE.replace(before, after), "white.spdx")


def test_micrometres_are_no_nanometres_be_it_a_lamp_or_a_sample():
    for kind in (b">relative<", b">reflectance<"):
        content = re.sub(rb'wavelength="(\d)(\d\d)"', rb'wavelength="0.\1\2"', SAMPLE.replace(b">reflectance<", kind))
        with pytest.raises(
            MalformedFileError, match=r"from 0.4 to 0.7; expected nanometres within 150–3000.*Micrometres"
        ):
            spdx.read(content, "lamp.spdx")


def test_entities_are_refused():
    bomb = SAMPLE.replace(b"?>\n", b'?>\n<!DOCTYPE a [<!ENTITY b "c">]>\n', 1)
    with pytest.raises(UnsafeFileError, match="document type"):
        spdx.read(bomb, "bomb.spdx")


@pytest.mark.parametrize("name", ["Fluorescent.spdx", "TM27 Sample Spectral Data.spdx"])
def test_real_lamps_are_read_as_colour_science_reads_them(shared_data, name):
    colour = pytest.importorskip("colour")
    path = shared_data / "text_formats" / name
    assert detect_format(path.read_bytes(), name) == "spdx"
    (lamp,) = spdx.read(path.read_bytes(), name).spectra
    other = colour.SpectralDistribution_IESTM2714(str(path)).read()
    np.testing.assert_array_equal(lamp.values, other.values)
    np.testing.assert_array_equal(lamp.grid.wavelengths, other.wavelengths)
    assert lamp.quantity == other.spectral_quantity == "relative"
    assert float(lamp.conditions["BandwidthFWHM"]) == other.bandwidth_FWHM == 2.0
    assert lamp.name == other.header.description


def test_the_fluorescent_lamp_keeps_its_uneven_wavelengths(shared_data):
    content = (shared_data / "text_formats" / "Fluorescent.spdx").read_bytes()
    (lamp,) = spdx.read(content, "Fluorescent.spdx").spectra
    assert lamp.grid.step is None
    assert lamp.grid.count == 85
    assert (lamp.grid.start, lamp.grid.nodes[1], lamp.grid.stop) == (400.0, 403.1, 850.1)


def test_another_document_with_the_same_suffix_is_refused_with_its_line(shared_data):
    content = (shared_data / "text_formats" / "Invalid.spdx").read_bytes()
    assert detect_format(content, "Invalid.spdx") == "spdx"
    with pytest.raises(MalformedFileError, match=r"Invalid\.spdx, line 2: root element <item>; expected <IESTM2714>"):
        spdx.read(content, "Invalid.spdx")
