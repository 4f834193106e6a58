"""The report folder of a lab: everything on its pages comes from the lab's records and raw files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from functools import partial
from pathlib import Path

from sqlalchemy import Connection

from colorlab.colorimetry.tristimulus import spectra_to_lab
from colorlab.colorimetry.viewing import D65_10
from colorlab.control.explain.difference import explain_difference
from colorlab.control.explain.explanation import Explanation
from colorlab.control.first_pass import first_pass_yields
from colorlab.jobs import run
from colorlab.reports.pages import (
    Page,
    finish,
    index_page,
    page_file_name,
    panel_page,
    recipe_page,
    roadmap_page,
    submissions_page,
    vetting_page,
)
from colorlab.reports.roadmap import colour_name
from colorlab.reports.views import (
    ColourName,
    CorrectedBatch,
    Imprint,
    IndexView,
    LadderQuality,
    Link,
    PanelView,
    RecipeView,
    RoadmapView,
    SubmissionRow,
    VettingView,
)
from colorlab.roadmap.plan import SIMULATED, Programme, RoadmapColour, end_of_day
from colorlab.store.colorants import StoredColorantSet, load_colorant_set
from colorlab.store.instrument_statements import load_instrument_statement
from colorlab.store.lab import Lab
from colorlab.store.measurements import load_measurement
from colorlab.store.panels import StoredCapture, find_captures
from colorlab.store.programme import load_colours
from colorlab.store.recipes import StoredRecipe, find_recipes
from colorlab.store.standards import standard_in_force
from colorlab.store.tolerances import load_tolerance
from colorlab.store.verdicts import StoredVerdict, find_verdicts
from colorlab.uncertainty.instrument_statement import InstrumentStatement
from colorlab.uncertainty.statement_document import statement_from_dict
from colorlab.verdict.verdict import Verdict
from colorlab.workflows.characterise import GivenModel, characterise_table
from colorlab.workflows.files import write_bytes
from colorlab.workflows.history_files import history_points
from colorlab.workflows.inspect import inspect_again, stored_files
from colorlab.workflows.ladder_table import holds_letdowns
from colorlab.workflows.match import matched_again
from colorlab.workflows.panel_ledger import judged, limits_of, stored_ledger
from colorlab.workflows.panel_page import picture_of
from colorlab.workflows.reached import PRODUCED_BY, STATEMENTS
from colorlab.workflows.recipe_view import recipe_view
from colorlab.workflows.recorded import as_recorded, verdict_as_recorded
from colorlab.workflows.roadmap import roadmap_progress
from colorlab.workflows.same_as_before import as_before
from colorlab.workflows.steps import Steps, silent
from colorlab.workflows.submitted import Submitted, first_submissions, submitted
from colorlab.workflows.version import software_version
from spectra.errors import FormulationError, NotComparableError, RecordNotFoundError
from spectra.formats.base import MeasurementFile
from spectra.measurement import Measurement

FACE_ANGLES = ("45as45", "15as45")
PAGES = (
    Link("Overview", "index.html"),
    Link("Roadmap", "roadmap.html"),
    Link("Submissions", "submissions.html"),
)
_MARK = ".colorlab-report"


@dataclass(frozen=True, slots=True, eq=False)
class _Reader:
    """The lab as it stood at the end of a day."""

    lab: Lab
    connection: Connection
    end: datetime
    zone: tzinfo
    names: dict[str, ColourName]

    def day(self, moment: datetime) -> date:
        """The calendar day of a moment where the programme is run."""
        return moment.astimezone(self.zone).date()

    def name(self, code: str | None) -> ColourName:
        """A colour's names, or its bare code where the roadmap does not know it."""
        return self.names.get(code or "", ColourName(code or "–", "", ""))


def write_report(lab: Lab, output: Path, as_of: date, steps: Steps = silent) -> Path:
    """Write the pages of a lab as it stood at the end of a day.

    Pages of an earlier report in the same folder are replaced; other files there are left alone.

    Parameters
    ----------
    lab : Lab
    output : Path
    as_of : date
        In the programme's own calendar.
    steps : callable
        Told of the progress.

    Returns
    -------
    Path
        The first page, `index.html`.

    Raises
    ------
    LabError
        If the lab has no programme.
    FileError
        If the pages cannot be written.
    """
    progress = roadmap_progress(lab, as_of)
    with lab.reading() as connection:
        programme = progress.programme
        end = end_of_day(as_of, programme.zone)
        colours = load_colours(connection, known_at=end)
        names = {colour.code: colour_name(colour) for colour in colours}
        reader = _Reader(lab, connection, end, programme.zone, names)
        imprint = _imprint(lab.name, as_of, programme)
        points = submitted(connection, until=end)
        vettings = _vetting_views(reader, points)
        recipes = _recipe_views(reader)
        panels = _panel_views(reader)
        roadmap = RoadmapView(
            progress=progress,
            colours=_in_order(colours, [standing.code for standing in progress.standings]),
            paints=_paints(reader),
            links={view.colour.code: view.file_name for view in vettings},
        )
    pages = _draw(vettings, imprint, steps)
    rows = [SubmissionRow(v.colour, v.supplier, v.submitted_on, v.verdict, v.file_name, v.record) for v in vettings]
    steps("write report", 0, 1)
    pages += [recipe_page(view, imprint) for view in recipes]
    pages += [panel_page(view, imprint) for view in panels]
    pages.append(roadmap_page(roadmap, imprint))
    firsts = [(one.supplier, one.decision == "accept") for one in first_submissions(points)]
    pages.append(submissions_page(rows, imprint, first_pass_yields(firsts)))
    pages.append(index_page(IndexView(roadmap, tuple(rows), tuple(recipes), tuple(panels)), imprint))
    _replace(output, finish(pages))
    steps("write report", 1, 1)
    return output / "index.html"


def _imprint(lab: str, as_of: date, programme: Programme) -> Imprint:
    return Imprint(lab, as_of, software_version(), programme.remark == SIMULATED, PAGES)


def _in_order(colours: Sequence[RoadmapColour], codes: Sequence[str]) -> tuple[RoadmapColour, ...]:
    by_code = {colour.code: colour for colour in colours}
    return tuple(by_code[code] for code in codes)


def _vetting_views(reader: _Reader, points: Sequence[Submitted]) -> list[VettingView]:
    stored = find_verdicts(reader.connection, until=reader.end)
    return [_vetting_view(reader, one, points) for one in stored]


def _draw(views: Sequence[VettingView], imprint: Imprint, steps: Steps) -> list[Page]:
    step, pages = "draw vetting pages", []
    steps(step, 0, len(views))
    for page in run(partial(vetting_page, imprint=imprint), views):
        pages.append(page)
        steps(step, len(pages), len(views))
    return pages


def _vetting_view(reader: _Reader, stored: StoredVerdict, points: Sequence[Submitted]) -> VettingView:
    verdict = Verdict.from_dict(stored.document)
    standard, sample = _measurement(reader, stored.standard), _measurement(reader, stored.sample)
    # Without a supplier nobody knows whose submissions would make the history.
    history = [
        one for one in points if stored.supplier and (one.colour, one.supplier) == (stored.colour, stored.supplier)
    ]
    own = next((one for one in history if stored.id in one.records), None)
    return VettingView(
        file_name=page_file_name("vetting", stored.id),
        colour=reader.name(stored.colour),
        supplier=stored.supplier or "–",
        submitted_on=reader.day(stored.recorded_at),
        verdict=verdict,
        standard=standard,
        sample=sample,
        seed=stored.seed or 0,
        record=stored.id,
        statements=_statements(reader, stored, (standard.instrument, sample.instrument)),
        layers=tuple(_layer(reader, record) for record in stored.tolerances),
        produced_by=dict(stored.document.get(PRODUCED_BY, {})),
        history=history_points(history),
        in_history=own.record if own else "",
        sameness="" if own is None else as_before(own, history),
        explanation=_explanation(reader, stored, verdict, standard, sample),
    )


def _statements(
    reader: _Reader, stored: StoredVerdict, instruments: Sequence[str | None]
) -> tuple[InstrumentStatement, ...]:
    """Those in force when it was reached that name an instrument it was measured with."""
    found = (load_instrument_statement(reader.connection, one) for one in stored.document.get(STATEMENTS, ()))
    every = (statement_from_dict(one.parsed(), one.id) for one in found)
    return tuple(one for one in every if any(one.names(instrument) for instrument in instruments))


def _layer(reader: _Reader, record: str) -> str:
    layer = load_tolerance(reader.connection, record)
    return f"{record} (the {layer.scope}’s, version {layer.version})"


def _explanation(
    reader: _Reader, stored: StoredVerdict, verdict: Verdict, standard: Measurement, sample: Measurement
) -> Explanation | None:
    """Why it is off, by the colour's recipe in force; None where it is not off, or no recipe can tell."""
    if verdict.decision == "accept" or not stored.colour:
        return None
    recipes = [one for one in find_recipes(reader.connection, colour=stored.colour) if one.recorded_at <= reader.end]
    if not recipes or recipes[-1].colorant_set is None:
        return None
    try:
        return explain_difference(
            standard,
            sample,
            recipes[-1].recipe,
            load_colorant_set(reader.connection, recipes[-1].colorant_set).colorants,
            formula="CIEDE2000" if verdict.tolerance.scheme else verdict.tolerance.formula,
            viewing=verdict.worst.viewing,
            noise=verdict.noise,
        )
    except (NotComparableError, FormulationError):
        # Measured unlike the colorants, such as an effect paint at many angles with colorants under d/8.
        return None


def _measurement(reader: _Reader, record: str | None) -> Measurement:
    return load_measurement(reader.connection, record or "").measurement


def _recipe_views(reader: _Reader) -> list[RecipeView]:
    """The newest recipe of each colour, searched again from what it was found with: records keep its figures only."""
    recipes = [one for one in find_recipes(reader.connection) if one.recorded_at <= reader.end]
    newest = {one.colour: one for one in recipes if one.colour and one.colorant_set and "standard" in one.document}
    return [_recipe_view(reader, one, _corrected(recipes, one.colour or "")) for one in newest.values()]


def _recipe_view(reader: _Reader, stored: StoredRecipe, batches: tuple[CorrectedBatch, ...]) -> RecipeView:
    colorants = load_colorant_set(reader.connection, stored.colorant_set or "")
    standard = load_measurement(reader.connection, str(stored.document["standard"])).measurement
    proved = stored.document.get("certificate")
    return recipe_view(
        as_recorded(matched_again(reader.connection, stored), stored),
        file_name=page_file_name("recipe", stored.colour or stored.id),
        colour=reader.name(stored.colour),
        ladders=_ladder_quality(reader, colorants),
        batches=batches,
        certificate="" if proved is None else str(proved["sentence"]),
        target_source=standard.source,
        record=stored.id,
    )


def _corrected(recipes: Sequence[StoredRecipe], colour: str) -> tuple[CorrectedBatch, ...]:
    """What was done with batches of a colour, newest first."""
    found = []
    for one in recipes:
        said = one.document
        if said.get("colour") != colour or "decision" not in said:
            continue
        made = said["correction"]
        after = None if made is None else made["predicted"]
        found.append(
            CorrectedBatch(
                batch=said["batch"],
                on=one.recorded_at.date(),
                mass_g=said["batch_g"],
                decision=said["decision"],
                before_delta_E_00=said["before"]["weighted_delta_E_00"],
                after_delta_E_00=None if after is None else after["weighted_delta_E_00"],
                interval=None if after is None else (after["interval"][0], after["interval"][1]),
                additions_g={} if made is None else made["additions_g"],
                record=one.id,
            )
        )
    return tuple(reversed(found))


def _ladder_quality(reader: _Reader, colorants: StoredColorantSet) -> tuple[LadderQuality, ...]:
    """How well the set's own model predicts levels of its ladders; nothing of a set that was learned from batches."""
    inputs = tuple(load_measurement(reader.connection, record).measurement for record in colorants.inputs)
    file, paints = MeasurementFile("lab", inputs), colorants.colorants
    if not holds_letdowns(file):
        return ()
    # The model is the one recorded: the ladders are not asked again which it should be.
    given = GivenModel(paints.link, paints.surface.k1, paints.surface.k2, paints.crowding)
    outcome = characterise_table(file, paints.name, given=given)
    quality = []
    for code in outcome.colorant_set.codes:
        values = [check.delta_E_00 for check in outcome.checks if check.colorant == code]
        if values:
            quality.append(LadderQuality(code, len(values), sum(values) / len(values), max(values)))
    return tuple(quality)


def _panel_views(reader: _Reader) -> list[PanelView]:
    captures = [one for one in find_captures(reader.connection) if one.recorded_at <= reader.end]
    by_panel: dict[str, dict[int, StoredCapture]] = {}
    for capture in captures:
        by_panel.setdefault(capture.panel, {})[capture.polishing_round] = capture
    return [_panel_view(reader, panel, rounds) for panel, rounds in by_panel.items()]


def _panel_view(reader: _Reader, panel: str, rounds: dict[int, StoredCapture]) -> PanelView:
    """The maps of the first and last round are computed again from the raw photos: records keep figures only."""
    ledger = stored_ledger(reader.connection, panel, until=reader.end)
    last = rounds[max(rounds)]
    verdict = judged(reader.connection, ledger, limits_of(last), last.colour, until=last.recorded_at)
    appearances = {number: inspect_again(reader.lab, rounds[number]) for number in sorted({min(rounds), max(rounds)})}
    again = [(rounds[number], appearance) for number, appearance in appearances.items()]
    return PanelView(
        file_name=page_file_name("panel", panel),
        colour=reader.name(last.colour),
        ledger=ledger,
        verdict=verdict_as_recorded(verdict, last, again),
        appearances=appearances,
        record=last.id,
        picture=picture_of(stored_files(reader.lab, last.document["files"])),
    )


def _paints(reader: _Reader) -> dict[str, tuple[float, float, float]]:
    """CIELAB, D65/10°, of each colour's standard in force, seen at its face angle."""
    paints = {}
    for code in reader.names:
        try:
            measurement = standard_in_force(reader.connection, code, known_at=reader.end).measurement
        except RecordNotFoundError:
            continue
        tokens = measurement.geometry.tokens
        row = next((tokens.index(angle) for angle in FACE_ANGLES if angle in tokens), 0)
        lab = spectra_to_lab(measurement.reflectance_factor[row], measurement.grid, D65_10)
        paints[code] = (float(lab[0]), float(lab[1]), float(lab[2]))
    return paints


def _replace(output: Path, files: dict[str, bytes]) -> None:
    """Write all pages, then take away those of an earlier report that are no longer part of it."""
    marked = output / _MARK
    earlier = marked.read_text(encoding="utf-8").split("\n") if marked.is_file() else []
    for name, content in files.items():
        write_bytes(output / name, content)
    write_bytes(marked, "\n".join(sorted(files)).encode())
    for name in set(earlier) - set(files):
        if name and Path(name).name == name:
            (output / name).unlink(missing_ok=True)
