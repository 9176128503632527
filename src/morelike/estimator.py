"""A language model in the shape of a scikit-learn estimator: pipelines, grid searches and `clone` take it as it is.

scikit-learn is not needed: its estimators are known by their methods, not by a base class.
"""

from __future__ import annotations

import inspect
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from morelike import api
from morelike.architecture import find, kinds
from morelike.arrays import Float
from morelike.errors import ListError, SettingError, did_you_mean
from morelike.language_model.model import LanguageModel, UnknownPolicy
from morelike.runs.config import TrainingConfig

__all__ = ["Estimator"]

Words: TypeAlias = Any
"""Words as a list, a one-dimensional array or a table of one column, as scikit-learn's tools pass them on."""


class Estimator:
    """A density over words: `fit` learns it, `score` and `score_samples` measure it, `sample` draws from it.

    Hyper-parameters are the kind of model and whatever that kind and its training can be set to; None leaves a setting
    as it is by default, so that one grid may try several kinds. Values are checked by `fit`, names at once.

    Args:
        kind: the architecture, as in `morelike.train`.
        unknown: what `score` makes of characters that the words of `fit` did not have. By default each gets a small
            share that is reserved for it, since a fold of a cross-validation may hold some.
        split: the named rule by which a dev part is set aside of the words of `fit`: n-grams weigh their orders by it,
            networks choose their step.
        quick: the settings of a quick run.
        settings: of the architecture (`order=4`, `hidden=128`) and of training (`steps=3000`, `seed=0`).

    Raises:
        SettingError: a setting that no kind has.

    >>> estimator = Estimator("ngram", order=3).fit(["anna", "hanna", "anne", "hannah"])
    >>> bool(estimator.score(["hanne"]) > estimator.score(["nnnae"]))
    True
    >>> estimator
    Estimator(kind='ngram', order=3)
    """

    model_: LanguageModel
    """What `fit` learned."""

    def __init__(
        self,
        kind: str = "ngram",
        *,
        unknown: UnknownPolicy = "reserve",
        split: str | None = None,
        quick: bool = False,
        **settings: Any,
    ) -> None:
        self.kind = kind
        self.unknown = unknown
        self.split = split
        self.quick = quick
        for name, value in settings.items():
            setattr(self, _known(name), value)

    def fit(self, words: Words, y: object = None, counts: Sequence[int] | NDArray[Any] | None = None) -> Estimator:
        """Learn from words and return the estimator; `y` is ignored.

        `counts` says how often each word was seen, as in `morelike.train`; the setting `weights` how they weigh.

        Raises:
            ListError: no words, something that is no word, or counts that do not fit them.
            SettingError: a setting that the kind does not have, or a value that makes no sense.
        """
        own = inspect.signature(Estimator).parameters
        settings = {name: value for name, value in self.get_params().items() if name not in own and value is not None}
        seen = None if counts is None else np.asarray(counts).tolist()
        self.model_ = api.train(_as_list(words), self.kind, counts=seen, split=self.split, quick=self.quick, **settings)
        return self

    def score_samples(self, words: Words) -> Float[NDArray[np.float64], " words"]:
        """Return ln p of each word (nats, its end included).

        >>> Estimator().fit(["anna", "hanna", "anne", "hannah"]).score_samples(["anna", "hen"]).shape
        (2,)
        """
        return self._fitted.log_probability(_as_list(words), unknown=self.unknown)

    def score(self, words: Words, y: object = None) -> float:
        """Return the mean ln p of a character (nats, the words' ends included): the higher the better; `y` is ignored.

        It is minus the loss that `LanguageModel.evaluate` finds.

        Raises:
            ListError: no words, or something that is no word.
            VocabularyError: an unknown character, under `unknown="error"`.
        """
        listed = _as_list(words)
        if not listed:
            raise ListError("no words to score: give at least one")
        nats, characters = self._fitted.losses(listed, unknown=self.unknown)
        return float(-nats.sum() / characters.sum())

    def sample(self, n_samples: int = 1, random_state: Any = None, **choices: Any) -> list[str]:
        """Return words drawn from the model: listed ones and repeated ones too, unless `choices` say otherwise.

        Args:
            n_samples: how many.
            random_state: a seed, a NumPy generator (of the old kind or the new), or None for a fresh draw.
            choices: those of `LanguageModel.sample` (`temperature`, `prefix`, `novel`, ...).

        >>> estimator = Estimator().fit(["anna", "hanna", "anne", "hannah"])
        >>> estimator.sample(3, random_state=1) == estimator.sample(3, random_state=1)
        True
        """
        plain = {"novel": False, "unique": False}
        return self._fitted.sample(n_samples, **{**plain, **choices, "seed": _seed(random_state)})

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the hyper-parameters: the named ones, and the settings that were given."""
        return {name: value for name, value in vars(self).items() if name in _names()}  # others hang things on it too

    def set_params(self, **parameters: Any) -> Estimator:
        """Set hyper-parameters, also such as were not given before, and return the estimator.

        Raises:
            SettingError: a setting that no kind has.
        """
        for name, value in parameters.items():
            setattr(self, _known(name), value)
        return self

    def __repr__(self) -> str:
        usual = {name: each.default for name, each in inspect.signature(Estimator).parameters.items()}
        given = {"kind": self.kind, **{n: v for n, v in self.get_params().items() if n not in usual or v != usual[n]}}
        return f"Estimator({', '.join(f'{name}={value!r}' for name, value in given.items())})"

    def __getstate__(self) -> dict[str, Any]:
        return {"parameters": self.get_params(), "model": _to_bytes(self.model_) if hasattr(self, "model_") else None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        for name, value in state["parameters"].items():
            setattr(self, name, value)
        if state["model"] is not None:
            self.model_ = _of_bytes(state["model"])

    def __sklearn_tags__(self) -> Any:
        """Return what scikit-learn, which alone asks, wants to know: text in, no target, a density."""
        from sklearn.utils import InputTags, Tags, TargetTags

        takes = InputTags(one_d_array=True, two_d_array=True, string=True)
        return Tags(estimator_type="density_estimator", target_tags=TargetTags(required=False), input_tags=takes)

    @property
    def _fitted(self) -> LanguageModel:
        if not hasattr(self, "model_"):
            raise SettingError("this estimator has learned nothing yet: call fit(words) first")
        return self.model_


@cache
def _names() -> frozenset[str]:
    own = {name for name, each in inspect.signature(Estimator).parameters.items() if each.kind != each.VAR_KEYWORD}
    return frozenset(own.union(TrainingConfig.model_fields, *(find(kind).model_fields for kind in kinds())))


def _known(name: str) -> str:
    """Return a setting's name if there is one of this name.

    Raises:
        SettingError: there is none.
    """
    if name not in _names():
        hint = did_you_mean(name, sorted(_names())) or f": there are {', '.join(sorted(_names()))}"
        raise SettingError(f"no kind of model has a setting '{name}'{hint}")
    return name


def _as_list(words: Words) -> list[str]:
    """Return words as a list.

    Raises:
        ListError: one string, a table of several columns, or something that is no word.
    """
    if isinstance(words, str):
        raise ListError("the words came as one string: give a list of words")
    try:
        array = np.asarray(words if hasattr(words, "__array__") else list(words), dtype=object)
    except (TypeError, ValueError):
        raise ListError("the words are no list: give a list, an array or a table of one column") from None
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim != 1:
        raise ListError(f"the words have the shape {array.shape}: give a list, an array or a table of one column")
    listed: list[str] = array.tolist()
    if (wrong := next((i for i, word in enumerate(listed) if not isinstance(word, str)), None)) is not None:
        raise ListError(f"word {wrong + 1} is {listed[wrong]!r}: expected text")
    return [str(word) for word in listed]


def _seed(random_state: Any) -> int | None:
    """Return a seed, drawn from `random_state` where that is a generator."""
    if isinstance(random_state, np.random.RandomState):
        return int(random_state.randint(2**31))
    if isinstance(random_state, np.random.Generator):
        return int(random_state.integers(2**31))
    if random_state is None or (isinstance(random_state, int | np.integer) and random_state >= 0):
        return random_state if random_state is None else int(random_state)
    raise SettingError(f"random_state = {random_state!r}: give a whole number from 0, a NumPy generator or None")


def _to_bytes(model: LanguageModel) -> dict[str, bytes]:
    """Return the files of a model."""
    with tempfile.TemporaryDirectory() as folder:
        return {path.name: path.read_bytes() for path in model.save(Path(folder) / "model").iterdir()}


def _of_bytes(files: dict[str, bytes]) -> LanguageModel:
    """Return the model in these files, checked as any model folder is."""
    with tempfile.TemporaryDirectory() as folder:
        for name, data in files.items():
            (Path(folder) / Path(name).name).write_bytes(data)
        return LanguageModel.load(folder)
