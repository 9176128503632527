"""Shared fixtures of the report tests: small runs of each sort, on words that look like markup."""

from html.parser import HTMLParser

import pytest

import morelike
from morelike.runs.lookup import runs_in
from morelike.runs.run_folder import RunFolder
from morelike.text.corpus import Corpus
from morelike.workflows.mixing import mix_on, save_mixture

HOSTILE = (
    "<script>alert(1)</script>",
    "</script>",
    "<!--<script>",
    "&amp;",
    "&",
    '"quoted"',
    "it's",
    "a\u2028b",
    "<b>x</b>",
    "%{x}",
    "שלום",
)
WORDS = [*HOSTILE, "anna", "hanna", "anne", "hannah", "nan", "ana", "hen", "henna", "ahna", "nanna", "eha", "nena"]
TINY = {"steps": 40, "evaluate_every": 10, "chunk": 10, "batch_size": 8}


def make(out, words=WORDS, kind="ngram", **settings):
    """Train in this process and return the one run."""
    morelike.train(words, kind, out=out, **{"report": False, **settings})
    return runs_in(out)[0]


@pytest.fixture(scope="session")
def counted(tmp_path_factory):
    return make(tmp_path_factory.mktemp("counted"), order=3)


@pytest.fixture(scope="session")
def trained(tmp_path_factory):
    """A window model with an embedding of two dimensions."""
    return make(tmp_path_factory.mktemp("trained"), kind="mlp", embedding=2, hidden=8, **TINY)


@pytest.fixture(scope="session")
def mixture(trained, counted, tmp_path_factory):
    models = [morelike.load(run.path) for run in (trained, counted)]
    corpus = Corpus("words", WORDS)
    names = [str(run.model) for run in (trained, counted)]
    return save_mixture(mix_on(models, corpus, "shuffle-42"), tmp_path_factory.mktemp("mixed"), names)


@pytest.fixture(scope="session")
def prose(tmp_path_factory):
    """A model of running text."""
    return make(tmp_path_factory.mktemp("prose"), "<p>so it goes & goes</p>\n" * 40, form="text", order=4, name="prose")


@pytest.fixture(scope="session")
def few(tmp_path_factory):
    """A run on a list that is too small to split."""
    return make(tmp_path_factory.mktemp("few"), ["anna", "<i>", "bob"], order=2)


@pytest.fixture
def copy(tmp_path):
    """Return a function that copies a run, so that a test may break it."""
    import shutil

    def copied(run):
        return RunFolder(shutil.copytree(run.path, tmp_path / run.path.name))

    return copied


class Parsed(HTMLParser):
    """A parsed page: its elements with their attributes, its scripts, and its text."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.scripts, self.words, self.said = [], [], [], ""
        self.inside = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag in ("script", "style", "bdi", "title"):
            self.inside.append(tag)
        if tag == "script":
            self.scripts.append([dict(attributes), ""])
        if tag == "bdi":
            self.words.append("")

    def handle_endtag(self, tag):
        if self.inside and self.inside[-1] == tag:
            self.inside.pop()

    def handle_data(self, data):
        if "script" in self.inside:
            self.scripts[-1][1] += data
        elif "bdi" in self.inside:
            self.words[-1] += data
        if not {"script", "style"} & set(self.inside):
            self.said += data

    @property
    def text(self):
        return " ".join(self.said.split())

    @property
    def sections(self):
        return [attributes["id"] for tag, attributes in self.tags if tag == "section"]

    @property
    def pictures(self):
        return {attributes["id"].removeprefix("picture-") for tag, attributes in self.tags if tag == "figure"}

    @property
    def blocks(self):
        """The data blocks, as text, by their names."""
        return {attributes["id"]: text for attributes, text in self.scripts if "type" in attributes}


@pytest.fixture(scope="session")
def parse():
    return Parsed
