"""Blending: one model whose next-character distribution is the weighted mean of several models' distributions.

The models may know different characters, and the user gives the weights. `mixing` fits the weights instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from morelike.architecture import MixtureMember
from morelike.ensembles.mixture import UNKNOWN, Mixture, read_as
from morelike.errors import SettingError
from morelike.language_model.model import LanguageModel
from morelike.runs.run_folder import RunFolder
from morelike.text.known_words import KnownWords
from morelike.text.vocabulary import Vocabulary


def blend(
    models: Sequence[LanguageModel], weights: Sequence[float] | None = None, *, fold_case: bool = False
) -> LanguageModel:
    """Return one model: the probability of each next character is the weighted mean of the models' probabilities.

    Its words mix the styles character by character. To get some words of one list and some of another, sample each
    model alone. Every character that at least one model knows can occur. The other models give it probability 0 and
    start again after it, as after the end of a word. With `fold_case` a model reads a letter that it knows in the other
    case only as the letter that it knows: after `F`, a model of lower-case words goes on as after `f`. New words are
    those that stand in none of the lists.

    Args:
        models: two or more, all of words or all of running text.
        weights: a positive number for each model; only their proportions count. By default they are equal.
        fold_case: whether models read unknown capitals as small letters, and unknown small letters as capitals.

    Raises:
        SettingError: fewer than two models, wrong weights, labels, or words and running text together.

    >>> import morelike
    >>> words = morelike.train(["anna", "hanna", "anne"], kind="ngram")
    >>> numbers = morelike.train(["101", "110", "1001"], kind="ngram")
    >>> blended = blend([words, numbers], weights=[0.7, 0.3])
    >>> "".join(blended.vocabulary.characters)
    '01aehn'
    >>> bool(np.isclose(blended.next("")["a"], 0.7 * words.next("")["a"]))
    True
    """
    weights = _normalized(weights, len(models))
    first = models[0]
    if any(model.labels for model in models):
        raise SettingError("a blend takes models without labels: train them with labelled = False")
    if any(model.form != first.form for model in models):
        raise SettingError("a model of words and one of running text cannot be blended")
    vocabulary = Vocabulary.of(character for model in models for character in model.vocabulary.characters)
    members = [
        member._replace(weight=weight * member.weight)
        for model, weight in zip(models, weights, strict=True)
        for member in _members_over(vocabulary, model, fold_case=fold_case)
    ]
    architecture, arrays = Mixture.join(
        [(member.architecture, member.weights) for member in members],
        np.array([member.weight for member in members]),
        [member.ids for member in members],
    )
    facts = {"blend": [_description(model, weight) for model, weight in zip(models, weights, strict=True)]}
    known = reduce(KnownWords.union, (model.known for model in models))
    return LanguageModel(vocabulary, architecture, arrays, known, facts, first.form)


def missing_characters(models: Sequence[LanguageModel]) -> list[str]:
    """Return for each model the characters, sorted, that it does not know and another of the models knows."""
    union = {character for model in models for character in model.vocabulary.characters}
    return ["".join(sorted(union.difference(model.vocabulary.characters))) for model in models]


def save_blend(blended: LanguageModel, out: Path, names: Sequence[str], *, fold_case: bool = False) -> RunFolder:
    """Write a blend as a run in `out`, so that commands find it as any other run, and return the run.

    Raises:
        RunError: `out` cannot be written.
        ModelError: the model cannot be written into the run.
    """
    members = blended.facts["blend"]
    name = "+".join(str(member["list"]) for member in members)
    weights = [member["weight"] for member in members]
    config: dict[str, Any] = {"blend": {"members": list(names), "weights": weights, "fold_case": fold_case}}
    run = RunFolder.create(
        out, f"{name[:60].replace('/', '-')}-blend", config, {"kind": "mixture", "list": name, "seed": 0}
    )
    blended.save(run.model)
    run.update_meta(status="finished")
    return run


def _normalized(weights: Sequence[float] | None, count: int) -> list[float]:
    """Return the weights divided by their sum.

    Raises:
        SettingError: fewer than two models, or not a positive number for each.
    """
    if count < 2:
        raise SettingError("a blend takes two models or more")
    weights = [1.0] * count if weights is None else [float(weight) for weight in weights]
    if len(weights) != count:
        raise SettingError(f"weights given: {len(weights)}; models: {count}; give each model one")
    if bad := [weight for weight in weights if not 0 < weight < float("inf")]:
        raise SettingError(f"the weight {bad[0]:g}: each is a positive number, such as 0.7")
    return [weight / sum(weights) for weight in weights]


def _members_over(vocabulary: Vocabulary, model: LanguageModel, *, fold_case: bool) -> list[MixtureMember]:
    """Return the members of a model with their ids of this larger vocabulary's characters."""
    model_ids = np.full(vocabulary.size, UNKNOWN)
    model_ids[[0, *vocabulary.encode("".join(model.vocabulary.characters))]] = np.arange(model.vocabulary.size)
    if fold_case:
        for character, i in vocabulary.ids.items():
            other_case = model.vocabulary.ids.get(character.swapcase())
            if model_ids[i] == UNKNOWN and other_case is not None:
                model_ids[i] = read_as(np.array(other_case))
    members = []
    if isinstance(model.architecture, Mixture) and model.architecture.log_linear:  # no weighted mean: it stays one
        averaged = [MixtureMember(model.architecture, model.weights)]
    else:
        averaged = model.architecture.mixture_members(model.weights)
    for member in averaged:
        ids = model_ids if member.ids is None else _composed(model_ids, member.ids)
        same = np.array_equal(ids, np.arange(vocabulary.size))
        members.append(member._replace(ids=None if same else ids))
    return members


def _composed(model_ids: NDArray[Any], member_ids: NDArray[Any]) -> NDArray[Any]:
    """Return a member's ids of characters, from the model's ids of them and the member's ids of the model's."""
    known = np.where(model_ids < 0, UNKNOWN, member_ids[model_ids])
    read = member_ids[np.where(model_ids < UNKNOWN, read_as(model_ids), 0)]
    return np.where(model_ids < UNKNOWN, np.where(read < 0, read, read_as(read)), known)


def _description(model: LanguageModel, weight: float) -> dict[str, Any]:
    """Return the facts about a member that the model card and config.json state."""
    if inner := model.facts.get("blend"):
        name = "+".join(str(member["list"]) for member in inner)
    else:
        name = str(model.facts.get("list", "words"))
    return {"list": name, "kind": model.architecture.kind, "weight": weight}
