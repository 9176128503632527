"""The Python file with a PyTorch module: its code, its weights' names, and what it refuses. See tests/parity too."""

import ast
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from safetensors.numpy import load_file

from morelike.architecture import kinds
from morelike.errors import ExportError
from morelike.exports.format import export
from morelike.exports.torch.module_file import literal, torch_module
from morelike.exports.torch.weights import NAMES
from morelike.text.vocabulary import Vocabulary

from ..language_model.small_models import WORDS, labelled_model, small_model

LABELS = ["girl", "boy"] * 7


@pytest.fixture(scope="module")
def files():
    """Return the code of each form of the file, of models of the list names."""
    return [torch_module(replace(model, facts={"list": "names"})) for model in models()]


def models():
    """Yield a model for each form of the file."""
    for kind in NAMES:
        model = small_model(kind)
        recurrent = "one_hot" in type(model.architecture).model_fields
        settings = (
            [{}, {"one_hot": True}, {"tied": True, "embedding": 8, "layers": 1}, {"layers": 1}] if recurrent else [{}]
        )
        yield from (small_model(kind, **each) for each in settings)
        yield replace(model, form="text")
        if model.architecture.takes_labels:
            yield from (labelled_model(kind, WORDS, LABELS, **each) for each in settings)


def test_the_code_is_formatted_and_has_no_fault_that_ruff_finds(tmp_path, files):
    for number, code in enumerate(files):
        assert "learned from the list names" in code.replace("\n", " ")
        (tmp_path / f"module_{number}.py").write_text(code)
    assert number > 20
    for task in (["format", "--check"], ["check", "--select", "E,F,W,I,N,UP,B,A,C4,D1", "--ignore", "D107"]):
        ran = subprocess.run(
            [
                sys.executable,
                "-m",
                "ruff",
                *task,
                "--isolated",
                "--line-length=120",
                "--target-version=py311",
                tmp_path,
            ],
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert ran.returncode == 0, ran.stdout


def test_every_network_of_the_package_has_a_module_so_far():
    """A kind that is added needs no module: it is refused with the list of the others."""
    assert set(NAMES) <= set(kinds()) - {"ngram"}
    assert {"bigram", "mlp", "deep_mlp", "wavenet", "rnn", "gru", "lstm", "bow", "transformer"} <= set(NAMES)


def test_only_torch_and_safetensors_are_imported_besides_the_standard_library(files):
    for code in files:
        tree = ast.parse(code)
        imported = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        imported |= {each.name for node in ast.walk(tree) if isinstance(node, ast.Import) for each in node.names}
        assert {name.partition(".")[0] for name in imported} - sys.stdlib_module_names == {"torch", "safetensors"}


def test_the_weights_are_in_the_file_beside_it(tmp_path):
    model = small_model("gru", layers=1)
    notes = []
    export(model, "torch", tmp_path / "names.py", on_note=notes.append)
    weights = tmp_path / "names.safetensors"
    assert notes == [f"'{weights}' holds the weights; keep both files in one folder."]
    found = load_file(weights)
    np.testing.assert_array_equal(found["layer.weight_ih_l0"], model.weights["layers.0.Wx"].T)
    assert sorted(found) == [
        "embedding.weight",
        "layer.bias_hh_l0",
        "layer.bias_ih_l0",
        "layer.weight_hh_l0",
        "layer.weight_ih_l0",
        "output.bias",
        "output.weight",
        "start",
    ]


HOSTILE = '"""\nimport os\nos.system("true")\n"""\\'


def test_names_and_characters_from_a_foreign_model_are_never_code():
    characters = Vocabulary(tuple(sorted({*HOSTILE, "'", "\u202e", "\u2028", "\x00", "é", "漢"})))
    model = labelled_model("gru", WORDS, [HOSTILE, "boy"] * 7)
    size = characters.size - 1
    model = replace(model, vocabulary=characters, facts={"list": HOSTILE * 2})
    tree = ast.parse(torch_module(model))
    values = {
        node.targets[0].id: ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") in ("CHARACTERS", "LABELS")
    }
    assert values == {"CHARACTERS": "".join(characters.characters), "LABELS": model.labels}
    assert len(values["CHARACTERS"]) == size
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr == "system"]


@pytest.mark.parametrize("text", ["", "it's", 'say "no"', "both ' and \"", "\\", "\\'", '\\"', "\n\u2028", "é" * 250])
def test_a_literal_is_the_string(text):
    written = literal(text)
    assert ast.literal_eval(written) == text
    assert max(map(len, written.splitlines())) <= 120


def test_a_counted_model_is_refused_with_the_kinds_that_have_a_module(tmp_path):
    with pytest.raises(ExportError, match=r"^a model of kind ngram is no PyTorch module, as bigram, mlp, .* are"):
        export(small_model("ngram"), "torch", tmp_path / "names.py")
    assert not [*tmp_path.iterdir()]


def test_a_path_that_is_no_python_file_is_refused(tmp_path):
    with pytest.raises(ExportError, match=r"'.*names' is no name for a Python file: give one that ends in \.py"):
        export(small_model("mlp"), "torch", tmp_path / "names")


def test_a_folder_that_is_not_there_is_an_error_that_names_the_file(tmp_path):
    with pytest.raises(ExportError, match=r"'.*names\.py' cannot be written: No such file or directory"):
        export(small_model("mlp"), "torch", tmp_path / "none" / "names.py")


def test_weights_of_something_else_are_not_replaced(tmp_path):
    (tmp_path / "model.safetensors").write_bytes(b"a model")
    with pytest.raises(ExportError, match=r"model\.safetensors' is there already"):
        export(small_model("gru"), "torch", tmp_path / "model.py")
    assert (tmp_path / "model.safetensors").read_bytes() == b"a model"


@pytest.mark.parametrize("name", ["torch", "json"])
def test_a_file_that_would_hide_a_module_from_its_own_imports_is_refused(tmp_path, name):
    with pytest.raises(ExportError, match=f"would hide the module {name}"):
        export(small_model("gru"), "torch", tmp_path / f"{name}.py")
