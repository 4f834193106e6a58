"""Writing our extension of CxF3: for each object what the schema has no place for, and the attached documents."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from spectra.arrays import FloatArray
from spectra.errors import MeasurementError
from spectra.formats.cxf.markup import grown, is_clean, name_text, number_text, numbers_text
from spectra.formats.cxf.specification_writer import tristimulus_of
from spectra.formats.cxf.vocabulary import FACTOR_CEILING, FACTOR_FLOOR, QUANTITIES, REFLECTANCE, UNITS, ours
from spectra.geometry import Geometry
from spectra.light import SpectralDistribution
from spectra.measurement import Measurement
from spectra.stated import Attachment, ColourReading, StatedColour, Texture
from spectra.wavelengths import WavelengthGrid, grid_of_nodes

if TYPE_CHECKING:
    from lxml import etree


class ExtensionWriter:
    """Fills the Extension element; what is added to nothing is left out."""

    def __init__(self, element: etree._Element) -> None:
        self._element = element

    def add_measurement(self, one: Measurement, identity: str) -> None:
        """What CxF3 has no place for in a measurement.

        Raises
        ------
        GeometryError
        MeasurementError
        """
        spectra = one.reflectance_factor
        attributes = {
            "Standard": None if one.standard is None else name_text(one.standard, "the standard"),
            "Bandpass": None if one.declared.bandpass_nm is None else number_text(one.declared.bandpass_nm),
            "AnyFactor": None if ((spectra > FACTOR_FLOOR) & (spectra < FACTOR_CEILING)).all() else "true",
        }
        addition = self._addition(identity, attributes)
        _add_grid(addition, one.grid)
        _add_angles(addition, one.geometry, one.stated, measured=True)
        for reading in () if one.readings is None else one.readings:
            _add_rows(grown(addition, ours("Reading")), reading)
        if one.covariance is not None:
            _add_rows(grown(addition, ours("Covariance")), one.covariance.reshape(len(one.covariance), -1))
        _add_textures(addition, one.texture)
        _add_colours(addition, one.stated)
        self._keep(addition)

    def add_colour(self, one: ColourReading, identity: str) -> None:
        """What CxF3 has no place for in a sample without spectrum.

        Raises
        ------
        GeometryError
        MeasurementError
        """
        standard = None if one.standard is None else name_text(one.standard, "the standard")
        addition = self._addition(identity, {"Standard": standard})
        _add_angles(addition, one.geometry, one.stated, measured=False)
        _add_textures(addition, one.texture)
        _add_colours(addition, one.stated)
        self._keep(addition)

    def add_spectrum(self, one: SpectralDistribution, identity: str) -> None:
        """What CxF3 has no word for in another spectrum."""
        known = one.quantity in QUANTITIES.values() and one.quantity != REFLECTANCE
        attributes = {
            "Quantity": None if known else one.quantity,
            "Unit": None if one.unit == UNITS.get(one.quantity, "") else one.unit,
        }
        addition = self._addition(identity, attributes)
        _add_grid(addition, one.grid)
        self._keep(addition)

    def attach(self, attachments: Iterable[Attachment], identities: Sequence[str]) -> None:
        """Write documents as JSON.

        Raises
        ------
        MeasurementError
            If one belongs to a measurement that is not there, or holds something that JSON has no word for.
        """
        for one in attachments:
            if one.subject is not None and not 0 <= one.subject < len(identities):
                raise MeasurementError(
                    f"an attached {one.kind} belongs to measurement {one.subject}, which is not there"
                )
            try:
                text = json.dumps(one.document, allow_nan=False)
            except (TypeError, ValueError, RecursionError) as error:
                raise MeasurementError(f"an attached {one.kind} holds something that JSON has no word for") from error
            identity = None if one.subject is None else identities[one.subject]
            attributes = {"Kind": name_text(one.kind, "the kind of an attachment"), "Object": identity}
            grown(self._element, ours("Attachment"), text, attributes)

    def _addition(self, identity: str, attributes: dict[str, str | None]) -> etree._Element:
        return grown(self._element, ours("Addition"), attributes={"Object": identity} | attributes)

    def _keep(self, addition: etree._Element) -> None:
        if not len(addition) and list(addition.keys()) == ["Object"]:
            self._element.remove(addition)


def _add_rows(element: etree._Element, rows: FloatArray) -> None:
    for row in rows:
        grown(element, ours("Row"), numbers_text(row.tolist()))


def _add_grid(addition: etree._Element, grid: WavelengthGrid) -> None:
    """The declared step, where the wavelengths alone would give another in the last digit."""
    if grid.step is None or grid_of_nodes(grid.wavelengths) == grid:
        return
    steps = {"Start": repr(float(grid.start)), "Stop": repr(float(grid.stop)), "Step": repr(float(grid.step))}
    grown(addition, ours("Grid"), attributes=steps)


def _add_angles(
    addition: etree._Element, geometry: Geometry, stated: Sequence[StatedColour], *, measured: bool
) -> None:
    """The angle pairs, where CxF3 would not give all of them back: an angle without any colour."""
    if geometry.kind != "directional":
        return
    seen = np.zeros(geometry.n_angles, dtype=bool) | measured
    for colour in stated:
        seen |= ~np.isnan(colour.values).any(axis=1)
    first_seen = next((colour for colour in stated), None)
    in_order = measured or first_seen is None or not np.isnan(first_seen.values).any()
    if not seen.all() or not in_order:
        grown(addition, ours("Angles"), " ".join(geometry.tokens))


def _add_textures(addition: etree._Element, textures: Sequence[Texture]) -> None:
    for texture in textures:
        named = {"Quantity": texture.quantity, "Geometry": texture.geometry}
        rest = {"Value": number_text(texture.value), "Version": texture.version or None}
        grown(addition, ours("Texture"), attributes=named | rest)


def _add_colours(addition: etree._Element, stated: Sequence[StatedColour]) -> None:
    """All stated colours once more, where CxF3 would not give them back as they are."""
    ways = [(colour.space, colour.illuminant, colour.observer) for colour in stated]
    many = any(len(colour.values) > 1 for colour in stated)
    plain = (
        all(
            (colour.illuminant is None and colour.observer is None)
            or tristimulus_of(colour.illuminant, colour.observer, "") is not None
            for colour in stated
        )
        and not any(np.isnan(colour.values).any() for colour in stated)
        and (not many or len(set(ways)) == len(ways))
    )
    if plain:
        return
    for colour in stated:
        attributes: dict[str, str | None] = {"Space": colour.space}
        attributes["Illuminant"] = colour.illuminant if is_clean(colour.illuminant) else None
        attributes["Observer"] = colour.observer if is_clean(colour.observer) else None
        _add_rows(grown(addition, ours("Colour"), attributes=attributes), colour.values)
