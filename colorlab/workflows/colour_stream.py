"""The colours of a file of any length, written as a table while it is read."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, islice
from pathlib import Path
from typing import Any

import numpy as np

from colorlab.colorimetry.colours import Colours, colours
from colorlab.colorimetry.viewing import Viewing
from colorlab.colorimetry.weights import Bandpass
from colorlab.workflows.colour import resting_on
from colorlab.workflows.files import open_regular, writing
from colorlab.workflows.read import FileOptions
from spectra.errors import FileError, MeasurementError
from spectra.formats.registry import stream_measurements
from spectra.measurement import Measurement
from spectra.wavelengths import WavelengthGrid

HEADINGS = ("sample", "angle", "viewing", "X", "Y", "Z", "L", "a", "b", "C", "h")
AT_ONCE = 1000  # measurements, so that memory does not grow with the file


def write_colours(
    path: Path, output: Path, *, viewings: Sequence[Viewing], bandpass: Bandpass, options: FileOptions
) -> tuple[int, tuple[str, ...]]:
    """Colours of every measurement of a file as CSV, a row for each angle and viewing; memory does not grow with it.

    Returns
    -------
    (int, tuple of str)
        Number of measurements, and what the colours rest on. What a whole reading notes of the file is not told.

    Raises
    ------
    FileError
        If the file cannot be read, or the output exists already or cannot be written.
    MeasurementError
        If it holds no reflectance, or a spectrum does not reach far enough; nothing is written then.
    """
    if output.exists():
        raise FileError(
            str(output), "exists already", remedy="Nothing is overwritten: remove it or choose another name"
        )
    count, told = 0, dict[str, None]()
    with open_regular(path) as file, writing(output) as table:
        measurements = stream_measurements(
            file,
            path.name,
            options.format,
            reflectance_unit=options.reflectance_unit,
            encoding=options.encoding,
        )
        text = io.TextIOWrapper(table, encoding="utf-8", newline="")
        writer = csv.writer(text)
        writer.writerow(HEADINGS)
        for batch in _batches(measurements):
            found = colours(
                np.concatenate([one.reflectance_factor for one in batch]), batch[0].grid, viewings, bandpass
            )
            told |= dict.fromkeys((resting_on(found), *found.remarks))
            writer.writerows(_rows(batch, found))
            count += len(batch)
        text.flush()
        text.detach()
        if not count:
            raise MeasurementError(f"{path.name} holds no reflectance to compute a colour from")
    return count, tuple(told)


def _batches(measurements: Iterable[Measurement]) -> Iterator[list[Measurement]]:
    """Runs of measurements on one grid: each is one matrix product."""
    for _, run in groupby(measurements, key=_grid):
        while batch := list(islice(run, AT_ONCE)):
            yield batch


def _grid(measurement: Measurement) -> WavelengthGrid:
    return measurement.grid


def _rows(batch: Sequence[Measurement], found: Colours) -> Iterator[list[Any]]:
    numbers = np.concatenate([found.XYZ, found.Lab, found.LCh[..., 1:]], axis=-1).tolist()
    names = [(one.sample, token) for one in batch for token in one.geometry.tokens]
    for (sample, token), by_viewing in zip(names, numbers, strict=True):
        for viewing, values in zip(found.viewings, by_viewing, strict=True):
            yield [sample, token, str(viewing), *(f"{value:.6f}" for value in values)]
