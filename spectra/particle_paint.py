"""A virtual paint laboratory in which light is followed through particles: other physics than the estimators'.

Pigments absorb, scatter and throw light forward, each by its own spectrum; scattering suffers as particles crowd;
pastes have densities, so that masses weighed are not volumes in the film; the surface refracts. Films are solved by
`spectra.optics.discrete_ordinates`. There is no Kubelka, Munk or Saunderson in here: what an estimator built on them
gets wrong on these panels is what it would get wrong on paint. Everything is simulated, and must be shown as such.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

from spectra.arrays import FloatArray, frozen
from spectra.colorant import Role
from spectra.errors import FormulationError, GeometryError, UnknownColorantError
from spectra.geometry import D8_SCI, Geometry
from spectra.ladder import Letdown
from spectra.optics.discrete_ordinates import diffuse_to, over_substrate, slab, streams, through_surface
from spectra.particle_colorants import GRID as GRID
from spectra.particle_colorants import draw_colorants
from spectra.recipe import Recipe

REFRACTIVE_INDEX = 1.5
DOSING_ERROR = 0.003  # relative standard deviation of one weighing
LADDER_LEVELS = (0.01, 0.03, 0.1, 0.3, 0.6)
_CHUNK = 1024  # films solved at once: a hundred megabytes of operators


class ParticlePaintLaboratory:
    """Colorants of one seed, and the panels made of them.

    Parameters
    ----------
    rng : numpy.random.Generator
        Draws the colorants; weighings and readings take their own generators.
    n_colorants : int
        A white, a black and a clear first, then chromatic ones: organic pigments that scatter little and oxides that
        scatter much. [3 or more]

    Attributes
    ----------
    colorants : tuple of ParticleColorant
    codes : tuple of str
        Their codes, in the order of the columns of every array of mass fractions.
    """

    def __init__(self, rng: np.random.Generator, n_colorants: int = 12) -> None:
        drawn = draw_colorants(rng, n_colorants)
        self.colorants = drawn
        self.codes = tuple(colorant.code for colorant in drawn)
        self._streams = streams(REFRACTIVE_INDEX)
        self._absorption = frozen([colorant.absorption for colorant in drawn])
        self._scattering = frozen([colorant.scattering for colorant in drawn])
        orders = np.arange(self._streams.order + 1)[:, None]
        self._moments = frozen([colorant.anisotropy**orders for colorant in drawn])
        self._pigment = frozen([colorant.pigment_volume for colorant in drawn])
        self._crowding = frozen([colorant.crowding for colorant in drawn])
        self._density = frozen([colorant.density_g_cm3 for colorant in drawn])

    @property
    def roles(self) -> dict[str, Role]:
        """Role of each colorant by code, as a characterisation takes them."""
        return {colorant.code: colorant.role for colorant in self.colorants}

    def fractions(self, mass_fractions: Mapping[str, float] | ArrayLike) -> FloatArray:
        """Mass fractions as rows over all colorants, each row brought to the sum 1, shape (n, n_colorants).

        Raises
        ------
        UnknownColorantError
            If a code is not one of the laboratory's.
        FormulationError
            If an amount is negative or not finite, a row is empty, or there are not n_colorants columns.
        """
        if isinstance(mass_fractions, Mapping):
            rows = np.zeros((1, len(self.codes)))
            for code, amount in mass_fractions.items():
                if code not in self.codes:
                    raise UnknownColorantError(code, self.codes)
                rows[0, self.codes.index(code)] = amount
        else:
            rows = np.atleast_2d(np.asarray(mass_fractions, dtype=np.float64))
        if rows.ndim != 2 or rows.shape[1] != len(self.codes):
            raise FormulationError(f"mass fractions of shape {rows.shape}; (n, {len(self.codes)}) expected")
        if not np.isfinite(rows).all() or (rows < 0).any() or (rows.sum(axis=1) <= 0).any():
            raise FormulationError("mass fractions must be finite and not negative, with a positive sum in every row")
        normed: FloatArray = rows / rows.sum(axis=1, keepdims=True)
        return normed

    def panel(
        self,
        mass_fractions: Mapping[str, float] | ArrayLike,
        *,
        thickness_um: ArrayLike | None = None,
        substrate: ArrayLike | None = None,
        strengths: Mapping[str, float] | ArrayLike | None = None,
        geometry: Geometry = D8_SCI,
    ) -> FloatArray:
        """True reflectance factor of panels, without weighing or reading error.

        Parameters
        ----------
        mass_fractions : mapping of str to float, or array_like, shape (n, n_colorants)
            One recipe, or one a row.
        thickness_um : array_like, shape () or (n,), optional
            Of the dry film; a film that hides where left out. [µm]
        substrate : array_like, broadcastable to shape (n, n_wavelengths), optional
            Reflectance of the substrate where the film touches it, without a surface of its own; only and always with
            a thickness. [0–1]
        strengths : mapping of str to float, or array_like, shape (n_colorants,) or (n, n_colorants), optional
            How much pigment today's lots hold, 1 as characterised.
        geometry : Geometry
            d/8 SCI, d/8 SCE, 45:0 or 0:45.

        Returns
        -------
        ndarray, shape (n, n_wavelengths)
            [1.0 = perfect reflecting diffuser]

        Raises
        ------
        FormulationError, UnknownColorantError
            If recipes, strengths, thickness or substrate make no panel.
        GeometryError
            If the geometry is none of these.
        """
        if geometry.kind not in ("sphere", "45:0") or geometry.specular is None:
            raise GeometryError(f"{geometry.name}: the particle paint is seen at d/8 SCI, d/8 SCE, 45:0 or 0:45")
        absorption, scattering, moments = self._film(self.fractions(mass_fractions), self._lots(strengths))
        n = absorption.shape[0]
        if (thickness_um is None) != (substrate is None):
            raise FormulationError("a film has a thickness and a substrate, or hides and has neither")
        depth = np.inf if thickness_um is None else _checked(thickness_um, "film thickness", np.inf)
        below = 0.0 if substrate is None else _checked(substrate, "substrate reflectance", 1.0)
        depths = np.broadcast_to(np.reshape(depth, (-1, 1)), (n, GRID.count)).ravel()
        grounds = np.broadcast_to(below, (n, GRID.count)).ravel()
        if thickness_um is None and ((absorption + scattering) <= 0).any():
            raise FormulationError("a clear film never hides: it needs a thickness and a substrate")
        seen = np.empty(n * GRID.count)
        for begin in range(0, seen.size, _CHUNK):
            part = slice(begin, begin + _CHUNK)
            seen[part] = self._solve(
                absorption.ravel()[part],
                scattering.ravel()[part],
                moments.reshape(-1, moments.shape[-1])[part],
                depths[part],
                grounds[part],
                geometry,
            )
        return seen.reshape(n, GRID.count)

    def weighed(
        self,
        mass_fractions: Mapping[str, float] | ArrayLike,
        rng: np.random.Generator,
        *,
        error: float = DOSING_ERROR,
        resolution: float = 0.0,
    ) -> FloatArray:
        """What the balance really put in, shape (n, n_colorants).

        Parameters
        ----------
        mass_fractions : mapping of str to float, or array_like, shape (n, n_colorants)
            As the recipe asks.
        rng : numpy.random.Generator
        error : float
            Standard deviation of one weighing, relative to the amount.
        resolution : float
            Step of the balance as a share of the batch; amounts are off by up to half of it.
        """
        asked = self.fractions(mass_fractions)
        given = asked * (1 + error * rng.standard_normal(asked.shape))
        given += np.where(asked > 0, resolution * (rng.random(asked.shape) - 0.5), 0.0)
        return self.fractions(np.maximum(given, 0.0))

    def read(
        self,
        reflectance_factor: ArrayLike,
        rng: np.random.Generator,
        *,
        noise: float = 0.0005,
        placement: float = 0.002,
    ) -> FloatArray:
        """One reading of each panel by an instrument, shape of the panels.

        Parameters
        ----------
        reflectance_factor : array_like, shape (..., n_wavelengths)
        rng : numpy.random.Generator
        noise : float
            Standard deviation at each wavelength. [reflectance factor]
        placement : float
            Standard deviation of a factor common to all wavelengths of a reading. [relative]
        """
        truth = np.asarray(reflectance_factor, dtype=np.float64)
        common = 1 + placement * rng.standard_normal((*truth.shape[:-1], 1))
        reading: FloatArray = np.maximum(truth * common + noise * rng.standard_normal(truth.shape), 1e-4)
        return reading

    def lot_strengths(self, rng: np.random.Generator, spread: float) -> FloatArray:
        """Strength of each colorant's lot relative to the characterised one, shape (n_colorants,); 1 for a clear."""
        drawn = np.exp(spread * rng.standard_normal(len(self.codes)))
        return np.where(self._pigment > 0, drawn, 1.0)

    def ladders(
        self,
        rng: np.random.Generator,
        *,
        partners: Sequence[str] = ("W1",),
        levels: Sequence[float] = LADDER_LEVELS,
        masstones: bool = True,
        dosing_error: float = DOSING_ERROR,
        noise: float = 0.0005,
        geometry: Geometry = D8_SCI,
    ) -> tuple[Letdown, ...]:
        """Hiding panels from which colorants are characterised, weighed and read with error.

        Parameters
        ----------
        rng : numpy.random.Generator
        partners : sequence of str
            Colorants to let down in: "W1" the white, "K1" the black, "C1" the clear.
        levels : sequence of float
            Mass fractions of the colorant. [above 0, below 1]
        masstones : bool
            Whether each colorant is painted alone too; the clear never is. The white always is.
        dosing_error, noise : float
            As `weighed` and `read` take them; zero for panels without error.
        geometry : Geometry

        Returns
        -------
        tuple of Letdown
            Their recipes are those asked for, not those weighed.
        """
        coloured = [colorant.code for colorant in self.colorants if colorant.role != "clear"]
        asked: list[dict[str, float]] = [{code: 1.0} for code in coloured if masstones or code == "W1"]
        asked += [
            {code: level, partner: 1 - level}
            for partner in partners
            for code in coloured
            if code != partner
            for level in levels
        ]
        rows = np.concatenate([self.fractions(recipe) for recipe in asked])
        truth = self.panel(self.weighed(rows, rng, error=dosing_error), geometry=geometry)
        readings = self.read(truth, rng, noise=noise, placement=noise)
        return tuple(
            Letdown(
                name := " + ".join(f"{code} {100 * share:g} %" for code, share in recipe.items()),
                Recipe(name, tuple(recipe), frozen(list(recipe.values()))),
                reading,
            )
            for recipe, reading in zip(asked, readings, strict=True)
        )

    def _lots(self, strengths: Mapping[str, float] | ArrayLike | None) -> FloatArray:
        if strengths is None:
            return np.ones((1, len(self.codes)))
        if isinstance(strengths, Mapping):
            for code in strengths:
                if code not in self.codes:
                    raise UnknownColorantError(code, self.codes)
            strengths = [strengths.get(code, 1.0) for code in self.codes]
        rows = np.atleast_2d(np.asarray(strengths, dtype=np.float64))
        if rows.shape[1] != len(self.codes) or not np.isfinite(rows).all() or (rows <= 0).any():
            raise FormulationError(f"strengths of shape {rows.shape} must be {len(self.codes)} numbers above 0")
        return rows

    def _film(self, fractions: FloatArray, lots: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Absorption and scattering (n, n_wavelengths) [1/µm] and moments (n, n_wavelengths, order + 1) of films."""
        volumes = fractions / self._density
        acting = volumes / volumes.sum(axis=1, keepdims=True) * lots
        packed = np.minimum(acting @ self._pigment, 0.5)[:, None]
        # Percus and Yevick's structure factor of hard spheres at long wavelengths: how much less light a crowd of
        # particles scatters than the same particles alone.
        structure = (1 - packed) ** 4 / (1 + 2 * packed) ** 2
        crowded = acting * (1 - self._crowding * (1 - structure))
        scattering = crowded @ self._scattering
        weighted = np.einsum("nc,cw,clw->nwl", crowded, self._scattering, self._moments, optimize=True)
        moments = np.where(
            scattering[..., None] > 0,
            weighted / np.maximum(scattering, 1e-300)[..., None],
            [1.0] + [0.0] * self._streams.order,
        )
        return acting @ self._absorption, scattering, moments

    def _solve(
        self,
        absorption: FloatArray,
        scattering: FloatArray,
        moments: FloatArray,
        thickness: FloatArray,
        substrate: FloatArray,
        geometry: Geometry,
    ) -> FloatArray:
        paths = self._streams
        reflection, transmission = slab(absorption, scattering, moments, thickness, paths)
        factor = through_surface(over_substrate(reflection, transmission, substrate, paths), paths)
        if geometry.kind == "45:0":
            return factor[:, paths.seen(0.0), paths.seen(45.0)]
        mirrored = paths.surface[paths.seen(8.0)] if geometry.specular == "included" else 0.0
        return diffuse_to(8.0, factor, paths) + mirrored


def _checked(values: ArrayLike, what: str, greatest: float) -> FloatArray:
    array = np.asarray(values, dtype=np.float64)
    if not np.isfinite(array).all() or (array < 0).any() or (array > greatest).any():
        raise FormulationError(f"{what} must be finite, not negative{' and 1 at most' if greatest == 1 else ''}")
    return array
