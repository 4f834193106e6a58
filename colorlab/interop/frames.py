"""Measurements to and from pandas and Polars data frames; both are optional."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

from colorlab.interop.columns import Layout, columns_of, measurements_of
from spectra.errors import FrameError, MissingPackageError
from spectra.formats.base import ReflectanceUnit
from spectra.measurement import Measurement

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl


def to_pandas(measurements: Sequence[Measurement], layout: Layout = "wide") -> pd.DataFrame:
    """A pandas data frame of some measurements.

    Columns `measurement`, `sample`, `geometry` and, wide, one a wavelength with a row an angle; long,
    `wavelength_nm` and `reflectance_factor` with a row a value. Names, angles and every digit of the spectra come back;
    all else a measurement holds stays behind.

    Raises
    ------
    MissingPackageError
        If pandas is not installed.
    FrameError
        See `colorlab.interop.columns.columns_of`.
    """
    frame: pd.DataFrame = _package("pandas").DataFrame(columns_of(measurements, layout))
    return frame


def from_pandas(frame: pd.DataFrame, reflectance_unit: ReflectanceUnit = "fraction") -> tuple[Measurement, ...]:
    """Measurements of a pandas data frame, wide or long.

    Raises
    ------
    MissingPackageError
        If pandas is not installed.
    FrameError
        If it is not such a frame, naming the column and row (counted from 0), or the values cannot be of the unit.
    """
    if not isinstance(frame, _package("pandas").DataFrame):
        raise FrameError(f"a {type(frame).__name__} is not a pandas DataFrame")
    if not frame.columns.is_unique:
        raise FrameError("two columns bear the same name")
    return measurements_of({name: frame[name].tolist() for name in frame.columns}, reflectance_unit)


def to_polars(measurements: Sequence[Measurement], layout: Layout = "wide") -> pl.DataFrame:
    """A Polars data frame of some measurements; columns as `to_pandas` has them.

    Raises
    ------
    MissingPackageError
        If Polars is not installed.
    FrameError
        See `colorlab.interop.columns.columns_of`.
    """
    frame: pl.DataFrame = _package("polars").DataFrame(columns_of(measurements, layout))
    return frame


def from_polars(frame: pl.DataFrame, reflectance_unit: ReflectanceUnit = "fraction") -> tuple[Measurement, ...]:
    """Measurements of a Polars data frame, wide or long.

    Raises
    ------
    MissingPackageError
        If Polars is not installed.
    FrameError
        If it is not such a frame, naming the column and row (counted from 0), or the values cannot be of the unit.
    """
    if not isinstance(frame, _package("polars").DataFrame):
        raise FrameError(f"a {type(frame).__name__} is not a polars DataFrame")
    return measurements_of({name: frame[name].to_list() for name in frame.columns}, reflectance_unit)


def _package(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError as error:
        raise MissingPackageError(name, f"a {name} data frame") from error
