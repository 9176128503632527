"""Lessons: Markdown files with a head in TOML, executed code, and exercises at the end.

The reader sees code after "```python", and the tests execute it in its order. A word after `python` changes this: only
the tests see `test`, and `published`, which needs the lists of the published figures; only the long tests execute
`slow`. `stub`, `wrong` and `solution` are the code of an exercise.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

from morelike.errors import ModelError, SettingError, excerpt
from morelike.glossary import entries
from morelike.lessons.blocks import Block, parse_blocks, to_markdown
from morelike.lessons.languages import LANGUAGES, SOURCE, check_language
from morelike.lessons.messages import HOW_TO_CHECK, LIST_NOTE, WORDS
from morelike.lessons.sections import Section, split_sections
from morelike.lessons.translations import read_translation

HEAD = re.compile(r"\+\+\+\n(.*?\n)\+\+\+\n", re.DOTALL)
LINK = re.compile(r"\[([^\]]+)\]\(glossary\.md#([^)]+)\)")
"""A link to an entry of the glossary. Neither a terminal nor a notebook can follow it, so a lesson shows it."""
HIDDEN = {"test", "published"}


@dataclass(frozen=True)
class Lesson:
    """A lesson in one language. `figures` are what it reproduces, and `seconds` is the time that its code takes."""

    number: int
    name: str
    language: str
    title: str
    figures: tuple[str, ...]
    seconds: float
    blocks: tuple[Block, ...] = field(repr=False)
    sections: tuple[Section, ...] = field(repr=False)

    def shown(self) -> list[Block]:
        """Return the blocks that a reader sees, in order: the setup, the text and its code, the exercises' tasks."""
        translate = read_translation(self.language).get
        title = Block("heading", f"{self.number}. {self.title}", "# ")
        shown = [title, Block("code", setup_code(self.language), words=("python",))]
        shown += [block for block in self.blocks if not HIDDEN & {*block.words}]
        if anchors := self.anchors():
            shown.append(Block("heading", translate(WORDS), "## "))
            known = [entries(self.language)[anchor] for anchor in anchors]
            shown += [Block("item", f"**{each.term}**{each.colon}{each.text}", "- ") for each in known]
        for i, section in enumerate(self.sections):
            shown += [section.heading, *section.task, section.stub]
            if i == 0:
                shown.append(Block("paragraph", translate(HOW_TO_CHECK).format(number=section.number)))
            check = f'exercise("{section.number}").check({section.answer})'
            shown.append(Block("code", check, words=("python",)))
        return [_without_links(block) for block in shown]

    def anchors(self) -> list[str]:
        """Return the entries of the glossary that the lesson links to, in order."""
        return list(dict.fromkeys(anchor for block in self.blocks for _, anchor in LINK.findall(block.text)))

    def markdown(self) -> str:
        """Return the lesson as Markdown, as a reader sees it."""
        return to_markdown(self.shown())

    def code(self) -> list[Block]:
        """Return the code that the tests execute, in order, the setup first."""
        setup = Block("code", setup_code(self.language), words=("python",))
        return [setup, *(block for block in self.blocks if block.words[:1] == ("python",))]


def lessons(language: str | None = None) -> tuple[Lesson, ...]:
    """Return all lessons, in order.

    Raises:
        SettingError: the lessons do not exist in this language.

    >>> lessons("en")[0].title
    'Contexts: from words to examples'
    """
    return _lessons(check_language(language))


def find_lesson(number: int, language: str | None = None) -> Lesson:
    """Return the lesson of this number.

    Raises:
        SettingError: there is none, or not in this language.
    """
    found = {lesson.number: lesson for lesson in lessons(language)}
    if number not in found:
        raise SettingError(f"there is no lesson {excerpt(number)}; there are {', '.join(map(str, found))}")
    return found[number]


def lesson_files() -> list[Traversable]:
    """Return the English files of the lessons, in order."""
    folder = resources.files("morelike.lessons") / SOURCE
    return sorted((file for file in folder.iterdir() if file.name.endswith(".md")), key=lambda file: file.name)


def setup_code(language: str) -> str:
    """Return the first code of every lesson, which names the language and its list of words."""
    return (
        "import numpy as np\n\nimport morelike\nfrom morelike.lessons import exercise, set_language\n\n"
        f'set_language("{language}")\nLIST = "{LANGUAGES.get(language, LANGUAGES[SOURCE])}"'
        f"  # {read_translation(language).get(LIST_NOTE)}"
    )


def source_texts(file: Traversable) -> Iterator[tuple[str, int]]:
    """Yield the texts of a lesson that are translated, each with its line: the title, the figures and the blocks."""
    head, blocks = _parse(file)
    yield from ((text, 1) for text in (head["title"], *head["figures"]))
    yield from ((block.text, block.line) for block in blocks if block.is_translated)


@cache
def _lessons(language: str) -> tuple[Lesson, ...]:
    return tuple(_read(file, language) for file in lesson_files())


def _parse(file: Traversable) -> tuple[dict[str, Any], list[Block]]:
    text = file.read_text("utf-8")
    found = HEAD.match(text)
    if not found:
        raise ModelError(f"the lesson {file.name} has no head: begin it with title and figures between two lines +++")
    return tomllib.loads(found[1]), parse_blocks(text[found.end() :], text[: found.end()].count("\n") + 1)


def _read(file: Traversable, language: str) -> Lesson:
    name = file.name.removesuffix(".md")
    head, blocks = _parse(file)
    translate = read_translation(language, name).get
    body, sections = split_sections([each.in_words(translate(each.text)) for each in blocks])
    return Lesson(
        number=int(name.partition("-")[0]),
        name=name,
        language=language,
        title=translate(head["title"]),
        figures=tuple(map(translate, head["figures"])),
        seconds=float(head["seconds"]),
        blocks=tuple(body),
        sections=tuple(sections),
    )


def _without_links(block: Block) -> Block:
    return block if block.kind == "code" else replace(block, text=LINK.sub(r"\1", block.text))
