"""The exported Python file alone: its logits, its words and its texts are those of the model."""

import subprocess
import sys
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from morelike.arrays import softmax
from morelike.exports.format import export
from morelike.exports.torch.weights import NAMES

from ..language_model.small_models import (
    WORDS,
    all_words,
    chi_square_is_likely,
    labelled_model,
    lively_model,
    small_model,
)
from .exported import import_exported
from .test_gradients import close

SETTINGS = ({"layers": 1}, {"one_hot": True}, {"tied": True, "embedding": 8}, {"one_hot": True, "layers": 1})
RECURRENT = ("rnn", "gru", "lstm")
VARIANTS = [
    *((kind, {}) for kind in NAMES),
    *((kind, settings) for kind in RECURRENT for settings in SETTINGS),
]
TAKE_LABELS = [(kind, settings) for kind, settings in VARIANTS if kind in ("gru", "lstm", "transformer")]
LABELS = ["girl", "boy"] * 7
WORDS_DRAWN = 5000
LONG = "hannahannaneh"  # longer than what a window or a block sees


@pytest.fixture(autouse=True)
def one_thread(torch):
    """Make no threads: of arrays this small, they only wait for one another."""
    torch.set_num_threads(1)
    torch.manual_seed(0)


def logits_of(model, tokens):
    """Return the logits [T, V] after each token of one line."""
    architecture, weights = model.prepared
    state, found = architecture.start(weights, 1), []
    for token in tokens:
        state, logits = architecture.step(weights, state, np.array([token], dtype=np.int32))
        found.append(logits[0])
    return np.array(found)


@pytest.mark.parametrize(("kind", "settings"), VARIANTS)
def test_logits_of_words_and_of_texts_equal_ours(torch, tmp_path, kind, settings):
    model = small_model(kind, **settings)
    tokens = [0, *model.vocabulary.encode(LONG)]
    loaded = import_exported(model, tmp_path).load()
    close(logits_of(model, tokens), loaded(torch.tensor([tokens, tokens]))[1].detach().numpy(), 1e-5)
    text = replace(model, form="text")
    loaded = import_exported(text, tmp_path).load()
    close(logits_of(text, tokens[1:]), loaded(torch.tensor([tokens[1:]]))[0].detach().numpy(), 1e-5)


@pytest.mark.parametrize(("kind", "settings"), TAKE_LABELS)
def test_the_token_of_a_label_conditions_the_module(torch, tmp_path, kind, settings):
    model = labelled_model(kind, WORDS, LABELS, **settings)
    file = import_exported(model, tmp_path)
    loaded = file.load()
    assert model.labels == file.LABELS
    ids = model.vocabulary.encode(LONG)
    for place, label in enumerate(model.labels):
        conditioned = model.conditioned_on(label)
        expected = logits_of(conditioned, [0, *ids])
        close(expected, loaded(torch.tensor([[file.SYMBOLS + place, *ids]]))[0].detach().numpy(), 1e-5)
        of_one = import_exported(conditioned, tmp_path)
        assert not hasattr(of_one, "LABELS")
        close(expected, of_one.load()(torch.tensor([[0, *ids]]))[0].detach().numpy(), 1e-5)


def agrees(words, model):
    """Return whether words are drawn as the model draws them: each probable short word, and all others together."""
    counts, known = Counter(words), ["", *all_words(model.vocabulary.characters, 4)]
    probabilities = dict(zip(known, np.exp(model.log_probability(known)), strict=True))
    cells = [word for word, p in probabilities.items() if p * len(words) >= 5]
    observed, expected = [counts[word] for word in cells], [probabilities[word] for word in cells]
    return chi_square_is_likely([*observed, len(words) - sum(observed)], [*expected, 1 - sum(expected)])


@pytest.mark.parametrize("kind", ["gru", "mlp", "transformer"])
def test_sampled_words_have_the_probabilities_of_the_model(tmp_path, kind):
    model = lively_model(kind)
    file = import_exported(model, tmp_path)
    assert agrees(file.sample(file.load(), WORDS_DRAWN, longest=6), model)
    assert not agrees(file.sample(file.load(), WORDS_DRAWN, temperature=2.0, longest=6), model)
    assert max(map(len, file.sample(file.load(), 50, longest=2))) == 2


def test_sampled_words_have_their_label_or_a_label_by_its_share(tmp_path):
    model = labelled_model("gru", WORDS, LABELS[:10] + ["boy"] * 4, seed=3)
    file = import_exported(model, tmp_path)
    loaded = file.load()
    for label in (*model.labels, None):
        assert agrees(file.sample(loaded, WORDS_DRAWN, label, longest=6), model.conditioned_on(label))
    assert not agrees(file.sample(loaded, WORDS_DRAWN, "girl", longest=6), model.conditioned_on("boy"))
    with pytest.raises(ValueError, match="'dog' is not in list"):
        file.sample(loaded, 1, "dog")


@pytest.mark.parametrize("kind", ["gru", "wavenet", "transformer", "bigram"])
def test_a_text_follows_the_probabilities_of_the_model(tmp_path, kind):
    model = replace(small_model(kind), form="text")
    file = import_exported(model, tmp_path)
    texts = [file.write(file.load(), 6, "na") for _ in range(400)]
    assert {len(text) for text in texts} == {8}
    assert {text[:2] for text in texts} == {"na"}
    p = softmax(logits_of(model, model.vocabulary.encode("na"))[-1].astype(np.float64)[1:])  # a text has no end
    observed = np.array([Counter(text[2] for text in texts)[each] for each in model.vocabulary.characters])
    probable = p * len(texts) >= 5
    assert probable.sum() > 1
    assert chi_square_is_likely(observed[probable], p[probable] / p[probable].sum())
    assert observed[~probable].sum() < 20


def test_the_file_runs_without_morelike_and_prints_twenty_words(tmp_path):
    path = export(small_model("gru", seed=2), "torch", tmp_path / "spell names.py")
    code = f"import runpy, sys; sys.modules['morelike'] = None; runpy.run_path({str(path)!r}, run_name='__main__')"
    ran = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert ran.stdout.count("\n") == 20
    assert set(ran.stdout) <= {*"aehn\n"}
    assert not ran.stderr
