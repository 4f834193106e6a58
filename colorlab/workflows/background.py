"""What a lab knows beside a verdict just reached: is the supplier as usual, and what in the recipe would explain it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from colorlab.control.explain.explanation import Explanation
from colorlab.control.explain.words import sentence
from colorlab.control.same_as_last import Sameness
from colorlab.store.lab import Lab
from colorlab.workflows.explain import explain_verdict
from colorlab.workflows.submitted import submitted
from colorlab.workflows.supplier_history import sameness_of
from spectra.errors import FormulationError, LabError, MeasurementError

# Looking for causes takes up to a second a sample; of more, `colorlab explain` tells.
MOST_EXPLAINED = 3


@dataclass(frozen=True, slots=True, eq=False)
class Background:
    """What is known beside the verdicts of a submission.

    Attributes
    ----------
    sameness : Sameness or None
        The submission among the supplier's earlier ones of this colour.
    explanations : tuple of (str, Explanation)
        By the record of the verdict, of samples that were not accepted.
    notes : tuple of str
        What is not known, and why.
    """

    sameness: Sameness | None
    explanations: tuple[tuple[str, Explanation], ...]
    notes: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Plain types; see docs/json.md."""
        return {
            "same_as_before": None if self.sameness is None else self.sameness.as_dict(),
            "explanations": [
                {"verdict_id": record, **explanation.as_dict()} for record, explanation in self.explanations
            ],
            "notes": list(self.notes),
        }

    def as_text(self) -> str:
        """A line for each."""
        lines = [] if self.sameness is None else [self.sameness.sentence]
        for record, explanation in self.explanations:
            lines += [f"{record}: {sentence(explanation, 'en')}", f"{record}：{sentence(explanation, 'zh')}"]
        return "\n".join([*lines, *(f"note: {note}" for note in self.notes)])


def background_of(lab: Lab, *, colour: str, supplier: str | None, off: Sequence[str]) -> Background:
    """What the lab knows beside the newest submission of a colour by a supplier.

    Parameters
    ----------
    lab : Lab
    colour : str
    supplier : str or None
    off : sequence of str
        Verdict records of its samples that were not accepted.
    """
    sameness, notes = _sameness(lab, colour, supplier)
    explanations, told = [], list(notes)
    for record in off[:MOST_EXPLAINED]:
        try:
            explanations.append((record, explain_verdict(lab, record).explanations[0]))
        except LabError:
            break  # no recipe of the colour, or no colorants: nothing anybody would miss here
        except (FormulationError, MeasurementError) as error:
            told.append(f"{record} is not explained: {error}")
    if explanations and len(off) > MOST_EXPLAINED:
        told.append(f"{len(off) - MOST_EXPLAINED} more are explained by colorlab explain")
    return Background(sameness, tuple(explanations), tuple(told))


def _sameness(lab: Lab, colour: str, supplier: str | None) -> tuple[Sameness | None, tuple[str, ...]]:
    if supplier is None:
        return None, ()
    with lab.reading() as connection:
        points = submitted(connection, colour=colour, supplier=supplier)
    return sameness_of(points) if len(points) > 1 else (None, (f"the first submission of {colour} by {supplier}",))
