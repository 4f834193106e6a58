"""Layers of a tolerance: a programme's default, what a finish changes of it, what a colour changes of that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from colorlab.difference.place import ANY
from colorlab.tolerance.document import built, checked
from colorlab.tolerance.rows import Row, row_place
from colorlab.tolerance.tolerance import Tolerance
from spectra.errors import ToleranceError

_ROWS = ("limit", "requirement", "texture")
# The numbers of these are differences by the formula or scheme, and mean nothing by another.
IN_ITS_UNIT = ("limit[", "requirement[angles", "requirement[metamerism")


@dataclass(frozen=True, slots=True, eq=False)
class Resolved:
    """A tolerance made of layers.

    Attributes
    ----------
    tolerance : Tolerance
    document : mapping
        All layers as one document, as `colorlab.tolerance.document.tolerance_from_dict` reads it.
    origins : mapping of str to str
        The layer each key is from: `formula`, `limit[45as15, *]`, `scheme.form[*, *]`, `requirement[flop]`.
    """

    tolerance: Tolerance
    document: Mapping[str, Any]
    origins: Mapping[str, str]


def resolve(layers: Sequence[tuple[str, Mapping[str, Any]]]) -> Resolved:
    """The tolerance that holds where each layer changes the ones before it.

    A key replaces the same key below it, and a row of `[[limit]]`, `[[scheme.form]]`, `[[requirement]]` or
    `[[texture]]` the row of the same place; a row with `withdrawn = true` leaves that row out. A `[[limit]]` without
    angle and viewing takes the place of all limits below it. A layer with `inherits = false` starts afresh. A formula
    takes the place of a scheme and the other way round; a `[scheme]` with a name or source of its own starts without
    the forms below it, which somebody else states.

    Parameters
    ----------
    layers : sequence of (str, mapping)
        Name and document of each, the most general first. A layer may be incomplete.

    Raises
    ------
    ToleranceError
        Naming layer and key: of a layer that makes no sense, of a row withdrawn that no layer sets, of a limit set for
        another formula or scheme than the one that holds in the end; or naming the key that all of them lack.
    """
    if not layers:
        raise ToleranceError("a tolerance of no layer at all")
    merged: dict[str, Any] = {}
    origins: dict[str, str] = {}
    measures: dict[str, str | None] = {}
    for name, given in layers:
        layer = as_layer(given, name)
        said, below = flat(layer), flat(merged)
        for key, value in said.items():
            if _withdrawn(value) and (key not in below or _starts_afresh(layer)):
                raise ToleranceError(f"{name}: {key} is withdrawn, which no layer below sets")
        merged = merge(merged, layer)
        measure = _measure(merged)
        keys = flat(merged)
        origins = {key: name if key in said else origins[key] for key in keys}
        measures = {key: measure if key in said else measures[key] for key in keys}
    _refuse_strangers(flat(merged), origins, measures, _measure(merged))
    document = _without_marks(merged)
    tolerance = built(document, " + ".join(name for name, _ in layers))
    return Resolved(tolerance, document, {key: origins[key] for key in flat(document)})


def as_layer(document: Mapping[str, Any], name: str) -> dict[str, Any]:
    """A layer as `merge` takes it: checked, and with a scheme marked that starts without the forms below it.

    Raises
    ------
    ToleranceError
        See `colorlab.tolerance.document.checked`.
    """
    layer = checked(document, name, layer=True)
    if layer.get("inherits", False):
        del layer["inherits"]
    if not {"name", "source"}.isdisjoint(layer.get("scheme", {})):
        layer["scheme"]["inherits"] = False
    return layer


def merge(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """One layer of two, both as `as_layer` gives them.

    Withdrawn rows stay in it, marked, so that it does not matter which two of several layers are merged first.
    """
    if _starts_afresh(above):
        return dict(above)
    result = {key: value for key, value in below.items() if not (key == "scheme" and "formula" in above)}
    if "scheme" in above:
        result["scheme"] = _merged_scheme(result.get("scheme"), above["scheme"], afresh="formula" in result)
        result.pop("formula", None)
    result |= {key: value for key, value in above.items() if key not in ("scheme", "inherits", *_ROWS)}
    for name in _ROWS:
        if name in above:
            result[name] = _merged_rows(name, result.get(name, []), above[name])
    return result


def _merged_scheme(below: Mapping[str, Any] | None, above: Mapping[str, Any], afresh: bool) -> dict[str, Any]:
    if afresh:
        return {**above, "inherits": False}
    if below is None or _starts_afresh(above):
        return dict(above)
    result = dict(below)
    if "form" in above:
        result["form"] = _merged_rows("scheme.form", result.get("form", []), above["form"])
    return result


def _merged_rows(name: str, below: Sequence[Row], above: Sequence[Row]) -> list[Row]:
    general = name == "limit" and any(row_place(name, row) == (ANY, ANY) and not _withdrawn(row) for row in above)
    # A general limit says what holds everywhere: a wider one of the programme at some angle must not undo it.
    table = {} if general else {row_place(name, row): row for row in below}
    return list((table | {row_place(name, row): row for row in above}).values())


def _starts_afresh(layer: Mapping[str, Any]) -> bool:
    return layer.get("inherits") is False


def _withdrawn(value: Any) -> bool:
    return isinstance(value, Mapping) and "withdrawn" in value


def _measure(layer: Mapping[str, Any]) -> str | None:
    """What sizes a difference by now; None while no layer said."""
    if "formula" in layer:
        return f"formula {layer['formula']}"
    name = layer.get("scheme", {}).get("name")
    return None if name is None else f"scheme {name}"


def flat(layer: Mapping[str, Any]) -> dict[str, Any]:
    """Every key and row of a layer under the name that `Resolved.origins` gives it."""
    found: dict[str, Any] = {}
    for key, value in layer.items():
        if key == "scheme":
            found |= {f"scheme.{inner}": given for inner, given in value.items() if inner not in ("form", "inherits")}
            found |= {_row_key("scheme.form", row): row for row in value.get("form", [])}
        elif key in _ROWS:
            found |= {_row_key(key, row): row for row in value}
        elif key != "inherits":
            found[key] = value
    return found


def _row_key(name: str, row: Row) -> str:
    return f"{name}[{', '.join(row_place(name, row))}]"


def _refuse_strangers(
    keys: Mapping[str, Any], origins: Mapping[str, str], measures: Mapping[str, str | None], measure: str | None
) -> None:
    """Refuse limits that another layer set for another formula, or for a viewing that is judged no longer."""
    viewings = keys.get("viewings")
    for key, row in keys.items():
        if _withdrawn(row) or not key.startswith(IN_ITS_UNIT):
            continue
        whose, remedy = f"{origins[key]}: {key}", "set it anew, withdraw it, or say inherits = false"
        if measures[key] not in (None, measure):
            changed = origins.get("formula") or origins.get("scheme.name")
            raise ToleranceError(f"{whose} was set for the {measures[key]}, but {changed} has the {measure}; {remedy}")
        if key.startswith("limit[") and viewings is not None and row["viewing"] not in (ANY, *viewings):
            judged = f"the viewings of {origins['viewings']} are {', '.join(viewings)}"
            raise ToleranceError(f"{whose} is never judged, as {judged}; {remedy}")


def _without_marks(merged: Mapping[str, Any]) -> dict[str, Any]:
    """The document without what only layers say."""
    result: dict[str, Any] = {}
    for key, value in merged.items():
        if key in _ROWS:
            kept = [row for row in value if not _withdrawn(row)]
            result |= {key: kept} if kept else {}
        elif key == "scheme":
            forms = [row for row in value.get("form", []) if not _withdrawn(row)]
            result[key] = {inner: given for inner, given in value.items() if inner not in ("inherits", "form")}
            result[key]["form"] = forms
        elif key != "inherits":
            result[key] = value
    return result
