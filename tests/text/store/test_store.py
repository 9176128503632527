"""A store has the words of its list, split by the rule `hash`, and names the file that is damaged."""

import hashlib
import json
import os
import subprocess
import sys
import textwrap

import numpy as np
import pytest

from morelike.errors import ListError
from morelike.text import block_reader, stored_words
from morelike.text.known_words import KnownWords
from morelike.text.reading import read_corpus
from morelike.text.splits import split
from morelike.text.store import second_pass
from morelike.text.store.build import build_steps, build_store
from morelike.text.store.format import Store
from morelike.text.stored_words import evenly_spaced
from morelike.text.vocabulary import Vocabulary

MANY = [f"{chr(97 + i % 26)}{i * 7919 % 997}" for i in range(300)]
LISTS = {
    "words": "\n".join(MANY) + "\n",
    "counts": "".join(f"{word}\t{i}\n" for i, word in enumerate(MANY, 1)),
    "odd": "\ufeff  Zoe\u0308 \r\n\r\n" + "\r\n".join(MANY) + "\n \nlast",
    "few": "anna\nbob\nanna\n",
    "one": "a" * 20,
    "equal": "anna\n" * 30,
}


@pytest.fixture
def built(tmp_path):
    """Return a function that writes a list and builds its store."""

    def build(text, name="words.txt"):
        (tmp_path / name).write_text(text, "utf-8")
        return build_store(tmp_path / name, tmp_path / "words.store", force=True), tmp_path / name

    return build


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("block_bytes", [50, 1 << 20])
def test_a_store_is_its_list_split_by_hash(built, name, block_bytes, monkeypatch):
    monkeypatch.setattr(block_reader.BlockReader.__init__, "__defaults__", (block_bytes,))
    store, path = built(LISTS[name])
    corpus = read_corpus(path)
    splits = split(corpus.words, "hash", corpus.counts)
    found = store.corpus
    assert list(found.words) == corpus.words
    assert (found.fingerprint, found.counts_fingerprint) == (corpus.fingerprint, corpus.counts_fingerprint)
    assert (found.facts, found.blank, found.name) == (corpus.facts, corpus.blank, corpus.name)
    assert (None if corpus.counts is None else list(found.counts)) == corpus.counts
    assert store.vocabulary == Vocabulary.of(corpus.words)
    assert (store.split.note, store.split.leaks) == (splits.note, splits.leaks)
    for part in ("train", "dev", "test"):
        words = getattr(splits, part)
        own = store.facts.parts[part]
        assert list(getattr(store.split, part)) == words
        assert store.lines(part).tokens.tolist() == store.vocabulary.encode_lines(words).tokens.tolist()
        assert store.lines(part).offsets.tolist() == store.vocabulary.encode_lines(words).offsets.tolist()
        assert list(store.split.counts.get(part, [])) == list(splits.counts.get(part, []))
        assert (own.lines, own.characters, own.distinct) == (len(words), sum(map(len, words)), len(set(words)))
    assert KnownWords.of(store.split).equals(KnownWords.of(splits))
    store.verify()


def test_nothing_is_read_before_it_is_asked_for(built):
    store, _ = built(LISTS["words"])
    lines = store.lines("train")
    assert lines.memory_mapped
    assert isinstance(lines.offsets, np.memmap)
    assert isinstance(store.known("test"), np.memmap)


@pytest.mark.parametrize(("symbols", "kind"), [(255, "uint8"), (256, "uint16"), (65_536, "int32")])
def test_ids_take_the_bytes_that_the_alphabet_needs(built, symbols, kind):
    alphabet = [chr(0x4E00 + i) if i < 20_000 else chr(0x30000 + i) for i in range(symbols)]
    text = "".join(character + "\n" * (i % 40 == 39) for i, character in enumerate(alphabet)) + "\n"
    store, path = built(text)
    assert store.lines("train").tokens.dtype == kind
    assert sorted(store.corpus.words) == sorted(read_corpus(path).words)


@pytest.mark.parametrize("at", [slice(None), slice(3, 9), slice(20, 2, -5), slice(5, 5), 0, -1, 299])
def test_stored_words_are_indexed_as_a_list_is(built, at, monkeypatch):
    monkeypatch.setattr(stored_words, "BLOCK_WORDS", 7)
    store, path = built(LISTS["words"])
    words = read_corpus(path).words
    assert store.corpus.words[at] == words[at]
    assert list(store.corpus.words) == words
    with pytest.raises(IndexError):
        store.corpus.words[300]


def test_evenly_spaced_places_reach_over_the_whole():
    assert evenly_spaced(10**9, 4).tolist() == [0, 250_000_000, 500_000_000, 750_000_000]
    assert evenly_spaced(0, 4).tolist() == []


def test_a_store_that_is_there_is_not_lost_unasked(built, tmp_path):
    store, path = built(LISTS["words"])
    with pytest.raises(ListError, match="is a store already: --force"):
        build_store(path, store.path)
    assert Store.open(store.path).facts == store.facts
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.tex").touch()
    with pytest.raises(ListError, match="is there already and is not a store"):
        build_store(path, tmp_path / "mine", force=True)
    assert (tmp_path / "mine" / "thesis.tex").exists()


@pytest.mark.parametrize("text", ["", "\n \n", "a\nb\0\n", "a\n" * 70_000 + "b\tx\n"])
def test_a_list_that_is_refused_leaves_nothing(tmp_path, text):
    (tmp_path / "words.txt").write_text(text)
    with pytest.raises(ListError):
        build_store(tmp_path / "words.txt", tmp_path / "words.store")
    assert [path.name for path in tmp_path.iterdir()] == ["words.txt"]


def test_a_build_that_is_given_up_leaves_nothing(tmp_path):
    (tmp_path / "words.txt").write_text(LISTS["words"])
    steps = build_steps(tmp_path / "words.txt", tmp_path / "words.store")
    assert next(steps).stage == "reading"
    assert not (tmp_path / "words.store").exists()
    assert len(list(tmp_path.iterdir())) == 2
    steps.close()
    assert [path.name for path in tmp_path.iterdir()] == ["words.txt"]


def test_a_full_disk_is_one_sentence(tmp_path, monkeypatch):
    def full(*arguments):
        raise OSError(28, "No space left on device")

    (tmp_path / "words.txt").write_text(LISTS["words"])
    monkeypatch.setattr(second_pass, "_append_to_shards", full)
    with pytest.raises(ListError, match=r"the store cannot be written to .*: No space left on device"):
        build_store(tmp_path / "words.txt", tmp_path / "words.store")
    assert [path.name for path in tmp_path.iterdir()] == ["words.txt"]


FILES = ["tokens.bin", "offsets.bin", "parts.bin", "known.bin", "counts.bin", "vocabulary.json", "store.json"]


@pytest.mark.parametrize("name", [*FILES, "MANIFEST.json"])
@pytest.mark.parametrize("damage", ["cut", "gone", "grown"])
def test_a_file_that_is_cut_grown_or_gone_is_named(built, name, damage):
    path = built(LISTS["counts"])[0].path / name
    data = path.read_bytes()
    path.unlink() if damage == "gone" else path.write_bytes(data[:-1] if damage == "cut" else data + b"x")
    if (name, damage) == ("MANIFEST.json", "cut"):
        data = data[: len(data) // 2]
        path.write_bytes(data)
    with pytest.raises(ListError, match=name if (name, damage) != ("store.json", "gone") else "is not a store"):
        Store.open(path.parent)


@pytest.mark.parametrize("name", FILES)
def test_a_changed_byte_is_found(built, name):
    store, _ = built(LISTS["counts"])
    data = bytearray((store.path / name).read_bytes())
    data[len(data) // 2] ^= 1
    (store.path / name).write_bytes(data)
    with pytest.raises(ListError, match=f"{name}' is damaged"):
        Store.open(store.path).verify()


def test_a_store_of_another_format_says_what_to_do(built):
    store, _ = built(LISTS["words"])
    facts = json.loads((store.path / "store.json").read_text()) | {"format": 2}
    (store.path / "store.json").write_text(json.dumps(facts))
    manifest = json.loads((store.path / "MANIFEST.json").read_text())
    data = (store.path / "store.json").read_bytes()
    manifest["files"]["store.json"] = {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    (store.path / "MANIFEST.json").write_text(json.dumps(manifest))
    with pytest.raises(ListError, match="store format 2; this morelike reads format 1: build it again"):
        Store.open(store.path)


BUILD_UNDER_A_LIMIT = """
    import resource, sys
    from morelike.text.store.build import build_store
    used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
    limit = used + int(sys.argv[3])
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    print(build_store(sys.argv[1], sys.argv[2]).facts.lines)
"""
LIMIT = 96 << 20


def build_limited(source, folder, limit=LIMIT):
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(BUILD_UNDER_A_LIMIT), source, folder, str(limit)],
        capture_output=True,
        text=True,
        env=dict(os.environ),
    )


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_fifty_megabytes_are_stored_in_ninety_six(tmp_path):
    rng = np.random.default_rng(0)
    path = tmp_path / "large.txt"
    with path.open("wb") as file:
        for _ in range(50):
            lengths = rng.integers(3, 24, 1 << 20)
            letters = rng.integers(97, 123, 1 << 20, dtype=np.uint8)
            letters[np.cumsum(lengths)[np.cumsum(lengths) < len(letters)]] = 10
            file.write(letters.tobytes() + b"\n")
    done = build_limited(path, tmp_path / "large.store")
    assert done.returncode == 0, done.stderr
    with path.open("rb") as file:
        assert int(done.stdout) == sum(1 for line in file if line.strip())
    assert build_limited(path, tmp_path / "other.store", 16 << 20).returncode != 0  # the limit is felt
