"""What a run would cost: nothing is kept, and what can be known beforehand is right."""

import numpy as np
import pytest

import morelike
from morelike.errors import TrainingError
from morelike.runs.plan import make_plan
from morelike.text.corpus import corpus_of
from morelike.workflows import dry_run
from morelike.workflows.dry_run import estimate

WORDS = [a + b + c for a in "abcdefgh" for b in "aeiou" for c in ["n", "nna", "ra", "lo", "ris"]]


@pytest.fixture(autouse=True)
def short_trials(monkeypatch):
    monkeypatch.setattr(dry_run, "TRIAL_SECONDS", 0.01)


def plan(kind, **settings):
    return make_plan(corpus_of("words", WORDS, "lines"), kind, settings=settings)


def test_parameters_and_steps_are_those_of_the_run_itself():
    found = estimate(plan("mlp", hidden=8, steps=40))
    model = morelike.train(WORDS, "mlp", hidden=8, steps=40)
    assert found.parameters == sum(array.size for array in model.weights.values())
    assert (found.kind, found.steps) == ("mlp", 40)
    assert found.characters == model.evaluate(morelike.split(WORDS).train).characters
    assert 0 < found.training < found.seconds == found.compiling + found.training + found.evaluating


def test_twice_the_steps_take_twice_the_time_and_compile_no_longer(monkeypatch):
    monkeypatch.setattr(dry_run, "_median", lambda work, seconds: 0.5)
    once, twice = (estimate(plan("mlp", hidden=8, steps=steps, chunk=10, evaluate_every=10)) for steps in (500, 1000))
    assert twice.training == 2 * once.training == 2 * 0.5 * 500 / 10


@pytest.mark.slow
def test_memory_grows_with_what_the_program_holds():
    small, large = (estimate(plan("mlp", hidden=8, steps=4, chunk=2, batch_size=size)) for size in (1, 8))
    assert small.memory > 10**7
    assert large.memory > small.memory - 10**6


def test_n_grams_of_the_whole_list_are_counted_as_they_are():
    found = estimate(plan("ngram", order=3))
    weights = morelike.train(WORDS, "ngram", order=3).weights
    assert found.parameters == sum(len(weights[f"keys.{k}"]) for k in (1, 2, 3))


def test_n_grams_of_a_longer_list_are_foretold_from_a_part(monkeypatch):
    rng = np.random.default_rng(0)
    words = ["".join(rng.choice(list("abcde"), rng.integers(2, 7))) for _ in range(6000)]
    monkeypatch.setattr(dry_run, "FIRST_LINES", 600)
    monkeypatch.setattr(dry_run, "TRIAL_SECONDS", 0.0)  # one part alone
    monkeypatch.setattr(dry_run, "FEWEST_TRIALS", 1)
    longer = make_plan(corpus_of("words", words, "lines"), "ngram", settings={"order": 4})
    whole = sum(len(morelike.train(words, "ngram", order=4).weights[f"keys.{k}"]) for k in range(1, 5))
    assert whole <= estimate(longer).parameters
    sizes = [(1000, 500, 0.1), (4000, 1000, 0.4)]
    assert dry_run._growth(sizes) == pytest.approx(0.5)
    assert dry_run._growth(sizes[:1]) == 1.0


def test_more_memory_than_there_is_is_refused_before_anything_runs(monkeypatch):
    monkeypatch.setattr("os.sysconf", lambda name: 1000)
    with pytest.raises(TrainingError, match=r"these settings need .* GB, and this machine has 0.0: make --batch-size"):
        estimate(plan("mlp", hidden=8, steps=4))
