"""The loss on test of a run that hides it: computed when it is asked for, and written into the run with the time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from morelike.errors import RunError, SettingError
from morelike.evaluation.loss import Evaluation, evaluation_of
from morelike.language_model.files.facts import HIDDEN, LOOKED_AT
from morelike.language_model.model import LanguageModel
from morelike.language_model.scoring import evaluated
from morelike.runs.lookup import open_model, run_of
from morelike.runs.provenance import list_of
from morelike.runs.run_folder import RunFolder
from morelike.storage.atomic_files import MANIFEST
from morelike.text.corpus import Corpus, corpus_of
from morelike.text.words import Words
from morelike.training.preparation import split_corpus


@dataclass(frozen=True)
class OpenedTest:
    """The loss on test of a run, and when it was opened.

    `looked_at` is when it was looked at first (ISO 8601, UTC); None if the run never hid it. `first` says whether this
    is the first look.
    """

    loss: Evaluation
    looked_at: str | None
    first: bool

    @property
    def sentence(self) -> str:
        """When test was looked at first, without a full stop."""
        if self.looked_at is None:
            return "this run did not hide test: its loss was computed when the run ended"
        return (
            f"test is looked at for the first time, at {self.looked_at}"
            if self.first
            else (f"test was looked at for the first time at {self.looked_at}")
        )


def evaluate_test(
    model: LanguageModel | str | Path = "latest", words: Words | None = None, *, out: str | Path = "runs"
) -> OpenedTest:
    """Return the loss on test of a model that was trained with `hide_test`, and write it into the model's run.

    From then on the run, its report and leader boards show the loss. A second look gives the same figure. The loss is
    that of the model before a refit.

    Args:
        model: a run, its model folder, `"latest"` for the newest run in `out`, or a model of `train`.
        words: the list, if the run does not name it.

    Raises:
        SettingError: a model without a run whose list is not known or that learned from test in a refit, another list,
            or a split without test.
        RunError: the run has not finished, its list has changed, or it cannot be written.
        ModelError: there is no such model.

    >>> import morelike
    >>> words = ["anna", "hanna", "anne", "hannah", "nan", "hen", "ann", "nanna", "hanne", "ahn"]
    >>> hidden = morelike.train(words, kind="ngram", hide_test=True)
    >>> "test" in hidden.facts["losses"], evaluate_test(hidden, words).loss.lines
    (False, 1)
    """
    loaded, run = open_model(model, out), run_of(model, out)
    if run is None and loaded.origin and loaded.origin.run:
        run = RunFolder(loaded.origin.run)
    corpus = None if words is None else corpus_of(str(loaded.facts.get("list", "words")), words, loaded.form)
    return look_at_test(loaded, run, corpus)


def look_at_test(model: LanguageModel, run: RunFolder | None, corpus: Corpus | None) -> OpenedTest:
    """Return the loss on test of a model and write it into its run; `corpus` is its list, None to find it.

    Raises:
        SettingError, RunError: as `evaluate_test`.
    """
    if run is None:
        return OpenedTest(_test_loss(model, None, corpus), _now(), first=True)
    meta = run.meta()
    if meta["status"] != "finished":
        raise RunError(
            f"the run '{run.path}' has not finished ({meta['status']}): end it with `morelike train --resume "
            f"{run.path}`"
        )
    with run.locked():
        meta = run.meta()
        figures, moment = meta.get("losses", {}).get("test"), meta.get(LOOKED_AT)
        first = figures is None
        if figures is None:
            judged = run.judged if (run.judged / MANIFEST).is_file() else run.model
            figures, moment = _test_loss(LanguageModel.load(judged), run, corpus).as_dict(), _now()
            losses = {**meta.get("losses", {}), "test": figures}
            _written(run, lambda: run.update_meta(losses=losses, **{HIDDEN: False, LOOKED_AT: moment}))
        _state(run, figures, moment)
    return OpenedTest(evaluation_of(figures), moment, first)


def _state(run: RunFolder, figures: dict[str, Any], moment: str | None) -> None:
    """Write the loss on test into the facts of the run's models that hide it, and so into their cards."""
    for folder in (run.judged, run.model):
        if not (folder / MANIFEST).is_file():
            continue
        model = LanguageModel.load(folder)
        if model.facts.get(HIDDEN):
            facts = {name: value for name, value in model.facts.items() if name != HIDDEN}
            facts |= {"losses": {**facts.get("losses", {}), "test": figures}, LOOKED_AT: moment}
            _written(run, lambda facts=facts, model=model, folder=folder: replace(model, facts=facts).save(folder))


def _test_loss(model: LanguageModel, run: RunFolder | None, corpus: Corpus | None) -> Evaluation:
    """Return the loss of a model on the test split of its list."""
    if model.facts.get("refit"):
        raise SettingError(
            "the model learned from test too, in a refit, and the model before it is not kept: train with out=... or "
            "with refit=False"
        )
    if corpus is None:
        corpus = model.origin.corpus if model.origin and model.origin.corpus else list_of(model, run)
    if corpus.fingerprint != model.facts.get("fingerprint"):
        raise SettingError(f"'{corpus.name}' is not the list that the model learned from: give that list")
    split = str(model.facts.get("split", ""))
    splits = split_corpus(corpus, split)
    if not splits.test:
        raise SettingError(f"the split '{split}' holds nothing out: there is no test to look at")
    return evaluated(model, splits.test, splits.counts.get("test"), labels=splits.labels.get("test"))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _written(run: RunFolder, write: Any) -> None:
    try:
        write()
    except OSError as error:
        raise RunError(f"the loss on test cannot be written into the run '{run.path}': {error.strerror}") from None
