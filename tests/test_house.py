"""Rules of the code base that a machine can check."""

import ast
import importlib
import pkgutil
from pathlib import Path

import morelike
from morelike.architecture import Architecture, kinds

SOURCE = Path(morelike.__file__).parent
ROOMS_OF_KINDS = {"architecture", "models", "ngrams", "ensembles"}
MOST_CHECKS = 5
"""Checks of an architecture's class outside these rooms; code asks for its properties and methods instead."""


def kind_names():
    """Return the names of `Architecture` and of all its subclasses."""
    for room in ("models", "ensembles", "ngrams"):
        package = importlib.import_module(f"morelike.{room}")
        for module in pkgutil.iter_modules(package.__path__):
            importlib.import_module(f"morelike.{room}.{module.name}")
    found, waiting = set(), [Architecture]
    while waiting:
        kind = waiting.pop()
        found.add(kind.__name__)
        waiting.extend(kind.__subclasses__())
    return found


def lines_with_class_checks(code, names):
    """Return the lines of code that check for a class of these names: isinstance, issubclass, or a case of a match."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.MatchClass):
            tested = node.cls
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("isinstance", "issubclass"):
            tested = node.args[1]
        else:
            continue
        if names & {getattr(each, "id", getattr(each, "attr", "")) for each in ast.walk(tested)}:
            yield node.lineno


def test_hardly_any_code_outside_checks_the_class_of_an_architecture():
    names = kind_names()
    assert {"Architecture", "Mixture", "LabelledCounts", "RecurrentArchitecture"} <= names
    assert len(names) > len(kinds())
    found = [
        f"{path.relative_to(SOURCE)}:{line}"
        for path in SOURCE.rglob("*.py")
        if path.relative_to(SOURCE).parts[0] not in ROOMS_OF_KINDS
        for line in lines_with_class_checks(path.read_text("utf-8"), names)
    ]
    assert len(found) <= MOST_CHECKS, found


def test_each_way_to_check_a_class_is_counted():
    tests = ["isinstance(a, GRU)", "issubclass(b, (int, kinds.GRU))", "isinstance(c, int)"]
    code = "\n".join([*tests, "match d:", "    case GRU():", "        pass"])
    assert sorted(lines_with_class_checks(code, {"GRU"})) == [1, 2, 5]


ONE_CHARACTER = {"character", "low", "high", "self.text[at]"}
"""Values of one character, whose representation is short."""


def long_values(code):
    """Return the values that f-strings show by their whole representation, outside `__repr__`."""
    tree = ast.parse(code)
    shown = {
        id(node)
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef) and function.name in ("__repr__", "__getattr__")
        for node in ast.walk(function)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.FormattedValue) and node.conversion == ord("r") and id(node) not in shown:
            yield ast.unparse(node.value)


def test_no_message_shows_a_value_of_any_length():
    found = {
        (str(path.relative_to(SOURCE)), value)
        for path in SOURCE.rglob("*.py")
        if path.relative_to(SOURCE).parts[0] != "autograd"
        for value in long_values(path.read_text("utf-8"))
        if value not in ONE_CHARACTER
    }
    assert not found, "messages show values by errors.excerpt"


def test_a_value_of_any_length_is_found():
    assert [*long_values('raise ValueError(f"{word!r} is {count}")')] == ["word"]
    assert not [*long_values('def __repr__(self):\n    return f"A({self.name!r})"')]
