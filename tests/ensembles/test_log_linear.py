"""Log-linear mixtures: the normalised geometric mean as its formula says, in every way of use, and the fit of it."""

import itertools

import numpy as np
import pytest

import morelike
from morelike.architecture import build
from morelike.ensembles.log_linear import POSITIONS, feature_count
from morelike.ensembles.mixture import Mixture
from morelike.language_model.model import LanguageModel
from morelike.text.vocabulary import END

from ..contract.subjects import along
from ..training.runs import pronounceable

WORDS = pronounceable(60)
ALL_FEATURES = [(), ("position",), ("entropy",), ("position", "entropy")]


@pytest.fixture(scope="module")
def members():
    network = morelike.train(WORDS, kind="mlp", context=3, embedding=4, hidden=16, steps=200)
    return [morelike.train(WORDS, kind="ngram", order=3), network]


def log_linear(members, features, seed=0):
    """Return the mixture of models with exponents drawn at random, some of them zero."""
    count = feature_count(features, len(members))
    exponents = np.maximum(np.random.default_rng(seed).normal(0.4, 0.4, (len(members), count)), 0)
    pairs = [(model.architecture, model.weights) for model in members]
    shares = np.full(len(members), 1 / len(members))
    architecture, weights = Mixture.join(pairs, shares, exponents=exponents, features=features)
    first = members[0]
    return LanguageModel(first.vocabulary, architecture, weights, first.known, form=first.form)


def plain_distribution(model, members, prefix):
    """Return p of all symbols after a prefix, END first, in float64, as the formula says."""
    log_p = np.array([[np.log(m.next(prefix)[s]) for s in ("", *m.vocabulary.characters)] for m in members])
    features = []
    if "position" in model.architecture.features:
        features += [float(min(len(prefix), POSITIONS - 1) == i) for i in range(POSITIONS)]
    if "entropy" in model.architecture.features:
        for each in log_p:
            relative = -(np.exp(each) * each).sum() / np.log(len(each))
            features += [relative, 1 - relative]
    weights = model.weights["exponents"] @ (features or [1.0])
    product = np.exp(weights @ log_p)
    return product / product.sum()


@pytest.mark.parametrize("features", ALL_FEATURES)
def test_a_log_linear_mixture_is_its_formula_after_every_short_prefix(members, features):
    model = log_linear(members, features)
    letters = model.vocabulary.characters[:2]
    for prefix in ["".join(each) for n in range(3) for each in itertools.product(letters, repeat=n)]:
        found = model.next(prefix)
        p = [found[s] for s in ("", *model.vocabulary.characters)]
        np.testing.assert_allclose(p, plain_distribution(model, members, prefix), rtol=2e-4, atol=1e-7)
        assert sum(p) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("features", ALL_FEATURES)
def test_a_words_probability_is_the_product_of_its_steps(members, features):
    model = log_linear(members, features)
    for word in [WORDS[0] + WORDS[1]]:
        after = [plain_distribution(model, members, word[:t]) for t in range(len(word) + 1)]
        symbols = [*model.vocabulary.encode(word), END]
        by_hand = sum(np.log(p[s]) for p, s in zip(after, symbols, strict=True))
        assert model.log_probability([word])[0] == pytest.approx(by_hand, abs=1e-3)
    together = model.log_probability(WORDS)
    np.testing.assert_allclose(together, [model.log_probability([word])[0] for word in WORDS], atol=1e-4)


def test_the_position_starts_again_with_each_line(members):
    model = log_linear(members, ("position", "entropy"))
    lines = [[END, 2, 3, END, 4, 1, 1]]
    after = along(model.architecture, model.weights, np.array(lines))[0]
    alone = along(model.architecture, model.weights, np.array([[END, 4, 1, 1]]))[0]
    np.testing.assert_allclose(after[3:], alone, atol=1e-5)


def test_the_state_of_many_lines_is_the_states_of_each(members):
    architecture, weights = (model := log_linear(members, ("position",))).architecture, model.weights
    states = [architecture.step(weights, architecture.start(weights, 1), np.array([END]))[0]]
    states.append(architecture.step(weights, states[0], np.array([2]))[0])
    joined = architecture.step(weights, architecture.join_states(states), np.array([1, 3]))[1]
    apart = [architecture.step(weights, s, np.array([t]))[1][0] for s, t in zip(states, (1, 3), strict=True)]
    np.testing.assert_allclose(joined, apart, atol=1e-5)


def test_sampled_first_letters_follow_the_distribution(members):
    model = log_linear(members, ("position", "entropy"))
    words = model.sample(3000, seed=1, novel=False, unique=False)
    p = plain_distribution(model, members, "")
    counts = np.array([sum(word.startswith(c) for word in words) for c in model.vocabulary.characters])
    expected = len(words) * p[1:] / p[1:].sum()
    kept = expected > 5
    chi_square = ((counts - expected)[kept] ** 2 / expected[kept]).sum()
    assert chi_square < kept.sum() + 4 * np.sqrt(2 * kept.sum())


def test_counts_alone_share_contexts_only_as_far_back_as_positions_differ():
    short = [morelike.train(WORDS, kind="ngram", order=order) for order in (2, 3)]
    assert log_linear(short, ("entropy",)).architecture.receptive_field == 2
    assert log_linear(short, ("position",)).architecture.receptive_field == POSITIONS - 1


def test_constrained_words_obey_their_constraint(members):
    model = log_linear(members, ("position", "entropy"))
    words = model.sample(10, seed=2, prefix=WORDS[0][:2], max_length=6)
    assert len(words) == 10
    assert all(word.startswith(WORDS[0][:2]) and len(word) <= 6 for word in words)


def test_a_log_linear_mixture_saved_and_loaded_is_the_same_bit_for_bit(members, tmp_path):
    model = log_linear(members, ("position", "entropy"))
    loaded = LanguageModel.load(model.save(tmp_path / "model"))
    assert loaded.architecture == model.architecture
    np.testing.assert_array_equal(loaded.log_probability(WORDS), model.log_probability(WORDS))


def test_exponents_that_do_not_fit_are_refused(members):
    model = log_linear(members, ("position",))
    fits, weights = model.architecture.fits, model.weights
    size = model.vocabulary.size
    assert fits(weights, size)
    exponents = weights["exponents"]
    for wrong in (exponents[:, :-1], -exponents - 1, exponents * np.nan, exponents.astype(np.float32)):
        assert not fits(weights | {"exponents": wrong}, size)
    assert not fits({name: array for name, array in weights.items() if name != "exponents"}, size)


def test_mixtures_of_the_same_interpolation_are_not_nested(members):
    inner = log_linear(members, ()).architecture
    settings = {"kind": "mixture", **inner.model_dump()}
    assert build("mixture", {"members": [settings]}).architectures[0] == inner
    for outer in ({"interpolation": "log-linear"}, {"features": ["position"]}):
        with pytest.raises(morelike.errors.SettingError):
            build("mixture", {"members": [settings], **outer})
    with pytest.raises(morelike.errors.SettingError):
        build("mixture", {"members": [{"kind": "mixture", "members": []}]})


def test_a_blend_reads_a_log_linear_mixture_as_one_model(members):
    model, numbers = log_linear(members, ("position", "entropy")), morelike.train(["12", "21"], kind="ngram")
    blended = morelike.blend([model, numbers], [0.7, 0.3])
    assert blended.next("")["a"] == pytest.approx(0.7 * model.next("")["a"], rel=1e-4)
