"""Spoiling measurement files below their surface: inside archives, between fields, within numbers.

A mutation is a function of bytes and a seed. What a byte-wise fuzzer does to a zip archive ends at its checksum, and
what it does to a table mostly ends at the first number; these change one thing and leave the rest sound.
"""

from __future__ import annotations

import base64
import binascii
import random
import re
import struct
import zipfile
import zlib
from collections.abc import Callable

from archives import archive_of, members_of, with_right_sums
from vocabulary import TOKENS

Bytewise = Callable[[bytes, int], bytes]  # libFuzzer's own mutation: bytes, greatest length

_ZIP = b"PK\x03\x04"
_FIELD = re.compile(rb"[^\s,;=<>\"'\[\]{}():]+")
_NUMBER = re.compile(rb"[-+]?\d+(?:[.,]\d+)?(?:[eE][-+]?\d+)?")
_BASE64 = re.compile(rb"[A-Za-z0-9+/]{24,}={0,2}")
_ELEMENT = re.compile(rb"<([A-Za-z][\w:.-]*)\b[^<>]*>")


def mutate(data: bytes, max_size: int, seed: int, bytewise: Bytewise) -> bytes:
    """Another file from this one, at most `max_size` long; the same one from the same arguments."""
    rng = random.Random(seed)
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        if data.startswith(_ZIP) and rng.random() < 0.85:
            changed = _in_archive(data, rng, bytewise)
        else:
            changed = _in_text(data, rng, bytewise, max_size)
        if len(changed) <= max_size:
            data = changed
    return data


def _in_archive(data: bytes, rng: random.Random, bytewise: Bytewise) -> bytes:
    """One member changed, renamed, doubled or dropped; the checksums are right again."""
    try:
        members = members_of(data)
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError, EOFError, zlib.error, struct.error):
        return bytewise(data, len(data) + 64)
    if not members:
        return bytewise(data, len(data) + 64)
    place = rng.randrange(len(members))
    name, content, method = members[place]
    action = rng.random()
    if action < 0.82:
        members[place] = (name, _in_text(content, rng, bytewise, len(content) + 4096), method)
    elif action < 0.86:
        del members[place]
    elif action < 0.90:
        members.append((name, content, method))
    elif action < 0.94:
        members[place] = (
            rng.choice((name.upper(), f"../{name}", f"/{name}", f"{name}\x00x", "a" * 300)),
            content,
            method,
        )
    elif action < 0.97:
        members[place] = (name, content, zipfile.ZIP_STORED if method else zipfile.ZIP_DEFLATED)
    else:
        members[place] = (name, content * rng.choice((2, 50)), zipfile.ZIP_DEFLATED)
    return archive_of(members if rng.random() < 0.1 else with_right_sums(members))


def _in_text(data: bytes, rng: random.Random, bytewise: Bytewise, max_size: int) -> bytes:
    if not data or rng.random() < 0.25:
        return bytewise(data, max_size)
    return rng.choice(_ACTIONS)(data, rng)


def _number(data: bytes, rng: random.Random) -> bytes:
    return _one_of(_NUMBER, data, rng, lambda _: rng.choice(TOKENS))


def _near_number(data: bytes, rng: random.Random) -> bytes:
    """A number that is still one: another sign, size, or a neighbour."""

    def other(found: bytes) -> bytes:
        sort = rng.randrange(5)
        if sort == 0:
            return b"-" + found
        if sort == 1:
            return found + str(rng.randrange(1000)).encode()
        if sort == 2:
            return str(rng.choice((0, 1, 2, 3, 31, 380, 400, 410, 700, 780, 1000, 65536, -1))).encode()
        if sort == 3:
            return found + b"e" + str(rng.choice((-400, -5, 2, 5, 300))).encode()
        return b"%.6g" % (rng.random() * 10 ** rng.randrange(-3, 6))

    return _one_of(_NUMBER, data, rng, other)


def _field(data: bytes, rng: random.Random) -> bytes:
    return _one_of(_FIELD, data, rng, lambda _: rng.choice(TOKENS))


def _swapped_fields(data: bytes, rng: random.Random) -> bytes:
    found = _sampled(_FIELD, data, rng, 2)
    if len(found) < 2:
        return data
    (a, b), (c, d) = sorted(found)
    return data[:a] + data[c:d] + data[b:c] + data[a:b] + data[d:]


def _lines(data: bytes, rng: random.Random) -> bytes:
    """A line dropped, doubled, moved, cut or joined with the next one."""
    end = b"\r\n" if b"\r\n" in data else b"\n"
    lines = data.split(end)
    place, other = rng.randrange(len(lines)), rng.randrange(len(lines))
    sort = rng.randrange(6)
    if sort == 0:
        del lines[place]
    elif sort == 1:
        lines.insert(other, lines[place])
    elif sort == 2:
        lines[place], lines[other] = lines[other], lines[place]
    elif sort == 3:
        lines[place] = lines[place][: rng.randrange(len(lines[place]) + 1)]
    elif sort == 4:
        lines[place : place + 2] = [b"".join(lines[place : place + 2])]
    else:
        lines[place:place] = lines[place : place + 1] * rng.choice((2, 20, 200))
    return end.join(lines)


def _token(data: bytes, rng: random.Random) -> bytes:
    place = rng.randrange(len(data) + 1)
    return data[:place] + rng.choice(TOKENS) + data[place:]


def _cut(data: bytes, rng: random.Random) -> bytes:
    return data[: rng.randrange(len(data) + 1)]


def _piece(data: bytes, rng: random.Random) -> bytes:
    """A piece dropped, or copied to another place."""
    start = rng.randrange(len(data) + 1)
    stop = min(len(data), start + rng.choice((1, 4, 16, 100, 1000)))
    if rng.random() < 0.5:
        return data[:start] + data[stop:]
    place = rng.randrange(len(data) + 1)
    return data[:place] + data[start:stop] + data[place:]


def _element(data: bytes, rng: random.Random) -> bytes:
    """An XML element with all that is in it dropped, doubled, or wrapped into itself; else a piece."""
    found = _sampled(_ELEMENT, data, rng, 1)
    if not found:
        return _piece(data, rng)
    start, opened = found[0]
    name = _ELEMENT.match(data, start)[1]  # type: ignore[index]
    close = b"</" + name + b">"
    stop = opened if data[opened - 2 : opened] == b"/>" else data.find(close, opened) + len(close)
    if stop < opened:
        return _piece(data, rng)
    element = data[start:stop]
    sort = rng.randrange(3)
    if sort == 0:
        return data[:start] + data[stop:]
    if sort == 1:
        return data[:stop] + element * rng.choice((1, 3, 100)) + data[stop:]
    return data[:opened] + element + data[opened:]


def _encoded(data: bytes, rng: random.Random) -> bytes:
    """Numbers packed as base64 replaced by others; else a number in words."""

    def other(found: bytes) -> bytes:
        try:
            raw = bytearray(base64.b64decode(found))
        except binascii.Error:
            return found
        sort = rng.randrange(4)
        if sort == 0:
            raw = raw[: rng.randrange(len(raw) + 1)]
        elif sort == 1:
            raw = raw * 2
        else:
            value = rng.choice((float("nan"), float("inf"), -1e30, 1e30, 0.0, 1e-40, 3e38))
            place = 4 * rng.randrange(max(1, len(raw) // 4))
            raw[place : place + 4] = struct.pack("<f", value)
        return base64.b64encode(bytes(raw))

    return _one_of(_BASE64, data, rng, other) if _BASE64.search(data) else _number(data, rng)


def _recoded(data: bytes, rng: random.Random) -> bytes:
    """The same text in another encoding, without saying so."""
    target = rng.choice(("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig", "gb18030", "cp037"))
    return data.decode("utf-8", "replace").encode(target, "replace")


_ACTIONS: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    *(_number, _near_number, _near_number, _field, _swapped_fields, _lines, _lines, _token),
    *(_cut, _piece, _element, _element, _encoded),
)
_ACTIONS = (*_ACTIONS, *_ACTIONS, _recoded)


def _sampled(pattern: re.Pattern[bytes], data: bytes, rng: random.Random, count: int) -> list[tuple[int, int]]:
    """Where a pattern stands, at random places; looks at a window only, so that a large file costs no more."""
    start = rng.randrange(max(1, len(data) - 4096)) if len(data) > 4096 else 0
    spans = [match.span() for match in pattern.finditer(data, start, start + 8192)]
    return rng.sample(spans, min(count, len(spans)))


def _one_of(pattern: re.Pattern[bytes], data: bytes, rng: random.Random, other: Callable[[bytes], bytes]) -> bytes:
    found = _sampled(pattern, data, rng, 1)
    if not found:
        return _token(data, rng)
    ((start, stop),) = found
    return data[:start] + other(data[start:stop]) + data[stop:]
