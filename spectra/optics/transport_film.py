"""A film that may let its substrate show through, by radiative transfer: what Kubelka–Munk gets wrong in thin films.

Light enters through the surface in a narrow cone and becomes diffuse only within the first layers. Kubelka–Munk takes
it as diffuse from the start; its S of one and the same paint is then a third smaller at some micrometres than in a film
that hides. Here too a film has two numbers, how much it absorbs for what it scatters, and its depth; the directions are
those of a binder of refractive index 1.5 and of particles that scatter forwards as pigments do.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike

from spectra.arrays import FloatArray, frozen
from spectra.errors import FormulationError, GeometryError
from spectra.geometry import Geometry
from spectra.optics.discrete_ordinates import Streams, diffuse_to, over_substrate, slab, streams, through_surface

REFRACTIVE_INDEX = 1.5
# Mean cosine of the scattering angle taken for every paint: pigments lie between 0.4 (small organic particles) and 0.7
# (oxides), and once the reduced scattering is given the rest matters little. [1]
ANISOTROPY = 0.55
_NODES = 4  # on each side of the critical angle: 0.0001 of the reflectance factor at d/8, 0.0006 at 45:0
_CHUNK = 4096  # films solved at once
_RATIOS = (1e-7, 1e4)  # from a white no pigment makes to a black none is
_TABLE = 400


def transport_film(ratio: ArrayLike, depth: ArrayLike, substrate: ArrayLike, geometry: Geometry) -> FloatArray:
    """Reflectance factor of films over a substrate.

    Parameters
    ----------
    ratio : array_like, broadcastable to shape (...)
        Absorption over reduced scattering, α/σ(1 − g). [1]
    depth : array_like, broadcastable to shape (...)
        Reduced scattering times thickness; infinite for a film that hides. [1]
    substrate : array_like, broadcastable to shape (...)
        Reflectance where the film touches it. [0–1]
    geometry : Geometry
        d/8 SCI, d/8 SCE, 45:0 or 0:45.

    Returns
    -------
    ndarray, shape (...)
        [1.0 = perfect reflecting diffuser]

    Raises
    ------
    FormulationError
        If ratio or depth is negative or no number, or the substrate is not within 0…1.
    GeometryError
        If the geometry is none of these.
    """
    q, d, g = np.broadcast_arrays(*(np.asarray(quantity, dtype=np.float64) for quantity in (ratio, depth, substrate)))
    for values, what in ((q, "absorption over scattering"), (d, "depth")):
        if not (values >= 0).all():
            raise FormulationError(f"{what} of {values.ravel()[np.argmin(values >= 0)]:g}; expected 0 or more")
    if not ((g >= 0) & (g <= 1)).all():
        raise FormulationError("the reflectance of a substrate lies within 0…1")
    paths = _paths(geometry)
    seen = np.empty(q.size)
    absorbed, depths, grounds = q.ravel(), d.ravel(), g.ravel()
    moments = ANISOTROPY ** np.arange(paths.order + 1.0)
    for begin in range(0, seen.size, _CHUNK):
        part = slice(begin, begin + _CHUNK)
        count = absorbed[part].size
        operators = slab(
            absorbed[part],
            np.full(count, 1 / (1 - ANISOTROPY)),
            np.broadcast_to(moments, (count, moments.size)),
            depths[part],
            paths,
        )
        factor = through_surface(over_substrate(*operators, grounds[part], paths), paths)
        if geometry.kind == "45:0":
            seen[part] = factor[:, paths.seen(0.0), paths.seen(45.0)]
        else:
            mirrored = paths.surface[paths.seen(8.0)] if geometry.specular == "included" else 0.0
            seen[part] = diffuse_to(8.0, factor, paths) + mirrored
    return seen.reshape(q.shape)


def transport_ratio(hiding: ArrayLike, geometry: Geometry) -> FloatArray:
    """Absorption over reduced scattering of a film that hides with a reflectance factor.

    Parameters
    ----------
    hiding : array_like, shape (...)
        Reflectance factor of the hiding film, measured or as a model of hiding films predicts it. What is darker than
        the surface alone or lighter than any paint is taken as the darkest and the lightest there is.
    geometry : Geometry
        As `transport_film` takes it.

    Returns
    -------
    ndarray, shape (...)
        [1]
    """
    log_ratio, falling = _hiding_table(geometry)
    found: FloatArray = np.exp(np.interp(-np.asarray(hiding, dtype=np.float64), -falling, log_ratio))
    return found


def _paths(geometry: Geometry) -> Streams:
    if geometry.kind not in ("sphere", "45:0") or geometry.specular is None:
        raise GeometryError(f"{geometry.name}: films are followed at d/8 SCI, d/8 SCE, 45:0 or 0:45")
    return streams(REFRACTIVE_INDEX, _NODES, (0.0, 45.0) if geometry.kind == "45:0" else (8.0,))


@lru_cache(maxsize=8)
def _hiding_table(geometry: Geometry) -> tuple[FloatArray, FloatArray]:
    """ln ratio, rising, and the reflectance factor that falls with it."""
    ratio = np.geomspace(*_RATIOS, _TABLE)
    return frozen(np.log(ratio)), frozen(transport_film(ratio, np.inf, 0.0, geometry))
