"""Knobs that are turned while a run trains, and single steps: the replay of the turns gives the same bytes."""

import json

import numpy as np
import pytest

from morelike.architecture import build
from morelike.errors import SettingError
from morelike.runs.events import Progress, Stepped
from morelike.runs.knobs import Knobs, Turn, check_knob
from morelike.runs.looks import Looks
from morelike.runs.plan import make_plan, plan_of_run
from morelike.text.corpus import corpus_of
from morelike.training.experiment import run_experiment, start_run
from morelike.training.jax.batch_indices import draw_with_replacement, draw_without_replacement

from ..training.runs import metrics_of, products, pronounceable, quick_first, small_settings

KINDS = quick_first(["mlp", "gru", "deep_mlp", "transformer"])


@pytest.fixture(autouse=True)
def long_chunks(monkeypatch):
    """Chunks of six steps in a run of 60."""
    monkeypatch.setattr("morelike.training.chunks.FEWEST_CHUNKS", 10)
    monkeypatch.setattr("morelike.training.result.SAMPLES", 3)


def new_run(out, kind="mlp", form="lines", **settings):
    words = pronounceable()
    corpus = corpus_of("words", [" ".join(words)] if form == "text" else words, form)
    short = {"steps": 60, "chunk": 6, "evaluate_every": 12, **settings}
    return start_run(make_plan(corpus, kind, settings=small_settings(kind, **short)), out)


def train(run, knobs=None, at=None, stop_after=None, looks=None, killed_after=None):
    """Train a run; `at` maps steps to what is done after them. The run stops, or is killed, after a step."""
    at, events, reached = dict(at or {}), [], [0]
    watch = {"watch_weights": lambda step, weights: looks.save(step, weights())} if looks else {}
    for event in run_experiment(
        plan_of_run(run), run, knobs=knobs, should_stop=lambda: bool(stop_after) and reached[0] >= stop_after, **watch
    ):
        events.append(event)
        if isinstance(event, Progress | Stepped):
            reached[0] = event.step
            at.pop(event.step, lambda: None)()
            if event.step == killed_after:
                break
    assert at == {}
    return events


def turns(knobs):
    """Return what a person does while a run trains: turns, and single steps within chunks."""

    def one_step():
        knobs.single_steps += 1

    def both():
        knobs.turn("batch_size", 7)
        knobs.turn("temperature", 1.5)
        one_step()

    return {
        6: one_step,
        7: lambda: knobs.turn("learning_rate", 0.05),
        18: both,
        19: one_step,
        20: lambda: knobs.turn("batch_size", 4),
    }


@pytest.mark.parametrize("kind", KINDS)
def test_the_replay_of_turned_knobs_gives_the_same_bytes_also_after_a_kill(kind, tmp_path):
    turned = new_run(tmp_path / "turned", kind)
    train(turned, knobs := Knobs(turned.knobs), turns(knobs))
    kept = Knobs(turned.knobs).turns
    assert [each[:2] for each in kept] == [
        (7, "learning_rate"), (18, "batch_size"), (18, "temperature"), (20, "batch_size"),
    ]  # fmt: skip
    assert all(line["step"] % 6 == 0 for line in metrics_of(turned.path) if line["step"] > 6)  # the chunks are whole

    replayed = new_run(tmp_path / "replayed", kind)
    replayed.knobs.write_bytes(turned.knobs.read_bytes())
    train(replayed)
    assert products(replayed.path) == products(turned.path)

    killed = new_run(tmp_path / "killed", kind)
    train(killed, knobs := Knobs(killed.knobs), turns(knobs), killed_after=24)
    assert killed.checkpoints.newest().facts["step"] == 12
    train(killed)
    assert products(killed.path) == products(turned.path)


@pytest.mark.slow
def test_a_batch_size_changes_the_steps_after_it_and_no_step_before(tmp_path):
    plain, turned = new_run(tmp_path / "plain"), new_run(tmp_path / "turned")
    train(plain)
    train(turned, knobs := Knobs(turned.knobs), {18: lambda: knobs.turn("batch_size", 7)})
    before, after = metrics_of(plain.path), metrics_of(turned.path)
    same = [old == new for old, new in zip(before, after, strict=True)]
    assert same == [line["step"] <= 18 for line in before]


@pytest.mark.slow
def test_the_temperature_changes_no_byte(tmp_path):
    plain, turned = new_run(tmp_path / "plain"), new_run(tmp_path / "turned")
    train(plain)
    train(turned, knobs := Knobs(turned.knobs), {18: lambda: knobs.turn("temperature", 2.0)})
    assert Knobs(turned.knobs).turns == (Turn(18, "temperature", 2.0),)
    assert products(turned.path) == products(plain.path)


def test_the_examples_go_on_where_they_were_when_the_batch_size_changed():
    whole = draw_without_replacement(10, 1, 3, 0, 40)[:, 0]
    parts = [
        draw_without_replacement(10, 2, 3, 0, 5),
        draw_without_replacement(10, 7, 3, 5, 3, ((5, 2),)),
        draw_without_replacement(10, 3, 3, 8, 3, ((5, 2), (3, 7))),
    ]
    np.testing.assert_array_equal(np.concatenate([part.ravel() for part in parts]), whole)
    drawn = [draw_with_replacement(1 << 30, 4, 3, 0, 6), draw_with_replacement(1 << 30, 2, 3, 6, 8, ((6, 4),))]
    np.testing.assert_array_equal(
        np.concatenate([part.ravel() for part in drawn]), draw_with_replacement(1 << 30, 2, 3, 0, 20).ravel()
    )


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_single_steps_are_one_update_each_and_the_run_ends_with_the_same_bytes(kind, tmp_path):
    plain, stepped = new_run(tmp_path / "plain", kind), new_run(tmp_path / "stepped", kind)
    train(plain)
    knobs, looks = Knobs(stepped.knobs), Looks(stepped)

    def one_step():
        knobs.single_steps += 1

    events = train(stepped, knobs, dict.fromkeys((12, 13, 14, 15, 30), one_step), looks=looks)
    singles = [event for event in events if isinstance(event, Stepped)]
    assert [(event.step, event.count) for event in singles] == [(13, 1), (14, 1), (15, 1), (16, 1), (31, 1)]
    assert products(stepped.path) == products(plain.path)
    assert {13, 14, 15, 16, 31} <= {*looks.steps()}
    names = looks.weights(13)
    assert any((looks.weights(14)[name] != looks.weights(13)[name]).any() for name in names)


@pytest.mark.slow
def test_a_run_that_is_stopped_within_a_chunk_takes_the_chunk_to_its_end(tmp_path):
    plain, stopped = new_run(tmp_path / "plain"), new_run(tmp_path / "stopped")
    train(plain)
    knobs = Knobs(stopped.knobs)

    def one_step():
        knobs.single_steps += 1

    train(stopped, knobs, {12: one_step}, stop_after=13)
    assert stopped.checkpoints.newest().facts["step"] == 18
    train(stopped)
    assert products(stopped.path) == products(plain.path)


def test_a_file_of_an_older_version_holds_rates_alone_and_a_turn_replaces_later_ones(tmp_path):
    path, heard = tmp_path / "knobs.jsonl", []
    path.write_text(json.dumps({"step": 4, "learning_rate": 0.1}) + "\n" + '{"step": 9, "learning_rate": 0.2}\n')
    knobs = Knobs(path, heard.append)
    assert [knobs.value("learning_rate", step) for step in (0, 3, 4, 8, 9, 20)] == [None, None, 0.1, 0.1, 0.2, 0.2]
    assert knobs.batch_sizes(9, 32) == ((), 32)
    knobs.turn("learning_rate", 0.3)
    knobs.turn("batch_size", 64.0)
    knobs.settle(6)
    kept = (Turn(4, "learning_rate", 0.1), Turn(6, "learning_rate", 0.3), Turn(6, "batch_size", 64))
    assert Knobs(path).turns == kept
    assert tuple(heard) == kept[1:]
    assert knobs.batch_sizes(6, 32) == (((6, 32),), 64)
    assert (knobs.pause(0, 100), knobs.pause(4, 5), knobs.pause(6, 100)) == (4, 5, 100)


@pytest.mark.parametrize("name", ["learning_rate", "batch_size", "temperature"])
@pytest.mark.parametrize("value", [0.0, -1.0, float("nan"), float("inf")])
def test_a_knob_takes_a_positive_number(name, value):
    with pytest.raises(SettingError, match=f"{name} = .*: give a number above 0"):
        Knobs().turn(name, value)


def test_a_knob_that_a_run_does_not_have_is_refused_in_one_sentence():
    for value in (1.5, 5000):
        with pytest.raises(SettingError, match="whole number from 1 to 4,096"):
            Knobs().turn("batch_size", value)
    with pytest.raises(SettingError, match="there is no knob 'volume'"):
        Knobs().turn("volume", 1.0)
    with pytest.raises(SettingError, match="a gru reads a running text in as many parts"):
        check_knob("batch_size", build("gru", {}), "text")
    with pytest.raises(SettingError, match="ngram is counted"):
        check_knob("learning_rate", build("ngram", {}), "lines")
    for name, kind, form in [
        ("batch_size", "gru", "lines"),
        ("batch_size", "mlp", "text"),
        ("temperature", "ngram", "text"),
    ]:
        check_knob(name, build(kind, {}), form)
