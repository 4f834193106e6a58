"""Files are read within bounds and written whole."""

import os
import threading

import pytest

from colorlab.workflows.files import parse_toml, read_bytes, write_bytes
from spectra.errors import FileError, MalformedFileError, UnsafeFileError


def test_a_file_is_read_as_it_is(tmp_path):
    (tmp_path / "a.qtx").write_bytes(b"\x00\xff[STANDARD")
    assert read_bytes(tmp_path / "a.qtx") == b"\x00\xff[STANDARD"


def test_a_file_beyond_the_limit_is_not_read(tmp_path):
    (tmp_path / "big.csv").write_bytes(b"x" * 11)
    with pytest.raises(UnsafeFileError, match=r"big\.csv"):
        read_bytes(tmp_path / "big.csv", limit_bytes=10)


@pytest.mark.parametrize("name", ["absent.csv", ".", "a" * 300])
def test_what_cannot_be_read_is_said_in_one_line(tmp_path, name):
    with pytest.raises(FileError):
        read_bytes(tmp_path / name)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_refused_without_waiting_for_its_writer(tmp_path):
    os.mkfifo(tmp_path / "pipe.csv")
    caught = []

    def read():
        try:
            read_bytes(tmp_path / "pipe.csv")
        except UnsafeFileError as error:
            caught.append(error)

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    thread.join(timeout=10)
    assert len(caught) == 1


def test_a_file_is_replaced_whole_and_leaves_nothing_beside_it(tmp_path):
    path = tmp_path / "new" / "page.html"
    write_bytes(path, b"first")
    write_bytes(path, b"second")
    assert path.read_bytes() == b"second"
    assert [one.name for one in path.parent.iterdir()] == ["page.html"]


def test_an_interrupt_while_writing_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "page.html"
    write_bytes(path, b"old")

    def interrupted(_descriptor):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_bytes(path, b"new")
    assert path.read_bytes() == b"old"
    assert [one.name for one in tmp_path.iterdir()] == ["page.html"]


def test_a_folder_that_cannot_be_made_is_said(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(FileError):
        write_bytes(tmp_path / "file" / "page.html", b"")


def test_toml_is_read():
    assert parse_toml('name = "紫"\n[[limit]]\ndelta_E = 1'.encode(), "t.toml") == {
        "name": "紫",
        "limit": [{"delta_E": 1}],
    }


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xff\xfe", "not a TOML file"),
        (b"name = ", "not a TOML file"),
        (b"day = 2026-13-45", "not a TOML file"),
        (b"a = " + b"[" * 100_000, "nested too deeply"),
        (b"a = " + b"9" * 5000, "not a TOML file"),
        (b"a = [1, {b = " + b"9" * 400 + b"}]", "bits"),
    ],
)
def test_what_is_no_toml_is_refused_by_name(content, said):
    with pytest.raises(MalformedFileError, match=said) as caught:
        parse_toml(content, "t.toml")
    assert str(caught.value).startswith("t.toml")
