"""What a match must keep and what it strives for, as a document: every key and kind checked, complaints by key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from colorlab.colorimetry.viewing import VETTING_VIEWINGS, parse_viewing
from colorlab.formulation.search.components import Component
from colorlab.formulation.search.constraints import LEAST_DOSE, Constraints, SumLimit
from colorlab.formulation.search.hiding import HidingGoal
from colorlab.formulation.search.objective import Objective
from colorlab.tolerance import kinds
from colorlab.tolerance.table_reader import TableReader
from spectra.errors import ColorlabError, MalformedFileError
from spectra.formats.text import shortened


@dataclass(frozen=True, slots=True)
class Rules:
    """Constraints and objective of a match.

    Attributes
    ----------
    constraints : Constraints
    objective : Objective
    """

    constraints: Constraints = field(default_factory=Constraints)
    objective: Objective = field(default_factory=Objective)


def rules_from_dict(document: Mapping[str, Any], file: str, base: str) -> Rules:
    """Build rules from a parsed document.

    Parameters
    ----------
    document : mapping
    file : str
        What errors call it.
    base : str
        The white base, in every recipe unless the document says what is required, or forbids it.

    Raises
    ------
    MalformedFileError
        Naming the key that is unknown, missing, of the wrong kind or impossible.
    """
    return _Reader(file).rules(document, base)


def _codes(value: Any) -> tuple[str, ...]:
    return tuple(kinds.text(one) for one in kinds.entries(value))


def _share(value: Any) -> float:
    """Percent by mass, as a fraction."""
    percent = kinds.number(value)
    if not 0 <= percent <= 100:
        raise kinds.WrongKindError("percent by mass, 0 to 100")
    return percent / 100


def _shares(value: Any) -> tuple[float, float]:
    pair = kinds.entries(value)
    if len(pair) != 2:
        raise kinds.WrongKindError("the least and the greatest percent by mass, [0.1, 5]")
    low, high = (_share(one) for one in pair)
    return low, high


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > 10**6:
        raise kinds.WrongKindError("a whole number")
    return value


def _amounts(value: Any) -> dict[str, float]:
    if not isinstance(value, Mapping):
        raise kinds.WrongKindError("a table of colorants with a number each")
    return _each(value, kinds.number)


def _groups(value: Any) -> tuple[tuple[str, ...], ...]:
    return tuple(_codes(one) for one in kinds.entries(value))


def _limits(value: Any) -> dict[str, tuple[float, float]]:
    if not isinstance(value, Mapping):
        raise kinds.WrongKindError("a table of colorants with the least and the greatest percent each")
    return _each(value, _shares)


def _each(value: Mapping[Any, Any], check: kinds.Check) -> dict[str, Any]:
    """Every value of a table checked; a complaint says of which colorant."""
    result = {}
    for code, found in value.items():
        try:
            result[str(code)] = check(found)
        except kinds.WrongKindError as wrong:
            said = f"of {shortened(str(code))} {wrong} instead of {kinds.found_value(found)}"
            raise kinds.WrongKindError(said) from wrong
    return result


def _numbers(value: Any) -> tuple[float, ...]:
    return tuple(kinds.number(one) for one in kinds.entries(value))


def _viewings(value: Any) -> tuple[Any, ...]:
    return tuple(parse_viewing(kinds.text(one)) for one in kinds.entries(value))


_TOP: dict[str, kinds.Check] = {
    "max_colorants": _whole,
    "required": _codes,
    "also_required": _codes,
    "allowed": _codes,
    "forbidden": _codes,
    "incompatible": _groups,
    "least_dose_percent": _share,
    "dose_percent": _limits,
    "greatest_load_percent": _share,
    "greatest_price_per_kg": kinds.number,
    "density_g_cm3": _numbers,
}
_GROUP: dict[str, kinds.Check] = {
    "name": kinds.text,
    "colorants": _codes,
    "least_percent": _share,
    "greatest_percent": _share,
}
_SUM: dict[str, kinds.Check] = {
    "name": kinds.text,
    "per_kg": _amounts,
    "least": kinds.number,
    "greatest": kinds.number,
}
_LEFTOVER: dict[str, kinds.Check] = {
    "name": kinds.text,
    "masses_g": _amounts,
    "percent": _shares,
    "price_per_kg": kinds.number,
}
_RATIO: dict[str, kinds.Check] = {"masses": _amounts}
_OBJECTIVE: dict[str, kinds.Check] = {
    "viewings": _viewings,
    "weights": _numbers,
    "formula": kinds.text,
    "spectral": kinds.number,
    "metamerism": kinds.number,
    "flop": kinds.number,
    "price": kinds.number,
}
_HIDING: dict[str, kinds.Check] = {"film_um": kinds.number, "contrast": kinds.number, "weight": kinds.number}
_ROWS: dict[str, tuple[dict[str, kinds.Check], tuple[str, ...]]] = {
    # rows of a table, their keys, and those that must be there
    "group": (_GROUP, ("name", "colorants")),
    "sum": (_SUM, ("name", "per_kg")),
    "leftover": (_LEFTOVER, ("name", "masses_g")),
    "ratio": (_RATIO, ("masses",)),
}


class _Reader(TableReader):
    def refuse(self, where: str, found: str, expected: str) -> NoReturn:
        raise MalformedFileError(self.file, found, where=where, expected=expected)

    def impossible(self, place: str, error: ColorlabError) -> NoReturn:
        raise MalformedFileError(self.file, str(error), where=place) from error

    def rules(self, document: Mapping[str, Any], base: str) -> Rules:
        top = self.table(document, _TOP, "", (*_ROWS, "objective"))
        rows = {name: self.rows(document.get(name, []), name) for name in _ROWS}
        required = top.get("required", () if base in top.get("forbidden", ()) else (base,))
        density = top.get("density_g_cm3")
        if density is not None and len(density) != 2:
            self.refuse("key density_g_cm3", f"a list of {len(density)}", "the least and the greatest, [1.2, 1.4]")
        try:
            constraints = Constraints(
                max_colorants=top.get("max_colorants", 3),
                required=tuple(dict.fromkeys((*required, *top.get("also_required", ())))),
                allowed=top.get("allowed"),
                forbidden=top.get("forbidden", ()),
                incompatible=top.get("incompatible", ()),
                dose_limits=top.get("dose_percent", {}),
                least_dose=top.get("least_dose_percent", LEAST_DOSE),
                sums=(*map(_group, rows["group"]), *map(_sum, rows["sum"])),
                greatest_load=top.get("greatest_load_percent"),
                greatest_price=top.get("greatest_price_per_kg"),
                density=density,
                leftovers=tuple(map(_leftover, rows["leftover"])),
                ratios=tuple(row["masses"] for row in rows["ratio"]),
            )
            return Rules(constraints, self.objective(document.get("objective", {})))
        except MalformedFileError:
            raise
        except ColorlabError as error:
            raise MalformedFileError(self.file, str(error)) from error

    def objective(self, value: Any) -> Objective:
        stated = self.table(value, _OBJECTIVE, "objective", ("hiding",))
        usual = Objective()
        viewings = stated.get("viewings", VETTING_VIEWINGS)
        same = viewings == usual.viewings
        hiding = None
        if "hiding" in value:
            film = self.table(value["hiding"], _HIDING, "objective.hiding")
            if "film_um" not in film:
                self.refuse("objective.hiding", "key film_um missing", "the dry film that is to hide, in µm")
            hiding = HidingGoal(**film)
        return Objective(
            viewings=viewings,
            viewing_weights=stated.get("weights", usual.viewing_weights if same else (1.0,) * len(viewings)),
            spectral_weight=stated.get("spectral", usual.spectral_weight),
            formula=stated.get("formula", usual.formula),
            metamerism_weight=stated.get("metamerism", 0.0),
            flop_weight=stated.get("flop", 0.0),
            price_weight=stated.get("price", 0.0),
            hiding=hiding,
        )

    def rows(self, value: Any, name: str) -> list[dict[str, Any]]:
        try:
            rows = kinds.entries(value)
        except kinds.WrongKindError:
            self.refuse(f"key {name}", kinds.found_value(value), f"rows [[{name}]]")
        keys, needed = _ROWS[name]
        result = []
        for number, row in enumerate(rows, start=1):
            where = f"{name} {number}"
            read = self.table(row, keys, where)
            for key in needed:
                if key not in read:
                    self.refuse(where, f"key {key} missing", f"keys {', '.join(needed)}")
            result.append(read)
        return result


def _group(row: Mapping[str, Any]) -> SumLimit:
    ones = dict.fromkeys(row["colorants"], 1.0)
    return SumLimit(row["name"], ones, row.get("least_percent", 0.0), row.get("greatest_percent", 1.0))


def _sum(row: Mapping[str, Any]) -> SumLimit:
    bounds = {key: row[key] for key in ("least", "greatest") if key in row}
    return SumLimit(row["name"], row["per_kg"], **bounds)


def _leftover(row: Mapping[str, Any]) -> Component:
    return Component(row["name"], row["masses_g"], row.get("percent", (0.0, 1.0)), row.get("price_per_kg", 0.0))
