"""The abstract kinds of architecture: the methods that a new kind must write, and the methods that follow from them.

Read `Architecture` first, then the kind that suits yours. `arrays` explains the axis names B, T, K, V, E, H, N.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Annotated, Any, ClassVar, Literal, NamedTuple, TypeAlias, final

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from morelike.architecture.label_table import LABELS
from morelike.architecture.mode import USE, Mode
from morelike.architecture.prefixes import log_probabilities_by_steps
from morelike.architecture.search_range import sizes
from morelike.arrays import (
    Array,
    Float,
    Int,
    State,
    Weights,
    join_rows,
    log_softmax,
    namespace,
)
from morelike.errors import SettingError
from morelike.text.examples.packed_rows import IGNORED
from morelike.text.vocabulary import END, TokenLines

LARGEST_WEIGHT = 1e18
"""The largest absolute value of a weight in a file: the product of two is still a float32."""

LearnedBy: TypeAlias = Literal["counting", "gradients", "mixing"]
"""How the weights of a kind are found: by counting, by gradient descent, or by mixing trained models."""


class Architecture(BaseModel, ABC):
    """Hyper-parameters, and the mathematics of a model as methods.

    The fields are the hyper-parameters; each has a default, bounds and a description, and becomes a flag of the command
    line. `search_range` says which values `morelike tune` tries. An architecture holds no weights. Methods that need
    them take one flat dict of arrays by name.

    The class variables and the methods with a body describe the kind to the rest of the package. A kind overrides
    the defaults that do not suit it.
    """

    learned_by: ClassVar[LearnedBy]

    takes_labels: ClassVar[bool] = False
    """Whether the label of a line may condition the model (see `label_table`)."""

    training: ClassVar[Mapping[str, Any]] = {}
    """Training settings that suit the kind, where they differ from the defaults of `TrainingConfig`."""

    quick: ClassVar[Mapping[str, Any]] = {}
    """Settings of a quick run: hyper-parameters of the kind and training settings. Any quick run without a given length
    has at least 500 and at most 1,500 steps, unless the kind says otherwise here."""

    lines_at_once: ClassVar[int] = 512
    """Lines that are scored as one batch. With 512 lines the intermediate results of a network fit a core's caches;
    4,096 lines took three times as long."""

    # A kind builds its validators on first use: most runs use one kind.
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, defer_build=True)

    @property
    def kind(self) -> str:
        """The name of the architecture, which is the name of its file."""
        return type(self).__module__.rpartition(".")[2]

    @abstractmethod
    def prepare(self, weights: Weights) -> Weights:
        """Return the weights with results that are the same in every step. `step` also takes weights without them."""

    @abstractmethod
    def fits(self, weights: Weights, vocabulary_size: int) -> bool:
        """Return whether weights from a file suit these settings: the names, the shapes, and only finite numbers."""

    @abstractmethod
    def start(self, weights: Weights, batch: int) -> State:
        """Return the state of `batch` lines before their first character.

        A state is an array or a tuple of arrays. In each array the second-to-last axis counts the lines.
        """

    @abstractmethod
    def step(self, weights: Weights, state: State, token: Int[Array, " B"]) -> tuple[State, Float[Array, "B V"]]:
        """Return the state after one more character of each line, and the logits of the next character.

        The token `END` begins a new line, whatever the state. Logits are float32.
        """

    @abstractmethod
    def log_probabilities(self, weights: Weights, tokens: Int[NDArray[Any], "B T"]) -> Float[NDArray[Any], "B T"]:
        """Return ln p (nats) of each character, given the characters before it on its line. Uses NumPy only."""

    def target_log_probabilities(
        self, weights: Weights, inputs: Int[NDArray[Any], "B T"], targets: Int[NDArray[Any], "B T"]
    ) -> Float[NDArray[Any], "B T"]:
        """Return ln p (nats) of each target after the inputs up to its position; 0 where it is `IGNORED`.

        A row may begin in the middle of a running text. Uses NumPy only.
        """
        result, predicted = np.zeros(targets.shape), targets != IGNORED
        state = self.start(weights, len(inputs))
        for t in range(inputs.shape[1]):
            if not predicted[:, t:].any():
                break
            state, logits = self.step(weights, state, inputs[:, t])
            if predicted[:, t].any():
                picked = log_softmax(logits)[np.arange(len(inputs)), np.maximum(targets[:, t], END)]
                result[:, t] = np.where(predicted[:, t], picked, 0)
        return result

    def join_states(self, states: Sequence[State]) -> State:
        """Return one state with the lines of all these states, in order."""
        return join_rows(states)

    def hidden_state(self, state: State) -> Float[Array, "B H"] | None:
        """Return the vectors [B, H] that the output layer reads from a state; None if the state has no such vectors."""
        return None

    def shapes(self, vocabulary_size: int) -> dict[str, tuple[int, ...]]:
        """Return the shape of each weight by name; nothing if the shapes depend on the list (counts)."""
        return {}

    def is_parameter(self, name: str) -> bool:
        """Return whether this weight is learned. The others are running statistics of BatchNorm."""
        return not name.endswith((".mean", ".variance"))

    @property
    def receptive_field(self) -> int | None:
        """The number of characters before the next one that can change its probability; None without a limit."""
        return None

    @property
    def block_length(self) -> int | None:
        """The number of characters after which the model forgets the line so far (a block); None if it never forgets.

        Within a block the model sees all earlier characters of the block.
        """
        return None

    def idle_settings(self) -> Mapping[str, str]:
        """Return the settings that have no effect beside the others, each with the setting that disables it."""
        return {}

    @final
    def settings_in_use(self) -> dict[str, Any]:
        """Return the settings that have an effect, by name."""
        return self.model_dump(exclude=set(self.idle_settings()))

    def labels_in(self, weights: Weights) -> int:
        """Return the number of labels that the weights know; 0 for a model without labels."""
        return 0

    def conditioned_on(self, weights: Weights, label: int) -> Weights:
        """Return the prepared weights of the model given a label. `labels_in` gives 0 for them.

        Raises:
            SettingError: the kind takes no labels.
        """
        raise SettingError(f"{self.kind} takes no labels")

    def mixture_members(self, weights: Weights) -> list[MixtureMember]:
        """Return the models whose probabilities this model averages: the model itself, unless it is a mixture."""
        return [MixtureMember(self, weights)]

    def as_counted(self) -> CountedArchitecture:
        """Return this architecture, if its weights are counted.

        Raises:
            SettingError: they are not.
        """
        raise SettingError(f"{self.kind} is not learned by counting")

    def as_trained(self, consequence: str) -> TrainedArchitecture:
        """Return this architecture if it is trained by gradient descent.

        Raises:
            SettingError: it is not; the message ends with `consequence`, such as "it has no learning rate".
        """
        raise SettingError(f"{self.kind} is counted, not trained: {consequence}")


class MixtureMember(NamedTuple):
    """One model of a mixture.

    `ids` int32 [V] are the member's own ids of the mixture's characters, None if they are the same. `weight` is its
    share of the probability.
    """

    architecture: Architecture
    weights: Weights
    ids: Int[NDArray[Any], " V"] | None = None
    weight: float = 1.0


class CountedArchitecture(Architecture):
    """An architecture whose weights are counted."""

    learned_by: ClassVar[LearnedBy] = "counting"

    @abstractmethod
    def fit(self, train: TokenLines, dev: TokenLines, vocabulary_size: int) -> Weights:
        """Return the weights for the lines of `train`.

        The lines of `dev` decide what `train` cannot, such as the weights of a mixture; there may be none.
        """

    def refit(self, weights: Weights, lines: TokenLines, vocabulary_size: int) -> Weights:
        """Return the weights for `lines`, which hold dev too; what dev has decided in `weights` is kept."""
        return self.fit(lines, lines.take(np.arange(0)), vocabulary_size)

    @final
    def target_log_probabilities(
        self, weights: Weights, inputs: Int[NDArray[Any], "B T"], targets: Int[NDArray[Any], "B T"]
    ) -> Float[NDArray[Any], "B T"]:
        # Counts need no distribution over all characters: each row is read as a line.
        predicted = targets != IGNORED
        tokens = np.concatenate([inputs, inputs[:, :1]], axis=1)
        tokens[:, 1:][predicted] = targets[predicted]
        return np.where(predicted, self.log_probabilities(weights, tokens)[:, 1:], 0.0)

    def highest_order_share(self, weights: Weights) -> float:
        """Return the mixture weight of the components of the highest order; 0 for a kind without orders."""
        return 0.0

    @final
    def as_counted(self) -> CountedArchitecture:
        return self


class TrainedArchitecture(Architecture):
    """An architecture whose weights are found by gradient descent. Write a subclass of `WindowArchitecture`,
    `SequenceArchitecture` or `RecurrentArchitecture`.

    The settings in `training` and `quick` were chosen on the dev split of the names list.
    """

    learned_by: ClassVar[LearnedBy] = "gradients"

    batch_axis: ClassVar[int] = 0
    """The axis that counts the lines of a batch, in activations that are recorded or dropped."""

    @abstractmethod
    def shapes(self, vocabulary_size: int) -> dict[str, tuple[int, ...]]:
        """Return the shape of each weight by name, in the order in which the network uses the weights."""

    @abstractmethod
    def init(self, rng: np.random.Generator, vocabulary_size: int) -> Weights:
        """Return fresh float32 weights, drawn from `rng`. With them the loss should be near ln V nats."""

    @abstractmethod
    def logits(self, weights: Weights, tokens: Int[Array, "B T"], mode: Mode) -> Float[Array, "B T V"]:
        """Return, for each position of the rows, the logits of the character that follows it.

        A row holds lines one after another; an `END`, or the symbol of a label, begins each line.
        """

    @abstractmethod
    def example_logits(self, weights: Weights, inputs: Int[Array, "N T"], mode: Mode) -> Float[Array, "N *T V"]:
        """Return the logits of the characters that follow training examples.

        The examples are contexts [N, K] with one next character each, or rows [N, T] with one at each position.
        """

    @property
    def window(self) -> int | None:
        """The number of characters in each training example if examples are contexts; None if they are packed rows."""
        return None

    @property
    def input_table(self) -> str:
        """The name of the weight whose rows are the inputs of the network, one row for each symbol."""
        return "C"

    def carried_shapes(self, batch: int) -> dict[str, tuple[int, int]]:
        """Return the shape [B, S] of the state that each recurrent layer carries through a running text.

        The keys are the names of layers that are passed to `Mode.scan_cell`. A kind without recurrence carries nothing.
        """
        return {}

    def layer_matrices(self, vocabulary_size: int) -> dict[str, tuple[int, ...]]:
        """Return the matrices [inputs, outputs] from each layer to the next, by name, as a diagram draws them."""
        shapes = self.shapes(vocabulary_size)
        return {name: shape for name, shape in shapes.items() if len(shape) == 2 and name != "P"}

    def loop_matrices(self, vocabulary_size: int) -> dict[str, tuple[int, ...]]:
        """Return the matrices from a layer back to itself, by name; nothing for a kind without recurrence."""
        return {}

    @final
    def as_trained(self, consequence: str) -> TrainedArchitecture:
        return self

    @final
    def init_labels(self, rng: np.random.Generator, weights: Weights, labels: int) -> Weights:
        """Return fresh rows for labels. Their standard deviation is that of the characters' rows in `weights`."""
        table = weights[self.input_table]
        return {LABELS: np.std(table) * rng.standard_normal((labels, table.shape[1]), dtype=np.float32)}

    @final
    def labels_in(self, weights: Weights) -> int:
        return len(weights.get(LABELS, ())) if self.takes_labels else 0

    @final
    def fits(self, weights: Weights, vocabulary_size: int) -> bool:
        shapes = self.shapes(vocabulary_size)
        if count := self.labels_in(weights):
            shapes = shapes | {LABELS: (count, shapes[self.input_table][1])}
        return weights.keys() == shapes.keys() and all(
            array.shape == shapes[name]
            and array.dtype == np.float32
            and bool(np.all(np.abs(array) <= LARGEST_WEIGHT))
            and (not name.endswith(".variance") or bool(np.all(array >= 0)))
            for name, array in weights.items()
        )

    @final
    def log_probabilities(self, weights: Weights, tokens: Int[NDArray[Any], "B T"]) -> Float[NDArray[Any], "B T"]:
        return log_probabilities_by_steps(partial(self.step, weights), self.start(weights, 1), tokens)


class SequenceArchitecture(TrainedArchitecture):
    """A network that reads all positions of a row at once. Write `features`, `output`, `start` and `step`.

    The logits are computed in two steps so that training can compute them for a few positions at a time if the
    alphabet is large.
    """

    @abstractmethod
    def features(self, weights: Weights, tokens: Int[Array, "B T"], mode: Mode) -> Float[Array, "B T H"]:
        """Return the input of the output layer at each position."""

    @abstractmethod
    def output(self, weights: Weights, features: Float[Array, "*B H"], mode: Mode) -> Float[Array, "*B V"]:
        """Return the logits of features."""

    @final
    def logits(self, weights: Weights, tokens: Int[Array, "B T"], mode: Mode) -> Float[Array, "B T V"]:
        return self.output(weights, self.features(weights, tokens, mode), mode)

    @final
    def example_logits(self, weights: Weights, inputs: Int[Array, "N T"], mode: Mode) -> Float[Array, "N T V"]:
        return self.logits(weights, inputs, mode)


class WindowArchitecture(TrainedArchitecture):
    """A network that predicts the next character from the last `context` characters. Write `predict`."""

    context: Annotated[int, sizes(2, 8)] = Field(
        3, ge=1, le=1000, description="characters of context that the model sees"
    )

    @property
    def receptive_field(self) -> int:
        return self.context

    @property
    def window(self) -> int:
        return self.context

    @abstractmethod
    def predict(self, weights: Weights, context: Int[Array, "N K"], mode: Mode) -> Float[Array, "N V"]:
        """Return the logits of the character that follows each context.

        If a line has fewer than K characters so far, its context begins with `END` symbols.
        """

    @final
    def example_logits(self, weights: Weights, inputs: Int[Array, "N K"], mode: Mode) -> Float[Array, "N V"]:
        return self.predict(weights, inputs, mode)

    @final
    def prepare(self, weights: Weights) -> Weights:
        return weights

    @final
    def start(self, weights: Weights, batch: int) -> State:
        return np.full((batch, self.context), END, dtype=np.int32)

    @final
    def step(self, weights: Weights, state: State, token: Int[Array, " B"]) -> tuple[State, Float[Array, "B V"]]:
        xp = namespace(token)
        shifted = xp.concatenate([state[:, 1:], token[:, None]], axis=1)
        state = xp.where(token[:, None] == END, END, shifted)
        return state, self.predict(weights, state, USE)

    @final
    def logits(self, weights: Weights, tokens: Int[Array, "B T"], mode: Mode) -> Float[Array, "B T V"]:
        xp = namespace(tokens)
        columns = [tokens]
        for _ in range(self.context - 1):  # each column is one character further back: END before the line's start
            back = xp.pad(columns[-1][:, :-1], ((0, 0), (1, 0)), constant_values=END)
            columns.append(xp.where(columns[-1] == END, END, back))
        context = xp.stack(columns[::-1], axis=-1).reshape(-1, self.context)
        return self.predict(weights, context, mode).reshape(*tokens.shape, -1)
