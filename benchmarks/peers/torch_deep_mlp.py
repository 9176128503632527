"""The deep MLP with BatchNorm trained by a plain PyTorch loop, as the teaching notebooks write it."""

from __future__ import annotations

import json
import sys
from typing import Any

import torch
from torch import nn

from benchmarks.harness.processes import serve
from benchmarks.peers.torch_loop import Table, TorchLoop, contexts_of

CONTEXT, EMBEDDING, HIDDEN, LAYERS = 8, 10, 200, 6


class DeepMLP(TorchLoop):
    """Embedding, six layers of linear, BatchNorm and tanh, and a last linear."""

    transposed = frozenset({"W"})

    def examples_of(self, words: list[str]) -> Table:
        return contexts_of(words, CONTEXT)

    def build(self) -> None:
        layers: list[nn.Module] = [nn.Embedding(self.symbols, EMBEDDING), nn.Flatten()]
        for layer in range(LAYERS):
            inputs = CONTEXT * EMBEDDING if layer == 0 else HIDDEN
            layers += [nn.Linear(inputs, HIDDEN, bias=False), nn.BatchNorm1d(HIDDEN), nn.Tanh()]
        self.model = nn.Sequential(*layers, nn.Linear(HIDDEN, self.symbols))
        self.parameters = list(self.model.parameters())

    def logits(self, x: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.model(x)
        return logits

    def named(self) -> dict[str, torch.Tensor]:
        found: dict[str, Any] = {"C": self.model[0].weight, "W": self.model[-1].weight, "b": self.model[-1].bias}
        for layer in range(LAYERS):
            linear, norm = self.model[2 + 3 * layer], self.model[3 + 3 * layer]
            found |= {
                f"layers.{layer}.W": linear.weight,
                f"layers.{layer}.gain": norm.weight,
                f"layers.{layer}.bias": norm.bias,
            }
        return found


if __name__ == "__main__":
    serve(DeepMLP(json.loads(sys.argv[1])))
