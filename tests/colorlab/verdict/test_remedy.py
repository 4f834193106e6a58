"""What is said to decide does decide, and nothing less would."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from colorlab.colorimetry.tristimulus import spectra_to_lab
from colorlab.colorimetry.viewing import D65_10
from colorlab.difference.standard import delta_E
from colorlab.tolerance.tolerance import Limit, Tolerance
from colorlab.uncertainty.noise import ReflectanceNoise
from colorlab.verdict.judge import judge
from colorlab.verdict.remedy import FACTORS, FEW, NOTHING_HELPS, TIMES, Remedy, remedies
from spectra.geometry import D8_SCI
from spectra.measurement import Measurement
from spectra.stated import Source
from spectra.wavelengths import WavelengthGrid

GRID = WavelengthGrid(400, 700, 10)
PAINT = 0.25 + 0.2 * np.sin((GRID.wavelengths - 430) / 70)
NOISE = ReflectanceNoise(0.004, 0.0002, 0.0, 80.0, "simulated")
TOLERANCE = Tolerance("t", "CIEDE2000", (D65_10,), (Limit(1.0),))


class Pair:
    """Stands for a prepared pair; its case is its variance."""

    def __init__(self, of_sample, of_standard, systematic, n_sample=1, n_standard=1):
        self.parts = of_sample, of_standard, systematic
        self.sample = SimpleNamespace(known=SimpleNamespace(n_readings=n_sample))
        self.standard = SimpleNamespace(known=SimpleNamespace(n_readings=n_standard))

    def case(self, more_standard=1.0, more_sample=1.0, factor=1.0):
        of_sample, of_standard, systematic = self.parts
        n_sample = round(self.sample.known.n_readings * more_sample)
        n_standard = round(self.standard.known.n_readings * more_standard)
        return factor**2 * (of_sample / n_sample + of_standard / n_standard + systematic)


def below(limit):
    return lambda _places, cases: ["accept" if case < limit else "undecided" for case in cases]


variances = st.floats(0.01, 4.0)


@given(variances, variances, st.floats(0, 1), st.integers(1, 3), st.floats(0.001, 4.0))
def test_the_cheapest_means_is_found_and_of_it_the_least_that_decides(sample, standard, systematic, n, limit):
    pair = Pair(sample, standard, systematic, n)
    (found,) = remedies([pair], below(limit))

    def least(ladder, variance):
        return next((rung for rung, one in zip(ladder, variance, strict=True) if one < limit), None)

    alone = least(TIMES, [pair.case(more_sample=times) for times in TIMES])
    both = least(TIMES, [pair.case(times, times) for times in TIMES])
    factor = least(FACTORS, [pair.case(factor=one) for one in FACTORS])
    asked = {}
    if alone is not None:
        asked["readings of the sample"] = n * alone + 1
    if both is not None and (alone is None or n * alone > FEW):
        asked["readings of both"] = n * both + both
    if asked:
        assert found.means == min(asked, key=asked.get)
        assert found.n_sample + (found.n_standard or 1) == asked[found.means]
    elif factor is not None:
        assert (found.means, found.factor) == ("instrument", factor)
    else:
        assert found == NOTHING_HELPS


@given(st.lists(st.tuples(variances, variances), min_size=1, max_size=6), st.floats(0.01, 2.0))
def test_several_pairs_get_what_each_gets_alone(pairs, limit):
    all_of_them = [Pair(*variance, 0.1) for variance in pairs]
    alone = [remedies([one], below(limit))[0] for one in all_of_them]
    assert remedies(all_of_them, below(limit)) == alone


def measured(name, spectrum, n_readings):
    """A mean of readings that are so far apart as the noise says, and whose mean is the spectrum."""
    if n_readings == 1:
        return Measurement(name, spectrum[None], GRID, D8_SCI, source=Source("panel", "0" * 64, "table"))
    apart = np.random.default_rng(3).standard_normal((n_readings, 1, 1)) * 0.004 * spectrum
    readings = spectrum + apart - apart.mean(axis=0)
    return Measurement(
        name, readings.mean(axis=0), GRID, D8_SCI, readings=readings, source=Source("panel", "0" * 64, "table")
    )


def darker_by(difference):
    """The paint so much darker."""
    low, high = 0.8, 1.0
    for _ in range(40):
        scale = (low + high) / 2
        off = float(delta_E(*(spectra_to_lab(one * PAINT, GRID, D65_10) for one in (1, scale))))
        low, high = (scale, high) if off > difference else (low, scale)
    return low * PAINT


@pytest.mark.parametrize(("difference", "decision"), [(0.86, "accept"), (0.9, "accept"), (1.15, "reject")])
def test_taking_the_readings_that_a_remedy_asks_for_decides(difference, decision):
    sample = darker_by(difference)
    verdict = judge(measured("S", PAINT, 1), measured("P", sample, 1), TOLERANCE, NOISE)
    assert verdict.decision == "undecided"
    remedy = verdict.remedy
    assert remedy.decision == decision
    n_standard = remedy.n_standard or 1
    again = judge(measured("S", PAINT, n_standard), measured("P", sample, remedy.n_sample), TOLERANCE, NOISE)
    assert again.decision == decision


def test_what_is_decided_needs_no_remedy():
    assert judge(measured("S", PAINT, 1), measured("P", PAINT, 1), TOLERANCE, NOISE).remedy is None


@pytest.mark.parametrize(
    ("remedy", "english", "chinese"),
    [
        (
            Remedy("readings of the sample", 4, None, None, "accept"),
            "About 4 readings of the sample in all would accept",
            "4 次",
        ),
        (Remedy("readings of both", 6, 3, None, "reject"), "6 readings of the sample and 3 of the standard", "拒收"),
        (Remedy("instrument", None, None, 0.5, "accept"), "More readings will not decide; 0.5 times", "0.5 倍"),
        (NOTHING_HELPS, "Neither twenty times the readings", "二十倍"),
    ],
)
def test_a_remedy_says_what_to_do_and_is_read_back_as_written(remedy, english, chinese):
    assert english in remedy.sentence
    assert chinese in remedy.sentence_zh
    assert Remedy.from_dict(remedy.as_dict()) == remedy
