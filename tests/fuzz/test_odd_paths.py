"""What a path may point to besides a file: each is refused by name, at once, without reading it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from colorlab.workflows.files import read_bytes
from spectra.errors import FileError, UnsafeFileError
from spectra.formats.registry import FORMATS, read_measurements

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="links, pipes and devices are those of POSIX")


def linked(tmp_path, target):
    link = tmp_path / "panel.csv"
    link.symlink_to(target)
    return link


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/null", "/dev/tty", "/dev/stdin"])
def test_a_link_to_a_device_is_refused(tmp_path, device):
    with pytest.raises(FileError, match=r"panel\.csv"):
        read_bytes(linked(tmp_path, device))


def test_a_pipe_nobody_writes_to_does_not_make_us_wait(tmp_path):
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    for path in (pipe, linked(tmp_path, pipe)):
        with pytest.raises(UnsafeFileError, match="is a device or a pipe; expected a regular file"):
            read_bytes(path)


def test_a_link_to_itself_is_refused(tmp_path):
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    with pytest.raises(FileError, match="loop: too many levels of symbolic links"):
        read_bytes(loop)


def test_links_that_point_at_each_other_are_refused(tmp_path):
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    with pytest.raises(FileError, match="too many levels"):
        read_bytes(tmp_path / "a")


def test_a_link_to_nothing_is_refused(tmp_path):
    with pytest.raises(FileError, match="no such file"):
        read_bytes(linked(tmp_path, tmp_path / "gone"))


def test_a_folder_is_refused(tmp_path):
    with pytest.raises(FileError, match="is a folder; expected a file"):
        read_bytes(linked(tmp_path, tmp_path))


def test_a_name_longer_than_any_is_refused(tmp_path):
    with pytest.raises(FileError, match="file name too long"):
        read_bytes(tmp_path / ("a" * 5000))


def test_a_path_deeper_than_any_is_refused(tmp_path):
    with pytest.raises(FileError, match="file name too long"):
        read_bytes(tmp_path.joinpath(*["a"] * 5000))


def test_a_name_with_a_zero_byte_is_refused():
    with pytest.raises(FileError, match="embedded null byte"):
        read_bytes(Path("panel\x00.csv"))


def test_a_file_that_is_only_holes_is_refused_by_its_size(tmp_path):
    sparse = tmp_path / "sparse.csv"
    with sparse.open("wb") as file:
        file.truncate(2**40)
    with pytest.raises(UnsafeFileError, match=r"1048576 MiB; expected at most 64 MiB"):
        read_bytes(sparse)


def test_a_file_of_the_kernel_that_states_no_size_is_bounded():
    # /proc files are regular, state 0 bytes and give many.
    assert len(read_bytes(Path("/proc/self/smaps"), limit_bytes=1000)) <= 1001


@pytest.mark.parametrize(
    "name", ["red\npanel.csv", "red\x1b[31m.csv", b"red\xff\xfe.csv", "红色面板.csv", " .csv", "\u202egnp.csv", "-h"]
)
def test_an_odd_name_is_opened_and_refused_in_one_legible_line(tmp_path, name):
    path = tmp_path / os.fsdecode(name)
    path.write_bytes(b"no measurement")
    assert read_bytes(path) == b"no measurement"
    for row in FORMATS:
        with pytest.raises(FileError):
            read_measurements(b"no measurement", path.name, row)
    done = subprocess.run(
        [sys.executable, "-c", "import cli; cli.main()", "read", path],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.isprintable()
    assert "not recognised as any measurement format" in line
