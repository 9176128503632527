"""The files of a model folder: writing them, and reading them back."""

from __future__ import annotations

import json
import mmap
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from morelike.architecture import Architecture, build
from morelike.arrays import Weights
from morelike.errors import ModelError, MorelikeError
from morelike.language_model.files.facts import Facts, ModelConfig, VocabularyFile, check
from morelike.renamed_settings import with_new_names
from morelike.storage.atomic_files import atomic_folder
from morelike.storage.manifest import Manifest, parse_json, release_memory, write_files
from morelike.storage.safetensors_io import Packed, unpack
from morelike.text.known_words import KnownWords
from morelike.text.splits import SPLIT_NAMES
from morelike.text.vocabulary import END, Vocabulary
from morelike.text.words import NOT_IN_A_LINE, Form

CONFIG, VOCABULARY = "config.json", "vocabulary.json"
WEIGHTS, KNOWN = "model.safetensors", "known.safetensors"
LONGEST_REASON = 300


class Contents(NamedTuple):
    """The content of a model, in the order of the fields of `LanguageModel`."""

    vocabulary: Vocabulary
    architecture: Architecture
    weights: Weights
    known: KnownWords
    facts: Mapping[str, Any]
    form: Form
    labels: Mapping[str, float]


def write_model(path: Path, contents: Contents, card: str) -> Path:
    """Write a model as one folder, atomically, and return its path.

    Raises:
        ModelError: the path holds something else, or cannot be written.
    """
    architecture = {"kind": contents.architecture.kind, **contents.architecture.model_dump()}
    config: dict[str, Any] = {"architecture": architecture, "facts": dict(contents.facts)}
    if contents.form != "lines":  # the default; the first version had no forms
        config["form"] = contents.form
    if contents.labels:
        config["labels"] = dict(contents.labels)
    files: dict[str, bytes | Packed] = {
        CONFIG: _json(config),
        VOCABULARY: _json({"characters": list(contents.vocabulary.characters)}),
        WEIGHTS: Packed(contents.weights),
        KNOWN: Packed({split: getattr(contents.known, split) for split in SPLIT_NAMES}),
    }
    try:
        with atomic_folder(path) as temporary:
            write_files(temporary, files, {"README.md": card.encode()})
    except OSError as error:
        raise ModelError(f"the model cannot be written to '{path}': {error.strerror}") from None
    return path


def read_model(path: Path, weights: Weights | None = None) -> Contents:
    """Return the content of a model folder. No code runs, and only the files that a model needs are read.

    Each of them is a regular file in the folder, has the SHA-256 that the manifest states, and holds what is used
    later. `weights` take the place of the weights in the folder.

    Raises:
        ModelError: a file is missing, damaged, or has an unknown format; the message names it.
    """
    manifest = Manifest.read(path)
    if "classifier.json" in manifest.files:
        raise ModelError(f"'{path}' is a classifier, of two models: name one of them, such as '{path / 'good'}'")
    with naming(path / CONFIG):
        config = parse_json(path / CONFIG, manifest.read_file(CONFIG))
        check(ModelConfig, config)
        settings = dict(config["architecture"])
        architecture = build(settings.pop("kind"), settings)
        facts = with_new_names(config["facts"])
        check(Facts, facts)
        form, labels = config.get("form", "lines"), config.get("labels", {})
    with naming(path / VOCABULARY):
        content = parse_json(path / VOCABULARY, manifest.read_file(VOCABULARY))
        check(VocabularyFile, content)
        vocabulary = Vocabulary(tuple(content["characters"]))
        if form == "lines" and NOT_IN_A_LINE.search("".join(vocabulary.characters)):
            raise ValueError("it holds a line end or a NUL, and no word does")
    with naming(path / KNOWN):
        known = _known(_arrays(manifest, KNOWN))
    with naming(path / WEIGHTS):
        if weights is None:
            weights = _arrays(manifest, WEIGHTS)
        if not architecture.fits(weights, vocabulary.size):
            raise ValueError("its weights do not fit its settings")
        _require_probabilities(architecture, weights)
    contents = Contents(vocabulary, architecture, weights, known, facts, form, labels)
    with naming(path / CONFIG):
        if not _are_labels(contents):
            raise ValueError("its labels do not match its weights")
    return contents


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Raise whatever a damaged file causes as one error that names the file.

    Raises:
        ModelError: any error of ours, or of values that are missing or have another type.
    """
    try:
        yield
    except KeyError as error:
        raise ModelError(f"'{path}' is damaged: {error} is missing") from None
    except (TypeError, AttributeError, ValueError, OverflowError) as error:
        raise ModelError(f"'{path}' is damaged: {_one_line(error)}") from None
    except MorelikeError as error:
        said = _one_line(error)
        raise ModelError(said if str(path.parent) in said else f"'{path}' is damaged: {said}") from None


def _one_line(error: Exception) -> str:
    line = " ".join(str(error).split())
    return line if len(line) <= LONGEST_REASON else line[:LONGEST_REASON] + " ..."


def _arrays(manifest: Manifest, name: str) -> Weights:
    data = manifest.read_file(name)
    arrays = unpack(manifest.folder / name, data)
    if isinstance(data, mmap.mmap):  # checksums have read all of it; most pages are not needed again
        release_memory(data)
    return arrays


def _known(arrays: Weights) -> KnownWords:
    """Return the hashes of the known words, which are distinct and sorted.

    Raises:
        TypeError, ValueError: other arrays.
    """
    known = KnownWords(**arrays)
    for split in SPLIT_NAMES:
        hashes = getattr(known, split)
        if hashes.dtype != np.uint64 or hashes.ndim != 1 or not np.all(hashes[1:] > hashes[:-1]):
            raise ValueError(f"{split} does not hold sorted hashes")
    return known


def _require_probabilities(architecture: Architecture, weights: Weights) -> None:
    """Check that a network gives finite logits: finite weights may still overflow. Counts are checked by `fits`.

    Raises:
        ValueError: a logit after the beginning of a word is not a finite number.
    """
    if architecture.learned_by != "gradients":
        return
    with np.errstate(all="ignore"):
        _, logits = architecture.step(weights, architecture.start(weights, 1), np.array([END], dtype=np.int32))
    if not np.all(np.isfinite(logits)):
        raise ValueError("its weights give no probabilities")


def _are_labels(contents: Contents) -> bool:
    """Return whether the labels are sorted, are as many as in the weights, and have shares with sum 1."""
    labels, architecture = contents.labels, contents.architecture
    known = architecture.labels_in(contents.weights)
    shares = np.array(list(labels.values()))
    valid_shares = not labels or (bool(np.all(shares >= 0)) and abs(float(shares.sum()) - 1) < 1e-6)
    return len(labels) == known and list(labels) == sorted(labels) and valid_shares


def _json(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True).encode() + b"\n"
