"""Our own JSON documents: what is wrong with one is said with the place and the remedy."""

import json

import pytest

from colorlab.json_document import JsonKind
from spectra.errors import FormulationError, MalformedFileError

CARD = JsonKind("colorlab card", 2, "a card", "Make one with `colorlab card`")


def test_a_document_opens_with_its_head():
    assert CARD.opened(json.dumps(CARD.head | {"gloss": 85}).encode(), "c.json")["gloss"] == 85


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"{", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"[]", "not a card"),
        (b'{"kind": "colorlab tolerance", "version": 2}', "kind = 'colorlab card'"),
        (b'{"kind": "colorlab card", "version": 1}', "version 1"),
    ],
)
def test_another_document_is_refused(content, said):
    with pytest.raises(MalformedFileError, match=said):
        CARD.opened(content, "c.json")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (lambda: {}["gloss"], "key gloss"),
        (lambda: float("matt"), "of the wrong kind"),
        (lambda: [][0], "of the wrong kind"),
        (lambda: _refuse(), "no such paint"),
    ],
)
def test_a_value_that_does_not_fit_is_told_with_the_remedy(wrong, said):
    with pytest.raises(MalformedFileError, match=said) as told, CARD.values_of("c.json"):
        wrong()
    assert "colorlab card" in str(told.value)


def _refuse():
    raise FormulationError("no such paint")
