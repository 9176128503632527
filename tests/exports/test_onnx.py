"""The ONNX model: onnxruntime computes the logits of every kind, and samples from the file alone."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from morelike.api import load
from morelike.architecture import kinds
from morelike.errors import ExportError
from morelike.exports.format import export
from morelike.exports.formats.onnx import onnx_bytes
from morelike.exports.tracing import trace

from ..language_model.small_models import WORDS, labelled_model, small_model
from .models import MIXTURES, Decay

SAVED = Path(__file__).parents[1] / "golden" / "saved"

STEPS = 12
LABELS = [("girl", "boy", "")[i % 3] for i in range(len(WORDS))]
NETWORKS = [kind for kind in kinds() if kind != "ngram"]
VARIANTS = [
    *((kind, {}) for kind in NETWORKS),
    *(
        pytest.param(kind, settings, marks=pytest.mark.slow)
        for kind in ("rnn", "gru", "lstm")
        for settings in ({"one_hot": True}, {"tied": True, "embedding": 8}, {"layers": 1})
    ),
    pytest.param("transformer", {"context": 1}, marks=pytest.mark.slow),
]


def session_of(data):
    import onnxruntime  # its import is slow

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(data, options)


def exported(model, tmp_path):
    return session_of(str(export(model, "onnx", tmp_path / "model.onnx")))


def zeros(session, batch):
    """Return the state with which a batch may begin: a line begins with END, whatever the state."""
    types = {"tensor(float)": np.float32, "tensor(int32)": np.int32}
    return {
        each.name: np.zeros([batch if isinstance(size, str) else size for size in each.shape], types[each.type])
        for each in session.get_inputs()
        if each.name.startswith("state.")
    }


def run(session, tokens, state, **label):
    """Return the logits [T, B, V] after each character of lines [T, B]."""
    found = []
    for token in tokens:
        logits, *following = session.run(None, {"token": token, **label, **state})
        assert logits.dtype == np.float32
        found.append(logits)
        state = dict(zip(state, following, strict=True))
    return np.array(found)


def expected(architecture, weights, tokens):
    state, found = architecture.start(weights, tokens.shape[1]), []
    for token in tokens:
        state, logits = architecture.step(weights, state, token)
        found.append(logits)
    return np.array(found)


def lines(symbols, batch, steps=STEPS, seed=0):
    """Return lines side by side, one of which ends on the way."""
    found = np.random.default_rng(seed).integers(1, symbols, (steps, batch), dtype=np.int32)
    found[0], found[5, 0] = 0, 0
    return found


def assert_close(found, wanted):
    np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-4 * np.abs(wanted).max())


@pytest.mark.parametrize(("kind", "settings"), VARIANTS)
def test_onnxruntime_computes_the_logits_of_every_kind_for_a_batch_of_any_size(tmp_path, kind, settings):
    model = small_model(kind, **settings)
    session = exported(model, tmp_path)
    for batch in (1, 3):
        tokens = lines(model.vocabulary.size, batch)
        assert_close(run(session, tokens, zeros(session, batch)), expected(*model.prepared, tokens))


@pytest.mark.slow
@pytest.mark.parametrize("name", [*NETWORKS, "gru_text", "mlp_text"])
def test_models_of_earlier_versions_keep_their_logits(tmp_path, name):
    model = load(SAVED / name)
    session = exported(model, tmp_path)
    tokens = lines(model.vocabulary.size, 2)
    assert_close(run(session, tokens, zeros(session, 2)), expected(*model.prepared, tokens))


@pytest.mark.parametrize(
    "kind", ["gru", *(pytest.param(kind, marks=pytest.mark.slow) for kind in ("lstm", "transformer"))]
)
def test_each_line_of_a_batch_has_its_label(tmp_path, kind):
    model = labelled_model(kind, WORDS, LABELS)
    session = exported(model, tmp_path)
    tokens = lines(model.vocabulary.size, 3)
    found = run(session, tokens, zeros(session, 3), label=np.arange(3, dtype=np.int32))
    assert json.loads(session.get_modelmeta().custom_metadata_map["labels"]) == model.labels
    for place, label in enumerate(model.labels):
        conditioned = model.conditioned_on(label)
        wanted = expected(*conditioned.prepared, tokens)[:, place]
        assert_close(found[:, place], wanted)
        alone = exported(conditioned, tmp_path)
        assert "label" not in [each.name for each in alone.get_inputs()]
        assert_close(run(alone, tokens, zeros(alone, 3))[:, place], wanted)


def test_mixtures_of_networks_and_kinds_of_other_developers_are_held(tmp_path):
    model = MIXTURES["linear without counts"]()
    session = exported(model, tmp_path)
    tokens = lines(model.vocabulary.size, 2)
    assert_close(run(session, tokens, zeros(session, 2)), expected(*model.prepared, tokens))
    architecture = Decay()
    weights = architecture.init(np.random.default_rng(0), 5)
    session = session_of(onnx_bytes(trace(architecture, weights), {}))
    assert_close(run(session, lines(5, 2), zeros(session, 2)), expected(architecture, weights, lines(5, 2)))


def test_a_text_begins_with_the_start_of_the_metadata(tmp_path):
    model = replace(small_model("lstm"), form="text")
    session = exported(model, tmp_path)
    (start,) = json.loads(session.get_modelmeta().custom_metadata_map["start"])
    tokens = lines(model.vocabulary.size, 1)[1:5]
    assert_close(run(session, tokens, {"state.0": np.array(start, np.float32)}), expected(*model.prepared, tokens))


def test_the_file_says_all_that_a_program_needs(tmp_path):
    import onnx  # its import is slow

    model = replace(small_model("gru", seed=1), facts={"list": "n\u0303ames"})
    path = export(model, "onnx", tmp_path / "names.onnx")
    found = onnx.load(path)
    onnx.checker.check_model(found, full_check=True)
    about = {each.key: each.value for each in found.metadata_props}
    assert about["characters"] == "aehn"
    read = {name: json.loads(value) for name, value in about.items() if name != "characters"}
    assert (read["kind"], read["form"], read["end"], read["labels"], read["label"]) == ("gru", "lines", 0, {}, None)
    assert read["settings"]["hidden"] == 8
    assert read["facts"] == {"list": "n\u0303ames"}
    shapes = {
        each.name: [size.dim_param or size.dim_value for size in each.type.tensor_type.shape.dim]
        for each in (*found.graph.input, *found.graph.output)
    }
    assert shapes == {
        "token": ["batch"],
        "state.0": [2, "batch", 8],
        "logits": ["batch", 5],
        "next_state.0": [2, "batch", 8],
    }


@pytest.mark.parametrize("make", [lambda: small_model("ngram"), MIXTURES["linear"]])
def test_counted_n_grams_are_refused(tmp_path, make):
    with pytest.raises(
        ExportError, match=r"ONNX holds networks, and this model is counted or has a counted member \(n"
    ):
        export(make(), "onnx", tmp_path / "model.onnx")
    assert not [*tmp_path.iterdir()]
