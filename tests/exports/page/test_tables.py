"""Tables of n-grams in a page: fewer n-grams by importance, probabilities as codes, and still probabilities."""

import numpy as np
import pytest

from morelike.errors import ExportError
from morelike.exports.page import ngram_tables
from morelike.exports.page.ngram_tables import decoded_table, encode_table, ngrams_in
from morelike.exports.page.payload import with_pruned_tables
from morelike.exports.page.pruning import _importance, prune
from morelike.exports.tracing import Runner, trace
from morelike.ngrams.tables import are_probabilities

from ...language_model.small_models import WORDS, labelled_model, small_model

SMOOTHINGS = ["mixture", "add", "kneser-ney", "witten-bell"]


def table_of(model):
    (table,) = trace(*model.prepared).tables
    return table


def assert_probabilities(weights):
    """Assert that a and b of each context sum to 1, for each estimate of each level."""
    names = [name for name in weights if ".a." in name]
    assert names
    for name in names:
        keys, b = weights[f"keys.{name.rpartition('.')[2]}"], weights[name.replace(".a.", ".b.")]
        assert are_probabilities(keys, weights[name], b, int(weights["symbols"])), name


@pytest.mark.parametrize("smoothing", SMOOTHINGS)
def test_a_pruned_table_is_a_model_with_probabilities_that_sum_to_one(smoothing):
    model = small_model("ngram", smoothing=smoothing, order=4)
    table = table_of(model)
    importance = _importance(table)
    for quantile in (0.0, 0.5, 0.9, 1.0):
        finite = np.concatenate(importance)[np.isfinite(np.concatenate(importance))]
        pruned = prune(table, importance, float(np.quantile(finite, quantile)))
        assert_probabilities(pruned.weights)
        _, logits = table.architecture.step(
            pruned.weights, table.architecture.start(pruned.weights, 2), np.array([0, 1], np.int32)
        )
        np.testing.assert_allclose(np.exp(logits).sum(axis=-1), 1, rtol=1e-5)
    assert len(pruned.weights["keys.4"]) < len(table.weights["keys.4"])


def test_nothing_left_out_is_the_same_model():
    table = table_of(small_model("ngram", order=4))
    same = prune(table, _importance(table), -np.inf)
    for name, array in same.weights.items():
        np.testing.assert_array_equal(array, table.weights[name], name)


def test_the_n_grams_that_matter_least_are_left_out_first():
    """Leaving out the least important half costs less than leaving out as many at random."""
    model = small_model("ngram", order=4)
    table = table_of(model)
    importance = _importance(table)
    lines = model.vocabulary.encode_lines(WORDS)
    tokens = [line.reshape(1, -1) for line in np.split(lines.tokens, lines.offsets[1:-1])]

    def loss(each):
        return -sum(each.architecture.log_probabilities(each.weights, line).sum() for line in tokens)

    finite = np.concatenate(importance)[np.isfinite(np.concatenate(importance))]
    chosen = prune(table, importance, float(np.median(finite)))
    rng = np.random.default_rng(0)
    shuffled = [np.where(np.isfinite(each), rng.permuted(each), np.inf) for each in importance]
    size = len(chosen.weights["keys.4"])
    threshold = float(np.sort(shuffled[-1])[::-1][size - 1])
    for k in range(3, 0, -1):  # what a kept n-gram needs stays
        parents = table.weights[f"keys.{k + 1}"] // model.vocabulary.size
        np.maximum.at(shuffled[k - 1], parents, shuffled[k])
        shuffled[k - 1][:] = np.maximum(shuffled[k - 1], importance[k - 1])
    random = prune(table, shuffled, threshold)
    assert loss(table) < loss(chosen) < loss(random)


@pytest.mark.parametrize("wide", [False, True])
def test_codes_are_close_to_the_probabilities_and_a_context_sums_to_one(wide):
    model = labelled_model("ngram", WORDS, ["a", "b"] * 7).conditioned_on("a")
    table = table_of(model)
    weights = decoded_table(encode_table(table, wide=wide))
    assert_probabilities(weights)
    for name in (name for name in weights if ".a." in name):
        np.testing.assert_allclose(weights[name], table.weights[name], rtol=1e-3 if wide else 0.2, atol=1e-6)
    before, after = (
        Runner(trace(table.architecture, each)).step((np.zeros((1, 3), np.int32),), np.zeros(1, np.int32))[1]
        for each in (table.weights, weights)
    )
    np.testing.assert_allclose(np.exp(after), np.exp(before), rtol=1e-3 if wide else 0.1)
    np.testing.assert_allclose(np.exp(after).sum(), 1, rtol=1e-5)


def test_all_tables_together_take_the_given_size():
    words = ["".join("abcdefgh"[(i * j) % 8] for j in range(1, 4 + i % 5)) for i in range(1, 200)]
    model = small_model("ngram", words=words, order=5)
    traced = trace(*model.prepared)
    assert with_pruned_tables(traced, "int8", 10_000_000) is traced
    size = len(encode_table(traced.tables[0], wide=False).packed())
    pruned = with_pruned_tables(traced, "int8", size // 4)
    assert 0 < ngrams_in(pruned) < ngrams_in(traced)


def test_a_table_that_a_page_cannot_number_is_refused(monkeypatch):
    table = table_of(small_model("ngram"))
    monkeypatch.setattr(ngram_tables, "MOST_NODES", 5)
    with pytest.raises(ExportError, match="a page holds at most 5; train with a larger `--min-count`"):
        encode_table(table, wide=False)
    monkeypatch.setattr(ngram_tables, "MOST_SYMBOLS", 3)
    with pytest.raises(ExportError, match="n-grams of 5 different characters: a page holds at most 3"):
        encode_table(table, wide=False)
