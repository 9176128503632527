"""Training on a running text: consecutive pieces, state carried from one to the next, and no end symbol anywhere."""

from dataclasses import replace

import numpy as np
import pytest

import morelike
from morelike.architecture import RecurrentArchitecture, WindowArchitecture, build, find, kinds
from morelike.arrays import log_softmax
from morelike.runs.plan import make_plan, plan_of_run
from morelike.text.corpus import Corpus
from morelike.text.known_words import KnownWords
from morelike.text.splits import split_text
from morelike.text.vocabulary import END, Vocabulary
from morelike.training import result
from morelike.training.experiment import ExperimentFinished, run_experiment, start_run
from morelike.training.jax.datasets import ConsecutiveTextDataset, ContextDataset, RandomTextDataset, make_dataset
from morelike.training.jax.engine import Engine

from ..language_model.small_models import small_model
from .runs import products, pronounceable, quick_first, small_settings

TEXT = " ".join(pronounceable(80)) + "."
LINES = TEXT.replace(" ", "\n")
SHORT = {"steps": 6, "evaluate_every": 4, "chunk": 2, "batch_size": 3, "row_length": 12}
RECURRENT = [kind for kind in kinds() if issubclass(find(kind), RecurrentArchitecture)]
SMALL = {"embedding": 4, "hidden": 6, "dropout": 0.0}


def encoded(text):
    return Vocabulary.of([text]).encode_text(text)


@pytest.mark.parametrize(("length", "width", "batch"), [(100, 7, 3), (64, 9, 1), (43, 6, 7), (15, 20, 1)])
def test_rows_read_consecutive_pieces_and_reset_only_where_they_start_again(length, width, batch):
    tokens = encoded(LINES[:length]).tokens[:-1].tolist()
    dataset = ConsecutiveTextDataset(build("gru", {}), encoded(LINES[:length]), width)
    width = min(width, length - 1)
    lane = (length - 1) // batch
    expected = [
        [tokens[first + at : first + at + width + 1] for first in range(0, batch * lane, lane)]
        for at in range(0, lane - width + 1, width)
    ]
    steps = 2 * len(expected) + 1
    got = dataset.reader.gather(dataset.data, dataset.indices(batch, 0, 0, steps))
    for step in range(steps):
        pieces = expected[step % len(expected)]
        assert got.inputs[step].tolist() == [piece[:-1] for piece in pieces]
        assert got.targets[step].tolist() == [piece[1:] for piece in pieces]
        assert got.resets[step].tolist() == [step % len(expected) == 0] * batch


def test_consecutive_pieces_do_not_depend_on_how_the_steps_are_divided():
    dataset = ConsecutiveTextDataset(build("gru", {}), encoded(LINES), 10)
    whole = dataset.indices(4, 0, 0, 40)
    cut = [dataset.indices(4, 0, step, steps) for step, steps in ((0, 7), (7, 1), (8, 32))]
    np.testing.assert_array_equal(np.concatenate(cut), whole)


def test_pieces_begin_anywhere_and_hold_no_end():
    lines = encoded(LINES)
    dataset = RandomTextDataset(build("transformer", {}), lines, 12)
    index = dataset.indices(8, 0, 0, 1000)
    assert set(index.ravel().tolist()) == set(range(len(LINES) - 12))
    got = dataset.reader.gather(dataset.data, np.arange(len(LINES) - 12))
    for first, (inputs, targets) in enumerate(zip(got.inputs.tolist(), got.targets.tolist(), strict=True)):
        assert [*inputs, targets[-1]] == lines.tokens[first : first + 13].tolist()
        assert inputs[1:] == targets[:-1]
        assert END not in inputs + targets


@pytest.mark.parametrize("training", [True, False])
def test_windows_predict_each_character_but_the_first_and_never_the_end(training):
    lines = encoded(LINES)
    dataset = make_dataset(build("mlp", {"context": 5}), lines, 12, text=True, training=training)
    assert isinstance(dataset, ContextDataset)
    assert dataset.examples == len(LINES) - 1
    context, targets = (np.asarray(each) for each in dataset.reader.gather(dataset.data, np.arange(dataset.examples)))
    assert targets.tolist() == lines.tokens[1:-1].tolist()
    padded = [END] * 5 + lines.tokens.tolist()
    assert context.tolist() == [padded[i + 1 : i + 6] for i in range(dataset.examples)]
    drawn = dataset.indices(16, 0, 0, 2000)
    assert (drawn.min(), drawn.max()) == (0, dataset.examples - 1)


def test_each_type_of_architecture_has_its_dataset():
    lines = encoded(LINES)
    for kind in kinds():
        architecture = build(kind, {})
        if hasattr(architecture, "logits"):
            dataset = make_dataset(architecture, lines, 12, text=True, training=True)
            lanes = isinstance(architecture, RecurrentArchitecture)
            windows = isinstance(architecture, WindowArchitecture)
            assert type(dataset) is (
                ContextDataset if windows else ConsecutiveTextDataset if lanes else RandomTextDataset
            ), kind


def engine_of(kind, text, **settings):
    given = {"batch_size": 2, "row_length": 9, "warmup": 0, "schedule": "constant", "optimizer": "sgd", **settings}
    made = make_plan(Corpus("text", [text], form="text"), kind, split="none", settings={}, configured=given)
    lines = encoded(text)
    config = made.training.with_row_length(lines.lengths, text=True).resolved((len(text) - 1) // 9, 1.0)
    return Engine(
        made.architecture, config, lines, lines.take(np.array([], dtype=int)), Vocabulary.of([text]).size, text=True
    )


def away_from_fresh(weights):
    rng = np.random.default_rng(5)
    return {
        n: np.asarray(a) + np.float32(0.5) * rng.standard_normal(a.shape, dtype=np.float32) for n, a in weights.items()
    }


def nats_along(architecture, weights, tokens):
    """Return -ln p of each character of lanes [B, T + 1] but the first, the state never forgotten: NumPy alone."""
    state, found = architecture.start(weights, len(tokens)), []
    for t in range(tokens.shape[1] - 1):
        state, logits = architecture.step(weights, state, tokens[:, t])
        found.append(-log_softmax(logits)[np.arange(len(tokens)), tokens[:, t + 1]])
    return np.stack(found, axis=1)


@pytest.mark.parametrize(
    ("kind", "settings"),
    [*(pytest.param(kind, {}, marks=pytest.mark.slow) for kind in RECURRENT if kind != "rnn"), ("rnn", {"layers": 2})],
)
def test_a_recurrent_model_trains_on_pieces_as_if_each_lane_were_one_long_row(kind, settings):
    text, width, batch = LINES[:67], 9, 2  # lanes of 33 pairs: three pieces each, and six left out
    engine = engine_of(kind, text, learning_rate=1e-12, steps=4, **SMALL, **settings)
    fresh = engine.initial_state()
    state = fresh._replace(weights=away_from_fresh(fresh.weights))
    first = engine.run(state, 0, 2)  # cut within a lane: what is carried goes from call to call
    losses = np.concatenate([first.losses, engine.run(first.state, 2, 2).losses])

    tokens = encoded(text).tokens
    lanes = np.stack([tokens[: 3 * width + 1], tokens[33 : 33 + 3 * width + 1]])
    each = nats_along(engine.architecture, state.weights, lanes).reshape(batch, 3, width).mean(axis=(0, 2))
    np.testing.assert_allclose(losses, [*each, each[0]], rtol=1e-5)
    alone = nats_along(engine.architecture, state.weights, lanes[:, width : 2 * width + 1]).mean()
    assert abs(alone - each[1]) > 1e-4  # a state forgotten would be seen


def test_only_a_recurrent_model_in_a_running_text_carries_a_state():
    carried = {kind: engine_of(kind, LINES).initial_state().carried for kind in ("gru", "lstm", "mlp", "transformer")}
    assert {kind: {name: a.shape for name, a in each.items()} for kind, each in carried.items()} == {
        "gru": {"layers.0": (2, 160)},
        "lstm": {"layers.0": (2, 320)},
        "mlp": {},
        "transformer": {},
    }


def small_plan(kind, text, source=None, **settings):
    shape = {"layers": 1, **({"context": 4} if kind == "wavenet" else {})}
    given = {"order": 3, "smoothing": "witten-bell"}
    if hasattr(find(kind), "logits"):
        own = {name: value for name, value in shape.items() if name in find(kind).model_fields}
        given = small_settings(kind, **{**SHORT, **own, **settings})
    return make_plan(Corpus("text", [text], form="text"), kind, source=source, settings=given)


def trained(out, kind, text=LINES, *, should_stop=lambda: False, **settings):
    """Train as the command line does and return the run and its last event."""
    out.mkdir()
    (out / "text.txt").write_text(text)
    run = start_run(small_plan(kind, text, str(out / "text.txt"), **settings), out / "runs")
    *_, last = run_experiment(plan_of_run(run), run, should_stop=should_stop)
    return run, last


@pytest.fixture(scope="module", autouse=True)
def short_ends():
    """Let a run end soon: it writes few characters, and the count baseline, which no test here reads, has order 1."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(result, "TEXT_SAMPLE", 20)
        patch.setattr(result, "build", lambda kind, settings: build(kind, settings or {"order": 1}))
        yield


@pytest.fixture(scope="module", params=quick_first(kinds(), ("ngram", "mlp", "rnn")))
def whole(request, tmp_path_factory):
    """A run of each kind on a small text, which nothing interrupted."""
    return request.param, *trained(tmp_path_factory.mktemp("text") / "whole", request.param)


def test_every_kind_trains_on_a_text_with_finite_losses_and_writes(whole):
    _, run, last = whole
    assert isinstance(last, ExperimentFinished)
    assert last.result.model.form == "text"
    assert last.result.losses.keys() == {"train", "dev", "test"}
    for name, loss in last.result.losses.items():
        assert 0 < loss.nats_per_character < 5, name
    lengths = {name: len(words[0]) - 1 for name, words in last.result.splits.parts.items()}
    assert {name: loss.characters for name, loss in last.result.losses.items()} == lengths
    text = morelike.LanguageModel.load(run.model).write(30, prefix="b")
    assert len(text) == 31
    assert set(text) <= set(LINES)


def test_the_dev_loss_during_training_is_that_of_the_model_in_use(whole):
    kind, run, last = whole
    evaluations = [line["dev"] for line in run.metrics() if "dev" in line]
    if kind == "ngram":
        assert evaluations == []
        return
    assert min(evaluations) == pytest.approx(last.result.losses["dev"].nats_per_character, rel=1e-5)


def stop_after(chunks):
    """Return what says to stop after so many chunks."""
    heard = iter(range(chunks - 1))
    return lambda: next(heard, None) is None


@pytest.mark.parametrize(
    ("whole", "chunks"),
    [
        ("rnn", 1),
        ("mlp", 1),
        *(pytest.param(k, n, marks=pytest.mark.slow) for k, n in (("gru", 1), ("transformer", 2), ("lstm", 2))),
    ],
    indirect=["whole"],
)
def test_a_run_stopped_after_a_chunk_and_resumed_gives_the_same_bytes(whole, tmp_path, chunks):
    kind, expected, _ = whole
    run, _ = trained(tmp_path / "left", kind, should_stop=stop_after(chunks))
    assert run.meta()["status"] == "interrupted"
    kept = run.checkpoints.newest()
    assert kept.facts["step"] == chunks
    carried = [array for name, array in kept.arrays.items() if name.startswith("carried/")]
    assert [bool(np.any(array)) for array in carried] == [True] * (kind in RECURRENT)
    list(run_experiment(plan_of_run(run), run))
    ours, theirs = products(run.path), products(expected.path)
    assert ours.keys() == theirs.keys()
    assert [name for name in ours if ours[name] != theirs[name]] == []


@pytest.mark.parametrize("text", [TEXT, LINES, LINES + "\n\n"], ids=["one line", "lines", "blank lines at its end"])
def test_a_text_without_a_file_is_saved_in_its_run(tmp_path, text):
    run = start_run(small_plan("ngram", text), tmp_path)
    assert plan_of_run(run).corpus.words == [text]


def test_the_shortest_text_is_learned_and_its_settings_can_be_read_again(tmp_path):
    run, last = trained(tmp_path / "short", "mlp", "ab", steps=2, evaluate_every=2)
    assert last.result.losses["train"].characters == 1
    assert plan_of_run(run).corpus.words == ["ab"]


def text_model(kind, text, **settings):
    """Return a small model of running text with random weights, or counted on the text."""
    model = small_model(kind, [text.replace("\n", " ")], **settings)
    return replace(model, form="text", known=KnownWords.of(split_text(text)))


SEEN_WHOLE = [
    ("mlp", {"context": 3}),
    ("mlp", {"context": 70}),
    ("deep_mlp", {"layers": 2}),
    ("wavenet", {"context": 8}),
    ("bigram", {}),
    ("ngram", {"order": 3, "smoothing": "witten-bell"}),
]


@pytest.mark.parametrize(("kind", "settings"), SEEN_WHOLE, ids=str)
def test_the_loss_of_a_text_is_that_of_a_plain_loop_over_all_of_it(kind, settings):
    text = (TEXT * 3)[:300]
    evaluated_as_a_plain_loop(text_model(kind, TEXT, **settings), text)


@pytest.mark.parametrize("kind", [*RECURRENT, "ngram", "mlp"])
@pytest.mark.parametrize("length", [2, 193])
def test_a_text_shorter_than_a_row_is_evaluated_whole(kind, length):
    evaluated_as_a_plain_loop(text_model(kind, TEXT), TEXT[:length])


def evaluated_as_a_plain_loop(model, text):
    tokens = np.array([model.vocabulary.encode(text)], dtype=np.int32)
    weights = model.architecture.prepare(model.weights)
    expected = nats_along(model.architecture, weights, tokens)[0]
    loss = model.evaluate([text])
    assert loss.characters == len(text) - 1
    assert loss.nats_per_character == pytest.approx(expected.mean(dtype=np.float64), abs=1e-5)
    nats, characters = model.losses([text])
    assert (characters.tolist(), nats[0]) == ([len(text) - 1], pytest.approx(expected.sum(dtype=np.float64), rel=1e-5))
    np.testing.assert_allclose(model.surprisal(text[:80]), expected[:79], atol=1e-5)


@pytest.mark.parametrize("kind", ["transformer", "bow"])
def test_a_model_with_blocks_sees_at_least_half_a_block_of_the_text_before_each_character(kind):
    model = text_model(kind, TEXT, context=8)
    tokens = model.vocabulary.encode(TEXT)
    total = 0.0
    for first in range(0, len(tokens) - 1, 4):
        seen = np.array([tokens[max(first - 4, 0) : first + 5]], dtype=np.int32)
        nats = nats_along(model.architecture, model.weights, seen)[0]
        total += nats[-len(tokens[first + 1 : first + 5]) :].sum(dtype=np.float64)
    assert model.evaluate([TEXT]).nats_per_character == pytest.approx(total / (len(tokens) - 1), abs=1e-5)
