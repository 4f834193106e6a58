"""Tables longer than memory: the same measurements one after the other, and what cannot be read that way."""

import io
import tracemalloc
from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spectra.errors import ColorlabError, MalformedFileError, UnsafeFileError
from spectra.formats.base import ReadOptions
from spectra.formats.registry import read_measurements
from spectra.formats.table import numbers as rows_numbers
from spectra.formats.table import reader as table
from spectra.formats.table import row_lines as rows_lines
from spectra.formats.table import stream as rows_stream
from spectra.formats.table.columns import understand

HEAD = "sample,angle,R400,R410,R420\n"
FRACTION = ReadOptions("fraction")


def streamed(content, options=FRACTION):
    return list(table.stream(io.BytesIO(content), "long.csv", options))


def same(one, other):
    """Every field, numbers bit for bit."""
    for field in fields(one):
        a, b = getattr(one, field.name), getattr(other, field.name)
        if isinstance(a, np.ndarray):
            np.testing.assert_array_equal(a, b)
        elif field.name == "geometry":
            assert a.tokens == b.tokens
        elif field.name == "stated":
            assert [(c.space, c.values.tolist()) for c in a] == [(c.space, c.values.tolist()) for c in b]
        else:
            assert a == b, field.name


class Endless(io.RawIOBase):
    """A file that is made while it is read: a heading, then as many rows as it is told."""

    def __init__(self, head, row, n_rows):
        self.head, self.row, self.n_rows = head, row, n_rows
        self.seek(0)

    def readable(self):
        return True

    def seekable(self):
        return True

    def seek(self, offset, whence=0):
        assert (offset, whence) == (0, 0)
        self.made, self.rest = 0, self.head
        return 0

    def readinto(self, buffer):
        while len(self.rest) < len(buffer) and self.made < self.n_rows:
            self.rest += b"".join(self.row(self.made + i) for i in range(min(1000, self.n_rows - self.made)))
            self.made += 1000
        n = min(len(buffer), len(self.rest))
        buffer[:n], self.rest = self.rest[:n], self.rest[n:]
        return n


def test_two_hundred_thousand_rows_pass_through_little_memory():
    spectrum = ",".join(["0.123456"] * 31)
    head = f"sample,angle,{','.join(f'R{nm}' for nm in range(400, 701, 10))}\n".encode()
    angles = ("45as15", "45as25", "45as45", "45as110")
    file = Endless(head, lambda i: f"panel {i // 4},{angles[i % 4]},{spectrum}\n".encode(), 200_000)
    tracemalloc.start()
    n = sum(m.geometry.n_angles == 4 for m in table.stream(file, "long.csv"))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert n == 50_000
    assert peak < 20 * 2**20, f"{peak / 2**20:.1f} MiB"  # the rows themselves are 59 MB of text


@pytest.mark.parametrize("layout", ["across", "long", "down"])
def test_streamed_is_what_is_read_whole(layout, monkeypatch):
    monkeypatch.setattr(rows_lines, "BLOCK_ROWS", 7)
    monkeypatch.setattr(rows_numbers, "BLOCK_ROWS", 7)
    angles = ("45as15", "45as25", "45as110")
    if layout == "down":
        text = "nm,red,blue\n" + "".join(f"{nm},0.1,0.{nm}\n" for nm in range(400, 700, 10))
    elif layout == "across":
        rows = (f"panel {i},{angle},0.{i},0.2,0.3\n" for i in range(40) for angle in angles[: 1 + i % 3])
        text = HEAD + "".join(rows)
    else:
        rows = (
            f"panel {i},{angle},{nm},0.{i}\n"
            for i in range(20)
            for angle in angles[: 1 + i % 3]
            for nm in (400, 410, 420)
        )
        text = "sample,angle,wavelength,R\n" + "".join(rows)
    whole = read_measurements(text.encode(), "long.csv", "table", reflectance_unit="fraction").measurements
    in_turn = streamed(text.encode())
    assert len(whole) == len(in_turn) > 1
    for one, other in zip(whole, in_turn, strict=True):
        same(one, other)


def test_a_sample_that_comes_again_must_be_read_whole():
    text = HEAD + "red,45as15,0.1,0.2,0.3\nblue,45as15,0.1,0.2,0.3\nred,45as25,0.1,0.2,0.3\n"
    with pytest.raises(
        MalformedFileError, match=r"line 4: the sample 'red' comes again after another one; .* Read the file whole"
    ):
        streamed(text.encode())
    assert len(read_measurements(text.encode(), "long.csv").measurements) == 2


def test_a_sample_without_end_is_refused(monkeypatch):
    monkeypatch.setattr(rows_stream, "MAX_ROWS_OF_SAMPLE", 2000)
    with pytest.raises(UnsafeFileError, match="line 2 and below: more than 2000 rows of one sample"):
        streamed((HEAD + "red,45as15,0.1,0.2,0.3\n" * 9000).encode())


def test_a_line_without_end_is_refused_in_bounded_memory():
    file = Endless(HEAD.encode(), lambda _: b"0.1,0.2,0.3", 2_000_000)
    tracemalloc.start()
    with pytest.raises(UnsafeFileError, match="a line of more than 1048576 characters"):
        list(table.stream(file, "long.csv"))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 50 * 2**20


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings_are_streamed_as_they_are_read(encoding):
    content = (HEAD + "酒红,45as15,0.1,0.2,0.3\n").encode(encoding)
    (red,) = streamed(content)
    same(red, read_measurements(content, "long.csv", "table", reflectance_unit="fraction").measurements[0])
    with pytest.raises(MalformedFileError, match=r"long\.csv: .* utf-8 text"):
        streamed((HEAD + "酒红,45as15,0.1,0.2,0.3\n").encode("gb18030"))


CELLS = st.sampled_from(
    ("red", "blue", '"a, b"', " 0.1", "0.2", "1e-3", "-0", ".5", "nan", "1_0", "", "x", "１", "0,1")
)


@settings(deadline=None, max_examples=300)
@given(
    st.lists(st.lists(CELLS, min_size=4, max_size=6), min_size=1, max_size=5),
    st.sampled_from(("\n", "\r\n")),
    st.sampled_from((",", "\t", ";")),
    st.sampled_from((1, 2, 1024)),
)
def test_the_quick_way_through_lines_gives_what_the_long_way_gives(rows, end, delimiter, block_rows):
    """With and without NumPy's reader of whole blocks."""
    lines = [delimiter.join(row) + end for row in rows]
    columns = understand(["sample", "remark", "R400", "R410", "R420"], "", "")

    def outcome(quick):
        way = rows_lines._block if quick else (lambda *_: None)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(rows_lines, "_block", way)
            patch.setattr(rows_lines, "BLOCK_ROWS", block_rows)
            try:
                blocks = list(rows_lines.blocks_of_lines(lines, columns, delimiter, 2, "f"))
            except ColorlabError as error:
                return str(error)
        if not blocks:
            return None
        whole = rows_numbers.joined(blocks)
        return list(whole.lines), {k: list(v) for k, v in whole.texts.items()}, whole.numbers.tobytes()

    assert outcome(quick=True) == outcome(quick=False)
