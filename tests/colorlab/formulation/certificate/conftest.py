"""Small palettes of every paint model, and searches over them that miss nothing."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from colorlab.formulation.certificate.paint import paint_of
from colorlab.formulation.search.constraints import Constraints
from colorlab.formulation.search.objective import LocalObjective, Objective
from colorlab.formulation.search.palette import palette
from colorlab.formulation.target import Target
from spectra.geometry import D8_SCI
from spectra.optics.link import LINKS

MODELS = [(link, crowding) for link in LINKS for crowding in (0.0, 0.4)]


def colours_of(colorants, link="kubelka-munk", crowding=0.0, **constraints):
    """A palette of the model asked for; the white crowds, every second paste half as much."""
    colours = palette(colorants, Constraints(**constraints))
    crowds = np.zeros(len(colours.codes))
    crowds[1::2] = 0.5
    crowds[colours.codes.index("W")] = 1.0
    return replace(
        colours, link=LINKS[link], crowding=crowding, crowds=crowds, crowded=crowds[:, None] * colours.scattering
    )


def local_of(spectrum, colorants, spectral_weight=400.0, **weights):
    target = Target("aim", np.atleast_2d(spectrum), colorants.grid, D8_SCI)
    return LocalObjective(target, Objective(spectral_weight=spectral_weight, **weights))


def mixed_target(colours, local_weight, colorants, rng, noise=0.002, **weights):
    """The objective of a drawn mixture of three components, read with noise."""
    support = np.sort(rng.choice(len(colours.codes), 3, replace=False))
    paint = paint_of(colours, local_of(np.full(colorants.grid.count, 0.4), colorants))
    spectrum = paint.spectra(support[None], rng.dirichlet(np.ones(3))[None])[0]
    spectrum = np.clip(spectrum + noise * rng.standard_normal(spectrum.size), 0.01, 0.98)
    return local_of(spectrum, colorants, local_weight, **weights)


def searched(colours, local, max_colorants, seed=0, starts=1500):
    """The best recipe of every combination by dense random search and descent, within the bounds of the palette."""
    from scipy.optimize import minimize

    rng = np.random.default_rng(seed)
    paint = paint_of(colours, local)
    required = tuple(range(colours.n_required))
    found = {}
    for size in range(0 if required else 1, max_colorants + 1):
        for some in combinations(range(colours.n_required, len(colours.codes)), size):
            support = np.array([*required, *some])
            low, high = colours.least[support], colours.greatest[support]
            if low.sum() > 1 or high.sum() < 1:
                continue

            def value(fractions, support=support):
                return float(paint.values(local, support[None], np.asarray(fractions)[None])[0])

            if len(support) == 1:
                found[tuple(support)] = (value([1.0]), np.ones(1))
                continue
            parts = rng.dirichlet(np.full(len(support), 0.4), starts)
            parts = np.clip(low + (1 - low.sum()) * parts, low, high)
            parts = parts[np.abs(parts.sum(axis=1) - 1) < 1e-9]
            keeps = (parts @ colours.limits.A[:, support].T <= colours.limits.b).all(axis=1)
            parts = parts[keeps]
            if not len(parts):
                continue
            values = paint.values(local, np.broadcast_to(support, (len(parts), len(support))), parts)
            start = parts[np.argmin(values)]
            wanted = [{"type": "eq", "fun": lambda c: c.sum() - 1}]
            if len(colours.limits.A):
                A, b = colours.limits.A[:, support], colours.limits.b
                wanted.append({"type": "ineq", "fun": lambda c, A=A, b=b: b - A @ c})
            settled = minimize(
                value, start, method="SLSQP", bounds=list(zip(low, high, strict=True)), constraints=wanted
            ).x
            settled = np.clip(settled, low, high)
            sound = (
                abs(settled.sum() - 1) < 1e-9
                and (colours.limits.A[:, support] @ settled <= colours.limits.b + 1e-9).all()
            )
            best = min(
                (value(start), start), (value(settled), settled) if sound else (np.inf, start), key=lambda x: x[0]
            )
            found[tuple(support.tolist())] = best
    return sorted(((value, support, part) for support, (value, part) in found.items()), key=lambda one: one[0])


@pytest.fixture(scope="session")
def paints(drawn):
    """A white and seven pastes."""
    return drawn(7, 5)


def drawn_target(colorants):
    """A mixture of three pastes, as a target."""
    paint = paint_of(colours_of(colorants), local_of(np.full(colorants.grid.count, 0.4), colorants))
    spectrum = paint.spectra(np.array([[0, 2, 4]]), np.array([[0.8, 0.1, 0.1]]))
    return Target("aim", spectrum, colorants.grid, D8_SCI)
