"""What the simulated suppliers do: spray a panel from today's lots, read it, send their instrument's file."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from colorlab.colorimetry.tristimulus import spectra_to_lab
from colorlab.colorimetry.viewing import D65_10
from colorlab.demo.colours import PROGRAMME_ZONE, SUPPLIERS, DemoColour
from spectra.arrays import frozen
from spectra.colorant import CatalogueEntry
from spectra.formats.base import file_of
from spectra.formats.registry import FORMATS
from spectra.geometry import D8_SCI, Geometry
from spectra.measurement import Measurement
from spectra.simulate import GRID, PALETTE, TWELVE_ANGLES, VirtualPaintLaboratory
from spectra.stated import StatedColour

# Grams of paste in 50 g of white base: five levels a paste, so that full shades lie inside what the ladders cover.
LADDER_G = (0.16, 0.51, 1.6, 5.0, 15.0)
BASE_G = 50.0
PRODUCTION_PANELS = 16
WHITE = next(recipe.code for recipe in PALETTE if recipe.role == "white")


@dataclass(frozen=True, slots=True)
class SupplierFile:
    """A file as it arrives."""

    file_name: str
    content: bytes


def stream(seed: int, *names: object) -> np.random.Generator:
    """A generator of its own for every named thing: what one colour does cannot disturb another's numbers."""
    label = "/".join(str(name) for name in names)
    digest = hashlib.sha256(f"{seed}/{label}".encode()).digest()
    return np.random.default_rng(np.frombuffer(digest[:16], dtype=np.uint32))


def standard_file(colour: DemoColour, laboratory: VirtualPaintLaboratory, at: datetime, seed: int) -> SupplierFile:
    """The programme's own reading of the master panel."""
    measurement = _measured(colour, laboratory, f"{colour.code} master panel", at, stream(seed, colour.code, "master"))
    return _file(colour, measurement, "master", at)


def submission_file(
    colour: DemoColour,
    laboratory: VirtualPaintLaboratory,
    number: int,
    at: datetime,
    seed: int,
    *,
    lot_spread: float,
    n_readings: int = 3,
) -> SupplierFile:
    """A submission sprayed from lots whose strengths scatter by `lot_spread` (relative standard deviation)."""
    rng = stream(seed, colour.code, "submission", number)
    strengths = laboratory.lot_strengths(rng, lot_spread)
    name = f"{colour.code} submission {number}"
    measurement = _measured(colour, laboratory, name, at, rng, strengths, n_readings)
    return _file(colour, measurement, f"submission-{number}", at)


def ladder_file(laboratory: VirtualPaintLaboratory, seed: int) -> SupplierFile:
    """Letdown ladders of every paste in white, as one table, d/8 with the specular component included."""
    wavelengths = [f"R{nm:.0f}" for nm in GRID.wavelengths]
    rows = [["sample", "paste", f"g_paste_in_{BASE_G:g}g_{WHITE}", "geometry", *wavelengths]]

    def add(name: str, paste: str, grams: float, mass_fractions: Mapping[str, float]) -> None:
        rng = stream(seed, "ladder", name)
        reading = laboratory.read(laboratory.solid_panel(mass_fractions, rng), rng, 1)[0]
        rows.append([name, paste, f"{grams:g}", D8_SCI.tokens[0], *(f"{value:.6f}" for value in reading)])

    add(f"{WHITE} base", "", 0.0, {WHITE: 1.0})
    for recipe in PALETTE:
        if recipe.code == WHITE:
            continue
        for level, grams in enumerate(LADDER_G, start=1):
            total = BASE_G + grams
            add(f"{recipe.code} L{level}", recipe.code, grams, {WHITE: BASE_G / total, recipe.code: grams / total})
    return SupplierFile("letdowns.csv", "".join(",".join(row) + "\r\n" for row in rows).encode())


def production_file(laboratory: VirtualPaintLaboratory, lots: Mapping[str, float], seed: int) -> SupplierFile:
    """Panels of the line, of known recipe and from the lots in use, as one table in grams."""
    pastes = [recipe.code for recipe in PALETTE if recipe.code != WHITE]
    wavelengths = [f"R{nm:.0f}" for nm in GRID.wavelengths]
    rows = [["sample", "geometry", *(f"g_{code}" for code in (WHITE, *pastes)), *wavelengths]]
    rng = stream(seed, "production")
    for number in range(PRODUCTION_PANELS):
        chosen = rng.choice(pastes, 3, replace=False)
        grams = dict(zip(chosen.tolist(), np.round(rng.uniform(0.4, 6.0, 3), 2).tolist(), strict=True))
        total = BASE_G + sum(grams.values())
        mass_fractions = {WHITE: BASE_G / total} | {code: mass / total for code, mass in grams.items()}
        reading = laboratory.read(laboratory.solid_panel(mass_fractions, rng, lots), rng, 1)[0]
        weighed = (f"{BASE_G:g}", *(f"{grams.get(code, 0.0):g}" for code in pastes))
        rows.append([f"L2-{number + 1:03d}", D8_SCI.tokens[0], *weighed, *(f"{value:.6f}" for value in reading)])
    return SupplierFile("production.csv", "".join(",".join(row) + "\r\n" for row in rows).encode())


def batch_file(
    colour: str, laboratory: VirtualPaintLaboratory, masses_g: Mapping[str, float], lots: Mapping[str, float], seed: int
) -> SupplierFile:
    """The reading of a batch of paint as it was weighed, from the lots in use."""
    rng, total = stream(seed, colour, "batch"), sum(masses_g.values())
    panel = laboratory.solid_panel({code: mass / total for code, mass in masses_g.items()}, rng, lots)
    readings = laboratory.read(panel[None, :], rng)
    name = f"{colour} batch 1"
    measurement = Measurement(
        name, readings.mean(axis=0), GRID, D8_SCI, readings=readings, conditions={"note": "simulated"}
    )
    row = FORMATS["qtx"]
    if row.write is None:
        raise ValueError(f"{row.name} has no writer")
    return SupplierFile(f"{colour}_batch-1{row.suffixes[0]}", row.write(file_of([measurement])))


def catalogue() -> dict[str, CatalogueEntry]:
    """Names and invented prices of the pastes."""
    return {recipe.code: CatalogueEntry(recipe.name, recipe.price_per_kg) for recipe in PALETTE}


def _measured(
    colour: DemoColour,
    laboratory: VirtualPaintLaboratory,
    name: str,
    at: datetime,
    rng: np.random.Generator,
    strengths: Mapping[str, float] | None = None,
    n_readings: int = 3,
) -> Measurement:
    if colour.paint is None:
        raise ValueError(f"{colour.code} is an open slot; there is no paint to measure")
    geometry: Geometry
    if colour.paint.flakes is None:
        geometry = D8_SCI
        panel = laboratory.solid_panel(colour.paint.body, rng, strengths)[None, :]
    else:
        geometry = TWELVE_ANGLES
        panel = laboratory.effect_panel(colour.paint, geometry, rng, strengths)
    readings = laboratory.read(panel, rng, n_readings)
    mean = readings.mean(axis=0)
    lab = spectra_to_lab(mean, GRID, D65_10)
    return Measurement(
        sample=name,
        reflectance_factor=mean,
        grid=GRID,
        geometry=geometry,
        readings=readings,
        stated=(StatedColour("Lab", frozen(lab), "D65", "10°"),),
        taken_at=at,
        conditions={"note": "simulated"},
    )


def _file(colour: DemoColour, measurement: Measurement, what: str, at: datetime) -> SupplierFile:
    """In the format of the supplier's instrument: sphere readings as QTX, multi-angle as workbook or table."""
    multi_angle = "xrite-ma" if colour.supplier == SUPPLIERS[0] else "table"
    row = FORMATS["qtx" if colour.finish == "solid" else multi_angle]
    if row.write is None:
        raise ValueError(f"{row.name} has no writer")
    return SupplierFile(
        f"{colour.code}_{at.astimezone(PROGRAMME_ZONE):%Y%m%d}_{what}{row.suffixes[0]}",
        row.write(file_of([measurement])),
    )
