"""The process that trains one run for the page: `python -m morelike.play.worker RUN`.

It reads commands as lines of JSON from standard input, and writes events as lines of JSON to standard output. When
standard input ends, it saves the run and ends: so it does when the server was killed.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NoReturn, TextIO

from morelike.arrays import Weights
from morelike.errors import MorelikeError
from morelike.play.processes.starter import RUN
from morelike.runs.events import Evaluated, Finished, Noted, Progress, Started, Stepped
from morelike.runs.knobs import Knobs, Turn
from morelike.runs.looks import Looks, LookWriter
from morelike.runs.plan import plan_of_run
from morelike.runs.run_folder import RunFolder
from morelike.training.experiment import ExperimentEvent, ExperimentFinished, run_experiment
from morelike.training.result import Result

PATIENCE, LONG_PATIENCE = 2.0, 30.0
"""Seconds until a process that was asked to end does so, before the first steps and after them."""
CRASHED = "the training failed unexpectedly; the terminal of `morelike play` shows the error"


class Worker:
    """One run: its events, and the commands that pause, continue and end it."""

    def __init__(self, run: RunFolder, output: TextIO) -> None:
        self.run = run
        self.knobs = Knobs(run.knobs, self._report_turn)
        self.stopped = False
        self._output = output
        self._writing = threading.Lock()
        self._changed = threading.Condition()
        self._paused = self._one_chunk = self._single = self._begun = False
        self._looks = LookWriter(Looks(run), lambda step: self.emit("look", step=step))

    def train(self) -> None:
        """Train the run to its end, or until it is stopped.

        Raises:
            MorelikeError: as `run_experiment`.
        """
        plan, result = plan_of_run(self.run), None
        events = run_experiment(
            plan, self.run, should_stop=lambda: self.stopped, watch_weights=self._watch, knobs=self.knobs
        )
        for event in events:
            self._report(event)
            if isinstance(event, ExperimentFinished):
                result = event.result
            elif isinstance(event, Started | Progress | Stepped):
                self._wait_while_paused(event)
        self.emit("finished", **_figures(result)) if result else self.emit("status", status="stopped")

    def _watch(self, step: int, weights: Callable[[], Weights]) -> None:
        """Write a look if it is due; after a single step it is, so that every panel shows the model after this step."""
        if self._single and not self.knobs.single_steps:
            self._looks.wanted = True
        self._looks(step, weights)

    def _report(self, event: ExperimentEvent) -> None:
        if isinstance(event, Started):
            self._looks.last = event.steps
            self.emit("started", kind=event.kind, parameters=event.parameters, step=event.step, steps=event.steps)
            self.emit("status", status="training")
        elif isinstance(event, Progress):
            self._begun = True
            rate, losses, blocks = float(f"{event.learning_rate:.6g}"), list(event.losses), list(event.blocks)
            self.emit(
                "progress", step=event.step, steps=event.steps, loss=round(event.loss, 6), rate=rate, losses=losses,
                blocks=blocks,
            )  # fmt: skip
        elif isinstance(event, Stepped):
            self._begun = True
            rate, losses = float(f"{event.learning_rate:.6g}"), [event.loss]
            self.emit(
                "progress", step=event.step, steps=event.steps, loss=event.loss, rate=rate, losses=losses,
                blocks=[event.count],
            )  # fmt: skip
        elif isinstance(event, Evaluated):
            self._looks.wanted = True  # the page evaluates this look with its interval
            self.emit("evaluated", step=event.step, dev=round(event.loss, 6), best=event.best)
        elif isinstance(event, Noted):
            self.emit("noted", sentence=event.sentence)
        elif isinstance(event, Finished):
            self._begun = True

    def emit(self, kind: str, /, **facts: Any) -> None:
        """Write an event; after the server has gone, nobody reads it."""
        with self._writing:
            try:
                self._output.write(json.dumps({"type": kind, **facts}) + "\n")
                self._output.flush()
            except OSError:
                self.stopped = True

    def _report_turn(self, turn: Turn) -> None:
        self.emit("knob", **turn._asdict())

    def _wait_while_paused(self, event: Started | Progress | Stepped) -> None:
        with self._changed:
            ends_chunk = self._one_chunk and isinstance(event, Progress)
            ends_step = self._single and not self.knobs.single_steps and not isinstance(event, Started)
            if ends_chunk or ends_step:
                self._one_chunk, self._single, self._paused = False, False, True
                self.emit("status", status="paused")
            while self._paused and not self.stopped:
                self.knobs.settle(event.step)  # a knob that is turned in a pause holds at once
                self._changed.wait()

    def obey(self, command: Mapping[str, Any]) -> None:
        """Do what a command says."""
        with self._changed:
            match command.get("command"):
                case "pause":
                    self._paused, self._one_chunk, self.knobs.single_steps = True, False, 0
                    self.emit("status", status="paused")
                case "resume":
                    self._paused = self._one_chunk = self._single = False
                    self.emit("status", status="training")
                case "step":
                    self.knobs.single_steps += 1
                    self._paused, self._single = False, True
                case "few_steps":
                    self._paused, self._one_chunk = False, True
                case "knob":
                    self.knobs.turn(command.get("name", "learning_rate"), command["value"])
                case "stop":
                    self.stop()
            self._changed.notify_all()

    def stop(self) -> None:
        """Ask the run to save and end. The process ends in any case, soon if there is nothing to save."""
        with self._changed:
            self.stopped = True
            self._changed.notify_all()
        patience = LONG_PATIENCE if self._begun else PATIENCE
        timer = threading.Timer(patience, os._exit, [0])
        timer.daemon = True
        timer.start()

    def listen(self, commands: TextIO) -> None:
        """Obey commands until they end, then stop."""
        for line in commands:
            try:
                self.obey(json.loads(line))
            except (ValueError, KeyError, TypeError, MorelikeError) as error:
                self.emit("noted", sentence=f"a command was refused: {error}")
        self.stop()


def _figures(result: Result) -> dict[str, Any]:
    """Return the figures of a finished run for the page."""
    losses = {name: loss.as_dict() for name, loss in result.losses.items()}
    return {"step": result.steps, "reason": result.reason, "best_step": result.best_step, "losses": losses}


def take_output() -> TextIO:
    """Return standard output for events; whatever else prints goes to standard error and does not disturb them."""
    output = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return output


def work_and_end(work: Callable[[], None], emit: Callable[..., None]) -> NoReturn:
    """Do the work of this process, emit its failure in one sentence, and end the process."""
    status = 0
    try:
        work()
    except MorelikeError as error:
        emit("failed", sentence=f"{error}.")
        status = 1
    except Exception:
        traceback.print_exc()
        emit("failed", sentence=f"{CRASHED}.")
        status = 1
    os._exit(status)  # the interpreter's own shutdown would wait for the threads of JAX


def main(folder: str) -> None:
    """Train the run in this folder until its end, or until standard input ends; then end this process."""
    worker = Worker(RunFolder(Path(folder)), take_output())
    threading.Thread(target=worker.listen, args=(sys.stdin,), daemon=True).start()
    work_and_end(worker.train, worker.emit)


def wait_for_run() -> str:
    """Import what training needs, then return the folder of the run that the first line of standard input names.

    The process ends if standard input does.
    """
    import morelike.training.jax.engine  # it takes a second, in which the server prepares the run

    del morelike
    line = sys.stdin.readline()
    if not line:
        os._exit(0)
    return str(json.loads(line)[RUN])


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else wait_for_run())
