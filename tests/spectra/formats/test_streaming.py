"""Files one measurement after the other: every format, whether it streams or is read whole."""

import io

import numpy as np
import pytest

from spectra.errors import ColorlabError, UnknownConditionError, UnknownFormatError, UnsafeFileError
from spectra.formats import base
from spectra.formats.registry import FORMATS, read_measurements, stream_measurements

STREAMING = sorted(name for name, row in FORMATS.items() if row.stream)


def test_streamed_are_the_measurements_that_are_read(format_name, samples):
    content = samples[format_name]
    whole = read_measurements(content, "sample").measurements
    in_turn = list(stream_measurements(io.BytesIO(content), "sample"))
    assert [m.sample for m in in_turn] == [m.sample for m in whole]
    for one, other in zip(whole, in_turn, strict=True):
        np.testing.assert_array_equal(one.reflectance_factor, other.reflectance_factor)
        assert one.source == other.source
        assert (one.grid, one.geometry.tokens, one.role) == (other.grid, other.geometry.tokens, other.role)


@pytest.mark.parametrize("name", STREAMING)
def test_a_cut_file_is_refused_in_words_or_streamed_to_its_end(name, samples):
    content = samples[name]
    for end in range(0, len(content), max(1, len(content) // 40)):
        try:
            measurements = list(stream_measurements(io.BytesIO(content[:end]), "cut", name))
        except ColorlabError as error:
            assert "cut" in str(error)  # noqa: PT017
        else:
            assert all(np.isfinite(m.reflectance_factor).all() for m in measurements)


def test_a_format_that_does_not_stream_keeps_its_limit(samples, monkeypatch):
    monkeypatch.setattr(base, "MAX_FILE_BYTES", 1000)
    for name in ("table", "parquet"):
        assert list(stream_measurements(io.BytesIO(samples[name]), "long"))
    with pytest.raises(UnsafeFileError, match="at most"):
        list(stream_measurements(io.BytesIO(samples["bundle"]), "long"))


def test_what_no_format_recognises_is_refused():
    with pytest.raises(UnknownFormatError, match=r"photo\.png: not recognised"):
        list(stream_measurements(io.BytesIO(b"\x89PNG\r\n\x1a\n" + bytes(90_000)), "photo.png"))
    with pytest.raises(UnknownConditionError, match="measurement format 'cxf99' is not known"):
        list(stream_measurements(io.BytesIO(b""), "file", "cxf99"))
