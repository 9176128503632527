"""The space of a search: what the fields of a kind declare, what follows from their bounds, and what a user gives."""

from contextlib import suppress
from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, Field

from morelike.architecture import Choices, SearchRange, find, kinds
from morelike.architecture.search_range import NOT_TUNED, search_values
from morelike.errors import SettingError
from morelike.runs.settings import configure_kind
from morelike.workflows.tuning.space import nearest_to_defaults, parse_space, search_space, suggest

optuna = pytest.importorskip("optuna")


class Example(BaseModel):
    """Fields that declare nothing, but for one."""

    hidden: int = Field(100, ge=1)
    layers: int = Field(1, ge=1, le=3)
    share: float = Field(0.1, ge=0, lt=1)
    scale: float = Field(0.5, gt=0)
    form: Literal["a", "b"] = "a"
    tied: bool = False
    name: str = "x"
    threads: int = Field(1, ge=1, exclude=True)
    declared: Annotated[int, SearchRange(2, 8)] = 4


def values_of(name):
    return search_values(Example.model_fields[name])


def test_a_field_without_a_declaration_has_values_from_its_bounds_choices_and_default():
    assert values_of("hidden") == SearchRange(25, 400, "powers of two")
    assert values_of("layers") == SearchRange(1, 3, "powers of two")
    assert values_of("share") == SearchRange(0.0, 0.9, step=0.1)
    assert values_of("scale") == SearchRange(0.05, 5.0, "log")
    assert values_of("form") == Choices(("a", "b"))
    assert values_of("tied") == Choices((False, True))
    assert values_of("name") == values_of("threads") == NOT_TUNED
    assert values_of("declared") == SearchRange(2, 8)


@pytest.mark.parametrize("kind", kinds())
def test_each_kind_has_a_space_whose_every_corner_is_a_valid_value(kind):
    for name, values in search_space(kind, {}).items():
        ends = values.values if isinstance(values, Choices) else (values.low, values.high)
        for end in ends:
            parse_space(kind, [f"{name}={end}"])


@pytest.mark.parametrize("kind", kinds())
def test_drawn_settings_make_a_model_and_none_is_without_effect(kind):
    space = search_space(kind, {})
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=1))
    drawn = 0
    for _ in range(20):
        settings = suggest(space, kind, {}, study.ask())
        with suppress(SettingError):  # heads that do not divide the width, or a setting without effect
            configure_kind(kind, settings)
            drawn += 1
    assert drawn >= (10 if kind == "transformer" else 20)


def test_sizes_are_powers_of_two_so_that_few_programs_are_compiled():
    space = search_space("gru", {})
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=1))
    shapes = {suggest(space, "gru", {}, study.ask())["hidden"] for _ in range(50)}
    assert shapes == {64, 128, 256, 512}


def test_a_given_range_narrows_a_setting_and_keeps_its_scale():
    space = search_space(
        "gru", {}, parse_space("gru", ["hidden=100..300", "learning-rate=1e-3..2e-3", "dropout=0..0.3"])
    )
    assert space["hidden"] == SearchRange(100, 300, "powers of two")
    assert space["hidden"].exponents == (7, 8)
    assert space["learning_rate"] == SearchRange(1e-3, 2e-3, "log")
    assert space["dropout"] == SearchRange(0.0, 0.3, step=0.1)
    assert space["embedding"] == search_space("gru", {})["embedding"]


def test_listed_values_replace_a_space():
    space = search_space("gru", {}, parse_space("gru", ["hidden=100,150", "tied=true,false", "optimizer=adamw,sgd"]))
    assert space["hidden"] == Choices((100, 150))
    assert space["tied"] == Choices((True, False))
    assert space["optimizer"] == Choices(("adamw", "sgd"))


def test_a_setting_that_is_given_is_not_tuned():
    assert "hidden" not in search_space("gru", {"hidden": 100})
    assert "epochs" not in search_space("gru", {"steps": 100})
    assert "epochs" not in search_space("gru", {}, parse_space("gru", ["steps=100..200"]))


def test_the_first_trial_is_the_kinds_own_settings_or_the_nearest_values():
    space = search_space("gru", {})
    assert nearest_to_defaults(space, "gru", {}) == {
        "log2 embedding": 5,
        "log2 hidden": 7,
        "layers": 1,
        "dropout": 0.1,
        "recurrent_dropout": 0.0,
        "epochs": 7.0,
        "log2 batch_size": 6,
        "learning_rate": 0.01,
        "weight_decay": 0.05,
    }


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("hidden", "say NAME=LOW..HIGH"),
        ("hidden=", "say NAME=LOW..HIGH"),
        ("=1..2", "say NAME=LOW..HIGH"),
        ("hiden=64..512", "gru has no setting 'hiden'; did you mean 'hidden'"),
        ("hidden=512..64", "the first number is the lowest value"),
        ("hidden=0..512", "greater than or equal to 1"),
        ("hidden=a..b", "should be a valid integer"),
        ("hidden=64.5..512", "integer"),
        ("hidden=..512", "integer"),
        ("hidden=65..100", "no power of two lies in it"),
        ("hidden=64,64", "each once"),
        ("hidden=,", "one value or more"),
        ("dropout=0..1", "less than 1"),
        ("dropout=0..nan", "finite"),
        ("learning_rate=0..0.1", "greater than 0"),
        ("learning_rate=1e-3..inf", "finite"),
        ("weight_decay=0..0.1", "begin above 0"),
        ("schedule=cosine..step", "has no order"),
        ("schedule=cosine,sine", "'cosine', 'step' or 'constant'"),
        ("seed=0..5", "seed is not tuned"),
        ("threads=1..2", "threads is not tuned"),
        ("order=2..5", "gru has no setting 'order'"),
    ],
)
def test_a_space_that_makes_no_sense_is_refused_in_one_sentence(text, reason):
    with pytest.raises(SettingError, match=reason) as raised:
        search_space("gru", {}, parse_space("gru", [text]))
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("kind", "fixed", "texts", "reason"),
    [
        ("gru", {}, ["hidden=64..128", "hidden=256..512"], "names hidden twice"),
        ("gru", {"hidden": 100}, ["hidden=64..128"], "leave out one of the two"),
        ("ngram", {}, ["learning_rate=1e-3..1e-2"], "ngram has no setting 'learning_rate'"),
        ("ngram", {"order": 3, "smoothing": "kneser-ney"}, [], "nothing is left to tune"),
        ("gru", {}, ["row_length=8..32", "hiden=3..4"], "hiden"),
        ("mlp", {}, ["row_length=8..32"], "row_length has no effect"),
    ],
)
def test_a_space_that_does_not_fit_the_settings_is_refused(kind, fixed, texts, reason):
    with pytest.raises(SettingError, match=reason):
        search_space(kind, fixed, parse_space(kind, texts))


def test_a_new_architecture_has_a_space_without_another_edit(monkeypatch, tmp_path):
    from morelike import models

    (tmp_path / "new_kind.py").write_text(
        "from morelike.models.bigram import *\n"
        "from morelike.architecture import TrainedArchitecture, WindowArchitecture\n"
        "class NewKind(WindowArchitecture):\n"
        "    scale: float = Field(0.1, gt=0, description='standard deviation of fresh weights')\n"
        "    shapes = init = predict = lambda self: None\n"
    )
    monkeypatch.setattr(models, "__path__", [*models.__path__, str(tmp_path)])
    space = search_space("new_kind", {})
    assert space["scale"] == SearchRange(0.01, 1.0, "log")
    assert {"context", "learning_rate"} <= space.keys()
    assert find("new_kind").__name__ == "NewKind"
