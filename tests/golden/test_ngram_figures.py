import time

import numpy as np
import pytest

from morelike.models.ngram import NGram
from morelike.text.reading import read_lines
from morelike.text.splits import split
from morelike.text.vocabulary import END, Vocabulary


class Experiment:
    """A list with its published split; `loss` is exact, in nats per character, each line's end included."""

    def __init__(self, words):
        self.words, self.vocabulary = words, Vocabulary.of(words)
        self.parts = {name: self.vocabulary.encode_lines(part) for name, part in split(words).parts.items()}

    def fit(self, **settings):
        model = NGram(**settings)
        return model, model.fit(self.parts["train"], self.parts["dev"], self.vocabulary.size)

    def losses(self, model, weights):
        return [loss(model, weights, self.parts[part]) for part in ("dev", "test")]


def loss(model, weights, lines):
    going = np.arange(lines.lengths.max()) < lines.lengths[:, None]
    rows = np.full(going.shape, END, dtype=np.int32)
    rows[going] = lines.tokens
    return -np.mean(model.log_probabilities(weights, rows)[going])


@pytest.fixture(scope="session")
def names(data):
    return Experiment(read_lines(data("names_32033.txt")))


@pytest.fixture(scope="session")
def civil(data):
    return Experiment(read_lines(data("civil_mots.txt")))


@pytest.fixture(scope="session")
def names_mixture(names):
    began = time.perf_counter()
    fitted = names.fit()
    return *fitted, time.perf_counter() - began


@pytest.mark.parametrize(
    ("settings", "published"),
    [
        ({"smoothing": "add", "alpha": 0.3, "order": 2}, [2.4530, 2.4580]),
        ({"smoothing": "add", "alpha": 0.1, "order": 3}, [2.2225, 2.2240]),
        ({"smoothing": "add", "alpha": 0.1, "order": 4}, [2.1018, 2.1044]),
        ({"smoothing": "add", "alpha": 0.1, "order": 5}, [2.1522, 2.1502]),
        ({"smoothing": "witten-bell", "order": 4}, [2.0752, 2.0757]),
        ({"smoothing": "witten-bell", "order": 5}, [2.0418, 2.0419]),
        ({"smoothing": "witten-bell", "order": 6}, [2.1019, 2.1027]),
    ],
    ids=str,
)
def test_names_reach_the_published_losses_on_dev_and_test(names, settings, published):
    assert names.losses(*names.fit(**settings)) == pytest.approx(published, abs=0.0005)


def test_the_add_one_bigram_over_all_names_is_exact_in_float64(names):
    lines = names.vocabulary.encode_lines(names.words)
    model = NGram(order=2, smoothing="add", alpha=1)
    weights = model.fit(lines, lines.take(np.array([], dtype=np.int64)), names.vocabulary.size)
    assert loss(model, weights, lines) == pytest.approx(2.454577, abs=1e-6)


def test_kneser_ney_is_what_it_was_and_no_worse_than_published(names):
    found = np.array(names.losses(*names.fit(smoothing="kneser-ney", order=5)))
    assert found == pytest.approx([1.9832, 1.9835], abs=0.001)
    assert (found <= np.array([2.0339, 2.0294]) + 0.005).all()


def test_the_mixture_beats_each_of_its_parts(names, names_mixture):
    model, weights, _ = names_mixture
    dev, test = names.losses(model, weights)
    assert test <= 1.985
    assert dev <= 1.983


def test_the_mixture_of_32_033_names_is_fitted_in_under_10_seconds(names_mixture):
    assert names_mixture[-1] < 10


@pytest.mark.parametrize(("order", "published"), [(3, 1.9449), (4, 1.6558), (5, 1.5439), (6, 1.5622)])
def test_civil_words_reach_the_published_losses_on_test(civil, order, published):
    _, test = civil.losses(*civil.fit(smoothing="witten-bell", order=order))
    assert test == pytest.approx(published, abs=0.0005)
