"""What a recording holds: the events of a run, and what the page would ask the server for at some of its looks."""

from __future__ import annotations

import json
import zlib
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import ROUND_05UP, Decimal
from typing import Any, NamedTuple
from urllib.parse import quote

from morelike.cancellation import check_cancelled
from morelike.errors import MorelikeError
from morelike.installation import version
from morelike.lessons.languages import LANGUAGES as LESSON_LANGUAGES
from morelike.lessons.languages import SOURCE
from morelike.lessons.lesson import find_lesson
from morelike.play.event_log import MOST_EVENTS
from morelike.play.lists import list_facts
from morelike.play.runs import ENDED
from morelike.play.texts import LANGUAGES, sentences, texts
from morelike.play.views import Views, or_refusal
from morelike.runs.looks import is_power_of_two
from morelike.text.lists.catalogue import external_lists, shipped_lists

MOST_LOOKS = 40
FEW_LOOKS = 10
"""Looks of a panel that takes long."""
MOST_WORDS = 8
DEEP_WORDS = 2
"""Words at which the recording looks inside the model; for the others it has the surprisal."""
LARGEST = 1_150_000
"""Bytes of the answers after compression. Beyond them, answers that fewer people look for are left out."""
SEEDS = 2
"""Sets of words that the page shows by turns."""
WORDS_SHOWN = 28
UNITS = 16
UNITS_SHOWN = 64
SLOW = ("memory", "scalar_graph")
DECIMALS: Mapping[str, int] = {"states": 3, "unit": 4, "lens": 5}
"""Decimals that are kept of panels with many numbers: more than the page shows of them."""
LEAST_DIGITS = 3
WITHOUT_LOOKS = "last"


class Question(NamedTuple):
    """A panel and its parameters, which the page may ask for at a look."""

    panel: str
    query: Mapping[str, str] = {}

    @property
    def is_slow(self) -> bool:
        """Whether the answer takes a large part of a second."""
        return self.panel in SLOW or "without_head" in self.query

    @property
    def key(self) -> str:
        """The parameters in order, as `record/recording.js` writes them."""
        return "&".join(f"{name}={value}" for name, value in sorted(self.query.items()))


class Recorder:
    """Records a run. `words` are those that the recording can show; examples of the list are added to them."""

    def __init__(self, views: Views, words: Sequence[str] = (), language: str = SOURCE) -> None:
        self.run, self.views, self.language = views.run, views, language
        corpus = views.background.plan.corpus
        self._list = list_facts(corpus)
        examples = self._list["examples"]
        fitting = [word for word in examples if 4 < len(word) < 10]  # the page takes the first one as its example
        wanted = [*filter(self._is_known, words), *fitting[:1], *examples]
        self.words = list(dict.fromkeys(wanted))[:MOST_WORDS]
        self.steps: list[int] = []
        self.is_complete = False
        self._looks: dict[str, dict[str, dict[str, Any]]] = {}
        self._layer = ""
        self._spent = 0

    def _is_known(self, word: str) -> bool:
        """Return whether the model can read a word."""
        try:
            self.views.background.untrained.vocabulary.encode(word)
        except MorelikeError:
            return False
        return bool(word)

    def follow(self) -> None:
        """Record what the first view shows at one more look, the newest that is due, while the run still learns."""
        new = [step for step in reversed(self.run.looks.steps()) if step not in self.steps]
        evaluated = self._evaluated()
        room = len(self.steps) < MOST_LOOKS
        for step in new:
            if is_power_of_two(step) or step in evaluated or (room and step == new[0]):
                self._record_first_view([step], evaluated)
                self.steps = sorted([*self.steps, step])
                return

    def complete(self) -> None:
        """Record everything, the most important answers first, as long as there is room."""
        steps = self.run.looks.steps()
        evaluated = self._evaluated()
        self.steps = choose_looks(steps, evaluated, MOST_LOOKS)
        self._looks.clear()
        everywhere: list[int | str] = [*self.steps] or [WITHOUT_LOOKS]
        self._record_first_view(everywhere, evaluated)
        for question in self._inside():
            asked = everywhere
            if question.is_slow:
                asked = [*asked[: -1 : max(len(asked) // FEW_LOOKS, 1)], asked[-1]]
            elif question.query.get("index", "0") != "0":
                asked = asked[-1:]
            self._record(question, asked)
        self.is_complete = True

    def _evaluated(self) -> set[int]:
        return {event["step"] for event in self.events("evaluated")}

    def events(self, kind: str | None = None) -> list[Mapping[str, Any]]:
        """Return the events of the run so far, of one kind or of all."""
        return [event for event in self.run.log.after(0, MOST_EVENTS)[1] if kind in (None, event["type"])]

    def _record_first_view(self, steps: Sequence[int | str], evaluated: set[int]) -> None:
        measured: list[int | str] = [step for step in steps if step in evaluated]
        if "landmarks" not in self._looks and not measured:
            measured = [*steps[:1]]  # the page asks for the landmarks at the first look
        self._record(Question("landmarks"), measured)
        if self.run.status == "finished":
            self._record(Question("landmarks", {"test": "true"}), steps[-1:])
        for word in self.words:
            self._record(Question("surprisal", {"word": word}), steps)
        for seed in range(SEEDS):
            self._record(Question("samples", {"seed": str(seed)}), steps)

    def _inside(self) -> Iterator[Question]:
        """Yield the questions of the second view; those of the first word come first."""
        last = self.steps[-1] if self.steps else WITHOUT_LOOKS
        yield from (Question(panel) for panel in ("embedding", "health", "counts_and_gradient"))
        yield Question("unit", {"index": "0", "layer": ""})
        for i, word in enumerate(self.words[:DEEP_WORDS]):
            yield from (Question("next", {"prefix": word[:end]}) for end in range(len(word) + 1))
            yield from self._states(word, last)
            yield from (Question("lens", {"word": word, "position": str(at)}) for at in range(len(word) + 1))
            yield from self._attention(word, last, heads=i == 0)
            yield from (Question(panel, {"word": word}) for panel in SLOW[: 2 - i])
        examples = [each for each in self._list["examples"] if len(each) < 16]
        yield from (Question("guess", {"word": each}) for each in examples)
        yield from (Question("unit", {"index": str(unit), "layer": ""}) for unit in range(1, UNITS))

    def _states(self, word: str, last: int | str) -> Iterator[Question]:
        found = self._answer(last, Question("states", {"word": word, "layer": "", "first": "0"}))
        self._layer = found.get("layer", "")
        layers = found.get("layers", {"": 1})
        for name in (self._layer, *(each for each in layers if each != self._layer)):
            for first in range(0, layers.get(name, 1), UNITS_SHOWN):
                layer = "" if name == self._layer else name
                yield Question("states", {"word": word, "layer": layer, "first": str(first)})

    def _attention(self, word: str, last: int | str, *, heads: bool) -> Iterator[Question]:
        found = self._answer(last, Question("attention", {"word": word, "layer": "0"}))
        for layer in range(found.get("layers", 1)):
            query = {"word": word, "layer": str(layer)}
            yield Question("attention", query)
            for head in range(len(found.get("weights", ())) if heads else 0):
                yield Question("attention", {**query, "without_head": str(head)})

    def _record(self, question: Question, steps: Sequence[int | str]) -> None:
        """Record the answers to a question at some looks, if there is room for them."""
        kept = self._looks.setdefault(question.panel, {})
        if "" in kept:
            return  # this kind of model cannot have the panel
        found = {str(step): self._answer(step, question) for step in steps}
        if found and all(each.get("unfit") for each in found.values()):
            kept[""] = {"": next(iter(found.values()))}
            return
        size = len(zlib.compress(packed(found)))
        if self._spent + size > LARGEST:
            return
        self._spent += size
        kept.setdefault(question.key, {}).update(found)

    def _answer(self, step: int | str, question: Question) -> dict[str, Any]:
        """Return what the server answers, with fewer digits; a refusal is kept as one."""
        check_cancelled()
        query = {**question.query, "count": str(WORDS_SHOWN)} if question.panel == "samples" else question.query
        answer = or_refusal(lambda: self.views.panel(str(step), question.panel, query))
        decimals = DECIMALS.get(question.panel)
        return answer if decimals is None else shorter(answer, decimals)

    def recording(self) -> dict[str, Any]:
        """Return the recording so far as plain values for JSON; `record/recording.js` reads it."""
        return {
            "events": list(self._kept_events()),
            "answers": self._other_answers(),
            "looks": self._looks,
            "words": self.words,
            "seeds": SEEDS,
            "layer": self._layer,
            "isComplete": self.is_complete,
        }

    def _kept_events(self) -> Iterator[Mapping[str, Any]]:
        """Yield the events of the run without the looks that are not recorded, and its status at the end."""
        shown, looks = set(self.steps), self.events("look")
        for event in self.events():
            if event["type"] != "status" and (event["type"] != "look" or event["step"] in shown):
                yield event
        missing = shown - {event["step"] for event in looks}
        yield from ({"type": "look", "step": step} for step in sorted(missing))
        status = self.run.status
        yield {"type": "status", "status": "stopped" if self.is_complete and status not in ENDED else status}

    def _other_answers(self) -> dict[str, Any]:
        """Return the answers that are not about a look, by their address."""
        facts = self.run.facts()
        state = {
            "runs": [{**facts, "looks": self.steps}],
            "kinds": [facts["kind"]],
            "lists": [],
            "languages": LANGUAGES,
            "language": self.language,
            "version": version(),
            "most_bytes": 0,
            "licence": licence_of(facts["list"]),
        }
        found: dict[str, Any] = {
            "/api/state": state,
            f"/api/lists/{quote(facts['list_id'], safe='!*()')}": {"id": facts["list_id"], **self._list},
        }
        found |= {f"/page/texts/{language}.json": texts(language) for language in LANGUAGES}
        found |= {f"/page/sentences/{language}.json": sentences(language) for language in LANGUAGES}
        if self.is_complete:
            found |= _lessons()
        return found


def _lessons() -> dict[str, Any]:
    """Return the lessons in all languages of the page by address, as the server answers."""
    found = {}
    for language in LANGUAGES:
        for number in range(1, 17):
            lesson = find_lesson(number, language if language in LESSON_LANGUAGES else SOURCE)
            address = f"/api/lessons/{number}?language={language}"
            found[address] = {"title": lesson.title, "language": lesson.language, "markdown": lesson.markdown()}
    return found


def licence_of(name: str) -> str:
    """Return the licence of a list of the catalogue, "" for any other list.

    >>> licence_of("names")
    'US government work, public domain'
    """
    lists = {**shipped_lists(), **external_lists()}
    return lists[name].licence if name in lists else ""


def choose_looks(steps: Sequence[int], evaluated: Iterable[int], most: int) -> list[int]:
    """Return some steps: the first and the last, evaluated ones, powers of two, and others spread evenly.

    >>> choose_looks(range(0, 101, 2), [50], 6)
    [0, 2, 4, 8, 50, 100]
    """
    if len(steps) <= most:
        return list(steps)
    first = [steps[0], steps[-1], *sorted(set(evaluated) & set(steps)), *filter(is_power_of_two, steps)]
    chosen = set(list(dict.fromkeys(first))[:most])
    while len(chosen) < most:
        chosen.add(max(steps, key=lambda step: min(abs(step - other) for other in chosen)))
    return sorted(chosen)


def shorter(value: Any, decimals: int) -> Any:
    """Return numbers, in lists and dicts, with so many decimals, and at least three digits.

    A number that is cut never ends in 0 or 5 unless it is exact, so it is later rounded to fewer decimals as the whole
    number would be.

    >>> shorter({"a": [1.23449, -0.0125001, 2.5e-06, 3]}, 3)
    {'a': [1.234, -0.0126, 2.5e-06, 3]}
    """
    if isinstance(value, dict):
        return {name: shorter(each, decimals) for name, each in value.items()}
    if isinstance(value, list):
        return [shorter(each, decimals) for each in value]
    if not isinstance(value, float) or not value:
        return value
    exact = Decimal(repr(value))
    place = min(-decimals, exact.adjusted() + 1 - LEAST_DIGITS)
    return float(exact.quantize(Decimal(1).scaleb(place), ROUND_05UP))


def pack(recording: Mapping[str, Any]) -> str:
    """Return a recording as base64 of compressed JSON, which ends no element of a page."""
    return b64encode(zlib.compress(packed(recording), 9)).decode()


def packed(value: Any) -> bytes:
    """Return plain values as short JSON."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
