"""Options of a match: they say what a rules file says, and go before it."""

import pytest

from colorlab.workflows.match_options import asked_for, numbers
from spectra.errors import FormulationError


def test_options_become_the_document_a_file_would_be():
    asked = asked_for(
        None,
        max_colorants=4,
        allowed=("C1", "C2"),
        required=("C1",),
        forbidden=("C3",),
        incompatible=("C1, C2",),
        doses=("C1=0.1..2", "C2 = 1 .. 5 %"),
        max_load=20,
        max_price=9.5,
        leftovers=("batch 12: W=90, C1=10g",),
        illuminants="D65/10, A/10",
        weights="3,1",
        formula="CMC(2:1)",
        film_um=30,
    )
    assert asked.document == {
        "max_colorants": 4,
        "allowed": ["C1", "C2"],
        "also_required": ["C1"],
        "forbidden": ["C3"],
        "incompatible": [["C1", "C2"]],
        "dose_percent": {"C1": [0.1, 2.0], "C2": [1.0, 5.0]},
        "greatest_load_percent": 20,
        "greatest_price_per_kg": 9.5,
        "leftover": [{"name": "batch 12", "masses_g": {"W": 90.0, "C1": 10.0}}],
        "objective": {
            "viewings": ["D65/10", "A/10"],
            "weights": [3.0, 1.0],
            "formula": "CMC(2:1)",
            "hiding": {"film_um": 30},
        },
    }


def test_options_go_before_the_file_and_add_to_its_lists(tmp_path):
    path = tmp_path / "rules.toml"
    path.write_text('max_colorants = 2\nforbidden = ["C9"]\n[dose_percent]\nC1 = [0, 3]\nC2 = [0, 4]\n')
    asked = asked_for(path, max_colorants=5, forbidden=("C3",), doses=("C1=1..2",))
    assert asked.file == "rules.toml"
    assert asked.document == {
        "max_colorants": 5,
        "forbidden": ["C9", "C3"],
        "dose_percent": {"C1": [1.0, 2.0], "C2": [0, 4]},
    }


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"doses": ("C1=a..2",)}, "--dose 'C1=a..2'; expected CODE=MIN..MAX"),
        ({"doses": ("C1=1...2.3.4",)}, "expected CODE=MIN..MAX"),
        ({"leftovers": ("W=90",)}, "expected a name and the masses in it"),
        ({"leftovers": ("b: W",)}, "expected a name and the masses in it"),
        ({"weights": "a"}, "--weights 'a'; expected numbers"),
    ],
)
def test_a_text_that_is_not_of_its_form_is_refused(options, said):
    with pytest.raises(FormulationError, match=said):
        asked_for(None, **options)


def test_numbers_are_read_as_a_person_types_them():
    assert numbers("--cielab", "52, -3.1,10") == [52.0, -3.1, 10.0]
