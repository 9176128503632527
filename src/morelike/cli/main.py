"""The entry point: finds the command, and turns every error into one sentence and an exit status.

0 done, 1 failed, 2 called wrongly, 130 or 143 interrupted.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from importlib import import_module
from typing import TYPE_CHECKING, NoReturn

from morelike.cli.shared.exits import complain, report
from morelike.errors import MorelikeError, did_you_mean

if TYPE_CHECKING:  # imported with the command, while nothing looks for garbage
    from cyclopts import App, CycloptsError

__all__ = ["main"]

COMMANDS: Mapping[str, tuple[str, str]] = {
    "train": ("training", "Learn from a list: train a model, judge it, make new words."),
    "sample": ("words", "Make new words with a trained model."),
    "top": ("words", "List the most probable words, exactly."),
    "score": ("words", "Say how alike words are to what a model learned."),
    "guess": ("words", "Say how many words a model would guess before a given one."),
    "similar": ("words", "Find the words of a list that are most similar to a word."),
    "pseudowords": ("words", "Make new words in the manner of a given one."),
    "measure": ("words", "Measure words: length, OLD20, neighbours, n-gram frequency, surprisal."),
    "match": ("words", "Choose matched sets of words, one from each of your lists."),
    "evaluate": ("words", "Measure a model's loss on a list."),
    "show": ("inspection", "Look inside a model or a run."),
    "diagnose": ("inspection", "Look at what training does inside a model: activations, gradients, updates."),
    "audit": ("inspection", "Ask what a model knows by heart."),
    "runs": ("inspection", "List the training runs."),
    "report": ("inspection", "Write the report of a run, or compare several on one page."),
    "picture": ("inspection", "Draw one picture of a run, a model or a list."),
    "mix": ("training", "Mix trained models into one that is better than each."),
    "blend": ("training", "Blend models of several lists with given weights: words that melt their styles."),
    "classify": ("training", "Tell words like one list from words like another: fit, then score."),
    "compare": ("training", "Train kinds of model on one list under one budget, as a leader board."),
    "lr": ("training", "Find a learning rate: the range test."),
    "recipe": ("training", "Repeat the published experiments, figure by figure."),
    "serve": ("inspection", "Serve trained models over HTTP, on this machine."),
    "data": ("training", "Build a store of a list that memory is too small for, or show one."),
    "lists": ("inspection", "List the word lists that ship with morelike."),
    "contexts": ("inspection", "Show the training examples of a list: contexts and what follows."),
    "graph": ("inspection", "Show an expression with its gradients: a table, a picture, step by step."),
    "parity": ("inspection", "Compute one model by scalars, by NumPy and by JAX, and compare."),
}
"""The folder of each command's module and its summary, by the command's name."""

BY_KIND = ("train", "lr", "classify")
"""Commands whose flags depend on the kind of model."""

HELP = """Give it a list of words; it learns how they are spelled, makes more like them, and scores any string."""

EXAMPLES = """\
Examples:

  morelike train names                learn from the shipped list of names, about a minute
  morelike train my-list.txt --quick  learn from your own list, in seconds
  morelike sample -n 50 --prefix el   50 new words that begin with "el"
  morelike score latest emma xqzt     how likely are these words?
"""


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and leave with its exit status."""
    own = arguments is None  # the process is the command's, no one else's garbage is in it
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # or it reads what every installed package declares
    try:
        with _set_aside() if own else nullcontext():
            app = _app(arguments)
        sys.exit(_run(app, arguments))
    except BrokenPipeError:  # whoever read our output has gone, as `head` does: nothing is wrong
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except KeyboardInterrupt as error:
        sys.exit(report(error))


@contextmanager
def _set_aside() -> Iterator[None]:
    """Keep what is imported from the search for garbage, now and at the end: it took a tenth of a cold start.

    Afterwards it is looked for once in 50,000 new things, not in 700: a report, which imports and makes pictures, took
    a twelfth longer.
    """
    gc.disable()
    yield
    gc.freeze()
    gc.set_threshold(50_000)
    gc.enable()


def _app(arguments: list[str]) -> App:
    """Return the commands; only the module of the one that is named is imported."""
    from cyclopts import App

    app = App(name="morelike", help=HELP, help_epilogue=EXAMPLES, version=_version, help_format="plaintext")
    for name, (folder, summary) in COMMANDS.items():
        if arguments[:1] == [name] and name in BY_KIND:
            continue
        if arguments[:1] == [name]:  # its own docstring and examples are its help
            module = import_module(f"morelike.cli.{folder}.{name}")
            app.command(getattr(module, name), name=name, help_epilogue=module.EXAMPLES)
        else:
            app.command(f"morelike.cli.{folder}.{name}:{name}", name=name, help=summary)
    return app


def _run(app: App, arguments: list[str]) -> int:
    from cyclopts import CycloptsError

    try:
        if arguments and arguments[0] in BY_KIND:
            from morelike.cli.shared.kind_flags import command_for

            module = import_module(f"morelike.cli.{COMMANDS[arguments[0]][0]}.{arguments[0]}")
            command = command_for(getattr(module, arguments[0]), arguments[1:], module.EXAMPLES, module.DEFAULT_KIND)
            app.command(command, name=arguments[0])
        status = app(arguments, exit_on_error=False, print_error=False, result_action="return_value")
        sys.stdout.flush()
    except MorelikeError as error:
        return report(error)
    except CycloptsError as error:
        complain(_in_our_words(error, arguments))
        return 2
    return int(status or 0)


def _version() -> str:
    from importlib.metadata import version  # a twentieth of a cold start, for a question that is seldom asked

    return version("morelike")


def _in_our_words(error: CycloptsError, arguments: list[str]) -> str:
    from cyclopts import UnusedCliTokensError

    command = arguments[0] if arguments and arguments[0] in COMMANDS else ""
    sentence = " ".join(str(error).split()).rstrip(".")
    if type(error.__cause__).__name__ == "ValidationError":  # settings that do not go together, told by pydantic
        from morelike.architecture import plain_reason

        sentence = plain_reason(error.__cause__)  # type: ignore[arg-type]
    if isinstance(error, UnusedCliTokensError):
        sentence = (
            f"{command or 'morelike'} takes no more arguments than before {' '.join(error.unused_tokens or [])!r}"
        )
    if not command and arguments and not arguments[0].startswith("-"):
        hint = did_you_mean(arguments[0], COMMANDS)
        sentence = f"no command is called '{arguments[0]}'; there are {', '.join(COMMANDS)}{hint}"
    return (
        f"{sentence[0].lower() + sentence[1:]} (see `{' '.join(['morelike', command, '--help']).replace('  ', ' ')}`)"
    )
