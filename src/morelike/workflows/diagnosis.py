"""Diagnosing a run or a model: its activations, what one step of training would change, and the verdicts.

A run is diagnosed with the weights and the optimiser's state of its last checkpoint. A model without a run is diagnosed
with its own weights and a fresh optimiser.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from morelike.architecture import TrainedArchitecture
from morelike.arrays import Weights
from morelike.errors import RunError
from morelike.evaluation.diagnostics import (
    Diagnosis,
    Examples,
    Histogram,
    Movement,
    Weight,
    draw_examples,
    histogram,
    measure_model,
    measure_movement,
    measure_start,
    measure_weight,
)
from morelike.evaluation.verdicts import judge
from morelike.language_model.model import LanguageModel
from morelike.language_model.threads import one_thread
from morelike.runs.checkpoint import WEIGHTS, Checkpoint
from morelike.runs.lookup import open_model, run_of
from morelike.runs.metrics import has_settled
from morelike.runs.provenance import list_of, list_of_run
from morelike.runs.run_folder import RunFolder
from morelike.runs.settings import (
    TrainingConfig,
    configure,
    configure_tables,
    idle_training_settings,
    read_config,
    row_length_of,
)
from morelike.text.corpus import Corpus
from morelike.text.labels import attach_labels, label_names
from morelike.text.splits import SPLIT_RULES, TEXT_SPLIT_RULES
from morelike.text.vocabulary import TokenLines, Vocabulary
from morelike.text.words import Form
from morelike.training.preparation import encode_words, split_corpus, vocabulary_of
from morelike.training.resources import examples_and_cost

ReadCorpus: TypeAlias = Callable[[Form], Corpus]
"""Returns the list to diagnose on, in the form that the model needs."""

MOST_LINES = 2000
"""Lines of a list that are used. More lines hardly change the figures."""

CONSEQUENCE = "there is nothing to diagnose"


@dataclass(frozen=True)
class Subject:
    """The subject of a diagnosis: an architecture, its weights and training settings, and the train split as tokens.

    `checkpoint` is the last checkpoint of its run, None if there is none. `metrics` are the lines of its metrics.jsonl;
    None for a model without its run. If the weights are those of step `steps`, `earlier` are weights before, with their
    step.
    """

    architecture: TrainedArchitecture
    weights: Weights
    training: TrainingConfig
    lines: TokenLines
    vocabulary_size: int
    text: bool = False
    checkpoint: Checkpoint | None = None
    metrics: Sequence[Mapping[str, Any]] | None = None
    earlier: tuple[int, Weights] | None = None
    steps: int = 0


def subject_of(name: str | Path, out: Path = Path("runs"), read: ReadCorpus | None = None) -> Subject:
    """Return the subject of a run, `"latest"` or a model folder. `read` replaces its own list.

    Raises:
        ModelError: there is no run or model of this name.
        SettingError: the model was not trained by gradient descent, or it names no list and `read` is not given.
    """
    run = run_of(name, out)
    return subject_of_run(run, read) if run else subject_of_model(open_model(name, out), read)


def subject_of_run(run: RunFolder, read: ReadCorpus | None = None) -> Subject:
    """Return the subject of a run: its last checkpoint, on its own list or on the one that `read` returns.

    Raises:
        SettingError: the run was not trained by gradient descent.
        RunError: it has neither a checkpoint nor a model yet, or its list has changed.
    """
    model = LanguageModel.load(run.model) if run.model.exists() else None
    checkpoint = run.checkpoints.newest()
    if model is not None and not (checkpoint and "data" in run.meta()):  # a checkpoint holds the network of a mixture
        model.architecture.as_trained(CONSEQUENCE)
    tables = read_config(run.path / "config.toml")
    configured, training = configure_tables(tables)
    architecture = configured.as_trained(CONSEQUENCE)
    if checkpoint is not None:
        weights = checkpoint.arrays_of(WEIGHTS)
    elif model is not None:
        weights = model.weights
    else:
        raise RunError(f"the run '{run.path}' has no checkpoint yet: {CONSEQUENCE}")
    form: Form = tables["data"].get("as", "lines")
    corpus = read(form) if read else list_of_run(run)
    vocabulary = model.vocabulary if model is not None else vocabulary_of(list_of_run(run))
    if model is not None:
        names = tuple(model.labels)
    else:
        names = label_names(list_of_run(run).labels or ()) if training.labelled else ()
    lines = train_split(corpus, tables["data"].get("split", ""), vocabulary, names)
    text = form == "text"
    return Subject(architecture, weights, training, lines, vocabulary.size, text, checkpoint, run.metrics())


def subject_of_model(model: LanguageModel, read: ReadCorpus | None = None) -> Subject:
    """Return the subject of a model, with the training settings that suit its kind.

    Raises:
        SettingError: the model was not trained by gradient descent, or `read` is not given and its list is not shipped.
        VocabularyError: the list has characters that the model does not know.
    """
    architecture = model.architecture.as_trained(CONSEQUENCE)
    corpus = read(model.form) if read else list_of(model, None)
    lines = train_split(corpus, str(model.facts.get("split", "")), model.vocabulary, list(model.labels))
    training = configure(architecture, {"seed": model.facts.get("seed", 0)})
    return Subject(architecture, model.weights, training, lines, model.vocabulary.size, model.form == "text")


def diagnose(subject: Subject) -> Diagnosis:
    """Return measurements inside a model, with verdicts.

    The activations and the loss of fresh weights come from about 2,000 positions of the train split. The gradients and
    updates come from one batch of it, in one step at the highest learning rate of the settings.
    """
    from morelike.training.jax.optimizer import LONG_FIRST_STEP  # JAX is imported when it is needed, never before

    training, inside = _resolved(subject), diagnose_activations(subject)
    weights, gradients, updates = _one_step(subject, training)
    with one_thread():
        movement = measure_movement(subject.architecture, subject.weights, updates, _examples(subject))
    diagnosis = replace(
        inside,
        movement=replace(movement, update_to_data={}),
        first_step=training.optimizer in LONG_FIRST_STEP and subject.checkpoint is None,
        weights=weights,
        histograms=inside.histograms | gradients,
    )
    return replace(diagnosis, readings=judge(diagnosis, subject.architecture, subject.vocabulary_size))


def diagnose_activations(subject: Subject) -> Diagnosis:
    """Return the part of a diagnosis that needs no gradients, with NumPy alone: `weights` is empty."""
    architecture, symbols = subject.architecture, subject.vocabulary_size
    training, examples = _resolved(subject), _examples(subject)
    rng = np.random.Generator(np.random.PCG64(training.seed))
    fresh = architecture.init(rng, symbols)
    if subject.lines.labels is not None:
        fresh |= architecture.init_labels(rng, fresh, subject.lines.label_count)
    with one_thread():
        inside = measure_model(architecture, subject.weights, examples)
        start = measure_start(architecture, fresh, examples, symbols)
        movement = _movement(subject, examples)
    learned = {name: np.asarray(subject.weights[name]) for name in _parameters(subject)}
    diagnosis = Diagnosis(
        kind=architecture.kind,
        examples=examples.targets.size,
        optimizer=_optimizer_description(training, subject.checkpoint),
        first_step=False,
        learning_rate=training.learning_rate,
        start=start,
        activations=inside.activations,
        batch_statistics=inside.batch_statistics,
        weights=[],
        histograms=inside.histograms | {f"weights/{name}": histogram(data) for name, data in learned.items()},
        settings=_settings(subject),
        loss=inside.loss,
        settled=has_settled(subject.metrics or ()),
        movement=movement,
    )
    return replace(diagnosis, readings=judge(diagnosis, architecture, symbols))


def _examples(subject: Subject) -> Examples:
    """Return the examples of a diagnosis: about 2,000 positions of the train split."""
    training, lines, symbols = _resolved(subject), subject.lines, subject.vocabulary_size
    row_length = row_length_of(training)
    return draw_examples(
        subject.architecture, lines, symbols, row_length=row_length, text=subject.text, seed=training.seed
    )


def _movement(subject: Subject, examples: Examples) -> Movement | None:
    """Return what the steps from the earlier weights to these have changed; None without earlier weights."""
    if subject.earlier is None:
        return None
    step, before = subject.earlier
    changes = {name: subject.weights[name] - before[name] for name in _parameters(subject)}
    return measure_movement(subject.architecture, before, changes, examples, subject.steps - step)


def _parameters(subject: Subject) -> list[str]:
    """Return the names of the learned weights, without running statistics."""
    architecture = subject.architecture
    return [name for name in architecture.shapes(subject.vocabulary_size) if architecture.is_parameter(name)]


def _settings(subject: Subject) -> dict[str, Any]:
    """Return the settings that the run has, and which advice may name; a model alone has no settings of training."""
    settings = subject.architecture.settings_in_use()
    if subject.metrics is not None:
        idle = set(idle_training_settings(subject.architecture, subject.training))
        settings |= subject.training.model_dump(exclude=idle)
    return settings


def _one_step(
    subject: Subject, training: TrainingConfig
) -> tuple[list[Weight], dict[str, Histogram], dict[str, NDArray[Any]]]:
    """Return each weight with its gradient and update, the histograms of the gradients, and the updates."""
    from morelike.training.jax.engine import Engine, named_arrays  # importing JAX takes a second

    no_dev = subject.lines.take(np.array([], dtype=np.int64))
    engine = Engine(
        subject.architecture,
        training,
        subject.lines,
        no_dev,
        subject.vocabulary_size,
        text=subject.text,
        learning_rate=lambda step: training.learning_rate,
    )
    state = engine.state_of(subject.weights)
    if subject.checkpoint is not None:  # without the carried states: at step 0 each running text starts afresh
        carried = {name: array for name, array in named_arrays(state).items() if name.startswith("carried/")}
        state = engine.restore(state, {**subject.checkpoint.arrays, **carried})
    look = engine.preview(state, 0)
    measured, histograms = [], {}
    for name in _parameters(subject):
        data = np.asarray(subject.weights[name])
        measured.append(measure_weight(name, data, look.gradients[name], look.updates[name]))
        histograms[f"gradients/{name}"] = histogram(look.gradients[name])
    return measured, histograms, look.updates


def _resolved(subject: Subject) -> TrainingConfig:
    """Return the training settings with the row length and the batch size filled in."""
    training = subject.training.with_row_length(subject.lines.lengths, text=subject.text)
    examples, cost = examples_and_cost(
        subject.architecture, training, subject.lines, subject.vocabulary_size, text=subject.text
    )
    return training.resolved(examples, cost)


def train_split(corpus: Corpus, rule: str, vocabulary: Vocabulary, names: Sequence[str]) -> TokenLines:
    """Return the train split as tokens, with labels from `names`; of a long list a random sample of lines."""
    rules = TEXT_SPLIT_RULES if corpus.form == "text" else SPLIT_RULES
    splits = split_corpus(corpus, rule or next(iter(rules)))
    words, labels = splits.train, splits.labels.get("train")
    if corpus.form == "lines" and len(words) > MOST_LINES:
        chosen = np.random.default_rng(0).choice(len(words), MOST_LINES, replace=False)
        words = [words[i] for i in chosen]
        labels = None if labels is None else [labels[i] for i in chosen]
    return attach_labels(encode_words(vocabulary, corpus.form, words), labels, names)


def _optimizer_description(training: TrainingConfig, checkpoint: Checkpoint | None) -> str:
    if checkpoint is None:
        return f"{training.optimizer}, fresh"
    return f"{training.optimizer}, as the run left it at step {checkpoint.facts['step']:,}"
