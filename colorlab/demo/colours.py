"""The simulated programme: the announced colours by name, the rest invented, all paint simulated.

The programme's dates, slots, launch palette and series colours are public facts of the announcement of 2025-09-25.
Finishes, recipes, suppliers, submissions, dates of planned colours and all readings are made up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta, timezone

import numpy as np

from spectra.simulate import Flakes, Paint

PROGRAMME_START, PROGRAMME_END = date(2025, 9, 25), date(2028, 9, 24)
PROGRAMME_ZONE = timezone(timedelta(hours=8))
SLOTS = 100
SUPPLIERS = ("Supplier A", "Supplier B")

# Bodies by hue family: mass fractions of the virtual laboratory's pastes.
_BODIES: Mapping[str, Mapping[str, float]] = {
    "white": {"W01": 0.9988, "Y42": 0.0008, "K05": 0.0004},
    "grey": {"W01": 0.93, "K05": 0.06, "B15": 0.01},
    "black": {"K05": 0.97, "B60": 0.03},
    "silver": {"W01": 0.82, "K05": 0.15, "B15": 0.03},
    "yellow": {"W01": 0.80, "Y11": 0.185, "G07": 0.015},
    "gold": {"W01": 0.62, "Y42": 0.28, "O16": 0.08, "K05": 0.02},
    "orange": {"W01": 0.45, "O16": 0.52, "Y11": 0.03},
    "red": {"R54": 0.86, "R22": 0.11, "W01": 0.03},
    "pink": {"W01": 0.80, "R54": 0.12, "O16": 0.08},
    "rose": {"W01": 0.30, "R22": 0.55, "R54": 0.15},
    "brown": {"R01": 0.55, "Y42": 0.25, "K05": 0.12, "W01": 0.08},
    "violet": {"V23": 0.22, "R22": 0.50, "W01": 0.27, "K05": 0.01},
    "blue": {"B15": 0.40, "B60": 0.22, "W01": 0.36, "K05": 0.02},
    "teal": {"G07": 0.30, "B15": 0.22, "W01": 0.48},
    "green": {"G07": 0.48, "Y11": 0.22, "W01": 0.26, "K05": 0.04},
}
_FLAKES: Mapping[str, Flakes] = {
    "metallic": Flakes(0.70, 30),
    "bright metallic": Flakes(1.20, 30),
    "matte": Flakes(0.75, 42),
    "red pearl": Flakes(0.80, 26, hue_nm=650, hue_width_nm=90, travel_nm=60),
    "gold pearl": Flakes(0.80, 27, hue_nm=590, hue_width_nm=85, travel_nm=50),
    "green pearl": Flakes(0.75, 26, hue_nm=530, hue_width_nm=70, travel_nm=60),
    "blue pearl": Flakes(0.75, 26, hue_nm=460, hue_width_nm=65, travel_nm=40),
    "white pearl": Flakes(0.60, 28),
}

# code, English, Chinese, family, body, flakes; the first five are the launch palette, the next five series or themes.
_NAMED = (
    ("AME", "Amethyst", "紫水晶", "violet", "violet", "metallic"),
    ("SPY", "Sprout Yellow", "嫩芽黄", "yellow", "yellow", None),
    ("RRD", "Racing Red", "竞速红", "red", "red", None),
    ("TWR", "Twilight Rose", "暮光玫瑰", "rose", "rose", "red pearl"),
    ("MGM", "Molten Gold Pink, matte", "流金粉 哑光", "pink", "pink", "matte"),
    ("GGR", "Gem Green", "宝石绿", "green", "green", "green pearl"),
    ("DPU", "Dawn Purple", "霞光紫", "violet", "violet", "red pearl"),
    ("MGP", "Molten Gold Pink", "流金粉", "pink", "pink", "gold pearl"),
    ("SSV", "Starlight Silver", "星芒银", "silver", "silver", "bright metallic"),
    ("APU", "Aurora Purple", "极光紫", "violet", "violet", "blue pearl"),
    ("GLW", "Glacier White", "冰川白", "white", "white", None),
    ("INK", "Ink Jade Black", "墨玉黑", "black", "black", None),
    ("GRA", "Graphite Grey", "石墨灰", "grey", "grey", "metallic"),
    ("RIB", "River Blue", "江水蓝", "blue", "blue", "metallic"),
    ("POB", "Porcelain Blue", "青花蓝", "blue", "blue", None),
    ("LKT", "Lake Teal", "湖水青", "teal", "teal", "green pearl"),
    ("BAM", "Bamboo Green", "竹林绿", "green", "green", None),
    ("JAW", "Jade White", "玉脂白", "white", "white", "white pearl"),
    ("SGD", "Dune Gold", "沙丘金", "gold", "gold", "bright metallic"),
    ("AMO", "Amber Orange", "琥珀橙", "orange", "orange", "gold pearl"),
    ("PER", "Persimmon", "柿子橙", "orange", "orange", None),
    ("CIN", "Cinnabar Red", "朱砂红", "red", "red", None),
    ("LYP", "Lychee Pink", "荔枝粉", "pink", "pink", "red pearl"),
    ("PLU", "Plum Violet", "梅子紫", "violet", "violet", "metallic"),
    ("LOT", "Lotus Pink", "荷花粉", "pink", "pink", None),
    ("WIS", "Wisteria", "紫藤", "violet", "violet", "blue pearl"),
    ("NIV", "Night Violet", "夜空紫", "violet", "violet", "metallic"),
    ("DSB", "Deep Sea Blue", "深海蓝", "blue", "blue", "metallic"),
    ("SKY", "Sky Mirror Blue", "天镜蓝", "blue", "blue", "blue pearl"),
    ("MIN", "Mint Green", "薄荷绿", "teal", "teal", None),
    ("MOS", "Moss Green", "苔藓绿", "green", "green", "metallic"),
    ("PIN", "Pine Needle Green", "松针绿", "green", "green", "metallic"),
    ("OLI", "Olive Green", "橄榄绿", "green", "green", None),
    ("WHE", "Wheat Gold", "麦浪金", "gold", "gold", "metallic"),
    ("CHA", "Champagne Gold", "香槟金", "gold", "gold", "bright metallic"),
    ("COP", "Copper", "赤铜", "brown", "orange", "bright metallic"),
    ("CHE", "Chestnut", "栗壳棕", "brown", "brown", "metallic"),
    ("COF", "Coffee Brown", "咖啡棕", "brown", "brown", None),
    ("MIS", "Mist Grey", "薄雾灰", "grey", "grey", None),
    ("MOO", "Moon Silver", "月光银", "silver", "silver", "bright metallic"),
    ("TIT", "Titanium Grey", "钛金灰", "grey", "silver", "metallic"),
    ("SNO", "Snowfield Silver", "雪域银", "silver", "silver", "white pearl"),
    ("COR", "Coral Red", "珊瑚红", "red", "orange", None),
    ("RUB", "Ruby", "红宝石", "red", "red", "red pearl"),
    ("SAP", "Sapphire", "蓝宝石", "blue", "blue", "blue pearl"),
    ("EME", "Emerald", "祖母绿", "green", "green", "green pearl"),
)
LAUNCH = tuple(row[0] for row in _NAMED[:5])


@dataclass(frozen=True, slots=True, eq=False)
class DemoColour:
    """One colour of the simulated programme; `paint` is None for a slot nobody has named yet."""

    code: str
    english: str
    chinese: str
    family: str
    finish: str
    slot: int
    due: date
    supplier: str
    paint: Paint | None


def demo_colours(rng: np.random.Generator) -> tuple[DemoColour, ...]:
    """All hundred slots; the named ones with a paint of their own, no two of a family alike."""
    colours = []
    for slot in range(1, SLOTS + 1):
        days = round(slot / SLOTS * (PROGRAMME_END - PROGRAMME_START).days)
        due = PROGRAMME_START + timedelta(days=days)
        supplier = SUPPLIERS[slot % 2]
        if slot > len(_NAMED):
            code, names = f"S{slot:03d}", (f"Slot {slot}, not named yet", f"待定 {slot}")
            colours.append(DemoColour(code, *names, "open", "open", slot, due, supplier, None))
            continue
        code, english, chinese, family, body, flakes = _NAMED[slot - 1]
        paint = Paint(_varied(_BODIES[body], rng), _FLAKES[flakes] if flakes else None)
        finish = "solid" if flakes is None else flakes.split()[-1]
        colours.append(DemoColour(code, english, chinese, family, finish, slot, due, supplier, paint))
    return tuple(colours)


def _varied(body: Mapping[str, float], rng: np.random.Generator) -> dict[str, float]:
    """A body with its proportions moved about, so that two blues are two colours."""
    moved = {code: fraction * float(np.exp(0.25 * rng.standard_normal())) for code, fraction in body.items()}
    total = sum(moved.values())
    return {code: fraction / total for code, fraction in moved.items()}
