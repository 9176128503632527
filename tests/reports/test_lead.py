"""The lead of a report says why counting is better, if it is, and what to change."""

from pathlib import Path

import pytest

from morelike.reports.lead import why_counting_is_better
from morelike.reports.run_report import RunReport


def run(test, train, counted, lines=20_000):
    losses = {"test": {"nats": test, "lines": 100}, "train": {"nats": train, "lines": lines}}
    return RunReport(Path("run"), {"losses": losses, "baseline": {"test": {"nats": counted}}}, {})


def test_a_network_that_is_better_needs_no_reason():
    assert why_counting_is_better(run(1.9, 1.8, counted=2.0)) == ""


@pytest.mark.parametrize(
    ("given", "reason", "change"),
    [
        (run(2.03, 1.98, 1.97), "has not learned its own training data yet: there its loss is 1.980", "Train longer"),
        (run(2.4, 1.7, 1.97), "memorises its list: it needs 0.700 nats more on new words", "use dropout"),
        (run(2.4, 1.7, 1.97, lines=300), "300 words are few: the network memorises them", "stay with counting"),
    ],
)
def test_the_gap_between_train_and_test_decides_the_reason(given, reason, change):
    sentence, advice, *rest = why_counting_is_better(given).replace(". ", ".|").split("|")
    assert sentence.startswith("Counting is better because ")
    assert reason in sentence
    assert change in advice
    assert not rest


def test_a_run_without_a_baseline_or_without_held_out_words_has_no_reason():
    assert why_counting_is_better(RunReport(Path("run"), {}, {})) == ""
