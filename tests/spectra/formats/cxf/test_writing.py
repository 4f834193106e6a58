"""What we write as CxF3 is valid, comes back as it was, and another program reads the same spectra from it."""

import dataclasses
from dataclasses import replace
from pathlib import Path

import cxf_files
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from lxml import etree

from spectra.errors import MeasurementError
from spectra.formats import cxf
from spectra.formats.base import MeasurementFile, file_of
from spectra.formats.losses import losses
from spectra.geometry import D8_SCI, directional
from spectra.measurement import Measurement
from spectra.stated import Attachment, StatedColour, StatedRecipe
from spectra.wavelengths import WavelengthGrid

SCHEMA = Path(__file__).parent / "schema"
XS = "{http://www.w3.org/2001/XMLSchema}"
SLOWLY = settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=150)


@pytest.fixture(scope="module")
def schema():
    return etree.XMLSchema(etree.parse(str(SCHEMA / "core.xsd")))


@SLOWLY
@given(file=cxf_files.measurement_files())
def test_what_is_written_is_read_back_as_it_was(file):
    back = cxf.read(cxf.write(file), "back.cxf")
    assert losses(_by_recipe(file), _by_recipe(back)) == ()
    for one, other in zip((*file.measurements, *file.colours), (*back.measurements, *back.colours), strict=True):
        assert dict(one.conditions) == dict(other.conditions)


@SLOWLY
@given(file=cxf_files.measurement_files())
def test_what_is_written_is_valid_and_the_same_bytes_twice(schema, file):
    content = cxf.write(file)
    assert cxf.write(file) == content
    schema.assertValid(etree.fromstring(content))


def _by_recipe(file):
    """Recipes follow the order of the objects they belong to."""
    return replace(file, recipes=tuple(sorted(file.recipes, key=lambda recipe: recipe.sample)))


@SLOWLY
@given(file=cxf_files.measurement_files())
def test_another_program_reads_the_same_spectra(file):
    content = cxf.write(file)
    objects = {one.id: one for one in strictly_read(content).resources.object_collection.object_value}
    for place, measurement in enumerate(file.measurements, start=1):
        found = objects[f"m{place}"]
        assert found.name == measurement.sample
        spectra = [one for one in found.color_values.choice if "Spectrum" in type(one).__name__]
        for row, one in zip(measurement.reflectance_factor, spectra, strict=True):
            if type(one).__name__ == "CustomSpectrum":
                assert [point.wl for point in one.spectral_point] == measurement.grid.wavelengths.tolist()
                assert [point.value for point in one.spectral_point] == row.tolist()
            else:
                assert one.start_wl == measurement.grid.start
                assert one.value == row.tolist()


def strictly_read(content):
    """A file as colour-cxf reads it, an unknown element or a value that is none being an error."""
    from colour_cxf.cxf3 import CxF
    from xsdata.formats.dataclass.parsers import XmlParser
    from xsdata.formats.dataclass.parsers.config import ParserConfig

    strict = ParserConfig(
        fail_on_unknown_properties=True, fail_on_unknown_attributes=True, fail_on_converter_warnings=True
    )
    return XmlParser(config=strict).from_bytes(content, CxF)


def test_a_multi_angle_paint_has_a_specification_for_each_angle():
    geometry = directional(["45as-15", "45as15", "45as25az90"])
    paint = Measurement("Silver", np.full((3, 31), 0.5), WavelengthGrid(400, 700, 10), geometry)
    specifications = strictly_read(cxf.write(file_of([paint]))).resources.color_specification_collection
    angles = [one.measurement_spec.geometry_choice.choice.brdfangle for one in specifications.color_specification]
    assert [
        [(one.notation, one.illumination_angle, one.aspecular, one.azimuth) for one in each] for each in angles
    ] == [
        [("45as-15", 45.0, -15.0, None)],
        [("45as15", 45.0, 15.0, None)],
        [("45as25az90", 45.0, 25.0, 90.0)],
    ]


def test_colour_science_s_reader_opens_it():
    import colour_cxf

    document = colour_cxf.read_cxf(cxf.write(file_of([panel()])))
    assert document.resources.object_collection.object_value[0].name == "panel 1"


def panel(**more):
    return Measurement(
        "panel 1",
        **{"reflectance_factor": [[0.5] * 31], "grid": WavelengthGrid(400, 700, 10), "geometry": D8_SCI} | more,
    )


@pytest.mark.parametrize("name", ["", " outer blank", "line\nbreak", "bell\x07", "lone \ud800"])
def test_a_name_that_would_not_come_back_is_refused(name):
    with pytest.raises(MeasurementError, match="cannot stand in a CxF3 file"):
        cxf.write(file_of([panel(), replace(panel(), sample=name)]))


def test_what_no_reader_would_believe_or_understand_is_refused():
    with pytest.raises(MeasurementError, match="has no colorant"):
        cxf.write(MeasurementFile("cxf", (), recipes=(StatedRecipe("p", "R1", "g", ()),)))
    with pytest.raises(MeasurementError, match="JSON has no word for"):
        cxf.write(replace(file_of([panel()]), attachments=(Attachment("verdict", 0, {"limit": float("nan")}),)))
    with pytest.raises(MeasurementError, match="belongs to measurement 1, which is not there"):
        cxf.write(replace(file_of([panel()]), attachments=(Attachment("verdict", 1, {}),)))
    with pytest.raises(MeasurementError, match="1e\\+300 cannot stand"):
        cxf.write(file_of([panel(stated=(StatedColour("XYZ", np.array([[1e300, 0, 0]])),))]))


def test_nothing_is_added_where_cxf_says_it_all():
    assert b"cxf-extension" not in cxf.write(file_of([panel(conditions={"aperture": "12 mm", "operator": "Li"})]))
    assert b"cxf-extension" in cxf.write(file_of([panel(standard="master")]))


def test_a_file_of_nothing_is_valid(schema):
    schema.assertValid(etree.fromstring(cxf.write(MeasurementFile("cxf", ()))))


# ------------------------------------------------------------------------------------- our schema against colour-cxf's


def elements_of(complex_type):
    """Names of the elements of a type of our schema, in order, and of the attributes it demands."""
    names = [
        one.get("name")
        for one in complex_type.iter(f"{XS}element")
        if _nearest(one, f"{XS}complexType") is complex_type
    ]
    demanded = {
        one.get("name")
        for one in complex_type.iter(f"{XS}attribute")
        if one.get("use") == "required" and _nearest(one, f"{XS}complexType") is complex_type
    }
    return names, demanded


def _nearest(element, tag):
    return next(element.iterancestors(tag), None)


def described_types():
    """Each complex type of our schema of CxF3, by the name of the element it is of."""
    root = etree.parse(str(SCHEMA / "core.xsd")).getroot()
    named = {one.get("name"): one for one in root.findall(f"{XS}complexType")}
    for element in root.iter(f"{XS}element"):
        own = element.find(f"{XS}complexType")
        if own is None and (element.get("type") or "").startswith("c:"):
            own = named.get(element.get("type").removeprefix("c:"))
        if own is not None and element.get("name") != "CustomResources":
            yield element.get("name"), own


@pytest.mark.parametrize(
    ("name", "own"), list(described_types()), ids=lambda value: value if isinstance(value, str) else ""
)
def test_our_schema_has_the_order_and_the_demands_of_the_classes_of_colour_cxf(name, own):
    import colour_cxf.cxf3 as classes

    others = {
        "SingleAngle": classes.SingleAngleType,
        "MultiAngle": classes.MultiAngleType,
        "Value": classes.CustomDataType,
    }
    by_name = {
        getattr(getattr(one, "Meta", None), "name", None) or one.__name__: one
        for one in vars(classes).values()
        if dataclasses.is_dataclass(one)
    }
    other = others.get(name) or by_name[name]
    elements, attributes, demanded = [], set(), set()
    for field in dataclasses.fields(other):
        metadata = field.metadata
        if metadata.get("type") == "Attribute":
            attributes.add(metadata["name"])
            demanded |= {metadata["name"]} if metadata.get("required") else set()
        elif metadata.get("type") == "Elements":
            elements += [choice["name"] for choice in metadata["choices"]]
        elif metadata.get("type") == "Element":
            elements.append(metadata.get("name", field.name))
    ours, ours_demanded = elements_of(own)
    assert ours == [one for one in elements if one in ours]
    assert demanded <= ours_demanded <= attributes
