"""Colorants from masstones and letdown ladders: absorption, scattering, and what the panels cannot tell of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from spectra.arrays import FloatArray, frozen
from spectra.characterise_findings import film_findings, findings_of
from spectra.colorant import Colorant, ColorantSet, Role
from spectra.geometry import Geometry
from spectra.held_out_error import model_error_of
from spectra.holdout import HeldOut, leave_one_level_out
from spectra.ladder import Letdown, PanelTable, panel_table
from spectra.ladder_fit import Fit, Prior, lightness_weights
from spectra.model_choice import ModelChoice, choose_k1, choose_model
from spectra.optics.interface import Saunderson, sees_the_surface
from spectra.optics.kubelka_munk import refuse_without_absorption
from spectra.optics.link import LINKS, link_of
from spectra.panel_model import PaintModel, panels_of
from spectra.shared_fit import FilmThickness, fit_shared, starting_model
from spectra.suspects import Suspect, find_suspects
from spectra.wavelengths import WavelengthGrid

# Scattering counts as measured where its standard uncertainty is below a fifth, at the median wavelength.
IDENTIFIED_LN_S = 0.2
# The scale of K and S per µm counts as measured where its standard uncertainty is below a third at every wavelength.
IDENTIFIED_LN_DEPTH = 0.3
# A colorant that never brings this share of a panel's scattering leaves to the model's own error what it scatters.
IDENTIFIED_SHARE = 0.1


@dataclass(frozen=True, slots=True, eq=False)
class Characterisation:
    """What a set of panels says about the colorants in them.

    Attributes
    ----------
    colorant_set : ColorantSet
        S of the base is 1 at every wavelength; K and S of all are per unit mass fraction on that scale. Where films on
        cards told it, `base_scattering_per_um` is the scale: K and S times it are per µm of dry film.
    panels : tuple of str
    table : PanelTable
        The panels as they were fitted.
    fit : Fit
        The fit itself, for predictions without one panel or another.
    prior : Prior
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
    choice : ModelChoice
        The paint model and what it was held against.
    held_out : tuple of HeldOut
        Every level predicted without it under the model taken.
    films : tuple of FilmThickness
    suspects : tuple of Suspect
    findings : tuple of str
        Everything above that a reader must know, in sentences.
    """

    colorant_set: ColorantSet
    panels: tuple[str, ...]
    table: PanelTable
    fit: Fit
    prior: Prior
    residuals: FloatArray
    residual_rms: FloatArray
    noise: float
    noise_measured: bool
    scattering_identified: Mapping[str, bool]
    choice: ModelChoice
    held_out: tuple[HeldOut, ...]
    films: tuple[FilmThickness, ...]
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
    densities: Mapping[str, float] | None = None,
    k1: float | None = None,
    k2: float | None = None,
    link: str | None = None,
    crowding: float | None = None,
    prior: Prior | None = None,
    noise: float | None = None,
) -> Characterisation:
    """Absorption and scattering of every colorant from all panels at once.

    Parameters
    ----------
    letdowns : sequence of Letdown
        Masstones, ladders in white, black or clear, any other mixture, hiding or on cards, with or without replicates.
    name : str
        Of the resulting set.
    base : str
        Colorant whose scattering is set to 1 at every wavelength, the white base. Opaque panels identify K and S of a
        mixture only up to a common factor; this fixes it. Films on cards tell the factor too.
    grid : WavelengthGrid
    geometry : Geometry
        Of all panels; must say whether the specular reflection was included.
    roles : mapping of str to role, optional
        "white" for the base and "chromatic" for the others where left out. Whites crowd; a clear is held near nothing.
    densities : mapping of str to float, optional
        Of each colorant alone, dry: what a film of one thickness holds of it. Only films on cards need them; that of
        the base where left out. [g/cm³]
    k1 : float, optional
        Saunderson's external reflection. When left out that of a resin of index 1.5, or the one the darkest panels
        speak for. [unitless]
    k2 : float, optional
        Saunderson's internal reflection; when left out the value of `K2_GRID` that best predicts inner levels of the
        ladders from the remaining panels. [unitless]
    link : str, optional
        Row of `spectra.optics.link.LINKS`; when left out the one the inner levels speak for.
    crowding : float, optional
        Loss of a white's scattering as it fills the film; when left out fitted, and taken where inner levels speak for
        it. [0–1)
    prior : Prior, optional
        For what the panels cannot tell.
    noise : float, optional
        Repeatability of a panel [L*]; measured from the residuals when left out.

    Returns
    -------
    Characterisation

    Raises
    ------
    CharacterisationError
        If panels disagree in shape with grid and geometry, none holds the base, or films have no thickness.
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
    links = tuple(LINKS) if link is None else (link_of(link).name,)
    table, assumed = panel_table(letdowns, base, grid, geometry, roles, densities), prior or Prior()
    for item in letdowns:
        refuse_without_absorption(item.reflectance_factor, grid.wavelengths, item.panel)
    surface = Saunderson(assumed.k1 if k1 is None else k1, 0.0, sees_the_surface(geometry))
    crowds = frozen([1.0 if role == "white" else 0.0 for role in table.roles])
    begin = starting_model(table, PaintModel(surface, crowds))
    choice = choose_model(table, begin, assumed, links=links, k2=k2, crowding=crowding, noise=noise)
    if k1 is None:
        choice = choose_k1(table, choice, assumed, k2=k2, noise=noise)
    fit = choice.taken.fit
    model = fit.model
    held = leave_one_level_out(table, fit, assumed, noise)
    scaled = table.films is not None and bool((fit.ln_depth_sd <= IDENTIFIED_LN_DEPTH).all())
    per_um = np.exp(fit.unknown[len(table.codes)]).reshape(table.shape) if scaled else None
    films = _film_thicknesses(table, fit, assumed)
    suspects = find_suspects(table, fit, assumed, noise)
    identified = _identified(table, fit)
    known = densities or {}
    colorants = tuple(_colorant(table, row, fit, known.get(code)) for row, code in enumerate(table.codes))
    return Characterisation(
        colorant_set=ColorantSet(
            name,
            colorants,
            grid,
            geometry,
            model.surface,
            base,
            link=model.link,
            crowding=model.crowding,
            base_scattering_per_um=per_um,
            model_error=model_error_of(held, letdowns, grid),
        ),
        panels=tuple(item.panel for item in letdowns),
        table=table,
        fit=fit,
        prior=assumed,
        residuals=frozen((fit.residuals / lightness_weights(table.measured)).reshape(-1, *table.shape)),
        residual_rms=frozen(np.sqrt(np.mean(fit.residuals**2, axis=1))),
        noise=fit.noise,
        noise_measured=fit.noise_measured,
        scattering_identified=identified,
        choice=choice,
        held_out=held,
        films=films,
        suspects=suspects,
        findings=(
            *findings_of(table, fit, choice, identified, k2_given=k2 is not None, k1_given=k1 is not None),
            *film_findings(films, assumed, [code for code in table.codes if code not in known], scaled),
            *(str(suspect) for suspect in suspects),
        ),
    )


def _identified(table: PanelTable, fit: Fit) -> dict[str, bool]:
    spread = np.median(np.sqrt(fit.covariance[:, :, 1, 1]), axis=1)
    # A paste hardly scatters more than a white; where a fit says so, it is the curvature of a ladder that says it.
    brought = panels_of(table, fit.model).acting * np.minimum(np.median(np.exp(fit.ln_S), axis=1), 1.0)
    share = np.max(brought / brought.sum(axis=1, keepdims=True), axis=0)
    known = (spread <= IDENTIFIED_LN_S) & (share >= IDENTIFIED_SHARE)
    return dict(zip(table.codes, known.tolist(), strict=True))


def _colorant(table: PanelTable, row: int, fit: Fit, density: float | None) -> Colorant:
    code = table.codes[row]
    doses = table.fractions[:, row][table.fractions[:, row] > 0]
    return Colorant(
        code=code,
        name=code,
        role=table.roles[row],
        absorption=np.exp(fit.ln_K[row]).reshape(table.shape),
        scattering=np.exp(fit.ln_S[row]).reshape(table.shape),
        log_covariance=fit.covariance[row].reshape(*table.shape, 2, 2),
        calibrated_dose=(float(doses.min()), float(doses.max())),
        density_g_cm3=density,
        crowds=float(fit.model.crowds[row]),
    )


def _film_thicknesses(table: PanelTable, fit: Fit, prior: Prior) -> tuple[FilmThickness, ...]:
    films, fitted = table.films, fit.model.thickness_um
    if films is None or fitted is None:
        return ()
    shared = fit_shared(table, fit.model, prior, start=fit, noise=fit.noise)
    spread = dict(zip(shared.names, shared.standard_uncertainty.tolist(), strict=True))
    return tuple(
        FilmThickness(drawdown, None if np.isnan(stated) else float(stated), float(thickness), spread[drawdown])
        for drawdown, stated, thickness in zip(films.drawdowns, films.stated_um, fitted, strict=True)
    )
