"""Observers with a known tolerance, who lapse, hesitate and repeat themselves."""

import numpy as np
import pytest

from colorlab.difference.standard import delta_E
from colorlab.tolerance.learning.metric import local_metric, sample_of
from colorlab.tolerance.learning.psychometric import Judgements, told_apart

STANDARD = np.array([50.0, 40.0, 20.0])
# Not the shape of CIEDE2000: half as much ΔL* against ΔH* again, and turned.
TRUE = np.array([[0.70, -0.10, 0.0], [-0.10, 0.31, 0.25], [0.0, 0.25, 2.04]])


def _judgements(
    seed,
    *,
    matrix=TRUE,
    n_pairs=60,
    n_observers=6,
    spread=(0.82, 1.2, 0.49),
    observer_sd=0.12,
    steepness=3.0,
    lapse=0.02,
    ties=0.06,
    repeats=1,
):
    rng = np.random.default_rng(seed)
    shown = rng.normal(size=(n_pairs, 3)) * spread
    t = rng.normal(size=n_observers) * observer_sd
    pairs = np.repeat(np.arange(n_pairs), n_observers * repeats)
    observers = np.tile(np.repeat(np.arange(n_observers), repeats), n_pairs)
    differences = shown[pairs]
    q = np.einsum("ij,jk,ik->i", differences, matrix, differences) * np.exp(-2 * t[observers])
    P = lapse / 2 + (1 - lapse) / (1 + np.exp(-steepness * (1 - q)))
    chance = rng.random(len(P))
    accepted = np.where(np.abs(chance - P) < ties, 0.5, chance < P)
    return Judgements(differences, accepted, told_apart(observers), pairs, np.ones(len(P)))


@pytest.fixture(scope="session")
def simulated():
    """Judgements by a seed and what differs from the usual observers."""
    return _judgements


@pytest.fixture(scope="session")
def truth():
    """The standard, its matrix, and what CIEDE2000 expects there."""
    return STANDARD, TRUE, local_metric(STANDARD, "CIEDE2000", "LCH")


@pytest.fixture(scope="session")
def by_formula():
    """ΔE of simulated judgements."""

    def of(judgements, name="CIEDE2000"):
        return delta_E(STANDARD, sample_of(STANDARD, judgements.differences, "LCH"), name)

    return of
