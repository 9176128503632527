"""`nn.RNN`, `nn.GRU` and `nn.LSTM` trained on padded batches of whole words by a plain PyTorch loop."""

from __future__ import annotations

import json
import sys

import torch
from torch import nn

from benchmarks.harness.processes import serve
from benchmarks.peers.torch_loop import PaddedLoop


class Recurrent(PaddedLoop):
    """Embedding, one recurrent layer of `torch.nn`, a linear for the logits."""

    transposed = frozenset({"Wx", "Wh", "Wo"})

    def build(self) -> None:
        width, hidden = self.settings["embedding"], self.settings["hidden"]
        kind = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}[self.settings["kind"]]
        self.table, self.output = nn.Embedding(self.symbols, width), nn.Linear(hidden, self.symbols)
        self.layer = kind(width, hidden, batch_first=True)
        with torch.no_grad():  # the second bias is redundant: with 0 both sides start alike
            self.layer.bias_hh_l0.zero_()
        self.optimize(self.table, self.layer, self.output)

    def logits(self, x: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.output(self.layer(self.table(x))[0])
        return logits.flatten(0, 1)

    def named(self) -> dict[str, torch.Tensor]:
        return {
            "C": self.table.weight,
            "layers.0.Wx": self.layer.weight_ih_l0,
            "layers.0.Wh": self.layer.weight_hh_l0,
            "layers.0.b": self.layer.bias_ih_l0,
            "Wo": self.output.weight,
            "bo": self.output.bias,
        }


if __name__ == "__main__":
    serve(Recurrent(json.loads(sys.argv[1])))
