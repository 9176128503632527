"""Objects show themselves on one line, and in a notebook as a small table without script or colour."""

import copy
import pickle
from functools import cache
from html.parser import HTMLParser

import numpy as np
import pytest

import morelike
from morelike.display import MOST_CHARACTERS, MOST_ROWS, Summarized, Summary, summary_html
from morelike.evaluation.diagnostics import Diagnosis, Reading, Start
from morelike.runs.events import Finished, Progress
from morelike.text.corpus import corpus_of
from morelike.workflows.learning_rate_test import RangeTest

HOSTILE = "<script>alert(1)</script>"
WORDS = [HOSTILE, "שלום", "anna", "hanna", "anne", "hannah", "nan", "ana", "hen", "henna", "ahna", "nanna"] * 3
LOW = Reading("initial loss", HOSTILE, 3.3, "good", "It is ln V.")
HIGH = Reading("saturated", "hidden", 0.6, "bad", "Too many.", "lower the learning rate (--learning-rate 0.01)")


@cache
def objects():
    """Return one object of each class that a notebook shows, by name."""
    found = []
    labels = ["a", HOSTILE] * (len(WORDS) // 2)
    network = morelike.train(WORDS, "mlp", hidden=4, embedding=2, steps=5, name=HOSTILE, on_event=found.append)
    counts = morelike.train(WORDS, "ngram", order=3, name=HOSTILE)
    board = morelike.leader_board(WORDS, ["ngram"], budget="5steps")
    labelled = morelike.train(WORDS, "ngram", labels=labels)
    return {
        "split": morelike.split(WORDS),
        "corpus": corpus_of(HOSTILE, WORDS, "lines"),
        "text": corpus_of("prose", HOSTILE * 50, "text"),
        "model": network,
        "mixture": morelike.mix([network, counts], WORDS),
        "labelled model": labelled,
        "evaluation": labelled.evaluate(WORDS, labels=labels),
        "diagnosis": Diagnosis("mlp", 9, "sgd", False, 0.1, Start(3.3, 3.3, []), [], [], [], {}, [LOW, HIGH] * 15),
        "result": found[-1].result,
        "finished": found[-1],
        "leader board": board,
        "ranked model": board[0],
        "audit": morelike.audit(counts, WORDS, count=50),
        "known words": network.known,
        "range test": RangeTest(*np.ones((3, 500)), 0.1, HOSTILE),
        "classifier": morelike.classify(WORDS, ["x1", "x2"] * 9, order=2),
    }


NAMES = [
    "split", "corpus", "text", "model", "mixture", "labelled model", "evaluation", "diagnosis", "result", "finished",
    "leader board", "ranked model", "audit", "known words", "range test", "classifier",
]  # fmt: skip


class Tags(HTMLParser):
    """The tags and the attributes of a piece of HTML, and its texts."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.open, self.attributes, self.texts = set(), [], set(), []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self.open.append(tag)
        self.attributes |= {name for name, _ in attributes}

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)


@pytest.mark.parametrize("name", NAMES)
def test_the_repr_is_one_short_line(name):
    shown = repr(objects()[name])
    assert len(shown) <= 200
    assert shown.isprintable()


def test_the_repr_of_an_event_of_a_long_run_is_short():
    long = (1.0,) * 1000
    progress = Progress(1000, 2000, 2.345678, long, 0.01, 3.5, blocks=(1,) * 1000, rates=long)
    assert repr(progress) == "Progress(step=1000, steps=2000, loss=2.345678, learning_rate=0.01, seconds=3.5)"
    finished = Finished(2000, "completed", {"W": np.zeros((500, 500))}, 9.0)
    assert len(repr(finished)) < 120


@pytest.mark.parametrize("name", [name for name in NAMES if name != "finished"])
def test_a_notebook_shows_a_small_table_whose_words_are_text(name):
    html = objects()[name]._repr_html_()
    assert len(html) < 10_000
    found = Tags(html)
    assert found.open == []
    assert found.tags <= {"div", "strong", "table", "tr", "th", "td", "bdi"}
    assert found.attributes <= {"style", "colspan"}
    assert "color" not in html
    assert "background" not in html


def test_words_of_a_list_are_shown_as_they_are():
    assert any(HOSTILE in text for text in Tags(objects()["corpus"]._repr_html_()).texts)


def test_all_objects_are_tried():
    assert list(objects()) == NAMES


def test_a_long_table_ends_with_the_number_of_further_rows():
    html = summary_html("A", Summary({}, columns=("a", "b"), rows=[(i, i) for i in range(MOST_ROWS + 7)]))
    assert html.count("<tr>") == 1 + MOST_ROWS + 1
    assert "… and 7 more" in html


class Long(Summarized):
    """An object with many long facts."""

    def _summary(self):
        return Summary({f"fact{i}": "a" * 5000 for i in range(30)})


def test_long_facts_and_many_facts_are_cut():
    assert len(repr(Long())) == MOST_CHARACTERS
    assert repr(Long()).endswith("…)")
    corpus = corpus_of("anna", WORDS, "lines", labels=[*map(str, range(len(WORDS)))])
    assert "labels=36" in repr(corpus)


def test_a_mixture_names_its_members_with_their_weights():
    model = objects()["mixture"]
    assert "mlp (0." in model._repr_html_()
    assert "members='mlp, ngram'" in repr(model.architecture)


def test_a_pickled_or_copied_model_leaves_the_list_behind():
    model = objects()["model"]
    assert model.origin.corpus.words[2] == "anna"
    assert pickle.loads(pickle.dumps(model)).origin is None
    assert copy.copy(model).sample(3) == model.sample(3)
    assert b"hannah" not in pickle.dumps(model)


def test_a_diagnosis_shows_bad_readings_first():
    html = objects()["diagnosis"]._repr_html_()
    assert html.index("saturated") < html.index("initial loss")
