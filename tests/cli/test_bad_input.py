"""Bad input gets one clean sentence with the place and the way out, a status of 1 or 2, and nothing saved is lost."""

import shutil
from itertools import chain

import pytest

from morelike.architecture import find, kinds
from morelike.cli.main import COMMANDS
from morelike.sampling import generate

from ..training.runs import quick_first

NGRAM = ["--model", "ngram", "--order", "2", "--no-report"]


def complaint(ran, status):
    """Return the one sentence that a failed command says, and nothing else."""
    assert ran.status == status
    assert ran.out == ""
    (line,) = ran.err.splitlines()
    assert line.startswith("morelike: ")
    assert not [word for word in ("Traceback", "pydantic", "http", "Error(") if word in line]
    return line


BAD_LISTS = {
    "empty": (b"", "list.txt' is empty: give it a list with one word a line"),
    "blank lines": (b"\n \n\t\n", "list.txt"),
    "invalid UTF-8": (b"anna\nz\xfc\n", "list.txt', line 2: byte 0xfc is not valid UTF-8; save the list as UTF-8"),
    "a NUL byte": (b"anna\nbob\nc\0d\n", "list.txt', line 3: a NUL byte"),
    "a word where a count belongs": (b"anna\t3\nbob\tx\n", "list.txt', line 2: expected word<TAB>count"),
    "a line without end": (b"a" * 200_000, "list.txt', line 1: 200,000 characters"),
}
READERS = {
    "train": ["train", "list.txt", *NGRAM],
    "contexts": ["contexts", "list.txt"],
    "evaluate": ["evaluate", "MODEL", "list.txt"],
}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("bad", BAD_LISTS)
def test_a_list_that_cannot_be_read(run, counted, tmp_path, reader, bad):
    data, says = BAD_LISTS[bad]
    (tmp_path / "list.txt").write_bytes(data)
    arguments = [str(counted) if argument == "MODEL" else argument for argument in READERS[reader]]
    assert says in complaint(run(*arguments), 1)
    assert [path.name for path in tmp_path.iterdir()] == ["list.txt"]


@pytest.mark.parametrize("reader", READERS)
def test_a_missing_list_is_named_with_its_neighbours_and_the_shipped_ones(run, counted, tmp_path, reader):
    (tmp_path / "lists.txt").write_text("anna\n")
    arguments = [str(counted) if argument == "MODEL" else argument for argument in READERS[reader]]
    line = complaint(run(*arguments), 1)
    assert "no list 'list.txt': there is no such file, and the shipped lists are" in line
    assert "did you mean 'lists.txt'?" in line


@pytest.mark.parametrize("reader", READERS)
def test_a_folder_in_place_of_a_list(run, counted, tmp_path, reader):
    (tmp_path / "list.txt").mkdir()
    arguments = [str(counted) if argument == "MODEL" else argument for argument in READERS[reader]]
    assert "'list.txt' is a folder: name the file with the list in it" in complaint(run(*arguments), 1)


def test_nothing_through_a_pipe(run):
    assert "standard input is empty" in complaint(run("train", "-", *NGRAM), 1)


SMALL_LISTS = {
    1: "1 line is too few to hold any out",
    2: "2 lines are too few to hold any out",
    5: "5 lines are too few to hold any out",
    9: "9 lines are too few to hold any out",
}
INSTEAD = "all are used for training, so there is no score on words the model has not seen"


@pytest.mark.parametrize("kind", quick_first(kinds(), ("ngram", "mlp", "rnn")))
@pytest.mark.parametrize("lines", [1, pytest.param(5, marks=pytest.mark.slow)])
def test_every_kind_learns_from_a_list_that_is_too_small_to_split_and_says_so(run, tmp_path, kind, lines):
    settings = {"embedding": 4, "hidden": 8, "layers": 1} if kind != "wavenet" else {"embedding": 4, "hidden": 8}
    own = ((f"--{name}", str(value)) for name, value in settings.items() if name in find(kind).model_fields)
    small = NGRAM if kind == "ngram" else ["--model", kind, "--steps", "4", "--no-report", *chain.from_iterable(own)]
    says_so(run, tmp_path, lines, small)


@pytest.mark.parametrize("lines", [2, 5, 9])
def test_small_lists_of_other_sizes_say_so_too(run, tmp_path, lines):
    says_so(run, tmp_path, lines, NGRAM)


def says_so(run, tmp_path, lines, arguments):
    (tmp_path / "list.txt").write_text("".join(f"an{'na' * i}\n" for i in range(lines)))
    found = run("train", "list.txt", *arguments, "--json").json
    assert found["train"]["lines"] == lines
    assert not {"dev", "test"} & found.keys()
    assert found["notes"][0] == f"{SMALL_LISTS[lines]}: {INSTEAD}"


def test_a_note_says_what_was_done_instead(run, tmp_path):
    (tmp_path / "list.txt").write_text("anna\nhen\n")
    assert f"{SMALL_LISTS[2]}: {INSTEAD}" in " ".join(run("train", "list.txt", *NGRAM).err.split())


def test_ten_lines_are_split(run, tmp_path):
    (tmp_path / "list.txt").write_text("".join(f"an{'na' * i}\n" for i in range(10)))
    found = run("train", "list.txt", *NGRAM, "--json").json
    assert [found[part]["lines"] for part in ("train", "dev", "test")] == [8, 1, 1]


def test_a_windows_file_gives_the_same_model_as_a_unix_file(run, tmp_path):
    words = [f"an{'né' * i}" for i in range(12)]
    (tmp_path / "unix.txt").write_bytes("".join(word + "\n" for word in words).encode())
    (tmp_path / "windows.txt").write_bytes("".join(word + "\r\n" for word in words).encode("utf-8-sig"))
    unix, windows = (run("train", name, *NGRAM, "--json").json for name in ("unix.txt", "windows.txt"))
    assert windows["test"] == unix["test"]
    assert windows["samples"] == unix["samples"]
    assert windows["train"]["lines"] == 9


def test_a_character_that_the_model_does_not_know(run, counted):
    says = "the model does not know the character 'x' (U+0078) at position 3 of 'anxa'"
    assert says in complaint(run("score", counted, "anna", "anxa"), 1)
    assert "'x'" in complaint(run("sample", counted, "--prefix", "x"), 1)


def test_an_unknown_character_in_a_list_to_evaluate(run, counted, tmp_path):
    (tmp_path / "list.txt").write_text("anna\nanxa\n")
    assert "'x' (U+0078) at position 3 of 'anxa'" in complaint(run("evaluate", counted, "list.txt"), 1)
    assert run("evaluate", counted, "list.txt", "--unknown", "skip").status == 0


MISSPELT = {
    "an option of a command": (["sample", "MODEL", "--temprature", "2"], ["--temprature", "morelike sample --help"]),
    "an option of training": (["train", "LIST", "--hiden", "8"], ["--hiden", "did you mean '--hidden'?"]),
    "a value of an option": (["score", "MODEL", "anna", "--unknown", "skipp"], ["skipp", "reserve"]),
    "a number": (["sample", "MODEL", "-n", "many"], ["many"]),
    "a number in training": (["train", "LIST", "--steps", "many"], ["many"]),
    "a number out of range": (["sample", "MODEL", "--top-p", "1.5"], ["--top-p 1.5: should be"]),
    "a value that is no number": (
        ["sample", "MODEL", "--temperature", "abc"],
        ["--temperature abc: should be a valid number (see"],
    ),
    "a value that is empty": (["sample", "MODEL", "--top-k", ""], ["--top-k '': should be a valid integer (see"]),
    "the option of the kind": (["train", "LIST", "--modle", "mlp"], ["--modle", "did you mean '--model'?"]),
    "a served name that is empty": (["serve", "=MODEL"], ["'=MODEL' has no name before the ="]),
    "a number out of range in training": (["train", "LIST", "--steps", "0"], ["--steps 0"]),
    "a number out of range of the model": (["train", "LIST", "--hidden", "-1"], ["--hidden -1"]),
    "a choice in training": (["train", "LIST", "--optimizer", "adam"], ["adam", "adamw"]),
    "a split": (["train", "LIST", *NGRAM, "--split", "shufle-42"], ["'shufle-42'", "shuffle-42, hash, makemore, none"]),
    "a kind": (["train", "LIST", "--model", "gruu"], ["no model is called 'gruu'", "did you mean 'gru'?"]),
    "a kind as value": (["train", "LIST", "--model=gruu"], ["did you mean 'gru'?"]),
    "a command": (["sampel"], ["no command is called 'sampel'", "did you mean 'sample'?"]),
    "no command at all": (["xyzzy"], ["no command is called 'xyzzy'", *COMMANDS]),
    "a setting of another kind": (
        ["train", "LIST", "--model", "ngram", "--hidden", "8"],
        ["ngram has no setting --hidden", "it is a setting of"],
    ),
    "a setting of training for counts": (["train", "LIST", "--model", "ngram", "--steps", "8"], ["it is counted"]),
    "a smoothing": (["train", "LIST", "--model", "ngram", "--smoothing", "laplace"], ["laplace", "kneser-ney"]),
    "both lengths": (["train", "LIST", "--steps", "5", "--epochs", "2"], ["steps and epochs"]),
    "too many words": (["lists", "names"], ["names"]),
    "a missing list": (["evaluate", "MODEL"], ["which list", "--test"]),
    "a missing value": (["train", "LIST", "--model"], ["--model"]),
    "lengths": (["sample", "MODEL", "--min-length", "5", "--max-length", "3"], ["--min-length 5", "--max-length 3"]),
    "a count below zero": (["sample", "MODEL", "-n", "-1"], ["-1"]),
    "no context": (["contexts", "names", "--context", "0"], ["--context 0"]),
    "settings with a run that goes on": (["train", "--resume", "x", "--hidden", "5"], ["--resume"]),
    "no such settings file": (["train", "LIST", "--config", "none.toml"], ["'none.toml' cannot be read"]),
}


@pytest.mark.parametrize("case", MISSPELT)
def test_a_misspelling_is_named_with_the_way_out(run, counted, listed, tmp_path, case):
    arguments, says = MISSPELT[case]
    places = {"MODEL": str(counted), "LIST": str(listed)}
    line = complaint(run(*(places.get(argument, argument) for argument in arguments)), 2)
    assert not [each for each in says if each not in line], line
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize(
    ("toml", "says"),
    [
        ("[data", "are not TOML"),
        ("[nonsense]\na = 1\n", "no table is called 'nonsense'"),
        ("training = 1\n", "'training'"),
        ('[architecture]\nkind = "gruu"\n', "did you mean 'gru'?"),
        ('[architecture]\nkind = "ngram"\nhidden = 3\n', "hidden"),
        ("[architecture]\nkind = 3\n", "3"),
        ("[training]\nstpes = 3\n", "'stpes'; did you mean 'steps'?"),
        ("[data]\nlist = 3\n", "list"),
        ('[data]\nsplit = "none"\nlist = "no-such-list"\n', "no list 'no-such-list'"),
    ],
)
def test_a_settings_file_that_makes_no_sense(run, tmp_path, toml, says):
    (tmp_path / "config.toml").write_text(toml)
    ran = run("train", "--config", "config.toml")
    assert says in complaint(ran, 1 if "no-such-list" in toml else 2)


def test_an_output_folder_that_cannot_be_written(run, listed, tmp_path):
    (tmp_path / "file").write_text("mine")
    line = complaint(run("train", listed, *NGRAM, "--out", "file"), 1)
    assert "no run folder can be made in 'file'" in line
    assert "choose another with --out" in line
    assert (tmp_path / "file").read_text() == "mine"


MODEL_COMMANDS = {
    "sample": ["sample", "MODEL"],
    "score": ["score", "MODEL", "anna"],
    "guess": ["guess", "MODEL", "anna"],
    "evaluate": ["evaluate", "MODEL", "LIST"],
    "against": ["evaluate", "WHOLE", "LIST", "--against", "MODEL"],
    "show": ["show", "MODEL"],
}


@pytest.mark.parametrize("name", MODEL_COMMANDS)
def test_a_damaged_model_file_is_named_and_nothing_is_lost(run, counted, listed, tmp_path, name):
    model = shutil.copytree(counted / "model", tmp_path / "model")
    weights = bytearray((model / "model.safetensors").read_bytes())
    weights[-1] ^= 1
    (model / "model.safetensors").write_bytes(bytes(weights))
    before = {path.name: path.read_bytes() for path in model.iterdir()}
    places = {"MODEL": "model", "LIST": str(listed), "WHOLE": str(counted)}
    line = complaint(run(*(places.get(argument, argument) for argument in MODEL_COMMANDS[name])), 1)
    assert "model/model.safetensors' is damaged" in line
    assert {path.name: path.read_bytes() for path in model.iterdir()} == before


@pytest.mark.parametrize("name", MODEL_COMMANDS)
@pytest.mark.parametrize("missing", ["none", "latest"])
def test_a_model_that_is_not_there(run, counted, listed, name, missing):
    places = {"MODEL": missing, "LIST": str(listed), "WHOLE": str(counted)}
    line = complaint(run(*(places.get(argument, argument) for argument in MODEL_COMMANDS[name])), 1)
    assert ("no model 'none'" if missing == "none" else "make one with `morelike train`") in line


def test_a_run_that_is_not_there_or_is_finished_cannot_be_resumed(run, counted):
    assert "no run 'none'" in complaint(run("train", "--resume", "none"), 1)
    assert "is finished" in complaint(run("train", "--resume", counted), 1)


def test_a_run_whose_facts_are_damaged(run, counted, tmp_path):
    copy = shutil.copytree(counted, tmp_path / "runs" / counted.name)
    (copy / "meta.json").write_text("{")
    for arguments in (["runs"], ["train", "--resume", copy]):
        assert "meta.json' is damaged" in complaint(run(*arguments), 1)


def test_words_that_run_out_are_printed_before_the_complaint(run, counted, monkeypatch):
    monkeypatch.setattr(generate, "REJECTED_LIMIT", 500)
    ran = run("sample", counted, "-n", "50", "--max-length", "2", "--no-novel")
    assert ran.status == 1
    assert 0 < len(ran.out.split()) <= 20
    (line,) = ran.err.splitlines()
    assert line.startswith(f"morelike: found {len(ran.out.split())} of 50 words in ")


def test_no_words_to_score_on_a_terminal_is_an_error(run, counted, monkeypatch):
    ran = run("score", counted)
    assert "standard input is empty" in complaint(ran, 1)


def test_a_setting_that_a_settings_file_does_not_know_is_refused_before_any_training(run, counted, tmp_path):
    settings = (counted / "config.toml").read_text()
    (tmp_path / "config.toml").write_text(settings.replace("\nlist =", "\nlits ="))
    assert "'lits'" in complaint(run("train", "--config", "config.toml", "--model", "ngram"), 2)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (
            ["train", "names", "--model", "mlp", "--optimizer", "sgd", "--weight-decay", "1"],
            "--weight-decay 1.0 has no",
        ),
        (
            ["train", "names", "--model", "gru", "--one-hot", "--embedding", "160"],
            "--embedding 160 has no effect with --one-hot: leave",
        ),
        (["sample", "MODEL", "-n", "-3"], "--count -3"),
        (["sample", "MODEL", "--seed", "-1"], "--seed -1"),
    ],
)
def test_a_message_about_settings_names_them_as_the_flags_that_were_given(run, counted, arguments, says):
    arguments = [str(counted) if each == "MODEL" else each for each in arguments]
    assert says in complaint(run(*arguments), 2)
