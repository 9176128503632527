"""A model folder with a recomputed manifest is refused by one error that names the file, or it works."""

import contextlib
import json
import math
import shutil
import warnings
from pathlib import Path

import numpy as np
import pytest

from morelike.errors import ModelError, MorelikeError
from morelike.language_model.classifier import Classifier
from morelike.language_model.files.card import model_card
from morelike.language_model.model import LanguageModel
from morelike.storage.safetensors_io import pack, unpack

from ..small_models import small_model
from .sealed_mutants import mutate, reseal

SAVED = Path(__file__).parents[2] / "golden" / "saved"
FOLDERS = sorted(path.parent for path in SAVED.glob("*/MANIFEST.json") if not (path.parent / "store.json").exists())
QUICK = ("ngram", "deep_mlp", "gru_labels", "ngram_labels", "mixture", "blend", "classifier")


def use(folder):
    """Load what is in a folder and use it."""
    if (folder / "classifier.json").exists():
        classifier = Classifier.load(folder)
        assert all(np.isfinite(classifier.log_ratio(["anna", "x"])))
        assert ((p := classifier.probability(["anna"])) >= 0).all()
        assert (p <= 1).all()
        classifier.save(folder.with_name("again"))
        return
    model = LanguageModel.load(folder)
    assert sum(model.next("").values()) == pytest.approx(1)
    assert all(math.isfinite(p) for p in model.next("a" if "a" in model.vocabulary.characters else "").values())
    if model.form == "lines":
        with contextlib.suppress(MorelikeError):  # it may make no such words
            model.sample(3, max_length=12)
        model.known.split_of("anna")
    else:
        model.write(5)
    model_card(model.architecture, model.vocabulary.size, model.parameters, model.facts, model.labels)
    json.dumps(model.facts)


def check_mutants(source, tmp_path, seeds):
    """Check mutants of a folder and return how many were refused."""
    refused = 0
    for seed in seeds:
        folder = tmp_path / "model"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(source, folder)
        said = mutate(folder, np.random.default_rng(seed))
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                use(folder)
        except ModelError as error:
            refused += 1
            assert str(folder) in str(error), (seed, said)  # noqa: PT017
            assert len(str(error)) < 800, (seed, said)  # noqa: PT017
            assert "\n" not in str(error), (seed, said)  # noqa: PT017
        except Exception as error:
            raise AssertionError(f"seed {seed} ({said}): {type(error).__name__}: {error}") from error
    return refused


@pytest.mark.parametrize("name", QUICK)
def test_a_sealed_mutant_is_refused_by_name_or_works(name, tmp_path):
    assert check_mutants(SAVED / name, tmp_path, range(12)) > 2


@pytest.mark.slow
@pytest.mark.parametrize("source", FOLDERS, ids=lambda path: path.name)
def test_no_sealed_mutant_gives_anything_but_a_model_or_its_error(source, tmp_path):
    assert check_mutants(source, tmp_path, range(1000, 1400)) > 100


def rewritten(folder, name, **changes):
    """Write a file of a folder with changed arrays, and seal it."""
    arrays = unpack(folder / name, (folder / name).read_bytes())
    reseal(folder, name, pack({**arrays, **changes}))


@pytest.mark.parametrize("number", [np.nan, np.inf, -0.1, 0.9])
@pytest.mark.parametrize("table", ["top.a.2", "witten-bell.b.1", "kneser-ney.b.2", "mixture"])
def test_tables_of_an_ngram_that_are_no_probabilities_are_refused(tmp_path, table, number):
    model = small_model("ngram")
    folder = model.save(tmp_path / "model")
    array = np.array(model.weights[table])
    array.reshape(-1)[0] = number
    rewritten(folder, "model.safetensors", **{table: array})
    with pytest.raises(ModelError, match=r"model\.safetensors' is damaged: its weights do not fit"):
        LanguageModel.load(folder)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"list": 5}, "list"),
        ({"lines": "5"}, "lines"),
        ({"lines": -1}, "lines"),
        ({"learned_lines": "5"}, "learned_lines"),
        ({"learned_lines": None}, "learned_lines"),
        ({"seed": 1.5}, "seed"),
        ({"count_weighting": "often"}, "count_weighting"),
        ({"losses": []}, "losses"),
        ({"losses": {"dev": {"nats": 1.0}}}, "losses.dev.bits"),
        ({"blend": [{"list": "a"}]}, "blend.0.kind"),
        ({"list": "a", "lines": 1, "split": "none"}, "a list comes with its fingerprint"),
    ],
)
def test_facts_of_the_wrong_type_are_refused_by_name(tmp_path, change, says):
    folder = small_model("ngram").save(tmp_path / "model")
    config = json.loads((folder / "config.json").read_text())
    config["facts"] = change
    reseal(folder, "config.json", json.dumps(config).encode())
    with pytest.raises(ModelError, match=r"config\.json' is damaged: .*") as refused:
        LanguageModel.load(folder)
    assert says in str(refused.value)


@pytest.mark.parametrize("facts", [{"list": None}, {"blend": None}])
def test_a_list_or_a_blend_that_is_null_counts_as_absent(tmp_path, facts):
    folder = small_model("ngram").save(tmp_path / "model")
    config = json.loads((folder / "config.json").read_text())
    config["facts"] = facts
    reseal(folder, "config.json", json.dumps(config).encode())
    LanguageModel.load(folder).save(tmp_path / "again")


@pytest.mark.parametrize("character", ["\n", "\0"])
def test_a_character_that_no_line_holds_is_refused_in_the_vocabulary_of_a_model_of_words(tmp_path, character):
    model = small_model("ngram")
    folder = model.save(tmp_path / "model")
    characters = sorted([character, *model.vocabulary.characters[1:]])
    reseal(folder, "vocabulary.json", json.dumps({"characters": characters}).encode())
    with pytest.raises(ModelError, match=r"vocabulary\.json' is damaged: it holds a line end or a NUL"):
        LanguageModel.load(folder)


@pytest.mark.parametrize("name", ["config.json", "vocabulary.json", "MANIFEST.json"])
def test_a_name_that_occurs_twice_is_refused(tmp_path, name):
    folder = small_model("ngram").save(tmp_path / "model")
    text = (folder / name).read_text().replace("{", '{"x\\u001b": 1, "x\\u001b": 2, ', 1)
    if name == "MANIFEST.json":
        (folder / name).write_text(text)
    else:
        reseal(folder, name, text.encode())
    with pytest.raises(ModelError) as refused:
        LanguageModel.load(folder)
    assert str(refused.value) == f"'{folder / name}' is damaged: it holds 'x\\x1b' twice"


def test_hashes_that_are_not_sorted_are_refused(tmp_path):
    folder = small_model("ngram").save(tmp_path / "model")
    rewritten(folder, "known.safetensors", train=np.array([3, 2], np.uint64))
    with pytest.raises(ModelError, match=r"known\.safetensors' is damaged: train does not hold sorted hashes"):
        LanguageModel.load(folder)


@pytest.mark.parametrize(("name", "number"), [(".variance", -1.0), ("", 1e30), ("", np.nan)])
def test_weights_of_a_network_with_which_it_cannot_compute_are_refused(tmp_path, name, number):
    model = small_model("deep_mlp")
    folder = model.save(tmp_path / "model")
    chosen = next(each for each in model.weights if each.endswith(name))
    rewritten(folder, "model.safetensors", **{chosen: np.full_like(model.weights[chosen], number)})
    with pytest.raises(ModelError, match=r"model\.safetensors' is damaged"):
        LanguageModel.load(folder)
