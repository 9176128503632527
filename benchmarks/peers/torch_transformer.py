"""A transformer in GPT-2's form trained on padded batches of whole words by a plain PyTorch loop, in eager mode."""

from __future__ import annotations

import json
import sys

import torch
from torch import nn
from torch.nn import functional

from benchmarks.harness.processes import serve
from benchmarks.peers.torch_loop import PaddedLoop


class Block(nn.Module):
    """Causal attention and a wider layer, each with a normalised input and a residual connection."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.attention_norm, self.mlp_norm = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.project = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the input of the next block."""
        batch, time, width = x.shape
        q, k, v = (
            part.view(batch, time, self.heads, -1).transpose(1, 2)
            for part in self.qkv(self.attention_norm(x)).split(width, dim=2)
        )
        gathered = functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.project(gathered.transpose(1, 2).reshape(batch, time, width))
        wide = functional.gelu(self.up(self.mlp_norm(x)), approximate="tanh")
        added: torch.Tensor = self.down(wide)
        return x + added


class Transformer(PaddedLoop):
    """Embeddings of characters and positions, blocks, a last LayerNorm, logits."""

    transposed = frozenset({"Wqkv", "Wp", "W1", "W2", "Wo"})

    def build(self) -> None:
        width, context = self.settings["embedding"], self.settings["context"]
        self.table, self.positions = nn.Embedding(self.symbols, width), nn.Embedding(context, width)
        self.blocks = nn.ModuleList(Block(width, self.settings["heads"]) for _ in range(self.settings["layers"]))
        self.norm, self.output = nn.LayerNorm(width), nn.Linear(width, self.symbols, bias=False)
        self.optimize(self.table, self.positions, *self.blocks, self.norm, self.output)

    def logits(self, x: torch.Tensor) -> torch.Tensor:
        h = self.table(x) + self.positions(torch.arange(x.shape[1], device=x.device))
        for block in self.blocks:
            h = block(h)
        logits: torch.Tensor = self.output(self.norm(h))
        return logits.flatten(0, 1)

    def named(self) -> dict[str, torch.Tensor]:
        found = {
            "C": self.table.weight,
            "P": self.positions.weight,
            "last.gain": self.norm.weight,
            "last.bias": self.norm.bias,
            "Wo": self.output.weight,
        }
        names = {
            "attention.gain": "attention_norm.weight",
            "attention.bias": "attention_norm.bias",
            "mlp.gain": "mlp_norm.weight",
            "mlp.bias": "mlp_norm.bias",
            **{f"{ours}{theirs}": f"{module}.{part}" for ours, theirs, module, part in _products()},
        }
        for i, block in enumerate(self.blocks):
            parameters = dict(block.named_parameters())
            found |= {f"blocks.{i}.{ours}": parameters[theirs] for ours, theirs in names.items()}
        return found


def _products() -> list[tuple[str, str, str, str]]:
    """Return (W or b, the rest of our name, their module, weight or bias) of each product in a block."""
    return [
        (letter, ours, theirs, part)
        for letter, part in (("W", "weight"), ("b", "bias"))
        for ours, theirs in (("qkv", "qkv"), ("p", "project"), ("1", "up"), ("2", "down"))
    ]


if __name__ == "__main__":
    serve(Transformer(json.loads(sys.argv[1])))
