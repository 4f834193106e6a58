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
    "rsin": D8_SCI,
    "specularincluded": D8_SCI,
    "d/8sci": D8_SCI,
    "d8sci": D8_SCI,
    "di/8": D8_SCI,
    "sce": D8_SCE,
    "spex": D8_SCE,
    "rsex": D8_SCE,
    "specularexcluded": D8_SCE,
    "d/8sce": D8_SCE,
    "d8sce": D8_SCE,
    "de/8": D8_SCE,
    "45/0": ANNULAR_45_0,
    "45a/0": ANNULAR_45_0,
    "45c/0": ANNULAR_45_0,
    "45x/0": UNIPLANAR_45_0,
    "0/45": ANNULAR_0_45,
    "0/45a": ANNULAR_0_45,
    "0/45x": UNIPLANAR_0_45,
    "d/8,specularundeclared": D8,
}


# "Specular Included" and "Specular component: included" are two words or three, of one meaning.
_SPECULAR = re.compile(r"\bspecular(?:[\s_:\-]*component)?[\s_:=\-]*(?=(?:in|ex)cluded\b)", re.IGNORECASE)

# Modes in which light goes through the sample: total, regular, diffuse. They begin with T, R and D, as "TTRAN" does.
TRANSMITTANCE = frozenset({"%T", "TTRAN", "RTRAN", "DTRAN"})


def geometries_in(text: str) -> tuple[Geometry, ...]:
    """The geometries that the words of a phrase name, `%R LAV Specular Included UV Inc`, each once."""
    words = re.split(r"[\s,;]+", _SPECULAR.sub("specular", text))
    found = (single_geometry(word) for word in words if word)
    return tuple({geometry.name: geometry for geometry in found if geometry is not None}.values())


def is_transmittance(text: str) -> bool:
    """Whether a word of a phrase, `%T LAV`, says that the light went through the sample."""
    return not TRANSMITTANCE.isdisjoint(re.split(r"[\s,;]+", text.upper()))


def single_geometry(text: str) -> Geometry | None:
    """A sphere or 45:0 geometry from its name, `d/8 SCI`, `45:0`; None if it is not one."""
    key = re.sub(r"[\s_°()\-]", "", text.lower()).replace(":", "/")
    return SPHERES.get(key)
