"""The entry point: commands, their exit statuses, and how a command is added."""

import os

import pytest

from morelike.cli import main as entry
from morelike.cli import words
from morelike.cli.shared.exits import ImmediateExit, exit_at_once_on_error
from morelike.cli.shared.interrupts import Interrupts
from morelike.cli.shared.output import losses_table
from morelike.errors import RunError, SettingError
from morelike.evaluation.loss import Evaluation

SHOUT = '''
from morelike.cli.shared.output import print_words
from morelike.errors import MorelikeError, SettingError

def shout(*words: str, quietly: bool = False) -> int | None:
    """Print words in capitals.

    The rest of the help.

    Examples:
      morelike shout emma
    """
    if not words:
        raise SettingError("no words to shout")
    if "silence" in words:
        raise MorelikeError("silence cannot be shouted")
    print_words(word if quietly else word.upper() for word in words)
    return 3 if quietly else None
'''


@pytest.fixture
def added(tmp_path, monkeypatch):
    """Add a command as a developer does: one new file, and one entry of `COMMANDS`."""
    folder = tmp_path / "commands"
    folder.mkdir()
    (folder / "shout.py").write_text(SHOUT)
    monkeypatch.setattr(words, "__path__", [*words.__path__, str(folder)])
    monkeypatch.setitem(entry.COMMANDS, "shout", ("words", "Print words in capitals, as a summary."))


@pytest.mark.usefixtures("added")
def test_a_new_command_is_one_file_and_one_entry(run):
    assert "Print words in capitals, as a summary." in run("--help").out
    shown = run("shout", "--help").out
    assert "The rest of the help." in shown
    assert shown.endswith("Examples:\n\n  morelike shout emma\n")
    assert "--quietly " in shown
    assert "--no-quietly" not in shown
    ran = run("shout", "emma", "noah")
    assert (ran.status, ran.out, ran.err) == (0, "EMMA\nNOAH\n", "")


@pytest.mark.usefixtures("added")
@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        (["emma", "--quietly"], 3, ""),
        (["silence"], 1, "morelike: silence cannot be shouted\n"),
        ([], 2, "morelike: no words to shout\n"),
        (["--loudly"], 2, "morelike: unknown option: --loudly (see `morelike shout --help`)\n"),
    ],
)
def test_the_exit_status_is_0_1_or_2_or_the_status_of_the_command(run, arguments, status, sentence):
    ran = run("shout", *arguments)
    assert (ran.status, ran.err) == (status, sentence)


@pytest.mark.parametrize(
    ("error", "status"),
    [(SettingError("wrong"), 2), (RunError("lost"), 1), (KeyboardInterrupt(), 130), (ValueError(), 1)],
)
def test_an_error_exits_at_once_with_its_status_where_other_processes_wait(capsys, error, status):
    with pytest.raises(ImmediateExit) as stop, exit_at_once_on_error():
        raise error
    assert stop.value.status == status
    assert str(error) in capsys.readouterr().err


def test_the_first_signal_is_kept_and_the_second_exits_at_once():
    with Interrupts() as interrupts:
        os.kill(os.getpid(), 15)
        assert (interrupts.received, interrupts.status) == (15, 143)
        with pytest.raises(ImmediateExit) as stop:
            os.kill(os.getpid(), 2)
        assert stop.value.status == 130


def test_a_large_perplexity_is_shown_in_e_notation():
    table = losses_table({"m": {str(nats): Evaluation(nats, (0.0, 1.0), 1, 1) for nats in (2.5, 187.15, 1e9)}})
    assert [cell.plain for cell in table.columns[5].cells] == ["12.18", "1.90e+81", "inf"]
