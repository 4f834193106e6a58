"""The words for a colour difference in Chinese, as the paint trade says them."""

from __future__ import annotations

from colorlab.difference.travel import PLACES
from spectra.errors import UnknownConditionError

# Of a colour as a whole. 浅 and 深 are said of a colour, 亮 and 暗 of how bright one side of an effect paint shines.
_OF_A_COLOUR = {
    "lighter": "偏浅",
    "darker": "偏深",
    "redder": "偏红",
    "yellower": "偏黄",
    "greener": "偏绿",
    "bluer": "偏蓝",
    "more chromatic": "偏艳",
    "less chromatic": "偏灰",
    "stronger": "着色力偏强",
    "weaker": "着色力偏弱",
}
_OF_A_SIDE = {
    "lighter": "偏亮",
    "darker": "偏暗",
    **{word: _OF_A_COLOUR[word] for word in ("redder", "yellower", "greener", "bluer")},
    **{word: _OF_A_COLOUR[word] for word in ("more chromatic", "less chromatic")},
}
_SIDES = {"face": "正视", "flops": "侧视"}

CHINESE = {
    **_OF_A_COLOUR,
    **{f"{place} {word}": _SIDES[place] + said for place in PLACES for word, said in _OF_A_SIDE.items()},
}


def in_chinese(word: str) -> str:
    """A word of `words_of_each` or `travel_words` in simplified Chinese: 偏红, 侧视偏暗.

    Parameters
    ----------
    word : str

    Raises
    ------
    UnknownConditionError
        If it is none of them.
    """
    if word not in CHINESE:
        raise UnknownConditionError("word of a colour difference", word[:60], tuple(CHINESE))
    return CHINESE[word]
