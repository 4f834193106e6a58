"""Pairs compared without a verdict: difference, metamerism, strength, and hiding over black and white."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from colorlab.colorimetry.contrast_ratio import contrast_ratio
from colorlab.colorimetry.tristimulus import spectra_to_lab, xyz
from colorlab.colorimetry.viewing import A_10, D65_10, TL84_10, Viewing
from colorlab.colorimetry.weights import white_point
from colorlab.difference.components import components, words
from colorlab.difference.metamerism import (
    Correction,
    metamerism_index,
    metamerism_index_xyz,
    spectral_metamerism_index,
)
from colorlab.difference.pairing import Pair, pair
from colorlab.difference.standard import delta_E
from colorlab.difference.strength import BASES, Basis, colour_strength
from colorlab.workflows.pairs import pairs_of_file
from colorlab.workflows.read import NOTHING_DECLARED, FileOptions
from colorlab.workflows.text import table
from colorlab.workflows.version import software_version
from spectra.arrays import FloatArray
from spectra.errors import FormulationError, MeasurementError
from spectra.measurement import Measurement

REFERENCE, TESTS = D65_10, (A_10, TL84_10)  # of the metamerism indices


@dataclass(frozen=True, slots=True)
class Difference:
    """Sample minus standard at one angle under one viewing condition. [CIELAB units; ΔE in that of the formula]"""

    angle: str
    viewing: str
    delta_E: float
    delta_L: float
    delta_C: float
    delta_H: float
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Metamerism:
    """Special metamerism indices at one angle for one change of illuminant. [unit of the formula]

    A multiplicative index is None where it would divide by a coordinate of 0.
    """

    angle: str
    reference: str
    test: str
    lab_additive: float
    lab_multiplicative: float | None
    xyz_additive: float
    xyz_multiplicative: float | None
    spectral: float


@dataclass(frozen=True, slots=True)
class Strength:
    """Strength of the sample at one angle by one basis, or the reason why there is none.

    `strength` in %, `residual_delta_E` in the unit of the formula, `wavelength` in nm.
    """

    angle: str
    basis: Basis
    strength: float | None
    residual_delta_E: float | None
    wavelength: float | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Hiding:
    """Contrast ratio at one angle under one viewing condition. [1]"""

    angle: str
    viewing: str
    contrast_ratio: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """What there is to say of one pair. `hiding` is empty unless one was measured over black, the other over white."""

    standard: str
    sample: str
    geometry: str
    wavelengths: str
    differences: tuple[Difference, ...]
    metamerism: tuple[Metamerism, ...]
    strength: tuple[Strength, ...]
    hiding: tuple[Hiding, ...]
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CompareOutcome:
    """Every pair of a file, compared."""

    file: str
    formula: str
    comparisons: tuple[Comparison, ...]
    notes: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Plain types; see docs/json.md."""
        return {
            "file": self.file,
            "formula": self.formula,
            "comparisons": [asdict(one) for one in self.comparisons],
            "notes": list(self.notes),
            "software_version": software_version(),
        }

    def as_text(self) -> str:
        """The differences, then metamerism, strength and hiding, for each pair."""
        blocks = [_block(one, self.formula) for one in self.comparisons]
        return "\n\n".join([*blocks, *(f"note: {note}" for note in self.notes)])


def compare_file(
    path: Path,
    *,
    standard: Path | str | None = None,
    samples: tuple[str, ...] = (),
    viewings: Sequence[Viewing] = (D65_10,),
    formula: str = "CIEDE2000",
    options: FileOptions = NOTHING_DECLARED,
) -> CompareOutcome:
    """Compare the samples of a file with their standards.

    Parameters
    ----------
    path, standard, samples, options
        See `colorlab.workflows.pairs.pairs_of_file`.
    viewings : sequence of Viewing
        Of the differences and of hiding; metamerism is from D65 to A and TL84, 10° observer.
    formula : str
        A row of `colorlab.difference.standard.FORMULAS`.

    Raises
    ------
    FileError
        If a file cannot be read.
    MeasurementError
        If a name is not in it, standard and sample cannot be compared, or the formula is not known.
    """
    pairs, notes = pairs_of_file(path, standard, samples, options)
    return CompareOutcome(path.name, formula, tuple(compare(*both, viewings, formula) for both in pairs), notes)


def compare(standard: Measurement, sample: Measurement, viewings: Sequence[Viewing], formula: str) -> Comparison:
    """Compare one sample with its standard at their common angles and wavelengths.

    Raises
    ------
    MeasurementError
        See `colorlab.difference.pairing.pair` and `compare_file`.
    """
    both = pair(standard, sample)
    tokens = both.standard.geometry.tokens
    return Comparison(
        standard=standard.sample,
        sample=sample.sample,
        geometry=both.standard.geometry.name,
        wavelengths=str(both.standard.grid),
        differences=tuple(row for viewing in viewings for row in _differences(both, viewing, formula)),
        metamerism=tuple(_metamerism(both, row, test, formula) for row in range(len(tokens)) for test in TESTS),
        strength=tuple(_strength(both, row, basis, formula) for row in range(len(tokens)) for basis in BASES),
        hiding=tuple(row for viewing in viewings for row in _hiding(both, viewing)),
        remarks=both.remarks,
    )


def _differences(both: Pair, viewing: Viewing, formula: str) -> list[Difference]:
    first, second = (spectra_to_lab(one.reflectance_factor, one.grid, viewing) for one in (both.standard, both.sample))
    white = white_point(viewing, both.standard.grid)
    parts, apart = components(first, second), delta_E(first, second, formula, white)
    return [
        Difference(
            angle=angle,
            viewing=str(viewing),
            delta_E=float(apart[row]),
            delta_L=float(parts.delta_L[row]),
            delta_C=float(parts.delta_C[row]),
            delta_H=float(parts.delta_H[row]),
            words=words(first[row], second[row]),
        )
        for row, angle in enumerate(both.standard.geometry.tokens)
    ]


def _metamerism(both: Pair, row: int, test: Viewing, formula: str) -> Metamerism:
    grid = both.standard.grid
    first, second = (one.reflectance_factor[row] for one in (both.standard, both.sample))
    lab, sample_lab, lab_test, sample_lab_test = (
        spectra_to_lab(one, grid, viewing) for viewing in (REFERENCE, test) for one in (first, second)
    )
    XYZ, sample_XYZ, XYZ_test, sample_XYZ_test = (
        xyz(one, grid, viewing) for viewing in (REFERENCE, test) for one in (first, second)
    )
    white = white_point(test, grid)

    def in_lab(correction: Correction) -> float:
        return float(metamerism_index(lab, sample_lab, lab_test, sample_lab_test, formula, correction, white))

    def in_xyz(correction: Correction) -> float:
        return float(metamerism_index_xyz(XYZ, sample_XYZ, XYZ_test, sample_XYZ_test, white, formula, correction))

    return Metamerism(
        angle=both.standard.geometry.tokens[row],
        reference=str(REFERENCE),
        test=str(test),
        lab_additive=in_lab("additive"),
        lab_multiplicative=in_lab("multiplicative") if sample_lab.all() else None,
        xyz_additive=in_xyz("additive"),
        xyz_multiplicative=in_xyz("multiplicative") if sample_XYZ.all() else None,
        spectral=float(spectral_metamerism_index(first, second, grid, REFERENCE, test, formula)),
    )


def _strength(both: Pair, row: int, basis: Basis, formula: str) -> Strength:
    angle = both.standard.geometry.tokens[row]
    first, second = (one.reflectance_factor[row] for one in (both.standard, both.sample))
    try:
        found = colour_strength(first, second, both.standard.grid, basis, formula=formula)
    except (FormulationError, MeasurementError) as error:  # K/S does not exist there, which is an answer
        return Strength(angle, basis, None, None, None, str(error))
    return Strength(angle, basis, float(found.strength), float(found.residual_delta_E), found.wavelength, None)


def _hiding(both: Pair, viewing: Viewing) -> list[Hiding]:
    """Of a pair over black and white, in either order: one film, as the user who pairs them says."""
    over: dict[str | None, FloatArray] = {
        one.declared.backing: one.reflectance_factor for one in (both.standard, both.sample)
    }
    if over.keys() != {"black", "white"}:
        return []
    ratios = contrast_ratio(over["black"], over["white"], both.standard.grid, viewing)
    tokens = both.standard.geometry.tokens
    return [Hiding(angle, str(viewing), float(ratio)) for angle, ratio in zip(tokens, ratios, strict=True)]


def _block(one: Comparison, formula: str) -> str:
    differences = [
        (
            row.angle,
            row.viewing,
            *(f"{value:+.2f}" for value in (row.delta_L, row.delta_C, row.delta_H)),
            f"{row.delta_E:.2f}",
            ", ".join(row.words),
        )
        for row in one.differences
    ]
    drifts = [
        (
            row.angle,
            f"{row.reference} to {row.test}",
            *(
                "–" if value is None else f"{value:.2f}"
                for value in (
                    row.lab_additive,
                    row.lab_multiplicative,
                    row.xyz_additive,
                    row.xyz_multiplicative,
                    row.spectral,
                )
            ),
        )
        for row in one.metamerism
    ]
    lines = [
        f"{one.sample} against {one.standard}: {formula}; {one.geometry}; {one.wavelengths}",
        table(("angle", "viewing", "ΔL*", "ΔC*", "ΔH*", "ΔE", "words"), differences),
        table(("angle", "metamerism", "CIELAB +", "CIELAB ×", "XYZ +", "XYZ ×", "spectral"), drifts),
        *(f"{row.angle}: {_strength_words(row)}" for row in one.strength),
        *(f"{row.angle} {row.viewing}: contrast ratio {row.contrast_ratio:.4f}" for row in one.hiding),
    ]
    return "\n".join([*lines, *(f"remark: {remark}" for remark in one.remarks)])


def _strength_words(row: Strength) -> str:
    if row.strength is None:
        return f"no strength ({row.basis}): {row.reason}"
    where = "" if row.wavelength is None else f" of K/S at {row.wavelength:g} nm"
    return f"strength {row.strength:.1f} % ({row.basis}{where}); ΔE {row.residual_delta_E:.2f} stays at equal strength"
