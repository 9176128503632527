"""Expressions in text, such as `tanh(w1*x1 + b)`, as graphs of values.

Python's parser reads the text, but the text is never executed: everything but the operations below is refused.
"""

from __future__ import annotations

import ast
import difflib
import operator
import sys
import unicodedata
import warnings
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from morelike.autograd.engine import Value

LONGEST = 10_000
"""The most characters of an expression."""

FUNCTIONS: dict[str, Callable[[Value], Value]] = {
    "exp": Value.exp,
    "log": Value.log,
    "relu": Value.relu,
    "sigmoid": Value.sigmoid,
    "tanh": Value.tanh,
}
OPERATIONS: dict[type[ast.operator], Callable[[Any, Any], Value]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
ALLOWED = f"names, numbers, + - * / **, brackets, and {', '.join(FUNCTIONS)}"

Operand: TypeAlias = Value | float


def parse(text: str, values: Mapping[str, float]) -> Value:
    """Return the expression as a `Value`. Each name in it is an input, labelled by the name.

    A subexpression of numbers only is a constant; a constant exponent stays a plain number.

    Raises:
        ValueError: text that cannot be read or is not allowed, a name without a value, a value without a name in the
            text, or a number that an operation does not accept.

    >>> y = parse("tanh(w*x + b)", {"w": 0.5, "x": 2, "b": -1})
    >>> y.data
    0.0
    """
    order = _checked(_read(text), text)
    names = list(dict.fromkeys(node.id for node in order if isinstance(node, ast.Name)))
    by_name = {
        unicodedata.normalize("NFKC", name): value for name, value in values.items()
    }  # Python normalises names this way
    missing = [name for name in names if name not in by_name]
    if missing:
        wanted = " ".join(f"{name}=1" for name in missing)
        raise ValueError(f"no value for {', '.join(missing)}: give each one, as in {wanted}")
    for name in by_name:
        if name not in names:
            known = f"its names are {', '.join(names)}" if names else "it has no names"
            raise ValueError(f"{name!r} has a value but is not in the expression: {known}{_did_you_mean(name, names)}")
    leaves = {name: Value(by_name[name], name) for name in names}
    done: list[Operand] = []
    for node in order:
        count = len(_operands(node, text))
        operands = [done.pop() for _ in range(count)][::-1]
        done.append(_compute(node, operands, leaves))
    result = done.pop()
    return result if isinstance(result, Value) else Value(result)


def _read(text: str) -> ast.expr:
    if not text.strip():
        raise ValueError("the expression is empty: give one, such as tanh(w*x + b)")
    if len(text) > LONGEST:
        raise ValueError(f"an expression of {len(text):,} characters: give at most {LONGEST:,}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # code that Python warns about is refused below
            return ast.parse(text.strip(), mode="eval").body
    except SyntaxError as error:
        at = f" at character {error.offset}" if error.offset else ""
        raise ValueError(f"the expression {_shortened(text)!r} cannot be read{at}: {error.msg}") from None
    except (RecursionError, MemoryError):
        raise ValueError(f"the expression {_shortened(text)!r} is nested too deeply: use fewer brackets") from None
    except ValueError as error:
        raise ValueError(f"the expression {_shortened(text)!r} cannot be read: {error}") from None


def _checked(tree: ast.expr, text: str) -> list[ast.expr]:
    """Return the nodes of an expression, each after its operands; refuse the first one that is not allowed."""
    order: list[ast.expr] = []
    waiting = [tree]  # a list instead of recursion, whose depth Python limits
    while waiting:
        node = waiting.pop()
        order.append(node)
        waiting.extend(_operands(node, text))  # the last operand comes first; the order is reversed below
    return order[::-1]


def _operands(node: ast.expr, text: str) -> list[ast.expr]:
    """Return the operands of a node; refuse a node that is not allowed."""
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATIONS:
        return [node.left, node.right]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return [node.operand]
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        name = node.func.id
        if name not in FUNCTIONS:
            raise ValueError(f"no function is called {name!r}: there are {', '.join(FUNCTIONS)}")
        if len(node.args) != 1 or node.keywords or isinstance(node.args[0], ast.Starred):
            raise ValueError(f"{_source(node, text)!r}: {name} takes one argument, as in {name}(x)")
        return node.args
    if isinstance(node, ast.Name):
        if node.id in FUNCTIONS:
            raise ValueError(
                f"{node.id} is a function: write {node.id}(...) in {_shortened(text)!r}, or choose another name"
            )
        return []
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool):
        if not abs(node.value) <= sys.float_info.max:
            raise ValueError(f"{_source(node, text)!r} is larger than a float can hold: give a number below 1.8e308")
        return []
    instead = "; a power is written **" if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitXor) else ""
    raise ValueError(f"{_source(node, text)!r} is not allowed in an expression: it may hold {ALLOWED}{instead}")


def _compute(node: ast.expr, operands: list[Operand], leaves: Mapping[str, Value]) -> Operand:
    if isinstance(node, ast.Name):
        return leaves[node.id]
    if isinstance(node, ast.Constant):
        assert isinstance(node.value, int | float)
        return float(node.value)
    first = operands[0]
    value = first if isinstance(first, Value) else Value(first)
    if isinstance(node, ast.BinOp):
        result = OPERATIONS[type(node.op)](value, operands[1])
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        result = FUNCTIONS[node.func.id](value)
    else:
        result = -value
    return result if any(isinstance(operand, Value) for operand in operands) else result.data


def _source(node: ast.expr, text: str) -> str:
    return _shortened(ast.get_source_segment(text.strip(), node) or text)


def _shortened(text: str) -> str:
    return text if len(text) <= 60 else text[:59] + "…"


def _did_you_mean(name: str, known: list[str]) -> str:
    nearest = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    return f"; did you mean {nearest[0]!r}?" if nearest else ""
