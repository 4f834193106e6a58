"""What the cards of a notebook are made of: swatches, facts, a spectrum, and the sheet they stand on."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup, escape
from numpy.typing import ArrayLike

from colorlab.colorimetry.swatch import Swatch, swatch
from spectra.arrays import FloatArray
from spectra.wavelengths import WavelengthGrid

# The tones of the reports, and the notebook's own where it has some; every rule is held inside the card.
STYLE = Markup("""<style>
.colorlab-card { --ink: var(--jp-ui-font-color1, #171717); --muted: var(--jp-ui-font-color2, #636363);
  --faint: var(--jp-border-color1, #c9c9c9); --hair: var(--jp-border-color2, #e2e2e2);
  --paper: var(--jp-layout-color0, #fafafa); --accent: #bf2f0b;
  font: 13px/1.45 var(--colorlab-glyphs, system-ui), system-ui, "Noto Sans", "Noto Sans SC", sans-serif;
  color: var(--ink); background: var(--paper);
  max-width: 720px; padding: 14px 18px 16px; border: 1px solid var(--hair); box-sizing: border-box;
  font-variant-numeric: tabular-nums; }
.colorlab-card * { box-sizing: border-box; }
.colorlab-card h4 { font-size: 20px; font-weight: 400; line-height: 1.25; letter-spacing: -.01em; margin: 0;
  color: var(--ink); overflow-wrap: anywhere; }
.colorlab-card p { margin: 2px 0 0; color: var(--muted); overflow-wrap: anywhere; }
.colorlab-card .swatches { display: grid; grid-template-columns: repeat(auto-fill, minmax(86px, 1fr)); gap: 14px 8px;
  margin: 14px 0 4px; padding: 0; list-style: none; }
.colorlab-card .swatches.few { grid-template-columns: repeat(auto-fill, 160px); }
.colorlab-card .swatches li { margin: 0; padding: 0; color: var(--muted); font-size: 12px; overflow-wrap: anywhere; }
.colorlab-card .swatches b { font-weight: 400; color: var(--ink); font-size: 13px; display: block; margin-top: 5px; }
.colorlab-card .swatches span.lab { display: grid; grid-template-columns: 20px 44px; }
.colorlab-card .swatches span.lab i { font-style: normal; }
.colorlab-card .swatches span.lab span { text-align: right; }
.colorlab-card .few .face { height: 96px; }
.colorlab-card .face { display: block; height: 64px; position: relative; print-color-adjust: exact; }
.colorlab-card .chip { display: inline-block; width: 18px; height: 18px; position: relative; vertical-align: -4px;
  margin-right: 2px; print-color-adjust: exact; }
.colorlab-card .out::after { content: ""; position: absolute; right: 0; top: 0; border: 9px solid;
  border-color: var(--paper) var(--paper) transparent transparent; }
.colorlab-card .chip.out::after { border-width: 4px; }
.colorlab-card svg.figure { display: block; max-width: 100%; height: auto; margin: 14px 0 6px; }
.colorlab-card dl { display: grid; grid-template-columns: max-content 1fr; gap: 2px 16px; margin: 10px 0 0;
  padding: 10px 0 0; border-top: 1px solid var(--hair); }
.colorlab-card dt { color: var(--muted); font-weight: 400; }
.colorlab-card dd { margin: 0; overflow-wrap: anywhere; }
.colorlab-card .undeclared { color: var(--muted); font-style: italic; }
.colorlab-card ul.findings { margin: 10px 0 0; padding: 0 0 0 10px; border-left: 2px solid var(--accent);
  list-style: none; }
.colorlab-card table { border-collapse: collapse; width: 100%; margin: 12px 0 0; font-size: 13px; color: var(--ink); }
.colorlab-card table td, .colorlab-card table th { text-align: left; padding: 4px 12px 4px 0; border: 0;
  border-bottom: 1px solid var(--hair); vertical-align: top; font-weight: 400; background: none; }
.colorlab-card table thead th { color: var(--muted); border-bottom: 1px solid var(--faint); font-size: 12px; }
.colorlab-card table .chips { white-space: normal; min-width: 90px; }
</style>""")


@dataclass(frozen=True, slots=True)
class Tile:
    """One swatch with its name and its colour in CIELAB: under D65/10°, or as stated where a card says so."""

    name: str
    lab: tuple[float, float, float]


def sheet(*parts: Markup | str) -> str:
    """Parts on one card; texts among them are escaped, Chinese ones bring their glyphs along."""
    body = Markup("").join(parts)
    faces, family = _glyphs(body)
    return str(STYLE + faces + Markup('<div class="colorlab-card"{}>{}</div>').format(family, body))


def heading(name: str, *lines: str) -> Markup:
    """A name and lines beneath it."""
    below = Markup("").join(Markup("<p>{}</p>").format(line) for line in lines if line)
    return Markup("<h4>{}</h4>{}").format(name, below)


def swatches(tiles: Sequence[Tile]) -> Markup:
    """A swatch an angle, those no sRGB screen shows with a corner cut off and the distance beneath."""
    faces = []
    for tile in tiles:
        shown = swatch(tile.lab)
        coordinates = Markup("").join(
            Markup("<i>{}*</i><span>{}</span>").format(axis, _number(value))
            for axis, value in zip("Lab", tile.lab, strict=True)
        )
        faces.append(
            Markup('<li><span class="face{}" style="background:{}" role="img" aria-label="{}"></span>{}{}</li>').format(
                "" if shown.in_gamut else " out",
                shown.hex,
                _alt(tile, shown),
                Markup('<b>{}</b><span class="lab">{}</span>').format(tile.name, coordinates),
                "" if shown.in_gamut else f"outside sRGB, shown {shown.delta_E_00:.1f} ΔE00 off",
            )
        )
    few = " few" if len(faces) < 4 else ""
    return Markup('<ul class="swatches{}">{}</ul>').format(few, Markup("").join(faces)) if faces else Markup("")


def chips(tiles: Iterable[Tile]) -> Markup:
    """Small swatches in a row of a table."""
    made = []
    for tile in tiles:
        shown = swatch(tile.lab)
        made.append(
            Markup('<span class="chip{}" style="background:{}" role="img" aria-label="{}" title="{}"></span>').format(
                "" if shown.in_gamut else " out", shown.hex, _alt(tile, shown), _alt(tile, shown)
            )
        )
    return Markup("").join(made)


def facts(rows: Iterable[tuple[str, object]]) -> Markup:
    """Declared facts, a row each; those that are None are named together as undeclared."""
    listed = list(rows)
    missing = ", ".join(name for name, value in listed if value is None)
    lines = [Markup("<dt>{}</dt><dd>{}</dd>").format(name, value) for name, value in listed if value is not None]
    if missing:
        lines.append(Markup('<dt class="undeclared">undeclared</dt><dd class="undeclared">{}</dd>').format(missing))
    return Markup("<dl>{}</dl>").format(Markup("").join(lines))


def findings(sentences: Sequence[str]) -> Markup:
    """What a reader must know, set apart; nothing where there is nothing."""
    if not sentences:
        return Markup("")
    return Markup('<ul class="findings">{}</ul>').format(
        Markup("").join(Markup("<li>{}</li>").format(sentence) for sentence in sentences)
    )


def table(head: Sequence[str], rows: Iterable[Sequence[Markup | str]]) -> Markup:
    """A table; texts in it are escaped."""
    top = Markup("").join(Markup("<th scope=col>{}</th>").format(name) for name in head)
    body = Markup("").join(
        Markup("<tr>{}</tr>").format(Markup("").join(Markup("<td>{}</td>").format(cell) for cell in row))
        for row in rows
    )
    return Markup("<table><thead><tr>{}</tr></thead><tbody>{}</tbody></table>").format(top, body)


def spectrum(
    grid: WavelengthGrid,
    tokens: Sequence[str],
    values: ArrayLike,
    quantity: str,
    name: str,
    tiles: Sequence[Tile] = (),
) -> Markup:
    """The spectra as an SVG with axes and units, each in the colour of its tile where there are tiles."""
    from colorlab.reports.figures.spectra import spectra_of
    from colorlab.reports.style import svg

    drawn: FloatArray = np.atleast_2d(np.asarray(values, dtype=np.float64))
    # Two figures on one page must not borrow each other's parts, and the same figure shall have the same bytes.
    identity = hashlib.sha256(repr((str(grid), tuple(tokens), name)).encode() + drawn.tobytes()).hexdigest()[:12]
    description = f"{name}: {quantity} at {len(drawn)} angles over {grid}"
    colours = [swatch(tile.lab).hex for tile in tiles] or None
    return svg(spectra_of(grid, tokens, drawn, quantity, colours), f"cl{identity}", description)


def _glyphs(text: str) -> tuple[Markup, Markup]:
    """A style sheet that embeds the glyphs no Latin font holds, and the attribute that names them; mostly nothing."""
    if text.isascii():
        return Markup(""), Markup("")
    from colorlab.reports.fonts import beyond_latin, font_face, subset

    letters = beyond_latin(text)
    if not letters:
        return Markup(""), Markup("")
    # Cards of one notebook share a page: each names its own subset, lest one without a character hides another's. It
    # stands first, which leaves Latin to the next, because Chromium keeps the boxes it drew while a later one loaded.
    family = f"Colorlab {hashlib.sha256(text.encode()).hexdigest()[:12]}"
    # Both are made of our own font and a hash.
    return Markup(f"<style>{font_face(family, subset(letters))}</style>"), Markup(
        f" style=\"--colorlab-glyphs: '{family}'\""
    )


def _number(value: float) -> str:
    """To a tenth, never −0.0, with the minus sign figures have."""
    return f"{round(value, 1) + 0.0:.1f}".replace("-", "−")


def _alt(tile: Tile, shown: Swatch) -> str:
    L, a, b = tile.lab
    marked = "" if shown.in_gamut else f", outside sRGB, shown {shown.delta_E_00:.1f} ΔE00 off"
    return str(escape(f"{tile.name}: L* {L:.1f}, a* {a:.1f}, b* {b:.1f}{marked}"))
