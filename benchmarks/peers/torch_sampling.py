"""Words sampled one by one, a character at a time, as the notebooks do: the MLP and the GRU with given weights."""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import numpy as np
import torch
from torch.nn import functional

from benchmarks.harness.processes import serve


class Sampling:
    """A model of names in PyTorch with the weights of a morelike model."""

    def __init__(self, task: dict[str, Any]) -> None:
        torch.manual_seed(0)
        torch.set_num_threads(1)  # with products this small, threads only wait for one another
        self.kind: str = task["kind"]
        self.weights = {name: torch.tensor(array) for name, array in np.load(task["path"]).items()}
        self.symbols = len(self.weights["C"])
        if self.kind == "gru":
            width, hidden = self.weights["C"].shape[1], len(self.weights["Wo"])
            self.cell = torch.nn.GRUCell(width, hidden)
            bn, layer = self.weights["layers.0.bn"], "layers.0."
            with torch.no_grad():
                self.cell.weight_ih.copy_(self.weights[layer + "Wx"].T)
                self.cell.weight_hh.copy_(self.weights[layer + "Wh"].T)
                self.cell.bias_ih.copy_(self.weights[layer + "b"])
                self.cell.bias_hh.copy_(torch.cat([torch.zeros(2 * hidden), bn]))
        self.facts = {"symbols": self.symbols}

    def start(self) -> Any:
        """Return the state of the model before the first character of a word."""
        return [0] * self.context if self.kind == "mlp" else self.weights["start"][0][None]

    @property
    def context(self) -> int:
        """The number of characters that the MLP sees."""
        return len(self.weights["W1"]) // self.weights["C"].shape[1]

    def step(self, state: Any, token: int) -> tuple[Any, torch.Tensor]:
        """Feed one character, and return the new state and the logits [1, V] of the next character."""
        weights = self.weights
        if self.kind == "mlp":
            state = [*state[1:], token]
            hidden = torch.tanh(weights["C"][torch.tensor([state])].view(1, -1) @ weights["W1"] + weights["b1"])
            return state, hidden @ weights["W2"] + weights["b2"]
        state = self.cell(weights["C"][token][None], state)
        return state, state @ weights["Wo"] + weights["bo"]

    @torch.no_grad()
    def sample(self, seconds: float) -> dict[str, float]:
        """Return the number of words sampled in about so many seconds."""
        words, began, processor = 0, time.perf_counter(), time.process_time()
        while (taken := time.perf_counter() - began) < seconds:
            state, token = self.start(), 0
            while True:
                state, logits = self.step(state, token)
                token = int(torch.multinomial(functional.softmax(logits, dim=1), num_samples=1).item())
                if token == 0:
                    break
            words += 1
        return {"words": words, "seconds": taken, "processor_seconds": time.process_time() - processor}

    @torch.no_grad()
    def score(self, words: list[list[int]]) -> dict[str, list[float]]:
        """Return ln p of each word, given as tokens, its end included."""
        found = []
        for word in words:
            state, total, token = self.start(), 0.0, 0
            for following in [*word, 0]:
                state, logits = self.step(state, token)
                total += functional.log_softmax(logits, dim=1)[0, following].item()
                token = following
            found.append(total)
        return {"log_probability": found}


if __name__ == "__main__":
    serve(Sampling(json.loads(sys.argv[1])))
