"""Parquet tables: the plain table's columns without a digit lost, foreign ones by the same rules, bombs unexploded."""

import builtins
import io
import json
import tracemalloc
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spectra.errors import ColorlabError, FileError, MalformedFileError, MeasurementError, UnsafeFileError
from spectra.formats.base import MeasurementFile, ReadOptions, file_of
from spectra.formats.parquet import pages as parquet_pages
from spectra.formats.parquet import reader as parquet
from spectra.formats.parquet import writer as parquet_writer
from spectra.formats.parquet.thrift import Compact
from spectra.formats.registry import detect_format, read_measurements
from spectra.geometry import D8_SCI, directional
from spectra.measurement import Declared, Measurement
from spectra.stated import ColourReading, StatedColour
from spectra.wavelengths import WavelengthGrid, grid_of_nodes

GRID = WavelengthGrid(400, 420, 10)
SPECTRA = {"R400": [0.1, 0.4], "R410": [0.2, 0.5], "R420": [0.3, 0.6]}


def packed(columns, metadata=None, **options):
    table = pa.table(columns)
    if metadata is not None:
        table = table.replace_schema_metadata({"colorlab": json.dumps(metadata)})
    pq.write_table(table, buffer := io.BytesIO(), **options)
    return buffer.getvalue()


def read(content, **options):
    return read_measurements(content, "panels.parquet", "parquet", **options)


# --- written and read back --------------------------------------------------------------------------------------------


@settings(max_examples=60)
@given(
    st.lists(st.floats(-1000, 1000), min_size=6, max_size=6),
    st.lists(st.floats(-200, 3), min_size=6, max_size=6),
    st.sampled_from((D8_SCI, directional(["45as15", "45as110"]))),
)
def test_every_bit_comes_back(values, colours, geometry):
    n = geometry.n_angles
    grid = grid_of_nodes([400.1, 410.25, 4e2 / 3 * 4][: 6 // n] if n == 2 else [400, 410, 420, 430, 440, 450.5])
    stated = tuple(
        StatedColour("Lab", np.reshape(colours, (2, 3))[:n], *viewing) for viewing in (("D65", "10°"), ("A", "2°"))
    )
    panel = Measurement(
        "panel 赤",
        np.reshape(values, (n, -1)),
        grid,
        geometry,
        "sample",
        "master",
        declared=Declared("M1", 9.9),
        stated=stated,
    )
    content = parquet_writer.write(MeasurementFile("", (panel,), colours=(ColourReading("chip", stated, geometry),)))
    file = read(content)
    (back,) = file.measurements
    assert back.reflectance_factor.tobytes() == panel.reflectance_factor.tobytes()
    assert back.grid.wavelengths.tobytes() == grid.wavelengths.tobytes()
    assert (back.sample, back.role, back.standard, back.declared) == (
        "panel 赤",
        "sample",
        "master",
        Declared("M1", 9.9),
    )
    for one in (back, *file.colours):
        assert [(c.illuminant, c.values.tolist()) for c in one.stated] == [
            (c.illuminant, c.values.tolist()) for c in stated
        ]
    assert [c.sample for c in file.colours] == ["chip"]


def test_the_unit_is_declared_beside_the_columns(red_pair):
    schema = pq.read_schema(io.BytesIO(parquet_writer.write(file_of(red_pair("angles")))))
    assert json.loads(schema.metadata[b"colorlab"]) == {"version": 1, "reflectance_unit": "fraction"}
    assert "unit" not in schema.names
    assert schema.field("R400").type == pa.float64()


# --- tables of other programs -----------------------------------------------------------------------------------------


def test_a_table_of_pandas_or_polars_is_read_by_the_rules_of_the_plain_table():
    pandas, polars = pytest.importorskip("pandas"), pytest.importorskip("polars")
    columns = {"sample": ["red", "blue"], "batch": [7, 8], "L_D65_10": [40.0, 50.0], "a": [1, 2], "b": [3, 4]} | SPECTRA
    frame = pandas.DataFrame(columns)
    frame["sample"] = frame["sample"].astype("category")
    frame.index = [3, 5]
    frame["when"] = pandas.to_datetime(["2026-03-01 08:30:00.000001"] * 2).tz_localize("Asia/Shanghai")
    frame.to_parquet(one := io.BytesIO())
    polars.DataFrame(columns).with_columns(polars.lit(True).alias("ok")).write_parquet(other := io.BytesIO())
    for buffer, more in ((one, ("2026-03-01 08:30:00.000001+08:00", "3")), (other, ("true", None))):
        content = buffer.getvalue()
        assert detect_format(content, "") == "parquet"
        file = read(content, reflectance_unit="fraction")
        red, blue = file.measurements
        assert (red.sample, red.conditions["batch"], blue.sample) == ("red", "7", "blue")
        assert red.reflectance_factor.tolist() == [[0.1, 0.2, 0.3]]
        assert red.stated[0].values.tolist() == [[40, 1, 3]]
        assert red.conditions.get("when", red.conditions.get("ok")) == more[0]
        assert red.conditions.get("__index_level_0__") == more[1]


def test_the_unit_rules_hold_for_parquet_too():
    percent = {"sample": ["red"], "R400": [10.0], "R410": [20.0], "R420": [30.0]}
    with pytest.raises(MalformedFileError, match="columns headed R reach 30 and no unit is declared"):
        read(packed(percent))
    declared = {"version": 1, "reflectance_unit": "percent"}
    np.testing.assert_allclose(read(packed(percent, declared)).measurements[0].reflectance_factor, [[0.1, 0.2, 0.3]])
    with pytest.raises(MalformedFileError, match="the headings declare percent; expected fraction"):
        read(packed(percent, declared), reflectance_unit="fraction")
    headed = {name.replace("R", "%R"): column for name, column in percent.items()}
    with pytest.raises(MalformedFileError, match="the headings declare percent; expected fraction, as it says"):
        read(packed(headed, declared | {"reflectance_unit": "fraction"}))


@pytest.mark.parametrize(
    "metadata",
    [[], {"version": 1}, {"version": 2, "reflectance_unit": "percent"}, {"version": 1, "reflectance_unit": []}],
)
def test_a_declaration_nobody_understands_is_refused(metadata):
    with pytest.raises(MalformedFileError, match=r"metadata key 'colorlab'.*expected"):
        read(packed({"sample": ["red", "blue"], **SPECTRA}, metadata))


def test_wavelengths_may_stand_in_the_rows():
    down = {"wavelength": [400, 410, 420], "red [%]": [10.0, 20.0, 30.0], "blue [%]": [40.0, 50.0, 60.0]}
    assert [m.sample for m in read(packed(down)).measurements] == ["red", "blue"]
    long = {"sample": ["red"] * 3, "wavelength": [400.0, 410.0, 425.0], "R": [0.1, 0.2, 0.3]}
    assert read(packed(long)).measurements[0].grid.wavelengths.tolist() == [400, 410, 425]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"R400": [[0.1], [0.2]]}, r"column 'R400' holds list<"),
        ({"remark": [{"a": 1}, {"a": 2}]}, r"column 'remark' holds struct<"),
        ({"remark": [b"a", b"b"]}, r"column 'remark' holds binary; expected one text, number"),
        ({"R400": ["0.1", "0.2"]}, r"column 'R400' holds .*string.*; expected numbers\. Write it as float64"),
        ({"R400": [0.1, None]}, r"row 2, column 'R400': nothing; expected a number"),
        ({"R400": [0.1, np.inf]}, r"row 2, column 'R400': inf; expected a number"),
        ({"R400": [1, 2**60 + 1]}, r"panels\.parquet"),
        ({"sample": ["red", None]}, r"row 2: no sample name"),
    ],
)
def test_columns_that_cannot_be_understood_are_named(columns, message):
    with pytest.raises(MalformedFileError, match=message):
        read(packed({"sample": ["red", "blue"]} | SPECTRA | columns))


def test_a_table_without_wavelengths_is_no_table_of_ours():
    with pytest.raises(MalformedFileError, match=r"columns a, b; expected columns of wavelengths"):
        read(packed({"a": [1], "b": [2]}))


# --- files from unknown hands -----------------------------------------------------------------------------------------


def test_a_directory_is_judged_before_anything_is_decoded(monkeypatch):
    content = packed({"sample": ["red"] * 150_000} | {f"R{nm}": np.zeros(150_000) for nm in range(400, 700, 10)})
    assert len(content) < 100_000
    monkeypatch.setattr(parquet, "MAX_VALUES", 4_000_000)
    with pytest.raises(UnsafeFileError, match=r"150000 rows of 31 columns; expected at most .* stream it"):
        read(content)
    monkeypatch.setattr(parquet_pages, "MAX_HELD_BYTES", 100)
    with pytest.raises(UnsafeFileError, match=r"row group 1, column .: pages unpack to"):
        list(parquet.stream(io.BytesIO(content), "panels.parquet"))
    wide = packed({f"R{nm / 10}": [0.1] for nm in range(4000, 6500)})
    with pytest.raises(UnsafeFileError, match="2500 columns; expected at most 2000"):
        read(wide)


def test_a_long_text_repeated_in_few_bytes_stays_one_text():
    n = 20_000
    remark = pa.DictionaryArray.from_arrays(np.zeros(n, dtype=np.int32), ["x" * 100_000])
    columns = {"sample": [str(i) for i in range(n)], "remark": remark} | {
        f"R{nm}": np.zeros(n) for nm in (400, 410, 420)
    }
    content = packed(columns, store_schema=False)
    assert len(content) < 400_000  # unpacked it would be 2 GB
    tracemalloc.start()
    file = read(content)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(file.measurements) == n
    assert peak < 60 * 2**20, f"{peak / 2**20:.0f} MiB"
    with pytest.raises(UnsafeFileError, match=r"column 'remark': a text too long; expected at most 131072"):
        read(packed({"sample": ["red", "blue"], "remark": ["x" * 200_000] * 2} | SPECTRA))


def test_pages_that_lie_are_found_by_their_own_words(red_pair):
    content = parquet_writer.write(file_of(red_pair("angles")))
    (group,) = parquet_pages.row_groups(io.BytesIO(content), len(content), "f")
    assert (group.n_rows, len(group.columns)) == (12, len(pq.read_schema(io.BytesIO(content)).names))
    theirs = pq.read_metadata(io.BytesIO(content)).row_group(0)
    for index, (_, length) in enumerate(group.columns):
        assert length == theirs.column(index).total_compressed_size
    with pytest.raises(MalformedFileError, match="12 values; expected 13, one a row"):
        parquet_pages.refuse_bombs(io.BytesIO(content), group._replace(n_rows=13), 0, len(content), "f")
    with pytest.raises(MalformedFileError, match="within the file"):
        parquet_pages.refuse_bombs(io.BytesIO(content), group, 0, 60, "f")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"PAR1", "cut off, encrypted or no Parquet"),
        (b"PAR1" + bytes(8) + b"PARE", "cut off, encrypted or no Parquet"),
        (b"PAR1" + b"\xff\xff\xff\x00PAR1", "a directory of 16 MiB; expected at most 8 MiB"),
        (b"PAR1" + b"\xff\x00\x00\x00PAR1", "a directory longer than the file"),
        (b"PAR1" + b"\x15\x02\x00" + b"\x03\x00\x00\x00PAR1", "a damaged directory"),
    ],
)
def test_a_file_without_a_sound_directory_is_refused(content, message):
    with pytest.raises(FileError, match=message):
        read(content)


@settings(max_examples=200)
@given(st.binary(max_size=60))
def test_thrift_of_unknown_hands_ends(data):
    try:
        Compact(data).struct()
    except (IndexError, ValueError):
        return


@settings(max_examples=400)
@given(st.data())
def test_spoiled_bytes_are_refused_in_words_or_read(data):
    panels = [
        Measurement(f"panel {i}", np.full((1, 3), i / 10), GRID, D8_SCI, conditions={"remark": f"r{i % 2}"})
        for i in range(9)
    ]
    content = bytearray(parquet_writer.write(file_of(panels)))
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(content) - 1) | st.integers(len(content) * 3 // 4, len(content) - 1))
        content[place : place + data.draw(st.integers(0, 4))] = data.draw(
            st.sampled_from((b"\x00", b"\xff", b"\xff\xff\xff\xff\x0f", b"\x80\x80\x80\x80\x01"))
            | st.binary(max_size=4)
        )
    try:
        parquet.read(bytes(content), "spoiled")
    except ColorlabError as error:
        message = str(error)
    else:
        message = "spoiled"
    assert "spoiled" in message


def test_without_pyarrow_it_says_what_to_install(red_pair, monkeypatch):
    content = parquet_writer.write(file_of(red_pair("sphere")))
    plain = builtins.__import__

    def without(name, *rest):
        if name.startswith("pyarrow"):
            raise ImportError(name)
        return plain(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(FileError, match=r"panels\.parquet: a Parquet file, for which pyarrow is needed\. Install it"):
        read(content)
    with pytest.raises(MeasurementError, match="writing Parquet needs pyarrow"):
        parquet_writer.write(file_of(red_pair("sphere")))


# --- longer than memory -----------------------------------------------------------------------------------------------


def test_streamed_is_what_is_read_whole(red_pair, monkeypatch):
    monkeypatch.setattr(parquet, "BLOCK_ROWS", 5)
    monkeypatch.setattr(parquet_writer, "ROW_GROUP", 16)
    panels = [replace(m, sample=f"{m.sample} {i}", standard=None) for i in range(12) for m in red_pair("angles")]
    content = parquet_writer.write(file_of(panels))
    whole = read(content).measurements
    in_turn = list(parquet.stream(io.BytesIO(content), "panels.parquet", ReadOptions()))
    assert [m.sample for m in in_turn] == [m.sample for m in whole] == [m.sample for m in panels]
    for one, other in zip(whole, in_turn, strict=True):
        assert one.reflectance_factor.tobytes() == other.reflectance_factor.tobytes()
        assert one.source == other.source


def test_rows_by_the_hundred_thousand_pass_through_little_memory():
    n = 40_000
    rng = np.random.default_rng(1)
    columns = {
        "sample": [f"panel {i // 4}" for i in range(n)],
        "angle": ["45as15", "45as25", "45as45", "45as110"] * (n // 4),
    }
    columns |= {f"R{nm}": rng.random(n) for nm in range(400, 710, 10)}
    file = io.BytesIO(packed(columns, row_group_size=4_000))
    before = pa.total_allocated_bytes()
    arrow = 0
    tracemalloc.start()
    for count, panel in enumerate(parquet.stream(file, "long.parquet"), start=1):
        if count % 1000 == 0 and panel.sample:
            arrow = max(arrow, pa.total_allocated_bytes() - before)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (count, panel.geometry.n_angles) == (10_000, 4)
    assert peak < 10 * 2**20, f"{peak / 2**20:.1f} MiB"
    assert arrow < 8 * 2**20, f"{arrow / 2**20:.1f} MiB"  # the numbers alone are 10 MB
