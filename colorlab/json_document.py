"""A JSON document of ours: is it of the kind wanted, and what is wrong with a value, said alike by every reader."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from spectra.errors import ColorlabError, MalformedFileError


@dataclass(frozen=True, slots=True)
class JsonKind:
    """A kind of document.

    Attributes
    ----------
    kind : str
        Its key `kind`.
    version : int
        The one that is written, and the only one that is read.
    words : str
        What it is, with its article.
    remedy : str
        How to come by one.
    """

    kind: str
    version: int
    words: str
    remedy: str

    @property
    def head(self) -> dict[str, Any]:
        """The keys a document begins with."""
        return {"kind": self.kind, "version": self.version}

    def opened(
        self, content: bytes, file_name: str, *, parse_int: Callable[[str], float] | None = None
    ) -> dict[str, Any]:
        """The document in plain types.

        Raises
        ------
        MalformedFileError
            If it is not JSON, or of another kind or version.
        """
        try:
            document = json.loads(content, parse_int=parse_int)
        except (ValueError, RecursionError) as error:
            raise MalformedFileError(
                file_name, f"not JSON ({error})", expected=self.words, remedy=self.remedy
            ) from error
        if not isinstance(document, dict) or document.get("kind") != self.kind:
            raise MalformedFileError(
                file_name, f"not {self.words}", expected=f"kind = {self.kind!r}", remedy=self.remedy
            )
        if document.get("version") != self.version:
            raise MalformedFileError(
                file_name, f"version {document.get('version')!r}", where="key version", expected=str(self.version)
            )
        return document

    @contextmanager
    def values_of(self, file_name: str) -> Iterator[None]:
        """While values are taken from a document: what is missing or does not fit becomes a `MalformedFileError`."""
        try:
            yield
        except MalformedFileError:
            raise
        except KeyError as error:
            raise MalformedFileError(file_name, "missing", where=f"key {error.args[0]}", remedy=self.remedy) from error
        except (TypeError, ValueError, AttributeError, IndexError, OverflowError, RecursionError) as error:
            raise MalformedFileError(
                file_name, f"a value is of the wrong kind ({error})", remedy=self.remedy
            ) from error
        except ColorlabError as error:
            raise MalformedFileError(file_name, str(error), remedy=self.remedy) from error
