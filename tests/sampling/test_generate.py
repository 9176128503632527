"""The loop that makes words: they follow the model's probabilities and keep to every limit."""

import os
import subprocess
import sys
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import morelike
from morelike.architecture import build
from morelike.errors import SamplingError, SettingError, VocabularyError
from morelike.language_model.model import LanguageModel
from morelike.language_model.threads import thread_map
from morelike.sampling import generate as module
from morelike.sampling import states
from morelike.sampling.filters import SamplingConfig, sample_tokens
from morelike.sampling.generate import accepted_words, generate_lines, largest_batch_size
from morelike.text.known_words import KnownWords
from morelike.text.vocabulary import END, Vocabulary

from ..language_model.small_models import KINDS, WORDS, all_words, chi_square_is_likely, lively_model, small_model

TWO_LETTERS = ["ab", "ba", "abba", "b", "aab", "baba", "a", "bb", "aba", "bab", "abab", "baa"]
DRAWS = 20_000
SAMPLED = [  # one counted, one with a state; the others are run by `make test-all`
    pytest.param(kind, marks=() if kind in ("ngram", "gru") else pytest.mark.slow) for kind in KINDS
]


def exact(model, longest):
    """Return each word up to this length with its probability; "" stands for the first character being the end."""
    words = ["", *all_words(model.vocabulary.characters, longest)]
    return dict(zip(words, np.exp(model.log_probability(words)).tolist(), strict=True))


def agree(words, probabilities):
    """Return whether words are drawn from these probabilities; the rare ones and the longer ones form one cell."""
    common = {word: p for word, p in probabilities.items() if p * len(words) >= 10}
    counts = [words.count(word) for word in common]
    cells = [*common.values()]
    if (1 - sum(cells)) * len(words) >= 5:
        counts, cells = [*counts, len(words) - sum(counts)], [*cells, 1 - sum(cells)]
    return len(counts) > 5 and chi_square_is_likely(counts, np.array(cells) / sum(cells))


def among(probabilities, wanted):
    """Return the probabilities of the wanted words, given that it is one of these."""
    kept = {word: p for word, p in probabilities.items() if word and wanted(word)}
    return {word: p / sum(kept.values()) for word, p in kept.items()}


def shaped(model, longest, temperature, k):
    """Return the probabilities of words when each choice is shaped, by the plain definition."""
    beginnings, found = {"": 1.0}, {}
    for length in range(longest + 1):
        longer = {}
        for word, p in beginnings.items():
            row = {c: q ** (1 / temperature) for c, q in model.next(word).items() if length or c}
            best = sorted(row, key=lambda c: -row[c])[:k]
            for c in best:
                (longer if c else found)[word + c] = p * row[c] / sum(row[c] for c in best)
        beginnings = longer
    return found


@pytest.fixture(scope="module", params=SAMPLED)
def two_letter_model(request):
    return varied_model(request.param)


@cache
def lively(kind):
    return lively_model(kind)


@cache
def varied_model(kind):
    """Return a model whose words are mostly short and not mostly the same, so that there are many to count."""
    models = (small_model(kind, TWO_LETTERS, seed=seed) for seed in range(1000))
    return next(model for model in models if varied(exact(model, 6)))


def varied(probabilities):
    after_ab = [p for word, p in probabilities.items() if word.startswith("ab")]
    new = [p for word, p in probabilities.items() if word not in TWO_LETTERS]
    return (
        sum(probabilities.values()) > 0.85
        and max(probabilities.values()) < 0.4
        and max(after_ab) / 0.8 < sum(after_ab) > 0.05
        and max(new) / 0.8 < sum(new) > 0.05
    )


def test_samples_follow_the_exact_probabilities_of_words(two_letter_model):
    drawn = two_letter_model.sample(DRAWS, novel=False, unique=False, seed=1)
    probabilities = exact(two_letter_model, 8)
    assert agree(drawn, {word: p / (1 - probabilities[""]) for word, p in probabilities.items() if word})


def test_shaped_samples_follow_the_exact_probabilities_of_shaped_choices(two_letter_model):
    drawn = two_letter_model.sample(
        DRAWS // 2, temperature=0.7, top_k=2, novel=False, unique=False, max_length=6, seed=2
    )
    assert agree(drawn, among(shaped(two_letter_model, 6, 0.7, 2), wanted=len))


def test_words_within_a_greatest_length_keep_their_proportions(two_letter_model):
    drawn = two_letter_model.sample(DRAWS // 2, novel=False, unique=False, max_length=3, seed=3)
    assert agree(drawn, among(exact(two_letter_model, 3), wanted=len))


def test_words_that_are_new_keep_their_proportions(two_letter_model):
    drawn = two_letter_model.sample(DRAWS // 4, unique=False, max_length=6, seed=4)
    assert agree(drawn, among(exact(two_letter_model, 6), lambda word: word not in TWO_LETTERS))


def test_samples_after_a_prefix_follow_the_model_given_the_prefix(two_letter_model):
    drawn = two_letter_model.sample(DRAWS // 4, prefix="ab", novel=False, unique=False, max_length=8, seed=5)
    assert agree(drawn, among(exact(two_letter_model, 8), lambda word: word.startswith("ab")))


@pytest.mark.slow
def test_the_first_words_taken_favour_no_length():
    model = varied_model("gru")
    lengths = [len(w) for w in model.sample(2000, novel=False, unique=False, seed=6)]
    firsts = [len(model.sample(1, novel=False, unique=False, seed=seed)[0]) for seed in range(200)]
    spread = np.std(lengths) / np.sqrt(len(firsts))
    assert abs(np.mean(firsts) - np.mean(lengths)) < 4 * spread
    half = np.mean(lengths[:1000]) - np.mean(lengths[1000:])
    assert abs(half) < 4 * np.std(lengths) / np.sqrt(500)


@pytest.mark.parametrize("kind", SAMPLED)
@settings(max_examples=8)
@given(
    prefix=st.text("aneh", max_size=4),
    least=st.integers(0, 8),
    more=st.integers(0, 8),
    seed=st.integers(0, 2**32 - 1),
    temperature=st.floats(0.5, 2),
)
def test_prefix_and_length_limits_are_kept(kind, prefix, least, more, seed, temperature):
    limits = {"min_length": least, "max_length": max(least, len(prefix)) + more}
    model = lively(kind)
    try:
        words = model.sample(5, prefix=prefix, **limits, novel=False, unique=False, temperature=temperature, seed=seed)
    except SamplingError as error:
        words = error.found
    for word in words:
        assert word.startswith(prefix)
        assert max(1, least) <= len(word) <= limits["max_length"]


@pytest.mark.parametrize("kind", SAMPLED)
def test_new_words_are_in_no_part_of_the_list(kind):
    drawn = lively(kind).sample(200, seed=7)
    assert not set(drawn) & set(WORDS)
    assert len(set(drawn)) == len(drawn) == 200
    unfiltered = lively(kind).sample(2000, novel=False, unique=False, seed=7)
    assert set(unfiltered) & set(WORDS)
    assert len(set(unfiltered)) < len(unfiltered)


def test_new_means_new_after_the_same_cleaning():
    composed, decomposed = "zoë", "zoe\u0308"
    model = small_model("ngram", [composed, "zo", "oz", "ëz", "ëo", "zë"], order=2)
    assert model.known.split_of(decomposed) == model.known.split_of(f" {composed} ") == "train"
    drawn = model.sample(30, max_length=6, seed=0)
    assert composed not in drawn


def test_each_word_is_known_to_be_in_train_in_dev_in_test_or_new():
    model = lively("ngram")
    found = {word: model.known.split_of(word) for word in [*WORDS, "nnnn"]}
    assert set(found.values()) == {"train", "dev", "test", "new"}
    assert found["nnnn"] == "new"


def test_the_same_seed_gives_the_same_words_and_another_seed_others():
    model = lively("gru")
    assert model.sample(50, seed=1) == model.sample(50, seed=1)
    assert model.sample(50, seed=1) != model.sample(50, seed=2)
    assert model.sample(50, seed=None) != model.sample(50, seed=None)


def greedy_ends():
    """Return a model whose most probable characters lead to an end."""
    models = (small_model("mlp", TWO_LETTERS, seed=seed) for seed in range(100))
    return next(model for model in models if "" in greedy_path(model, 20))


def greedy_path(model, longest):
    path = [next(c for c in model.next("") if c)]
    while path[-1] and len(path) < longest:
        path.append(next(iter(model.next("".join(path)))))
    return path


@pytest.mark.parametrize("options", [{"greedy": True}, {"temperature": 0.0}, {"top_k": 1}])
def test_the_greedy_choice_is_the_most_probable_character_each_time(options):
    model = greedy_ends()
    word = ""
    while best := next(c for c in model.next(word) if c or word):
        word += best
        assert len(word) < 100
    assert model.sample(1, **options, novel=False) == [word]


def test_the_greedy_choice_makes_a_single_word_and_says_so():
    with pytest.raises(SamplingError, match="greedy choice makes a single word") as caught:
        greedy_ends().sample(2, greedy=True, novel=False)
    assert len(caught.value.found) == 1


def test_when_words_run_out_those_found_come_with_the_error(monkeypatch):
    monkeypatch.setattr(module, "REJECTED_LIMIT", 2000)
    model = small_model("mlp", TWO_LETTERS)
    possible = {w for w in all_words("ab", 3) if w not in TWO_LETTERS}
    with pytest.raises(SamplingError, match=r"found \d+ of 100 words in [\d,]+ tries.*: ask for fewer") as caught:
        model.sample(100, max_length=3)
    assert caught.value.found
    assert set(caught.value.found) <= possible
    assert len(caught.value.found) == len(set(caught.value.found))


def test_no_words_are_asked_for_and_none_come():
    assert small_model("ngram").sample(0) == []


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"count": -1}, "count = -1"),
        ({"min_length": 5, "max_length": 4}, "min_length = 5 and max_length = 4"),
        ({"prefix": "hanna", "max_length": 4}, "'hanna' has more than max_length = 4"),
        ({"temperature": -1.0}, r"temperature = -1\.0"),
    ],
)
def test_limits_that_make_no_sense_are_refused(options, says):
    with pytest.raises(SettingError, match=says):
        small_model("ngram").sample(**options)


def test_a_prefix_with_an_unknown_character_is_refused():
    with pytest.raises(VocabularyError, match="'x'"):
        small_model("ngram").sample(prefix="ax")


def test_candidates_keep_the_order_of_their_start():
    model = small_model("gru")
    candidates = generate_lines(
        model.architecture, model.weights, 2000, np.random.default_rng(0), config=SamplingConfig()
    )
    lengths = candidates.lengths
    assert abs(np.corrcoef(np.arange(len(lengths)), lengths)[0, 1]) < 0.08
    assert np.any(np.diff(lengths) < 0)


def a_row_each(architecture, weights, count, rng, *, prefix, max_length):
    """Return what `generate_lines` does, by its plain definition: nothing shared, no row ever left out."""
    words, state = [list(prefix) for _ in range(count)], architecture.start(weights, count)
    for token in [END, *prefix]:
        state, logits = architecture.step(weights, state, np.full(count, token, dtype=np.int32))
    going, ended = list(range(count)), []
    while going:
        drawn = sample_tokens(logits[going], rng)
        token = np.ones(count, dtype=np.int32)  # what has ended is fed what nobody looks at
        token[going] = drawn
        ended += [i for i in going if token[i] == END]
        going = [i for i in going if token[i] != END and len(words[i]) < max_length]
        for i in going:
            words[i].append(int(token[i]))
        state, logits = architecture.step(weights, state, np.where(token == END, 1, token))
    return [words[i] for i in sorted(ended)]


@pytest.mark.parametrize("kind", SAMPLED)
@pytest.mark.parametrize("prefix", [(), (1, 2)])
def test_lines_that_share_a_row_are_those_that_have_one_each(kind, prefix, monkeypatch):
    monkeypatch.setattr(states, "CHUNK_ROWS", 7)
    model = varied_model(kind)
    limits = {"prefix": prefix, "max_length": 6}
    with thread_map() as map_function:
        found = generate_lines(
            *model.prepared,
            300,
            np.random.default_rng(0),
            config=SamplingConfig(),
            min_length=0,
            map_function=map_function,
            **limits,
        )
    words = [line[:-1].tolist() for line in np.split(found.tokens, found.offsets[1:-1])]
    assert words == a_row_each(*model.prepared, 300, np.random.default_rng(0), **limits)
    assert 0 < len(words) < 300


@pytest.mark.parametrize("threads", [2, 5])
def test_the_words_do_not_depend_on_the_number_of_threads(threads, monkeypatch):
    monkeypatch.setattr(states, "CHUNK_ROWS", 16)
    model = lively("gru")
    expected = [sample_with(monkeypatch, 1, model), sample_with(monkeypatch, 1, model, prefix="an")]
    assert [sample_with(monkeypatch, threads, model), sample_with(monkeypatch, threads, model, prefix="an")] == expected


def sample_with(monkeypatch, cores, model, **options):
    monkeypatch.setattr("morelike.language_model.threads.cores", lambda: cores)
    return model.sample(100, seed=8, max_length=9, **options)


def test_fewer_tries_are_made_together_where_each_takes_much_memory():
    short = largest_batch_size(*lively("transformer").prepared, max_length=10)
    assert largest_batch_size(*lively("gru").prepared, max_length=10) == module.MAX_BATCH >= short
    assert module.MIN_BATCH <= largest_batch_size(*lively("transformer").prepared, max_length=100_000) < short


def test_sample_words_stops_when_nothing_is_accepted(monkeypatch):
    monkeypatch.setattr(module, "REJECTED_LIMIT", 500)
    with pytest.raises(SamplingError, match="found 0 of 3 words"):
        list(accepted_words(lambda tries: ["a"] * tries, 3, accept=lambda words: [False] * len(words), unique=True))


def test_sample_words_stops_when_next_to_nothing_is_accepted():
    counter = iter(range(10**9))
    with pytest.raises(SamplingError) as caught:
        list(
            accepted_words(
                lambda tries: [str(next(counter)) for _ in range(tries)],
                1000,
                accept=lambda words: [int(word) % 10_000 == 0 for word in words],
                unique=True,
            )
        )
    assert "of 1,000 words" in str(caught.value)


TIMED = """
import sys, time, morelike

model = morelike.load(sys.argv[1])
model.sample(10)
times = []
for seed in range(3):
    began = time.perf_counter()
    assert len(model.sample(10_000, max_length=20, seed=seed)) == 10_000
    times.append(time.perf_counter() - began)
print(min(times))
"""


@pytest.mark.slow
def test_ten_thousand_names_take_less_than_two_seconds(tmp_path):
    parts = morelike.split(morelike.read_lines("names"))
    vocabulary = Vocabulary.of(parts.train)
    architecture = build("gru", {})
    weights = architecture.init(np.random.default_rng(0), vocabulary.size)
    weights["bo"][0] += 1.5  # ends about as often as names do: after six or seven characters
    folder = LanguageModel(vocabulary, architecture, weights, KnownWords.of(parts)).save(tmp_path / "model")
    alone = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}  # as the command sets it: threads that wait cost time
    ran = subprocess.run([sys.executable, "-c", TIMED, folder], capture_output=True, text=True, check=True, env=alone)
    assert float(ran.stdout) < 2
