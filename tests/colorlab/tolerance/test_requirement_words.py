"""Everything a tolerance can ask for has its Chinese name, place by place."""

import pytest

from colorlab.colorimetry.viewing import A_10, D65_10
from colorlab.tolerance.requirement_words import places_in_chinese
from colorlab.tolerance.requirements import AngleRule, FlopLimit, InconstancyLimit, MetamerismLimit, TravelLimit

TOKENS = ("45as15", "45as45", "45as110")


@pytest.mark.parametrize(
    ("requirement", "said"),
    [
        (AngleRule("mean", D65_10, 1.0), "D65/10° 下各角度平均色差"),
        (AngleRule("max", D65_10, 1.0), "D65/10° 下各角度最大色差"),
        (FlopLimit(0.5), "随角异色指数变化"),
        (TravelLimit("chroma", "45as15", "45as110", 2.0), "45as15 至 45as110 的彩度变化量之差"),
        (MetamerismLimit(D65_10, A_10, 0.5), "45as15，D65/10° 至 A/10° 的同色异谱指数"),
        (InconstancyLimit(A_10, 3.0, angle="45as45"), "45as45，样品由 D65/10° 至 A/10° 的颜色不恒常性（CMC(1:1)）"),
    ],
)
def test_each_place_is_named(requirement, said):
    places = places_in_chinese(requirement, TOKENS)
    assert len(places) == len(requirement.places(TOKENS))
    assert places[0] == said


def test_where_nothing_is_tested_nothing_is_named():
    assert places_in_chinese(FlopLimit(0.5), ("45as15",)) == ()
