"""What is said of a surface beyond its brick-wall bands: Gaussian bands, texture and spectrum, from one transform."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from inspections.structure.areal import TOTAL, ArealFigure, areal_figures
from inspections.structure.bands import BANDS, resolution_reason
from inspections.structure.shells import SlopeShells
from inspections.structure.spectrum import StructureSpectrum, structure_spectrum
from inspections.structure.texture import SurfaceTexture, resolved_surface, surface_texture


@dataclass(frozen=True, slots=True, eq=False)
class SurfaceFigures:
    """Areal figures of one panel.

    Attributes
    ----------
    areal : mapping of str to ArealFigure
        Of the bands that pixels and field resolve, `TOTAL` among them.
    texture : SurfaceTexture or None
        None when hardly any waves are resolved.
    spectrum : StructureSpectrum
    """

    areal: Mapping[str, ArealFigure]
    texture: SurfaceTexture | None
    spectrum: StructureSpectrum


def surface_figures(shells: SlopeShells, mm_per_pixel: float, field_mm: tuple[float, float]) -> SurfaceFigures:
    """Areal figures from phase-stepped fringes.

    Parameters
    ----------
    shells : SlopeShells
    mm_per_pixel : float
        The coarser of both directions.
    field_mm : tuple of float
    """
    resolved = {
        name: band
        for name, band in {**BANDS, TOTAL.name: TOTAL}.items()
        if resolution_reason(band, mm_per_pixel, field_mm) is None
    }
    surface = resolved_surface(mm_per_pixel, field_mm)
    return SurfaceFigures(
        areal=areal_figures(shells, resolved),
        texture=None if surface is None else surface_texture(shells, surface),
        spectrum=structure_spectrum(shells),
    )
