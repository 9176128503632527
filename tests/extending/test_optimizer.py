"""A new optimiser is one function and one entry beside it, and one value of its setting: two files."""

from typing import Literal

import optax
import pytest

import morelike
from morelike.runs.settings import TrainingConfig
from morelike.training.jax import optimizer

WORDS = ["anna", "hanna", "anne", "hannah", "nan", "ana", "hen", "henna", "nanna", "hana", "ann", "hanne"]


@pytest.fixture
def added(monkeypatch):
    """Add Lion (Chen et al. 2023): the entry in `OPTIMIZERS`, and the value of the setting."""
    lion = {"lion": lambda config, learning_rate: optax.lion(learning_rate, weight_decay=config.weight_decay)}
    monkeypatch.setattr(optimizer, "OPTIMIZERS", {**optimizer.OPTIMIZERS, **lion})
    field = TrainingConfig.model_fields["optimizer"]
    monkeypatch.setattr(field, "annotation", Literal["adamw", "sgd", "lion"])
    TrainingConfig.model_rebuild(force=True)
    yield
    monkeypatch.undo()
    TrainingConfig.model_rebuild(force=True)


def test_it_trains_and_its_steps_are_its_own(added):
    def losses(name):
        found = []
        morelike.train(
            WORDS, "bigram", split="none", steps=40, optimizer=name, learning_rate=0.01,
            on_event=lambda event: found.extend(getattr(event, "losses", ())),
        )  # fmt: skip
        return found

    lion, adamw = losses("lion"), losses("adamw")
    assert lion[0] == adamw[0]
    assert lion[-1] != adamw[-1]
    assert lion[-1] < lion[0]


def test_an_optimiser_that_was_not_added_is_refused_with_the_choices():
    with pytest.raises(morelike.MorelikeError, match="'adamw' or 'sgd'"):
        morelike.train(WORDS, "bigram", optimizer="lion", steps=1)
