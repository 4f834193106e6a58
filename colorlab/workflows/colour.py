"""The colours of what a file holds, beside the colours the instrument itself states."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from colorlab.colorimetry.colours import Colours, colours_of
from colorlab.colorimetry.swatch import swatch
from colorlab.colorimetry.viewing import D65_10, OBSERVERS, Viewing, under_light
from colorlab.colorimetry.weights import Bandpass
from colorlab.difference.stated import FORMULA, Agreement, agreement
from colorlab.identify import Identification, identify_illuminant
from colorlab.workflows.indices import Indices, indices_of
from colorlab.workflows.read import NOTHING_DECLARED, FileOptions, load
from colorlab.workflows.text import table
from colorlab.workflows.version import software_version
from spectra.errors import MeasurementError
from spectra.measurement import Measurement
from spectra.screening import Finding, screen

SENTENCES = 20  # about undeclared illuminants, and findings, that a terminal is shown
LEAST_CHROMA = 0.005  # below which a terminal is shown no hue [CIELAB units]
HEADERS = ("sample", "angle", "viewing", "X", "Y", "Z", "L*", "a*", "b*", "C*", "h°")


@dataclass(frozen=True, slots=True, eq=False)
class SampleColours:
    """A measurement, its findings and colours, how stated ones agree, what those of undeclared illuminants fit."""

    measurement: Measurement
    colours: Colours
    agreements: tuple[Agreement, ...]
    identified: tuple[Identification, ...]
    findings: tuple[Finding, ...]
    indices: Indices | None = None

    def rows(self) -> list[dict[str, Any]]:
        """A row for each angle and viewing, in plain types."""
        found = self.colours
        XYZ, Lab, LCh = found.XYZ.tolist(), found.Lab.tolist(), found.LCh.tolist()
        return [
            {
                "angle": token,
                "viewing": str(viewing),
                "XYZ": XYZ[row][column],
                "Lab": Lab[row][column],
                "LCh": LCh[row][column],
            }
            for row, token in enumerate(self.measurement.geometry.tokens)
            for column, viewing in enumerate(found.viewings)
        ]


@dataclass(frozen=True, slots=True, eq=False)
class ColourOutcome:
    """The colours of a file."""

    file: str
    format: str
    viewings: tuple[Viewing, ...]
    bandpass: Bandpass
    samples: tuple[SampleColours, ...]
    notes: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Plain types; see docs/json.md."""
        return {
            "file": self.file,
            "format": self.format,
            "viewings": [str(viewing) for viewing in self.viewings],
            "bandpass": self.bandpass,
            "samples": [
                {
                    "sample": one.measurement.sample,
                    "geometry": one.measurement.geometry.name,
                    "integration": one.colours.integration,
                    "measured_share": one.colours.measured_share.tolist(),
                    "colours": one.rows(),
                    "swatches": _swatches(one),
                    "agreements": [_agreement_as_dict(found) for found in one.agreements],
                    "identified": [_identification_as_dict(found) for found in one.identified],
                    "findings": [found.words for found in one.findings],
                    "indices": one.indices and one.indices.as_dict(),
                }
                for one in self.samples
            ],
            "notes": list(self.notes),
            "software_version": software_version(),
        }

    def as_text(self) -> str:
        """A line for each angle and viewing, then how the instrument's own colours agree."""
        rows = [_text_row(one.measurement.sample, row) for one in self.samples for row in one.rows()]
        how = dict.fromkeys(resting_on(one.colours) for one in self.samples)
        lines = [table(HEADERS, rows)]
        lines += [f"{words}; bandpass {self.bandpass}; Y = 100 for the perfect reflecting diffuser" for words in how]
        lines += [f"{one.measurement.sample}: {one.indices.as_text()}" for one in self.samples if one.indices]
        lines += [*_agreement_lines(self.samples), *_undeclared_lines(self.samples), *_finding_lines(self.samples)]
        return "\n".join(lines + [f"note: {note}" for note in self.notes])


def colours_of_file(
    path: Path,
    *,
    viewings: Sequence[Viewing] = (D65_10,),
    lights: Sequence[Path] = (),
    bandpass: Bandpass = "as given",
    indices: bool = False,
    options: FileOptions = NOTHING_DECLARED,
) -> ColourOutcome:
    """Colours of every measurement of a file.

    Parameters
    ----------
    path : Path
    viewings : sequence of Viewing
    lights : sequence of Path
        Files that hold one measured light each, such as SPDX; seen by both observers.
    bandpass : {"as given", "Stearns 1988"}
    indices : bool
        Whether whiteness, yellowness, Munsell notation and inconstancy are wanted too.
    options : FileOptions

    Raises
    ------
    FileError
        If a file cannot be read.
    MeasurementError
        If it holds no spectrum, a light is none, or a spectrum does not reach far enough.
    """
    wanted = (*viewings, *measured_lights(lights))
    file = load(path, options)
    if not file.measurements:
        raise MeasurementError(f"{path.name} holds no reflectance to compute a colour from")
    samples = tuple(
        SampleColours(
            one,
            colours_of(one, wanted, bandpass),
            agreement(one),
            identify_illuminant(one),
            screen(one),
            indices_of(one) if indices else None,
        )
        for one in file.measurements
    )
    notes = (*file.notes, *samples[0].colours.remarks)
    if indices and (without := sum(one.indices is None for one in samples)):
        notes += (f"no indices of {without} measurements: they are given for a sphere and 45:0 only",)
    return ColourOutcome(path.name, file.format, wanted, bandpass, samples, notes)


def resting_on(found: Colours) -> str:
    """How the colours came from wavelengths, and how much of them was measured, in words."""
    least = 100 * float(found.measured_share.min())
    tails = (
        "" if least > 99.95 else f"; {least:.1f} % of X, Y and Z measured, the rest taken as the first and last value"
    )
    return f"{found.integration}{tails}"


def measured_lights(paths: Sequence[Path]) -> tuple[Viewing, ...]:
    """Viewings under measured lights, each seen by both observers.

    Raises
    ------
    FileError
        If a file cannot be read.
    MeasurementError
        If a file does not hold exactly one light.
    """
    return tuple(viewing for path in paths for viewing in _measured_light(path))


def _measured_light(path: Path) -> tuple[Viewing, ...]:
    file = load(path)
    if len(file.spectra) != 1:
        raise MeasurementError(f"{path.name} holds {len(file.spectra)} spectra of light; a light is exactly one")
    return tuple(under_light(file.spectra[0], observer, path.stem) for observer in OBSERVERS)


def _swatches(one: SampleColours) -> list[dict[str, Any]]:
    """What a screen shows for each angle, under D65 and the 10° observer whatever the viewings asked for."""
    Lab = colours_of(one.measurement, D65_10).Lab[:, 0]
    shown = [swatch(row) for row in Lab]
    return [
        {"angle": token, "hex": found.hex, "in_gamut": found.in_gamut}
        for token, found in zip(one.measurement.geometry.tokens, shown, strict=True)
    ]


def _agreement_as_dict(found: Agreement) -> dict[str, Any]:
    return {
        "viewing": str(found.viewing),
        "formula": FORMULA,
        "stated_Lab": [None if np.isnan(row).any() else row.tolist() for row in found.stated_Lab],
        "delta_E": [None if np.isnan(value) else float(value) for value in found.delta_E],
    }


def _identification_as_dict(found: Identification) -> dict[str, Any]:
    return {
        "sentence": found.sentence,
        "consistent": [{"viewing": str(one.viewing), "delta_E_00": one.delta_E_00} for one in found.consistent],
        "within_delta_E_00": found.within,
    }


def _text_row(sample: str, row: dict[str, Any]) -> tuple[str, ...]:
    LCh = row["LCh"]
    # Adding 0.0 takes the sign from a rounded −0; a grey whose chroma rounds to nothing has no hue.
    numbers = [f"{round(value, 3) + 0.0:.3f}" for value in (*row["XYZ"], *row["Lab"], LCh[1])]
    hue = "–" if LCh[1] < LEAST_CHROMA else f"{LCh[2]:.2f}"
    return sample, row["angle"], row["viewing"], *numbers, hue


def _agreement_lines(samples: Sequence[SampleColours]) -> list[str]:
    by_viewing: dict[str, list[float]] = {}
    for one in samples:
        for found in one.agreements:
            by_viewing.setdefault(str(found.viewing), []).extend(found.delta_E[np.isfinite(found.delta_E)].tolist())
    lines = []
    for viewing, values in by_viewing.items():
        if values:
            lines.append(
                f"against the file's own colours under {viewing}: {FORMULA} mean {np.mean(values):.4f}, "
                f"largest {np.max(values):.4f}, of {len(values)}"
            )
    return lines


def _undeclared_lines(samples: Sequence[SampleColours]) -> list[str]:
    """What stated colours of undeclared illuminants are consistent with: a finding, which declares nothing."""
    found = [one.sentence for sample in samples for one in sample.identified]
    more = [f"{len(found) - SENTENCES} more"] if len(found) > SENTENCES else []
    return [f"illuminant undeclared: {sentence}" for sentence in [*found[:SENTENCES], *more]]


def _finding_lines(samples: Sequence[SampleColours]) -> list[str]:
    """Why the spectra, and so their colours, are hardly to be believed: as `colorlab read` has it."""
    found = [f"{one.measurement.sample}: {finding.words}" for one in samples for finding in one.findings]
    more = [f"{len(found) - SENTENCES} more, see `colorlab read`"] if len(found) > SENTENCES else []
    return [f"finding: {words}" for words in [*found[:SENTENCES], *more]]
