"""A verdict in a notebook leads with the decision and the sentence, in both languages, and shows every condition."""

import numpy as np

from colorlab.notebook.cards import CARDS
from colorlab.tolerance.tolerance import DEFAULT
from colorlab.verdict.judge import judge
from colorlab.verdict.verdict import Verdict
from spectra.geometry import directional
from spectra.measurement import Measurement
from spectra.stated import Source
from spectra.wavelengths import WavelengthGrid

GRID = WavelengthGrid(400, 700, 10)
EVIL = "<script>lot</script>"


def panel(name, scale):
    spectra = scale * np.linspace(0.2, 0.5, 31) * np.array([[1.5], [1.0], [0.6]])
    source = Source("panel.csv", "0" * 64, "table")
    return Measurement(name, spectra, GRID, directional(["45as15", "45as45", "45as110"]), source=source)


def test_a_verdict_shows_itself_with_its_sentence_and_every_condition():
    verdict = judge(panel("master", 1.0), panel(EVIL, 0.9), DEFAULT)
    card = CARDS[Verdict](verdict)
    assert card.index("Reject: ") < card.index("<table>")
    assert "拒收" in card
    assert card.count("<tr>") == 1 + len(verdict.conditions)
    assert card.count('class="chip') == 2 * 3 + 3  # a pair an angle under daylight, and the holder of each
    assert EVIL not in card


def test_an_undecided_verdict_says_what_would_decide():
    verdict = judge(panel("master", 1.0), panel("lot", 0.966), DEFAULT)
    assert verdict.decision == "undecided"
    assert verdict.remedy.sentence in CARDS[Verdict](verdict)
