"""`--to torch`: a Python file with a `torch.nn.Module` that a learner can read, and the file of its weights."""

from __future__ import annotations

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


class Torch(Format):
    """A Python file that needs PyTorch and safetensors, and the file of its weights beside it."""

    summary: ClassVar[str] = "a Python file with a PyTorch module, and its weights"
    path: ClassVar[str] = "model.py"

    def write(self, model: LanguageModel, path: Path, settings: Any) -> Sequence[str]:
        if path.suffix != ".py":
            raise ExportError(f"'{path}' is no name for a Python file: give one that ends in .py")
        plain = of_its_label(model)
        code, weights = torch_module(plain), path.with_suffix(".safetensors")
        write_file(weights, Packed(torch_weights(plain.architecture.kind, plain.weights)))
        write_file(path, code.encode())
        return [f"'{weights}' holds the weights; keep both files in one folder."]
