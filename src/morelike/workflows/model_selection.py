"""Choosing a kind of model by held-out loss: n-gram counts, the network, or both mixed.

Test is never looked at. The train part is cut once more: the kinds learn from nine tenths of it, what is fitted on
held-out words (the weights of the n-gram's orders, the network's best step, the mixture's weights) is fitted on the
inner tenth, and dev, which none of them was fitted on, judges. The simplest kind wins that the best one does not beat
beyond chance, by the paired bootstrap over words.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from morelike.architecture import build, find, kinds
from morelike.arrays import Float, Int
from morelike.errors import SettingError
from morelike.evaluation.intervals import Comparison, compare
from morelike.language_model.model import LanguageModel
from morelike.runs.config import TrainingConfig, configure
from morelike.runs.events import Event, Finished
from morelike.runs.plan import Plan
from morelike.runs.run_folder import Run
from morelike.text.corpus import Corpus
from morelike.text.known_words import KnownWords
from morelike.text.splits import Split
from morelike.text.vocabulary import Vocabulary
from morelike.training.experiment import ExperimentEvent, ExperimentFinished, fit, run_experiment, start_run
from morelike.training.preparation import encode_words, resolve_plan, split_corpus
from morelike.training.result import Result, new_words
from morelike.workflows.mixing import mix, mix_on, save_mixture

__all__ = [
    "AUTO",
    "Selection",
    "as_mixture_member",
    "chosen_by",
    "finish_mixture",
    "plans_of",
    "refuse_settings",
    "select_model",
    "train_chosen",
]

AUTO = "auto"
"""The word that asks for a choice; no architecture has this name."""

COUNTED, NETWORK, MIXED = "ngram", "gru", "mixture"  # the simpler first
FEWEST_CHARACTERS = 2000
"""Characters of the train part, ends included, below which the network is not tried: see docs/decisions.md."""
FEWEST_LINES = 200
"""Lines of the train part, however long, below which it is not tried either."""
MOST_CHARACTERS = 50_000
"""Characters of the train part above which trials are quick ones; below, a quick network falls short of a whole one."""
ROTATIONS = 3
ROTATED = 5000
"""Lines below which the n-gram is judged as the mean over `ROTATIONS` inner parts: one of them is a small sample."""
SEED = 0  # of the inner cut


@dataclass(frozen=True)
class Selection:
    """The chosen kind, each candidate's loss on dev (nats per character), and its difference to the best one.

    `reason` says in words why there was nothing to compare, where that is so.
    """

    kind: str
    losses: Mapping[str, float] = field(default_factory=dict)
    behind: Mapping[str, Comparison] = field(default_factory=dict)
    reason: str = ""

    @property
    def sentence(self) -> str:
        """What was chosen and why, without a full stop."""
        if self.reason:
            return f"chose {self.kind}: {self.reason}"
        others = [f"{loss:.3f} ({kind}{self._aside(kind)})" for kind, loss in self.losses.items() if kind != self.kind]
        return f"chose {self.kind}: dev {self.losses[self.kind]:.3f} against {' and '.join(others)}, in a trial"

    def as_dict(self) -> dict[str, Any]:
        """Return the choice as meta.json and the command line's JSON tell it."""
        behind = {
            kind: {"difference": each.difference, "interval": list(each.interval), "decided": each.decided}
            for kind, each in self.behind.items()
        }
        return {"kind": self.kind, "sentence": self.sentence, "dev": dict(self.losses), "behind_best": behind}

    def _aside(self, kind: str) -> str:
        return ", not better beyond chance" if self.losses[kind] < self.losses[self.kind] else ""


def select_model(
    corpus: Corpus,
    split: str,
    *,
    quick: bool = False,
    seed: int = 0,
    on_event: Callable[[Event], None] | None = None,
) -> Selection:
    """Return the kind that suits a list or a text, judged on the dev part of its split.

    A trial takes each word once, whatever its count, and does not look at labels.

    Args:
        corpus: what is to be learned.
        split: the name of the rule that cuts it.
        quick: whether the run will be a quick one: so is the trial then, and that of a long list.
        seed: of the network.
        on_event: called with the events of the trial trainings.

    Raises:
        SettingError: a store.
        TrainingError: as training does.
    """
    if corpus.store:
        raise SettingError("auto tries kinds on a list in memory: choose on some of its lines, or name the kind")
    splits = split_corpus(corpus, split)
    if not splits.dev:
        return Selection(COUNTED, reason="nothing is held out to judge other kinds by")
    characters = sum(map(len, splits.train)) + (len(splits.train) if corpus.form == "lines" else 0)
    if characters < FEWEST_CHARACTERS or (corpus.form == "lines" and len(splits.train) < FEWEST_LINES):
        what = f"{len(splits.train):,} words" if corpus.form == "lines" else f"{characters:,} characters"
        return Selection(COUNTED, reason=f"{what} to learn from are too few to try a network on")
    judged = replace(corpus, words=[*splits.train, *splits.dev], counts=None, labels=None)
    trial = _Trial(judged, quick or characters > MOST_CHARACTERS, seed, on_event or (lambda _: None))
    inner = _inner(corpus, splits.train, 0)
    counted, network = trial.learned(COUNTED, inner), trial.learned(NETWORK, inner)
    losses = {
        kind: model.unit_losses(splits.dev)[0]
        for kind, model in ((COUNTED, counted), (NETWORK, network), (MIXED, mix([counted, network], inner.dev)))
    }
    if corpus.form == "lines" and len(splits.train) < ROTATED:
        others = [trial.learned(COUNTED, _inner(corpus, splits.train, i)) for i in range(1, ROTATIONS)]
        losses[COUNTED] = np.mean([losses[COUNTED], *(each.unit_losses(splits.dev)[0] for each in others)], axis=0)
    return chosen_by(losses, counted.unit_losses(splits.dev)[1])


def chosen_by(losses: Mapping[str, Float[NDArray[Any], " units"]], lengths: Int[NDArray[Any], " units"]) -> Selection:
    """Return the choice among kinds, the simpler first: the first one that the best does not beat beyond chance.

    A kind that is worse than a simpler one is never chosen, however uncertain the figures are.

    >>> even, worse = np.array([4.0, 6.0, 5.0]), np.array([5.0, 7.5, 6.0])
    >>> chosen_by({"ngram": even, "gru": worse}, np.array([2, 3, 2])).sentence
    'chose ngram: dev 2.143 against 2.643 (gru), in a trial'
    """
    figures = {kind: float(nats.sum() / lengths.sum()) for kind, nats in losses.items()}
    best = min(figures, key=lambda kind: figures[kind])
    behind = {kind: compare(nats, losses[best], lengths) for kind, nats in losses.items() if kind != best}
    lowest = float("inf")
    for kind, figure in figures.items():  # one that is worse than a simpler one is nothing to fall back on
        if kind == best or (figure < lowest and not behind[kind].decided):
            break
        lowest = min(lowest, figure)
    return Selection(kind, figures, behind)


def plans_of(
    choice: Selection, corpus: Corpus, split: str, *, source: str | None = None, quick: bool = False, seed: int = 0
) -> list[Plan]:
    """Return the plans of what was chosen: one, or those of a mixture's members, the network last."""
    members = (COUNTED, NETWORK) if choice.kind == MIXED else (choice.kind,)
    return [
        replace(_plan(kind, corpus, seed, quick=quick), source=source, split=split, choice=choice.as_dict())
        for kind in members
    ]


def train_chosen(
    corpus: Corpus, split: str, *, quick: bool = False, settings: Mapping[str, Any], out: Path | None = None
) -> Iterator[ExperimentEvent]:
    """Yield the events of the chosen kind's training, or of both members' and last the mixture's `ExperimentFinished`.

    Raises:
        SettingError: a setting of one kind.
        MorelikeError: as training does.
    """
    refuse_settings(settings)
    seed = int(settings.get("seed", 0))
    results: list[Result] = []
    for plan in plans_of(select_model(corpus, split, quick=quick, seed=seed), corpus, split, quick=quick, seed=seed):
        if results:
            plan = as_mixture_member(plan, results[0].run)
        for event in run_experiment(plan, start_run(plan, out) if out else None):
            if isinstance(event, ExperimentFinished):
                results.append(event.result)
            else:
                yield event
    result = results[-1]
    if len(results) > 1:
        result = _joined(plan, results[0].model, result, results[0].run)
    yield ExperimentFinished(result)


def as_mixture_member(plan: Plan, counted: Path | None) -> Plan:
    """Return the plan of a mixture's network; it names the run of the counts, so that a resumed one can be mixed."""
    return replace(plan, choice={**(plan.choice or {}), "counted": counted.name}) if counted else plan


def finish_mixture(plan: Plan, result: Result) -> Result:
    """Return the mixture, as a run beside its members', if this result is the last one it was waiting for.

    Raises:
        ModelError: the run of the counts is gone.
        RunError: the folder cannot be written.
    """
    name = (plan.choice or {}).get("counted")
    if name is None or result.run is None:
        return result
    counted = result.run.parent / name
    return _joined(plan, LanguageModel.load(Run(counted).model), result, counted)


def _joined(plan: Plan, counted: LanguageModel, network: Result, counted_run: Path | None) -> Result:
    mixed = mix_on([counted, network.model], plan.corpus, plan.split)
    model = replace(mixed.model, facts={**mixed.model.facts, "seed": plan.training.seed})
    samples, troubles = new_words(model, plan.training.seed)
    choice = plan.choice or {}
    said = [note for note in network.notes if not note.startswith("new words: ")]
    notes = [choice["sentence"], *said, *troubles]
    run: Run | None = None
    if network.run and counted_run:
        run = save_mixture(replace(mixed, model=model), network.run.parent, [str(counted_run), str(network.run)])
        run.keep_samples(samples)
        run.update_meta(choice=choice, notes=notes)
    listed = network.splits
    baseline = {
        part: counted.evaluate(words, counts=listed.counts.get(part), labels=listed.labels.get(part))
        for part, words in listed.parts.items()
        if part != "train"
    }
    return replace(
        network,
        model=model,
        losses=mixed.losses,
        baseline=baseline,
        samples=samples,
        notes=notes,
        run=run.path if run else None,
    )


def refuse_settings(names: Collection[str]) -> None:
    """Refuse settings that belong to one kind: which kind it will be is not known when they are given.

    Raises:
        SettingError: any setting but `seed`; it is named, with the kinds that have it.
    """
    for name in names:
        if name == "seed":
            continue
        owners = [kind for kind in kinds() if name in find(kind).model_fields]
        owners += ["training"] if name in TrainingConfig.model_fields else []
        flag = name.replace("_", "-")
        if owners:
            kind = NETWORK if NETWORK in owners or "training" in owners else owners[0]
            of = " and ".join(owners)
            raise SettingError(f"auto takes no --{flag}, a setting of {of}: name the kind, for example --model {kind}")
        raise SettingError(f"auto has no setting '{flag}': it takes the seed alone")


@dataclass(frozen=True)
class _Trial:
    """Trainings of several kinds on parts of one list; `corpus` holds train and dev alone."""

    corpus: Corpus
    quick: bool
    seed: int
    on_event: Callable[[Event], None]

    def learned(self, kind: str, splits: Split) -> LanguageModel:
        """Return a model of this kind that learned from the train of these splits, fitted on their dev."""
        vocabulary, form = Vocabulary.of(self.corpus.words), self.corpus.form
        train, dev = (encode_words(vocabulary, form, words) for words in (splits.train, splits.dev))
        plan = resolve_plan(_plan(kind, self.corpus, self.seed, quick=self.quick), train, vocabulary.size)
        for event in fit(plan, train, dev, vocabulary.size):
            self.on_event(event)
        assert isinstance(event, Finished)
        return LanguageModel(vocabulary, plan.architecture, event.weights, KnownWords.of(splits), form=form)


def _plan(kind: str, corpus: Corpus, seed: int, *, quick: bool) -> Plan:
    quickly = getattr(find(kind), "quick", {}) if quick else {}
    architecture = build(kind, {name: value for name, value in quickly.items() if name in find(kind).model_fields})
    return Plan(corpus, architecture, configure(architecture, {"seed": seed}, quick=quick))


def _inner(corpus: Corpus, train: Sequence[str], rotation: int) -> Split:
    """Return the train part in nine tenths and, as dev, one: the last of a text, the rotation-th of shuffled lines."""
    if corpus.form == "text":
        end = int(0.9 * len(train[0]))
        return Split("inner", [train[0][:end]], [train[0][end:]], [])
    words = list(train)
    random.Random(SEED).shuffle(words)
    size = max(len(words) // 10, 1)
    held = slice(rotation * size, (rotation + 1) * size)
    return Split("inner", words[: held.start] + words[held.stop :], words[held], [])
