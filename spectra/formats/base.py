"""What every format is made of: the row of the registry, what a reader may be told, what it gives back."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Literal

from spectra.errors import MalformedFileError, MeasurementError, UnknownConditionError, UnsafeFileError
from spectra.light import SpectralDistribution
from spectra.measurement import Measurement
from spectra.stated import Attachment, ColourReading, Source, StatedRecipe

if TYPE_CHECKING:
    from spectra.formats.profile.rules import Profile

ReflectanceUnit = Literal["percent", "fraction"]
UNITS: tuple[ReflectanceUnit, ...] = ("percent", "fraction")
SCALE: dict[ReflectanceUnit, float] = {
    "percent": 0.01,
    "fraction": 1.0,
}  # to the reflectance factor, 1 = perfect diffuser

# A row of 31 wavelengths takes about 350 bytes of text, a workbook with its texture images about 2 MB per panel.
MAX_FILE_BYTES = 64 * 2**20

# Beyond any paint, even flakes seen close to the specular direction; keeps every later product finite.
MAX_REFLECTANCE_FACTOR = 1000.0

# Outside of what any spectrophotometer for paint measures. [nm]
MIN_WAVELENGTH, MAX_WAVELENGTH = 150.0, 3000.0


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """What the person at the bench declares because the file does not.

    Attributes
    ----------
    reflectance_unit : {"percent", "fraction"} or None
    encoding : str or None
        Of a text file that is not UTF-8 and has no byte-order mark, e.g. "gb18030".
    profiles : tuple of Profile
        Mapping profiles of the user's own, instead of the shipped ones.
    by_date : bool
        Whether rows of a table with another date are another measurement of the sample, as of a check tile, and not
        repeat readings.
    """

    reflectance_unit: ReflectanceUnit | None = None
    encoding: str | None = None
    profiles: tuple[Profile, ...] = ()
    by_date: bool = False

    def __post_init__(self) -> None:
        if self.reflectance_unit is not None and self.reflectance_unit not in UNITS:
            raise UnknownConditionError("reflectance unit", str(self.reflectance_unit), UNITS)


NOTHING_DECLARED = ReadOptions()


@dataclass(frozen=True, slots=True, eq=False)
class MeasurementFile:
    """What a file holds.

    Attributes
    ----------
    format : str
        Name of the row of FORMATS that read it.
    measurements : tuple of Measurement
    notes : tuple of str
        What a reader of the numbers must know: what was not declared or left out, by which rule a unit was taken.
    colours : tuple of ColourReading
        Samples of which it states colour coordinates only.
    spectra : tuple of SpectralDistribution
        Spectra that are not reflectance: light sources, transmittance.
    recipes : tuple of StatedRecipe
    attachments : tuple of Attachment
        Documents that belong to a measurement or to the file.
    """

    format: str
    measurements: tuple[Measurement, ...]
    notes: tuple[str, ...] = ()
    colours: tuple[ColourReading, ...] = ()
    spectra: tuple[SpectralDistribution, ...] = ()
    recipes: tuple[StatedRecipe, ...] = ()
    attachments: tuple[Attachment, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether it holds nothing that could be kept."""
        return not (self.measurements or self.colours or self.spectra or self.recipes)


@dataclass(frozen=True, slots=True)
class Format:
    """One row of the registry.

    Attributes
    ----------
    name : str
        What `--format` is given and `Source.format` records.
    title : str
    suffixes : tuple of str
    recognises : callable (content, file_name) -> bool
        Never raises; looks at content first.
    read : callable (content, file_name, options) -> MeasurementFile
    write : callable (MeasurementFile) -> bytes, or None
        Refuses what the format cannot hold at all, leaves out what `docs/formats` says it loses.
    how_recognised : str
        In words, for `colorlab formats`.
    stream : callable (binary file, file_name, options) -> iterator of Measurement, or None
        For files larger than memory: the measurements one after the other, none of the notes. The file can be sought.
    """

    name: str
    title: str
    suffixes: tuple[str, ...]
    recognises: Callable[[bytes, str], bool]
    read: Callable[[bytes, str, ReadOptions], MeasurementFile]
    write: Callable[[MeasurementFile], bytes] | None
    how_recognised: str
    stream: Callable[[BinaryIO, str, ReadOptions], Iterator[Measurement]] | None = None


def file_of(measurements: Iterable[Measurement], format_name: str = "") -> MeasurementFile:
    """Measurements as a file that a writer takes."""
    return MeasurementFile(format_name, tuple(measurements))


def source_of(content: bytes, file_name: str, format_name: str) -> Source:
    """The record of the raw file that every measurement carries."""
    return Source(file_name, hashlib.sha256(content).hexdigest(), format_name)


def refuse_large(content: bytes, file_name: str) -> None:
    """Refuse a file beyond the size any measurement file has.

    Raises
    ------
    UnsafeFileError
    """
    if len(content) > MAX_FILE_BYTES:
        raise UnsafeFileError(
            file_name,
            f"{len(content) / 2**20:.0f} MiB",
            expected=f"at most {MAX_FILE_BYTES // 2**20} MiB",
            remedy="Split it",
        )


def refuse_other_unit(options: ReadOptions, unit: ReflectanceUnit, file_name: str) -> None:
    """Refuse a declared unit that contradicts the one the format itself prescribes.

    Raises
    ------
    MalformedFileError
    """
    if options.reflectance_unit not in (None, unit):
        raise MalformedFileError(
            file_name,
            f"reflectance_unit={options.reflectance_unit!r} was given",
            expected=f"{unit}, which the format prescribes",
            remedy="Leave the unit out",
        )


@dataclass(slots=True)
class placed:  # noqa: N801 - read as `with placed(...)`; a generator would take longer than a measurement
    """Give an error about a measurement the place in the file it came from."""

    file_name: str
    where: str

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, MeasurementError):
            raise MalformedFileError(self.file_name, str(error), where=self.where) from error
