"""Laws that every row of FORMATS keeps, a new one unasked; what it owes over spoiled files stands in tests/fuzz."""

import subprocess
import sys

import numpy as np
import pytest

from spectra.errors import UnknownConditionError, UnknownFormatError, UnsafeFileError
from spectra.formats import base
from spectra.formats.base import file_of
from spectra.formats.registry import FORMATS, detect_format, read_measurements


def test_every_format_recognises_and_reads_its_own_sample_and_no_other_does(format_name, samples):
    content = samples[format_name]
    assert detect_format(content, "a file without a suffix") == format_name
    file = read_measurements(content, "sample")
    assert file.format == format_name
    assert not file.is_empty
    for measurement in file.measurements:
        assert measurement.source is not None
        assert measurement.source.format == format_name
        assert measurement.source.file_name == "sample"
        assert len(measurement.source.sha256) == 64


def test_every_row_explains_itself(format_name):
    row = FORMATS[format_name]
    assert row.name == format_name
    assert row.title
    assert row.how_recognised
    assert all(suffix.startswith(".") and suffix == suffix.lower() for suffix in row.suffixes)


def test_writing_what_was_read_gives_the_same_colours_and_the_same_bytes_twice(format_name, samples):
    write = FORMATS[format_name].write
    if write is None:
        pytest.skip(f"{format_name} is read only")
    before = read_measurements(samples[format_name], "before").measurements
    written = write(file_of(before))
    assert write(file_of(before)) == written
    after = read_measurements(written, "after").measurements
    assert [m.sample for m in after] == [m.sample for m in before]
    for one, other in zip(before, after, strict=True):
        assert one.grid == other.grid
        assert one.geometry.tokens == other.geometry.tokens
        assert (one.role, one.standard, one.taken_at) == (other.role, other.standard, other.taken_at)
        np.testing.assert_allclose(one.reflectance_factor, other.reflectance_factor, rtol=1e-12, atol=1e-14)


def test_a_photo_is_no_measurement():
    with pytest.raises(UnknownFormatError, match=r"photo\.png: not recognised as any measurement format"):
        detect_format(b"\x89PNG\r\n\x1a\n" + bytes(64), "photo.png")


def test_a_format_nobody_knows_is_refused():
    with pytest.raises(UnknownConditionError, match="measurement format 'cxf99' is not known; one of qtx"):
        read_measurements(b"", "file", "cxf99")


def test_a_unit_nobody_knows_is_refused(samples):
    with pytest.raises(
        UnknownConditionError, match=r"reflectance unit 'permille' is not known; one of percent, fraction"
    ):
        read_measurements(samples["table"], "file", reflectance_unit="permille")  # type: ignore[arg-type]


def test_a_file_beyond_any_measurement_is_refused_before_it_is_looked_at(format_name, monkeypatch, samples):
    monkeypatch.setattr(base, "MAX_FILE_BYTES", 100)
    with pytest.raises(UnsafeFileError, match="at most"):
        detect_format(samples[format_name], "huge")
    with pytest.raises(UnsafeFileError, match="at most"):
        read_measurements(samples[format_name], "huge", format_name)


def test_the_registry_loads_no_spreadsheet_library():
    code = (
        "import sys, spectra.formats.registry; print(*({'xlsxwriter', 'python_calamine', 'scipy'} & set(sys.modules)))"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
    assert loaded == ""
