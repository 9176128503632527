"""Write the public Python names and the options of the command line, as they are now, beside this file.

`test_public.py` asserts that users' programs and scripts still work: each name and each option is still accepted. Run
this script by hand, and only where the current names become the reference:

    python tests/golden/make_public.py
"""

from __future__ import annotations

import contextlib
import inspect
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_args
from unittest.mock import patch

import cyclopts

import morelike
from morelike.cli.main import main

HERE = Path(__file__).parent
KINDS = ("bigram", "bow", "deep_mlp", "gru", "lstm", "mlp", "ngram", "rnn", "transformer", "wavenet")
WITH_SETTINGS = {
    "train": ("auto", *KINDS),
    "lr": [kind for kind in KINDS if kind != "ngram"],
    "classify": KINDS,
    "tune": ("gru", "ngram"),
}
"""The commands whose options depend on the kind of model, with the kinds that each takes."""


def public_names() -> dict[str, Any]:
    """Return each exported name with the parameters of the function, or with the members of the class.

    A parameter that is given by name only begins with `*`. One that has a default ends with `=`.
    """
    return {name: described(getattr(morelike, name)) for name in morelike.__all__}


def described(found: Any) -> Any:
    """Return the parameters of a function, or the constructor's parameters and the members of a class."""
    if not isinstance(found, type):
        return parameters(found)
    return {"": [] if issubclass(found, Exception) else parameters(found), **members(found)}


def members(found: type) -> dict[str, Any]:
    """Return the public methods of a class with their parameters, and its other members with None."""
    annotated = {name for each in found.__mro__ for name in vars(each).get("__annotations__", {})}
    names = annotated.union(dir(found)).difference(dir(Exception))
    result = {}
    for name in sorted(name for name in names if not name.startswith("_")):
        member = inspect.getattr_static(found, name, None)
        called = isinstance(member, classmethod | staticmethod) or inspect.isfunction(member)
        result[name] = parameters(getattr(found, name)) if called else None
    return result


def parameters(function: Any) -> list[str]:
    """Return the names of the parameters in their order, without `self` and without those that take any name."""
    listed = inspect.signature(function).parameters.values()
    named = [
        each for each in listed if each.name != "self" and each.kind not in (each.VAR_KEYWORD, each.VAR_POSITIONAL)
    ]
    return [
        f"{'*' * (each.kind == each.KEYWORD_ONLY)}{each.name}{'=' * (each.default is not each.empty)}" for each in named
    ]


def public_flags() -> dict[str, Any]:
    """Return the options of each beginning of a command, such as `sample` and `train --model gru`."""
    app, _ = parsed_by(["sample"])
    named = [name for name in app if not name.startswith("-")]
    found: dict[str, Any] = {"": {name: "flag" for name in app if name.startswith("-")}}
    for name in named:
        for begun in [f"{name} --model {kind}" for kind in WITH_SETTINGS.get(name, ())] or [name]:
            found[begun] = options(*parsed_by(begun.split()))
    return found


def options(app: cyclopts.App, arguments: Sequence[str]) -> dict[str, str | list[str]]:
    """Return what each option of a command takes: its choices, any "value", or nothing, as a "flag"."""
    taken = arguments_of(app, arguments)
    return {name: takes(argument) for argument in taken for name in argument.names if name.startswith("-")}


def arguments_of(app: cyclopts.App, arguments: Sequence[str]) -> cyclopts.ArgumentCollection:
    """Return what cyclopts knows of the arguments of a command."""
    _, apps, _ = app.parse_commands(list(arguments))
    return apps[-1].assemble_argument_collection()


def takes(argument: cyclopts.Argument) -> str | list[str]:
    """Return the choices of an option, or "value" or "flag"."""
    if choices := argument.get_choices():
        return list(choices)
    return "flag" if bool in (argument.hint, *get_args(argument.hint)) else "value"


def parsed_by(arguments: Sequence[str]) -> tuple[cyclopts.App, Sequence[str]]:
    """Return the app with which `main` parses arguments, and the arguments as `main` hands them on; nothing is run.

    Raises:
        ValueError: `main` refuses the arguments first, with this sentence.
    """
    seen: list[tuple[cyclopts.App, Sequence[str]]] = []

    def called(app: cyclopts.App, tokens: Sequence[str], **_: Any) -> int:
        seen.append((app, tokens))
        return 0

    said = io.StringIO()
    replaced = patch.object(cyclopts.App, "__call__", called)
    with replaced, contextlib.redirect_stderr(said), contextlib.suppress(SystemExit):
        main(list(arguments))
    if not seen:
        raise ValueError(said.getvalue())
    return seen[0]


def lines_of(found: dict[str, dict[str, Any] | list[str]]) -> str:
    """Return JSON with one line for each name, so that a change shows."""
    rows = []
    for name, value in found.items():
        if isinstance(value, dict):
            inner = ",\n".join(f"    {json.dumps(key)}: {json.dumps(each)}" for key, each in value.items())
            rows.append(f"  {json.dumps(name)}: {{\n{inner}\n  }}")
        else:
            rows.append(f"  {json.dumps(name)}: {json.dumps(value)}")
    return "{\n" + ",\n".join(rows) + "\n}"


if __name__ == "__main__":
    for name, found in (("public_names", public_names()), ("flags", public_flags())):
        (HERE / f"{name}.json").write_text(lines_of(found) + "\n", encoding="utf-8")
