"""Radiative transfer in a paint film: light in many directions at once, where Kubelka–Munk knows only down and up.

The film is plane, its particles scatter by any phase function, its surface refracts and reflects as Fresnel says, and
the substrate is a perfect diffuser of any reflectance. What leaves is averaged over azimuth. It is the physics that the
estimators of this laboratory do not use, and against which they are tested (`spectra.particle_paint`).

Light inside is described at the nodes of a quadrature. Operators act on √c times radiance, c the share of each node in
diffuse flux: in these units every operator of a homogeneous film is symmetric, which is Helmholtz' reciprocity.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from spectra.arrays import FloatArray, frozen
from spectra.errors import FormulationError

# Weight of a node that only looks, at the angle an instrument has: its share of the flux is under rounding.
_LOOKING = 1e-9
# Least absorption as a share of extinction: without any, light never comes to rest in a film that hides. And at all,
# for a film of nothing. [1; 1/unit of thickness]
_LEAST_ABSORPTION, _LEAST_EXTINCTION = 1e-9, 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class Streams:
    """Directions in which light is followed inside the film.

    Attributes
    ----------
    refractive_index : float
        Of the binder; outside is air.
    cosines, weights : ndarray, shape (n_streams,)
        Of the angle inside to the normal, and the quadrature weight on 0…1. The last nodes are those of `seen_from`.
    surface : ndarray, shape (n_streams,)
        Share reflected inside at the surface, unpolarised; 1 beyond the critical angle.
    seen_from : tuple of float
        Angles in air at which an instrument looks or lights. [°]
    """

    refractive_index: float
    cosines: FloatArray
    weights: FloatArray
    surface: FloatArray
    seen_from: tuple[float, ...]

    @property
    def flux(self) -> FloatArray:
        """Share of each node in diffuse flux, shape (n_streams,); sums to 1."""
        share: FloatArray = 2 * self.cosines * self.weights
        return share

    @property
    def order(self) -> int:
        """Moments of the phase function that the quadrature carries without losing light."""
        return self.cosines.size - len(self.seen_from)

    @property
    def escapes(self) -> FloatArray:
        """1 where light can leave through the surface and 0 beyond the critical angle, shape (n_streams,)."""
        inside = 1 - self.refractive_index**2 * (1 - self.cosines**2)
        return np.where(inside > 0, 1.0, 0.0)

    def seen(self, angle: float) -> int:
        """Node of an angle in air [°]."""
        return self.order + self.seen_from.index(angle)


def fresnel(cosine_inside: FloatArray, refractive_index: float) -> FloatArray:
    """Share of unpolarised light that a surface towards air reflects back inside, shape of `cosine_inside`.

    References
    ----------
    .. [1] M. Born, E. Wolf, Principles of Optics, 7th ed., 1999, 1.5.2.
    """
    squared = 1 - refractive_index**2 * (1 - cosine_inside**2)
    air = np.sqrt(np.maximum(squared, 0.0))
    parallel = (refractive_index * air - cosine_inside) / (refractive_index * air + cosine_inside)
    across = (refractive_index * cosine_inside - air) / (refractive_index * cosine_inside + air)
    share: FloatArray = np.where(squared > 0, (parallel**2 + across**2) / 2, 1.0)
    return share


def streams(refractive_index: float = 1.5, nodes: int = 8, seen_from: Sequence[float] = (0.0, 8.0, 45.0)) -> Streams:
    """Gauss–Legendre nodes on both sides of the critical angle.

    Below it (light that leaves) the nodes are those of the angle in air: there Fresnel reflection is smooth, while in
    the angle inside it has a vertical tangent.

    Parameters
    ----------
    refractive_index : float
        Of the binder; 1 leaves the surface away. [1 or more]
    nodes : int
        On each side of the critical angle.
    seen_from : sequence of float
        Angles in air of the instrument's beams. [°, below 90]
    """
    if not 1 <= refractive_index <= 4 or nodes < 2:
        raise FormulationError(f"a binder of refractive index {refractive_index:g} in {nodes} nodes is not followed")
    x, w = np.polynomial.legendre.leggauss(nodes)
    x, w = (x + 1) / 2, w / 2
    critical = np.sqrt(1 - 1 / refractive_index**2)
    outside = np.concatenate([x, np.cos(np.deg2rad(np.asarray(seen_from, dtype=np.float64)))])
    refracted = np.sqrt(1 - (1 - outside**2) / refractive_index**2)
    leaving = w * x / refractive_index**2 / refracted[:nodes]
    trapped = (critical * x, critical * w) if critical > 0 else (x[:0], w[:0])
    cosines = np.concatenate([trapped[0], refracted])
    weights = np.concatenate([trapped[1], leaving, np.full(len(seen_from), _LOOKING)])
    return Streams(
        refractive_index,
        frozen(cosines),
        frozen(weights),
        frozen(fresnel(cosines, refractive_index)),
        tuple(float(angle) for angle in seen_from),
    )


def slab(
    absorption: FloatArray, scattering: FloatArray, moments: FloatArray, thickness: FloatArray, paths: Streams
) -> tuple[FloatArray, FloatArray]:
    """Reflection and transmission operators of a film without its surface.

    Parameters
    ----------
    absorption, scattering : ndarray, shape (n,)
        Coefficients of the radiative transfer equation, not of Kubelka and Munk. [1/unit of thickness]
    moments : ndarray, shape (n, paths.order + 1)
        Legendre moments of the phase function, the first 1: gˡ for Henyey and Greenstein's. [1]
    thickness : ndarray, shape (n,)
        [unit of thickness; infinite for a film that hides]
    paths : Streams

    Returns
    -------
    reflection, transmission : ndarray, shape (n, n_streams, n_streams)

    Notes
    -----
    With u and v the sum and the difference of the radiance downwards and upwards, scaled as the module says, the
    transfer equation is u′ = −A v, v′ = −B u, A and B symmetric. A = LLᵀ and LᵀBL = Q k² Qᵀ give its modes, and with
    X = LQ, Y = L⁻ᵀQ

        reflection ± transmission = ± [2 (1 + Z±)⁻¹ − 1],  Z₊ = Y k tanh(kd/2) Yᵀ,  Z₋ = X tanh(kd/2)/k Xᵀ

    which is Kubelka and Munk's film with matrices for K and S, and as well behaved: no growing exponential. The part of
    the phase function beyond the last moment is taken as unscattered (δ-M).

    References
    ----------
    .. [1] T. Nakajima, M. Tanaka, J. Quant. Spectrosc. Radiat. Transfer 35 (1986) 13, doi:10.1016/0022-4073(86)90088-9.
    .. [2] W. J. Wiscombe, "The delta-M method", J. Atmos. Sci. 34 (1977) 1408.
    """
    order, mu = paths.order, paths.cosines
    forward = moments[:, order]
    scattered = scattering * (1 - forward)
    kept = (moments[:, :order] - forward[:, None]) / np.maximum(1 - forward, 1e-12)[:, None]
    absorbed = np.maximum(absorption, _LEAST_ABSORPTION * (absorption + scattered) + _LEAST_EXTINCTION)
    legendre = np.polynomial.legendre.legvander(mu, order - 1) * np.sqrt(paths.weights / mu)[:, None]
    shape = (-1, mu.size, mu.size)
    base = (legendre[:, None, :] * legendre[None, :, :]).reshape(-1, order).T
    strength = kept * (2 * np.arange(order) + 1) * scattered[:, None]
    extinction = (absorbed + scattered)[:, None, None] * np.diag(1 / mu)
    A = extinction - (strength[:, 1::2] @ base[1::2]).reshape(shape)
    B = extinction - (strength[:, ::2] @ base[::2]).reshape(shape)
    L = np.linalg.cholesky(A)
    squared, Q = np.linalg.eigh(np.swapaxes(L, 1, 2) @ B @ L)
    k = np.sqrt(np.maximum(squared, 1e-30))
    tanh = np.tanh(k * thickness[:, None] / 2)
    X = L @ Q
    Y = np.linalg.solve(np.swapaxes(L, 1, 2), Q)
    one = np.eye(mu.size)
    even = np.linalg.inv(one + (Y * (k * tanh)[:, None, :]) @ np.swapaxes(Y, 1, 2))
    odd = np.linalg.inv(one + (X * (tanh / k)[:, None, :]) @ np.swapaxes(X, 1, 2))
    return even - odd, even + odd - one


def over_substrate(
    reflection: FloatArray, transmission: FloatArray, substrate: FloatArray, paths: Streams
) -> FloatArray:
    """Reflection operator of a film on a perfect diffuser, still without the film's surface.

    Parameters
    ----------
    reflection, transmission : ndarray, shape (n, n_streams, n_streams)
        As `slab` gives them.
    substrate : ndarray, shape (n,)
        Reflectance where the film touches it. [0–1]
    paths : Streams

    Returns
    -------
    ndarray, shape (n, n_streams, n_streams)
    """
    diffuse = np.sqrt(paths.flux)
    through = transmission @ diffuse
    returned = reflection @ diffuse @ diffuse
    strength = substrate / (1 - substrate * returned)
    seen: FloatArray = reflection + strength[:, None, None] * through[:, :, None] * through[:, None, :]
    return seen


def through_surface(inside: FloatArray, paths: Streams) -> FloatArray:
    """What a film sends back into air, its surface's own reflection left out.

    Parameters
    ----------
    inside : ndarray, shape (n, n_streams, n_streams)
        Reflection operator below the surface.
    paths : Streams

    Returns
    -------
    ndarray, shape (n, n_streams, n_streams)
        Reflectance factor between a beam at one node's angle in air and a look at another's, averaged over azimuth;
        zero beyond the critical angle. [1.0 = perfect reflecting diffuser]
    """
    one = np.eye(paths.cosines.size)
    within = inside @ np.linalg.inv(one - paths.surface[:, None] * inside)
    passing = paths.escapes * (1 - paths.surface) / (np.sqrt(paths.flux) * paths.refractive_index)
    factor: FloatArray = passing[:, None] * within * passing[None, :]
    return factor


def diffuse_to(angle: float, factor: FloatArray, paths: Streams) -> FloatArray:
    """Reflectance factor at an angle in air under diffuse light, specular reflection excluded, shape (n,).

    By reciprocity also what a beam at that angle sends into the hemisphere.
    """
    air = paths.escapes * paths.flux * paths.refractive_index**2
    total: FloatArray = factor[:, paths.seen(angle), :] @ air
    return total
