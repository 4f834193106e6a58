"""Reading files against the bare parser that only takes them apart: the price of knowing what a file says.

    python benchmarks/bench_reading.py

Ours goes from bytes to measurements: every number checked, every declaration understood, the SHA-256 taken. The bare
parser takes the same bytes apart into the pieces a reader needs, every row of numbers into its words, and stops there:
no word becomes a number that was not one to the parser, nothing is checked, no object is made of it. It is lxml's tree,
csv's cells, calamine's rows, JSON's objects, Arrow's table, the words of lines. Of each format the largest real file
beside the checkout (../shared/data) is read where there is one, and one written here of a mebibyte or more, so that
constant costs vanish. Processor time, which other programs do not lengthen; medians of interleaved runs; the goal is a
ratio of 3. The column µs is ours for each spectrum (or each stated colour, where there are no spectra).
"""

from __future__ import annotations

import csv
import io
import json
import sys
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from time import process_time

import numpy as np

from spectra.errors import ColorlabError
from spectra.formats.base import MAX_FILE_BYTES, NOTHING_DECLARED, Format, ReadOptions, file_of
from spectra.formats.registry import FORMATS
from spectra.geometry import D8_SCI, Geometry, directional
from spectra.measurement import Measurement
from spectra.wavelengths import WavelengthGrid

GOAL = 3.0
ROUNDS = 7
SHORTEST_S = 0.02  # small files are read as often as this takes
DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
GRID = WavelengthGrid(400, 700, 10)
ANGLES = directional(["45as-15", "45as15", "45as25", "45as45", "45as75", "45as110"])
N_SPHERE, N_ANGLES = 5000, 800  # measurements written; of the second kind each has six spectra

Bare = Callable[[bytes], object]


def words(content: bytes) -> object:
    """The words of every line; QTX separates values by commas, XTF by back-ticks."""
    text = content.decode("utf-8", "replace").replace(",", " ").replace("`", " ")
    return [line.split() for line in text.splitlines()]


def tree(content: bytes) -> object:
    """The XML tree."""
    from lxml import etree

    return etree.fromstring(content)


def cells(content: bytes) -> object:
    """The cells of a delimited text."""
    text = content.decode("utf-8-sig", "replace")
    first = text[: text.find("\n")]
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=max("\t;,", key=first.count)))


def rows(content: bytes) -> object:
    """The rows of every sheet."""
    from python_calamine import CalamineWorkbook

    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    return [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]


def rows_by_openpyxl(content: bytes) -> object:
    """The rows of every sheet, by the parser most programs use."""
    book = import_module("openpyxl").load_workbook(io.BytesIO(content), read_only=True)
    return [list(sheet.values) for sheet in book]


def arrow(content: bytes) -> object:
    """The Arrow table."""
    table: object = import_module("pyarrow.parquet").read_table(io.BytesIO(content))
    return table


def members(content: bytes) -> object:
    """What the archive holds, unpacked, and the objects of its JSON."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = [archive.read(name) for name in archive.namelist()]
    return [json.loads(part) if part.startswith((b"{", b"[")) else part for part in parts]


def bare_parsers(content: bytes) -> dict[str, Bare]:
    """What takes such bytes apart, by their shape."""
    if content.startswith(b"PAR1"):
        return {"pyarrow": arrow}
    if content.startswith(b"PK") and b"xl/workbook.xml" in content:
        return {"calamine": rows, "openpyxl": rows_by_openpyxl} if find_spec("openpyxl") else {"calamine": rows}
    if content.startswith(b"PK"):
        return {"zip, json": members}
    start = content.removeprefix(b"\xef\xbb\xbf").lstrip()[:200]
    if start.startswith(b"<"):
        return {"lxml": tree}
    if start.startswith((b"{", b"[{")):
        return {"json": json.loads}
    first = content[: content.find(b"\n")]
    return {"csv": cells} if max(first.count(sign) for sign in (b",", b";", b"\t")) > 8 else {"str.split": words}


def written(row: Format) -> bytes | None:
    """A large file of a format by its own writer, else as its instruments print it; None where neither is known."""
    if row.write is None:
        return typed(row.name)
    for geometry, count in ((D8_SCI, N_SPHERE), (ANGLES, N_ANGLES), (ANGLES, 1)):  # some hold one kind, or one panel
        try:
            return row.write(file_of(measurements(geometry, count)))
        except ColorlabError:
            continue
    return None


def typed(name: str) -> bytes | None:
    """A large file of a format that has no writer."""
    if name == "spdx":  # holds one spectrum: here of every tenth of a nanometre
        values = np.random.default_rng(1).uniform(0.02, 0.9, 20_000)
        data = "".join(
            f'<SpectralData wavelength="{380 + 0.1 * i:.1f}">{v:.6f}</SpectralData>' for i, v in enumerate(values)
        )
        header = "<Header><DocumentCreator>benchmark</DocumentCreator></Header>"
        body = f"<SpectralDistribution><SpectralQuantity>reflectance</SpectralQuantity>{data}</SpectralDistribution>"
        return f'<IESTM2714 xmlns="http://www.ies.org/iestm2714" version="1.0">{header}{body}</IESTM2714>'.encode()
    if name == "profile":
        angles = (-15, 15, 25, 45, 75, 110)
        heads = ["Sample name", "Standard name", "Date", *(f"{axis}* {angle}°" for angle in angles for axis in "Lab")]
        rows = [";".join(heads)]
        rng = np.random.default_rng(1)
        for number, Lab in enumerate(rng.uniform(5, 90, (2 * N_SPHERE, 3 * len(angles)))):
            rows.append(f"Panel {number:05};Master;2026-03-01 08:30:00;" + ";".join(f"{value:.2f}" for value in Lab))
        return ("\ufeff" + "\n".join(rows).replace(".", ",")).encode()
    panels = [(m.sample, 100 * m.reflectance_factor[0]) for m in measurements(D8_SCI, N_SPHERE)]
    if name == "xtf":
        head, line = "[FILE INFO]\nANGLES=2\n[CUSTOMER]\nCUST=Lab` `\n", "[STANDARD]\nSTD={0}` \nREFL=0`{1}`\n"
        return (head + "".join(line.format(one, "`".join(f"{v:.7e}" for v in R)) for one, R in panels)).encode()
    if name == "mif":
        head = "[FILE INFO]\nVERSION=Version 2000\nTIME=0\nANGLE=InEx\n"
        line = "[STANDARD]\nNAME={0}\n[MEASUREMENT]\nTIME=0\nANGL=In {1}\n"
        return (head + "".join(line.format(one, " ".join(f"{v:.7e}" for v in R)) for one, R in panels)).encode()
    return None


def measurements(geometry: Geometry, count: int) -> Iterator[Measurement]:
    """Panels with noise in every digit, as instruments give them."""
    rng = np.random.default_rng(1)
    for number in range(count):
        spectra = rng.uniform(0.02, 0.9, (geometry.n_angles, GRID.count))
        yield Measurement(f"Panel {number:05}", np.round(spectra, 6), GRID, geometry, role="sample", standard="Master")


def largest_real(row: Format) -> tuple[str, bytes] | None:
    """The largest real file that this format alone recognises and reads."""
    best: tuple[str, bytes] | None = None
    for path in sorted(DATA.rglob("*")):
        if path.suffix == ".jpg" or not path.is_file() or path.stat().st_size > MAX_FILE_BYTES:
            continue
        content = path.read_bytes()
        claims = [other.name for other in FORMATS.values() if other.recognises(content, path.name)]
        if claims == [row.name] and (best is None or len(content) > len(best[1])) and options_for(row, content):
            best = path.name, content
    return best


def options_for(row: Format, content: bytes) -> ReadOptions | None:
    """The declaration with which the format reads the bytes; None where it refuses them anyway."""
    for options in (NOTHING_DECLARED, ReadOptions("percent"), ReadOptions("fraction")):
        try:
            row.read(content, "file", options)
        except ColorlabError:
            continue
        return options
    return None


def interleaved(calls: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Median processor time of each, taken in turns. [s]"""
    taken: dict[str, list[float]] = {name: [] for name in calls}
    times = {name: max(1, int(SHORTEST_S / max(1e-6, _once(call)))) for name, call in calls.items()}
    for _ in range(ROUNDS):
        for name, call in calls.items():
            begin = process_time()
            for _ in range(times[name]):
                call()
            taken[name].append((process_time() - begin) / times[name])
    return {name: median(values) for name, values in taken.items()}


def _once(call: Callable[[], object]) -> float:
    call()
    begin = process_time()
    call()
    return process_time() - begin


def compare(row: Format, title: str, content: bytes) -> None:
    """Print a line for each bare parser."""
    options = options_for(row, content)
    if options is None:
        print(f"{row.name:12} {title:34} is refused by its own reader")
        return
    file = row.read(content, title, options)
    spectra = sum(len(one.reflectance_factor) for one in file.measurements) + len(file.spectra) + len(file.colours)
    bare = bare_parsers(content)
    calls: dict[str, Callable[[], object]] = {"ours": partial(row.read, content, title, options)}
    calls |= {name: partial(parser, content) for name, parser in bare.items()}
    took = interleaved(calls)
    for name in bare:
        ratio = took["ours"] / took[name]
        print(
            f"{row.name:12} {title:34} {len(content) / 2**10:9.1f} {spectra:7} {1e3 * took['ours']:9.2f} "
            f"{1e6 * took['ours'] / max(spectra, 1):9.1f} "
            f"{1e3 * took[name]:9.2f}  {name:10} {ratio:6.2f}{'' if ratio <= GOAL else '  above the goal'}",
            flush=True,
        )


if __name__ == "__main__":
    print(
        f"{'format':12} {'file':34} {'KiB':>9} {'spectra':>7} {'ours ms':>9} {'µs':>9} "
        f"{'bare ms':>9}  {'bare':10} {'ratio':>6}"
    )
    for name in sys.argv[1:] or FORMATS:
        row = FORMATS[name]
        real, generated = largest_real(row), written(row)
        if real:
            compare(row, *real)
        if generated:
            compare(row, "written here", generated)
        if not (real or generated):
            print(f"{name:12} no real file beside the checkout, and no writer")
