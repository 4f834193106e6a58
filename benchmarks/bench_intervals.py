"""Do predicted intervals hold what they say: ΔE00 of unseen panels in two laboratories the model has never seen.

    python benchmarks/bench_intervals.py

One laboratory's white crowds and its surface reflects with an unknown k2; in the other light is followed through
particles, and there is no Kubelka–Munk at all. Colorants are characterised from ladders in white. Then lots change:
each acts by its own factor, one by half, and production panels of known recipe are painted, from which the strengths
are learned. Unseen recipes of two to five colorants are predicted, weighed, painted and read. The share of panels whose
ΔE00 lies where it should in nine cases of ten is printed: within its reach of the prediction, and within the two-sided
interval against a target some way off.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from colorlab.colorimetry.tristimulus import spectra_to_lab
from colorlab.colorimetry.viewing import D65_10
from colorlab.difference.standard import delta_E
from colorlab.formulation.lot_strength import LotStrengths
from colorlab.formulation.lots.learn_strengths import learn_strengths
from colorlab.formulation.prediction.covariance import PanelScatter
from colorlab.formulation.prediction.interval import delta_E_interval, delta_E_reach
from colorlab.formulation.prediction.predict import predict_all
from colorlab.uncertainty.noise import ReflectanceNoise
from spectra.arrays import FloatArray
from spectra.characterise import characterise
from spectra.colorant import ColorantSet
from spectra.geometry import D8_SCI
from spectra.ladder import Letdown, letdown, masstone
from spectra.particle_paint import ParticlePaintLaboratory
from spectra.recipe import recipe_from_masses
from spectra.simulate import GRID, VirtualPaintLaboratory

SPREAD, WEAK = 0.06, 0.5  # usual scatter of a lot [ln], and the factor of the one that is not usual
N_UNSEEN = 40
LEVELS = (0.01, 0.03, 0.1, 0.3, 0.6)


@dataclass(frozen=True)
class World:
    """A laboratory: its white, the other colorants, its ladders, and how it paints and reads a recipe."""

    white: str
    others: tuple[str, ...]
    ladders: tuple[Letdown, ...]
    paint: Callable[[dict[str, float], dict[str, float]], FloatArray]
    noise: ReflectanceNoise


def crowding_world(seed: int) -> World:
    """K–M inside, but the white crowds and nobody tells k2."""
    lab, rng = VirtualPaintLaboratory(np.random.default_rng(seed)), np.random.default_rng(seed + 10_000)

    def paint(recipe: dict[str, float], lots: dict[str, float]) -> FloatArray:
        return np.asarray(lab.read(lab.solid_panel(recipe, rng, lots), rng).mean(axis=0))

    others = tuple(code for code in lab.recipes if code != "W01")
    panels = [masstone("W01", "W01", paint({"W01": 1.0}, {}))]
    panels += [
        letdown(f"{code} {level}", code, "W01", level, 1 - level, paint({code: level, "W01": 1 - level}, {}))
        for code in others
        for level in LEVELS
    ]
    return World("W01", others, tuple(panels), paint, _noise(0.0025 / np.sqrt(3), 0.00015, 80.0))


def particle_world(seed: int) -> World:
    """Radiative transfer through particles."""
    lab, rng = ParticlePaintLaboratory(np.random.default_rng(seed)), np.random.default_rng(seed + 10_000)

    def paint(recipe: dict[str, float], lots: dict[str, float]) -> FloatArray:
        strengths = np.array([lots.get(code, 1.0) for code in lab.codes])
        return np.asarray(lab.read(lab.panel(lab.weighed(recipe, rng), strengths=strengths), rng)[0])

    others = tuple(code for code, role in lab.roles.items() if role not in ("clear", "white"))
    return World("W1", others, lab.ladders(rng, masstones=False), paint, _noise(0.002, 0.0001, 2000.0))


def _noise(relative: float, absolute: float, length_nm: float) -> ReflectanceNoise:
    """Repeatability as an instrument's statement would give it."""
    return ReflectanceNoise(relative, absolute, 0.0, length_nm, "of the simulated instrument")


def recipes_of(world: World, rng: np.random.Generator, count: int) -> list[dict[str, float]]:
    """Two to five colorants, the white among them, of 1 to 50 % colour."""
    found = []
    for _ in range(count):
        codes = rng.choice(world.others, rng.integers(1, 5), replace=False)
        shares = rng.dirichlet(np.full(codes.size, 2.0)) * np.exp(rng.uniform(np.log(0.01), np.log(0.5)))
        found.append({world.white: float(1 - shares.sum())} | dict(zip(codes.tolist(), shares.tolist(), strict=True)))
    return found


def held(
    world: World,
    colorant_set: ColorantSet,
    lots: dict[str, float],
    strengths: LotStrengths | None,
    rng: np.random.Generator,
) -> FloatArray:
    """Rows of (ΔE00, reach, whether within reach, whether within the interval against a target, whether told)."""
    asked = recipes_of(world, rng, N_UNSEEN)
    scatter = PanelScatter(noise=world.noise) if strengths is None else PanelScatter(strengths.dosing, world.noise)
    recipes = [recipe_from_masses(f"unseen {row}", one) for row, one in enumerate(asked)]
    rows = []
    predicted = predict_all(colorant_set, recipes, strengths=strengths, scatter=scatter)
    for prediction, recipe in zip(predicted, asked, strict=True):
        panel = spectra_to_lab(world.paint(recipe, lots), GRID, D65_10)
        error = float(delta_E(prediction.lab(D65_10)[0], panel))
        reach = float(delta_E_reach(prediction, D65_10)[0])
        target = prediction.reflectance_factor * np.exp(rng.uniform(-0.1, 0.1))
        (stated,) = delta_E_interval(prediction, target, D65_10)
        seen = float(delta_E(spectra_to_lab(target, GRID, D65_10)[0], panel))
        inside = stated.interval[0] <= seen <= stated.interval[1]
        rows.append((error, reach, error <= reach, inside, _is_told(recipe, world, strengths)))
    return np.array(rows, dtype=np.float64)


def _is_told(recipe: dict[str, float], world: World, strengths: LotStrengths | None) -> bool:
    """Whether every lot of a recipe is known: the ladders' own, or told by panels."""
    if strengths is None:
        return True
    known = dict(zip(strengths.colorants, strengths.told, strict=True))
    return all(known[code] for code in recipe if code != world.white)


def report(name: str, rows: list[FloatArray]) -> None:
    """One line: errors, reaches and coverages, the coverages by seed as well."""
    whole = np.concatenate(rows)
    by_seed = " ".join(f"{100 * row[:, 2].mean():3.0f}" for row in rows)
    print(
        f"{name:66s} n {len(whole):5d}  ΔE00 {whole[:, 0].mean():.2f}  reach {whole[:, 1].mean():.2f}  "
        f"within reach {100 * whole[:, 2].mean():5.1f} %  within interval {100 * whole[:, 3].mean():5.1f} %  "
        f"by seed {by_seed}"
    )


def main(seeds: int = 6) -> None:
    """Both worlds, with the ladders' lots and with others of which 0, 6, 12 and 30 panels were painted."""
    for title, build in (("crowding white", crowding_world), ("particles", particle_world)):
        rows: dict[str, list[FloatArray]] = {}
        for seed in range(seeds):
            world, rng = build(seed), np.random.default_rng(seed + 20_000)
            found = characterise(world.ladders, name=title, base=world.white, grid=GRID, geometry=D8_SCI)
            colorant_set = found.colorant_set
            rows.setdefault("the ladders' own lots", []).append(held(world, colorant_set, {}, None, rng))
            lots = {code: float(np.exp(SPREAD * rng.standard_normal())) for code in (world.white, *world.others)}
            lots[str(rng.choice(world.others))] *= WEAK
            asked = recipes_of(world, rng, 30)
            panels = [
                Letdown(f"batch {row}", recipe_from_masses(f"batch {row}", one), world.paint(one, lots))
                for row, one in enumerate(asked)
            ]
            for count in (0, 6, 12, 30):
                strengths = learn_strengths(panels[:count], colorant_set)
                line = held(world, colorant_set, lots, strengths, rng)
                rows.setdefault(f"other lots, learned from {count} panels", []).append(line)
        for name, lines in rows.items():
            for told, which in ((1.0, "told"), (0.0, "not all lots told")):
                some = [line[line[:, 4] == told] for line in lines]
                if sum(len(line) for line in some):
                    report(f"{title}: {name}, {which}", [line for line in some if len(line)])
        report(f"{title}: all", [np.concatenate(seed) for seed in zip(*rows.values(), strict=True)])


if __name__ == "__main__":
    main(*(int(value) for value in sys.argv[1:]))
