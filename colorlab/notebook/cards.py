"""One card a kind of object: what a notebook shows of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from markupsafe import Markup

from colorlab.colorimetry.colours import colours_of
from colorlab.colorimetry.viewing import D65_10
from colorlab.difference.standard import delta_E
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
from spectra.errors import ColorlabError
from spectra.formats.base import MeasurementFile
from spectra.light import SpectralDistribution
from spectra.measurement import Measurement
from spectra.screening import screen
from spectra.stated import ColourReading, StatedColour

# A file may hold thousands; a notebook's page stays readable.
MOST_ROWS = 40
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
    more = len(file.measurements) - len(shown)
    counted = [
        (len(file.measurements), "measurements"),
        (len(file.colours), "colours without a spectrum"),
        (len(file.spectra), "other spectra"),
        (len(file.recipes), "recipes"),
        (len(file.attachments), "attachments"),
    ]
    return sheet(
        heading(
            f"{file.format or 'measurement'} file",
            ", ".join(f"{count} {what}" for count, what in counted if count) or "empty",
        ),
        table((str(D65_10), "sample", "measured"), rows) if rows else "",
        Markup("<p>and {} more</p>").format(more) if more > 0 else "",
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
    tiles = [
        Tile(token, (float(row[0]), float(row[1]), float(row[2])))
        for stated in reading.stated
        if _is_daylight_lab(stated)
        for token, row in zip(reading.geometry.tokens, stated.values, strict=True)
        if np.isfinite(row).all()
    ]
    return sheet(
        heading(reading.sample, "colour as stated, without a spectrum", reading.geometry.name),
        swatches(tiles),
        facts(
            [
                *(_stated(one, reading.geometry.tokens) for one in reading.stated),
                ("measured on", reading.taken_at),
                ("instrument", reading.instrument),
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
        *((one.quantity, f"{one.value:g} ({one.geometry})") for one in measurement.texture),
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
