"""One card a kind of object: what a notebook shows of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from markupsafe import Markup

from colorlab.colorimetry.colours import colours_of
from colorlab.colorimetry.viewing import D65_10
from colorlab.colorimetry.weights import white_point
from colorlab.difference.standard import delta_E
from colorlab.difference.stated import lab_of_stated, viewing_of
from colorlab.notebook.parts import (
    Tile,
    chips,
    facts,
    findings,
    heading,
    sheet,
    spectrum,
    swatches,
    table,
)
from colorlab.notebook.verdict_card import verdict_card
from colorlab.verdict.verdict import Verdict
from spectra.errors import ColorlabError
from spectra.formats.base import MeasurementFile
from spectra.light import SpectralDistribution
from spectra.measurement import Measurement
from spectra.screening import screen
from spectra.stated import ColourReading, StatedColour, Texture

# A file may hold thousands; a notebook's page stays readable.
MOST_ROWS = 40
MOST_NAMES = 10  # of what a file holds beside colours
REFLECTANCE = "Reflectance factor [1 = perfect diffuser]"


def measurement_card(measurement: Measurement) -> str:
    """A swatch an angle, the spectra, what was declared and what was not."""
    tiles, trouble = _tiles(measurement)
    return sheet(
        heading(measurement.sample, _what(measurement), f"colours computed for {D65_10}" if tiles else ""),
        swatches(tiles),
        spectrum(
            measurement.grid,
            measurement.geometry.tokens,
            measurement.reflectance_factor,
            REFLECTANCE,
            measurement.sample,
            tiles,
        ),
        findings([*trouble, *(finding.words for finding in screen(measurement))]),
        facts(_declared(measurement)),
    )


def file_card(file: MeasurementFile) -> str:
    """What a file holds, a row a measurement."""
    shown = file.measurements[:MOST_ROWS]
    rows: list[tuple[Markup | str, ...]] = []
    for one in shown:
        tiles, trouble = _tiles(one)
        rows.append((Markup('<div class="chips">{}</div>').format(chips(tiles) or trouble[0]), one.sample, _what(one)))
    stated: list[tuple[Markup | str, ...]] = []
    for reading in file.colours[:MOST_ROWS]:
        tiles, under = _stated_tiles(reading)
        face = Markup('<div class="chips">{}</div>').format(chips(tiles)) if tiles else "no swatch"
        stated.append((face, reading.sample, under))
    counted = [
        _counted(len(file.measurements), "measurement"),
        _counted(len(file.colours), "colour", " without a spectrum"),
        _counted(len(file.spectra), "other spectrum", plural="other spectra"),
        _counted(len(file.recipes), "recipe"),
        _counted(len(file.attachments), "attachment"),
    ]
    others = [
        ("other spectra", [one.name for one in file.spectra]),
        ("recipes", [one.name for one in file.recipes]),
        ("attachments", [one.kind for one in file.attachments]),
    ]
    return sheet(
        heading(f"{file.format or 'measurement'} file", ", ".join(filter(None, counted)) or "empty"),
        table((str(D65_10), "sample", "measured"), rows) if rows else "",
        _more(len(file.measurements)),
        table(("stated", "colour without a spectrum", "under"), stated) if stated else "",
        _more(len(file.colours)),
        facts([(what, _names(names)) for what, names in others if names]) if any(names for _, names in others) else "",
        findings(file.notes),
    )


def light_card(light: SpectralDistribution) -> str:
    """A light source or another spectrum that is no reflectance."""
    unit = light.unit or "unit undeclared"
    return sheet(
        heading(light.name, f"{light.quantity}, {light.grid}"),
        spectrum(light.grid, ("",), light.values, f"{light.quantity.capitalize()} [{unit}]", light.name),
        facts([("unit", light.unit or None), *light.conditions.items(), *_source(light)]),
    )


def reading_card(reading: ColourReading) -> str:
    """Colours a file states without a spectrum."""
    tiles, under = _stated_tiles(reading)
    return sheet(
        heading(
            reading.sample,
            "colour as stated, without a spectrum",
            reading.geometry.name,
            f"swatch of L*, a*, b* as stated under {under}" if tiles else f"no swatch: {under}",
        ),
        swatches(tiles),
        facts(
            [
                *(_stated(one, reading.geometry.tokens) for one in reading.stated),
                ("measured on", reading.taken_at),
                ("instrument", reading.instrument),
                *map(_texture, reading.texture),
                *reading.conditions.items(),
                *_source(reading),
            ]
        ),
    )


CARDS: dict[type, Callable[[Any], str]] = {
    Measurement: measurement_card,
    MeasurementFile: file_card,
    SpectralDistribution: light_card,
    ColourReading: reading_card,
    Verdict: verdict_card,
}


def _what(measurement: Measurement) -> str:
    n = measurement.geometry.n_angles
    geometry = measurement.geometry.name if n == 1 else f"{n} angles"
    return f"{geometry}, {measurement.grid}"


def _tiles(measurement: Measurement) -> tuple[list[Tile], list[str]]:
    try:
        lab = colours_of(measurement, D65_10).Lab[:, 0]
    except ColorlabError as error:
        return [], [f"no colour: {error}"]
    tokens = measurement.geometry.tokens
    return [Tile(token, (float(L), float(a), float(b))) for token, (L, a, b) in zip(tokens, lab, strict=True)], []


def _stated_tiles(reading: ColourReading) -> tuple[list[Tile], str]:
    """Swatches of the colour a file states, and the viewing it states them under; or none, and why."""
    known = [(viewing, one) for one in reading.stated if (viewing := viewing_of(one)) is not None]
    if not known:
        return [], _why_unknown(reading)
    # What a screen shows is D65; other viewings are shown as they are where it is not stated.
    viewing, chosen = min(known, key=lambda row: (row[0] != D65_10, row[0].illuminant != D65_10.illuminant))
    lab = lab_of_stated(chosen, white_point(viewing))
    tiles = [
        Tile(token, (float(L), float(a), float(b)))
        for token, (L, a, b) in zip(reading.geometry.tokens, lab, strict=True)
        if np.isfinite([L, a, b]).all()
    ]
    return tiles, str(viewing) if tiles else f"no {chosen.space} is stated under {viewing}"


def _why_unknown(reading: ColourReading) -> str:
    if all(one.illuminant is None for one in reading.stated):
        return "illuminant undeclared"
    if all(one.observer is None for one in reading.stated):
        return "observer undeclared"
    under = dict.fromkeys(
        f"{one.illuminant or 'illuminant undeclared'}, {one.observer or 'observer undeclared'}"
        for one in reading.stated
    )
    return f"{'; '.join(under)} is no viewing there is a table for"


def _texture(one: Texture) -> tuple[str, object]:
    return one.quantity, f"{one.value:g} ({one.geometry})" if one.geometry else f"{one.value:g}"


def _counted(count: int, what: str, rest: str = "", plural: str = "") -> str:
    if not count:
        return ""
    return f"{count} {what if count == 1 else plural or what + 's'}{rest}"


def _names(names: list[str]) -> str:
    more = len(names) - MOST_NAMES
    return ", ".join([*names[:MOST_NAMES], *([f"and {more} more"] if more > 0 else [])])


def _more(count: int) -> Markup:
    return Markup("<p>and {} more</p>").format(count - MOST_ROWS) if count > MOST_ROWS else Markup("")


def _declared(measurement: Measurement) -> list[tuple[str, object]]:
    said, readings = measurement.declared, measurement.readings
    corrected = {None: None, True: "corrected (E308 Table 5)", False: "not corrected (E308 Table 6)"}
    declared_kind = measurement.geometry.kind != "unknown"
    return [
        ("role", None if measurement.role == "undeclared" else measurement.role),
        *([("standard", measurement.standard)] if measurement.standard is not None else []),
        ("geometry", measurement.geometry.name if declared_kind else None),
        ("specular component", measurement.geometry.specular),
        ("measurement condition", said.condition),
        ("bandpass", None if said.bandpass_nm is None else f"{said.bandpass_nm:g} nm"),
        ("bandpass correction", corrected[said.bandpass_corrected]),
        ("backing", said.backing),
        ("single readings", None if readings is None else str(len(readings))),
        ("uncertainty", None if measurement.covariance is None else "covariance stated"),
        ("measured on", measurement.taken_at),
        ("instrument", measurement.instrument),
        *(_stated(one, measurement.geometry.tokens, measurement) for one in measurement.stated),
        *map(_texture, measurement.texture),
        *measurement.conditions.items(),
        *_source(measurement),
    ]


def _stated(
    stated: StatedColour, tokens: tuple[str, ...], measurement: Measurement | None = None
) -> tuple[str, Markup | str]:
    under = f"{stated.illuminant or 'illuminant undeclared'}, {stated.observer or 'observer undeclared'}"
    name = f"stated {stated.space}"
    known = np.atleast_1d(np.isfinite(stated.values).all(axis=1))
    if not known.any():
        return name, f"{under}: none"
    if measurement is not None and _is_daylight_lab(stated):
        tiles, trouble = _tiles(measurement)
        if not trouble:
            ours = np.array([tile.lab for tile in tiles])
            apart = delta_E(stated.values[known], ours[known])
            return name, f"{under}: at most {apart.max():.4f} ΔE00 from the colour of the spectrum"
    rows = [
        f"{token} {value[0]:.2f} {value[1]:.2f} {value[2]:.2f}"
        for token, value, there in zip(tokens, stated.values, known, strict=True)
        if there
    ]
    return name, f"{under}: {'; '.join(rows)}"


def _is_daylight_lab(stated: StatedColour) -> bool:
    return stated.space == "Lab" and stated.illuminant == D65_10.illuminant and stated.observer == D65_10.observer


def _source(record: Measurement | SpectralDistribution | ColourReading) -> list[tuple[str, object]]:
    if record.source is None:
        return [("read from", None)]
    return [("read from", f"{record.source.file_name} ({record.source.format}), SHA-256 {record.source.sha256[:12]}…")]
