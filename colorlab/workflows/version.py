"""Which software gave an answer: part of every record."""

from __future__ import annotations

from functools import cache
from importlib.metadata import PackageNotFoundError, version


@cache
def software_version() -> str:
    """The installed version of colorlab-paint."""
    try:
        return version("colorlab-paint")
    except PackageNotFoundError:
        return "not installed"
