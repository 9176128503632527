"""Settings: what has no effect is refused by name, and a run keeps the settings that were in force alone."""

import tomllib

import numpy as np
import pytest

import morelike
from morelike.errors import SettingError
from morelike.reports.run_report import read_config
from morelike.runs.events import Noted
from morelike.runs.plan import make_plan, read_plan
from morelike.runs.run_folder import RunFolder
from morelike.runs.settings import TrainingConfig, configure_kind, idle_settings
from morelike.text.corpus import Corpus
from morelike.training.jax.engine import Engine
from morelike.training.preparation import prepare

from ..training.runs import pronounceable

WORDS = pronounceable(40)
IDLE = {
    "weight decay of sgd": ("mlp", {"optimizer": "sgd"}, "weight_decay", 10, "optimizer = sgd"),
    "a drop of a cosine": ("mlp", {}, "decay_at", 0.3, "schedule = cosine"),
    "a drop that never comes": (
        "gru",
        {"schedule": "constant"},
        "decay_factor",
        0.5,
        "schedule = constant",
    ),
    "an embedding beside one-hot input": ("gru", {"one_hot": True}, "embedding", 12, "one_hot = True"),
    "alpha of a mixture": ("ngram", {}, "alpha", 3.0, "smoothing = mixture"),
    "least counts of n-grams of one": ("ngram", {"order": 1}, "min_count", 2, "order = 1"),
    "steps of counting": ("ngram", {}, "steps", 5, "ngram, which is counted, not trained"),
    "a rate of counting": ("ngram", {}, "learning_rate", 0.1, "ngram, which is counted, not trained"),
    "rows of contexts": ("mlp", {}, "row_length", 20, "mlp, whose examples are contexts, not rows"),
    "a floor beside a length": ("mlp", {"steps": 5}, "min_steps", 9, "steps = 5"),
    "a ceiling beside a length": ("mlp", {"steps": 5}, "max_steps", 9, "steps = 5"),
}


@pytest.mark.parametrize("case", IDLE)
def test_a_setting_without_effect_is_refused_with_what_disables_it(case):
    kind, settings, name, value, disabled_by = IDLE[case]
    with pytest.raises(SettingError) as caught:
        configure_kind(kind, {**settings, name: value})
    assert str(caught.value) == f"{name} = {value} has no effect with {disabled_by}: leave it out"
    with pytest.raises(SettingError, match=f"{name} = {value} has no effect"):
        morelike.train(WORDS, kind, **settings, **{name: value})


@pytest.mark.parametrize(
    ("kind", "settings"),
    [
        ("mlp", {"optimizer": "adamw", "weight_decay": 10}),
        ("mlp", {"schedule": "step", "decay_at": 0.3, "decay_factor": 0.5}),
        ("gru", {"embedding": 12, "row_length": 20}),
        ("ngram", {"smoothing": "add", "alpha": 3.0, "seed": 1, "threads": 2}),
        ("mlp", {"epochs": 2, "min_steps": 3, "max_steps": 9}),
        ("mlp", {"optimizer": "sgd", "weight_decay": 0.0}),  # no decay is what there is
    ],
)
def test_a_setting_with_an_effect_is_taken(kind, settings):
    architecture, training = configure_kind(kind, settings)
    for name, value in settings.items():
        assert value in (getattr(architecture, name, None), getattr(training, name, None))


def test_labels_are_not_asked_of_a_list_without_them():
    with pytest.raises(SettingError, match=r"labelled = True: the list 'words' has no labels; give it a third column"):
        morelike.train(WORDS, "gru", labelled=True)
    assert make_plan(Corpus("words", WORDS), "gru", settings={"labelled": False}).labels == ()


def test_a_range_test_refuses_what_it_sweeps():
    with pytest.raises(SettingError, match="--learning-rate has no part in a range test"):
        morelike.range_test(WORDS, "bigram", learning_rate=0.1)


def test_a_settings_file_may_hold_what_has_no_effect_and_a_note_says_so(tmp_path):
    path = tmp_path / "config.toml"
    path.write_text('[architecture]\nkind = "mlp"\n[training]\noptimizer = "sgd"\nweight_decay = 0.2\ndecay_at = 0.5\n')
    plan = read_plan("names", None, config=path, settings={})
    assert plan.notes == ("weight_decay = 0.2 has no effect with optimizer = sgd",)
    assert read_plan("names", None, config=path, settings={"optimizer": "adamw"}).notes == ()


def test_patience_without_held_out_words_is_noted():
    events = []
    settings = {"patience": 2, "split": "none", "steps": 2, "hidden": 4}
    morelike.train(WORDS, "mlp", on_event=events.append, **settings)
    notes = [event.sentence for event in events if isinstance(event, Noted)]
    assert "patience has no effect: nothing is held out to evaluate the model on" in notes


@pytest.mark.parametrize(
    ("kind", "settings"),
    [("mlp", {"optimizer": "sgd", "hidden": 4}), ("gru", {"one_hot": True, "hidden": 4}), ("ngram", {"order": 2})],
)
def test_a_run_and_its_report_list_only_the_settings_in_force(kind, settings, tmp_path):
    length = {} if kind == "ngram" else {"steps": 2}
    model = morelike.train(WORDS, kind, out=tmp_path, report=False, **settings, **length)
    run = RunFolder(next(tmp_path.iterdir()))
    written = tomllib.loads((run.path / "config.toml").read_text())
    training = TrainingConfig(**written["training"])
    idle = idle_settings(model.architecture, training)
    assert idle
    listed = {**written["architecture"], **written["training"]}
    assert not idle.keys() & listed.keys()
    assert listed.keys() >= settings.keys() | length.keys()
    assert read_config(run) == written
    card = (run.model / "README.md").read_text()
    assert not any(f" {name} " in card.partition("symbols")[0] for name in model.architecture.idle_settings())


def changed(value):
    """Return another value of a setting of training."""
    others = {"adamw": "sgd", "cosine": "step"}
    return others[value] if isinstance(value, str) else value / 2 if value else 0.3


@pytest.mark.parametrize(
    ("optimizer", "schedule"),
    [
        ("sgd", "step"),
        *(
            pytest.param(optimizer, schedule, marks=pytest.mark.slow)
            for optimizer, schedule in [("adamw", "cosine"), ("sgd", "constant")]
        ),
    ],
)
def test_a_setting_of_training_changes_the_weights_unless_it_is_said_to_be_idle(optimizer, schedule):
    base = {"optimizer": optimizer, "schedule": schedule, "steps": 4, "clip": 0.01, "warmup": 0.25}

    def weights(**settings):
        plan = make_plan(Corpus("w", WORDS), "bigram", split="none", settings={}, configured={**base, **settings})
        plan, _, vocabulary, train, dev = prepare(plan)
        engine = Engine(plan.architecture, plan.training, train, dev, vocabulary.size)
        return np.asarray(engine.run(engine.initial_state(), 0, 4).state.weights["W"])

    architecture, training = configure_kind("bigram", base)
    idle, before = idle_settings(architecture, training), weights()
    for name in ("learning_rate", "warmup", "decay_at", "decay_factor", "weight_decay", "clip"):
        after = weights(**{name: changed(getattr(training, name))})
        assert (after != before).any() == (name not in idle), name
