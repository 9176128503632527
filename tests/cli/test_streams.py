"""Standard input and output that are closed, full or of another encoding: one sentence, and an exit status."""

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

import morelike
from morelike.cli.shared.streams import OutputStream
from morelike.errors import MorelikeError
from morelike.evaluation.loss import Evaluation

from .conftest import Ran, train_in
from .test_bad_input import complaint

FULL = "standard output cannot be written: No space left on device"
CLOSED = "standard output cannot be written: Bad file descriptor"


def shell(line, *arguments, before="", **environment):
    """Run a command by a shell, after the line `before` and with the redirections of `line`; return what it said."""
    ran = subprocess.run(
        ["sh", "-c", f'{before} "$0" -m morelike "$@" {line}', sys.executable, *map(str, arguments)],
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **environment},  # a limit would cut that off as well
        stdin=subprocess.DEVNULL,
    )
    return Ran(ran.returncode, ran.stdout, ran.stderr)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no device that is always full")
@pytest.mark.parametrize("command", ["show", pytest.param("sample", marks=pytest.mark.slow)])
def test_a_full_disk_under_standard_output_is_one_sentence(counted, command):
    assert FULL in complaint(shell("> /dev/full", command, counted), 1)


@pytest.mark.parametrize("command", ["sample", pytest.param("show", marks=pytest.mark.slow)])
def test_a_closed_standard_output_is_one_sentence(counted, command):
    assert CLOSED in complaint(shell(">&-", command, counted), 1)


@pytest.mark.parametrize("unbuffered", ["1", pytest.param("", marks=pytest.mark.slow)])
def test_output_that_a_full_disk_cuts_off_is_no_success(counted, tmp_path, unbuffered):
    limit = f"ulimit -f 1 && trap '' XFSZ && exec > {tmp_path / 'out'};"
    ran = shell("", "top", counted, "-n", "200", "--json", before=limit, PYTHONUNBUFFERED=unbuffered)
    assert ran.status == 1
    assert ran.err == "morelike: standard output cannot be written: File too large\n"


def test_a_closed_standard_output_harms_no_file_and_no_command_that_does_not_need_it(counted, tmp_path):
    ran = shell(">&- 2>&-", "sample", counted, "-n", "3", "--no-novel", "-o", tmp_path / "words.csv")
    assert (ran.status, ran.out, ran.err) == (0, "", "")
    assert len((tmp_path / "words.csv").read_text().splitlines()) == 4


def test_a_closed_standard_input_is_one_sentence(counted):
    assert "standard input cannot be read: Bad file descriptor" in complaint(shell("<&-", "score", counted), 1)


def test_messages_that_cannot_be_written_do_not_change_the_exit_status(counted):
    assert shell("2> /dev/full", "sample", counted, "--pattern", "?").status == 1


@pytest.fixture(scope="module")
def cyrillic(tmp_path_factory):
    """A run of words that fit no encoding of one byte."""
    listed = tmp_path_factory.mktemp("cyrillic") / "words.txt"
    listed.write_text("жаба\nжук\nрак\nčaj\n" * 5, "utf-8")
    return train_in(listed.parent, listed, "--model", "ngram", "--order", "2", "--no-report")


@pytest.fixture
def encoded(run, monkeypatch):
    """Return a function that runs a command whose standard output has an encoding; it returns the output's bytes."""

    def encoded(encoding, *arguments):
        written = io.BytesIO()
        stream = io.TextIOWrapper(written, encoding)
        monkeypatch.setattr(sys, "stdout", stream)
        ran = run(*arguments)
        stream.flush()
        return ran, written.getvalue()

    return encoded


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1", "ascii"])
@pytest.mark.parametrize("command", ["sample", "top", "show"])
def test_a_character_that_the_output_cannot_hold_is_named_with_the_way_out(encoded, cyrillic, encoding, command):
    ran, _ = encoded(encoding, command, cyrillic)
    assert ran.status == 1
    (line,) = ran.err.splitlines()
    assert f"standard output is encoded in {encoding}, which has no " in line
    assert line.endswith("set PYTHONIOENCODING=utf-8")


def test_training_ends_with_the_sentence_and_keeps_its_run(encoded, cyrillic, tmp_path):
    ran, _ = encoded("cp1252", "train", cyrillic.parent / "words.txt", "--model", "ngram", "--no-report")
    assert ran.status == 1
    assert "which has no 'ж' (U+0436): set PYTHONIOENCODING=utf-8" in ran.err.splitlines()[-1]
    assert morelike.load(out=tmp_path / "runs").facts["list"] == "words"


def test_json_needs_no_character_beyond_ascii(encoded, cyrillic):
    ran, written = encoded("ascii", "sample", cyrillic, "--json")
    assert ran.status == 0
    assert b"\\u043" in written


def test_words_that_fit_the_encoding_are_written_in_it(encoded, cyrillic):
    assert encoded("utf-16-le", "top", cyrillic, "-n", "3")[1].decode("utf-16-le").count("\n") == 4


def test_the_stream_of_a_terminal_escapes_and_that_of_a_pipe_does_not():
    written = io.StringIO()
    OutputStream(written, "standard output", escapes=True).writelines(["a\x1b[2J\t", "b\u2028\n"])
    OutputStream(written, "standard output", escapes=False).write("\x9b")
    assert written.getvalue() == "a‹U+001B›[2J\tb‹U+2028›\n\x9b"


@pytest.mark.skipif(sys.platform in ("darwin", "win32"), reason="the system refuses such a file name")
def test_a_list_whose_file_name_is_not_utf_8_is_refused_before_training_and_named_by_its_bytes(run, listed, tmp_path):
    named = os.fsdecode(b"li\xffst.txt")
    (tmp_path / named).write_bytes(listed.read_bytes())
    ran = run("train", named, "--model", "ngram", "--no-report")
    assert "li‹U+DCFF›st.txt': the name is not UTF-8: rename the file or its folder" in complaint(ran, 1)
    assert not (tmp_path / "runs").exists()
    assert "is not UTF-8: rename the file or folder" in complaint(run("data", "build", named, "-o", "a.store"), 1)


@pytest.mark.parametrize("columns", ["0", "1"])
def test_the_help_fits_a_terminal_of_any_width(run, monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", columns)
    assert "--seed" in run("sample", "--help").out


def test_a_backend_that_jax_does_not_have_is_one_sentence(listed):
    ran = shell("", "lr", listed, "--model", "mlp", "--steps", "10", JAX_PLATFORMS="abacus")
    assert "JAX cannot compute here: Unable to initialize backend 'abacus'" in complaint(ran, 1)


def test_a_reader_that_ends_is_no_error_of_the_stream():
    class Ended(io.StringIO):
        def write(self, _):
            raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        OutputStream(Ended(), "standard output", escapes=False).write("a")
    OutputStream(Ended(), "standard error", escapes=True, lossy=True).write("a")


NEGATIVE_SEEDS = {
    "sample": ["MODEL"],
    "guess": ["MODEL", "anna"],
    "audit": ["MODEL"],
    "pseudowords": ["MODEL", "anna"],
    "parity": ["LIST"],
    "compare": ["LIST", "--kinds", "ngram"],
    "train": ["LIST", "--model", "mlp"],
}


@pytest.mark.parametrize("command", NEGATIVE_SEEDS)
def test_a_negative_seed_is_refused_by_every_command_with_a_seed(run, counted, listed, command):
    places = {"MODEL": counted, "LIST": listed}
    ran = run(command, *(places.get(each, each) for each in NEGATIVE_SEEDS[command]), "--seed", "-1")
    assert "--seed -1" in complaint(ran, 2)


def test_a_negative_seed_is_refused_in_python():
    model = morelike.train(["anna", "hanna"], "ngram")
    with pytest.raises(MorelikeError, match="seed = -1: give 0 or more"):
        model.sample(3, seed=-1)
    with pytest.raises(MorelikeError, match="seed = -1: give 0 or more"):
        morelike.compare(model, model, ["anna"], seed=-1)


def test_the_perplexity_of_a_diverged_model_is_infinite(run, listed):
    assert Evaluation(1000.0, (900.0, 1100.0), 1, 1).as_dict()["perplexity"] == float("inf")


def test_repeats_of_thousands_of_digits_are_refused(run, counted):
    for expression in ("a{%s}", "a{1,%s}"):
        ran = run("sample", counted, "--regex", expression % ("9" * 5000))
        assert "n at most 200" in complaint(ran, 2)


def test_a_budget_of_hundreds_of_digits_is_refused(run, listed):
    ran = run("compare", listed, "--kinds", "ngram", "--budget", "9" * 400 + "s")
    assert "say for example 20s" in complaint(ran, 2)
