"""What past batches say the model gets wrong: of a colorant wherever it is used, of a colour whenever it is made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from colorlab.formulation.lot_strength import LotStrengths
from colorlab.formulation.lots.bias_steps import COLORANTS, COLOURS, STRENGTHS, Step, judged
from colorlab.formulation.lots.learn_strengths import learn_strengths
from colorlab.formulation.prediction.predict import mass_fractions
from colorlab.formulation.search.objective import Objective, deviation
from colorlab.formulation.target import Target
from spectra.arrays import FloatArray, frozen
from spectra.carried import has_ratio, ratio_inside
from spectra.colorant import ColorantSet
from spectra.errors import FormulationError, NotComparableError
from spectra.ladder import Letdown
from spectra.ladder_fit import lightness_weights
from spectra.recipe import Recipe

# Fewer colours cannot tell a colorant's error from the errors of the colours it was used in.
FEWEST_COLOURS = 4
# Bumps along the wavelengths of which a colorant's ln K may be off, and how far each may be. [1], [ln]
_BUMPS, _LN_K = 6, 0.05
# Ridge penalties tried; colours held out of those learned from choose. [L*²]
_PENALTIES = (0.3, 3.0, 30.0)
# Batches of a colour its own mean must be worth before it counts half; held-out batches choose.
_DOUBTS = (0.3, 1.0, 3.0)
_FOLDS = 5


@dataclass(frozen=True, slots=True, eq=False)
class PastBatch:
    """A batch as it was weighed and measured, before any correction.

    Attributes
    ----------
    colour : str
    recipe : Recipe
        Its name is the batch's.
    reflectance_factor : ndarray, shape (n_angles, n_wavelengths)

    Raises
    ------
    FormulationError
        If a reflectance factor is not finite or not above zero.
    """

    colour: str
    recipe: Recipe
    reflectance_factor: FloatArray

    def __post_init__(self) -> None:
        spectra = frozen(np.atleast_2d(self.reflectance_factor))
        if not np.isfinite(spectra).all() or (spectra <= 0).any():
            raise FormulationError(f"{self.recipe.name}: a batch's reflectance factors must be finite and above zero")
        object.__setattr__(self, "reflectance_factor", spectra)


@dataclass(frozen=True, slots=True, eq=False)
class LearnedBias:
    """What past batches taught.

    Attributes
    ----------
    colorant_set : ColorantSet
        With the lots' strengths and the bias of every colorant; the one given where neither was learned.
    strengths : LotStrengths or None
        Those in the set; None where they did not help or the set cannot weigh panels against ladders.
    ln_absorption : mapping of str to ndarray, shape (n_angles, n_wavelengths)
        By how much ln K of each colorant was off; empty where that did not help.
    colours : mapping of str to ndarray, shape (n_angles, n_wavelengths)
        ln of K/S measured over predicted that each colour keeps from batch to batch, as far as it is to be believed.
    steps : tuple of Step
        The three in their order.
    """

    colorant_set: ColorantSet
    strengths: LotStrengths | None
    ln_absorption: Mapping[str, FloatArray]
    colours: Mapping[str, FloatArray]
    steps: tuple[Step, ...]

    @property
    def findings(self) -> tuple[str, ...]:
        """What was learned, and what was not and why."""
        return tuple(map(str, self.steps))

    def reflectance_factor(self, recipe: Recipe, colour: str | None = None) -> FloatArray:
        """What a batch will reflect, shape (n_angles, n_wavelengths).

        Parameters
        ----------
        recipe : Recipe
        colour : str, optional
            One whose past batches were learned from; any other is predicted by its colorants alone.
        """
        spectrum: FloatArray = _predicted(self.colorant_set, [recipe])[0]
        if colour is None or colour not in self.colours:
            return spectrum
        return _shifted(spectrum, self.colours[colour], self.colorant_set)


def learn_bias(
    history: Sequence[PastBatch], colorant_set: ColorantSet, *, objective: Objective | None = None
) -> LearnedBias:
    """Learn from past batches what colorants and colours are off by.

    Parameters
    ----------
    history : sequence of PastBatch
    colorant_set : ColorantSet
    objective : Objective, optional
        Its ΔE00 judges what helps.

    Raises
    ------
    UnknownColorantError
        If a recipe names a colorant the set does not hold.
    NotComparableError
        If a batch was not measured at the angles and wavelengths of the colorants.

    Notes
    -----
    Three steps, each kept only where it predicts batches it was not learned from better by more than the standard error
    of that gain: the strengths of the lots; a smooth bias of ln K of each colorant, by ridge regression of what is left
    of ln(K/S), weighted by lightness; the mean of what is left of each colour, shrunk. The first two are judged on
    colours they have not seen (groups: colours), the last on each batch of a colour by its others. The penalty of the
    ridge is chosen anew in every fold by colours held out of the rest, so that the choice does not flatter the gain;
    how far colours are shrunk is chosen by the batches that judge it. Colours that were corrected tell of their
    batches before the correction.

    References
    ----------
    .. [1] A. E. Hoerl, R. W. Kennard, "Ridge regression: biased estimation for nonorthogonal problems", Technometrics
       12 (1970) 55–67.
    """
    goal = objective or Objective()
    _check(history, colorant_set)
    found = len({batch.colour for batch in history})
    if found < FEWEST_COLOURS:
        why = (
            f"{found} colours of history; what colorants and colours are off by is told apart from {FEWEST_COLOURS} on"
        )
        steps = (Step(STRENGTHS, False, reason=why), Step(COLORANTS, False, reason=why))
        return _with_colours(history, LearnedBias(colorant_set, None, {}, {}, steps), goal)
    return _with_colours(history, _of_colorants(history, colorant_set, goal), goal)


def _of_colorants(history: Sequence[PastBatch], colorant_set: ColorantSet, goal: Objective) -> LearnedBias:
    """The first two steps."""
    colours = [batch.colour for batch in history]
    folds = _folds(history)
    sets = [colorant_set] * len(folds)
    errors = _held_out(history, folds, sets, goal)
    strengths = None
    if _weighs(colorant_set):
        strong = [_strengths([history[row] for row in known], colorant_set, False) for known, _ in folds]
        acting = [one.applied(colorant_set) for one in strong]
        after = _held_out(history, folds, acting, goal)
        first = judged(STRENGTHS, errors, after, colours)
        if first.kept:
            sets, errors, strengths = acting, after, _strengths(history, colorant_set, True)
    else:
        first = Step(STRENGTHS, False, reason=f"{colorant_set.name} does not say how far its model errs")
    paints = colorant_set if strengths is None else strengths.applied(colorant_set)
    moved = []
    for (known, _), one in zip(folds, sets, strict=True):
        others = [history[row] for row in known]
        moved.append(_moved(one, _ridge(others, one, _penalty(others, one, goal))))
    second = judged(COLORANTS, errors, _held_out(history, folds, moved, goal), colours)
    bias = _ridge(history, paints, _penalty(history, paints, goal)) if second.kept else {}
    return LearnedBias(_moved(paints, bias), strengths, bias, {}, (first, second))


def _penalty(history: Sequence[PastBatch], paints: ColorantSet, goal: Objective) -> float:
    """The penalty whose ridge predicts held-out colours of these batches best."""
    folds, errors = _folds(history), []
    for penalty in _PENALTIES:
        moved = [_moved(paints, _ridge([history[row] for row in known], paints, penalty)) for known, _ in folds]
        errors.append(float(_held_out(history, folds, moved, goal).mean()))
    return _PENALTIES[int(np.argmin(errors))]


def _check(history: Sequence[PastBatch], colorant_set: ColorantSet) -> None:
    shape = (colorant_set.geometry.n_angles, colorant_set.grid.count)
    for batch in history:
        colorant_set.indices(batch.recipe.colorants)
        if batch.reflectance_factor.shape != shape:
            raise NotComparableError(
                "angles and wavelengths",
                f"{shape} of {colorant_set.name}",
                f"{batch.reflectance_factor.shape} of {batch.recipe.name}",
                "Bring the batches to the grid and geometry of the colorants",
            )


def _folds(history: Sequence[PastBatch]) -> list[tuple[list[int], list[int]]]:
    """Batches learned from and batches held out, no colour on both sides."""
    from sklearn.model_selection import GroupKFold

    colours = [batch.colour for batch in history]
    folds = GroupKFold(min(_FOLDS, len(set(colours)))).split(np.zeros((len(history), 1)), groups=colours)
    return [(known.tolist(), unseen.tolist()) for known, unseen in folds]


def _held_out(
    history: Sequence[PastBatch],
    folds: Sequence[tuple[list[int], list[int]]],
    sets: Sequence[ColorantSet],
    goal: Objective,
) -> FloatArray:
    """Errors of every batch predicted with the set of the fold it is held out of, shape (n_batches,)."""
    errors = np.empty(len(history))
    for (_, unseen), paints in zip(folds, sets, strict=True):
        wanted = [history[row] for row in unseen]
        errors[unseen] = _errors(wanted, _predicted(paints, [batch.recipe for batch in wanted]), paints, goal)
    return errors


def _weighs(colorant_set: ColorantSet) -> bool:
    """Whether panels can be weighed against the ladders of a set."""
    return colorant_set.model_error is not None and all(
        one.log_covariance is not None for one in colorant_set.colorants
    )


def _strengths(history: Sequence[PastBatch], colorant_set: ColorantSet, search: bool) -> LotStrengths:
    panels = [Letdown(batch.recipe.name, batch.recipe, batch.reflectance_factor) for batch in history]
    return learn_strengths(panels, colorant_set, search=search)


def _moved(paints: ColorantSet, bias: Mapping[str, FloatArray]) -> ColorantSet:
    """The set with ln K of its colorants corrected."""
    if not bias:
        return paints
    colorants = tuple(
        replace(one, absorption=one.absorption * np.exp(bias[one.code])) if one.code in bias else one
        for one in paints.colorants
    )
    return replace(paints, colorants=colorants)


def _ridge(history: Sequence[PastBatch], paints: ColorantSet, penalty: float) -> dict[str, FloatArray]:
    """Bias of ln K of every colorant in use, shape (n_angles, n_wavelengths) each."""
    from sklearn.linear_model import Ridge

    fractions = mass_fractions(paints, [batch.recipe for batch in history])
    used = np.flatnonzero(fractions.any(axis=0))
    K, S = paints.mix(fractions)
    predicted = paints.hiding_film(K, S)
    rest, usable = _rests(history, predicted, paints)
    by_ln_K = -paints.hiding_film_fall(K, S) * K * S
    slopes = by_ln_K * lightness_weights(predicted)
    weights = np.where(usable, np.abs(slopes), 0.0)
    bumps = _bumps(paints)
    share = fractions[:, used, None, None] * paints.absorption[used] / np.maximum(K, 1e-300)[:, None]
    found = {paints.codes[row]: np.zeros(K.shape[1:]) for row in used}
    for angle in range(K.shape[1]):
        design = (share[:, :, angle, None] * bumps * weights[:, None, angle, None]) * _LN_K
        rows = np.moveaxis(design, 3, 1).reshape(-1, used.size * len(bumps))
        fitted = Ridge(alpha=penalty, fit_intercept=False).fit(rows, (weights * rest)[:, angle].ravel())
        for place, row in enumerate(used):
            own = fitted.coef_[place * len(bumps) : (place + 1) * len(bumps)]
            found[paints.codes[row]][angle] = _LN_K * own @ bumps
    return {code: frozen(value) for code, value in found.items()}


def _bumps(paints: ColorantSet) -> FloatArray:
    """A constant and smooth bumps along the wavelengths, shape (1 + _BUMPS, n_wavelengths)."""
    nm = paints.grid.wavelengths
    centres = np.linspace(nm[0], nm[-1], _BUMPS)
    width = (nm[-1] - nm[0]) / (_BUMPS - 1)
    return np.concatenate([np.ones((1, nm.size)), 0.5 * np.exp(-0.5 * ((nm - centres[:, None]) / width) ** 2)])


def _with_colours(history: Sequence[PastBatch], learned: LearnedBias, goal: Objective) -> LearnedBias:
    """What is left of each colour, where its own other batches bear it out."""
    paints = learned.colorant_set
    counts = Counter(batch.colour for batch in history)
    often = [row for row, batch in enumerate(history) if counts[batch.colour] > 1]
    if not often:
        none = Step(COLOURS, False, reason="no colour was made twice: its bias cannot be told from that of a batch")
        return replace(learned, steps=(*learned.steps, none))
    batches = [history[row] for row in often]
    predicted = _predicted(paints, [batch.recipe for batch in batches])
    rest, usable = _rests(batches, predicted, paints)
    rest = np.where(usable, rest, 0.0)
    alike = np.array([[one.colour == other.colour for other in batches] for one in batches])
    others = (alike & ~np.eye(len(batches), dtype=bool)).astype(np.float64)
    number = others.sum(axis=1)
    before, tried = _errors(batches, predicted, paints, goal), {}
    for doubt in _DOUBTS:
        mean = np.tensordot(others / (number + doubt)[:, None], rest, axes=1)
        tried[doubt] = _errors(batches, _shifted(predicted, mean, paints), paints, goal)
    best = min(tried, key=lambda doubt: float(tried[doubt].mean()))
    names = [batch.colour for batch in batches]
    step = judged(COLOURS, before, tried[best], names)
    found = {}
    if step.kept:
        for colour in dict.fromkeys(names):
            rows = [row for row, name in enumerate(names) if name == colour]
            found[colour] = frozen(rest[rows].sum(axis=0) / (len(rows) + best))
    return replace(learned, colours=found, steps=(*learned.steps, step))


def _predicted(paints: ColorantSet, recipes: Sequence[Recipe]) -> FloatArray:
    return paints.reflectance_factor(mass_fractions(paints, recipes))


def _rests(
    history: Sequence[PastBatch], predicted: FloatArray, paints: ColorantSet
) -> tuple[FloatArray, np.ndarray[tuple[int, ...], np.dtype[np.bool_]]]:
    """ln of K/S measured over predicted, and where both have one; shape (n_batches, n_angles, n_wavelengths) each."""
    measured = np.array([batch.reflectance_factor for batch in history])
    rest = np.log(ratio_inside(measured, paints) / ratio_inside(predicted, paints))
    return rest, has_ratio(measured, paints) & has_ratio(predicted, paints)


def _shifted(predicted: FloatArray, ln_ratio: FloatArray, paints: ColorantSet) -> FloatArray:
    """Spectra whose K/S is off by a factor; those without one stay."""
    ratio = ratio_inside(predicted, paints) * np.exp(ln_ratio)
    moved = paints.hiding_film(ratio, np.ones_like(ratio))
    shifted: FloatArray = np.where(has_ratio(predicted, paints), moved, predicted)
    return shifted


def _errors(history: Sequence[PastBatch], predicted: FloatArray, paints: ColorantSet, goal: Objective) -> FloatArray:
    """Weighted ΔE00 of predictions, shape (n_batches,)."""
    return np.array(
        [
            deviation(
                Target(batch.recipe.name, batch.reflectance_factor, paints.grid, paints.geometry, paints.ceiling),
                spectrum[None],
                goal,
            ).weighted_delta_E_00[0]
            for batch, spectrum in zip(history, predicted, strict=True)
        ]
    )
