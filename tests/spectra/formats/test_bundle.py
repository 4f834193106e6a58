"""The bundle gives back everything, bit for bit, and nothing that was changed on the way."""

import hashlib
import io
import json
import math
import struct
import types
import typing
import zipfile
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from spectra.arrays import frozen
from spectra.errors import ColorlabError, MalformedFileError, MeasurementError, UnsafeFileError
from spectra.formats.base import MeasurementFile, ReadOptions, file_of
from spectra.formats.bundle import codecs as bundle_codecs
from spectra.formats.bundle import container as bundle
from spectra.formats.bundle.records import FIELDS
from spectra.formats.registry import FORMATS, detect_format
from spectra.geometry import D8_SCI, SINGLE_GEOMETRIES, Geometry, directional
from spectra.light import SpectralDistribution
from spectra.measurement import MEASUREMENT_CONDITIONS, Declared, Measurement
from spectra.stated import (
    COLOUR_SPACES,
    Attachment,
    ColourReading,
    Source,
    StatedColour,
    StatedComponent,
    StatedRecipe,
    Texture,
)
from spectra.wavelengths import WavelengthGrid, grid_of_nodes

# --- any file there may be --------------------------------------------------------------------------------------------

TEXT = st.text(max_size=8)  # surrogates excepted, any letter there is
NAME = st.text(st.characters(exclude_categories=["C", "Zl", "Zp", "Zs"]), min_size=1, max_size=8)
ANY_FLOAT = st.floats() | st.sampled_from([-0.0, 5e-324, math.pi])
MOMENTS = st.datetimes(
    timezones=st.none()
    | st.just(UTC)
    | st.integers(-23 * 3600, 23 * 3600).map(lambda seconds: timezone(timedelta(seconds=seconds)))
)
GRIDS = st.sampled_from([WavelengthGrid(400, 430, 10.0), WavelengthGrid(360.5, 362.5, 0.5)]) | st.lists(
    st.floats(150, 3000), min_size=2, max_size=5, unique=True
).map(lambda nodes: grid_of_nodes(sorted(nodes)))
GEOMETRIES = st.sampled_from(list(SINGLE_GEOMETRIES.values())) | st.lists(
    st.sampled_from(("45as15", "45as-15", "45as25az90", "15as110", "45as12.5")), min_size=1, max_size=3, unique=True
).map(directional)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | ANY_FLOAT | TEXT,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(TEXT | st.sampled_from(("$float", "$", "$$a")), inner, max_size=3)
    ),
    max_leaves=6,
)


def numbers(shape):
    return arrays(np.float64, shape, elements=st.floats(-1000, 1000) | st.sampled_from([-0.0, 5e-324]))


def covariances(shape):
    return numbers((*shape, shape[-1])).map(lambda half: half @ half.swapaxes(-1, -2))


def any_nan(values):
    """A row that states no colour, with a NaN of another making."""
    odd = struct.unpack("<d", struct.pack("<Q", 0x7FF8000000000123))[0]
    return np.where(np.arange(len(values))[:, None] % 2, odd, values)


def stated(n_angles, fewest=0):
    values = numbers((n_angles, 3))
    strategies = {
        "space": st.sampled_from(COLOUR_SPACES),
        "values": values | values.map(any_nan),
        "illuminant": st.none() | TEXT,
        "observer": st.none() | TEXT,
    }
    return st.lists(built(StatedColour, strategies), min_size=fewest, max_size=2).map(tuple)


def built(kind, strategies):
    """Objects of a kind, with a strategy for every field it has: a new field fails here."""
    assert set(strategies) == {field.name for field in fields(kind)}, kind
    return st.builds(kind, **strategies)


SOURCES = built(Source, {"file_name": TEXT, "sha256": TEXT, "format": TEXT})
CONDITIONS = st.dictionaries(TEXT, TEXT, max_size=2)
DECLARED = built(
    Declared,
    {
        "condition": st.sampled_from((None, *MEASUREMENT_CONDITIONS)),
        "bandpass_nm": st.none() | st.floats(0.1, 99),
        "bandpass_corrected": st.sampled_from((None, True, False)),
        "backing": st.none() | TEXT,
    },
)
TEXTURES = st.lists(
    built(Texture, {"quantity": TEXT, "geometry": TEXT, "value": ANY_FLOAT, "version": TEXT}), max_size=2
).map(tuple)
COMMON = {
    "sample": NAME,
    "role": st.sampled_from(("standard", "sample", "undeclared")),
    "standard": st.none() | NAME,
    "taken_at": st.none() | MOMENTS,
    "instrument": st.none() | TEXT,
    "conditions": CONDITIONS,
    "source": st.none() | SOURCES,
    "texture": TEXTURES,
}


@st.composite
def measurements(draw):
    grid, geometry = draw(GRIDS), draw(GEOMETRIES)
    shape = (geometry.n_angles, grid.count)
    strategies = COMMON | {
        "reflectance_factor": numbers(shape),
        "grid": st.just(grid),
        "geometry": st.just(geometry),
        "readings": st.none() | numbers((2, *shape)),
        "covariance": st.none() | covariances(shape),
        "declared": DECLARED,
        "stated": stated(geometry.n_angles),
    }
    return draw(built(Measurement, strategies))


@st.composite
def colour_readings(draw):
    geometry = draw(GEOMETRIES)
    colours = stated(geometry.n_angles, fewest=1)
    return draw(built(ColourReading, COMMON | {"stated": colours, "geometry": st.just(geometry)}))


@st.composite
def distributions(draw):
    grid = draw(GRIDS)
    strategies = {
        "name": NAME,
        "quantity": TEXT,
        "values": arrays(np.float64, grid.count, elements=st.floats(allow_nan=False, allow_infinity=False)),
        "grid": st.just(grid),
        "unit": TEXT,
        "conditions": CONDITIONS,
        "source": st.none() | SOURCES,
    }
    return draw(built(SpectralDistribution, strategies))


COMPONENTS = built(
    StatedComponent,
    {
        "colorant": TEXT,
        "amount": ANY_FLOAT,
        "part_number": st.none() | TEXT,
        "density": st.none() | TEXT,
        "is_base": st.booleans(),
    },
)
RECIPES = built(
    StatedRecipe,
    {
        "sample": NAME,
        "name": NAME,
        "unit": st.none() | TEXT,
        "components": st.lists(COMPONENTS, max_size=2).map(tuple),
        "substrate": st.none() | TEXT,
        "process": st.none() | TEXT,
        "source": st.none() | SOURCES,
    },
)
ATTACHMENTS = built(
    Attachment,
    {"kind": TEXT, "subject": st.none() | st.integers(0, 9), "document": st.dictionaries(TEXT, JSON, max_size=3)},
)
FILES = built(
    MeasurementFile,
    {
        "format": TEXT,
        "measurements": st.lists(measurements(), max_size=3).map(tuple),
        "notes": st.lists(TEXT, max_size=2).map(tuple),
        "colours": st.lists(colour_readings(), max_size=2).map(tuple),
        "spectra": st.lists(distributions(), max_size=2).map(tuple),
        "recipes": st.lists(RECIPES, max_size=2).map(tuple),
        "attachments": st.lists(ATTACHMENTS, max_size=2).map(tuple),
    },
)


def plain(value):
    """Everything a value is made of, numbers by their bits."""
    if isinstance(value, np.ndarray):
        return value.dtype.str, value.shape, value.tobytes()
    if is_dataclass(value):
        return type(value), {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, dict | types.MappingProxyType):
        return [(key, plain(item)) for key, item in value.items()]
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    if isinstance(value, float):
        return "nan" if math.isnan(value) else struct.pack("<d", value)
    return value.isoformat() if isinstance(value, datetime) else (type(value), value)


def same(before, content):
    """What is read is what was written; only where no source was known it is the bundle."""
    after = bundle.read(content, "b.colorlab")
    itself = Source("b.colorlab", hashlib.sha256(content).hexdigest(), "bundle")
    sourced = {
        name: tuple(replace(one, source=one.source or itself) for one in getattr(before, name))
        for name in ("measurements", "colours", "spectra", "recipes")
    }
    assert plain(after) == plain(replace(before, format="bundle", **sourced))
    return after


@settings(max_examples=200)
@given(FILES)
def test_everything_comes_back_bit_for_bit(file):
    content = bundle.write(file)
    assert bundle.write(file) == content
    assert detect_format(content, "") == "bundle"
    after = same(file, content)
    for one, other in zip((*file.measurements, *file.colours), (*after.measurements, *after.colours), strict=True):
        if other.geometry.kind != "directional":
            assert other.geometry is one.geometry


def dataclasses_within(kind, found=()):
    """Every dataclass that a field of a dataclass may hold."""
    found = {*found, kind}
    for hint in typing.get_type_hints(kind).values():
        parts, seen = [hint], []
        while parts:
            part = parts.pop()
            seen.append(part)
            parts += typing.get_args(part)
        for part in seen:
            if is_dataclass(part) and part not in found:
                found = dataclasses_within(part, found)
    return found


def test_no_record_and_no_field_is_forgotten():
    assert dataclasses_within(MeasurementFile) == set(FIELDS)
    for kind, codecs in FIELDS.items():
        left_out = {"format"} if kind is MeasurementFile else set()  # a bundle that is read is a bundle
        assert set(codecs) == {field.name for field in fields(kind)} - left_out, kind


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_what_another_format_read_keeps_its_source(name, samples):
    file = FORMATS[name].read(samples[name], "first", ReadOptions())
    after = same(file, bundle.write(file))
    assert {m.source.format for m in after.measurements} == {m.source.format for m in file.measurements}


def test_equal_grids_geometries_and_sources_are_written_once(red_pair):
    file = file_of([replace(m, sample=f"{m.sample} {i}") for i in range(50) for m in red_pair("angles")])
    document = json.loads(part(bundle.write(file), "bundle.json"))
    assert (len(document["grids"]), len(document["geometries"])) == (1, 1)


# --- raw files --------------------------------------------------------------------------------------------------------


def test_raw_files_travel_by_their_sum_and_do_not_hide_the_bundle(red_pair, samples):
    raw = [samples["table"], samples["xrite-ma"], samples["table"]]
    content = bundle.write(file_of(red_pair("sphere")), raw)
    assert bundle.write(file_of(red_pair("sphere")), raw[::-1]) == content
    assert detect_format(content, "") == "bundle"  # though a workbook lies in it
    assert bundle.raw_files(content, "b") == {hashlib.sha256(one).hexdigest(): one for one in raw}


# --- spoiled bundles --------------------------------------------------------------------------------------------------


def part(content, name):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.read(name)


def rebuilt(content, changes, *, sums=True):
    """The bundle with some parts changed, and with the sums of what it now holds."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts |= changes
    if sums and "SHA256SUMS" not in changes:
        listed = [name for name in parts if name != "SHA256SUMS"]
        lines = (f"{hashlib.sha256(parts[name]).hexdigest()}  {name}\n" for name in listed)
        parts["SHA256SUMS"] = "".join(lines).encode()
    with zipfile.ZipFile(buffer := io.BytesIO(), "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            if data is not None:
                archive.writestr(name, data)
    return buffer.getvalue()


@pytest.fixture
def written(red_pair):
    return bundle.write(file_of(red_pair("angles")))


def changed(content, change):
    document = json.loads(part(content, "bundle.json"))
    change(document)
    return rebuilt(content, {"bundle.json": json.dumps(document).encode()})


def test_a_bundle_packed_again_by_another_program_is_read(written):
    assert plain(bundle.read(rebuilt(written, {}), "b").measurements[0].reflectance_factor) == plain(
        bundle.read(written, "b").measurements[0].reflectance_factor
    )


def test_a_changed_part_is_named_by_its_sum(written):
    arrays = bytearray(part(written, "arrays.f64"))
    arrays[0] ^= 1
    with pytest.raises(
        MalformedFileError, match=r"b, SHA256SUMS: arrays\.f64 has the SHA-256 .*; expected .* changed or damaged"
    ):
        bundle.read(rebuilt(written, {"arrays.f64": bytes(arrays)}, sums=False), "b")


def test_a_newer_version_is_said_before_anything_else(written):
    newer = changed(written, lambda document: document.update(version=2, measurements="something new"))
    with pytest.raises(MalformedFileError, match=r"version 2 of the bundle; expected version 1\. A newer colorlab"):
        bundle.read(newer, "b")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: d["measurements"][0].update(colour="red"), r"measurements\.0: fields .*'colour'.*and no unknown"),
        (lambda d: d["measurements"][0].pop("grid"), r"measurements\.0: fields"),
        (lambda d: d["measurements"][1].update(sample=5), r"measurements\.1\.sample: 5; expected a name"),
        (lambda d: d["measurements"][1].update(sample="a\x1b[31m"), r"sample: .*expected a name without control"),
        (
            lambda d: d["measurements"][0].update(grid=7),
            r"measurements\.0\.grid: 7; expected a place in grids, of which",
        ),
        (lambda d: d["measurements"][0].update(grid=True), r"grid: True"),
        (lambda d: d["measurements"][0].update(role="master"), r"role: 'master'; expected one of standard"),
        (lambda d: d["measurements"][0].update(taken_at="soon"), r"taken_at: 'soon'; expected a time in ISO 8601"),
        (lambda d: d["measurements"][0]["reflectance_factor"].update(at=8), r"reflectance_factor: an array .* at 8"),
        (lambda d: d["measurements"][0]["reflectance_factor"].update(shape=[6, -31]), r"at most three axes"),
        (lambda d: d["measurements"][0]["reflectance_factor"].update(shape=[31, 6]), r"measurements\.0: Signal red"),
        (lambda d: d["measurements"].pop(), r"numbers in arrays\.f64; expected the \d+ that are used"),
        (lambda d: d["geometries"][0]["aspecular_angles"].__setitem__(0, 45), r"angles are not those of its name"),
        (lambda d: d["geometries"][0].update(kind="sphere"), r"geometries\.0: no geometry is called"),
        (lambda d: d["grids"][0].update(step=7), r"grids\.0: a step of 7 nm does not reach"),
        (lambda d: d.update(format="another"), r"no bundle; expected the format colorlab bundle"),
        (lambda d: d.update(palette=[]), r"fields .*'palette'"),
        (lambda d: d.update(sources={}), r"sources: \{\}; expected a list"),
    ],
)
def test_a_field_that_is_not_what_it_must_be_is_named(written, change, message):
    with pytest.raises(MalformedFileError, match=r"b, bundle\.json.*" + message):
        bundle.read(changed(written, change), "b")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"arrays.f64": None}, "a part is missing; expected"),
        ({"SHA256SUMS": b""}, "'arrays.f64' is not in both; expected the sum of every part"),
        ({"more.txt": b"x"}, "an unknown part 'more.txt'"),
        ({"arrays.f64": b"1234567"}, "7 bytes; expected float64"),
        ({"bundle.json": b"{"}, "no JSON"),
        ({"bundle.json": b"[" * 100_000}, "no JSON"),
        ({"bundle.json": b"\xff\xfe"}, "no JSON"),
        ({"bundle.json": b"1" * 5000}, "no JSON"),
    ],
)
def test_parts_that_are_missing_or_odd_are_named(written, changes, message):
    sums = {} if None not in changes.values() else {"SHA256SUMS": b""}
    with pytest.raises(MalformedFileError, match=message):
        bundle.read(rebuilt(written, changes | sums), "b")


def test_values_nobody_measured_are_neither_written_nor_read(red_pair, written):
    (red, _) = red_pair("sphere")
    with pytest.raises(MeasurementError, match="a reflectance factor of 1e\\+06; no sample reflects that"):
        bundle.write(file_of([replace(red, reflectance_factor=red.reflectance_factor * 0 + 1e6)]))
    arrays = np.frombuffer(part(written, "arrays.f64"), "<f8").copy()
    arrays[:] = 1e200
    with pytest.raises(MalformedFileError, match="absurd reflectance factors; expected at most 1000"):
        bundle.read(rebuilt(written, {"arrays.f64": arrays.tobytes()}), "b")


def test_a_bundle_that_says_much_in_little_is_refused(written, monkeypatch):
    monkeypatch.setattr(bundle, "MAX_VALUES", 10_000)
    with pytest.raises(UnsafeFileError, match=r"b, bundle\.json: \d+ values, more than 10000"):
        bundle.read(rebuilt(written, {"bundle.json": b"[[]" + b",[]" * 9000 + b"]"}), "b")
    bomb = rebuilt(written, {"arrays.f64": bytes(40_000_000)})
    with pytest.raises(UnsafeFileError, match=r"arrays\.f64 unpacks to 38\.1 MiB"):
        bundle.read(bomb, "b")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"sample": "line\nbreak"}, "expected a name without control characters"),
        ({"geometry": Geometry("sphere", ("mine",), *[frozen([0.0])] * 3, None)}, "no geometry is called mine"),
    ],
)
def test_what_could_not_be_read_is_not_written(change, message):
    panel = Measurement("panel", np.full((1, 31), 0.5), WavelengthGrid(400, 700, 10), D8_SCI)
    with pytest.raises(MeasurementError, match=message):
        bundle.write(file_of([replace(panel, **change)]))


@pytest.mark.parametrize(
    ("document", "message"),
    [({"a": {1, 2}}, "holds a set, which is no JSON"), ({1: 2}, "a key that is no text"), ({"a": 10**5000}, "no JSON")],
)
def test_an_attached_document_must_be_plain(document, message):
    with pytest.raises(MeasurementError, match=message):
        bundle.write(MeasurementFile("", (), attachments=(Attachment("tolerance", None, document),)))
    deep = {}
    for _ in range(bundle_codecs.MAX_DOCUMENT_DEPTH + 2):
        deep = {"a": deep}
    with pytest.raises(MeasurementError, match="nests more than 64 levels"):
        bundle.write(MeasurementFile("", (), attachments=(Attachment("tolerance", None, deep),)))


@settings(max_examples=300)
@given(st.data())
def test_a_document_spoiled_by_somebody_who_knows_the_sums_is_refused_in_words_or_read(data):
    grid = WavelengthGrid(400, 420, 10)
    colour = StatedColour("Lab", [[1.0, 2.0, 3.0]], "D65", "10°")
    panel = Measurement("panel", [[0.1, 0.2, 0.3]], grid, D8_SCI, stated=(colour,), texture=(Texture("s", "g", 1.0),))
    file = MeasurementFile(
        "", (panel,), attachments=(Attachment("verdict", 0, {"a": [1.5]}),), recipes=(StatedRecipe("p", "r", "g", ()),)
    )
    content = bundle.write(file)
    text = bytearray(part(content, "bundle.json"))
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(text)))
        token = st.sampled_from(
            (b"null", b"-1", b"1e999", b"NaN", b"[]", b"{}", b'"', b",", b"1e308", b"true", b"9" * 30)
        )
        text[start : start + data.draw(st.integers(0, 4))] = data.draw(token | st.binary(max_size=2))
    try:
        bundle.read(rebuilt(content, {"bundle.json": bytes(text)}), "spoiled")
    except ColorlabError as error:
        message = str(error)
    else:
        message = "spoiled"
    assert "spoiled" in message


def test_a_time_zone_of_a_fraction_of_a_second_is_refused_and_not_lost():
    odd = datetime(2026, 3, 1, tzinfo=timezone(timedelta(microseconds=1)))
    panel = Measurement("panel", np.full((1, 2), 0.5), WavelengthGrid(400, 410, 10), D8_SCI, taken_at=odd)
    with pytest.raises(MeasurementError, match="an offset of whole seconds"):
        bundle.write(file_of([panel]))
