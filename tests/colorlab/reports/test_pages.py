"""Pages: the numbers of the lab, in files that need nothing beside them."""

import base64
import io
import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
from fontTools.ttLib import TTFont

from colorlab.colorimetry.swatch import swatch
from colorlab.colorimetry.tristimulus import spectra_to_lab
from colorlab.colorimetry.viewing import D65_10
from colorlab.control.first_pass import FirstPassYield
from colorlab.difference.words import in_chinese
from colorlab.reports import pages
from colorlab.reports.render import fixed, local_page, percent, probability
from colorlab.reports.views import ColourName, Link
from colorlab.roadmap.plan import Stage
from spectra.errors import ReportError
from spectra.stated import Source

HOSTILE = ("<script>alert(1)</script>", "{{ 7*7 }}", "{% raw %}", '"><img src=x onerror=alert(1)>', "/*fonts*/", "$x$")


class Reader(HTMLParser):
    """Tables as rows of cell texts, every tag with its attributes, and all text."""

    def __init__(self, html):
        super().__init__()
        self.rows, self.tags, self.ids, self.text = [], [], [], []
        self._cell = None
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        self.ids += [value for key, value in attributes if key == "id"]
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self._cell = []

    def handle_endtag(self, tag):
        if tag in ("td", "th"):
            self.rows[-1].append(" ".join("".join(self._cell).split()))
            self._cell = None

    def handle_data(self, data):
        self.text.append(data)
        if self._cell is not None:
            self._cell.append(data)


def words(page):
    return " ".join(" ".join(Reader(page.html).text).split())


def test_the_table_holds_the_verdicts_own_numbers(rejected, imprint):
    rows = Reader(pages.vetting_page(rejected, imprint).html).rows
    table = [row for row in rows if len(row) == 12][1:]
    assert len(table) == len(rejected.verdict.conditions) == 15
    for row, condition in zip(table, rejected.verdict.conditions, strict=True):
        assert row[:2] == [condition.angle, str(condition.viewing)]
        stated = (
            *(condition.delta_L, condition.delta_C, condition.delta_H),
            *(condition.delta_E, condition.delta_E_corrected),
            *condition.delta_E_interval,
            condition.limit,
        )
        assert [float(cell) for cell in row[2:10]] == [round(value, 2) for value in stated]
        assert row[10] == probability(condition.conformity_probability)
        said = [", ".join(condition.words), "、".join(map(in_chinese, condition.words))]
        assert row[11] == " ".join(said).strip()


def test_the_decision_and_its_sentence_lead(rejected, accepted, imprint):
    for view in (rejected, accepted):
        text = words(pages.vetting_page(view, imprint))
        assert text.index(view.verdict.sentence) < text.index("Spectra at each angle")
        assert view.verdict.decision.capitalize() in text[: text.index(view.verdict.sentence)]


def test_swatches_are_the_measured_colours_under_daylight(rejected, imprint):
    html = pages.vetting_page(rejected, imprint).html
    for side in (rejected.standard, rejected.sample):
        for lab in spectra_to_lab(side.reflectance_factor, side.grid, D65_10):
            assert f"background:{swatch(lab).hex}" in html


def test_a_colour_the_screen_cannot_show_is_marked(judged, standard, imprint):
    bright = np.array(standard.reflectance_factor)
    bright[0] = np.where(standard.grid.wavelengths > 560, 1.6, 0.001)
    vivid = replace(standard, reflectance_factor=bright, readings=None, source=Source("vivid.csv", "cd" * 32, "table"))
    html = pages.vetting_page(judged(standard, vivid), imprint).html
    assert re.search(r'class="out" style="background:#[0-9a-f]{6}" title="sample [^"]*outside sRGB', html)
    assert "(outside sRGB)" in html


def test_everything_needed_to_repeat_a_verdict_is_on_its_page(rejected, imprint):
    text = words(pages.vetting_page(rejected, imprint))
    verdict = rejected.verdict
    for fact in (
        *verdict.inputs,
        rejected.standard.source.file_name,
        rejected.sample.instrument,
        verdict.geometry,
        verdict.wavelengths,
        verdict.tolerance.formula,
        verdict.tolerance.name,
        verdict.tolerance.source,
        *map(str, verdict.tolerance.viewings),
        *verdict.noise_source,
        f"{verdict.draws} draws, seed {rejected.seed}",
        f"colorlab {imprint.software}",
        rejected.record,
    ):
        assert fact in text, fact


def test_a_verdict_on_other_files_is_not_shown(rejected, standard, near, imprint):
    with pytest.raises(ReportError, match="other files"):
        pages.vetting_page(replace(rejected, sample=near), imprint)


def test_simulated_data_are_called_so_at_top_and_foot_in_both_languages(all_pages):
    for page in all_pages:
        text = words(page)
        assert text.count("Simulated data 模拟数据") == 2, page.file_name
        main = page.html.index("<main>")
        assert page.html.index("Simulated data") < main < page.html.rindex("Simulated data")


def test_measured_data_are_not_called_simulated(rejected, imprint):
    page = pages.vetting_page(rejected, replace(imprint, simulated=False))
    assert "imulated data" not in page.html
    assert "模拟" not in page.html


def test_every_page_says_lab_day_and_software(all_pages, imprint):
    for page in all_pages:
        footer = page.html[page.html.rindex("<footer>") :]
        assert imprint.lab in footer
        assert "as of 2026-11-20" in footer
        assert "colorlab 0.1.0" in footer


def test_pages_need_nothing_beside_them(all_pages):
    local = {page.file_name for page in all_pages}
    for page in all_pages:
        for tag, attributes in Reader(page.html).tags:
            assert tag not in ("script", "img", "iframe", "object", "embed", "base")
            assert not [name for name in attributes if name.startswith("on")]
            for name in ("src", "xlink:href"):
                assert attributes.get(name, "#").startswith(("#", "data:image/png;base64,"))
            if "href" in attributes:
                assert attributes["href"] in local | {"data:,"} or attributes["href"].startswith("#")
        assert not re.search(r"url\((?!#|data:)|@import", page.html)


def test_ids_are_unique_on_a_page_and_every_figure_has_words_for_those_who_cannot_see_it(all_pages):
    for page in all_pages:
        reader = Reader(page.html)
        assert len(reader.ids) == len(set(reader.ids)), page.file_name
        drawings = [attributes for tag, attributes in reader.tags if tag == "svg"]
        assert all(len(attributes["aria-label"]) > 10 for attributes in drawings)
        shown = [attributes for _, attributes in reader.tags if attributes.get("role") == "img"]
        assert all(attributes["aria-label"] for attributes in shown)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_only_text(name, rejected, submissions, panel_view, roadmap_view, recipe_view, imprint):
    colour = ColourName(name, name, name)
    lab = replace(imprint, lab=name)
    verdict = replace(rejected.verdict, sample=name, standard=name, remarks=(name,))
    ledger = replace(panel_view.ledger, panel=name)
    colours = (replace(roadmap_view.colours[0], code=name, names={"en": name, "zh": name}), *roadmap_view.colours[1:])
    first, *rest = roadmap_view.progress.standings
    progress = replace(roadmap_view.progress, standings=(replace(first, code=name), *rest))
    hostile = (
        pages.vetting_page(replace(rejected, colour=colour, supplier=name, verdict=verdict), lab),
        pages.submissions_page([replace(row, colour=colour, supplier=name) for row in submissions], lab),
        pages.panel_page(replace(panel_view, colour=colour, ledger=ledger), lab),
        pages.recipe_page(replace(recipe_view, colour=colour), lab),
        pages.roadmap_page(replace(roadmap_view, colours=colours, progress=progress), lab),
    )
    files = pages.finish(hostile)
    for content in files.values():
        reader = Reader(content.decode())
        assert name in "".join(reader.text)
        assert "49" not in re.findall(r"<h1>(.*?)</h1>", content.decode())
        assert not [tag for tag, attributes in reader.tags if tag in ("script", "img") or "onerror" in attributes]


def test_a_link_leads_to_a_page_of_the_folder_and_nowhere_else(submissions, imprint):
    for target in ("javascript:alert(1)", "https://example.org/x.html", "../x.html", "a/b.html", "X.HTML", ""):
        with pytest.raises(ReportError, match="not the name of a page"):
            local_page(target)
    with pytest.raises(ReportError):
        pages.submissions_page([replace(submissions[0], file_name="//evil.html")], imprint)
    with pytest.raises(ReportError):
        pages.submissions_page(submissions, replace(imprint, pages=(Link("x", "data:text/html"),)))


def test_file_names_are_plain_and_tell_colours_apart():
    assert pages.page_file_name("vetting", "AME-01 Lot 7") == "vetting-ame-01-lot-7.html"
    chinese = {pages.page_file_name("vetting", name) for name in ("紫水晶", "嫩芽黄", "Lot/7", "lot 7", "Lot_7")}
    assert len(chinese) == 5
    assert all(local_page(name) for name in chinese)


def test_finished_pages_hold_the_glyphs_of_every_page_and_the_same_bytes_each_time(all_pages):
    files = pages.finish(all_pages)
    assert files == pages.finish(all_pages)
    assert list(files) == [page.file_name for page in all_pages]
    for page in all_pages:
        content = files[page.file_name].decode()
        embedded = re.search(r'font-family:"Colorlab Sans".*?base64,([A-Za-z0-9+/=]+)', content)[1]
        cmap = TTFont(io.BytesIO(base64.b64decode(embedded))).getBestCmap()
        shown = set("".join(Reader(page.html).text)) - set("\n")
        assert {ord(character) for character in shown} <= set(cmap)


def test_rendering_again_gives_the_same_page(rejected, roadmap_view, panel_view, imprint):
    assert pages.vetting_page(rejected, imprint) == pages.vetting_page(rejected, imprint)
    assert pages.roadmap_page(roadmap_view, imprint) == pages.roadmap_page(roadmap_view, imprint)
    assert pages.panel_page(panel_view, imprint) == pages.panel_page(panel_view, imprint)


def test_a_character_no_font_has_is_named_on_the_page(rejected, imprint):
    page = pages.vetting_page(replace(rejected, supplier="Paint \N{GRINNING FACE} Ltd"), imprint)
    (content,) = pages.finish([page]).values()
    assert "Paint [U+1F600] Ltd" in content.decode()


def test_two_pages_of_one_name_are_refused(all_pages):
    with pytest.raises(ReportError, match="two pages"):
        pages.finish([all_pages[0], all_pages[0]])


def test_the_list_of_submissions_leads_to_each_verdict(submissions, imprint):
    page = pages.submissions_page(submissions, imprint, (FirstPassYield("BASF", 0, 1, (0.0, 0.79)),))
    reader = Reader(page.html)
    links = [attributes["href"] for tag, attributes in reader.tags if tag == "a"]
    assert {"vetting-ame-01.html", "vetting-ame-02.html"} <= set(links)
    body = [row for row in reader.rows if len(row) == 10 and row[0] != "Submitted"]
    assert [row[0] for row in body] == ["2026-02-27", "2026-03-20", "2026-03-22"]
    for row, submission in zip(body, submissions, strict=True):
        worst = submission.verdict.worst
        said = {"accept": "接受", "reject": "拒收", "undecided": "待定"}[submission.verdict.decision]
        assert row[2] == f"{submission.verdict.decision} {said}"
        assert [float(row[7]), float(row[8])] == [round(worst.delta_E, 2), round(worst.limit, 2)]
    assert "BASF 0 of 1" in words(page)


def test_a_lab_without_submissions_still_has_its_page(imprint):
    assert "0 verdicts on 0 colours" in words(pages.submissions_page([], imprint))


def test_the_latest_of_one_day_is_the_one_recorded_last(index_view, submissions, imprint):
    first = submissions[0]
    rows = tuple(replace(first, record=f"V-{number:06d}", file_name=f"v-{number}.html") for number in range(20))
    html = pages.index_page(replace(index_view, submissions=rows), imprint).html
    links = [attributes["href"] for tag, attributes in Reader(html).tags if tag == "a"]
    assert [link for link in links if link.startswith("v-")] == [f"v-{number}.html" for number in range(19, 7, -1)]


def test_the_recipe_page_holds_the_recipes_and_a_batch_that_adds_up(recipe_view, imprint):
    rows = Reader(pages.recipe_page(recipe_view, imprint).html).rows
    shown = recipe_view.ranking.matches
    ranked = [row for row in rows if len(row) == 12 and row[0] != "No."]
    assert len(ranked) == min(len(shown), 10)
    for row, one in zip(ranked, shown, strict=False):
        match = one.match
        assert int(row[1]) == one.place
        assert [float(cell) for cell in row[4:7]] == [round(float(v), 2) for v in match.delta_E_00.max(axis=0)]
        assert [float(cell) for cell in row[7:9]] == [round(float(v), 2) for v in match.metamerism.max(axis=0)]
        assert float(row[9]) == round(match.price_per_kg, 2)
        assert all(code in row[3] for code in match.recipe.colorants)
    sheet = [row for row in rows if len(row) == 5 and row[0] in shown[0].match.recipe.colorants]
    assert {row[0]: float(row[2]) for row in sheet} == {
        line.code: pytest.approx(line.mass_g, abs=0.005) for line in recipe_view.sheet.lines
    }
    assert float(sheet[-1][3]) == pytest.approx(1000.0, abs=1e-9)
    text = words(pages.recipe_page(recipe_view, imprint))
    assert f"{recipe_view.result.combinations_screened} combinations" in text
    assert recipe_view.target_source.sha256 in text


def test_the_batch_sheet_of_a_paint_that_hardly_needs_a_colorant_says_so(recipe_view, imprint):
    sheet = recipe_view.sheet
    spare = replace(sheet.lines[-1], less_g=float("inf"), more_g=3.0)
    view = replace(recipe_view, sheet=replace(sheet, lines=(*sheet.lines[:-1], spare)))
    text = words(pages.recipe_page(view, imprint))
    assert f"all of it / +{3:.{sheet.decimals}f}" in text
    assert "inf" not in text.split("Batch sheet")[1].split("What moves")[0]


def test_the_recipe_page_says_what_was_proved_and_what_the_spray_out_will_have(recipe_view, imprint):
    page = pages.recipe_page(recipe_view, imprint)
    text = words(page)
    assert recipe_view.certificate in text
    low, high = recipe_view.intervals[0]
    assert f"{low:.2f}–{high:.2f}" in text
    assert "simulated batches" in text
    without = replace(recipe_view, certificate="", intervals=None, clouds=())
    assert recipe_view.certificate not in words(pages.recipe_page(without, imprint))


def test_how_well_colorants_are_known_stands_beside_the_recipe(recipe_view, imprint):
    rows = Reader(pages.recipe_page(recipe_view, imprint).html).rows
    for quality in recipe_view.ladders:
        stated = [str(quality.panels_count), f"{quality.mean_delta_E_00:.2f}", f"{quality.max_delta_E_00:.2f}"]
        assert [row[2:5] for row in rows if len(row) == 6 and row[0] == quality.code] == [stated]


def test_the_panel_page_leads_with_the_verdict_and_its_reasons(panel_view, imprint):
    page = pages.panel_page(panel_view, imprint)
    text = words(page)
    assert panel_view.verdict.verdict == "RE-POLISH"
    assert text.index("RE-POLISH", text.index("limits:")) < text.index(panel_view.verdict.reasons[0])
    for reason in panel_view.verdict.reasons:
        assert reason in text
    assert page.html.count("data:image/png;base64,") >= 7, "photo, peel and gloss; peel and gloss of both rounds"
    assert "Marks: nib 1, scratch 1, hologram 1." in text
    assert "返抛" in text
    assert "0.1–0.3 mm is below two pixels" in text
    assert "fix the camera" in text


def test_the_polishing_rounds_are_those_of_the_ledger(panel_view, imprint):
    rows = Reader(pages.panel_page(panel_view, imprint).html).rows
    table = [row for row in rows if len(row) == 9 and row[0].isdigit()]
    limits = panel_view.verdict.limits.limits
    entries = [(entry, limit) for entry in panel_view.ledger.rounds for limit in limits]
    for row, (entry, limit) in zip(table, entries, strict=True):
        assert [row[0], row[2], row[5], row[6]] == [str(entry.number), limit.metric, limit.unit, f"≤ {limit.bound:g}"]
        assert float(row[3]) == pytest.approx(entry.metric(limit.metric).value, rel=5e-3)
    change = panel_view.verdict.changes[0]
    assert table[2][7:] == [f"{change.change_percent:+.1f}", change.word]


def test_a_panel_nobody_gave_limits_for_has_values_and_no_verdict(panel_view, imprint):
    bare = replace(panel_view, verdict=None, colour=None)
    page = pages.panel_page(bare, imprint)
    text = words(page)
    assert "NOT JUDGED 未判定" in text
    assert "No limits were given" in text
    assert "RE-POLISH" not in page.html[page.html.index("<body") :]


def test_a_panel_without_maps_or_measured_values_still_has_its_page(panel_view, imprint):
    from inspections.rounds import polishing
    from inspections.rounds.ledger import PolishingRound

    last = PolishingRound(4, (), panel_view.ledger.rounds[-1].findings)
    ledger = replace(panel_view.ledger, rounds=(*panel_view.ledger.rounds, last))
    verdict = polishing.judge(ledger, panel_view.verdict.limits)
    text = words(pages.panel_page(replace(panel_view, ledger=ledger, verdict=verdict, appearances={}), imprint))
    assert "RE-SHOOT" in text
    assert "not measured" in text


def test_the_roadmap_answers_released_due_and_late(roadmap_view, imprint):
    page = pages.roadmap_page(roadmap_view, imprint)
    progress, text = roadmap_view.progress, words(page)
    assert f"{progress.released_count} of 100 colours released" in text
    assert f"By the linear plan {progress.linear_plan_count:.1f}" in text
    assert f"Due by their own dates {progress.due_by_own_dates_count}" in text
    assert progress.late, "the sample programme must have a late colour"
    assert f"Late {len(progress.late)}" in text
    rows = Reader(page.html).rows
    late = [row for row in rows if len(row) == 7 and row[0] != "Colour"]
    assert [(row[1], int(row[4])) for row in late] == [(s.code, s.days_late) for s in progress.late]
    assert all(re.search(r"next is [a-z ]+", row[6]) for row in late)
    assert not any("an passed" in row[6] or "a accepted" in row[6] for row in late)
    everything = [row for row in rows if len(row) == 10 and row[0] != "Slot"]
    assert [row[3] for row in everything] == [colour.code for colour in roadmap_view.colours]
    assert everything[0][2] == "Amethyst 紫水晶"


def test_the_wall_has_a_tile_for_every_slot(roadmap_view, imprint):
    html = pages.roadmap_page(roadmap_view, imprint).html
    wall = html[html.index('<ol class="wall"') : html.index("</ol>")]
    assert wall.count("<li ") == 100
    assert wall.count('<li class="open') == 100 - len(roadmap_view.colours)
    released = sum(s.released and s.code in roadmap_view.paints for s in roadmap_view.progress.standings)
    assert wall.count('<li class="done') == released
    for code, lab in roadmap_view.paints.items():
        assert f"background:{swatch(lab).hex}" in wall, code


def test_a_progress_of_other_colours_is_not_shown(roadmap_view, imprint):
    with pytest.raises(ReportError, match="other colours"):
        pages.roadmap_page(replace(roadmap_view, colours=roadmap_view.colours[1:]), imprint)


def test_colours_without_a_slot_take_free_ones_and_retired_ones_none(roadmap_view):
    from colorlab.reports.roadmap import wall

    colours = tuple(replace(colour, slot=None) for colour in roadmap_view.colours)
    standings = list(roadmap_view.progress.standings)
    standings[1] = replace(standings[1], stage=Stage.RETIRED)
    view = replace(roadmap_view, colours=colours, progress=replace(roadmap_view.progress, standings=tuple(standings)))
    tiles = wall(view)
    assert len(tiles) == 100
    assert sum(tile["kind"] != "open" for tile in tiles) == len(colours) - 1


def test_the_index_leads_to_every_page(index_view, all_pages, imprint):
    links = {attributes["href"] for tag, attributes in Reader(all_pages[0].html).tags if tag == "a"}
    assert {page.file_name for page in all_pages} <= links
    text = words(all_pages[0])
    assert f"{index_view.roadmap.progress.released_count} of 100" in text
    assert "1 RE-POLISH" in text


def test_numbers_for_tables_have_one_spelling():
    assert fixed(-0.001) == "0.00"
    assert fixed(0.0, 2, signed=True) == "0.00"
    assert fixed(-0.516, 2, signed=True) == "-0.52"
    assert fixed(1.5, 1, signed=True) == "+1.5"
    assert fixed(None) == fixed(float("nan")) == ""
    assert [percent(share) for share in (0.004, 0.5, 0.999)] == ["below 1 %", "50 %", "above 99 %"]
    assert [probability(share) for share in (0.0, 0.5, 1.0)] == ["<0.1", "50.0", ">99.9"]
