"""A manifest finds each change of a folder's files and names the file, in the words of the folder's kind."""

import json
import os
import subprocess
import sys

import pytest

from morelike.errors import ListError, ModelError
from morelike.storage.atomic_files import MODEL, FolderKind, atomic_folder, refuse_occupied, sweep_temporaries
from morelike.storage.manifest import Manifest, write_files

SHELF = FolderKind("shelf", "shelf.json", ListError, "; order the books again")
FILES = {"shelf.json": b"{}", "book.txt": b"call me"}


@pytest.fixture(params=[MODEL, SHELF], ids=["model", "shelf"])
def kind(request):
    return request.param


@pytest.fixture
def folder(tmp_path, kind):
    with atomic_folder(tmp_path / "folder", kind) as temporary:
        write_files(temporary, FILES, {"README.md": b"edit me"})
    return tmp_path / "folder"


def refusal(kind, work):
    with pytest.raises(kind.error) as refused:
        work()
    assert type(refused.value) is kind.error
    return str(refused.value)


def test_listed_files_come_back_and_an_unlisted_file_may_change(folder, kind):
    (folder / "README.md").write_text("edited")
    manifest = Manifest.read(folder, kind)
    manifest.check_sizes()
    assert {name: manifest.read_file(name) for name in manifest.files} == FILES


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "is missing: the {noun} is not complete"),
        (b"call m", "is damaged: it has 6 bytes, 7 were saved"),
        (b"call you", "is damaged: it has 8 bytes, 7 were saved"),
    ],
)
def test_a_file_of_another_size_is_named(folder, kind, content, says):
    (folder / "book.txt").unlink()
    if content is not None:
        (folder / "book.txt").write_bytes(content)
    said = refusal(kind, Manifest.read(folder, kind).check_sizes)
    assert said == f"'{folder / 'book.txt'}' {says.format(noun=kind.noun)}{kind.advice}"


def test_a_changed_byte_and_a_file_that_is_not_listed_are_named(folder, kind):
    (folder / "book.txt").write_bytes(b"call my")
    manifest = Manifest.read(folder, kind)
    manifest.check_sizes()
    said = refusal(kind, lambda: manifest.read_file("book.txt"))
    assert said == f"'{folder / 'book.txt'}' is damaged: it is not what was saved (its SHA-256 differs){kind.advice}"
    assert "MANIFEST.json' is damaged: it does not list README.md" in refusal(
        kind, lambda: manifest.read_file("README.md")
    )


@pytest.mark.parametrize(
    ("manifest", "says"),
    [
        (None, "is not a {noun}: it has no MANIFEST.json"),
        ({"format": 9}, "has {noun} format 9; this morelike reads format 1: update it"),
        ({"format": 1, "files": ["book.txt"]}, "is damaged: it does not list the {noun}'s files"),
        ({"format": 1, "files": {"../x": {"sha256": "", "bytes": 0}}}, "'../x' is not a file of this folder"),
        ([], "is damaged: expected an object"),
    ],
)
def test_a_manifest_that_cannot_be_used_says_why(folder, kind, manifest, says):
    (folder / "MANIFEST.json").unlink()
    if manifest is not None:
        (folder / "MANIFEST.json").write_text(json.dumps(manifest))
    assert says.format(noun=kind.noun) in refusal(kind, lambda: Manifest.read(folder, kind))


def test_a_place_that_holds_something_else_is_refused(tmp_path, kind):
    (tmp_path / "thesis.tex").write_text("mine")
    for place in (tmp_path, tmp_path / "thesis.tex"):
        said = refusal(kind, lambda place=place: refuse_occupied(place, kind))
        assert said == f"'{place}' is there already and is not a {kind.noun}: choose another name"


def test_a_folder_whose_writing_fails_leaves_the_old_one(folder, kind):
    def write():
        with atomic_folder(folder, kind) as temporary:
            (temporary / "half").touch()
            raise ModelError("no paper")

    with pytest.raises(ModelError, match="no paper"):
        write()
    assert Manifest.read(folder, kind).read_file("book.txt") == FILES["book.txt"]
    assert [path.name for path in folder.parent.iterdir()] == ["folder"]


@pytest.fixture
def dead_pid():
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_writing_a_folder_removes_its_own_half_written_copies_and_no_others(folder, kind, dead_pid):
    for name in (f".folder.new-{dead_pid}", f".folder.new-{os.getppid()}", f".other.new-{dead_pid}"):
        folder.with_name(name).mkdir()
    with atomic_folder(folder, kind) as temporary:
        write_files(temporary, FILES, {})
    left = {path.name for path in folder.parent.iterdir()}
    assert left == {"folder", f".folder.new-{os.getppid()}", f".other.new-{dead_pid}"}


def test_a_folder_that_was_moved_aside_by_a_killed_process_comes_back(folder, kind, dead_pid):
    folder.rename(folder.with_name(f".folder.old-{dead_pid}"))
    sweep_temporaries(folder.parent)
    assert Manifest.read(folder, kind).read_file("book.txt") == FILES["book.txt"]
    assert [path.name for path in folder.parent.iterdir()] == ["folder"]
