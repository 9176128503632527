"""The scripts of the page compute what Python computes: logits of every kind, scores, words, hashes."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from morelike.architecture import kinds
from morelike.exports.page import precision
from morelike.exports.page.payload import pack_model
from morelike.exports.page.precision import trace_as_stored
from morelike.exports.tracing import Runner, trace
from morelike.sampling.filters import SamplingConfig, apply_filters, softmax
from morelike.text.known_words import hash_words

from ...language_model.small_models import WORDS, chi_square_is_likely, labelled_model, lively_model, small_model
from ..models import MIXTURES, Decay
from .node import NEEDS_NODE, OPEN, SETTINGS, run_in_node

pytestmark = NEEDS_NODE
PRECISIONS = ("float32", "int6")  # int7 and int8 differ from int6 in one number; float16 has a model of its own
TOKENS = [0, 1, 2, 3, 1, 4, 2, 2, 0, 3, 1, 4]
LOGITS = """
result = [];
for (const each of given) {
  const { description, reader } = await unpack(each.model), { machine } = new WordModel(description, reader);
  description.program.start.forEach((numbers, i) => machine.state[i].set(numbers));
  result.push(each.tokens.map((token) => { machine.run(token); return Array.from(machine.logits); }));
}"""


@cache
def subjects():
    """Return every kind, the mixtures and an architecture of another developer, as traces with their characters."""
    models = {kind: small_model(kind) for kind in kinds()} | {name: made() for name, made in MIXTURES.items()}
    models["ngram under a label"] = labelled_model("ngram", WORDS, ["a", "b"] * 7).conditioned_on("a")
    traces = {name: trace(*model.prepared) for name, model in models.items()}
    return traces | {"another developer's": trace(Decay(), Decay().init(np.random.default_rng(0), 5))}


def logits_of(traced):
    runner = Runner(traced)
    state, rows = runner.start(1), []
    for token in TOKENS:
        state, logits = runner.step(state, np.array([token], np.int32))
        rows.append(logits[0])
    return np.array(rows)


@cache
def logits_in_node():
    """Return the logits of every subject at every precision, from one process."""
    every = [(name, bits) for name in subjects() for bits in PRECISIONS]
    packed = [pack_model(subjects()[name], tuple("aehn"), bits) for name, bits in every]
    found = run_in_node(LOGITS, [{"model": each, "tokens": TOKENS} for each in packed])
    return dict(zip(every, np.array(found), strict=True))


@pytest.fixture(autouse=True)
def all_matrices_are_rounded(monkeypatch):
    monkeypatch.setattr(precision, "SMALL", 1)


@pytest.mark.parametrize("bits", PRECISIONS)
@pytest.mark.parametrize("name", [*kinds(), *MIXTURES, "ngram under a label", "another developer's"])
def test_logits_are_those_of_python_at_every_precision(name, bits):
    stored = trace_as_stored(subjects()[name], bits)
    np.testing.assert_allclose(logits_in_node()[name, bits], logits_of(stored), rtol=1e-4, atol=1e-5)
    if bits == "float32" and not stored.tables:
        np.testing.assert_array_equal(logits_of(stored), logits_of(subjects()[name]))


@cache
def answers():
    """Return what the scripts say of one model: scores, next characters, words under settings, unknown characters."""
    model = lively_model("gru")
    packed = pack_model(trace(*model.prepared), model.vocabulary.characters, "float32", None)
    code = f"""{OPEN}
    const list = (settings) => [...model.words({{ ...given.settings, ...settings }})].filter((word) => word);
    let seed = 1; // Park and Miller's generator, so that the test never fails by chance
    const random = () => (seed = (seed * 48271) % 2147483647) / 2147483647;
    const tries = (settings) => {{
      const counts = {{}}, chosen = {{ ...given.settings, ...settings }}, start = model.root;
      for (let i = 0; i < 5000; i++) {{
        const token = model.draw(start, chosen, random);
        counts[token] = (counts[token] ?? 0) + 1;
      }}
      return [0, 1, 2, 3, 4].map((token) => counts[token] ?? 0);
    }};
    let unknown;
    try {{ model.surprisals("anzé"); }} catch (error) {{ unknown = error.character; }}
    const mostKept = model.mostKept;
    model.mostKept = 10; // the tree of beginnings is emptied all the time
    const words = list({{ prefix: "h", suffix: "a", minimum: 3, maximum: 6 }});
    model.mostKept = mostKept;
    result = {{ words,
      unknown, scores: ["anna", "hen", "", "hannah"].map((word) => model.surprisals(word)),
      next: model.probabilities("han"),
      once: list({{ temperature: 0 }}), none: list({{ minimum: 9, maximum: 8 }}),
      drawn: given.filters.map(tries), long: list({{ count: 100 }}).length,
      known: model.isKnown("anna"), hashes: given.words.map(hash32),
    }};"""
    given = {"model": packed, "settings": {**SETTINGS, "count": 8}, "filters": FILTERS, "words": HASHED}
    return model, run_in_node(code, given, lean=True)


FILTERS = [{}, {"temperature": 0.6}, {"temperature": 1.5, "topP": 0.7}, {"topP": 0.5}]
HASHED = ["", "anna", "é", "x" * 127, "x" * 128, "x" * 129, "x" * 300, "日本語", "a b"]


def test_words_are_scored_as_in_python():
    model, said = answers()
    for word, surprisals in zip(["anna", "hen", "", "hannah"], said["scores"], strict=True):
        np.testing.assert_allclose(surprisals, model.surprisal(word), rtol=1e-4)
    after = model.next("han")
    expected = [after[character] for character in ("", *model.vocabulary.characters)]
    np.testing.assert_allclose(said["next"], expected, rtol=1e-4)
    assert said["unknown"] == "z"


def test_words_satisfy_the_settings_and_none_comes_twice():
    _, said = answers()
    assert len(said["words"]) == len(set(said["words"])) == 8
    for word in said["words"]:
        assert word[0] == "h"
        assert word[-1] == "a"
        assert 3 <= len(word) <= 6
    assert len(said["once"]) <= 1
    assert said["none"] == []
    assert said["long"] == 100


def test_characters_are_drawn_with_the_probabilities_of_the_filters():
    model, said = answers()
    for settings, counts in zip(FILTERS, said["drawn"], strict=True):
        config = SamplingConfig(temperature=settings.get("temperature", 1.0), top_p=settings.get("topP"))
        p, counted = softmax(apply_filters(model.logits("")[None].astype(float), config))[0], np.array(counts)
        assert not counted[p == 0].any()
        often = p > 0.005
        assert often.sum() == 1 or chi_square_is_likely(counted[often], p[often] / p[often].sum())


def test_hashes_are_those_of_the_model_folder():
    _, said = answers()
    assert said["hashes"] == (hash_words(HASHED) & 0xFFFFFFFF).tolist()
    assert said["known"] is None


def test_a_list_in_the_page_tells_its_words():
    model = small_model("bigram")
    known = np.unique(np.concatenate([model.known.train, model.known.dev, model.known.test]).astype(np.uint32))
    packed = pack_model(trace(*model.prepared), model.vocabulary.characters, "int8", known)
    code = f"""{OPEN} result = [["anna", "hehe", "ehen", "nn"].map((word) => model.isKnown(word)),
      [...model.words({{ ...given.settings, count: 50, onlyNew: true }})].filter((word) => word)];"""
    known_words, made = run_in_node(code, {"model": packed, "settings": SETTINGS})
    assert known_words == [True, False, True, False]
    assert set(model.known.splits_of(made)) == {"new"}


def test_half_precision_is_read_bit_by_bit():
    numbers = np.array([0, 1, -2.5, 1e-7, 6e-5, -65504, 0.1, 2**-14, 2**-24], np.float16)
    bits = numbers.view(np.uint16).tolist()
    assert run_in_node("result = given.map(fromHalf)", bits) == numbers.astype(float).tolist()


def test_a_damaged_page_is_noticed():
    model = small_model("bigram")
    traced = trace(*model.prepared)
    weights = next(number for number, each in traced.constants.items() if each.name == "W")
    short = replace(traced, constants={weights: replace(traced.constants[weights], array=np.ones((2, 2), np.float32))})
    packed = pack_model(short, model.vocabulary.characters, "float32", None)
    code = f"try {{ {OPEN} }} catch (error) {{ result = error.message; }}"
    assert run_in_node(code, {"model": packed}) == "the weights of this page are cut off"
