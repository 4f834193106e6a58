"""The gate every XML file passes: encoding, document types, sizes and nesting, before a parser builds anything."""

from __future__ import annotations

import codecs
import hashlib
import re
from typing import TYPE_CHECKING, BinaryIO

from spectra.errors import MalformedFileError, UnsafeFileError
from spectra.formats.text import printable

if TYPE_CHECKING:
    from lxml import etree

MAX_DEPTH = 64
TOO_DEEP = "boolean(" + "/".join(["*"] * MAX_DEPTH) + ")"  # in XPath
# Of "<" and of "=": bounds the nodes a parser builds, each of which costs it some hundred bytes. A file of the largest
# size allowed, all of it uneven spectra, has two million.
MAX_MARKUP = 4_000_000
DOCTYPE = b"<!DOCTYPE"

_ENCODING = re.compile(rb"<\?xml[^>]{0,200}?\sencoding\s*=\s*[\"']([A-Za-z0-9._\-]{1,40})[\"']")
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_UTF32 = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
_CHUNK = 1 << 16


def utf8(content: bytes, file_name: str) -> bytes:
    """The file as UTF-8, whatever of the two encodings it is in.

    Raises
    ------
    MalformedFileError
        If it is neither UTF-8 nor UTF-16 with a byte-order mark, or declares another encoding.
    """
    if content.startswith(_UTF16) and not content.startswith(_UTF32):
        try:
            return content.decode("utf-16").encode("utf-8")
        except UnicodeError as error:
            raise MalformedFileError(file_name, "the bytes are not UTF-16 text") from error
    refuse_other_encoding(content[:_CHUNK], file_name)
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _not_utf8(file_name, content.count(b"\n", 0, error.start) + 1) from error
    return content.removeprefix(codecs.BOM_UTF8)


def refuse_other_encoding(head: bytes, file_name: str) -> None:
    """Refuse a file whose beginning says that it is in another encoding than UTF-8.

    Raises
    ------
    MalformedFileError
    """
    declared = _ENCODING.match(head.removeprefix(codecs.BOM_UTF8))
    name = declared[1].decode("ascii") if declared else "UTF-8"
    if head.startswith(_UTF32) or name.lower() not in ("utf-8", "utf8", "us-ascii", "ascii"):
        raise MalformedFileError(
            file_name,
            "encoding UTF-32" if head.startswith(_UTF32) else f"encoding {name}",
            expected="UTF-8, or UTF-16 with a byte-order mark",
            remedy="Save it as UTF-8",
        )


def root_of(content: bytes, file_name: str) -> etree._Element:
    """The root element of a file that is safe to hold.

    Raises
    ------
    MalformedFileError
        If it is not well-formed XML in UTF-8 or UTF-16.
    UnsafeFileError
        If it has a document type, too much markup, or is nested too deeply.
    """
    from lxml import etree

    text = utf8(content, file_name)
    if DOCTYPE in text:
        raise _document_type(file_name)
    if len(text) > MAX_MARKUP and max(text.count(b"<"), text.count(b"=")) > MAX_MARKUP:
        raise _too_much(file_name)
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        collect_ids=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(text, parser)
    except etree.XMLSyntaxError as error:
        raise malformed(error, file_name) from error
    if root.xpath(TOO_DEEP):
        raise nested(file_name)
    return root


def malformed(error: etree.XMLSyntaxError, file_name: str) -> MalformedFileError:
    """The parser's complaint in our words."""
    found = printable(str(error.msg or "nothing"))[:200]
    return MalformedFileError(file_name, f"not well-formed XML: {found}", where=f"line {error.lineno or 1}")


def nested(file_name: str) -> UnsafeFileError:
    """The refusal of a tree that is too deep."""
    return UnsafeFileError(file_name, f"elements are nested more than {MAX_DEPTH} deep")


def _document_type(file_name: str) -> UnsafeFileError:
    return UnsafeFileError(
        file_name, "it has a document type, which may define entities", expected="none", remedy="Remove <!DOCTYPE …>"
    )


def _too_much(file_name: str) -> UnsafeFileError:
    return UnsafeFileError(file_name, f"more than {MAX_MARKUP} elements or attributes", remedy="Split the file")


def _not_utf8(file_name: str, line: int | None = None) -> MalformedFileError:
    return MalformedFileError(
        file_name,
        "the bytes are not UTF-8 text",
        where=f"line {line}" if line else "",
        expected="UTF-8, or UTF-16 with a byte-order mark",
        remedy="Save it as UTF-8",
    )


class Passage:
    """A seekable file as the gate lets it through, chunk by chunk: UTF-8, hashed, without a document type.

    Several may read one file in turns, each from its own place.
    """

    def __init__(self, file: BinaryIO, file_name: str) -> None:
        self._file = file
        self._file_name = file_name
        self._position = 0
        self._hash = hashlib.sha256()
        self._decoder: codecs.IncrementalDecoder | None = None
        self._end = b""  # of the chunk before, in case "<!DOCTYPE" stands across two
        self._markup = 0

    @property
    def sha256(self) -> str:
        """Of the bytes read so far."""
        return self._hash.hexdigest()

    def cleared(self) -> None:
        """Say that what was parsed until now has been forgotten."""
        self._markup = 0

    def read(self, size: int = _CHUNK) -> bytes:
        """The next piece as UTF-8; empty at the end.

        Raises
        ------
        MalformedFileError
        UnsafeFileError
        """
        size = size if size > 0 else _CHUNK
        while True:
            self._file.seek(self._position)
            raw = self._file.read(size)
            self._hash.update(raw)
            if self._decoder is None:
                if raw.startswith(_UTF16) and not raw.startswith(_UTF32):
                    self._decoder = codecs.getincrementaldecoder("utf-16")()
                else:
                    refuse_other_encoding(raw, self._file_name)
                    self._decoder = codecs.getincrementaldecoder("utf-8-sig")()
            self._position += len(raw)
            try:
                text = self._decoder.decode(raw, final=not raw).encode("utf-8")
            except UnicodeError as error:
                raise _not_utf8(self._file_name) from error
            if text or not raw:
                break
        if DOCTYPE in self._end + text:
            raise _document_type(self._file_name)
        self._end = (self._end + text)[-len(DOCTYPE) :]
        self._markup += max(text.count(b"<"), text.count(b"="))
        if self._markup > MAX_MARKUP:
            raise _too_much(self._file_name)
        return text
