"""The default model: counts and a network, trained once and mixed on dev; a member that brings little is left out."""

import time
from dataclasses import replace

import numpy as np
import pytest

import morelike
from morelike.architecture import build
from morelike.errors import SettingError
from morelike.language_model.model import LanguageModel
from morelike.runs.events import Noted, Started
from morelike.runs.plan import plan_of_run
from morelike.runs.run_folder import RunFolder
from morelike.runs.settings import configure
from morelike.text.corpus import Corpus
from morelike.text.reading import read_corpus
from morelike.text.splits import find_rule
from morelike.training.experiment import ExperimentFinished, run_experiment, start_run
from morelike.workflows.model_selection import WORTHWHILE, auto_plan, complete, select_by_losses

from ..training.runs import pronounceable

LISTED = pronounceable(60)
SMALL = {"context": 2, "embedding": 2, "hidden": 4}
"""A network that compiles fast; every network is mixed in the same way."""


def planned(words=LISTED, steps=4, **given):
    """The default plan of words, with a small network in the place of the default one."""
    plan = auto_plan(Corpus("words", list(words)), settings={"steps": steps}, **given)
    network = build("mlp", SMALL)
    return replace(plan, architecture=network, training=configure(network, {"steps": steps, "batch_size": 4}))


def finish(plan, run=None, **given):
    *events, last = run_experiment(plan, run, complete=complete, **given)
    assert isinstance(last, ExperimentFinished)
    return last.result, events


@pytest.mark.parametrize(
    ("counted", "network", "mixed", "kept"),
    [
        (2.0, 2.1, 1.9, "mixture"),
        (2.0, 2.1, 2.0 - WORTHWHILE / 2, "ngram"),
        (2.0, 2.1, 2.0 - WORTHWHILE * 2, "mixture"),
        (2.1, 2.0, 2.0, "gru"),
        (2.1, 2.0, 1.99, "mixture"),
        (2.0, 2.0, 2.0, "ngram"),
    ],
)
def test_a_member_that_does_not_lower_the_loss_on_dev_is_left_out(counted, network, mixed, kept):
    assert select_by_losses(counted, network, mixed).kind == kept


def test_the_kept_model_is_the_one_that_dev_prefers_and_the_table_has_all_three():
    result, _ = finish(planned(refit=False))
    assert set(result.members) == {"ngram", "mlp", "mixture"}
    dev = {kind: losses["dev"].nats_per_character for kind, losses in result.members.items()}
    kept = select_by_losses(dev["ngram"], dev["mlp"], dev["mixture"], "mlp")
    assert result.model.architecture.kind == kept.kind == result.choice["kind"]
    assert result.losses == result.members[kept.kind]
    assert result.model.evaluate(result.splits.test).nats_per_character == pytest.approx(
        result.losses["test"].nats_per_character
    )


def test_a_network_that_helps_is_mixed_with_the_counts():
    network = build("mlp", {"context": 3, "embedding": 8, "hidden": 64})
    plan = planned(read_corpus("names", "lines").words[:600], refit=False)
    training = configure(network, {"steps": 300, "learning_rate": 0.01})
    result, _ = finish(replace(plan, architecture=network, training=training))
    assert result.model.architecture.kind == "mixture"
    assert [each["kind"] for each in result.model.architecture.members] == ["ngram", "mlp"]
    losses = {kind: each["dev"].nats_per_character for kind, each in result.members.items()}
    assert losses["mixture"] < min(losses["ngram"], losses["mlp"])


def test_each_member_is_trained_once():
    _, events = finish(planned(refit=False))
    assert [event.kind for event in events if isinstance(event, Started)] == ["mlp"]


def test_test_is_never_used_for_the_choice():
    *_, test = find_rule("shuffle-42")(LISTED)
    others = LISTED.copy()
    for i, word in zip(test, [LISTED[i][::-1] for i in test], strict=True):
        others[i] = word
    first, second = (finish(planned(words, refit=False))[0] for words in (LISTED, others))
    assert first.choice == second.choice
    assert first.losses["test"] != second.losses["test"]


@pytest.mark.parametrize("words", [LISTED[:3], LISTED, [word * 10 for word in LISTED]])
def test_lists_too_short_for_a_network_are_counted_at_once_and_say_so(words):
    events = []
    model = morelike.train(words, on_event=events.append)
    assert model.architecture.kind == "ngram"
    (said,) = [event.sentence for event in events if isinstance(event, Noted) and "chose" in event.sentence]
    assert said.startswith("chose ngram: ")
    assert ("too few" in said) or ("held out" in said)


def test_a_split_that_holds_nothing_out_is_counted():
    plan = auto_plan(Corpus("words", pronounceable(400)), "none", settings={})
    assert plan.architecture.kind == "ngram"
    assert plan.selection["sentence"] == "chose ngram: nothing is held out to mix a network by"


def test_a_setting_goes_to_the_member_that_declares_it():
    plan = auto_plan(Corpus("words", LISTED), settings={"order": 3, "hidden": 16, "steps": 7, "seed": 2})
    assert (plan.architecture.kind, plan.architecture.hidden) == ("gru", 16)
    assert (plan.training.steps, plan.training.seed) == (7, 2)
    assert plan.mixed_with.order == 3


def test_a_setting_of_the_network_asks_for_the_network_on_a_small_list_too():
    assert auto_plan(Corpus("words", LISTED), settings={"seed": 1}).mixed_with is None
    assert auto_plan(Corpus("words", LISTED), settings={"steps": 1}).mixed_with is not None


@pytest.mark.parametrize(
    ("setting", "said"), [("context", "--model bow"), ("hiden", "did you mean 'hidden'"), ("xyzzy", "has no setting")]
)
def test_a_setting_of_neither_member_is_refused_with_the_way_out(setting, said):
    with pytest.raises(SettingError, match=setting) as refused:
        morelike.train(LISTED, **{setting: 3})
    assert said in str(refused.value)


def test_the_run_keeps_its_model_its_members_and_its_choice(tmp_path):
    plan = planned(refit=False)
    run = start_run(plan, tmp_path)
    result, _ = finish(plan, run)
    meta = RunFolder(run.path).meta()
    assert meta["kind"] == meta["choice"]["kind"] == result.model.architecture.kind
    assert meta["members"]["mixture"]["test"]["nats"] == result.members["mixture"]["test"].nats_per_character
    np.testing.assert_array_equal(
        LanguageModel.load(run.model).log_probability(LISTED), result.model.log_probability(LISTED)
    )
    assert list(tmp_path.iterdir()) == [run.path]


def test_an_interrupted_run_goes_on_and_ends_with_the_same_model(tmp_path):
    plan = planned(refit=True)
    plan = replace(plan, training=plan.training.model_copy(update={"chunk": 2, "evaluate_every": 2}))
    whole, _ = finish(plan)
    run = start_run(plan, tmp_path)
    list(run_experiment(plan, run, should_stop=lambda: True, complete=complete))
    assert run.meta()["status"] == "interrupted"
    again, _ = finish(plan_of_run(RunFolder(run.path)), run)
    assert again.model.log_probability(LISTED).tolist() == whole.model.log_probability(LISTED).tolist()
    assert again.samples == whole.samples


def test_an_interrupted_network_of_an_older_version_is_mixed_when_it_is_resumed(tmp_path):
    plan = replace(planned(), mixed_with=None, refit=False)
    plan = replace(plan, selection={"kind": "mixture", "sentence": "chose mixture", "dev": {}, "counted": "gone"})
    run = start_run(plan, tmp_path)
    result, _ = finish(plan_of_run(run), run)
    assert [each["kind"] for each in result.model.architecture.members] == ["ngram", "mlp"]


@pytest.mark.slow
def test_of_a_text_the_members_are_mixed_by_its_dev_stretch():
    text = " ".join(pronounceable(400))
    found = morelike.train(text, form="text", steps=50)
    assert found.architecture.kind in ("ngram", "gru", "mixture")


@pytest.mark.slow
@pytest.mark.parametrize("times", [1, 10])
def test_a_list_of_200_words_has_its_model_in_two_seconds(times):
    words = [word * times for word in read_corpus("names", "lines").words[:200]]
    began = time.process_time()
    morelike.train(words)
    assert time.process_time() - began < 2
