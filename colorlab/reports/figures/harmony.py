"""Parts that are seen side by side: which pairs are apart by how much of their limit, and every part at every angle."""

from __future__ import annotations

from collections.abc import Mapping

from matplotlib.axes import Axes
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from colorlab.colorimetry.colours import colours_of
from colorlab.colorimetry.swatch import swatch
from colorlab.colorimetry.viewing import D65_10
from colorlab.reports.style import ACCENT, FAINT, INK, MUTED, PAPER, blank, box, house_style, paint
from colorlab.verdict.check import Check
from colorlab.verdict.harmony_verdict import HarmonyVerdict, PartPair
from colorlab.verdict.sentence import percent
from spectra.measurement import Measurement

_WIDTH, _NAMES, _GAP = 1104.0, 170.0, 4.0  # [px]
_CELL = (128.0, 62.0)
_SWATCH_HEIGHT = 48.0
_HEAD = 92.0  # over the matrix [px]
_LETTER = 7.4  # about the width of a letter of a name [px]
_NARROW = 72.0  # a cell that is narrower has room for the share only [px]


@house_style
def harmony_figure(verdict: HarmonyVerdict, parts: Mapping[str, Measurement]) -> Figure:
    """A matrix of all pairs with the worst ΔE of each against its limit, over swatches of each part at each angle.

    Parameters
    ----------
    verdict : HarmonyVerdict
    parts : mapping of str to Measurement
        By name of the part, in the order of rows. Swatches are of D65/10°.
    """
    names = list(parts)
    tokens = list(dict.fromkeys(token for one in parts.values() for token in one.geometry.tokens))
    matrix_height = _CELL[1] * (len(names) - 1) + _HEAD + 24
    swatches_height = _SWATCH_HEIGHT * len(names) + 116
    figure = blank(round(_WIDTH), round(matrix_height + swatches_height))
    _matrix(box(figure, 0, swatches_height, _WIDTH, swatches_height + matrix_height), verdict, names, matrix_height)
    _swatches(box(figure, 0, 0, _WIDTH, swatches_height), verdict, parts, tokens, swatches_height)
    return figure


def _page(axes: Axes, height: float) -> None:
    """Coordinates in pixels, from the top."""
    axes.set_xlim(0, _WIDTH)
    axes.set_ylim(height, 0)
    axes.axis("off")


def _matrix(axes: Axes, verdict: HarmonyVerdict, names: list[str], height: float) -> None:
    _page(axes, height)
    pairs = {frozenset((one.standard, one.sample)): one for one in verdict.pairs}
    worst = frozenset((verdict.worst.standard, verdict.worst.sample))
    cell = min(_CELL[0], (_WIDTH - _NAMES - 24) / (len(names) - 1))
    chance = f"probability that all pairs conform {percent(verdict.conformity_probability)}"
    axes.text(24, 18, f"{verdict.name}: {verdict.decision}, {chance}", color=INK, va="center", fontsize=14)
    axes.text(24, 44, "worst of each pair, and its share of the limit", color=MUTED, va="center")
    for row, name in enumerate(names[1:], start=1):
        middle = _HEAD + (row - 0.5) * _CELL[1]
        axes.text(_NAMES - 12, middle, _short(name, _NAMES - 30), color=INK, ha="right", va="center")
        for column, other in enumerate(names[:row]):
            both = frozenset((name, other))
            left, top = _NAMES + column * cell, _HEAD + (row - 1) * _CELL[1]
            _cell(axes, pairs[both], (left, top), (cell - _GAP, _CELL[1] - _GAP), both == worst)
    for column, name in enumerate(names[:-1]):
        middle = _NAMES + (column + 0.5) * cell - _GAP / 2
        axes.text(middle, _HEAD - 16, _short(name, cell - _GAP), color=INK, ha="center", va="center")


def _cell(axes: Axes, pair: PartPair, corner: tuple[float, float], size: tuple[float, float], is_worst: bool) -> None:
    found, share = pair.worst, pair.worst.share_of_limit
    beyond = share > 1
    face = ACCENT if beyond else _mixed(PAPER, FAINT, share)
    axes.add_patch(
        Rectangle(corner, *size, facecolor=face, edgecolor=INK if is_worst else "none", linewidth=2 if is_worst else 0)
    )
    ink = PAPER if beyond else INK
    x, y = corner[0] + size[0] / 2, corner[1]
    axes.text(x, y + 18, f"{100 * share:.0f} %", color=ink, ha="center", va="center", fontsize=14)
    if size[0] < _NARROW:
        return
    if isinstance(found, Check):
        place, value = "see the table", f"{found.value:.2f} of {found.limit:.2f}"
    else:
        place, value = found.angle, f"ΔE {found.delta_E:.2f} of {found.limit:.2f}"
    axes.text(x, y + 35, value, color=ink, ha="center", va="center", fontsize=10)
    axes.text(x, y + 49, f"{place}, {pair.verdict.decision}", color=ink, ha="center", va="center", fontsize=10)


def _swatches(
    axes: Axes, verdict: HarmonyVerdict, parts: Mapping[str, Measurement], tokens: list[str], height: float
) -> None:
    _page(axes, height)
    cell = min(_CELL[0], (_WIDTH - _NAMES - 24) / len(tokens))
    axes.text(24, 14, f"every part at every angle under {D65_10}", color=MUTED, va="center")
    cut_off = False
    for column, token in enumerate(tokens):
        middle = _NAMES + (column + 0.5) * cell
        axes.text(middle, 38, _short(token, cell), color=MUTED, ha="center", va="center", fontsize=11)
    for row, (name, part) in enumerate(parts.items()):
        top = 52 + row * _SWATCH_HEIGHT
        middle = top + _SWATCH_HEIGHT / 2
        axes.text(_NAMES - 12, middle, _short(name, _NAMES - 30), color=INK, ha="right", va="center")
        labs = dict(zip(part.geometry.tokens, colours_of(part, D65_10).Lab[:, 0], strict=True))
        for column, token in enumerate(tokens):
            if token not in labs:
                continue
            shown = swatch(labs[token])
            left = _NAMES + column * cell
            # Neighbours touch from row to row, as the parts do.
            axes.add_patch(Rectangle((left, top), cell - _GAP, _SWATCH_HEIGHT, facecolor=paint(shown.hex)))
            if not shown.in_gamut:
                cut_off = True
                axes.plot(left + cell - _GAP - 8, top + 8, "o", markersize=5, color=PAPER, markeredgecolor=INK)
    _worst_of_angles(axes, verdict, tokens, cell, 52 + len(parts) * _SWATCH_HEIGHT + 16)
    if cut_off:
        told = "o  a screen cannot show this colour: as near as it can"
        axes.text(_NAMES, height - 10, told, color=MUTED, va="center", fontsize=10)


def _worst_of_angles(axes: Axes, verdict: HarmonyVerdict, tokens: list[str], cell: float, y: float) -> None:
    share: dict[str, float] = {}
    for _, condition in verdict.by_condition:
        share[condition.angle] = max(share.get(condition.angle, 0.0), condition.share_of_limit)
    axes.text(_NAMES - 12, y, "worst pair, of its limit", color=MUTED, ha="right", va="center", fontsize=11)
    for column, token in enumerate(tokens):
        if token in share:
            tone = ACCENT if share[token] > 1 else INK
            middle = _NAMES + (column + 0.5) * cell - _GAP / 2
            axes.text(middle, y, f"{100 * share[token]:.0f} %", color=tone, ha="center", va="center")


def _short(name: str, width: float) -> str:
    """A name that fits, cut where it does not; East Asian letters take two places."""
    room = width / _LETTER
    taken = 0.0
    for place, letter in enumerate(name):
        taken += 1.8 if ord(letter) > 0x2E80 else 1.0
        if taken > room:
            return name[: max(place - 1, 1)] + "…"
    return name


def _mixed(first: str, second: str, share: float) -> str:
    """A tone between two, never one that the page takes for its own."""
    (r1, g1, b1), (r2, g2, b2) = to_rgb(first), to_rgb(second)
    return paint(to_hex((r1 + (r2 - r1) * share, g1 + (g2 - g1) * share, b1 + (b2 - b1) * share)))
