"""What the tests of making words share: a page with runs of small models, made without training."""

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("fastapi")

from fastapi.testclient import TestClient

from morelike.play.app import make_play
from morelike.play.limits import PlayLimits
from morelike.play.lists import Lists
from morelike.play.runs import Runs
from morelike.play.views import Views
from morelike.runs.plan import make_plan
from morelike.text.corpus import corpus_of
from morelike.training.experiment import start_run
from morelike.web.guard import Hosts

from ...training.runs import pronounceable
from ..browser import served, until
from .view import FINISHED, HOSTILE, NOTHING, READY, REFUSED, SIZES, put, settled

HOME = "http://127.0.0.1:8017"
WORDS = list(dict.fromkeys(pronounceable()))
OTHERS = ["ubud", "abu", "dub", "bud", "dabu", "ubba", "daub", "bubad", "udda", "abda", "dadu", "buda"]
LOOK = 8


class Place:
    """A page, a client that has its cookie, and the runs that it shows."""

    def __init__(self, out):
        self.limits = PlayLimits(body=1 << 20, made=40)
        self.runs, self.lists = Runs(out, self.limits), Lists(self.limits)
        self.play = make_play(self.runs, self.lists, Hosts.of("127.0.0.1", 8017), self.limits)
        self.client = TestClient(self.play.app, base_url=HOME, follow_redirects=False)
        self.client.get(f"/?token={self.play.token}")

    def run(self, words=WORDS, kind="gru", name="words", labels=None):
        """Show a new run of a list, without a look, and give it with its model without weights."""
        corpus = corpus_of(name, words, "lines", labels=labels)
        settings = {"hidden": 8, "embedding": 4} if kind == "gru" else {}
        run = self.runs.open(start_run(make_plan(corpus, kind, settings=settings), self.runs.out))
        return run, Views(run).background.untrained

    def looking(self, words=WORDS, step=LOOK, seed=0, **more):
        """Show a run that trains, with one look, and give it with the model of this look."""
        run, model = self.run(words, **more)
        model = replace(model, weights=drawn(model, seed))
        run.looks.save(step, model.weights)
        return run, model

    def counted(self, words=WORDS, **more):
        """Show a finished run of n-grams, and give it with its model."""
        run, model = self.run(words, kind="ngram", **more)
        prepared = Views(run).background.prepared
        model = replace(model, weights=model.architecture.fit(prepared.train, prepared.dev, model.vocabulary.size))
        model.save(run.folder.model)
        return run, model

    def post(self, run, what, **body):
        return self.client.post(f"/api/runs/{run.id}/make/{what}", json=body)


def drawn(model, seed=0):
    """Return weights of a network, as if it had been trained."""
    rng = np.random.default_rng(seed)
    fresh = model.architecture.init(rng, model.vocabulary.size)
    return {name: array + rng.normal(0, 0.3, array.shape).astype(np.float32) for name, array in fresh.items()}


@pytest.fixture(scope="session")
def place(tmp_path_factory):
    return Place(tmp_path_factory.mktemp("make") / "runs")


@pytest.fixture(scope="session")
def counted(place):
    return place.counted()


@pytest.fixture(scope="session")
def looking(place):
    return place.looking()


@pytest.fixture(scope="session")
def make_address(tmp_path_factory):
    words = [*HOSTILE[:2], *pronounceable(300), *HOSTILE[:2]]
    with served(tmp_path_factory.mktemp("make"), words) as address:
        yield address


@pytest.fixture(scope="module")
def cookies(chromium, make_address):
    """The cookies of a page whose run has finished."""
    context = chromium.new_context()
    page = context.new_page()
    page.goto(make_address)
    until(page, FINISHED, 400)
    yield context.storage_state()
    context.close()


@pytest.fixture
def opened(chromium, make_address, cookies):
    """Return a function that opens the view of a finished run; afterwards it had no error and no request elsewhere."""
    pages, home = [], make_address.partition("/?")[0]

    def opened(size="laptop", language="en", kept=NOTHING, **mode):
        width, height = SIZES[size]
        context = chromium.new_context(viewport={"width": width, "height": height}, storage_state=cookies, **mode)
        page = context.new_page()
        page.complaints = []
        page.on("console", lambda said: page.complaints.append(said.text) if said.type != "log" else None)
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on("dialog", lambda dialog: (page.complaints.append(dialog.message), dialog.dismiss()))
        page.on(
            "request", lambda each: None if each.url.startswith((home, "data:")) else page.complaints.append(each.url)
        )
        pages.append(page)
        page.goto(f"{home}/?lang={language}#make")
        until(page, READY, 60)
        put(page, kept)
        page.evaluate("dispatchEvent(new Event('focus'))")
        shown = [*kept["starred"], *kept["rejected"]]
        until(page, f"document.querySelectorAll('.kept li').length === {len(shown)}")
        settled(page)
        return page

    yield opened
    for page in pages:
        complaints = [each for each in page.complaints if not each.startswith(REFUSED)]
        page.context.close()
        assert complaints == []
