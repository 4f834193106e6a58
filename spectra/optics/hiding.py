"""Hiding: how far a film lets its substrate show, the film build that hides it, and what such a pair of readings tells.

Substrates are stated as everywhere inside a film: by their reflectance where the film touches them. A card measured in
air is brought there with `spectra.optics.interface.internal_reflectance`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from spectra.arrays import FloatArray
from spectra.errors import FormulationError
from spectra.geometry import Geometry
from spectra.optics.film import film_reflectance
from spectra.optics.interface import Saunderson, measured_reflectance

# The substrates of ASTM D2805; hiding power is the spreading rate at which a film has this contrast ratio over them.
BLACK, WHITE = 0.0, 0.80
HIDES = 0.98
_FACE_ANGLE = 45.0  # aspecular, where a multi-angle panel is judged for hiding [°]
# Film builds searched, in units of one over the mean K + S, and how finely before bisection.
_THINNEST, _THICKEST, _PER_DECADE = 1e-4, 1e6, 4
_BISECTIONS = 40
_CHUNK = 256  # recipes whose search fits into some tens of megabytes
# How far a film's reflectance and transmittance may sum above 1 by the noise of their readings.
_NOISE = 0.01
# Below this artanh(√w)/√w is taken from its series, whose next term is under rounding.
_SMALL = 1e-5


def face_of(geometry: Geometry) -> int:
    """Row of the angle at which a panel is judged for hiding: 45° from the mirror, or the only one."""
    angles = geometry.aspecular_angles.tolist()
    return angles.index(_FACE_ANGLE) if _FACE_ANGLE in angles else 0


def film_contrast(
    absorption: ArrayLike,
    scattering: ArrayLike,
    thickness: ArrayLike,
    weights: ArrayLike,
    surface: Saunderson,
    *,
    black: ArrayLike = BLACK,
    white: ArrayLike = WHITE,
) -> FloatArray:
    """Contrast ratio of a film over a black and a white substrate.

    Parameters
    ----------
    absorption, scattering : array_like, broadcastable to shape (..., n_wavelengths)
        Kubelka–Munk K and S of the mixture. [1/unit of thickness]
    thickness : array_like, shape (...)
        Of the dry film.
    weights : array_like, shape (n_wavelengths,)
        Of the luminous reflectance, those of ASTM E308 for Y. [any unit]
    surface : Saunderson
        Of the film, in the geometry in which the ratio is measured. The same film has a higher ratio with the specular
        reflection included: it adds to both.
    black, white : array_like, broadcastable to shape (..., n_wavelengths)
        Reflectance of the substrates where the film touches them. [0–1]

    Returns
    -------
    ndarray, shape (...)
        Luminous reflectance over black / over white. [1 hides completely]

    Raises
    ------
    FormulationError
        If coefficients, thickness or substrates make no film, or the film over white is perfectly black.

    References
    ----------
    .. [1] ISO 6504-3:2019, Paints and varnishes — Determination of hiding power — Part 3.
    .. [2] ASTM D2805, Standard Test Method for Hiding Power of Paints by Reflectometry.
    """
    over_black, over_white = (
        _luminous(absorption, scattering, thickness, ground, weights, surface) for ground in (black, white)
    )
    if not (over_white > 0).all():
        raise FormulationError("a film over white that reflects nothing has no contrast ratio")
    ratio: FloatArray = np.asarray(over_black / over_white)
    return ratio


def _luminous(
    absorption: ArrayLike,
    scattering: ArrayLike,
    thickness: ArrayLike,
    ground: ArrayLike,
    weights: ArrayLike,
    surface: Saunderson,
) -> FloatArray:
    inside = film_reflectance(absorption, scattering, np.asarray(thickness, dtype=np.float64)[..., None], ground)
    seen: FloatArray = measured_reflectance(inside, surface) @ np.asarray(weights, dtype=np.float64)
    return seen


def hiding_film_build(
    absorption: ArrayLike,
    scattering: ArrayLike,
    weights: ArrayLike,
    surface: Saunderson,
    *,
    contrast: float = HIDES,
    black: ArrayLike = BLACK,
    white: ArrayLike = WHITE,
) -> FloatArray:
    """Film build from which on a film has a contrast ratio, recipe by recipe.

    Parameters
    ----------
    absorption, scattering : array_like, shape (..., n_wavelengths)
        Kubelka–Munk K and S of the mixtures. [1/unit of thickness]
    weights : array_like, shape (n_wavelengths,)
        Of the luminous reflectance. [any unit]
    surface : Saunderson
        As `film_contrast` takes it.
    contrast : float
        [above 0, below 1]
    black, white : array_like, broadcastable to shape (..., n_wavelengths)
        As `film_contrast` takes them.

    Returns
    -------
    ndarray, shape (...)
        In the unit of K and S. 0 where the two substrates are as alike as that without any film; infinite where no
        film build brings the ratio there: a film that neither absorbs nor scatters, or only absorbs and is seen
        without the specular reflection.

    Raises
    ------
    FormulationError
        If coefficients or substrates make no film, or the contrast ratio asked for is not above 0 and below 1.

    Notes
    -----
    The ratio is followed from film builds far too thin to far too thick, and the last place where it crosses the wanted
    one is bisected: over a substrate lighter than the paint the ratio may first fall.
    """
    if not 0 < contrast < 1:
        raise FormulationError(f"a contrast ratio of {contrast:g}; expected above 0 and below 1")
    shape = np.broadcast_shapes(*(np.shape(quantity) for quantity in (absorption, scattering, black, white)))
    K, S, below_black, below_white = (
        np.broadcast_to(np.asarray(quantity, dtype=np.float64), shape).reshape(-1, 1, shape[-1])
        for quantity in (absorption, scattering, black, white)
    )
    found = np.empty(K.shape[0])
    for begin in range(0, found.size, _CHUNK):
        rows = slice(begin, begin + _CHUNK)

        def excess(X: FloatArray, rows: slice = rows) -> FloatArray:
            """Above zero where films (n_recipes, n_builds) hide; a difference, as a ratio of nothings is none."""
            dark, light = (
                _luminous(K[rows], S[rows], X, ground[rows], weights, surface) for ground in (below_black, below_white)
            )
            return dark - contrast * light

        found[rows] = last_crossing(excess, np.mean(K[rows] + S[rows], axis=(1, 2)))
    return found.reshape(shape[:-1])


def last_crossing(excess: Callable[[FloatArray], FloatArray], strength: FloatArray) -> FloatArray:
    """Film builds where a function of them rises above zero for good.

    Parameters
    ----------
    excess : callable
        Takes film builds of shape (n_recipes, n_builds) and gives values of that shape.
    strength : ndarray, shape (n_recipes,)
        One over a film build about which to look, such as the mean of K + S. [1/unit of thickness]

    Returns
    -------
    ndarray, shape (n_recipes,)
        0 where it always is above zero, infinite where it never is.
    """
    decades = int(np.log10(_THICKEST / _THINNEST))
    steps = np.concatenate([[0.0], np.geomspace(_THINNEST, _THICKEST, decades * _PER_DECADE + 1)])
    builds = steps / np.maximum(strength, 1e-300)[:, None]
    hidden = (excess(builds) > 0) & (strength > 0)[:, None]
    # Index of the first build from which on all hide.
    first = steps.size - np.cumprod(hidden[:, ::-1], axis=1).sum(axis=1)
    rows = np.arange(strength.size)
    high = builds[rows, np.minimum(first, steps.size - 1)]
    low = builds[rows, np.maximum(np.minimum(first, steps.size - 1) - 1, 0)]
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        enough = excess(middle[:, None])[:, 0] > 0
        low, high = np.where(enough, low, middle), np.where(enough, middle, high)
    return np.where(first == 0, 0.0, np.where(first == steps.size, np.inf, high))


def film_coefficients(
    over_black: ArrayLike, over_white: ArrayLike, *, black: ArrayLike = BLACK, white: ArrayLike = WHITE
) -> tuple[FloatArray, FloatArray]:
    """K X and S X of a film from its reflectances over two substrates, the inverse of `film_reflectance`.

    Parameters
    ----------
    over_black, over_white : array_like, broadcastable to shape (...)
        Reflectances inside the surface of one film. [0–1]
    black, white : array_like, broadcastable to shape (...)
        Reflectance of the substrates where the film touches them. [0–1]

    Returns
    -------
    absorbed, scattered : ndarray, shape (...)
        K X and S X, X the film's thickness. A reading with noise may give a value a little below zero for a film that
        does not absorb or does not scatter; it is returned as it is, for the caller to judge.

    Raises
    ------
    FormulationError
        If the black substrate is not the darker one, or the film looks over it no darker than over the white: it hides,
        and only K/S can be known; or light would be made in the film.

    Notes
    -----
    Kubelka's R₀ and T of the film alone follow from the two readings. With ζ = (1 − R₀ − T)/(1 + R₀ + T),
    η = (1 + R₀ − T)/(1 − R₀ + T), w = ζη and f = artanh(√w)/√w

        K X = 2 f ζ,   S X = 4 f R₀/((1 + T)² − R₀²)

    which needs no K/S and so neither K nor S above zero.

    References
    ----------
    .. [1] P. Kubelka, J. Opt. Soc. Am. 38 (1948) 448–457.
    """
    Rb, Rw, Gb, Gw = (np.asarray(quantity, dtype=np.float64) for quantity in (over_black, over_white, black, white))
    if not ((Gb >= 0) & (Gb < Gw) & (Gw <= 1)).all():
        raise FormulationError("of two substrates the black one must be the darker, and both within 0…1")
    own = (Rb * Gw - Rw * Gb) / (Gw - Gb - (Rw - Rb) * Gb * Gw)
    passed = (Rw - own) * (1 - own * Gw) / Gw
    hidden, made = ~(passed > 0), ~(own + np.sqrt(np.maximum(passed, 0.0)) < 1 + _NOISE)
    if hidden.any() or made.any():
        where = np.unravel_index(int(np.argmax(hidden | made)), hidden.shape)
        seen_b, seen_w = (float(np.broadcast_to(value, hidden.shape)[where]) for value in (Rb, Rw))
        why = "the film hides there and only K/S can be known" if hidden[where] else "more light than the film received"
        raise FormulationError(
            f"a film of {seen_b:.4f} over black and {seen_w:.4f} over white inside its surface"
            f"{f', value {where[-1] + 1}' if where else ''}: {why}"
        )
    T = np.sqrt(passed)
    below = (1 + T) ** 2 - own**2
    zeta = (1 - own - T) / (1 + own + T)
    w = ((1 - T) ** 2 - own**2) / below
    root = np.sqrt(np.abs(w))
    # artanh by 1 − w = 4T/below, exact where the film almost hides; below zero, where K is, it is an arctangent.
    long = np.log((1 + root) ** 2 * below / (4 * T)) / 2
    factor = np.where(
        np.abs(w) < _SMALL, 1 + w / 3 + w**2 / 5, np.where(w > 0, long, np.arctan(root)) / np.maximum(root, 1e-150)
    )
    absorbed: FloatArray = 2 * factor * zeta
    scattered: FloatArray = 4 * factor * own / below
    return absorbed, scattered
