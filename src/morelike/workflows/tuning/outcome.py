"""Tuning from its beginning to its end: trials on dev, then one run with the best settings, which is judged on test."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from morelike.errors import SettingError
from morelike.runs.plan import hiding_test
from morelike.training.experiment import ExperimentEvent, ExperimentFinished, run_experiment, start_run
from morelike.training.result import Result
from morelike.workflows.tuning.events import StudyOpened, TuningEvent, TuningFinished
from morelike.workflows.tuning.study import SETTINGS, Study, Tuning
from morelike.workflows.tuning.trials import Trainer, Worker

if TYPE_CHECKING:
    from optuna.trial import FrozenTrial


def tune(
    tuning: Tuning,
    budget: float,
    *,
    trials: int | None = None,
    should_stop: Callable[[], bool] = lambda: False,
) -> Iterator[TuningEvent]:
    """Yield the events of tuning, `TuningFinished` last.

    Test is used once: by the run of the best settings, at the end. Of several processes at work on one study, the last
    one makes this run. A second call goes on with the study.

    Args:
        tuning: what is tuned.
        budget: seconds for the trials and the run of the best settings.
        trials: the most trials that this process begins; 0 goes on to the run of the best settings at once.
        should_stop: called after each chunk of steps; if it is true, the trial is put back and tuning ends.

    Raises:
        SettingError: the study has begun with other settings, or the budget is too small for one trial.
        RunError: the storage cannot be written, or does not answer.
    """
    began = time.monotonic()
    trainer = Trainer(tuning)
    study = Study(tuning)
    with closing(study), study.reachable():
        best = study.best
        yield StudyOpened(tuning.study_name, tuning.folder, len(study.complete), best.value if best else None)
        worker = Worker(study, budget, began, trials, should_stop)
        yield from worker.work(trainer)
        others = study.others()
        if worker.interrupted or others:
            yield _finished(study, None, interrupted=worker.interrupted, others=others)
            return
        if (best := study.best) is None:
            raise SettingError(_too_small(budget, worker, trials))
        with study.alone() as alone:
            if not alone:
                yield _finished(study, None, others=1)
            elif (final := study.final) and final["trial"] == best.number:
                yield _finished(study, None, run=Path(final["run"]))
            else:
                yield from _make_run(study, best, should_stop)


def _make_run(study: Study, best: FrozenTrial, should_stop: Callable[[], bool]) -> Iterator[TuningEvent]:
    """Yield the events of the run with the best settings, and `TuningFinished` last."""
    tuning, earlier = study.tuning, study.final
    looks = (not tuning.hide_test) + (earlier["looks at test"] if earlier else 0)
    result: Result | None = None
    for event in _events(study, best, looks, should_stop):
        if isinstance(event, ExperimentFinished):
            result = event.result
        yield event
    if result is None:
        yield _finished(study, None, interrupted=True)
        return
    study.record_final(best.number, result.run, looks)
    if result.run is None:
        raise AssertionError(f"the run of {tuning.study_name} has no folder")
    yield _finished(study, result, run=result.run)


def _events(study: Study, best: FrozenTrial, looks: int, should_stop: Callable[[], bool]) -> Iterator[ExperimentEvent]:
    tuning, counts = study.tuning, study.counts()
    plan = tuning.plan(best.user_attrs[SETTINGS])
    tried = f"{counts['complete']:,} complete and {counts.get('pruned', 0):,} pruned trials"
    notes = [f"the settings are the best on dev of {tried} of the study '{tuning.study_name}'"]
    if looks > 1 and not tuning.hide_test:
        notes.append(
            f"test was used {looks} times in this study, each time for settings that are better on dev: its loss is "
            "less independent of the choice than that of a first look"
        )
    plan = replace(hiding_test(plan) if tuning.hide_test else plan, notes=(*plan.notes, *notes))
    run = start_run(plan, tuning.out)
    run.update_meta(tuning={"study": tuning.study_name, "trials": counts, "dev": best.value, "looks at test": looks})
    yield from run_experiment(plan, run, should_stop=should_stop)


def _finished(study: Study, result: Result | None, **more: Any) -> TuningFinished:
    config, best = study.write_summary(), study.best
    return TuningFinished(
        result,
        more.get("interrupted", False),
        more.get("others", 0),
        study.counts(),
        best.value if best else None,
        best.user_attrs[SETTINGS] if best else {},
        config,
        study.importance(),
        more.get("run"),
    )


def _too_small(budget: float, worker: Worker, trials: int | None) -> str:
    """Return the sentence about a budget in which no trial was complete."""
    if trials == 0:
        return "no trial of this study is complete, so that there are no best settings: give it --trials and a --budget"
    if worker.unfinished:
        share, seconds = worker.unfinished
        needed = f": a trial takes about {2 * seconds / max(share, 0.05):,.0f} s with its run"
    else:
        needed = ""
    return (
        f"the budget of {budget:g} s ended before one trial was complete{needed}; give a larger --budget, or shorter "
        "trials with --space epochs=1..4. The study is kept"
    )
