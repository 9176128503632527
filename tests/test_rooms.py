"""The public names, and what is imported for them."""

import gc
import inspect
import subprocess
import sys
from importlib.metadata import version

import pytest

import morelike
from morelike.cli.main import main

from .language_model.small_models import small_model


def loaded_after(code):
    """Return the modules that a fresh interpreter has loaded after some code."""
    ran = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys; print(*sys.modules)"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return set(ran.stdout.splitlines()[-1].split())


def test_the_exported_names_are_those_with_a_home():
    assert set(morelike.__all__) == morelike._HOMES.keys()
    assert sorted(morelike.__all__) == morelike.__all__
    assert dir(morelike) == morelike.__all__


@pytest.mark.parametrize("name", morelike.__all__)
def test_every_exported_name_resolves_and_says_what_it_is(name):
    found = getattr(morelike, name)
    assert inspect.getdoc(found)
    assert not inspect.getdoc(found).startswith(f"{name}(")
    assert found.__module__ == f"morelike.{morelike._HOMES[name]}"


def test_a_name_that_is_not_exported_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'morelike' has no attribute 'nonsense'"):
        morelike.nonsense  # noqa: B018 (the access is the test)


def test_every_public_method_of_a_model_says_what_it_returns():
    for name, member in inspect.getmembers(morelike.LanguageModel):
        if not name.startswith("_") and (callable(member) or isinstance(member, property)):
            assert inspect.getdoc(member), name


def test_importing_the_package_imports_next_to_nothing():
    loaded = loaded_after("import morelike")
    assert not {"numpy", "pydantic", "rich", "cyclopts", "jax", "optax"} & loaded


def test_the_public_names_import_neither_jax_nor_what_prints():
    loaded = loaded_after("import morelike; [getattr(morelike, name) for name in morelike.__all__]")
    assert not {"jax", "jaxlib", "optax", "rich", "cyclopts"} & loaded


def test_using_a_saved_model_imports_neither_jax_nor_optax(tmp_path):
    folder = morelike.train(["anna", "hanna", "anne"], kind="ngram", order=2).save(tmp_path / "model")
    loaded = loaded_after(f"import morelike; m = morelike.load({str(folder)!r}); m.sample(3); m.evaluate(['anna'])")
    assert "numpy" in loaded
    assert not {"jax", "jaxlib", "optax", "rich", "cyclopts"} & loaded


STARTED = """
import gc, sys
from morelike.cli.main import main

sys.argv = ["morelike", "sample", {folder!r}, "-n", "3"]
try:
    main()
except SystemExit as stop:
    assert not stop.code
assert gc.isenabled() and gc.get_freeze_count()
"""


def test_a_few_words_of_a_network_are_made_without_what_only_others_need(tmp_path):
    loaded = loaded_after(STARTED.format(folder=str(small_model("mlp").save(tmp_path / "model"))))
    packages = {name.partition(".")[0] for name in loaded}
    assert {"numpy", "pydantic", "cyclopts", "safetensors"} <= packages
    assert not {"jax", "optax", "rich", "plotly", "rapidfuzz", "platformdirs", "sklearn", "difflib"} & packages
    others = (
        "ngrams.counting",
        "text.store.format",
        "training.loop",
        "runs.settings",
        "language_model.ngram_proxy",
        "models.gru",
    )
    assert not {f"morelike.{name}" for name in others} & loaded
    assert "concurrent.futures" not in loaded


def test_whoever_calls_the_command_from_python_keeps_an_own_way_with_garbage(capsys):
    before = gc.get_freeze_count()
    with pytest.raises(SystemExit):
        main(["--version"])
    assert capsys.readouterr().out.strip() == version("morelike")
    assert (gc.isenabled(), gc.get_freeze_count()) == (True, before)


def test_the_scalar_autograd_needs_the_standard_library_alone():
    loaded = loaded_after(
        "import morelike.autograd.expression, morelike.autograd.drawing.graph, morelike.autograd.trace"
    )
    packages = {name.partition(".")[0] for name in loaded} - {"morelike", "__main__"}
    assert "morelike.autograd.nn" in loaded
    assert not {"morelike.arrays", "morelike.errors", "morelike.text"} & loaded
    assert not {name for name in packages if name not in sys.stdlib_module_names and not name.startswith("_")}
