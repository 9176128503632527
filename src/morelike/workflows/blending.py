"""Blending trained models with given weights, whatever characters each of them knows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import reduce
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from morelike.architecture import Architecture
from morelike.arrays import Int, Weights
from morelike.ensembles.mixture import MIXTURE_WEIGHTS, UNKNOWN, Mixture
from morelike.errors import SettingError
from morelike.language_model.model import LanguageModel
from morelike.runs.run_folder import Run
from morelike.text.known_words import KnownWords
from morelike.text.vocabulary import Vocabulary

__all__ = ["blend", "lacking", "save_blend"]

Ids = Int[NDArray[Any], " V"]


def blend(models: Sequence[LanguageModel], weights: Sequence[float] | None = None) -> LanguageModel:
    """Return models as one: each next character's probability is the weighted mean of theirs.

    The words that it makes melt the styles, character by character; to have some words of one list and some of
    another, sample each model alone. Every character that one of the models knows can occur. A model gives the others
    probability 0, and begins anew after one of them, as after a word's end. New words are those that no list holds.

    Args:
        models: two or more, of words or of running text, all of one form.
        weights: a positive number for each, of which it gets its share; by default all are equal.

    Raises:
        SettingError: fewer than two models, other weights than that, or words and running text together.

    >>> import morelike
    >>> words = morelike.train(["anna", "hanna", "anne"], kind="ngram")
    >>> numbers = morelike.train(["101", "110", "1001"], kind="ngram")
    >>> blended = blend([words, numbers], weights=[0.7, 0.3])
    >>> "".join(blended.vocabulary.characters)
    '01aehn'
    >>> bool(np.isclose(blended.next("")["a"], 0.7 * words.next("")["a"]))
    True
    """
    shares = _shares(len(models), weights)
    first = models[0]
    if any(model.labels for model in models):
        raise SettingError("a blend is of models without labels: train them with labelled = False")
    if any(model.form != first.form for model in models):
        raise SettingError("a model of words and one of running text cannot be blended")
    vocabulary = Vocabulary.of(character for model in models for character in model.vocabulary.characters)
    members, ids, each = [], [], []
    for model, share in zip(models, shares, strict=True):
        for member, own, inner in _members(model, vocabulary):
            members.append(member)
            ids.append(None if np.array_equal(own, np.arange(vocabulary.size)) else own)
            each.append(share * inner)
    architecture, arrays = Mixture.join(members, np.array(each), ids)
    facts = {"blend": [_told(model, share) for model, share in zip(models, shares, strict=True)]}
    known = reduce(KnownWords.joined, (model.known for model in models))
    return LanguageModel(vocabulary, architecture, arrays, known, facts, first.form)


def lacking(models: Sequence[LanguageModel]) -> list[str]:
    """Return for each model the characters, sorted, that another of them knows and it does not."""
    union = {character for model in models for character in model.vocabulary.characters}
    return ["".join(sorted(union.difference(model.vocabulary.characters))) for model in models]


def save_blend(blended: LanguageModel, out: Path, names: Sequence[str]) -> Run:
    """Write a blend as a run of its own, so that it can be found like any other, and return the run.

    Raises:
        RunError: `out` cannot be written.
        ModelError: the same, once the run folder is there.
    """
    members = blended.facts["blend"]
    name = "+".join(str(member["list"]) for member in members)
    config: dict[str, Any] = {"blend": {"members": list(names), "weights": [member["weight"] for member in members]}}
    run = Run.create(out, f"{name[:60].replace('/', '-')}-blend", config, {"kind": "mixture", "list": name, "seed": 0})
    blended.save(run.model)
    run.update_meta(status="finished")
    return run


def _shares(count: int, weights: Sequence[float] | None) -> list[float]:
    """Return weights as shares that sum to 1.

    Raises:
        SettingError: fewer than two models, or not a positive number for each.
    """
    if count < 2:
        raise SettingError("a blend takes two models or more")
    given = [1.0] * count if weights is None else [float(weight) for weight in weights]
    if len(given) != count:
        raise SettingError(f"weights given: {len(given)}; models: {count}; give each model one")
    if bad := [weight for weight in given if not 0 < weight < float("inf")]:
        raise SettingError(f"the weight {bad[0]:g}: each is a positive number, such as 0.7")
    return [weight / sum(given) for weight in given]


def _members(model: LanguageModel, vocabulary: Vocabulary) -> Iterator[tuple[tuple[Architecture, Weights], Ids, float]]:
    """Yield a model, or each member of a mixture, with its ids of the vocabulary's characters and its own share."""
    of_model = np.full(vocabulary.size, UNKNOWN)
    of_model[[0, *vocabulary.encode("".join(model.vocabulary.characters))]] = np.arange(model.vocabulary.size)
    if not isinstance(model.architecture, Mixture):
        yield (model.architecture, model.weights), of_model, 1.0
        return
    parts = model.architecture.members_with_weights(model.weights)
    for part, ids, share in zip(
        parts, model.architecture.ids(model.weights), model.weights[MIXTURE_WEIGHTS], strict=True
    ):
        own = of_model if ids is None else np.where(of_model == UNKNOWN, UNKNOWN, ids[of_model])
        yield part, own, float(share)


def _told(model: LanguageModel, share: float) -> dict[str, Any]:
    """Return what the model card and the file say of a member."""
    if inner := model.facts.get("blend"):
        listed = "+".join(str(member["list"]) for member in inner)
    else:
        listed = str(model.facts.get("list", "words"))
    return {"list": listed, "kind": model.architecture.kind, "weight": share}
