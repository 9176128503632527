"""One HTML page that makes words, scores a word and shows the next characters. It needs no network."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from morelike.errors import ExportError
from morelike.exports.format import Format
from morelike.language_model.model import LanguageModel
from morelike.sampling.settings import FrozenSettings
from morelike.storage.atomic_files import write_file
from morelike.text.splits import SPLIT_NAMES

if TYPE_CHECKING:  # the command imports every format for its help
    from morelike.exports.page.card import Changes
    from morelike.exports.page.precision import Precision

CLOSE = 0.001
"""The rise of the loss (nats per character) up to which fewer bits are taken."""
FEWEST_BITS: tuple[Precision, ...] = ("int6", "int7", "int8", "float16", "float32")
"""Precisions in the order in which they are tried; the codes of n-grams have at least 8 bits."""
KB = 1000


class PageSettings(FrozenSettings):
    """What a page holds."""

    weights: Literal["auto", "int6", "int7", "int8", "float16", "float32"] = Field(
        "auto",
        description="the precision of the weights; auto takes the fewest bits with which the loss rises by at most "
        f"{CLOSE} nats per character",
    )
    table_size: int = Field(
        500, ge=1, description="kB that tables of n-grams take in the page; n-grams that matter least are left out"
    )
    with_list: bool = Field(
        default=False,
        description="put a hash of each word of the list into the page, which then can make new words only; anyone "
        "with the page can test whether a word was in the list",
    )


class Html(Format):
    """A page of one model of words."""

    summary = "a page in one file, which makes and scores words without a network"
    path = "model.html"
    mark = b"<!doctype html"
    settings = PageSettings

    def write(self, model: LanguageModel, path: Path, settings: PageSettings) -> Sequence[str]:
        """Write the page; see `Format.write`."""
        from morelike.exports.page.card import card_of, title_of
        from morelike.exports.page.payload import pack_model
        from morelike.exports.page.rendering import render
        from morelike.exports.page.texts import texts

        _refuse_what_a_page_cannot_hold(model)
        known = _hashes(model) if settings.with_list else None
        changes = _changes(model, settings, 0 if known is None else len(known))
        packed = pack_model(
            changes.trace,
            model.vocabulary.characters,
            changes.precision,
            known,
            title=title_of(model),
            card=card_of(model, changes),
            texts=texts(),
        )
        page = render(title_of(model), packed).encode()
        write_file(path, page)
        return [*changes.sentences(), f"the page has {len(page) / KB:,.0f} kB"]


def _refuse_what_a_page_cannot_hold(model: LanguageModel) -> None:
    if model.form != "lines":
        raise ExportError("a page makes words, and this is a model of running text: train one on lines, without `--as`")
    if model.mixes_labels:
        raise ExportError(f"a page holds one label: choose one of {', '.join(model.labels)} with `--label`")


def _hashes(model: LanguageModel) -> NDArray[np.uint32]:
    """Return the first 32 bits of the hash of each word of the list, sorted."""
    found = np.concatenate([getattr(model.known, part) for part in SPLIT_NAMES])
    return np.unique(found.astype(np.uint32))


def _changes(model: LanguageModel, settings: PageSettings, known: int) -> Changes:
    """Return the trace that a page holds and its precision, with the losses before and after."""
    from morelike.exports.page.card import Changes
    from morelike.exports.page.measuring import yardstick
    from morelike.exports.page.ngram_tables import ngrams_in
    from morelike.exports.page.payload import with_pruned_tables
    from morelike.exports.page.precision import stored_as, trace_as_stored
    from morelike.exports.tracing import trace

    whole, measured = trace(*model.prepared), yardstick(model)
    loss = measured.loss(whole)

    def stored_in(precision: Precision) -> Changes:
        pruned = with_pruned_tables(whole, precision, settings.table_size * KB)
        after = loss if pruned is whole else measured.loss(pruned)
        rounded = measured.loss(trace_as_stored(pruned, precision))
        counts = ngrams_in(whole), ngrams_in(pruned)
        if not isfinite(rounded):
            raise ExportError(f"{precision} cannot hold the weights of this model: give `--weights float32`")
        return Changes(measured, pruned, precision, loss, after, rounded, *counts, known)

    if settings.weights != "auto":
        return stored_in(settings.weights)
    networks = any(stored_as(each.array, "int8") == "int8" for each in whole.constants.values())
    for precision in FEWEST_BITS if networks else FEWEST_BITS[2:]:
        with suppress(ExportError):
            found = stored_in(precision)
            if found.rounded - found.pruned <= CLOSE:
                return found
    return stored_in("float32")
