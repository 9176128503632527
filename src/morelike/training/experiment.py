"""One whole experiment: split a list, train, judge beside a count baseline, make new words, keep it all."""

from __future__ import annotations

import os
import time
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from morelike.architecture import Architecture, CountedArchitecture, TrainedArchitecture, build
from morelike.errors import MorelikeError, RunError, SamplingError, SettingError
from morelike.evaluation.loss import Evaluation
from morelike.language_model.known import KnownWords
from morelike.language_model.model import LanguageModel
from morelike.language_model.threads import one_thread
from morelike.text.corpus import Corpus, Form, read_corpus
from morelike.text.labels import label_names, label_shares, labelled
from morelike.text.splits import Split, split, split_text
from morelike.text.stored_words import PartWords
from morelike.text.vocabulary import TokenLines, Vocabulary
from morelike.text.weighing import line_weights
from morelike.training.config import TrainingConfig, configure
from morelike.training.counting import count
from morelike.training.events import Evaluated, Event, Finished, Noted, Progress, Started
from morelike.training.loop import descend, examples_and_cost
from morelike.training.notes import notes_of
from morelike.training.processes import ALONE, Processes
from morelike.training.run import Run, kept_columns
from morelike.training.store_judging import judged

__all__ = ["Done", "Plan", "Result", "perform", "plan_of_run", "read_plan", "start_run"]

BASELINE = "ngram"
SAMPLES = 20
TEXT_SAMPLE = 500


@dataclass(frozen=True)
class Plan:
    """All that decides a run: the same plan gives the same bytes on the same machine.

    `source` is a path or the name of a shipped list, None for words that came from elsewhere (a pipe, a program).
    `choice` says why this kind, where it was chosen for the list (see `choosing`).
    """

    corpus: Corpus
    architecture: Architecture
    training: TrainingConfig
    source: str | None = None
    split: str = "shuffle-42"
    choice: Mapping[str, Any] | None = None

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels that condition the model, sorted; none where the list has none, or they are not to be used."""
        return label_names(self.corpus.labels) if self.corpus.labels and self.training.labelled else ()

    def as_config(self) -> dict[str, Any]:
        """Return the plan as config.toml writes it, settings that are not set left out."""
        columns = {"weights": self.corpus.counts, "labelled": self.corpus.labels}
        unused = {name for name, column in columns.items() if column is None}
        training = self.training.model_dump(exclude=unused, exclude_none=True)
        form = {"as": self.corpus.form} if self.corpus.form != "lines" else {}
        return {
            "data": {"list": self.source or self.corpus.name, **form, "split": self.split},
            "architecture": {"kind": self.architecture.kind, **self.architecture.model_dump()},
            "training": training,
        }


@dataclass(frozen=True)
class Result:
    """What came out: the model, the exact losses of each part, the baseline's, new words, and how long it took."""

    model: LanguageModel
    losses: dict[str, Evaluation]
    baseline: dict[str, Evaluation]
    parts: Split
    samples: list[str]
    steps: int
    training_seconds: float
    seconds: float
    steps_per_second: float
    reason: str = "completed"
    notes: list[str] = field(default_factory=list)
    run: Path | None = None


@dataclass(frozen=True)
class Done:
    """The last event of an experiment."""

    result: Result


Happening: TypeAlias = Event | Done


def read_plan(path: Path) -> dict[str, dict[str, Any]]:
    """Return the tables of a config.toml: data, architecture, training.

    Raises:
        SettingError: missing, not TOML, or a table or value that does not belong there.
    """
    try:
        tables = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise SettingError(f"the settings '{path}' cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingError(f"the settings '{path}' are not TOML: {error}") from None
    for name, table in tables.items():
        if name not in ("data", "architecture", "training") or not isinstance(table, dict):
            raise SettingError(f"'{path}': no table is called '{name}'; there are data, architecture and training")
    for name in tables.get("data", {}):
        if name not in ("list", "as", "split"):
            raise SettingError(f"'{path}': data has no setting '{name}'; it has list, as and split")
    for table, name in (("data", "list"), ("data", "as"), ("data", "split"), ("architecture", "kind")):
        value = tables.get(table, {}).get(name, "")
        if not isinstance(value, str):
            raise SettingError(f"'{path}': {name} = {value!r}: expected a name in quotes")
    return tables


def start_run(plan: Plan, out: Path) -> Run:
    """Make the run folder of a plan; a list that has no file of its own is kept in it.

    Raises:
        RunError: `out` cannot be written.
    """
    corpus = plan.corpus
    run = Run.create(
        out,
        f"{corpus.name}-{plan.architecture.kind}",
        plan.as_config(),
        {
            "kind": plan.architecture.kind,
            "list": corpus.name,
            "seed": plan.training.seed,
            "data": corpus.facts,
            "threads": os.cpu_count(),
        },
    )
    if plan.choice:
        run.update_meta(choice=plan.choice)
    if plan.source is None:
        run.keep_list(corpus.words, corpus.counts, corpus.labels)
    return run


def plan_of_run(run: Run) -> Plan:
    """Return the plan of a run, to resume it.

    Raises:
        RunError: its list is not what it was.
    """
    tables = read_plan(run.path / "config.toml")
    source, kept = tables["data"]["list"], run.kept_list()
    name, form = run.meta()["list"], tables["data"].get("as", "lines")
    if kept is not None and form == "text":
        kept = ["\n".join(kept)]
    data = run.meta()["data"]
    if kept is None:
        corpus = replace(read_corpus(source, form), name=name)
    else:
        words, counts, labels = kept_columns(kept, counted="counts_sha256" in data, labelled="labels_sha256" in data)
        corpus = Corpus(name, words, counts, form=form, labels=labels)
    if any(corpus.facts.get(name) != data.get(name) for name in ("sha256", "counts_sha256", "labels_sha256")):
        raise RunError(
            f"the list '{source}' has changed since '{run.path}' began: it cannot be resumed, start a new run"
        )
    settings = dict(tables["architecture"])
    architecture = build(settings.pop("kind"), settings)
    return Plan(
        corpus,
        architecture,
        configure(architecture, tables["training"]),
        None if kept else source,
        tables["data"]["split"],
        run.meta().get("choice"),
    )


def split_corpus(corpus: Corpus, name: str) -> Split:
    """Return a list, or a running text, in three parts by the rule of this name.

    Raises:
        SettingError: a store, which was cut when it was built, is asked for another rule.
    """
    if corpus.store:
        if name != corpus.store.split.name:
            raise SettingError(f"a store is cut by '{corpus.store.split.name}' when it is built, not by '{name}'")
        return corpus.store.split
    if corpus.form == "text":
        return split_text(corpus.words[0], name)
    return split(corpus.words, name, corpus.counts, corpus.labels)


def vocabulary_of(corpus: Corpus) -> Vocabulary:
    """Return the characters of a list: all that are in it, whatever their part."""
    return corpus.store.vocabulary if corpus.store else Vocabulary.of(corpus.words)


def encoded(vocabulary: Vocabulary, form: Form, words: Sequence[str]) -> TokenLines:
    """Return the words of a part as tokens; a running text is one line, in which line ends are characters.

    Those of a store are tokens already, by the vocabulary of the store.
    """
    if isinstance(words, PartWords):
        return words.lines
    return vocabulary.encode_text(words[0]) if form == "text" else vocabulary.encode_lines(words)


def encoded_part(vocabulary: Vocabulary, plan: Plan, parts: Split, name: str) -> TokenLines:
    """Return a part of a plan's list as tokens, with what its lines weigh and their labels."""
    lines = encoded(vocabulary, plan.corpus.form, parts.parts[name])
    lines = replace(lines, weights=line_weights(parts.counts.get(name), plan.training.weights))
    return labelled(lines, parts.labels.get(name), plan.labels)


def perform(
    plan: Plan,
    run: Run | None = None,
    *,
    stopping: Callable[[], bool] = lambda: False,
    processes: Processes = ALONE,
) -> Iterator[Happening]:
    """Yield the events of an experiment, `Done` last unless it was interrupted.

    With a `run`, everything is written there, and what it already holds is gone on from. Of several `processes` the
    first alone has a run and judges what came out.

    Raises:
        MorelikeError: a bad list or setting, a loss that is no number, a folder that cannot be written.
    """
    with run.locked() if run else nullcontext():
        try:
            yield from _perform(plan, run, stopping, processes)
        except OSError as error:
            failure: MorelikeError = RunError(
                f"the run '{run.path if run else ''}' cannot be written: {error.strerror}"
            )
        except MorelikeError as error:
            failure = error
        else:
            return
        if run:
            with suppress(OSError):
                run.update_meta(status="failed", error=str(failure))
        raise failure


class Prepared(NamedTuple):
    """A plan with all lengths written out, and the parts of its list as tokens."""

    plan: Plan
    parts: Split
    vocabulary: Vocabulary
    train: TokenLines
    dev: TokenLines


def prepare(plan: Plan, vocabulary: Vocabulary | None = None) -> Prepared:
    """Return what training needs: the list split and encoded, the settings resolved; its own characters by default."""
    store = plan.corpus.store
    if store and vocabulary and vocabulary != store.vocabulary:
        raise SettingError(f"the store '{store.path}' has a vocabulary of its own: give its list instead")
    parts = split_corpus(plan.corpus, plan.split)
    vocabulary = vocabulary or vocabulary_of(plan.corpus)
    line_weights(plan.corpus.counts, plan.training.weights)  # to speak of the whole list, where its counts are bad
    lines = {name: encoded_part(vocabulary, plan, parts, name) for name in parts.parts}
    train, dev = lines["train"], lines.get("dev", vocabulary.encode_lines([]))
    return Prepared(resolved(plan, train, vocabulary.size), parts, vocabulary, train, dev)


def _perform(plan: Plan, run: Run | None, stopping: Callable[[], bool], processes: Processes) -> Iterator[Happening]:
    began = time.perf_counter()
    if plan.corpus.store:
        plan.corpus.store.verify()
    prepared = prepare(plan)
    plan, parts, vocabulary, train, dev = prepared
    notes = notes_of(plan, parts)
    if run:
        run.write_config(plan.as_config())
        newest = run.checkpoints.newest()
        where = f"step {newest.facts['step']:,}" if newest else "the beginning"
        notes += [f"{damage}; training goes on from {where}" for damage in run.checkpoints.damaged]
        run.forget_metrics_after(newest.facts["step"] if newest else 0)
        run.update_meta(status="running")
    yield from map(Noted, notes)
    finished, first = None, 0
    for event in learn(plan, train, dev, vocabulary.size, run, stopping, processes):
        if isinstance(event, Finished):
            finished = event
        if isinstance(event, Started):
            first = event.step
        yield event
    assert finished is not None
    if finished.reason == "interrupted":
        if run:
            run.update_meta(status="interrupted")
        return
    model = LanguageModel(
        vocabulary,
        plan.architecture,
        finished.weights,
        KnownWords.of(parts),
        facts_of(plan, finished.step),
        plan.corpus.form,
        {} if train.labels is None else label_shares(train.labels, plan.labels, train.weights),
    )
    if not processes.leads:
        yield Done(_unjudged(model, parts, finished))
        return
    result = _judge(plan, model, parts, train, dev, finished)
    seconds = time.perf_counter() - began
    speed = (finished.step - first) / finished.seconds if finished.seconds else 0.0
    result = replace(
        result,
        seconds=seconds,
        steps_per_second=speed,
        run=run.path if run else None,
        notes=[*notes, *result.notes],
    )
    if run:
        result.model.save(run.model)
        run.keep_samples(result.samples)
        run.update_meta(status="finished", **_figures(result))
    yield Done(result)


def resolved(plan: Plan, train: TokenLines, symbols: int) -> Plan:
    """Return the plan with all lengths of training written out."""
    if not isinstance(plan.architecture, TrainedArchitecture):
        return plan
    text = plan.corpus.form == "text"
    training = plan.training.with_row(train.lengths, text=text)
    examples, cost = examples_and_cost(plan.architecture, training, train, symbols, text=text)
    return replace(plan, training=training.resolved(examples, cost))


def learn(
    plan: Plan,
    train: TokenLines,
    dev: TokenLines,
    symbols: int,
    run: Run | None = None,
    stopping: Callable[[], bool] = lambda: False,
    processes: Processes = ALONE,
) -> Iterator[Event]:
    """Yield the events of counting or training by a plan with all lengths written out."""
    if isinstance(plan.architecture, CountedArchitecture):
        yield from count(plan.architecture, train, dev, symbols)
        return
    if not isinstance(plan.architecture, TrainedArchitecture):
        raise SettingError(f"{plan.architecture.kind} can be neither counted nor trained")
    checkpoints = run.checkpoints if run else None
    looked: dict[str, float] = {}
    text = plan.corpus.form == "text"
    for event in descend(
        plan.architecture,
        plan.training,
        train,
        dev,
        symbols,
        checkpoints=checkpoints,
        stopping=stopping,
        text=text,
        processes=processes,
    ):
        if isinstance(event, Evaluated):  # comes before the progress of its step, so that a line is written once
            looked = {"dev": event.loss}
        if isinstance(event, Progress):
            if run:
                run.append_metrics(
                    step=event.step,
                    loss=event.loss,
                    losses=event.losses,
                    learning_rate=event.learning_rate,
                    **looked,
                )
            looked = {}
        yield event


def _judge(
    plan: Plan, model: LanguageModel, parts: Split, train: TokenLines, dev: TokenLines, finished: Finished
) -> Result:
    """Return the result: exact losses, the baseline's, and new words; of a store some are of samples (see `judged`)."""
    whole, (parts, train, dev, notes) = parts, judged(parts, train, dev)
    losses = {name: _evaluated(model, parts, name) for name in parts.parts}
    baseline = {}
    if plan.architecture.kind != BASELINE and parts.dev:
        counts = build(BASELINE, {})
        assert isinstance(counts, CountedArchitecture)
        with one_thread():
            weights = counts.fit(train, dev, model.vocabulary.size)
        counted = replace(model, architecture=counts, weights=weights)
        baseline = {name: _evaluated(counted, parts, name) for name in parts.parts if name != "train"}
    figures = {name: loss.as_dict() for name, loss in losses.items()}
    model = replace(model, facts={**model.facts, "losses": figures})
    samples, troubles = new_words(model, plan.training.seed)
    unjudged = _unjudged(model, whole, finished)
    return replace(unjudged, losses=losses, baseline=baseline, samples=samples, notes=[*notes, *troubles])


def _unjudged(model: LanguageModel, parts: Split, finished: Finished) -> Result:
    return Result(model, {}, {}, parts, [], finished.step, finished.seconds, 0.0, 0.0, finished.reason)


def new_words(model: LanguageModel, seed: int) -> tuple[list[str], list[str]]:
    """Return what a fresh model makes, and a note if it made less than was asked."""
    try:
        return [model.write(TEXT_SAMPLE, seed=seed)] if model.form == "text" else model.sample(SAMPLES, seed=seed), []
    except SamplingError as error:
        return error.found, [f"new words: {error}"]


def _evaluated(model: LanguageModel, parts: Split, name: str) -> Evaluation:
    return model.evaluate(parts.parts[name], counts=parts.counts.get(name), labels=parts.labels.get(name))


def _figures(result: Result) -> dict[str, Any]:
    """Return what meta.json keeps of a result."""
    return {
        "seconds": round(result.seconds, 3),
        "training_seconds": round(result.training_seconds, 3),
        "steps": result.steps,
        "ended": result.reason,
        "losses": {name: loss.as_dict() for name, loss in result.losses.items()},
        "baseline": {name: loss.as_dict() for name, loss in result.baseline.items()},
        "leaks": {"dev": result.parts.leaks.dev, "test": result.parts.leaks.test},
        "notes": result.notes,
    }


def facts_of(plan: Plan, steps: int) -> Mapping[str, Any]:
    """Return what a model keeps of the plan that it came from."""
    return {
        **({} if plan.corpus.counts is None else {"weights": plan.training.weights}),
        "list": plan.corpus.name,
        "lines": len(plan.corpus.words),
        "fingerprint": plan.corpus.fingerprint,
        "split": plan.split,
        "seed": plan.training.seed,
        "steps": steps,
    }
