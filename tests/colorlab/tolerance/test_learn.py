"""The estimator keeps scikit-learn's contract and tells what the judgements tell."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import GroupKFold, cross_val_score
from sklearn.utils.estimator_checks import estimator_checks_generator

from colorlab.tolerance.learn import ToleranceEllipsoid

STANDARD = (50.0, 40.0, 20.0)
TRUE = np.diag([0.69, 0.31, 2.0])


def judged(seed=0, n_pairs=80, observers=("Ann", "Bo", "Chen"), ties=0.05):
    rng = np.random.default_rng(seed)
    shown = np.repeat(rng.normal(size=(n_pairs, 3)) * [0.8, 1.2, 0.5], len(observers), axis=0)
    who = np.tile(observers, n_pairs)
    P = 1 / (1 + np.exp(-3 * (1 - np.einsum("ij,jk,ik->i", shown, TRUE, shown))))
    chance = rng.random(len(P))
    said = np.where(chance < P, "accept", "reject").astype(object)
    said[np.abs(chance - P) < ties] = "borderline"
    return shown, said.astype(str), who


# A fixed strength: that of the folds is tried below, and many checks of scikit-learn give it no pairs to leave out.
# Arrays of other libraries than NumPy are for who switches them on in SciPy.
CHECKS = [
    (estimator, check)
    for estimator, check in estimator_checks_generator(ToleranceEllipsoid(prior_strength=1.0))
    if check.func.__name__ != "check_array_api_input"
]


@pytest.mark.parametrize(("estimator", "check"), CHECKS, ids=[check.func.__name__ for _, check in CHECKS])
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_it_keeps_scikit_learns_contract(estimator, check):
    check(estimator)


def test_it_learns_what_is_accepted():
    X, y, who = judged()
    model = ToleranceEllipsoid(STANDARD).fit(X, y, groups=who)
    assert model.classes_.tolist() == ["accept", "reject"]
    assert model.observers_.tolist() == ["Ann", "Bo", "Chen"]
    assert model.matrix_ == pytest.approx(TRUE, abs=0.5)
    assert model.predict([[0.1, 0, 0], [0, 0, 3.0]]).tolist() == ["accept", "reject"]
    chances = model.predict_proba(X)
    assert chances.sum(axis=1) == pytest.approx(1)
    assert (chances[:, 0] > 0.5).tolist() == (model.predict(X) == "accept").tolist()
    assert model.score(X, y) > 0.75


def test_a_difference_and_its_opposite_are_accepted_alike():
    X, y, who = judged()
    model = ToleranceEllipsoid(STANDARD, prior_strength=1.0).fit(X, y, groups=who)
    assert model.predict_proba(X) == pytest.approx(model.predict_proba(-X))


def test_a_strict_observer_is_foreseen_to_accept_less():
    X, y, who = judged(n_pairs=120)
    strict = y.copy()
    sizes = np.einsum("ij,jk,ik->i", X, TRUE, X)
    strict[(who == "Bo") & (sizes > 0.5)] = "reject"
    model = ToleranceEllipsoid(STANDARD, prior_strength=1.0).fit(X, strict, groups=who)
    edge = np.array([[1.0, 0.0, 0.0]])
    chance = {name: model.predict_proba(edge, groups=[name])[0, 0] for name in ("Ann", "Bo", "nobody known")}
    assert chance["Bo"] < chance["nobody known"] < chance["Ann"]
    assert chance["nobody known"] == pytest.approx(model.predict_proba(edge)[0, 0])


def test_ties_are_learned_from_and_never_predicted():
    X, y, who = judged(ties=0.2)
    assert (y == "borderline").sum() > 20
    model = ToleranceEllipsoid(STANDARD, prior_strength=1.0).fit(X, y, groups=who)
    assert set(model.predict(X)) == {"accept", "reject"}
    assert model.score(X[y == "borderline"], y[y == "borderline"]) == 0.5


def test_labels_may_be_of_any_kind():
    X, y, _ = judged(ties=0.0)
    by_word = ToleranceEllipsoid(STANDARD, prior_strength=1.0).fit(X, y)
    by_number = ToleranceEllipsoid(STANDARD, prior_strength=1.0).fit(X, (y == "accept").astype(int))
    other_way = ToleranceEllipsoid(STANDARD, prior_strength=1.0, accept="reject").fit(
        X, np.where(y == "accept", "reject", "accept")
    )
    assert by_number.matrix_ == pytest.approx(by_word.matrix_)
    assert other_way.matrix_ == pytest.approx(by_word.matrix_)
    assert by_number.predict_proba(X)[:, 1] == pytest.approx(by_word.predict_proba(X)[:, 0])


def test_it_goes_through_the_tools_of_scikit_learn():
    X, y, _ = judged(ties=0.0)
    pairs = np.unique(X, axis=0, return_inverse=True)[1].ravel()
    model = clone(ToleranceEllipsoid(STANDARD, formula="CMC(1:1)"))
    assert model.get_params()["formula"] == "CMC(1:1)"
    scores = cross_val_score(model, X, y, groups=pairs, cv=GroupKFold(4), scoring="neg_log_loss")
    assert scores.mean() > -0.6


def test_semi_axes_questions_and_numbers_of_judgements_are_told():
    X, y, who = judged()
    model = ToleranceEllipsoid(STANDARD, prior_strength=1.0).fit(X, y, groups=who)
    axes = model.semi_axes()
    assert [one.length for one in axes] == sorted((one.length for one in axes), reverse=True)
    assert all(one.identified and one.interval[0] < one.length < one.interval[1] for one in axes)
    assert model.reaches([0, 0, 1])[0].length == pytest.approx(model.matrix_[2, 2] ** -0.5)
    assert model.more_judgements(0.05).new_observers > model.more_judgements(0.1).new_observers > 0
    assert model.next_question([[0.01, 0, 0], [0, 1.5, 0]]).difference == (0, 1.5, 0)


def test_without_a_standard_a_sphere_is_expected():
    X, y, _ = judged()
    model = ToleranceEllipsoid(prior_strength=1e6).fit(X, y)
    assert model.matrix_ == pytest.approx(model.matrix_[0, 0] * np.eye(3), rel=1e-2, abs=1e-2)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"y": ["accept"] * 240}, "Only one class"),
        ({"y": ["accept", "reject", "perhaps"] * 80}, "Only binary"),
        ({"groups": ["Ann"]}, "groups of shape"),
        ({"pairs": [1, 2]}, "pairs of shape"),
        ({"X": np.zeros((240, 3))}, "every difference is 0"),
        ({"X": np.full((240, 3), np.nan)}, "NaN"),
    ],
)
def test_what_cannot_be_learned_from_is_said(given, said):
    X, y, who = judged()
    arguments = {"X": X, "y": y, "groups": who} | given
    with pytest.raises(ValueError, match=said):
        ToleranceEllipsoid(STANDARD).fit(arguments.pop("X"), arguments.pop("y"), **arguments)


@pytest.mark.parametrize(
    ("parameters", "said"),
    [({"prior_strength": -1.0}, "no number above 0"), ({"accept": "yes"}, "no judgement is 'yes'")],
)
def test_parameters_that_mean_nothing_are_said(parameters, said):
    X, y, _ = judged()
    with pytest.raises(ValueError, match=said):
        ToleranceEllipsoid(STANDARD, **parameters).fit(X, y)


def test_a_standard_goes_with_three_coordinates():
    X, y, _ = judged()
    with pytest.raises(ValueError, match="2 coordinates"):
        ToleranceEllipsoid(STANDARD).fit(X[:, :2], y)


@pytest.mark.parametrize("module", ["colorlab.workflows.vet", "colorlab.workflows.learn"])
def test_a_verdict_does_not_wait_for_scikit_learn(module):
    code = f"import {module}, sys; sys.exit('sklearn' in sys.modules)"
    root = Path(__file__).resolve().parents[3]
    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=root).returncode == 0
