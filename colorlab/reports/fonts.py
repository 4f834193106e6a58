"""Chinese on any machine: Noto Sans SC for figures, and a subset of it inside every page.

The font comes with the package `zhplot` as a plain file; the package itself is never imported.
"""

from __future__ import annotations

import base64
import importlib.util
import io
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

from spectra.errors import ReportError

FAMILY = "Noto Sans SC"  # as matplotlib finds it
PAGE_FAMILY = "Colorlab Sans"  # as the pages call their subset of it
FIGURES_FAMILY = "Colorlab Figures"  # digits whose hyphen looks like a minus sign

# Every page may need any of these; names and remarks add theirs.
ASCII = frozenset(map(chr, range(0x20, 0x7F)))
# A browser draws nothing for these, so that no glyph is needed.
_BLANK = frozenset("\n\r\t\u00ad\u200b\ufeff")
_FIRST_CJK = 0x2E80  # CJK radicals: Unicode's first block of Chinese; punctuation, kana and full-width forms follow
_DIGITS = "0123456789.+-"


def font_path() -> Path:
    """Where Noto Sans SC lies.

    Raises
    ------
    ReportError
        If the package that carries it is not installed.
    """
    found = importlib.util.find_spec("zhplot")
    folders = found.submodule_search_locations if found else None
    for folder in folders or ():
        path = Path(folder) / "fonts" / "NotoSansSC-Regular.ttf"
        if path.is_file():
            return path
    raise ReportError("the font Noto Sans SC is missing; install the package zhplot 1.0.0, which carries it")


@lru_cache(maxsize=1)
def _coverage() -> frozenset[str]:
    with TTFont(font_path(), lazy=True) as font:
        return frozenset(map(chr, font.getBestCmap())) | _BLANK


def spelled_out(text: str) -> str:
    """A text in which every character the font lacks is named, `[U+1F600]`, instead of coming out as an empty box.

    A name with an emoji must not stop a report, and a control character that reorders text must not hide in one.
    """
    for letter in set(text) - _coverage():
        text = text.replace(letter, f"[U+{ord(letter):04X}]")
    return text


@lru_cache(maxsize=1)
def register_with_matplotlib() -> str:
    """Make the font known to matplotlib in this process; returns its family name."""
    from matplotlib import font_manager

    font_manager.fontManager.addfont(font_path())
    return FAMILY


def font_faces(texts: Mapping[str, str]) -> str:
    """CSS that embeds the glyphs a set of pages uses, the same bytes for the same characters.

    Parameters
    ----------
    texts : mapping of str to str
        Page name to everything that stands on it; markup does no harm.

    """
    characters = ASCII.union(*texts.values()) & _coverage() - _BLANK
    return font_face(PAGE_FAMILY, subset(characters)) + font_face(FIGURES_FAMILY, _figures())


def font_face(family: str, woff: bytes) -> str:
    """CSS that embeds a font under a family name."""
    data = base64.b64encode(woff).decode("ascii")
    return (
        f'@font-face{{font-family:"{family}";font-display:block;src:url(data:font/woff;base64,{data}) format("woff")}}'
    )


def beyond_latin(text: str) -> frozenset[str]:
    """Characters of a text that fonts for Latin scripts do not hold and this one does."""
    return frozenset(letter for letter in set(text) & _coverage() - _BLANK if ord(letter) >= _FIRST_CJK)


def subset(characters: Iterable[str]) -> bytes:
    """WOFF of the glyphs of some characters, the same bytes for the same characters."""
    with _open() as font:
        return _cut(font, characters)


@lru_cache(maxsize=1)
def _figures() -> bytes:
    """Digits for columns of numbers: `-0.52` is read as −0.52, and copies into a spreadsheet as a number."""
    with _open() as font:
        for table in font["cmap"].tables:
            if table.isUnicode() and 0x2212 in table.cmap:
                table.cmap[ord("-")] = table.cmap[0x2212]
        return _cut(font, _DIGITS)


def _open() -> TTFont:
    # Without the original time stamp kept, each subset would carry the time it was made.
    return TTFont(font_path(), recalcTimestamp=False)


def _cut(font: TTFont, characters: Iterable[str]) -> bytes:
    options = Options()
    options.layout_features = ["kern", "ccmp", "locl", "mark", "pwid"]
    options.name_IDs = [0, 1, 2, 13, 14]  # the licence travels with the glyphs
    options.drop_tables += ["vhea", "vmtx", "BASE", "STAT"]
    cutter = Subsetter(options)
    cutter.populate(unicodes=[ord(character) for character in characters])
    cutter.subset(font)
    font.flavor = "woff"
    content = io.BytesIO()
    font.save(content)
    return content.getvalue()
