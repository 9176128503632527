"""The refit: the chosen model learns from all lines after its losses are known, and keeps what dev has chosen."""

import json
from dataclasses import replace
from threading import Event

import numpy as np
import pytest

import morelike
from morelike.architecture import build
from morelike.errors import SettingError
from morelike.language_model.model import LanguageModel
from morelike.runs.events import Noted
from morelike.runs.settings import configure
from morelike.text.corpus import Corpus
from morelike.training.experiment import run_experiment, start_run
from morelike.workflows.model_selection import AUTO, complete
from morelike.workflows.refit import LARGEST_LIST, wants_refit

from .test_model_selection import LISTED, SMALL, finish, planned


def counted(words=LISTED, **given):
    return morelike.train(words, "ngram", order=4, **given)


def test_counts_keep_their_mixture_and_are_counted_on_all_lines():
    before, after = counted(), counted(refit=True)
    everything = counted(split="none")
    np.testing.assert_array_equal(after.weights["mixture"], before.weights["mixture"])
    tables = [name for name in everything.weights if name != "mixture"]
    assert all(np.array_equal(after.weights[name], everything.weights[name]) for name in tables)
    assert not np.array_equal(everything.weights["mixture"], before.weights["mixture"])


def test_under_labels_every_mixture_is_kept():
    labels = ["a", "b", "c"] * 20
    before, after = (counted(labels=labels, refit=refit) for refit in (False, True))
    names = [name for name in before.weights if name.endswith("mixture")]
    assert len(names) == 4
    assert all(np.array_equal(before.weights[name], after.weights[name]) for name in names)
    assert after.architecture.fits(after.weights, after.vocabulary.size)


def test_a_label_that_only_dev_knows_gets_its_own_counts():
    dev = set(morelike.split(LISTED, "shuffle-42").dev)
    model = counted(labels=["rare" if word in dev else "usual" for word in LISTED], refit=True)
    assert model.architecture.fits(model.weights, model.vocabulary.size)
    assert f"labels.{list(model.labels).index('rare')}.keys.1" in model.weights


def test_the_losses_are_those_of_the_model_before_which_the_run_keeps(tmp_path):
    plan = planned(refit=True)
    run = start_run(plan, tmp_path)
    result, _ = finish(plan, run)
    plain, _ = finish(planned(refit=False))
    assert result.losses == plain.losses
    kept = LanguageModel.load(run.judged)
    assert kept.evaluate(result.splits.test).nats_per_character == plain.losses["test"].nats_per_character
    assert (
        result.model.evaluate(result.splits.test).nats_per_character
        < kept.evaluate(result.splits.test).nats_per_character
    )


def test_a_mixture_keeps_its_weights_and_its_network_takes_the_best_number_of_steps():
    network = build("mlp", SMALL)
    plan = replace(planned(refit=True), training=configure(network, {"steps": 6, "evaluate_every": 2}))
    plan = replace(plan, selection={"counted": "mixed in any case"})
    result, _ = finish(plan)
    before, after = result.judged, result.model
    assert after.architecture == before.architecture
    np.testing.assert_array_equal(after.weights["mixture"], before.weights["mixture"])
    changed = [name for name in after.weights if not np.array_equal(after.weights[name], before.weights[name])]
    assert any(name.startswith("members.1.") for name in changed)
    assert result.best_step in (2, 4, 6)


def test_everything_says_that_the_figures_are_of_the_model_before(tmp_path):
    model = counted(refit=True, out=tmp_path, name="mine")
    (folder,) = tmp_path.iterdir()
    assert (model.facts["refit"], model.facts["learned_lines"]) == (True, len(LISTED))
    card = " ".join((folder / "model" / "README.md").read_text().split())
    assert "learned from the list `mine` (60 lines" in card
    assert "The losses are those of the model before it was trained anew on all lines" in card
    meta = json.loads((folder / "meta.json").read_text())
    assert meta["refit"] is True
    (note,) = [note for note in meta["notes"] if "trained anew" in note]
    assert "trained anew on all 60 lines" in " ".join((folder / "report.html").read_text().split())
    assert "--no-refit" in note


def test_an_interrupted_refit_keeps_the_model_that_was_measured():
    plan = replace(planned(refit=True), selection={"counted": "mixed in any case"})
    plan = replace(plan, training=plan.training.model_copy(update={"steps": 6, "chunk": 2, "evaluate_every": 2}))
    chosen = Event()
    for event in run_experiment(plan, should_stop=chosen.is_set, complete=complete):
        if isinstance(event, Noted) and event.sentence.startswith("chose"):
            chosen.set()
    assert (event.result.judged, event.result.model.facts.get("refit")) == (None, None)
    assert "the refit was interrupted: the model learned from train alone" in event.result.notes
    assert event.result.samples


@pytest.mark.parametrize(
    ("corpus", "given", "by_default", "wanted"),
    [
        (Corpus("w", LISTED), None, True, True),
        (Corpus("w", LISTED), None, False, False),
        (Corpus("w", LISTED), False, True, False),
        (Corpus("w", LISTED), True, False, True),
        (Corpus("w", ["a"] * LARGEST_LIST), None, True, False),
        (Corpus("w", [" ".join(LISTED)], form="text"), None, True, False),
    ],
)
def test_short_lists_are_refitted_by_default(corpus, given, by_default, wanted):
    assert wants_refit(corpus, given, by_default=by_default) is wanted


@pytest.mark.parametrize("kind", ["ngram", AUTO])
def test_a_refit_of_running_text_is_refused(kind):
    with pytest.raises(SettingError, match="not on running text: leave out --refit"):
        morelike.train(" ".join(LISTED), kind, form="text", refit=True)


def test_without_held_out_words_there_is_nothing_to_refit():
    assert "refit" not in counted(LISTED[:5], refit=True).facts


def test_a_refitted_model_is_not_mixed_on_words_that_it_learned_from():
    with pytest.raises(SettingError, match="learned from all lines"):
        morelike.mix([counted(refit=True), counted()], LISTED)


def test_percentiles_use_the_model_that_has_not_seen_the_held_out_words(tmp_path):
    counted(refit=True, out=tmp_path / "with", report=False)
    counted(out=tmp_path / "without", report=False)
    found, usual = (
        morelike.calibrate("latest", LISTED, out=tmp_path / each).surprisals.tolist() for each in ("with", "without")
    )
    assert found == usual
    with pytest.raises(SettingError, match="learned from all words of its list"):
        morelike.calibrate(counted(refit=True), LISTED)
