"""`--to onnx`: one step of a model as an ONNX model, which any ONNX runtime runs character by character."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from morelike.errors import ExportError
from morelike.exports.format import Format
from morelike.exports.tracing import Trace, trace
from morelike.language_model.model import LanguageModel
from morelike.storage.atomic_files import write_file
from morelike.text.vocabulary import END

OPSET, IR_VERSION = 18, 9
"""Old enough for the runtimes of 2023: onnxruntime 1.14 and later."""


class Onnx(Format):
    """One step of a network. The metadata holds all that sampling needs."""

    summary: ClassVar[str] = "an ONNX model of one step, for any ONNX runtime"
    path: ClassVar[str] = "model.onnx"
    mark: ClassVar[bytes] = b"\x12\x08morelike"  # the name of the producer
    packages: ClassVar[Sequence[str]] = ["onnx"]

    def write(self, model: LanguageModel, path: Path, settings: Any) -> Sequence[str]:
        members = model.architecture.mixture_members(model.weights)
        if counted := next(
            (each.architecture.kind for each in members if each.architecture.learned_by == "counting"), ""
        ):
            raise ExportError(
                f"ONNX holds networks, and this model is counted or has a counted member ({counted}): train one with "
                "`--model gru`, or choose another format"
            )
        if model.mixes_labels:
            traced = trace(model.architecture, model.weights, labels=len(model.labels))
        else:
            traced = trace(*model.prepared)
        write_file(path, onnx_bytes(traced, metadata_of(model, traced)))
        return []


def metadata_of(model: LanguageModel, traced: Trace) -> Mapping[str, str]:
    """Return the metadata of a model: `characters` as they are, all other values as JSON."""
    labels = model.labels if model.mixes_labels else {}
    start = [array.tolist() if np.any(array) else 0 for array in traced.start]
    values = {
        "kind": model.architecture.kind,
        "settings": model.architecture.model_dump(mode="json"),
        "form": model.form,
        "end": END,
        "labels": dict(labels),
        "label": model.label,
        "start": start,
        "facts": dict(model.facts),
        "morelike": version("morelike"),
    }
    texts = {name: json.dumps(value, ensure_ascii=False) for name, value in values.items()}
    return {"characters": "".join(model.vocabulary.characters), **texts}


def onnx_bytes(traced: Trace, metadata: Mapping[str, str]) -> bytes:
    """Return a checked ONNX model of a trace, with metadata.

    Raises:
        ExportError: the trace has an operation that ONNX has not.
    """
    import onnx  # its import is slow, seldom needed

    from morelike.exports.onnx.graph import graph_of

    model = onnx.helper.make_model(
        graph_of(traced, "step"),
        producer_name="morelike",
        producer_version=version("morelike"),
        opset_imports=[onnx.helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
        doc_string="One step of a character language model: (token, state) -> (logits of the next character, state).",
    )
    onnx.helper.set_model_props(model, dict(metadata))
    onnx.checker.check_model(model, full_check=True)
    data: bytes = model.SerializeToString()
    return data
