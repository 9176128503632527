"""A word with the count 3 is three equal lines in counting, gradient descent and evaluation."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import morelike
from morelike.architecture import build
from morelike.errors import ListError, SettingError
from morelike.evaluation.intervals import compare
from morelike.evaluation.loss import evaluate
from morelike.models.ngram import NGram
from morelike.ngrams.counting import count_ngrams
from morelike.runs.plan import make_plan, plan_of_run
from morelike.runs.run_folder import RunFolder
from morelike.runs.settings import TrainingConfig
from morelike.text.corpus import Corpus
from morelike.text.examples.packed_rows import packed_rows
from morelike.text.vocabulary import Vocabulary
from morelike.training.experiment import run_experiment, start_run
from morelike.training.jax.engine import Engine
from morelike.workflows.mixing import mix

VOCABULARY = Vocabulary(("a", "b", "c"))
WEIGHTED = st.lists(st.tuples(st.text("abc", max_size=6), st.integers(1, 5)), min_size=1, max_size=8)
WORDS = ["anna", "hanna", "anne", "nan", "hen", "henna", "nea", "ann", "hanne", "nah", "heh", "eha"]
COUNTS = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8]


def weighted(pairs):
    words, weights = zip(*pairs, strict=True)
    return replace(VOCABULARY.encode_lines(words), weights=np.array(weights))


def repeated(pairs):
    return VOCABULARY.encode_lines([word for word, weight in pairs for _ in range(weight)])


@settings(max_examples=30)
@given(pairs=WEIGHTED, order=st.integers(1, 5))
def test_a_weighted_line_is_counted_as_often_as_its_repetitions(pairs, order):
    for level, expected in zip(
        count_ngrams(weighted(pairs), order, 4), count_ngrams(repeated(pairs), order, 4), strict=True
    ):
        assert level.keys.tolist() == expected.keys.tolist()
        assert level.counts.tolist() == expected.counts.tolist()


@pytest.mark.parametrize("smoothing", ["add", "witten-bell", "kneser-ney"])
@settings(max_examples=30)
@given(pairs=WEIGHTED, order=st.integers(1, 5))
def test_every_smoothing_of_weighted_lines_is_that_of_repeated_ones_to_the_bit(smoothing, pairs, order):
    model = NGram(order=order, smoothing=smoothing)
    dev = VOCABULARY.encode_lines([])
    found, expected = model.fit(weighted(pairs), dev, 4), model.fit(repeated(pairs), dev, 4)
    assert found.keys() == expected.keys()
    for name, array in expected.items():
        assert found[name].tobytes() == array.tobytes()


@settings(max_examples=30)
@given(pairs=WEIGHTED, dev=WEIGHTED, order=st.integers(1, 4))
def test_the_mixture_is_weighted_by_dev_as_if_its_lines_were_repeated(pairs, dev, order):
    model = NGram(order=order)
    found = model.fit(weighted(pairs), weighted(dev), 4)["mixture"]
    expected = model.fit(repeated(pairs), repeated(dev), 4)["mixture"]
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-9)


def test_long_dev_lines_keep_their_weight_in_every_piece():
    pairs, dev = [("abcab", 2), ("b", 1)], [("abc" * 200, 3), ("cab", 1)]
    model = NGram(order=3)
    found, expected = (model.fit(f(pairs), f(dev), 4)["mixture"] for f in (weighted, repeated))
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-9)


@pytest.mark.parametrize("kind", ["bigram", "rnn"])  # contexts and rows
def test_on_a_full_batch_loss_and_gradient_are_those_of_repeated_lines(kind):
    pairs = [("abc", 4), ("b", 1), ("ca", 2), ("aabb", 7)]
    sizes = {"hidden": 8, "embedding": 4, "dropout": 0.0, "input_dropout": 0.0}
    architecture = build(kind, {} if kind == "bigram" else sizes)
    evaluations = []
    for lines in (weighted(pairs), repeated(pairs)):
        batch = len(lines.tokens if kind == "bigram" else packed_rows(lines, 16))
        config = TrainingConfig(
            steps=1, evaluate_every=1, chunk=1, batch_size=batch, row_length=16, schedule="constant"
        )
        engine = Engine(architecture, config, lines, lines, 4)
        assert engine.train.examples == batch
        state = engine.initial_state()
        evaluations.append((engine.preview(state, 0), engine.dev_loss(state.weights)))
    (found, found_dev), (expected, expected_dev) = evaluations
    assert found.loss == pytest.approx(expected.loss, rel=1e-6)
    assert found_dev == pytest.approx(expected_dev, rel=1e-6)
    for name, gradient in expected.gradients.items():
        np.testing.assert_allclose(found.gradients[name], gradient, rtol=0, atol=1e-6)


def test_the_loss_of_weighted_words_is_that_of_repeated_ones_and_the_interval_is_over_words():
    losses, lengths, weights = np.array([2.0, 9.0, 4.0]), np.array([2, 3, 4]), np.array([5, 1, 3])
    seen = np.array([True, False, False])
    found = evaluate(losses, lengths, seen, weights=weights)
    repeats = evaluate(*(np.repeat(each, weights) for each in (losses, lengths, seen)))
    assert found.nats_per_character == repeats.nats_per_character
    assert found.unseen.nats_per_character == repeats.unseen.nats_per_character
    assert (found.lines, found.characters, found.occurrences) == (3, 9, 9)
    assert found.interval[1] - found.interval[0] > repeats.interval[1] - repeats.interval[0]


def test_the_interval_of_weighted_words_lies_around_their_loss():
    rng = np.random.default_rng(0)
    frequent = np.arange(200) < 40
    losses, lengths = np.where(frequent, 5.0, 25.0) + rng.normal(size=200), np.full(200, 5)
    found = evaluate(losses, lengths, weights=np.where(frequent, 1000, 1))
    low, high = found.interval
    assert low < found.nats_per_character < high < 1.2


def test_the_difference_of_two_models_is_weighted_like_their_losses():
    ours, theirs, lengths, weights = np.array([2.0, 9.0]), np.array([1.0, 12.0]), np.array([2, 3]), np.array([5, 1])
    found = compare(ours, theirs, lengths, weights)
    expected = evaluate(ours, lengths, weights=weights), evaluate(theirs, lengths, weights=weights)
    assert found.difference == pytest.approx(expected[0].nats_per_character - expected[1].nats_per_character)


@pytest.mark.parametrize(("weighting", "expected"), [("counts", 0.9), ("none", 0.5)])
def test_samples_follow_the_counts(weighting, expected):
    settings = {"order": 6, "smoothing": "witten-bell", "split": "none"}
    model = morelike.train(["anna", "bob"], "ngram", counts=[900, 100], count_weighting=weighting, **settings)
    samples = model.sample(400, seed=1, novel=False, unique=False)
    share = samples.count("anna") / (samples.count("anna") + samples.count("bob"))
    assert share == pytest.approx(expected, abs=0.1)  # four standard errors or more


def test_training_on_counts_is_training_on_repeated_lines():
    repeats = [word for word, count in zip(WORDS, COUNTS, strict=True) for _ in range(count)]
    found = morelike.train(WORDS, "ngram", counts=COUNTS, split="none")
    expected = morelike.train(repeats, "ngram", split="none")
    assert found.losses(WORDS)[0].tobytes() == expected.losses(WORDS)[0].tobytes()
    assert found.facts["losses"]["train"]["nats"] == pytest.approx(expected.facts["losses"]["train"]["nats"], rel=1e-12)
    assert found.facts["count_weighting"] == "counts"


def test_a_kept_list_keeps_its_counts_and_the_plan_comes_back(tmp_path):
    plan = make_plan(Corpus("words", WORDS, COUNTS), "ngram", settings={"count_weighting": "log"})
    run = start_run(plan, tmp_path)
    assert plan_of_run(RunFolder(run.path)) == plan
    assert (run.path / "list.txt").read_text().splitlines()[0] == "anna\t3"


def test_changed_counts_are_a_changed_list(tmp_path):
    plan = make_plan(Corpus("words", WORDS, COUNTS), "ngram", settings={})
    run = start_run(plan, tmp_path)
    kept = run.path / "list.txt"
    kept.write_text(kept.read_text().replace("anna\t3", "anna\t4", 1))
    with pytest.raises(morelike.errors.RunError, match="has changed"):
        plan_of_run(RunFolder(run.path))


def test_weights_without_counts_are_refused():
    with pytest.raises(SettingError, match="has no counts"):
        morelike.train(WORDS, "ngram", count_weighting="log")


@pytest.mark.parametrize("counts", [[1], [-1] * len(WORDS), [0] * len(WORDS)])
def test_counts_that_do_not_fit_are_refused(counts):
    with pytest.raises(ListError, match="count"):
        morelike.train(WORDS, "ngram", counts=counts)


def test_models_that_weigh_their_list_differently_are_not_mixed():
    models = [
        morelike.train(WORDS, "ngram", counts=COUNTS, count_weighting=weights, order=3) for weights in ("counts", "log")
    ]
    with pytest.raises(SettingError, match="differently"):
        mix(models, WORDS)


def test_a_weighted_run_that_was_interrupted_ends_as_one_that_was_not(tmp_path):
    settings = {"count_weighting": "log", "steps": 12, "evaluate_every": 4, "chunk": 4, "batch_size": 4}
    plan = make_plan(Corpus("words", WORDS, COUNTS), "bigram", settings=settings)
    *_, whole = run_experiment(plan)
    run = start_run(plan, tmp_path)
    *_, last = run_experiment(plan, run, should_stop=lambda: True)
    assert last.reason == "interrupted"
    *_, done = run_experiment(plan_of_run(RunFolder(run.path)), RunFolder(run.path))
    assert done.result.model.weights["W"].tobytes() == whole.result.model.weights["W"].tobytes()
    assert done.result.losses == whole.result.losses
