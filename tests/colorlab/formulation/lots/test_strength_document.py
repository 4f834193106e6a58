"""Strengths of lots as a document: read back to the same, and refused when damaged."""

import json

import numpy as np
import pytest

from colorlab.formulation.lot_strength import Contradiction, LotStrengths
from colorlab.formulation.lots.strength_document import read_strengths, write_strengths
from spectra.errors import MalformedFileError

LEARNED = LotStrengths(
    "pastes",
    "第 12 周",
    "W",
    ("W", "K"),
    np.array([0.0, 1 / 3]),
    np.array([[0.0, 0.0], [0.0, 0.1 / 3]]),
    (False, True),
    0.01,
    1.3,
    ("batch 1", "batch 2"),
    (Contradiction("batch 2", 1.1, 0.2, "K", "B", 0.3), Contradiction("batch 1", 0.9, 0.2)),
)


def test_strengths_read_back_to_the_same():
    content = write_strengths(LEARNED)
    again = read_strengths(content, "lots.json")
    assert write_strengths(again) == content
    assert again.factors == LEARNED.factors
    assert again.interval("K") == LEARNED.interval("K")
    assert (again.lot, again.panels, again.told) == (LEARNED.lot, LEARNED.panels, LEARNED.told)
    assert again.contradictions[0] == LEARNED.contradictions[0]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"kind": "colorlab colorant set"}, "not strengths of lots"),
        ({"version": 2}, "version 2"),
        ({"ln_factor": [0.0]}, "do not fit"),
        ({"covariance": "wide"}, "wrong kind"),
        ({"base": "X"}, "'X'"),
        ({"lot": 12}, "wrong kind"),
        ({"dosing": None}, "wrong kind"),
        ({"contradictions": [{}]}, "key panel"),
    ],
)
def test_a_damaged_document_is_refused_in_words(change, said):
    document = json.loads(write_strengths(LEARNED)) | change
    with pytest.raises(MalformedFileError, match=said):
        read_strengths(json.dumps(document).encode(), "lots.json")


def test_what_is_missing_is_named():
    document = json.loads(write_strengths(LEARNED))
    del document["colorants"]
    with pytest.raises(MalformedFileError, match="key colorants: missing"):
        read_strengths(json.dumps(document).encode(), "lots.json")
    with pytest.raises(MalformedFileError, match="not JSON"):
        read_strengths(b"{", "lots.json")
