"""What an exercise says about an answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Status: TypeAlias = Literal["not tried", "wrong", "right"]


@dataclass(frozen=True, repr=False)
class Verdict:
    """The verdict on an answer: its status, and a sentence for the learner. It is true if the answer is right.

    `seed` repeats the random inputs of a wrong answer.

    >>> Verdict("right", "Right.")
    Right.
    >>> bool(Verdict("wrong", "Not right yet."))
    False
    """

    status: Status
    message: str
    seed: int | None = None

    def __bool__(self) -> bool:
        return self.status == "right"

    def __repr__(self) -> str:
        return self.message


class Text(str):
    """A text that a prompt and a notebook show as it is, without quotes.

    >>> Text("one\\ntwo")
    one
    two
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)

    def _repr_markdown_(self) -> str:
        return str(self)
