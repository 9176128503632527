"""Advice is followed: it names settings that the run has, and makes the figure that it is about better."""

import re

import pytest

import morelike
from morelike import api
from morelike.runs.metrics import has_settled
from morelike.runs.settings import configure_kind

from ..training.runs import pronounceable

WORDS = pronounceable(300)
SMALL = {"hidden": 16, "batch_size": 64}
SGD = {"optimizer": "sgd", "schedule": "constant"}
NARROW = {"embedding": 8, **SMALL}
BAD_RUNS = {
    "random logits and a saturated layer at the start": ("mlp", {**SMALL, "initialization": "normal", "steps": 60}),
    "a rate that saturates": ("mlp", {**SMALL, "learning_rate": 1.0, "steps": 150}),
    "a rate that blows up layers": (
        "transformer",
        {"learning_rate": 1.0, "steps": 40, "embedding": 16, "layers": 2, "heads": 2},
    ),
    "running statistics of a few steps": ("deep_mlp", {**SMALL, "steps": 6, "layers": 2}),
    "a rate far too high": ("mlp", {**SMALL, **SGD, "learning_rate": 30.0, "steps": 50}),
    "layers that pass nothing": (
        "wavenet",
        {**SMALL, **SGD, "context": 4, "learning_rate": 100.0, "clip": 0.0, "steps": 100},
    ),
    "a rate far too high for BatchNorm": (
        "deep_mlp",
        {**SMALL, "layers": 2, "learning_rate": 3.0, "schedule": "constant", "steps": 1000},
    ),
    "weights that decay away": ("gru", {**NARROW, "weight_decay": 90.0, "steps": 150}),
    "gates that saturate": ("gru", {**NARROW, "learning_rate": 1.0, "steps": 100}),
}
TOO_LOW = {
    "a low rate of sgd": ("mlp", {**SMALL, **SGD, "learning_rate": 1e-4, "steps": 100}),
    "a low rate of adamw": ("mlp", {**SMALL, "learning_rate": 1e-6, "steps": 100}),
}
QUICK = ("random logits and a saturated layer at the start", "a rate far too high")


def cases(runs):
    return [pytest.param(*run, id=name, marks=() if name in QUICK else pytest.mark.slow) for name, run in runs.items()]


def diagnosed(folder, kind, settings):
    """Return the diagnosis of a run with these settings."""
    morelike.train(WORDS, kind, out=folder, report=False, split="none", **settings)
    return api.diagnose("latest", out=folder)


def changes(reading, kind, settings):
    """Return the settings that the advice names, with its values; all of them are settings of the run."""
    named = {flag.replace("-", "_"): value for flag, value in re.findall(r"--([a-z-]+) ([^ )]+)", reading.advice)}
    parsed = {}
    for name, value in named.items():
        parsed[name] = value if name == "initialization" else int(value) if value.isdigit() else float(value)
    configure_kind(kind, {**settings, **parsed})  # a setting that the run does not have is refused
    return parsed


def distance(reading, found):
    """Return how far the figure of a reading is from good: smaller is better."""
    if reading.what == "initial loss":
        return reading.value - found.start.uniform
    if reading.what == "update:data":
        return max(reading.value / 1e-3, 1e-3 / max(reading.value, 1e-30))
    if reading.what == "gradient:data":
        values = sorted(each.value for each in found.readings if each.what == "gradient:data")
        typical = values[len(values) // 2]
        return max(reading.value / typical, typical / reading.value)
    if reading.what == "activation spread":
        return max(reading.value, 1 / max(reading.value, 1e-30))
    return abs(reading.value)


@pytest.mark.parametrize(("kind", "settings"), cases(BAD_RUNS))
def test_each_advice_on_a_bad_run_makes_its_figure_better_and_the_loss_no_worse(kind, settings, tmp_path):
    bad = diagnosed(tmp_path, kind, settings)
    followed = {}
    for reading in bad.readings:
        for name, value in changes(reading, kind, settings).items():
            followed.setdefault((name, value), []).append(reading)
    assert followed
    for (name, value), readings in followed.items():
        better = diagnosed(tmp_path, kind, {**settings, name: value})
        assert better.loss < 1.01 * bad.loss, (name, value)
        after = {(each.what, each.where): each for each in better.readings}
        for reading in readings:
            now = after.get((reading.what, reading.where))  # none if the layer is gone
            assert now is None or distance(now, better) < distance(reading, bad), (name, value, reading)


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "settings"), cases(TOO_LOW))
def test_advice_that_is_followed_again_and_again_finds_a_rate_that_learns(kind, settings, tmp_path):
    losses = []
    for _ in range(6):
        found = diagnosed(tmp_path, kind, settings)
        losses.append(found.loss)
        wanted = [change for each in found.readings for change in changes(each, kind, settings).items()]
        if not wanted:
            break
        assert {name for name, _ in wanted} == {"learning_rate"}
        settings = {**settings, **dict(wanted[:1])}
    assert losses == sorted(losses, reverse=True)
    assert losses[-1] < losses[0] - 0.1


def test_a_run_that_learned_its_list_by_heart_gets_no_advice(tmp_path):
    text = "aaaaabbbbbccccacdddddaaaa"
    settings = {"weight_decay": 0.0, "learning_rate": 0.005, "schedule": "constant", "warmup": 0.0, "clip": 0.0}
    settings |= {"one_hot": True, "hidden": 32, "batch_size": 1, "steps": 600}
    morelike.train(text, "rnn", form="text", split="none", out=tmp_path, report=False, **settings)
    found = api.diagnose("latest", out=tmp_path)
    assert found.loss < 0.01
    assert any(each.verdict != "good" for each in found.readings)
    assert {each.advice for each in found.readings} == {""}


@pytest.mark.slow
def test_a_run_whose_loss_has_settled_gets_no_advice(tmp_path):
    settings = {"steps": 2000, "learning_rate": 0.02, "batch_size": 2000}
    found = diagnosed(tmp_path, "bigram", settings)
    assert found.settled
    assert {each.advice for each in found.readings} == {""}


def test_a_loss_has_settled_if_it_fell_early_and_not_if_it_falls_slowly():
    def metrics(losses):
        return [{"step": 10 * (i + 1), "loss": loss, "losses": [loss]} for i, loss in enumerate(losses)]

    early = [3.0, 2.0, 1.5, 1.2, 1.1, *[1.0] * 20]
    assert has_settled(metrics(early))
    assert not has_settled(metrics(early[:8]))  # too short to say
    assert not has_settled(metrics([3.0 - 0.05 * i for i in range(25)]))
    assert not has_settled(metrics([3.0 - 0.0001 * i for i in range(25)]))  # it learned nothing
    assert not has_settled([])


def test_a_model_without_its_run_gets_no_advice_on_a_rate_that_nobody_knows():
    model = morelike.train(WORDS, "mlp", split="none", steps=3, learning_rate=1e-9, **SMALL)
    found = api.diagnose(model, WORDS)
    assert not any("learning" in each.advice for each in found.readings)
