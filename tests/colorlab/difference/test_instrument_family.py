"""A family is a manufacturer and a model; a serial number is none, and what is not known is not guessed."""

import pytest

from colorlab.difference.instrument_family import InstrumentFamily, instrument_family


@pytest.mark.parametrize(
    ("line", "family"),
    [
        ("X-Rite MA-T12 1234", "X-Rite MA-T12"),
        ("MA-T12, serial number 000123", "X-Rite MA-T12"),
        ("MA98 S/N 771", "X-Rite MA98"),
        ("BYK-mac i", "BYK-mac i"),
        ("BYK-Gardner BYK-mac i 1290123", "BYK-mac i"),
        ("BYK-mac 1160044", "BYK-mac"),
        ("Konica Minolta CM-M6", "Konica Minolta CM-M6"),
        ("CM-700d", "Konica Minolta CM-700d"),
        ("CM3700D", "Konica Minolta CM-3700d"),
        ("CM-512m3A", "Konica Minolta CM-512m3A"),
        ("Datacolor SF600, serial number 6120", "Datacolor SF600"),
        ("SpectraFlash SF600, serial number 1333", "Datacolor SF600"),
        ("SF600 plus", "Datacolor SF600 PLUS"),
        ("SP62", "X-Rite SP62"),
        ("Maker Model 3, serial number 0042", "Maker Model 3"),
    ],
)
def test_a_line_names_its_family(line, family):
    assert str(instrument_family(line)) == family


def test_units_of_one_model_are_one_family_and_its_neighbours_are_not():
    assert instrument_family("MA-T12, serial number 1") == instrument_family("X-Rite MA-T12 2")
    assert instrument_family("MA-T12") != instrument_family("MA-T6")
    assert instrument_family("BYK-mac i") != instrument_family("BYK-mac")
    assert instrument_family("CM-3600d") != instrument_family("CM-3600A")


@pytest.mark.parametrize("line", [None, "", "A photometer", "gonio 7", "MA-Tx", "MA-T123", "SP62 and MA-T12", "1234"])
def test_what_names_no_model_or_two_is_not_known(line):
    assert instrument_family(line) is None


def test_a_file_that_says_where_its_serial_number_begins_is_taken_at_its_word():
    assert instrument_family("Goniospektrometer Z, S/N 7") == InstrumentFamily("", "Goniospektrometer Z")
    assert instrument_family("Goniospektrometer Z 7") is None
