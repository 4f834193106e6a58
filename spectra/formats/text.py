"""Bytes to text and text to numbers, by declared rules and never by trial."""

from __future__ import annotations

import codecs
import io
import math
import re
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from spectra.errors import MalformedFileError, UnsafeFileError

_BYTE_ORDER_MARKS = (  # the longer first: the UTF-32 mark begins with the UTF-16 one
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# ASCII and what other countries' instruments write; a list, because Python's codecs include zip, rot13 and the like.
ENCODINGS = (
    *("utf-8", "utf-16", "utf-32", "latin-1", "cp1250", "cp1251", "cp1252", "cp1253", "cp1254"),
    *("gb18030", "gbk", "gb2312", "big5", "shift_jis", "cp932", "euc_jp", "euc_kr", "cp949"),
)
HEAD_BYTES = 1 << 16  # signatures stand at the beginning

_SIGNS = b"-+0123456789.eE \t"
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)


def decode(content: bytes, file_name: str, encoding: str | None = None) -> str:
    """Text of a file: by the encoding the user declares, else by its byte-order mark, else as UTF-8.

    Raises
    ------
    MalformedFileError
        If the bytes are not text of that encoding; another one is not tried, because any bytes are valid latin-1. If
        a byte-order mark says that they are text of another encoding than the one declared.
    """
    rule = _encoding(content, file_name, encoding)
    try:
        text = content.decode(rule)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise MalformedFileError(
            file_name,
            f"byte 0x{content[error.start] if error.start < len(content) else 0:02x} is not {rule} text",
            where=f"line {line}",
            expected="UTF-8, or UTF-16 with a byte-order mark",
            remedy="Say its encoding (--encoding gb18030, cp1252, …; in Python encoding='gb18030') or save it as UTF-8",
        ) from error
    return text.removeprefix("\ufeff")


def _encoding(start: bytes, file_name: str, encoding: str | None) -> str:
    """The encoding by which the text with this beginning is read."""
    marked = next((name for mark, name in _BYTE_ORDER_MARKS if start.startswith(mark)), None)
    rule = encoding or marked or "utf-8"
    if rule not in (*ENCODINGS, "utf-8-sig"):
        raise MalformedFileError(
            file_name, f"encoding {rule!r} is not known", expected=f"one of {', '.join(ENCODINGS)}"
        )
    if marked and rule.removesuffix("-sig") != marked.removesuffix("-sig"):
        raise MalformedFileError(
            file_name,
            f"a byte-order mark of {marked.removesuffix('-sig')}",
            where="its first bytes",
            expected=f"{rule}, as was said",
            remedy="Leave out --encoding: the mark says how the text is to be read",
        )
    return rule


def decode_keeping_bytes(content: bytes, encoding: str | None, file_name: str) -> str:
    r"""Text of a keyword file in which an instrument left raw bytes: those stay visible as `\xed`.

    The keywords and numbers of such formats are ASCII, so nothing measured depends on the encoding.
    """
    marked = any(content.startswith(mark) for mark, _ in _BYTE_ORDER_MARKS)
    if encoding or marked:
        return decode(content, file_name, encoding)
    return content.decode("utf-8", errors="backslashreplace")


def text_lines(
    binary_file: BinaryIO, encoding: str | None, file_name: str, longest: int, *, keep_bytes: bool = True
) -> Iterator[str]:
    """The lines of a text file of any size, as `decode_keeping_bytes` would give them, or `decode`.

    Raises
    ------
    MalformedFileError
        If the bytes are not text of the encoding, or their byte-order mark says another one.
    UnsafeFileError
        If a line has more characters than `longest`.
    """
    start = binary_file.read(4)
    binary_file.seek(0)
    mark = next((name for mark, name in _BYTE_ORDER_MARKS if start.startswith(mark)), None)
    _encoding(start, file_name, encoding)
    errors = "backslashreplace" if keep_bytes and not (encoding or mark) else "strict"
    text = io.TextIOWrapper(binary_file, encoding or mark or "utf-8", errors=errors, newline=None)
    try:
        while line := text.readline(longest + 1):
            if len(line) > longest:
                raise UnsafeFileError(file_name, f"a line of more than {longest} characters", remedy="Is it text?")
            yield line
    except UnicodeError as error:
        raise MalformedFileError(
            file_name,
            str(error),
            expected=f"{encoding or mark or 'utf-8'} text",
            remedy="Say its encoding with --encoding",
        ) from error
    finally:
        text.detach()


def head_text(content: bytes) -> str:
    """The beginning of a file as text, for recognising it; never fails."""
    head = content[:HEAD_BYTES]
    for mark, name in _BYTE_ORDER_MARKS:
        if head.startswith(mark):
            return head.decode(name, errors="replace").removeprefix("\ufeff")
    return head.decode("utf-8", errors="replace")


def printable(text: str) -> str:
    r"""Text as a person may be shown it: stripped, control characters as `\x12`."""
    clean = text.strip()
    if clean.isprintable():
        return clean
    return "".join(
        sign if sign.isprintable() or sign == "\t" else sign.encode("unicode_escape").decode() for sign in clean
    )


def shortened(text: str, length: int = 40) -> str:
    """A field as an error message quotes it."""
    clean = printable(text[: 4 * length])
    return repr(clean if len(clean) <= length else clean[: length - 1] + "…")


def number(text: str) -> float | None:
    """A finite decimal number, or None: not `nan`, not `1_000`, not `1e999`."""
    clean = text.strip()
    if len(clean) > 64 or not _NUMBER.fullmatch(clean):
        return None
    value = float(clean)
    return value if math.isfinite(value) else None


def decimal_numbers(cells: Sequence[str], largest: float) -> list[float] | int:
    """Decimal numbers up to a magnitude, as `number` takes them, at once; or the place of the first that is none."""
    # With these signs alone, what `float` takes is a decimal number: no nan, no 1_0.
    if not " ".join(cells).encode("ascii", "replace").translate(None, _SIGNS):
        try:
            values = list(map(float, cells))
        except ValueError:
            values = []
        if values and max(values) <= largest and min(values) >= -largest:
            return values
    read = [number(cell) for cell in cells]
    bad = next((at for at, value in enumerate(read) if value is None or abs(value) > largest), None)
    return bad if bad is not None else [value for value in read if value is not None]
