"""What a page holds of a model: its program, and its numbers as bytes."""

from __future__ import annotations

import json
import zlib
from base64 import b85encode
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from morelike.exports.page.ngram_tables import encode_table
from morelike.exports.page.precision import Precision, is_wide, pack, stored_as
from morelike.exports.page.pruning import prune_to
from morelike.exports.tracing import Table, Trace

SIGNIFICANT = 7
"""Digits of the numbers in a program: as many as a float32 has."""


def pack_model(
    trace: Trace,
    characters: tuple[str, ...],
    precision: Precision,
    known: NDArray[np.uint32] | None = None,
    **more: Any,
) -> str:
    """Return a model as `readModel` in `model.js` reads it: a description in JSON, then numbers; see `deflated`.

    `known` are the sorted hashes of the list's words; None leaves them out. `more` is added to the description.
    """
    tables = [encode_table(table, wide=is_wide(precision)) for table in trace.tables]
    kinds = {number: stored_as(each.array, precision) for number, each in trace.constants.items()}
    parts = [pack(each.array, kinds[number]) for number, each in trace.constants.items()]
    parts += [table.packed() for table in tables]
    parts += [] if known is None else [known.astype("<u4").tobytes()]
    description = {
        "characters": list(characters),
        "constants": list(kinds.items()),
        "tables": [table.described() for table in tables],
        "known": None if known is None else len(known),
        "program": program(trace),
        **more,
    }
    head = json.dumps(description, separators=(",", ":")).encode()
    return deflated(b"".join([len(head).to_bytes(4, "little"), head, *parts]))


def program(trace: Trace) -> dict[str, Any]:
    """Return a trace for one line as plain lists, for `compileProgram` in `interpreter.js`."""
    return {
        "shapes": [list(value.shape_for(1)) for value in trace.values],
        "kinds": {
            operation.outputs[0]: trace.values[operation.outputs[0]].kind
            for operation in trace.operations
            if operation.name == "cast"
        },
        "operations": [[each.name, each.inputs, each.outputs, each.attributes] for each in trace.operations],
        "token": trace.token,
        "state": trace.state,
        "next": trace.next_state,
        "logits": trace.logits,
        "start": [_rounded(each.ravel()) for each in trace.start],
    }


def with_pruned_tables(trace: Trace, precision: Precision, largest: int) -> Trace:
    """Return the trace with tables that take at most `largest` bytes of a page, all tables together."""
    wide = is_wide(precision)

    def size_of(table: Table) -> int:
        return len(deflated(encode_table(table, wide=wide).packed()))

    sizes = [size_of(table) for table in trace.tables]
    if sum(sizes) <= largest:
        return trace
    tables = [
        prune_to(table, size_of, largest * size // sum(sizes)) for table, size in zip(trace.tables, sizes, strict=True)
    ]
    return replace(trace, tables=tuple(tables))


def deflated(data: bytes) -> str:
    """Return bytes deflated (RFC 1951), as text of base 85, a twentieth shorter than base 64; no `<` is in it.

    >>> deflated(b"aaaa" * 100)
    'OH3REg9!it'
    """
    packer = zlib.compressobj(level=9, wbits=-15)
    return b85encode(packer.compress(data) + packer.flush()).decode().replace("<", ",")


def _rounded(array: NDArray[Any]) -> list[float]:
    return [float(f"{number:.{SIGNIFICANT + 2}g}") for number in array.tolist()]
