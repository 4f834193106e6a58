"""An existing table of K and S, or of K/S, taken over as a colorant set."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from colorlab.formulation.document import ColorantFile
from colorlab.formulation.ks_table import KsTable, read_ks_table
from colorlab.workflows.files import read_bytes
from colorlab.workflows.read import NOTHING_DECLARED, FileOptions
from spectra.colorant import ColorantSet
from spectra.errors import FormulationError
from spectra.optics.interface import K1_RESIN, Saunderson, sees_the_surface
from spectra.optics.link import link_of


@dataclass(frozen=True, slots=True, eq=False)
class ImportOutcome:
    """A set read from a table; nothing in it was measured here."""

    file: str
    table: KsTable

    @property
    def colorant_set(self) -> ColorantSet:
        """The set itself."""
        return self.table.colorant_set

    @property
    def colorant_file(self) -> ColorantFile:
        """What is written to a file."""
        return ColorantFile(self.colorant_set, None)

    def as_dict(self) -> dict[str, Any]:
        """Plain types; the fields of a characterisation, empty where a table says nothing."""
        surface = self.colorant_set.surface
        return {
            "file": self.file,
            "name": self.colorant_set.name,
            "base": self.colorant_set.base,
            "base_mass_g": None,
            "geometry": self.colorant_set.geometry.name,
            "saunderson": {"k1": surface.k1, "k2": surface.k2},
            "link": self.colorant_set.link,
            "crowding": self.colorant_set.crowding,
            "colorants": [
                {
                    "code": colorant.code,
                    "role": colorant.role,
                    "calibrated_mass_fraction": list(colorant.calibrated_dose),
                    "scattering_identified": colorant.code not in self.table.single_constant,
                }
                for colorant in self.colorant_set.colorants
            ],
            "findings": list(self.table.findings),
        }

    def as_text(self) -> str:
        """What was read, then the findings."""
        surface, colorants = self.colorant_set.surface, self.colorant_set.colorants
        lines = [
            f"{self.colorant_set.name}: {len(colorants)} colorants from a table of constants; base "
            f"{self.colorant_set.base}; {self.colorant_set.geometry.name}; Saunderson k1 = {surface.k1:g}, "
            f"k2 = {surface.k2:g}; {link_of(self.colorant_set.link).title}"
        ]
        lines += [f"finding: {finding}" for finding in self.table.findings]
        return "\n".join(lines)


def import_constants(
    path: Path,
    *,
    name: str | None = None,
    base: str | None = None,
    k1: float | None = None,
    k2: float | None = None,
    link: str | None = None,
    options: FileOptions = NOTHING_DECLARED,
) -> ImportOutcome:
    """Take over a table of K and S, or K/S, as a colorant set.

    Parameters
    ----------
    path : Path
        CSV, Excel or JSON, see `colorlab.formulation.ks_table`.
    name : str, optional
        Of the set; the file's name without suffix when left out.
    base : str, optional
        The white base, where the table has no column of roles.
    k1, k2 : float
        Of the surface the table was made with. k2 has no default: K/S without it are no colour.
    link : str, optional
        Theory the table was made with; Kubelka–Munk when left out.
    options : FileOptions
        The geometry must be declared; the encoding may be.

    Raises
    ------
    FileError, FormulationError
        If the table cannot be read, or the geometry or k2 is not given.
    """
    if options.geometry is None:
        raise FormulationError(
            f"{path.name}: a table of constants does not say how its panels were measured; declare it with --geometry"
        )
    if k2 is None:
        raise FormulationError(
            f"{path.name}: a table of constants does not say the internal reflection it was made with; give it with "
            "--k2 (0 where no Saunderson correction was made, and then --k1 0 too)"
        )
    surface = Saunderson(K1_RESIN if k1 is None else k1, k2, sees_the_surface(options.geometry))
    table = read_ks_table(
        read_bytes(path),
        path.name,
        name=name or path.stem,
        geometry=options.geometry,
        surface=surface,
        base=base,
        link=link or "kubelka-munk",
        encoding=options.encoding,
    )
    return ImportOutcome(path.name, table)
