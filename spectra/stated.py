"""What a file states about a colour beside spectra: coordinates, recipes, and documents that belong to a sample."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from spectra.arrays import FloatArray, frozen
from spectra.errors import MeasurementError
from spectra.geometry import UNDECLARED, Geometry

ColourSpace = Literal["Lab", "XYZ", "LCh", "xyY", "Luv"]
COLOUR_SPACES: tuple[ColourSpace, ...] = ("Lab", "XYZ", "LCh", "xyY", "Luv")
Role = Literal["standard", "sample", "undeclared"]


@dataclass(frozen=True, slots=True)
class Source:
    """The raw file a record was read from."""

    file_name: str
    sha256: str
    format: str


@dataclass(frozen=True, slots=True, eq=False)
class StatedColour:
    """Colour coordinates that stand in a file; the instrument's claim, not ours.

    Attributes
    ----------
    space : {"Lab", "XYZ", "LCh", "xyY", "Luv"}
        XYZ and Y with 100 for the perfect reflecting diffuser.
    values : ndarray, shape (n_angles, 3)
        A row of NaN where an angle states none.
    illuminant, observer : str or None
        None where the file does not declare them, as QTX often does not.

    Raises
    ------
    MeasurementError
        If the space is not known, or the values are not rows of three.
    """

    space: ColourSpace
    values: FloatArray
    illuminant: str | None = None
    observer: str | None = None

    def __post_init__(self) -> None:
        values = frozen(self.values)
        if self.space not in COLOUR_SPACES or values.ndim != 2 or values.shape[1] != 3:
            raise MeasurementError(f"colours of shape {values.shape} in {self.space!r} are not rows of three numbers")
        object.__setattr__(self, "values", values)


@dataclass(frozen=True, slots=True)
class Texture:
    """A texture scalar of one vendor's instrument: opaque, comparable only with the same device and version."""

    quantity: str
    geometry: str
    value: float
    version: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class ColourReading:
    """A sample of which a file states colour coordinates only, without a spectrum.

    Attributes
    ----------
    sample : str
    stated : tuple of StatedColour
        At least one; each with a row for each angle of `geometry`.
    texture : tuple of Texture
    """

    sample: str
    stated: tuple[StatedColour, ...]
    geometry: Geometry = UNDECLARED
    role: Role = "undeclared"
    standard: str | None = None
    taken_at: datetime | None = None
    instrument: str | None = None
    conditions: Mapping[str, str] = field(default_factory=dict)
    source: Source | None = None
    texture: tuple[Texture, ...] = ()

    def __post_init__(self) -> None:
        check_stated(self.sample, self.stated, self.geometry)
        if not self.stated:
            raise MeasurementError(f"{self.sample}: a colour reading without a colour")


def check_stated(sample: str, stated: tuple[StatedColour, ...], geometry: Geometry) -> None:
    """Refuse stated colours that do not have a row for each angle.

    Raises
    ------
    MeasurementError
    """
    for colour in stated:
        if len(colour.values) != geometry.n_angles:
            raise MeasurementError(
                f"{sample}: {len(colour.values)} stated {colour.space} colours for {geometry.n_angles} angles"
            )


@dataclass(frozen=True, slots=True)
class StatedComponent:
    """One line of a recipe as a file states it."""

    colorant: str
    amount: float
    part_number: str | None = None
    density: str | None = None
    is_base: bool = False


@dataclass(frozen=True, slots=True)
class StatedRecipe:
    """A recipe as a file states it: amounts in the file's own unit, which need not be mass fractions.

    Attributes
    ----------
    sample : str
        Of the object it belongs to.
    name : str
    unit : str or None
        Verbatim: "percent", "g"; None where the file does not say.
    components : tuple of StatedComponent
    substrate, process : str or None
    """

    sample: str
    name: str
    unit: str | None
    components: tuple[StatedComponent, ...]
    substrate: str | None = None
    process: str | None = None
    source: Source | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Attachment:
    """A document that belongs to a measurement: its tolerance, verdict, provenance; plain JSON types.

    Attributes
    ----------
    kind : str
        "tolerance", "verdict", "provenance", "difference", ...
    subject : int or None
        Place of the measurement in the file, from 0; None where it concerns the file.
    document : mapping
        As `json.loads` gives it, with text keys.
    """

    kind: str
    subject: int | None
    document: Mapping[str, Any]
