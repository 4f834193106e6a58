"""Raw files are kept under the hash of their content, once, and a changed one is noticed."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colorlab.store.blobs import BlobStore
from colorlab.store.raw_files import register_raw_file, registered, require_raw_files
from spectra.errors import DamagedLabError, LabError, RecordNotFoundError


@pytest.fixture(scope="module")
def blobs(tmp_path_factory):
    return BlobStore(tmp_path_factory.mktemp("raw"))


@given(st.binary(max_size=2000))
def test_a_file_comes_back_as_it_was(blobs, content):
    blob = blobs.put(content)
    assert blobs.put(content) == blob
    assert blobs.read(blob.sha256) == content
    assert blob.sha256 == hashlib.sha256(content).hexdigest()
    assert blob.size_bytes == len(content)


def test_a_file_stands_in_a_folder_of_its_first_two_letters(lab):
    blob = lab.blobs.put(b"CGATS.17\n")
    assert lab.blobs.path(blob.sha256).relative_to(lab.folder).as_posix() == f"raw/{blob.sha256[:2]}/{blob.sha256}"
    assert list(lab.blobs) == [blob.sha256]
    assert lab.blobs.unfinished() == ()


def test_a_changed_file_is_noticed_when_read_and_when_put_again(lab):
    blob = lab.blobs.put(b"the submission")
    lab.blobs.path(blob.sha256).chmod(0o644)
    lab.blobs.path(blob.sha256).write_bytes(b"a nicer submission")
    with pytest.raises(DamagedLabError, match="changed after it was stored"):
        lab.blobs.read(blob.sha256)
    with pytest.raises(DamagedLabError):
        lab.blobs.put(b"the submission")


@pytest.mark.parametrize("name", ["0" * 64, "../lab.toml", ""])
def test_what_is_not_kept_is_not_found(lab, name):
    with pytest.raises(RecordNotFoundError, match="raw file"):
        lab.blobs.read(name)


def test_a_write_that_fails_leaves_no_file(lab, monkeypatch):
    def full_disk(_handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("colorlab.store.blobs.os.fsync", full_disk)
    with pytest.raises(LabError, match="raw cannot be written: No space left"):
        lab.blobs.put(b"photo")
    assert list(lab.blobs) == []
    assert lab.blobs.unfinished() == ()


def test_a_file_on_a_bad_sector_is_damaged_and_a_folder_there_cannot_be_listed(lab, monkeypatch):
    blob = lab.blobs.put(b"photo")

    def bad_sector(*_):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("pathlib.Path.read_bytes", bad_sector)
    with pytest.raises(DamagedLabError, match=f"raw file {blob.sha256} cannot be read: Input/output error"):
        lab.blobs.read(blob.sha256)
    monkeypatch.setattr("pathlib.Path.glob", bad_sector)
    with pytest.raises(LabError, match="raw cannot be read: Input/output error"):
        list(lab.blobs)


def test_a_file_registered_again_keeps_its_first_record(lab, now):
    blob = lab.blobs.put(b"QTX")
    with lab.writing() as connection:
        first = register_raw_file(connection, blob, "batch.qtx", now=now, by="Li")
        assert register_raw_file(connection, blob, "copy of batch.qtx", now=now, by="Li") == first == "F-000001"
        assert registered(connection) == {blob.sha256: "F-000001 batch.qtx"}
        require_raw_files(connection, [blob.sha256])
        with pytest.raises(RecordNotFoundError, match="ffff"):
            require_raw_files(connection, [blob.sha256, "f" * 64])
