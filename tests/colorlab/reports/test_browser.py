"""Every page in a real browser, at a desk, on a tablet and on a phone, by day and by night."""

import shutil

import pytest

from colorlab.reports import pages

WIDTHS = (1440, 1200, 820, 390)
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
]
# Contrast of every text against the page behind it, WCAG 2.2, 1.4.3; texts on swatches do not exist.
CONTRAST = """() => {
  const rgb = c => c.match(/[\\d.]+/g).map(Number);
  const part = v => { v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; };
  const light = ([r, g, b]) => 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
  const behind = e => { for (; e; e = e.parentElement) {
    const c = rgb(getComputedStyle(e).backgroundColor);
    if (c.length < 4 || c[3] > 0.99) return c; } return [255, 255, 255]; };
  const poor = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let n = walk.nextNode(); n; n = walk.nextNode()) {
    const e = n.parentElement;
    if (!n.textContent.trim() || ["STYLE", "TITLE"].includes(e.tagName)) continue;
    const style = getComputedStyle(e), back = behind(e);
    let text = rgb(e.closest("svg") ? style.fill : style.color), opacity = 1;
    for (let p = e; p; p = p.parentElement) opacity *= Number(getComputedStyle(p).opacity);
    text = text.slice(0, 3).map((v, i) => v * opacity + back[i] * (1 - opacity));
    const [a, b] = [light(text), light(back)].sort((x, y) => y - x);
    if ((a + 0.05) / (b + 0.05) < 4.5) poor.push(n.textContent.trim().slice(0, 40));
  }
  return poor;
}"""


@pytest.fixture(scope="module")
def browser():
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("no chromium on this machine; on Debian: apt install chromium")
    with playwright.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory, all_pages):
    place = tmp_path_factory.mktemp("report")
    for name, content in pages.finish(all_pages).items():
        (place / name).write_bytes(content)
    return place


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_fit_speak_chinese_and_stay_silent(browser, folder, scheme):
    context = browser.new_context(color_scheme=scheme)
    page = context.new_page()
    said, asked = [], []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    files = sorted(folder.glob("*.html"))
    assert len(files) == 7
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 1180})
        for file in files:
            page.goto(file.as_uri())
            page.evaluate("document.fonts.ready")
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (file.name, width)
            loaded = page.evaluate("[...document.fonts].filter(f => f.status == 'loaded').map(f => f.family)")
            assert any("Colorlab Sans" in family for family in loaded), file.name
            assert page.evaluate("document.fonts.check('16px \"Colorlab Sans\"', '模拟数据紫水晶')"), file.name
            assert page.evaluate(CONTRAST) == [], (file.name, scheme)
    context.close()
    assert said == []
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_verdicts_fit_a_phone_and_what_is_wide_scrolls_within_itself(browser, tmp_path, verdict_pages, scheme):
    context = browser.new_context(color_scheme=scheme, viewport={"width": 390, "height": 844})
    page = context.new_page()
    for name, content in pages.finish(verdict_pages).items():
        (tmp_path / name).write_bytes(content)
        page.goto((tmp_path / name).as_uri())
        page.evaluate("document.fonts.ready")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, name
        wider = "[...document.querySelectorAll('.scroll')].filter(e => e.scrollWidth > e.clientWidth).length"
        assert page.evaluate(wider) >= 3
        beyond = (
            "[...document.querySelectorAll('table, svg.figure, li, p')].filter(e => !e.closest('.scroll') && "
            "e.getBoundingClientRect().right > 390.5).map(e => e.outerHTML.slice(0, 80))"
        )
        assert page.evaluate(beyond) == []
        assert page.evaluate(CONTRAST) == [], name
    context.close()


def test_what_is_cut_off_on_a_phone_says_so_and_what_fits_does_not(browser, folder):
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.goto((folder / "roadmap.html").as_uri())
    found = page.evaluate(
        "[...document.querySelectorAll('.scroll')].map(e => [e.scrollWidth > e.clientWidth, "
        "parseFloat(getComputedStyle(e, '::before').height) > 0])"
    )
    page.close()
    assert {wider for wider, _ in found} == {True, False}
    assert all(wider == said for wider, said in found)


def test_the_bars_show_every_limit_on_a_phone(browser, folder):
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.goto((folder / "vetting-ame-01.html").as_uri())
    right = "document.querySelector('svg[aria-label^=\"Colour differences\"]').getBoundingClientRect().right"
    assert page.evaluate(right) <= 390
    page.close()


def test_chinese_punctuation_is_as_wide_as_a_character(browser, folder):
    page = browser.new_page()
    page.goto((folder / "vetting-ame-01.html").as_uri())
    page.evaluate("document.fonts.ready")
    width = """text => { const e = document.querySelector('.sentence[lang=zh]'); e.style.display = 'inline-block';
      e.textContent = text; return e.getBoundingClientRect().width; }"""
    sizes = [page.evaluate(width, letter * 4) for letter in "合，。：；"]
    page.close()
    assert sizes == pytest.approx([sizes[0]] * 5)


def test_chinese_is_drawn_with_the_pages_own_glyphs(browser, folder):
    """A character drawn by the embedded font differs from the box that a font without it draws."""
    page = browser.new_page()
    page.goto((folder / "vetting-ame-01.html").as_uri())
    page.evaluate("document.fonts.ready")
    session = page.context.new_cdp_session(page)
    session.send("DOM.enable")
    session.send("CSS.enable")
    root = session.send("DOM.getDocument")["root"]["nodeId"]
    node = session.send("DOM.querySelector", {"nodeId": root, "selector": "h1 [lang=zh]"})["nodeId"]
    used = session.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"]
    page.close()
    assert [(font["familyName"], font["isCustomFont"], font["glyphCount"]) for font in used] == [
        ("Noto Sans SC", True, 3)
    ]
