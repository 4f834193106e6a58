"""How a recipe stands up to weighing, lots and film build: the ΔE to expect, and the chance to stay in tolerance."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from colorlab.colorimetry.tristimulus import joint_lab_jacobian, spectra_to_lab
from colorlab.colorimetry.viewing import D65_10, Viewing
from colorlab.difference.measure import FormulaMeasure
from colorlab.difference.standard import delta_E
from colorlab.formulation.prediction.predict import mass_fractions
from colorlab.formulation.robustness.error_sources import Driver, ErrorSources, error_sources
from colorlab.formulation.robustness.inside import Limits, probability_inside
from colorlab.formulation.robustness.variation import Dosing, Variation
from colorlab.formulation.target import Target
from colorlab.tolerance.tolerance import Tolerance
from colorlab.uncertainty.expansion import expansion
from colorlab.uncertainty.low_rank import low_rank_root
from spectra.arrays import FloatArray
from spectra.colorant import ColorantSet
from spectra.errors import FormulationError
from spectra.recipe import Recipe

_CIEDE2000 = FormulaMeasure("CIEDE2000")
# A cause that makes less of the variance than this is not worth a word, nor a finer balance. [1]
_WORTH_NAMING = 0.05
# Of a prediction's variance, errors that together make less than this share move no digit shown. [1]
_LEFT_OUT = 1e-4


@dataclass(frozen=True, slots=True)
class Robustness:
    """ΔE00 between the recipe as stated and the batches made by it, and how likely a batch is in tolerance.

    Attributes
    ----------
    expected_delta_E_00 : float
        At the worst angle.
    p95_delta_E_00 : float
        Not exceeded in 95 of 100 batches, at the worst angle.
    dosing : Dosing
    viewing : Viewing
        Of the two.
    p_inside : float or None
        Probability that a batch keeps the limits against the target, at all angles under all viewings together and
        with the recipe's own distance from the target. None without a target and a tolerance.
    limit : str
        Which limits, in words; empty without.
    drivers : tuple of Driver
        Greatest share first.
    """

    expected_delta_E_00: float
    p95_delta_E_00: float
    dosing: Dosing
    viewing: Viewing
    p_inside: float | None = None
    limit: str = ""
    drivers: tuple[Driver, ...] = ()

    def finer_balance(self) -> tuple[str, float] | None:
        """The colorant whose rounding matters most and the step [g] at which it no longer would; None if none does.

        The step is a balance's, 1, 2 or 5 times a power of ten, at which the rounding of this colorant makes no more
        than a twentieth of what the variance would then be.
        """
        rounded = [one for one in self.drivers if one.cause == "rounding"]
        worst = max(rounded, key=lambda one: one.share, default=None)
        if worst is None or worst.share <= _WORTH_NAMING:
            return None
        rest = max(1.0 - worst.share, _WORTH_NAMING)
        factor = math.sqrt(_WORTH_NAMING / (1 - _WORTH_NAMING) * rest / worst.share)
        return worst.colorant or "", _balance_step(self.dosing.balance_resolution_g * factor)


def _balance_step(at_most_g: float) -> float:
    power = 10.0 ** math.floor(math.log10(at_most_g))
    return power * max(step for step in (1, 2, 5) if step * power <= at_most_g * (1 + 1e-9))


def limits_of(tolerance: Tolerance | float, tokens: Sequence[str], viewings: Sequence[Viewing]) -> Limits:
    """The limits of a tolerance at some angles, or one ΔE00 for all angles and viewings.

    Raises
    ------
    FormulationError
        If the one ΔE00 is not above 0.
    """
    if isinstance(tolerance, Tolerance):
        return Limits(tolerance, tuple(tokens), tolerance.viewings, tolerance.limits_at(tokens))
    if not 0 < tolerance < np.inf:
        raise FormulationError(f"a limit of {tolerance!r} ΔE00; expected a number above 0")
    return Limits(_CIEDE2000, tuple(tokens), tuple(viewings), np.full((len(tokens), len(viewings)), float(tolerance)))


def robustness(
    colorant_set: ColorantSet,
    recipes: Sequence[Recipe],
    variation: Variation,
    viewings: Sequence[Viewing] = (D65_10,),
    *,
    target: Target | None = None,
    tolerance: Tolerance | float | None = None,
    covariances: Sequence[FloatArray | None] | None = None,
) -> list[Robustness]:
    """What becomes of recipes made over and over.

    Parameters
    ----------
    colorant_set : ColorantSet
    recipes : sequence of Recipe
    variation : Variation
        Rounding to the balance's resolution is uniform; relative errors of weighing, ln of lot strength and of film
        build are normal. Weighing and rounding are independent.
    viewings : sequence of Viewing
        The first is that of the expected ΔE00; a plain ΔE00 limit holds under all.
    target : Target, optional
        What the batches are held against.
    tolerance : Tolerance or float, optional
        Its limits at every angle and viewing (not its further requirements); a number is a ΔE00 limit.
    covariances : sequence of ndarray or None, optional
        Of the predicted reflectance factor, shape (n_bands, n_bands), angles and wavelengths in one row: what the model
        does not know of each recipe counts in the probability too, and in nothing else.

    Returns
    -------
    list of Robustness
        One a recipe.

    Raises
    ------
    FormulationError
        If one of target and tolerance is given without the other, or a recipe, covariance or film does not fit the set.

    Notes
    -----
    The covariance of Lab is J Σ Jᵀ with the analytic Jacobian; ΔE00² is a quadratic form of it, whose distribution is
    matched to a scaled χ² by its first two moments [1]_, fourth cumulants of the rounding included. The probability
    is an integral along lines, see `colorlab.formulation.robustness.inside`.

    References
    ----------
    .. [1] F. E. Satterthwaite, "An approximate distribution of estimates of variance components", Biometrics Bull. 2
       (1946) 110–114.
    """
    if (target is None) != (tolerance is None):
        raise FormulationError("a probability to be in tolerance needs both a target and a tolerance")
    if not recipes:
        return []
    fractions = mass_fractions(colorant_set, recipes)
    sources = error_sources(colorant_set, fractions, variation)
    expected, p95, shares = _spread(colorant_set, sources, viewings[0])
    chances: list[float | None] = [None] * len(recipes)
    words = ""
    if target is not None and tolerance is not None:
        limits = limits_of(tolerance, colorant_set.geometry.tokens, viewings)
        chances = _chances(colorant_set, sources, target, limits, covariances).tolist()
        words = tolerance.name if isinstance(tolerance, Tolerance) else f"ΔE00 ≤ {tolerance:g}"
    return [
        Robustness(
            float(expected[row]),
            float(p95[row]),
            variation.dosing,
            viewings[0],
            chances[row],
            words,
            sources.drivers(colorant_set.codes, row, shares[row]),
        )
        for row in range(len(recipes))
    ]


def _spread(
    colorant_set: ColorantSet, sources: ErrorSources, viewing: Viewing
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Mean and 95 % quantile of ΔE00 at the worst angle, (n,), and what each source makes of it, (n, n_sources)."""
    grid, spectra = colorant_set.grid, sources.reflectance_factor
    lab = spectra_to_lab(spectra, grid, viewing)
    jacobian = joint_lab_jacobian(spectra, grid, (viewing,))
    # (n, n_angles, n_sources, 3)
    moved = np.swapaxes(sources.slopes, 1, 2) @ np.swapaxes(jacobian, -1, -2)
    covariance = sources.covariance[:, None]
    turned = covariance @ moved
    spread = np.sqrt(np.maximum((moved * turned).sum(axis=-2), 0.0))
    # ΔE00 grows ever more slowly: its metric is taken as far out as the batches scatter.
    metric = expansion(lambda one, two: delta_E(one, two), lab, lab, spread).hessian / 2
    form = moved @ metric @ np.swapaxes(moved, -1, -2)
    product = form @ covariance
    each = np.diagonal(product, axis1=-2, axis2=-1)
    mean = each.sum(axis=-1)
    fourth = (np.diagonal(form, axis1=-2, axis2=-1) ** 2 * sources.fourth[:, None]).sum(axis=-1)
    variance = 2 * (product * np.swapaxes(product, -1, -2)).sum(axis=(-2, -1)) + fourth
    expected, p95 = _root_of_chi_square(mean, variance)
    worst = expected.argmax(axis=1)
    rows = np.arange(len(worst))
    total = mean[rows, worst]
    shares = each[rows, worst] / np.where(total > 0, total, 1.0)[:, None]
    return expected[rows, worst], p95[rows, worst], shares


def _root_of_chi_square(mean: FloatArray, variance: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Mean and 95 % quantile of the root of a scaled χ² of this mean and variance; zeros where there is none."""
    from scipy.special import gammaincinv, gammaln

    some = (mean > 0) & (variance > 0)
    m, v = np.where(some, mean, 1.0), np.where(some, variance, 1.0)
    scale, freedom = v / (2 * m), 2 * m**2 / v
    expected = np.sqrt(2 * scale) * np.exp(gammaln((freedom + 1) / 2) - gammaln(freedom / 2))
    p95 = np.sqrt(scale * 2 * gammaincinv(freedom / 2, 0.95))
    return np.where(some, expected, 0.0), np.where(some, p95, 0.0)


def _chances(
    colorant_set: ColorantSet,
    sources: ErrorSources,
    target: Target,
    limits: Limits,
    covariances: Sequence[FloatArray | None] | None,
) -> FloatArray:
    grid, viewings, spectra = colorant_set.grid, limits.viewings, sources.reflectance_factor
    if (target.grid, target.geometry.tokens) != (grid, colorant_set.geometry.tokens):
        raise FormulationError(f"{target.name}: {target.geometry.name}, {target.grid}; not as {colorant_set.name}")
    standard = np.stack([spectra_to_lab(target.reflectance_factor, grid, one) for one in viewings], axis=1)
    sample = np.stack([spectra_to_lab(spectra, grid, one) for one in viewings], axis=2)
    jacobian = joint_lab_jacobian(spectra, grid, viewings)
    n, n_angles, count = spectra.shape
    uniform, normal = (one.reshape(n, -1, n_angles * count) for one in sources.unit_errors())
    known = [np.zeros((0, n_angles * count)) if one is None else _few(one) for one in covariances or [None] * n]
    longest = max(len(one) for one in known)
    own = np.stack([np.concatenate([one, np.zeros((longest - len(one), n_angles * count))]) for one in known])
    moved = np.concatenate([uniform, normal, own], axis=1).reshape(n, -1, n_angles, count)
    errors = jacobian @ np.moveaxis(moved, 1, -1)
    roots = errors.reshape(n, n_angles, len(viewings), 3, -1)
    return probability_inside(limits, standard, sample, roots, n_uniform=uniform.shape[1])


def _few(covariance: FloatArray) -> FloatArray:
    """Spectra (n_errors, n_bands) of independent unit errors that make a covariance."""
    root, used = low_rank_root(covariance, _LEFT_OUT)
    return root[:, : int(used)].T
