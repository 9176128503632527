"""`--to torch`: a Python file with a `torch.nn.Module` that a learner can read, and the file of its weights."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

from morelike.errors import ExportError
from morelike.exports.format import Format
from morelike.exports.torch.module_file import torch_module
from morelike.exports.torch.weights import of_its_label, torch_weights
from morelike.language_model.model import LanguageModel
from morelike.storage.atomic_files import write_file
from morelike.storage.safetensors_io import Packed

NEEDED = {"torch", "safetensors", "numpy"}
"""The packages that the file imports, and theirs: a file of such a name would be imported in their place."""


class Torch(Format):
    """A Python file that needs PyTorch and safetensors, and the file of its weights beside it."""

    summary: ClassVar[str] = "a Python file with a PyTorch module, and its weights"
    path: ClassVar[str] = "model.py"
    mark: ClassVar[bytes] = b" wrote this file"

    def write(self, model: LanguageModel, path: Path, settings: Any) -> Sequence[str]:
        if path.suffix != ".py":
            raise ExportError(f"'{path}' is no name for a Python file: give one that ends in .py")
        if path.stem in sys.stdlib_module_names | NEEDED:
            raise ExportError(f"'{path}' would hide the module {path.stem}, which Python needs: choose another name")
        plain = of_its_label(model)
        code, weights = torch_module(plain), path.with_suffix(".safetensors")
        if weights.exists() and not path.is_file():
            raise ExportError(f"'{weights}' is there already, and '{path}' would need its place: choose another name")
        write_file(weights, Packed(torch_weights(plain.architecture.kind, plain.weights)))
        write_file(path, code.encode())
        return [f"'{weights}' holds the weights; keep both files in one folder."]
