"""Selecting a kind of model by held-out loss: an n-gram, a network, or a mixture of both.

The test part is never used. The train part is split once more: the kinds learn from nine tenths of it. The inner tenth
fits what needs held-out words: the weights of the n-gram's orders, the network's best step, the mixture's weights. The
dev part, to which nothing was fitted, judges. The simplest kind wins, unless the best kind is better beyond chance by
the paired bootstrap over words.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from morelike.architecture import find, kinds
from morelike.arrays import Float, Int
from morelike.errors import SettingError
from morelike.evaluation.intervals import Comparison, compare
from morelike.language_model.model import LanguageModel
from morelike.language_model.scoring import evaluated
from morelike.runs.events import Event, Finished
from morelike.runs.plan import Plan, make_plan, split_rule
from morelike.runs.run_folder import RunFolder
from morelike.runs.settings import TrainingConfig
from morelike.text.corpus import Corpus
from morelike.text.known_words import KnownWords
from morelike.text.splits import Split
from morelike.text.vocabulary import Vocabulary
from morelike.training.experiment import ExperimentEvent, ExperimentFinished, fit, run_experiment, start_run
from morelike.training.preparation import encode_words, resolve_plan, split_corpus
from morelike.training.result import Result, new_words
from morelike.workflows.mixing import mix, mix_on, save_mixture

AUTO = "auto"
"""The name that asks for a selection; no architecture has this name."""

COUNTED, NETWORK, MIXED = "ngram", "gru", "mixture"  # simpler kinds first
FEWEST_CHARACTERS = 2000
"""The network is tried from so many characters of the train part on, ends included: see docs/decisions.md."""
FEWEST_LINES = 200
"""The network is tried from so many lines of the train part on, however long they are."""
MOST_CHARACTERS = 50_000
"""Characters of the train part above which trials are quick; on shorter lists a quick network falls behind."""
ROTATIONS = 3
ROTATED = 5000
"""Lines of the train part below which the n-gram is judged by its mean loss over `ROTATIONS` inner splits."""
SEED = 0  # of the inner split


@dataclass(frozen=True)
class Selection:
    """The selected kind, each candidate's loss on dev (nats per character), and its difference to the best candidate.

    If nothing was compared, `reason` says why.
    """

    kind: str
    losses: Mapping[str, float] = field(default_factory=dict)
    behind: Mapping[str, Comparison] = field(default_factory=dict)
    reason: str = ""

    @property
    def sentence(self) -> str:
        """The selected kind and the reason, without a full stop."""
        if self.reason:
            return f"chose {self.kind}: {self.reason}"
        others = [f"{loss:.3f} ({kind}{self._remark(kind)})" for kind, loss in self.losses.items() if kind != self.kind]
        return f"chose {self.kind}: dev {self.losses[self.kind]:.3f} against {' and '.join(others)}, in a trial"

    def as_dict(self) -> dict[str, Any]:
        """Return the selection as meta.json and the command line's JSON hold it."""
        behind = {
            kind: {"difference": each.difference, "interval": list(each.interval), "decided": each.decided}
            for kind, each in self.behind.items()
        }
        return {"kind": self.kind, "sentence": self.sentence, "dev": dict(self.losses), "behind_best": behind}

    def _remark(self, kind: str) -> str:
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

    A trial takes each word once, whatever its count, and ignores labels.

    Args:
        corpus: the list or text.
        split: the name of the rule that splits it.
        quick: whether the run will be quick; the trial is quick then too, and on a long list.
        seed: the seed of the network.
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
        size = f"{len(splits.train):,} words" if corpus.form == "lines" else f"{characters:,} characters"
        return Selection(COUNTED, reason=f"{size} to learn from are too few to try a network on")
    judged = replace(corpus, words=[*splits.train, *splits.dev], counts=None, labels=None)
    trial = _Trial(judged, quick or characters > MOST_CHARACTERS, seed, on_event or (lambda _: None))
    inner = _inner_split(corpus, splits.train, 0)
    counted, network = trial.train(COUNTED, inner), trial.train(NETWORK, inner)
    losses = {
        kind: model.unit_losses(splits.dev)[0]
        for kind, model in ((COUNTED, counted), (NETWORK, network), (MIXED, mix([counted, network], inner.dev)))
    }
    if corpus.form == "lines" and len(splits.train) < ROTATED:
        others = [trial.train(COUNTED, _inner_split(corpus, splits.train, i)) for i in range(1, ROTATIONS)]
        losses[COUNTED] = np.mean([losses[COUNTED], *(each.unit_losses(splits.dev)[0] for each in others)], axis=0)
    return select_by_losses(losses, counted.unit_losses(splits.dev)[1])


def select_by_losses(
    losses: Mapping[str, Float[NDArray[Any], " units"]], lengths: Int[NDArray[Any], " units"]
) -> Selection:
    """Return the first kind, simpler kinds first, that the best kind does not beat beyond chance.

    A kind that is worse than a simpler one is never selected, however uncertain the figures are.

    >>> even, worse = np.array([4.0, 6.0, 5.0]), np.array([5.0, 7.5, 6.0])
    >>> select_by_losses({"ngram": even, "gru": worse}, np.array([2, 3, 2])).sentence
    'chose ngram: dev 2.143 against 2.643 (gru), in a trial'
    """
    figures = {kind: float(nats.sum() / lengths.sum()) for kind, nats in losses.items()}
    best = min(figures, key=lambda kind: figures[kind])
    behind = {kind: compare(nats, losses[best], lengths) for kind, nats in losses.items() if kind != best}
    lowest = float("inf")
    for kind, figure in figures.items():  # a kind that is worse than a simpler one is no alternative
        if kind == best or (figure < lowest and not behind[kind].decided):
            break
        lowest = min(lowest, figure)
    return Selection(kind, figures, behind)


def select_plans(
    corpus: Corpus,
    split: str | None = None,
    *,
    source: str | None = None,
    quick: bool = False,
    settings: Mapping[str, Any],
    on_event: Callable[[Event], None] | None = None,
) -> list[Plan]:
    """Return the plan of the kind that suits a list, or the plans of a mixture's members, the network last.

    Raises:
        SettingError: a setting of one kind; or as `select_model`.
        TrainingError: as training does.
    """
    refuse_settings(settings)
    split, seed = split_rule(corpus, split), int(settings.get("seed", 0))
    selection = select_model(corpus, split, quick=quick, seed=seed, on_event=on_event)
    return plans_of(selection, corpus, split, source=source, quick=quick, seed=seed)


def plans_of(
    selection: Selection, corpus: Corpus, split: str, *, source: str | None = None, quick: bool = False, seed: int = 0
) -> list[Plan]:
    """Return the plan of the selected kind, or the plans of a mixture's members, the network last."""
    members = (COUNTED, NETWORK) if selection.kind == MIXED else (selection.kind,)
    plans = [
        make_plan(corpus, kind, source=source, split=split, quick=quick, settings={"seed": seed}) for kind in members
    ]
    return [replace(plan, selection=selection.as_dict()) for plan in plans]


def train_plans(plans: Sequence[Plan], out: Path | None = None) -> Iterator[ExperimentEvent]:
    """Yield the events of each plan's training, and last one `ExperimentFinished`: of the model or of the mixture.

    Raises:
        MorelikeError: as training does.
    """
    first: Result | None = None
    for plan in plans:
        if first:
            plan = as_mixture_member(plan, first.run)
        for event in run_experiment(plan, start_run(plan, out) if out else None):
            if isinstance(event, ExperimentFinished):
                result = event.result
            else:
                yield event
        first = first or result
    assert first
    yield ExperimentFinished(finish_mixture(plan, result, first.model))


def as_mixture_member(plan: Plan, counted_run: Path | None) -> Plan:
    """Return the plan of a mixture's network, which names the n-gram's run, so that a resumed network can be mixed."""
    return replace(plan, selection={**(plan.selection or {}), "counted": counted_run.name if counted_run else None})


def finish_mixture(plan: Plan, network: Result, counted: LanguageModel | None = None) -> Result:
    """Return the mixture of a network with its n-gram; a result that is no mixture's network is returned as it is.

    If the members have runs, the mixture is saved as a run next to them. `counted` is the n-gram, by default the model
    of the run that the plan names.

    Raises:
        ModelError: the run of the n-gram is gone.
        RunError: the folder cannot be written.
    """
    selection = plan.selection or {}
    counted_run = network.run.parent / selection["counted"] if network.run and selection.get("counted") else None
    if "counted" not in selection or not (counted_run or counted):
        return network
    if counted_run:
        counted = LanguageModel.load(RunFolder(counted_run).model)
    assert counted
    mixed = mix_on([counted, network.model], plan.corpus, plan.split)
    model = replace(mixed.model, facts={**mixed.model.facts, "seed": plan.training.seed})
    samples, troubles = new_words(model, plan.training.seed)
    notes = [note for note in network.notes if not note.startswith("new words: ")]
    notes = [selection["sentence"], *notes, *troubles]
    run: RunFolder | None = None
    if network.run and counted_run:
        run = save_mixture(replace(mixed, model=model), network.run.parent, [str(counted_run), str(network.run)])
        run.save_samples(samples)
        run.update_meta(choice=selection, notes=notes)
    split = network.splits
    baseline = {
        part: evaluated(counted, words, split.counts.get(part), labels=split.labels.get(part))
        for part, words in split.parts.items()
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
    """Refuse settings that belong to one kind: the kind is not known yet when they are given.

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

    def train(self, kind: str, splits: Split) -> LanguageModel:
        """Return a model of this kind that learned from the train part of a split, fitted on its dev part."""
        vocabulary, form = Vocabulary.of(self.corpus.words), self.corpus.form
        train, dev = (encode_words(vocabulary, form, words) for words in (splits.train, splits.dev))
        plan = make_plan(self.corpus, kind, quick=self.quick, settings={"seed": self.seed})
        plan = resolve_plan(plan, train, vocabulary.size)
        for event in fit(plan, train, dev, vocabulary.size):
            self.on_event(event)
        assert isinstance(event, Finished)
        return LanguageModel(vocabulary, plan.architecture, event.weights, KnownWords.of(splits), form=form)


def _inner_split(corpus: Corpus, train: Sequence[str], rotation: int) -> Split:
    """Return the train part in nine tenths and, as dev, one: the last of a text, the rotation-th of shuffled lines."""
    if corpus.form == "text":
        end = int(0.9 * len(train[0]))
        return Split("inner", [train[0][:end]], [train[0][end:]], [])
    words = list(train)
    random.Random(SEED).shuffle(words)
    size = max(len(words) // 10, 1)
    held = slice(rotation * size, (rotation + 1) * size)
    return Split("inner", words[: held.start] + words[held.stop :], words[held], [])
