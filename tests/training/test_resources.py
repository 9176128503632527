"""The memory that training takes is estimated before it begins."""

import pytest

import morelike
from morelike.architecture import build
from morelike.errors import TrainingError
from morelike.runs.events import Noted
from morelike.runs.settings import TrainingConfig
from morelike.training.resources import bytes_needed, note_of_memory, parameters_of

WORDS = ["anna", "hanna", "anne", "hannah"]


def test_parameters_are_those_of_the_weights():
    model = morelike.train(WORDS, "mlp", hidden=5, steps=1)
    assert parameters_of(model.architecture, model.vocabulary.size) == sum(a.size for a in model.weights.values())


def test_a_table_of_all_pairs_grows_with_the_square_of_the_alphabet():
    small, large = (bytes_needed(build("bigram", {}), TrainingConfig(), symbols) for symbols in (1_000, 10_000))
    assert 50 < large / small < 100


def test_a_large_alphabet_is_noted_and_an_ordinary_one_is_not():
    architecture = build("gru", {"hidden": 512})
    assert note_of_memory(architecture, TrainingConfig(), 30) == ""
    assert "13,667 symbols and" in note_of_memory(architecture, TrainingConfig(), 13_667)


def test_a_model_larger_than_memory_is_refused_before_a_step(monkeypatch):
    events = []
    monkeypatch.setattr("os.sysconf", lambda name: 10)
    with pytest.raises(
        TrainingError, match=r"need .* GB, and this machine has 0.0: make --batch-size, --row-length or the model"
    ):
        morelike.train(WORDS, "mlp", hidden=5, steps=1, on_event=events.append)
    assert all(isinstance(event, Noted) for event in events)
