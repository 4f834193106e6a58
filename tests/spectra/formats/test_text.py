"""Numbers at once, by the rule of one number."""

from hypothesis import given
from hypothesis import strategies as st

from spectra.formats.text import decimal_numbers, number

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
