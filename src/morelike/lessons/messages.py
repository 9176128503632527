"""The sentences of the machinery that a learner reads. Each is translated in the PO file of its language."""

from __future__ import annotations

LIST_NOTE = "the list of this language"
HOW_TO_CHECK = (
    'Write your code in place of the dots, then run the line below it. `exercise("{number}").hint()` gives a hint, and '
    'the next one when you call it again. `exercise("{number}").solution()` shows a solution.'
)
WORDS = "Words of this lesson"
NOT_TRIED = "Not tried yet: {name} returns nothing so far."
RIGHT = "Right."
WRONG = "Not right yet. {hint}"
OTHER_RESULT = "For {call} the result is {got}, but {expected} was expected."
OTHER_VALUE = "{got} is not the answer."
NOT_ACCEPTED = "For {call} the result {got} is not right."
RAISED = "For {call} the code raises {error}."
TOO_SLOW = "For {call} the code did not end within {seconds:g} seconds. Look for a loop that never ends."
NO_FUNCTION = "The answer is {got}, but a function was expected: give {name} itself, without brackets after it."
SAME_INPUTS = "To try the same inputs again: .check({name}, seed={seed})"
NO_MORE_HINTS = "There are no more hints. .solution() shows a solution."
HINT_OF = "Hint {number} of {count}: {hint}"

MESSAGES = (
    LIST_NOTE,
    HOW_TO_CHECK,
    WORDS,
    NOT_TRIED,
    RIGHT,
    WRONG,
    OTHER_RESULT,
    OTHER_VALUE,
    NOT_ACCEPTED,
    RAISED,
    TOO_SLOW,
    NO_FUNCTION,
    SAME_INPUTS,
    NO_MORE_HINTS,
    HINT_OF,
)
