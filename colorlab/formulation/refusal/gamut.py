"""Why no recipe reaches a colour: what mixtures reflect at most and at least, and where the best one falls short."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from colorlab.colorimetry.tristimulus import joint_lab_jacobian, spectra_to_lab
from colorlab.colorimetry.viewing import D65_10, Viewing
from colorlab.difference.components import words
from colorlab.formulation.target import Target
from spectra.arrays import FloatArray, frozen
from spectra.colorant import ColorantSet
from spectra.optics.interface import measured_reflectance
from spectra.optics.link import link_of

BoolArray = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]

# How far a reading may lie outside what the mixtures reach before it is said. [reflectance factor]
READING_SLACK = 0.002
# How far a stated lightness may lie outside it before it is said. [CIELAB units]
_LIGHTNESS_SLACK = 0.1
# A region is named when it makes at least this share of the greatest miss, and of the visible one. [1]
_OF_GREATEST, _OF_ALL = 0.3, 0.1
# The colour of what absorbs up to a wavelength, as any table of complementary colours has it. [nm]
_ABSORBERS = (
    (435.0, "yellow-green"),
    (480.0, "yellow"),
    (490.0, "orange"),
    (500.0, "red"),
    (560.0, "magenta"),
    (580.0, "violet"),
    (595.0, "blue"),
    (605.0, "greenish blue"),
    (np.inf, "blue-green"),
)


@dataclass(frozen=True, slots=True, eq=False)
class Reach:
    """Least and greatest reflectance factor of any mixture, wavelength by wavelength.

    Attributes
    ----------
    least, greatest : ndarray, shape (n_angles, n_wavelengths)
    darkest, lightest : tuple of tuple of str
        Colorant that alone gives the bound, by angle and wavelength.
    """

    least: FloatArray
    greatest: FloatArray
    darkest: tuple[tuple[str, ...], ...]
    lightest: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Shortfall:
    """A stretch of the spectrum at which no mixture, or the best recipe, is where the target is.

    Attributes
    ----------
    angle : str
    first_nm, last_nm : float
    at_nm : float
        Where it is farthest.
    target, reached : float
        Reflectance factors there.
    proven : bool
        Whether no mixture of any number of the colorants gets there, or the best recipe just does not.
    """

    angle: str
    first_nm: float
    last_nm: float
    at_nm: float
    target: float
    reached: float
    proven: bool

    def __str__(self) -> str:
        span = f"{self.first_nm:g} nm" if self.first_nm == self.last_nm else f"{self.first_nm:g}–{self.last_nm:g} nm"
        who = "any mixture of these colorants" if self.proven else "the nearest recipe"
        figures = f"{self.angle}, {span}: the target reflects {self.target:.3f} at {self.at_nm:g} nm, {who} "
        most, least = (" at most", " at least") if self.proven else ("", "")
        if self.target > self.reached:
            return (
                f"{figures}{self.reached:.3f}{most}; a cleaner colorant is missing, one that absorbs less there, "
                "or more scattering"
            )
        return f"{figures}{self.reached:.3f}{least}; absorption is missing there, as of a {self.absorber} or a black"

    @property
    def absorber(self) -> str:
        """Hue of a colorant that absorbs where the target is farthest."""
        return next(hue for end, hue in _ABSORBERS if self.at_nm <= end)


@dataclass(frozen=True, slots=True)
class Helper:
    """A colorant, or another set, that would bring the nearest recipe nearer.

    Attributes
    ----------
    code : str
        Of the colorant, or the name of the set.
    delta_E_00 : float
        Of the nearest recipe with it.
    enough : bool
        Whether the target is then within the limit.
    """

    code: str
    delta_E_00: float
    enough: bool


def reach(colorant_set: ColorantSet, codes: Sequence[str]) -> Reach:
    """What mixtures of some colorants can reflect, whatever their number and doses.

    K/S of a mixture lies between the least and the greatest of its colorants; crowding raises that of a colorant at
    most by the factor 1/(1 − κh). A bound holds at every wavelength by itself, so that few targets within the bounds
    can be reached; none outside them can.

    Raises
    ------
    UnknownColorantError
        If a code is not in the set.
    """
    rows = colorant_set.indices(codes)
    K, S = colorant_set.absorption[rows], colorant_set.scattering[rows]
    crowded = 1 - colorant_set.crowding * colorant_set.crowds[rows][:, None, None]
    # A clear neither absorbs nor scatters, and takes no part.
    some = (K > 0) | (S > 0)
    link = link_of(colorant_set.link)
    alone, packed = (
        colorant_set.ceilings[:, None]
        * measured_reflectance(
            link.reflectivity(np.where(some, K, 1.0), np.where(some, S * kept, 1.0)), colorant_set.surface
        )
        for kept in (1.0, crowded)
    )
    light, dark = np.where(some, alone, -np.inf), np.where(some, packed, np.inf)
    names = np.array(list(codes))
    return Reach(
        frozen(dark.min(axis=0)),
        frozen(light.max(axis=0)),
        tuple(map(tuple, names[dark.argmin(axis=0)].tolist())),
        tuple(map(tuple, names[light.argmax(axis=0)].tolist())),
    )


def _too_dark_or_light(target: Target, viewing: Viewing, colorant_set: ColorantSet, codes: Sequence[str]) -> list[str]:
    """What lightness alone proves of a stated colour: of its spectrum nobody knows anything."""
    bounds = reach(colorant_set, codes)
    surface = np.full_like(bounds.least, colorant_set.surface.offset)
    wanted, darkest, lightest, film = (
        spectra_to_lab(np.maximum(one, 0.0), target.grid, viewing)[:, 0]
        for one in (target.reflectance_factor, bounds.least, bounds.greatest, surface)
    )
    sentences = []
    for token, L, least, most, skin in zip(target.geometry.tokens, wanted, darkest, lightest, film, strict=True):
        if skin - L > _LIGHTNESS_SLACK:
            sentences.append(
                f"{token}: L* {L:.1f} is stated, the surface alone reflects L* {skin:.1f} there; a colour measured "
                "with the specular reflection excluded or at 45:0 is no target for these colorants"
            )
        elif least - L > _LIGHTNESS_SLACK:
            sentences.append(
                f"{token}: L* {L:.1f} is stated, any mixture of these colorants has L* {least:.1f} at least"
            )
        elif L - most > _LIGHTNESS_SLACK:
            sentences.append(f"{token}: L* {L:.1f} is stated, any mixture of these colorants has L* {most:.1f} at most")
    return sentences


def beyond_reach(
    target: Target, colorant_set: ColorantSet, codes: Sequence[str], slack: float = READING_SLACK
) -> tuple[Shortfall, ...]:
    """Where a target reflects more or less than any mixture of some colorants can: proof that none reaches it.

    Nothing of a colour stated as CIELAB: its spectrum was made up.
    """
    if target.stated_under is not None:
        return ()
    bounds = reach(colorant_set, codes)
    nearest = np.clip(target.reflectance_factor, bounds.least, bounds.greatest)
    outside = np.abs(target.reflectance_factor - nearest) > slack
    return _stretches(target, nearest, outside, proven=True)


def shortfalls(target: Target, reflectance_factor: FloatArray, viewing: Viewing = D65_10) -> tuple[Shortfall, ...]:
    """Where the nearest recipe (n_angles, n_wavelengths) misses what is seen of the target, greatest stretch first."""
    miss = reflectance_factor - target.reflectance_factor
    jacobian = joint_lab_jacobian(target.reflectance_factor, target.grid, (viewing,))
    seen = np.abs(miss) * np.linalg.norm(jacobian, axis=1)
    named = seen > np.maximum(_OF_GREATEST * seen.max(), 1e-12)
    found = _stretches(target, reflectance_factor, named, proven=False)
    sizes = []
    for one in found:
        angle, nm = target.geometry.tokens.index(one.angle), target.grid.wavelengths
        sizes.append(float(seen[angle, (nm >= one.first_nm) & (nm <= one.last_nm)].sum()))
    order = np.argsort(-np.array(sizes), kind="stable")
    return tuple(found[row] for row in order if sizes[row] >= _OF_ALL * seen.sum())


def _stretches(target: Target, reached: FloatArray, where: BoolArray, *, proven: bool) -> tuple[Shortfall, ...]:
    """Neighbouring wavelengths at which the target is off to the same side, as one."""
    nm, found = target.grid.wavelengths, []
    for token, wanted, got, row in zip(target.geometry.tokens, target.reflectance_factor, reached, where, strict=True):
        side = np.where(row, np.sign(wanted - got), 0.0)
        ends = np.flatnonzero(np.diff(np.concatenate([[0.0], side, [0.0]])))
        for first, behind in zip(ends[:-1].tolist(), ends[1:].tolist(), strict=True):
            if side[first]:
                at = first + int(np.abs(wanted[first:behind] - got[first:behind]).argmax())
                found.append(
                    Shortfall(
                        token,
                        float(nm[first]),
                        float(nm[behind - 1]),
                        float(nm[at]),
                        float(wanted[at]),
                        float(got[at]),
                        proven,
                    )
                )
    return tuple(found)


def helpers(
    closest: Callable[[str], float], left_out: Sequence[str], before: float, limit: float
) -> tuple[Helper, ...]:
    """Which of the colorants left out would bring a target nearer, each by itself, best first.

    Parameters
    ----------
    closest : callable
        From a colorant's code, or the name of another set, to the ΔE00 of the nearest recipe that may use it too: a
        search, see `colorlab.formulation.search.match`.
    left_out : sequence of str
    before : float
        Without any of them. [ΔE00]
    limit : float
        At which a target counts as reached. [ΔE00]

    Returns
    -------
    tuple of Helper
        Only those that help: by a tenth of the distance at least.
    """
    found = [Helper(code, after, after <= limit) for code in left_out if (after := closest(code)) <= 0.9 * before]
    return tuple(sorted(found, key=lambda one: one.delta_E_00))


def out_of_gamut(
    target: Target,
    colorant_set: ColorantSet,
    codes: Sequence[str],
    nearest: FloatArray,
    delta_E_00: float,
    limit: float,
    found: Sequence[Helper] = (),
    ranked_with: str = "",
) -> tuple[str, ...]:
    """Sentences on a target that no recipe reaches.

    Parameters
    ----------
    target : Target
    colorant_set : ColorantSet
    codes : sequence of str
        Colorants that were allowed.
    nearest : ndarray, shape (n_angles, n_wavelengths)
        Reflectance factor of the nearest recipe.
    delta_E_00, limit : float
        Its weighted ΔE00, and the one at which a target counts as reached.
    found : sequence of Helper
        Who would help.
    ranked_with : str
        What besides the colour told which recipe is best, as words that follow "doses".
    """
    wanted, got = (spectra_to_lab(one, target.grid, D65_10) for one in (target.reflectance_factor, nearest))
    worst = int(np.linalg.norm(wanted - got, axis=-1).argmax())
    said = ", ".join(words(wanted[worst], got[worst])) or "of other lightness, chroma and hue by less than can be told"
    place = "" if len(wanted) == 1 else f" at {target.geometry.tokens[worst]}"
    sentences = [
        f"{target.name} is out of gamut: the nearest recipe found of these colorants within these doses{ranked_with} "
        f"has {delta_E_00:.2f} weighted ΔE00 (limit {limit:g}); the nearest is {said}{place}"
    ]
    if target.stated_under is None:
        proofs = beyond_reach(target, colorant_set, codes)
        sentences += [str(one) for one in (proofs or shortfalls(target, nearest))]
    else:
        sentences += _too_dark_or_light(target, target.stated_under, colorant_set, codes)
    enough, nearer = [one for one in found if one.enough], [one for one in found if not one.enough]
    if enough:
        sentences.append("would bring it in: " + ", ".join(f"{one.code} (ΔE00 {one.delta_E_00:.2f})" for one in enough))
    elif nearer:
        sentences.append(
            "none left out brings it in alone; nearest with "
            + ", ".join(f"{one.code} (ΔE00 {one.delta_E_00:.2f})" for one in nearer[:3])
        )
    return tuple(sentences)
