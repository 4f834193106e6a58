"""Which family an instrument belongs to: manufacturer and model, as the line a file gives names them.

A serial number is no family. Instruments of one family differ by their calibration; two families differ in optics too,
which shows in effect paint.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

# What a file may put before a serial number.
_SERIAL = re.compile(
    r"[\s,;(]+(?:serial(?:\s+(?:number|no\.?|nr\.?))?|s/n|sn|ser\.\s?no\.?)[\s:.#]*\S+.*$", re.IGNORECASE
)

# Manufacturer, and how its models are written; the manufacturer's own name may stand before. The first group of a
# pattern is what the model is told by.
_MODELS: tuple[tuple[str, str, str], ...] = (
    ("X-Rite", "MA-T{}", r"MA[- ]?T(6|12)"),
    ("X-Rite", "MA{}", r"MA[- ]?(48|58|68 ?II|68|90|91|94|96|98|100)"),
    ("X-Rite", "MA-{}", r"MA[- ]?(3|5)"),
    ("X-Rite", "Ci{}", r"Ci[- ]?(4[24]|5[12]|6[0-4]|4200|7500|7600|7800|7860)(?: ?(?:UV|XRW))?"),
    ("X-Rite", "SP{}", r"SP[- ]?(60|62|64|68|78|82|88|98)"),
    ("X-Rite", "{}", r"X-?Rite[, ]+(9[3-6]\d|eXact)"),
    ("BYK-Gardner", "BYK-mac i", r"BYK[- ]?mac[- ]?(i)(?: (?:COLOR|ROBOTIC|\d\d ?mm))?"),
    ("BYK-Gardner", "BYK-mac", r"(BYK[- ]?mac)"),
    ("BYK-Gardner", "spectro2guide", r"(spectro[- ]?2[- ]?guide)"),
    ("BYK-Gardner", "spectro2profiler", r"(spectro[- ]?2[- ]?profiler)"),
    ("BYK-Gardner", "spectro-guide", r"(spectro[- ]?guide)"),
    ("BYK-Gardner", "color-guide", r"(colou?r[- ]?guide)"),
    ("Konica Minolta", "CM-{}", r"CM[- ]?(M6|512m3A?|(?:\d{4}|\d{3}|\d{1,2})(?:[ad]|dG|dGV|cG)?)"),
    ("Konica Minolta", "FD-{}", r"FD[- ]?([579])"),
    ("Datacolor", "SF{}", r"(?:Spectra ?Flash[- ]?)?SF[- ]?([3-8][05]0(?: ?PLUS)?(?:[- ]CT)?)"),
    ("Datacolor", "{}", r"Datacolor[, ]+(45[SG]|CHECK(?: ?(?:II|3|PLUS|PRO))?|FX ?10|[1-9]\d{2}|[1-9]0{3})"),
    ("GretagMacbeth", "Color-Eye {}", r"(?:Colou?r[- ]?Eye|CE)[- ]?(7000A?|3100|2180)"),
    ("HunterLab", "UltraScan {}", r"UltraScan[- ]?(PRO|VIS|XE)"),
    ("HunterLab", "{}", r"(LabScan ?XE|ColorQuest ?XE|ColorFlex(?: ?EZ)?|MiniScan(?: ?(?:EZ|XE))?)"),
)
_MAKERS = r"(?:(?:X-?Rite|BYK(?:[- ]Gardner)?|Konica[- ]Minolta|Minolta|Datacolor|Gretag ?Macbeth|Hunter ?Lab)[, ]+)?"
_KNOWN = tuple(
    (maker, name, re.compile(rf"(?:^|(?<=[\s,;(])){_MAKERS}{pattern}(?![\w/+-])", re.IGNORECASE))
    for maker, name, pattern in _MODELS
)


@dataclass(frozen=True, slots=True)
class InstrumentFamily:
    """Manufacturer and model.

    Attributes
    ----------
    maker : str
        Empty where only a file's own words are known.
    model : str
    """

    maker: str
    model: str

    def __str__(self) -> str:
        return self.model if not self.maker or self.model.startswith(self.maker[:3]) else f"{self.maker} {self.model}"


@lru_cache(maxsize=1024)
def instrument_family(instrument: str | None) -> InstrumentFamily | None:
    """The family of an instrument from the line a file gives: `X-Rite MA-T12 1234`, `CM-700d`, `BYK-mac i`.

    Parameters
    ----------
    instrument : str or None

    Returns
    -------
    InstrumentFamily or None
        None where it is not known: nothing is declared, no model or more than one is recognised, and the line does not
        itself say where the serial number begins.
    """
    if not instrument:
        return None
    told = _SERIAL.sub("", instrument).strip(" ,;")
    found: dict[tuple[int, int], InstrumentFamily] = {}
    for maker, name, pattern in _KNOWN:
        for match in pattern.finditer(told):
            if not any(start <= match.start(1) < stop or match.start() <= start < match.end() for start, stop in found):
                found[match.span()] = InstrumentFamily(maker, name.format(_spelled(match[1])))
    families = set(found.values())
    if len(families) == 1:
        return families.pop()
    if not families and told and told != instrument.strip(" ,;"):
        return InstrumentFamily("", " ".join(told.split()))
    return None


def _spelled(number: str) -> str:
    """One spelling of what a model is told by: `3700D` becomes `3700d`, `600 plus` becomes `600 PLUS`."""
    upper = " ".join(number.upper().split())
    return re.sub(r"(?<=\d)(?:D(?=G?V?$)|C(?=G$)|M(?=3))", lambda match: match[0].lower(), upper)
