"""Every error that morelike raises on purpose, in one tree.

```
MorelikeError
├── ListError          a word list cannot be read, or holds nothing to learn from
├── VocabularyError    a character that the model does not know
├── SettingError       a setting that does not exist, or whose value makes no sense
├── ModelError         a model folder that is missing, damaged or of an unknown format
├── RunError           a run folder that is missing, damaged, in use, or cannot be written
├── TrainingError      training cannot go on (a loss that is no longer a number)
│   └── LostError      another process of the same training run has ended
└── SamplingError      no more words can be made under what was asked
```

Each message says what was given, what was expected, and the way out. The command line prints it as one sentence.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

__all__ = [
    "ListError",
    "LostError",
    "ModelError",
    "MorelikeError",
    "RunError",
    "SamplingError",
    "SettingError",
    "TrainingError",
    "VocabularyError",
    "did_you_mean",
]


class MorelikeError(Exception):
    """The root: everything that morelike raises on purpose."""


class ListError(MorelikeError):
    """A word list cannot be read, or holds nothing to learn from."""


class VocabularyError(MorelikeError):
    """A character that the model does not know."""


class SettingError(MorelikeError):
    """A setting that does not exist, or whose value makes no sense."""


class ModelError(MorelikeError):
    """A model folder that is missing, damaged or of an unknown format."""


class RunError(MorelikeError):
    """A run folder that is missing, damaged, in use, or cannot be written."""


class TrainingError(MorelikeError):
    """Training cannot go on."""


class LostError(TrainingError):
    """Another process of the same training run has ended, so that this one cannot go on."""


class SamplingError(MorelikeError):
    """No more words can be made under what was asked; `found` holds those that were."""

    def __init__(self, message: str, found: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.found = list(found)


def did_you_mean(given: str, known: Iterable[str]) -> str:
    """Return `"; did you mean 'x'?"` for the known name nearest to the given one, or `""` if none is near.

    >>> did_you_mean("hiden", ["hidden", "layers"])
    "; did you mean 'hidden'?"
    >>> did_you_mean("zzz", ["hidden", "layers"])
    ''
    """
    from difflib import get_close_matches  # for what has gone wrong already

    nearest = get_close_matches(given, list(known), n=1, cutoff=0.6)
    return f"; did you mean '{nearest[0]}'?" if nearest else ""
