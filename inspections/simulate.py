"""The virtual painted panel: a seeded surface with known structure, gloss and body colour, polished at will."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft2, next_fast_len

from inspections.photos.photo import FloatImage
from inspections.structure.bands import BANDS
from inspections.virtual_station.canvas import PanelCanvas, SimulatedMark, marked
from spectra.arrays import FloatArray
from spectra.errors import PhotoError

Body = Literal["black", "grey", "silver", "white", "black glass"]

BODY_LIGHT: Mapping[Body, float] = {"black glass": 0.10, "black": 0.19, "grey": 0.69, "silver": 1.5, "white": 2.8}
"""Light from under the clear coat relative to the mirrored white of the screen; 0.5 (1/contrast − 1)."""
STRUCTURE = ("a", "b", "c", "d", "e")
"""Bands that tile 0.1 to 30 mm without overlap; the surface is built from them."""
PITCH_MM = 0.05
MARGIN_MM = 6.0
ROI_BORDER_MM = 5.0
_MOTTLE_MM = (6.0, 20.0)


@dataclass(frozen=True, eq=False)
class SimulatedPanel:
    """A panel whose surface is known.

    Attributes
    ----------
    size_mm : tuple of float
        Width and height of the opening it is seen through. [mm]
    slope_mrad : mapping of str to float
        Slope rms per axis of each band of `STRUCTURE`, over the whole periodic surface. [mrad]
    body : {"black", "grey", "silver", "white", "black glass"}
    micro_slope_mrad : float
        Rms slope of the roughness below the pixel; it takes contrast from fine fringes. [mrad]
    radius_mm : float or None
        Cylinder radius about the vertical axis; None is flat. [mm]
    gloss_spread : float
        Relative standard deviation of the mirror gloss over the panel, blotches of 6 to 20 mm.
    exposure : float
        Camera gain; a flat reference shares it with its panel.
    haze : float
        Share of the mirrored light that is scattered into a halo of `haze_slope_mrad`. [0-1]
    haze_slope_mrad : float
        Rms slope of the scatterers behind the halo. [mrad]
    marks : tuple of SimulatedMark
        Nibs, scratches, swirls …, not part of the structure bands of `truth`.
    waves : ndarray of complex64
        Half-plane spectrum of the height with 1 mrad per axis in each band. [µm]
    blotches : ndarray of complex64
        Half-plane spectrum of the gloss blotches, unit standard deviation.
    """

    size_mm: tuple[float, float]
    slope_mrad: Mapping[str, float]
    body: Body
    micro_slope_mrad: float
    radius_mm: float | None
    gloss_spread: float
    exposure: float
    waves: NDArray[np.complex64]
    blotches: NDArray[np.complex64]
    moments: FloatArray
    haze: float = 0.0
    haze_slope_mrad: float = 35.0
    marks: tuple[SimulatedMark, ...] = ()

    def polished(self, remaining: Mapping[str, float] | float, micro_slope_mrad: float | None = None) -> SimulatedPanel:
        """The same panel after polishing.

        Parameters
        ----------
        remaining : float or mapping of str to float
            Share of each band's slope that is left; bands not named are untouched.
        micro_slope_mrad : float or None
            New roughness; None leaves it.
        """
        shares = dict.fromkeys(STRUCTURE, remaining) if isinstance(remaining, int | float) else remaining
        _known_bands(shares)
        slopes = {band: slope * shares.get(band, 1.0) for band, slope in self.slope_mrad.items()}
        return replace(
            self,
            slope_mrad=slopes,
            micro_slope_mrad=self.micro_slope_mrad if micro_slope_mrad is None else micro_slope_mrad,
        )

    def flat_reference(self) -> SimulatedPanel:
        """A polished black-glass tile for the same rig and exposure."""
        return replace(
            self,
            slope_mrad=dict.fromkeys(STRUCTURE, 0.0),
            body="black glass",
            micro_slope_mrad=0.0,
            radius_mm=None,
            gloss_spread=0.0,
            haze=0.0,
            marks=(),
        )

    def with_marks(self, *marks: SimulatedMark) -> SimulatedPanel:
        """The same panel with further marks on it."""
        return replace(self, marks=(*self.marks, *marks))

    @cached_property
    def canvas(self) -> PanelCanvas:
        """What marks add to height, gloss, roughness and haze, on the grid of `slopes`; not to be changed."""
        return marked(PanelCanvas.blank(_shape(self.size_mm), PITCH_MM, self.micro_slope_mrad, self.haze), self.marks)

    @cached_property
    def slopes(self) -> tuple[FloatImage, FloatImage]:
        """Slope maps along x and y at `PITCH_MM`, row 0 on top, curvature not included. [mrad]"""
        shape = _shape(self.size_mm)
        fx, fy, f = _frequencies(shape)
        height = self.waves * _gains(f, self.slope_mrad)
        turn = np.float32(2 * np.pi)
        along_x, along_y = _field(1j * turn * fx * height, shape), _field(1j * turn * fy * height, shape)
        if self.marks:
            down, right = np.gradient(self.canvas.height_um, np.float32(PITCH_MM))
            along_x, along_y = along_x + right, along_y - down  # rows run down, y runs up
        return along_x, along_y

    @cached_property
    def gloss(self) -> FloatImage:
        """Mirror gloss relative to a perfect clear coat, on the grid of `slopes`."""
        shape = _shape(self.size_mm)
        gloss = np.ones(shape, np.float32)
        if self.gloss_spread:
            gloss = np.clip(1.0 - self.gloss_spread * (1.0 + _field(self.blotches, shape)), 0.1, 1.0)
        return np.asarray(gloss * self.canvas.mirror, dtype=np.float32)

    def truth(self) -> dict[str, Any]:
        """What was put in: band figures inside the region of interest (5 mm border), radial brick-wall."""
        _, pieces = _pieces()
        weight = np.array([self.slope_mrad[band] for band, _, _ in pieces])
        bands = {}
        for name, band in BANDS.items():
            inside = np.array([low >= band.shortest_mm and high <= band.longest_mm for _, low, high in pieces])
            part = weight * inside
            x, y, height = (float(np.sqrt(max(part @ moment @ part, 0.0))) for moment in self.moments)
            bands[name] = {
                "slope_mrad": float(np.hypot(x, y) / np.sqrt(2)),
                "slope_x_mrad": x,
                "slope_y_mrad": y,
                "height_um": height,
            }
        return {
            "bands": bands,
            "body": self.body,
            "micro_slope_mrad": self.micro_slope_mrad,
            "radius_mm": self.radius_mm,
            "gloss_spread": self.gloss_spread,
            "haze": self.haze,
            "haze_slope_mrad": self.haze_slope_mrad,
            "marks": [mark.truth() for mark in self.marks],
            "size_mm": list(self.size_mm),
        }


def simulate_panel(
    rng: np.random.Generator,
    slope_mrad: Mapping[str, float],
    *,
    size_mm: tuple[float, float] = (100.0, 75.0),
    body: Body = "black",
    micro_slope_mrad: float = 1.0,
    radius_mm: float | None = None,
    gloss_spread: float = 0.0,
    haze: float = 0.0,
    marks: tuple[SimulatedMark, ...] = (),
) -> SimulatedPanel:
    """Draw a panel.

    Parameters
    ----------
    rng : numpy.random.Generator
    slope_mrad : mapping of str to float
        Slope rms per axis of bands "a" to "e"; bands not named are absent. Inside a band the slope power is the
        same in every octave. [mrad]
    size_mm : tuple of float
    body : str
        A key of `BODY_LIGHT`.
    micro_slope_mrad : float
    radius_mm : float or None
    gloss_spread : float
    haze : float
    marks : tuple of SimulatedMark

    Returns
    -------
    SimulatedPanel

    Raises
    ------
    PhotoError
        If a band or body is not known.
    """
    _known_bands(slope_mrad)
    if body not in BODY_LIGHT:
        raise PhotoError(f"body {body!r} is not known; one of {', '.join(BODY_LIGHT)}")
    shape = _shape(size_mm)
    fx, fy, f = _frequencies(shape)
    noise = _white(rng, f.shape)
    with np.errstate(divide="ignore"):
        waves = np.where(f > 0, noise / f**2, 0).astype(np.complex64)
    waves *= _gains(f, {band: 1.0 / _slope_rms(waves, f, shape, band) for band in STRUCTURE})
    blotches = _white(rng, f.shape) * ((f >= 1 / _MOTTLE_MM[1]) & (f < 1 / _MOTTLE_MM[0]))
    blotches /= np.float32(np.sqrt(_power(blotches, shape)))
    return SimulatedPanel(
        size_mm=size_mm,
        slope_mrad={band: float(slope_mrad.get(band, 0.0)) for band in STRUCTURE},
        body=body,
        micro_slope_mrad=micro_slope_mrad,
        radius_mm=radius_mm,
        gloss_spread=gloss_spread,
        exposure=0.72 / (1.0 + BODY_LIGHT[body]),
        waves=waves,
        blotches=blotches.astype(np.complex64),
        moments=_moments(waves, fx, fy, f, shape, size_mm),
        haze=haze,
        marks=marks,
    )


def _known_bands(given: Mapping[str, float]) -> None:
    unknown = [band for band in given if band not in STRUCTURE]
    if unknown:
        raise PhotoError(f"band {unknown[0]!r} is not one of {', '.join(STRUCTURE)}, from which a surface is built")


def _shape(size_mm: tuple[float, float]) -> tuple[int, int]:
    width, height = (next_fast_len(round((side + 2 * MARGIN_MM) / PITCH_MM), real=True) for side in size_mm)
    return height, width


def _frequencies(shape: tuple[int, int]) -> tuple[FloatImage, FloatImage, FloatImage]:
    """Frequency along x, along y (up, while rows run down) and radial. [1/mm]"""
    fy = -np.fft.fftfreq(shape[0], PITCH_MM)[:, None].astype(np.float32)
    fx = np.fft.rfftfreq(shape[1], PITCH_MM)[None, :].astype(np.float32)
    return fx, fy, np.hypot(fx, fy)


def _white(rng: np.random.Generator, shape: tuple[int, ...]) -> NDArray[np.complex64]:
    real, imaginary = rng.standard_normal((2, *shape), dtype=np.float32)
    return np.asarray(real + 1j * imaginary, dtype=np.complex64)


def _within(f: FloatImage, shortest_mm: float, longest_mm: float) -> NDArray[np.bool_]:
    return (f > np.float32(1 / longest_mm)) & (f <= np.float32(1 / shortest_mm))


def _gains(f: FloatImage, per_band: Mapping[str, float]) -> FloatImage:
    """One factor per frequency from one factor per band."""
    edges = np.array([1 / BANDS[band].longest_mm for band in reversed(STRUCTURE)] + [1 / BANDS["a"].shortest_mm])
    factors = np.array([0.0, *(per_band[band] for band in reversed(STRUCTURE)), 0.0], dtype=np.float32)
    gains: FloatImage = factors[np.searchsorted(edges.astype(np.float32), f, side="left")]
    return gains


def _power(spectrum: NDArray[np.complex64], shape: tuple[int, int]) -> float:
    """Mean square of the field a half-plane spectrum stands for."""
    twice = np.full(spectrum.shape[1], 2.0)
    twice[0] = 1.0
    if shape[1] % 2 == 0:
        twice[-1] = 1.0
    power = spectrum.real.astype(np.float64) ** 2 + spectrum.imag.astype(np.float64) ** 2
    return float((power.sum(axis=0) * twice).sum()) / (shape[0] * shape[1]) ** 2


def _slope_rms(waves: NDArray[np.complex64], f: FloatImage, shape: tuple[int, int], band: str) -> float:
    inside = _within(f, BANDS[band].shortest_mm, BANDS[band].longest_mm)
    return float(np.sqrt(_power(waves * (np.float32(2 * np.pi) * f * inside), shape) / 2))


def _field(spectrum: NDArray[np.complexfloating[Any, Any]], shape: tuple[int, int]) -> FloatImage:
    return np.asarray(irfft2(spectrum.astype(np.complex64), shape), dtype=np.float32)


def _pieces() -> tuple[list[float], list[tuple[str, float, float]]]:
    """Wavelength ranges that no band edge cuts: (band of `STRUCTURE`, shortest, longest). [mm]"""
    edges = sorted({edge for band in BANDS.values() for edge in (band.shortest_mm, band.longest_mm)})
    owner = {
        (low, high): next(b for b in STRUCTURE if BANDS[b].shortest_mm <= low and high <= BANDS[b].longest_mm)
        for low, high in pairwise(edges)
    }
    return edges, [(band, low, high) for (low, high), band in owner.items()]


def _moments(
    waves: NDArray[np.complex64],
    fx: FloatImage,
    fy: FloatImage,
    f: FloatImage,
    shape: tuple[int, int],
    size_mm: tuple[float, float],
) -> FloatArray:
    """Mean products of the pieces inside the region of interest: slope x, slope y, height; shape (3, n, n).

    The pieces add up linearly, so the truth of every polished state is a quadratic form in these.
    """
    _, pieces = _pieces()
    rows, columns = (
        slice(
            int((full - side / PITCH_MM) / 2 + ROI_BORDER_MM / PITCH_MM),
            int((full + side / PITCH_MM) / 2 - ROI_BORDER_MM / PITCH_MM),
            2,
        )
        for full, side in zip(shape, size_mm[::-1], strict=True)
    )
    turn = np.float32(2 * np.pi)
    moments = []
    for factor in (1j * turn * fx, 1j * turn * fy, np.float32(1.0)):
        fields = [
            _field(waves * (factor * _within(f, low, high)), shape)[rows, columns].ravel() for _, low, high in pieces
        ]
        stacked = np.stack(fields)
        moments.append((stacked @ stacked.T).astype(np.float64) / stacked.shape[1])
    return np.stack(moments)
