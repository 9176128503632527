"""How many cores of this machine share each step of training."""

from __future__ import annotations

from morelike.language_model.threads import cores

__all__ = ["cores_for"]

WORTH_SHARING = 1e8
"""Operations of a step, forward and backward, from which on two cores share it: about 3 ms of one."""
CHARACTERS_OF_SHARE = 128
"""Characters in each core's share at least: what each does alone, the update of all weights, then counts little."""

SHARED_PARAMETERS = 2**18
"""Parameters up to which steps are shared: all cores read all of them, which must not be what a step waits for.

XLA itself splits the products of larger models, by their columns, so that each core reads a part.
"""


def cores_for(operations: float, characters: float, parameters: int) -> int:
    """Return how many cores are to share a step of so many operations on so many characters.

    >>> cores_for(1e6, 32.0, 10_000)
    1
    """
    if operations < WORTH_SHARING or parameters > SHARED_PARAMETERS:
        return 1
    return max(1, min(cores(), int(2 * operations / WORTH_SHARING), int(characters / CHARACTERS_OF_SHARE)))
