"""Every error colorlab raises on purpose.

::

    ColorlabError
    ├── FileError                  a file a user gave us
    │   ├── UnknownFormatError     no reader, or more than one, recognises it
    │   ├── MalformedFileError     recognised, but a line or field is not what the format says
    │   └── UnsafeFileError        refused before reading: too large, too deep, not a regular file
    ├── MeasurementError           a measurement that cannot be used as asked
    │   ├── WavelengthRangeError   wavelengths asked for were not measured
    │   ├── GeometryError          a geometry that cannot be understood
    │   ├── MissingAngleError      an aspecular angle that was not measured
    │   ├── NotComparableError     standard and sample were not measured alike
    │   ├── UnknownConditionError  an illuminant, observer or other condition nobody declared
    │   └── FrameError             a data frame or array that does not say which spectra it holds
    ├── FormulationError           colorants, recipes and the search for them
    │   ├── UnknownColorantError   a recipe names a colorant that is not characterised
    │   ├── CharacterisationError  ladders that cannot give absorption and scattering
    │   └── NoRecipeError          no recipe satisfies the constraints
    ├── PhotoError                 photos of panels
    │   ├── CaptureManifestError   capture.json does not say what it must
    │   └── RefusedPhotoError      a photo from which no metric at all can be taken
    ├── ToleranceError             a tolerance or decision rule that makes no sense
    ├── RoadmapError               a programme, colour or stage change that is not allowed
    ├── ReportError                a page or figure that cannot be made
    ├── MissingPackageError        a package that is installed only by choice is not
    └── LabError                   the store
        ├── NotALabError           the folder is not a lab, or was written by a newer version
        ├── RecordNotFoundError    no record under that name
        └── DamagedLabError        a record or raw file is not what was written

The command line prints the message of a ColorlabError as one line and exits with 2; nothing above this
module maps errors to anything else.
"""

from __future__ import annotations

from collections.abc import Sequence


class ColorlabError(Exception):
    """Base of every error raised on purpose: its message is for the person at the bench."""


class FileError(ColorlabError):
    """Something is wrong with a file: says which file, where, what was found, what was expected, what to do."""

    def __init__(self, file: str, found: str, *, where: str = "", expected: str = "", remedy: str = "") -> None:
        self.file = file
        self.where = where
        self.found = found
        self.expected = expected
        self.remedy = remedy
        place = f"{file}, {where}" if where else file
        wanted = f"; expected {expected}" if expected else ""
        advice = f". {remedy}" if remedy else ""
        super().__init__(f"{place}: {found}{wanted}{advice}")


class UnknownFormatError(FileError):
    """No format, or more than one, recognises the content."""

    def __init__(self, file: str, matches: Sequence[str], known: Sequence[str], likeness: str = "") -> None:
        self.matches = tuple(matches)
        self.known = tuple(known)
        self.likeness = likeness
        found = f"recognised as {' and '.join(matches)}"
        if not matches:
            found = "not recognised as any measurement format" + (f": it {likeness}" if likeness else "")
        remedy = "Name it with --format" if matches else "`colorlab formats` tells what each is recognised by"
        super().__init__(file, found, expected=f"exactly one of {', '.join(known)}", remedy=remedy)


class MalformedFileError(FileError):
    """The format is known, but a line or field is not what it must be."""


class UnsafeFileError(FileError):
    """Refused before it was read."""


class MeasurementError(ColorlabError):
    """A measurement cannot be used for what was asked."""


class WavelengthRangeError(MeasurementError):
    """Wavelengths were asked for that were not measured: nothing is extrapolated."""


class GeometryError(MeasurementError):
    """A measurement geometry that cannot be understood."""


class MissingAngleError(MeasurementError):
    """A formula asked for an aspecular angle the instrument did not measure."""

    def __init__(self, needed: float, measured: Sequence[float]) -> None:
        self.needed = needed
        self.measured = tuple(measured)
        angles = ", ".join(f"{angle:g}°" for angle in measured) or "none"
        super().__init__(f"needs the {needed:g}° aspecular angle; measured: {angles}")


class NotComparableError(MeasurementError):
    """Standard and sample were not measured alike."""

    def __init__(self, quantity: str, standard: str, sample: str, remedy: str = "") -> None:
        self.quantity = quantity
        self.standard = standard
        self.sample = sample
        advice = f". {remedy}" if remedy else ""
        super().__init__(f"{quantity} differs: standard {standard}, sample {sample}{advice}")


class UnknownConditionError(MeasurementError):
    """An illuminant, observer, formula or other condition that is not known or was not declared."""

    def __init__(self, quantity: str, found: str, known: Sequence[str]) -> None:
        self.quantity = quantity
        self.found = found
        self.known = tuple(known)
        super().__init__(f"{quantity} {found!r} is not known; one of {', '.join(known)}")


class FrameError(MeasurementError):
    """A data frame or array does not say which spectra it holds: names the column and row."""


class MissingPackageError(ColorlabError):
    """A package that only some need is not installed."""

    def __init__(self, package: str, needed_for: str) -> None:
        self.package = package
        super().__init__(f"{package} is not installed, which {needed_for} needs: pip install {package}")


class FormulationError(ColorlabError):
    """Colorants, recipes and the search for them."""


class UnknownColorantError(FormulationError):
    """A recipe or constraint names a colorant the set does not hold."""

    def __init__(self, code: str, known: Sequence[str]) -> None:
        self.code = code
        self.known = tuple(known)
        super().__init__(f"colorant {code!r} is not in the set; it holds {', '.join(known)}")


class CharacterisationError(FormulationError):
    """The ladders cannot give absorption and scattering."""


class NoRecipeError(FormulationError):
    """No combination of colorants satisfies the constraints."""


class PhotoError(ColorlabError):
    """Photos of panels."""


class CaptureManifestError(PhotoError):
    """capture.json does not say what it must: names the key, what was found and what was expected."""

    def __init__(self, file: str, key: str, found: str, expected: str) -> None:
        self.file = file
        self.key = key
        where = f"{file}, key {key!r}" if key else file
        super().__init__(f"{where}: {found}; expected {expected}")


class RefusedPhotoError(PhotoError):
    """A photo from which no metric at all can be taken."""


class ToleranceError(ColorlabError):
    """A tolerance or decision rule that makes no sense."""


class RoadmapError(ColorlabError):
    """A programme, colour or stage change that is not allowed."""


class ReportError(ColorlabError):
    """A page or figure that cannot be made."""


class LabError(ColorlabError):
    """The store."""


class NotALabError(LabError):
    """The folder is not a lab, or was written by a newer version."""


class RecordNotFoundError(LabError):
    """No record under that name."""

    def __init__(self, kind: str, name: str, known: Sequence[str] = (), *, remedy: str = "") -> None:
        self.kind = kind
        self.name = name
        self.remedy = remedy
        listing = f"; there are {', '.join(known)}" if known else ""
        advice = f". {remedy}" if remedy else ""
        which = f"{kind} {name!r}" if name else kind
        super().__init__(f"no {which} in this lab{listing}{advice}")


class DamagedLabError(LabError):
    """A record or raw file is not what was written."""
