"""Takes the README's picture: the top of a vetting page of the demonstration's report, in a real browser.

Run `make demo`, then `.venv/bin/python docs/images/take.py colorlab-demo/report`; needs Debian's chromium.
"""

import io
import shutil
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

PAGE = "vetting-v-000003.html"
WIDTH, HEIGHT, SCALE = 1280, 1000, 1.5

report = Path(sys.argv[1]).resolve()
with sync_playwright() as playwright:
    arguments = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
    browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=arguments)
    page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, device_scale_factor=SCALE)
    page.goto((report / PAGE).as_uri())
    page.wait_for_function("document.fonts.status === 'loaded'")
    picture = Image.open(io.BytesIO(page.screenshot()))
    browser.close()
# 256 colours keep the swatches within a unit of sRGB and the file small.
picture.convert("RGB").quantize(256, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(
    Path(__file__).with_name("vetting.png"), optimize=True
)
