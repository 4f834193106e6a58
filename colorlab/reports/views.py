"""What the pages are given: domain objects, and the few facts around them that no domain object holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from colorlab.control.explain.explanation import Explanation
from colorlab.formulation.library.batch_sheet import BatchSheet
from colorlab.formulation.ranking.ranking import Ranking
from colorlab.formulation.robustness.cloud import RobustnessCloud
from colorlab.formulation.search.match import MatchResult
from colorlab.reports.figures.control import HistoryPoint
from colorlab.roadmap.plan import RoadmapColour
from colorlab.roadmap.progress import Progress
from colorlab.uncertainty.instrument_statement import InstrumentStatement
from colorlab.verdict.verdict import Verdict
from inspections.appearance import Appearance
from inspections.picture import PanelPicture
from inspections.rounds.ledger import PolishingLedger
from inspections.rounds.polishing import PolishingVerdict
from spectra.colorant import ColorantSet
from spectra.measurement import Measurement
from spectra.stated import Source


@dataclass(frozen=True, slots=True)
class Link:
    """A page of the same folder."""

    title: str
    file_name: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Imprint:
    """What every page says about itself.

    Attributes
    ----------
    lab : str
    as_of : date
        The day the page describes, not the day it was made.
    software : str
        Version of colorlab-paint.
    simulated : bool
        Whether any of the data are simulated; the page then says so at its top and foot.
    pages : tuple of Link
        The folder's main pages, shown in the head of each.
    """

    lab: str
    as_of: date
    software: str
    simulated: bool
    pages: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class ColourName:
    """A colour's code and its names; `zh` may be empty."""

    code: str
    en: str
    zh: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class VettingView:
    """One submission judged against its standard.

    Attributes
    ----------
    file_name : str
    colour : ColourName
    supplier : str
    submitted_on : date
    verdict : Verdict
    standard, sample : Measurement
        As they were judged.
    seed : int
        Of the verdict's Monte Carlo.
    record : str
        The verdict's id in the lab; empty when it was not stored.
    statements : tuple of InstrumentStatement
        That counted.
    layers : tuple of str
        Records the tolerance was put together from, the general one first.
    produced_by : mapping of str to str
        Software, source, libraries and machine the verdict was reached with; empty where the record does not say.
    history : tuple of HistoryPoint
        Submissions of this colour by this supplier, oldest first; empty where the lab was not asked.
    in_history : str
        Which of them this one is; empty where a later verdict on the same sample took its place.
    sameness : str
        Whether it is as the earlier ones were, in a sentence.
    explanation : Explanation or None
        Why it is off, where a recipe and its colorants can tell.
    """

    file_name: str
    colour: ColourName
    supplier: str
    submitted_on: date
    verdict: Verdict
    standard: Measurement
    sample: Measurement
    seed: int
    record: str = ""
    statements: tuple[InstrumentStatement, ...] = ()
    layers: tuple[str, ...] = ()
    produced_by: Mapping[str, str] = field(default_factory=dict)
    history: tuple[HistoryPoint, ...] = ()
    in_history: str = ""
    sameness: str = ""
    explanation: Explanation | None = None


@dataclass(frozen=True, slots=True, eq=False)
class SubmissionRow:
    """One line of the list of submissions; `file_name` is its vetting page, empty when there is none.

    `record` is the verdict's id in the lab, later ones greater; empty when it was not stored.
    """

    colour: ColourName
    supplier: str
    submitted_on: date
    verdict: Verdict
    file_name: str = ""
    record: str = ""


@dataclass(frozen=True, slots=True)
class LadderQuality:
    """How well a colorant's model predicts panels of its ladder that the fit did not see.

    Attributes
    ----------
    code : str
    panels_count : int
        Panels left out one level at a time.
    mean_delta_E_00, max_delta_E_00 : float
        Prediction against measurement, D65/10°.
    """

    code: str
    panels_count: int
    mean_delta_E_00: float
    max_delta_E_00: float


@dataclass(frozen=True, slots=True)
class CorrectedBatch:
    """A batch of a colour that was measured and put right, or found beyond saving.

    Attributes
    ----------
    batch : str
    on : date
    mass_g : float
        In the tank before.
    decision : str
    before_delta_E_00, after_delta_E_00 : float
        Weighted, as computed; the second None where nothing was added.
    interval : tuple of float, or None
        Of the true value after.
    additions_g : mapping of str to float
    record : str
    """

    batch: str
    on: date
    mass_g: float
    decision: str
    before_delta_E_00: float
    after_delta_E_00: float | None
    interval: tuple[float, float] | None
    additions_g: Mapping[str, float]
    record: str


@dataclass(frozen=True, slots=True, eq=False)
class RecipeView:
    """Recipes for one target.

    Attributes
    ----------
    file_name : str
    colour : ColourName
    result : MatchResult
    findings : tuple of str
        Of search, ranking and file.
    ranking : Ranking
        Of the same recipes.
    sheet : BatchSheet
        Of the first.
    colorant_set : ColorantSet
        The recipes' colorants.
    clouds : tuple of RobustnessCloud
        Batches of the first recipe, one an angle.
    intervals : tuple of (float, float), or None
        That the ΔE00 of the first recipe's spray-out falls into, one a viewing of the objective, at the worst angle;
        None where the colorants do not say how sure they are.
    coverage : float
        Of the intervals. [1]
    certificate : str
        What was proved of the search, in a sentence; empty where nothing was.
    ladders : tuple of LadderQuality
    batches : tuple of CorrectedBatch
        Newest first.
    target_source : Source or None
        The raw file of the target.
    record : str
    """

    file_name: str
    colour: ColourName
    result: MatchResult
    findings: tuple[str, ...]
    ranking: Ranking
    sheet: BatchSheet
    colorant_set: ColorantSet
    clouds: tuple[RobustnessCloud, ...] = ()
    intervals: tuple[tuple[float, float], ...] | None = None
    coverage: float = 0.9
    certificate: str = ""
    ladders: tuple[LadderQuality, ...] = ()
    batches: tuple[CorrectedBatch, ...] = ()
    target_source: Source | None = None
    record: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class PanelView:
    """One panel through its polishing rounds.

    Attributes
    ----------
    file_name : str
    colour : ColourName or None
        None where nobody said.
    ledger : PolishingLedger
    verdict : PolishingVerdict or None
        None where no limits were given.
    appearances : mapping of int to Appearance
        By round; the first and the last give the maps, the last its findings and refusals.
    record : str
    picture : PanelPicture or None
        A photo of the last round.
    """

    file_name: str
    colour: ColourName | None
    ledger: PolishingLedger
    verdict: PolishingVerdict | None
    appearances: Mapping[int, Appearance]
    record: str = ""
    picture: PanelPicture | None = None


@dataclass(frozen=True, slots=True, eq=False)
class RoadmapView:
    """The programme on one page.

    Attributes
    ----------
    progress : Progress
    colours : tuple of RoadmapColour
        The colours `progress` was computed from.
    paints : mapping of str to (float, float, float)
        CIELAB, D65/10°, of each colour's standard at its face angle, where there is a standard.
    reasons : mapping of str to str
        Why a colour is late, beyond what its stage says.
    links : mapping of str to str
        Page of a colour's latest submission.
    """

    progress: Progress
    colours: tuple[RoadmapColour, ...]
    paints: Mapping[str, tuple[float, float, float]] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)
    file_name: str = "roadmap.html"


@dataclass(frozen=True, slots=True, eq=False)
class IndexView:
    """The lab at a glance, and where its pages are."""

    roadmap: RoadmapView | None
    submissions: tuple[SubmissionRow, ...]
    recipes: tuple[RecipeView, ...]
    panels: tuple[PanelView, ...]
    submissions_file_name: str = "submissions.html"
    file_name: str = "index.html"
