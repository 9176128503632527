"""JAX in one process: it is refused after a fork, and works without a cache folder."""

import os
import subprocess
import sys
from types import SimpleNamespace

import pytest

import morelike
from morelike.errors import TrainingError
from morelike.training.jax import session


def test_a_forked_process_is_told_why_it_cannot_train(monkeypatch):
    monkeypatch.setitem(session._first_use, "process", os.getpid() + 1)
    with pytest.raises(TrainingError, match=r"was forked after its parent .*multiprocessing.get_context\('spawn'\)"):
        morelike.train(["anna", "hanna"], "bigram", steps=1)


FORKING = """
import os, warnings
import morelike
warnings.simplefilter("ignore")  # JAX warns of every fork
words = ["anna", "hanna", "anne"] * 4
model = morelike.train(words, "bigram", steps=2)
if child := os.fork():
    os.waitpid(child, 0)
else:
    assert model.sample(3) and morelike.train(words, "ngram").sample(3)
    try:
        morelike.train(words, "bigram", steps=2)
    except morelike.MorelikeError as error:
        print(error)
    os._exit(0)
"""


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_real_fork_uses_models_and_does_not_hang_in_training():
    ran = subprocess.run([sys.executable, "-c", FORKING], capture_output=True, text=True, timeout=120, check=True)
    assert "was forked after its parent process had trained" in ran.stdout


@pytest.mark.parametrize("writable", [True, False])
def test_compiled_programs_are_kept_only_where_they_can_be_written(writable, monkeypatch, tmp_path):
    home = tmp_path / "home"
    if not writable:
        home.write_text("a file in place of the folder")
    kept = {}
    monkeypatch.setattr(session.platformdirs, "user_cache_dir", lambda name: str(home / name))
    monkeypatch.setattr(session.jax, "config", SimpleNamespace(jax_compilation_cache_dir=None, update=kept.__setitem__))
    session._use_compilation_cache()
    assert kept.get("jax_compilation_cache_dir") == (str(home / "morelike" / "compiled") if writable else None)
