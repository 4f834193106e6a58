"""Over time: what the suppliers of a lab deliver, submission by submission, charted, and the alarms that stand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from colorlab.colorimetry.viewing import Viewing
from colorlab.control.first_pass import FirstPassYield, by_dimension
from colorlab.store.lab import Lab
from colorlab.workflows.submitted import Submitted, first_submissions, submitted
from colorlab.workflows.supplier_history import IN_CONTROL_RUN, SupplierHistory, supplier_history
from colorlab.workflows.text import table
from colorlab.workflows.version import software_version
from spectra.errors import LabError

DIMENSIONS = ("supplier", "colour", "line", "instrument")


@dataclass(frozen=True, slots=True, eq=False)
class HistoryOutcome:
    """The histories of a lab that were asked for.

    Attributes
    ----------
    lab : str
    selection : dict of str to (str or None)
        What was asked for.
    first_pass : dict of str to tuple of FirstPassYield
        Colours accepted at first submission, by supplier, colour, line and instrument.
    submissions_accepted : dict of str to tuple of FirstPassYield
        The same of all submissions, the first and any later one of a colour.
    histories : tuple of SupplierHistory
    seed : int
    """

    lab: str
    selection: dict[str, str | None]
    first_pass: dict[str, tuple[FirstPassYield, ...]]
    submissions_accepted: dict[str, tuple[FirstPassYield, ...]]
    histories: tuple[SupplierHistory, ...]
    seed: int

    @property
    def alarmed(self) -> bool:
        """Whether an alarm stands anywhere."""
        return any(one.alarmed for one in self.histories)

    @property
    def sentence(self) -> str:
        """The answer in one sentence."""
        if len(self.histories) == 1:
            return self.histories[0].sentence
        alarmed = [one.name for one in self.histories if one.alarmed]
        short = sum(not one.monitored for one in self.histories)
        total = f"{len(self.histories)} histories of colour and supplier"
        rest = f"; {short} have too few submissions to be charted" if short else ""
        if alarmed:
            named = ", ".join(alarmed[:5]) + (f" and {len(alarmed) - 5} more" if len(alarmed) > 5 else "")
            return f"Alarm in {len(alarmed)} of {total}: {named}{rest}."
        return f"No alarm in {total}{rest}."

    def as_dict(self) -> dict[str, Any]:
        """Plain types; see docs/json.md."""
        return {
            "lab": self.lab,
            "sentence": self.sentence,
            "alarmed": self.alarmed,
            "selection": dict(self.selection),
            "first_pass": {name: [one.as_dict() for one in own] for name, own in self.first_pass.items()},
            "submissions_accepted": {
                name: [one.as_dict() for one in own] for name, own in self.submissions_accepted.items()
            },
            "histories": [one.as_dict() for one in self.histories],
            "seed": self.seed,
            "software_version": software_version(),
        }

    def as_text(self) -> str:
        """The sentence, the first-pass yields, then each history that can be charted."""
        blocks = [self.sentence, self._first_pass_text()]
        if len(self.histories) == 1:
            blocks.append("\n".join(self.histories[0].as_text().split("\n")[1:]))
        else:
            blocks += [one.as_text() for one in self.histories if one.monitored]
        return "\n\n".join(block for block in blocks if block)

    def _first_pass_text(self) -> str:
        rows = []
        for dimension, own in self.submissions_accepted.items():
            # A table of colours with one first submission each tells nothing that the verdicts do not.
            if dimension == "colour" and self.selection["colour"] is None:
                continue
            firsts = {one.group: one for one in self.first_pass[dimension]}
            rows += [(dimension, one.group, *_cells(firsts.get(one.group)), *_cells(one)) for one in own]
        headers = ("by", "", "colours accepted at first submission", "95 %", "submissions accepted", "95 %")
        return table(headers, rows) if rows else ""


def history_of(
    lab: Lab,
    *,
    colour: str | None = None,
    supplier: str | None = None,
    line: str | None = None,
    instrument: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    viewing: Viewing | None = None,
    angle: str | None = None,
    run_length: float = IN_CONTROL_RUN,
    seed: int = 0,
) -> HistoryOutcome:
    """The histories of a lab, charted.

    Parameters
    ----------
    lab : Lab
    colour, supplier, line, instrument : str, optional
        Only submissions of these.
    since, until : datetime, optional
        Only submissions first judged from and up to these moments; what was first is decided before `since` too.
    viewing : Viewing, optional
        Under which the charts are; that of the newest verdict's first condition when left out.
    angle : str, optional
        Only this one; all when left out.
    run_length : float
        Submissions between false alarms of all charts of one colour and supplier together, on average, at least.
    seed : int
        Of the simulated histories against which drift and changes are tested.

    Raises
    ------
    LabError
        If nothing matches.
    MeasurementError
        If the viewing or angle is in no verdict.
    """
    asked: dict[str, str | None] = {"colour": colour, "supplier": supplier, "line": line, "instrument": instrument}
    with lab.reading() as connection:
        every = submitted(connection, colour=colour, supplier=supplier, line=line, instrument=instrument, until=until)
    chosen = [point for point in every if since is None or point.time >= since]
    if not chosen:
        wanted = ", ".join(f"{name} {value}" for name, value in asked.items() if value is not None)
        raise LabError(f"{lab.name}: no submission was judged{f' of {wanted}' if wanted else ''} in that time")
    firsts = [(point.known(), point.decision == "accept") for point in first_submissions(every) if point in chosen]
    groups: dict[tuple[str, str], list[Submitted]] = {}
    for point in chosen:
        groups.setdefault((point.colour or "", point.supplier or ""), []).append(point)
    selection = asked | {
        "since": None if since is None else since.isoformat(),
        "until": None if until is None else until.isoformat(),
        "viewing": None if viewing is None else str(viewing),
        "angle": angle,
    }
    return HistoryOutcome(
        lab=lab.name,
        selection=selection,
        first_pass=by_dimension(firsts, DIMENSIONS),
        submissions_accepted=by_dimension(
            ((point.known(), point.decision == "accept") for point in chosen), DIMENSIONS
        ),
        histories=tuple(
            supplier_history(own, viewing=viewing, angle=angle, run_length=run_length, seed=seed)
            for _, own in sorted(groups.items())
        ),
        seed=seed,
    )


def _cells(one: FirstPassYield | None) -> tuple[str, str]:
    """The count with its share, and the interval."""
    if one is None:
        return "–", "–"
    low, high = (100 * side for side in one.interval)
    return f"{one.accepted_count} of {one.judged_count} ({100 * one.share:.0f} %)", f"{low:.0f} to {high:.0f} %"
