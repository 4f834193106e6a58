"""Measurements as columns: wide with a row an angle, long with a row a value; what every frame is made of."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np

from spectra.arrays import FloatArray
from spectra.errors import FrameError
from spectra.excess import cannot_be_fraction
from spectra.formats.base import MAX_WAVELENGTH, MIN_WAVELENGTH, SCALE, ReflectanceUnit
from spectra.geometry import SINGLE_GEOMETRIES, UNDECLARED, Geometry, directional, is_directional
from spectra.measurement import Measurement
from spectra.wavelengths import WavelengthGrid, grid_of_nodes

Layout = Literal["wide", "long"]
LAYOUTS: tuple[Layout, ...] = ("wide", "long")

# Tells samples of one name apart; a frame without it has each name once.
MEASUREMENT, SAMPLE, GEOMETRY = "measurement", "sample", "geometry"
WAVELENGTH, FACTOR = "wavelength_nm", "reflectance_factor"
_LABELS = (MEASUREMENT, SAMPLE, GEOMETRY)


def columns_of(measurements: Sequence[Measurement], layout: Layout = "wide") -> dict[str, list[Any]]:
    """Columns of some measurements: sample, geometry token, and reflectance factors by wavelength.

    Wide has one row an angle and a column a wavelength, named by its number of nanometres; long one row a value.

    Raises
    ------
    FrameError
        If a wide frame is asked for of different wavelengths, or the layout is not known.
    """
    if layout not in LAYOUTS:
        raise FrameError(f"layout {layout!r} is not known; one of {', '.join(LAYOUTS)}")
    rows = [
        (place, one, token, one.reflectance_factor[angle])
        for place, one in enumerate(measurements)
        for angle, token in enumerate(one.geometry.tokens)
    ]
    repeat = [one.grid.count if layout == "long" else 1 for _, one, _, _ in rows]
    columns: dict[str, list[Any]] = {
        MEASUREMENT: _repeated([place for place, *_ in rows], repeat),
        SAMPLE: _repeated([one.sample for _, one, _, _ in rows], repeat),
        GEOMETRY: _repeated([token for _, _, token, _ in rows], repeat),
    }
    if layout == "long":
        columns[WAVELENGTH] = [nm for _, one, _, _ in rows for nm in one.grid.wavelengths.tolist()]
        columns[FACTOR] = [value for *_, spectrum in rows for value in spectrum.tolist()]
        return columns
    grids = {one.grid for one in measurements}
    if len(grids) > 1:
        raise FrameError(
            f"a wide frame has one set of wavelengths, these measurements have {len(grids)} "
            f"({', '.join(sorted(map(str, grids)))}); use the long layout, or resample them"
        )
    for grid in grids:
        spectra = np.array([spectrum for *_, spectrum in rows])
        columns |= {_column(nm): spectra[:, at].tolist() for at, nm in enumerate(grid.wavelengths.tolist())}
    return columns


def measurements_of(
    columns: Mapping[Any, Sequence[Any]], reflectance_unit: ReflectanceUnit = "fraction"
) -> tuple[Measurement, ...]:
    """Measurements from columns, wide or long, in the order in which they first appear.

    A frame without a column `geometry` leaves the geometry undeclared; rows of one sample are its angles, unless the
    column `measurement` tells them apart. Percent values become reflectance factors.

    Raises
    ------
    FrameError
        If a column is missing, unknown or ambiguous, or a value is not a finite number, naming column and row; or the
        values cannot be of the unit.
    """
    named = {str(name): list(values) for name, values in columns.items()}
    if len(named) != len(columns):
        raise FrameError("two columns bear the same name")
    lengths = {len(values) for values in named.values()}
    if len(lengths) != 1:
        raise FrameError(f"columns of different lengths: {sorted(lengths)}")
    if SAMPLE not in named:
        raise FrameError(f"no column {SAMPLE!r}; there are {', '.join(named) or 'none'}")
    found: dict[Any, _Sample] = {}
    reader = _long_rows if WAVELENGTH in named or FACTOR in named else _wide_rows
    for row, nodes, values in reader(named):
        sample = _text(named, SAMPLE, row)
        token = _text(named, GEOMETRY, row) if GEOMETRY in named else UNDECLARED.name
        key = named[MEASUREMENT][row] if MEASUREMENT in named else sample
        one = found.setdefault(key, _Sample(sample))
        if one.name != sample:
            raise FrameError(f"row {row}: measurement {key!r} is of {one.name!r} and of {sample!r}")
        one.add(token, nodes, values, row, reader is _wide_rows)
    measurements = tuple(one.measurement() for one in found.values())
    return tuple(as_factors(one, reflectance_unit) for one in measurements)


def as_factors(measurement: Measurement, reflectance_unit: ReflectanceUnit) -> Measurement:
    """A measurement of which the values are in a unit, as reflectance factors.

    Raises
    ------
    FrameError
        If the unit is not known, or the values cannot be of it: percent taken for fractions, the power of a light.
    """
    if reflectance_unit not in SCALE:
        raise FrameError(f"the unit {reflectance_unit!r} is not known; one of {', '.join(SCALE)}")
    factor = measurement.reflectance_factor * SCALE[reflectance_unit]
    if cannot_be_fraction(factor, measurement.geometry):
        raise FrameError(
            f"{measurement.sample}: values up to {measurement.reflectance_factor.max():g} are no reflectances in "
            f'{reflectance_unit}; give reflectance_unit="percent" if they are percent; a light is no sample, see '
            f"light_from_colour"
        )
    return measurement if reflectance_unit == "fraction" else replace(measurement, reflectance_factor=factor)


@dataclass
class _Sample:
    """Rows of one measurement, as they are collected."""

    name: str
    angles: dict[str, dict[float, float]] = field(default_factory=dict)

    def add(self, token: str, nodes: Sequence[float], values: Sequence[float], row: int, once: bool) -> None:
        spectrum = self.angles.get(token)
        if spectrum is None:
            self.angles[token] = dict(zip(nodes, values, strict=True))
            return
        if once or nodes[0] in spectrum:
            again = f"{token}" if once else f"{token} at {nodes[0]:g} nm"
            raise FrameError(
                f"row {row}: {self.name!r} was measured at {again} already; "
                f"a column {MEASUREMENT!r} would tell readings of one sample apart"
            )
        spectrum[nodes[0]] = values[0]

    def measurement(self) -> Measurement:
        grids = [self._grid(sorted(spectrum)) for spectrum in self.angles.values()]
        if any(grid != grids[0] for grid in grids):
            raise FrameError(f"{self.name}: its angles have different wavelengths")
        spectra = [[spectrum[nm] for nm in sorted(spectrum)] for spectrum in self.angles.values()]
        return Measurement(self.name, np.array(spectra), grids[0], geometry_of(tuple(self.angles)))

    def _grid(self, nodes: list[float]) -> WavelengthGrid:
        if len(nodes) < 2:
            raise FrameError(f"{self.name}: a single wavelength is no spectrum")
        return grid_of_nodes(nodes)


def geometry_of(tokens: tuple[str, ...]) -> Geometry:
    """The geometry that tokens name: one of the single ones, or directional angle pairs.

    Raises
    ------
    FrameError
        If a token names neither, or several are not all angle pairs.
    """
    if all(is_directional(token) for token in tokens):
        return directional(tokens)
    if len(tokens) == 1 and tokens[0] in SINGLE_GEOMETRIES:
        return SINGLE_GEOMETRIES[tokens[0]]
    raise FrameError(
        f"geometry {', '.join(map(repr, tokens))} is neither angle pairs such as 45as15 nor one of "
        f"{', '.join(SINGLE_GEOMETRIES)}"
    )


def array_of(values: Any, what: str) -> FloatArray:
    """Numbers as float64.

    Raises
    ------
    FrameError
        If they are not finite numbers.
    """
    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise FrameError(f"{what}: not all values are numbers") from error
    if not np.isfinite(array).all():
        raise FrameError(f"{what}: not all values are finite numbers")
    return array


def _wide_rows(named: Mapping[str, list[Any]]) -> Any:
    nodes = {name: _wavelength(name) for name in named if name not in _LABELS}
    strange = [name for name, nm in nodes.items() if nm is None]
    if strange or not nodes:
        found = f"column {', '.join(map(repr, strange))}" if strange else "no column of a wavelength"
        raise FrameError(
            f"{found}; expected {', '.join(_LABELS)} and numbers of nanometres from {MIN_WAVELENGTH:g} to "
            f"{MAX_WAVELENGTH:g}. Drop or rename other columns"
        )
    wavelengths = [nm for nm in nodes.values() if nm is not None]
    if len(set(wavelengths)) != len(wavelengths):
        raise FrameError("two columns are of one wavelength")
    for row in range(len(named[SAMPLE])):
        yield row, wavelengths, [_number(named, name, row) for name in nodes]


def _long_rows(named: Mapping[str, list[Any]]) -> Any:
    missing = [name for name in (WAVELENGTH, FACTOR) if name not in named]
    strange = [name for name in named if name not in (*_LABELS, WAVELENGTH, FACTOR)]
    if missing:
        raise FrameError(f"no column {missing[0]!r}, which a long frame needs; there are {', '.join(named)}")
    if strange:
        raise FrameError(f"column {strange[0]!r} is not one of a long frame. Drop or rename it")
    for row in range(len(named[SAMPLE])):
        nm = _number(named, WAVELENGTH, row)
        if not MIN_WAVELENGTH <= nm <= MAX_WAVELENGTH:
            raise FrameError(f"column {WAVELENGTH!r}, row {row}: {nm:g} nm")
        yield row, (nm,), (_number(named, FACTOR, row),)


def _wavelength(name: str) -> float | None:
    try:
        nm = float(name)
    except ValueError:
        return None
    return nm if MIN_WAVELENGTH <= nm <= MAX_WAVELENGTH else None


def _column(nm: float) -> str:
    return repr(nm).removesuffix(".0")


def _number(named: Mapping[str, list[Any]], name: str, row: int) -> float:
    value = named[name][row]
    if isinstance(value, bool | str) or value is None:
        raise FrameError(f"column {name!r}, row {row}: {value!r} is not a number")
    try:
        number = float(value)
    except (TypeError, ValueError) as error:
        raise FrameError(f"column {name!r}, row {row}: {value!r} is not a number") from error
    if not math.isfinite(number):
        raise FrameError(f"column {name!r}, row {row}: {value!r} is not a finite number")
    return number


def _text(named: Mapping[str, list[Any]], name: str, row: int) -> str:
    value = named[name][row]
    if value is None or (isinstance(value, float) and math.isnan(value)) or not str(value).strip():
        raise FrameError(f"column {name!r}, row {row}: empty")
    return str(value)


def _repeated(values: list[Any], counts: list[int]) -> list[Any]:
    return [value for value, count in zip(values, counts, strict=True) for _ in range(count)]
