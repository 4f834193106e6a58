"""Conditions that files declare in words: illuminant and observer, aperture, specular component."""

from __future__ import annotations

import re

from spectra.geometry import (
    ANNULAR_0_45,
    ANNULAR_45_0,
    D8,
    D8_SCE,
    D8_SCI,
    UNIPLANAR_0_45,
    UNIPLANAR_45_0,
    Geometry,
)

_ILLUMINANT = re.compile(
    r"\s*(?P<illuminant>D50|D55|D65|D75|A|C|E|FL?\d{1,2}|TL84|CWF|U30|LED-[A-Z]+\d?)\s*"
    r"[/\-_, ]\s*(?P<observer>2|10)\s*(?:°|º|deg(?:ree)?s?)?\s*",
    re.IGNORECASE,
)


def illuminant_and_observer(text: str) -> tuple[str, str] | None:
    """What `D65/10 deg`, `D50/2°` or `A-10` declares, as ("D65", "10°"); None if it declares nothing."""
    match = _ILLUMINANT.fullmatch(text)
    return (match["illuminant"].upper(), match["observer"] + "°") if match else None


SPHERES = {
    "d/8": D8,
    "d8": D8,
    "sci": D8_SCI,
    "spin": D8_SCI,
    "d/8sci": D8_SCI,
    "d8sci": D8_SCI,
    "di/8": D8_SCI,
    "sce": D8_SCE,
    "spex": D8_SCE,
    "d/8sce": D8_SCE,
    "d8sce": D8_SCE,
    "de/8": D8_SCE,
    "45/0": ANNULAR_45_0,
    "45a/0": ANNULAR_45_0,
    "45x/0": UNIPLANAR_45_0,
    "0/45": ANNULAR_0_45,
    "0/45a": ANNULAR_0_45,
    "0/45x": UNIPLANAR_0_45,
    "d/8,specularundeclared": D8,
}


def single_geometry(text: str) -> Geometry | None:
    """A sphere or 45:0 geometry from its name, `d/8 SCI`, `45:0`; None if it is not one."""
    key = re.sub(r"[\s_°()\-]", "", text.lower()).replace(":", "/")
    return SPHERES.get(key)
