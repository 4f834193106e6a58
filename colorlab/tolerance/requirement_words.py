"""What a requirement tests, in Chinese, as the paint trade says it."""

from __future__ import annotations

from collections.abc import Sequence

from colorlab.tolerance.requirements import (
    AngleRule,
    FlopLimit,
    InconstancyLimit,
    MetamerismLimit,
    Quantity,
    Requirement,
    TravelLimit,
)

_QUANTITIES: dict[Quantity, str] = {"lightness": "明度", "chroma": "彩度", "hue": "色相角"}


def places_in_chinese(requirement: Requirement, tokens: Sequence[str]) -> tuple[str, ...]:
    """`requirement.places(tokens)` in Chinese, one for one."""
    places = requirement.places(tokens)
    match requirement:
        case AngleRule():
            said = f"{requirement.viewing} 下各角度{'平均' if requirement.statistic == 'mean' else '最大'}色差"
        case FlopLimit():
            said = "随角异色指数变化"
        case TravelLimit():
            quantity = _QUANTITIES[requirement.quantity]
            said = f"{requirement.from_angle} 至 {requirement.to_angle} 的{quantity}变化量之差"
        case MetamerismLimit():
            said = f"{requirement.reference} 至 {requirement.test} 的同色异谱指数"
        case InconstancyLimit():
            said = f"样品由 {requirement.reference} 至 {requirement.test} 的颜色不恒常性（{requirement.formula}）"
        case _:
            return places
    # Where a requirement has a place an angle, its name ends with it.
    angles = [place.removeprefix(f"{requirement.words} at ") for place in places]
    return tuple(said if angle == place else f"{angle}，{said}" for angle, place in zip(angles, places, strict=True))
