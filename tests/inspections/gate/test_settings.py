from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from inspections.gate.dependencies import FINE_METRICS
from inspections.gate.settings import check_settings
from inspections.photos.photo import PanelPhoto

PHOTO = PanelPhoto(
    file_name="a.jpg",
    sha256="",
    stored=np.zeros((30, 40), np.uint8),
    format="JPEG",
    exposure_mode="manual",
    white_balance="manual",
    jpeg_quality=92.0,
    size_taken=(40, 30),
    flash_fired=False,
    digital_zoom=1.0,
)


def outcomes(**changes: Any) -> dict[str, str]:
    return {each.check: each.outcome for each in check_settings({"a.jpg": replace(PHOTO, **changes)}, "T1")}


def test_a_locked_camera_passes() -> None:
    assert set(outcomes().values()) == {"pass"}


@pytest.mark.parametrize(
    ("changes", "check"),
    [
        ({"exposure_mode": "auto"}, "exposure_mode"),
        ({"white_balance": "auto"}, "white_balance"),
        ({"flash_fired": True}, "flash"),
        ({"digital_zoom": 1.4}, "digital_zoom"),
        ({"processing": "HDR"}, "processing"),
        ({"jpeg_quality": 40.0}, "jpeg_quality"),
        ({"size_taken": (80, 60)}, "stored_size"),
    ],
)
def test_what_the_camera_did_by_itself_fails(changes: dict[str, Any], check: str) -> None:
    found = outcomes(**changes)
    assert found.pop(check) == "fail"
    assert set(found.values()) <= {"pass"}


def test_what_the_file_does_not_say_is_no_failure() -> None:
    silent = outcomes(
        exposure_mode=None, white_balance=None, jpeg_quality=None, size_taken=None, flash_fired=None, digital_zoom=None
    )
    assert silent == {"exposure_mode": "warn", "white_balance": "warn"}


def test_a_camera_held_upright_is_no_resized_photo() -> None:
    assert outcomes(stored=np.zeros((40, 30), np.uint8))["stored_size"] == "pass"


def test_moderate_compression_warns_and_blocks_nothing() -> None:
    (found,) = [
        each
        for each in check_settings({"a.jpg": replace(PHOTO, jpeg_quality=70.0)}, "T1")
        if each.check == "jpeg_quality"
    ]
    assert (found.outcome, found.blocks) == ("warn", ())


def test_heavy_compression_takes_the_fine_waves_only() -> None:
    found = check_settings({"a.jpg": replace(PHOTO, jpeg_quality=30.0)}, "T2")
    assert [each.blocks for each in found if each.outcome == "fail"] == [FINE_METRICS]


def test_photos_of_one_capture_share_their_settings() -> None:
    photos = {"a": replace(PHOTO, exposure_time_s=0.1), "b": replace(PHOTO, exposure_time_s=0.2)}
    assert "same_exposure" in {each.check for each in check_settings(photos, "T1") if each.outcome == "fail"}
