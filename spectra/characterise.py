"""Colorants from masstones and letdown ladders: absorption, scattering, and what the panels cannot tell of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from spectra.arrays import FloatArray, frozen
from spectra.colorant import Colorant, ColorantSet, Role
from spectra.errors import CharacterisationError
from spectra.geometry import Geometry
from spectra.ladder import Letdown, ladders
from spectra.ladder_fit import Fit, Prior, fit_panels, lightness_weights, mixture_reflectance
from spectra.optics.interface import K1_RESIN, Saunderson, sees_the_surface
from spectra.wavelengths import WavelengthGrid

# Internal reflection tried when nobody states it: real paints were found between 0.3 and the Fresnel value 0.6.
K2_GRID = (0.30, 0.35, 0.40, 0.45, 0.50, 0.55, 0.60, 0.65)
# Taken when no ladder has an inner level from which k2 could be judged: the middle of what practice uses.
K2_ASSUMED = 0.50
# Scattering counts as measured where its standard uncertainty is below a fifth, at the median wavelength.
IDENTIFIED_LN_S = 0.2
# A panel is suspect when it contradicts the others by this many times their median residual, and visibly so.
SUSPECT_RATIO = 6.0
SUSPECT_LEAST = 0.5  # [L*]
_ROBUST_ROUNDS = 6
_PROFILE_FOLDS = 3


@dataclass(frozen=True, slots=True)
class Suspect:
    """A panel that contradicts the others.

    Attributes
    ----------
    panel : str
    residual : float
        Root mean square over the wavelengths, from a fit in which contradicting panels count little. [L*]
    times_median : float
        The same in multiples of the median panel's residual.
    dose_factor : float or None
        By which factor the colorant's dose would have to differ from the one stated for the panel to fit best; None
        for a panel of one colorant or of more than two.
    """

    panel: str
    residual: float
    times_median: float
    dose_factor: float | None

    def __str__(self) -> str:
        weighed = "" if self.dose_factor is None else f", and looks like {self.dose_factor:.2f} times its stated dose"
        return (
            f"panel {self.panel} contradicts the others by {self.residual:.2f} L* rms, {self.times_median:.0f} times "
            f"their median{weighed}: paint or weigh it again, or characterise without it; at the end of a "
            "ladder the model itself may bend"
        )


@dataclass(frozen=True, slots=True, eq=False)
class HeldOut:
    """One panel predicted from a fit that did not see its level.

    Attributes
    ----------
    panel, colorant : str
    level : int
        Rank of its dose in the colorant's ladder, from 0.
    interior : bool
        Whether lower and higher levels remained: otherwise the prediction is an extrapolation.
    measured, predicted : ndarray, shape (n_angles, n_wavelengths)
        Reflectance factor.
    """

    panel: str
    colorant: str
    level: int
    interior: bool
    measured: FloatArray
    predicted: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Characterisation:
    """What a set of panels says about the colorants in them.

    Attributes
    ----------
    colorant_set : ColorantSet
    panels : tuple of str
    residuals : ndarray, shape (n_panels, n_angles, n_wavelengths)
        Reflectance factor of the fitted model − measured.
    residual_rms : ndarray, shape (n_panels,)
        In units of lightness. [L*]
    noise : float
        Standard deviation of one residual, over the readings the unknowns did not use up. [L*]
    noise_measured : bool
        False when no panel was to spare and `noise` is the one assumed.
    scattering_identified : mapping of str to bool
        Per colorant. Where false, the colorant's K/S in white letdowns is measured but S itself is the prior's.
    k2_profile : tuple of (float, float)
        k2 and the rms of inner ladder levels predicted without them [L*]; empty when k2 was given or could not be
        judged.
    suspects : tuple of Suspect
    findings : tuple of str
        Everything above that a reader must know, in sentences.
    """

    colorant_set: ColorantSet
    panels: tuple[str, ...]
    residuals: FloatArray
    residual_rms: FloatArray
    noise: float
    noise_measured: bool
    scattering_identified: Mapping[str, bool]
    k2_profile: tuple[tuple[float, float], ...]
    suspects: tuple[Suspect, ...]
    findings: tuple[str, ...]


def characterise(
    letdowns: Sequence[Letdown],
    *,
    name: str,
    base: str,
    grid: WavelengthGrid,
    geometry: Geometry,
    roles: Mapping[str, Role] | None = None,
    k1: float = K1_RESIN,
    k2: float | None = None,
    prior: Prior | None = None,
    noise: float | None = None,
) -> Characterisation:
    """Absorption and scattering of every colorant from all panels at once.

    Parameters
    ----------
    letdowns : sequence of Letdown
        Masstones, ladders in white or black, any other mixture, with or without replicates.
    name : str
        Of the resulting set.
    base : str
        Colorant whose scattering is set to 1 at every wavelength, the white base. Opaque panels identify K and S of a
        mixture only up to a common factor; this fixes it.
    grid : WavelengthGrid
    geometry : Geometry
        Of all panels; must say whether the specular reflection was included.
    roles : mapping of str to role, optional
        "white" for the base and "chromatic" for the others where left out.
    k1 : float
        Saunderson's external reflection. [unitless]
    k2 : float, optional
        Saunderson's internal reflection; when left out the value of `K2_GRID` that best predicts inner levels of the
        ladders from the remaining panels. [unitless]
    prior : Prior, optional
        On ln S and ln K, for what the panels cannot tell.
    noise : float, optional
        Repeatability of a panel [L*]; measured from the residuals when left out.

    Returns
    -------
    Characterisation

    Raises
    ------
    CharacterisationError
        If panels disagree in shape with grid and geometry, or none holds the base.
    FormulationError
        If the geometry does not say whether the specular reflection was included.

    Notes
    -----
    Unknown are ln K and ln S per colorant and wavelength; the residual is the reflectance factor's, weighted by dL*/dR
    at the measured value. Fitting K/S itself instead fails at dark masstones, where a reading close to the surface's
    own reflection turns a little noise into a large K/S. The covariance holds measurement and model error as far as
    they show in the residuals; it does not hold that tomorrow's lot of a paste is stronger than the one in the ladder.

    References
    ----------
    .. [1] E. L. Walowit, C. J. McCarthy, R. S. Berns, "An algorithm for the optimization of Kubelka–Munk absorption and
       scattering coefficients", Color Res. Appl. 12 (1987) 340–343.
    """
    task = _Task(letdowns, base, grid, geometry, prior or Prior(), noise)
    included = sees_the_surface(geometry)
    profile: tuple[tuple[float, float], ...] = ()
    if k2 is None:
        profile = tuple((value, task.inner_level_rms(Saunderson(k1, value, included))) for value in K2_GRID)
        profile = profile if np.isfinite([rms for _, rms in profile]).all() else ()
    chosen = k2 if k2 is not None else min(profile, key=lambda row: row[1])[0] if profile else K2_ASSUMED
    surface = Saunderson(k1, chosen, included)
    fit = task.fit(surface)
    suspects = task.suspects(surface, fit)
    spread = np.median(np.sqrt(fit.covariance[:, :, 1, 1]), axis=1)
    identified = {code: bool(spread[row] <= IDENTIFIED_LN_S) for row, code in enumerate(task.codes)}
    shape = (geometry.n_angles, grid.count)
    colorants = tuple(task.colorant(row, fit, roles or {}, shape) for row in range(len(task.codes)))
    return Characterisation(
        colorant_set=ColorantSet(name, colorants, grid, geometry, surface, base),
        panels=tuple(item.panel for item in letdowns),
        residuals=frozen((fit.residuals / lightness_weights(task.measured)).reshape(-1, *shape)),
        residual_rms=frozen(np.sqrt(np.mean(fit.residuals**2, axis=1))),
        noise=fit.noise,
        noise_measured=fit.noise_measured,
        scattering_identified=identified,
        k2_profile=profile,
        suspects=suspects,
        findings=(
            *_k2_findings(k2, profile),
            *_scattering_findings(identified, base),
            *_noise_findings(fit),
            *task.dark_findings(surface),
            *(str(suspect) for suspect in suspects),
        ),
    )


def leave_one_level_out(
    letdowns: Sequence[Letdown],
    *,
    base: str,
    grid: WavelengthGrid,
    geometry: Geometry,
    surface: Saunderson,
    prior: Prior | None = None,
    noise: float | None = None,
) -> tuple[HeldOut, ...]:
    """Predict every ladder level from a fit to all other levels of its ladder.

    The same rank is taken out of all ladders at once: they share nothing but the base, which stays.

    Parameters
    ----------
    letdowns, base, grid, geometry, prior, noise
        As `characterise` takes them.
    surface : Saunderson
        Held fixed.

    Returns
    -------
    tuple of HeldOut
        One a panel of every ladder that still has two panels of other doses without it.
    """
    task = _Task(letdowns, base, grid, geometry, prior or Prior(), noise)
    ranks = range(max((len(ladder.levels) for ladder in task.ladders), default=0))
    return tuple(held for rank in ranks for held in task.hold_out([rank], surface, None))


class _Task:
    """The panels as arrays, and the fits made of them."""

    def __init__(
        self,
        letdowns: Sequence[Letdown],
        base: str,
        grid: WavelengthGrid,
        geometry: Geometry,
        prior: Prior,
        noise: float | None,
    ) -> None:
        expected = (geometry.n_angles, grid.count)
        for item in letdowns:
            if item.reflectance_factor.shape != expected:
                raise CharacterisationError(
                    f"{item.panel}: reflectance factors of shape {item.reflectance_factor.shape}; {expected} expected "
                    f"for {geometry.name} and {grid}"
                )
        appearing = dict.fromkeys(code for item in letdowns for code in item.recipe.colorants)
        if base not in appearing:
            raise CharacterisationError(
                f"no panel contains the base {base!r}; they contain {', '.join(appearing) or 'nothing'}"
            )
        self.letdowns = tuple(letdowns)
        self.grid, self.geometry, self.prior, self.noise = grid, geometry, prior, noise
        self.codes = (base, *(code for code in appearing if code != base))
        self.ladders = ladders(letdowns, base)
        self.measured = np.array([item.reflectance_factor.ravel() for item in letdowns])
        self.fractions = np.zeros((len(letdowns), len(self.codes)))
        for row, item in enumerate(letdowns):
            columns = [self.codes.index(code) for code in item.recipe.colorants]
            self.fractions[row, columns] = item.recipe.mass_fractions

    def fit(self, surface: Saunderson, start: Fit | None = None, weights: FloatArray | None = None) -> Fit:
        return fit_panels(
            self.fractions,
            self.measured,
            0,
            surface,
            self.prior,
            start=start,
            noise=self.noise,
            panel_weights=weights,
        )

    def hold_out(self, ranks: Sequence[int], surface: Saunderson, start: Fit | None) -> list[HeldOut]:
        """Take these ranks out of every ladder that can spare them, and predict them."""
        out = [
            (panel, ladder, rank)
            for ladder in self.ladders
            if ladder.can_lose_a_level
            for rank in ranks
            if rank < len(ladder.levels)
            for panel in ladder.levels[rank]
        ]
        if not out:
            return []
        weights = np.ones(len(self.letdowns))
        rows = [panel for panel, _, _ in out]
        weights[rows] = 0.0
        fit = self.fit(surface, start, weights)
        predicted = mixture_reflectance(self.fractions[rows], fit.ln_K, fit.ln_S, surface)
        shape = (self.geometry.n_angles, self.grid.count)
        return [
            HeldOut(
                self.letdowns[panel].panel,
                ladder.colorant,
                rank,
                ladder.is_interior(rank),
                self.letdowns[panel].reflectance_factor,
                frozen(spectrum.reshape(shape)),
            )
            for (panel, ladder, rank), spectrum in zip(out, predicted, strict=True)
        ]

    def inner_level_rms(self, surface: Saunderson) -> float:
        """Root mean square error of inner levels predicted without them, NaN when there is none. [L*]"""
        inner = sorted(
            {rank for ladder in self.ladders for rank in range(len(ladder.levels)) if ladder.is_interior(rank)}
        )
        # Neighbouring levels are taken out in different fits, so that each is bracketed; a long ladder needs no more
        # than three fits.
        folds = [inner[first::_PROFILE_FOLDS] for first in range(min(_PROFILE_FOLDS, len(inner)))]
        errors = [
            lightness_weights(held.measured) * (held.predicted - held.measured)
            for fold in folds
            for held in self.hold_out(fold, surface, None)
            if held.interior
        ]
        return float(np.sqrt(np.mean(np.square(errors)))) if errors else float("nan")

    def suspects(self, surface: Saunderson, fit: Fit) -> tuple[Suspect, ...]:
        """Panels that contradict the rest, from fits in which a contradicting panel counts less and less."""
        if not fit.noise_measured:
            return ()
        robust = fit
        rms = np.sqrt(np.mean(fit.residuals**2, axis=1))
        for _ in range(_ROBUST_ROUNDS):
            median = max(float(np.median(rms)), 1e-12)
            # Geman–McClure, with the turning point at three times the median.
            robust = self.fit(surface, robust, 1 / (1 + (rms / (3 * median)) ** 2) ** 2)
            rms = np.sqrt(np.mean(robust.residuals**2, axis=1))
        median = max(float(np.median(rms)), 1e-12)
        rows = np.flatnonzero((rms > SUSPECT_RATIO * median) & (rms > SUSPECT_LEAST))
        return tuple(
            Suspect(
                self.letdowns[row].panel,
                float(rms[row]),
                float(rms[row] / median),
                self._dose_factor(row, robust, surface),
            )
            for row in rows[np.argsort(-rms[rows])]
        )

    def _dose_factor(self, row: int, fit: Fit, surface: Saunderson) -> float | None:
        present = np.flatnonzero(self.fractions[row])
        if present.size != 2:
            return None
        base = 0 if 0 in present else present[np.argmax(self.fractions[row, present])]
        factors = np.geomspace(0.2, 5.0, 321)
        trials = np.repeat(self.fractions[row][None], factors.size, axis=0)
        trials[:, present[present != base]] *= factors[:, None]
        trials /= trials.sum(axis=1, keepdims=True)
        predicted = mixture_reflectance(trials, fit.ln_K, fit.ln_S, surface)
        error = lightness_weights(self.measured[row]) * (predicted - self.measured[row])
        return float(factors[np.argmin(np.sum(error**2, axis=1))])

    def colorant(self, row: int, fit: Fit, roles: Mapping[str, Role], shape: tuple[int, int]) -> Colorant:
        code = self.codes[row]
        doses = self.fractions[:, row][self.fractions[:, row] > 0]
        return Colorant(
            code=code,
            name=code,
            role=roles.get(code, "chromatic" if row else "white"),
            absorption=np.exp(fit.ln_K[row]).reshape(shape),
            scattering=np.exp(fit.ln_S[row]).reshape(shape),
            log_covariance=fit.covariance[row].reshape(*shape, 2, 2),
            calibrated_dose=(float(doses.min()), float(doses.max())),
        )

    def dark_findings(self, surface: Saunderson) -> list[str]:
        """Readings darker than the surface alone would be."""
        lowest = self.measured.min(axis=1)
        return [
            f"panel {item.panel} reads {low:.4f}, below the surface's own reflection k1 = {surface.k1:g}: "
            "k1 is too large for this instrument, or part of the specular light was lost"
            for item, low in zip(self.letdowns, lowest, strict=True)
            if low < surface.offset
        ]


def _k2_findings(given: float | None, profile: tuple[tuple[float, float], ...]) -> list[str]:
    if given is not None:
        return []
    if not profile:
        return [f"k2 = {K2_ASSUMED:g} is assumed: no ladder has an inner level from which it could be judged"]
    best, rms = min(profile, key=lambda row: row[1])
    edge = best in (K2_GRID[0], K2_GRID[-1])
    beyond = ", the end of the range tried: the true one may lie beyond" if edge else ""
    return [f"k2 = {best:g} predicts inner ladder levels best, to {rms:.2f} L* rms{beyond}"]


def _scattering_findings(identified: Mapping[str, bool], base: str) -> list[str]:
    unknown = [code for code, known in identified.items() if not known and code != base]
    if not unknown:
        return []
    return [
        f"the panels do not tell the scattering of {', '.join(unknown)}: predictions hold near the doses calibrated, "
        "in much white; a masstone or a ladder in black would measure it"
    ]


def _noise_findings(fit: Fit) -> list[str]:
    if fit.noise_measured:
        return []
    return [f"no panel is to spare: uncertainties rest on an assumed repeatability of {fit.noise:g} L*"]
