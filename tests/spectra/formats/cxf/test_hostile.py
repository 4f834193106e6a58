"""Files made to hurt: entities, depth, bulk, other encodings, spoiled structure."""

import io
import re

import pytest
from cxf_files import angle, cxf_file, cxf_object, lab, measurement_files, specification, spectrum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spectra.errors import FileError, MalformedFileError, UnsafeFileError
from spectra.formats import cxf
from spectra.formats.cxf import gate

SOUND = cxf_file(cxf_object(spectrum() + lab(65, 0, 0)))
FUZZ = settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=300)


def both(content):
    """What reading and streaming say to a file: an error's message, or nothing."""
    messages = []
    for way in (lambda: cxf.read(content, "bad.cxf"), lambda: list(cxf.stream(io.BytesIO(content), "bad.cxf"))):
        try:
            way()
        except FileError as error:
            messages.append(f"{type(error).__name__}: {error}")
        else:
            messages.append("")
    return messages


@pytest.mark.parametrize(
    "document_type",
    [
        '<!DOCTYPE CxF [<!ENTITY a "b">]>',
        '<!DOCTYPE CxF SYSTEM "file:///etc/passwd">',
        '<!DOCTYPE CxF [<!ENTITY % remote SYSTEM "http://127.0.0.1/x.dtd"> %remote;]>',
        "<!DOCTYPE CxF>",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_document_type_is_refused(document_type, encoding):
    content = SOUND.decode().replace("?>", f"?>{document_type}", 1).replace("UTF-8", encoding).encode(encoding)
    for message in both(content):
        assert message.startswith("UnsafeFileError: bad.cxf: it has a document type, which may define entities")


def test_a_document_type_across_two_chunks_is_seen():
    for padding in range(gate._CHUNK // 2 - 40, gate._CHUNK // 2 + 4):
        content = SOUND.replace(b"?>", b"?>" + b" " * padding + b"<!DOCTYPE CxF>", 1)
        with pytest.raises(UnsafeFileError, match="document type"):
            list(cxf.stream(io.BytesIO(content), "bad.cxf"))


def test_an_undefined_entity_is_not_well_formed():
    for message in both(SOUND.replace(b"0.1 ", b"&secret; ", 1)):
        assert "not well-formed XML" in message


def test_what_is_nested_too_deep_is_refused():
    deep = "<x>" * 70 + "</x>" * 70
    for message in both(cxf_file(cxf_object(spectrum(), rest=deep))):
        assert message.startswith("UnsafeFileError: bad.cxf: elements are nested more than 64 deep")
    bottomless = "<x>" * 5000 + "</x>" * 5000
    assert all(both(cxf_file(cxf_object(spectrum(), rest=bottomless))))


def test_more_markup_than_any_file_has_is_refused(monkeypatch):
    monkeypatch.setattr(gate, "MAX_MARKUP", 5000)
    for message in both(
        cxf_file(cxf_object(spectrum()), custom=f"<cc:CustomResources>{'<a/>' * 5500}</cc:CustomResources>")
    ):
        assert message.startswith("UnsafeFileError: bad.cxf: more than 5000 elements or attributes")
    many = cxf_file(*(cxf_object(spectrum(), f"o{k}") for k in range(900)))
    assert len(list(cxf.stream(io.BytesIO(many), "long.cxf"))) == 900  # each is forgotten before the next


def test_a_text_beyond_ten_megabytes_is_refused():
    assert all(
        "not well-formed XML" in message for message in both(cxf_file(cxf_object(spectrum(values="0.1 " * 3_000_000))))
    )


@pytest.mark.parametrize("encoding", ["iso-8859-1", "windows-1252", "utf-7", "utf-32", "gb18030"])
def test_another_encoding_is_refused(encoding):
    content = SOUND.decode().replace("UTF-8", encoding).encode(encoding)
    for message in both(content):
        assert message.startswith("MalformedFileError")
        assert "UTF-8" in message


def test_bytes_that_are_not_the_encoding_they_claim():
    for message in both(SOUND.replace(b"panel 1", b"panel \xe9")):
        assert "the bytes are not UTF-8 text" in message
    assert "line 4: the bytes are not UTF-8 text" in both(SOUND.replace(b"panel 1", b"panel \xe9"))[0]


@pytest.mark.parametrize("content", [b"", b"<CxF/>", b"\xff\xfe", b"\xef\xbb\xbf", b"<CxF xmlns='http://other'/>"])
def test_another_xml_file_is_refused(content):
    assert all(message.startswith("MalformedFileError: bad.cxf") for message in both(content))
    assert not cxf.recognises(content, "")


def test_many_wavelengths_are_refused():
    points = "".join(f'<cc:SpectralPoint WL="{300 + k / 100}">0.5</cc:SpectralPoint>' for k in range(10_001))
    spectrum_of_points = f'<cc:CustomSpectrum ColorSpecification="s">{points}</cc:CustomSpectrum>'
    with pytest.raises(MalformedFileError, match="10001 values; expected at most 10000"):
        cxf.read(cxf_file(cxf_object(spectrum_of_points)), "bad.cxf")


@pytest.mark.parametrize(("start", "step"), [(400, 0), (400, -10), (40, 10), (400, 5000), ("400.0.1", 10), ("", 10)])
def test_absurd_wavelengths_are_refused(start, step):
    absurd = specification().replace('StartWL="400" Increment="20"', f'StartWL="{start}" Increment="{step}"')
    with pytest.raises(MalformedFileError):
        cxf.read(cxf_file(cxf_object(spectrum().replace(' StartWL="400"', "")), specifications=absurd), "bad.cxf")


def many_tags():
    tags = "".join(f'<cc:Tag Name="a" Value="{k}"/>' for k in range(100_000))
    return cxf_file(cxf_object(spectrum(), rest=f'<cc:TagCollection Name="">{tags}</cc:TagCollection>'))


def many_attributes():
    attributes = " ".join(f'a{k}="0"' for k in range(100_000))
    return cxf_file(cxf_object(spectrum() + f'<cc:ColorHSL ColorSpecification="s" {attributes}/>'))


def many_colours():
    as15, as25 = (specification(f"as{one}", angle(f"as{one}", 45, one)) for one in (15, 25))
    colours = lab(50, 0, 0, "as15") * 30_000
    return cxf_file(cxf_object(spectrum("as15") + spectrum("as25") + colours), specifications=as15 + as25)


def many_names():
    points = '<cc:SpectralPoint WL="400">1</cc:SpectralPoint>' * 100_000
    return cxf_file(cxf_object(f"<cc:PrivateSpectrum>{points}</cc:PrivateSpectrum>" + spectrum(), name="x" * 5_000_000))


@pytest.mark.parametrize("made", [many_tags, many_attributes, many_colours, many_names])
def test_much_of_one_thing_is_read_in_linear_time(made):
    file = cxf.read(made(), "long.cxf")
    assert len(file.measurements) == 1
    assert max(map(len, file.notes), default=0) < 300


def test_more_ways_of_measuring_than_any_instrument_has_are_refused():
    spectra = "".join(custom_spectrum(400 + k / 1000) for k in range(501))
    with pytest.raises(MalformedFileError, match="more than 500 angles or ways of measuring in one object"):
        cxf.read(cxf_file(cxf_object(spectra)), "bad.cxf")


def custom_spectrum(start):
    points = "".join(f'<cc:SpectralPoint WL="{start + k}">0.5</cc:SpectralPoint>' for k in (0, 10, 30))
    return f'<cc:CustomSpectrum ColorSpecification="s">{points}</cc:CustomSpectrum>'


TAG = re.compile(rb"<[^<>]{1,200}>")
ATTRIBUTE = re.compile(rb'"[^"<>]{0,60}"')
TEXT = re.compile(rb">[^<>]{1,80}<")
ODD = st.sampled_from(
    (b"", b"0", b"-1", b"1e308", b"nan", b"x", b"s", b"S1", b"M0_Measurement", b"Target", b"45as15", b"\xc3\xa9")
)


@FUZZ
@given(file=measurement_files(), data=st.data())
def test_a_spoiled_structure_is_refused_in_words_or_read_alike_both_ways(file, data):
    content = cxf.write(file)
    for _ in range(data.draw(st.integers(1, 3))):
        pattern, frame = data.draw(st.sampled_from(((TAG, b"%s"), (ATTRIBUTE, b'"%s"'), (TEXT, b">%s<"))))
        places = list(pattern.finditer(content))
        if not places:
            continue
        place = data.draw(st.sampled_from(places))
        swap = data.draw(
            ODD if pattern is not TAG else st.sampled_from([place[0], data.draw(st.sampled_from(places))[0], b""])
        )
        content = content[: place.start()] + (swap if pattern is TAG else frame % swap) + content[place.end() :]
    messages, counts = [], set()
    for way in (
        lambda: cxf.read(content, "bad.cxf").measurements,
        lambda: list(cxf.stream(io.BytesIO(content), "bad.cxf")),
    ):
        try:
            counts.add(len(way()))
        except FileError as error:
            messages.append(str(error))
    assert len(counts) <= 1
    assert all("bad.cxf" in message and message.replace("\t", " ").isprintable() for message in messages)
