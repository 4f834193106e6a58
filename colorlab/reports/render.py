"""From a template and a view to a page, and from a set of pages to files that need nothing beside them."""

from __future__ import annotations

import hashlib
import math
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from colorlab.colorimetry.swatch import Swatch, swatch
from colorlab.reports.fonts import FIGURES_FAMILY, PAGE_FAMILY, font_faces, spelled_out
from colorlab.reports.views import Imprint
from spectra.errors import ReportError

# Stands in every page's style sheet, before anything a user wrote, until `finish` knows which glyphs are needed.
_FONTS = "/*fonts*/"
_FILE_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,120}\.html")
_MARKS = {"accept": "✓", "reject": "×", "undecided": "?"}


@dataclass(frozen=True, slots=True)
class Page:
    """A page that still lacks its fonts (see `finish`)."""

    file_name: str
    html: str


def finish(pages: Iterable[Page]) -> dict[str, bytes]:
    """Embed the glyphs the pages use together; the same pages give the same bytes.

    Returns
    -------
    dict of str to bytes
        File name to HTML in UTF-8.

    Raises
    ------
    ReportError
        If two pages have one name.
    """
    collected: dict[str, str] = {}
    for page in pages:
        if page.file_name in collected:
            raise ReportError(f"two pages are called {page.file_name}; give one of them another name")
        collected[page.file_name] = spelled_out(page.html)
    faces = font_faces(collected)
    return {name: html.replace(_FONTS, faces, 1).encode("utf-8") for name, html in collected.items()}


def page_file_name(*parts: str) -> str:
    """A file name from whatever the parts hold: `vetting`, `AME-01 Lot 7` becomes `vetting-ame-01-lot-7.html`.

    What plain letters cannot say is told apart by a digest of it.
    """
    words, exact = [], True
    for part in parts:
        plain = unicodedata.normalize("NFKD", part).encode("ascii", "ignore").decode()
        word = "-".join(re.findall(r"[a-z0-9]+", plain.lower()))[:60]
        exact = exact and word == part.lower().replace(" ", "-")
        words += [word] if word else []
    if not exact:
        words.append(hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:8])
    return "-".join(words) + ".html"


def render(template: str, file_name: str, imprint: Imprint, title: str, **facts: Any) -> Page:
    """Fill a template; every text in it is escaped.

    Raises
    ------
    ReportError
        If the file name is not that of a page.
    """
    html = (
        _environment()
        .get_template(template)
        .render(
            imprint=imprint,
            title=title,
            file_name=local_page(file_name),
            fonts_marker=_FONTS,
            page_family=PAGE_FAMILY,
            figures_family=FIGURES_FAMILY,
            **facts,
        )
    )
    return Page(file_name, html)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("colorlab.reports", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "fixed": fixed,
        "percent": percent,
        "probability": probability,
        "page": local_page,
        "swatch": paint,
        "mark": lambda decision: _MARKS[decision],
        "words": lambda text: str(text).replace("_", " "),
    }
    return environment


def local_page(file_name: str) -> str:
    """The name of a page in the same folder, and nothing else a link could be made to point at.

    Raises
    ------
    ReportError
        If it is anything else.
    """
    if not _FILE_NAME.fullmatch(file_name):
        raise ReportError(f"{file_name!r} is not the name of a page, such as vetting-ame-01.html")
    return file_name


def fixed(value: float | None, digits: int = 2, signed: bool = False) -> str:
    """A number for a table: `-0.52`, `+1.20`, never `-0.00`; an empty cell for what is not known."""
    if value is None or math.isnan(value):
        return ""
    rounded = round(value, digits) + 0.0
    return f"{rounded:+.{digits}f}" if signed and rounded else f"{rounded:.{digits}f}"


def percent(share: float) -> str:
    """A probability for a headline: `87 %`, `below 1 %`, `above 99 %`."""
    if share < 0.01:
        return "below 1 %"
    return "above 99 %" if share > 0.99 else f"{100 * share:.0f} %"


def probability(share: float) -> str:
    """A probability for a column in percent, no surer than the draws behind it."""
    if share < 0.001:
        return "<0.1"
    return ">99.9" if share > 0.999 else f"{100 * share:.1f}"


def paint(lab: tuple[float, float, float]) -> Swatch:
    """A swatch of a CIELAB colour under D65/10°."""
    return _swatch(tuple(float(value) for value in lab))


@lru_cache(maxsize=4096)
def _swatch(lab: tuple[float, ...]) -> Swatch:
    return swatch(lab)
