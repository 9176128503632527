"""The sections of one run's report; each is there only if the run has what it shows."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from morelike.architecture import CountedArchitecture
from morelike.evaluation.verdicts import condensed
from morelike.reports import figures
from morelike.reports.drawn import Picture, picture
from morelike.reports.facts import Facts
from morelike.reports.html import Child, Html, code, element, join, table, word

__all__ = ["as_shown", "cards", "lead", "sections", "train_command"]


MOST_LABELS = 20
BESIDE = 4  # histograms that have room beside the embedding


def sections(facts: Facts) -> Iterator[tuple[str, str, Html]]:
    """Yield of each section its anchor, its title and its content."""
    parts: list[tuple[str, str, Iterable[Child]]] = [
        ("results", "Results", _results(facts)),
        ("samples", "Words it makes" if facts.form == "lines" else "What it writes", _samples(facts)),
        ("training", "Training", _training(facts)),
        ("diagnosis", "Diagnosis", _diagnosis(facts)),
        ("surprisal", "Surprisal", _surprisal(facts)),
        ("data", "The list" if facts.form == "lines" else "The text", _data(facts)),
        ("model", "The model", _model(facts)),
        ("settings", "Settings", _settings(facts)),
        ("repeat", "Repeat it", _repeat(facts)),
    ]
    for anchor, title, children in parts:
        content = join(children)
        if content:
            yield anchor, title, content


def lead(facts: Facts) -> Html:
    """Return what came out, in a sentence or two."""
    loss = facts.losses.get("test")
    unit = "words" if facts.form == "lines" else "stretches of text"
    if loss:
        sentence = (
            f"On {loss['lines']:,} {unit} that it did not learn from, it needs {loss['nats']:.3f} nats "
            f"({loss['bits']:.3f} bits) a character: in effect it chooses among {loss['perplexity']:.1f} equally "
            f"likely ones."
        )
        baseline = facts.meta.get("baseline", {}).get("test")
        if baseline:
            gain = baseline["nats"] - loss["nats"]
            verdict = f"{abs(gain):.3f} {'more' if gain > 0 else 'less'}"
            sentence += f" Counting alone (an n‑gram mixture) needs {baseline['nats']:.3f}, {verdict}."
    elif "train" in facts.losses:
        sentence = (
            f"Nothing was held out, so all that is known is the loss on what it learned from: "
            f"{facts.losses['train']['nats']:.3f} nats a character."
        )
    else:
        sentence = f"The run is {facts.meta.get('status', 'not finished')} and has no figures yet."
    return element("p", sentence, class_="lead")


def cards(facts: Facts) -> Html | None:
    """Return the few figures that one looks for first."""
    shown: list[tuple[str, str, str]] = []
    part = "test" if "test" in facts.losses else "train"
    if loss := facts.losses.get(part):
        shown.append((f"Loss on {part}", f"{loss['nats']:.4f}", f"nats / char, 95 %: {_interval(loss)}"))
        shown.append(("Perplexity", f"{loss['perplexity']:.2f}", f"{loss['bits']:.3f} bits / char"))
    if facts.samples and (drawn := sum(facts.samples.counts.values())):
        shown.append(("New words", f"{facts.samples.counts['new'] / drawn:.1%}", f"of {drawn:,} as they come"))
    if facts.model:
        counted = isinstance(facts.model.architecture, CountedArchitecture)
        what = "numbers in its tables" if counted else "learned by gradients" if facts.curves else ""
        shown.append(("Parameters", f"{facts.model.parameters:,}", what))
    if seconds := facts.meta.get("seconds"):
        steps = facts.meta.get("steps") if facts.curves else None
        shown.append(("Time", f"{seconds:,.1f} s", f"{steps:,} steps" if steps else "reading and judging included"))
    if not shown:
        return None
    return element(
        "dl",
        join(
            element("div", element("dt", name), element("dd", value, element("small", more) if more else None))
            for name, value, more in shown
        ),
        class_="cards",
    )


def _results(facts: Facts) -> Iterator[Child]:
    rows = [_loss_row(facts.kind if i == 0 else "", part, loss) for i, (part, loss) in enumerate(facts.losses.items())]
    judged = "test" if "test" in facts.losses else "train"
    by_label = facts.losses.get(judged, {}).get("labels", {})
    for label, loss in by_label.items() if len(by_label) <= MOST_LABELS else ():
        rows.append(_loss_row("", f"{judged}: {label or '(no label)'}", loss))
    for i, (part, loss) in enumerate(facts.meta.get("baseline", {}).items()):
        rows.append(_loss_row("n-gram counts" if i == 0 else "", part, loss))
    if rows:
        units = "words" if facts.form == "lines" else "pieces"
        head = ["model", "part", "nats / char", "95 % interval", "bits / char", "perplexity", units]
        yield table(head, rows, numbers=5, kind="losses")
        drawn_from = "words" if facts.form == "lines" else "stretches of the text"
        yield element(
            "p",
            "Exact: every character counts once, the end of a word as one more. "
            if facts.form == "lines"
            else "Exact: every character counts once. ",
            f"The intervals are a bootstrap over {drawn_from}.",
            class_="soft",
        )
    if leaks := _leaks(facts):
        yield element("p", leaks)
    yield from (element("p", _sentence(note)) for note in facts.meta.get("notes", []))


def _loss_row(model: str, part: str, loss: Mapping[str, Any]) -> list[Child]:
    figures = [f"{loss['nats']:.4f}", _interval(loss), f"{loss['bits']:.4f}", f"{loss['perplexity']:.2f}"]
    return [model, part, *figures, f"{loss['lines']:,}"]


def _interval(loss: Mapping[str, Any]) -> str:
    return f"{loss['interval'][0]:.4f} to {loss['interval'][1]:.4f}"


def _leaks(facts: Facts) -> str:
    """Return how many held-out words stand in train too, and what the loss is on the others."""
    leaks, loss = facts.meta.get("leaks"), facts.losses.get("test")
    if facts.listed:
        found = facts.listed.parts.leaks
        leaks = {"dev": found.dev, "test": found.test}
    if not leaks or not loss or facts.form != "lines":
        return ""
    dev = facts.losses["dev"]["lines"]
    unseen = loss.get("unseen")
    alone = f" On the others alone the loss on test is {unseen['nats']:.4f}." if unseen else ""
    return (
        f"Leaks: {leaks['dev']:,} of {dev:,} dev words and {leaks['test']:,} of {loss['lines']:,} test words "
        f"({leaks['test'] / loss['lines']:.1%}) are also in train.{alone}"
    )


def _samples(facts: Facts) -> Iterator[Child]:
    if facts.written:
        yield element("pre", element("bdi", facts.written), class_="text")
    samples = facts.samples
    if not samples:
        return
    if samples.new:
        yield element("h3", "New words")
        if all(made.neighbour for made in samples.new):
            rows = [
                [word(made.word), word(made.neighbour.word), str(made.neighbour.distance), f"{made.bits:.2f}"]
                for made in samples.new
                if made.neighbour
            ]
            yield table(["word", "nearest in train", "edits", "bits / char"], rows, numbers=2, kind="narrow")
            yield element(
                "p",
                "None is in the list. Edits are the characters to add, take away or change to come from one to the "
                "other; of several nearest words, the first listed.",
                class_="soft",
            )
        else:
            yield table(
                ["word", "bits / char"],
                [[word(made.word), f"{made.bits:.2f}"] for made in samples.new],
                numbers=1,
                kind="narrow",
            )
    if drawn := figures.novelty_picture(facts):
        yield picture(drawn)
    for part, words in samples.known.items():
        yield element("p", f"Also made, and in {part}:", style="margin:1.25rem 0 0")
        yield element("ul", join(element("li", word(each)) for each in words), class_="words")


def _training(facts: Facts) -> Iterator[Child]:
    if not facts.curves:
        return
    if facts.meta.get("ended") == "early stopping":
        yield element("p", f"Early stopping ended it after {facts.meta.get('steps', 0):,} steps.")
    first, *others = figures.training_pictures(facts.curves)
    yield picture(first)
    yield _grid(others)


def _diagnosis(facts: Facts) -> Iterator[Child]:
    found = facts.diagnosis
    if not found:
        return
    rows = [
        [
            element("span", reading.verdict, class_=f"verdict {reading.verdict}"),
            element("div", element("strong", reading.what), f", {reading.where}"),
            join([reading.sentence, element("div", f"To change: {reading.advice}.") if reading.advice else None]),
        ]
        for reading in condensed(found.readings)
    ]
    yield element(
        "p",
        f"What happens inside, looked at on {found.examples:,} characters of train and in one step of "
        f"{found.optimizer}.",
    )
    yield table(["", "what", "what it says"], rows)
    if drawn := figures.ratios_picture(found):
        yield picture(drawn)
    yield _grid(figures.inside_pictures(found), small=True)


def _surprisal(facts: Facts) -> Iterator[Child]:
    if drawn := figures.surprisal_picture(facts):
        yield picture(drawn)


def _data(facts: Facts) -> Iterator[Child]:
    rows = [[name, value] for name, value in _data_facts(facts)]
    if rows:
        yield table(["", ""], rows, kind="settings")
    yield from (picture(drawn) for drawn in figures.data_pictures(facts))


def _data_facts(facts: Facts) -> Iterator[tuple[str, Child]]:
    data = facts.meta.get("data", {})
    yield "name", word(str(facts.meta.get("list", "")))
    listed = facts.listed
    if listed and facts.form == "text":
        yield "characters", f"{len(listed.corpus.words[0]):,}"
    elif "lines" in data:
        yield "words", f"{data['lines']:,}" + (f", {listed.distinct:,} of them distinct" if listed else "")
    if facts.model:
        alphabet = facts.model.vocabulary.characters
        shown = "".join(alphabet[:100]) + ("…" if len(alphabet) > 100 else "")
        yield "alphabet", join([f"{len(alphabet):,} characters: ", word(shown)])
    if facts.model and facts.model.labels:
        shares = sorted(facts.model.labels.items(), key=lambda each: -each[1])
        named = ", ".join(f"{label or '(no label)'} {share:.1%}" for label, share in shares[:MOST_LABELS])
        yield "labels", word(named + (", …" if len(shares) > MOST_LABELS else ""))
    if listed and facts.form == "lines":
        total = sum(length * count for length, count in listed.lengths.items())
        mean = total / max(sum(listed.lengths.values()), 1)
        longest = listed.longest if len(listed.longest) <= 60 else listed.longest[:60] + "…"
        yield "length", join([f"{mean:.1f} characters on average; the longest: ", word(longest)])
    sizes = {part: loss["lines"] for part, loss in facts.losses.items()}
    if listed and facts.form == "text":
        sizes = {part: len(words[0]) for part, words in listed.parts.parts.items()}
    if sizes:
        rule = facts.config.get("data", {}).get("split", "")
        yield "split", f"{rule}: " + ", ".join(f"{part} {size:,}" for part, size in sizes.items())
    if "sha256" in data:
        yield "SHA-256", element("code", data["sha256"])


def _model(facts: Facts) -> Iterator[Child]:
    shares = facts.config.get("mixture") or facts.config.get("blend")
    if shares:
        members = zip(shares.get("members", []), shares.get("weights", []), strict=False)
        weighed = "weighted by EM on dev" if "mixture" in facts.config else "with the weights that were given"
        yield element("p", f"A mixture: the average of its members' probabilities, {weighed}.")
        yield table(["member", "weight"], [[word(str(name)), f"{share:.3f}"] for name, share in members], numbers=1)
    if drawn := figures.network_picture(facts):
        yield picture(drawn)
    histograms = _grid(figures.histogram_pictures(facts.histograms, "weights"), small=True)
    drawn = figures.embedding_picture(facts)
    if drawn and len(facts.histograms) <= BESIDE:
        yield element("div", picture(drawn), histograms, class_="grid")
        return
    if drawn:
        yield picture(drawn)
    yield histograms


def _settings(facts: Facts) -> Iterator[Child]:
    titles = {"data": "Data", "architecture": "Architecture", "training": "Training"}
    tables = [
        element("div", element("h3", title), table(["", ""], _rows(facts.config[name]), kind="settings"))
        for name, title in titles.items()
        if facts.config.get(name)
    ]
    about = {"status": facts.meta.get("status"), "started": facts.meta.get("started"), "seed": facts.meta.get("seed")}
    about |= {"threads": facts.meta.get("threads"), "device": facts.meta.get("device")}
    about |= facts.meta.get("versions", {})
    known = {name: value for name, value in about.items() if value is not None}
    tables.append(element("div", element("h3", "Run"), table(["", ""], _rows(known), kind="settings")))
    yield element("div", join(tables), class_="columns")


def _rows(settings: Mapping[str, Any]) -> list[list[Child]]:
    return [[name.replace("_", " "), word(as_shown(value))] for name, value in settings.items()]


def as_shown(value: Any) -> str:
    """Return a setting as a person reads it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}" if abs(value) >= 10_000 else str(value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def _repeat(facts: Facts) -> Iterator[Child]:
    if not facts.config:
        return
    run = shlex.quote(str(facts.path))
    yield element("p", "The same run again; on the same machine and versions it gives the same bytes:")
    yield code(train_command(facts))
    if facts.model and facts.form == "lines":
        seed = facts.meta.get("seed", 0)
        yield element("p", "The same new words, and others:")
        yield code(f"morelike sample {run} -n 20 --seed {seed}", f"morelike sample {run} -n 100")
        yield element("p", "How alike are other words?")
        yield code(f"morelike score {run} emma xqzt --detail", f"morelike evaluate {run} held-out.txt")
    elif facts.model:
        yield element("p", "More of what it writes:")
        yield code(f"morelike sample {run} --characters 1000")
    else:
        yield element("p", "To go on with it:")
        yield code(f"morelike train --resume {run}")
    yield element("p", "This page again, or beside other runs:")
    yield code(f"morelike report {run}", f"morelike report {run} ANOTHER-RUN -o comparison.html")


def train_command(facts: Facts) -> str:
    """Return the command that makes a run again."""
    if mixture := facts.config.get("mixture"):
        return "morelike mix " + " ".join(shlex.quote(str(member)) for member in mixture.get("members", []))
    if blend := facts.config.get("blend"):
        members = " ".join(shlex.quote(str(member)) for member in blend.get("members", []))
        return f"morelike blend {members} --weights {','.join(f'{weight:.6g}' for weight in blend.get('weights', []))}"
    config = shlex.quote(str(facts.path / "config.toml"))
    kept = facts.path / "list.txt"
    if not kept.is_file():
        return f"morelike train --config {config}"
    if facts.form == "lines":  # it came through a pipe or a program, and was kept
        return f"morelike train {shlex.quote(str(kept))} --config {config}"
    return f"morelike train - --config {config} < THE-SAME-TEXT"


def _grid(pictures: Iterable[Picture], *, small: bool = False) -> Html | None:
    drawn = [picture(each) for each in pictures]
    return element("div", join(drawn), class_="grid small" if small else "grid") if drawn else None


def _sentence(note: str) -> str:
    return note[:1].upper() + note[1:].rstrip(".") + "."
