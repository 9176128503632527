"""The loss of lines: equal to a plain loop over `step`, character by character."""

import math

import numpy as np
import pytest

from morelike.ensembles.mixture import Mixture
from morelike.evaluation import loss
from morelike.evaluation.loss import Evaluation, batches_by_length, evaluate, line_losses, text_losses
from morelike.text.examples.packed_rows import IGNORED, text_rows
from morelike.text.vocabulary import END, Vocabulary

from ..language_model.small_models import WORDS, all_words, small_model

UNEVEN = ["h", "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn", "", "anna", "ea", "hanna", "a", "anna"]


def plain_loss(model, word):
    """Return -ln p of a word by the definition: one character after another, in float64."""
    weights = model.architecture.prepare(model.weights)
    state = model.architecture.start(weights, 1)
    total, previous = 0.0, END
    for token in [*model.vocabulary.encode(word), END]:
        state, logits = model.architecture.step(weights, state, np.array([previous], dtype=np.int32))
        row = logits[0].astype(np.float64)
        total -= row[token] - row.max() - np.log(np.exp(row - row.max()).sum())
        previous = token
    return total


def losses_of(model, words):
    weights = model.architecture.prepare(model.weights)
    return line_losses(model.architecture, weights, model.vocabulary.encode_lines(words))


@pytest.mark.parametrize("words", [WORDS, UNEVEN], ids=["words", "uneven lengths"])
def test_the_losses_of_lines_are_those_of_a_plain_loop_over_step(model, words):
    np.testing.assert_allclose(losses_of(model, words), [plain_loss(model, w) for w in words], rtol=2e-6, atol=1e-5)


def plain_text_losses(architecture, weights, rows):
    """Return -ln p of each predicted character of rows by the definition: one step after another, in float64."""
    losses = []
    for inputs, targets in zip(rows.inputs, rows.targets, strict=True):
        state = architecture.start(weights, 1)
        for token, target in zip(inputs, targets, strict=True):
            state, logits = architecture.step(weights, state, token[None])
            row = logits[0].astype(np.float64)
            if target != IGNORED:
                losses.append(row.max() + np.log(np.exp(row - row.max()).sum()) - row[target])
    return losses


def long_text(model):
    """Return some hundred characters as a running text, in rows that suit the model; four rows or more."""
    text = "".join(np.random.default_rng(0).choice([*"ahne"], 700))
    architecture = model.architecture
    encoded = model.vocabulary.encode_lines([text])
    return text_rows(encoded, architecture.receptive_field, architecture.block_length)


def test_the_losses_of_a_text_are_those_of_a_plain_loop_over_step(model):
    rows = long_text(model)
    weights = model.architecture.prepare(model.weights)
    found = text_losses(model.architecture, weights, rows)
    assert len(rows) > 3
    assert len(found) == 699
    np.testing.assert_allclose(found, plain_text_losses(model.architecture, weights, rows), rtol=1e-5, atol=1e-5)


def test_the_losses_of_a_text_under_a_mixture_are_those_of_a_plain_loop_over_step():
    members = [small_model("ngram"), small_model("gru", seed=1)]
    members += [small_model("ngram", ["ana", "nana", "anna", "naan"])]  # it knows two of the four characters
    settings = [{"kind": each.architecture.kind, **each.architecture.model_dump()} for each in members]
    mixture = Mixture(members=tuple(settings))
    weights = {f"members.{m}.{name}": array for m, each in enumerate(members) for name, array in each.weights.items()}
    weights |= {"mixture": np.array([0.5, 0.2, 0.3]), "ids.2": np.array([0, 1, -1, -1, 2], dtype=np.int32)}
    assert mixture.fits(weights, 5)
    rows = long_text(members[0])
    prepared = mixture.prepare(weights)
    found = text_losses(mixture, prepared, rows)
    np.testing.assert_allclose(found, plain_text_losses(mixture, prepared, rows), rtol=1e-5, atol=1e-5)


def test_the_losses_come_in_the_order_of_the_lines(model):
    order = np.random.default_rng(0).permutation(len(UNEVEN))
    np.testing.assert_array_equal(losses_of(model, UNEVEN)[order], losses_of(model, [UNEVEN[i] for i in order]))


def test_batches_do_not_change_the_losses(model, monkeypatch):
    whole = losses_of(model, UNEVEN)
    monkeypatch.setattr(type(model.architecture), "lines_at_once", 3)
    np.testing.assert_allclose(losses_of(model, UNEVEN), whole, rtol=1e-6)


def test_the_probabilities_of_all_words_and_of_the_longer_ones_sum_to_one(model):
    two = small_model(model.architecture.kind, ["ab", "ba", "abba", "b", "aab", "baba"])
    words = ["", *all_words("ab", 4)]
    ending = np.exp(-losses_of(two, words)).sum()
    after = {word: two.next(word) for word in words}
    longer = sum(math.prod(after[word[:i]][word[i]] for i in range(5)) for word in all_words("ab", 5)[-32:])
    assert ending + longer == pytest.approx(1, abs=1e-5)


def test_batches_by_length_give_every_line_once_padded_with_the_end_symbol():
    lines = Vocabulary.of(["ab"]).encode_lines(["abab", "a", "", "ba", "b"])
    seen = {}
    for batch, tokens in batches_by_length(lines, 2):
        for i, row in zip(batch.tolist(), tokens.tolist(), strict=True):
            seen[i] = row
            assert row[: lines.lengths[i]] == lines.tokens[lines.offsets[i] : lines.offsets[i + 1]].tolist()
            assert set(row[lines.lengths[i] :]) <= {END}
    assert sorted(seen) == [0, 1, 2, 3, 4]


def test_long_lines_come_in_smaller_batches_with_the_same_losses(monkeypatch):
    model = small_model("ngram")
    words = ["anna" * 30, *["hanna"] * 50, "ne" * 45, "a" * 400]
    expected = losses_of(model, words)
    monkeypatch.setattr(loss, "TOKENS_AT_ONCE", 200)
    batches = list(batches_by_length(model.vocabulary.encode_lines(words), 512))
    assert sorted(i for batch, _ in batches for i in batch) == list(range(len(words)))
    assert [tokens.shape for _, tokens in batches] == [(33, 6), (17, 6), (1, 91), (1, 121), (1, 401)]
    np.testing.assert_array_equal(losses_of(model, words), expected)


def test_an_evaluation_is_the_losses_over_the_characters_ends_included(model):
    found = model.evaluate(WORDS)
    assert found.characters == sum(len(word) + 1 for word in WORDS)
    assert found.lines == len(WORDS)
    assert found.nats_per_character == pytest.approx(losses_of(model, WORDS).sum() / found.characters, rel=1e-12)


def test_bits_and_perplexity_are_the_same_loss_in_other_units():
    found = Evaluation(2.0, (1.9, 2.1), 3, 12)
    assert found.bits_per_character == pytest.approx(2.885390081777927)
    assert found.perplexity == pytest.approx(7.38905609893065)
    assert found.as_dict()["bits"] == found.bits_per_character


def test_a_model_that_knows_nothing_loses_the_logarithm_of_the_number_of_symbols():
    model = small_model("mlp")
    blank = type(model)(
        model.vocabulary, model.architecture, {name: 0 * w for name, w in model.weights.items()}, model.known
    )
    found = blank.evaluate(WORDS)
    assert found.nats_per_character == pytest.approx(math.log(model.vocabulary.size), rel=1e-6)
    assert found.perplexity == pytest.approx(model.vocabulary.size, rel=1e-5)
    assert found.interval == pytest.approx((found.nats_per_character,) * 2, rel=1e-6)


def test_unseen_is_the_evaluation_of_the_lines_that_are_not_in_train():
    losses, lengths = np.array([1.0, 8.0, 3.0, 9.0]), np.array([2, 4, 3, 5])
    seen = np.array([True, False, True, False])
    found = evaluate(losses, lengths, seen)
    assert found.unseen == evaluate(losses[~seen], lengths[~seen])
    assert found.unseen.nats_per_character == 17 / 9
    assert found.as_dict()["unseen"]["lines"] == 2


@pytest.mark.parametrize("seen", [None, np.zeros(3, bool), np.ones(3, bool)], ids=["not told", "none", "all"])
def test_there_is_no_unseen_where_all_or_none_of_the_lines_are_seen(seen):
    assert evaluate(np.ones(3), np.array([2, 2, 2]), seen).unseen is None


def test_a_model_counts_as_seen_what_is_in_train_after_the_same_cleaning(model):
    trained = next(word for word in WORDS if model.known.split_of(word) == "train")
    held_out = [word for word in WORDS if model.known.split_of(word) in ("dev", "test")]
    assert held_out
    assert model.evaluate([f" {trained} ", *held_out]).unseen.lines == len(held_out)
