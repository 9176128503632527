"""Attention by head: which characters each head looks at, and what the loss is without one head."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any

from pydantic import Field

from morelike.errors import SettingError
from morelike.language_model.model import LanguageModel
from morelike.language_model.threads import one_thread
from morelike.panels.look import Look
from morelike.panels.plain import UnfitError, Word, require_words, rounded, shortened

HELD_OUT = 200
"""Words of dev on which the loss without a head is measured."""


def attention(
    look: Look,
    *,
    word: Word,
    layer: Annotated[int, Field(ge=0, description="the number of a block, from 0 on")] = 0,
    without_head: Annotated[
        int | None, Field(ge=0, description="the number of a head, from 0 on, that is switched off")
    ] = None,
) -> dict[str, Any]:
    """Return the attention of each head of a block over a word, and how much the loss rises without each head.

    Shapes: `weights` [heads, characters, characters]; each row sums to 1 and says how much its character (`symbols`,
    where "" is the beginning) takes from itself and each character before it. `loss` is that of the word (nats per
    character), and `changes` are the loss of the word without each head, minus `loss`. For the head `without_head` the
    same is measured on 200 words of dev.

    Raises:
        VocabularyError: an unknown character.
        SettingError: the model has no attention, no such block, or no such head.
    """
    model = look.model
    require_words(model)
    shown, note = shortened(model, word)
    found = model.forward([shown])
    blocks = [name for name in found if name.endswith(".attention.weights")]
    if not blocks:
        raise UnfitError(f"a model of kind {model.architecture.kind} has no attention: choose a transformer")
    if layer >= len(blocks):
        raise SettingError(f"layer = {layer}: the blocks have the numbers 0 to {len(blocks) - 1}")
    weights = found[blocks[layer]][0]
    heads = len(weights)
    if without_head is not None and without_head >= heads:
        raise SettingError(f"without_head = {without_head}: the heads have the numbers 0 to {heads - 1}")
    with one_thread():
        changes = [without(model, layer, head, heads).forward([shown]).loss - found.loss for head in range(heads)]
        off = None if without_head is None else _held_out(look, without(model, layer, without_head, heads))
    return {
        "word": shown,
        "symbols": ["", *shown],
        "layer": layer,
        "layers": len(blocks),
        "weights": rounded(weights),
        "loss": rounded(found.loss),
        "changes": rounded(changes),
        "without_head": None if off is None else {"head": without_head, **off},
        "note": note,
    }


def without(model: LanguageModel, layer: int, head: int, heads: int) -> LanguageModel:
    """Return a model one of whose heads adds nothing: its rows of the output matrix Wp are zero."""
    name = f"blocks.{layer}.Wp"
    matrix = model.weights[name].copy()
    width = len(matrix) // heads
    matrix[head * width : (head + 1) * width] = 0
    return replace(model, weights=model.weights | {name: matrix})


def _held_out(look: Look, switched_off: LanguageModel) -> dict[str, Any]:
    words: Sequence[str] = look.background.held_out()[0][:HELD_OUT]
    before, after = (_loss(model, words) for model in (look.model, switched_off))
    return {"words": len(words), "loss": rounded(after), "change": rounded(after - before)}


def _loss(model: LanguageModel, words: Sequence[str]) -> float:
    nats, characters = model.losses(words)
    return float(nats.sum() / characters.sum())
