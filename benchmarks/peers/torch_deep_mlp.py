"""The deep MLP with BatchNorm trained by a plain PyTorch loop, as the teaching notebooks write it.

`python -m benchmarks.peers.torch_deep_mlp LIST STEPS [THREADS]` prints one JSON line: steps per second and the losses.
"""

from __future__ import annotations

import json
import random
import sys
import time
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional

CONTEXT, EMBEDDING, HIDDEN, LAYERS, BATCH, RATE = 8, 10, 200, 6, 32, 0.1


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


def model_of(symbols: int) -> nn.Sequential:
    """Return the network: embedding, six layers of linear, BatchNorm and tanh, and a last linear begun small."""
    layers: list[nn.Module] = [nn.Embedding(symbols, EMBEDDING), nn.Flatten()]
    for layer in range(LAYERS):
        inputs = CONTEXT * EMBEDDING if layer == 0 else HIDDEN
        layers += [nn.Linear(inputs, HIDDEN, bias=False), nn.BatchNorm1d(HIDDEN), nn.Tanh()]
        nn.init.normal_(layers[-3].weight, std=inputs**-0.5)
    last = nn.Linear(HIDDEN, symbols)
    nn.init.normal_(last.weight, std=0.1 * HIDDEN**-0.5)
    nn.init.zeros_(last.bias)
    return nn.Sequential(*layers, last)


def main(path: str, steps: int, threads: int) -> None:
    """Train for `steps` and print what came out."""
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    words = [line for line in Path(path).read_text("utf-8").split("\n") if line]
    ids = {character: i for i, character in enumerate(sorted(set("".join(words))), 1)}
    random.seed(42)
    random.shuffle(words)
    train = examples(words[: int(0.8 * len(words))], ids)
    dev = examples(words[int(0.8 * len(words)) : int(0.9 * len(words))], ids)
    model = model_of(len(ids) + 1)
    parameters = list(model.parameters())

    began = time.perf_counter()
    for _ in range(steps):
        index = torch.randint(0, len(train[1]), (BATCH,))
        loss = functional.cross_entropy(model(train[0][index]), train[1][index])
        for parameter in parameters:
            parameter.grad = None
        loss.backward()
        for parameter in parameters:
            parameter.data += -RATE * parameter.grad
    seconds = time.perf_counter() - began
    model.eval()
    with torch.no_grad():
        loss = functional.cross_entropy(model(dev[0]), dev[1]).item()
    print(json.dumps({"steps_per_second": steps / seconds, "dev": loss}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else torch.get_num_threads())
