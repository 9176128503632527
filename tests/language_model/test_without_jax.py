"""A trained model is used with NumPy alone."""

import subprocess
import sys

import pytest

from ..training.runs import quick_first
from .small_models import KINDS

BLOCKED = """
import sys

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("jax", "jaxlib", "optax"):
            raise ImportError(name + " is blocked")

sys.meta_path.insert(0, Blocked())
import morelike

folder = sys.argv[1]
model = morelike.load(folder)
assert len(model.sample(5)) == 5
assert model.log_probability(["anna"]) < 0
assert len(model.surprisal("anna")) == 5
assert abs(sum(model.next("an").values()) - 1) < 1e-6
assert model.evaluate(["anna", "hen"]).lines == 2
assert morelike.compare(model, model, ["anna", "hen"]).difference == 0
assert morelike.build("mlp", ["anna", "hanna"], hidden=4).forward(["anna"]).loss < 3
assert len(morelike.build_dataset(["anna", "hanna"])) == 11
assert morelike.train(["anna", "hanna", "anne"], kind="ngram", order=2).sample(1)

from morelike.cli.main import main
for arguments in (
    ["sample", folder, "-n", "3"],
    ["score", folder, "anna", "hen", "--detail"],
    ["guess", folder, "anna", "--samples", "50"],
    ["show", folder],
    ["runs"],
    ["lists"],
    ["contexts", "names"],
    ["--help"],
    ["train", "--help"],
):
    try:
        main(arguments)
    except SystemExit as stop:
        assert not stop.code, arguments
assert not {"jax", "jaxlib", "optax"} & sys.modules.keys()
print("done without jax")
"""


@pytest.mark.parametrize("model", quick_first(KINDS, ("ngram", "mlp")), indirect=True)
def test_using_a_model_works_where_jax_cannot_be_imported(saved, tmp_path):
    ran = subprocess.run(
        [sys.executable, "-c", BLOCKED, str(saved)], cwd=tmp_path, capture_output=True, text=True, timeout=120
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.endswith("done without jax\n")
