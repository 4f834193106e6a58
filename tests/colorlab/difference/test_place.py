"""Where a limit or a weight holds."""

import pytest

from colorlab.difference.place import ANY, angle_place, most_specific
from spectra.errors import ToleranceError


def test_an_angle_has_one_spelling():
    assert [angle_place(angle) for angle in (" r45AS-15 ", "45as15az0", "d/8 SCI", ANY)] == [
        "45as-15",
        "45as15",
        "d/8 SCI",
        ANY,
    ]


def test_an_angle_that_would_never_be_met_is_refused():
    with pytest.raises(ToleranceError, match="'face' is no angle pair"):
        angle_place("face")


def test_the_angle_counts_before_the_viewing():
    table = {(ANY, "A/10°"): "viewing", ("45as15", ANY): "angle"}
    assert most_specific(table, "45as15", "A/10°") == "angle"
    assert most_specific(table, "45as45", "A/10°") == "viewing"
    assert most_specific(table, "45as45", "D65/10°") is None
