"""A new smoothing is one file: settings, help, messages, sampling under constraints and model files follow from it."""

import itertools
import sys
from typing import get_args

import numpy as np
import pytest

import morelike
from morelike import models
from morelike.architecture import build, find
from morelike.cli.main import main
from morelike.errors import ModelError, SettingError
from morelike.ngrams import smoothings as package
from morelike.ngrams.smoothing import find_smoothing, smoothings

NAME = "absolute-discounting"
SOURCE = '''
"""Absolute discounting with one discount (Ney and Essen 1991), interpolated.

p(w | c) = max(count(c w) - D, 0) / N(c) + D T(c) / N(c) p(w | c'),        D = n1 / (n1 + 2 n2)
"""

from typing import final

import numpy as np

from morelike.ngrams.smoothing import ContextCounts, Floats, Smoothing


@final
class AbsoluteDiscounting(Smoothing):
    highest_order = lower_orders = "absolute-discounting"

    def estimate(self, counted: ContextCounts) -> tuple[Floats, Floats]:
        n1, n2 = counted.counts_of_counts[:2]
        discount = n1 / (n1 + 2 * n2) if n1 and n2 else 0.5
        kept = np.maximum(counted.counts - discount, 0)
        total = np.where(counted.total > 0, counted.total, 1)
        b = np.where(counted.total > 0, counted.sum(counted.counts > 0) * discount / total, 1.0)
        return kept / total[counted.parents], b

    def mixture_orders(self, order: int) -> range:
        return range(0)
'''
WORDS = ["ab", "abc", "ca", "bab", "caab", "abba", "cc", "acab", "b", "cabb", "aab", "bca", "cab", "ac", "bbb", "abab"]
ORDER = 3


def formula(words, order):
    """Return p(symbol, history) of absolute discounting, with dictionaries, as its paper writes it."""
    counts = {k: {} for k in range(1, order + 1)}
    for word in words:
        line = "$" * (order - 1) + word + "$"
        for end, k in itertools.product(range(order, len(line) + 1), counts):
            counts[k][line[end - k : end]] = counts[k].get(line[end - k : end], 0) + 1
    of_counts = {k: [list(level.values()).count(n) for n in (1, 2)] for k, level in counts.items()}
    discounts = {k: n1 / (n1 + 2 * n2) if n1 and n2 else 0.5 for k, (n1, n2) in of_counts.items()}

    def p(symbol, history, k=order):
        if k == 0:
            return 1 / 4
        context = history[len(history) - k + 1 :]
        following = {ngram[-1]: count for ngram, count in counts[k].items() if ngram[:-1] == context}
        if not following:
            return p(symbol, history, k - 1)
        total = sum(following.values())
        reserved = discounts[k] * len(following) * p(symbol, history, k - 1)
        return (max(following.get(symbol, 0) - discounts[k], 0) + reserved) / total

    return p


@pytest.fixture
def added(tmp_path, monkeypatch):
    """Put the file of a new smoothing into the package, as if it had been there when the package was imported."""
    find("ngram")
    (tmp_path / "absolute_discounting.py").write_text(SOURCE)
    monkeypatch.setattr(package, "__path__", [*package.__path__, str(tmp_path)])
    monkeypatch.setattr(models, "ngram", models.ngram)
    monkeypatch.delitem(sys.modules, "morelike.models.ngram")
    yield
    sys.modules.pop("morelike.ngrams.smoothings.absolute_discounting", None)


def trained(**settings):
    return morelike.train(WORDS, "ngram", split="none", order=ORDER, smoothing=NAME, **settings)


def test_a_new_file_is_a_choice_of_the_setting_and_in_the_help(added, capsys):
    assert NAME in smoothings()
    assert NAME in get_args(find("ngram").model_fields["smoothing"].annotation)
    with pytest.raises(SystemExit):
        main(["train", "--model", "ngram", "--help"])
    assert NAME in capsys.readouterr().out.replace("\n", "")


def test_an_unknown_smoothing_is_refused_with_all_names_and_the_nearest(added):
    with pytest.raises(SettingError) as caught:
        build("ngram", {"smoothing": "absolute-discount"})
    assert str(caught.value) == (
        "ngram: smoothing = 'absolute-discount': there are mixture, absolute-discounting, add, kneser-ney, witten-bell"
        "; did you mean 'absolute-discounting'?"
    )


@pytest.mark.parametrize("min_count", [1, 2])
def test_its_distributions_sum_to_1_after_every_context(added, min_count):
    model = trained(min_count=min_count)
    for prefix in ("".join(word) for length in range(5) for word in itertools.product("abc", repeat=length)):
        state = model.architecture.start(model.weights, 1)
        for token in [0, *model.vocabulary.encode(prefix)]:
            state, logits = model.architecture.step(model.weights, state, np.array([token]))
        assert np.exp(logits.astype(np.float64)).sum() == pytest.approx(1, abs=1e-6)


def test_its_probabilities_are_those_of_its_formula(added):
    model, p = trained(), formula(WORDS, ORDER)
    for word in [*WORDS, "", "cccc", "bcbcbc", "aaaaa"]:
        line = "$" * (ORDER - 1) + word + "$"
        expected = sum(np.log(p(line[i], line[:i])) for i in range(ORDER - 1, len(line)))
        assert model.log_probability([word])[0] == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("label", [None, "long"])
def test_words_are_sampled_exactly_under_a_constraint(added, label):
    labels = None if label is None else ["long" if len(word) > 3 else "short" for word in WORDS]
    model, reports = trained(labels=labels), []
    words = model.sample(
        50, seed=1, regex="[abc]{1,4}b", novel=False, unique=False, label=label, on_report=reports.append
    )
    every = ["".join(word) + "b" for length in range(1, 5) for word in itertools.product("abc", repeat=length)]
    assert set(words) <= set(every)
    assert reports[0].method == "exact"
    expected = np.exp(model.log_probability(every, label=label)).sum()
    assert reports[0].probability == pytest.approx(expected, rel=1e-9)


def test_a_folder_keeps_the_model(added, tmp_path):
    model = trained()
    folder = model.save(tmp_path / "model")
    loaded = morelike.load(folder)
    assert {f"{NAME}.{table}.{k}" for table in "ab" for k in range(1, ORDER + 1)} < loaded.weights.keys()
    assert loaded.log_probability(WORDS).tobytes() == model.log_probability(WORDS).tobytes()
    assert loaded.sample(5, seed=1) == model.sample(5, seed=1)


def test_a_folder_whose_smoothing_has_no_file_is_refused_with_the_smoothings_there_are(added, tmp_path, monkeypatch):
    folder = trained().save(tmp_path / "model")
    monkeypatch.undo()
    with pytest.raises(ModelError, match=f"{NAME}.*there are mixture, add, kneser-ney, witten-bell"):
        morelike.load(folder)


def test_no_two_smoothings_share_the_name_of_an_estimate():
    names = [name for each in map(find_smoothing, smoothings()) for name in each.estimates(1, 2)]
    assert sorted(set(names)) == sorted(names)


def test_the_names_in_model_files_are_those_of_older_versions():
    names = {each: list(find_smoothing(each).estimates(1, 2)) for each in ("add", "witten-bell", "kneser-ney")}
    assert names == {"add": ["add"], "witten-bell": ["witten-bell"], "kneser-ney": ["top", "kneser-ney"]}
