"""Several runs on one page: who is ahead, by how much, and what differs."""

import pytest

import morelike
from morelike.errors import SettingError
from morelike.reports.comparison import comparison_page, names_of, ranked
from morelike.reports.facts import gather

from .conftest import WORDS, make


@pytest.fixture(scope="module")
def facts(trained, counted, mixture):
    return [gather(run) for run in (trained, counted, mixture)]


@pytest.fixture(scope="module")
def page(facts, parse):
    return parse(comparison_page(facts))


def test_runs_are_ranked_by_their_loss_on_test(facts):
    places = ranked(dict(zip(names_of(facts), facts, strict=True)))
    losses = [place.loss for place in places]
    assert losses == sorted(losses)
    assert places[0].behind is None
    assert all(place.behind for place in places[1:])


def test_what_a_run_is_behind_is_the_paired_difference(facts, trained, counted):
    places = {place.name: place for place in ranked({"mlp": facts[0], "ngram": facts[1]})}
    worse = next(place for place in places.values() if place.behind)
    models = {"mlp": morelike.load(trained.path), "ngram": morelike.load(counted.path)}
    best = next(name for name in models if name != worse.name)
    found = morelike.compare(models[worse.name], models[best], morelike.split(WORDS).test)
    assert (worse.behind.difference, worse.behind.interval) == (found.difference, found.interval)


def test_the_page_shows_board_curves_differences_and_words(page):
    assert page.sections == ["board", "curves", "settings", "samples", "repeat"]
    assert page.pictures == {"board", "curves", "novelty"}
    assert "architecture: kind" in page.text
    assert "data: split" not in page.text
    assert page.text.count("morelike train") == 2
    assert page.text.count("morelike mix") == 1


def test_runs_of_one_kind_are_told_apart(counted, tmp_path):
    other = make(tmp_path, order=2)
    facts = [gather(counted), gather(other)]
    assert names_of(facts) == ["1. ngram", "2. ngram"]
    page = comparison_page(facts)
    assert "architecture: order" in page


def test_runs_that_were_judged_on_different_words_are_not_compared(counted, tmp_path, parse):
    other = make(tmp_path, [*WORDS, "more", "words"], order=3)
    page = parse(comparison_page([gather(counted), gather(other)]))
    assert "judged on different words, so their losses cannot be compared" in page.text
    assert "+" not in page.text.partition("Leader board")[2].partition("Curves")[0].partition("What differs")[0]


def test_another_split_of_one_list_is_different_words_too(counted, tmp_path, parse):
    other = make(tmp_path, order=3, split="shuffle-1")
    page = parse(comparison_page([gather(counted), gather(other)]))
    assert "judged on different words" in page.text


def test_runs_that_held_nothing_out_have_no_board(few, parse):
    page = parse(comparison_page([gather(few), gather(few)]))
    assert page.sections == ["settings", "samples", "repeat"]
    assert "All settings are the same." in page.text


def test_one_run_is_no_comparison(counted):
    with pytest.raises(SettingError, match="two runs or more"):
        comparison_page([gather(counted)])
