"""Drawdowns over black and white from files: which two readings are one film, and what the cards are.

==============  ======================================================================================================
column          what its cells say
==============  ======================================================================================================
`backing`       `black` or `white`: the part of the card the reading was taken over. Formats that declare it need none,
                nor do two files, one over each. `card` says the same.
`drawdown`      Name of the film; its readings over black and over white bear the same. Without it: the sample's name.
`film_um`       Thickness of the dry film in µm; empty where nobody measured it.
`g_07H` …       Grams of each colorant, as in a table of recipes; needed for the thickness alone.
==============  ======================================================================================================
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np

from colorlab.workflows.paint_tables import alike, declared_geometry, grams, in_geometry_of_ladders
from colorlab.workflows.read import FileOptions, load
from spectra.arrays import FloatArray
from spectra.colorant import ColorantSet
from spectra.errors import MalformedFileError, MeasurementError, NotComparableError
from spectra.formats.base import file_of
from spectra.geometry import Geometry
from spectra.measurement import Measurement
from spectra.wavelengths import WavelengthGrid

Side = Literal["black", "white"]
SIDES: tuple[Side, Side] = ("black", "white")


@dataclass(frozen=True, slots=True, eq=False)
class Drawdown:
    """One film over both parts of a card.

    Attributes
    ----------
    name : str
    reflectance_factor : ndarray, shape (2, n_wavelengths)
        Over black, over white.
    thickness_um : float or None
        As stated, dry. [µm]
    reading : Measurement
        The one over black, for the recipe that stands beside it.
    """

    name: str
    reflectance_factor: FloatArray
    thickness_um: float | None
    reading: Measurement


@dataclass(frozen=True, slots=True, eq=False)
class Drawdowns:
    """The films of one or two files.

    Attributes
    ----------
    files : tuple of str
    films : tuple of Drawdown
    bare : mapping of side to ndarray, shape (n_wavelengths,)
        Reflectance factor of the bare card, where it was stated.
    grid, geometry
    remarks : tuple of str
    """

    files: tuple[str, ...]
    films: tuple[Drawdown, ...]
    bare: dict[Side, FloatArray]
    grid: WavelengthGrid
    geometry: Geometry
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """Where drawdowns are: one file of both parts, or one over each."""

    both: Path | None = None
    black: Path | None = None
    white: Path | None = None


def load_drawdowns(
    source: Source, cards: dict[Side, str | None], paints: ColorantSet | None, options: FileOptions
) -> Drawdowns:
    """Pair the readings of drawdowns.

    Parameters
    ----------
    source : Source
    cards : mapping of side to str or None
        Of the bare card: a reflectance factor, a sample of the file, or a file of one measurement.
    paints : ColorantSet, optional
        In whose geometry and at whose wavelengths the readings are wanted; their own where left out.
    options : FileOptions

    Raises
    ------
    FileError
        If a file cannot be read.
    MalformedFileError
        If a reading does not say what it was taken over, is there twice or alone.
    MeasurementError, NotComparableError
        If a card is not to be had, or a reading was not measured as the colorants were.
    """
    readings, names = _readings(source, options)
    first = alike(file_of(one for _, one in readings), names[0])
    geometry, told = (paints.geometry, ()) if paints is not None else declared_geometry(first, names[0])
    if geometry.n_angles != 1:
        raise MeasurementError(
            f"{first.sample} was measured at {geometry.n_angles} angles; drawdowns over cards are read at one"
        )
    remarks = list(told)
    grid = first.grid if paints is None else paints.grid

    def spectrum(reading: Measurement) -> FloatArray:
        placed, undeclared = in_geometry_of_ladders(reading, geometry)
        if placed.geometry.tokens != geometry.tokens:
            raise NotComparableError("geometry", geometry.name, f"{placed.geometry.name} of {placed.sample}")
        if paints is not None:
            texts = [one.split(": ", 1)[1] for one in undeclared]
            remarks.extend(text for text in texts if text not in remarks)
        on_grid: FloatArray = placed.on_grid(grid).reflectance_factor[0]
        return on_grid

    bare: dict[Side, FloatArray] = {}
    used: list[Measurement] = []
    for side in SIDES:
        text = cards.get(side)
        if text is not None:
            bare[side] = _card(side, text, readings, used, spectrum, grid, options)
    own = [(side, one) for side, one in readings if not any(one is card for card in used)]
    return Drawdowns(names, _paired(own, spectrum, names[0]), bare, grid, geometry, tuple(remarks))


def _readings(source: Source, options: FileOptions) -> tuple[list[tuple[Side | None, Measurement]], tuple[str, ...]]:
    """Every reading with the side it was taken over, and the names of the files."""
    if source.both is not None:
        found = load(source.both, options).measurements
        return [(_side(one, source.both.name), one) for one in found], (source.both.name,)
    readings: list[tuple[Side | None, Measurement]] = []
    names = []
    for side, path in zip(SIDES, (source.black, source.white), strict=True):
        if path is None:
            raise MeasurementError(f"no readings over {side}; a contrast ratio needs the same film over both")
        readings += [(side, one) for one in load(path, options).measurements]
        names.append(path.name)
    counts = {side: sum(own == side for own, _ in readings) for side in SIDES}
    if counts == {"black": 1, "white": 1}:  # one film, whatever its two readings are called
        name = readings[0][1].sample
        readings = [(side, replace(one, sample=name)) for side, one in readings]
    return readings, tuple(names)


def _side(reading: Measurement, file_name: str) -> Side | None:
    text = (reading.declared.backing or reading.conditions.get("card", "")).strip().lower()
    if text not in (*SIDES, ""):
        raise MalformedFileError(
            file_name, f"backing {text!r}", where=reading.sample, expected="black or white", remedy="See `backing`"
        )
    return next((side for side in SIDES if side == text), None)


def _card(
    side: Side,
    text: str,
    readings: Sequence[tuple[Side | None, Measurement]],
    used: list[Measurement],
    spectrum: Callable[[Measurement], FloatArray],
    grid: WavelengthGrid,
    options: FileOptions,
) -> FloatArray:
    """The bare card: a sample of the drawdowns' own file, which is then no film, or as `card_reading` takes it."""
    own = [one for over, one in readings if one.sample == text and over in (side, None)]
    if own:
        if len(own) > 1:
            raise MeasurementError(f"{text} was read {len(own)} times over {side}; a bare card is exactly one reading")
        used += own
        return spectrum(own[0])
    return card_reading(text, spectrum, grid, options)


def card_reading(
    text: str, spectrum: Callable[[Measurement], FloatArray], grid: WavelengthGrid, options: FileOptions
) -> FloatArray:
    """Reflectance factor of a bare card from a number as typed, or a file of one measurement, (n_wavelengths,).

    Raises
    ------
    FileError, MeasurementError
        If it is neither, or a number that no card reflects.
    """
    try:
        value = float(text)
    except ValueError:
        found = load(Path(text), options).measurements
        if len(found) != 1:
            raise MeasurementError(f"{text} holds {len(found)} measurements; a bare card is exactly one") from None
        return spectrum(found[0])
    if not 0 <= value <= 1:
        raise MeasurementError(f"a card of reflectance factor {text}; expected within 0…1, such as 0.8")
    return np.full(grid.count, value)


def _paired(
    readings: Sequence[tuple[Side | None, Measurement]],
    spectrum: Callable[[Measurement], FloatArray],
    file_name: str,
) -> tuple[Drawdown, ...]:
    films: dict[str, dict[Side, Measurement]] = {}
    for side, one in readings:
        if side is None:
            raise MalformedFileError(
                file_name,
                "a reading over an unknown backing",
                where=one.sample,
                expected="black or white in the column `backing`",
                remedy="Name it with --card-black or --card-white if it is the bare card",
            )
        name = one.conditions.get("drawdown", "").strip() or one.sample
        if side in films.setdefault(name, {}):
            raise MalformedFileError(
                file_name,
                f"two readings of {name} over {side}",
                where=one.sample,
                expected="one",
                remedy="Give each film a name of its own in the column `drawdown`",
            )
        films[name][side] = one
    for name, parts in films.items():
        if len(parts) < len(SIDES):
            (side,) = parts
            raise MalformedFileError(
                file_name,
                f"{name} over {side} only",
                expected="each film over black and over white",
                remedy="Name it with --card-black or --card-white if it is the bare card",
            )
    if not films:
        raise MalformedFileError(file_name, "bare cards and no film", expected="at least one film over both")
    return tuple(
        Drawdown(
            name,
            np.array([spectrum(parts[side]) for side in SIDES]),
            _thickness(parts, file_name),
            parts["black"],
        )
        for name, parts in films.items()
    )


def _thickness(parts: dict[Side, Measurement], file_name: str) -> float | None:
    """As stated beside either reading; one film has one."""
    stated = [grams(one, "film_um", file_name) for one in parts.values() if one.conditions.get("film_um", "").strip()]
    if not stated:
        return None
    if not min(stated) > 0 or max(stated) != min(stated) or not np.isfinite(stated).all():
        raise MalformedFileError(
            file_name,
            " and ".join(f"{value:g} µm" for value in stated),
            where=f"{parts['black'].sample}, column film_um",
            expected="one thickness above 0 for one film",
        )
    return stated[0]
