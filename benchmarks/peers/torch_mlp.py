"""The MLP language model trained by a plain PyTorch loop, as the teaching notebooks write it."""

from __future__ import annotations

import json
import sys

import torch

from benchmarks.harness.processes import serve
from benchmarks.peers.torch_loop import Table, TorchLoop, contexts_of


class MLP(TorchLoop):
    """Embedding, one hidden layer of tanh, logits."""

    def examples_of(self, words: list[str]) -> Table:
        return contexts_of(words, 3)

    def build(self) -> None:
        embedding, hidden = self.settings["embedding"], self.settings["hidden"]
        shapes = (
            (self.symbols, embedding),
            (3 * embedding, hidden),
            (hidden,),
            (hidden, self.symbols),
            (self.symbols,),
        )
        self.parameters = [torch.randn(shape) for shape in shapes]
        for parameter in self.parameters:
            parameter.requires_grad = True
        self.table, self.w1, self.b1, self.w2, self.b2 = self.parameters

    def logits(self, x: torch.Tensor) -> torch.Tensor:
        hidden = torch.tanh(self.table[x].view(len(x), -1) @ self.w1 + self.b1)
        return hidden @ self.w2 + self.b2

    def named(self) -> dict[str, torch.Tensor]:
        return dict(zip(("C", "W1", "b1", "W2", "b2"), self.parameters, strict=True))


if __name__ == "__main__":
    serve(MLP(json.loads(sys.argv[1])))
