"""A language model as a scikit-learn estimator, for pipelines, grid searches and `clone`.

It does not need scikit-learn, which knows estimators by their methods, not by a base class.
"""

from __future__ import annotations

import inspect
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from morelike import api
from morelike.architecture import find, kinds
from morelike.arrays import Float
from morelike.errors import ListError, SettingError, did_you_mean, excerpt
from morelike.language_model.encoding import UnknownPolicy
from morelike.language_model.model import LanguageModel
from morelike.renamed_settings import accept_old_names, with_new_names
from morelike.runs.settings import TrainingConfig
from morelike.text.words import WordCounts, Words, check_words


class Estimator:
    """A density over words: `fit` learns it, `score` and `score_samples` measure it, `sample` draws from it.

    Hyper-parameters are the kind of model and the settings of that kind and its training. None means the default, so
    that one grid may try several kinds. Names are checked at once, values by `fit`.

    Args:
        kind: the architecture, or "auto", as in `morelike.train`.
        unknown: how `score` treats characters that the words of `fit` do not have. By default each gets a small
            reserved probability, since a fold of a cross-validation may hold some.
        split: the name of the rule that holds out a dev part of the words of `fit`: n-grams fit the weights of their
            orders on it, networks select their step.
        quick: whether to use the settings of a quick run.
        refit: whether the final model learns from the held-out part too, as in `morelike.train`.
        settings: settings of the architecture (`order=4`, `hidden=128`) and of training (`steps=3000`, `seed=0`).

    Raises:
        SettingError: a setting that no kind has.

    >>> estimator = Estimator("ngram", order=3).fit(["anna", "hanna", "anne", "hannah"])
    >>> bool(estimator.score(["hanne"]) > estimator.score(["nnnae"]))
    True
    >>> estimator
    Estimator(kind='ngram', order=3)
    """

    model_: LanguageModel
    """The model that `fit` trained."""

    @accept_old_names
    def __init__(
        self,
        kind: str = "auto",
        *,
        unknown: UnknownPolicy = "reserve",
        split: str | None = None,
        quick: bool = False,
        refit: bool | None = None,
        **settings: Any,
    ) -> None:
        self.kind = kind
        self.unknown = unknown
        self.split = split
        self.quick = quick
        self.refit = refit
        for name, value in settings.items():
            setattr(self, _checked_name(name), value)

    def fit(self, words: Words, y: object = None, counts: WordCounts | None = None) -> Estimator:
        """Learn from words and return the estimator; `y` is ignored.

        `counts` holds how often each word was seen, as in `morelike.train`; the setting `count_weighting` weighs them.

        Raises:
            ListError: no words, a value that is no word, or counts that do not fit the words.
            SettingError: a setting that the kind does not have, or a value that makes no sense.
        """
        named = inspect.signature(Estimator).parameters
        settings = {name: value for name, value in self.get_params().items() if name not in named and value is not None}
        self.model_ = api.train(
            words, self.kind, counts=counts, split=self.split, quick=self.quick, refit=self.refit, **settings
        )
        return self

    def score_samples(self, words: Words) -> Float[NDArray[np.float64], " words"]:
        """Return ln p of each word (nats, its end included).

        >>> Estimator().fit(["anna", "hanna", "anne", "hannah"]).score_samples(["anna", "hen"]).shape
        (2,)
        """
        return self._fitted.log_probability(words, unknown=self.unknown)

    def score(self, words: Words, y: object = None) -> float:
        """Return the mean ln p of a character (nats, ends included): higher is better; `y` is ignored.

        It is the negative of the loss that `LanguageModel.evaluate` returns.

        Raises:
            ListError: no words, or a value that is no word.
            VocabularyError: an unknown character, under `unknown="error"`.
        """
        listed = check_words(words)
        if not listed:
            raise ListError("no words to score: give at least one")
        nats, characters = self._fitted.losses(listed, unknown=self.unknown)
        return float(-nats.sum() / characters.sum())

    def sample(self, n_samples: int = 1, random_state: Any = None, **choices: Any) -> list[str]:
        """Return words sampled from the model, listed and repeated words included unless `choices` exclude them.

        Args:
            n_samples: the number of words.
            random_state: a seed, a NumPy `Generator` or `RandomState`, or None for a fresh seed.
            choices: the arguments of `LanguageModel.sample` (`temperature`, `prefix`, `novel`, ...).

        >>> estimator = Estimator().fit(["anna", "hanna", "anne", "hannah"])
        >>> estimator.sample(3, random_state=1) == estimator.sample(3, random_state=1)
        True
        """
        defaults = {"novel": False, "unique": False}
        return self._fitted.sample(n_samples, **{**defaults, **choices, "seed": _seed(random_state)})

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the hyper-parameters: the named ones, and the settings that were given."""
        return {name: value for name, value in vars(self).items() if name in _names()}  # tools set other attributes too

    @accept_old_names
    def set_params(self, **parameters: Any) -> Estimator:
        """Set hyper-parameters and return the estimator.

        Raises:
            SettingError: a setting that no kind has.
        """
        for name, value in parameters.items():
            setattr(self, _checked_name(name), value)
        return self

    def __repr__(self) -> str:
        defaults = {name: each.default for name, each in inspect.signature(Estimator).parameters.items()}
        changed = {n: v for n, v in self.get_params().items() if n not in defaults or v != defaults[n]}
        given = {"kind": self.kind, **changed}
        return f"Estimator({', '.join(f'{name}={value!r}' for name, value in given.items())})"

    def __getstate__(self) -> dict[str, Any]:
        return {"parameters": self.get_params(), "model": _to_bytes(self.model_) if hasattr(self, "model_") else None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.refit = None  # estimators of older versions have none
        for name, value in with_new_names(state["parameters"]).items():
            setattr(self, name, value)
        if state["model"] is not None:
            self.model_ = _from_bytes(state["model"])

    def __sklearn_tags__(self) -> Any:
        """Return the tags that scikit-learn asks for: text as input, no target, a density estimator."""
        from sklearn.utils import InputTags, Tags, TargetTags

        inputs = InputTags(one_d_array=True, two_d_array=True, string=True)
        return Tags(estimator_type="density_estimator", target_tags=TargetTags(required=False), input_tags=inputs)

    @property
    def _fitted(self) -> LanguageModel:
        if not hasattr(self, "model_"):
            raise SettingError("this estimator has learned nothing yet: call fit(words) first")
        return self.model_


@cache
def _names() -> frozenset[str]:
    named = {name for name, each in inspect.signature(Estimator).parameters.items() if each.kind != each.VAR_KEYWORD}
    return frozenset(named.union(TrainingConfig.model_fields, *(find(kind).model_fields for kind in kinds())))


def _checked_name(name: str) -> str:
    """Return the name of a setting that exists.

    Raises:
        SettingError: there is no such setting.
    """
    if name not in _names():
        hint = did_you_mean(name, sorted(_names())) or f": there are {', '.join(sorted(_names()))}"
        raise SettingError(f"no kind of model has a setting {excerpt(name)}{hint}")
    return name


def _seed(random_state: Any) -> int | None:
    """Return a seed; if `random_state` is a generator, the seed is drawn from it."""
    if isinstance(random_state, np.random.RandomState):
        return int(random_state.randint(2**31))
    if isinstance(random_state, np.random.Generator):
        return int(random_state.integers(2**31))
    if random_state is None or (isinstance(random_state, int | np.integer) and random_state >= 0):
        return random_state if random_state is None else int(random_state)
    raise SettingError(f"random_state = {excerpt(random_state)}: give a whole number from 0, a NumPy generator or None")


def _to_bytes(model: LanguageModel) -> dict[str, bytes]:
    """Return the files of a model."""
    with tempfile.TemporaryDirectory() as folder:
        return {path.name: path.read_bytes() for path in model.save(Path(folder) / "model").iterdir()}


def _from_bytes(files: dict[str, bytes]) -> LanguageModel:
    """Return the model in these files, checked like any model folder."""
    with tempfile.TemporaryDirectory() as folder:
        for name, data in files.items():
            (Path(folder) / Path(name).name).write_bytes(data)
        return LanguageModel.load(folder)
