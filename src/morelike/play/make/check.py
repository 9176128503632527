"""Words against lists and blocked texts: which list holds a word, and which text is in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from morelike.cancellation import check_cancelled
from morelike.errors import SettingError
from morelike.play.limits import PlayLimits
from morelike.play.make.bodies import CheckBody
from morelike.play.make.words import nearest_each
from morelike.text.words import clean, fold

MOST_BLOCKED = 20_000


def checked(
    body: CheckBody, lists: Sequence[tuple[str, Sequence[str]]], listed: Sequence[str], limits: PlayLimits
) -> dict[str, Any]:
    """Return for each word the lists that hold it, the blocked texts in it, and the nearest word.

    A blocked text may be a part of the word. Differences in `body.ignoring` do not matter, by default those of case.
    The nearest word is one of `lists`, or of `listed` if there are no lists.

    Args:
        body: the words and the blocked texts.
        lists: the name and the words of each list.
        listed: the list of the run.
        limits: how many words are checked at once.

    Raises:
        SettingError: too many words or blocked texts.
    """
    limits.check_scored(len(body.words))
    blocked = {line: fold(line, body.ignoring) for line in map(clean, body.blocked.splitlines()) if line}
    if len(blocked) > MOST_BLOCKED:
        raise SettingError(f"{len(blocked):,} blocked texts: check {MOST_BLOCKED:,} at most at once")
    folded = [(name, {fold(word, body.ignoring) for word in words}) for name, words in lists]
    among = [*dict.fromkeys(word for _, words in lists for word in words)] or listed

    def facts(word: str, closest: dict[str, Any] | None) -> dict[str, Any]:
        check_cancelled()
        spelled = fold(word, body.ignoring)
        return {
            "word": word,
            "in": [name for name, words in folded if spelled in words],
            "blocked_by": [line for line, text in blocked.items() if text in spelled],
            "nearest": closest,
        }

    return {"words": [*map(facts, body.words, nearest_each(body.words, among))]}
