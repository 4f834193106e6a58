"""What a file lost on its way through a format: two readings of it compared, field by field."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from spectra.formats.base import MeasurementFile
from spectra.measurement import Measurement


@dataclass(frozen=True, slots=True)
class Loss:
    """One kind of fact that did not come through.

    Attributes
    ----------
    field : str
        Of `Measurement` or `MeasurementFile`: "texture", "recipes"; "measurements" where their number differs.
    words : str
        What is lost, of how many, or by how much a value moved.
    largest : float
        Greatest change of a reflectance factor, reading or covariance; 0 for other fields. [1]
    """

    field: str
    words: str
    largest: float = 0.0

    def as_dict(self) -> dict[str, str | float]:
        """Plain types."""
        return {"field": self.field, "words": self.words, "largest": self.largest}


def losses(before: MeasurementFile, after: MeasurementFile) -> tuple[Loss, ...]:
    """Everything that `before` says and `after` does not, or says otherwise.

    The measurements are compared in their order. Sources, notes and the format's name are not compared: they tell of
    the file, not of the samples.
    """
    if len(before.measurements) != len(after.measurements):
        words = f"{len(before.measurements)} measurements became {len(after.measurements)}"
        return (Loss("measurements", words),)
    pairs = list(zip(before.measurements, after.measurements, strict=True))
    found = [_of_measurements(field, same, pairs) for field, same in _FIELDS.items()]
    found.append(_of_conditions(pairs))
    found += [_of_arrays(field, pairs) for field in ("reflectance_factor", "readings", "covariance")]
    for field in ("colours", "spectra", "recipes", "attachments"):
        one, other = getattr(before, field), getattr(after, field)
        if _plain_all(one) != _plain_all(other):
            found.append(Loss(field, f"{field}: {len(one)} in the file, {_count_kept(one, other)} kept as they were"))
    return tuple(loss for loss in found if loss is not None)


def _of_measurements(
    field: str, value: Callable[[Measurement], Any], pairs: Sequence[tuple[Measurement, Measurement]]
) -> Loss | None:
    changed = [(one, other) for one, other in pairs if value(one) != value(other)]
    if not changed:
        return None
    one, other = changed[0]
    told = ""
    if field in _TOLD:
        was, became = _TOLD[field](one), _TOLD[field](other)
        told = f": {was or 'nothing'} became {became or 'nothing'}"
    title = field.replace("_", " ")
    return Loss(field, f"{title}: not kept for {len(changed)} of {len(pairs)}, the first {one.sample!r}{told}")


def _of_conditions(pairs: Sequence[tuple[Measurement, Measurement]]) -> Loss | None:
    """What was declared and is gone; that a format adds declarations of its own is no loss."""
    gone = [key for one, other in pairs for key, value in one.conditions.items() if other.conditions.get(key) != value]
    if not gone:
        return None
    names = ", ".join(dict.fromkeys(gone))
    return Loss("conditions", f"conditions: not kept: {names if len(names) < 200 else names[:200] + ' …'}")


def _of_arrays(field: str, pairs: Sequence[tuple[Measurement, Measurement]]) -> Loss | None:
    lost, moved = 0, 0.0
    for one, other in pairs:
        first, second = getattr(one, field), getattr(other, field)
        if first is None and second is None:
            continue
        if first is None or second is None or first.shape != second.shape:
            lost += 1
        else:
            moved = max(moved, float(np.abs(first - second).max(initial=0.0)))
    title = field.replace("_", " ")
    if lost:
        return Loss(field, f"{title}: not kept for {lost} of {len(pairs)}", moved)
    return Loss(field, f"{title}: moved by up to {moved:.1e} by rounding", moved) if moved else None


_FIELDS: dict[str, Callable[[Measurement], Any]] = {
    "sample": lambda m: m.sample,
    "role": lambda m: (m.role, m.standard),
    "taken_at": lambda m: m.taken_at and m.taken_at.isoformat(),
    "instrument": lambda m: m.instrument,
    "wavelengths": lambda m: m.grid,
    "geometry": lambda m: _plain(m.geometry),
    "declared": lambda m: m.declared,
    "stated": lambda m: [_plain(colour) for colour in m.stated],
    "texture": lambda m: sorted(m.texture, key=repr),
}


# Of these the first that changed is told, before and after.
_TOLD: dict[str, Callable[[Measurement], Any]] = {
    "sample": lambda m: m.sample,
    "role": lambda m: f"{m.role} of {m.standard}" if m.standard else m.role,
    "taken_at": lambda m: m.taken_at and m.taken_at.isoformat(sep=" "),
    "instrument": lambda m: m.instrument,
    "wavelengths": lambda m: str(m.grid),
    "geometry": lambda m: m.geometry.name,
}


def _plain_all(records: Sequence[Any]) -> list[Any]:
    return [_plain(record) for record in records]


def _count_kept(before: Sequence[Any], after: Sequence[Any]) -> int:
    others = _plain_all(after)
    return sum(one in others for one in _plain_all(before))


def _plain(record: Any) -> Any:
    """A record as nested tuples that compare by value; where it came from left out."""
    if hasattr(record, "__dataclass_fields__"):
        names = [name for name in record.__dataclass_fields__ if name != "source"]
        return (type(record).__name__, *((name, _plain(getattr(record, name))) for name in names))
    if isinstance(record, np.ndarray):
        return ("array", record.shape, tuple(None if np.isnan(value) else value for value in record.ravel().tolist()))
    if isinstance(record, tuple | list):
        return tuple(_plain(one) for one in record)
    if hasattr(record, "items"):
        return tuple(sorted((key, _plain(value)) for key, value in record.items()))
    return record.isoformat() if hasattr(record, "isoformat") else record
