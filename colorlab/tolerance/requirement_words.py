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


# Of a device's texture scalars; one that is not here keeps the device's own name.
_TEXTURES = {"sparkle": "闪烁度", "graininess": "颗粒度", "coarseness": "粗糙度"}


def texture_in_chinese(quantity: str) -> str:
    """A texture scalar in Chinese, or as the file names it."""
    return _TEXTURES.get(quantity, quantity)


def requirement_in_chinese(requirement: Requirement) -> str:
    """`requirement.words` in Chinese."""
    match requirement:
        case AngleRule():
            return f"{requirement.viewing} 下各角度{'平均' if requirement.statistic == 'mean' else '最大'}色差"
        case FlopLimit():
            return "随角异色指数变化"
        case TravelLimit():
            quantity = _QUANTITIES[requirement.quantity]
            return f"{requirement.from_angle} 至 {requirement.to_angle} 的{quantity}变化量之差"
        case MetamerismLimit():
            return f"{requirement.reference} 至 {requirement.test} 的同色异谱指数"
        case InconstancyLimit():
            return f"样品由 {requirement.reference} 至 {requirement.test} 的颜色不恒常性（{requirement.formula}）"
        case _:
            return requirement.words


def places_in_chinese(requirement: Requirement, tokens: Sequence[str]) -> tuple[str, ...]:
    """`requirement.places(tokens)` in Chinese, one for one."""
    places, said = requirement.places(tokens), requirement_in_chinese(requirement)
    # Where a requirement has a place an angle, its name ends with it.
    angles = [place.removeprefix(f"{requirement.words} at ") for place in places]
    return tuple(said if angle == place else f"{angle}，{said}" for angle, place in zip(angles, places, strict=True))
