"""`morelike glossary`: it explains words in three languages, and lists them."""

import re

from morelike.cli.inspection.glossary import glossary
from morelike.cli.main import EXAMPLES
from morelike.glossary import look_up

from ..test_bad_input import complaint


def test_words_are_explained_in_the_language_that_is_asked(run):
    assert run("glossary", "nat", "--lang", "en").out.startswith("nat: The unit of -ln p")
    assert run("glossary", "loss", "perplexity", "--lang", "fr").out.startswith("perte\u00a0: Le nombre")
    assert run("glossary", "loss", "--lang", "it").out.startswith("perdita (loss): Il numero")


def test_all_words_are_listed_and_json_holds_the_texts(run):
    assert len(run("glossary", "--lang", "en").out.splitlines()) > 45
    (found,) = run("glossary", "bit", "--lang", "en", "--json").json
    assert found["anchor"] == found["term"] == "bit"
    assert "fair coin" in found["text"]


def test_an_unknown_word_is_an_error_in_one_sentence(run):
    assert "did you mean 'softmax'" in complaint(run("glossary", "sofmax"), 2)


def test_the_words_that_the_help_names_have_entries():
    named = re.findall(r"morelike glossary ((?:[a-z]+ )+) ", EXAMPLES + (glossary.__doc__ or ""))
    assert named
    assert all(look_up(word) for words in named for word in words.split())
