"""A file is written completely or not at all, in place of a regular file only."""

import os
import stat
from types import SimpleNamespace

import pytest

from morelike.storage.atomic_files import CLASSIFIER, MODEL, atomic_file, is_special, refuse_occupied, write_file


def files_of(folder):
    return sorted(path.name for path in folder.iterdir())


def test_an_error_leaves_the_old_file_and_no_other(tmp_path):
    (tmp_path / "old").write_bytes(b"old")

    def fail():
        with atomic_file(tmp_path / "old") as file:
            file.write(b"new")
            file.flush()
            assert (tmp_path / "old").read_bytes() == b"old"
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert ((tmp_path / "old").read_bytes(), files_of(tmp_path)) == (b"old", ["old"])


def test_a_link_stays_and_the_file_that_it_names_is_replaced(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "real").write_bytes(b"old")
    (tmp_path / "link").symlink_to("folder/real")
    (tmp_path / "dangling").symlink_to("folder/fresh")
    for link in ("link", "dangling"):
        write_file(tmp_path / link, b"new")
        assert (tmp_path / link).is_symlink()
    assert files_of(tmp_path / "folder") == ["fresh", "real"]
    assert (tmp_path / "folder" / "real").read_bytes() == (tmp_path / "folder" / "fresh").read_bytes() == b"new"


def test_a_replaced_file_keeps_its_permissions(tmp_path):
    (tmp_path / "private").write_bytes(b"old")
    (tmp_path / "private").chmod(0o600)
    write_file(tmp_path / "private", b"new")
    assert stat.S_IMODE((tmp_path / "private").stat().st_mode) == 0o600


@pytest.mark.parametrize("through_a_link", [False, True])
def test_a_pipe_is_not_replaced(tmp_path, through_a_link):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("pipe")
    with pytest.raises(OSError, match="it is a device or a pipe"):
        write_file(tmp_path / ("link" if through_a_link else "pipe"), b"new")
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)
    assert files_of(tmp_path) == ["link", "pipe"]
    assert is_special(tmp_path / "link")


def test_a_device_is_not_replaced(tmp_path, monkeypatch):
    path = tmp_path / "device"
    path.write_bytes(b"")
    monkeypatch.setattr(type(path), "stat", lambda self, **_: SimpleNamespace(st_mode=stat.S_IFCHR | 0o666))
    with pytest.raises(OSError, match="it is a device or a pipe"):
        write_file(path, b"new")
    monkeypatch.undo()
    assert path.read_bytes() == b""


def test_a_folder_is_not_replaced(tmp_path):
    with pytest.raises(IsADirectoryError):
        write_file(tmp_path, b"new")


@pytest.mark.parametrize(
    ("kind", "files", "says"),
    [
        (CLASSIFIER, ["MANIFEST.json"], "not a classifier"),
        (MODEL, ["MANIFEST.json", "classifier.json"], "not a model"),
        (MODEL, ["MANIFEST.json", "store.json"], "not a model"),
    ],
)
def test_a_folder_of_one_kind_is_not_replaced_by_another(tmp_path, kind, files, says):
    for name in files:
        (tmp_path / name).write_text("{}")
    with pytest.raises(kind.error, match=says):
        refuse_occupied(tmp_path, kind)
