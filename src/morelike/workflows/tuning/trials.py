"""Trials: models are trained on train and judged on dev, one after another, until the budget is used."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from morelike.arrays import Weights
from morelike.errors import LostError, MorelikeError, RunError, SettingError
from morelike.language_model.model import LanguageModel
from morelike.language_model.scoring import evaluated
from morelike.runs.events import Evaluated, Finished
from morelike.runs.plan import Plan
from morelike.text.known_words import KnownWords
from morelike.text.labels import label_shares
from morelike.training.experiment import fit
from morelike.training.preparation import prepare, resolve_plan
from morelike.training.resources import bytes_needed, refuse_too_much
from morelike.training.result import model_facts
from morelike.training.store_samples import evaluation_parts
from morelike.workflows.tuning.events import TrialEnded, TrialProgress, TrialStarted, TrialState
from morelike.workflows.tuning.study import SECONDS, Study, Tuning

if TYPE_CHECKING:
    from optuna import Trial

TENTHS = 10
"""A trial's losses are compared at the same tenth of its steps: trials have different numbers of steps."""
FEWEST_TRIALS = 8
MUCH_SLOWER = 1.5
"""A trial that would take more than the budget divided by `FEWEST_TRIALS` is ended, unless the quickest trial takes so
long that it is at most this many times as slow."""
MOST_REPEATED = 50
"""Trials in succession with settings that were tried before, after which the space counts as exhausted."""
MOST_FAILED = 5
"""Trials in succession that failed, after which tuning ends with the reason, if no trial is complete."""


class Trainer:
    """Trains models of one list; the list is split and encoded once.

    Raises:
        SettingError: the split holds nothing out as dev.
    """

    def __init__(self, tuning: Tuning) -> None:
        self.prepared = prepare(tuning.plan(tuning.fixed))
        if not self.prepared.splits.dev:
            raise SettingError(
                f"tuning judges by dev, and the split '{tuning.split}' holds nothing out: choose another"
            )
        self.judged, _, _, _ = evaluation_parts(self.prepared.splits, self.prepared.train, self.prepared.dev)
        self._known: KnownWords | None = None

    def losses(self, plan: Plan, should_stop: Callable[[], bool]) -> Iterator[tuple[float, float, bool]]:
        """Yield the share of the steps that are done, the loss on dev, and whether it is the last and exact one.

        The last one is that of the best weights, as a run reports it. It is missing if training was asked to stop.

        Raises:
            MorelikeError: as training does.
        """
        _, _, vocabulary, train, dev = self.prepared
        plan = resolve_plan(plan, train, vocabulary.size)
        if plan.architecture.learned_by == "gradients":
            network = plan.architecture.as_trained("it has no training settings")
            refuse_too_much(bytes_needed(network, plan.training, vocabulary.size))
        for event in fit(plan, train, dev, vocabulary.size, should_stop=should_stop):
            if isinstance(event, Evaluated):
                yield event.step / (plan.training.steps or event.step), event.loss, False
            elif isinstance(event, Finished) and event.reason != "interrupted":
                yield 1.0, self._dev_loss(plan, event.weights), True

    def _dev_loss(self, plan: Plan, weights: Weights) -> float:
        """Return the exact loss of a model on dev (nats per character)."""
        prepared, splits = self.prepared, self.judged
        self._known = self._known or KnownWords.of(splits)
        train = prepared.train
        model = LanguageModel(
            prepared.vocabulary,
            plan.architecture,
            weights,
            self._known,
            model_facts(plan, splits, 1),
            plan.corpus.form,
            {} if train.labels is None else label_shares(train.labels, plan.labels, train.weights),
        )
        return evaluated(
            model, splits.dev, splits.counts.get("dev"), labels=splits.labels.get("dev")
        ).nats_per_character


class Pace:
    """Estimates the seconds of a trial from its evaluations; the first one, with compiling before it, is no measure."""

    def __init__(self, began: float) -> None:
        self._began = began
        self._first: tuple[float, float] | None = None

    def total(self, share: float) -> float:
        """Return the seconds that the whole trial is going to take; those so far, at the first evaluation."""
        now = time.monotonic()
        if self._first is None or share <= self._first[0]:
            self._first = share, now
            return now - self._began
        first, at = self._first
        return at - self._began + (1 - first) * (now - at) / (share - first)


class Worker:
    """One process at work on a study: it takes trials until the budget is used, the space is exhausted, or it is asked
    to stop.

    Args:
        study: the study.
        budget: seconds of all trials and of the run of the best settings.
        began: when the budget begins, as `time.monotonic` tells it.
        most: the most trials that this process begins.
        should_stop: called after each chunk of steps; if it is true, the trial is put back.
    """

    def __init__(
        self, study: Study, budget: float, began: float, most: int | None, should_stop: Callable[[], bool]
    ) -> None:
        self.study, self.budget, self.most, self._asked = study, budget, most, should_stop
        self.deadline = began + budget
        self.interrupted = False
        self.exhausted = False
        self.unfinished: tuple[float, float] | None = None
        """The share and the seconds of a trial that the budget ended, if it was evaluated."""

    def work(self, trainer: Trainer) -> Iterator[TrialStarted | TrialProgress | TrialEnded]:
        """Yield the events of the trials.

        Raises:
            MorelikeError: each of the first trials failed; or the storage is lost.
        """
        begun = repeated = failed = 0
        while not self._must_stop() and (self.most is None or begun < self.most):
            trial, settings = self.study.take()
            try:
                equal = self.study.equal_trial(settings)
                if equal is None:
                    begun += 1
                    yield TrialStarted(trial.number, settings)
                    ended = yield from self._train(trial, settings, trainer)
                else:
                    self.study.finish(trial, equal.value, 0.0)
                    ended = self._ended(trial, "repeated", equal.value, 0.0)
            except BaseException:  # the generator was closed, a signal, a lost storage
                self._abandon(trial)
                raise
            yield ended
            repeated = repeated + 1 if ended.state == "repeated" else 0
            failed = failed + 1 if ended.state == "failed" else 0
            if failed >= MOST_FAILED and self.study.best is None:
                raise SettingError(f"{failed} trials in succession failed, the last because {ended.reason}")
            if repeated >= MOST_REPEATED:
                self.exhausted = True
                return

    def _must_stop(self) -> bool:
        """Return whether the budget is used, except for the time that the run of the best settings takes; or asked."""
        self.interrupted = self.interrupted or self._asked()
        best = self.study.best
        reserved = best.user_attrs.get(SECONDS, 0.0) if best else 0.0
        return self.interrupted or time.monotonic() + reserved >= self.deadline

    def _train(
        self, trial: Trial, settings: Mapping[str, Any], trainer: Trainer
    ) -> Generator[TrialProgress, None, TrialEnded]:
        """Yield the progress of a trial, and return its end."""
        began, share, pruned, stopped, exact = time.monotonic(), 0.0, False, False, False
        pace, slow, loss = Pace(began), "", float("inf")

        def should_stop() -> bool:
            nonlocal stopped
            stopped = stopped or self._must_stop()
            return stopped or pruned or bool(slow)

        try:
            for share, loss, exact in trainer.losses(self.study.tuning.plan(settings), should_stop):
                if exact:
                    continue
                trial.report(loss, round(TENTHS * share))
                yield TrialProgress(trial.number, share, loss)
                pruned = share < 1 and bool(trial.should_prune())
                slow = self._too_slow(pace.total(share))
        except (RunError, LostError):
            raise
        except MorelikeError as error:  # settings that do not fit together, that need too much memory, or diverge
            return self._finish(trial, "failed", None, began, str(error))
        if exact:
            return self._finish(trial, "complete", loss, began)
        if slow and not pruned:
            return self._finish(trial, "too slow", None, began, slow)
        if not pruned:
            self.unfinished = share, time.monotonic() - began
            self.study.put_back(trial)
            return self._ended(trial, "put back", None, time.monotonic() - began)
        return self._finish(trial, "pruned", None, began)

    def _too_slow(self, seconds: float) -> str:
        """Return why a trial of so many seconds is ended, or nothing if it may go on.

        A trial may take a share of the budget, so that there are several, or as long as the quickest one before.
        """
        quickest = min((trial.user_attrs.get(SECONDS, 0.0) for trial in self.study.complete), default=None)
        if quickest is None:
            return ""
        most = max(self.budget / FEWEST_TRIALS, MUCH_SLOWER * quickest)
        return f"it would take {seconds:,.0f} s, of at most {most:,.0f} s in this budget" if seconds > most else ""

    def _finish(
        self, trial: Trial, state: TrialState, loss: float | None, began: float, reason: str = ""
    ) -> TrialEnded:
        seconds = round(time.monotonic() - began, 3)
        self.study.finish(trial, loss, seconds)
        return self._ended(trial, state, loss, seconds, reason)

    def _ended(
        self, trial: Trial, state: TrialState, loss: float | None, seconds: float, reason: str = ""
    ) -> TrialEnded:
        best = self.study.best
        number, value = (best.number, best.value) if best else (None, None)
        if number == trial.number:
            self.study.write_summary()
        return TrialEnded(trial.number, state, loss, seconds, value, number, reason)

    def _abandon(self, trial: Trial) -> None:
        """Put a trial back if it has not ended; if the storage is lost, another process will."""
        with suppress(Exception):  # the first error is the one to report
            self.study.put_back(trial)
