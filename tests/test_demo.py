"""The main job: the demonstration runs end to end, repeats itself, says it is simulated, and its pages can be seen."""

import json
import re
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from html.parser import HTMLParser
from pathlib import Path

import pytest

from colorlab.demo.panels import PANEL
from colorlab.workflows.demo import AS_OF
from colorlab.workflows.lab import check_lab
from spectra.formats.registry import detect_format

SCRIPT = Path(sys.executable).with_name("colorlab")
BROWSER = shutil.which("chromium") or shutil.which("chromium-browser")
BROWSER_ARGUMENTS = (
    *("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
)
WIDTHS = {"desktop": (1440, 1000), "tablet": (820, 1180)}


def run_demo(folder, *arguments):
    done = subprocess.run([SCRIPT, "demo", folder, "--json", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """The folder and the answer of one demonstration."""
    folder = tmp_path_factory.mktemp("demo") / "lab of paint 紫"
    return folder, run_demo(folder)


@pytest.fixture(scope="module")
def pages(demo):
    """Report pages by file name."""
    return {path.name: path.read_text(encoding="utf-8") for path in sorted((demo[0] / "report").glob("*.html"))}


class Links(HTMLParser):
    """Targets of the links of a page."""

    def __init__(self, page):
        super().__init__()
        self.found = set()
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        target = dict(attrs).get("href")
        if tag == "a" and target:
            self.found.add(target.split("#")[0])


def test_the_answer_says_what_was_done(demo):
    _, answer = demo
    assert answer["simulated"] is True
    assert answer["files_imported"] == sum(answer["verdicts"].values()) >= 40
    assert set(answer["verdicts"]) == {"accept", "reject", "undecided"}
    assert 25 <= answer["colours_released"] < 46
    assert answer["panel_verdict"] == "PASS"


def test_supplier_files_are_real_formats(demo):
    found = {
        detect_format(path.read_bytes(), path.name)
        for path in (demo[0] / "incoming").iterdir()
        if "submission" in path.name
    }
    assert found == {"qtx", "xrite-ma", "table"}


def test_the_laboratory_is_whole(demo):
    check = check_lab(demo[0] / "lab")
    assert check.clean
    assert check.records["verdicts"] == sum(demo[1]["verdicts"].values())
    assert check.records["colours"] == 100
    assert check.records["captures"] == 6


def test_nothing_entered_a_gate_unseen(demo):
    """Every colour approved shows an accepted verdict; every appearance approved a passed panel, or a reason."""
    with closing(sqlite3.connect(demo[0] / "lab" / "lab.sqlite")) as records:
        events = records.execute("select colour, stage, evidence, override_reason from stage_events").fetchall()
    approved = [evidence for _, stage, evidence, _ in events if stage == "colour_approved"]
    assert len(approved) > 30
    assert all('"V-' in evidence for evidence in approved)
    for colour, stage, evidence, reason in events:
        if stage == "appearance_approved":
            assert ('"P-' in evidence) if colour == "AME" else reason


def test_the_index_leads_to_a_vetting_a_recipe_a_panel_and_a_roadmap_page(pages):
    links = Links(pages["index.html"]).found
    for kind in ("vetting-", "recipe-", "panel-", "roadmap"):
        assert any(link.startswith(kind) for link in links), kind
    for name, page in pages.items():
        for link in Links(page).found:
            assert link in pages, f"{name} leads to {link}, which is not there"


def test_every_page_says_that_its_data_are_simulated(pages):
    for name, page in pages.items():
        assert "Simulated data" in page, name
        assert "模拟数据" in page, name


def test_the_panels_of_the_launch_colour_tell_their_rounds(pages):
    page = pages[f"panel-{PANEL.lower()}.html"]
    assert "PASS" in page
    assert "紫水晶" in page
    assert len(re.findall(r"540 min", page)) >= 5


def test_what_was_computed_again_for_the_pages_is_what_was_recorded(pages):
    assert [name for name, page in pages.items() if "differs from" in page] == []


def test_the_roadmap_counts_what_the_laboratory_holds(demo, pages):
    assert f"{demo[1]['colours_released']} of 100" in re.sub(r"<[^>]+>", "", pages["roadmap.html"])
    for name in ("紫水晶", "嫩芽黄", "竞速红", "暮光玫瑰", "流金粉 哑光"):
        assert name in pages["roadmap.html"]


def test_the_same_seed_gives_the_same_files_and_pages_again(demo, tmp_path):
    """Run again elsewhere, over a copy of the first that was meddled with: the bytes are those of the first."""
    again = tmp_path / "again"
    # SQLite's side files come and go with the connections of other tests.
    shutil.copytree(demo[0], again, ignore=shutil.ignore_patterns("*.sqlite-*"))
    (again / "report" / "vetting-v-999999.html").write_text("of another report")
    (again / "incoming" / "colours.csv").write_text("of another programme")
    run_demo(again)
    for part in ("report", "incoming"):
        ours = {path.relative_to(demo[0]): path.read_bytes() for path in (demo[0] / part).rglob("*") if path.is_file()}
        theirs = {path.relative_to(again): path.read_bytes() for path in (again / part).rglob("*") if path.is_file()}
        assert ours.keys() == theirs.keys()
        assert [str(name) for name in ours if ours[name] != theirs[name]] == []


def test_a_report_can_be_written_again_for_an_earlier_day(demo, tmp_path):
    done = subprocess.run(
        [SCRIPT, "report", demo[0] / "lab", "--output", tmp_path / "then", "--as-of", "2026-03-01"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    roadmap = (tmp_path / "then" / "roadmap.html").read_text(encoding="utf-8")
    assert "2026-03-01" in roadmap
    assert str(AS_OF) not in roadmap
    assert len(list((tmp_path / "then").glob("vetting-*"))) < len(list((demo[0] / "report").glob("vetting-*")))


@pytest.mark.skipif(BROWSER is None, reason="no chromium on this machine; install Debian's package chromium")
@pytest.mark.parametrize("width", WIDTHS)
def test_the_pages_fit_a_screen_and_show_chinese_in_a_real_browser(demo, width):
    from playwright.sync_api import sync_playwright

    report = demo[0] / "report"
    names = ["index.html", "roadmap.html", "submissions.html", *(p.name for p in report.glob("recipe-*"))]
    names += [path.name for path in report.glob("panel-*")] + ["vetting-v-000001.html", "vetting-v-000002.html"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=BROWSER, args=list(BROWSER_ARGUMENTS))
        for name in names:
            page = browser.new_page(viewport=dict(zip(("width", "height"), WIDTHS[width], strict=True)))
            talk, requests = [], []
            page.on("console", lambda message, talk=talk: talk.append(message.text))
            page.on("request", lambda request, requests=requests: requests.append(request.url))
            page.goto((report / name).as_uri())
            page.wait_for_function("document.fonts.status === 'loaded'")
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), f"{name} overflows"
            assert page.evaluate("[...document.fonts].some(face => face.status === 'loaded')"), name
            assert talk == []
            assert [url for url in requests if not url.startswith(("file:", "data:"))] == []
            page.close()
        browser.close()
