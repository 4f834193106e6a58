"""Film build: what is applied wet, what remains dry, how much of it there is and how far it goes."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from spectra.arrays import FloatArray
from spectra.errors import FormulationError


def relative_density(mass_fractions: ArrayLike, densities: ArrayLike, base: int) -> FloatArray:
    """Density of mixtures over that of one of their components, volumes taken to add up.

    Parameters
    ----------
    mass_fractions : array_like, shape (..., n_components)
        Only their ratios matter.
    densities : array_like, shape (n_components,)
        NaN where not known: such a component is taken to be as heavy as the base. [g/cm³]
    base : int
        Row of the component that counts as 1. Where its own density is not known, all are taken to be alike.

    Returns
    -------
    ndarray, shape (...)
        [1]
    """
    fractions, rho = np.asarray(mass_fractions, dtype=np.float64), np.asarray(densities, dtype=np.float64)
    specific = np.where(np.isfinite(rho) & np.isfinite(rho[base]), rho[base] / rho, 1.0)
    relative: FloatArray = np.asarray(fractions.sum(axis=-1) / (fractions @ specific))
    return relative


def volume_solids(mass_solids: ArrayLike, density: ArrayLike, volatile_density: ArrayLike) -> FloatArray:
    """Share of the wet volume that stays, from the share of the mass that does.

    Parameters
    ----------
    mass_solids : array_like, shape (...)
        Non-volatile matter by mass, as ISO 3251 measures it. [0–1]
    density : array_like, shape (...)
        Of the wet paint. [g/cm³]
    volatile_density : array_like, shape (...)
        Of what evaporates: 1.00 for water, 0.8 to 0.9 for usual solvents. [g/cm³]

    Returns
    -------
    ndarray, shape (...)
        Non-volatile matter by volume. [0–1]

    Raises
    ------
    FormulationError
        If a share is not within 0…1, a density is not above 0, or more volume would evaporate than there is.

    References
    ----------
    .. [1] ISO 23811:2009, Paints and varnishes — Determination of percentage volume of non-volatile matter by measuring
       the non-volatile-matter content and the density of the coating material, and calculation of theoretical spreading
       rate.
    """
    solids = _within(mass_solids, "solids by mass", 0.0, 1.0)
    share = 1 - (1 - solids) * _positive(density, "density") / _positive(volatile_density, "density of the volatiles")
    if (share < 0).any():
        raise FormulationError(
            f"solids by volume of {share.min():.3f}: of such a paint more volume evaporates than there is; "
            "the densities of paint and volatiles contradict the solids by mass"
        )
    return np.asarray(share)


def wet_film(dry_film_um: ArrayLike, volume_solids: ArrayLike) -> FloatArray:
    """Wet film build that dries to a dry one, shape (...). [µm]"""
    return np.asarray(_within(dry_film_um, "dry film build") / _share(volume_solids))


def applied_mass(wet_film_um: ArrayLike, density: ArrayLike) -> FloatArray:
    """Mass of wet paint on an area, shape (...). [g/m²: 1 µm of 1 g/cm³ is 1 g/m²]"""
    return np.asarray(_within(wet_film_um, "wet film build") * _positive(density, "density"))


def spreading_rate(dry_film_um: ArrayLike, volume_solids: ArrayLike, loss: ArrayLike = 0.0) -> FloatArray:
    """Area that a litre of wet paint covers with a dry film.

    Parameters
    ----------
    dry_film_um : array_like, shape (...)
        [µm, above 0] That of `spectra.optics.hiding.hiding_film_build` makes it the hiding power.
    volume_solids : array_like, shape (...)
        [above 0, 1 at most]
    loss : array_like, shape (...)
        Share of the paint that does not reach the panel: overspray, what stays in the can. [0–1]

    Returns
    -------
    ndarray, shape (...)
        [m²/L] 0 for an infinite film build: no area is hidden.

    Raises
    ------
    FormulationError
        If a quantity is out of its range.

    References
    ----------
    .. [1] ISO 6504-1:2019, Paints and varnishes — Determination of hiding power — Part 1.
    """
    build = np.asarray(dry_film_um, dtype=np.float64)
    if not (build > 0).all():
        raise FormulationError(f"dry film build {np.nanmin(build):g} µm; expected above 0")
    rate: FloatArray = np.asarray(1000 * _share(volume_solids) * (1 - _within(loss, "loss", 0.0, 1.0)) / build)
    return rate


def _share(values: ArrayLike) -> FloatArray:
    share = _within(values, "solids by volume", 0.0, 1.0)
    if (share == 0).any():
        raise FormulationError("solids by volume of 0: such a paint leaves no film")
    return share


def _positive(values: ArrayLike, what: str) -> FloatArray:
    array = np.asarray(values, dtype=np.float64)
    if not (np.isfinite(array) & (array > 0)).all():
        raise FormulationError(f"{what} {np.ravel(array)[:3]}; expected above 0")
    return array


def _within(values: ArrayLike, what: str, low: float = 0.0, high: float = np.inf) -> FloatArray:
    array = np.asarray(values, dtype=np.float64)
    if not (np.isfinite(array) & (array >= low) & (array <= high)).all():
        upper = "" if np.isinf(high) else f"…{high:g}"
        raise FormulationError(f"{what} {np.ravel(array)[:3]}; expected {low:g}{upper or ' or more'}")
    return array
