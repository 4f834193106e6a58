"""The judge of the readers is strict: what is not sound data or a refusal in words, it does not let pass."""

from dataclasses import replace

import numpy as np
import pytest
from reader_contract import (
    FILE_NAME,
    BrokenContractError,
    check,
    check_file,
    check_message,
    check_reading,
    check_writing,
)
from seeds import samples_of

from spectra.errors import MalformedFileError
from spectra.formats.base import MeasurementFile
from spectra.formats.registry import FORMATS
from spectra.geometry import UNDECLARED
from spectra.stated import ColourReading, StatedColour, StatedComponent, StatedRecipe

ROW = FORMATS["qtx"]


@pytest.fixture(scope="module")
def sample():
    return samples_of("qtx")[0]


@pytest.fixture(scope="module")
def file(sample):
    return ROW.read(sample, FILE_NAME)  # type: ignore[call-arg]


def raising(error):
    def read(content, file_name, options):
        raise error

    return replace(ROW, read=read)


def test_a_sound_file_and_a_refusal_in_words_pass(sample):
    assert check(ROW, sample)
    assert not check(ROW, b"nothing of ours")


@pytest.mark.parametrize(
    "error", [KeyError("STD_R"), RecursionError(), MemoryError(), UnicodeDecodeError("utf-8", b"", 0, 1, "")]
)
def test_any_other_error_comes_through(error):
    with pytest.raises(type(error)):
        check_reading(raising(error), b"")


@pytest.mark.parametrize(
    ("message", "why"),
    [
        ("it is broken", "does not name the file"),
        (f"{FILE_NAME}: line 1\nline 2", "not legible"),
        (f"{FILE_NAME}: \x1b[31mred", "not legible"),
        (f"{FILE_NAME}: {'9' * 3000}", "characters"),
    ],
)
def test_a_message_nobody_can_use_is_refused(message, why):
    with pytest.raises(BrokenContractError, match=why):
        check_message(message)


def test_a_refusal_names_the_file_it_was_given():
    with pytest.raises(BrokenContractError, match="does not name the file"):
        check_reading(raising(MalformedFileError("another.qtx", "broken")), b"")


def nan_where_a_colour_is_stated(file):
    colour = StatedColour("Lab", [[50.0, np.nan, 1.0]])
    return replace(file, colours=(ColourReading("red", (colour,), UNDECLARED),))


SPOILED = {
    "does not say which file": lambda file: replace(file, measurements=(replace(file.measurements[0], source=None),)),
    "without a name": lambda file: replace(file, measurements=(replace(file.measurements[0], sample=""),)),
    "not legible": lambda file: replace(file, measurements=(replace(file.measurements[0], sample="a\x07"),)),
    r"conditions\['uv'\] is not legible": lambda file: replace(
        file, measurements=(replace(file.measurements[0], conditions={"uv": "\x00"}),)
    ),
    "notes": lambda file: replace(file, notes=("note",) * 5000),
    r"notes\[\] is not legible": lambda file: replace(file, notes=("two\nlines",)),
    "stated Lab is not finite": nan_where_a_colour_is_stated,
    "amount is nan": lambda file: replace(
        file, recipes=(StatedRecipe("a", "b", None, (StatedComponent("c", float("nan")),)),)
    ),
    "not a file of the format": lambda file: MeasurementFile("table", file.measurements),
}


@pytest.mark.parametrize("why", SPOILED)
def test_data_nobody_can_use_is_refused(why, file):
    check_file(ROW, file)
    with pytest.raises(BrokenContractError, match=why):
        check_file(ROW, SPOILED[why](file))


def test_a_format_that_gives_back_bit_for_bit_may_hold_any_text_but_a_name(file):
    row = replace(ROW, name="bundle")
    odd = replace(file.measurements[0], conditions={"uv": "\x00"})
    check_file(row, replace(file, format="bundle", measurements=(odd,)))
    with pytest.raises(BrokenContractError, match="sample is not legible"):
        check_file(row, replace(file, format="bundle", measurements=(replace(odd, sample="a\x07"),)))


def test_a_stream_that_gives_less_than_the_file_is_refused(sample):
    row = replace(ROW, stream=lambda content, name, options: iter(()))
    with pytest.raises(BrokenContractError, match="streaming gives 0 measurements, reading 2"):
        check_reading(row, sample)


WRITERS = {
    "1 read back": lambda file: ROW.write(replace(file, measurements=file.measurements[:1])),
    "does not read back": lambda file: b"[STANDARD_DATA 0]",
    "read back as 'Signal": lambda file: ROW.write(
        replace(file, measurements=tuple(replace(one, sample="Signal") for one in file.measurements))
    ),
    "other reflectance": lambda file: ROW.write(
        replace(
            file,
            measurements=tuple(
                replace(one, reflectance_factor=one.reflectance_factor * 1.001) for one in file.measurements
            ),
        )
    ),
}


@pytest.mark.parametrize("why", WRITERS)
def test_a_writer_that_loses_what_was_measured_is_refused(why, file):
    check_writing(ROW, file)
    with pytest.raises(BrokenContractError, match=why):
        check_writing(replace(ROW, write=WRITERS[why]), file)


def test_a_colour_an_angle_does_not_state_is_no_fault(file):
    measurement = file.measurements[0]
    silent = replace(measurement, stated=(StatedColour("Lab", [[np.nan] * 3]),))
    check_file(ROW, replace(file, measurements=(silent,)))
