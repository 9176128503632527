"""A new architecture is one file: settings, flags, training, sampling, scoring and model files follow from it."""

import subprocess
import sys
from importlib import import_module

import numpy as np
import pytest

import morelike
from morelike import models
from morelike.architecture import find, kinds
from morelike.cli.main import main

SOURCE = '''
"""A window of characters, each with its own table of logits, summed (a log-linear model; Mnih and Hinton 2007)."""

from __future__ import annotations

from typing import Any, final

import numpy as np
from pydantic import Field

from morelike.architecture import Mode, WindowArchitecture
from morelike.arrays import Array, Float, Int, Weights


@final
class LogLinear(WindowArchitecture):
    """The logits are the bias plus one row of a table for each place of the context."""

    scale: float = Field(0.1, gt=0, description="standard deviation of fresh tables")

    def shapes(self, vocabulary_size: int) -> dict[str, tuple[int, ...]]:
        tables = {f"table.{k}": (vocabulary_size, vocabulary_size) for k in range(self.context)}
        return {**tables, "b": (vocabulary_size,)}

    def init(self, rng: np.random.Generator, vocabulary_size: int) -> Weights:
        shapes = self.shapes(vocabulary_size)
        weights: Weights = {name: self.scale * rng.standard_normal(shape, np.float32) for name, shape in shapes.items()}
        return weights | {"b": np.zeros(vocabulary_size, np.float32)}

    def predict(self, weights: Weights, context: Int[Array, "N K"], mode: Mode) -> Float[Array, "N V"]:
        looked_up = (mode.look_up(weights[f"table.{k}"], context[:, k]) for k in range(self.context))
        return sum(looked_up, weights["b"])
'''
WORDS = ["anna", "hanna", "anne", "hannah", "nan", "ana", "hen", "henna", "nanna", "hana", "ann", "hanne"]


@pytest.fixture
def added(tmp_path, monkeypatch):
    """Put the file of a new architecture into the package `models`."""
    (tmp_path / "log_linear.py").write_text(SOURCE)
    monkeypatch.setattr(models, "__path__", [*models.__path__, str(tmp_path)])
    yield
    sys.modules.pop("morelike.models.log_linear", None)
    vars(models).pop("log_linear", None)


def test_the_file_is_found_by_its_name(added):
    assert "log_linear" in kinds()
    assert find("log_linear") is import_module("morelike.models.log_linear").LogLinear


def test_it_trains_samples_scores_and_loads(added, tmp_path):
    model = morelike.train(WORDS, "log_linear", context=2, steps=300, split="none")
    assert model.evaluate(WORDS).nats_per_character < np.log(model.vocabulary.size)
    words = model.sample(5, prefix="h", novel=False)
    assert len(words) == 5
    assert all(word.startswith("h") for word in words)
    again = morelike.load(model.save(tmp_path / "model"))
    assert again.log_probability(WORDS).tolist() == model.log_probability(WORDS).tolist()
    assert sum(again.next("an").values()) == pytest.approx(1)


def test_its_settings_are_flags(added, capsys):
    with pytest.raises(SystemExit):
        main(["train", "--model", "log_linear", "--help"])
    shown = " ".join(capsys.readouterr().out.split())
    assert "--scale" in shown
    assert "standard deviation of fresh tables" in shown


def test_the_contract_tests_discover_it(added):
    """In a process of its own, since the subjects are collected when the tests are imported."""
    code = (
        f"import morelike.models as m; m.__path__.append({models.__path__[-1]!r})\n"
        "from tests.contract.subjects import TRAINED\n"
        "assert 'log_linear' in {subject.kind for subject in TRAINED}"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
