"""A model folder from elsewhere neither exhausts memory nor hangs: a sentence that names a file refuses it at once.

The folders are loaded by one process, whose memory is limited.
"""

import json
import os
import select
import subprocess
import sys

import pytest

from morelike.language_model.model import LanguageModel
from morelike.storage.untrusted import LARGEST_JSON, read_json

from ..small_models import small_model
from .sealed_mutants import reseal

LIMIT = 1 << 30
SECONDS = 20
LOAD = f"""
import resource, sys
from morelike.errors import ModelError
from morelike.language_model.model import LanguageModel
resource.setrlimit(resource.RLIMIT_AS, ({LIMIT}, {LIMIT}))
for line in sys.stdin:
    try:
        print(LanguageModel.load(line.strip()).sample(2), flush=True)
    except ModelError as error:
        print(error, flush=True)
"""


@pytest.fixture(scope="module")
def loader():
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    process = subprocess.Popen(
        [sys.executable, "-c", LOAD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    )
    yield process
    process.kill()
    process.communicate()


@pytest.fixture
def loaded(loader):
    """Return a function that returns what loading a folder prints, within limits of memory and time."""

    def load(folder):
        loader.stdin.write(f"{folder}\n")
        loader.stdin.flush()
        assert select.select([loader.stdout], [], [], SECONDS)[0], "it hangs"
        return loader.stdout.readline().strip()

    return load


@pytest.fixture
def folder(tmp_path):
    return small_model("ngram").save(tmp_path / "model")


def state(folder, name, size, sha256="0" * 64):
    """State a file's size and SHA-256 in the manifest."""
    manifest = json.loads((folder / "MANIFEST.json").read_text())
    manifest["files"][name] = {"sha256": sha256, "bytes": size}
    (folder / "MANIFEST.json").write_text(json.dumps(manifest))


def sparse(path, size):
    with path.open("wb") as file:
        file.truncate(size)


def endless(path):
    path.symlink_to("/dev/zero")  # which is read alone


def pipe(path):
    os.mkfifo(path)


def circle(path):
    path.symlink_to(path.name)


def link_out(path):
    other = path.parent.parent / "other"
    other.write_bytes(b"{}")
    path.symlink_to(other)


MADE = {
    endless: "it is a link to a place outside its folder",
    pipe: "it is not a regular file",
    circle: "cannot be read: Too many levels of symbolic links",
    link_out: "it is a link to a place outside its folder",
}


@pytest.mark.parametrize("make", MADE, ids=lambda make: make.__name__)
@pytest.mark.parametrize("name", ["MANIFEST.json", "config.json", "model.safetensors"])
def test_what_is_no_regular_file_of_the_folder_is_refused_unread(loaded, folder, name, make):
    (folder / name).unlink()
    make(folder / name)
    if name != "MANIFEST.json":
        state(folder, name, 1 << 30)
    said = loaded(folder)
    assert str(folder / name) in said
    assert MADE[make] in said


def test_a_link_within_the_folder_is_followed(folder):
    (folder / "config.json").rename(folder / "blob")
    (folder / "config.json").symlink_to("blob")
    LanguageModel.load(folder)


def test_a_file_that_the_model_does_not_need_is_not_read(loaded, folder):
    sparse(folder / "extra.bin", 200 << 30)
    state(folder, "extra.bin", 200 << 30)
    os.mkfifo(folder / "pipe")
    state(folder, "pipe", 5)
    assert loaded(folder).startswith("[")


@pytest.mark.parametrize("size", [200 << 30, 40 << 20])
def test_a_file_larger_than_is_allowed_or_stated_is_refused_unread(loaded, folder, size):
    sparse(folder / "model.safetensors", size)
    for stated in (size, 100) if size > 64 << 30 else (100,):
        state(folder, "model.safetensors", stated)
        assert f"model.safetensors' is damaged: it has {size:,} bytes, at most" in loaded(folder)


NESTED = {
    "60 MB of arrays": b"[" + b"[]," * (20 << 20) + b"[]]",
    "as many values as fit": b"[" + b"[]," * (5 << 20) + b"[]]",
    "objects": b"[" + b"{}," * (5 << 20) + b"{}]",
    "depth": b"[" * (1 << 20) + b"]" * (1 << 20),
    "depth that Python can read": b'{"facts":' * 300 + b"1" + b"}" * 300,
    "a number": b"1" * (5 << 20),
}


@pytest.mark.parametrize("nested", NESTED)
@pytest.mark.parametrize("name", ["config.json", "MANIFEST.json"])
def test_json_that_would_take_much_memory_is_refused(loaded, folder, nested, name):
    if name == "MANIFEST.json":
        (folder / name).write_bytes(NESTED[nested])
    else:
        reseal(folder, name, NESTED[nested])
    assert loaded(folder).startswith(f"'{folder / name}' is damaged: it ")


def test_the_largest_header_of_arrays_is_refused_without_being_parsed(loaded, folder):
    header = b'{"x":[' + b"[]," * (12 << 20) + b"[]]}"
    data = len(header).to_bytes(8, "little") + header
    reseal(folder, "model.safetensors", data)
    assert loaded(folder).startswith(f"'{folder / 'model.safetensors'}' is damaged: its header is too long")


def test_the_largest_vocabulary_is_read():
    characters = [chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000]
    text = json.dumps({"characters": characters}, ensure_ascii=False, indent=2).encode()
    assert len(text) < LARGEST_JSON
    assert read_json(text) == {"characters": characters}
