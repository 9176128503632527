"""The exercises of a lesson's Markdown: task, stub, hints, wrong answers with their hints, and solution.

An exercise begins with a heading "## Exercise 8.1: ...". Its task follows, then its stub. The list items after the stub
are its hints, in stages. Each `wrong` code is followed by the hint for this wrong answer. The `solution` ends it, with
a remark after it or not.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from morelike.errors import ModelError
from morelike.lessons.blocks import Block, parse_blocks

EXERCISE = re.compile(r"Exercise (\d+\.\d+): .+")


@dataclass(frozen=True)
class WrongAnswer:
    """A known wrong answer: its code, the name of its symptom (or "", if its results tell it), and its hint."""

    code: str
    symptom: str
    hint: str


@dataclass(frozen=True)
class Section:
    """An exercise as its lesson has it. `answer` is the name that the stub and the solution define."""

    number: str
    heading: Block
    task: tuple[Block, ...]
    stub: Block
    hints: tuple[str, ...]
    wrong: tuple[WrongAnswer, ...]
    solution: str
    remark: str
    answer: str


def split_sections(blocks: Sequence[Block]) -> tuple[list[Block], list[Section]]:
    """Return the blocks before the first exercise, and the exercises.

    Raises:
        ModelError: an exercise without stub, hints, wrong answers or solution, or with anything at the wrong place.
    """
    body: list[Block] = []
    parts: list[list[Block]] = []
    for block in blocks:
        if block.kind == "heading" and EXERCISE.fullmatch(block.source):
            parts.append([block])
        elif parts:
            parts[-1].append(block)
        else:
            body.append(block)
    return body, [_section(part) for part in parts]


def parse_sections(text: str) -> list[Section]:
    """Return the exercises of an English Markdown text; raise what `split_sections` raises."""
    return split_sections([block.in_words(block.text) for block in parse_blocks(text)])[1]


def defined_name(code: str) -> str:
    """Return the name that the last statement of a code defines: a function, a class or a variable.

    >>> defined_name("import math\\n\\ndef f(x):\\n    return x"), defined_name("answer = ...")
    ('f', 'answer')
    """
    match ast.parse(code).body[-1]:
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            return name
        case ast.Assign(targets=[ast.Name(id=name)]):
            return name
        case other:
            raise ModelError(f"the last statement of an answer is {ast.unparse(other)!s}: define the answer there")


def _section(blocks: Sequence[Block]) -> Section:
    heading, *rest = blocks
    found = EXERCISE.fullmatch(heading.source)
    assert found
    number = found[1]
    stub_at = next((i for i, block in enumerate(rest) if "stub" in block.words), None)
    if stub_at is None or "solution" not in {word for block in rest for word in block.words}:
        raise ModelError(f"exercise {number} needs one code of each: stub and solution")
    hints: list[str] = []
    remark: list[str] = []
    wrong: list[tuple[str, str, list[str]]] = []
    solution, current = "", hints
    for block in rest[stub_at + 1 :]:
        if "wrong" in block.words:
            symptom = " ".join(block.words[block.words.index("wrong") + 1 :])
            current = []
            wrong.append((block.text, symptom, current))
        elif "solution" in block.words:
            solution, current = block.text, remark
        elif block.kind == "code":
            raise ModelError(f"line {block.line} of exercise {number}: code after the stub is `wrong` or `solution`")
        else:
            current.append(block.text)
    answers = tuple(WrongAnswer(code, symptom, " ".join(hint)) for code, symptom, hint in wrong)
    _check(number, hints, answers)
    return Section(
        number=number,
        heading=heading,
        task=tuple(rest[:stub_at]),
        stub=rest[stub_at],
        hints=tuple(hints),
        wrong=answers,
        solution=solution,
        remark=" ".join(remark),
        answer=defined_name(rest[stub_at].text),
    )


def _check(number: str, hints: Sequence[str], wrong: Iterable[WrongAnswer]) -> None:
    if not hints or not wrong or not all(each.hint for each in wrong):
        raise ModelError(f"exercise {number} needs hints after its stub, and wrong answers, each followed by its hint")
