"""Panels by name: their parameters are checked, and what they return is plain, rounded and bounded."""

import json
import math
import subprocess
import sys

import pytest

from morelike.errors import MorelikeError, SettingError
from morelike.panels.plain import rounded
from morelike.panels.registry import PANELS, show

from ..training.runs import quick_first
from .looks import KINDS, look_of

WORD = "badelon"
QUERIES = {"word": WORD, "prefix": "ba", "index": "1"}


def query_for(name, **given):
    needed = {each for each, info in PANELS[name].parameters.model_fields.items() if info.is_required()}
    return {each: QUERIES[each] for each in needed} | given


def numbers_in(value):
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from numbers_in(each)
    elif isinstance(value, float):
        yield value


def shown(name, look, query):
    """Return a panel, or the sentence that says why this kind of model cannot have it."""
    try:
        return show(name, look, query)
    except SettingError as error:
        sentence = str(error)
    assert "\n" not in sentence
    return {"note": sentence, "refused": True}


@pytest.mark.parametrize("kind", quick_first([*KINDS, "ngram"], ("mlp", "gru", "transformer")))
@pytest.mark.parametrize("name", PANELS)
def test_a_panel_is_plain_json_with_at_most_six_digits_or_one_sentence(name, kind):
    found = shown(name, look_of(kind), query_for(name))
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert all(number == float(f"{number:.6g}") for number in numbers_in(found))


@pytest.mark.parametrize("name", PANELS)
def test_every_panel_says_in_a_sentence_what_it_shows(name):
    assert PANELS[name].sentence
    assert all(info.description for info in PANELS[name].parameters.model_fields.values())


@pytest.mark.parametrize(
    ("name", "query", "sentence"),
    [
        ("surprise", {}, "no panel is called 'surprise'.*did you mean 'surprisal'"),
        ("surprisal", {}, "the panel surprisal needs a parameter: give word"),
        ("surprisal", {"word": "a", "wort": "b"}, "no setting is called 'wort'"),
        ("samples", {"count": "many"}, "count = 'many'"),
        ("samples", {"count": "0"}, "count = '0'"),
        ("samples", {"count": "1000"}, "count = '1000'"),
        ("surprisal", {"word": "a" * 20_000}, "word = 'aaaa"),
        ("surprisal", {"word": "<script>"}, "'<'"),
    ],
)
def test_a_wrong_query_is_one_sentence(name, query, sentence):
    with pytest.raises(MorelikeError, match=sentence) as error:
        show(name, look_of(), query)
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 500


def test_a_long_word_is_shortened_and_the_panel_says_so():
    words_asked = [name for name in PANELS if "word" in PANELS[name].parameters.model_fields]
    assert words_asked
    for name in words_asked:
        found = shown(name, look_of("transformer"), {"word": "ba" * 2500})
        assert found.get("refused") or "5,000 characters" in found["note"], name
        assert len(json.dumps(found)) < 300_000, name


def test_a_look_that_has_diverged_says_so():
    look = look_of("mlp")
    broken = type(look).of(look.background, look.model.weights | {"b2": look.model.weights["b2"] * math.nan}, 1200)
    for name in PANELS:
        with pytest.raises(SettingError, match="the weights at step 1,200 are no longer finite numbers"):
            show(name, broken, query_for(name))


def test_numbers_that_are_not_finite_are_null():
    assert rounded([math.nan, math.inf, 1.23456789]) == [None, None, 1.23457]


PLAIN = """
import sys
from tests.panels.looks import look_of
from morelike.panels.registry import PANELS, show
from morelike.errors import MorelikeError
for kind in ("bigram", "mlp", "gru", "transformer", "ngram"):
    for name, panel in PANELS.items():
        query = {"word": "ba", "index": 0}
        try:
            show(name, look_of(kind), {n: query[n] for n in query if n in panel.parameters.model_fields})
        except MorelikeError:
            pass
assert not {"jax", "jaxlib", "optax"} & sys.modules.keys()
print("done without jax")
"""


def test_no_panel_imports_jax():
    ran = subprocess.run([sys.executable, "-c", PLAIN], capture_output=True, text=True, timeout=120)
    assert ran.stdout.endswith("done without jax\n"), ran.stderr
