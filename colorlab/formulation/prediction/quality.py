"""What is known of each colorant after its characterisation: levels, residuals, uncertainty, strength, findings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from colorlab.colorimetry.tristimulus import spectra_to_lab
from colorlab.colorimetry.viewing import D65_10
from colorlab.difference.standard import delta_E
from spectra.arrays import FloatArray, frozen
from spectra.characterise import Characterisation
from spectra.colorant import Colorant
from spectra.holdout import HeldOut
from spectra.ladder_fit import lightness_weights
from spectra.panel_model import Panels

# A dose is moved by this share to see how its panel answers.
_STEP = 0.01
# A level acts stronger or weaker than the ladder says when it does so by this many standard uncertainties, by so much
# that a balance would not explain it [1], and so that it can be seen [ΔE00].
_SURE, _LEAST_STRENGTH, _LEAST_SEEN = 3.0, 0.03, 0.3
# A panel that hardly answers to its dose, such as a masstone's neighbour or a film that hides, tells no strength. [1]
_TOLD = 0.1
# A level predicted without it beyond this is seen beside its panel.
_VISIBLE = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class LevelQuality:
    """One panel of a colorant.

    Attributes
    ----------
    panel : str
    base : str
        What the colorant was let down in; empty for a masstone.
    dose : float
        Mass fraction.
    on_card : bool
        Whether it is a film that may show a card.
    interior : bool
        Whether lower and higher levels bracket it.
    measured, fitted : ndarray, shape (n_angles, n_wavelengths)
        Reflectance factor.
    held_out : ndarray, shape (n_angles, n_wavelengths), or None
        Predicted from a fit that did not see the level; None where the ladder cannot spare it.
    lab : tuple of float
        CIELAB of the panel at the first angle, D65/10°.
    delta_E_00_fit, delta_E_00_held_out : float, float or None
        D65/10°, at the worst angle.
    strength : float or None
        How much of its stated dose the level acts like, against the rest of its ladder; None where the panel hardly
        answers to its dose. [1]
    strength_sd : float or None
        Standard uncertainty of it, from the panels' repeatability. [1]
    """

    panel: str
    base: str
    dose: float
    on_card: bool
    interior: bool
    measured: FloatArray
    fitted: FloatArray
    held_out: FloatArray | None
    lab: tuple[float, float, float]
    delta_E_00_fit: float
    delta_E_00_held_out: float | None
    strength: float | None
    strength_sd: float | None


@dataclass(frozen=True, slots=True, eq=False)
class ColorantQuality:
    """Everything a colour engineer asks of one colorant's characterisation.

    Attributes
    ----------
    colorant : Colorant
    levels : tuple of LevelQuality
        By base, then by rising dose; masstones last.
    ln_K_sd, ln_S_sd : ndarray, shape (n_angles, n_wavelengths)
        Standard uncertainty of ln K and of ln S.
    scattering_identified : bool
        Where false the colorant is single-constant: K relative to the white's scattering.
    findings : tuple of str
    """

    colorant: Colorant
    levels: tuple[LevelQuality, ...]
    ln_K_sd: FloatArray
    ln_S_sd: FloatArray
    scattering_identified: bool
    findings: tuple[str, ...]

    @property
    def inner_delta_E_00(self) -> tuple[float, ...]:
        """Of the levels between others, each predicted without it."""
        return tuple(
            level.delta_E_00_held_out
            for level in self.levels
            if level.interior and level.delta_E_00_held_out is not None
        )


def quality_of(characterisation: Characterisation) -> tuple[ColorantQuality, ...]:
    """The quality of every colorant, in the order of the set.

    Notes
    -----
    The strength of a level is the change of its dose that best turns the prediction from the other levels into what was
    measured, to first order, rows weighted as in the fit: a colorant whose K and S are in proportion to its
    concentration acts 1 at every level.
    """
    table, fit = characterisation.table, characterisation.fit
    grid = characterisation.colorant_set.grid
    fitted = (table.measured + fit.residuals / lightness_weights(table.measured)).reshape(-1, *table.shape)
    measured = table.measured.reshape(-1, *table.shape)
    labs = spectra_to_lab(measured, grid, D65_10)
    errors = delta_E(labs, spectra_to_lab(fitted, grid, D65_10)).max(axis=1)
    # Paintings of one panel bear one name, and come in one order here and there.
    held: dict[str, list[HeldOut]] = {}
    for item in characterisation.held_out:
        held.setdefault(item.panel, []).append(item)
    own = [_own(row, table.roles) for row in table.fractions]
    answers = _answers(characterisation, own)
    found: dict[int, list[LevelQuality]] = {column: [] for column in range(len(table.codes))}
    for row, panel in enumerate(table.letdowns):
        left_out = held[panel.panel].pop(0) if held.get(panel.panel) else None
        lab = tuple(float(value) for value in labs[row, 0])
        strength, sd = _strength(left_out, answers[row], fit.noise)
        others = [code for code in panel.recipe.colorants if code != table.codes[own[row]]]
        found[own[row]].append(
            LevelQuality(
                panel=panel.panel,
                base=" + ".join(others),
                dose=float(table.fractions[row, own[row]]),
                on_card=panel.film is not None,
                interior=left_out is not None and left_out.interior,
                measured=measured[row],
                fitted=frozen(fitted[row]),
                held_out=None if left_out is None else left_out.predicted,
                lab=(lab[0], lab[1], lab[2]),
                delta_E_00_fit=float(errors[row]),
                delta_E_00_held_out=None if left_out is None else _held_out_error(left_out, characterisation),
                strength=strength,
                strength_sd=sd,
            )
        )
    return tuple(
        _colorant_quality(characterisation, colorant, found[table.codes.index(colorant.code)])
        for colorant in characterisation.colorant_set.colorants
    )


def _own(fractions: FloatArray, roles: Sequence[str]) -> int:
    """The colorant a panel was painted for: the least of those present, a clear, white or black giving way in turn."""
    chosen: list[int] = np.flatnonzero(fractions).tolist()
    for role in ("clear", "white", "black"):
        chosen = [column for column in chosen if roles[column] != role] or chosen
    return min(chosen, key=lambda column: float(fractions[column]))


def _answers(characterisation: Characterisation, own: Sequence[int]) -> FloatArray:
    """Derivative of each panel [L*] by the logarithm of its own colorant's dose, shape (n_panels, n_bands)."""
    table, fit = characterisation.table, characterisation.fit
    ends = []
    for step in (_STEP, -_STEP):
        fractions = table.fractions.copy()
        fractions[np.arange(len(own)), list(own)] *= np.exp(step)
        fractions /= fractions.sum(axis=1, keepdims=True)
        ends.append(Panels(fractions, 0, fit.model, table.films).reflectance_factor(fit.unknown))
    answer: FloatArray = lightness_weights(table.measured) * (ends[0] - ends[1]) / (2 * _STEP)
    return answer


def _strength(item: HeldOut | None, answer: FloatArray, noise: float) -> tuple[float | None, float | None]:
    information = float(answer @ answer)
    if item is None or information == 0:
        return None, None
    sd = noise / float(np.sqrt(information))
    if sd > _TOLD:
        return None, None
    error = (lightness_weights(item.measured) * (item.measured - item.predicted)).ravel()
    factor = float(np.exp(answer @ error / information))
    return factor, factor * sd


def _held_out_error(item: HeldOut, characterisation: Characterisation) -> float:
    grid = characterisation.colorant_set.grid
    measured, predicted = (spectra_to_lab(one, grid, D65_10) for one in (item.measured, item.predicted))
    return float(delta_E(measured, predicted).max())


def _colorant_quality(
    characterisation: Characterisation, colorant: Colorant, levels: list[LevelQuality]
) -> ColorantQuality:
    covariance = colorant.log_covariance
    if covariance is None:
        raise AssertionError("a characterised colorant carries its covariance")
    return ColorantQuality(
        colorant=colorant,
        levels=tuple(sorted(levels, key=lambda level: (not level.base, level.base, level.dose))),
        ln_K_sd=frozen(np.sqrt(covariance[..., 0, 0])),
        ln_S_sd=frozen(np.sqrt(covariance[..., 1, 1])),
        scattering_identified=characterisation.scattering_identified[colorant.code],
        findings=tuple(_findings(characterisation, colorant.code, levels, characterisation.scattering_identified)),
    )


def _findings(
    characterisation: Characterisation, code: str, levels: Sequence[LevelQuality], identified: Mapping[str, bool]
) -> list[str]:
    found = []
    base = characterisation.colorant_set.base
    role = characterisation.colorant_set[code].role
    if not identified[code] and code != base and role != "clear":
        found.append(
            "single-constant: its panels tell K relative to the white's scattering, not what it scatters itself"
        )
    if code != base and role != "clear" and not any(level.delta_E_00_held_out is not None for level in levels):
        found.append("no level could be spared to be predicted without it: nothing here tells how well it predicts")
    names = {level.panel for level in levels}
    found += [str(suspect) for suspect in characterisation.suspects if suspect.panel in names]
    off = [level for level in levels if (level.delta_E_00_held_out or 0.0) > _VISIBLE and level.panel]
    if off:
        worst = max(off, key=lambda level: level.delta_E_00_held_out or 0.0)
        where = "between its neighbours" if worst.interior else "beyond the other levels"
        found.append(f"{worst.panel}, {where}, is predicted to ΔE00 {worst.delta_E_00_held_out:.2f} from the others")
    for level in levels:
        if level.interior and level.strength is not None and level.strength_sd is not None:
            shift = abs(level.strength - 1)
            seen = (level.delta_E_00_held_out or 0.0) > _LEAST_SEEN
            if seen and shift > max(_SURE * level.strength_sd, _LEAST_STRENGTH):
                found.append(
                    f"strength is not in proportion to concentration: {100 * level.dose:.3g} % acts like "
                    f"{100 * level.dose * level.strength:.3g} % ({level.panel})"
                )
    return found
