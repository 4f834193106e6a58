"""Measurements of a table of any length, in bounded memory: the rows of a sample must follow each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from spectra.errors import MalformedFileError, UnsafeFileError
from spectra.formats.base import ReadOptions
from spectra.formats.table.columns import Columns
from spectra.formats.table.numbers import Block, joined
from spectra.formats.table.rows import gather
from spectra.formats.table.seen_names import SeenNames
from spectra.formats.table.spectra import refuse_too_many
from spectra.formats.text import shortened
from spectra.measurement import Measurement
from spectra.stated import Source

MAX_ROWS_OF_SAMPLE = 50_000  # of one sample; 12 angles of 31 wavelengths are 372 rows where each holds one value


def measurements_in_turn(
    columns: Columns, blocks: Iterable[Block], source: Source, options: ReadOptions, *, where: str
) -> Iterator[Measurement]:
    """Measurements sample by sample; of a sample no more is remembered than the digest of its name.

    Raises
    ------
    MalformedFileError
        If a sample comes again after another one, or a row cannot be understood.
    UnsafeFileError
        If a sample has more rows than fit.
    """
    seen = SeenNames()
    for block in _whole_samples(columns, blocks, source.file_name, where):
        _refuse_met_again(columns, block, seen, source.file_name, where)
        measurements, _ = gather(columns, block, source, options, where=where, notes=[])
        yield from measurements


def _whole_samples(columns: Columns, blocks: Iterable[Block], file_name: str, where: str) -> Iterator[Block]:
    """The same rows, cut only where one sample ends and another begins."""
    place = columns.known.get("sample")
    held: list[Block] = []
    n_held = 0
    for block in blocks:
        n_rows = len(block.lines)
        if columns.layout == "down":
            refuse_too_many(columns, n_held + n_rows, file_name)
            cut = 0
        else:
            cut = n_rows if place is None else _last_change(block.texts[place])
        if held and not cut and place is not None and held[-1].texts[place][-1] != block.texts[place][0]:
            yield joined(held)  # the sample held is complete, the whole block is another one
            held, n_held = [], 0
        if cut:
            yield joined([*held, block.take(0, cut)])
            held, n_held = [], 0
        if cut < n_rows:
            held.append(block.take(cut))
            n_held += n_rows - cut
        if n_held > MAX_ROWS_OF_SAMPLE and columns.layout != "down":
            raise UnsafeFileError(
                file_name,
                f"more than {MAX_ROWS_OF_SAMPLE} rows of one sample",
                where=f"{where} {held[0].lines[0]} and below",
                expected="rows that name their samples",
            )
    if held:
        yield joined(held)


def _last_change(names: Sequence[str]) -> int:
    """Where the last sample of a block begins; 0 if the whole block is of one."""
    last = names[-1]
    cut = len(names) - 1
    while cut and names[cut - 1] == last:
        cut -= 1
    return cut


def _refuse_met_again(columns: Columns, block: Block, seen: SeenNames, file_name: str, where: str) -> None:
    place = columns.known.get("sample")
    if place is None:
        return
    samples = [(name.strip(), sum(1 for _ in rows)) for name, rows in groupby(block.texts[place])]
    again = seen.add([name for name, _ in samples])
    if again is not None:
        row = sum(count for _, count in samples[:again])
        raise MalformedFileError(
            file_name,
            f"the sample {shortened(samples[again][0])} comes again after another one",
            where=f"{where} {block.lines[row]}",
            expected="the rows of a sample one after the other, where a file is streamed",
            remedy="Read the file whole, or sort it by sample",
        )
