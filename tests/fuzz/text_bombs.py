"""Small texts that want much: XML, JSON, delimited and keyword texts, and what spoils any file."""

from __future__ import annotations

import re
from collections.abc import Callable

Bombs = dict[str, Callable[[bytes], bytes]]  # name to what makes it of a sample

MILLION = 10**6
ZIP = b"PK\x03\x04"


# --- anything ---------------------------------------------------------------------------------------------------------

ENCODINGS = ("utf-16-le", "utf-16-be", "utf-16", "utf-32-le", "gb18030", "cp037", "utf-7", "shift_jis", "latin-1")


def recoded(encoding: str) -> Callable[[bytes], bytes]:
    """The sample in another encoding that nothing declares."""
    return lambda sample: sample.decode("utf-8", "replace").encode(encoding, "replace")


ANY: Bombs = {
    **{f"in {encoding}": recoded(encoding) for encoding in ENCODINGS},
    "twice": lambda sample: sample + sample,
    "a thousand times": lambda sample: (sample * 1000)[: 2**23],
    "two byte-order marks": lambda sample: b"\xef\xbb\xbf\xef\xbb\xbf" + sample,
    "byte-order marks that disagree": lambda sample: b"\xff\xfe\xef\xbb\xbf" + sample,
    "behind a million zeros": lambda sample: bytes(MILLION) + sample,
    "before a million zeros": lambda sample: sample + bytes(MILLION),
    "only the first bytes, then blanks": lambda sample: sample[:40] + b" " * 3 * MILLION,
    "only the first half, then line ends": lambda sample: sample[: len(sample) // 2] + b"\n" * 3 * MILLION,
    "the other way round": lambda sample: sample[::-1],
}

# --- XML --------------------------------------------------------------------------------------------------------------

_ROOT = re.compile(rb"<([A-Za-z_][\w:.-]*)[^<>]*(?<!/)>")


def _inside(content: bytes) -> Callable[[bytes], bytes]:
    """Put something behind the root's opening tag."""

    def made(sample: bytes) -> bytes:
        root = _ROOT.search(sample)
        assert root is not None
        return sample[: root.end()] + content + sample[root.end() :]

    return made


def _with_doctype(declarations: bytes, content: bytes) -> Callable[[bytes], bytes]:
    """Put a document type before the root and something behind its opening tag."""

    def made(sample: bytes) -> bytes:
        filled = _inside(content)(sample)
        root = _ROOT.search(filled)
        assert root is not None
        return filled[: root.start()] + b"<!DOCTYPE x [" + declarations + b"]>" + filled[root.start() :]

    return made


_LAUGHS = b'<!ENTITY a "ha">' + b"".join(
    b'<!ENTITY %c "%s">' % (letter, (b"&%c;" % (letter - 1)) * 10) for letter in b"bcdefghij"
)
_NAMESPACES = b" ".join(b'xmlns:n%d="u%d"' % (number, number) for number in range(20_000))

XML: Bombs = {
    "a billion laughs": _with_doctype(_LAUGHS, b"<x>&j;</x>"),
    "one large entity many times": _with_doctype(
        b'<!ENTITY a "' + b"A" * 100_000 + b'">', b"<x>" + b"&a;" * 50_000 + b"</x>"
    ),
    "an entity that is a file": _with_doctype(b'<!ENTITY a SYSTEM "file:///etc/passwd">', b"<x>&a;</x>"),
    "an entity that is a device": _with_doctype(b'<!ENTITY a SYSTEM "file:///dev/zero">', b"<x>&a;</x>"),
    "a parameter entity from elsewhere": _with_doctype(b'<!ENTITY % a SYSTEM "http://127.0.0.1:9/a"> %a;', b""),
    "a default attribute for everything": _with_doctype(
        b'<!ATTLIST x y CDATA "' + b"A" * MILLION + b'">', b"<x/>" * 10_000
    ),
    "a million levels": _inside(b"<x>" * MILLION),
    "ten thousand levels, all closed": _inside(b"<x>" * 10_000 + b"</x>" * 10_000),
    "two million elements": _inside(b"<x/>" * 2 * MILLION),
    "a million attributes": _inside(b"<x " + b" ".join(b'a%d=""' % number for number in range(MILLION)) + b"/>"),
    "an attribute of ten million letters": _inside(b'<x a="' + b"A" * 10 * MILLION + b'"/>'),
    "a text of twenty million letters": _inside(b"<x>" + b"A" * 20 * MILLION + b"</x>"),
    "a comment of twenty million letters": _inside(b"<!--" + b"A" * 20 * MILLION + b"-->"),
    "a name of a million letters": _inside(b"<" + b"x" * MILLION + b"/>"),
    "twenty thousand namespaces": _inside(b"<x " + _NAMESPACES + b"/>"),
    "an inclusion": _inside(b'<i:include xmlns:i="http://www.w3.org/2001/XInclude" href="/etc/passwd" parse="text"/>'),
    "a style sheet": lambda sample: b'<?xml-stylesheet href="http://127.0.0.1:9/a.xsl" type="text/xsl"?>' + sample,
    "an encoding nobody knows": lambda sample: (
        b"<?xml version='1.0' encoding='x-none'?>" + sample[sample.find(b"?>") + 2 :]
    ),
    "every element a thousand times": lambda sample: re.sub(
        rb"<(\w[\w:]*)\b[^<>]*/>", lambda match: match[0] * 1000, sample
    )[: 2**23],
}

# --- JSON -------------------------------------------------------------------------------------------------------------

_VALUE = re.compile(rb":\s*(?:\"[^\"]*\"|-?\d[\d.eE+-]*|true|false|null)")


def _as_value(value: bytes) -> Callable[[bytes], bytes]:
    """Put something in place of every simple value, at most 2**24 bytes in all."""

    def made(sample: bytes) -> bytes:
        return _VALUE.sub(lambda _: b":" + value, sample, count=max(1, 2**24 // len(value)))

    return made


JSON: Bombs = {
    "a million levels of lists": _as_value(b"[" * MILLION),
    "closed levels of lists": _as_value(b"[" * 900 + b"]" * 900),
    "a million levels of objects": _as_value(b'{"a":' * MILLION),
    "a million digits": _as_value(b"9" * MILLION),
    "five thousand digits": _as_value(b"9" * 5000),
    "an exponent beyond bounds": _as_value(b"1e999999"),
    "numbers that are none": _as_value(b"NaN"),
    "infinity": _as_value(b"-Infinity"),
    "half a letter": _as_value(b'"\\ud800"'),
    "a string of ten million letters": _as_value(b'"' + b"A" * 10 * MILLION + b'"'),
    "a million equal keys": lambda sample: b"{" + b'"a":1,' * MILLION + sample.lstrip()[1:],
    "a million other keys": lambda sample: (
        b"{" + b"".join(b'"a%d":1,' % n for n in range(MILLION)) + sample.lstrip()[1:]
    ),
    "a million values": _as_value(b"[" + b"1," * MILLION + b"1]"),
    "base64 without end": _as_value(b'"' + b"AAAA" * 4 * MILLION + b'"'),
}

# --- text -------------------------------------------------------------------------------------------------------------


def _every_line(made: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    return lambda sample: b"\n".join(made(line) for line in sample.splitlines())


def _last_lines(count: int) -> Callable[[bytes], bytes]:
    """The last line with anything on it, many times more."""

    def made(sample: bytes) -> bytes:
        lines = [line for line in sample.splitlines() if line.strip()]
        return b"\n".join([*lines, *lines[-1:] * min(count, 2**22 // max(1, len(lines[-1])))])

    return made


def _wide(separator: bytes, field: bytes) -> Callable[[bytes], bytes]:
    """A million fields more on the first line and one in the middle."""

    def made(sample: bytes) -> bytes:
        lines = sample.splitlines()
        widened = [
            line + (separator + field) * MILLION if place in (0, len(lines) // 2) else line
            for place, line in enumerate(lines)
        ]
        return b"\n".join(widened)

    return made


TEXT: Bombs = {
    **{
        f"a million empty columns by {name}": _wide(separator, b"")
        for name, separator in (("comma", b","), ("semicolon", b";"), ("tab", b"\t"), ("blank", b" "))
    },
    "a million columns of wavelengths": _wide(b",", b"R400"),
    "a million numbers by blanks": _wide(b" ", b"1.5"),
    "a million keys": _wide(b"\n", b"KEY=1"),
    "a million keyword lines": _wide(b"\n", b'KEYWORD "A"'),
    "lines of a million blanks": _every_line(lambda line: line + b" " * 500_000 if len(line) % 5 == 0 else line),
    "lines behind a million tabs": _every_line(lambda line: b"\t" * 500_000 + line if len(line) % 5 == 0 else line),
    "the last line without end": _last_lines(MILLION),
    "every line ten thousand times": _every_line(lambda line: b"\n".join([line] * 10_000)[: 2**18]),
    "an open quotation": lambda sample: b'"' + sample + b"A" * 10 * MILLION,
    "quotes without end": lambda sample: sample + b'"' * 5 * MILLION,
    "brackets without end": lambda sample: sample + b"[" * 5 * MILLION,
    "sections without end": lambda sample: sample + b"[BATCH 1]\n" * 500_000,
    "no line ends": lambda sample: (sample.replace(b"\r", b"").replace(b"\n", b"") * 5000)[: 2**23],
    "old line ends": lambda sample: sample.replace(b"\r\n", b"\n").replace(b"\n", b"\r"),
    "numbers of a million digits": lambda sample: re.sub(rb"\d+\.\d+", b"9" * MILLION, sample, count=8),
    "numbers beyond bounds": lambda sample: re.sub(rb"\d+\.\d+", b"1e999", sample),
    "numbers that are none": lambda sample: re.sub(rb"\d+\.\d+", b"nan", sample),
    "wavelengths that do not rise": lambda sample: re.sub(rb"\b[4-7]\d0\b", b"400", sample),
}
