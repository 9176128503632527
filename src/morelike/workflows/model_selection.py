"""The default model: n-gram counts and a network, both trained on train and mixed on dev; the worthwhile are kept.

Both are trained once. The mixture is kept if the network lowers its loss on dev by `WORTHWHILE` and the n-gram by
`WORTHWHILE_COUNTS`; otherwise the n-gram or the network is the model alone. Test is never used for the choice. On a
list too small for a network the n-gram is counted at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from morelike.architecture import find, kinds
from morelike.errors import SettingError, did_you_mean
from morelike.evaluation.loss import Evaluation
from morelike.runs.events import Noted
from morelike.runs.plan import Plan, make_plan, split_rule
from morelike.runs.settings import LENGTHS, TrainingConfig
from morelike.text.corpus import Corpus
from morelike.training.counting import fit_best_order
from morelike.training.experiment import ExperimentEvent, ExperimentFinished
from morelike.training.preparation import prepare, split_corpus
from morelike.training.result import Result, new_words
from morelike.workflows.mixing import FittedMixture, mix_on
from morelike.workflows.refit import refit, wants_refit

AUTO = "auto"
"""The name of the default: the best of counts and a network. No architecture has this name."""

COUNTED, NETWORK, MIXED = "ngram", "gru", "mixture"  # simpler kinds first
FEWEST_CHARACTERS = 2000
"""The network is trained from so many characters of the train part on, ends included: see docs/decisions.md."""
FEWEST_LINES = 200
"""The network is trained from so many lines of the train part on, however long they are."""
WORTHWHILE = 0.005
"""Nats per character on dev. A network that lowers the loss by less is left out: it multiplies the time of scoring."""
WORTHWHILE_COUNTS = 0.001
"""As `WORTHWHILE`, for the n-gram in a mixture, which costs little."""

LEAST_GAIN = 0.002
"""Nats per character of dev that a minute of steps must gain for the mixture; without effect if a length is given."""


@dataclass(frozen=True)
class Selection:
    """The selected kind, and the loss of each candidate on dev (nats per character).

    If nothing was compared, `reason` says why.
    """

    kind: str
    losses: Mapping[str, float] = field(default_factory=dict)
    reason: str = ""

    @property
    def sentence(self) -> str:
        """The selected kind and the reason, without a full stop."""
        if self.reason:
            return f"chose {self.kind}: {self.reason}"
        others = [f"{loss:.3f} ({kind})" for kind, loss in self.losses.items() if kind != self.kind]
        return f"chose {self.kind}: dev {self.losses[self.kind]:.3f} against {' and '.join(others)}"

    def as_dict(self) -> dict[str, Any]:
        """Return the selection as meta.json and the command line's JSON hold it."""
        return {"kind": self.kind, "sentence": self.sentence, "dev": dict(self.losses)}


def select_by_losses(counted: float, network: float, mixed: float, kind: str = NETWORK) -> Selection:
    """Return the selection among an n-gram, a network of this kind and their mixture, by their losses on dev.

    >>> select_by_losses(2.0, 2.1, 1.9).sentence
    'chose mixture: dev 1.900 against 2.000 (ngram) and 2.100 (gru)'
    >>> select_by_losses(2.0, 2.1, 1.996).kind, select_by_losses(2.1, 2.0, 2.0).kind
    ('ngram', 'gru')
    """
    losses = {COUNTED: counted, kind: network, MIXED: mixed}
    if min(network, mixed) > counted - WORTHWHILE:
        return Selection(COUNTED, losses)
    return Selection(MIXED if mixed <= network - WORTHWHILE_COUNTS else kind, losses)


def auto_plan(
    corpus: Corpus,
    split: str | None = None,
    *,
    source: str | None = None,
    quick: bool = False,
    refit: bool | None = None,
    settings: Mapping[str, Any],
) -> Plan:
    """Return the plan of the default model: a network mixed with an n-gram, or an n-gram alone for a small list.

    A setting goes to the member that declares it. If the network gets one, it is trained on a small list too.
    A store is learned by a network alone.

    Raises:
        SettingError: a setting of another kind, one that does not exist, or a value that makes no sense.
    """
    split = split_rule(corpus, split)
    of_counts, of_network = split_settings(settings)
    refits = wants_refit(corpus, refit, by_default=True)
    planned = partial(make_plan, corpus, source=source, split=split, quick=quick)
    if corpus.store:
        if alone := of_counts.keys() - of_network.keys():
            raise SettingError(f"a store is learned by {NETWORK} alone, without {min(alone)}: choose --model {COUNTED}")
        return planned(NETWORK, settings=of_network)
    forced = bool(of_network.keys() - SHARED)
    if not of_network.keys() & {*LENGTHS}:
        of_network["least_gain"] = LEAST_GAIN
    plan, counts = planned(NETWORK, settings=of_network), planned(COUNTED, settings=of_counts)
    any_order = "order" not in of_counts and counts.architecture.settings_in_use().get("smoothing") == "mixture"
    if reason := _reason_for_counts(corpus, split, forced=forced):
        if any_order:
            _, _, vocabulary, train, dev = prepare(counts)
            counts = replace(
                counts, architecture=fit_best_order(counts.architecture.as_counted(), train, dev, vocabulary.size)[0]
            )
        return replace(counts, selection=Selection(COUNTED, reason=reason).as_dict(), refit=refits)
    return replace(plan, mixed_with=counts.architecture, any_order=any_order, refit=refits)


SHARED = frozenset({"seed", "count_weighting", "labelled"})
"""The settings that both members take."""


def split_settings(settings: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the settings of the n-gram and those of the network.

    Raises:
        SettingError: neither member has a setting of this name.
    """
    network = {*find(NETWORK).model_fields, *TrainingConfig.model_fields}
    counted = {*find(COUNTED).model_fields, *SHARED} - (network - SHARED)
    for name in settings:
        if name not in network | counted:
            others = [kind for kind in kinds() if name in find(kind).model_fields]
            flag = name.replace("_", "-")
            if others:
                raise SettingError(
                    f"{AUTO} has no setting '{flag}', it is a setting of {', '.join(others)}: name the kind, for "
                    f"example --model {others[0]}"
                )
            raise SettingError(f"{AUTO} has no setting '{flag}'{did_you_mean(name, sorted(network | counted))}")
    first, second = ({name: settings[name] for name in settings if name in known} for known in (counted, network))
    return first, second


def _reason_for_counts(corpus: Corpus, split: str, *, forced: bool) -> str:
    """Return why the list is counted alone; `""` if a network is trained too, always if `forced` and dev has words."""
    splits = split_corpus(corpus, split)
    if not splits.dev:
        return "nothing is held out to mix a network by"
    characters = sum(map(len, splits.train)) + (len(splits.train) if corpus.form == "lines" else 0)
    if forced or (characters >= FEWEST_CHARACTERS and (corpus.form == "text" or len(splits.train) >= FEWEST_LINES)):
        return ""
    size = f"{len(splits.train):,} words" if corpus.form == "lines" else f"{characters:,} characters"
    return f"{size} to learn from are too few for a network"


def complete(plan: Plan, result: Result, should_stop: Callable[[], bool]) -> Iterator[ExperimentEvent]:
    """Yield the events of the work after training, and last the final result: mixed, chosen, trained anew, sampled.

    Raises:
        MorelikeError: as training does.
    """
    if result.counted:
        result = _choose(plan, result)
        yield Noted(str((result.choice or {})["sentence"]))
    elif plan.selection:
        result = replace(result, choice=plan.selection)
    if not (result.counted or plan.refit):
        yield ExperimentFinished(result)
        return
    if plan.refit:
        for event in refit(plan, result, should_stop):
            if isinstance(event, ExperimentFinished):
                result = event.result
            else:
                yield event
    samples, troubles = new_words(result.model, plan.training.seed)
    notes = [note for note in result.notes if not note.startswith("new words: ")]
    yield ExperimentFinished(replace(result, samples=samples, notes=[*notes, *troubles]))


def _choose(plan: Plan, result: Result) -> Result:
    """Return the result of the model that dev prefers: the n-gram, the network, or their mixture."""
    assert result.counted
    network = result.model
    mixed = mix_on([result.counted, network], plan.corpus, plan.split, hide_test=plan.hide_test)
    kind, losses = network.architecture.kind, _losses_by_kind(result, mixed)
    counted_dev, dev, mixed_dev = (losses[name]["dev"].nats_per_character for name in (COUNTED, kind, MIXED))
    selection = select_by_losses(counted_dev, dev, mixed_dev, kind)
    if "counted" in (plan.selection or {}):  # a run of an older version, which had chosen the mixture before
        selection = replace(selection, kind=MIXED)
    model = {COUNTED: result.counted, kind: network, MIXED: mixed.model}[selection.kind]
    own = dict(losses[selection.kind])
    facts = {**model.facts, "seed": plan.training.seed, "losses": {name: each.as_dict() for name, each in own.items()}}
    return replace(
        result,
        model=replace(model, facts=facts),
        losses=own,
        baseline=losses[COUNTED],
        members=losses,
        choice=selection.as_dict(),
        notes=[*result.notes, selection.sentence],
    )


def _losses_by_kind(result: Result, mixed: FittedMixture) -> dict[str, dict[str, Evaluation]]:
    """Return the losses on dev and test of the n-gram, the network and the mixture, by kind."""
    counted, network = mixed.members
    return {COUNTED: counted, result.model.architecture.kind: network, MIXED: mixed.losses}
