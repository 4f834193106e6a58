"""Rows of a verdict that are made when they are asked for: a submission has tens of thousands, a person reads a few."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import TypeVar, overload

Row = TypeVar("Row", covariant=True)


class RowsOnDemand(Sequence[Row]):
    """A sequence whose rows a subclass makes from its arrays, each by its place."""

    @abstractmethod
    def row(self, place: int) -> Row:
        """The row of a place that is in the sequence."""

    @overload
    def __getitem__(self, place: int) -> Row: ...

    @overload
    def __getitem__(self, place: slice) -> tuple[Row, ...]: ...

    def __getitem__(self, place: int | slice) -> Row | tuple[Row, ...]:
        places = range(len(self))[place]
        return self.row(places) if isinstance(places, int) else tuple(map(self.row, places))
