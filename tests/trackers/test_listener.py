"""A tracker gets every step once and in order, and its failure is one sentence that stops nothing."""

import pytest

import morelike
from morelike.runs.events import Evaluated, Finished, Progress, Sampled, Started
from morelike.trackers.listener import Listener, track
from morelike.trackers.tracker import Tracker


class Kept(Tracker):
    """A tracker that keeps what it gets."""

    def __init__(self):
        self.figures, self.words, self.summaries = [], [], []

    def log(self, step, figures):
        self.figures.append((step, dict(figures)))

    def log_words(self, step, words):
        self.words.append((step, tuple(words)))

    def close(self, summary):
        self.summaries.append(dict(summary))


@pytest.fixture
def kept():
    return Kept()


@pytest.fixture
def listener(kept):
    return Listener("kept", lambda: kept, pytest.fail)


def progress(step, *losses):
    rates = tuple(0.1 for _ in losses)
    return Progress(step, 8, losses[-1], losses, 0.1, 1.0, tuple(2 for _ in losses), rates)


def test_the_steps_never_fall_although_dev_comes_before_the_steps_that_lead_to_it(kept, listener):
    for event in (
        Started("mlp", 10, 0, 8),
        Evaluated(4, 2.5, best=True),
        progress(4, 3.0, 2.0),
        Sampled(4, ("a",), (False,)),
    ):
        listener(event)
    assert kept.figures == [
        (2, {"loss/train": 3.0, "learning_rate": 0.1}),
        (4, {"loss/train": 2.0, "learning_rate": 0.1, "loss/dev": 2.5}),
    ]
    assert kept.words == [(4, ("a",))]


def test_a_model_that_is_trained_anew_goes_on_after_the_last_step_under_a_name_of_its_own(kept, listener):
    for event in (Started("mlp", 10, 0, 8), progress(8, 3.0), Started("mlp", 10, 0, 8), progress(2, 1.0)):
        listener(event)
    assert kept.figures[-1] == (10, {"refit/loss/train": 1.0, "refit/learning_rate": 0.1})


def test_a_resumed_run_keeps_its_steps(kept, listener):
    for event in (Started("mlp", 10, 6, 8), progress(8, 3.0)):
        listener(event)
    assert kept.figures == [(8, {"loss/train": 3.0, "learning_rate": 0.1})]


def test_a_loss_that_is_no_number_is_left_out(kept, listener):
    listener(progress(2, float("nan")))
    assert kept.figures == [(2, {"learning_rate": 0.1})]


def test_the_last_loss_on_dev_is_not_lost_and_an_unfinished_run_is_closed_without_a_summary(kept, listener):
    listener(Evaluated(8, 2.0, best=True))
    listener(Finished(8, "interrupted", {}, 1.0))
    listener.close()
    listener.close()
    assert kept.figures == [(8, {"loss/dev": 2.0})]
    assert kept.summaries == [{}]


def test_the_figures_of_a_training_arrive_with_the_losses_of_its_end(kept, listener):
    words = ["anna", "hanna", "anne", "hen"] * 5
    events = []
    morelike.train(words, "mlp", hidden=4, steps=6, on_event=lambda event: (events.append(event), listener(event)))
    steps = [step for step, _ in kept.figures]
    assert steps == sorted(steps)
    assert steps[-1] == 6
    losses = events[-1].result.losses
    assert kept.summaries == [{f"final/{split}": loss.nats_per_character for split, loss in losses.items()}]
    assert losses.keys() == {"train", "dev", "test"}


@pytest.mark.parametrize("method", ["begin", "log", "log_words", "close"])
def test_a_tracker_that_fails_is_one_sentence_and_the_training_goes_on(method):
    class Broken(Kept):
        def __init__(self):
            super().__init__()
            if method == "begin":
                raise OSError("the disk is full")

    def broken(*_):
        raise RuntimeError("the server is\n gone.")

    if method != "begin":
        setattr(Broken, method, broken)
    said = []
    words = ["anna", "hanna", "anne", "hen"] * 5
    model = morelike.train(words, "mlp", hidden=4, steps=6, on_event=Listener("broken", Broken, said.append))
    assert model.sample(1)
    reason = "the disk is full" if method == "begin" else "the server is gone"
    assert said == [f"broken shows no more of this run: {reason}; the training goes on"]


def test_what_a_tracker_prints_does_not_stand_between_the_words(capsys):
    class Talkative(Kept):
        def log(self, step, figures):
            print("look at me")

    Listener("talkative", Talkative, pytest.fail)(progress(2, 1.0))
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == ("", "look at me\n")


def test_a_tracker_that_does_not_exist_or_is_not_installed_is_one_sentence(monkeypatch, tmp_path):
    with pytest.raises(morelike.MorelikeError, match="give tensorboard, trackio, wandb, mlflow; did you mean 'wandb'"):
        track("wand", "run", tmp_path)
    monkeypatch.setattr("morelike.trackers.listener.find_spec", lambda name: None)
    with pytest.raises(morelike.MorelikeError, match=r"needs tensorboardX: pip install 'morelike\[tensorboard\]'"):
        track("tensorboard", "run", tmp_path)
