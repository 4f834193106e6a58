"""Ladders into colorants: the joint fit with its chosen paint model against the textbook's masstone and one tint.

    python benchmarks/bench_characterise.py [SEEDS]

Two worlds, neither told to the fits. In the particle paint (`spectra.particle_paint`) light is followed through
particles: no Kubelka, Munk or Saunderson. In the crowding paint the model is right but for a white that loses a share
of its scattering as it fills the film: none, some, much. Panels are weighed with 0.3 % error and read with noise. Both
ways then predict the same unseen mixtures of two to five colorants. The textbook way takes k2 = 0.6 (Fresnel, resin of
index 1.5) and solves the masstone and one tint of each colorant exactly at each wavelength.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from time import process_time

import numpy as np

from colorlab.colorimetry.tristimulus import spectra_to_lab
from colorlab.colorimetry.viewing import D65_10
from colorlab.difference.standard import delta_E
from spectra.arrays import FloatArray
from spectra.characterise import Characterisation, characterise
from spectra.colorant import Role
from spectra.geometry import D8_SCI
from spectra.ladder import Letdown
from spectra.optics.interface import K1_RESIN, Saunderson, internal_reflectance, measured_reflectance
from spectra.optics.kubelka_munk import absorption_over_scattering, reflectivity
from spectra.particle_paint import GRID, ParticlePaintLaboratory
from spectra.recipe import Recipe

TRUE_SURFACE = Saunderson(0.04, 0.45, True)
CROWDING = (0.0, 0.12, 0.25)  # shares of its scattering a white loses when it fills the film
DOSING_ERROR, NOISE = 0.003, 0.001
N_COLORANTS, N_MIXTURES = 12, 200
LEVELS = (0.01, 0.03, 0.1, 0.3, 0.6, 1.0)
TINT = 0.1  # level the textbook way uses beside the masstone
TEXTBOOK_K2 = 0.6
WHITE_SHARE = 0.2  # from here on a mixture is no longer among the darkest


class CrowdingPaint:
    """Simulated colorants: row 0 a white, row 1 a black, the others chromatic."""

    def __init__(self, crowding: float, rng: np.random.Generator) -> None:
        self.crowding = crowding
        nm = GRID.wavelengths
        self.K = np.empty((N_COLORANTS, GRID.count))
        self.S = np.empty((N_COLORANTS, GRID.count))
        self.K[0], self.S[0] = 0.002 + 0.3 * np.exp(-(((nm - 390) / 15) ** 2)), 1.0
        self.K[1], self.S[1] = 20.0, 0.1
        for row in range(2, N_COLORANTS):
            edge = 1 / (1 + np.exp((nm - rng.uniform(430, 620)) / rng.uniform(6, 20)))
            band = np.exp(-(((nm - rng.uniform(430, 680)) / rng.uniform(30, 80)) ** 2))
            self.K[row] = rng.uniform(0.02, 0.2) + rng.uniform(3, 12) * (edge if row % 2 else band)
            self.S[row] = rng.uniform(0.1, 0.9) * (nm / 550) ** -rng.uniform(0, 1.5)

    def spectra(self, fractions: FloatArray) -> FloatArray:
        """Reflectance factors without any error, (n, n_wavelengths)."""
        amounts = fractions.copy()
        amounts[:, 0] *= 1 - self.crowding * fractions[:, 0]
        return measured_reflectance(reflectivity(fractions @ self.K, amounts @ self.S), TRUE_SURFACE)

    def ladders(self, rng: np.random.Generator) -> list[Letdown]:
        """Panels as weighed and read."""
        rows = np.zeros((1 + (N_COLORANTS - 1) * len(LEVELS), N_COLORANTS))
        rows[0, 0] = 1.0
        for place, (colorant, level) in enumerate(
            ((colorant, level) for colorant in range(1, N_COLORANTS) for level in LEVELS), start=1
        ):
            rows[place, 0], rows[place, colorant] = 1 - level, level
        weighed = rows * (1 + DOSING_ERROR * rng.standard_normal(rows.shape))
        seen = self.spectra(weighed / weighed.sum(axis=1, keepdims=True))
        seen = np.maximum(seen + NOISE * rng.standard_normal(seen.shape), 1e-3)
        return [
            Letdown(
                f"{place}", Recipe(f"{place}", tuple(f"C{code}" for code in np.flatnonzero(row)), row[row > 0]), one
            )
            for place, (row, one) in enumerate(zip(rows, seen, strict=True))
        ]


def textbook(letdowns: Sequence[Letdown], codes: Sequence[str], base: str) -> tuple[FloatArray, FloatArray, Saunderson]:
    """K and S from the masstone and one tint of each colorant, relative to the white's S = 1."""
    surface = Saunderson(K1_RESIN, TEXTBOOK_K2, True)
    panels = {tuple(sorted(item.recipe.masses(1.0).items())): item.reflectance_factor[0] for item in letdowns}

    def ratio(**shares: float) -> FloatArray:
        inside = internal_reflectance(panels[tuple(sorted(shares.items()))], surface)
        return absorption_over_scattering(np.clip(inside, 2e-4, 1.0))

    K, S = np.empty((len(codes), GRID.count)), np.ones((len(codes), GRID.count))
    white = ratio(**{base: 1.0})
    for row, code in enumerate(codes):
        mass = ratio(**{code: 1.0})
        if code != base:
            tint = ratio(**{code: TINT, base: 1 - TINT})
            # Tint: (c K + w K_w)/(c S + w) = tint, masstone: K = mass S.
            S[row] = (1 - TINT) * (tint - white) / (TINT * (mass - tint))
            S[row] = np.clip(np.where(np.isfinite(S[row]), S[row], 1e-3), 1e-3, 1e3)
        K[row] = mass * S[row]
    return K, S, surface


def mixtures(n_colorants: int, rng: np.random.Generator) -> FloatArray:
    """Unseen recipes of two to five colorants."""
    rows = np.zeros((N_MIXTURES, n_colorants))
    for row in rows:
        chosen = rng.choice(n_colorants, rng.integers(2, 6), replace=False)
        row[chosen] = rng.dirichlet(np.ones(chosen.size))
    return rows


def compare(
    letdowns: Sequence[Letdown],
    codes: Sequence[str],
    unseen: FloatArray,
    truth: FloatArray,
    roles: Mapping[str, Role] | None = None,
) -> tuple[FloatArray, FloatArray, float, Characterisation]:
    """Errors of both ways on the same unseen mixtures, and the processor time of the joint fit."""
    begin = process_time()
    result = characterise(letdowns, name="bench", base=codes[0], grid=GRID, geometry=D8_SCI, roles=roles)
    took = process_time() - begin
    colorants = result.colorant_set
    mixed = np.zeros((len(unseen), len(colorants.codes)))
    mixed[:, colorants.indices(codes)] = unseen
    lab = spectra_to_lab(truth, GRID, D65_10)
    joint = spectra_to_lab(colorants.reflectance_factor(mixed)[:, 0], GRID, D65_10)
    K, S, surface = textbook(letdowns, codes, codes[0])
    plain = spectra_to_lab(measured_reflectance(reflectivity(unseen @ K, unseen @ S), surface), GRID, D65_10)
    return delta_E(lab, joint), delta_E(lab, plain), took, result


def say(
    world: str,
    seed: int,
    unseen: FloatArray,
    joint: FloatArray,
    plain: FloatArray,
    took: float,
    result: Characterisation,
) -> None:
    """One line."""
    taken, light = result.choice.taken, unseen[:, 0] >= WHITE_SHARE
    print(
        f"  {world}, seed {seed}: {len(result.panels)} panels {joint.mean():.2f} / {np.quantile(joint, 0.95):.2f} "
        f"({taken.link}, k2 = {taken.k2:g}, crowding {taken.crowding:.2f}; {took:.1f} s); masstone and one tint, "
        f"k2 = {TEXTBOOK_K2:g}: {plain.mean():.2f} / {np.quantile(plain, 0.95):.2f}; ratio "
        f"{joint.mean() / plain.mean():.2f}; {light.sum()} mixtures with {100 * WHITE_SHARE:.0f} % white or more: "
        f"{joint[light].mean():.2f}, {plain[light].mean():.2f}, ratio {joint[light].mean() / plain[light].mean():.2f}"
    )


if __name__ == "__main__":
    seeds = range(1, 1 + int(sys.argv[1] if len(sys.argv) > 1 else 3))
    print(f"{N_COLORANTS} simulated colorants, {N_MIXTURES} unseen mixtures of 2–5, ΔE00 D65/10°: mean / 95 %")
    for seed in seeds:
        rng = np.random.default_rng(seed)
        laboratory = ParticlePaintLaboratory(rng, N_COLORANTS + 1)
        letdowns = list(laboratory.ladders(rng))
        codes = [code for code, role in laboratory.roles.items() if role != "clear"]
        unseen = mixtures(N_COLORANTS, rng)
        asked = np.zeros((N_MIXTURES, len(laboratory.codes)))
        asked[:, [laboratory.codes.index(code) for code in codes]] = unseen
        say(
            "particle paint", seed, unseen, *compare(letdowns, codes, unseen, laboratory.panel(asked), laboratory.roles)
        )
    for crowding in CROWDING:
        for seed in seeds:
            rng = np.random.default_rng(seed)
            paint = CrowdingPaint(crowding, rng)
            letdowns, unseen = paint.ladders(rng), mixtures(N_COLORANTS, rng)
            codes = [f"C{row}" for row in range(N_COLORANTS)]
            say(f"crowding {crowding:.2f}", seed, unseen, *compare(letdowns, codes, unseen, paint.spectra(unseen)))
