"""What the contract is tested on: every architecture found on disk, in its default form and in each small variant."""

from dataclasses import dataclass
from typing import Literal, get_args, get_origin

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from morelike.architecture import (
    CountedArchitecture,
    Mode,
    RecurrentArchitecture,
    TrainedArchitecture,
    build,
    find,
    gate_products,
    kinds,
)
from morelike.arrays import softmax, standardize
from morelike.text.vocabulary import END, Vocabulary

LETTERS = "abcdef"
VOCABULARY = Vocabulary(tuple(LETTERS))
WORDS = ["fade", "bead", "cab", "a", "decaf", "faced", "abed", "deaf", "cafe", "bad"]
SMALL = {"context": 4, "embedding": 6, "hidden": 6, "order": 3, "heads": 2}


@dataclass(frozen=True)
class Subject:
    """An architecture with these settings; `weights` stands on its own as if some training had gone by."""

    kind: str
    settings: dict

    def __str__(self):
        return "-".join([self.kind, *(f"{name}={value}" for name, value in self.settings.items())])

    @property
    def architecture(self):
        return build(self.kind, self.settings)

    def fresh(self, seed=0, vocabulary=VOCABULARY):
        if issubclass(find(self.kind), CountedArchitecture):
            lines = vocabulary.encode_lines([vocabulary.drop_unknown(word) for word in WORDS])
            return self.architecture.fit(lines, lines.take(np.arange(0, len(lines), 3)), vocabulary.size)
        return self.architecture.init(np.random.default_rng(seed), vocabulary.size)

    def weights(self, vocabulary=VOCABULARY):
        """Return weights of which none is zero or small, so that one left out of the maths is missed."""
        weights = self.fresh(vocabulary=vocabulary)
        if self not in TRAINED:
            return weights
        rng = np.random.default_rng(1)
        # Wide matrices get less, so that a deep model does not blow up the difference of two roundings.
        noise = {name: np.float32(0.2 * min(1, (8 / w[..., 0].size) ** 0.5)) for name, w in weights.items()}
        return {name: w + noise[name] * rng.standard_normal(w.shape, dtype=np.float32) for name, w in weights.items()}


class Plain(Mode):
    """A model inside a compiled JAX program, as its definition says, with the gradients that JAX itself finds."""

    def drop(self, name, x, rate):
        return x

    def drop_weights(self, name, matrix, rate):
        return matrix

    def record(self, name, x, *, bounded=False, diagnosed=True):
        return x

    def look_up(self, table, index):
        return table[index]

    def product(self, x, matrix):
        return x @ matrix

    def softmax(self, x):
        return softmax(x)

    def standardize(self, x):
        return standardize(x)

    def moments(self, name, x, mean, variance):
        return mean, variance

    def scan_cell(self, name, cell, layer, start, begins, x):
        def advance(state, now):
            begins, x = now
            state = jnp.where(begins[:, None], start, state)
            state = cell.cell(layer, state, gate_products(layer["Wh"], state), x)
            return state, state[:, : len(layer["Wh"])]

        first = jnp.broadcast_to(start, (begins.shape[1], len(start)))
        return jax.lax.scan(advance, first, (begins, x))[1]


def choices(kind):
    """Return the settings that choose one of some names, each with each of its names."""
    named = {name: field.annotation for name, field in find(kind).model_fields.items()}
    return [{name: value} for name, kept in named.items() if get_origin(kept) is Literal for value in get_args(kept)]


def variants(kind):
    small = {name: value for name, value in SMALL.items() if name in find(kind).model_fields}
    recurrent = [{"layers": 2}, {"one_hot": True}, {"tied": True, "layers": 2}]
    more = recurrent if issubclass(find(kind), RecurrentArchitecture) else []
    return [Subject(kind, settings) for settings in [{}, small, *(small | each for each in [*choices(kind), *more])]]


SUBJECTS = [subject for kind in kinds() for subject in variants(kind)]
TRAINED = [subject for subject in SUBJECTS if issubclass(find(subject.kind), TrainedArchitecture)]
DEFAULTS = [subject for subject in TRAINED if not subject.settings]
SMALL_TRAINED = [subject for subject in TRAINED if subject.settings]
STACKED = [Subject(kind, {"layers": 2}) for kind in kinds() if issubclass(find(kind), RecurrentArchitecture)]


def quick_first(subjects):
    """Return subjects as parameters of tests that compile for seconds: the first of each kind.

    The rest are marked slow: `make test-all` runs them.
    """
    first = {subject.kind: subject for subject in reversed(subjects)}
    return [
        pytest.param(each, id=str(each), marks=() if each == first[each.kind] else pytest.mark.slow)
        for each in subjects
    ]


CLASSES = [find(kind) for kind in kinds()]


def rows(seed=0, batch=3, length=24):
    """Return rows of random characters in which lines end and begin, and the end symbol stands twice in a row too."""
    tokens = np.random.default_rng(seed).integers(0, VOCABULARY.size, (batch, length)).astype(np.int32)
    tokens[:, 0] = END
    tokens[0, 9:11] = END
    return tokens


def compiled(function):
    """Return a compiled function, quickly: its mathematics is compared, not what the compiler makes of it."""
    return jax.jit(function, compiler_options={"xla_backend_optimization_level": 0})


def arrays(state):
    """Return the arrays of a state."""
    return [array for each in state for array in arrays(each)] if isinstance(state, tuple) else [np.asarray(state)]


def along(architecture, weights, tokens):
    """Return the logits of `step`, position by position, as `logits` gives them."""
    state = architecture.start(weights, len(tokens))
    result = []
    for t in range(tokens.shape[1]):
        state, logits = architecture.step(weights, state, tokens[:, t])
        result.append(logits)
    return np.stack(result, axis=1)
