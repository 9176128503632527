"""The automaton of the words whose characters have a script in common."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from morelike.sampling.constraints.automaton import DEAD, Automaton
from morelike.text.scripts import scripts_of


def one_script(ids: Mapping[str, int], symbols: int) -> Automaton:
    """Return the automaton of the words of one script, over characters with these ids.

    A state is the set of scripts that all characters so far have in common; None before the first that has a script.

    >>> ids = {"a": 1, "-": 2, "α": 3}
    >>> automaton = one_script(ids, 4)
    >>> automaton.allows([1, 2, 1]), automaton.allows([2, 3]), automaton.allows([1, 2, 3])
    (True, True, False)
    """
    order: list[frozenset[str] | None] = [None]
    numbers: dict[frozenset[str] | None, int] = {None: 0}
    rows = []
    for common in order:
        row = np.full(symbols, DEAD)
        for character, i in ids.items():
            scripts = scripts_of(character)
            both = common if scripts is None else scripts if common is None else common & scripts
            if both is None or both:
                if both not in numbers:
                    numbers[both] = len(order)
                    order.append(both)
                row[i] = numbers[both]
        rows.append(row)
    return Automaton(np.array(rows), np.ones(len(order), dtype=bool))
