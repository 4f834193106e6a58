"""CxF3, the colour exchange format of ISO 17972-1: reading, writing, and our extension of it."""

from __future__ import annotations

from spectra.formats.cxf.reader import read
from spectra.formats.cxf.signature import recognises
from spectra.formats.cxf.stream import stream
from spectra.formats.cxf.vocabulary import NAME
from spectra.formats.cxf.writer import write

__all__ = ["NAME", "read", "recognises", "stream", "write"]
