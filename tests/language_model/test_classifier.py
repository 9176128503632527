"""A classifier's folder: two models and what joins them, whole or not at all, every byte checked."""

import json
import shutil
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

import morelike
from morelike.errors import ModelError
from morelike.evaluation.label_calibration import Curve, LabelCalibration
from morelike.language_model.classifier import Classifier
from morelike.language_model.model import LanguageModel
from morelike.storage import manifest as manifests
from morelike.storage.atomic_files import MANIFEST, write_file
from morelike.storage.manifest import digest

from ..training.runs import pronounceable
from .small_models import WORDS, small_model

NUMBERS = [f"{7 * i}a" for i in range(40)]
RATIO = {"features": "ratio", "weights": [1, 2], "share": 0.5}
ODD = ["anna", "77", "x?", ""]
FILES = ["MANIFEST.json", "classifier.json"] + [
    f"{name}/{file}"
    for name in ("good", "bad")
    for file in ("MANIFEST.json", "config.json", "vocabulary.json", "model.safetensors", "known.safetensors")
]


@pytest.fixture(scope="module")
def classifier():
    return morelike.classify(WORDS, NUMBERS, order=2, fpr=0.2, features="length")


@pytest.fixture(scope="module")
def saved(classifier, tmp_path_factory):
    return classifier.save(tmp_path_factory.mktemp("saved") / "both")


@pytest.fixture
def copied(saved, tmp_path):
    return shutil.copytree(saved, tmp_path / "copy")


def test_a_classifier_saved_and_loaded_is_the_same_bit_for_bit(classifier, saved):
    again = Classifier.load(saved)
    np.testing.assert_array_equal(again.log_ratio(ODD), classifier.log_ratio(ODD))
    np.testing.assert_array_equal(again.probability(ODD), classifier.probability(ODD))
    assert again.threshold == classifier.threshold
    assert again.judged == classifier.judged
    assert again.judged is not None
    assert again.facts == classifier.facts


@pytest.fixture(scope="module")
def with_regression():
    found = morelike.classify(pronounceable(100), NUMBERS, order=2, fpr=0.2, features="ngrams")
    curve = Curve((-1.0, 0.5), (0.2, 0.9))
    return replace(found, calibration=replace(found.calibration, curve=curve))


def test_a_regression_and_a_curve_are_saved_and_loaded_bit_for_bit(with_regression, tmp_path):
    again = Classifier.load(with_regression.save(tmp_path / "both"))
    np.testing.assert_array_equal(again.score(ODD), with_regression.score(ODD))
    np.testing.assert_array_equal(again.probability(ODD), with_regression.probability(ODD))
    assert again.calibration == with_regression.calibration


@pytest.mark.parametrize("file", ["ngrams.json", "regression.safetensors"])
def test_a_damaged_file_of_the_regression_is_named(with_regression, tmp_path, file):
    folder = with_regression.save(tmp_path / "both")
    (folder / file).write_bytes((folder / file).read_bytes()[:-9])
    with pytest.raises(ModelError, match=file):
        Classifier.load(folder)


def test_each_of_the_two_is_a_model_like_any_other(classifier, saved):
    assert morelike.load(saved / "good").log_probability(["anna"]) == classifier.good.log_probability(["anna"])


def test_one_that_was_never_judged_comes_back_too(classifier, tmp_path):
    plain = Classifier(classifier.good, classifier.bad, 0.0, LabelCalibration.none())
    assert Classifier.load(plain.save(tmp_path / "plain")).judged is None


@pytest.mark.parametrize("file", FILES)
def test_a_flipped_bit_in_any_file_is_an_error_that_names_it(copied, file):
    data = bytearray((copied / file).read_bytes())
    data[len(data) // 2] ^= 1
    (copied / file).write_bytes(data)
    with pytest.raises(ModelError, match=r"is damaged|has model format|does not list") as caught:
        Classifier.load(copied)
    assert str(copied) in str(caught.value)
    if not file.endswith(MANIFEST):
        assert file in str(caught.value)


@pytest.mark.parametrize("file", FILES)
def test_a_missing_file_is_an_error_that_names_its_folder(copied, file):
    (copied / file).unlink()
    with pytest.raises(ModelError) as caught:
        Classifier.load(copied)
    assert str((copied / file).parent) in str(caught.value)


def test_another_model_in_the_place_of_one_is_found_out(copied):
    (copied / "good").rename(copied / "aside")
    (copied / "bad").rename(copied / "good")
    (copied / "aside").rename(copied / "bad")
    with pytest.raises(ModelError, match="good' is damaged: it is not the model that was saved here"):
        Classifier.load(copied)


def rewritten(folder, **changes):
    """Write other values into the file of a classifier, with a checksum that fits them."""
    config = {**json.loads((folder / "classifier.json").read_bytes()), **changes}
    data = json.dumps(config).encode()
    manifest = json.loads((folder / MANIFEST).read_bytes())
    manifest["files"]["classifier.json"] = {"sha256": digest(data), "bytes": len(data)}
    (folder / "classifier.json").write_bytes(data)
    (folder / MANIFEST).write_text(json.dumps(manifest))


@pytest.mark.parametrize(
    "changes",
    [
        {"threshold": "high"},
        {"threshold": float("nan")},
        {"threshold": None},
        {"calibration": {"features": "ratio", "weights": [1, 2, 3], "share": 0.5}},
        {"calibration": {"features": "colour", "weights": [1, 2], "share": 0.5}},
        {"calibration": {"features": "ratio", "weights": [1, 2], "share": 1}},
        {"calibration": []},
        {"calibration": {"features": "ngrams", "weights": [1, 2, 3], "share": 0.5}},
        {"calibration": {**RATIO, "curve": {"log_odds": [1], "p": [1]}}},
        {"calibration": {**RATIO, "curve": {"log_odds": [2, 1], "p": [0.1, 0.2]}}},
        {"calibration": {**RATIO, "curve": {"log_odds": [1]}}},
        {"calibration": {**RATIO, "curve": 3}},
        {"judged": {"auc": 1}},
        {"judged": 3},
        {"facts": None},
        {"models": {}},
    ],
)
def test_values_that_make_no_sense_are_a_damaged_file(copied, changes):
    rewritten(copied, **changes)
    with pytest.raises(ModelError, match=r"classifier\.json' is damaged"):
        Classifier.load(copied)


def test_models_of_different_characters_are_no_classifier(classifier, tmp_path):
    other = replace(classifier, bad=small_model("ngram", ["zz", "zzz"]))
    with pytest.raises(ModelError, match="its models do not know the same characters"):
        Classifier.load(other.save(tmp_path / "other"))


def test_a_model_is_no_classifier_and_a_classifier_no_model(classifier, saved, tmp_path):
    with pytest.raises(ModelError, match=r"is no classifier: it has no classifier\.json"):
        Classifier.load(classifier.good.save(tmp_path / "model"))
    with pytest.raises(ModelError, match="is a classifier, of two models: name one of them"):
        LanguageModel.load(saved)
    with pytest.raises(ModelError, match=r"is not a model: it has no MANIFEST\.json"):
        Classifier.load(tmp_path)


@pytest.mark.parametrize("nth", [1, 4, 7, 12, 14])
def test_a_save_that_fails_leaves_what_was_there(classifier, copied, monkeypatch, nth):
    before = {path.relative_to(copied): path.read_bytes() for path in copied.rglob("*") if path.is_file()}
    calls = []

    def failing(path, data):
        calls.append(path)
        if len(calls) == nth:
            raise OSError(28, "No space left on device")
        write_file(path, data)

    monkeypatch.setattr(manifests, "write_file", failing)
    with pytest.raises(ModelError, match=r"cannot be written to .*: No space left on device"):
        replace(classifier, threshold=1.0).save(copied)
    monkeypatch.undo()
    assert len(calls) == nth
    assert {path.relative_to(copied): path.read_bytes() for path in copied.rglob("*") if path.is_file()} == before
    assert [path.name for path in copied.parent.iterdir()] == [copied.name]


def test_a_place_with_something_else_is_left_alone(classifier, tmp_path):
    (tmp_path / "mine").write_text("mine")
    with pytest.raises(ModelError, match="is there already and is not a classifier"):
        classifier.save(tmp_path / "mine")
    assert (tmp_path / "mine").read_text() == "mine"


def test_a_classifier_is_loaded_and_used_with_numpy_alone(saved):
    code = (
        f"import sys, morelike; c = morelike.Classifier.load({str(saved)!r}); c.probability(['anna']); c.predict([''])"
    )
    code += "\nassert not {'jax', 'jaxlib', 'optax', 'rich', 'cyclopts'} & {*sys.modules}"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
