"""The runs of a server: each trains in a process of its own, which hands its events over."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from threading import RLock, Thread
from typing import Any

from morelike.arrays import Weights
from morelike.errors import MorelikeError, SettingError, excerpt
from morelike.play.address import given_settings
from morelike.play.breaking.faults import Fault, mended
from morelike.play.event_log import EventLog
from morelike.play.limits import PlayLimits
from morelike.play.lists import list_id
from morelike.play.past import Past
from morelike.play.processes.starter import Processes
from morelike.runs.knobs import check_knob, check_value, read_turns
from morelike.runs.looks import Looks
from morelike.runs.plan import Plan, plan_of_run
from morelike.runs.run_folder import RunFolder
from morelike.runs.settings import configure_tables, read_config
from morelike.training.experiment import start_run

SECONDS_TO_SAVE = 40.0
"""How long the server waits at its end for a process that saves its run; then the process is killed."""
ENDED = ("finished", "stopped", "failed")
WAITING = "waiting"
COMMANDS = ("pause", "resume", "step", "few_steps", "stop", "knob")
LOST = "the training process ended unexpectedly; the run can be resumed"


class LiveRun:
    """A run that the page shows: one that trains, one that waits for its turn, or one that has ended.

    `changed` is called after its process has changed its status.
    """

    def __init__(
        self, folder: RunFolder, processes: Processes | None = None, changed: Callable[[], None] = lambda: None
    ) -> None:
        self.folder = folder
        self.looks = Looks(folder)
        self.log = EventLog()
        self.status = "stopped"
        self.step = 0
        self.steps = 0
        self.watched = 0
        """The number of pages that receive the events now."""
        self.last_watched: float | None = None
        self.began = 0.0
        self.given: Mapping[str, Any] | None = None
        """The settings that were given for the run; None for a run from elsewhere, whose files have them."""
        self._processes = processes or Processes()
        self._changed = changed
        self._process: subprocess.Popen[str] | None = None
        self._reader: Thread | None = None
        self._lock = RLock()

    @property
    def id(self) -> str:
        """The name of the run in addresses: that of its folder."""
        return self.folder.path.name

    @property
    def active(self) -> bool:
        """Whether a process trains the run, or waits to do so."""
        return self._process is not None and self._process.poll() is None

    @property
    def at_work(self) -> bool:
        """Whether a process trains the run and is not paused."""
        return self.active and self.status != "paused"

    def start(self) -> None:
        """Start the process that trains the run from its newest checkpoint, or from the beginning."""
        with self._lock:
            self._set_status("starting")
            self.began = time.monotonic()
            self._process = self._processes.start(self.folder.path)
            self._reader = Thread(target=self._read, args=(self._process,), daemon=True)
            self._reader.start()

    def start_again(self) -> None:
        """Start the process again if it has ended; one that was stopped may still be about to end.

        Raises:
            SettingError: it does not end.
        """
        if self.active and self.status not in ENDED:
            return
        if self._reader:
            self._reader.join(SECONDS_TO_SAVE)
            if self._reader.is_alive():
                raise SettingError("this run is still being saved: continue it in a moment")
        with self._lock:
            if not self.active:  # another page may have been quicker
                self.start()

    def _read(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout
        for line in process.stdout:
            try:
                event = json.loads(line)
            except ValueError:
                continue
            if event.get("type") == "status":
                self._set_status(event["status"])
                self._changed()
                continue
            self._take(event)
            if event["type"] in ("finished", "failed"):
                self._set_status(event["type"])
        process.stdout.close()
        process.wait()
        self.close()
        if self.status not in ENDED and process.returncode == 0:  # it was asked to end before its first step
            self._set_status("stopped")
        elif self.status not in ENDED:
            self.log.append({"type": "failed", "sentence": f"{LOST}."})
            self._set_status("failed")
        self._changed()

    def wait_for_turn(self) -> None:
        """Wait to be started."""
        self._set_status(WAITING)

    def give_up_turn(self) -> None:
        """Wait no longer."""
        self._set_status("stopped")

    def _set_status(self, status: str) -> None:
        self.status = status
        self.log.append({"type": "status", "status": status})

    def follow(self, seconds: float = 0.5) -> None:
        """Take the events from the files of the run, and go on doing so while another process trains it."""
        past = Past(self.folder)

        def take() -> bool:
            status = self.folder.meta()["status"]  # before the events: none comes after the end
            for event in past.new_events():
                self._take(event)
            is_running: bool = status == "running"
            shown = "followed" if is_running else status if status in ENDED else "stopped"
            if shown != self.status or not is_running:
                self._set_status(shown)
            return is_running

        def go_on() -> None:
            with suppress(MorelikeError):  # the folder may be removed
                while take():
                    time.sleep(seconds)

        if take():
            Thread(target=go_on, daemon=True).start()

    def _take(self, event: Mapping[str, Any]) -> None:
        self.step, self.steps = event.get("step", self.step), event.get("steps", self.steps)
        self.log.append(event)

    def command(self, command: Mapping[str, Any]) -> None:
        """Send a command to the process.

        Raises:
            SettingError: no process trains this run, or there is no such command.
        """
        if command["command"] not in COMMANDS:
            raise SettingError(f"there is no command {excerpt(command['command'])}: give {', '.join(COMMANDS)}")
        if command["command"] == "knob":
            self._check_knob(command.get("name", "learning_rate"), command["value"])
        with self._lock:
            if not self.active:
                raise SettingError("this run has ended: start another run, or go on with this one")
            assert self._process
            assert self._process.stdin
            try:
                self._process.stdin.write(json.dumps(command) + "\n")
                self._process.stdin.flush()
            except OSError:
                raise SettingError("this run has ended: start another run, or go on with this one") from None

    def _check_knob(self, name: str, value: int | float) -> None:
        check_value(name, value)
        tables = read_config(self.folder.path / "config.toml")
        check_knob(name, configure_tables(tables)[0], tables["data"].get("as", "lines"))

    def close(self) -> None:
        """Let the process save the run and end, without waiting for it."""
        with self._lock:
            if self._process and self._process.stdin:
                with suppress(OSError):
                    self._process.stdin.close()

    def wait(self, seconds: float) -> None:
        """Wait for the process to end; kill it after so many seconds."""
        if self._process is None:
            return
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def facts(self) -> dict[str, Any]:
        """Return what the page knows about the run at first."""
        config = read_config(self.folder.path / "config.toml")
        meta = self.folder.meta()
        return {
            "id": self.id,
            "kind": meta["kind"],
            "list": meta["list"],
            "list_id": list_id(meta["list"], meta["data"]["sha256"]),
            "lines": meta["data"]["lines"],
            "status": self.status,
            "step": self.step,
            "steps": self.steps,
            "fault": meta.get("fault"),
            "mends": meta.get("mends"),
            "knobs": self._knobs(config.get("training", {})),
            "settings": given_settings(config) if self.given is None else dict(self.given),
            "seed": config.get("training", {}).get("seed", 0),
            "looks": self.looks.steps(),
        }

    def _knobs(self, training: Mapping[str, Any]) -> dict[str, Any]:
        """Return the newest value of each knob; of a counted model, the temperature alone."""
        first = {name: training[name] for name in ("learning_rate", "batch_size") if name in training}
        return {"temperature": 1.0, **first, **{turn.name: turn.value for turn in read_turns(self.folder.knobs)}}


class Runs:
    """All runs of a server. `processes` starts those that train."""

    def __init__(self, out: Path, limits: PlayLimits, processes: Processes | None = None) -> None:
        self.out = out
        self.limits = limits
        self._processes = processes or Processes()
        self._runs: dict[str, LiveRun] = {}
        self._waiting: list[LiveRun] = []
        self._lock = RLock()

    def all(self) -> list[LiveRun]:
        """Return the runs, newest first."""
        return list(reversed(self._runs.values()))

    def find(self, name: str) -> LiveRun | None:
        """Return the run of this name, None if there is none."""
        return self._runs.get(name)

    def begin(
        self, plan: Plan, start_from: tuple[LiveRun, int] | None = None, *, fault: Fault | None = None
    ) -> LiveRun:
        """Begin a run, with the weights of another run at a step if one is given. `fault` is one that its plan has.

        Raises:
            SettingError: too many runs.
            MorelikeError: the folder cannot be written, or the other run has no such look.
        """
        with self._lock:
            self.limits.check_new_run(len(self._runs), sum(run.active for run in self._runs.values()))
            if start_from and fault == "unscaled":
                raise SettingError("unscaled: a run that begins with the weights of a look has no weights to draw")
            weights = start_from[0].looks.weights(start_from[1]) if start_from else None
            return self._begin(plan, weights, {"fault": fault} if fault else {})

    def _begin(self, plan: Plan, weights: Weights | None, facts: Mapping[str, Any]) -> LiveRun:
        folder = start_run(plan, self.out)
        if facts:
            folder.update_meta(**facts)
        if weights is not None:
            folder.save_first_weights(weights)
        run = LiveRun(folder, self._processes, self.start_waiting)
        self._runs[run.id] = run
        run.start()
        return run

    def mend(self, run: LiveRun) -> LiveRun:
        """Begin a run like a broken one, without its fault and with the same first weights.

        Raises:
            SettingError: the run has no fault, or there are too many runs.
            MorelikeError: the folder cannot be written, or the list has changed.
        """
        with self._lock:
            fault = run.folder.meta().get("fault")
            if fault is None:
                raise SettingError("this run has no fault to mend: break one first")
            self.limits.check_new_run(len(self._runs), sum(each.active for each in self._runs.values()))
            plan = mended(plan_of_run(run.folder), fault)
            return self._begin(plan, run.folder.first_weights(), {"mends": fault})

    def queue(self, plans: Sequence[Plan]) -> list[LiveRun]:
        """Begin runs together: as many as may train at once start now, and the others wait for their turn.

        Raises:
            SettingError: too many runs.
            MorelikeError: a folder cannot be written.
        """
        with self._lock:
            self.limits.check_started(len(self._runs), len(plans))
            queued = [LiveRun(start_run(plan, self.out), self._processes, self.start_waiting) for plan in plans]
            for run in queued:
                run.wait_for_turn()
                self._runs[run.id] = run
            self._waiting += queued
        self.start_waiting()
        return queued

    def start_waiting(self) -> None:
        """Start runs that wait, while fewer are at work than may be. A run that is paused is not at work."""
        with self._lock:
            while self._waiting and sum(run.at_work for run in self._runs.values()) < self.limits.at_once:
                self._waiting.pop(0).start()

    def leave_queue(self, run: LiveRun) -> None:
        """Let a run wait no longer: it can be continued like one that was stopped."""
        with self._lock:
            if run in self._waiting:
                self._waiting.remove(run)
                run.give_up_turn()

    def open(self, folder: RunFolder) -> LiveRun:
        """Show a run that has ended, or follow one that another process trains."""
        run = LiveRun(folder, self._processes, self.start_waiting)
        run.follow()
        with self._lock:
            self._runs[run.id] = run
        return run

    def stop_unwatched(self) -> None:
        """Save and stop the runs that no page watches any more, and those that have used up their time."""
        now = time.monotonic()
        for run in self.all():
            if not run.active and run.status != WAITING:
                continue
            if not run.watched and run.last_watched and now - run.last_watched > self.limits.unwatched:
                self.leave_queue(run)
                run.close()
            elif run.active and now - run.began > self.limits.seconds:
                minutes = self.limits.seconds / 60
                sentence = f"the run has trained for {minutes:g} minutes: it is saved."
                run.log.append({"type": "noted", "sentence": sentence})
                run.close()

    def close(self) -> list[LiveRun]:
        """Save and end all runs, and return those that were training."""
        for run in self.all():
            self.leave_queue(run)
        active = [run for run in self.all() if run.active]
        for run in active:
            run.close()
        deadline = time.monotonic() + SECONDS_TO_SAVE
        for run in active:
            run.wait(max(deadline - time.monotonic(), 0.1))
        self._processes.close()
        return active
