"""What a reader of a characterisation must know, in sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from spectra.ladder import PanelTable
from spectra.ladder_fit import Fit, Prior
from spectra.model_choice import K2_ASSUMED, K2_GRID, ModelChoice
from spectra.optics.interface import K1_RESIN
from spectra.optics.link import link_of
from spectra.shared_fit import FilmThickness

# An instrument's own zero is no better than this; a reading below the surface by less is no finding. [1]
_STRAY = 0.001


def findings_of(
    table: PanelTable,
    fit: Fit,
    choice: ModelChoice,
    identified: Mapping[str, bool],
    *,
    k2_given: bool,
    k1_given: bool,
) -> tuple[str, ...]:
    """The model taken and why, what the panels do not tell, what they contradict."""
    return (
        *_k2_findings(choice, k2_given),
        *_model_findings(choice),
        *([] if k1_given else _k1_findings(fit)),
        *_scattering_findings(table, identified),
        *_noise_findings(fit),
        *_dark_findings(table, fit),
    )


def _k2_findings(choice: ModelChoice, given: bool) -> list[str]:
    if given:
        return []
    if not choice.profile:
        return [f"k2 = {K2_ASSUMED:g} is assumed: no ladder has an inner level from which it could be judged"]
    best, rms = min(choice.profile, key=lambda row: row[1])
    edge = best in (K2_GRID[0], K2_GRID[-1])
    beyond = ", the end of the range tried: the true one may lie beyond" if edge else ""
    return [f"k2 = {best:g} predicts inner ladder levels best, to {rms:.2f} L* rms{beyond}"]


def _model_findings(choice: ModelChoice) -> list[str]:
    taken = choice.taken
    plain = taken.link == "kubelka-munk" and not taken.crowding
    rivals = [one for one in choice.rivals if one.errors.size]
    if plain or not taken.errors.size or not rivals:
        return []
    crowding = f" and a white that loses {100 * taken.crowding:.0f} % of its scattering as it fills the film"
    against = "; ".join(
        f"{link_of(one.link).title}{f' with crowding {one.crowding:.2f}' if one.crowding else ''} "
        f"{one.errors.mean():.2f}"
        for one in rivals
    )
    return [
        f"paint model: {link_of(taken.link).title}{crowding if taken.crowding else ''}, inner levels to "
        f"{taken.errors.mean():.2f} L* on average ({against})"
    ]


def _k1_findings(fit: Fit) -> list[str]:
    k1 = fit.model.surface.k1
    if k1 == K1_RESIN:
        return []
    return [f"k1 = {k1:.4f} fits the darkest panels, not the {K1_RESIN:g} of a resin of index 1.5"]


def _scattering_findings(table: PanelTable, identified: Mapping[str, bool]) -> list[str]:
    unknown = [
        code
        for code, role in zip(table.codes, table.roles, strict=True)
        if not identified[code] and code != table.codes[0] and role != "clear"
    ]
    if not unknown:
        return []
    return [
        f"the panels do not tell the scattering of {', '.join(unknown)}: these are single-constant, K relative to the "
        "white's scattering; predictions hold near the doses calibrated, in much white; a masstone or a ladder in "
        "black would measure it"
    ]


def _noise_findings(fit: Fit) -> list[str]:
    if fit.noise_measured:
        return []
    return [f"no panel is to spare: uncertainties rest on an assumed repeatability of {fit.noise:g} L*"]


def _dark_findings(table: PanelTable, fit: Fit) -> list[str]:
    surface = fit.model.surface
    lowest = table.measured.min(axis=1)
    below = np.flatnonzero(lowest < surface.offset - _STRAY)
    if below.size == 0:
        return []
    darkest = int(np.argmin(lowest))
    return [
        f"{below.size} of {len(lowest)} panels read below the surface's own reflection k1 = {surface.k1:g}, "
        f"{table.letdowns[darkest].panel} down to {lowest[darkest]:.4f}: the specular light was not included, or k1 is "
        "too large"
    ]


def film_findings(films: Sequence[FilmThickness], prior: Prior, unweighed: Sequence[str], scaled: bool) -> list[str]:
    """What must be known of the films on cards; `unweighed` are colorants of unknown density, `scaled` whether K and S
    per µm are known.
    """
    found = []
    if films and not scaled:
        found.append(
            "the films hide their cards too well to tell K and S per µm: thinner ones, or less colorant in clear, would"
        )
    if films and unweighed:
        found.append(
            f"density not stated for {', '.join(unweighed)}: taken as the base's; what a film holds of them is off by "
            "as much as theirs differs"
        )
    unknown = [film for film in films if film.stated_um is None]
    if unknown:
        told = ", ".join(
            f"{film.drawdown} {film.fitted_um:.1f} µm ± {100 * film.relative_uncertainty:.0f} %" for film in unknown
        )
        found.append(f"film thickness not stated, fitted about the median of the others: {told}")
    # A wrong one pulls the films of the same colorant the other way: those are not named with it.
    off = {film: abs(np.log(film.fitted_um / film.stated_um)) for film in films if film.stated_um is not None}
    least = max(3 * prior.thickness_sd, 0.6 * max(off.values(), default=0.0))
    return found + [
        f"film {film.drawdown} is stated as {film.stated_um:g} µm and acts like {film.fitted_um:.1f} µm: measure it "
        "again"
        for film, shift in off.items()
        if shift > least
    ]
