"""An Elman network that learns a text by heart, character by character, as the teaching notebooks write it."""

from __future__ import annotations

import json
import sys

import torch
from torch import nn
from torch.nn import functional

from benchmarks.harness.processes import serve
from benchmarks.peers.torch_loop import Table, TorchLoop, ids_of


class Pattern(TorchLoop):
    """One-hot characters fed one after another to a recurrent layer; Adam."""

    transposed = frozenset({"Wx", "Wh", "Wo"})

    def examples_of(self, words: list[str]) -> Table:
        (text,) = words
        ids = ids_of(words)
        tokens = torch.tensor([ids[character] for character in text])
        return tokens[None, :-1], tokens[None, 1:]

    def build(self) -> None:
        hidden = self.settings["hidden"]
        self.cell, self.output = nn.RNNCell(self.symbols, hidden), nn.Linear(hidden, self.symbols)
        with torch.no_grad():
            self.cell.bias_hh.zero_()
        self.parameters = [*self.cell.parameters(), *self.output.parameters()]
        self.optimizer = torch.optim.Adam(self.parameters, self.settings["learning_rate"])

    def logits(self, x: torch.Tensor) -> torch.Tensor:
        inputs = functional.one_hot(x[0], self.symbols).float()
        state = torch.zeros(1, self.settings["hidden"])
        found = []
        for character in inputs:
            state = self.cell(character[None], state)
            found.append(self.output(state))
        return torch.cat(found)

    def train(self, steps: int) -> None:
        for _ in range(steps):
            self.step(self.x, self.y)

    def named(self) -> dict[str, torch.Tensor]:
        return {
            "layers.0.Wx": self.cell.weight_ih,
            "layers.0.Wh": self.cell.weight_hh,
            "layers.0.b": self.cell.bias_ih,
            "Wo": self.output.weight,
            "bo": self.output.bias,
        }


if __name__ == "__main__":
    serve(Pattern(json.loads(sys.argv[1])))
