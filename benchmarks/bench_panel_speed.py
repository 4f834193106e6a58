"""What a capture costs from files on disk to metrics and maps, as a multiple of what decoding the same files costs.

Photos are rendered, written as colour JPEGs as cameras write them, and read back by `inspect_path` and by OpenCV,
alternating in one process with one thread each; times are of the processor, so that others on the machine do not
count. Memory is the peak of the process over what it takes after its imports.

Rendered photos are smoother than photographs: their JPEGs hold about one bit a pixel and decode in half the time. So
each capture is measured twice, as rendered and with sensor noise added to every pixel and finer quantisation, which
gives files of 3 bits a pixel; cameras and phones write 2 to 5.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

SEED = 6000
PIXEL_MM = 0.0395
"""Of the camera on the card, so that the card of a panel of 100 × 75 mm fills 12 megapixels. [mm]"""
FINE_PIXEL_MM = 0.0279
"""The same for 24. [mm]"""
SLOPES_MRAD = {"a": 0.10, "b": 0.30, "c": 0.60, "d": 0.85, "e": 0.45}
KINDS = {"rendered": (0.0, 92), "noisy": (3.0, 97)}
"""Standard deviation of the noise added to each channel, in levels of 255, and JPEG quality."""
REPEATS = 5
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


@dataclass(frozen=True)
class Row:
    """One capture: what is photographed, how many fine steps, the camera's pixel on the card, and the goal."""

    name: str
    shots: str
    goal: float
    fine_steps: int = 4
    pixel_mm: float = PIXEL_MM
    photos: int | None = None


ROWS = (
    Row("T1, 8 fine frames, 12 MP", "fringes", 1.3),
    Row("T1, 16 fine frames, 12 MP", "fringes", 1.3, fine_steps=8),
    Row("T2, one photo, 12 MP", "cross", 2.0, photos=1),
    Row("T2, one photo, 24 MP", "cross", 2.0, pixel_mm=FINE_PIXEL_MM, photos=1),
    Row("T3, stripes, 12 MP", "stripes", 2.0, photos=1),
    Row("T3, stripes, 24 MP", "stripes", 2.0, pixel_mm=FINE_PIXEL_MM, photos=1),
    Row("T4, soft box, 12 MP", "softbox", 2.0, photos=1),
    Row("T4, soft box, 24 MP", "softbox", 2.0, pixel_mm=FINE_PIXEL_MM, photos=1),
)


def write_capture(row: Row, folder: Path) -> dict[str, int]:
    """Render the capture of a row, as it is and noisy, into two folders; the pixels of each photo."""
    from inspections.render import render_capture
    from inspections.simulate import simulate_panel
    from inspections.virtual_station.rig import SimulatedRig

    rng = np.random.default_rng(SEED)
    panel = simulate_panel(rng, SLOPES_MRAD)
    rig = SimulatedRig(pixel_mm=row.pixel_mm, fine_steps=row.fine_steps)
    files = render_capture(panel, row.shots, rng, rig=rig)
    manifest: dict[str, Any] = json.loads(files["capture.json"])
    manifest["shots"] = manifest["shots"][: row.photos]
    pixels = 0
    for kind, (noise, quality) in KINDS.items():
        (folder / kind).mkdir()
        (folder / kind / "capture.json").write_text(json.dumps(manifest), encoding="utf-8")
        for shot in manifest["shots"]:
            pixels = write_photo(files[shot["file"]], folder / kind / shot["file"], noise, quality, rng)
    return {"pixels": pixels}


def write_photo(content: bytes, path: Path, noise: float, quality: int, rng: np.random.Generator) -> int:
    """A rendered photo as a colour JPEG with its EXIF, noise added; how many pixels it has."""
    import io

    from PIL import Image

    with Image.open(io.BytesIO(content)) as image:
        exif = image.getexif()
        pixels = np.asarray(image.convert("RGB"))
    if noise:
        added = noise * rng.standard_normal(pixels.shape, np.float32)
        pixels = np.clip(pixels + added + np.float32(0.5), 0, 255).astype(np.uint8)
    Image.fromarray(pixels).save(path, "JPEG", quality=quality, exif=exif)
    return int(pixels.shape[1] * pixels.shape[0])


def measure(folder: Path, repeats: int) -> dict[str, Any]:
    """Median seconds to decode and to inspect, alternating, and peak memory. [s, MB]"""
    from colorlab.workflows.inspect import inspect_path

    cv2.setNumThreads(1)
    photos = sorted(folder.glob("*.jpg"))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    outcome = inspect_path(folder)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    decoding, inspecting = [], []
    for _ in range(repeats):
        start = time.process_time()
        for photo in photos:
            cv2.imread(str(photo), cv2.IMREAD_COLOR)
        middle = time.process_time()
        inspect_path(folder)
        decoding.append(middle - start)
        inspecting.append(time.process_time() - middle)
    return {
        "tier": outcome.appearance.tier,
        "metrics": len(outcome.appearance.metrics),
        "maps": len(outcome.appearance.maps),
        "decode_s": statistics.median(decoding),
        "inspect_s": statistics.median(inspecting),
        "ratio": statistics.median(b / a for a, b in zip(decoding, inspecting, strict=True)),
        "peak_mb": (peak - before) / 1024,
        "photos": len(photos),
        "bytes": statistics.mean(photo.stat().st_size for photo in photos),
    }


def in_own_process(folder: Path, *arguments: str) -> Mapping[str, Any]:
    """Render or measure in a process of its own: a peak of memory cannot be set back."""
    command = [sys.executable, __file__, "--folder", str(folder), *arguments]
    output = subprocess.run(command, env=os.environ | ONE_THREAD, check=True, capture_output=True, text=True).stdout
    measured: Mapping[str, Any] = json.loads(output.splitlines()[-1])
    return measured


def main() -> None:
    """Render, measure and print each row, or measure one folder."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    options.add_argument("--folder", type=Path, help="measure this capture and print JSON")
    options.add_argument("--render", type=int, help="render this row into the folder instead")
    options.add_argument("--repeats", type=int, default=REPEATS)
    options.add_argument("--rows", default="", help="only rows whose name holds this")
    arguments = options.parse_args()
    if arguments.render is not None:
        print(json.dumps(write_capture(ROWS[arguments.render], arguments.folder)))
        return
    if arguments.folder is not None:
        print(json.dumps(measure(arguments.folder, arguments.repeats)))
        return
    print(
        f"{'capture':28s} {'photos':>8s} {'MP':>5s} {'bit/px':>6s} {'decode s':>9s} {'inspect s':>9s} {'ratio':>6s} "
        f"{'goal':>5s} {'peak MB':>8s} B/pixel"
    )
    for number, row in enumerate(ROWS):
        if arguments.rows not in row.name:
            continue
        with tempfile.TemporaryDirectory() as scratch:
            pixels = in_own_process(Path(scratch), "--render", str(number))["pixels"]
            for kind in KINDS:
                found = in_own_process(Path(scratch) / kind, "--repeats", str(arguments.repeats))
                print(
                    f"{row.name:28s} {found['photos']:2d} {kind[:5]} {pixels / 1e6:5.1f} "
                    f"{8 * found['bytes'] / pixels:6.1f} {found['decode_s']:9.3f} {found['inspect_s']:9.3f} "
                    f"{found['ratio']:6.2f} {row.goal:5.1f} {found['peak_mb']:8.0f} "
                    f"{found['peak_mb'] * 2**20 / pixels:7.1f}"
                    f"  {found['tier']}, {found['metrics']} metrics, {found['maps']} maps",
                    flush=True,
                )


if __name__ == "__main__":
    main()
