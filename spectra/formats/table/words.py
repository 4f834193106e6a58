"""Words of a table: the headings it knows; in its cells roles, numbers of readings, and what is declared."""

from __future__ import annotations

import re

from spectra.formats.text import number
from spectra.measurement import MEASUREMENT_CONDITIONS, Declared
from spectra.stated import Role

# Lower case, blanks for underscores; the first heading of a list that the table has is taken, others stay conditions.
TITLES: dict[str, tuple[str, ...]] = {
    "sample": (
        *("sample", "sample name", "sample id", "panel", "panel name", "recipe", "specimen", "name", "id"),
        *("样品名称", "试样名称", "样板名称", "名称", "样品", "试样", "样板", "样品编号", "试样编号", "样板编号"),
        *("编号", "色号"),
    ),
    "standard": (
        *("standard", "standard name", "reference", "name of affiliated standard sample"),
        *("标样名称", "标样", "标准", "标准样", "标准板"),
    ),
    "role": ("role", "sample type", "type", "kind", "类型", "样品类型", "角色"),
    "geometry": (
        *("geometry", "angle", "angle pair", "measuring geometry", "specular component"),
        *("角度", "测量角度", "几何条件", "测量几何条件"),
    ),
    "date": (
        *("date", "date/time", "datetime", "measured", "taken at", "timestamp"),
        *("测量日期", "测量时间", "日期"),
    ),
    "instrument": ("instrument", "device", "仪器", "测量仪器", "测试设备", "仪器型号"),
    "unit": ("unit", "units", "reflectance unit", "反射率单位"),
    "reading": ("reading", "reading number", "repeat", "replicate", "读数", "读数序号", "测量次数"),
    "viewing": ("illuminant/observer", "light source/angle", "viewing condition"),
    "illuminant": ("illuminant",),
    "observer": ("observer", "observer angle"),
    "condition": ("measurement condition", "m condition", "test mode"),
    "bandpass": ("bandpass", "bandpass nm", "bandpass [nm]", "bandpass (nm)", "bandwidth", "bandwidth nm", "fwhm"),
    "corrected": ("bandpass corrected",),
    "backing": ("backing", "sample backing"),
}
# Headings under which readings are numbered.
NUMBERED = frozenset(
    (
        *("reading no", "reading no.", "reading number", "repeat", "repeat no", "repeat no.", "repeat number"),
        *("reading", "replicate", "measurement no", "measurement no.", "measurement number"),
        *("读数", "读数序号", "测量次数"),
    )
)
COUNT = re.compile(r"\d{1,9}(?:\.0+)?(?:; \d{1,9})*", re.ASCII)  # of a spectrum in rows, all numbers of its rows
ROLES: dict[str, Role] = {
    **dict.fromkeys(("standard", "target", "master", "标准", "标样", "标准样", "标准板"), "standard"),
    **dict.fromkeys(("sample", "trial", "batch", "probe", "试样", "样品", "样板", "批次"), "sample"),
    **dict.fromkeys(("", "undeclared"), "undeclared"),
}
_YES_NO = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}


def declared_by(condition: str, bandpass: str, corrected: str, backing: str) -> tuple[Declared, tuple[str, ...]]:
    """What the texts of one row declare of its measurement, and the keys of those that are not understood."""
    letter = condition.upper()
    width = number(bandpass.lower().removesuffix("nm"))
    freed = _YES_NO.get(corrected.lower())
    understood = Declared(
        condition=letter if letter in MEASUREMENT_CONDITIONS else None,
        bandpass_nm=width,
        bandpass_corrected=freed,
        backing=(backing.lower() if backing.lower() in ("white", "black") else backing) or None,
    )
    left = [
        key
        for key, text, value in (
            ("condition", condition, understood.condition),
            ("bandpass", bandpass, width),
            ("corrected", corrected, freed),
        )
        if text and value is None
    ]
    return understood, tuple(left)
