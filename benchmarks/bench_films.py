"""Film thickness of known paints (F1), in Kubelka and Munk's own world and in one of particles.

    python benchmarks/bench_films.py

Mixtures of two to four colorants at 8, 16 and 32 µm of dry film, weighed with 0.3 % error and read with 0.1 % noise
over substrates of 0 and 80 %. In the first world K and S are known. In the second the laboratory knows only its panels:
the hiding ladders in white and black from which it characterises the colorants, and drawdowns of the white and of half
white, half colorant at 10 and 25 µm, from which it learns what a micrometre scatters. Rival there: the Kubelka–Munk
film of the same colorant set, its scale from the same drawdowns. Films of contrast ratio above 0.98 hide; nobody can
know their thickness, and they are counted apart.
"""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

import numpy as np

from colorlab.colorimetry.contrast_ratio import contrast_ratio
from spectra.arrays import FloatArray
from spectra.characterise import characterise
from spectra.colorant import ColorantSet
from spectra.film_build import relative_density
from spectra.film_calibration import FilmScale, calibrate_films
from spectra.film_thickness import film_thickness
from spectra.geometry import D8_SCI
from spectra.ladder_fit import lightness_weights
from spectra.optics.film import film_reflectance
from spectra.optics.interface import Saunderson, measured_reflectance
from spectra.optics.link import link_of
from spectra.particle_paint import GRID, ParticlePaintLaboratory

CARD = np.array([[0.0], [0.80]])
BUILDS = (8.0, 16.0, 32.0)
N_FILMS = 60
NOISE, DOSING_ERROR = 0.001, 0.003
HIDES = 0.98
SEEDS = (1, 2, 3)


def mixtures(n_colorants: int, white: int, without: int | None, rng: np.random.Generator) -> FloatArray:
    """Mass fractions of recipes of the white and one to three others."""
    rows = np.zeros((N_FILMS, n_colorants))
    others = [column for column in range(n_colorants) if column not in (white, without)]
    for row in rows:
        chosen = [white, *rng.choice(others, rng.integers(1, 4), replace=False)]
        row[chosen] = rng.dirichlet(np.ones(len(chosen)))
    return rows


def weighed(rows: FloatArray, rng: np.random.Generator) -> FloatArray:
    """What the balance put in."""
    given = rows * (1 + DOSING_ERROR * rng.standard_normal(rows.shape))
    return np.asarray(given / given.sum(axis=1, keepdims=True))


def tell(
    world: str, way: str, build: float, readings: FloatArray, film: Callable[[FloatArray], FloatArray]
) -> FloatArray:
    """Print the thickness error of films of one build, and return it for those that do not hide."""
    begin = perf_counter()
    found = film_thickness(readings, film)
    took = (perf_counter() - begin) / len(readings)
    shows = contrast_ratio(readings[:, 0], readings[:, 1], GRID) < HIDES
    error = np.abs(found.thickness_um[shows] / build - 1)
    hidden = found.relative_uncertainty[~shows]
    unsure = f"; {np.sum(hidden > 0.05)} of {hidden.size} that hide are said to be ±5 % or worse"
    print(
        f"  {world}, {way}, {build:2.0f} µm: median {np.median(error):.1%}, 90 % within {np.quantile(error, 0.9):.1%} "
        f"of {error.size} films; residual {np.median(found.residual[shows]):.2f} L*; {took * 1e3:.0f} ms a film"
        + (unsure if hidden.size else "")
    )
    return np.asarray(error)


def kubelka_munk_world(seed: int) -> list[FloatArray]:
    """K and S known, nothing but noise and weighing."""
    rng = np.random.default_rng(seed)
    surface, nm = Saunderson(0.04, 0.5, True), GRID.wavelengths
    K, S = np.empty((12, GRID.count)), np.empty((12, GRID.count))
    K[0], S[0] = 1e-4 + 0.03 * np.exp(-(((nm - 390) / 15) ** 2)), 0.14
    for row in range(1, 12):
        edge = 1 / (1 + np.exp((nm - rng.uniform(430, 620)) / rng.uniform(6, 20)))
        K[row], S[row] = rng.uniform(0.002, 0.02) + rng.uniform(0.3, 1.2) * edge, rng.uniform(0.01, 0.12)
    rows = mixtures(12, 0, None, rng)

    def film(recipes: FloatArray, X: FloatArray) -> FloatArray:
        k, s = (recipes @ each for each in (K, S))
        inside = film_reflectance(k[:, None], s[:, None], X[:, None, None], CARD)
        return measured_reflectance(inside, surface)

    errors = []
    for build in BUILDS:
        truth = film(weighed(rows, rng), np.full(N_FILMS, build))
        readings = np.maximum(truth + NOISE * rng.standard_normal(truth.shape), 1e-4)
        errors.append(tell("K and S known", "Kubelka–Munk", build, readings, lambda X: film(rows, X)))
    return errors


class Bench:
    """What a laboratory that has only panels knows of the particle world."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(100 + seed)
        self.laboratory = ParticlePaintLaboratory(np.random.default_rng(seed))
        ladders = self.laboratory.ladders(self.rng, partners=("W1", "K1"))
        found = characterise(ladders, name="F1", base="W1", grid=GRID, geometry=D8_SCI, roles=self.laboratory.roles)
        self.colorants: ColorantSet = found.colorant_set
        self.columns = [self.laboratory.codes.index(code) for code in self.colorants.codes]
        self.densities = np.array([colorant.density_g_cm3 for colorant in self.laboratory.colorants])
        tints = [{"W1": 0.5, code: 0.5} for code in self.colorants.codes if code != "W1"]
        drawn = np.concatenate([self.laboratory.fractions(recipe) for recipe in ({"W1": 1.0}, *tints)])
        rows, builds = np.repeat(drawn, 2, axis=0), np.tile([10.0, 25.0], len(drawn))
        readings = self.drawdowns(rows, builds)
        self.scale: FilmScale = calibrate_films(readings, *self.known(rows), builds, CARD, D8_SCI)
        self.two_flux = self._two_flux_scale(rows, builds, readings)

    def drawdowns(self, rows: FloatArray, builds: FloatArray) -> FloatArray:
        """Readings of films over both substrates, shape (n_films, 2, n_wavelengths)."""
        weighings = self.laboratory.weighed(rows, self.rng, error=DOSING_ERROR)
        films = [self.laboratory.panel(weighings, thickness_um=builds, substrate=ground) for ground in CARD]
        return self.laboratory.read(np.stack(films, axis=1), self.rng, noise=NOISE, placement=0.0)

    def known(self, rows: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Hiding reflectance, scattering of equal volumes relative to the white, and what crowds."""
        recipes = rows[:, self.columns]
        heavier = relative_density(rows, self.densities, 0)
        S = self.colorants.mix(recipes)[1][:, 0] * heavier[:, None]
        return self.colorants.reflectance_factor(recipes)[:, 0], S, recipes @ self.colorants.crowds

    def two_flux_film(self, rows: FloatArray, X: FloatArray, per_um: FloatArray) -> FloatArray:
        """The rival's films."""
        K, S = link_of(self.colorants.link).film(*(each[:, 0] for each in self.colorants.mix(rows[:, self.columns])))
        depth = (relative_density(rows, self.densities, 0) * X)[:, None, None] * per_um
        inside = film_reflectance(K[:, None], S[:, None], depth, CARD)
        return measured_reflectance(inside, self.colorants.surface)

    def _two_flux_scale(self, rows: FloatArray, builds: FloatArray, readings: FloatArray) -> FloatArray:
        """Scattering per µm, wavelength by wavelength the best of a fine row."""
        row, weights = np.geomspace(0.03, 0.6, 400), lightness_weights(readings)
        losses = [
            np.sum(
                (weights * (self.two_flux_film(rows, builds, np.full(GRID.count, each)) - readings)) ** 2, axis=(0, 1)
            )
            for each in row
        ]
        return np.asarray(row[np.argmin(losses, axis=0)])


def particle_world(seed: int) -> tuple[list[FloatArray], list[FloatArray]]:
    """Ours and the rival's errors."""
    bench = Bench(seed)
    print(
        f"  {bench.colorants.link}, k2 = {bench.colorants.surface.k2:g}, crowding {bench.colorants.crowding:.2f}; "
        f"drawdowns to {bench.scale.residual:.2f} L*, loosening {bench.scale.loosening:.2f}"
    )
    rows = mixtures(len(bench.laboratory.codes), 0, bench.laboratory.codes.index("C1"), bench.rng)
    known = bench.known(rows)
    ours: list[FloatArray] = []
    theirs: list[FloatArray] = []
    for build in BUILDS:
        readings = bench.drawdowns(rows, np.full(N_FILMS, build))
        ours.append(
            tell(
                "particles", "transport   ", build, readings, lambda X: bench.scale.reflectance_factor(*known, X, CARD)
            )
        )
        theirs.append(
            tell("particles", "Kubelka–Munk", build, readings, lambda X: bench.two_flux_film(rows, X, bench.two_flux))
        )
    return ours, theirs


if __name__ == "__main__":
    model: list[FloatArray] = []
    transport: list[FloatArray] = []
    two_flux: list[FloatArray] = []
    for seed in SEEDS:
        print(f"seed {seed}")
        model += kubelka_munk_world(seed)
        ours, theirs = particle_world(seed)
        transport += ours
        two_flux += theirs
    own, mine, rival = (float(np.median(np.concatenate(errors))) for errors in (model, transport, two_flux))
    print(
        f"F1, median thickness error: Kubelka–Munk's world {own:.2%}; particles {mine:.1%}, by a Kubelka–Munk film "
        f"{rival:.1%}, ratio {rival / mine:.1f}"
    )
