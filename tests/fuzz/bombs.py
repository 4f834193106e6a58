"""Small files that want much: memory, time, depth. Made from a valid sample of a format, by the shape it has.

Every bomb of a shape is made of every sample of that shape, so a new row of the registry is covered unasked.
"""

from __future__ import annotations

import io
import re
import struct
from collections.abc import Callable

from archive_bombs import ARCHIVE
from text_bombs import ANY, JSON, MILLION, TEXT, XML, ZIP, Bombs


def _rows(count: int) -> Callable[[bytes], bytes]:
    """The sample's first row, many times; equal values pack to next to nothing."""

    def made(sample: bytes) -> bytes:
        import pyarrow as pa
        import pyarrow.parquet as pq

        table = pq.read_table(io.BytesIO(sample)).slice(0, 1)
        buffer = io.BytesIO()
        with pq.ParquetWriter(buffer, table.schema, compression="zstd") as writer:
            block = pa.concat_tables([table] * 1000).combine_chunks()
            block = pa.concat_tables([block] * 100).combine_chunks()
            for _ in range(count // 100_000):
                writer.write_table(block)
        return buffer.getvalue()

    return made


def _columns(count: int) -> Callable[[bytes], bytes]:
    """The sample with many columns more."""

    def made(sample: bytes) -> bytes:
        import pyarrow as pa
        import pyarrow.parquet as pq

        table = pq.read_table(io.BytesIO(sample))
        numbers = pa.array([0.5] * table.num_rows)
        fields = [*table.schema, *(pa.field(f"more_{number}", pa.float64()) for number in range(count))]
        columns = [*table.columns, *[numbers] * count]
        buffer = io.BytesIO()
        pq.write_table(pa.Table.from_arrays(columns, schema=pa.schema(fields)), buffer)
        return buffer.getvalue()

    return made


PARQUET: Bombs = {
    "two million equal rows": _rows(2 * MILLION),
    "twenty thousand columns": _columns(20_000),
    "a footer that is longer than the file": lambda sample: sample[:-8] + struct.pack("<I", 2**31 - 1) + b"PAR1",
    "a footer that is everything": lambda sample: sample[:-8] + struct.pack("<I", len(sample) - 12) + b"PAR1",
    "a footer of none": lambda sample: sample[:-8] + struct.pack("<I", 0) + b"PAR1",
    "an encrypted footer": lambda sample: b"PARE" + sample[4:-4] + b"PARE",
    "zeros between head and footer": lambda sample: sample[:4] + bytes(len(sample) - 4 - 1000) + sample[-1000:],
}


def bombs_for(sample: bytes) -> Bombs:
    """The bombs that fit the shape of a sample."""
    if sample.startswith(ZIP):
        return ARCHIVE | ANY
    if sample.startswith(b"PAR1"):
        return PARQUET | ANY
    text = sample.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith(b"<"):
        return XML | ANY
    if re.match(rb"\{|\[\s*[\[{\"\d]", text):
        return JSON | ANY
    return TEXT | ANY
