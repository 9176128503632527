"""`morelike sample` under constraints, and `morelike top`."""

import pytest

from morelike.errors import SamplingError
from morelike.language_model.model import LanguageModel
from morelike.sampling.search import SearchProgress
from morelike.text.words import fold

from ..conftest import train_in
from ..test_bad_input import complaint


def test_all_constraints_are_kept_and_explained(run, counted, tmp_path):
    (tmp_path / "no.txt").write_text("hann\n")
    (tmp_path / "listed.txt").write_text("anna\nnanna\n")
    ran = run(
        *("sample", counted, "-n", "5", "--suffix", "a", "--contains", "n", "--contains", "h", "--not-contains", "e"),
        *("--max-length", "7", "--block", "no.txt", "--not-in", "listed.txt", "--seed", "1", "--explain"),
    )
    words = ran.out.split()
    assert len(words) == 5
    assert all(word.endswith("a") and "n" in word and "h" in word and len(word) <= 7 for word in words)
    assert not any("e" in word or "hann" in word for word in words)
    assert "exact: the words follow the model's own distribution under the constraints" in " ".join(ran.err.split())


def test_a_network_says_its_effective_sample_size(run, trained):
    ran = run("sample", trained, "-n", "3", "--min-length", "4", "--explain")
    assert "the effective sample size was" in " ".join(ran.err.split())


def test_words_keep_away_from_the_list_of_the_run_or_from_another(run, counted, listed):
    words = run("sample", counted, "-n", "3", "--edits", "2", "--min-length", "5", "--seed", "1").out.split()
    assert (
        words
        == run(
            "sample", counted / "model", "-n", "3", "--edits", "2", "--min-length", "5", "--list", listed, "--seed", "1"
        ).out.split()
    )
    from morelike.evaluation.nearest import nearest

    train = listed.read_text().split()
    assert all(each.distance >= 1 for each in nearest(words, train))


def test_the_most_probable_words_come_first(run, counted):
    ran = run("top", counted, "-n", "5", "--suffix", "na")
    head, *rows = (line.split("\t") for line in ran.out.splitlines())
    assert head == ["word", "probability", "in"]
    assert len(rows) == 5
    assert [float(p) for _, p, _ in rows] == sorted((float(p) for _, p, _ in rows), reverse=True)
    assert all(word.endswith("na") for word, _, _ in rows)
    found = run("top", counted, "-n", "5", "--suffix", "na", "--json").json
    assert [each["word"] for each in found] == [word for word, _, _ in rows]
    assert all(each["proven"] for each in found)
    above = run("top", counted, "--least", "0.01").out.splitlines()[1:]
    assert above
    assert all(float(line.split("\t")[1]) >= 0.01 for line in above)


def test_a_search_that_ends_early_keeps_its_words_and_says_so(run, counted, monkeypatch, tmp_path):
    def search(self, count, *, on_progress, **_):
        yield "anna", -1.0, True
        on_progress(SearchProgress(words=1, prefixes=1000))
        on_progress(SearchProgress(words=1, prefixes=2000))
        yield "hanna", -2.0, False
        raise SamplingError("found 2 of 9 words: the search saw 3,000 beginnings")

    monkeypatch.setattr(LanguageModel, "top", search)
    monkeypatch.setattr("morelike.cli.words.top.FIRST_NOTE", 0.0)
    ran = run("top", counted, "-n", "9")
    assert (ran.status, ran.out.count("\n")) == (1, 3)
    assert "Searching: 2,000 beginnings of words seen, 1 found." in ran.err
    assert "from 'hanna' on the order is not proven" in ran.err
    assert "found 2 of 9 words" in ran.err
    assert [each["word"] for each in run("top", counted, "-n", "9", "--json").json] == ["anna", "hanna"]
    assert run("top", counted, "-n", "9", "-o", tmp_path / "words.csv").status == 1
    assert (tmp_path / "words.csv").read_text("utf-8").count("\n") == 3


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        (["sample", "RUN", "--regex", "a(b"], 2, "'(' opens a group that is not closed"),
        (["sample", "RUN", "--prefix", "an", "--regex", "h.*"], 1, "contradict one another; drop one of them"),
        (["sample", "RUN", "--suffix", "z"], 1, "does not know the character 'z'"),
        (["sample", "RUN", "--not-in", "nowhere.txt"], 1, "nowhere.txt"),
        (["top", "RUN", "--banned", "anhe"], 1, "no word is possible"),
        (["top", "RUN", "--least", "3"], 2, "a probability from 0 to 1"),
        (["top", "RUN", "--min-length", "5", "--max-length", "2"], 2, "and --max-length 2: no word has such a length"),
        (["top", "RUN", "--similar", "anna", "--within", "9"], 2, "--within 9: should be"),
    ],
)
def test_an_impossible_request_is_refused_in_one_sentence(run, counted, arguments, status, says):
    given = [counted if each == "RUN" else each for each in arguments]
    assert says in complaint(run(*given), status)


def test_greedy_alone_makes_one_word_and_succeeds(run, counted):
    ran = run("sample", counted, "--greedy", "--no-novel")
    assert (ran.status, len(ran.out.split())) == (0, 1)
    assert "--edits -1: should be" in complaint(run("sample", counted, "--edits", "-1"), 2)


def test_new_words_may_not_differ_from_the_runs_list_in_case_or_accents_alone(run, tmp_path):
    words = ["Anna", "anna", "Hanna", "zoë", "Zoe", "Anne", "hannah", "Énna", "Enne", "ana"] * 2
    (tmp_path / "cased.txt").write_text("".join(f"{word}\n" for word in words), "utf-8")
    trained = train_in(tmp_path / "runs", tmp_path / "cased.txt", "--model", "ngram", "--order", "2", "--no-report")
    folded = {fold(word, ["case", "accents"]) for word in words}
    asked = ("sample", trained, "-n", "60", "--seed", "1")
    assert any(fold(word, ["case", "accents"]) in folded for word in run(*asked).out.split("\n"))
    made = run(*asked, "--novel-ignoring", "case,accents").out.split("\n")[:-1]
    assert len(made) == 60
    assert not any(fold(word, ["case", "accents"]) in folded for word in made)
    twice = run(*asked, "--novel-ignoring", "case", "--novel-ignoring", "accents", "--list", tmp_path / "cased.txt")
    assert twice.out.split("\n")[:-1] == made
    refused = run("sample", trained, "--novel-ignoring", "size")
    assert "'size' is no difference of words" in complaint(refused, 2)


def test_words_of_one_script_that_can_be_said_are_made_if_asked(run, counted):
    ran = run("sample", counted, "-n", "5", "--one-script", "--pronounceable", "--seed", "1")
    assert (ran.status, len(ran.out.split())) == (0, 5)
