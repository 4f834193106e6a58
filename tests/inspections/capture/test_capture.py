import copy
import json
from pathlib import Path
from typing import Any

import pytest

from inspections.capture.capture import RigGeometry, bare_capture
from inspections.capture.manifest import parse_capture
from spectra.errors import CaptureManifestError

SQUARE = [[0, 10], [10, 10], [10, 0], [0, 0]]
FAR = {
    "aruco": "DICT_4X4_50",
    "panel_mm": [1e5, 75],
    "markers_mm": {"0": SQUARE, "1": [[x + 90, y] for x, y in SQUARE]},
}
MANIFEST: dict[str, Any] = {
    "capture": "panel",
    "frame": "card centre, x right, y up, z to the viewer, mm",
    "panel": "Türe 7",
    "round": 2,
    "rig_nominal": {"incidence_deg": 30, "cam_dist_mm": 350.5, "screen_dist_mm": 250, "screen_mm": [345, 195], "m": 1},
    "card": {"aruco": "DICT_4X4_50", "markers_mm": {"0": SQUARE}, "panel_mm": [100, 75], "printed": "2026"},
    "shots": [
        {"file": "a.jpg", "pattern": {"kind": "fringe", "axis": "u", "period_mm": 6, "phase": 0.5}, "exposure_s": 0.1},
        {"file": "b.jpg", "pattern": {"kind": "softbox", "w_mm": 160, "h_mm": 120, "u0": 0, "v0": 0}, "iso": 100},
        {"file": "c.jpg", "pattern": {"kind": "none"}, "light_position_mm": [1, 2, 3], "taken_at": "2026-01-02"},
    ],
    "humidity_percent": 41,
}  # fmt: skip


def as_bytes(document: object) -> bytes:
    return json.dumps(document, ensure_ascii=False).encode()


def test_a_manifest_is_written_back_as_it_was_read() -> None:
    capture = parse_capture(as_bytes(MANIFEST))
    assert capture.as_manifest() == MANIFEST
    assert json.loads(capture.to_bytes()) == MANIFEST
    assert parse_capture(capture.to_bytes()).as_manifest() == MANIFEST


def test_keys_nobody_knows_are_kept() -> None:
    capture = parse_capture(as_bytes(MANIFEST))
    assert capture.more == {"humidity_percent": 41}
    assert capture.shots[1].more == {"iso": 100}


def test_a_byte_order_mark_is_no_reason_to_refuse() -> None:
    assert parse_capture(b"\xef\xbb\xbf" + as_bytes(MANIFEST)).panel == "Türe 7"


def changed(path: str, value: Any) -> dict[str, Any]:
    document = copy.deepcopy(MANIFEST)
    at: Any = document
    *parents, last = path.split("/")
    for parent in parents:
        at = at[int(parent)] if isinstance(at, list) else at[parent]
    if value is ...:
        del at[last]
    else:
        at[last] = value
    return document


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("capture", ..., r"key 'capture': the key is missing; expected a text"),
        ("capture", 3, r"key 'capture': found 3"),
        ("round", -1, r"key 'round': found -1; expected a whole number"),
        ("round", True, r"key 'round': found True"),
        ("shots", [], r"key 'shots': found \[\]; expected a list with at least one"),
        ("shots/0/file", "../a.jpg", r"shots\[0\]\.file.*plain name"),
        ("shots/1/file", "a.jpg", r"shots\[1\]\.file.*once"),
        ("shots/0/pattern/kind", "zebra", r"pattern\.kind.*one of fringe, cross"),
        ("shots/0/pattern/axis", "x", r"pattern\.axis.*u or v"),
        ("shots/0/pattern/axis", ["u"], r"pattern\.axis.*u or v"),
        ("shots/0/pattern/axis", ..., r"pattern\.axis.*missing"),
        ("shots/0/pattern/period_mm", 0, r"pattern\.period_mm.*above 0"),
        ("shots/0/pattern/phase", ..., r"pattern\.phase.*missing"),
        ("shots/0/exposure_s", "fast", r"shots\[0\]\.exposure_s"),
        ("shots/1/pattern/w_mm", ..., r"pattern\.w_mm"),
        ("shots/2/light_position_mm", [1, 2], r"light_position_mm.*3 numbers"),
        ("rig_nominal/incidence_deg", 95, r"rig_nominal\.incidence_deg"),
        ("rig_nominal/cam_dist_mm", ..., r"rig_nominal\.cam_dist_mm.*missing"),
        ("rig_nominal", 5, r"rig_nominal.*an object"),
        ("card/panel_mm", [100], r"card\.panel_mm.*2 positive numbers"),
        ("card", FAR, r"card\.panel_mm.*among its markers"),
        ("card/markers_mm/0", [[0, 1]], r"card\.markers_mm\.0.*four corners"),
        ("card/markers_mm/0", [[0, 0]] * 4, r"card\.markers_mm\.0.*different corners"),
        ("card/markers_mm", {"x": SQUARE}, r"card\.markers_mm\.x"),
        ("card/markers_mm", {}, r"card\.markers_mm.*at least one"),
        ("scale_mm_per_px", 0, r"scale_mm_per_px.*above 0"),
    ],
)  # fmt: skip
def test_a_wrong_key_is_named_with_what_was_found_and_expected(path: str, value: Any, message: str) -> None:
    with pytest.raises(CaptureManifestError, match=rf"round2/capture\.json, key .*{message.split('key ')[-1]}"):
        parse_capture(as_bytes(changed(path, value)), "round2/capture.json")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"\xff\xfe",
        b'{"capture": NaN}',
        b"[" * 100_000,
        b'{"capture": "a", "capture": "b"}',
        b'{"a": 1e999}',
    ],
)
def test_what_is_no_manifest_is_said_in_one_line(content: bytes) -> None:
    with pytest.raises(CaptureManifestError, match=r"^capture\.json(: |, key 'capture': )"):
        parse_capture(content)


def test_bare_photos_say_nothing_about_themselves() -> None:
    capture = bare_capture(["a.jpg"])
    assert not capture.declared
    assert capture.shots[0].pattern is None
    assert (capture.rig, capture.card, capture.scale_mm_per_px) == (None, None, None)


def test_the_example_captures_come_back_as_they_were(shared_data: Path) -> None:
    manifests = list((shared_data / "panel_captures").rglob("capture.json"))
    assert manifests
    for manifest in manifests:
        content = manifest.read_bytes()
        assert parse_capture(content, manifest.name).as_manifest() == json.loads(content)


def test_a_rig_that_was_moved_or_measured_anew_is_told_by_what_differs():
    rig = RigGeometry(30.0, 350.0, 250.0)
    assert rig.differs_from(rig) == ""
    assert RigGeometry(30.0, 350.0, 250.5).differs_from(rig) == ""
    assert RigGeometry(30.0, 350.0, 300.0).differs_from(rig) == "screen_dist_mm 300 instead of 250"
    assert RigGeometry(31.0, 350.0, 250.0).differs_from(rig) == "incidence_deg 31 instead of 30"
