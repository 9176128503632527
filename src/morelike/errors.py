"""The errors that morelike raises.

```
MorelikeError
├── ListError          a word list that cannot be read or is empty
├── VocabularyError    a character that the model does not know
├── SettingError       an unknown setting, or an invalid value
├── ModelError         a model folder that is missing, damaged or of an unknown format
├── RunError           a run folder that is missing, damaged, in use, or cannot be written
├── TrainingError      training cannot continue: the loss is not a number, say
│   └── LostError      another process of the same training run has ended
├── ExportError        a model that a format cannot hold, or a file of it that cannot be written
├── MissingPackageError  a package that this installation lacks
└── SamplingError      the model makes no more words under these constraints
```

Each message states the given value, the expected one, and a remedy. The command line prints it as one sentence.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from reprlib import Repr

__all__ = [
    "ExportError",
    "ListError",
    "LostError",
    "MissingPackageError",
    "ModelError",
    "MorelikeError",
    "RunError",
    "SamplingError",
    "SettingError",
    "TrainingError",
    "UnfinishedRunWarning",
    "VocabularyError",
    "did_you_mean",
    "excerpt",
]

MAX_EXCERPT = 40
"""Characters of a value that an error message shows."""


class MorelikeError(Exception):
    """The base class of all errors that morelike raises."""


class ListError(MorelikeError):
    """A word list that cannot be read or is empty."""


class VocabularyError(MorelikeError):
    """A character that the model does not know."""


class SettingError(MorelikeError):
    """An unknown setting, or an invalid value."""


class ModelError(MorelikeError):
    """A model folder that is missing, damaged or of an unknown format."""


class RunError(MorelikeError):
    """A run folder that is missing, damaged, in use, or cannot be written."""


class TrainingError(MorelikeError):
    """Training cannot continue."""


class LostError(TrainingError):
    """Another process of the same training run has ended, so that this one cannot go on."""


class ExportError(MorelikeError):
    """A model that a format cannot hold, or a file of it that cannot be written."""


class MissingPackageError(MorelikeError, ImportError):
    """A package that `pip install morelike` brings and this installation lacks, as `morelike-core` does."""

    def __init__(self, package: str) -> None:
        super().__init__(
            f"the package {package} is missing: install all that morelike uses with `pip install morelike`"
        )


class SamplingError(MorelikeError):
    """The model makes no more words under these constraints. `found` holds the words that it made."""

    def __init__(self, message: str, found: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.found = list(found)


class UnfinishedRunWarning(UserWarning):
    """The model is the best one so far of a run that has not finished."""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return `"; did you mean 'x'?"` with the known name nearest to `name`, or `""` if none is near.

    >>> did_you_mean("hiden", ["hidden", "layers"])
    "; did you mean 'hidden'?"
    >>> did_you_mean("zzz", ["hidden", "layers"])
    ''
    """
    from difflib import get_close_matches  # a slow import, needed for errors only

    nearest = get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f"; did you mean '{nearest[0]}'?" if nearest else ""


def excerpt(value: object) -> str:
    """Return the `repr` of a value on one line for an error message, at most `MAX_EXCERPT` characters of the value.

    >>> excerpt("emma"), excerpt(3.5)
    ("'emma'", '3.5')
    >>> excerpt("a" * 1000)
    "'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa…'"
    """
    if isinstance(value, str):
        return repr(value if len(value) <= MAX_EXCERPT else value[:MAX_EXCERPT] + "…")
    short = Repr()
    short.maxstring = short.maxother = short.maxlong = MAX_EXCERPT
    shown = " ".join(short.repr(value).split())  # the representation of an array has several lines
    return shown if len(shown) <= MAX_EXCERPT else shown[:MAX_EXCERPT] + "…"
