"""Mixing trained models: an interpolation of their distributions, fitted on words that no model learned from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from morelike.architecture import Architecture
from morelike.arrays import Float, Weights
from morelike.ensembles.mixture import MIXTURE_WEIGHTS, Mixture
from morelike.errors import RunError, SettingError, excerpt
from morelike.evaluation.loss import Evaluation, character_losses, text_losses
from morelike.language_model.files.facts import HIDDEN, LOOKED_AT
from morelike.language_model.model import LanguageModel
from morelike.language_model.scoring import evaluated
from morelike.language_model.threads import one_thread
from morelike.ngrams.expectation_maximisation import expectation_maximisation
from morelike.runs.run_folder import RunFolder
from morelike.text.corpus import Corpus
from morelike.text.count_weights import Counts, CountWeighting, line_weights
from morelike.text.examples.packed_rows import PackedRows, text_rows
from morelike.text.known_words import KnownWords
from morelike.text.labels import attach_labels
from morelike.text.splits import Split
from morelike.text.vocabulary import TokenLines
from morelike.text.words import Form
from morelike.training.preparation import encode_words, split_corpus
from morelike.training.result import judged_parts
from morelike.workflows.interpolation import (
    LINEAR,
    HeldOut,
    Interpolation,
    fit_interpolation,
    held_out_lines,
    held_out_text,
)


@dataclass(frozen=True)
class FittedMixture:
    """A mixture, its exact losses on dev and test, and the losses of each of the given models."""

    model: LanguageModel
    losses: dict[str, Evaluation]
    members: list[dict[str, Evaluation]]

    @property
    def weights(self) -> list[float]:
        """The weight of each member; in a log-linear mixture, its share of the mean weight on dev."""
        return [float(weight) for weight in self.model.weights[MIXTURE_WEIGHTS]]

    @property
    def interpolation(self) -> dict[str, Any]:
        """The form of interpolation, `chosen`, and `dev`: the losses of the forms that were compared, by form."""
        found: dict[str, Any] = self.model.facts.get("interpolation", {"chosen": LINEAR, "dev": {}})
        return found

    @property
    def sentence(self) -> str:
        """The form of interpolation, and the losses that chose it, without a full stop."""
        chosen, dev = self.interpolation["chosen"], self.interpolation["dev"]
        others = " and ".join(f"{loss:.4f} ({form})" for form, loss in dev.items() if form != chosen)
        return f"{chosen}: dev {dev[chosen]:.4f} against {others}, cross-validated" if others else chosen


def mix(
    models: Sequence[LanguageModel],
    dev: Sequence[str],
    counts: Counts | None = None,
    labels: Sequence[str] | None = None,
    interpolation: Interpolation = "auto",
) -> LanguageModel:
    """Return the mixture of models, its weights fitted to words that the models did not learn from.

    Args:
        models: two or more, with the same characters and the same labels.
        dev: the words.
        counts: how often each word was seen; they weigh the words as in the models' training.
        labels: the label of each word, if the models have labels.
        interpolation: `linear` fits the weights of the mean by EM; `log-linear` fits the exponents of the normalised
            geometric mean, perhaps by position and entropy; `auto` is linear, unless a log-linear form is better beyond
            chance in a cross-validation inside these words. Models with labels are mixed linearly.

    Raises:
        SettingError: fewer than two models, no words, models with different characters or labels, or a log-linear
            interpolation of models with labels.
    """
    if len(models) < 2:
        raise SettingError("a mixture takes two models or more")
    if not dev:
        raise SettingError("no words to fit the mixture's weights on: give some that no member learned from")
    for other in models[1:]:
        _refuse_different(models[0], other)
    members = [member for model in models for member in _members(model)]
    first = models[0]
    if first.labels and interpolation == "log-linear":
        raise SettingError("models with labels are mixed linearly: leave out the interpolation, or give linear")
    lines = encode_words(first.vocabulary, first.form, list(dev))
    if first.labels and labels is None:
        raise SettingError("the models are conditioned by labels: give the labels of the words too")
    lines = attach_labels(lines, labels, list(first.labels))
    lines = replace(lines, weights=line_weights(counts, weighting_of(models)))
    with one_thread():
        fitted = None
        if interpolation != "linear" and not first.labels:
            fitted = fit_interpolation(
                _held_out(first.form, members, lines, first.vocabulary.size), interpolation, lines=first.form == "lines"
            )
        if fitted and fitted.exponents is not None and fitted.shares is not None:
            joined = Mixture.join(members, fitted.shares, exponents=fitted.exponents, features=fitted.features)
        else:
            joined = Mixture.join(members, _linear_weights(first.form, members, lines))
    facts = {name: value for name, value in first.facts.items() if name not in ("losses", "steps", "seed")}
    if fitted:
        facts["interpolation"] = {"chosen": fitted.form, "dev": fitted.losses}
    origin = first.origin if all(model.origin is first.origin for model in models) else None
    return replace(first, architecture=joined[0], weights=joined[1], facts=facts, origin=origin)


def _linear_weights(
    form: Form, members: Sequence[tuple[Architecture, Weights]], lines: TokenLines
) -> Float[NDArray[Any], " M"]:
    """Return the weights of a linear interpolation, found by EM."""
    if form == "lines":
        losses = [_character_losses(architecture, weights, lines) for architecture, weights in members]
    else:
        rows = _rows(members, lines)
        losses = [text_losses(architecture, weights, rows) for architecture, weights in members]
    return expectation_maximisation(np.exp(-np.stack(losses, axis=-1)), lines.character_weights)


def _held_out(form: Form, members: Sequence[tuple[Architecture, Weights]], lines: TokenLines, symbols: int) -> HeldOut:
    prepared = [(architecture, architecture.prepare(weights)) for architecture, weights in members]
    if form == "lines":
        return held_out_lines(prepared, lines, symbols)
    return held_out_text(prepared, _rows(members, lines), symbols)


def _rows(members: Sequence[tuple[Architecture, Weights]], text: TokenLines) -> PackedRows:
    mixture, _ = Mixture.join(members, np.full(len(members), 1 / len(members)))
    return text_rows(text, mixture.receptive_field, mixture.block_length)


def mix_on(
    models: Sequence[LanguageModel],
    corpus: Corpus,
    split: str,
    interpolation: Interpolation = "auto",
    *,
    hide_test: bool = False,
) -> FittedMixture:
    """Return the mixture of models of one list, fitted on its dev split, with the losses of the mixture and the models.

    The losses on test are left out with `hide_test`, and where the test loss of a model is hidden.

    Raises:
        SettingError: as `mix`; or a model that did not learn from the train split of this list.
    """
    splits = split_corpus(corpus, split)
    if not splits.dev:
        raise SettingError(f"the split '{split}' holds nothing out: there are no words to fit the mixture's weights on")
    for i, model in enumerate(models, 1):
        _refuse_different(models[0], model)
        _refuse_other_split(model, i, splits)
    mixed = mix(models, splits.dev, splits.counts.get("dev"), splits.labels.get("dev"), interpolation)
    weighting = weighting_of(models)
    hide_test = hide_test or any(model.facts.get(HIDDEN) for model in models)

    def evaluate(model: LanguageModel) -> dict[str, Evaluation]:
        return {
            name: evaluated(model, splits.parts[name], splits.counts.get(name), weighting, splits.labels.get(name))
            for name in judged_parts(splits, hide_test=hide_test)
            if name != "train"
        }

    losses, members = evaluate(mixed), list(map(evaluate, models))
    figures = {name: loss.as_dict() for name, loss in losses.items()}
    facts = {name: value for name, value in mixed.facts.items() if name not in (HIDDEN, LOOKED_AT)}
    facts |= {"losses": figures, **({HIDDEN: True} if hide_test else {})}
    return FittedMixture(replace(mixed, facts=facts), losses, members)


def _interpolation(model: LanguageModel) -> dict[str, Any]:
    """Return the interpolation of a mixture, and what its weights depend on, as config.json states them."""
    settings = model.architecture.model_dump(mode="json", include={"interpolation", "features"})
    return {name: value for name, value in settings.items() if value}


def weighting_of(models: Sequence[LanguageModel]) -> CountWeighting:
    """Return how the counts of the list weighed its words in the training of these models.

    Raises:
        SettingError: differently in some of them.
    """
    found = list(dict.fromkeys(model.facts.get("count_weighting", "none") for model in models))
    if len(found) > 1:
        raise SettingError(
            f"the models weigh the counts of their list differently ({', '.join(found)}): mix equal ones"
        )
    weighting: CountWeighting = found[0]
    return weighting


def save_mixture(mixed: FittedMixture, out: Path, names: Sequence[str]) -> RunFolder:
    """Write a mixture as a run in `out`, so that commands find it as any other run, and return the run.

    Raises:
        RunError: `out` cannot be written.
    """
    facts = mixed.model.facts
    name = str(facts.get("list", "words"))
    config: dict[str, Any] = {
        "data": {"list": name, "split": facts.get("split", ""), **({"hide_test": True} if facts.get(HIDDEN) else {})},
        "mixture": {"members": list(names), "weights": mixed.weights, **_interpolation(mixed.model)},
    }
    run = RunFolder.create(
        out, f"{name}-mixture", config, {"kind": "mixture", "list": name, "seed": facts.get("seed", 0)}
    )
    try:
        mixed.model.save(run.model)
    except OSError as error:
        raise RunError(f"the mixture cannot be written to '{run.path}': {error.strerror}") from None
    losses = {split: loss.as_dict() for split, loss in mixed.losses.items()}
    run.update_meta(status="finished", losses=losses, **({HIDDEN: True} if facts.get(HIDDEN) else {}))
    return run


def _character_losses(architecture: Architecture, weights: Weights, lines: TokenLines) -> Float[NDArray[Any], " N"]:
    """Return -ln p of each character of lines (nats), given the label of its line if there are labels."""
    if lines.labels is None:
        return character_losses(architecture, weights, lines)
    losses = np.empty(len(lines.tokens))
    character_labels = np.repeat(lines.labels, lines.lengths)
    for label in np.unique(lines.labels).tolist():
        labelled_lines = lines.take(np.flatnonzero(lines.labels == label))
        conditioned = architecture.conditioned_on(weights, label)
        losses[character_labels == label] = character_losses(architecture, conditioned, labelled_lines)
    return losses


def _members(model: LanguageModel) -> list[tuple[Architecture, Weights]]:
    """Return the members of a model, so that mixtures are never nested.

    Raises:
        SettingError: a blend whose members have alphabets of their own.
    """
    members = model.architecture.mixture_members(model.weights)
    if any(member.ids is not None for member in members):
        raise SettingError("a blend of several alphabets cannot be mixed further: mix the models in it")
    flat = [each for member in members for each in member.architecture.mixture_members(member.weights)]
    return [(member.architecture, member.weights) for member in flat]


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
            f"another ({other.architecture.kind}) knows {excerpt(shown)}; train them on one list"
        )


def _refuse_other_split(model: LanguageModel, number: int, splits: Split) -> None:
    if model.facts.get("refit"):
        raise SettingError(
            f"model {number} ({model.architecture.kind}) learned from all lines of its list in a refit: its weight "
            "would be fitted on words that it learned from; train it with --no-refit"
        )
    if not model.known.equals(KnownWords.of(splits)):
        raise SettingError(
            f"model {number} ({model.architecture.kind}) learned from another list or another split: its weight "
            "would be fitted on words that it learned from; mix models of one list and one split"
        )
