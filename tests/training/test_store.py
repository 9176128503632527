"""A store trains the same model as its list, and the list is never held in memory."""

from dataclasses import replace

import jax
import numpy as np
import pytest
from jax.extend.core import jaxprs_in_params

import morelike
from morelike.architecture import build
from morelike.errors import ListError, RunError, SettingError
from morelike.runs.plan import make_plan, plan_of_run
from morelike.runs.run_folder import RunFolder
from morelike.runs.settings import TrainingConfig
from morelike.text.corpus import Corpus
from morelike.text.vocabulary import TokenLines, Vocabulary
from morelike.training import store_samples
from morelike.training.experiment import run_experiment, start_run
from morelike.training.jax import datasets, store_datasets
from morelike.training.jax.datasets import output_losses
from morelike.training.jax.engine import Engine
from morelike.training.jax.jax_mode import Compiled
from morelike.workflows.model_selection import auto_plan

from .runs import metrics_of, pronounceable, quick_first, small_settings

KINDS = ["ngram", "mlp", "bow", "deep_mlp", "gru", "lstm", "rnn", "transformer", "wavenet", "bigram"]


@pytest.fixture(scope="module")
def listed(tmp_path_factory):
    """A list with counts, and its store."""
    words = pronounceable(90)
    counts = [1 + i % 5 for i in range(90)]
    path = tmp_path_factory.mktemp("list") / "words.txt"
    path.write_text("".join(f"{word}\t{count}\n" for word, count in zip(words, counts, strict=True)))
    return words, counts, morelike.build_store(path, path.with_suffix(".store"))


def settings_of(kind):
    return {"order": 3} if kind == "ngram" else small_settings(kind, steps=24, chunk=6, evaluate_every=12, row_length=6)


@pytest.mark.parametrize("kind", quick_first(KINDS, ("ngram", "mlp")))
@pytest.mark.parametrize("weighting", ["counts", pytest.param("log", marks=pytest.mark.slow)])
def test_learning_from_a_store_gives_the_model_of_its_list_to_the_bit(listed, kind, weighting):
    words, counts, store = listed
    events, expected_events = [], []
    common = {**settings_of(kind), "count_weighting": weighting}
    found = morelike.train(store, kind, on_event=events.append, **common)
    expected = morelike.train(
        words, kind, counts=counts, split="hash", name="words", on_event=expected_events.append, **common
    )
    for name, array in expected.weights.items():
        assert found.weights[name].tobytes() == array.tobytes(), name
    assert found.facts == expected.facts
    assert found.known.equals(expected.known)
    assert found.sample(5) == expected.sample(5)
    result, of_list = events[-1].result, expected_events[-1].result
    assert (result.losses, result.baseline, result.notes) == (of_list.losses, of_list.baseline, of_list.notes)


def mapped(lines, folder):
    """Return the same lines with their tokens in a file, as narrow as a store keeps them."""
    path = folder / "tokens"
    lines.tokens.astype(np.uint8).tofile(path)
    return replace(lines, tokens=np.memmap(path, np.uint8, "r"))


@pytest.mark.parametrize("kind", ["mlp", "rnn"])
def test_a_chunk_holds_the_same_examples_however_the_steps_are_cut(tmp_path, kind):
    words = pronounceable(40)
    lines = mapped(Vocabulary.of(words).encode_lines(words), tmp_path)
    dataset = store_datasets.make_stored_dataset(build(kind, {}), lines, np.arange(40)[::-1], 8)
    whole, _ = dataset.chunk(5, 1, 0, 6)
    dataset.prefetch(5, 1, 9, 2)  # a guess that does not come true
    for step in range(6):
        one, _ = dataset.chunk(5, 1, step, 1)
        dataset.prefetch(5, 1, step + 1, 1)
        for array, part in zip(jax.tree.leaves(whole), jax.tree.leaves(one), strict=True):
            assert array[step].tolist() == part[0].tolist()


def test_a_full_batch_of_contexts_is_every_context_once(tmp_path):
    words = ["abc", "a", "", "cb"]
    lines = mapped(Vocabulary.of(words).encode_lines(words), tmp_path)
    dataset = store_datasets.make_stored_dataset(build("bigram", {}), lines, np.array([3, 0, 2, 1]), 4)
    (contexts, targets), _ = dataset.chunk(len(lines.tokens), 0, 0, 1)
    pairs = ["".join(".abc"[i] for i in pair) for pair in zip(contexts[0, :, 0], targets[0], strict=True)]
    assert pairs == [".c", "cb", "b.", ".a", "ab", "bc", "c.", "..", ".a", "a."]


def test_a_fixed_sample_of_a_long_dev_part_is_evaluated_during_training(tmp_path, monkeypatch):
    words = pronounceable(50)
    lines = Vocabulary.of(words).encode_lines(words)
    monkeypatch.setattr(store_samples, "DEV_LINES", 5)
    sample = store_samples.dev_sample(mapped(lines, tmp_path))
    assert sample.tokens.tolist() == lines.take(np.arange(0, 50, 10)).tokens.tolist()
    assert not sample.memory_mapped
    assert store_samples.dev_sample(lines) is lines


def test_losses_on_samples_are_noted(listed, monkeypatch):
    monkeypatch.setattr(store_samples, "TRAIN_LINES", 20)
    monkeypatch.setattr(store_samples, "BASELINE_LINES", 30)
    monkeypatch.setattr(store_samples, "DEV_LINES", 3)
    _, _, store = listed
    events = []
    morelike.train(store, "bigram", steps=2, on_event=events.append)
    result = events[-1].result
    dev, train = len(store.split.dev), len(store.split.train)
    assert result.losses["train"].lines == 20
    assert result.losses["dev"].lines == dev
    assert [note for note in result.notes if "lines" in note and "weight" not in note] == [
        f"the loss on train is that of 20 of its {train} lines, evenly spaced",
        "the n-gram baseline is counted on 30 lines of train",
        f"during training 3 of {dev} dev lines are evaluated; the losses here are of all lines",
    ]


def test_a_run_on_a_store_is_resumed_to_the_same_bytes(listed, tmp_path):
    _, _, store = listed
    plan = make_plan(store.corpus, "bigram", source=str(store.path), settings=settings_of("bigram"))
    runs = [start_run(plan, tmp_path / name) for name in ("whole", "cut")]
    list(run_experiment(plan, runs[0]))
    assert [type(event).__name__ for event in run_experiment(plan, runs[1], should_stop=lambda: True)][-1] == "Finished"
    assert runs[1].meta()["status"] == "interrupted"
    again = plan_of_run(RunFolder(runs[1].path))
    assert again.corpus.store.path == store.path
    list(run_experiment(again, runs[1]))
    for name in ("model.safetensors", "known.safetensors"):
        assert (runs[0].model / name).read_bytes() == (runs[1].model / name).read_bytes()
    assert metrics_of(runs[0].path) == metrics_of(runs[1].path)
    assert not (runs[1].path / "list.txt").exists()


def test_a_damaged_store_is_refused_before_it_is_learned_from(listed, tmp_path):
    words, _, _ = listed
    (tmp_path / "words.txt").write_text("\n".join(words))
    store = morelike.build_store(tmp_path / "words.txt", tmp_path / "words.store")
    data = bytearray((store.path / "tokens.bin").read_bytes())
    data[7] ^= 1
    (store.path / "tokens.bin").write_bytes(data)
    with pytest.raises(ListError, match=r"tokens\.bin' is damaged"):
        morelike.train(store, "bigram", steps=2)


def test_a_store_that_was_built_of_another_list_ends_a_run(listed, tmp_path):
    words, _, _ = listed
    (tmp_path / "words.txt").write_text("\n".join(words))
    store = morelike.build_store(tmp_path / "words.txt", tmp_path / "words.store")
    plan = make_plan(store.corpus, "bigram", source=str(store.path), settings={"steps": 2})
    run = start_run(plan, tmp_path / "runs")
    (tmp_path / "words.txt").write_text("\n".join(words[1:]))
    morelike.build_store(tmp_path / "words.txt", tmp_path / "words.store", force=True)
    with pytest.raises(RunError, match="has changed since"):
        plan_of_run(run)


def test_a_store_keeps_its_split_and_is_learned_by_the_network_alone(listed):
    _, _, store = listed
    with pytest.raises(SettingError, match="a store is split by 'hash' when it is built, not by 'shuffle-42'"):
        morelike.train(store, "bigram", split="shuffle-42")
    plan = auto_plan(store.corpus, settings={})
    assert (plan.architecture.kind, plan.mixed_with, plan.refit) == ("gru", None, False)


@pytest.mark.parametrize("symbols", [pytest.param(7, marks=pytest.mark.slow), 40])
def test_losses_of_a_large_alphabet_are_made_in_blocks_and_are_the_same(monkeypatch, symbols):
    rng = np.random.default_rng(0)
    features = rng.standard_normal((3, 5, 4)).astype(np.float32)
    matrix = rng.standard_normal((4, symbols)).astype(np.float32)
    targets = rng.integers(0, symbols, (3, 5))
    loss_weights = rng.uniform(0, 2, (3, 5)).astype(np.float32)

    def total(features, matrix):
        losses = output_losses(lambda some: some @ matrix, features, targets)
        return (losses * loss_weights).sum(), losses

    found = []
    for at_once in (1 << 23, 0):
        monkeypatch.setattr(datasets, "MAX_LOGITS", at_once)
        monkeypatch.setattr(datasets, "BLOCK_LOGITS", 4 * symbols)
        found.append(jax.value_and_grad(total, argnums=(0, 1), has_aux=True)(features, matrix))
    for whole, blocks in zip(jax.tree.leaves(found[0]), jax.tree.leaves(found[1]), strict=True):
        np.testing.assert_allclose(blocks, whole, rtol=1e-6, atol=1e-6)


def test_logits_of_a_large_alphabet_are_never_all_in_memory(monkeypatch):
    monkeypatch.setattr(datasets, "BLOCK_LOGITS", 1 << 12)
    monkeypatch.setattr(datasets, "MAX_LOGITS", 1 << 14)
    lines = TokenLines.of([[i, 999] for i in range(1, 200)])
    engine = Engine(
        build("rnn", {"hidden": 4, "embedding": 2}), TrainingConfig(batch_size=16, row_length=32), lines, lines, 1000
    )
    rows = engine.train.reader.gather(*engine.train.chunk(16, 0, 0, 1))
    weights = engine.architecture.init(np.random.default_rng(0), 1000)

    def loss(weights):
        inputs, targets = rows.inputs[0], rows.targets[0]
        return datasets.row_losses(engine.architecture, weights, inputs, targets, Compiled())[0].sum()

    sizes = [aval.size for aval in all_avals(jax.make_jaxpr(jax.grad(loss))(weights).jaxpr)]
    assert max(sizes) < 16 * 32 * 1000 / 8


def all_avals(jaxpr):
    """Yield the shapes of all that a program computes, its inner programs included."""
    for equation in jaxpr.eqns:
        yield from (variable.aval for variable in equation.outvars if hasattr(variable.aval, "size"))
        for inner in jaxprs_in_params(equation.params):
            yield from all_avals(inner)


def test_a_store_is_accepted_wherever_a_list_is(listed):
    words, _, store = listed
    model = morelike.train(store, "ngram", order=2)
    again = morelike.read_lines(store.path)
    assert again == words
    assert isinstance(store.corpus, Corpus)
    assert model.evaluate(store.split.dev, counts=store.counts("dev")).lines == len(store.split.dev)
