"""The page of a verdict says all that the verdict says, in both languages, and draws what an old record lacks not."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from colorlab.control.explain.words import sentence
from colorlab.reports import pages
from colorlab.reports.rule import rule_line
from colorlab.tolerance.tolerance import RULES
from colorlab.verdict.remedy import Remedy


class Rows(HTMLParser):
    """Cells of all tables, and the text."""

    def __init__(self, html):
        super().__init__()
        self.rows, self.said, self.cell = [], [], None
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.cell = []

    def handle_endtag(self, tag):
        if tag in ("td", "th"):
            self.rows[-1].append(" ".join("".join(self.cell).split()))
            self.cell = None

    def handle_data(self, data):
        self.said.append(data)
        if self.cell is not None:
            self.cell.append(data)


def words(page):
    return " ".join(" ".join(Rows(page.html).said).split())


@pytest.mark.parametrize(("decision", "said"), [("accept", "接受"), ("reject", "拒收"), ("undecided", "待定")])
def test_the_decision_is_said_in_both_languages(rejected, imprint, decision, said):
    page = pages.vetting_page(replace(rejected, verdict=replace(rejected.verdict, decision=decision)), imprint)
    assert f'{decision.capitalize()} <span lang="zh">{said}</span>' in page.html


def test_the_sentence_leads_in_both_languages(rejected, imprint):
    text = words(pages.vetting_page(rejected, imprint))
    assert text.index(rejected.verdict.sentence) < text.index(" ".join(rejected.verdict.sentence_zh.split()))
    assert text.index(" ".join(rejected.verdict.sentence_zh.split())) < text.index("Spectra at each angle")


def test_an_undecided_verdict_says_what_would_decide_it(everything, imprint):
    verdict = replace(everything.verdict, remedy=Remedy("readings of the sample", 9, None, None, "accept"))
    text = words(pages.vetting_page(replace(everything, verdict=verdict), imprint))
    assert verdict.remedy.sentence in text
    assert verdict.remedy.sentence_zh in text


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_is_told_in_one_line(rejected, rule):
    verdict = replace(rejected.verdict, tolerance=replace(rejected.verdict.tolerance, rule=rule, confidence=0.975))
    line = rule_line(verdict)
    assert ("97.5 %" in line) == (rule != "simple")
    assert "{" not in line
    assert len({rule_line(replace(verdict, tolerance=replace(verdict.tolerance, rule=one))) for one in RULES}) == 4
    chinese = rule_line(verdict, "zh")
    assert ("97.5 %" in chinese) == (rule != "simple")
    assert "{" not in chinese


def test_the_rule_stands_on_the_page_in_both_languages(rejected, imprint):
    text = words(pages.vetting_page(rejected, imprint))
    assert f"Rule {rule_line(rejected.verdict)}. {rule_line(rejected.verdict, 'zh')}。" in text


def test_an_uncertainty_that_nobody_measured_is_marked(judged, standard, near, imprint):
    once = [replace(side, readings=None) for side in (standard, near)]
    text = words(pages.vetting_page(judged(*once), imprint))
    assert "Assumed, not measured The uncertainty of the standard and the sample" in text
    assert "不确定度为假定值" in text
    assert "1 reading; declared default" in text


def test_an_uncertainty_from_readings_is_not_marked(rejected, imprint):
    text = words(pages.vetting_page(rejected, imprint))
    assert rejected.verdict.noise_kind == ("replicates", "replicates")
    assert "ssumed, not measured" not in text
    assert "3 readings; replicates" in text


def test_checks_textures_and_other_lights_have_their_tables(everything, imprint):
    verdict, rows = everything.verdict, Rows(pages.vetting_page(everything, imprint).html).rows
    for check in verdict.checks:
        (row,) = [row for row in rows if row and row[0] == check.name]
        assert [float(cell) for cell in row[1:6]] == [
            round(value, 2) for value in (check.value, check.corrected, *check.interval, check.limit)
        ]
    (grain,) = [row for row in rows if row and row[0] == "graininess"]
    assert grain[2:6] == ["4.10", "4.60", "+0.50", "0.60"]
    (sparkle,) = [row for row in rows if row and row[0] == "sparkle"]
    assert "which version" in sparkle[-1]
    text = words(pages.vetting_page(everything, imprint))
    assert f"compared on one device only: standard {everything.standard.instrument}" in text
    for one in verdict.metamerism:
        *_, row = [row for row in rows if len(row) == 5 and row[0] == one.angle]  # the plane’s rows stand before
        assert [float(cell) for cell in row[1:3]] == [round(one.index, 2), round(one.index_corrected, 2)]


def test_a_check_that_takes_more_of_its_limit_than_any_colour_stands_in_the_lead(everything, rejected, imprint):
    worst = replace(everything.verdict.checks[-1], value=9.0)
    verdict = replace(everything.verdict, checks=(everything.verdict.checks[0], worst))
    text = words(pages.vetting_page(replace(everything, verdict=verdict), imprint))
    assert f"Greatest share of its limit 9.00 limit {worst.limit:.2f} ΔE {worst.name}" in text
    assert "Greatest share of its limit" not in words(pages.vetting_page(rejected, imprint))


def test_a_scheme_is_named_with_its_source_and_is_no_delta_E(everything, imprint):
    page = pages.vetting_page(everything, imprint)
    assert "House scheme 3, as stated by colour office, memo 12; not verified" in words(page)
    assert "House scheme 3 [1 on the surface of its form]" in page.html
    assert "ΔE against its limits" not in page.html


def test_each_angle_has_its_section_and_the_worst_condition_three(rejected, imprint):
    html = pages.vetting_page(rejected, imprint).html
    described = re.findall(r'aria-label="(Tolerance at [^"]*)"', html)
    worst = [one for one in described if str(rejected.verdict.worst.viewing) in one.split(" in the plane")[0]]
    assert len(described) == 3 + 2 * 5
    assert len(worst) >= 3
    assert html.count('stroke-linecap="round"') >= 3, "the cloud of each large section"


def test_a_submission_in_a_history_is_charted_and_marked(everything, rejected, imprint):
    text = words(pages.vetting_page(everything, imprint))
    assert everything.sameness in text
    assert "V-000004 is this page’s" in text
    assert "Same as last time?" not in words(pages.vetting_page(rejected, imprint))


def test_a_first_submission_says_so_without_a_chart(everything, imprint):
    first = replace(everything, history=everything.history[:1], sameness="First submission of AME-01 by BASF.")
    page = pages.vetting_page(first, imprint)
    assert "First submission of AME-01 by BASF." in words(page)
    assert "submissions as share of their limit" not in page.html


def test_a_verdict_that_a_later_one_replaced_says_so(everything, imprint):
    assert "replaced by a later one" in words(pages.vetting_page(replace(everything, in_history=""), imprint))


def test_why_a_batch_is_off_is_said_in_both_languages_with_its_figure(explained, rejected, imprint):
    page = pages.vetting_page(explained, imprint)
    text = words(page)
    for language in ("en", "zh"):
        assert " ".join(sentence(explained.explanation, language).split()) in text
    assert "Recipe “RED-03”" in text
    assert "Why is it off" not in words(pages.vetting_page(rejected, imprint))


def test_what_a_verdict_rests_on_is_named(everything, imprint):
    text = words(pages.vetting_page(everything, imprint))
    for fact in (*everything.layers, "ab" * 32, "machine x86_64"):
        assert fact in text


def test_a_record_of_an_earlier_release_still_has_its_page(recorded_earlier, imprint):
    page = pages.vetting_page(recorded_earlier, imprint)
    text = words(page)
    assert recorded_earlier.verdict.sentence in text
    for absent in ("Under other lights", "Texture", "Tested beside them", "What would decide it"):
        assert absent not in text
    assert "draws of the true difference" in text, "the covariance is computed again from the noise it states"


def test_the_same_verdict_gives_the_same_bytes(everything, imprint):
    assert pages.vetting_page(everything, imprint) == pages.vetting_page(everything, imprint)
