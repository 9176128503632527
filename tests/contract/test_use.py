"""What holds of every architecture in use, on NumPy alone."""

import itertools
import re

import numpy as np
import pytest

from morelike.architecture import USE
from morelike.arrays import log_softmax
from morelike.errors import SettingError
from morelike.evaluation.diagnostics import Recording
from morelike.text.vocabulary import END, Vocabulary

from .subjects import SUBJECTS, TRAINED, VOCABULARY, along, arrays, rows

EVERY = pytest.mark.parametrize("subject", SUBJECTS, ids=str)
EVERY_TRAINED = pytest.mark.parametrize("subject", TRAINED, ids=str)
LONGEST_WORD = 5


@EVERY
def test_weights_are_arrays_by_flat_names(subject):
    for name, array in subject.fresh().items():
        assert re.fullmatch(r"[A-Za-z][\w-]*(\.[\w-]+)*", name), name
        assert isinstance(array, np.ndarray), name


@EVERY_TRAINED
def test_fresh_weights_are_float32(subject):
    assert {array.dtype for array in subject.fresh().values()} == {np.dtype(np.float32)}


@EVERY
def test_the_same_seed_gives_the_same_weights(subject):
    one, other = subject.fresh(seed=3), subject.fresh(seed=3)
    assert one.keys() == other.keys()
    assert all(one[name].tobytes() == other[name].tobytes() for name in one)


@EVERY_TRAINED
def test_another_seed_gives_other_weights(subject):
    one, other = subject.fresh(seed=3), subject.fresh(seed=4)
    random = [name for name in one if len(np.unique(one[name])) > 2]  # others begin as zeros and ones
    assert random
    assert not [name for name in random if np.any(one[name] == other[name])]


@EVERY_TRAINED
@pytest.mark.parametrize(("batch", "length"), [(3, 24), (1, 1), (1, 7), (4, 1)])
def test_logits_are_float32_with_a_row_of_the_vocabulary_for_each_character(subject, batch, length):
    logits = subject.architecture.logits(subject.weights(), rows(0, 4, 24)[:batch, :length], USE)
    assert (logits.shape, logits.dtype) == ((batch, length, VOCABULARY.size), np.float32)


@EVERY
@pytest.mark.parametrize("batch", [1, 4])
def test_step_gives_float32_logits_and_a_state_of_the_same_kind_with_a_row_for_each_line(subject, batch):
    architecture, weights = subject.architecture, subject.architecture.prepare(subject.weights())
    before = architecture.start(weights, batch)
    after, logits = architecture.step(weights, before, np.full(batch, END, dtype=np.int32))
    assert (logits.shape, logits.dtype) == ((batch, VOCABULARY.size), np.float32)
    assert [(array.shape[-2], array.dtype) for array in arrays(after)] == [(batch, a.dtype) for a in arrays(before)]


@EVERY
def test_probabilities_of_the_next_character_sum_to_1(subject):
    tokens = np.repeat(rows(batch=1, length=9)[:, 1:], VOCABULARY.size, axis=0)
    tokens[:, -1] = np.arange(VOCABULARY.size)
    last = subject.architecture.log_probabilities(subject.weights(), tokens)[:, -1]
    assert np.exp(last.astype(np.float64)).sum() == pytest.approx(1, abs=1e-5)


@EVERY
def test_probabilities_of_all_words_and_of_what_is_longer_sum_to_1(subject):
    vocabulary = Vocabulary(("a", "b"))
    weights = subject.weights(vocabulary)
    total = 0.0
    for length in range(LONGEST_WORD + 2):
        prefixes = np.array(list(itertools.product([1, 2], repeat=length)), dtype=np.int32).reshape(2**length, length)
        words = prefixes if length > LONGEST_WORD else np.pad(prefixes, ((0, 0), (0, 1)), constant_values=END)
        each = subject.architecture.log_probabilities(weights, words).astype(np.float64)
        total += np.exp(each.sum(axis=1)).sum()
    assert total == pytest.approx(1, abs=1e-5)


@EVERY
def test_log_probabilities_are_the_logarithms_of_what_step_gives(subject):
    architecture, weights, tokens = subject.architecture, subject.weights(), rows()[:, 1:]
    fed = np.pad(tokens[:, :-1], ((0, 0), (1, 0)), constant_values=END)
    steps = log_softmax(along(architecture, architecture.prepare(weights), fed))
    expected = np.take_along_axis(steps, tokens[:, :, None], axis=-1)[:, :, 0]
    np.testing.assert_allclose(architecture.log_probabilities(weights, tokens), expected, atol=2e-6)


@EVERY
def test_a_lines_probability_does_not_depend_on_the_line_before_it(subject):
    architecture, weights = subject.architecture, subject.weights()
    line = [3, 1, 4, 2, END]
    alone = architecture.log_probabilities(weights, np.array([line]))
    behind = architecture.log_probabilities(weights, np.array([[2, 5, END, *line]]))
    np.testing.assert_allclose(behind[:, 3:], alone, atol=1e-6)


@EVERY
def test_lines_side_by_side_do_not_touch_one_another(subject):
    architecture, weights, tokens = subject.architecture, subject.weights(), rows(batch=4)
    alone = [architecture.log_probabilities(weights, tokens[i : i + 1]) for i in range(4)]
    np.testing.assert_allclose(architecture.log_probabilities(weights, tokens), np.concatenate(alone), atol=1e-5)
    prepared = architecture.prepare(weights)
    alone = [along(architecture, prepared, tokens[i : i + 1]) for i in range(4)]
    np.testing.assert_allclose(along(architecture, prepared, tokens), np.concatenate(alone), atol=1e-5)


@EVERY
def test_what_is_further_back_than_its_reach_a_model_does_not_see(subject):
    architecture, weights = subject.architecture, subject.architecture.prepare(subject.weights())
    if architecture.receptive_field is None or architecture.block_length is not None:
        pytest.skip("it sees the whole line")
    tokens = np.tile(
        np.array([END, 3, 1, *([2, 4, 5] * architecture.receptive_field)[: architecture.receptive_field]]), (2, 1)
    )
    tokens[1, 1:3] = [6, 2]
    last = along(architecture, weights, tokens)[:, -1]
    np.testing.assert_array_equal(last[0], last[1])


@EVERY_TRAINED
def test_step_agrees_with_logits_at_every_position_of_a_row_of_lines(subject):
    architecture, weights, tokens = subject.architecture, subject.weights(), rows()
    expected = architecture.logits(weights, tokens, USE)
    np.testing.assert_allclose(along(architecture, weights, tokens), expected, atol=1e-5)


@EVERY_TRAINED
def test_step_with_prepared_weights_equals_step_without(subject):
    architecture, weights, tokens = subject.architecture, subject.weights(), rows()
    prepared = along(architecture, architecture.prepare(weights), tokens)
    np.testing.assert_allclose(prepared, along(architecture, weights, tokens), atol=1e-5)


@EVERY
def test_preparing_leaves_the_weights_as_they_were(subject):
    weights = subject.weights()
    before = {name: array.copy() for name, array in weights.items()}
    subject.architecture.prepare(weights)
    assert weights.keys() == before.keys()
    assert all(np.array_equal(weights[name], before[name]) for name in weights)


@EVERY
def test_a_step_leaves_the_state_it_was_given_as_it_was(subject):
    architecture, weights = subject.architecture, subject.architecture.prepare(subject.weights())
    state, _ = architecture.step(weights, architecture.start(weights, 2), np.array([END, END], dtype=np.int32))
    before = [array.copy() for array in arrays(state)]
    _, one = architecture.step(weights, state, np.array([1, 2], dtype=np.int32))
    assert all(np.array_equal(now, then) for now, then in zip(arrays(state), before, strict=True))
    _, again = architecture.step(weights, state, np.array([1, 2], dtype=np.int32))
    assert np.array_equal(one, again)


@EVERY_TRAINED
@pytest.mark.parametrize("position", [0, 1, 9, 20, 23])
def test_changing_a_character_leaves_earlier_logits_alone_and_moves_its_own(subject, position):
    architecture, weights, tokens = subject.architecture, subject.weights(), rows()
    changed = tokens.copy()
    changed[:, position] = (tokens[:, position] + 1) % VOCABULARY.size
    before, after = (architecture.logits(weights, each, USE) for each in (tokens, changed))
    np.testing.assert_array_equal(before[:, :position], after[:, :position])
    assert np.all(np.abs(before[:, position] - after[:, position]).max(axis=-1) > 1e-4)


@EVERY
def test_the_model_begins_anew_after_the_end_symbol(subject):
    architecture, weights = subject.architecture, subject.architecture.prepare(subject.weights())
    two_lines = along_from_start(architecture, weights, [END, 3, 1, END, 2, 4])
    one_line = along_from_start(architecture, weights, [END, 2, 4])
    np.testing.assert_allclose(two_lines[3:], one_line, atol=1e-6)


@EVERY
def test_the_first_character_of_a_line_matters_to_the_second(subject):
    architecture, weights = subject.architecture, subject.architecture.prepare(subject.weights())
    one, other = (along_from_start(architecture, weights, [END, token])[-1] for token in (1, 5))
    assert np.abs(one - other).max() > 1e-3


def along_from_start(architecture, weights, tokens):
    return along(architecture, weights, np.array([tokens], dtype=np.int32))[0]


@pytest.mark.parametrize("subject", [each for each in TRAINED if each.kind != "bigram"], ids=str)
def test_activations_are_shown_under_names_of_their_own_and_showing_them_changes_nothing(subject, monkeypatch):
    shown = []
    keep = Recording.record

    def record(self, name, x, *, bounded=False, diagnosed=True):
        shown.append((name, x.shape[-1], bounded and np.abs(x).max()))
        return keep(self, name, x, bounded=bounded, diagnosed=diagnosed)

    monkeypatch.setattr(Recording, "record", record)
    architecture, weights, tokens = subject.architecture, subject.weights(), rows()
    plain = architecture.logits(weights, tokens, USE)
    np.testing.assert_array_equal(architecture.logits(weights, tokens, Recording()), plain)
    names = [name for name, _, _ in shown]
    assert names
    assert len(set(names)) == len(names)
    assert all(width > 1 and largest <= 1 for _, width, largest in shown)


@EVERY
def test_joined_states_of_lines_of_any_length_go_on_as_each_alone(subject):
    architecture, weights = subject.architecture, subject.architecture.prepare(subject.weights())
    lines, states = [[END, 3], [END, 1, 4, 2, 5], [END, 2, 2]], []
    for line in lines:
        state = architecture.start(weights, 1)
        for token in line:
            state, _ = architecture.step(weights, state, np.array([token], dtype=np.int32))
        states.append(state)
    next_token = np.array([6, 3, 1], dtype=np.int32)
    _, together = architecture.step(weights, architecture.join_states(states), next_token)
    alone = [architecture.step(weights, state, next_token[i : i + 1])[1] for i, state in enumerate(states)]
    np.testing.assert_allclose(together, np.concatenate(alone), atol=1e-5)


@EVERY
def test_an_architecture_is_either_counted_or_trained_and_refuses_to_be_the_other(subject):
    architecture = subject.architecture
    if architecture.learned_by == "counting":
        assert architecture.as_counted() is architecture
        with pytest.raises(SettingError, match=f"{subject.kind} is counted, not trained: it has no rate"):
            architecture.as_trained("it has no rate")
    else:
        assert architecture.as_trained("it has no rate") is architecture
        with pytest.raises(SettingError, match=f"{subject.kind} is not learned by counting"):
            architecture.as_counted()


@EVERY_TRAINED
def test_logits_of_examples_are_those_of_contexts_or_of_rows(subject):
    architecture, weights, tokens = subject.architecture, subject.weights(), rows()
    inputs = tokens[:, : architecture.window or tokens.shape[1]]
    shape = (len(inputs), VOCABULARY.size) if architecture.window else (*inputs.shape, VOCABULARY.size)
    assert architecture.example_logits(weights, inputs, USE).shape == shape
