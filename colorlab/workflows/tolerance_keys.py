"""What a tolerance says, key by key, and in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from colorlab.difference.place import ANY
from colorlab.store.columns import canonical_json
from colorlab.tolerance.inherit import flat
from colorlab.tolerance.tolerance import Tolerance

# What a row sets, in the place that its other keys name.
_SET = ("delta_E", "value", "limit", "uncertainty", "components", "shape", "matrix", "semi_axes")


def keys_of(tolerance: Tolerance) -> dict[str, Any]:
    """What a tolerance says by key; a row by its place, such as `limit[45as-15, *]`, and what it sets there."""
    return {key: _set(value) for key, value in flat(tolerance.as_dict()).items()}


def key_words(key: str) -> str:
    """A key as it is said: `limit 45as-15`, `general limit`."""
    name, _, rest = key.partition("[")
    places = [place for place in rest.removesuffix("]").split(", ") if place not in ("", ANY)]
    if rest and not places:
        return f"general {name}"
    return " ".join((name, *places))


def value_words(value: Any) -> str:
    """A value as it is said."""
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {value_words(one)}" for key, one in value.items())
    if isinstance(value, str):
        return value
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return ", ".join(value)
    return canonical_json(value)


def _set(value: Any) -> Any:
    if not isinstance(value, Mapping):
        return value
    found = {key: one for key, one in value.items() if key in _SET}
    return next(iter(found.values())) if len(found) == 1 else found
