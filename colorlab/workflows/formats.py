"""The registry of measurement-file formats: what is read, what is written, how each is recognised."""

from __future__ import annotations

from typing import Any

from colorlab.workflows.text import table
from spectra.formats.registry import FORMATS


def formats_as_dict() -> list[dict[str, Any]]:
    """The registry of formats in plain types."""
    return [
        {
            "name": row.name,
            "title": row.title,
            "suffixes": list(row.suffixes),
            "reads": True,
            "writes": row.write is not None,
            "recognised_by": row.how_recognised,
        }
        for row in FORMATS.values()
    ]


def formats_as_text() -> str:
    """The registry of formats, a line each."""
    rows = [
        (row.name, row.title, " ".join(row.suffixes), "read, write" if row.write else "read", row.how_recognised)
        for row in FORMATS.values()
    ]
    return table(("name", "format", "suffixes", "can", "recognised by"), rows)
