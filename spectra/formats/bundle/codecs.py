"""How values of each kind stand in a bundle: plain JSON, arrays of float64 apart, and strict on the way back."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np

from spectra.arrays import FloatArray
from spectra.errors import MeasurementError
from spectra.stated import Source

MAX_DOCUMENT_DEPTH = 64
_SHOWN = 60  # characters of a value that an error message quotes


class OddValueError(Exception):
    """A value that does not stand where it should; never leaves the bundle modules."""

    def __init__(self, found: str, expected: str, path: str = "") -> None:
        self.found, self.expected, self.path = found, expected, path
        super().__init__(found)

    def within(self, place: str) -> OddValueError:
        """The same, seen from one level above."""
        return OddValueError(self.found, self.expected, f"{place}.{self.path}" if self.path else place)


class Packing:
    """The arrays and the shared objects met so far while a bundle is written."""

    def __init__(self) -> None:
        self.arrays: list[bytes] = []
        self.n_floats = 0
        self.tables: dict[str, list[Any]] = {}
        self._places: dict[tuple[str, Any], int] = {}

    def add(self, values: FloatArray) -> int:
        """Keep an array; gives where it begins."""
        at = self.n_floats
        self.arrays.append(np.ascontiguousarray(values, dtype="<f8").tobytes())
        self.n_floats += values.size
        return at

    def place(self, table: str, key: Any, encode: Callable[[], Any]) -> int:
        """Where an object stands in the table of its kind, in which each stands once."""
        if (table, key) not in self._places:
            rows = self.tables.setdefault(table, [])
            self._places[table, key] = len(rows)
            rows.append(encode())
        return self._places[table, key]


class Unpacking:
    """The arrays of a bundle, taken in the order in which they were written, and its shared objects."""

    def __init__(self, arrays: bytes, source: Source) -> None:
        self.source = source  # of what had none
        self.floats = np.frombuffer(arrays, dtype="<f8")
        self.at = 0
        self.tables: dict[str, tuple[Any, ...]] = {}

    def take(self, at: int, shape: tuple[int, ...]) -> FloatArray:
        """The next array. None is taken twice, so that a small bundle cannot become large."""
        size = math.prod(shape)
        if at != self.at or size > self.floats.size - self.at:
            raise OddValueError(f"an array of {shape} at {at}", f"one at {self.at}, within {self.floats.size} numbers")
        self.at += size
        return self.floats[at : at + size].astype(np.float64, copy=False).reshape(shape)


class Codec(NamedTuple):
    """One kind of value, both ways."""

    encode: Callable[[Any, Packing], Any]
    decode: Callable[[Any, Unpacking], Any]


def _odd(value: object, expected: str) -> OddValueError:
    return OddValueError(ascii(value)[:_SHOWN], expected)


def _same(value: Any, _: Packing) -> Any:
    return value


def _of_type(kind: type, expected: str) -> Codec:
    def decode(value: Any, _: Unpacking) -> Any:
        if type(value) is not kind:
            raise _odd(value, expected)
        return value

    return Codec(_same, decode)


TEXT = _of_type(str, "text")
FLAG = _of_type(bool, "true or false")
INTEGER = _of_type(int, "a whole number")


def _name(value: Any) -> str:
    if type(value) is not str or not value.replace("\t", "").isprintable():
        raise _odd(value, "a name without control characters")
    return value


NAME = Codec(lambda value, _: _name(value), lambda value, _: _name(value))


def _number_out(value: Any, _: Packing) -> Any:
    plain = value if isinstance(value, int | float) else float(value)
    return plain if math.isfinite(plain) else {"$float": repr(float(plain))}


def _number_in(value: Any, _: Unpacking) -> Any:
    if isinstance(value, dict) and value.keys() == {"$float"} and value["$float"] in ("nan", "inf", "-inf"):
        return float(value["$float"])
    if type(value) is float and math.isfinite(value):
        return value
    if type(value) is not int or abs(value) > 2**63:
        raise _odd(value, "a number")
    return value


NUMBER = Codec(_number_out, _number_in)


def _moment_in(value: Any, _: Unpacking) -> datetime:
    try:
        return datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise _odd(value, "a time in ISO 8601") from None


def _moment_out(value: datetime, _: Packing) -> str:
    text = value.isoformat()
    if datetime.fromisoformat(text).utcoffset() != value.utcoffset():  # of a fraction of a second, which no clock has
        raise OddValueError(f"a time zone of {value.utcoffset()}", "an offset of whole seconds")
    return text


MOMENT = Codec(_moment_out, _moment_in)


def _array_out(value: FloatArray, packing: Packing) -> Any:
    return {"at": packing.add(value), "shape": list(value.shape)}


def _array_in(value: Any, unpacking: Unpacking) -> FloatArray:
    if not isinstance(value, dict) or value.keys() != {"at", "shape"}:
        raise _odd(value, "an array: at and shape")
    at, shape = value["at"], value["shape"]
    whole = isinstance(shape, list) and len(shape) <= 3 and all(type(n) is int and 0 <= n < 2**31 for n in shape)
    if type(at) is not int or not whole:
        raise _odd(value, "an array of at most three axes")
    return unpacking.take(at, tuple(shape))


ARRAY = Codec(_array_out, _array_in)


def choice(*words: str) -> Codec:
    """One of some words."""

    def decode(value: Any, _: Unpacking) -> Any:
        if value not in words or type(value) is not str:
            raise _odd(value, f"one of {', '.join(words)}")
        return value

    return Codec(_same, decode)


def optional(codec: Codec) -> Codec:
    """The value, or null."""
    return Codec(
        lambda value, packing: None if value is None else codec.encode(value, packing),
        lambda value, unpacking: None if value is None else codec.decode(value, unpacking),
    )


def sequence(codec: Codec) -> Codec:
    """A list of values, a tuple in memory."""

    def decode(value: Any, unpacking: Unpacking) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise _odd(value, "a list")
        items = []
        for place, item in enumerate(value):
            try:
                items.append(codec.decode(item, unpacking))
            except OddValueError as error:
                raise error.within(str(place)) from None
        return tuple(items)

    return Codec(lambda value, packing: [codec.encode(item, packing) for item in value], decode)


def _words_in(value: Any, _: Unpacking) -> dict[str, str]:
    if not isinstance(value, dict) or not all(type(text) is str for text in value.values()):
        raise _odd(value, "texts by name")
    return value


WORDS = Codec(lambda value, _: dict(value), _words_in)


def shared(table: str, codec: Codec, key: Callable[[Any], Any]) -> Codec:
    """An object that many others share: its place in a table of the bundle, where each stands once."""

    def encode(value: Any, packing: Packing) -> int:
        return packing.place(table, key(value), lambda: codec.encode(value, packing))

    def decode(value: Any, unpacking: Unpacking) -> Any:
        rows = unpacking.tables.get(table, ())
        if type(value) is not int or not 0 <= value < len(rows):
            raise _odd(value, f"a place in {table}, of which there are {len(rows)}")
        return rows[value]

    return Codec(encode, decode)


def record(make: Callable[..., Any], fields: Mapping[str, Codec], defaults: Mapping[str, Any]) -> Codec:
    """An object with named fields; a field that is its default is left out.

    Parameters
    ----------
    make : callable
        Takes the fields by name; what it refuses is refused here.
    fields : mapping of str to Codec
    defaults : mapping of str to object
        Of the fields that may be left out: None, text, or an empty tuple or mapping.
    """
    names, required = fields.keys(), fields.keys() - defaults.keys()
    pairs = tuple((name, codec, defaults.get(name, required)) for name, codec in fields.items())

    def encode(value: Any, packing: Packing) -> dict[str, Any]:
        document = {}
        for name, codec, default in pairs:
            field = getattr(value, name)
            if field is default or (default is not None and not isinstance(field, np.ndarray) and field == default):
                continue
            document[name] = codec.encode(field, packing)
        return document

    def decode(value: Any, unpacking: Unpacking) -> Any:
        if not isinstance(value, dict):
            raise _odd(value, "an object with named fields")
        if not required <= value.keys() <= names:
            raise OddValueError(
                f"fields {', '.join(sorted(map(ascii, value)))[:200]}", f"{', '.join(sorted(required))} and no unknown"
            )
        found = {}
        # In the order in which they are written, because arrays are.
        for name, codec, _ in pairs:
            if name in value:
                try:
                    found[name] = codec.decode(value[name], unpacking)
                except OddValueError as error:
                    raise error.within(name) from None
        if "source" in names and found.get("source") is None:
            found["source"] = unpacking.source
        try:
            return make(**found)
        except MeasurementError as error:
            raise OddValueError(str(error), "") from error

    return Codec(encode, decode)


def _document_out(value: Any, packing: Packing, depth: int = 0) -> Any:
    if depth > MAX_DOCUMENT_DEPTH:
        raise MeasurementError(f"an attached document nests more than {MAX_DOCUMENT_DEPTH} levels")
    if isinstance(value, Mapping):
        if not all(type(key) is str for key in value):
            raise MeasurementError("an attached document has a key that is no text")
        return {f"${k}" if k.startswith("$") else k: _document_out(v, packing, depth + 1) for k, v in value.items()}
    if isinstance(value, list):
        return [_document_out(item, packing, depth + 1) for item in value]
    if type(value) is float:
        return _number_out(value, packing)
    if value is None or type(value) in (str, bool, int):
        return value
    raise MeasurementError(f"an attached document holds a {type(value).__name__}, which is no JSON")


def _document_in(value: Any, unpacking: Unpacking, depth: int = 0) -> Any:
    if depth > MAX_DOCUMENT_DEPTH:
        raise OddValueError("a deeply nested document", f"at most {MAX_DOCUMENT_DEPTH} levels")
    if isinstance(value, dict):
        if value.keys() == {"$float"}:
            return _number_in(value, unpacking)
        return {k.removeprefix("$"): _document_in(v, unpacking, depth + 1) for k, v in value.items()}
    if isinstance(value, list):
        return [_document_in(item, unpacking, depth + 1) for item in value]
    return _number_in(value, unpacking) if type(value) is float else value


def _mapping_in(value: Any, unpacking: Unpacking) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _odd(value, "an object")
    document: dict[str, Any] = _document_in(value, unpacking)
    return document


DOCUMENT = Codec(_document_out, _mapping_in)
