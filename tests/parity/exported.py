"""The PyTorch module that `morelike export --to torch` writes, with weights of any type, and gradients by our names.

The file is written and imported as a user does it; nothing in it is code of ours.
"""

import importlib.util
from string import ascii_lowercase

import numpy as np

from morelike.exports.format import export
from morelike.exports.torch.weights import torch_weights
from morelike.language_model.model import LanguageModel
from morelike.text.known_words import KnownWords
from morelike.text.splits import split
from morelike.text.vocabulary import Vocabulary


def import_exported(model, folder):
    """Write a model as a Python file into a folder, and return the imported file."""
    path = export(model, "torch", folder / "exported.py")
    spec = importlib.util.spec_from_file_location("exported", path)
    file = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(file)
    return file


def model_of(architecture, weights, symbols):
    """Return a language model with these weights, rounded to float32, of the first letters."""
    rounded = {name: array.astype(np.float32) for name, array in weights.items()}
    vocabulary = Vocabulary(tuple(ascii_lowercase[: symbols - 1]))
    return LanguageModel(vocabulary, architecture, rounded, KnownWords.of(split(["a"])))


class Exported:
    """The exported module of an architecture with float32 or float64 weights, which are leaves of PyTorch's graph."""

    def __init__(self, torch, architecture, weights, symbols, folder):
        self.torch = torch
        self.leaves = {name: torch.tensor(array, requires_grad=True) for name, array in weights.items()}
        self.kind = architecture.kind
        file = import_exported(model_of(architecture, weights, symbols), folder)
        self.module = file.load().to(next(iter(self.leaves.values())).dtype)
        self.windows = getattr(file, "windows", None)
        self.reload()

    def reload(self):
        """Give the module the present values of the leaves."""
        self.converted = torch_weights(self.kind, self.leaves, self.torch)
        self.module.load_state_dict({name: array.detach() for name, array in self.converted.items()})

    def logits(self, rows):
        """Return the logits [B, T, V] of rows of tokens [B, T], each line of a row as a word of its own."""
        return self._by_line(self.module, rows)

    def batch_logits(self, rows):
        """Return the logits [B, T, V] of a model of contexts in training, which sees all positions as one batch."""
        return self.module.predict(self._by_line(self.windows, rows).flatten(0, 1)).unflatten(0, rows.shape)

    def gradients(self, loss):
        """Return the gradient of a loss by each weight of ours, which is then `grad` of its leaf too."""
        self.module.zero_grad()
        loss.backward()
        pairs = [(self.converted[name], p.grad) for name, p in self.module.named_parameters()]
        known = [(array, gradient) for array, gradient in pairs if array.requires_grad]  # not of a bias that is zero
        for leaf in self.leaves.values():
            leaf.grad = None
        self.torch.autograd.backward(*zip(*known, strict=True), retain_graph=True)
        return {name: leaf.grad.numpy() for name, leaf in self.leaves.items() if leaf.grad is not None}

    def _by_line(self, function, rows):
        tokens = self.torch.tensor(rows)
        return self.torch.stack([self.torch.cat([function(line)[0] for line in lines(row)]) for row in tokens])


def statistics_of(exported):
    """Return the running statistics of an exported module under our names."""
    layers = [name.removesuffix(".mean") for name in exported.leaves if name.endswith(".mean")]
    norms = dict(zip(layers, exported.module.norms if layers else (), strict=True))
    means = {f"{layer}.mean": norm.running_mean.numpy() for layer, norm in norms.items()}
    return means | {f"{layer}.variance": norm.running_var.numpy() for layer, norm in norms.items()}


def lines(row):
    """Return the lines [1, length] of a row: each begins at an END."""
    starts = [i for i, token in enumerate(row.tolist()) if token == 0 or i == 0]
    return [row[None, first:after] for first, after in zip(starts, [*starts[1:], len(row)], strict=True)]
