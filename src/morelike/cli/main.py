"""The entry point: it runs the named command, and turns every error into one sentence and an exit status.

The exit status is 0 for success, 1 for a failure, 2 for a wrong call, and 130 or 143 after an interruption.
"""

from __future__ import annotations

import gc
import inspect
import os
import re
import sys
import traceback
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from importlib import import_module
from typing import TYPE_CHECKING, Any, NoReturn

from morelike.cli.shared.exits import CTRL_C, ImmediateExit, complain, exit_now, report
from morelike.cli.shared.streams import guarded_streams
from morelike.errors import SettingError, UnfinishedRunWarning, did_you_mean, excerpt
from morelike.renamed_settings import RENAMED_SETTINGS

if TYPE_CHECKING:  # imported with the command, while the garbage collector rests
    from cyclopts import App, CycloptsError
    from pydantic import ValidationError

COMMANDS: Mapping[str, tuple[str, str]] = {
    "train": ("training", "Train a model on a list, evaluate it and make new words."),
    "sample": ("words", "Make new words with a trained model."),
    "top": ("words", "List the most probable words in their exact order."),
    "score": ("words", "Score how well words fit the list that a model learned from."),
    "guess": ("words", "Estimate how many words a model guesses before a given word."),
    "similar": ("words", "Find the words of a list that are most similar to a word."),
    "pseudowords": ("words", "Make new words that resemble a given word."),
    "measure": ("words", "Measure words: length, OLD20, neighbours, n-gram frequency, surprisal."),
    "match": ("words", "Choose matched sets of words, one word from each of your lists."),
    "likeness": ("words", "Report which entries of other lists, such as trademarks, are like given words."),
    "evaluate": ("words", "Compute a model's loss on a list."),
    "show": ("inspection", "Show the settings and the losses of a model or a run."),
    "diagnose": ("inspection", "Diagnose the training of a model: activations, gradients, updates."),
    "audit": ("inspection", "Measure what a model has memorised."),
    "runs": ("inspection", "List the training runs."),
    "report": ("inspection", "Write the report of a run, or compare several runs on one page."),
    "picture": ("inspection", "Draw one picture of a run, a model or a list."),
    "mix": ("training", "Mix trained models of one list into one better model."),
    "blend": ("training", "Blend models of several lists with given weights, to mix their styles."),
    "classify": ("training", "Classify words by two lists: fit a classifier, then score words."),
    "compare": ("training", "Train several kinds of model under one budget and rank them."),
    "lr": ("training", "Find a learning rate by a range test."),
    "tune": ("training", "Choose settings for a list by trials, and train the best."),
    "recipe": ("training", "Repeat the published experiments and compare their figures."),
    "export": ("exporting", "Export a model as a page in one file, or in the form of another program."),
    "serve": ("inspection", "Serve trained models over HTTP on this machine."),
    "play": ("inspection", "Watch a model learn, on a page in the browser."),
    "data": ("training", "Build a store of a list larger than memory, or show a store."),
    "lists": ("inspection", "List the word lists that ship with morelike."),
    "lesson": ("inspection", "Read the lessons, and show which exercises you solved."),
    "glossary": ("inspection", "Explain words of the reports, the lessons and the help."),
    "contexts": ("inspection", "Show the training examples of a list: contexts and next characters."),
    "graph": ("inspection", "Show an expression and its gradients as a table, a picture or steps."),
    "parity": ("inspection", "Compare one model's gradients by scalars, by NumPy and by JAX."),
}
"""The folder of each command's module, and its summary, by the command's name.

A new command is a new file, with a function of the command's name, and a new line here. The function's docstring is the
command's help; its last section, "Examples:", is printed as it is. A function with a parameter `settings` gets the
settings of the chosen kind of model as flags, by default of its module's `DEFAULT_KIND`.
"""

SETTING = re.compile(r"\b([a-z][a-z_]*) = ")
SWITCH = re.compile(r"\b([a-z][a-z_]*) = (True|False)\b")
SHORT_FLAGS = {"count": "-n"}
PRINTED_BY_CYCLOPTS = {"--help", "-h", "--version"}
"""The flags whose output cyclopts prints itself."""
SIGNALLED = 128
"""A greater exit status names the signal that ended the command."""

HELP = (
    "Learn how the words of a list are spelled, make more words like them, and score how well any string fits the list."
)

EXAMPLES = """\
Examples:

  morelike train names                learn from the shipped list of names, about a minute
  morelike train my-list.txt --quick  learn from your own list, in seconds
  morelike sample -n 50 --prefix el   50 new words that begin with "el"
  morelike score latest emma xqzt     how likely are these words?
  morelike lesson 1                   learn how it works, step by step
  morelike glossary nat perplexity    what do these words mean?
"""


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and exit with its status; `arguments` replace the arguments of the process."""
    is_own_process = arguments is None
    if is_own_process:
        CTRL_C.listen()
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # pydantic would search all installed packages
    with guarded_streams():
        try:
            with _without_garbage_collection() if is_own_process else nullcontext():
                app = _import_app(arguments)
            with _warnings_as_notes():
                status = _run(app, arguments)
        except ImmediateExit as error:  # the interpreter's own shutdown would wait for threads and other processes
            exit_now(error.status)
        except BaseException as error:
            if is_own_process and (CTRL_C.received or isinstance(error, KeyboardInterrupt)):
                CTRL_C.end()
            status = _status_of(error, is_own_process=is_own_process)
        if CTRL_C.received:
            CTRL_C.end()
        if is_own_process and status > SIGNALLED:  # the shutdown of JAX could hang, and print a traceback at a Ctrl-C
            exit_now(status)
        CTRL_C.ending = True
    sys.exit(status)


def _status_of(error: BaseException, *, is_own_process: bool) -> int:
    """Report an error and return the exit status; a fault of the program gets its traceback."""
    if isinstance(error, BrokenPipeError):  # the reader of our output has ended, as `head` does: this is no error
        return 0
    try:
        return report(error)
    except Exception:
        if not is_own_process:
            raise
        traceback.print_exc()
        return 1


@contextmanager
def _warnings_as_notes() -> Iterator[None]:
    """Print our own warnings as notes; all other warnings are shown as Python shows them."""
    with warnings.catch_warnings():
        warnings.simplefilter("always", UnfinishedRunWarning)
        show = warnings.showwarning

        def show_note(message: Warning | str, category: type[Warning], *place: Any, **more: Any) -> None:
            if issubclass(category, UnfinishedRunWarning):
                from morelike.cli.shared.output import print_note

                print_note(f"Note: {message}.")
            else:
                show(message, category, *place, **more)

        warnings.showwarning = show_note
        yield


@contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """Import without garbage collection, which took a tenth of a cold start, and exempt the imported objects from it.

    Afterwards a collection follows 50,000 new objects instead of 700: reports took a twelfth longer otherwise.
    """
    gc.disable()
    yield
    gc.freeze()
    gc.set_threshold(50_000)
    gc.enable()


def _import_app(arguments: Sequence[str]) -> App:
    """Return the command line without the named command, whose module is imported. No other command is imported."""
    from cyclopts import App, Parameter

    app = App(
        name="morelike",
        help=HELP,
        help_epilogue=EXAMPLES,
        version=_version,
        help_format="plaintext",
        default_parameter=Parameter(negative=()),
    )
    for name, (folder, summary) in COMMANDS.items():
        module = f"morelike.cli.{folder}.{name}"
        if arguments[:1] == [name]:
            import_module(module)
        else:
            app.command(f"{module}:{name}", name=name, help=summary)
    return app


def _run(app: App, arguments: Sequence[str]) -> int:
    """Run a command and return its exit status."""
    from cyclopts import CycloptsError

    try:
        if arguments and arguments[0] in COMMANDS:
            arguments = [arguments[0], *_add_command(app, *arguments)]
        if not arguments or PRINTED_BY_CYCLOPTS & set(arguments):
            from morelike.cli.shared.streams import console  # a rich console delays a cold start

            app.console = console(sys.stdout)
        status = app(arguments, exit_on_error=False, print_error=False, result_action="return_value")
        sys.stdout.flush()
    except SettingError as error:
        raise SettingError(_with_flags(str(error), arguments)) from None
    except CycloptsError as error:
        complain(_usage_error(error, arguments))
        return 2
    return int(status or 0)


def _add_command(app: App, name: str, *arguments: str) -> Sequence[str]:
    """Add the named command with its full help and the flags of its settings; return the arguments with new names.

    Raises:
        SettingError: a flag that is no setting of the chosen kind of model.
    """
    from morelike.cli.shared.parameters import OPERANDS

    module = import_module(f"morelike.cli.{COMMANDS[name][0]}.{name}")
    command = getattr(module, name)
    description, heading, examples = (inspect.getdoc(command) or "").partition("Examples:\n")
    parameters = inspect.signature(command).parameters
    renamed = {old: new for old, new in RENAMED_SETTINGS.items() if parameters.keys() & {"settings", new}}
    end = arguments.index("--") if "--" in arguments else len(arguments)
    OPERANDS.set(frozenset(arguments[end + 1 :]))
    arguments = (*(_with_new_name(argument, renamed) for argument in arguments[:end]), *arguments[end:])
    if "settings" in parameters:
        from morelike.cli.shared.kind_flags import with_settings
        from morelike.runs.plan import DEFAULT_KIND

        command = with_settings(command, arguments, getattr(module, "DEFAULT_KIND", DEFAULT_KIND))
    app.command(command, name=name, help=description, help_epilogue=f"{heading}\n{examples}")
    return arguments


def _with_new_name(argument: str, renamed: Mapping[str, str]) -> str:
    """Return an argument; a flag with an old name of a setting gets the new name, with a note on stderr."""
    flag, equals, value = argument.partition("=")
    new = renamed.get(flag.removeprefix("--")) if flag.startswith("--") else None
    if new is None:
        return argument
    new = f"--{new.replace('_', '-')}"
    complain(f"{flag} is now {new}")
    return f"{new}{equals}{value}"


def _with_flags(sentence: str, arguments: Sequence[str]) -> str:
    """Return a sentence with its settings as flags, as `--seed -1` for `seed = -1`, if one of them was given.

    >>> _with_flags("weight_decay = 10 has no effect with optimizer = sgd", ["train", "--optimizer", "sgd"])
    '--weight-decay 10 has no effect with --optimizer sgd'
    """
    given = {argument.partition("=")[0] for argument in arguments}
    flags = {name: f"--{name.replace('_', '-')}" for name in SETTING.findall(sentence)}
    if not given & {*flags.values(), *(short for name, short in SHORT_FLAGS.items() if name in flags)}:
        return sentence
    sentence = SWITCH.sub(
        lambda found: flags[found[1]] if found[2] == "True" else f"--no-{flags[found[1]][2:]}", sentence
    )
    return SETTING.sub(lambda found: f"{flags[found[1]]} ", sentence)


def _version() -> str:
    from morelike.installation import version  # takes a twentieth of a cold start, and is seldom needed

    return version()


def _named_by_flag(error: ValidationError) -> str:
    """Return the reason of a `ValidationError`, with a setting and its value as on the command line."""
    from morelike.architecture import plain_reason

    first, reason = error.errors()[0], plain_reason(error)
    setting, equals, rest = reason.partition(f" = {excerpt(first['input'])}: ")
    if not equals or not setting.isidentifier():
        return reason
    value = excerpt(first["input"])  # values of the command line are strings, which need no quotes unless empty
    value = value[1:-1] if isinstance(first["input"], str) and first["input"] else value
    return f"--{setting.replace('_', '-')} {value}: {rest}"


def _usage_error(error: CycloptsError, arguments: Sequence[str]) -> str:
    """Return one sentence about a wrong call, with the command that prints the right help."""
    from cyclopts import UnknownOptionError, UnusedCliTokensError

    command = arguments[0] if arguments and arguments[0] in COMMANDS else ""
    sentence = " ".join(str(error).split()).rstrip(".")
    if type(error.__cause__).__name__ == "ValidationError":  # pydantic refuses the combination of settings
        sentence = _with_flags(_named_by_flag(error.__cause__), arguments)  # type: ignore[arg-type]
    if isinstance(error, UnknownOptionError) and error.token and error.token.value == "-":
        sentence = "`-` names no word: words come from standard input if none is named, and `-- -` is the word '-'"
    if isinstance(error, UnusedCliTokensError):
        unused = excerpt(" ".join(error.unused_tokens or []))
        sentence = f"{command or 'morelike'} takes no more arguments than before {unused}"
    if not command and arguments and not arguments[0].startswith("-"):
        hint = did_you_mean(arguments[0], COMMANDS)
        sentence = f"no command is called '{arguments[0]}'; there are {', '.join(COMMANDS)}{hint}"
    help_call = f"morelike {command} --help" if command else "morelike --help"
    return f"{sentence[0].lower()}{sentence[1:]} (see `{help_call}`)"
