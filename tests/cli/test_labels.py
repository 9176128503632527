import json

import pytest

from .conftest import WORDS

LABELS = ["girl" if word.endswith("a") else "boy" for word in WORDS]
LISTED = "".join(f"{word}\t\t{label}\n" for word, label in zip(WORDS, LABELS, strict=True)).encode()
NGRAM = ["--model", "ngram", "--order", "4", "--no-report"]


@pytest.fixture
def run(run, tmp_path):
    (tmp_path / "list.tsv").write_bytes(LISTED)
    assert run("train", "list.tsv", *NGRAM).status == 0
    return run


def said(ran):
    return " ".join(ran.err.split())


def test_training_says_what_labels_do_and_tells_each_loss(run):
    ran = run("train", "list.tsv", *NGRAM)
    assert "2 labels condition the model" in said(ran)
    assert "test: girl" in said(ran)
    assert set(run("train", "list.tsv", *NGRAM, "--json").json["train"]["labels"]) == {"boy", "girl"}
    assert "the labels of the list are ignored" in said(run("train", "list.tsv", *NGRAM, "--no-labelled"))


def test_a_label_is_given_to_sample_top_score_and_guess(run):
    asked = ("-n", "30", "--no-novel", "--seed", "1")
    girls, boys = (run("sample", "latest", *asked, "--label", label).out.split() for label in ("girl", "boy"))
    assert sum(w.endswith("a") for w in girls) > 15 > 8 > sum(w.endswith("a") for w in boys)
    assert run("top", "-n", "3", "--label", "girl").out.split("\n")[1].split("\t")[0].endswith("a")
    girl, boy, every = (
        run("score", "latest", "hanna", *label, "--json").json["words"][0]["nats"]
        for label in (["--label", "girl"], ["--label", "boy"], [])
    )
    assert girl < every < boy
    assert run("guess", "latest", "hanna", "--label", "girl", "--samples", "100", "--json").status == 0


def test_score_tells_the_most_probable_label(run):
    ran = run("score", "latest", "hanna", "ehen", "--labels")
    assert ran.out.splitlines()[0].endswith("label\tlabel_probability")
    assert [line.split("\t")[-2] for line in ran.out.splitlines()[1:]] == ["girl", "boy"]
    row = json.loads(run("score", "latest", "hanna", "--labels", "--format", "jsonl").out)
    assert row["label"] == "girl"
    assert row["labels"]["girl"] == row["label_probability"]
    assert sum(row["labels"].values()) == pytest.approx(1)


def test_evaluate_uses_the_labels_of_the_list_or_the_one_that_is_given(run, tmp_path):
    (tmp_path / "words.txt").write_text("".join(word + "\n" for word in WORDS), "utf-8")
    own = run("evaluate", "latest", "list.tsv", "--json").json
    alone = run("evaluate", "latest", "words.txt", "--json").json
    girl = run("evaluate", "latest", "words.txt", "--label", "girl", "--json").json
    assert own["nats"] < min(alone["nats"], girl["nats"])
    assert girl["nats"] != alone["nats"]
    assert set(own["labels"]) == {"boy", "girl"}
    assert "labels" not in alone


def test_a_list_through_a_pipe_keeps_its_labels_and_repeats(run, tmp_path):
    first = run("train", "-", *NGRAM, "--json", stdin=LISTED).json
    again = run("train", "list.tsv", "--config", f"{first['run']}/config.toml", "--no-report", "--json").json
    assert again["test"] == first["test"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["sample", "--label", "gril"], "did you mean 'girl'"),
        (["train", "list.tsv", "--model", "mlp"], "mlp takes no labels"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(run, arguments, says):
    ran = run(*arguments)
    assert ran.status == 2
    assert says in said(ran)


def test_a_label_for_a_model_without_labels_is_refused(run, counted):
    for arguments in (["sample", counted, "--label", "girl"], ["score", counted, "anna", "--labels"]):
        ran = run(*arguments)
        assert ran.status == 2
        assert "without labels" in said(ran)
