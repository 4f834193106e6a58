"""What is typed, or a file is called, is stored as legible text or refused in words; nothing is written then."""

import os
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colorlab.store import records, schema
from colorlab.store.columns import legible_file_name
from colorlab.store.measurements import find_measurements, save_measurement
from colorlab.store.raw_files import register_raw_file
from colorlab.store.verdicts import append_verdict, find_verdicts
from spectra.errors import LabError
from spectra.stated import Source

LONE = os.fsdecode(b"\xff")  # what a byte that is no UTF-8 becomes in an argument


@pytest.mark.parametrize("name", ["Li\x1b[2J", "Li\nWang", "Li\x85", "Li\u2028Wang", "\x00"])
@pytest.mark.parametrize("column", ["by", "supplier", "colour"])
def test_a_name_that_steers_the_terminal_is_refused(lab, now, panel, column, name):
    said = {"by": "Li", column: name}
    with pytest.raises(LabError, match="a name on one line expected"), lab.writing() as connection:
        save_measurement(connection, panel, now=now, **said)
    with lab.reading() as connection:
        assert records.count(connection, schema.measurements) == 0


@pytest.mark.parametrize("column", ["by", "supplier", "colour"])
def test_a_name_with_bytes_that_are_no_text_is_refused(lab, now, panel, column):
    said = {"by": "Li", column: f"Li{LONE}"}
    with pytest.raises(LabError, match="a byte that is not UTF-8; type the name again"), lab.writing() as connection:
        save_measurement(connection, panel, now=now, **said)


def test_a_document_with_such_bytes_is_refused_too(lab, now):
    with pytest.raises(LabError, match=r"verdicts, document: .* is no character"), lab.writing() as connection:
        append_verdict(connection, decision="accept", document={"sample": LONE}, software_version="0", now=now, by="Li")


def test_looking_for_such_a_name_says_why_it_finds_nothing(lab):
    with pytest.raises(LabError, match="is not a text a record can hold"), lab.reading() as connection:
        find_verdicts(connection, colour=LONE)


@pytest.mark.parametrize("seed", [2**63, -(2**63) - 1, 10**30])
def test_a_seed_beyond_64_bits_is_refused(lab, now, seed):
    with pytest.raises(LabError, match=r"verdicts, seed: .* does not fit in 64 bits"), lab.writing() as connection:
        append_verdict(connection, decision="accept", document={}, software_version="0", seed=seed, now=now, by="Li")


@pytest.mark.parametrize("seed", [2**63 - 1, -(2**63)])
def test_the_largest_seeds_come_back(lab, now, seed):
    with lab.writing() as connection:
        append_verdict(connection, decision="accept", document={}, software_version="0", seed=seed, now=now, by="Li")
        assert find_verdicts(connection)[0].seed == seed


def test_names_of_every_script_are_names(lab, now, panel):
    with lab.writing() as connection:
        save_measurement(
            connection, panel, now=now, by="王 小\u3000明", supplier="Müller & fils №5", colour="紫水晶 😀"
        )
    with lab.reading() as connection:
        (found,) = find_measurements(connection)
    assert (found.recorded_by, found.supplier, found.colour) == ("王 小\u3000明", "Müller & fils №5", "紫水晶 😀")


@pytest.mark.parametrize(
    ("raw", "legible"),
    [
        (b"lots.qtx", "lots.qtx"),
        ("批次.qtx".encode(), "批次.qtx"),
        ("批次.qtx".encode("gb18030"), "\\xc5\\xfa\\xb4\\xce.qtx"),
        (b"a\x1b[2J\n.qtx", "a\\x1b[2J\\n.qtx"),
    ],
)
def test_a_file_name_in_another_encoding_is_kept_in_escaped_form(lab, now, panel, raw, legible):
    name, blob = os.fsdecode(raw), lab.blobs.put(b"content")
    measured = type(panel)(
        panel.sample, panel.reflectance_factor, panel.grid, panel.geometry, source=Source(name, blob.sha256, "qtx")
    )
    with lab.writing() as connection:
        register_raw_file(connection, blob, name, now=now, by="Li")
        save_measurement(connection, measured, now=now, by="Li")
    with lab.reading() as connection:
        (found,) = find_measurements(connection)
        assert found.measurement.source.file_name == legible
        assert connection.execute(schema.raw_files.select()).one().file_name == legible


@given(st.text(st.characters(exclude_categories=()), max_size=20))
def test_every_file_name_becomes_text_that_stays_as_it_is(name):
    legible = legible_file_name(name)
    legible.encode("utf-8")
    assert not {unicodedata.category(letter) for letter in legible} & {"Cc", "Cs", "Zl", "Zp"}
    assert legible_file_name(legible) == legible
