"""The comparison of runs: their ranking, the paired differences, and the different settings."""

import pytest

import morelike
from morelike.errors import SettingError
from morelike.reports.comparison import comparison_page
from morelike.reports.leader_board import name_runs, rank_runs
from morelike.reports.run_report import collect_report

from .conftest import WORDS, make


@pytest.fixture(scope="module")
def reports(trained, counted, mixture):
    return [collect_report(run) for run in (trained, counted, mixture)]


@pytest.fixture(scope="module")
def page(reports, parse):
    return parse(comparison_page(reports))


def test_runs_are_ranked_by_their_loss_on_test(reports):
    ranked = rank_runs(name_runs(reports))
    losses = [entry.loss for entry in ranked]
    assert losses == sorted(losses)
    assert ranked[0].behind is None
    assert all(entry.behind for entry in ranked[1:])


def test_a_run_is_behind_by_the_paired_difference(reports, trained, counted):
    ranked = rank_runs({"mlp": reports[0], "ngram": reports[1]})
    worse = next(entry for entry in ranked if entry.behind)
    models = {"mlp": morelike.load(trained.path), "ngram": morelike.load(counted.path)}
    best = next(name for name in models if name != worse.name)
    found = morelike.compare(models[worse.name], models[best], morelike.split(WORDS).test)
    assert (worse.behind.difference, worse.behind.interval) == (found.difference, found.interval)


def test_the_page_shows_board_curves_different_settings_and_words(page):
    assert page.sections == ["board", "curves", "settings", "samples", "repeat"]
    assert page.pictures == {"board", "curves", "novelty"}
    assert "architecture: kind" in page.text
    assert "data: split" not in page.text
    assert page.text.count("morelike train") == 2
    assert page.text.count("morelike mix") == 1


def test_runs_of_one_kind_have_different_names(counted, tmp_path):
    other = make(tmp_path, order=2)
    reports = [collect_report(counted), collect_report(other)]
    assert list(name_runs(reports)) == ["1. ngram", "2. ngram"]
    page = comparison_page(reports)
    assert "architecture: order" in page


def test_runs_judged_on_different_words_are_not_compared(counted, tmp_path, parse):
    other = make(tmp_path, WORDS[2:], order=3)
    assert morelike.split(WORDS[2:]).test != morelike.split(WORDS).test
    written = comparison_page([collect_report(counted), collect_report(other)])
    assert "judged on different words, so their losses cannot be compared" in parse(written).text
    board = parse(written.partition('<section id="board">')[2].partition("<section")[0])
    assert "95 % interval" in board.text
    assert "+" not in board.text


def test_another_split_of_one_list_is_different_words_too(counted, tmp_path, parse):
    other = make(tmp_path, order=3, split="shuffle-1")
    page = parse(comparison_page([collect_report(counted), collect_report(other)]))
    assert "judged on different words" in page.text


def test_runs_without_held_out_words_have_no_board(few, parse):
    page = parse(comparison_page([collect_report(few), collect_report(few)]))
    assert page.sections == ["settings", "samples", "repeat"]
    assert "All settings are the same." in page.text


def test_one_run_is_no_comparison(counted):
    with pytest.raises(SettingError, match="two runs or more"):
        comparison_page([collect_report(counted)])
