"""The plain PyTorch training loop of the teaching notebooks; each peer writes the model that it trains.

A peer is a worker (see `benchmarks.harness.processes.Worker`). It returns its speed with a number of threads, and its
results on given weights and batches, which show that both sides compute the same thing.
"""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from typing import Any, ClassVar

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from benchmarks.harness.processes import peak_megabytes, timed

IGNORED = -1
AT_ONCE = 10
Table = tuple[torch.Tensor, torch.Tensor]


class TorchLoop(ABC):
    """A model, its examples as two tensors, and the loop that trains it.

    `transposed` names the weights that PyTorch stores transposed.
    """

    transposed: ClassVar[frozenset[str]] = frozenset()
    parameters: list[torch.Tensor]
    optimizer: torch.optim.Optimizer | None = None

    def __init__(self, task: dict[str, Any]) -> None:
        torch.manual_seed(0)
        self.batch: int = task["batch"]
        self.settings: dict[str, Any] = task["settings"]
        with open(task["path"], encoding="utf-8") as file:  # noqa: PTH123 (a notebook's line)
            words = file.read().splitlines()
        self.device = {"cpu": "cpu", "gpu": "cuda"}[self.settings.get("device", "cpu")]
        self.symbols = len(set("".join(words))) + 1
        self.x, self.y = (part.to(self.device) for part in self.examples_of(words))
        _allow_tf32(allowed=True)
        self.build()
        self.facts = {"examples": len(self.y)}

    @abstractmethod
    def examples_of(self, words: list[str]) -> Table:
        """Return the inputs and targets of the train part."""

    @abstractmethod
    def build(self) -> None:
        """Make the initial weights: `parameters`, and the `optimizer` if there is one."""

    @abstractmethod
    def logits(self, x: torch.Tensor) -> torch.Tensor:
        """Return the logits for a batch of inputs, in the shape for `loss`: [examples, symbols]."""

    @abstractmethod
    def named(self) -> dict[str, torch.Tensor]:
        """Return the parameters by their names in morelike."""

    def loss(self, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        """Return the mean loss of a batch."""
        return functional.cross_entropy(self.logits(x), y.view(-1), ignore_index=IGNORED)

    def step(self, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        """Take one step on a batch: with the optimiser, or with plain gradient descent if there is none."""
        loss = self.loss(x, y)
        for parameter in self.parameters:
            parameter.grad = None
        loss.backward()  # type: ignore[no-untyped-call]
        if self.optimizer:
            self.optimizer.step()
            return loss
        for parameter in self.parameters:
            parameter.data += -self.settings["learning_rate"] * parameter.grad
        return loss

    def train(self, steps: int) -> None:
        """Train on batches drawn at random."""
        for _ in range(steps):
            index = torch.randint(0, len(self.y), (self.batch,))
            loss = self.step(self.x[index], self.y[index])
        loss.item()  # waits for a GPU

    def speed(self, seconds: float, threads: int = 1) -> dict[str, float]:
        """Return the number of steps taken in about so many seconds, and their time."""
        torch.set_num_threads(threads)
        self.train(AT_ONCE)
        return timed(lambda: self.train(AT_ONCE), AT_ONCE, seconds)

    def follow(self, path: str) -> dict[str, Any]:
        """Return the losses of steps on given batches from given weights, and the errors of the first gradients."""
        given = np.load(path)
        _allow_tf32(allowed=False)
        with torch.no_grad():
            for name, parameter in self.named().items():
                parameter.copy_(torch.tensor(self._theirs(name, given[f"weights.{name}"])))
        losses: list[float] = []
        off: dict[str, float] = {}
        for i in range(int(given["steps"])):
            x, y = (
                torch.tensor(given[f"{part}.{i}"].astype(np.int64)).to(self.device) for part in ("inputs", "targets")
            )
            losses.append(self.step(x, y).item())
            if i == 0:
                off = {name: self._off(name, p, given[f"gradients.{name}"]) for name, p in self.named().items()}
        _allow_tf32(allowed=True)
        return {"losses": losses, "gradients_off": off}

    def memory(self) -> dict[str, int]:
        """Return the peak memory of this process."""
        return {"peak_megabytes": peak_megabytes()}

    def _theirs(self, name: str, array: np.ndarray) -> np.ndarray:
        return array.T if name.rpartition(".")[2] in self.transposed else array

    def _off(self, name: str, parameter: torch.Tensor, ours: np.ndarray) -> float:
        """Return the largest difference of two gradients, divided by the largest number in ours."""
        assert parameter.grad is not None
        difference = np.abs(parameter.grad.cpu().numpy() - self._theirs(name, ours)).max()
        return float(difference / max(np.abs(ours).max(), 1e-6))


class PaddedLoop(TorchLoop):
    """Examples are whole words, padded; AdamW without decay."""

    def examples_of(self, words: list[str]) -> Table:
        return padded(words)

    def loss(self, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        longest = int((y != IGNORED).sum(1).max())  # of this batch: beyond it is only padding
        return super().loss(x[:, :longest], y[:, :longest].reshape(-1))

    def optimize(self, *modules: nn.Module) -> None:
        """Collect the parameters of the modules and make the optimiser."""
        self.parameters = list(nn.ModuleList(modules).to(self.device).parameters())
        self.optimizer = torch.optim.AdamW(
            self.parameters, self.settings["learning_rate"], betas=(0.9, 0.99), weight_decay=0
        )


def _allow_tf32(*, allowed: bool) -> None:
    """Let a GPU multiply float32 as TF32, as JAX does by default, or not; without effect on a CPU."""
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = allowed


def train_part(words: list[str]) -> list[str]:
    """Return the train part of the published split."""
    random.seed(42)
    random.shuffle(words)
    return words[: int(0.8 * len(words))]


def ids_of(words: list[str]) -> dict[str, int]:
    """Return the number of each character, from 1."""
    return {character: i for i, character in enumerate(sorted(set("".join(words))), 1)}


def contexts_of(words: list[str], length: int) -> Table:
    """Return contexts [N, K] and targets [N] of the train part, built by the notebooks' double loop."""
    ids = ids_of(words)
    contexts, targets = [], []
    for word in train_part(words):
        context = [0] * length
        for character in [*word, ""]:
            token = ids.get(character, 0)
            contexts.append(context)
            targets.append(token)
            context = [*context[1:], token]
    return torch.tensor(contexts), torch.tensor(targets)


def padded(words: list[str]) -> Table:
    """Return inputs and targets [N, T] of the train part, each word padded to the longest word."""
    ids, train = ids_of(words), train_part(words)
    longest = max(map(len, train)) + 1
    x = torch.zeros(len(train), longest, dtype=torch.int64)
    y = torch.full((len(train), longest), IGNORED)
    for i, word in enumerate(train):
        tokens = torch.tensor([ids[character] for character in word])
        x[i, 1 : len(word) + 1] = tokens
        y[i, : len(word)] = tokens
        y[i, len(word)] = 0
    return x, y
