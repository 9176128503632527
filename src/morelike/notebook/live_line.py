"""The line that a notebook shows during training: step, losses, rates and a sample, updated in place."""

from __future__ import annotations

import sys
import time
from html import escape
from typing import Any

from morelike.runs import events
from morelike.text.printable import printable
from morelike.training.experiment import ExperimentEvent, ExperimentFinished

SECONDS_BETWEEN = 0.1
"""The line is drawn at most so often: a front end is slower than a short chunk of steps."""
ORDER = ("kind", "step", "loss", "train", "dev", "test", "rate", "speed")
"""The figures of the line, in their order."""
SHOWN_WORDS, SHOWN_CHARACTERS = 8, 120
"""The most words of a sample on the line, and their most characters together."""


def in_notebook() -> bool:
    """Return whether this process is the kernel of a notebook; IPython is not imported to find out."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return getattr(shell, "kernel", None) is not None


class LiveLine:
    """One line of output that shows each event of a training run; where nothing is to be shown it does nothing.

    Args:
        progress: whether to show the line; None shows it in a notebook only. Outside a notebook it is written to
            stderr.
    """

    def __init__(self, progress: bool | None = None) -> None:
        self._is_notebook = in_notebook()
        self.shown = self._is_notebook if progress is None else progress
        self._handle: Any = None
        self._figures: dict[str, str] = {}
        self._sample = ""
        self._notes: list[str] = []
        self._drawn = 0.0

    def show(self, event: ExperimentEvent) -> None:
        """Bring the line up to date."""
        if not self.shown:
            return
        self._take(event)
        waits = isinstance(event, events.Progress | events.Evaluated | events.Sampled | events.Saved)
        now = time.monotonic()
        if not waits or now - self._drawn >= SECONDS_BETWEEN:
            self._drawn = now
            self._draw(last=isinstance(event, ExperimentFinished))

    def _take(self, event: ExperimentEvent) -> None:
        figures = self._figures
        match event:
            case events.Started():
                self._figures = {"kind": event.kind, "step": f"step {event.step:,} of {event.steps:,}, compiling"}
            case events.Progress():
                share = event.step / max(event.steps, 1)
                figures["step"] = f"step {event.step:,} of {event.steps:,} ({share:.0%})"
                figures["loss"] = f"loss {event.loss:.4f}"
                figures["rate"] = f"learning rate {event.learning_rate:.3g}"
                if event.seconds:
                    figures["speed"] = f"{_steps(event) / event.seconds:,.0f} steps/s"
            case events.Evaluated():
                figures["dev"] = f"dev {event.loss:.4f}"
            case events.Sampled():
                self._sample = sample_of(list(event.words))
            case events.Finished():
                figures["step"] = f"{event.step:,} steps, evaluating"
            case events.Noted():
                self._notes.append(event.sentence)
            case ExperimentFinished():
                self._finish(event)

    def _finish(self, finished: ExperimentFinished) -> None:
        result = finished.result
        losses = {name: loss.nats_per_character for name, loss in result.losses.items()}
        self._figures = {
            "kind": result.model.architecture.kind,
            "step": f"{result.steps:,} steps in {result.seconds:.1f} s",
            **{name: f"{name} {loss:.4f}" for name, loss in losses.items()},
        }
        self._sample = sample_of(result.samples)

    def _draw(self, *, last: bool) -> None:
        line = " · ".join(self._figures[name] for name in ORDER if name in self._figures)
        plain = f"{line} · e.g. {self._sample}" if self._sample else line
        if not self._is_notebook:
            sys.stderr.write(f"\r\x1b[K{plain}" if sys.stderr.isatty() else f"{plain}\n" if last else "")
            sys.stderr.write("\n" if last and sys.stderr.isatty() else "")
            sys.stderr.flush()
            return
        html = f"{escape(line)} · e.g. <bdi><em>{escape(self._sample)}</em></bdi>" if self._sample else escape(line)
        notes = "".join(f"<div><small>Note: {escape(note)}.</small></div>" for note in self._notes)
        bundle = {
            "text/plain": "\n".join([plain, *(f"Note: {note}." for note in self._notes)]),
            "text/html": f"<div>{html}</div>{notes}",
        }
        if self._handle is None:
            self._handle = sys.modules["IPython.display"].display(bundle, raw=True, display_id=True)
        else:
            self._handle.update(bundle, raw=True)


def sample_of(words: list[str]) -> str:
    """Return the first words of a sample on one line, without characters that control the line.

    >>> sample_of(["anna", "han\\tna"])
    'anna, han⇥na'
    """
    text = printable(", ".join(words[:SHOWN_WORDS]))
    return text if len(text) <= SHOWN_CHARACTERS else text[: SHOWN_CHARACTERS - 1] + "…"


def _steps(event: events.Progress) -> int:
    return sum(event.blocks) or 1
