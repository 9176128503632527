"""`morelike graph`: an expression with its gradients, as a table, a picture, DOT, or the steps of the backward pass."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

from morelike.autograd.drawing.graph import graph_of
from morelike.autograd.drawing.picture import draw
from morelike.autograd.expression import parse
from morelike.autograd.trace import trace
from morelike.cli.shared.output import print_json, print_note, print_rows
from morelike.cli.shared.parameters import Json, option
from morelike.errors import MorelikeError, SettingError, excerpt

STDOUT = Path("-")


def _refuse_option(_: Any, value: str) -> None:
    """Refuse two hyphens and a letter: they are a misspelt option, not an expression."""
    if value.startswith("--") and value[2:3].isalpha():
        raise ValueError(f"unknown option: {value}")


def graph(
    expression: Annotated[
        str,
        option("the expression to compute, in quotation marks", allow_leading_hyphen=True, validator=_refuse_option),
    ],
    /,
    *values: Annotated[str, option("the value of each name: name=value")],
    svg: Annotated[
        Path | None, option("write the picture to this file, or to stdout for `-`", allow_leading_hyphen=True)
    ] = None,
    dot: Annotated[bool, option("print the graph in the DOT language")] = False,
    steps: Annotated[bool, option("print the backward pass, step by step", "--trace")] = False,
    as_json: Json = False,
) -> None:
    """Show how an expression is computed, and the gradient of its result with respect to every number in it.

    An expression may contain names, numbers, + - * / **, brackets, and the functions exp, log, relu, sigmoid and tanh.
    Each node shows its value (data) and the derivative of the result with respect to it (grad).

    Examples:
      morelike graph "tanh(w1*x1 + w2*x2 + b)" x1=2 x2=0 w1=-3 w2=1 b=6.88
      morelike graph "a*b + a**2" a=2 b=-3 --trace
      morelike graph "a*b + a**2" a=2 b=-3 --svg graph.svg
      morelike graph "sigmoid(-x)" x=1 --dot > graph.dot
    """
    outputs = {"--dot": dot, "--trace": steps, "--json": as_json, "--svg -": svg == STDOUT}
    chosen = [name for name, given in outputs.items() if given]
    if len(chosen) > 1:
        raise SettingError(f"{' and '.join(chosen)}: standard output takes one of them")
    try:
        root = parse(expression, _parse_values(values))
        root.backward()
        picture = draw(root).svg if svg is not None else ""
    except ValueError as error:
        raise SettingError(str(error)) from None
    nodes = graph_of(root)
    if svg is not None and svg != STDOUT:
        _write(svg, picture)
    if as_json:
        print_json({"expression": expression, "value": root.data, "nodes": nodes.as_list()})
    elif dot:
        sys.stdout.write(nodes.dot())
    elif steps:
        columns = ["result", "computed as", "its gradient", "input", "local derivative", "product", "input's gradient"]
        rows = [
            [s.result, s.formula, *_numbers(s.incoming), s.input, *_numbers(s.slope, s.contribution, s.total)]
            for s in trace(root)
        ]
        print_rows(columns, rows)
    elif svg == STDOUT:
        sys.stdout.write(picture)
    else:
        rows = [[node.name, node.formula, *_numbers(node.value.data, node.value.grad)] for node in nodes.nodes]
        print_rows(["node", "computed as", "data", "grad"], rows)


def _parse_values(given: Sequence[str]) -> dict[str, float]:
    values: dict[str, float] = {}
    for each in given:
        name, equals, number = (part.strip() for part in each.partition("="))
        if not equals or not name:
            raise SettingError(f"{excerpt(each)}: give the value of a name as name=value, such as x1=2")
        if name in values:
            raise SettingError(f"{name} has two values: give it one")
        try:
            values[name] = float(number)
        except ValueError:
            values[name] = math.nan
        if not math.isfinite(values[name]):
            raise SettingError(f"{excerpt(each)}: {excerpt(number)} is not a finite number; give one, such as {name}=2")
    return values


def _write(path: Path, picture: str) -> None:
    if path.suffix.lower() != ".svg":
        raise SettingError(f"the picture '{path}': name a file that ends in .svg")
    try:
        path.write_text(picture, "utf-8")
    except OSError as error:
        raise MorelikeError(f"the picture '{path}' cannot be written: {error.strerror}") from None
    print_note(f"Wrote {path}")


def _numbers(*numbers: float) -> list[str]:
    return [f"{number:.6g}" for number in numbers]
