"""Spoiled files: a mutation spoils one thing and leaves the rest sound, and what it spoils no reader stumbles over."""

import io
import random
import zipfile
from functools import cache

import pytest
import reader_contract
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from mutations import mutate
from seeds import samples_of
from vocabulary import TOKENS, dictionary

from spectra.formats.registry import FORMATS

SEEDS = st.integers(0, 2**32 - 1)
LARGEST = 2**18
# Where there is no coverage-guided fuzzer, this is what remains of it: the same mutations without the guide.
FUZZ = settings(deadline=None, max_examples=150, suppress_health_check=list(HealthCheck))


def bytewise(data, max_size):
    """What libFuzzer does to bytes, in small."""
    rng = random.Random(len(data))
    place = rng.randrange(len(data) + 1)
    return (data[:place] + bytes([rng.randrange(256)]) + data[place + rng.randrange(3) :])[:max_size]


@cache
def sample(name):
    return samples_of(name)[0]


@pytest.mark.parametrize("name", FORMATS)
@FUZZ
@given(content=st.binary(max_size=400))
@example(content=b"")
@example(content=b"PK\x03\x04xl/workbook.xml")
@example(content=b"\xff\xfe\x00")
@example(content=b"PAR1PAR1")
def test_no_reader_breaks_its_word_over_bytes_from_nowhere(name, content):
    reader_contract.check(FORMATS[name], content)


@pytest.mark.parametrize("name", FORMATS)
def test_no_reader_breaks_its_word_over_a_file_that_ends_early(name):
    whole = sample(name)
    for end in range(0, len(whole), max(1, len(whole) // 60)):
        reader_contract.check(FORMATS[name], whole[:end])


@pytest.mark.parametrize("name", FORMATS)
@FUZZ
@given(seed=SEEDS)
def test_no_reader_breaks_its_word_over_a_file_spoiled_below_its_surface(name, seed):
    reader_contract.check(FORMATS[name], mutate(sample(name), LARGEST, seed, bytewise))


@pytest.mark.parametrize("name", FORMATS)
@FUZZ
@given(other=st.sampled_from(sorted(FORMATS)), share=st.floats(0, 1))
def test_no_reader_breaks_its_word_over_two_files_in_one(name, other, share):
    half = sample(name)[: round(share * len(sample(name)))]
    reader_contract.check(FORMATS[name], half + sample(other))
    reader_contract.check(FORMATS[name], sample(name) + half)


@pytest.mark.parametrize("name", FORMATS)
def test_a_reader_keeps_its_word_over_the_files_of_every_other_format(name):
    for other in FORMATS:
        reader_contract.check(FORMATS[name], sample(other))
        if other == name:
            assert reader_contract.check_reading(FORMATS[name], sample(name))


@pytest.mark.parametrize("name", FORMATS)
@settings(deadline=None, max_examples=25)
@given(seed=SEEDS)
def test_a_seed_spoils_a_file_always_alike_and_within_bounds(name, seed):
    spoiled = mutate(sample(name), LARGEST, seed, bytewise)
    assert spoiled == mutate(sample(name), LARGEST, seed, bytewise)
    assert len(spoiled) <= max(LARGEST, len(sample(name)))


def test_most_spoiled_archives_still_open():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.xml", b"<a><b c='1.5'>text</b><b c='2.5'/></a>")
        archive.writestr("b.json", b'{"numbers": [1, 2, 3]}')
    sound = 0
    for seed in range(200):
        spoiled = mutate(buffer.getvalue(), LARGEST, seed, bytewise)
        try:
            with zipfile.ZipFile(io.BytesIO(spoiled)) as archive:
                sound += archive.testzip() is None
        except (zipfile.BadZipFile, EOFError, NotImplementedError, ValueError):
            pass
    assert sound > 120


def test_most_spoiled_samples_are_refused_and_some_are_read():
    accepted = [
        reader_contract.check(FORMATS["table"], mutate(sample("table"), LARGEST, seed, bytewise)) for seed in range(200)
    ]
    assert 20 < sum(accepted) < 190


def test_the_dictionary_is_one_libfuzzer_can_read():
    lines = dictionary().splitlines()
    assert len(lines) > 100
    assert all(line.startswith('"') and line.endswith('"') and line.isascii() for line in lines)
    assert len(set(TOKENS)) > 100
