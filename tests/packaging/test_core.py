"""morelike-core uses trained models with NumPy, safetensors and pydantic alone, and names what it lacks."""

import subprocess
import tomllib

import pytest

from .environment import ROOT

USE = """
import sys
import morelike

model = morelike.load(sys.argv[1])
print(model.sample(3, seed=1, prefix="an"))
print(model.log_probability(["anna"]).tolist(), model.surprisal("anna").tolist(), model.evaluate(["hen", "nan"]).lines)
print(morelike.train(["anna", "hanna", "anne"], "ngram", order=2).sample(2, seed=1))
print(sorted({name.partition(".")[0] for name in sys.modules} & {"jax", "plotly", "cyclopts", "scipy"}))
"""
LACKING = {
    "morelike.similar(model, 'anna', ['anna', 'hanna'])": "rapidfuzz",
    "morelike.train(['anna', 'hanna', 'anne'], 'mlp', steps=2)": "jax",
    "model.plot.next('an')": "plotly",
}


def run(python, code, *arguments):
    return subprocess.run([python, "-c", code, *map(str, arguments)], capture_output=True, text=True, timeout=60)


def test_a_model_is_used_with_three_packages(core, model_folder, tmp_path):
    import morelike

    ran = run(core, USE, model_folder)
    assert ran.returncode == 0, ran.stderr
    sampled, _, _, without = ran.stdout.splitlines()
    assert sampled == str(morelike.load(model_folder).sample(3, seed=1, prefix="an"))
    assert without == "[]"


@pytest.mark.parametrize(("call", "package"), LACKING.items(), ids=LACKING.values())
def test_what_needs_more_names_the_package_and_the_remedy(call, package, core, model_folder):
    ran = run(core, f"import sys, morelike\nmodel = morelike.load(sys.argv[1])\n{call}", model_folder)
    said = ran.stderr.splitlines()[-1]
    assert said == (
        f"morelike.errors.MissingPackageError: the package {package} is missing: install all that morelike uses with "
        "`pip install morelike`"
    )


def test_the_command_says_what_it_lacks(core):
    ran = subprocess.run([core, "-m", "morelike", "sample"], capture_output=True, text=True, timeout=60)
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr == (
        "morelike: the package cyclopts is missing: install all that morelike uses with `pip install morelike`\n"
    )


def test_its_packages_are_some_of_those_of_morelike():
    whole, core = (
        tomllib.loads((ROOT / path).read_text())["project"]
        for path in ("pyproject.toml", "packaging/core/pyproject.toml")
    )
    assert set(core["dependencies"]) < set(whole["dependencies"])
    assert core["optional-dependencies"]["serve"] == whole["optional-dependencies"]["serve"]
    assert set(core["optional-dependencies"]["commands"]) < set(whole["dependencies"])
    assert core["requires-python"] == whole["requires-python"]
