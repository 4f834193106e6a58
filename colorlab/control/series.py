"""What is charted over time: one row a submission, one column a quantity, with the records it came from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from spectra.arrays import FloatArray, frozen
from spectra.errors import MeasurementError


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """Quantities of successive submissions, oldest first.

    Attributes
    ----------
    name : str
        What they are of, such as `45as15 under D65/10°`.
    components, units : tuple of str
        Of the columns, such as `ΔL*` and `CIELAB units`.
    times : tuple of datetime
        In order.
    records : tuple of str
        The record of each row.
    values : ndarray, shape (n, n_components)
    uncertainty : ndarray, shape (n, n_components), or None
        Standard uncertainty of each value by its measurement; None where it is not known.
    """

    name: str
    components: tuple[str, ...]
    units: tuple[str, ...]
    times: tuple[datetime, ...]
    records: tuple[str, ...]
    values: FloatArray
    uncertainty: FloatArray | None = None

    @property
    def n(self) -> int:
        """How many submissions."""
        return len(self.times)

    def __getitem__(self, rows: slice) -> Series:
        """Some of the submissions."""
        uncertainty = None if self.uncertainty is None else self.uncertainty[rows]
        times, records = self.times[rows], self.records[rows]
        return Series(self.name, self.components, self.units, times, records, self.values[rows], uncertainty)

    def column(self, component: str) -> FloatArray:
        """The values of one component, shape (n,)."""
        values: FloatArray = self.values[:, self.components.index(component)]
        return values

    def days(self) -> FloatArray:
        """Days since the first submission, shape (n,)."""
        return np.array([(time - self.times[0]).total_seconds() / 86400 for time in self.times])


def series(
    name: str,
    components: Sequence[str],
    units: Sequence[str],
    times: Sequence[datetime],
    records: Sequence[str],
    values: ArrayLike,
    uncertainty: ArrayLike | None = None,
) -> Series:
    """A series of checked shape and order.

    Raises
    ------
    MeasurementError
        If lengths differ, a value is not finite, or the times are not in order.
    """
    rows = np.asarray(values, dtype=np.float64)
    shape = (len(times), len(components))
    if rows.shape != shape or len(records) != shape[0] or len(units) != shape[1]:
        raise MeasurementError(
            f"{name}: values of shape {rows.shape} with {len(times)} times, {len(records)} records, "
            f"{len(components)} names and {len(units)} units do not make a series"
        )
    if not np.isfinite(rows).all():
        raise MeasurementError(f"{name}: a value is not finite; a submission without it is left out of the series")
    zones = {time.tzinfo is None for time in times}
    if len(zones) > 1:
        raise MeasurementError(f"{name}: some times declare their zone and some do not: their order is not known")
    if any(later < earlier for earlier, later in pairwise(times)):
        raise MeasurementError(f"{name}: the submissions are not in the order of time")
    known = None
    if uncertainty is not None:
        known = np.asarray(uncertainty, dtype=np.float64)
        if known.shape != shape or not (known >= 0).all():
            raise MeasurementError(f"{name}: uncertainties of shape {known.shape} are not one a value, 0 or more")
        known = frozen(known)
    return Series(name, tuple(components), tuple(units), tuple(times), tuple(records), frozen(rows), known)
