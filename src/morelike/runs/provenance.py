"""The list that a trained model learned from, found again by its run or its facts."""

from __future__ import annotations

from morelike.errors import RunError, SettingError
from morelike.language_model.model import LanguageModel
from morelike.runs.plan import plan_of_run
from morelike.runs.run_folder import RunFolder
from morelike.text.corpus import Corpus
from morelike.text.lists.catalogue import external_lists, shipped_lists
from morelike.text.reading import read_corpus


def list_of_run(run: RunFolder) -> Corpus:
    """Return the list of a run.

    Raises:
        RunError: the list has changed.
        ListError: the list no longer exists.
    """
    try:
        return plan_of_run(run).corpus
    except RunError:
        raise RunError(f"the list of the run '{run.path}' has changed: give the list as it was") from None


def list_of(model: LanguageModel, run: RunFolder | None) -> Corpus:
    """Return the list that a model learned from: the list of its run, or a list of the catalogue with the same words.

    Raises:
        SettingError: neither exists.
        RunError: the run's list has changed.
        ListError: the run's list no longer exists.
    """
    if run is not None and "data" in run.meta():  # a mixture or blend of trained models has no list of its own
        return list_of_run(run)
    name = str(model.facts.get("list"))
    if name in shipped_lists() or (name in external_lists() and external_lists()[name].is_kept()):
        corpus = read_corpus(name, model.form)
        if corpus.fingerprint == model.facts.get("fingerprint"):
            return corpus
    raise SettingError("nothing here names the list that this model learned from: give the list too")
