"""Line-scan waviness: how the slope varies along mirrored edges, in one-dimensional Gaussian bands."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy.ndimage import gaussian_filter1d

from inspections.edges.straight_edges import TracedEdge
from inspections.fringes.slopes import FORM_ORDER, RigModel
from inspections.photos.photo import FloatImage
from inspections.structure.bands import Band
from spectra.arrays import FloatArray

SIGMA_PER_CUTOFF = np.sqrt(np.log(2) / 2) / np.pi
"""Standard deviation of the ISO 16610-21 weighting over its cut-off wavelength; 50 % is passed there."""


@dataclass(frozen=True, slots=True, eq=False)
class LineScan:
    """Slope along one edge, form removed.

    Attributes
    ----------
    slope_mrad : ndarray, shape (n,)
        Across the edge. [mrad]
    pitch_mm : float
        Between neighbours, along the edge. [mm]
    upright : bool
        Whether the edge stands upright on the panel: it sees slopes along x then, else along y.
    widths_mrad : ndarray, shape (m,)
        Gaussian-equivalent sigma of the edge, piece by piece, as the slope that moves the light as far. [mrad]
    """

    slope_mrad: FloatArray
    pitch_mm: float
    upright: bool
    widths_mrad: FloatArray = field(default_factory=lambda: np.zeros(0))


@dataclass(frozen=True, slots=True)
class ScannedBand:
    """One band of all line scans together.

    Attributes
    ----------
    slope_mrad : float
        Rms; √((x² + y²)/2) where edges of both directions were seen. [mrad]
    sampling : float
        Relative standard uncertainty because the edges are only so long.
    directions : int
    """

    slope_mrad: float
    sampling: float
    directions: int


@dataclass(frozen=True, slots=True, eq=False)
class EdgeScan:
    """What the edges of one kind of light gave.

    Attributes
    ----------
    light : str
        The light in words, e.g. "soft box 90 × 60 mm"; a calibration holds for one light.
    lines : tuple of LineScan
        At least one.
    screen_path_mm : float
        From the panel to the light along the reflected ray. [mm]
    incidence_deg : float
        Of the camera to the panel's normal. [°]
    rig_uncertainty : float
        Relative standard uncertainty that the geometry gives every slope.
    rig_source : str
        Who says where camera and light stood.
    files : tuple of str
    reference_width_mrad : float or None
        Median width of the same light's edges in a flat reference. [mrad]
    """

    light: str
    lines: tuple[LineScan, ...]
    screen_path_mm: float
    incidence_deg: float
    rig_uncertainty: float
    rig_source: str
    files: tuple[str, ...]
    reference_width_mrad: float | None = None

    @property
    def widths_mrad(self) -> FloatArray:
        """Of all edges, piece by piece. [mrad]"""
        return np.concatenate([line.widths_mrad for line in self.lines])

    @property
    def length_mm(self) -> float:
        """Of all edges. [mm]"""
        return float(sum(line.slope_mrad.size * line.pitch_mm for line in self.lines))

    def band(self, band: Band) -> ScannedBand:
        """Rms of a band over all edges; both directions count alike where both were seen."""
        return _band_of(self.lines, band)


def scanned_slope(
    edge: TracedEdge,
    model: RigModel,
    pitch_mm: float,
    *,
    upright: bool,
    widths_px: FloatArray | None = None,
    coarser: int = 1,
) -> LineScan:
    """Slope of the panel along an edge that is straight on the screen.

    Where the panel shows the edge, it sends the ray to the edge's line and not where a flat panel would: the distance
    between the two on the screen, over the movement per slope there, is the slope.

    Parameters
    ----------
    edge : TracedEdge
        Transposed when it lies.
    model : RigModel
    pitch_mm : float
        Of the grid the edge was traced on. [mm]
    upright : bool
    widths_px : ndarray, shape (m,), or None
        As `piece_widths` gives them. [grid points]
    coarser : int
        Points of the edge's grid averaged into one of the model's: a few thousand hold fields as smooth as these.

    Returns
    -------
    LineScan
        A cubic along the edge is removed: the edge's own direction, tilt, curvature and lens.
    """
    flat, gain = (model.u_mm, model.gain[0, 0]) if upright else (model.v_mm.T, model.gain[1, 1].T)
    row, column = ((place + 0.5) / coarser - 0.5 for place in (edge.rows, edge.columns))
    top, left = (
        np.clip(np.floor(place).astype(int), 0, side - 2) for place, side in zip((row, column), flat.shape, strict=True)
    )
    below, right = row - top, column - left

    def at(field: FloatImage) -> FloatArray:
        upper, lower = (field[line, left] * (1 - right) + field[line, left + 1] * right for line in (top, top + 1))
        return np.asarray(upper * (1 - below) + lower * below, np.float64)

    slope = -at(flat) / at(gain)
    position = np.linspace(-1.0, 1.0, slope.size)
    form = np.polynomial.Legendre.fit(position, slope, FORM_ORDER)(position)
    # Light on the screen per grid point, over its movement per slope.
    per_point = float(np.median(np.abs(flat[top, left + 1] - flat[top, left]))) / coarser
    widths = np.zeros(0) if widths_px is None else widths_px * per_point / float(np.median(np.abs(at(gain))))
    return LineScan(slope - form, pitch_mm, upright, widths)


def gaussian_band(profile: FloatArray, pitch_mm: float, band: Band) -> FloatArray:
    """A profile between two cut-offs: Gaussian low-pass at the short one, of which that at the long one is taken off.

    References
    ----------
    .. [1] ISO 16610-21:2011, Geometrical product specifications: linear profile filters, Gaussian filters.
    """
    short = gaussian_filter1d(profile, SIGMA_PER_CUTOFF * band.shortest_mm / pitch_mm, mode="reflect")
    passed: FloatArray = short - gaussian_filter1d(short, SIGMA_PER_CUTOFF * band.longest_mm / pitch_mm, mode="reflect")
    return passed


def _band_of(scans: tuple[LineScan, ...], band: Band) -> ScannedBand:
    powers = []
    for upright in (True, False):
        windows: list[float] = []
        for scan in scans:
            if scan.upright == upright:
                squared = gaussian_band(scan.slope_mrad, scan.pitch_mm, band) ** 2
                # Windows of the longest wave are about independent.
                count = max(1, int(squared.size * scan.pitch_mm / band.longest_mm))
                windows += [float(part.mean()) for part in np.array_split(squared, count)]
        if windows:
            powers.append(np.array(windows))
    mean = [float(part.mean()) for part in powers]
    error = [float(part.std(ddof=1)) / np.sqrt(part.size) if part.size > 1 else float("nan") for part in powers]
    total = float(np.mean(mean))
    return ScannedBand(
        slope_mrad=float(np.sqrt(total)),
        sampling=float(0.5 * np.hypot.reduce(error) / len(error) / total) if total > 0 else float("nan"),
        directions=len(powers),
    )
