"""What the tests of the server share: models of words and of running text, and clients of the app."""

from dataclasses import replace

import pytest

from morelike.text.vocabulary import Vocabulary
from morelike.text.words import fingerprint

from ..language_model.small_models import small_model

pytest.importorskip("fastapi")

from fastapi.testclient import TestClient

from morelike.web.app import Limits, guarded_app, unguarded_app
from morelike.web.guard import Hosts

WORDS = ["anna", "hanna", "anne", "hannah", "nan", "ana", "hen", "henna", "ahna", "nanna", "eha", "nena", "hana"]
HOSTS = Hosts.of("127.0.0.1", 8000)
HOME = "http://localhost:8000"


@pytest.fixture(scope="session")
def models():
    """A model of words, the default, and one of running text."""
    facts = {"list": "girls", "lines": len(WORDS), "split": "shuffle-42", "fingerprint": fingerprint(WORDS)}
    words = replace(small_model("ngram", WORDS), facts=facts)
    text = Vocabulary.of(["abc"])
    weights = words.architecture.fit(text.encode_text("abcabcabcabc"), text.encode_lines([]), text.size)
    return {"ngram/girls": words, "text": replace(words, vocabulary=text, weights=weights, facts={}, form="text")}


@pytest.fixture(scope="session")
def served(models):
    """The app as it is served."""
    return guarded_app(models, HOSTS, Limits(jobs=2, seconds=2.0, body=4096))


@pytest.fixture(scope="session")
def client(served):
    return TestClient(served, base_url=HOME)


@pytest.fixture(scope="session")
def unguarded(models):
    """A client of the same app without its guard: what the guard refuses must get through here."""
    return TestClient(unguarded_app(models, Limits()), base_url=HOME)
