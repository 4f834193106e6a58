"""CxF3 files larger than memory: the same measurements, one after the other."""

import io
import tracemalloc
from dataclasses import replace

import pytest
from cxf_files import cxf_file, cxf_object, measurement_files, spectrum
from hypothesis import HealthCheck, given, settings

from spectra.errors import MalformedFileError
from spectra.formats import cxf
from spectra.formats.base import file_of
from spectra.formats.losses import losses


@settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=60)
@given(file=measurement_files())
def test_a_stream_gives_what_reading_gives(file):
    content = cxf.write(file)
    streamed = tuple(cxf.stream(io.BytesIO(content), "file.cxf"))
    whole = cxf.read(content, "file.cxf").measurements
    assert losses(file_of(whole), file_of(streamed)) == ()
    assert {one.source for one in streamed} == {whole[0].source}


class OneByteAtATime(io.BytesIO):
    """A file that gives less than it is asked for."""

    def read(self, size=-1):
        return super().read(min(size, 3) if size and size > 0 else size)


def test_a_utf_16_file_in_small_pieces():
    text = cxf_file(cxf_object(spectrum(), name="紫水晶🎨")).decode().replace('"UTF-8"', '"UTF-16"')
    (panel,) = cxf.stream(OneByteAtATime(text.encode("utf-16")), "file.cxf")
    assert panel.sample == "紫水晶🎨"


def test_targets_and_standards_may_stand_behind_what_refers_to_them():
    place = '<cc:TagCollection Name="Location"><cc:Tag Name="SampleID" Value="7"/></cc:TagCollection>'
    difference = (
        '<cc:ColorDifferenceValues><cc:DeltaCIELab ColorSpecification="s" StandardRef="c"/></cc:ColorDifferenceValues>'
    )
    content = cxf_file(
        cxf_object(spectrum(), "a", "measured", "M0_Measurement", place),
        cxf_object(spectrum(), "b", "judged", "Trial", difference),
        cxf_object(spectrum(), "c", "master", "Standard"),
        cxf_object(spectrum(), "d", "aim", "Target", place),
    )
    streamed = list(cxf.stream(io.BytesIO(content), "file.cxf"))
    assert [one.standard for one in streamed] == ["aim", "master", None, None]


def two_panels():
    (panel,) = cxf.read(cxf_file(cxf_object(spectrum())), "file.cxf").measurements
    return cxf.write(file_of([replace(panel, standard="first"), replace(panel, standard="second")]))


def test_an_extension_in_another_order_cannot_be_streamed():
    content = two_panels()
    assert [one.standard for one in cxf.stream(io.BytesIO(content), "file.cxf")] == ["first", "second"]
    swapped = content.replace(b'Addition Object="m1"', b'Addition Object="m9"').replace(
        b'Addition Object="m2"', b'Addition Object="m1"'
    )
    swapped = swapped.replace(b'Addition Object="m9"', b'Addition Object="m2"')
    assert [one.standard for one in cxf.read(swapped, "file.cxf").measurements] == ["second", "first"]
    with pytest.raises(MalformedFileError, match="do not follow the order of the objects"):
        list(cxf.stream(io.BytesIO(swapped), "file.cxf"))


def test_an_identifier_that_stands_twice_is_refused():
    with pytest.raises(MalformedFileError, match="an Id of an object stands twice"):
        list(cxf.stream(io.BytesIO(cxf_file(cxf_object(spectrum()), cxf_object(spectrum()))), "file.cxf"))


def test_memory_does_not_grow_with_the_file():
    def peak(count):
        content = cxf_file(*(cxf_object(spectrum(), f"o{k}") for k in range(count)))
        tracemalloc.start()
        for _ in cxf.stream(io.BytesIO(content), "long.cxf"):
            pass
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most - len(content)

    assert peak(4000) < peak(400) + 400_000
