"""What every file in `models/` is, read from the file itself."""

import ast
import inspect
import pkgutil
from pathlib import Path

import pytest

import morelike.models
from morelike.architecture import Architecture, kinds

from .subjects import CLASSES

LONGEST_FILE = 200

BY_KIND = pytest.mark.parametrize("found", CLASSES, ids=kinds())


def test_every_file_in_models_is_a_kind():
    files = [path.stem for folder in morelike.models.__path__ for path in Path(folder).glob("[!_]*.py")]
    assert kinds() == sorted(files)
    assert not [module.name for module in pkgutil.iter_modules(morelike.models.__path__) if module.ispkg]


@BY_KIND
def test_a_file_defines_exactly_one_architecture_and_no_other_public_class(found):
    module = inspect.getmodule(found)
    defined = [c for _, c in inspect.getmembers(module, inspect.isclass) if c.__module__ == module.__name__]
    assert [c for c in defined if issubclass(c, Architecture)] == [found]
    assert [c for c in defined if not c.__name__.startswith("_")] == [found]


@BY_KIND
def test_an_architecture_is_final_and_concrete(found):
    assert getattr(found, "__final__", False)
    assert not inspect.isabstract(found)


@BY_KIND
def test_no_method_of_an_architecture_overrides_a_final_one(found):
    methods = [item for base in found.__mro__[1:] for item in vars(base).items()]
    assert not {name for name, f in methods if getattr(f, "__final__", False)} & set(vars(found))


@BY_KIND
def test_a_file_is_short(found):
    assert len(inspect.getsource(inspect.getmodule(found)).splitlines()) <= LONGEST_FILE


@BY_KIND
def test_a_file_names_its_source_and_its_class_its_weights(found):
    assert inspect.getmodule(found).__doc__
    assert "Weights" in found.__doc__


@BY_KIND
def test_a_file_imports_no_other_architecture_and_no_jax(found):
    imported = set()
    for node in ast.walk(ast.parse(inspect.getsource(inspect.getmodule(found)))):
        if isinstance(node, ast.ImportFrom):
            imported.add(node.module)
        elif isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
    assert not [name for name in imported if name.startswith(("morelike.models", "jax.", "optax")) or name == "jax"]


@BY_KIND
def test_every_setting_has_a_default_and_a_sentence(found):
    for name, field in found.model_fields.items():
        assert not field.is_required(), name
        assert field.description, name
