"""A tolerance learned from visual judgements, as a scikit-learn classifier: importing this imports scikit-learn."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from colorlab.difference.effect import Coordinates
from colorlab.tolerance.learning.folds import choose_strength
from colorlab.tolerance.learning.metric import local_metric
from colorlab.tolerance.learning.planning import (
    PRECISION,
    MoreJudgements,
    Question,
    more_judgements,
    next_question,
)
from colorlab.tolerance.learning.psychometric import IntArray, Judgements, fit_psychometric, told_apart
from colorlab.tolerance.learning.reach import Reach, principal_directions, reach
from spectra.arrays import FloatArray
from spectra.errors import ToleranceError

ACCEPTED_NAMES = ("accept", "accepted")


class ToleranceEllipsoid(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """The ellipsoid of differences that every second judgement accepts, from judgements of several observers.

    Parameters
    ----------
    standard : array_like, shape (3,), optional
        CIELAB. Without one the ellipsoid is expected to be a sphere, in any number of coordinates.
    coordinates : {"LCH", "Lab"}
        Of the differences, where there is a standard.
    formula : str
        A row of `colorlab.difference.standard.FORMULAS`: its shape near the standard is what is expected before any
        judgement, in whatever size.
    white : array_like, shape (3,), optional
        XYZ of the white, for formulas that need it.
    prior_strength : float or "cv"
        1/variance of the ln of a semi-axis about that shape [1]; "cv" takes the one that predicts pairs left out best.
    accept : label, optional
        The label of acceptance: `accept` or `accepted` when one of these is among the labels, else the larger one.
    tie : label
        A judgement undecided between the two; counts half for either. It is learned from, never predicted.
    random_state : int
        Seed of the folds of "cv".

    Attributes
    ----------
    classes_ : ndarray, shape (2,)
    matrix_ : ndarray, shape (p, p)
        M: the ellipsoid is dᵀMd = 1. [1 / CIELAB units²]
    steepness_, lapse_ : float
        k and λ of `colorlab.tolerance.learning.psychometric`. [1]
    observers_ : ndarray
        Their names, sorted.
    observer_sizes_ : ndarray, shape (n_observers,)
        How much larger the ellipsoid of each is than the typical observer's; empty where there is only one, whose the
        ellipsoid then is. [1]
    observer_sd_ : float
        Standard deviation of their ln. [1]
    prior_strength_ : float
    n_judgements_ : float
        Sum of the weights.

    Notes
    -----
    The ellipsoid is centred on the standard: a difference and its opposite are accepted alike.
    """

    def __init__(
        self,
        standard: ArrayLike | None = None,
        *,
        coordinates: Coordinates = "LCH",
        formula: str = "CIEDE2000",
        white: ArrayLike | None = None,
        prior_strength: float | str = "cv",
        accept: Any = None,
        tie: Any = "borderline",
        random_state: int = 0,
    ) -> None:
        self.standard = standard
        self.coordinates = coordinates
        self.formula = formula
        self.white = white
        self.prior_strength = prior_strength
        self.accept = accept
        self.tie = tie
        self.random_state = random_state

    def __sklearn_tags__(self) -> Any:
        """Two classes; and a blob that lies anywhere but around the standard is none that it can learn."""
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        tags.classifier_tags.poor_score = True
        return tags

    def fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        groups: ArrayLike | None = None,
        pairs: ArrayLike | None = None,
    ) -> ToleranceEllipsoid:
        """Learn from judgements.

        Parameters
        ----------
        X : array_like, shape (n_judgements, p)
            Differences, sample minus standard. [CIELAB units]
        y : array_like, shape (n_judgements,)
            Two labels, and `tie`.
        sample_weight : array_like, shape (n_judgements,), optional
            How many judgements a row stands for.
        groups : array_like, shape (n_judgements,), optional
            The observer of each; nobody in particular when left out.
        pairs : array_like, shape (n_judgements,), optional
            Which pair was judged; equal differences are one pair when left out.

        Raises
        ------
        ValueError
            As scikit-learn's estimators: whatever is wrong with the arrays, or if nothing can be learned from them.
        """
        checked: tuple[FloatArray, np.ndarray[Any, Any]] = validate_data(self, X, y, dtype=np.float64)
        differences, labels = checked
        weights = _check_sample_weight(sample_weight, differences, dtype=np.float64, ensure_non_negative=True)
        observers, self.observers_ = _numbered(groups, len(differences), "groups")
        if pairs is None:
            numbers: IntArray = np.unique(differences, axis=0, return_inverse=True)[1].ravel()
        else:
            numbers = _numbered(pairs, len(differences), "pairs")[0]
        every = Judgements(differences, self._accepted(labels), told_apart(observers), numbers, weights)
        try:
            judgements = every.rows(np.flatnonzero(weights > 0))
            metric = self._prior_metric(differences.shape[1])
            if self.prior_strength == "cv":
                strength = choose_strength(judgements, metric, seed=self.random_state)
            else:
                strength = float(self.prior_strength)
                if not 0 < strength < np.inf:
                    raise ToleranceError(f"prior_strength {strength} is no number above 0")
            self.psychometric_ = fit_psychometric(judgements, metric, strength)
        except ToleranceError as error:
            raise ValueError(str(error)) from error
        self.prior_strength_ = strength
        self.matrix_ = self.psychometric_.matrix
        self.steepness_, self.lapse_ = self.psychometric_.steepness, self.psychometric_.lapse
        self.observer_sizes_, self.observer_sd_ = self.psychometric_.observer_sizes, self.psychometric_.observer_sd
        self.n_judgements_ = float(weights.sum())
        return self

    def predict_proba(self, X: ArrayLike, groups: ArrayLike | None = None) -> FloatArray:
        """How likely each label is, in the order of `classes_`.

        Parameters
        ----------
        X : array_like, shape (n, p)
        groups : array_like, shape (n,), optional
            Observers; the typical one where it is left out or names one that was not learned from.

        Returns
        -------
        ndarray, shape (n, 2)
            [1]
        """
        check_is_fitted(self)
        differences = validate_data(self, X, dtype=np.float64, reset=False)
        observers = None
        if groups is not None:
            place = {name: number for number, name in enumerate(self.observers_.tolist())}
            observers = np.array([place.get(name, -1) for name in np.asarray(groups).tolist()], dtype=np.intp)
        P = self.psychometric_.probability(differences, observers)
        first = self.classes_[0] == self._accept_label
        chances: FloatArray = np.column_stack([P, 1 - P] if first else [1 - P, P])
        return chances

    def predict(self, X: ArrayLike, groups: ArrayLike | None = None) -> np.ndarray[Any, Any]:
        """The more likely label of each difference."""
        chances = self.predict_proba(X, groups)
        labels: np.ndarray[Any, Any] = self.classes_[chances.argmax(axis=1)]
        return labels

    def score(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> float:
        """Share of judgements that are as predicted; a tie counts half. [1]"""
        labels = np.asarray(y)
        right = np.where(labels == self.tie, 0.5, labels == self.predict(X))
        weights = None if sample_weight is None else np.asarray(sample_weight, dtype=np.float64)
        return float(np.average(right, weights=weights))

    def reaches(self, directions: ArrayLike) -> list[Reach]:
        """How far the ellipsoid reaches in each direction, with 95 % intervals and whether the judgements tell it."""
        check_is_fitted(self)
        return [reach(self.psychometric_, direction) for direction in np.atleast_2d(np.asarray(directions))]

    def semi_axes(self) -> list[Reach]:
        """The semi-axes, longest first."""
        check_is_fitted(self)
        return self.reaches(principal_directions(self.matrix_))

    def more_judgements(self, precision: float = PRECISION) -> MoreJudgements:
        """How many more judgements bring every semi-axis to a precision."""
        check_is_fitted(self)
        axes = principal_directions(self.matrix_)
        return more_judgements(self.psychometric_, self.n_judgements_, axes, precision=precision)

    def next_question(self, shown: ArrayLike | None = None) -> Question:
        """The difference, of those that can be shown or of any, whose judgement would tell most."""
        check_is_fitted(self)
        return next_question(self.psychometric_, None if shown is None else np.asarray(shown, dtype=np.float64))

    def _accepted(self, y: np.ndarray[Any, Any]) -> FloatArray:
        """1, ½ or 0 of each judgement; sets `classes_`."""
        from sklearn.utils.multiclass import check_classification_targets

        check_classification_targets(y)
        ties = y == self.tie
        ties = np.broadcast_to(ties, y.shape)
        self.classes_ = np.unique(y[~ties])
        if len(self.classes_) > 2:
            raise ValueError(
                f"Only binary classification is supported. The labels are {self.classes_.tolist()[:5]}; "
                f"a judgement undecided between two is called {self.tie!r}"
            )
        if len(self.classes_) < 2:
            raise ValueError(f"Only one class, {self.classes_.tolist()}: there is no boundary to learn")
        names = [name for name in ACCEPTED_NAMES if name in self.classes_.tolist()]
        self._accept_label = self.accept if self.accept is not None else (*names, self.classes_[1])[0]
        if self._accept_label not in self.classes_:
            raise ValueError(f"no judgement is {self._accept_label!r}; the labels are {self.classes_.tolist()}")
        accepted: FloatArray = np.where(ties, 0.5, y == self._accept_label).astype(np.float64)
        return accepted

    def _prior_metric(self, p: int) -> FloatArray:
        if self.standard is None:
            return np.eye(p)
        if p != 3:
            raise ToleranceError(f"differences of {p} coordinates; a standard in CIELAB goes with three")
        return local_metric(self.standard, self.formula, self.coordinates, self.white)


def _numbered(names: ArrayLike | None, n: int, what: str) -> tuple[IntArray, np.ndarray[Any, Any]]:
    """Names as numbers from 0, and the names; -1 where nobody is named."""
    if names is None:
        return np.full(n, -1), np.array([])
    given = np.asarray(names)
    if given.shape != (n,):
        raise ValueError(f"{what} of shape {given.shape}; expected one for each of {n} judgements")
    known, numbers = np.unique(given, return_inverse=True)
    return numbers.ravel(), known
