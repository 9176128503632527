"""Mixing trained models: interpolation weights by EM on words that none of them learned from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from morelike.architecture import Architecture, Labelled
from morelike.arrays import Float, Weights
from morelike.ensembles.mixture import MIXTURE_WEIGHTS, Mixture
from morelike.errors import RunError, SettingError
from morelike.evaluation.loss import Evaluation, character_losses, text_losses
from morelike.language_model.model import LanguageModel
from morelike.language_model.threads import one_thread
from morelike.ngrams.smoothing import expectation_maximisation
from morelike.runs.run_folder import Run
from morelike.text.corpus import Corpus
from morelike.text.count_weights import Counts, CountWeighting, line_weights
from morelike.text.examples.contexts import text_rows
from morelike.text.known_words import KnownWords
from morelike.text.labels import labelled
from morelike.text.splits import Split
from morelike.text.vocabulary import TokenLines
from morelike.training.preparation import encoded, split_corpus

__all__ = ["Mixed", "mix", "mix_on", "save_mixture"]


@dataclass(frozen=True)
class Mixed:
    """A mixture with its exact losses on dev and test, and each member's."""

    model: LanguageModel
    losses: dict[str, Evaluation]
    members: list[dict[str, Evaluation]]

    @property
    def shares(self) -> list[float]:
        """The weight of each member."""
        return [float(share) for share in self.model.weights[MIXTURE_WEIGHTS]]


def mix(
    models: Sequence[LanguageModel],
    dev: Sequence[str],
    counts: Counts | None = None,
    labels: Sequence[str] | None = None,
) -> LanguageModel:
    """Return the mixture of models, its weights fitted by EM to words that they did not learn from.

    `counts` says how often each word was seen; they weigh as in the models' training. `labels` are those of the words,
    under which models with labels are judged.

    Raises:
        SettingError: fewer than two models, no words, or models that do not know the same characters.
    """
    if len(models) < 2:
        raise SettingError("a mixture takes two models or more")
    if not dev:
        raise SettingError("no words to fit the mixture's weights on: give some that no member learned from")
    for other in models[1:]:
        _refuse_different(models[0], other)
    members = [member for model in models for member in _members(model)]
    first = models[0]
    lines = encoded(first.vocabulary, first.form, list(dev))
    if first.labels and labels is None:
        raise SettingError("the models are conditioned by labels: give those of the words too")
    lines = labelled(lines, labels, list(first.labels))
    with one_thread():
        if first.form == "lines":
            losses = [_character_losses(architecture, weights, lines) for architecture, weights in members]
        else:
            rows = text_rows(lines, *_sight(members))
            losses = [text_losses(architecture, weights, rows) for architecture, weights in members]
    lines = replace(lines, weights=line_weights(counts, weighing_of(models)))
    shares = expectation_maximisation(np.exp(-np.stack(losses, axis=-1)), lines.character_weights)
    architecture, weights = Mixture.join(members, shares)
    facts = {name: value for name, value in first.facts.items() if name not in ("losses", "steps", "seed")}
    return replace(first, architecture=architecture, weights=weights, facts=facts)


def mix_on(models: Sequence[LanguageModel], corpus: Corpus, split: str) -> Mixed:
    """Return the mixture of models that learned from one list, fitted on its dev part, with the losses of all.

    Raises:
        SettingError: as `mix`; or a member that learned from something else than the train part of this list.
    """
    parts = split_corpus(corpus, split)
    if not parts.dev:
        raise SettingError(f"the split '{split}' holds nothing out: there are no words to fit the mixture's weights on")
    for i, model in enumerate(models, 1):
        _refuse_different(models[0], model)
        _refuse_other_parts(model, i, parts)
    mixed = mix(models, parts.dev, counts=parts.counts.get("dev"), labels=parts.labels.get("dev"))
    judged = {name: words for name, words in parts.parts.items() if name != "train"}
    weighing = weighing_of(models)

    def judged_by(model: LanguageModel) -> dict[str, Evaluation]:
        return {
            name: model.evaluate(words, counts=parts.counts.get(name), weights=weighing, labels=parts.labels.get(name))
            for name, words in judged.items()
        }

    losses, members = judged_by(mixed), list(map(judged_by, models))
    figures = {name: loss.as_dict() for name, loss in losses.items()}
    return Mixed(replace(mixed, facts={**mixed.facts, "losses": figures}), losses, members)


def weighing_of(models: Sequence[LanguageModel]) -> CountWeighting:
    """Return how the counts of their list weighed in all of these models.

    Raises:
        SettingError: not in all the same.
    """
    found = list(dict.fromkeys(model.facts.get("weights", "none") for model in models))
    if len(found) > 1:
        raise SettingError(
            f"the models weigh the counts of their list differently ({', '.join(found)}): mix equal ones"
        )
    weighing: CountWeighting = found[0]
    return weighing


def save_mixture(mixed: Mixed, out: Path, names: Sequence[str]) -> Run:
    """Write a mixture as a run of its own, so that it can be found like any other, and return the run.

    Raises:
        RunError: `out` cannot be written.
    """
    facts = mixed.model.facts
    name = str(facts.get("list", "words"))
    config: dict[str, Any] = {
        "data": {"list": name, "split": facts.get("split", "")},
        "mixture": {"members": list(names), "weights": mixed.shares},
    }
    run = Run.create(out, f"{name}-mixture", config, {"kind": "mixture", "list": name, "seed": facts.get("seed", 0)})
    try:
        mixed.model.save(run.model)
    except OSError as error:
        raise RunError(f"the mixture cannot be written to '{run.path}': {error.strerror}") from None
    losses = {part: loss.as_dict() for part, loss in mixed.losses.items()}
    run.update_meta(status="finished", losses=losses)
    return run


def _character_losses(architecture: Architecture, weights: Weights, lines: TokenLines) -> Float[NDArray[Any], " N"]:
    """Return -ln p of each character of lines (nats), each line's under its label if it has one."""
    if lines.labels is None:
        return character_losses(architecture, weights, lines)
    assert isinstance(architecture, Labelled)
    losses = np.empty(len(lines.tokens))
    of_character = np.repeat(lines.labels, lines.lengths)
    for label in np.unique(lines.labels).tolist():
        own = lines.take(np.flatnonzero(lines.labels == label))
        losses[of_character == label] = character_losses(architecture, architecture.conditioned_on(weights, label), own)
    return losses


def _members(model: LanguageModel) -> list[tuple[Any, Any]]:
    """Return a model's parts: itself, or the members of a mixture, so that mixtures are never nested.

    Raises:
        SettingError: a mixture whose members do not all know its characters.
    """
    if isinstance(model.architecture, Mixture):
        if any(ids is not None for ids in model.architecture.ids(model.weights)):
            raise SettingError("a blend over several alphabets cannot be mixed further: mix the models that it is of")
        return list(model.architecture.members_with_weights(model.weights))
    return [(model.architecture, model.weights)]


def _sight(members: list[tuple[Any, Any]]) -> tuple[int | None, int | None]:
    mixture, _ = Mixture.join(members, _even(len(members)))
    return mixture.reach, mixture.block


def _even(count: int) -> Float[NDArray[Any], " M"]:
    return np.full(count, 1 / count)


def _refuse_different(first: LanguageModel, other: LanguageModel) -> None:
    if first.form != other.form:
        raise SettingError("a model of words and one of running text cannot be mixed")
    if first.labels != other.labels:
        raise SettingError("models with different labels, or with and without, cannot be mixed: train them alike")
    ours, theirs = set(first.vocabulary.characters), set(other.vocabulary.characters)
    if ours != theirs:
        alone = "".join(sorted(ours ^ theirs))
        shown = alone if len(alone) <= 20 else alone[:20] + "…"
        raise SettingError(
            f"models with different characters cannot be mixed: only one of the first ({first.architecture.kind}) and "
            f"another ({other.architecture.kind}) knows {shown!r}; train them on one list"
        )


def _refuse_other_parts(model: LanguageModel, number: int, parts: Split) -> None:
    if not model.known.equals(KnownWords.of(parts)):
        raise SettingError(
            f"model {number} ({model.architecture.kind}) learned from another list or another split: the weights would "
            "be fitted on words that it knows by heart; mix models of one list and one split"
        )
