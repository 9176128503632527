"""One example of a word: the characters before a position, and the character there."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from pydantic import Field

from morelike.errors import SettingError
from morelike.evaluation.diagnostics import Examples
from morelike.language_model.forward import ForwardPass
from morelike.panels.look import Look
from morelike.panels.plain import require_words, shortened

Position = Annotated[int, Field(ge=0, description="the position of the character to predict, from 0 on")]


class Example(NamedTuple):
    """The symbols before a position and the symbol there ("" begins and ends a word), and the forward pass of the word.

    `examples` holds this example alone, for a model that reads contexts; None for a model that reads whole words.
    """

    word: str
    position: int
    context: list[str]
    target: str
    found: ForwardPass
    examples: Examples | None
    note: str | None


def example_of(look: Look, word: str, position: int) -> Example:
    """Return the example of a word at a position; the last position is the end of the word.

    Raises:
        VocabularyError: an unknown character.
        SettingError: a position behind the end of the word, or a model of running text.
    """
    require_words(look.model)
    shown, note = shortened(look.model, word)
    if position > len(shown):
        raise SettingError(f"position = {position}: this word has the positions 0 to {len(shown)}, the last is its end")
    found = look.model.forward([shown])
    symbols = ("", *look.model.vocabulary.characters)
    inputs, targets = found["inputs"], found["targets"]
    if inputs.ndim > targets.ndim:  # contexts: each position is an example
        read = inputs[position]
        examples = Examples(inputs[position : position + 1], targets[position : position + 1])
    else:
        read, examples = inputs[0, : position + 1], None
    context = [symbols[i] if 0 <= i < len(symbols) else "" for i in read.tolist()]  # a label is no character
    return Example(shown, position, context, [*shown, ""][position], found, examples, note)
