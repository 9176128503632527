"""The panels of a run in a notebook: a widget that holds a recording, which grows while the run learns."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from importlib import import_module
from pathlib import Path
from threading import Thread
from typing import Any

from morelike.errors import MorelikeError, SettingError
from morelike.installation import is_installed
from morelike.language_model.model import LanguageModel
from morelike.notebook.live_line import in_notebook
from morelike.play.record.bundle import WIDGET, read_page_file
from morelike.play.record.file import page_of
from morelike.play.record.recorder import Recorder, pack
from morelike.play.runs import ENDED, LiveRun
from morelike.play.texts import find_language
from morelike.play.views import Views
from morelike.runs.looks import Looks
from morelike.runs.lookup import find_run
from morelike.runs.plan import Plan
from morelike.runs.provenance import list_of
from morelike.runs.run_folder import RunFolder
from morelike.runs.settings import configure
from morelike.text.words import Words, check_words
from morelike.training.experiment import start_run

SECONDS = 0.5
"""Seconds between two readings of the files of a run that learns."""
SHARE = 0.3
"""The largest share of the time that recording takes while a run learns."""
MIXTURE = "mixture"
BEGUN = ("running", "finished", "failed")
"""What a run says of itself after it has begun; before, it says "stopped"."""
MISSING = "`watch` needs anywidget: install it with `pip install 'morelike[notebook]'`"
PLACE_OF_PAGE = 'const PAGE = "";'


def watch(
    run: LanguageModel | str | Path = "latest",
    *,
    words: Words = (),
    language: str | None = None,
    height: int = 720,
    wait: bool = False,
    out: str | Path = "runs",
) -> Any:
    """Return a widget that shows the panels of `morelike play` in a notebook. It needs the extra `notebook`.

    The widget asks no server: it holds a recording of the run, which grows while the run learns in another cell, thread
    or process. A saved notebook keeps it. Where widgets do not run, the notebook shows a line of text.

    Args:
        run: a run folder, the name of a run, "latest", or a model from `train`.
        words: words that the panels can show, in addition to examples of the list.
        language: "en", "fr" or "it"; default: the language of this system.
        height: the height of the widget in pixels.
        wait: whether to return only when all panels are recorded, for a notebook that runs without a person.
        out: the folder of runs that have a name.

    Raises:
        ListError: `words` are no words.
        MorelikeError: the package anywidget is missing.
        RunError: there is no such run.
        SettingError: a model without a list, or a mixture without a run.

    Example:
        >>> view = watch("latest")  # doctest: +SKIP
    """
    given = check_words(words)
    if not is_installed("anywidget"):
        raise MorelikeError(MISSING)
    language = find_language(language)
    live = LiveRun(_folder_of(run, Path(out)))
    live.follow()
    watcher = Watcher(live, given, language, height)
    watcher.begin(wait=wait)
    return watcher.widget


def show(run: Path) -> None:
    """Display the widget of a run that begins.

    Raises:
        SettingError: this process is no notebook.
        MorelikeError: the package anywidget is missing.
    """
    if not in_notebook():
        raise SettingError("watch = True shows panels in a notebook only: elsewhere use `morelike train --watch`")
    if not is_installed("anywidget"):
        raise MorelikeError(MISSING)
    live = LiveRun(RunFolder(run))
    live.status = "starting"
    watcher = Watcher(live, (), find_language(None))
    watcher.begin()
    import_module("IPython.display").display(watcher.widget)


class Watcher:
    """Records a run, and hands each state of the recording to a widget. A run that is "starting" is waited for."""

    def __init__(self, run: LiveRun, words: Sequence[str], language: str, height: int = 720) -> None:
        self.widget = _widget_class()(height=height, title=f"morelike: {run.id}")
        self._run = run
        self._recorder = Recorder(Views(run), words, language)

    def begin(self, *, wait: bool = False) -> None:
        """Hand over what is known, and record the rest in a thread, or before this returns with `wait`."""
        self.widget.words = self._recorder.words
        self._hand_over()
        thread = Thread(target=self._follow, name=f"watch {self._run.id}", daemon=True)
        thread.start()
        if wait:
            thread.join()

    @property
    def _has_ended(self) -> bool:
        return self._run.status in ENDED

    def _follow(self) -> None:
        with suppress(MorelikeError):  # the folder may be removed
            if self._run.status == "starting":
                while self._run.folder.holder() is None and self._run.folder.meta()["status"] not in BEGUN:
                    time.sleep(SECONDS / 5)
                self._run.follow()
            while not self._has_ended:
                began, before = time.monotonic(), self._state()
                self._recorder.follow()
                if before != self._state():
                    self._hand_over()
                time.sleep(max(SECONDS, (time.monotonic() - began) * (1 / SHARE - 1)))
            self._recorder.follow()  # the end is shown before the long work
            self._hand_over()
            self._recorder.complete()
            self._hand_over()

    def _state(self) -> tuple[Any, ...]:
        return self._run.status, self._run.step, len(self._recorder.steps)

    def _hand_over(self) -> None:
        self.widget.summary = self._sentence()
        self.widget.recording = pack(self._recorder.recording())

    def _sentence(self) -> str:
        """Return what a notebook shows where widgets do not run."""
        facts, losses = self._run.facts(), self._recorder.events("evaluated")
        loss = f", loss on new words {losses[-1]['dev']:.3f} nats per character" if losses else ""
        return (
            f"morelike: {facts['kind']} on {facts['list']}, {facts['status']}, step {facts['step']:,} of "
            f"{facts['steps']:,}{loss}. The panels need a notebook that runs widgets."
        )


def _folder_of(run: LanguageModel | str | Path, out: Path) -> RunFolder:
    """Return the run folder of a run, or of a model; a model that has none gets one for as long as this process lives.

    Raises:
        RunError: there is no such run.
        SettingError: a model without a list, or a mixture without a run.
    """
    if not isinstance(run, LanguageModel):
        return find_run(run, out)
    origin = run.origin
    if origin and origin.run:
        return RunFolder(origin.run)
    if run.architecture.kind == MIXTURE:
        raise SettingError("a mixture in memory has no run to watch: train it with out=FOLDER, and watch its run")
    corpus = (origin and origin.corpus) or list_of(run, None)
    training = configure(run.architecture, {})
    steps = int(run.facts.get("steps") or 0)
    if run.architecture.learned_by != "counting":
        training = training.model_copy(update={"steps": max(steps, 1), "epochs": None})
    plan = Plan(corpus, run.architecture, training, split=str(run.facts.get("split", "shuffle-42")))
    folder = start_run(plan, Path(_temporary_folder().name))
    Looks(folder).save(steps, run.weights)
    for line in origin.metrics if origin else []:
        folder.append_metrics(**line)
    folder.update_meta(status="finished", steps=steps, losses=run.facts.get("losses") or {})
    return folder


@cache
def _temporary_folder() -> tempfile.TemporaryDirectory[str]:
    """Return a folder that is removed when this process ends."""
    return tempfile.TemporaryDirectory(prefix="morelike-watch-")


@cache
def _widget_class() -> Any:
    """Return the class of the widget; anywidget is imported when it is first needed."""
    import anywidget
    import traitlets

    def shown(self: Any, **options: Any) -> Any:
        bundle = anywidget.AnyWidget._repr_mimebundle_(self, **options)
        data = bundle[0] if isinstance(bundle, tuple) else bundle
        data["text/plain"] = self.summary
        return bundle

    synced = {
        "recording": traitlets.Unicode("").tag(sync=True),
        "height": traitlets.Int(720).tag(sync=True),
        "title": traitlets.Unicode("").tag(sync=True),
        "summary": traitlets.Unicode("").tag(sync=True),
        "words": traitlets.List([]).tag(sync=True),
    }
    return type("Watch", (anywidget.AnyWidget,), {"_esm": widget_module(), "_repr_mimebundle_": shown, **synced})


@cache
def widget_module() -> str:
    """Return the ES module of the widget, with the page inside."""
    page = page_of("record/frame.js", "morelike", "The list belongs to the notebook.")
    source = read_page_file(WIDGET)
    assert source.count(PLACE_OF_PAGE) == 1
    return source.replace(PLACE_OF_PAGE, f"const PAGE = {json.dumps(page)};")
