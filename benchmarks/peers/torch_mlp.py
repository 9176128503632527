"""The MLP language model trained by a plain PyTorch loop, as the teaching notebooks write it.

`python -m benchmarks.peers.torch_mlp LIST STEPS [THREADS]` prints one JSON line: steps per second and the losses.
"""

from __future__ import annotations

import json
import random
import sys
import time
from pathlib import Path

import torch
from torch.nn import functional

CONTEXT, EMBEDDING, HIDDEN, BATCH, RATE = 3, 2, 100, 32, 0.16


def examples(words: list[str], ids: dict[str, int]) -> tuple[torch.Tensor, torch.Tensor]:
    """Return contexts [N, K] and targets [N], built by the notebooks' double loop."""
    contexts, targets = [], []
    for word in words:
        context = [0] * CONTEXT
        for character in [*word, ""]:
            token = ids.get(character, 0)
            contexts.append(context)
            targets.append(token)
            context = [*context[1:], token]
    return torch.tensor(contexts), torch.tensor(targets)


def main(path: str, steps: int, threads: int) -> None:
    """Train for `steps` and print what came out."""
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    words = Path(path).read_text("utf-8").split("\n")[:-1] if path else []
    ids = {character: i for i, character in enumerate(sorted(set("".join(words))), 1)}
    random.seed(42)
    random.shuffle(words)
    train = examples(words[: int(0.8 * len(words))], ids)
    dev = examples(words[int(0.8 * len(words)) : int(0.9 * len(words))], ids)
    symbols = len(ids) + 1
    parameters = [
        torch.randn(shape)
        for shape in ((symbols, EMBEDDING), (CONTEXT * EMBEDDING, HIDDEN), (HIDDEN,), (HIDDEN, symbols), (symbols,))
    ]
    for parameter in parameters:
        parameter.requires_grad = True
    table, w1, b1, w2, b2 = parameters

    def loss_of(contexts: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        hidden = torch.tanh(table[contexts].view(-1, CONTEXT * EMBEDDING) @ w1 + b1)
        return functional.cross_entropy(hidden @ w2 + b2, targets)

    began = time.perf_counter()
    for step in range(steps):
        index = torch.randint(0, len(train[1]), (BATCH,))
        loss = loss_of(train[0][index], train[1][index])
        for parameter in parameters:
            parameter.grad = None
        loss.backward()
        rate = RATE if step < steps // 2 else RATE / 10
        for parameter in parameters:
            parameter.data += -rate * parameter.grad
    seconds = time.perf_counter() - began
    with torch.no_grad():
        losses = {"train": loss_of(*train).item(), "dev": loss_of(*dev).item()}
    print(json.dumps({"steps_per_second": steps / seconds, **losses}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else torch.get_num_threads())
