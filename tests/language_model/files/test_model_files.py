"""A model on disk: the same numbers come back, and whatever is damaged is refused by name, always by ModelError."""

import json
import os
import pickle
import shutil
import time

import numpy as np
import pytest
from safetensors.numpy import load as load_tensors

from morelike.errors import ModelError
from morelike.language_model.model import LanguageModel
from morelike.storage.atomic_files import write_file
from morelike.storage.manifest import digest
from morelike.storage.safetensors_io import pack

from ..small_models import WORDS, small_model

FILES = ["config.json", "vocabulary.json", "model.safetensors", "known.safetensors"]
EVERY_FILE = pytest.mark.parametrize("name", [*FILES, "MANIFEST.json"])


def rewrite(folder, name, data):
    """Replace a file and its line in the manifest, as somebody with bad intent would."""
    manifest = json.loads((folder / "MANIFEST.json").read_text())
    manifest["files"][name] = {"sha256": digest(data), "bytes": len(data)}
    (folder / name).write_bytes(data)
    (folder / "MANIFEST.json").write_text(json.dumps(manifest))


def edit(folder, name, change):
    """Apply a change to a JSON file, the manifest told of it."""
    value = json.loads((folder / name).read_text())
    change(value)
    rewrite(folder, name, json.dumps(value).encode())


def edit_manifest(folder, change):
    manifest = json.loads((folder / "MANIFEST.json").read_text())
    change(manifest)
    (folder / "MANIFEST.json").write_text(json.dumps(manifest))


def refusal(folder):
    """Return what loading a damaged folder says; it takes neither long nor much memory."""
    began = time.perf_counter()
    with pytest.raises(ModelError) as caught:
        LanguageModel.load(folder)
    assert time.perf_counter() - began < 10
    assert str(folder) in str(caught.value)
    return str(caught.value)


def test_a_saved_model_gives_the_same_logits_bit_for_bit(model, saved):
    loaded = LanguageModel.load(saved)
    for word in ["", *WORDS]:
        assert loaded.logits(word).tobytes() == model.logits(word).tobytes()
    assert loaded.architecture == model.architecture
    assert loaded.vocabulary == model.vocabulary
    assert loaded.sample(20, seed=3) == model.sample(20, seed=3)


def test_the_same_model_gives_the_same_bytes(model, saved, tmp_path):
    again = LanguageModel.load(saved).save(tmp_path / "again")
    assert {p.name: p.read_bytes() for p in again.iterdir()} == {p.name: p.read_bytes() for p in saved.iterdir()}


def test_a_model_folder_is_its_files_a_manifest_and_a_card_for_people(saved):
    assert sorted(path.name for path in saved.iterdir()) == sorted([*FILES, "MANIFEST.json", "README.md"])


def test_a_model_is_plain_data_alone(model, saved):
    assert load_tensors((saved / "model.safetensors").read_bytes()).keys() == model.weights.keys()
    for name in ("config.json", "vocabulary.json", "MANIFEST.json"):
        json.loads((saved / name).read_text("utf-8"))


def test_facts_survive_with_every_script_and_symbol(tmp_path):
    model = small_model("ngram", ["żółw", "зеца", "貓咪", "😀a", "a.b"])
    folder = model.save(tmp_path / "model")
    assert LanguageModel.load(folder).vocabulary.characters == model.vocabulary.characters


class Payload:
    """A pickle that makes a folder when it is read."""

    def __init__(self, trace):
        self.trace = trace

    def __reduce__(self):
        return os.makedirs, (str(self.trace),)


@EVERY_FILE
def test_a_pickle_in_any_file_is_refused_and_not_run(folder, name):
    trace = folder.parent / "ran"
    data = pickle.dumps(Payload(trace))
    if name == "MANIFEST.json":
        (folder / name).write_bytes(data)
    else:
        rewrite(folder, name, data)
    assert name in refusal(folder)
    assert not trace.exists()
    pickle.loads(data)
    assert trace.exists()


@EVERY_FILE
def test_a_flipped_byte_is_refused_and_the_file_named(folder, name):
    data = bytearray((folder / name).read_bytes())
    data[len(data) // 2] ^= 0x04
    (folder / name).write_bytes(data)
    assert folder.name in refusal(folder)
    if name != "MANIFEST.json":
        assert f"{name}' is damaged" in refusal(folder)


@EVERY_FILE
@pytest.mark.parametrize("kept", [0, 0.5, 0.99])
def test_a_truncated_file_is_refused_and_named(folder, name, kept):
    data = (folder / name).read_bytes()
    (folder / name).write_bytes(data[: int(kept * len(data))])
    assert name in refusal(folder)


@EVERY_FILE
def test_a_longer_file_is_refused_and_named(folder, name):
    data = (folder / name).read_bytes()
    (folder / name).write_bytes(data + b"x")
    assert name in refusal(folder)


@EVERY_FILE
def test_a_missing_file_is_refused_and_named(folder, name):
    (folder / name).unlink()
    assert name in refusal(folder)


@EVERY_FILE
def test_a_folder_in_place_of_a_file_is_refused_and_named(folder, name):
    (folder / name).unlink()
    (folder / name).mkdir()
    assert name in refusal(folder)


@pytest.mark.parametrize("name", FILES)
def test_a_file_of_another_model_is_refused_and_named(folder, name, tmp_path):
    other = small_model("mlp", ["xyz", "zyx", "yxz", "xxyyzz"], seed=1, embedding=3).save(tmp_path / "other")
    if (other / name).read_bytes() != (folder / name).read_bytes():
        shutil.copy(other / name, folder / name)
        assert name in refusal(folder)


def test_no_folder_is_refused(tmp_path):
    assert "not a model" in refusal(tmp_path / "none")
    (tmp_path / "file").write_text("x")
    assert "not a model" in refusal(tmp_path / "file")


@pytest.mark.parametrize("name", ["../x", "/etc/passwd", "..", "a/b", ""])
def test_a_manifest_that_lists_a_file_elsewhere_is_refused(folder, name):
    (folder.parent / "x").write_text("outside")
    edit_manifest(folder, lambda m: m["files"].update({name: {"sha256": digest(b"outside"), "bytes": 7}}))
    refusal(folder)


@pytest.mark.parametrize("unknown", [0, 2, 10**9, "1", None])
def test_another_format_is_refused_with_its_number_and_the_way_out(folder, unknown):
    edit_manifest(folder, lambda m: m.update(format=unknown))
    assert f"model format {unknown!r}; this morelike reads format 1: update it" in refusal(folder)


@pytest.mark.parametrize("size", [10**9, 10**12, 10**30, -1, -(10**12), 1e400, 0.5, "x", None, [], True])
def test_a_size_in_the_manifest_that_is_not_the_files_is_refused(folder, size):
    edit_manifest(folder, lambda m: m["files"]["config.json"].update(bytes=size))
    refusal(folder)


@pytest.mark.parametrize("files", [None, 5, "x", [], {}, {"config.json": None}, {"config.json": {"bytes": 3}}])
def test_a_manifest_that_does_not_list_the_files_is_refused(folder, files):
    edit_manifest(folder, lambda m: m.update(files=files))
    refusal(folder)


@pytest.mark.parametrize("text", ["", "[]", "null", "1" * 5000, "[" * 100_000, '{"a":' * 100_000, "\x00", "\xff"])
@pytest.mark.parametrize("name", ["config.json", "vocabulary.json", "MANIFEST.json"])
def test_json_that_is_no_object_is_refused_and_named(folder, name, text):
    if name == "MANIFEST.json":
        (folder / name).write_bytes(text.encode("latin-1"))
    else:
        rewrite(folder, name, text.encode("latin-1"))
    assert name in refusal(folder)


def sizes_of(kind_settings):
    numbers = [name for name, value in kind_settings.items() if isinstance(value, int) and not isinstance(value, bool)]
    return [name for name in numbers if name != "min_count"]  # which the weights follow, but do not tell


@pytest.mark.parametrize("huge", [10**9, 10**30, -1, 0])
def test_a_size_in_the_settings_that_is_not_the_weights_is_refused_at_once(model, folder_of_each, huge):
    for name in sizes_of(model.architecture.model_dump()):
        original = (folder_of_each / "config.json").read_bytes()
        edit(folder_of_each, "config.json", lambda c, name=name: c["architecture"].update({name: huge}))
        refusal(folder_of_each)
        rewrite(folder_of_each, "config.json", original)
    LanguageModel.load(folder_of_each)


def test_settings_that_are_a_little_larger_than_the_weights_are_refused(model, folder_of_each):
    for name in sizes_of(model.architecture.model_dump()):
        original = (folder_of_each / "config.json").read_bytes()
        edit(
            folder_of_each,
            "config.json",
            lambda c, name=name: c["architecture"].update({name: c["architecture"][name] + 1}),
        )
        refusal(folder_of_each)
        rewrite(folder_of_each, "config.json", original)


@pytest.mark.parametrize(
    "change",
    [
        lambda c: c.pop("architecture"),
        lambda c: c.update(architecture=None),
        lambda c: c.update(architecture="abc"),
        lambda c: c.update(architecture=[1, 2]),
        lambda c: c["architecture"].pop("kind"),
        lambda c: c["architecture"].update(kind="no-such-kind"),
        lambda c: c["architecture"].update(kind=5),
        lambda c: c["architecture"].update(kind="../../os"),
        lambda c: c["architecture"].update(no_such_setting=1),
        lambda c: c.pop("facts"),
    ],
)
def test_settings_that_make_no_model_are_refused(folder, change):
    edit(folder, "config.json", change)
    refusal(folder)


@pytest.mark.parametrize(
    "characters",
    [None, 5, [], ["a"], ["ab", "c"], ["b", "a"], ["a", "a"], ["a", 5], [["a"]], ["a", "e", "h", "n", "z"], {"a": 1}],
)
def test_characters_that_are_not_the_weights_are_refused(folder, characters):
    edit(folder, "vocabulary.json", lambda v: v.update(characters=characters))
    refusal(folder)


def test_weights_that_are_not_numbers_are_refused(model, folder_of_each):
    for name, weight in model.weights.items():
        if weight.dtype.kind == "f":
            broken = {**model.weights, name: np.full_like(weight, np.nan)}
            rewrite(folder_of_each, "model.safetensors", pack(broken))
            refusal(folder_of_each)


def test_weights_that_are_missing_are_refused(model, folder_of_each):
    for name in model.weights:
        rewrite(folder_of_each, "model.safetensors", pack({n: w for n, w in model.weights.items() if n != name}))
        refusal(folder_of_each)


def test_weights_of_another_shape_are_refused(model, folder_of_each):
    for name, weight in model.weights.items():
        rewrite(folder_of_each, "model.safetensors", pack({**model.weights, name: np.stack([weight, weight])}))
        refusal(folder_of_each)


def test_a_header_that_promises_more_than_there_is_is_refused_at_once(folder):
    header = b'{"C":{"dtype":"F32","shape":[1000000000,1000000],"data_offsets":[0,4000000000000000]}}'
    for length in (len(header), 10**15, 2**63):
        rewrite(folder, "model.safetensors", length.to_bytes(8, "little") + header)
        assert "model.safetensors" in refusal(folder)


@pytest.mark.parametrize("name", FILES)
def test_no_random_damage_gives_anything_but_a_model_error(folder, name):
    rng = np.random.default_rng(0)
    whole = (folder / name).read_bytes()
    for _ in range(40):
        (folder / name).write_bytes(damaged(whole, rng))
        assert name in refusal(folder)


def test_damage_to_the_manifest_is_refused_or_does_no_harm(folder):
    rng, model = np.random.default_rng(1), LanguageModel.load(folder)
    whole = (folder / "MANIFEST.json").read_bytes()
    for _ in range(200):
        (folder / "MANIFEST.json").write_bytes(damaged(whole, rng))
        try:
            loaded = LanguageModel.load(folder)
        except ModelError as error:
            assert str(folder) in str(error)  # noqa: PT017 (either outcome is legal)
        else:
            assert loaded.logits("an").tobytes() == model.logits("an").tobytes()


@pytest.mark.parametrize("name", FILES)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_damage_that_the_manifest_vouches_for_is_refused_or_gives_a_model(folder_of_each, name):
    rng = np.random.default_rng(2)
    whole = (folder_of_each / name).read_bytes()
    for _ in range(60):
        rewrite(folder_of_each, name, damaged(whole, rng))
        try:
            loaded = LanguageModel.load(folder_of_each)
        except ModelError as error:
            assert str(folder_of_each) in str(error)  # noqa: PT017 (either outcome is legal)
        else:
            assert sum(loaded.next("").values()) == pytest.approx(1)


def damaged(whole, rng):
    """Return bytes with a few bits flipped, a stretch cut out, or some put in."""
    data = bytearray(whole)
    how = rng.integers(3)
    at = int(rng.integers(len(data)))
    if how == 0:
        for place in rng.integers(len(data), size=rng.integers(1, 4)):
            data[place] ^= 1 << int(rng.integers(8))
    elif how == 1:
        del data[at : at + int(rng.integers(1, 20))]
    else:
        data[at:at] = rng.bytes(int(rng.integers(1, 20)))
    return bytes(data) if bytes(data) != whole else whole + b"x"


def test_saving_over_a_model_replaces_it(tmp_path):
    first, second = small_model("ngram"), small_model("mlp")
    first.save(tmp_path / "model")
    (tmp_path / "model" / "old-note.txt").write_text("x")
    second.save(tmp_path / "model")
    assert LanguageModel.load(tmp_path / "model").architecture == second.architecture
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_saving_into_an_empty_folder_or_a_new_one_deep_down_works(tmp_path):
    (tmp_path / "empty").mkdir()
    for place in (tmp_path / "empty", tmp_path / "new" / "deep" / "model"):
        LanguageModel.load(small_model("ngram").save(place))


def test_saving_onto_what_is_no_model_is_refused_and_leaves_it_alone(tmp_path):
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "dear.txt").write_text("dear")
    (tmp_path / "file").write_text("mine")
    for place in ("letters", "file"):
        with pytest.raises(ModelError, match=f"{place}' is there already and is not a model: choose another name"):
            small_model("ngram").save(tmp_path / place)
    assert (tmp_path / "letters" / "dear.txt").read_text() == "dear"
    assert (tmp_path / "file").read_text() == "mine"


def test_a_place_that_cannot_be_written_is_a_model_error(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(ModelError, match=r"file/model.* cannot be written|cannot be written to .*file/model"):
        small_model("ngram").save(tmp_path / "file" / "model")


@pytest.fixture
def full_disk(monkeypatch):
    """Make every fsync fail as on a full disk."""

    def fsync(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", fsync)


def test_a_full_disk_is_a_model_error_and_the_old_model_stays(tmp_path, request):
    folder = small_model("ngram").save(tmp_path / "model")
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    request.getfixturevalue("full_disk")
    with pytest.raises(ModelError, match="No space left on device"):
        small_model("mlp").save(folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_a_file_that_cannot_be_written_whole_stays_as_it_was(tmp_path, request):
    write_file(tmp_path / "file", b"old")
    request.getfixturevalue("full_disk")
    with pytest.raises(OSError, match="No space left"):
        write_file(tmp_path / "file", b"new")
    assert (tmp_path / "file").read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
