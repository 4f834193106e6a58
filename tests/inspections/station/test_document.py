from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspections.station.document import parse_station, write_station
from inspections.station.set_up import parse_set_up, write_set_up
from inspections.station.station import ReferenceTile
from spectra.errors import MalformedFileError


@pytest.fixture(scope="module")
def full(stood):
    tile = ReferenceTile("BG-1", "black glass", 1.527, date(2026, 1, 2), date(2026, 3, 1), (0.2, 0.21), (0.7, 0.8))
    return replace(
        stood.station,
        tiles=(tile, ReferenceTile("M", "mirror")),
        bands=("c", "d"),
        gate={"marker_residual": 0.2},
        limits_file="car.toml",
        response=((0.0, 0.0), (0.5, 0.2), (1.0, 1.0)),
        screen=replace(stood.station.screen, response=((0.0, 0.0), (1.0, 1.0))),
        photos={"board 1.jpg": "ab" * 32},
        software="colorlab 0",
    )


def test_a_station_file_reads_back_as_it_was_written(full) -> None:
    text = write_station(full)
    again = parse_station(text, "station.toml")
    assert write_station(again) == text
    assert again.lens.matrix.tolist() == full.lens.matrix.tolist()
    for name in ("name", "tiles", "checks", "gate", "bands", "photos", "response", "limits_file", "calibrated"):
        assert getattr(again, name) == getattr(full, name)


@given(name=st.text(min_size=1).filter(lambda text: text.strip() and text.isprintable()))
def test_any_name_survives_the_file(stood, name) -> None:
    assert parse_station(write_station(replace(stood.station, name=name)), "s.toml").name == name


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (b"name = ", b"nmae = ", "key 'name': the key is missing, but there is 'nmae'"),
        (b"[screen]\n", b"[screen]\nresolutoin = 3\n", "unknown key; expected 'resolution', perhaps"),
        (b"size = [", b"size = [7, ", "key 'camera.size'"),
        (
            b'kind = "mirror"',
            b'kind = "glass"',
            "key 'tile[2].kind': found 'glass'; expected one of black glass, mirror",
        ),
        (b"pixel_mm = ", b"pixel_mm = -", "key 'screen.pixel_mm'"),
        (b"calibrated = 2026-03-01", b'calibrated = "today"', "expected a date"),
        (b"slope_uncertainty = 0", b"slope_uncertainty = 1", "key 'slope_uncertainty'"),
        (b"pass = true", b"pass = false", "changed by hand"),
        (b'bands = ["c"', b'bands = ["z"', "found 'z'; expected bands among a, b"),
        (b"response = [[0.0, 0.0]", b"response = [[0.1, 0.0]", "key 'response'"),
        (b"rotation = [[", b"rotation = [[9", "expected a rotation"),
        (b"\nformat = ", b"\nformat = ", "one of colorlab station 1"),
    ],
)
def test_a_wrong_key_is_named_with_what_was_found_and_expected(full, old, new, said) -> None:
    text = write_station(full)
    broken = text.replace(old, new, 1) if old != new else text.replace(b"station 1", b"station 9", 1)
    assert broken != text
    with pytest.raises(MalformedFileError) as refused:
        parse_station(broken, "station.toml")
    assert said in str(refused.value)
    assert "station.toml" in str(refused.value)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"a = [", b"[[tile]]\nid = 3", b"x = " + b"[" * 3000])
def test_what_is_no_station_file_is_refused_in_one_sentence(content) -> None:
    with pytest.raises(MalformedFileError):
        parse_station(content, "station.toml")


def test_a_calibration_set_up_reads_back_as_it_was_written(booth) -> None:
    ours = booth.set_up
    text = write_set_up(ours.name, ours.board, ours.screen_board, ours.resolution, ours.pixel_mm, ours.card)
    again = parse_set_up(text)
    assert (again.name, again.board, again.screen_board, again.pixel_mm) == (
        ours.name,
        ours.board,
        ours.screen_board,
        ours.pixel_mm,
    )
    with pytest.raises(MalformedFileError, match=r"ruler_mm.*from 90 to 110"):
        parse_set_up(text.replace(b"ruler_mm = 100.0", b"ruler_mm = 10"))
    with pytest.raises(MalformedFileError, match="at least 4 × 4 squares"):
        parse_set_up(text.replace(b"squares = [9, 7]", b"squares = [2, 7]"))
