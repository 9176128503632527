"""The reason for which counting is better than a network, in one sentence for the beginning of a report."""

from __future__ import annotations

from morelike.reports.run_report import RunReport

UNDERFITTED = 0.08
"""Nats between the losses on train and on test. A smaller gap says that the network has not even learned its list."""
SHORT_LIST = 5000
"""Words. On a shorter list a network rarely beats counts."""


def why_counting_is_better(run: RunReport) -> str:
    """Return why counting needs fewer nats than this network, and what to change; "" if the network is better.

    The gap between the losses on train and on test decides. A small gap means too little training or too small a
    network; a large gap means that the network memorises its words.
    """
    baseline, loss, train = (
        run.meta.get("baseline", {}).get("test"),
        run.losses.get("test"),
        run.losses.get("train"),
    )
    if not baseline or not loss or baseline["nats"] >= loss["nats"]:
        return ""
    gap = loss["nats"] - train["nats"] if train else 0.0
    if train and gap < UNDERFITTED:
        return (
            "Counting is better because the network has not learned its own training data yet: there its loss is "
            f"{train['nats']:.3f} nats. Train longer, or use a larger network."
        )
    if train and train["lines"] < SHORT_LIST and not run.is_text:
        return (
            f"Counting is better because {train['lines']:,} words are few: the network memorises them, and needs "
            f"{gap:.3f} nats more on new words. Add words, or stay with counting."
        )
    return (
        f"Counting is better because the network memorises its list: it needs {gap:.3f} nats more on new words. Stop "
        "earlier, or use dropout or a smaller network."
    )
