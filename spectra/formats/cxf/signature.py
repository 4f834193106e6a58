"""What a CxF3 file is recognised by."""

from __future__ import annotations

import re

from spectra.formats.cxf.vocabulary import CORE
from spectra.formats.text import head_text

_ROOT = re.compile(r"<(?:[\w.\-]{1,40}:)?CxF[\s>/][^<]{0,4000}?" + re.escape(CORE))


def recognises(content: bytes, file_name: str) -> bool:
    """Whether the root element is CxF of the CxF3 namespace."""
    return not content.startswith(b"PK\x03\x04") and _ROOT.search(head_text(content)) is not None
