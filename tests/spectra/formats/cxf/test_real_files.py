"""Real CxF3 files and hand-made edge cases of another project: what must come out of each, or why it is refused."""

import io

import numpy as np
import pytest

from colorlab.colorimetry.tristimulus import spectra_to_lab
from colorlab.colorimetry.viewing import parse_viewing
from colorlab.difference.standard import delta_E
from spectra.formats import cxf
from spectra.formats.losses import losses
from spectra.formats.registry import detect_format
from spectra.geometry import ANNULAR_45_0, D8_SCE, UNDECLARED

WITHOUT_COLOUR = (
    *("custom_resources", "datetime_edge_cases", "empty_sections", "enumeration_boundary_values"),
    *("fileinformation_all_optional", "minimal_cxf", "multiple_objects", "object_required_only", "string_edge_cases"),
)


@pytest.fixture
def content(shared_data):
    return lambda name: (shared_data / "cxf3" / f"{name}.cxf").read_bytes()


def test_every_one_is_recognised(shared_data):
    files = sorted((shared_data / "cxf3").glob("*.cxf"))
    assert len(files) == 15
    assert {detect_format(path.read_bytes(), path.name) for path in files} == {"cxf"}


@pytest.mark.parametrize("name", WITHOUT_COLOUR)
def test_a_file_that_states_no_colour_is_read_and_what_it_holds_instead_is_said(content, name):
    file = cxf.read(content(name), name)
    assert file.is_empty
    assert "the file states no spectrum, no colour and no recipe" in file.notes


def test_144_colours_of_a_colorport_target(content):
    file = cxf.read(content("sample"), "sample.cxf")
    assert len(file.measurements) == 144
    first = file.measurements[0]
    assert {str(one.grid) for one in file.measurements} == {"380–680/10 nm"}
    assert {one.geometry.name for one in file.measurements} == {"45:0"}
    assert first.geometry is ANNULAR_45_0
    assert (first.sample, first.declared.bandpass_corrected, first.declared.condition) == ("1", True, None)
    assert first.conditions["ColorSRGB"] == "R 0, G 0, B 0"
    assert {(one.stated[0].illuminant, one.stated[0].observer) for one in file.measurements} == {("D50", "2°")}
    spectra = np.concatenate([one.reflectance_factor for one in file.measurements])
    stated = np.concatenate([one.stated[0].values for one in file.measurements])
    apart = delta_E(stated, spectra_to_lab(spectra, first.grid, parse_viewing("D50/2")))
    assert apart.mean() < 0.06
    assert apart.max() < 0.16


def test_another_program_reads_the_same_144_spectra(content):
    import colour_cxf

    document = colour_cxf.read_cxf(content("sample"))
    file = cxf.read(content("sample"), "sample.cxf")
    for one, other in zip(file.measurements, document.resources.object_collection.object_value, strict=True):
        spectrum = next(value for value in other.color_values.choice if type(value).__name__ == "ReflectanceSpectrum")
        assert (one.sample, one.reflectance_factor[0].tolist()) == (other.name, spectrum.value)


def test_geometries_of_colours(content):
    file = cxf.read(content("geometry_edge_cases"), "geometry.cxf")
    several, out_of_plane, unknown, sphere, emissive = file.colours
    assert [one.geometry for one in file.colours] == [UNDECLARED, UNDECLARED, UNDECLARED, D8_SCE, UNDECLARED]
    assert several.conditions["angles"] == "45as15, 45as25, 45as45"
    assert out_of_plane.conditions["angles"] == "45as15az30, 45as25az60"
    assert unknown.conditions["geometry"] == "X"
    assert sphere.stated[0].values.tolist() == [[90, -5, 10]]
    assert emissive.conditions["emissive mode"] == "EmissiveMode_Other"
    assert emissive.conditions["measurement type"] == "Colorimetric_Emissive"
    assert (emissive.stated[0].illuminant, emissive.stated[0].observer) == ("E", "2°")


def test_identifiers_tell_capital_from_small_letters(content):
    file = cxf.read(content("id_reference_validation"), "ids.cxf")
    assert len(file.colours) == 9
    capital, small, *_ = (one.stated[0] for one in file.colours)
    assert (capital.illuminant, capital.observer) == ("D65", "2°")
    assert (small.illuminant, small.observer) == ("D50", "10°")
    assert file.colours[-1].standard == "Valid Reference"
    assert file.attachments[-1].document["values"] == {"dL": 5.0, "dA": 1.0, "dB": -2.0, "dE": 5.5}


def test_spectra_at_the_bounds(content):
    file = cxf.read(content("spectral_data_boundaries"), "bounds.cxf")
    extreme, fluorescent = file.measurements
    assert (str(extreme.grid), str(fluorescent.grid)) == ("360–400/1 nm", "400–780/20 nm")
    assert (extreme.reflectance_factor.min(), extreme.reflectance_factor.max()) == (-0.09, 2.99)
    assert (extreme.declared.bandpass_corrected, fluorescent.declared.bandpass_corrected) == (True, False)
    assert "a spectrum of 1 wavelengths is left out" in file.notes


def test_irregular_spectra(content):
    file = cxf.read(content("custom_spectrum_irregular"), "irregular.cxf")
    assert any("'Duplicate Wavelengths': the spectrum is left out: 500 nm stands twice" in note for note in file.notes)
    irregular, out_of_order, precise = file.measurements
    assert irregular.grid.nodes[:3] == (380.5, 381.7, 385)
    assert out_of_order.grid.nodes == (380, 400, 450, 500, 550, 600, 650, 700)
    assert out_of_order.reflectance_factor.tolist() == [[0.45, 0.55, 0.65, 0.70, 0.75, 0.80, 0.78, 0.72]]
    assert precise.grid.nodes[0] == 400.123456789


def test_names_of_many_scripts(content):
    names = [one.sample for one in cxf.read(content("unicode_special_characters"), "names.cxf").colours]
    assert names[:3] == ["Color™ • 漢字 & Ñoño", "🎨 Rainbow Colors 🌈", "Αλφα Βήτα Γάμμα"]
    assert names[-2:] == ["Zero Width: a\\u200bb\\u200cc\\u200dd", "Control: Tab NewLine CarriageReturn"]


@pytest.mark.parametrize(
    "name", ["sample", "geometry_edge_cases", "id_reference_validation", "spectral_data_boundaries"]
)
def test_what_was_read_survives_being_written(content, name):
    file = cxf.read(content(name), name)
    assert losses(file, cxf.read(cxf.write(file), name)) == ()


def test_streaming_gives_the_same_measurements(content):
    whole = cxf.read(content("sample"), "sample.cxf")
    streamed = list(cxf.stream(io.BytesIO(content("sample")), "sample.cxf"))
    assert [one.sample for one in streamed] == [one.sample for one in whole.measurements]
    assert streamed[0].source == whole.measurements[0].source
