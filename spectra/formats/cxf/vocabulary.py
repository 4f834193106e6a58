"""The words of CxF3: its namespaces, the values its schema allows, and what each of them means here."""

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
from spectra.measurement import MeasurementCondition
from spectra.stated import ColourSpace, Role

NAME = "cxf"
CORE = "http://colorexchangeformat.com/CxF3-core"
EXTENSION = "urn:colorlab:cxf-extension:1"

# Limits of the schema, version 3.0.018: both ends of the values are excluded, both of the wavelengths included.
FACTOR_FLOOR, FACTOR_CEILING = -0.1, 3.0
FIRST_START_NM, LAST_START_NM = 360, 400
INCREMENTS_NM = (1, 2, 5, 10, 20)

# .NET's date that was never set; the schema demands one of every object. Year, month, day.
NEVER = "0001-01-01T00:00:00"


def core(tag: str) -> str:
    """The name of a CxF3 element as lxml spells it."""
    return f"{{{CORE}}}{tag}"


def ours(tag: str) -> str:
    """The name of an element of our extension as lxml spells it."""
    return f"{{{EXTENSION}}}{tag}"


# Elements of a stated colour and the order of its three numbers.
COLOUR_SPACES: dict[ColourSpace, tuple[str, tuple[str, str, str]]] = {
    "Lab": ("ColorCIELab", ("L", "A", "B")),
    "LCh": ("ColorCIELCh", ("L", "C", "H")),
    "XYZ": ("ColorCIEXYZ", ("X", "Y", "Z")),
    "xyY": ("ColorCIExyY", ("x", "y", "Y")),
    "Luv": ("ColorCIELuv", ("L", "U", "V")),
}

OBSERVERS = {"2_Degree": "2°", "10_Degree": "10°"}
CUSTOM, CUSTOM_OBSERVER = "Custom", "Custom_CMF"
ILLUMINANTS = frozenset(
    (
        *("A", "B", "C", "D50", "D55", "D60", "D65", "D75", "E", "F2", "F3", "F7", "F9", "F10", "F11", "F12"),
        *("9300", "TL84", "TL83", "UL30", "UL35", "UL50"),
    )
)

CONDITIONS: dict[str, MeasurementCondition] = {
    "M0_Incandescent": "M0",
    "M1_Daylight": "M1",
    "M2_UVExcluded": "M2",
    "M3_Polarized": "M3",
}

# ASTM E308: Table 5 is for values freed of the bandpass, Table 6 for values that are not.
BANDPASS_CORRECTED = {"E308_Table5": True, "E308_Table6": False}
METHODS = (*BANDPASS_CORRECTED, "E308_1nm", "unknown")

SPHERES: dict[str, Geometry] = {"Specular_Included": D8_SCI, "Specular_Excluded": D8_SCE, "Diffuse": D8}
SINGLE_ANGLES: dict[tuple[str, float, float], Geometry] = {
    ("Annular", 45.0, 0.0): ANNULAR_45_0,
    ("Uniplanar", 45.0, 0.0): UNIPLANAR_45_0,
    ("Annular", 0.0, 45.0): ANNULAR_0_45,
    ("Uniplanar", 0.0, 45.0): UNIPLANAR_0_45,
}
UNDECLARED_GEOMETRY = "undeclared"  # our writer's words where the schema demands some

REFLECTANCE, TRANSMITTANCE, EMISSIVE = "reflectance", "transmittance", "emissive"
QUANTITIES = {
    "Spectrum_Reflectance": REFLECTANCE,
    "Colorimetric_Reflectance": REFLECTANCE,
    "Spectrum_Transmittance": TRANSMITTANCE,
    "Spectrum_TotalTransmittance": TRANSMITTANCE,
    "Colorimetric_Transmittance": TRANSMITTANCE,
    "Spectrum_Emissive": EMISSIVE,
    "Colorimetric_Emissive": EMISSIVE,
}
CUSTOM_TYPE = "Spectrum_Custom"
# The unit the schema prescribes for an emissive spectrum; reflectance and transmittance are plain numbers.
UNITS = {EMISSIVE: "W/(sr·m²·nm)"}

# What an object is, by its ObjectType in small letters; the schema leaves the word free.
ROLES: dict[str, Role] = {
    "standard": "standard",
    "target": "standard",
    "trial": "sample",
    "sample": "sample",
    "batch": "sample",
    "measurement": "sample",
}
TARGET = "target"
OBJECT_TYPES: dict[Role, str] = {"standard": "Standard", "sample": "Trial", "undeclared": "Other"}  # as we write them
CONDITION_OBJECT = re.compile(r"(M[0-3])(?:[_ ]?Measurement)?", re.IGNORECASE)
