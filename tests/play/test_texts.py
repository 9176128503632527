"""The texts of the page: complete in three languages, with the same values, and all of them used."""

import gzip
import json
import re
from importlib import resources

import pytest

from morelike.play.make.bodies import SampleBody
from morelike.play.page_files import page_file
from morelike.play.record.bundle import bundle
from morelike.play.texts import LANGUAGES, read_texts, texts
from morelike.sampling.constraints.excluded import DIFFERENCES

PAGE = resources.files("morelike.play") / "page"
FOLDERS = [PAGE, *(folder for folder in PAGE.iterdir() if folder.is_dir())]
FILES = [file for folder in FOLDERS for file in folder.iterdir() if file.is_file()]
VIEWS = ("watch", "inside", "race", "break", "make")
RECORDED = (resources.files("morelike.play.record") / "page").iterdir()  # the modules that only a recording loads
SCRIPTS = "".join(file.read_text("utf-8") for file in (*FILES, *RECORDED) if file.name.endswith(".js"))
PARTS = (
    "list",
    "loss",
    "heat",
    "words",
    "embedding",
    "next",
    "states",
    "unit",
    "attention",
    "health",
    "memory",
    "counts",
    "guess",
    "lens",
    "graph",
    "race",
    "rates",
    "wishes",
    "batch",
    "kept",
    "faults",
    "verdict",
)
MADE = {f"{part}_{name}" for part in PARTS for name in ("title", "hint")}
MADE |= {f"mark_{kind}{end}" for kind in ("uniform", "bigram", "kneser_ney", "ngram") for end in ("", "_short")}
STATUSES = ("starting", "training", "paused", "finished", "stopped", "followed", "failed", "recorded")
MADE |= {f"status_{status}" for status in STATUSES}
MADE |= {f"memory_{part}" for part in ("train", "dev", "test", "new")}
MADE |= {f"gate_{gate}" for gate in "rznhifogc"}
FAULTS = ("wrong_sign", "rate_100", "unscaled")
MADE |= {name for fault in FAULTS for name in (f"fault_{fault}", f"fault_{fault}_is")}
MADE |= {"rate", "batch", "temperature"}
MADE |= {f"verdict_{verdict}" for verdict in ("good", "watch", "bad")}
MADE |= {f"view_{view}" for view in VIEWS}
KEYS = ("star", "reject", "edit", "near", "batch", "undo", "keys", "arrows")
FOLDS = ("near", "blend", "check", "more")
PLACES = ("is_starred", "is_rejected", "is_free")
MADE |= {f"make_{name}" for name in (*KEYS, *FOLDS, *PLACES, "edits", "pseudowords", "similar")}
MADE |= {f"set_{name}" for name in SampleBody.model_fields if name != "not_in"}
MADE |= {f"choice_{name}" for name in DIFFERENCES}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_is_missing_or_fuzzy(language):
    entries = list(read_texts(language))
    assert [entry.msgid for entry in entries if entry.fuzzy or not entry.msgstr] == []
    assert [entry.msgid for entry in entries] == [*texts("en")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_has_the_values_of_the_english_text(language):
    for name, text in texts(language).items():
        assert sorted(re.findall(r"\{\w+\}", text)) == sorted(re.findall(r"\{\w+\}", texts("en")[name])), name


@pytest.mark.parametrize("language", sorted({*LANGUAGES} - {"en"}))
def test_a_translation_shows_the_english_text_that_it_translates(language):
    for entry in read_texts(language):
        assert entry.comment == texts("en")[entry.msgid]


def test_the_scripts_use_all_texts_and_no_others():
    used = set(re.findall(r'\btext\(\s*"(\w+)"', SCRIPTS)) | MADE
    assert used == texts("en").keys()


def test_the_page_makes_no_element_from_a_string_and_names_no_other_address():
    source = SCRIPTS + "".join((PAGE / name).read_text("utf-8") for name in ("index.html", "page.css"))
    for forbidden in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function"):
        assert forbidden not in source
    assert set(re.findall(r"https?://[^\"'\s)]+", source)) == {"http://www.w3.org/2000/svg"}


def test_the_files_of_the_page_are_small():
    """The size is that of what a browser gets, with all languages; compressed, it is that of one language."""
    files = [*(page_file(name).data for name in ("index.html", "page.css")), bundle("main.js").encode()]
    catalogues = [json.dumps(texts(each), ensure_ascii=False, separators=(",", ":")).encode() for each in LANGUAGES]
    assert sum(map(len, files)) + sum(map(len, catalogues)) <= 200_000
    compressed = [len(gzip.compress(each)) for each in (*files, max(catalogues, key=len))]
    assert sum(compressed) <= 60_000
