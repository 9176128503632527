"""Diagnosing a run or a model: what happens inside it, what one step of training would do to it, and the verdicts.

A run is diagnosed as its training left it: the weights and the optimiser's state of its last checkpoint. A model alone
is diagnosed by its own weights, with an optimiser that has seen nothing yet.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

import numpy as np

from morelike.architecture import Architecture, TrainedArchitecture
from morelike.arrays import Weights
from morelike.ensembles.mixture import Mixture
from morelike.errors import RunError, SettingError
from morelike.evaluation.diagnostics import (
    Diagnosis,
    Histogram,
    Weight,
    examples_of,
    histogram,
    look_at_start,
    look_at_weight,
    look_inside,
)
from morelike.evaluation.verdicts import judge
from morelike.language_model.model import LanguageModel
from morelike.language_model.threads import one_thread
from morelike.runs.checkpoint import Checkpoint
from morelike.runs.lookup import open_model, run_of
from morelike.runs.provenance import list_of, list_of_run
from morelike.runs.run_folder import RunFolder
from morelike.runs.settings import TrainingConfig, configure, configure_tables, read_config, row_length_of
from morelike.text.corpus import Corpus
from morelike.text.labels import attach_labels, label_names
from morelike.text.splits import SPLIT_RULES, TEXT_SPLIT_RULES
from morelike.text.vocabulary import TokenLines, Vocabulary
from morelike.text.words import Form
from morelike.training.preparation import encode_words, split_corpus, vocabulary_of
from morelike.training.resources import examples_and_cost

__all__ = ["Reader", "Subject", "diagnose", "subject_of", "subject_of_model", "subject_of_run"]

Reader: TypeAlias = Callable[[Form], Corpus]
"""Gives the list to look at, in the form that the model wants."""

MOST_LINES = 2000
"""Lines that are looked at: what they say changes little with more."""


@dataclass(frozen=True)
class Subject:
    """What is diagnosed: an architecture, its weights and settings of training, and the train part as tokens.

    `checkpoint` is where its training stands, None where that is not known.
    """

    architecture: TrainedArchitecture
    weights: Weights
    training: TrainingConfig
    lines: TokenLines
    vocabulary_size: int
    text: bool = False
    checkpoint: Checkpoint | None = None


def subject_of(name: str | Path, out: Path = Path("runs"), read: Reader | None = None) -> Subject:
    """Return what is meant by a name: a run, `"latest"`, or a model folder; `read` gives another list than its own.

    Raises:
        ModelError: there is nothing of this name.
        SettingError: it did not descend by gradients, or it is a model that names no list, and none is given.
    """
    run = run_of(name, out)
    return subject_of_run(run, read) if run else subject_of_model(open_model(name, out), read)


def subject_of_run(run: RunFolder, read: Reader | None = None) -> Subject:
    """Return a run as its training left it, to be looked at on its own list or on another.

    Raises:
        SettingError: the run did not descend by gradients.
        RunError: it has neither a checkpoint nor a model yet, or its list is not what it was.
    """
    model = LanguageModel.load(run.model) if run.model.exists() else None
    checkpoint = run.checkpoints.newest()
    if model is not None:
        _trained(model.architecture)
    tables = read_config(run.path / "config.toml")
    architecture, training = configure_tables(tables)
    architecture = _trained(architecture)
    if checkpoint is not None:
        weights = _within(checkpoint, "weights")
    elif model is not None:
        weights = model.weights
    else:
        raise RunError(f"the run '{run.path}' has no checkpoint yet: there is nothing to look at")
    form: Form = tables["data"].get("as", "lines")
    corpus = read(form) if read else list_of_run(run)
    vocabulary = model.vocabulary if model is not None else vocabulary_of(list_of_run(run))
    if model is not None:
        names = tuple(model.labels)
    else:
        names = label_names(list_of_run(run).labels or ()) if training.labelled else ()
    lines = _train_part(corpus, tables["data"].get("split", ""), vocabulary, names)
    return Subject(architecture, weights, training, lines, vocabulary.size, form == "text", checkpoint)


def subject_of_model(model: LanguageModel, read: Reader | None = None) -> Subject:
    """Return a model to be looked at on a list, with the settings of training that suit its kind.

    Raises:
        SettingError: the model did not descend by gradients, or no list is given and it learned from none that ships.
        VocabularyError: the list has characters that the model does not know.
    """
    architecture = _trained(model.architecture)
    corpus = read(model.form) if read else list_of(model, None)
    lines = _train_part(corpus, str(model.facts.get("split", "")), model.vocabulary, list(model.labels))
    training = configure(architecture, {"seed": model.facts.get("seed", 0)})
    return Subject(architecture, model.weights, training, lines, model.vocabulary.size, model.form == "text")


def diagnose(subject: Subject) -> Diagnosis:
    """Return what was measured inside a model, with verdicts.

    Activations, and the loss of fresh weights, come from about 2,000 positions of the train part; gradients and updates
    from one batch of it, in one step at the highest learning rate of the settings.
    """
    from morelike.training.jax.optimizer import LONG_FIRST_STEP  # JAX is imported when it is needed, never before

    architecture, symbols, text = subject.architecture, subject.vocabulary_size, subject.text
    training = _resolved(subject)
    examples = examples_of(
        architecture, subject.lines, symbols, width=row_length_of(training), text=text, seed=training.seed
    )
    rng = np.random.Generator(np.random.PCG64(training.seed))
    fresh = architecture.init(rng, symbols)
    if subject.lines.labels is not None:
        fresh |= architecture.init_labels(rng, fresh, subject.lines.label_count)
    with one_thread():
        inside = look_inside(architecture, subject.weights, examples)
        start = look_at_start(architecture, fresh, examples, symbols)
    weights, histograms = _one_step(subject, training)
    found = Diagnosis(
        kind=architecture.kind,
        examples=examples.targets.size,
        optimizer=_optimizer(training, subject.checkpoint),
        first_step=training.optimizer in LONG_FIRST_STEP and subject.checkpoint is None,
        learning_rate=training.learning_rate,
        start=start,
        activations=inside.activations,
        batch_statistics=inside.batch_statistics,
        weights=weights,
        histograms=inside.histograms | histograms,
    )
    return replace(found, readings=judge(found, architecture, symbols))


def _one_step(subject: Subject, training: TrainingConfig) -> tuple[list[Weight], dict[str, Histogram]]:
    """Return each weight with its gradient and update, and the histograms of weights and gradients."""
    from morelike.training.jax.engine import Engine, named_arrays  # JAX is imported when it is needed, never before

    nothing = subject.lines.take(np.array([], dtype=np.int64))
    engine = Engine(
        subject.architecture,
        training,
        subject.lines,
        nothing,
        subject.vocabulary_size,
        text=subject.text,
        learning_rate=lambda step: training.learning_rate,
    )
    state = engine.state_of(subject.weights)
    if subject.checkpoint is not None:  # but for what a running text left behind: at step 0 each text begins anew
        carried = {name: array for name, array in named_arrays(state).items() if name.startswith("carried/")}
        state = engine.restore(state, {**subject.checkpoint.arrays, **carried})
    look = engine.preview(state, 0)
    found, histograms = [], {}
    for name in subject.architecture.shapes(subject.vocabulary_size):
        if name not in look.gradients:  # a statistic
            continue
        data = np.asarray(subject.weights[name])
        found.append(look_at_weight(name, data, look.gradients[name], look.updates[name]))
        histograms[f"weights/{name}"] = histogram(data)
        histograms[f"gradients/{name}"] = histogram(look.gradients[name])
    return found, histograms


def _resolved(subject: Subject) -> TrainingConfig:
    """Return the settings with the row's width and the batch written out."""
    training = subject.training.with_row_length(subject.lines.lengths, text=subject.text)
    examples, cost = examples_and_cost(
        subject.architecture, training, subject.lines, subject.vocabulary_size, text=subject.text
    )
    return training.resolved(examples, cost)


def _trained(architecture: Architecture) -> TrainedArchitecture:
    """Return the architecture, if it is one that descends by gradients.

    Raises:
        SettingError: it is counted, or a mixture.
    """
    if isinstance(architecture, Mixture):
        members = ", ".join(member.kind for member in architecture.architectures)
        raise SettingError(
            f"a mixture is not trained as one, so there is nothing to diagnose: look at its members ({members}), each "
            "in its own run"
        )
    if not isinstance(architecture, TrainedArchitecture):
        raise SettingError(f"{architecture.kind} is counted, not trained: there is nothing to diagnose")
    return architecture


def _train_part(corpus: Corpus, split: str, vocabulary: Vocabulary, names: Sequence[str]) -> TokenLines:
    """Return the train part as tokens, with its labels of these names; of a long list some lines, drawn at random."""
    rules = TEXT_SPLIT_RULES if corpus.form == "text" else SPLIT_RULES
    splits = split_corpus(corpus, split or next(iter(rules)))
    words, labels = splits.train, splits.labels.get("train")
    if corpus.form == "lines" and len(words) > MOST_LINES:
        chosen = np.random.default_rng(0).choice(len(words), MOST_LINES, replace=False)
        words = [words[i] for i in chosen]
        labels = None if labels is None else [labels[i] for i in chosen]
    return attach_labels(encode_words(vocabulary, corpus.form, words), labels, names)


def _within(checkpoint: Checkpoint, part: str) -> Weights:
    prefix = f"{part}/"
    return {name[len(prefix) :]: array for name, array in checkpoint.arrays.items() if name.startswith(prefix)}


def _optimizer(training: TrainingConfig, checkpoint: Checkpoint | None) -> str:
    if checkpoint is None:
        return f"{training.optimizer}, fresh"
    return f"{training.optimizer}, as the run left it at step {checkpoint.facts['step']:,}"
