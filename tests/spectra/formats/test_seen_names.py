"""A stream remembers every name it met, and none it did not."""

from hypothesis import given
from hypothesis import strategies as st

from spectra.formats.table.seen_names import SeenNames

BLOCKS = st.lists(st.lists(st.text(max_size=3), max_size=6), max_size=12)


@given(BLOCKS)
def test_the_first_name_met_before_is_found_wherever_it_was_met(blocks):
    seen, known = SeenNames(), set()
    for block in blocks:
        expected = next((place for place, name in enumerate(block) if name in known or name in block[:place]), None)
        assert seen.add(block) == expected
        if expected is not None:
            return
        known |= set(block)


def test_a_hundred_thousand_names_take_eight_bytes_each():
    seen = SeenNames()
    for start in range(0, 100_000, 1000):
        assert seen.add([f"panel {n}" for n in range(start, start + 1000)]) is None
    assert sum(run.nbytes for run in seen._runs) == 800_000
    assert len(seen._runs) < 12
    assert seen.add(["new", "panel 54321"]) == 1
