"""Running statistics are measured in training, saved with the model, and are not parameters."""

import jax
import numpy as np
import pytest

import morelike
from morelike.architecture import USE, build
from morelike.language_model.model import LanguageModel
from morelike.runs.plan import make_plan
from morelike.text.corpus import Corpus
from morelike.text.known_words import KnownWords
from morelike.text.splits import split
from morelike.text.vocabulary import Vocabulary
from morelike.training.jax.engine import Engine, named_arrays
from morelike.training.jax.jax_mode import Compiled

from ..runs import pronounceable, quick_first, train_small

WORDS = ["anna", "hannah", "o", "bob", "ada", "eve", "hanno", "annabellina", "bea", "noa", "theo", "a"]
KINDS = ["deep_mlp", "wavenet"]
QUICK_FIRST = quick_first(KINDS, ("deep_mlp",))
EVERY = pytest.mark.parametrize("kind", QUICK_FIRST)
SMALL = {"deep_mlp": {"context": 4, "embedding": 5, "hidden": 6, "layers": 2}}
SMALL["wavenet"] = {"context": 4, "embedding": 5, "hidden": 6}
BATCH = 16


def engine_of(kind, **settings):
    given = {**SMALL[kind], "steps": 1, "batch_size": BATCH, "warmup": 0, "schedule": "constant", **settings}
    made = make_plan(Corpus("words", WORDS), kind, settings=given)
    vocabulary = Vocabulary.of(WORDS)
    lines = vocabulary.encode_lines(WORDS)
    config = made.training.with_row_length(lines.lengths).resolved(len(lines.tokens), 1.0)
    return Engine(made.architecture, config, lines, lines.take(np.array([], dtype=int)), vocabulary.size)


def arrays(state):
    return {name: np.asarray(array) for name, array in state.weights.items()}


def is_statistic(name):
    return name.endswith((".mean", ".variance"))


@pytest.fixture(scope="module", params=QUICK_FIRST)
def stepped(request):
    """An engine, its fresh weights, and those after one step so small that parameters hardly move."""
    engine = engine_of(request.param, learning_rate=1e-9, weight_decay=0.0)
    state = engine.initial_state()
    return engine, arrays(state), arrays(engine.run(state, 0, 1).state)


def test_a_step_moves_every_running_statistic(stepped):
    _, before, after = stepped
    statistics = [name for name in after if is_statistic(name)]
    assert len(statistics) == 4
    for name in statistics:
        assert np.all(after[name] != before[name]), name
        assert np.all(after[name] > 0) or name.endswith(".mean"), name


@EVERY
def test_the_optimiser_has_a_state_for_every_parameter_and_for_no_statistic(kind):
    state = engine_of(kind).initial_state()
    kept = [name for name in named_arrays(state) if name.startswith("optimizer/")]
    for name in state.weights:
        of_this = [path for path in kept if path.endswith(f"/{name}")]
        assert len(of_this) == (0 if is_statistic(name) else 2), name  # AdamW's two moments


def test_neither_weight_decay_nor_the_gradient_touches_a_statistic(stepped):
    """They are what the batch gave, however far the same step throws the parameters."""
    engine, _, mild = stepped
    thrown = engine_of(engine.architecture.kind, learning_rate=0.5, weight_decay=50.0)
    wild = arrays(thrown.run(thrown.initial_state(), 0, 1).state)
    for name in mild:
        if is_statistic(name):
            np.testing.assert_allclose(wild[name], mild[name], rtol=1e-6, atol=1e-7, err_msg=name)
        else:
            assert np.abs(wild[name] - mild[name]).max() > 0.1, name


def contexts_by_hand(words, length):
    """Return every context of the words, and what follows it, in the order of the words."""
    ids = {character: i for i, character in enumerate(sorted(set("".join(words))), 1)}
    found = []
    for word in words:
        window = [0] * length
        for token in [*(ids[character] for character in word), 0]:
            found.append((window, token))
            window = [*window[1:], token]
    return found


def statistics_by_hand(weights, contexts):
    """Return the running statistics after one batch of a deep MLP, by the definition in float64."""
    weights = {name: array.astype(np.float64) for name, array in weights.items()}
    h = np.array([weights["C"][context].ravel() for context in contexts])
    found, layer = {}, 0
    while f"layers.{layer}.W" in weights:
        x = h @ weights[f"layers.{layer}.W"]
        mean, squares = x.sum(0) / len(x), ((x - x.sum(0) / len(x)) ** 2).sum(0)
        found[f"layers.{layer}.mean"] = 0.1 * mean
        found[f"layers.{layer}.variance"] = 0.9 + 0.1 * squares / (len(x) - 1)
        h = np.tanh((x - mean) / np.sqrt(squares / len(x) + 1e-5))
        layer += 1
    return found


@pytest.mark.parametrize("batch", [BATCH, 1000], ids=["drawn", "all"])
def test_the_moments_are_those_of_exactly_the_contexts_of_the_batch_and_of_no_padding(batch):
    engine = engine_of("deep_mlp", batch_size=batch)
    order = np.random.Generator(np.random.Philox(key=[0, 0])).permutation(len(WORDS))
    examples = contexts_by_hand([WORDS[i] for i in order], SMALL["deep_mlp"]["context"])
    (index,) = engine.train.indices(engine.config.batch_size, 0, 0, 1)
    assert len(index) == min(batch, sum(len(word) + 1 for word in WORDS))
    context, targets = engine.train.reader.gather(engine.train.data, index)
    assert list(zip(context.tolist(), targets.tolist(), strict=True)) == [examples[i] for i in index]

    state = engine.initial_state()
    after = arrays(engine.run(state, 0, 1).state)
    for name, expected in statistics_by_hand(arrays(state), [examples[i][0] for i in index]).items():
        np.testing.assert_allclose(after[name], expected, rtol=1e-4, atol=1e-6, err_msg=name)


@EVERY
def test_statistics_are_saved_with_the_model_and_loaded_bit_for_bit(kind, tmp_path):
    model = train_small(kind, split="none", out=tmp_path, **SMALL[kind], steps=4, evaluate_every=4)
    loaded = morelike.load("latest", out=tmp_path)
    statistics = [name for name in model.weights if is_statistic(name)]
    assert statistics
    for name in statistics:
        assert loaded.weights[name].tobytes() == model.weights[name].tobytes()
        assert np.all(loaded.weights[name] != float(name.endswith(".variance")))
    assert loaded.logits("ba").tobytes() == model.logits("ba").tobytes()
    assert loaded.losses(pronounceable()[:5])[0].tobytes() == model.losses(pronounceable()[:5])[0].tobytes()


@pytest.mark.parametrize(
    ("kind", "settings", "symbols", "parameters"),
    [
        ("deep_mlp", {}, 27, 224_097),
        ("wavenet", {}, 27, 76_579),
        ("mlp", {}, 27, 11_897),
        ("mlp", {"embedding": 2, "hidden": 100, "context": 3}, 27, 3_481),
        ("mlp", {"embedding": 2, "hidden": 100, "context": 3}, 41, 4_923),
    ],
)
def test_the_parameters_are_as_many_as_published_running_statistics_left_out(kind, settings, symbols, parameters):
    architecture = build(kind, settings)
    vocabulary = Vocabulary(tuple(chr(0x100 + i) for i in range(symbols - 1)))
    weights = architecture.init(np.random.default_rng(0), symbols)
    model = LanguageModel(vocabulary, architecture, weights, KnownWords.of(split([])))
    assert model.parameters == parameters
    left_out = sum(array.size for name, array in weights.items() if is_statistic(name))
    assert sum(array.size for array in weights.values()) == parameters + left_out


def moved_weights(architecture, symbols):
    rng = np.random.default_rng(1)
    fresh = architecture.init(rng, symbols)
    return {
        name: a + np.float32(0.3) * np.abs(rng.standard_normal(a.shape, dtype=np.float32)) for name, a in fresh.items()
    }


@EVERY
def test_logits_of_a_line_depend_on_the_other_lines_in_training_alone(kind):
    architecture = build(kind, SMALL[kind])
    weights = moved_weights(architecture, 9)
    tokens = np.random.default_rng(0).integers(0, 9, (4, 7)).astype(np.int32)
    tokens[:, 0] = 0
    for mode in (USE, Compiled()):
        alone = np.concatenate([architecture.logits(weights, tokens[i : i + 1], mode) for i in range(len(tokens))])
        np.testing.assert_allclose(architecture.logits(weights, tokens, mode), alone, atol=1e-5)
    training = [
        architecture.logits(weights, jax.numpy.asarray(tokens[lines]), Compiled(key=jax.random.key(0)))[0]
        for lines in ([0], [0, 1, 2, 3])
    ]
    assert np.abs(training[0] - training[1]).max() > 0.01


@EVERY
def test_an_evaluation_on_dev_measures_nothing(kind):
    architecture = build(kind, SMALL[kind])
    mode = Compiled()
    architecture.logits(moved_weights(architecture, 9), np.zeros((2, 5), dtype=np.int32), mode)
    assert mode.measured == {}
