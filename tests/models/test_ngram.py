import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from morelike.arrays import softmax
from morelike.models import ngram
from morelike.models.ngram import NGram
from morelike.ngrams import counting, expectation_maximisation
from morelike.text.vocabulary import END, Vocabulary

from . import reference_ngram as reference

LETTERS = "abc"
VOCABULARY = Vocabulary(tuple(LETTERS))
WORDS = st.lists(st.text(LETTERS, max_size=7), min_size=1, max_size=12)
SOME_WORDS = ["ab", "abc", "abca", "b", "ca", "cab", "ab", "bacca", "", "aaa"]
SMOOTHINGS = ["add", "witten-bell", "kneser-ney", "mixture"]
REFERENCES = {
    "add": lambda counts, order: reference.add(counts, order, 0.1, VOCABULARY.size),
    "witten-bell": lambda counts, order: reference.witten_bell(counts, order, VOCABULARY.size),
    "kneser-ney": lambda counts, order: reference.kneser_ney(counts, order, VOCABULARY.size),
}


def fitted(model, train, dev=(), vocabulary=VOCABULARY):
    return model.fit(vocabulary.encode_lines(train), vocabulary.encode_lines(list(dev)), vocabulary.size)


def log_probabilities(model, weights, word, vocabulary=VOCABULARY):
    return model.log_probabilities(weights, np.array([[*vocabulary.encode(word), END]]))[0]


def nats_per_character(model, weights, words):
    return -np.mean(np.concatenate([log_probabilities(model, weights, word) for word in words]))


def formula(name, order, train):
    """Return the reference's probabilities of a word's characters, as a function of the word."""
    p = REFERENCES[name](reference.count([VOCABULARY.encode(each) for each in train], order), order)
    return lambda word: reference.probabilities(p, VOCABULARY.encode(word), order)


def distribution_after(model, weights, prefix, vocabulary=VOCABULARY):
    state = model.start(weights, 1)
    for token in [END, *vocabulary.encode(prefix)]:
        state, logits = model.step(weights, state, np.array([token]))
    return softmax(logits.astype(np.float64))[0], np.exp(logits.astype(np.float64))[0]


@pytest.mark.parametrize("name", REFERENCES)
@settings(max_examples=40)
@given(train=WORDS, words=WORDS, order=st.integers(1, 5))
def test_a_smoothing_equals_its_formula_read_from_the_paper(name, train, words, order):
    model = NGram(order=order, smoothing=name)
    weights, expected = fitted(model, train), formula(name, order, train)
    for word in words:
        found = np.exp(log_probabilities(model, weights, word))
        np.testing.assert_allclose(found, expected(word), rtol=0, atol=1e-12)


@settings(max_examples=30)
@given(train=WORDS, words=WORDS, order=st.integers(1, 5))
def test_the_mixture_is_the_weighted_sum_of_its_components(train, words, order):
    model = NGram(order=order)
    weights = fitted(model, train, words)
    formulas = [formula(each.smoothing.name, each.order, train) for each in model.components]
    for word in words:
        found = np.exp(log_probabilities(model, weights, word))
        expected = weights["mixture"] @ np.array([each(word) for each in formulas])
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    ("order", "components"),
    [
        (1, [("witten-bell", 1)]),
        (2, [("witten-bell", 1), ("kneser-ney", 2)]),
        (3, [("witten-bell", 1), ("witten-bell", 2), ("kneser-ney", 2), ("kneser-ney", 3)]),
    ],
)
def test_the_mixture_holds_low_orders_of_witten_bell_and_high_orders_of_kneser_ney(order, components):
    assert [(each.smoothing.name, each.order) for each in NGram(order=order).components] == components


@pytest.mark.parametrize("smoothing", SMOOTHINGS)
@pytest.mark.parametrize("order", [1, 2, 4])
@pytest.mark.parametrize("prefix", ["", "a", "cab", "ccccc", "bbaabb"])
def test_the_next_characters_distribution_sums_to_1_and_leaves_nothing_impossible(smoothing, order, prefix):
    model = NGram(order=order, smoothing=smoothing)
    weights = model.prepare(fitted(model, SOME_WORDS, ["abba"]))
    normalised, as_given = distribution_after(model, weights, prefix)
    assert as_given.sum() == pytest.approx(1, abs=1e-6)
    assert normalised.min() > 0


@settings(max_examples=50)
@given(train=WORDS, prefix=st.text(LETTERS, max_size=6), smoothing=st.sampled_from(SMOOTHINGS), order=st.integers(1, 4))
def test_the_whole_distribution_agrees_with_the_probability_of_each_character(train, prefix, smoothing, order):
    model = NGram(order=order, smoothing=smoothing)
    weights = fitted(model, train)
    _, distribution = distribution_after(model, model.prepare(weights), prefix)
    each = [log_probabilities(model, weights, prefix)[-1]]
    each += [log_probabilities(model, weights, prefix + letter)[-2] for letter in LETTERS]
    np.testing.assert_allclose(distribution, np.exp(each), rtol=1e-5)


@pytest.mark.parametrize("smoothing", SMOOTHINGS)
@pytest.mark.parametrize("order", [1, 2, 5, 32])
@pytest.mark.parametrize(
    "train",
    [["a"], [""], ["", ""], ["ava"] * 50, ["a", "aa", "aaa"], ["a" * 40], ["x"] * 3 + ["y"] * 3, list("abcdefgh")],
    ids=["one letter", "one empty", "two empty", "all equal", "one-letter alphabet", "long", "two", "each once"],
)
def test_small_and_odd_lists_never_abort(smoothing, order, train):
    vocabulary = Vocabulary.of([*train, "aa"])
    model = NGram(order=order, smoothing=smoothing)
    weights = fitted(model, train, ["", "aa"][: order % 3], vocabulary)  # with dev lines of every kind and with none
    for word in [*train[:1], "aa"]:
        given = log_probabilities(model, weights, word, vocabulary)
        assert np.isfinite(given).all()
        assert (given <= 1e-12).all()
        _, distribution = distribution_after(model, model.prepare(weights), word, vocabulary)
        assert distribution.sum() == pytest.approx(1, abs=1e-6)


def test_no_round_of_em_lowers_the_likelihood_of_dev(monkeypatch):
    model, train, dev = NGram(order=4), SOME_WORDS, ["abc", "bca", "cabb", "a"]
    losses = []
    for rounds in range(25):
        monkeypatch.setattr(expectation_maximisation, "ROUNDS", rounds)
        losses.append(nats_per_character(model, fitted(model, train, dev), dev))
    assert losses[0] - losses[-1] > 0.01
    assert (np.diff(losses) <= 1e-12).all()


@settings(max_examples=15)
@given(train=WORDS, dev=WORDS, order=st.integers(1, 4))
def test_mixture_weights_sum_to_1_and_are_as_good_on_dev_as_any_component_alone(train, dev, order):
    model = NGram(order=order)
    weights = fitted(model, train, dev)
    assert weights["mixture"].sum() == pytest.approx(1, abs=1e-9)
    assert (weights["mixture"] >= 0).all()
    mixed = nats_per_character(model, weights, dev)
    for alone in np.eye(len(model.components)):
        assert mixed <= nats_per_character(model, weights | {"mixture": alone}, dev) + 1e-3


def test_without_dev_the_components_weigh_the_same():
    model = NGram(order=3)
    assert fitted(model, SOME_WORDS)["mixture"].tolist() == [0.25] * 4


def test_a_longer_dev_line_weighs_as_much_as_its_characters():
    model = NGram(order=3)
    together = fitted(model, SOME_WORDS, ["abcabcabc", "b"])["mixture"]
    turned = fitted(model, SOME_WORDS, ["b", "abcabcabc"])["mixture"]
    np.testing.assert_allclose(together, turned, atol=1e-12)


def test_adding_much_makes_every_character_as_likely():
    model = NGram(order=2, smoothing="add", alpha=1e9)
    weights = fitted(model, SOME_WORDS)
    np.testing.assert_allclose(np.exp(log_probabilities(model, weights, "abc")), 1 / VOCABULARY.size, rtol=1e-6)


def test_a_list_in_another_order_gives_the_same_model():
    model = NGram(order=4)
    one, other = fitted(model, SOME_WORDS, ["ab"]), fitted(model, SOME_WORDS[::-1], ["ab"])
    assert one.keys() == other.keys()
    for name in one:
        np.testing.assert_allclose(one[name], other[name], atol=1e-12)


def test_em_reads_lines_of_a_large_dev_part_at_even_distances(monkeypatch):
    model, dev = NGram(order=3), ["abc", "c", "abba", "cc"] * 5
    monkeypatch.setattr(ngram, "EM_CHARACTERS", sum(len(word) + 1 for word in dev[::2]))
    some = fitted(model, SOME_WORDS, dev)["mixture"]
    assert some.tolist() == fitted(model, SOME_WORDS, dev[::2])["mixture"].tolist()


@pytest.mark.parametrize("smoothing", SMOOTHINGS)
def test_large_tables_and_alphabets_are_read_in_parts_with_the_same_result(monkeypatch, smoothing):
    model = NGram(order=4, smoothing=smoothing)
    weights = fitted(model, SOME_WORDS)
    state, tokens = model.start(weights, 5), np.array([END, 1, 2, 3, 1])
    state, expected = model.step(model.prepare(weights), state, tokens)
    expected = model.step(model.prepare(weights), state, tokens[::-1])[1]
    monkeypatch.setattr(ngram, "PROBABILITIES_AT_ONCE", 2 * VOCABULARY.size)
    monkeypatch.setattr(ngram, "INDEXED_CONTEXTS", 3)
    prepared = model.prepare(weights)
    assert "first.2" not in prepared
    assert np.array_equal(model.step(prepared, state, tokens[::-1])[1], expected)


def test_a_model_does_not_keep_the_settings_that_say_how_to_count():
    assert NGram(memory=50, threads=2).model_dump() == NGram().model_dump()


def test_tables_counted_on_disk_are_the_same(monkeypatch):
    model = NGram(order=4, min_count=2)
    expected = fitted(model, SOME_WORDS * 3, ["ab"])
    monkeypatch.setattr(counting, "rows_within", lambda *_: 20)
    found = fitted(model, SOME_WORDS * 3, ["ab"])
    assert {name: array.tobytes() for name, array in found.items()} == {n: a.tobytes() for n, a in expected.items()}
