"""`morelike classify`: two lists fitted, words scored, in the terminal's tables, in pipes and as JSON."""

import inspect
import re
import shutil

import numpy as np
import pytest

import morelike
from morelike.language_model.model import LanguageModel

from ..conftest import WORDS
from ..test_bad_input import complaint

NUMBERS = [f"{7 * i}a" for i in range(200)]


@pytest.fixture
def numbers(tmp_path):
    path = tmp_path / "numbers.txt"
    path.write_text("".join(word + "\n" for word in [*NUMBERS, "anna"]))
    return path


@pytest.fixture(scope="session")
def fitted(tmp_path_factory):
    """The folder of a classifier."""
    made = morelike.classify(WORDS, [*NUMBERS, "anna"], order=2, fpr=0.2)
    return made.save(tmp_path_factory.mktemp("fitted") / "both")


def test_fit_writes_what_python_makes_and_says_its_figures_as_json(run, listed, numbers, fitted):
    ran = run("classify", "fit", listed, numbers, "--order", "2", "--fpr", "0.2", "-o", "both", "--json")
    assert ran.status == 0
    assert "1 words stand in both lists" in ran.err
    found, python = ran.json, morelike.Classifier.load(fitted)
    assert (found["classifier"], found["positive"], found["kind"]) == ("both", "good", "ngram")
    assert found["threshold"] == python.threshold
    assert found["judged"] == python.judged.as_dict()
    assert found["calibration"]["weights"] == list(python.calibration.weights)
    assert found["calibration"]["share"] == python.calibration.share
    assert (found["in_both"], found["good"]["list"], found["bad"]["list"]) == (1, "words", "numbers")
    again = morelike.Classifier.load("both")
    np.testing.assert_array_equal(again.log_ratio(NUMBERS), python.log_ratio(NUMBERS))


def test_fit_prints_its_figures_as_a_table_and_says_which_class_is_positive(run, listed, numbers):
    ran = run("classify", "fit", listed, numbers, "--order", "2", "-o", "both")
    rows = [line.split("\t") for line in ran.out.splitlines()]
    assert rows[0] == ["figure", "value", "95 % interval"]
    figures = {name: value for name, value, _ in rows}
    assert figures["words in both lists"] == "1"
    assert {"area under the ROC curve", "true-positive rate", "false-positive rate", "calibration error"} <= {*figures}
    assert "Good is the positive class." in ran.err


def test_score_gives_ratio_probability_and_class_of_arguments_and_of_a_pipe(run, fitted):
    words = ["hanna", "777a", "☃"]
    ran = run("classify", "score", fitted, *words)
    assert (ran.status, ran.err) == (0, "")
    assert run("classify", "score", fitted, stdin="".join(f" {word}\n" for word in words).encode()).out == ran.out
    classifier = morelike.Classifier.load(fitted)
    head, *rows = (line.split("\t") for line in ran.out.splitlines())
    assert head == ["word", "log_ratio", "probability", "class"]
    assert [row[0] for row in rows] == words
    for row, ratio, p, good in zip(
        rows, classifier.log_ratio(words), classifier.probability(words), classifier.predict(words), strict=True
    ):
        assert row[1:] == [f"{ratio:.4f}", f"{p:.6f}", "good" if good else "bad"]
    assert [row[3] for row in rows[:2]] == ["good", "bad"]
    rarer = run("classify", "score", fitted, *words, "--prior", "0.01").out.splitlines()[1:]
    assert [line.split("\t")[2] for line in rarer] == [f"{p:.6f}" for p in classifier.probability(words, prior=0.01)]
    found = run("classify", "score", fitted, "hanna", "--json").json
    assert found["threshold"] == classifier.threshold
    assert found["words"][0]["class"] == "good"


@pytest.mark.slow
def test_a_trained_kind_is_fitted_with_its_own_settings(run, listed, numbers):
    ran = run("classify", "fit", listed, numbers, "--model", "bigram", "--steps", "5", "-o", "both", "--json")
    assert (ran.status, ran.json["kind"], ran.json["good"]["steps"]) == (0, "bigram", 5)
    assert "--hidden" in run("classify", "fit", "--model", "gru", "--help").out


def test_every_parameter_in_python_has_its_flag(run):
    parameters = {*inspect.signature(morelike.classify).parameters} - {"good", "bad", "kind", "on_event", "settings"}
    parameters |= {*inspect.signature(morelike.Classifier.probability).parameters} - {"self", "words"}
    shown = run("classify", "--help").out
    assert not [name for name in parameters if f"--{name}" not in shown]
    assert morelike.classify(WORDS, NUMBERS).facts["fpr"] == 0.01
    assert "rate to aim at [default: 0.01]" in " ".join(re.sub("[│─]", " ", shown).split())


WRONG = {
    "one list": (["fit", "LIST", "-o", "x"], "a classifier is fitted on two lists"),
    "the pipe twice": (["fit", "-", "-", "-o", "x"], "standard input is one list: name a file for the other"),
    "no folder": (["fit", "LIST", "LIST"], "the classifier needs a folder to be saved in: name one with -o FOLDER"),
    "a rate": (["fit", "LIST", "LIST", "-o", "x", "--fpr", "2"], "--fpr 2: the share of bad words"),
    "another kind's setting": (["fit", "LIST", "LIST", "-o", "x", "--hidden", "3"], "ngram has no setting --hidden"),
    "a split": (["fit", "LIST", "LIST", "-o", "x", "--split", "halves"], "no split is called 'halves'"),
    "a misspelt option": (["fit", "LIST", "LIST", "-o", "x", "-fpr", "1"], "unknown option"),
    "a word that looks like one": (["score", "BOTH", "-anna"], "unknown option: -a"),
    "a prior to fit": (
        ["fit", "LIST", "LIST", "-o", "x", "--prior", "0.1"],
        "--prior is an option of `classify score`",
    ),
    "no share": (["score", "BOTH", "anna", "--prior", "1"], "--prior 1: the share of good words lies between 0 and 1"),
    "no action": ([], "requires an argument"),
    "another action": (["judge"], "action"),
    "no classifier": (["score"], "which classifier? Name its folder"),
    "settings of a fit": (["score", "BOTH", "anna", "--order", "2"], "--order is an option of `classify fit`"),
    "a rate of a fit": (
        ["score", "BOTH", "anna", "--fpr", "0.1"],
        "--fpr is an option of `classify fit`",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_call_is_refused_with_the_way_out_and_nothing_is_written(run, listed, fitted, tmp_path, case):
    arguments, says = WRONG[case]
    places = {"LIST": listed, "BOTH": fitted}
    line = complaint(run("classify", *(places.get(each, each) for each in arguments)), 2)
    assert says.lower() in line.lower()
    assert not [*tmp_path.iterdir()]


def test_a_folder_that_is_taken_is_refused_before_anything_is_trained(run, listed, numbers, tmp_path):
    line = complaint(run("classify", "fit", listed, numbers, "-o", "numbers.txt"), 1)
    assert "'numbers.txt' is there already and is not a classifier" in line


def test_a_damaged_or_missing_classifier_is_named(run, fitted, counted, tmp_path):
    copied = shutil.copytree(fitted, tmp_path / "copy")
    (copied / "bad" / "model.safetensors").write_bytes(b"nothing")
    assert "copy/bad/model.safetensors' is damaged" in complaint(run("classify", "score", "copy", "anna"), 1)
    assert "'nowhere' is not a model" in complaint(run("classify", "score", "nowhere", "anna"), 1)
    assert "is no classifier" in complaint(run("classify", "score", counted / "model", "anna"), 1)
    assert "is a classifier, of two models" in complaint(run("sample", fitted), 1)


def test_one_of_the_lists_may_come_through_a_pipe(run, numbers):
    piped = "".join(word + "\n" for word in WORDS).encode()
    ran = run("classify", "fit", "-", numbers, "--order", "2", "-o", "both", "--json", stdin=piped)
    assert ran.json["good"]["list"] == "stdin"
    ran = run("classify", "fit", numbers, "-", "--json", "--out", "both", stdin=piped)
    assert ran.json["bad"]["list"] == "stdin"


def test_an_unknown_character_may_be_refused(run, fitted):
    line = complaint(run("classify", "score", fitted, "an☃", "--unknown", "error"), 1)
    assert "does not know the character '☃'" in line


def test_a_classifier_does_not_replace_a_model(run, counted, listed, tmp_path):
    shutil.copytree(counted / "model", tmp_path / "mine")
    ran = run("classify", "fit", listed, "names", "-o", "mine")
    assert ran.status == 1
    assert "'mine' is there already and is not a classifier" in ran.err
    assert LanguageModel.load(tmp_path / "mine")
