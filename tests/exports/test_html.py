"""The page in one file: what it holds, its size, what it discloses, and the models that it refuses."""

import json
import re
import zlib
from base64 import b85decode
from dataclasses import replace

import numpy as np
import pytest

import morelike
from morelike.errors import ExportError
from morelike.exports.page.texts import LANGUAGES, read_texts, texts

from ..language_model.small_models import WORDS, labelled_model, small_model
from .models import MIXTURES

HOSTILE = ["</script><img src=x>", "<!--", "&amp;", '"\u2028\x1b[53m', "\u202eabc", "${1}"]


def held(page):
    """Return the description that a page holds."""
    packed = re.search(r'<script type="text/plain" id="model">([^<]*)</script>', page)[1]
    data = zlib.decompress(b85decode(packed.replace(",", "<")), wbits=-15)
    length = int.from_bytes(data[:4], "little")
    return json.loads(data[4 : 4 + length])


def exported(model, tmp_path, **settings):
    notes = []
    path = morelike.export(model, "html", tmp_path / "page.html", on_note=notes.append, **settings)
    return path.read_text("utf-8"), notes


def test_the_page_is_one_file_that_may_fetch_nothing(tmp_path):
    page, _ = exported(small_model("gru"), tmp_path)
    assert [*tmp_path.iterdir()] == [tmp_path / "page.html"]
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)[1]
    assert policy.startswith("default-src &#39;none&#39;; script-src &#39;sha256-")
    assert "unsafe-eval" not in policy
    assert not re.findall(r"https?://|\bsrc=|\bhref=|@import|url\(", page)
    for forbidden in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function"):
        assert forbidden not in page
    assert len(re.findall(r"<script", page)) == 2


def test_the_change_of_the_loss_is_stated_and_the_card_shows_it(tmp_path):
    model = small_model("gru")
    page, notes = exported(model, tmp_path, weights="int8")
    assert re.match(r"weights of 8 bits: on 200 words that the model made .* changes by [+-]0\.\d{4} nats", notes[0])
    assert "does not hold the list" in notes[1]
    assert re.fullmatch(r"the page has \d+ kB", notes[2])
    card = held(page)["card"]
    assert ["kind", "gru"] in card["facts"]
    assert [name for name, _ in card["notes"]] == ["note_rounded_made", "note_no_list", "note_trying"]


def test_the_words_of_dev_measure_a_model_whose_list_is_here(tmp_path):
    words = [word + end for word in WORDS for end in ("", "e", "n")]
    model = morelike.train(words, "ngram", order=3)
    _, notes = exported(model, tmp_path)
    dev = morelike.split(words, model.facts["split"]).dev
    assert f"on {len(dev)} words of dev" in notes[0]
    loss = model.losses(dev)[0].sum() / sum(len(word) + 1 for word in dev)
    assert f"from {loss:.4f} to" in notes[0]


def test_a_model_that_was_trained_anew_on_dev_says_why_its_loss_there_is_low(tmp_path):
    words = [word + end for word in WORDS for end in ("", "e", "n")]
    model = morelike.train(words, "ngram", order=3)
    learned = replace(model, facts={**model.facts, "refit": True})
    page, notes = exported(learned, tmp_path)
    assert "words of dev (the model was trained anew on them too)" in notes[0]
    assert "note_learned" in [name for name, _ in held(page)["card"]["notes"]]


def test_fewer_bits_are_taken_only_if_the_loss_stays(tmp_path):
    """A model with large weights is hurt by few bits; a model whose weights are zero is not."""
    model = small_model("mlp", hidden=200)
    calm = replace(model, weights={name: np.zeros_like(each) for name, each in model.weights.items()})
    wild = replace(model, weights={name: each * 30 for name, each in model.weights.items()})
    assert exported(calm, tmp_path)[1][0].startswith("weights of 6 bits")
    assert exported(wild, tmp_path)[1][0].startswith("weights of 16 bits")
    huge = replace(model, weights={name: each * 1e7 for name, each in model.weights.items()})
    assert exported(huge, tmp_path)[1][0].startswith("weights of 32 bits")
    with pytest.raises(ExportError, match="float16 cannot hold the weights of this model: give `--weights float32`"):
        exported(huge, tmp_path, weights="float16")


def test_n_grams_are_left_out_down_to_a_given_size_and_the_loss_is_told_before_and_after(tmp_path):
    words = ["".join("abcdefgh"[(i * j * j) % 11 % 8] for j in range(1, 5 + i % 7)) for i in range(1, 900)]
    model = small_model("ngram", words=words, order=6)
    whole, notes = exported(model, tmp_path)
    assert not [note for note in notes if note.startswith("n-grams")]
    page, notes = exported(model, tmp_path, table_size=1)
    assert re.match(r"n-grams: [\d,]+ of [\d,]+ are kept; on .* the loss was \d\.\d{4} .* and is \d\.\d{4}", notes[0])
    assert len(whole) - len(page) > 0
    sizes = [sum(level["size"] for level in held(each)["tables"][0]["levels"]) for each in (page, whole)]
    assert 0 < sizes[0] < sizes[1]


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[] if name == "log-linear" else pytest.mark.slow) for name in MIXTURES]
)
def test_mixtures_are_held_with_their_members(tmp_path, name):
    page, _ = exported(MIXTURES[name](), tmp_path)
    assert "members" in dict(held(page)["card"]["facts"])


def test_the_list_is_disclosed_only_on_request_and_with_a_warning(tmp_path):
    model = small_model("bigram")
    page, _ = exported(model, tmp_path)
    assert held(page)["known"] is None
    page, notes = exported(model, tmp_path, with_list=True)
    assert held(page)["known"] == len(set(WORDS))
    assert [note for note in notes if note.startswith(f"warning: the page holds a hash of each of {len(set(WORDS))}")]
    assert "warning_list" in dict(held(page)["card"]["notes"])


def test_hostile_words_and_names_are_text(tmp_path):
    model = small_model("bigram", words=[*WORDS, *HOSTILE])
    model = replace(model, facts={"list": HOSTILE[0], "lines": 3})
    page, _ = exported(model, tmp_path)
    assert HOSTILE[0] not in page
    assert held(page)["title"] == HOSTILE[0]
    assert "<img" not in page
    assert "\x1b" not in page


@pytest.mark.parametrize(
    ("model", "why"),
    [
        (lambda: labelled_model("gru", WORDS, ["a", "b"] * 7), "a page holds one label: choose one of a, b with"),
        (lambda: replace(small_model("bigram"), form="text"), "this is a model of running text"),
    ],
)
def test_a_model_that_a_page_cannot_hold_is_refused_and_nothing_is_written(tmp_path, model, why):
    with pytest.raises(ExportError, match=why):
        exported(model(), tmp_path)
    assert not [*tmp_path.iterdir()]


def test_one_label_of_a_model_is_held(tmp_path):
    page, _ = exported(labelled_model("gru", WORDS, ["a", "b"] * 7).conditioned_on("b"), tmp_path)
    assert ["label", "b"] in held(page)["card"]["facts"]


def test_a_damaged_or_foreign_model_is_refused_by_the_command(run, tmp_path):
    folder = small_model("bigram").save(tmp_path / "model")
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"!")
    for name in (folder, tmp_path):
        ran = run("export", name, "--to", "html")
        assert ran.status == 1
        assert re.match(r"morelike: .*(damaged|is not a model|changed|SHA)", ran.err), ran.err
        assert not (tmp_path / "model.html").exists()


def test_the_command_writes_the_page_and_prints_its_path(run, tmp_path):
    folder = small_model("bigram").save(tmp_path / "model")
    ran = run("export", folder, "--to", "html", "--weights", "float16", "--out", "b.html")
    assert (ran.status, ran.out) == (0, "b.html\n")
    assert "weights of 16 bits" in ran.err
    refused = run("export", folder, "--to", "html", "--weights", "int4")
    assert refused.status == 2
    assert run("export", folder, "--to", "html", "--out", tmp_path / "none" / "x.html").status == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_of_the_page_is_missing_and_each_has_the_values_of_the_english_text(language):
    entries = list(read_texts(language))
    assert [entry.msgid for entry in entries] == [*texts()["en"]]
    for entry in entries:
        english = texts()["en"][entry.msgid]
        assert entry.msgstr
        assert not entry.fuzzy
        assert sorted(re.findall(r"\{\w+\}", entry.msgstr)) == sorted(re.findall(r"\{\w+\}", english))
        assert entry.comment == ("" if language == "en" else english)
