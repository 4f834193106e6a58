"""How every figure looks: one house style, one accent, SVG that follows the page into the dark.

A page is neutral grey so that the paint swatches are the only colours on it; the accent marks what needs attention.
Figures are drawn in sentinel colours that `svg` turns into the page's CSS variables.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any, ParamSpec

import matplotlib as mpl
from markupsafe import Markup, escape
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.text import Text

from colorlab.reports.fonts import FAMILY, register_with_matplotlib, spelled_out

# Sentinels: the light tone itself, so that a figure saved on its own looks right too.
INK, MUTED, FAINT, ACCENT, PAPER = "#171717", "#636363", "#c9c9c9", "#bf2f0b", "#fafafa"
VARIABLES = {INK: "--ink", MUTED: "--muted", FAINT: "--faint", ACCENT: "--accent", PAPER: "--paper"}

PIXELS_PER_INCH = 72  # one SVG point becomes one CSS pixel

# Signed maps: neutral at zero, equally dark at both ends, told apart by blue and orange, which every reader can.
DIVERGING = LinearSegmentedColormap.from_list(
    "colorlab diverging", ("#1f4e79", "#7fa6c9", "#f2f2f2", "#e0a36b", "#8a3d0c")
)
SEQUENTIAL = "cividis"  # Nuñez, Anderton and Renslow, PLoS ONE 13 (2018) e0199239: the same for colour-blind readers

_STYLE: dict[Any, Any] = {
    "font.family": [FAMILY],
    "font.size": 12,
    "axes.titlesize": 12,
    "axes.labelsize": 12,
    "xtick.labelsize": 11,
    "ytick.labelsize": 11,
    # A paint called "$x$" is not a formula, and this font holds the minus sign.
    "text.parse_math": False,
    "text.color": INK,
    "axes.unicode_minus": True,
    "axes.formatter.use_mathtext": False,
    "axes.labelcolor": MUTED,
    "axes.edgecolor": FAINT,
    "axes.linewidth": 1.0,
    "axes.facecolor": "none",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "figure.facecolor": "none",
    "figure.dpi": PIXELS_PER_INCH,
    "grid.color": FAINT,
    "grid.linewidth": 0.6,
    "lines.linewidth": 1.6,
    "lines.solid_capstyle": "round",
    "patch.linewidth": 0.0,
    "xtick.color": FAINT,
    "ytick.color": FAINT,
    "xtick.labelcolor": MUTED,
    "ytick.labelcolor": MUTED,
    "xtick.major.size": 4,
    "ytick.major.size": 0,
    "savefig.facecolor": "none",
    "svg.fonttype": "path",
    "svg.hashsalt": "colorlab",
    "svg.image_inline": True,
}

P = ParamSpec("P")


def house_style(draw: Callable[P, Figure]) -> Callable[P, Figure]:
    """Draw a figure in the house style, whatever the process is set to."""

    def styled(*args: P.args, **kwargs: P.kwargs) -> Figure:
        register_with_matplotlib()
        with mpl.rc_context(_STYLE):
            return draw(*args, **kwargs)

    styled.__name__, styled.__doc__ = draw.__name__, draw.__doc__
    return styled


def blank(width: int, height: int) -> Figure:
    """An empty figure of a size in CSS pixels."""
    return Figure(figsize=(width / PIXELS_PER_INCH, height / PIXELS_PER_INCH))


def box(figure: Figure, left: float, bottom: float, right: float, top: float) -> Axes:
    """Axes by their edges in CSS pixels from the lower left; negative ones, and a right or top of 0, from the far side.

    Placed by hand, because matplotlib's layout engines draw a figure twice and double its time.
    """
    width, height = figure.get_size_inches() * PIXELS_PER_INCH
    left = left if left >= 0 else width + left
    right, top = (right if right > 0 else width + right), (top if top > 0 else height + top)
    axes: Axes = figure.add_axes((left / width, bottom / height, (right - left) / width, (top - bottom) / height))
    return axes


def paint(colour: str) -> str:
    """A swatch's colour, one step of blue away where it would be taken for a tone of the house."""
    if colour not in VARIABLES:
        return colour
    blue = int(colour[5:], 16)
    return f"{colour[:5]}{blue + (1 if blue < 255 else -1):02x}"


def label(axes: Axes, x: str = "", y: str = "") -> None:
    """Name the axes, the quantity above the axis it belongs to; quantities end in their [unit]."""
    if x:
        axes.set_xlabel(x, loc="right")
    if y:
        axes.set_title(y, loc="left", color=MUTED, pad=8)
        axes.set_ylabel(y).set_visible(False)


_CLUTTER = re.compile(r"<!--.*?-->|<metadata>.*?</metadata>|<style type=\"text/css\">.*?</style>", re.DOTALL)
_HEAD = re.compile(r"^.*?<svg[^>]*?viewBox=\"0 0 ([\d.]+) ([\d.]+)\"[^>]*>", re.DOTALL)
_ID = re.compile(r' id="([^"]+)"')
_REFERENCE = re.compile(r'(?:href="#|url\(#)([^")]+)')
_PATH = re.compile(r' d="([^"]+)"')
_LONG_NUMBER = re.compile(r"(-?\d+\.\d\d)\d+")
_SPACE = re.compile(r">\s+<")


def svg(figure: Figure, name: str, description: str) -> Markup:
    """A figure as an inline SVG: the same bytes each time, glyphs as paths, colours from the page.

    Parameters
    ----------
    figure : Figure
    name : str
        Unique on its page; every id inside begins with it, so that figures do not borrow each other's parts.
    description : str
        What a reader who does not see it is told.

    """
    content = io.StringIO()
    for artist in figure.findobj(Text):
        artist.set_text(spelled_out(artist.get_text()))
    with mpl.rc_context(_STYLE):
        figure.savefig(content, format="svg", metadata={"Date": None, "Creator": None})
    text = _CLUTTER.sub("", content.getvalue())
    head = _HEAD.match(text)
    if head is None:
        raise AssertionError("matplotlib wrote no SVG")
    width, height = head[1], head[2]
    body = _SPACE.sub("><", text[head.end() :])
    used = set(_REFERENCE.findall(body))
    body = _ID.sub(lambda m: f' id="{name}-{m[1]}"' if m[1] in used else "", body)
    body = _REFERENCE.sub(lambda m: f"{m[0][: -len(m[1])]}{name}-{m[1]}", body)
    body = _PATH.sub(_shorter, body)
    for colour, variable in VARIABLES.items():
        body = body.replace(f": {colour}", f": var({variable}, {colour})")
    opening = (
        f'<svg class="figure" role="img" aria-label="{escape(description)}" viewBox="0 0 {width} {height}" '
        f'width="{float(width):g}" height="{float(height):g}" '
        'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">'
    )
    # Built from matplotlib's own writer, which escapes; the description is escaped above.
    return Markup(opening + body.strip())


def _shorter(path: re.Match[str]) -> str:
    """A path with coordinates to a hundredth of a pixel, on one line."""
    coordinates = _LONG_NUMBER.sub(r"\1", " ".join(path[1].split()))
    return f' d="{coordinates}"'


def saved(figure: Figure, kind: str) -> bytes:
    """The figure as a file: svg, png or pdf, the same bytes each time."""
    content = io.BytesIO()
    metadata: dict[str, Any] = {"png": {}, "svg": {"Date": None}, "pdf": {"CreationDate": None}}[kind]
    with mpl.rc_context({"svg.hashsalt": "colorlab", "svg.fonttype": "path"}):
        figure.savefig(content, format=kind, facecolor=PAPER, dpi=144, metadata=metadata)
    return content.getvalue()
