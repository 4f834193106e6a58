"""Numbers at once, by the rule of one number."""

import codecs
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spectra.errors import MalformedFileError
from spectra.formats.text import decimal_numbers, decode, decode_keeping_bytes, number, text_lines

CELLS = st.lists(
    st.from_regex(r"\s?[-+]?\d{1,4}(\.\d{0,6})?([eE][-+]?\d{1,3})?\s?", fullmatch=True)
    | st.sampled_from(("", "nan", "inf", "1_0", "1e999", "0x1", "1 0", ".", "٣", "-", "1" * 65, "5" + " " * 90)),
    max_size=8,
)


@given(cells=CELLS)
def test_numbers_at_once_are_what_each_is_alone(cells):
    alone = [number(cell) for cell in cells]
    bad = [at for at, value in enumerate(alone) if value is None or abs(value) > 1e5]
    assert decimal_numbers(cells, 1e5) == (bad[0] if bad else alone)


@pytest.mark.parametrize(("mark", "name"), [(codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16")])
def test_an_encoding_that_the_byte_order_mark_contradicts_is_refused(mark, name):
    content = mark + "sample".encode("utf-16-le" if name == "utf-16" else name)
    message = f"its first bytes: a byte-order mark of {name}; expected latin-1, as was said.*Leave out --encoding"
    for read in (
        lambda encoding: decode(content, "a.csv", encoding),
        lambda encoding: decode_keeping_bytes(content, encoding, "a.csv"),
        lambda encoding: "".join(text_lines(io.BytesIO(content), encoding, "a.csv", 99)).removeprefix("\ufeff"),
    ):
        with pytest.raises(MalformedFileError, match=message):
            read("latin-1")
        assert read(name) == read(None) == "sample"
