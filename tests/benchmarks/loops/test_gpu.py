"""The benchmark of a GPU: skipped with a reason where there is none; on a processor both sides compute the same."""

import pytest
from benchmarks.harness.errors import SkippedError

from benchmarks.loops import comparison, gpu

TINY = {
    "gru": {"hidden": 8, "embedding": 4, "batch_size": 8},
    "gru of 1,024": {"hidden": 12, "embedding": 4, "batch_size": 8},
    "transformer of 8 x 512": {"layers": 2, "embedding": 16, "heads": 2, "batch_size": 8},
}
SYLLABLES = [a + b for a in "bdfgklmnprst" for b in "aeiou"]


@pytest.mark.parametrize("library", gpu.FINDS)
def test_without_a_gpu_it_is_skipped_with_a_plain_reason(library, monkeypatch):
    found = dict.fromkeys(gpu.FINDS, "pass")
    monkeypatch.setattr(gpu, "FINDS", found | {library: "raise SystemExit(1)"})
    with pytest.raises(SkippedError, match=f"this needs a GPU that JAX and PyTorch can use: {library} finds none here"):
        gpu.measure()


@pytest.mark.parity
@pytest.mark.parametrize("name", gpu.LOOPS)
def test_both_sides_compute_the_same_on_a_processor(name, tmp_path, monkeypatch):
    words = tmp_path / "words.txt"
    words.write_text("\n".join(a + b + c for a in SYLLABLES for b in SYLLABLES[:6] for c in SYLLABLES[-3:]), "utf-8")
    monkeypatch.setattr(comparison, "benchmark_list", lambda _: words)
    monkeypatch.setattr(comparison, "TURN", 0.05)
    loop = gpu.LOOPS[name]
    small = comparison.Loop(**{**vars(loop), "settings": loop.settings | TINY[name] | {"chunk": 5}})
    found = gpu.measure({name: small}, device="cpu")[name]
    assert found["device"] == "cpu"
    assert found["ratio"] > 0
    assert min(found["morelike_words_per_second"], found["torch_words_per_second"]) > 0
    assert found["differences"]["by_precision"] == 0  # both in float32
