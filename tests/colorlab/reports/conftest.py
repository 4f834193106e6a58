"""A simulated lab in miniature: what the report pages show in these tests."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from colorlab.colorimetry.tristimulus import spectra_to_lab
from colorlab.colorimetry.viewing import D65_10
from colorlab.control.explain.difference import explain_difference
from colorlab.formulation.search.constraints import Constraints
from colorlab.formulation.search.rules import Rules
from colorlab.formulation.target import Target
from colorlab.reports import pages
from colorlab.reports.figures.control import HistoryPoint
from colorlab.reports.views import (
    ColourName,
    Imprint,
    IndexView,
    LadderQuality,
    Link,
    PanelView,
    RoadmapView,
    SubmissionRow,
    VettingView,
)
from colorlab.roadmap.plan import STAGES, Programme, RoadmapColour, Stage, StageEvent
from colorlab.roadmap.progress import FirstPass, progress
from colorlab.tolerance.document import tolerance_from_dict
from colorlab.tolerance.tolerance import DEFAULT
from colorlab.verdict.judge import judge
from colorlab.verdict.verdict import Verdict
from colorlab.workflows.match import How, matched
from colorlab.workflows.recipe_view import recipe_view as made_view
from inspections.appearance import Appearance, AppearanceMap, Finding, MetricValue, PhotoInput, Refusal
from inspections.marks.mark import Mark
from inspections.picture import PanelPicture
from inspections.rounds import polishing
from inspections.rounds.ledger import PolishingLedger, PolishingRound
from inspections.rounds.limits import AppearanceLimits, MetricLimit
from inspections.structure.spectrum import StructureSpectrum
from spectra.colorant import Colorant, ColorantSet
from spectra.geometry import D8_SCI
from spectra.measurement import Measurement, average_readings
from spectra.model_error import ModelError
from spectra.optics.interface import Saunderson
from spectra.recipe import recipe_from_masses
from spectra.simulate import FIVE_ANGLES, GRID, Flakes, Paint, VirtualPaintLaboratory
from spectra.stated import Source, Texture

AS_OF = date(2026, 11, 20)
AMETHYST = Paint(
    {"W01": 0.60, "V23": 0.20, "R22": 0.20}, Flakes(strength=1.0, width=24, hue_nm=440, hue_width_nm=90, travel_nm=40)
)
NAME = ColourName("AME-01", "Amethyst", "紫水晶")
IMPRINT = Imprint(
    "Demo lab",
    AS_OF,
    "0.1.0",
    True,
    (Link("Lab", "index.html"), Link("Submissions", "submissions.html"), Link("Roadmap", "roadmap.html")),
)
# The launch palette and the colours in series, as announced; all else here is drawn.
NAMED = (
    ("Amethyst", "紫水晶", "pearl", {"W01": 0.72, "V23": 0.16, "R22": 0.12}),
    ("Sprout Yellow", "嫩芽黄", "solid", {"W01": 0.50, "Y11": 0.46, "G07": 0.04}),
    ("Racing Red", "竞速红", "solid", {"R54": 0.97, "O16": 0.03}),
    ("Twilight Rose", "暮光玫瑰", "metallic", {"W01": 0.93, "R22": 0.07}),
    ("Molten Gold Pink", "流金粉 哑光", "matte", {"W01": 0.90, "O16": 0.06, "R22": 0.04}),
    ("Gem Green", "宝石绿", "metallic", {"W01": 0.55, "G07": 0.43, "K05": 0.02}),
    ("Dawn Purple", "霞光紫", "pearl", {"W01": 0.90, "V23": 0.10}),
    ("Molten Gold Pink glossy", "流金粉", "metallic", {"W01": 0.88, "O16": 0.09, "R22": 0.03}),
    ("Starlight Silver", "星芒银", "metallic", {"W01": 0.99, "K05": 0.01}),
    ("Aurora Purple", "极光紫", "pearl", {"W01": 0.60, "V23": 0.30, "B60": 0.10}),
)


def panel(paint, name, seed, lots=None):
    """A sprayed panel of the virtual laboratory, read three times at five angles."""
    laboratory = VirtualPaintLaboratory(np.random.default_rng(7))
    rng = np.random.default_rng(seed)
    readings = laboratory.read(laboratory.effect_panel(paint, FIVE_ANGLES, rng, lots), rng)
    return Measurement(
        name,
        average_readings(readings),
        GRID,
        FIVE_ANGLES,
        readings=readings,
        instrument="virtual five-angle spectrophotometer",
        source=Source(f"{name}.csv", f"{seed:064x}", "table"),
    )


def vet(standard, sample, tolerance=DEFAULT):
    return judge(standard, sample, tolerance)


SCHEME = {
    "name": "Amethyst, exterior",
    "source": "colour office",
    "viewings": ["D65/10°", "A/10°"],
    "scheme": {
        "name": "House scheme 3",
        "source": "colour office, memo 12",
        "form": [
            {"angle": "*", "semi_axes": [2.0, 1.2, 0.9]},
            {"angle": "45as15", "shape": "box", "components": "LCH", "semi_axes": [3.0, 2.0, 1.5]},
            {"angle": "45as45", "shape": "box", "components": "Lab", "semi_axes": [0.7, 0.5, 0.6]},
        ],
    },
    "requirement": [
        {"kind": "flop", "limit": 0.15},
        {"kind": "metamerism", "reference": "D65/10°", "test": "A/10°", "limit": 0.6, "angle": "45as45"},
    ],
    "texture": [{"quantity": "graininess", "limit": 0.6, "uncertainty": 0.2}, {"quantity": "sparkle", "limit": 0.5}],
}


def submission_history(n):
    """Submissions of which every third is rejected."""
    start = datetime(2026, 1, 5, tzinfo=UTC)
    rows = [(1.6, "reject") if number % 3 == 2 else (0.5 + 0.05 * number, "accept") for number in range(n)]
    return tuple(
        HistoryPoint(
            f"V-{number + 1:06d}", start + timedelta(days=17 * number), share, (0.8 * share, 1.2 * share), said
        )
        for number, (share, said) in enumerate(rows)
    )


def vetting(standard, sample, file_name="vetting-ame-01.html", name=NAME, supplier="BASF", tolerance=DEFAULT):
    verdict = vet(standard, sample, tolerance)
    day = date(2026, 2, 27)
    return VettingView(file_name, name, supplier, day, verdict, standard, sample, 0, "V-000017")


@pytest.fixture(scope="session")
def standard():
    return panel(AMETHYST, "AME-01 master", 1)


@pytest.fixture(scope="session")
def off():
    return panel(AMETHYST, "AME-01 batch 3", 2, {"R22": 1.4, "V23": 0.85})


@pytest.fixture(scope="session")
def near():
    return panel(AMETHYST, "AME-01 batch 4", 3, {"R22": 1.12, "V23": 0.95})


@pytest.fixture(scope="session")
def rejected(standard, off):
    return vetting(standard, off)


@pytest.fixture(scope="session")
def accepted(standard, near):
    return vetting(standard, near, "vetting-ame-02.html")


@pytest.fixture(scope="session")
def everything(standard, near):
    """A verdict with all that one may hold: scheme, checks, textures, history, statements, provenance."""
    textured = [
        replace(side, texture=(Texture("graininess", "diffuse", value, "1.2"), Texture("sparkle", "45as15", 6.0)))
        for side, value in ((standard, 4.1), (near, 4.6))
    ]
    view = vetting(*textured, file_name="vetting-ame-03.html", tolerance=tolerance_from_dict(SCHEME))
    return replace(
        view,
        layers=("T-000001 (the programme’s, version 1)", "T-000003 (the colour’s, version 2)"),
        produced_by={"software_version": "0.1.0", "source_sha256": "ab" * 32, "machine": "x86_64"},
        history=submission_history(7),
        in_history="V-000004",
        sameness="Same as before: 41 % of what this supplier delivers lies as far.",
    )


@pytest.fixture(scope="session")
def explained():
    """A solid paint short of red, with the reason."""
    laboratory, rng = VirtualPaintLaboratory(np.random.default_rng(7)), np.random.default_rng(3)
    drawn = ({"W01": 0.70, "R54": 0.20, "O16": 0.10}, {"W01": 0.76, "R54": 0.14, "O16": 0.10})
    pair = [
        Measurement(
            name,
            laboratory.solid_panel(recipe, rng)[None],
            GRID,
            D8_SCI,
            instrument="virtual sphere",
            source=Source(f"{name}.csv", f"{number:064x}", "table"),
        )
        for number, (name, recipe) in enumerate(zip(("RED-03 master", "RED-03 batch 1"), drawn, strict=True), start=8)
    ]
    view = vetting(*pair, file_name="vetting-red-03.html", name=ColourName("RED-03", "Racing Red", "竞速红"))
    recipe = recipe_from_masses("RED-03", {"W01": 70.0, "R54": 20.0, "O16": 10.0})
    return replace(view, explanation=explain_difference(*pair, recipe, colorants()))


@pytest.fixture(scope="session")
def recorded_earlier(rejected):
    """The same verdict as a release wrote it that knew less."""
    document = json.loads(json.dumps(rejected.verdict.as_dict()))
    for key in (
        "checks",
        "textures",
        "metamerism",
        "inconstancy",
        "travel",
        "worst_covariance",
        "sentence_zh",
        "remedy",
    ):
        del document[key]
    for key in ("kind", "n_readings"):
        del document["measurement_uncertainty"][key]
    return replace(rejected, verdict=Verdict.from_dict(document))


@pytest.fixture(scope="session")
def submissions(rejected, accepted):
    return tuple(
        SubmissionRow(view.colour, supplier, day, view.verdict, view.file_name)
        for view, supplier, day in (
            (rejected, "BASF", date(2026, 2, 27)),
            (accepted, "BASF", date(2026, 3, 20)),
            (accepted, "PPG", date(2026, 3, 22)),
        )
    )


SURFACE, ERROR = Saunderson(0.04, 0.5, True), ModelError(0.2, 0.5, 60.0, 21)


def colorants():
    """Pastes with the virtual laboratory's bands, taken as perfectly characterised."""
    laboratory = VirtualPaintLaboratory(np.random.default_rng(7))
    nm = GRID.wavelengths
    spread = np.broadcast_to(np.diag([1e-4, 1e-4]), (1, GRID.count, 2, 2))
    drawn = []
    for recipe in laboratory.recipes.values():
        K = np.full(GRID.count, recipe.floor)
        for centre, width, height in recipe.bands:
            K += height * np.exp(-0.5 * ((nm - centre) / width) ** 2)
        for position, softness, height in recipe.edges:
            K += height / (1 + np.exp((nm - position) / softness))
        S = np.full((1, GRID.count), recipe.scattering)
        drawn.append(
            Colorant(
                recipe.code, recipe.name, recipe.role, K[None], S, spread, (0, 1), (0.002, 0.4), recipe.price_per_kg
            )
        )
    return ColorantSet("virtual pastes, lot 1", tuple(drawn), GRID, D8_SCI, SURFACE, "W01", model_error=ERROR)


@pytest.fixture(scope="session")
def recipe_view():
    laboratory = VirtualPaintLaboratory(np.random.default_rng(7))
    spectrum = laboratory.solid_panel({"W01": 0.10, "R54": 0.80, "O16": 0.08, "R22": 0.02}, np.random.default_rng(4))
    target = Target("Racing Red master", spectrum[None], GRID, D8_SCI)
    pastes = colorants()
    how = How(Rules(Constraints(max_colorants=3, required=("W01",))))
    outcome = matched(target, "racing-red-master.qtx", pastes, how, ())
    ladders = tuple(
        LadderQuality(code, 5, 0.08 + 0.01 * row, 0.21 + 0.02 * row) for row, code in enumerate(pastes.codes)
    )
    source = Source("racing-red-master.qtx", "ab" * 32, "qtx")
    return made_view(
        outcome,
        file_name="recipe-red.html",
        colour=ColourName("RED-03", "Racing Red", "竞速红"),
        ladders=ladders,
        certificate="No recipe of up to 3 of these 12 colorants comes closer than ΔE 0.031.",
        target_source=source,
        record="R-000002",
    )


def metric(name, value, unit="mrad", definition="radial brick-wall band-pass, slope rms per axis"):
    return MetricValue(
        name,
        value,
        unit,
        0.03 * value,
        "phase noise and scale",
        definition,
        repeatability=0.01 * value,
        band_mm=(1.2, 12),
    )


def appearance(number, level):
    """A capture of one round; the map is smoothed noise of the right rms."""
    rng = np.random.default_rng(11)
    field = gaussian_filter(rng.standard_normal((260, 380)), 9) + 0.35 * gaussian_filter(
        rng.standard_normal((260, 380)), 3
    )
    slope = level * field / field.std()
    return Appearance(
        f"panel 7 round {number}",
        "T1",
        (metric("slope_LW", level), metric("slope_SW", 0.6 * level)),
        (
            Finding("clipping", "pass", 0.02, 1.0, "%", "0.02 % of the pixels are clipped"),
            Finding(
                "frame_motion",
                "warn",
                0.4,
                0.3,
                "pixel",
                "the first frame repeated moved by 0.4 pixel",
                "fix the camera",
            ),
        ),
        (Refusal("slope_A", "0.1–0.3 mm is below two pixels", "a closer camera"),),
        (
            AppearanceMap("height_lw", slope, "µm", 0.25),
            AppearanceMap("gloss", 0.9 + 0.02 * field / field.std(), "1", 0.25),
        ),
        (PhotoInput(f"r{number}_u0.png", f"{number:064x}"),),
        ("screen and camera placed by ruler, scale sure to 1 %",),
        marks=(
            Mark("nib", 21.0, -12.0, 0.8, 14.0, depth_um=4.0),
            Mark("scratch", -20.0, 8.0, 22.0, 9.0, 0.06, 20.0, outline_mm=((-30.0, 4.0), (-20.0, 8.0), (-9.0, 12.0))),
            Mark("hologram", 25.0, 15.0, 12.0, 6.0, outline_mm=((20.0, 10.0), (31.0, 11.0), (30.0, 20.0))),
        ),
        spectrum=spectrum(level),
    )


def spectrum(level):
    """Slope that falls towards fine waves, above a noise that rises there."""
    wavelengths = np.geomspace(25.0, 0.25, 30)
    slope = level * 0.5 * (wavelengths / 25.0) ** 0.25
    return StructureSpectrum(
        wavelengths, slope, slope, slope, 0.02 / wavelengths, 0.05 * slope, np.linspace(1.0, 0.5, 30), 0.3, 32.0
    )


def picture():
    """Stripes bent by peel, as a photo shows them."""
    rng = np.random.default_rng(4)
    bend = 9 * gaussian_filter(rng.standard_normal((260, 380)), 9) / 0.03
    level = 128 + 100 * np.sin((np.arange(380)[None, :] + bend) / 9)
    return PanelPicture(np.repeat(level[..., None], 3, axis=2).astype(np.uint8), "stripes_u.jpg", "stripes", 0.25)


@pytest.fixture(scope="session")
def panel_view():
    levels = (2.1, 1.52, 1.1, 0.83)
    shots = {number: appearance(number, level) for number, level in enumerate(levels)}
    ledger = PolishingLedger(
        "AME-01/07",
        tuple(
            PolishingRound.from_appearance(
                number, shot, minutes=0.0 if number == 0 else 110.0, operator="Li", pad="" if number == 0 else "wool"
            )
            for number, shot in shots.items()
        ),
    )
    limits = AppearanceLimits(
        "high gloss, exterior",
        (MetricLimit("slope_LW", 0.7, "mrad"), MetricLimit("slope_SW", 0.6, "mrad")),
        max_rounds=6,
    )
    verdict = polishing.judge(ledger, limits)
    return PanelView("panel-ame-07.html", NAME, ledger, verdict, {0: shots[0], 3: shots[3]}, "P-000004", picture())


def programme_colours():
    """Thirty-eight colours of a hundred: some released, some late, some without a standard."""
    rng = np.random.default_rng(5)
    start = datetime(2025, 9, 25, tzinfo=UTC)
    colours = []
    for number in range(38):
        en, zh, finish, _ = NAMED[number] if number < len(NAMED) else (f"Study {number + 1}", "", "metallic", {})
        due = date(2026, 3, 10) + timedelta(days=24 * number)
        last = int(np.clip(9 - number // 5 + rng.integers(-1, 1), 1, 7))
        history = tuple(
            StageEvent(
                stage, start + timedelta(days=8 * number + 18 * step), "Wang", ("V-000001", "P-000001"), "as planned"
            )
            for step, stage in enumerate(STAGES[: last + 1])
            if (start + timedelta(days=8 * number + 18 * step)).date() <= AS_OF
        )
        suppliers = ("BASF",) if number % 2 else ("PPG",)
        colours.append(
            RoadmapColour(
                f"C{number + 1:03d}", {"en": en, "zh": zh}, "various", finish, suppliers, number + 1, due, history
            )
        )
    return tuple(colours)


@pytest.fixture(scope="session")
def roadmap_view():
    colours = programme_colours()
    programme = Programme(
        "One hundred exclusive colours", date(2025, 9, 25), date(2028, 9, 24), 100, 480, "simulated programme"
    )
    state = progress(programme, colours, AS_OF, (FirstPass("BASF", 7, 11), FirstPass("PPG", 9, 12)))
    laboratory = VirtualPaintLaboratory(np.random.default_rng(7))
    rng = np.random.default_rng(9)
    chromatic = [code for code in laboratory.recipes if code not in ("W01", "K05")]
    paints = {}
    for number, colour in enumerate(colours):
        if colour.stage in (Stage.IDEA, Stage.BRIEF):
            continue
        tint = rng.uniform(0.05, 0.6)
        drawn = {"W01": 1 - tint, str(rng.choice(chromatic)): tint}
        body = NAMED[number][3] if number < len(NAMED) else drawn
        lab = spectra_to_lab(laboratory.solid_panel(body, rng), GRID, D65_10)
        paints[colour.code] = tuple(lab.tolist())
    return RoadmapView(state, colours, paints, {"C004": "supplier waits for pigment"}, {"C001": "vetting-ame-01.html"})


@pytest.fixture(scope="session")
def index_view(roadmap_view, submissions, recipe_view, panel_view):
    return IndexView(roadmap_view, submissions, (recipe_view,), (panel_view,))


@pytest.fixture(scope="session")
def imprint():
    return IMPRINT


@pytest.fixture(scope="session")
def judged():
    """Judge a sample against a standard and wrap it for a page: `vetting(standard, sample, …)`."""
    return vetting


@pytest.fixture(scope="session")
def all_pages(rejected, accepted, submissions, recipe_view, panel_view, roadmap_view, index_view):
    return (
        pages.index_page(index_view, IMPRINT),
        pages.submissions_page(submissions, IMPRINT),
        pages.vetting_page(rejected, IMPRINT),
        pages.vetting_page(accepted, IMPRINT),
        pages.recipe_page(recipe_view, IMPRINT),
        pages.panel_page(panel_view, IMPRINT),
        pages.roadmap_page(roadmap_view, IMPRINT),
    )


@pytest.fixture(scope="session")
def verdict_pages(rejected, accepted, everything, explained, recorded_earlier):
    views = (rejected, accepted, everything, explained, replace(recorded_earlier, file_name="vetting-earlier.html"))
    return tuple(pages.vetting_page(view, IMPRINT) for view in views)
