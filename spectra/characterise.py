"""Colorants from masstones and letdown ladders: absorption, scattering, and what the panels cannot tell of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from spectra.arrays import FloatArray, frozen
from spectra.colorant import Colorant, ColorantSet, Role
from spectra.geometry import Geometry
from spectra.holdout import inner_level_rms
from spectra.ladder import Letdown, PanelTable, panel_table
from spectra.ladder_fit import Fit, Prior, fit_panels, lightness_weights
from spectra.optics.interface import K1_RESIN, Saunderson, sees_the_surface
from spectra.optics.kubelka_munk import refuse_without_absorption
from spectra.suspects import Suspect, find_suspects
from spectra.wavelengths import WavelengthGrid

# Internal reflection tried when nobody states it: real paints were found between 0.3 and the Fresnel value 0.6.
K2_GRID = (0.30, 0.35, 0.40, 0.45, 0.50, 0.55, 0.60, 0.65)
# Taken when no ladder has an inner level from which k2 could be judged: the middle of what practice uses.
K2_ASSUMED = 0.50
# Scattering counts as measured where its standard uncertainty is below a fifth, at the median wavelength.
IDENTIFIED_LN_S = 0.2


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
        If the geometry does not say whether the specular reflection was included, or a panel reflects as much as the
        perfect diffuser or more.

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
    table, assumed = panel_table(letdowns, base, grid, geometry), prior or Prior()
    for item in letdowns:
        refuse_without_absorption(item.reflectance_factor, grid.wavelengths, item.panel)
    included = sees_the_surface(geometry)
    profile: tuple[tuple[float, float], ...] = ()
    if k2 is None:
        profile = tuple(
            (value, inner_level_rms(table, Saunderson(k1, value, included), assumed, noise)) for value in K2_GRID
        )
        profile = profile if np.isfinite([rms for _, rms in profile]).all() else ()
    chosen = k2 if k2 is not None else min(profile, key=lambda row: row[1])[0] if profile else K2_ASSUMED
    surface = Saunderson(k1, chosen, included)
    fit = fit_panels(table.fractions, table.measured, 0, surface, assumed, noise=noise)
    suspects = find_suspects(table, fit, surface, assumed, noise)
    spread = np.median(np.sqrt(fit.covariance[:, :, 1, 1]), axis=1)
    identified = {code: bool(spread[row] <= IDENTIFIED_LN_S) for row, code in enumerate(table.codes)}
    colorants = tuple(_colorant(table, row, fit, roles or {}) for row in range(len(table.codes)))
    return Characterisation(
        colorant_set=ColorantSet(name, colorants, grid, geometry, surface, base),
        panels=tuple(item.panel for item in letdowns),
        residuals=frozen((fit.residuals / lightness_weights(table.measured)).reshape(-1, *table.shape)),
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
            *_dark_findings(table, surface),
            *(str(suspect) for suspect in suspects),
        ),
    )


def _colorant(table: PanelTable, row: int, fit: Fit, roles: Mapping[str, Role]) -> Colorant:
    code = table.codes[row]
    doses = table.fractions[:, row][table.fractions[:, row] > 0]
    return Colorant(
        code=code,
        name=code,
        role=roles.get(code, "chromatic" if row else "white"),
        absorption=np.exp(fit.ln_K[row]).reshape(table.shape),
        scattering=np.exp(fit.ln_S[row]).reshape(table.shape),
        log_covariance=fit.covariance[row].reshape(*table.shape, 2, 2),
        calibrated_dose=(float(doses.min()), float(doses.max())),
    )


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


def _dark_findings(table: PanelTable, surface: Saunderson) -> list[str]:
    lowest = table.measured.min(axis=1)
    below = np.flatnonzero(lowest < surface.offset)
    if below.size == 0:
        return []
    darkest = int(np.argmin(lowest))
    return [
        f"{below.size} of {len(lowest)} panels read below the surface's own reflection k1 = {surface.k1:g}, "
        f"{table.letdowns[darkest].panel} down to {lowest[darkest]:.4f}: the specular light was not included, or k1 is "
        "too large"
    ]
