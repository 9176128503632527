"""The events of a run as its files tell them: of one that has ended, or that another process trains."""

from __future__ import annotations

from typing import Any

from morelike.runs.knobs import Turn, read_turns
from morelike.runs.looks import Looks
from morelike.runs.run_folder import RunFolder
from morelike.runs.settings import read_config


class Past:
    """Reads the files of a run again and again, and returns each event once."""

    def __init__(self, folder: RunFolder) -> None:
        self._folder = folder
        self._step = -1
        self._looks: set[int] = set()
        self._turns: set[Turn] = set()
        self._ended = False

    def new_events(self) -> list[dict[str, Any]]:
        """Return the events since the last call, as a page would have received them.

        Raises:
            RunError: a file is missing or damaged.
        """
        meta = self._folder.meta()
        events: list[dict[str, Any]] = []
        if self._step < 0:
            training = read_config(self._folder.path / "config.toml").get("training", {})
            steps = training.get("steps") or meta.get("steps")
            if steps is None and meta["status"] == "running":
                return []  # the length of the run is not written yet
            events.append({"type": "started", "kind": meta["kind"], "step": 0, "steps": steps or 1})
            self._step = 0
        lines = [line for line in self._folder.metrics() if line["step"] > self._step]
        for line in lines:
            if "dev" in line:
                events.append({"type": "evaluated", "step": line["step"], "dev": line["dev"]})
            progress: dict[str, Any] = {
                name: line[name] for name in ("step", "loss", "losses", "blocks") if name in line
            }
            events.append({"type": "progress", **progress, "rate": line.get("learning_rate")})
            self._step = line["step"]
        turns = [turn for turn in read_turns(self._folder.knobs) if turn not in self._turns]
        self._turns.update(turns)
        events += [{"type": "knob", **turn._asdict()} for turn in turns]
        looks = [step for step in Looks(self._folder).steps() if step not in self._looks]
        self._looks.update(looks)
        events += [{"type": "look", "step": step} for step in looks]
        if meta["status"] == "finished" and not self._ended:
            self._ended = True
            events.append({"type": "finished", "step": meta.get("steps"), "losses": meta.get("losses", {})})
        return events
