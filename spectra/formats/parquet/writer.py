"""Measurements as a Parquet table: the columns of the plain table, numbers as float64, the unit in the metadata."""

from __future__ import annotations

import io
import json

from spectra.errors import MeasurementError
from spectra.formats.base import MeasurementFile
from spectra.formats.parquet.reader import METADATA_KEY, METADATA_VERSION
from spectra.formats.table.columns import understand
from spectra.formats.table.writer import table_rows

ROW_GROUP = 20_000  # rows that a reader unpacks at a time


def write(file: MeasurementFile) -> bytes:
    """A Parquet file whose numbers read back bit for bit.

    See `spectra.formats.table.writer.table_rows` for what is kept and the errors.

    Raises
    ------
    MeasurementError
        As there; and if pyarrow is not installed.
    """
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        raise MeasurementError("writing Parquet needs pyarrow. Install it: pip install pyarrow") from error
    header, *rows = table_rows(file)
    columns = understand(header, "", "")
    numeric = {*columns.numeric, *(place for colour in columns.colours for place in colour.places)}
    arrays, titles = [], []
    for place, (title, cells) in enumerate(zip(header, zip(*rows, strict=True), strict=True)):
        if place == columns.known["unit"]:  # declared once, for all
            continue
        titles.append(title)
        if place in numeric:
            arrays.append(pa.array([float(cell) if cell else None for cell in cells], pa.float64()))
        else:
            arrays.append(pa.array([cell or None for cell in cells], pa.string()))
    declared = json.dumps({"version": METADATA_VERSION, "reflectance_unit": "fraction"})
    table = pa.table(arrays, names=titles).replace_schema_metadata({METADATA_KEY: declared.encode()})
    buffer = io.BytesIO()
    pq.write_table(
        table,
        buffer,
        row_group_size=ROW_GROUP,
        compression="zstd",
        use_dictionary=[title for place, title in enumerate(header) if place not in numeric],
        write_page_checksum=True,
    )
    return buffer.getvalue()
