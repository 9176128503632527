"""Choosing how to mix: cross-validation inside dev, the simplest form that the best one does not beat."""

import numpy as np
import pytest

import morelike
from morelike.arrays import log_softmax
from morelike.ensembles.exponents import Contexts, fit_exponents
from morelike.errors import SettingError
from morelike.workflows.interpolation import FORMS, HeldOut, fit_interpolation, held_out_lines
from morelike.workflows.mixing import mix

from ..training.runs import pronounceable

LISTED = pronounceable(60)
LINES, LENGTH = 400, 6


def held_out(mixed_p, seed=0):
    """Return two members' distributions over 5 symbols and targets drawn from `mixed_p(log_p, position)`."""
    rng = np.random.default_rng(seed)
    count = LINES * LENGTH
    log_p = [log_softmax(rng.normal(0, 2, (count, 5))) for _ in range(2)]
    positions = np.tile(np.arange(LENGTH), LINES)
    p = mixed_p(log_p, positions[:, None])
    targets = (np.cumsum(p, axis=1) > rng.random((count, 1))).argmax(axis=1)
    units = np.repeat(np.arange(LINES), LENGTH)
    members = [each.T.astype(np.float32) for each in log_p]
    return HeldOut(members, positions, np.arange(count), targets, units, np.ones(count, dtype=int))


def linear_mean(log_p, _):
    return 0.5 * np.exp(log_p[0]) + 0.5 * np.exp(log_p[1])


def geometric_mean(log_p, _):
    return np.exp(log_softmax(0.6 * log_p[0] + 0.4 * log_p[1]))


def mean_by_position(log_p, position):
    first = np.where(position < 2, 1.0, 0.1)
    return np.exp(log_softmax(first * log_p[0] + (1 - first) * log_p[1]))


@pytest.mark.parametrize(
    ("mean", "form"),
    [(linear_mean, "linear"), (geometric_mean, "log-linear"), (mean_by_position, "log-linear by position")],
)
def test_the_form_that_drew_the_characters_is_chosen(mean, form):
    found = fit_interpolation(held_out(mean), "auto", lines=True)
    assert found.form == form
    assert list(found.losses) == ["linear", *FORMS]
    assert (found.exponents is None) == (form == "linear")


def test_the_exponents_of_a_geometric_mean_are_found_again():
    found = fit_interpolation(held_out(geometric_mean), "auto", lines=True)
    np.testing.assert_allclose(found.exponents[:, 0], [0.6, 0.4], atol=0.06)
    np.testing.assert_allclose(found.shares, [0.6, 0.4], atol=0.06)


def test_log_linear_on_request_leaves_linear_out_and_text_has_no_positions():
    found = fit_interpolation(held_out(linear_mean), "log-linear", lines=False)
    assert list(found.losses) == ["log-linear", "log-linear by entropy"]
    assert found.exponents is not None


def test_a_few_lines_are_mixed_linearly_without_a_trial():
    few = held_out(geometric_mean).take(np.arange(20 * LENGTH))
    assert fit_interpolation(few, "auto", lines=True).form == "linear"
    found = fit_interpolation(few, "log-linear", lines=True)
    assert (found.form, found.losses) == ("log-linear", {})


def test_a_form_is_judged_on_lines_that_its_exponents_were_not_fitted_to():
    few = held_out(linear_mean).take(np.arange(40 * LENGTH))
    values = few.values(FORMS["log-linear by position and entropy"])
    fitted = fit_exponents(Contexts.of(few.log_p, values, few.contexts, few.target_log_p, few.times))
    weights = fitted.exponents @ values[few.contexts].T
    loss = (fitted.moments.log_z[few.contexts] - (weights * few.target_log_p).sum(axis=0)).mean()
    assert fit_interpolation(few, "auto", lines=True).losses["log-linear by position and entropy"] > loss + 0.01


def test_a_weighted_line_counts_as_its_repetitions():
    once = held_out(geometric_mean)
    times = np.repeat(np.arange(LINES) % 3 + 1, LENGTH)
    found = fit_interpolation(once._replace(times=times), "log-linear", lines=False)
    repeated = fit_interpolation(once.take(np.repeat(np.arange(len(times)), times)), "log-linear", lines=False)
    np.testing.assert_allclose(found.exponents, repeated.exponents, atol=0.01)
    assert found.losses == pytest.approx(repeated.losses, abs=1e-3)


@pytest.fixture(scope="module")
def members():
    return [morelike.train(LISTED, kind="ngram", order=order) for order in (2, 4)]


def test_characters_of_held_out_lines_have_the_members_probabilities(members):
    lines = members[0].vocabulary.encode_lines(LISTED)
    found = held_out_lines([model.prepared for model in members], lines, members[0].vocabulary.size)
    for model, log_p in zip(members, found.log_p, strict=True):
        nats = np.concatenate([model.surprisal(word) for word in LISTED])
        np.testing.assert_allclose(-log_p[found.targets, found.contexts], nats, atol=1e-5)
    assert found.positions[found.contexts[: len(LISTED[0]) + 1]].tolist() == list(range(len(LISTED[0]) + 1))
    assert found.units.tolist() == np.repeat(np.arange(60), [len(word) + 1 for word in LISTED]).tolist()


def test_each_distinct_beginning_of_a_line_is_one_context(members):
    words = ["baba", "bab", "baba", "da"]
    found = held_out_lines([model.prepared for model in members], members[0].vocabulary.encode_lines(words), 99)
    beginnings = [word[:t] for word in words for t in range(len(word) + 1)]
    assert found.log_p[0].shape[1] == len(set(beginnings))
    assert len(set(zip(beginnings, found.contexts.tolist(), strict=True))) == len(set(beginnings))


def test_a_fit_to_some_of_the_characters_is_the_same_from_the_fit_to_all_and_from_the_beginning():
    all_of_them = held_out(mean_by_position)
    for features in FORMS.values():
        log_p, values = all_of_them.log_p, all_of_them.values(features)
        everything, some = (
            Contexts.of(log_p, values, each.contexts, each.target_log_p, each.times)
            for each in (all_of_them, all_of_them.take(np.arange(1800)))
        )
        near = fit_exponents(some, fit_exponents(everything))
        np.testing.assert_allclose(near.exponents, fit_exponents(some).exponents, atol=0.01)


def test_a_mixture_on_request_is_log_linear_and_not_worse_on_dev_than_its_members(members):
    mixed = mix(members, LISTED, interpolation="log-linear")
    assert mixed.architecture.interpolation == "log-linear"
    best = min(model.evaluate(LISTED).nats_per_character for model in members)
    assert mixed.evaluate(LISTED).nats_per_character <= best + 1e-4
    again = morelike.mix([mixed, members[0]], LISTED, interpolation="log-linear")
    assert [each["kind"] for each in again.architecture.members] == ["ngram"] * 3


def test_running_text_is_mixed_log_linearly_too():
    text = " ".join(LISTED)
    models = [morelike.train(text, kind="ngram", form="text", order=order) for order in (1, 3)]
    mixed = mix(models, [text], interpolation="log-linear")
    assert mixed.architecture.log_linear
    assert mixed.evaluate([text]).nats_per_character <= max(m.evaluate([text]).nats_per_character for m in models)
    assert len(mixed.write(30, prefix=text[:5])) == 35


def test_models_with_labels_are_mixed_linearly_and_log_linear_is_refused():
    labels = ["a" if i % 2 else "b" for i in range(60)]
    models = [morelike.train(LISTED, kind="ngram", order=order, labels=labels) for order in (2, 3)]
    assert morelike.mix(models, LISTED, labels=labels).architecture.interpolation == "linear"
    with pytest.raises(SettingError, match="models with labels are mixed linearly"):
        morelike.mix(models, LISTED, labels=labels, interpolation="log-linear")


def test_an_unknown_interpolation_is_refused_with_the_known_ones(members):
    with pytest.raises(SettingError, match="interpolation = 'geometric': there are auto, linear, log-linear"):
        morelike.mix(members, LISTED, interpolation="geometric")
