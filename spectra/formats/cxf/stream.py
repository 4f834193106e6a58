"""Reading CxF3 files larger than memory: one pass for what the objects point to, a second for the objects."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from spectra.errors import MalformedFileError
from spectra.formats.base import NOTHING_DECLARED, ReadOptions, refuse_other_unit
from spectra.formats.cxf.context import Context, line_of
from spectra.formats.cxf.differences import differences_of
from spectra.formats.cxf.extension import NOTHING_ADDED, Addition, Additions
from spectra.formats.cxf.gate import TOO_DEEP, Passage, malformed, nested
from spectra.formats.cxf.joining import Targets
from spectra.formats.cxf.objects import read_object
from spectra.formats.cxf.reader import complete
from spectra.formats.cxf.specifications import Specification, read_specification, specification_id
from spectra.formats.cxf.vocabulary import CORE, NAME, TARGET, core, ours
from spectra.measurement import Measurement
from spectra.stated import Source

if TYPE_CHECKING:
    from lxml import etree

_OBJECT, _SPECIFICATION, _ADDITION, _ROOT = core("Object"), core("ColorSpecification"), ours("Addition"), core("CxF")
_ABOVE: dict[object, list[str]] = {
    _OBJECT: [core("ObjectCollection"), core("Resources"), _ROOT],
    _SPECIFICATION: [core("ColorSpecificationCollection"), core("Resources"), _ROOT],
    _ADDITION: [ours("Extension"), core("CustomResources"), _ROOT],
}


def stream(binary_file: BinaryIO, file_name: str, options: ReadOptions = NOTHING_DECLARED) -> Iterator[Measurement]:
    """The measurements of a CxF3 file one after the other, as `read` gives them.

    Held in memory are the specifications, the targets with a location, and eight bytes for each object.

    Raises
    ------
    MalformedFileError
        As `read` does, and if our extension does not follow the order of the objects.
    UnsafeFileError
    """
    refuse_other_unit(options, "fraction", file_name)
    context = Context(file_name, Source(file_name, "", NAME), options)

    def elements(*tags: str) -> Iterator[etree._Element]:
        return (one for one in _elements(Passage(binary_file, file_name), file_name) if one.tag in tags)

    first = _FirstPass(context)
    passage = Passage(binary_file, file_name)
    for element in _elements(passage, file_name):
        first.take(element)
    while passage.read():  # what follows the root element belongs to the hash
        pass
    context.source = Source(file_name, passage.sha256, NAME)
    first.refuse_disorder()
    names = first.names(elements(_OBJECT)) if first.references else {}
    additions = _OrderedAdditions(elements(_ADDITION) if first.added else iter(()))
    for element in elements(_OBJECT):
        found = read_object(element, context)
        if found.differences:
            differences_of(found, first.specifications, names, context)
        yield from complete(found, first.specifications, first.targets, additions, context)[0]


class _FirstPass:
    """What the objects of a file point to."""

    def __init__(self, context: Context) -> None:
        self.specifications: dict[str, Specification] = {}
        self.targets = Targets()
        self.references: set[str] = set()
        self.added = array("q")  # hashes of the Ids that the extension adds to
        self._objects = array("q")
        self._context = context

    def take(self, element: etree._Element) -> None:
        if element.tag == _SPECIFICATION:
            name = specification_id(element, self._context, self.specifications)
            self.specifications[name] = read_specification(element, self._context)
        elif element.tag == _ADDITION:
            self.added.append(hash(element.get("Object") or ""))
        else:
            self._objects.append(hash(element.get("Id") or ""))
            for difference in element.iterfind(f"{core('ColorDifferenceValues')}/*"):
                self.references.add(difference.get("StandardRef") or "")
            if line_of(element.get("ObjectType")).lower() == TARGET:
                self.targets.add(read_object(element, self._context))

    def names(self, objects: Iterator[etree._Element]) -> dict[str, str]:
        """Names of the objects that others are judged against."""
        return {
            element.get("Id") or "": line_of(element.get("Name")) or line_of(element.get("Id")) or "unnamed"
            for element in objects
            if (element.get("Id") or "") in self.references
        }

    def refuse_disorder(self) -> None:
        """Refuse Ids that stand twice, and an extension in another order than the objects, or of none of them."""
        hashes = np.sort(np.array(self._objects, dtype=np.int64))
        hashes = hashes[hashes != hash("")]
        if (hashes[1:] == hashes[:-1]).any():
            raise MalformedFileError(self._context.file_name, "an Id of an object stands twice", expected="each once")
        pending = iter(self._objects)
        if not all(any(one == wanted for one in pending) for wanted in self.added):
            raise MalformedFileError(
                self._context.file_name,
                "the additions of the extension do not follow the order of the objects",
                expected="that order, so that both can be read in one go",
                remedy="Read the file as a whole",
            )


class _OrderedAdditions(Additions):
    """The extension, read in step with the objects."""

    def __init__(self, elements: Iterator[etree._Element]) -> None:
        super().__init__()
        self._elements = elements
        self._next = next(elements, None)
        self._used = False

    def of(self, identity: str) -> Addition:
        if self._used:
            self._next, self._used = next(self._elements, None), False
        if self._next is None or (self._next.get("Object") or "") != identity:
            return NOTHING_ADDED
        self._used = True  # and forgotten when the next one is asked for
        return Addition(self._next)


def _elements(passage: Passage, file_name: str) -> Iterator[etree._Element]:
    """Objects, specifications and additions, each forgotten when the next one is asked for.

    Raises
    ------
    MalformedFileError
    UnsafeFileError
    """
    from lxml import etree

    parsed = etree.iterparse(
        passage,
        events=("start", "end"),
        tag=(_ROOT, _OBJECT, _SPECIFICATION, _ADDITION),
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    is_deep = etree.XPath(TOO_DEEP)
    known_root = False
    try:
        for event, element in parsed:
            if event == "start":
                known_root = known_root or (element.tag == _ROOT and element.getparent() is None)
            elif [one.tag for one in element.iterancestors()] == _ABOVE.get(element.tag):
                if is_deep(element):
                    raise nested(file_name)
                yield element
                _forget(element)
                passage.cleared()
    except etree.XMLSyntaxError as error:
        raise malformed(error, file_name) from error
    if not known_root:
        raise MalformedFileError(file_name, "the root element is not CxF", expected=f"CxF of {CORE}")


def _forget(element: etree._Element) -> None:
    """Drop the content of an element and everything that stands before it in the file."""
    element.clear()
    for one in (element, *element.iterancestors()):
        parent = one.getparent()
        while parent is not None and (before := one.getprevious()) is not None:
            parent.remove(before)
