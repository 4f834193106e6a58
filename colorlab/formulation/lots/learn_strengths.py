"""Strengths of lots from production panels of known recipe: robust, with what the panels cannot tell left open."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from colorlab.formulation.lot_strength import LotStrengths
from colorlab.formulation.lots.contradiction import contradictions
from colorlab.formulation.lots.strength_fit import AS_NORMAL, PanelFit, StrengthPrior, fit_strengths
from spectra.arrays import FloatArray
from spectra.colorant import ColorantSet
from spectra.errors import FormulationError
from spectra.ladder import Letdown

# A factor counts as told by the panels where its standard uncertainty is below this share of what it was before, or
# where it is farther from what all share than that by so many.
_TOLD, _MOVED = 0.8, 3.0


def learn_strengths(
    panels: Sequence[Letdown],
    colorant_set: ColorantSet,
    *,
    prior: StrengthPrior | None = None,
    lot: str = "",
    search: bool = True,
) -> LotStrengths:
    """Factor of every colorant's lot from panels of known recipe.

    Parameters
    ----------
    panels : sequence of Letdown
        Production panels, with the recipe as weighed. None is fine: then the prior speaks.
    colorant_set : ColorantSet
        Characterised from ladders with enough levels to know its own model error.
    prior : StrengthPrior, optional
    lot : str
        What these lots are called by.
    search : bool
        Whether to look for panels that contradict the others, which takes longer than the fit.

    Raises
    ------
    UnknownColorantError
        If a recipe names a colorant the set does not hold.
    FormulationError
        If a panel does not fit the set's grid and geometry, or the set carries no covariance or no model error.

    Notes
    -----
    Residuals are reflectance factors weighted by dL*/dR, as in the characterisation, and compared by their smooth
    components. Their covariance is that of the ladders, of the model and of the dosing; a panel far from all others
    counts less (Huber), so that a wrong label does not rule the factors. Factors are a Student t about a common one,
    the three scatters are found by the Laplace evidence, and the covariance is the inverse curvature there. Opaque
    paint tells ratios only: all is relative to the base.

    References
    ----------
    .. [1] P. J. Huber, "Robust estimation of a location parameter", Ann. Math. Statist. 35 (1964) 73–101.
    .. [2] D. J. C. MacKay, "Bayesian interpolation", Neural Comput. 4 (1992) 415–447.
    """
    assumed = prior or StrengthPrior()
    _refuse(panels, colorant_set)
    fit = fit_strengths(panels, colorant_set, assumed)
    base = colorant_set.index(colorant_set.base)
    factors, covariance = _relative(fit, base)
    told = _told(fit, base)
    return LotStrengths(
        colorant_set=colorant_set.name,
        lot=lot,
        base=colorant_set.base,
        colorants=colorant_set.codes,
        ln_factor=factors,
        covariance=covariance,
        told=told,
        dosing=fit.scatter[1],
        model_scale=fit.scatter[2],
        panels=tuple(panel.panel for panel in panels),
        contradictions=contradictions(panels, colorant_set, assumed, fit) if search else (),
    )


def _told(fit: PanelFit, base: int) -> tuple[bool, ...]:
    """Of which colorants the panels say more than what all share."""
    C = fit.covariance
    apart = fit.theta - fit.theta[base]
    variance = np.diag(C) + C[base, base] - 2 * C[base]
    before = (AS_NORMAL * fit.scatter[0]) ** 2
    known = (variance < _TOLD**2 * before) | (apart**2 > _MOVED**2 * before)
    known[base] = False
    return tuple(bool(one) for one in known)


def _relative(fit: PanelFit, base: int) -> tuple[FloatArray, FloatArray]:
    """Factors and covariance with the base's at zero."""
    factors, covariance = fit.theta.copy(), fit.covariance.copy()
    factors[base] = 0.0
    covariance[base], covariance[:, base] = 0.0, 0.0
    return factors, covariance


def _refuse(panels: Sequence[Letdown], colorant_set: ColorantSet) -> None:
    shape = (colorant_set.geometry.n_angles, colorant_set.grid.count)
    for panel in panels:
        if panel.reflectance_factor.shape != shape:
            raise FormulationError(
                f"{panel.panel}: reflectance factors of shape {panel.reflectance_factor.shape}; {shape} expected for "
                f"{colorant_set.name}"
            )
    missing = [one.code for one in colorant_set.colorants if one.log_covariance is None]
    if missing or colorant_set.model_error is None:
        raise FormulationError(
            f"{colorant_set.name}: {', '.join(missing) or 'the set'} carries no "
            f"{'covariance' if missing else 'model error'}, so that panels cannot be weighed against ladders; "
            "characterise it again from ladders of three levels or more"
        )
