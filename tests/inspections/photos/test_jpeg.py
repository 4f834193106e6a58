import io

import numpy as np
import pytest
from PIL import Image

from inspections.photos.decode import open_photo


@pytest.mark.parametrize("quality", [30, 50, 75, 92])
def test_the_quality_a_jpeg_was_written_with_is_read_back(quality: int) -> None:
    file = io.BytesIO()
    Image.fromarray(np.zeros((16, 16), np.uint8)).save(file, "JPEG", quality=quality)
    assert open_photo(file.getvalue(), "a.jpg").jpeg_quality == pytest.approx(quality, abs=1.5)


def test_a_png_has_no_jpeg_quality() -> None:
    file = io.BytesIO()
    Image.fromarray(np.zeros((16, 16), np.uint8)).save(file, "PNG")
    assert open_photo(file.getvalue(), "a.png").jpeg_quality is None
