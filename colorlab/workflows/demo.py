"""The main job: a laboratory with a simulated programme, worked through by the workflows a user calls."""

from __future__ import annotations

import heapq
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from colorlab.demo import panels
from colorlab.demo.colours import (
    LAUNCH,
    PROGRAMME_END,
    PROGRAMME_START,
    SLOTS,
    DemoColour,
    demo_colours,
)
from colorlab.demo.suppliers import (
    WHITE,
    SupplierFile,
    batch_file,
    catalogue,
    ladder_file,
    production_file,
    standard_file,
    stream,
    submission_file,
)
from colorlab.jobs import available_cores, processes
from colorlab.roadmap.plan import SIMULATED, RoadmapColour, Stage
from colorlab.roadmap.table import colours_to_csv
from colorlab.store.lab import Lab, create_lab
from colorlab.workflows.characterise import record_colorants
from colorlab.workflows.correct_batch import record_correction
from colorlab.workflows.files import write_bytes
from colorlab.workflows.inspect import RoundWork, record_round
from colorlab.workflows.match import record_match
from colorlab.workflows.report import write_report
from colorlab.workflows.roadmap import advance_colour, import_roadmap
from colorlab.workflows.steps import Steps, silent
from colorlab.workflows.strengths import record_strengths
from colorlab.workflows.submission import set_standard, vet_submission
from spectra.errors import ColorlabError
from spectra.simulate import VirtualPaintLaboratory

AS_OF = date(2026, 11, 20)
LAB_NAME = "One hundred colours (simulated)"
MATCHED_COLOUR = "SPY"
BATCH_G = 20_000.0
OFFICE, ENGINEER, STATION = "programme office", "colour engineer", "QC station 1"
MARK = "SIMULATED.txt"
_MARK_TEXT = (
    "Everything in this folder is simulated by `colorlab demo`, which replaces the folder when it is run again.\n"
)

# Median days in each stage before a colour moves on, and their scatter: invented so that the pace is near the plan.
_DAYS: dict[Stage, float] = {
    Stage.BRIEF: 30,
    Stage.LAB_SAMPLE: 35,
    Stage.COLOUR_APPROVED: 16,
    Stage.LINE_TRIAL: 34,
    Stage.APPEARANCE_APPROVED: 12,
}
_SCATTER = 0.35
_LEAD_DAYS = 128  # work on a colour begins so long before it is due
_RESUBMIT_DAYS = 21
_FIRST_OFF, _LATER_OFF = 0.28, 0.12  # share of submissions sprayed from lots that are far off
_GOOD_LOT, _OFF_LOT = 0.02, 0.16  # relative scatter of colorant strength
_LOTS_IN_USE = 0.06  # and of those the line uses for the batch
_SHORT = 0.06  # of the batch's first paste that was not weighed
_PAPER = "shown on paper: of this simulated programme only Amethyst's panel was photographed"


@dataclass(frozen=True, slots=True)
class DemoOutcome:
    """What the demonstration did, and where its report begins."""

    folder: Path
    index: Path
    seed: int
    as_of: date
    files_imported: int
    verdicts: dict[str, int]
    colours_released: int
    panel_verdict: str

    def as_dict(self) -> dict[str, Any]:
        """Plain types; see docs/json.md."""
        return {
            "simulated": True,
            "folder": str(self.folder),
            "report": str(self.index),
            "seed": self.seed,
            "as_of": self.as_of.isoformat(),
            "files_imported": self.files_imported,
            "verdicts": dict(self.verdicts),
            "colours_released": self.colours_released,
            "panel_verdict": self.panel_verdict,
        }

    def as_text(self) -> str:
        """Where to look."""
        decisions = ", ".join(f"{number} {decision}" for decision, number in sorted(self.verdicts.items()))
        return (
            f"SIMULATED programme as of {self.as_of}: {self.files_imported} supplier files vetted ({decisions}); "
            f"{self.colours_released} of {SLOTS} colours released; panel {panels.PANEL}: {self.panel_verdict}\n"
            f"laboratory: {self.folder / 'lab'}\n"
            f"report:     {self.index}"
        )


def run_demo(folder: Path, seed: int, steps: Steps = silent) -> DemoOutcome:
    """Simulate a programme in a folder and work through it; the same seed gives the same laboratory and report.

    Parameters
    ----------
    folder : Path
        Empty, absent, or made by an earlier demonstration, which is then replaced.
    seed : int
    steps : callable
        Told of the progress.

    Raises
    ------
    ColorlabError
        If the folder holds anything else.
    """
    _make_room(folder)
    with _photographers(folder / "incoming" / "panels", seed) as photos:
        laboratory = VirtualPaintLaboratory(stream(seed, "laboratory"))
        colours = demo_colours(stream(seed, "colours"))
        with create_lab(folder / "lab", LAB_NAME, _at(PROGRAMME_START - timedelta(days=300))) as lab:
            _import_programme(lab, folder / "incoming", colours)
            history = _History(lab, folder / "incoming", laboratory, seed, photos, steps)
            history.live_through([colour for colour in colours if colour.paint is not None])
            _formulate(lab, folder / "incoming", laboratory, seed, steps)
            index = write_report(lab, folder / "report", AS_OF, steps)
    return DemoOutcome(
        folder=folder,
        index=index,
        seed=seed,
        as_of=AS_OF,
        files_imported=sum(history.verdicts.values()),
        verdicts=dict(sorted(history.verdicts.items())),
        colours_released=history.released,
        panel_verdict=history.panel_verdict,
    )


def finished_report(folder: Path) -> Path | None:
    """The first page of a demonstration that was finished in a folder; None where there is none."""
    index = folder / "report" / "index.html"
    return index if (folder / MARK).is_file() and index.is_file() else None


def _make_room(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise ColorlabError(f"{folder} is a file; name a folder")
    if folder.exists() and any(folder.iterdir()):
        if not (folder / MARK).is_file():
            raise ColorlabError(f"{folder} is not empty and was not made by `colorlab demo`; name another folder")
        # The mark goes last, so that an interrupted clearing can be taken up again.
        for path in sorted(folder.iterdir(), key=lambda one: one.name == MARK):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    write_bytes(folder / MARK, _MARK_TEXT.encode())


def _at(day: date, hour: float = 9.0) -> datetime:
    return datetime.combine(day, time(tzinfo=UTC)) + timedelta(hours=hour)


def _import_programme(lab: Lab, incoming: Path, colours: tuple[DemoColour, ...]) -> None:
    """The programme as TOML, its hundred slots as CSV, imported as a user would."""
    programme = (
        f'[programme]\nname = "{LAB_NAME}"\nstart = {PROGRAMME_START}\nend = {PROGRAMME_END}\nslots = {SLOTS}\n'
        f'utc_offset = "+08:00"\nremark = "{SIMULATED}"\n'
    )
    write_bytes(incoming / "programme.toml", programme.encode())
    rows = [
        RoadmapColour(
            code=colour.code,
            names={"en": colour.english, "zh": colour.chinese},
            family=colour.family,
            finish=colour.finish,
            suppliers=(colour.supplier,),
            slot=colour.slot,
            due=colour.due,
        )
        for colour in colours
    ]
    write_bytes(incoming / "colours.csv", colours_to_csv(rows))
    begin = _at(PROGRAMME_START - timedelta(days=290))
    for name in ("programme.toml", "colours.csv"):
        import_roadmap(lab, incoming / name, begin, OFFICE)


def _formulate(lab: Lab, incoming: Path, laboratory: VirtualPaintLaboratory, seed: int, steps: Steps) -> None:
    """Colorants from ladders, lots in use from the line's panels, a recipe with its proof, a batch put right."""
    step, when = "characterise, match and correct", _at(AS_OF, 8)

    def received(file: SupplierFile) -> Path:
        path = incoming / file.file_name
        write_bytes(path, file.content)
        return path

    steps(step, 0, 4)
    letdowns = received(ladder_file(laboratory, seed))
    record_colorants(lab, letdowns, now=when, by=ENGINEER, name="virtual pastes", catalogue=catalogue())
    steps(step, 1, 4)
    lots = laboratory.lot_strengths(stream(seed, "lots"), _LOTS_IN_USE)
    record_strengths(lab, received(production_file(laboratory, lots, seed)), now=when, by=ENGINEER)
    steps(step, 2, 4)
    best = record_match(lab, MATCHED_COLOUR, now=when, by=ENGINEER, max_colorants=3).result.matches[0].recipe
    steps(step, 3, 4)
    masses = best.masses(BATCH_G)
    # Somebody misread the balance.
    short = next(code for code in best.colorants if code != WHITE)
    masses[short] *= 1 - _SHORT
    batch = received(batch_file(MATCHED_COLOUR, laboratory, masses, lots, seed))
    record_correction(lab, MATCHED_COLOUR, batch, now=when, by=ENGINEER, masses_g=masses)
    steps(step, 4, 4)


Photos = dict[str, "Future[Path]"]


@contextmanager
def _photographers(folder: Path, seed: int) -> Iterator[Photos]:
    """Capture folders in the making beside this process: the first colour's panel is waited for early."""
    with processes(available_cores()) as submit:
        shoots: Photos = {"tile": submit(_shoot, folder / "tile", seed, None)}
        for number in range(panels.ROUNDS + 1):
            shoots[str(number)] = submit(_shoot, folder / f"{panels.PANEL}-round-{number}", seed, number)
        yield shoots


def _shoot(folder: Path, seed: int, number: int | None) -> Path:
    files = panels.flat_reference_files(seed) if number is None else panels.capture_files(seed, number)
    for name, content in files.items():
        write_bytes(folder / name, content)
    return folder


@dataclass(order=True)
class _Appointment:
    at: datetime
    order: int
    what: Callable[[], None] = field(compare=False)


class _History:
    """The programme's past, lived through in the order of time by the workflows themselves."""

    def __init__(
        self, lab: Lab, incoming: Path, laboratory: VirtualPaintLaboratory, seed: int, photos: Photos, steps: Steps
    ) -> None:
        self.lab, self.incoming, self.laboratory, self.seed, self.photos = lab, incoming, laboratory, seed, photos
        self.steps = steps
        self.diary: list[_Appointment] = []
        self.numbers = count()
        self.now = _at(PROGRAMME_START)
        self.verdicts: Counter[str] = Counter()
        self.released = 0
        self.panel_verdict = "not inspected"

    def live_through(self, colours: list[DemoColour]) -> None:
        """Begin every colour and go on until the as-of day."""
        for colour in colours:
            begin = _at(colour.due - timedelta(days=_LEAD_DAYS)) + timedelta(
                days=float(stream(self.seed, colour.code, "begin").normal(0, 12))
            )
            self._plan(begin, lambda colour=colour: self._brief(colour))  # type: ignore[misc]
        start, end = min(self.diary).at, _at(AS_OF, 7)
        span = (end - start).days
        while self.diary and min(self.diary).at < end:
            appointment = heapq.heappop(self.diary)
            self.now = appointment.at
            self.steps("vet submissions, follow roadmap", min((self.now - start).days, span - 1), span)
            appointment.what()
        self.steps("vet submissions, follow roadmap", span, span)

    def _plan(self, at: datetime, what: Callable[[], None]) -> None:
        heapq.heappush(self.diary, _Appointment(at, next(self.numbers), what))

    def _after(self, colour: DemoColour, stage: Stage, what: Callable[[], None]) -> None:
        days = _DAYS[stage] * float(stream(self.seed, colour.code, stage).lognormal(0, _SCATTER))
        self._plan(self.now + timedelta(days=days), what)

    def _advance(self, colour: DemoColour, stage: Stage, reason: str | None = None) -> None:
        advance_colour(self.lab, colour.code, stage, self.now, OFFICE, reason=reason)

    def _brief(self, colour: DemoColour) -> None:
        self._advance(colour, Stage.BRIEF)
        self._after(colour, Stage.BRIEF, lambda: self._lab_sample(colour))

    def _lab_sample(self, colour: DemoColour) -> None:
        """The master panel is read: from now on the colour has a standard."""
        self._advance(colour, Stage.LAB_SAMPLE)
        path = self._receive(standard_file(colour, self.laboratory, self.now, self.seed))
        set_standard(self.lab, colour.code, path, now=self.now, by=ENGINEER)
        self._after(colour, Stage.LAB_SAMPLE, lambda: self._submit(colour, 1))

    def _submit(self, colour: DemoColour, number: int) -> None:
        if number == 1:
            self._advance(colour, Stage.SUPPLIER_SUBMISSION)
        off = _FIRST_OFF if number == 1 else _LATER_OFF
        far = float(stream(self.seed, colour.code, "lots", number).random()) < off
        file = submission_file(
            colour,
            self.laboratory,
            number,
            self.now,
            self.seed,
            lot_spread=_OFF_LOT if far else _GOOD_LOT,
            n_readings=3 if number == 1 else 5,
        )
        vetted = vet_submission(
            self.lab,
            [self._receive(file)],
            colour=colour.code,
            supplier=colour.supplier,
            now=self.now,
            by=ENGINEER,
            seed=self.seed,
        )
        self.verdicts[vetted.outcome.judged[0].verdict.decision] += 1
        if vetted.all_accepted:
            self._plan(self.now + timedelta(days=2), lambda: self._approve_colour(colour))
        else:
            self._plan(self.now + timedelta(days=_RESUBMIT_DAYS), lambda: self._submit(colour, number + 1))

    def _approve_colour(self, colour: DemoColour) -> None:
        self._advance(colour, Stage.COLOUR_APPROVED)
        self._after(colour, Stage.COLOUR_APPROVED, lambda: self._try_on_line(colour))

    def _try_on_line(self, colour: DemoColour) -> None:
        self._advance(colour, Stage.LINE_TRIAL)
        if colour.code == panels.COLOUR:
            self._plan(self.now + timedelta(days=1), lambda: self._inspect(colour, 0))
        else:
            self._after(colour, Stage.LINE_TRIAL, lambda: self._approve_appearance(colour, _PAPER))

    def _inspect(self, colour: DemoColour, number: int) -> None:
        self.steps("inspect panel photos", number, panels.ROUNDS + 1)
        outcome = record_round(
            self.lab,
            self.photos[str(number)].result(),
            panel=panels.PANEL,
            number=number,
            colour=colour.code,
            limits=panels.LIMITS,
            now=self.now,
            by=STATION,
            flat_reference=self.photos["tile"].result(),
            work=RoundWork(minutes=panels.MINUTES_PER_ROUND if number else None),
        )
        self.panel_verdict = outcome.verdict.verdict
        if outcome.verdict.verdict == "RE-POLISH" and number < panels.ROUNDS:
            self._plan(self.now + timedelta(days=2), lambda: self._inspect(colour, number + 1))
            return
        self.steps("inspect panel photos", panels.ROUNDS + 1, panels.ROUNDS + 1)
        passed = outcome.verdict.verdict == "PASS"
        reason = None if passed else f"panel {panels.PANEL}: {outcome.verdict.verdict}, approved by sight"
        self._plan(self.now + timedelta(days=1), lambda: self._approve_appearance(colour, reason))

    def _approve_appearance(self, colour: DemoColour, reason: str | None) -> None:
        self._advance(colour, Stage.APPEARANCE_APPROVED, reason)
        self._after(colour, Stage.APPEARANCE_APPROVED, lambda: self._release(colour, reason))

    def _release(self, colour: DemoColour, reason: str | None) -> None:
        # The launch palette was made ready before, but the programme counts from its announcement.
        if colour.code in LAUNCH and self.now < _at(PROGRAMME_START, 4):
            self._plan(_at(PROGRAMME_START, 4), lambda: self._release(colour, reason))
            return
        self._advance(colour, Stage.RELEASED, reason)
        self.released += 1

    def _receive(self, file: SupplierFile) -> Path:
        """A file as it arrives from outside."""
        path = self.incoming / file.file_name
        write_bytes(path, file.content)
        return path
