"""The files of a model folder: writing them, and reading them back."""

from __future__ import annotations

import json
import mmap
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from morelike.architecture import Architecture, build
from morelike.arrays import Weights
from morelike.errors import ModelError, MorelikeError
from morelike.renamed_settings import with_new_names
from morelike.storage.atomic_files import atomic_folder
from morelike.storage.manifest import Manifest, parse_json, release_memory, write_files
from morelike.storage.safetensors_io import Packed, unpack
from morelike.text.known_words import KnownWords
from morelike.text.splits import SPLIT_NAMES
from morelike.text.vocabulary import Vocabulary
from morelike.text.words import Form


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
        "config.json": _json(config),
        "vocabulary.json": _json({"characters": list(contents.vocabulary.characters)}),
        "model.safetensors": Packed(contents.weights),
        "known.safetensors": Packed({split: getattr(contents.known, split) for split in SPLIT_NAMES}),
    }
    try:
        with atomic_folder(path) as temporary:
            write_files(temporary, files, {"README.md": card.encode()})
    except OSError as error:
        raise ModelError(f"the model cannot be written to '{path}': {error.strerror}") from None
    return path


def read_model(path: Path, weights: Weights | None = None) -> Contents:
    """Return the content of a model folder; no code runs, and the SHA-256 of every file is checked.

    `weights` take the place of the weights in the folder.

    Raises:
        ModelError: a file is missing, damaged, or has an unknown format; the message names it.
    """
    manifest = Manifest.read(path)
    files = {name: manifest.read_file(name) for name in manifest.files}
    if "classifier.json" in files:
        raise ModelError(f"'{path}' is a classifier, of two models: name one of them, such as '{path / 'good'}'")
    try:
        config = parse_json(path / "config.json", files["config.json"])
        characters = parse_json(path / "vocabulary.json", files["vocabulary.json"])["characters"]
        settings = dict(config["architecture"])
        contents = Contents(
            Vocabulary(tuple(characters)),
            build(settings.pop("kind"), settings),
            unpack(path / "model.safetensors", files["model.safetensors"]) if weights is None else weights,
            KnownWords(**unpack(path / "known.safetensors", files["known.safetensors"])),
            with_new_names(config["facts"]),
            config.get("form", "lines"),
            {str(label): float(share) for label, share in config.get("labels", {}).items()},
        )
    except KeyError as error:
        raise ModelError(f"'{path}' is damaged: {error} is missing") from None
    except (TypeError, AttributeError, ValueError) as error:
        raise ModelError(f"'{path}' is damaged: {error}") from None
    except MorelikeError as error:
        raise ModelError(str(error) if str(path) in str(error) else f"'{path}' is damaged: {error}") from None
    known = (getattr(contents.known, split) for split in SPLIT_NAMES)
    if not contents.architecture.fits(contents.weights, contents.vocabulary.size) or any(
        hashes.dtype != np.uint64 for hashes in known
    ):
        raise ModelError(f"'{path}' is damaged: its weights do not fit its settings")
    if not _are_labels(contents):
        raise ModelError(f"'{path}' is damaged: its labels do not match its weights")
    if contents.form not in ("lines", "text"):
        raise ModelError(f"'{path}' is damaged: its form is {contents.form!r}, not lines or text")
    for data in files.values():
        if isinstance(data, mmap.mmap):  # checksums have read all of it; most pages are not needed again
            release_memory(data)
    return contents


def _are_labels(contents: Contents) -> bool:
    """Return whether the labels are sorted, are as many as in the weights, and have shares with sum 1."""
    labels, architecture = contents.labels, contents.architecture
    known = architecture.labels_in(contents.weights)
    shares = np.array(list(labels.values()))
    valid_shares = not labels or (bool(np.all(shares >= 0)) and abs(float(shares.sum()) - 1) < 1e-6)
    return len(labels) == known and list(labels) == sorted(labels) and valid_shares


def _json(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True).encode() + b"\n"
