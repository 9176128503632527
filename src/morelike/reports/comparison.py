"""Several runs on one page: their curves together, who is ahead, and which settings differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from morelike.errors import MorelikeError, SettingError
from morelike.evaluation.intervals import Comparison, compare
from morelike.pictures.leader_board import leader_board_figure
from morelike.pictures.losses import curves_figure, smoothed
from morelike.pictures.words import novelty_figure
from morelike.reports.drawn import Picture, picture
from morelike.reports.facts import Facts
from morelike.reports.html import Child, Html, code, element, join, table, word
from morelike.reports.page import page
from morelike.reports.sections import as_shown, train_command
from morelike.text.count_weights import line_weights

__all__ = ["Place", "comparison_page", "names_of", "ranked"]

TABLES = ("data", "architecture", "training", "mixture", "blend")


@dataclass(frozen=True)
class Place:
    """A run's place on the leader board; `behind` is its paired difference to the best, where both can be had."""

    name: str
    facts: Facts
    loss: float
    interval: tuple[float, float]
    behind: Comparison | None = None


def comparison_page(runs: Sequence[Facts]) -> str:
    """Return a page of HTML that shows runs side by side.

    Raises:
        SettingError: fewer than two.
    """
    if len(runs) < 2:
        raise SettingError("a comparison takes two runs or more")
    named = dict(zip(names_of(runs), runs, strict=True))
    parts = [
        ("board", "Leader board", join(_board(named))),
        ("curves", "Curves", join(_curves(named))),
        ("settings", "What differs", join(_differences(named))),
        ("samples", "Words they make", join(_samples(named))),
        ("repeat", "Repeat them", join(_repeat(named))),
    ]
    lists = list(dict.fromkeys(str(facts.meta.get("list", "")) for facts in runs))
    head = [
        element("p", "morelike · comparison", class_="above"),
        element("h1", f"{len(runs)} runs on ", join((element("bdi", name) for name in lists), ", ")),
        _lead(ranked(named)),
    ]
    return page(f"{len(runs)} runs", head, [part for part in parts if part[2]])


def names_of(runs: Sequence[Facts]) -> list[str]:
    """Return a short name of each run: its kind, with its place among the runs where several are of one kind."""
    kinds = [facts.kind for facts in runs]
    return [f"{i}. {kind}" if kinds.count(kind) > 1 else kind for i, kind in enumerate(kinds, 1)]


def ranked(runs: Mapping[str, Facts]) -> list[Place]:
    """Return the runs that have a loss on held-out words, the best first.

    Where the best one and another were judged on the same words, which are still there, the other's paired difference
    is told too. Where nothing was held out there are no places.
    """
    judged = {name: facts for name, facts in runs.items() if "test" in facts.losses}
    order = sorted(judged, key=lambda name: float(judged[name].losses["test"]["nats"]))
    places = []
    for name in order:
        loss = judged[name].losses["test"]
        behind = _behind(judged[name], judged[order[0]]) if name != order[0] else None
        places.append(Place(name, judged[name], loss["nats"], (loss["interval"][0], loss["interval"][1]), behind))
    return places


def _behind(facts: Facts, best: Facts) -> Comparison | None:
    if not (facts.listed and best.listed and facts.model and best.model):
        return None
    if facts.listed.parts.test != best.listed.parts.test:
        return None
    words, counts = facts.listed.parts.test, facts.listed.parts.counts.get("test")
    weighting, other = (each.facts.get("count_weighting", "none") for each in (facts.model, best.model))
    if weighting != other or counts != best.listed.parts.counts.get("test"):
        return None
    try:
        weights = line_weights(counts, weighting)
        labels = facts.listed.parts.labels.get("test")
        ours, lengths = facts.model.unit_losses(words, labels=labels)
        theirs, others = best.model.unit_losses(words, labels=labels)
    except MorelikeError:
        return None
    return compare(ours, theirs, lengths, weights) if np.array_equal(lengths, others) and len(lengths) > 1 else None


def _same_test(places: Sequence[Place]) -> bool:
    """Return whether all were judged on the same words, as far as is known."""
    known = {(place.facts.meta.get("data", {}).get("sha256"), _split(place.facts)) for place in places}
    fingerprints = {place.facts.model.facts.get("fingerprint") for place in places if place.facts.model}
    return len(fingerprints) <= 1 and len({split for _, split in known}) <= 1


def _split(facts: Facts) -> str:
    return str(facts.config.get("data", {}).get("split", ""))


def _lead(places: Sequence[Place]) -> Html | None:
    if len(places) < 2:
        return None
    best, second = places[0], places[1]
    sentence = f"{best.name} is ahead with {best.loss:.4f} nats a character on test"
    if not _same_test(places):
        sentence += "; but the runs were judged on different words, so their losses cannot be compared"
    elif second.behind and second.behind.decided:
        sentence += f", and {second.name} is behind by {second.behind.difference:.4f}: more than chance"
    elif second.behind:
        sentence += f"; {second.name} is behind by {second.behind.difference:.4f}, which may be chance"
    return element("p", sentence + ".", class_="lead")


def _board(runs: Mapping[str, Facts]) -> Iterator[Child]:
    places = ranked(runs)
    if not places:
        return
    rows = [_row(place) for place in places]
    head = ["run", "parameters", "seconds", "dev", "test", "95 % interval", "behind", "95 % interval", "new words"]
    yield table(head, rows, numbers=8, kind="losses")
    yield element(
        "p",
        "Losses in nats per character. Behind is the paired difference to the best on the same words: where its "
        "interval holds zero, the two are not told apart.",
        class_="soft",
    )
    yield picture(Picture("board", "Loss on test", {"board": leader_board_figure(places)}))


def _row(place: Place) -> list[Child]:
    facts, behind = place.facts, place.behind
    seconds, dev = facts.meta.get("seconds"), facts.losses.get("dev")
    drawn = sum(facts.samples.counts.values()) if facts.samples else 0
    return [
        place.name,
        f"{facts.model.parameters:,}" if facts.model else "",
        f"{seconds:.1f}" if seconds else "",
        f"{dev['nats']:.4f}" if dev else "",
        f"{place.loss:.4f}",
        f"{place.interval[0]:.4f} to {place.interval[1]:.4f}",
        f"{behind.difference:+.4f}" if behind else "",
        f"{behind.interval[0]:+.4f} to {behind.interval[1]:+.4f}" if behind else "",
        f"{facts.samples.counts['new'] / drawn:.1%}" if facts.samples and drawn else "",
    ]


def _curves(runs: Mapping[str, Facts]) -> Iterator[Child]:
    trained = {name: facts.curves for name, facts in runs.items() if facts.curves}
    if not trained:
        return
    figures = {}
    looked = {name: (curves.dev_steps, curves.dev) for name, curves in trained.items() if len(curves.dev)}
    if looked:
        figures["dev"] = curves_figure(looked, "loss on dev")
    figures["train"] = curves_figure(
        {name: (curves.steps, smoothed(curves.losses)) for name, curves in trained.items()}, "loss in training"
    )
    yield picture(Picture("curves", "Curves", figures, "Dev is measured exactly; the loss in training is smoothed."))


def _differences(runs: Mapping[str, Facts]) -> Iterator[Child]:
    """Yield a table of the settings that are not the same in all runs."""
    settings: dict[tuple[str, str], dict[str, Any]] = {}
    for run, facts in runs.items():
        for group in TABLES:
            for name, value in facts.config.get(group, {}).items():
                settings.setdefault((group, name), {})[run] = value
    rows = [
        [f"{group}: {name.replace('_', ' ')}", *(word(as_shown(values[run])) if run in values else "" for run in runs)]
        for (group, name), values in sorted(settings.items(), key=lambda item: TABLES.index(item[0][0]))
        if len(values) < len(runs) or len({str(value) for value in values.values()}) > 1
    ]
    if rows:
        yield table(["setting", *runs], rows, kind="differences")
    else:
        yield element("p", "All settings are the same.")


def _samples(runs: Mapping[str, Facts]) -> Iterator[Child]:
    counted = {name: facts.samples.counts for name, facts in runs.items() if facts.samples and facts.samples.counts}
    if counted:
        yield picture(Picture("novelty", "New, or in the list", {"novelty": novelty_figure(counted)}))
    for name, facts in runs.items():
        if facts.samples and facts.samples.new:
            yield element("p", f"New words of {name}:", style="margin:1.25rem 0 0")
            yield element("ul", join(element("li", word(made.word)) for made in facts.samples.new), class_="words")
        if facts.written:
            yield element("p", f"{name} writes:", style="margin:1.25rem 0 0")
            yield element("pre", element("bdi", facts.written), class_="text")


def _repeat(runs: Mapping[str, Facts]) -> Iterator[Child]:
    for name, facts in runs.items():
        yield element("p", f"{name} (", element("code", facts.path.name), "):")
        yield code(train_command(facts))
