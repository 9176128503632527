"""Settings of an architecture that make no sense, alone or together: one sentence, status 2, nothing begun."""

import tomllib

import pytest

from .test_bad_input import complaint

WRONG = {
    "no context": (["--model", "mlp", "--context", "0"], "mlp: --context 0: should be greater than or equal to 1"),
    "heads that do not divide the width": (
        ["--model", "transformer", "--heads", "3", "--embedding", "64"],
        "transformer: --heads 3 do not divide --embedding 64: each head takes an equal share of it",
    ),
    "a context that does not halve to one": (
        ["--model", "wavenet", "--context", "6"],
        "wavenet: --context 6: neighbours are fused two by two, so a power of two is needed: 4 or 8",
    ),
    "an output tied to a narrower embedding": (
        ["--model", "gru", "--tied"],
        "gru: --tied needs an embedding as wide as the hidden state: give --embedding 160",
    ),
    "an output tied to an embedding of a given width": (
        ["--model", "rnn", "--tied", "--hidden", "24", "--embedding", "8"],
        "rnn: --tied needs an embedding as wide as the hidden state: give --embedding 24",
    ),
    "an output tied to no embedding": (
        ["--model", "gru", "--one-hot", "--tied"],
        "gru: --tied needs an embedding as wide as the hidden state: give --embedding 160 and --no-one-hot",
    ),
    "dropout of no embedding": (
        ["--model", "lstm", "--one-hot", "--input-dropout", "0.1"],
        "lstm: input_dropout drops values of an embedding: there is none with --one-hot",
    ),
    "a window of a bigram": (["--model", "bigram", "--context", "2"], "bigram has no setting --context"),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_settings_are_refused_in_one_sentence_before_anything_starts(run, tmp_path, case):
    arguments, says = WRONG[case]
    assert says in complaint(run("train", "names", *arguments), 2)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("negative", [pytest.param("--no-tied", marks=pytest.mark.slow), "--no-one-hot"])
def test_a_choice_of_a_settings_file_can_be_taken_back(run, listed, tmp_path, negative):
    name = negative.removeprefix("--no-").replace("-", "_")
    (tmp_path / "config.toml").write_text(
        f'[architecture]\nkind = "rnn"\nembedding = 8\nhidden = 8\n{name} = true\n[training]\nsteps = 1\n'
    )
    ran = run("train", listed, "--config", "config.toml", negative, "--split", "none")
    assert ran.status == 0, ran.err
    (folder,) = (tmp_path / "runs").iterdir()
    assert tomllib.loads((folder / "config.toml").read_text())["architecture"][name] is False
