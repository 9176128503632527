"""Exercises that check themselves: what a learner calls in a notebook or at a prompt."""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import cache, cached_property
from typing import Any

import numpy as np

from morelike.arrays import random_generator
from morelike.errors import SettingError, excerpt
from morelike.lessons import judging, messages
from morelike.lessons.blocks import to_markdown
from morelike.lessons.checks import Check, checks
from morelike.lessons.languages import check_language
from morelike.lessons.lesson import lessons
from morelike.lessons.progress import record
from morelike.lessons.sections import Section
from morelike.lessons.translations import read_translation
from morelike.lessons.verdict import Text, Verdict

LONGEST = 200
"""Characters of a result in a verdict."""
LONGEST_ARGUMENT = 70
"""Characters of an argument in a verdict; there may be six of them, and the seed repeats them."""


class Exercise:
    """An exercise in one language. Its representation is its task.

    >>> task = exercise("1.1", language="en")
    >>> task.check(None).status
    'not tried'
    """

    def __init__(self, section: Section, check: Check, language: str) -> None:
        self.number = section.number
        self.language = language
        self._section, self._check, self._hints_given = section, check, 0

    def check(self, answer: Any, *, seed: int | None = None) -> Verdict:
        """Return the verdict on an answer, and record it in your progress.

        Args:
            answer: the function, class or value that the task asks for.
            seed: the seed of the random inputs; by default a new one each time. A wrong answer's verdict states it.

        Raises:
            SettingError: a negative seed.
        """
        verdict = self.judge(answer, random.randrange(10**6) if seed is None else seed)
        record(self.number, verdict)
        return verdict

    def hint(self) -> Text:
        """Return the next hint; the first call returns the first one."""
        hints = self._section.hints
        if self._hints_given == len(hints):
            return Text(self._say(messages.NO_MORE_HINTS))
        self._hints_given += 1
        shown = hints[self._hints_given - 1]
        return Text(self._say(messages.HINT_OF, number=self._hints_given, count=len(hints), hint=shown))

    def stub(self) -> Text:
        """Return the code to begin with."""
        return Text(self._section.stub.text)

    def solution(self) -> Text:
        """Return the code of a solution, with a remark if there is one."""
        remark = "".join(f"\n# {line}" for line in self._section.remark.splitlines())
        return Text(self._section.solution + remark)

    def judge(self, answer: Any, seed: int) -> Verdict:
        """Return the verdict on an answer for the inputs of a seed; nothing is recorded."""
        section, check = self._section, self._check
        if any(answer is each for each in judging.UNTRIED):
            return Verdict("not tried", self._say(messages.NOT_TRIED, name=section.answer))
        if check.cases and not callable(answer):
            return self._wrong(self._say(messages.NO_FUNCTION, got=_short(answer), name=section.answer))
        cases = check.cases(random_generator(seed)) if check.cases else [()]
        found = judging.outcomes(answer, cases, check)
        if all(each.is_untried for each in found):
            return Verdict("not tried", self._say(messages.NOT_TRIED, name=section.answer))
        expected = judging.outcomes(self._solution, cases, check)
        bad = [
            i
            for i, (one, other) in enumerate(zip(found, expected, strict=False))
            if one.error is not None or not judging.agrees(check.agrees, one.value, other.value, *cases[i])
        ]
        if not bad:
            return Verdict("right", self._say(messages.RIGHT))
        hint = self._known_hint(cases, found, expected, bad) or self._other_hint(cases, found, expected, bad[0])
        return self._wrong(hint, seed if check.cases else None)

    @cached_property
    def _solution(self) -> Any:
        """What the code of the solution defines; a value, such as a model, is computed once."""
        return judging.defined(self._section.solution, self._section.answer)

    def _known_hint(self, cases: Sequence[Any], found: Any, expected: Any, bad: Sequence[int]) -> str:
        """Return the hint of the known wrong answer that has these results, or ""."""
        for wrong in self._section.wrong:
            if symptom := self._check.symptoms.get(wrong.symptom):
                shown = [
                    found[i].error is None and judging.agrees(symptom, found[i].value, expected[i].value, *cases[i])
                    for i in bad
                ]
                if all(shown):
                    return wrong.hint
                continue
            others = judging.outcomes(judging.defined(wrong.code, self._section.answer), cases, self._check)
            alike = [judging.is_like(*pair) for pair in zip(found, others, strict=False)]
            if len(found) == len(others) and all(alike):
                return wrong.hint
        return ""

    def _other_hint(self, cases: Sequence[Any], found: Any, expected: Any, i: int) -> str:
        """Return a sentence on the first input with a wrong result, where no known wrong answer fits."""
        shown = f"{self._section.answer}({', '.join(_short(each, LONGEST_ARGUMENT) for each in cases[i])})"
        match found[i].error:
            case judging.OutOfTimeError():
                return self._say(messages.TOO_SLOW, call=shown, seconds=self._check.seconds)
            case None if not self._check.cases:
                return self._say(messages.OTHER_VALUE, got=_short(found[i].value))
            case None:
                got, wanted = _short(found[i].value), _short(expected[i].value)
                if self._check.shows_expected:
                    return self._say(messages.OTHER_RESULT, call=shown, got=got, expected=wanted)
                return self._say(messages.NOT_ACCEPTED, call=shown, got=got)
            case error:
                sentence = f"{type(error).__name__}: {judging.text_of(str, error)}".rstrip(": .")
                return self._say(messages.RAISED, call=shown, error=sentence[:LONGEST])

    def _wrong(self, hint: str, seed: int | None = None) -> Verdict:
        message = self._say(messages.WRONG, hint=hint)
        if seed is not None:
            message += "\n" + self._say(messages.SAME_INPUTS, name=self._section.answer, seed=seed)
        return Verdict("wrong", message, seed)

    def _say(self, message: str, **values: Any) -> str:
        return read_translation(self.language).get(message).format(**values)

    def __repr__(self) -> str:
        return to_markdown([self._section.heading, *self._section.task, self._section.stub]).rstrip("\n")

    def _repr_markdown_(self) -> str:
        return repr(self)


def exercise(number: str | float, *, language: str | None = None) -> Exercise:
    """Return an exercise by its number, such as "8.1", the same object each time.

    Args:
        number: the number of the lesson, a dot, and the number of the exercise in the lesson.
        language: default: the language of `set_language`, or else of this system.

    Raises:
        SettingError: there is no such exercise, or not in this language.

    >>> exercise("1.2", language="en").number
    '1.2'
    """
    found = exercises(check_language(language))
    if str(number) not in found:
        raise SettingError(f"there is no exercise {excerpt(number)}; there are {', '.join(found)}")
    return found[str(number)]


@cache
def exercises(language: str) -> dict[str, Exercise]:
    """Return all exercises of a language, by their numbers."""
    return {
        section.number: Exercise(section, checks()[section.number], language)
        for lesson in lessons(language)
        for section in lesson.sections
    }


def _short(value: Any, longest: int = LONGEST) -> str:
    """Return a value on one line, at most `longest` characters of it; of an array that is cut, the shape too.

    >>> _short("aaaa", 3), _short(np.zeros((2, 3)), 12)
    ("'aa…", 'array([[0., …, shape=(2, 3))')
    """
    shown = judging.text_of(repr, value)
    if len(shown) <= longest:
        return shown
    return f"{shown[:longest]}…" + (f", shape={value.shape})" if isinstance(value, np.ndarray) else "")
