"""Headings with named parts, `L*{angle}`, `R{wavelength} ({angle})`: how a mapping profile tells columns apart."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

MAX_TEMPLATE = 200  # characters
PLACEHOLDERS = ("angle", "wavelength", "illuminant", "observer")

# Every part has a bounded length and occurs once, so that matching takes no more than a glance at each sign.
_ANGLE_PAIR = r"r?\d{1,2}(?:\.\d{1,2})?as-?\d{1,3}(?:\.\d{1,2})?(?:az-?\d{1,3}(?:\.\d{1,2})?)?"
_PARTS = {
    "wavelength": r"\d{3,4}(?:[.,]\d{1,3})?",
    "illuminant": r"D50|D55|D65|D75|A|C|E|FL?\d{1,2}|TL84|CWF|U30|LED-[A-Z]{1,3}\d?",
    "observer": r"2|10",
}
_NUMBER = re.compile(r"(-?\d+(?:\.\d+)?)", re.ASCII)
_NUMBERS = r"-?\d{1,3}(?:[.,]\d{1,2})?"
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_SIGNS = str.maketrans({"º": "°", "˚": "°", "−": "-", "–": "-", "‑": "-"})


class TemplateError(ValueError):
    """Why a text is no template; the profile's reader says where it stands."""


@dataclass(frozen=True, slots=True)
class Template:
    """One compiled heading.

    Attributes
    ----------
    text : str
    parts : frozenset of str
        Names of its placeholders.
    any_angle : pattern or None
        The same heading with any numbers where those of the known angles stand; None where no angles are listed.
    """

    text: str
    parts: frozenset[str]
    pattern: re.Pattern[str]
    any_angle: re.Pattern[str] | None = None

    def match(self, heading: str) -> Mapping[str, str] | None:
        """The named parts of a heading in `plain` form; None if it is another one."""
        found = self.pattern.fullmatch(heading)
        return None if found is None else found.groupdict()

    def other_angle(self, heading: str) -> str | None:
        """The angle that a heading in `plain` form names but nobody listed; None if it is another heading."""
        found = None if self.any_angle is None or self.match(heading) else self.any_angle.fullmatch(heading)
        return None if found is None else found["angle"]


def plain(heading: str) -> str:
    """A heading as it is compared: single blanks, one sign each for degree and minus."""
    return " ".join(heading[: 4 * MAX_TEMPLATE].split()).translate(_SIGNS)


def template(text: str, angles: Mapping[str, str]) -> Template:
    """Compile a heading; what is not in braces stands for itself.

    Parameters
    ----------
    text : str
    angles : mapping of str to str
        The texts that `{angle}` may be; empty for angle pairs such as 45as15.

    Raises
    ------
    TemplateError
        If a placeholder is not known, stands twice, or is not told apart from the next by a sign between them.
    """
    if not text.strip() or len(text) > MAX_TEMPLATE:
        raise TemplateError(f"{len(text)} characters; expected 1 to {MAX_TEMPLATE}")
    pieces = _PLACEHOLDER.split(plain(text))
    literals, names = pieces[::2], pieces[1::2]
    if any(mark in literal for literal in literals for mark in "{}"):
        raise TemplateError("a brace without its other; expected placeholders such as {angle}")
    for name in names:
        if name not in PLACEHOLDERS or names.count(name) > 1:
            known = ", ".join(f"{{{one}}}" for one in PLACEHOLDERS)
            raise TemplateError(f"placeholder {{{name}}}; expected each of {known} once at most")
    for between in literals[1:-1]:
        if not between.strip("0123456789.,+-"):
            raise TemplateError(
                f"nothing but {between!r} between two placeholders; expected a letter, blank or bracket"
            )
    texts = sorted((plain(one) for one in angles), key=len, reverse=True)

    def pattern(angle: str) -> re.Pattern[str]:
        parts = {**_PARTS, "angle": angle}
        matched = (
            f"(?P<{name}>{parts[name]}){re.escape(literal)}" for name, literal in zip(names, literals[1:], strict=True)
        )
        return re.compile(re.escape(literals[0]) + "".join(matched), re.ASCII)

    listed = pattern("|".join(map(re.escape, texts)) or _ANGLE_PAIR)
    if not texts or "angle" not in names:
        return Template(text, frozenset(names), listed)
    return Template(text, frozenset(names), listed, pattern("|".join(dict.fromkeys(map(_like, texts)))))


def _like(angle: str) -> str:
    """A pattern of the angles that are written as this one is: other numbers, the same signs around them."""
    return "".join(_NUMBERS if place % 2 else re.escape(one) for place, one in enumerate(_NUMBER.split(angle)))
