"""Choosing a kind: by dev alone, the simplest that the best does not beat beyond chance, told with its reason."""

import time

import numpy as np
import pytest

import morelike
from morelike.errors import SettingError
from morelike.runs import settings
from morelike.runs.events import Noted
from morelike.text.corpus import Corpus
from morelike.text.reading import read_corpus
from morelike.text.splits import find_rule
from morelike.workflows import model_selection
from morelike.workflows.model_selection import Selection, select_by_losses, select_model

from ..training.runs import pronounceable

LISTED = pronounceable(60)
LENGTHS = np.full(200, 6)


def noisy(mean, seed=0, spread=1.0):
    return np.random.default_rng(seed).normal(mean, spread, 200)


@pytest.fixture
def network_tried(monkeypatch):
    monkeypatch.setattr(model_selection, "FEWEST_CHARACTERS", 0)
    monkeypatch.setattr(model_selection, "FEWEST_LINES", 0)
    monkeypatch.setattr(settings, "FEWEST_STEPS", 20)


@pytest.fixture
def mixture_wins(monkeypatch):
    def select_model(corpus, split, **_):
        return Selection("mixture", {"ngram": 2.2, "gru": 2.3, "mixture": 2.1})

    monkeypatch.setattr(model_selection, "select_model", select_model)


def test_the_best_wins_where_it_is_better_beyond_chance():
    easy = noisy(12)
    found = select_by_losses({"ngram": easy + 1, "gru": easy + 2, "mixture": easy}, LENGTHS)
    assert found.kind == "mixture"
    assert all(each.decided for each in found.behind.values())


def test_the_simplest_wins_that_the_best_does_not_beat_beyond_chance():
    ngram, mixture = noisy(12, 0), noisy(12, 1)
    mixture += ngram.mean() - mixture.mean() - 0.01
    found = select_by_losses({"ngram": ngram, "gru": ngram + 2, "mixture": mixture}, LENGTHS)
    assert found.kind == "ngram"
    assert found.losses["mixture"] < found.losses["ngram"]
    assert "(mixture, not better beyond chance)" in found.sentence


def test_a_network_alone_wins_over_a_mixture_that_is_as_good():
    network = noisy(12)
    found = select_by_losses({"ngram": network + 2, "gru": network, "mixture": network}, LENGTHS)
    assert found.kind == "gru"


def test_a_kind_that_is_worse_than_a_simpler_one_is_never_chosen():
    mixture = noisy(12)
    network = mixture + noisy(0, 1, spread=8)
    network += mixture.mean() + 0.6 - network.mean()
    found = select_by_losses({"ngram": mixture + 0.5, "gru": network, "mixture": mixture}, LENGTHS)
    assert not found.behind["gru"].decided
    assert found.kind == "mixture"


def test_on_a_short_list_counting_wins_and_the_losses_are_told(network_tried):
    found = select_model(Corpus("words", LISTED), "shuffle-42")
    assert found.kind == "ngram"
    assert set(found.losses) == {"ngram", "gru", "mixture"}
    assert found.sentence.startswith(f"chose ngram: dev {found.losses['ngram']:.3f} against ")
    assert f"{found.losses['gru']:.3f} (gru)" in found.sentence


def test_test_is_never_touched(network_tried):
    train, dev, test = find_rule("shuffle-42")(LISTED)
    others = LISTED.copy()
    for i in test:
        others[i] = "xyzzy" * 5
    first, second = (select_model(Corpus("words", words), "shuffle-42") for words in (LISTED, others))
    assert first == second
    for i in dev:
        others[i] = LISTED[train[0]]
    assert select_model(Corpus("words", others), "shuffle-42").losses != first.losses


def test_nothing_that_a_candidate_is_fitted_on_is_in_dev():
    inner = [model_selection._inner_split(Corpus("words", LISTED), LISTED, i) for i in range(3)]
    for parts in inner:
        assert sorted(parts.train + parts.dev) == sorted(LISTED)
        assert len(parts.dev) == 6
    assert not set(inner[0].dev) & set(inner[1].dev)


@pytest.mark.slow
def test_of_a_text_the_network_is_judged_by_its_dev_stretch(network_tried):
    found = select_model(Corpus("text", [" ".join(LISTED)], form="text"), "contiguous")
    assert set(found.losses) == {"ngram", "gru", "mixture"}


@pytest.mark.parametrize("words", [LISTED[:3], LISTED, [word * 10 for word in LISTED]])
def test_lists_too_short_for_a_network_are_counted_at_once_and_say_so(words):
    events = []
    model = morelike.train(words, kind="auto", on_event=events.append)
    assert model.architecture.kind == "ngram"
    (said,) = [event.sentence for event in events if isinstance(event, Noted) and "chose" in event.sentence]
    assert said.startswith("chose ngram: ")
    assert ("too few" in said) or ("held out" in said)


def test_a_split_that_holds_nothing_out_is_counted(network_tried):
    assert select_model(Corpus("words", LISTED), "none").sentence == (
        "chose ngram: nothing is held out to judge other kinds by"
    )


@pytest.mark.slow
def test_a_chosen_mixture_is_a_run_beside_those_of_its_members(mixture_wins, tmp_path):
    model = morelike.train(LISTED, kind="auto", quick=True, out=tmp_path, report=False)
    assert [each["kind"] for each in model.architecture.members] == ["ngram", "gru"]
    assert len(list(tmp_path.iterdir())) == 3
    loaded = morelike.load("latest", out=tmp_path)
    np.testing.assert_array_equal(loaded.log_probability(LISTED), model.log_probability(LISTED))


@pytest.mark.parametrize(
    ("setting", "said"),
    [("order", "ngram"), ("steps", "training"), ("threads", "ngram and training"), ("hiden", "no setting")],
)
def test_settings_of_one_kind_are_refused_by_name_with_the_way_out(setting, said):
    with pytest.raises(SettingError, match=setting) as refused:
        morelike.train(LISTED, kind="auto", **{setting: 3})
    assert said in str(refused.value)
    assert "name the kind" in str(refused.value) or said == "no setting"


@pytest.mark.slow
@pytest.mark.parametrize(("count", "times"), [(300, 1), (200, 1), (200, 10)])
def test_a_list_of_a_few_hundred_words_has_its_model_in_five_seconds(count, times):
    words = [word * times for word in read_corpus("names", "lines").words[:count]]
    began = time.perf_counter()
    morelike.train(words, kind="auto")
    assert time.perf_counter() - began < 5
