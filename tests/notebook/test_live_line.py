"""The line of training: updated in place in a notebook, silent in a script, on stderr if it is asked for."""

import sys
from types import SimpleNamespace

import pytest

import morelike
from morelike.notebook import live_line
from morelike.notebook.live_line import LiveLine, in_notebook, sample_of
from morelike.runs.events import Evaluated, Noted, Progress, Sampled, Started

WORDS = ["anna", "hanna", "anne", "hannah", "nan", "ana", "hen", "henna", "ahna", "nanna", "eha", "nena"]


class Notebook:
    """What a line displays: each output is the list of its states."""

    def __init__(self):
        self.outputs = []

    def display(self, bundle, *, raw, display_id):
        assert raw
        assert display_id
        states = [bundle]
        self.outputs.append(states)
        return SimpleNamespace(update=lambda bundle, raw: states.append(bundle))


@pytest.fixture
def notebook(monkeypatch):
    found = Notebook()
    shell = SimpleNamespace(kernel=object())
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    monkeypatch.setitem(sys.modules, "IPython.display", SimpleNamespace(display=found.display))
    return found


def test_training_in_a_notebook_updates_one_line_until_the_losses_and_new_words(notebook):
    model = morelike.train(WORDS, "ngram", order=2)
    (states,) = notebook.outputs
    assert "compiling" in states[0]["text/plain"] or len(states) == 1
    last = states[-1]["text/plain"]
    assert last.startswith("ngram · ")
    assert f"test {model.facts['losses']['test']['nats']:.4f}" in last
    assert " · e.g. " in last


def test_progress_false_keeps_a_notebook_silent(notebook):
    morelike.train(WORDS, "ngram", order=2, progress=False)
    assert notebook.outputs == []


def test_a_script_is_silent_unless_it_asks_for_the_line(capsys):
    assert not in_notebook()
    morelike.train(WORDS, "ngram", order=2)
    assert capsys.readouterr() == ("", "")
    morelike.train(WORDS, "ngram", order=2, progress=True)
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("ngram · ")
    assert shown.err.count("\n") == 1


def test_a_terminal_of_ipython_is_no_notebook(monkeypatch):
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: SimpleNamespace()))
    assert not in_notebook()
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: None))
    assert not in_notebook()


def test_the_line_shows_step_losses_and_rates(notebook):
    line = LiveLine()
    line.show(Started("mlp", 353, 0, 1000))
    line.show(Evaluated(100, 2.5, best=True))
    line._drawn = 0.0
    line.show(Progress(100, 1000, 2.75, (2.75,), 0.003, 0.5, (100,), (0.003,)))
    ((*_, last),) = notebook.outputs
    expected = "mlp · step 100 of 1,000 (10%) · loss 2.7500 · dev 2.5000 · learning rate 0.003 · 200 steps/s"
    assert last["text/plain"] == expected


def test_short_chunks_draw_the_line_at_most_ten_times_a_second(notebook, monkeypatch):
    now = [100.0]
    monkeypatch.setattr(live_line.time, "monotonic", lambda: now[0])
    line = LiveLine()
    line.show(Started("mlp", 353, 0, 1000))
    for step in range(1000):
        now[0] += 0.001
        line.show(Progress(step + 1, 1000, 2.75, (2.75,), 0.003, 0.001, (1,), (0.003,)))
    assert len(notebook.outputs[0]) <= 1 + 10


def test_notes_stand_under_the_line_and_words_are_text(notebook):
    line = LiveLine()
    line.show(Started("mlp", 353, 0, 1000))
    line.show(Noted("the list holds <b>9</b> lines"))
    assert "Note: the list holds &lt;b&gt;9&lt;/b&gt; lines." in notebook.outputs[0][-1]["text/html"]
    line._sample = sample_of(["<script>", "שלום"])
    line.show(Noted("again"))
    assert "<bdi><em>&lt;script&gt;, שלום</em></bdi>" in notebook.outputs[0][-1]["text/html"]


def test_a_long_sample_is_cut():
    assert len(sample_of(["a" * 1000])) == live_line.SHOWN_CHARACTERS


def test_the_line_shows_words_of_the_network_while_it_trains():
    line = LiveLine(progress=True)
    line.show(Sampled(16, ("anna", "bob"), (True, False)))
    assert line._sample == "anna, bob"
