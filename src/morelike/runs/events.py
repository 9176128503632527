"""The events of training, as values: the command line draws them, tests read them as a list."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from morelike.arrays import Weights


@dataclass(frozen=True)
class Started:
    """Training begins, at `step` of `steps` (not 0 when resumed).

    `device` computes the steps, such as "cpu" or "gpu (NVIDIA H200)"; it is empty for counts.
    """

    kind: str
    parameters: int
    step: int
    steps: int
    device: str = ""


@dataclass(frozen=True)
class Progress:
    """A chunk of steps is done: `loss` is its mean loss in nats per character, `seconds` its duration.

    A run has at least 50 chunks, or one for each step. The first ones end at steps 1, 2, 4, 8 and so on.

    `learning_rate` is the rate of the last step of the chunk. The chunk is divided into `blocks` of so many steps (see
    `block_lengths`); `losses` and `rates` are the means of each block.
    """

    step: int
    steps: int
    loss: float
    losses: tuple[float, ...] = field(repr=False)
    learning_rate: float
    seconds: float
    blocks: tuple[int, ...] = field(default=(), repr=False)
    rates: tuple[float, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class Stepped:
    """A part of a chunk is done, since a person takes single steps, or a knob was turned here.

    `loss` is the mean loss of its `count` steps in nats per character. The `Progress` of the chunk follows.
    """

    step: int
    steps: int
    loss: float
    count: int
    learning_rate: float


@dataclass(frozen=True)
class Evaluated:
    """The model was evaluated on dev: `loss` is exact, in nats per character; `best` says whether it is the lowest."""

    step: int
    loss: float
    best: bool


@dataclass(frozen=True)
class Sampled:
    """A few words, or one piece of running text, were drawn from the weights after `step`, if a listener asks for them.

    `copied` says for each word whether the list contains it.
    """

    step: int
    words: tuple[str, ...]
    copied: tuple[bool, ...]


@dataclass(frozen=True)
class Saved:
    """The state of training was written; a run can be resumed from here."""

    step: int
    path: str


@dataclass(frozen=True)
class Finished:
    """Training ended: `reason` is "completed", "early stopping", "small gain", "budget" or
    "interrupted".

    `weights` are the best on dev, those of `best_step`. `step_seconds` are the seconds of the steps, without compiling
    and evaluating.
    """

    step: int
    reason: str
    weights: Weights = field(repr=False)
    seconds: float
    step_seconds: float = 0.0
    best_step: int = 0


@dataclass(frozen=True)
class Noted:
    """A sentence for the person who watches the run."""

    sentence: str


Event: TypeAlias = Started | Progress | Stepped | Evaluated | Sampled | Saved | Finished | Noted
