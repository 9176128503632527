"""Writing on: exactly as many characters as asked for, and never an end."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

from morelike.arrays import softmax
from morelike.errors import SettingError, VocabularyError
from morelike.sampling import generate as module

from ..language_model.small_models import KINDS, chi_square_is_likely, small_model

TEXT = "anna hen, nana hanna. eha nen ahna, he nan! hannah anne"
EVERY = pytest.mark.parametrize("kind", KINDS)


def text_model(kind, text=TEXT, **settings):
    """Return a small model of running text with random weights, or counted on the text."""
    if kind == "wavenet":
        settings = {"context": 4, **settings}
    model = small_model(kind, [text], **settings)
    return replace(model, form="text")


def eager_to_end(model):
    """Return the model with the end symbol nearly always the most probable, where its weights say so at all."""
    weights = dict(model.weights)
    for name in ("bo", "b2", "b"):
        if name in weights and weights[name].shape == (model.vocabulary.size,):
            weights[name] = weights[name] + np.float32(50) * (np.arange(model.vocabulary.size) == 0)
            return replace(model, weights=weights)
    return model


@EVERY
@pytest.mark.parametrize("prefix", ["", "h", "hanna, ", TEXT])
def test_exactly_as_many_characters_are_written_after_the_prefix(kind, prefix):
    model = text_model(kind)
    for count in (0, 1, 20):
        text = model.write(count, prefix=prefix)
        assert len(text) == len(prefix) + count
        assert text.startswith(prefix)
        assert set(text) <= set(TEXT)


@EVERY
def test_the_end_symbol_is_never_written_however_probable(kind):
    model = eager_to_end(text_model(kind))
    assert len(model.write(40, prefix="an")) == 42
    assert len(model.write(40, prefix="an", greedy=True)) == 42


@EVERY
def test_the_same_seed_writes_the_same_text_and_another_one_another(kind):
    model = text_model(kind)
    one, again, other = (model.write(40, prefix="an", seed=seed) for seed in (1, 1, 2))
    assert one == again
    assert one != other


@EVERY
def test_the_greedy_choice_is_the_most_probable_character_whatever_the_seed(kind):
    model = text_model(kind)
    one, other = (model.write(12, prefix="an", greedy=True, seed=seed) for seed in (1, 2))
    assert one == other == model.write(12, prefix="an", temperature=0.0)
    if model.architecture.block_length is None:
        for length in (2, 7):
            best = max((c for c in model.next(one[:length]) if c), key=model.next(one[:length]).get)
            assert one[length] == best


@pytest.mark.parametrize("kind", ["gru", "mlp", "ngram"])
def test_a_shorter_text_is_the_beginning_of_a_longer_one(kind):
    model = text_model(kind)
    assert model.write(30, prefix="an", seed=3).startswith(model.write(10, prefix="an", seed=3))


@pytest.mark.parametrize("kind", ["transformer", "bow"])
@pytest.mark.parametrize("context", [1, 2, 8])
def test_a_model_with_blocks_writes_on_beyond_them_from_half_a_block_of_what_it_wrote(kind, context, monkeypatch):
    model = text_model(kind, context=context)
    found = type(model.architecture)
    start, step, fed = found.start, found.step, []
    monkeypatch.setattr(found, "start", lambda *given: fed.append([]) or start(*given))
    monkeypatch.setattr(found, "step", lambda *given: fed[-1].append(int(given[-1][0])) or step(*given))
    text = model.write(50, prefix="hanna")
    ids = model.vocabulary.encode(text)
    assert len(ids) == 55
    expected, at = [], 5  # each block: the last half of what there is, then what it writes until the block is full
    while at < len(ids):
        first = max(at - max(context // 2, 1), 0)
        expected.append(ids[first : min(first + context, len(ids) - 1)])
        at = first + context + 1
    assert fed == expected


def test_pairs_are_written_with_the_probabilities_that_the_model_gives_them():
    model = text_model("mlp", "abcabbca", context=1)
    model = replace(model, weights={name: a * np.float32(0.4) for name, a in model.weights.items()})  # none is rare
    text = model.write(3_000, prefix="a")
    rows = {c: softmax(model.logits(c)[1:].astype(np.float64)) for c in "abc"}
    for c in "abc":
        after = [following for before, following in itertools.pairwise(text) if before == c]
        assert chi_square_is_likely([after.count(each) for each in "abc"], rows[c])


def test_without_a_prefix_it_begins_after_a_line_end_or_else_after_the_first_of_the_characters(monkeypatch):
    fed = []
    monkeypatch.setattr(
        "morelike.language_model.sampling.words.generate_text",
        lambda a, w, tokens, *rest, **named: fed.append(tokens) or [],
    )
    with_lines = replace(text_model("mlp", "b a"), vocabulary=type(text_model("mlp").vocabulary)(("\n", "a", "b")))
    assert with_lines.write(3) == ""
    assert text_model("mlp", "bab").write(3) == ""
    assert fed == [[1], [1]]
    assert with_lines.vocabulary.decode([1]) == "\n"


def test_white_space_around_a_prefix_is_kept():
    assert text_model("gru").write(5, prefix=" an ").startswith(" an ")


def test_a_prefix_with_an_unknown_character_is_refused_with_its_place():
    with pytest.raises(VocabularyError, match=r"'x' \(U\+0078\) at position 3 of 'anx'"):
        text_model("gru").write(5, prefix="anx")


def test_a_model_of_text_makes_no_words_and_a_model_of_words_writes_no_text():
    with pytest.raises(SettingError) as caught:
        text_model("gru").sample(3)
    assert str(caught.value) == (
        "this model writes running text, which has no words: ask it for a number of characters"
    )
    with pytest.raises(SettingError) as caught:
        small_model("gru").write(3)
    assert str(caught.value) == "this model makes words: ask it for some with `sample`"


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"characters": -1}, "characters = -1: ask for 0 to 10,000,000 characters"),
        ({"characters": 10**20}, "ask for 0 to 10,000,000 characters"),
        ({"top_p": 1.5}, "top_p = 1.5"),
        ({"temperature": -1.0}, "temperature = -1.0"),
    ],
)
def test_a_setting_that_makes_no_sense_is_named(settings, says):
    with pytest.raises(SettingError) as caught:
        text_model("mlp").write(**settings)
    assert says in str(caught.value)


def test_each_character_is_one_step_of_the_model_as_long_as_no_block_ends(monkeypatch):
    steps = []
    kind = type(text_model("gru").architecture)
    step = kind.step
    monkeypatch.setattr(kind, "step", lambda *given: steps.append(1) or step(*given))
    module.generate_text(
        (model := text_model("gru")).architecture,
        model.weights,
        [1, 2, 3],
        10,
        np.random.default_rng(0),
        config=module.SamplingConfig(),
    )
    assert len(steps) == 3 + 9
