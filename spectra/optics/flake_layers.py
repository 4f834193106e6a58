"""Light in a film of flakes: mirrors tilted at random in a scattering, absorbing binder, all orders of scattering.

The radiative-transfer equation is solved with an extinction and a phase function that depend on the direction itself,
as flakes lying in a film require, by discrete ordinates and azimuthal modes for a film that hides. Nothing in it is
Kubelka–Munk.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from spectra.arrays import FloatArray
from spectra.geometry import Geometry
from spectra.optics.thin_film import fresnel_reflectance

REFRACTIVE_INDEX = 1.5  # binder and clear coat alike: one surface [unitless]
_PER_RANGE = 8  # Gauss nodes above and below the critical angle
_MODES = 10  # azimuthal modes of the light scattered more than once; single scattering is exact
_AZIMUTHS = 96
# Directions of the instrument are ordinates of (nearly) no weight: they see the light and do not change it.
_SPECTATOR = 1e-6


@dataclass(frozen=True, eq=False)
class Directions:
    """Directions inside a film, seen from the angles of one instrument.

    Attributes
    ----------
    geometry : Geometry
        Directional, illumination at one angle, in plane.
    """

    geometry: Geometry

    @cached_property
    def illumination(self) -> float:
        """Cosine inside of the light from the instrument. [1]"""
        return float(_inside(self.geometry.illumination_angles[:1])[0])

    @cached_property
    def viewing(self) -> tuple[FloatArray, FloatArray]:
        """Cosine inside and azimuth of each angle: 0 on the specular side, π on that of the light. [1], [rad]"""
        outside = self.geometry.illumination_angles - self.geometry.aspecular_angles
        return _inside(outside), np.where(outside >= 0, 0.0, np.pi)

    @cached_property
    def nodes(self) -> tuple[FloatArray, FloatArray]:
        """Cosines and weights: Gauss on both sides of the critical angle, then light and viewing directions."""
        critical = np.sqrt(1 - REFRACTIVE_INDEX**-2)
        x, w = np.polynomial.legendre.leggauss(_PER_RANGE)
        ranges = ((0.0, critical), (critical, 1.0))
        cosines = [(low + high) / 2 + (high - low) / 2 * x for low, high in ranges]
        weights = [(high - low) / 2 * w for low, high in ranges]
        own = np.concatenate([[self.illumination], self.viewing[0]])
        return np.concatenate([*cosines, own]), np.concatenate([*weights, np.full(own.size, _SPECTATOR)])


@dataclass(frozen=True, slots=True, eq=False)
class Scatterer:
    """What one component does to light per unit amount; sums of scatterers are scatterers.

    Attributes
    ----------
    extinction : ndarray, shape (n_wavelengths, n_nodes)
        Loss of a ray per unit path; depends on its direction.
    same, opposite : ndarray, shape (n_wavelengths, n_modes, n_nodes, n_nodes)
        Azimuthal modes of the scattering kernel between directions of the same and of opposite vertical sense. [1/sr]
    direct : ndarray, shape (n_wavelengths, n_angles)
        The kernel itself from the light to each viewing direction. [1/sr]
    """

    extinction: FloatArray
    same: FloatArray
    opposite: FloatArray
    direct: FloatArray

    def __add__(self, other: Scatterer) -> Scatterer:
        return Scatterer(
            self.extinction + other.extinction,
            self.same + other.same,
            self.opposite + other.opposite,
            self.direct + other.direct,
        )

    def scaled(self, amount: FloatArray | float) -> Scatterer:
        """`amount` of it: one number, or one a wavelength."""
        by = np.atleast_1d(np.asarray(amount, dtype=np.float64))
        return Scatterer(
            by[:, None] * self.extinction,
            by[:, None, None, None] * self.same,
            by[:, None, None, None] * self.opposite,
            by[:, None] * self.direct,
        )


def flakes(
    directions: Directions,
    tilt_degrees: float,
    reflectance: Callable[[FloatArray], FloatArray],
    *,
    opaque: bool,
    edge_share: float = 0.0,
) -> Scatterer:
    """Flat mirrors, per unit of flake area in the unit volume.

    Parameters
    ----------
    directions : Directions
    tilt_degrees : float
        Standard deviation of the (Gaussian) tilt from the film's plane; every azimuth alike. [°]
    reflectance : callable
        From cosines of incidence on the flake, shape (...), to its reflectance, shape (..., n_wavelengths).
    opaque : bool
        Whether what is not reflected is absorbed (metal) or passes straight on (pearl).
    edge_share : float
        Area that scatters to all sides without loss, relative to the faces: the rims of small flakes. [1]

    Notes
    -----
    Facets of distribution D around the film's normal scatter with the kernel D(h) F/4, h half-way between the two
    directions [1]_.

    References
    ----------
    .. [1] W. Jakob, A. Arbree, J. T. Moon, K. Bala, S. Marschner, "A radiative transfer framework for rendering
       materials with anisotropic structure", ACM Trans. Graph. 29 (2010) 53, doi:10.1145/1778765.1778790.
    """
    sd = np.deg2rad(tilt_degrees)
    angle = np.linspace(0, np.pi / 2, 4001)
    norm = 2 * np.pi * np.trapezoid(np.exp(-0.5 * (angle / sd) ** 2) * np.sin(angle), angle)

    def kernel(cos_between: FloatArray, mu_in: FloatArray, mu_out: FloatArray) -> FloatArray:
        # Of a ray that travels along a and leaves along b, the mirror's normal is along b − a.
        length = np.sqrt(np.maximum(2 - 2 * cos_between, 1e-12))
        tilt = np.arccos(np.clip(np.abs(mu_out - mu_in) / length, 0.0, 1.0))
        facets = np.exp(-0.5 * (tilt / sd) ** 2) / norm
        scattered: FloatArray = (facets / 4)[..., None] * reflectance(np.clip(length / 2, 1e-3, 1.0))
        return scattered

    mirrors = _scatterer(directions, kernel)
    if opaque:
        mirrors = Scatterer(
            mirrors.extinction + _absorbed(directions, sd, reflectance), mirrors.same, mirrors.opposite, mirrors.direct
        )
    if edge_share == 0:
        return mirrors
    return mirrors + isotropic(directions, mirrors.extinction.shape[0]).scaled(edge_share)


def isotropic(directions: Directions, n_wavelengths: int) -> Scatterer:
    """Scattering to all sides alike, per unit of scattering coefficient."""
    return particles(directions, 0.0, n_wavelengths)


def particles(directions: Directions, asymmetry: float, n_wavelengths: int) -> Scatterer:
    """Pigment particles, per unit of scattering coefficient: the Henyey–Greenstein phase function.

    References
    ----------
    .. [1] L. G. Henyey, J. L. Greenstein, "Diffuse radiation in the galaxy", Astrophys. J. 93 (1941) 70,
       doi:10.1086/144246.
    """
    g = asymmetry

    def kernel(cos_between: FloatArray, mu_in: FloatArray, mu_out: FloatArray) -> FloatArray:
        phase = (1 - g * g) / (4 * np.pi * (1 + g * g - 2 * g * cos_between) ** 1.5)
        return np.broadcast_to(phase[..., None], (*phase.shape, n_wavelengths))

    return _scatterer(directions, kernel)


def absorber(directions: Directions, n_wavelengths: int) -> Scatterer:
    """Absorption alone, per unit of absorption coefficient."""
    count = directions.nodes[0].size
    none = np.zeros((n_wavelengths, _MODES, count, count))
    seen = np.zeros((n_wavelengths, directions.geometry.n_angles))
    return Scatterer(np.ones((n_wavelengths, count)), none, none, seen)


def reflectance_factor(directions: Directions, film: Scatterer, *, surface: bool = True) -> FloatArray:
    """Reflectance factor of a hiding film, shape (n_angles, n_wavelengths).

    Parameters
    ----------
    directions : Directions
    film : Scatterer
        Must absorb or scatter in every direction.
    surface : bool
        Whether the film has a smooth surface to air; without one, light and instrument are in the binder themselves,
        at the angles the surface would refract theirs to.

    Notes
    -----
    Exact in single scattering; what is scattered more often is summed over the azimuthal modes. Doubling ordinates and
    modes moves the panels of the virtual laboratory by 0.03 ΔE00 at most.

    References
    ----------
    .. [1] T. Nakajima, M. Tanaka, "Matrix formulations for the transfer of solar radiation in a plane-parallel
       scattering atmosphere", J. Quant. Spectrosc. Radiat. Transfer 35 (1986) 13; "Algorithms for radiative intensity
       calculations in moderately thick atmospheres using a truncation approximation", ibid. 40 (1988) 51.
    """
    mu, weight = directions.nodes
    inner = mu.size - 1 - directions.geometry.n_angles
    light, views = inner, np.arange(inner + 1, mu.size)
    G = _reflection(directions, film, surface)
    scale = 2 * np.sqrt(mu[light] * weight[light] * mu[views] * weight[views])
    modes = np.arange(_MODES)
    azimuthal = np.where(modes == 0, 1.0, 2.0) * np.cos(np.outer(directions.viewing[1], modes))
    total = np.einsum("am,lma->la", azimuthal, G[:, :, views, light]) / scale
    path = film.extinction[:, views] * mu[light] + film.extinction[:, [light]] * mu[views]
    truncated = np.einsum("am,lma->la", azimuthal, film.opposite[:, :, views, light])
    total += np.pi * (film.direct - truncated) / path
    if not surface:
        bare: FloatArray = total.T
        return bare
    into = 1 - fresnel_reflectance(mu[light], 1 / REFRACTIVE_INDEX)
    out = 1 - fresnel_reflectance(mu[views], 1 / REFRACTIVE_INDEX)
    seen: FloatArray = (total * into * out / REFRACTIVE_INDEX**2).T
    return seen


def reflected_share(directions: Directions, film: Scatterer) -> FloatArray:
    """Share of the instrument's light that leaves the film again in any direction, shape (n_wavelengths,)."""
    mu, weight = directions.nodes
    light = mu.size - 1 - directions.geometry.n_angles
    G = _reflection(directions, film, True)[:, 0]
    up = G[:, :, light] * np.sqrt(mu * weight / (mu[light] * weight[light]))
    out = 1 - fresnel_reflectance(mu, 1 / REFRACTIVE_INDEX)
    share: FloatArray = out[light] * (up * out)[:, :light].sum(axis=1)
    return share


def _reflection(directions: Directions, film: Scatterer, surface: bool) -> FloatArray:
    """Reflection between the directions inside, per wavelength and mode, with what the surface throws back."""
    mu, weight = directions.nodes
    balance = np.sqrt(weight / mu)
    spread = 2 * np.pi * balance[:, None] * balance
    loss = np.zeros((film.extinction.shape[0], 1, mu.size, mu.size))
    diagonal = np.arange(mu.size)
    loss[:, 0, diagonal, diagonal] = film.extinction / mu
    # Sum and difference of the down- and upward light decay with depth as a symmetric matrix tells.
    X = loss - spread * (film.same - film.opposite)
    Y = loss - spread * (film.same + film.opposite)
    L = np.linalg.cholesky(X)
    LT = np.swapaxes(L, -1, -2)
    square, U = np.linalg.eigh(LT @ Y @ L)
    P = (U * np.sqrt(np.maximum(square, 0.0))[..., None, :]) @ np.swapaxes(U, -1, -2)
    gram = LT @ L
    core = np.linalg.solve(gram + P, gram - P)
    # R = L⁻ᵀ (gram − P)(gram + P)⁻¹ Lᵀ is symmetric by reciprocity; its transpose is L (gram + P)⁻¹ (gram − P) L⁻¹.
    R: FloatArray = np.asarray(L @ core @ np.linalg.inv(L), dtype=np.float64)
    if not surface:
        return R
    mirrored = fresnel_reflectance(mu, 1 / REFRACTIVE_INDEX)
    identity = np.eye(mu.size)
    G: FloatArray = np.asarray(np.linalg.solve(identity - R * mirrored, R), dtype=np.float64)
    return G


def _scatterer(directions: Directions, kernel: Callable[[FloatArray, FloatArray, FloatArray], FloatArray]) -> Scatterer:
    """Lay a kernel over the directions; extinction is what it scatters, summed over the same directions."""
    mu, weight = directions.nodes
    sine = np.sqrt(1 - mu**2)
    azimuth = (np.arange(_AZIMUTHS) + 0.5) * np.pi / _AZIMUTHS
    modes = np.cos(np.outer(np.arange(_MODES), azimuth)) / _AZIMUTHS
    cross = sine[:, None, None] * sine[None, :, None] * np.cos(azimuth)
    parts = []
    for sense in (1.0, -1.0):
        a, b = np.broadcast_arrays(sense * mu[None, :, None], mu[:, None, None])
        values = kernel(cross + a * b, a, b)
        parts.append(np.einsum("ijpl,mp->lmij", values, modes, optimize=True))
    same, opposite = parts
    extinction = 2 * np.pi * np.einsum("lij,i->lj", same[:, 0] + opposite[:, 0], weight)
    view, phi = directions.viewing
    down = np.full_like(view, -directions.illumination)
    between = np.sqrt((1 - view**2) * (1 - down**2)) * np.cos(phi) + view * down
    return Scatterer(extinction, same, opposite, kernel(between, down, view).T)


def _absorbed(directions: Directions, sd: float, reflectance: Callable[[FloatArray], FloatArray]) -> FloatArray:
    """What tilted mirrors absorb of a ray per unit path, shape (n_wavelengths, n_nodes)."""
    mu = directions.nodes[0]
    tilt = np.linspace(0, min(np.pi / 2, 6 * sd), 61)
    share = np.exp(-0.5 * (tilt / sd) ** 2) * np.sin(tilt)
    share /= share.sum()
    azimuth = (np.arange(24) + 0.5) * np.pi / 24
    cosine = np.abs(
        mu[:, None, None] * np.cos(tilt)[:, None]
        + np.sqrt(1 - mu**2)[:, None, None] * np.sin(tilt)[:, None] * np.cos(azimuth)
    )
    lost = cosine[..., None] * (1 - reflectance(np.clip(cosine, 1e-3, 1.0)))
    taken: FloatArray = np.einsum("jtpl,t->lj", lost, share) / azimuth.size
    return taken


def _inside(outside_degrees: FloatArray) -> FloatArray:
    cosine: FloatArray = np.sqrt(1 - (np.sin(np.deg2rad(outside_degrees)) / REFRACTIVE_INDEX) ** 2)
    return cosine
