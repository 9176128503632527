"""Where a trained model comes from: its run, and the list that it learned from, found again."""

from __future__ import annotations

from pathlib import Path

from morelike.errors import RunError, SettingError
from morelike.language_model.model import LanguageModel
from morelike.runs.plan import plan_of_run
from morelike.runs.run_folder import Run, find_run, model_folder
from morelike.text.corpus import Corpus
from morelike.text.reading import read_corpus
from morelike.text.sources import shipped_lists

__all__ = ["list_of", "list_of_run", "run_of"]


def run_of(name: str | Path, out: Path) -> Run | None:
    """Return the run that is meant: by path or name, by its model folder, or the newest finished one for `"latest"`.

    None for a model folder that stands in no run.

    Raises:
        ModelError: there is nothing of this name.
    """
    if str(name) != "latest":
        try:
            return find_run(name, out)
        except RunError:
            pass
    folder = model_folder(name, out)
    return Run(folder.parent) if (folder.parent / "meta.json").is_file() else None


def list_of_run(run: Run) -> Corpus:
    """Return the list of a run.

    Raises:
        RunError: it has changed since.
        ListError: it is no longer there.
    """
    try:
        return plan_of_run(run).corpus
    except RunError:
        raise RunError(f"the list of the run '{run.path}' has changed since: give the one that is meant") from None


def list_of(model: LanguageModel, run: Run | None) -> Corpus:
    """Return the list that a model learned from: the one that its run names, or a shipped one of the same words.

    Raises:
        SettingError: neither is there.
        RunError: the run's list has changed since.
        ListError: the run's list is no longer there.
    """
    if run is not None and run.meta()["kind"] != "mixture":
        return list_of_run(run)
    name = str(model.facts.get("list"))
    if name in shipped_lists():
        corpus = read_corpus(name, model.form)
        if corpus.fingerprint == model.facts.get("fingerprint"):
            return corpus
    raise SettingError("nothing here names the list that this model learned from: give the list too")
