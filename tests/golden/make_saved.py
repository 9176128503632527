"""Write small saved models and runs, with their answers, under `tests/golden/saved/`.

`test_saved.py` asserts that the current code still loads each of them and gives the same answers. Run this script by
hand, and only with a version of morelike whose files and answers are the reference:

    python tests/golden/make_saved.py

`saved/NAME` is the saved thing. `saved/NAME.json` says how to load it ("what") and holds its answers. The script uses
the public Python names and the command line only, so that it runs with old and new versions.
"""

from __future__ import annotations

import contextlib
import io
import json
import pickle
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import morelike
from morelike.cli.main import main

SAVED = Path(__file__).parent / "saved"

NAMES = [*morelike.read_lines("names")[:32], "zoë", "łukasz", "anna-lena", "anna-lena"]
LABELS = ["" if i % 7 == 6 else "long" if len(name) > 5 else "short" for i, name in enumerate(NAMES)]
COUNTS = [1 + 40 // (1 + i) for i in range(len(NAMES))]
NUMBERS = [str(number**2) for number in range(3, 50)]
TEXT = """\
the sea is calm tonight. the tide is full, the moon lies fair upon the straits; on the french coast the light
gleams and is gone; the cliffs of england stand, glimmering and vast, out in the tranquil bay.
come to the window, sweet is the night-air!
"""

ASKED = ["emma", "anna-lena", "zoë", "bella", "li", "zrhk", ""]
"""Words of the list and new ones. All have known characters only."""
UNKNOWN = ["emmα", "ααα"]
"""Words with a character that no list has."""

SMALL = {"steps": 40, "batch": 8, "evaluate_every": 20}
KINDS: dict[str, dict[str, Any]] = {
    "bigram": {**SMALL, "steps": 200},
    "bow": {**SMALL, "context": 6, "embedding": 4, "hidden": 8},
    "deep_mlp": {**SMALL, "context": 4, "embedding": 4, "hidden": 8, "layers": 2},
    "gru": {**SMALL, "embedding": 4, "hidden": 8, "layers": 2},
    "lstm": {**SMALL, "embedding": 8, "hidden": 8, "tied": True},
    "mlp": {**SMALL, "context": 4, "embedding": 4, "hidden": 8, "initialization": "normal"},
    "ngram": {"order": 3},
    "rnn": {**SMALL, "hidden": 8, "one_hot": True},
    "transformer": {**SMALL, "context": 12, "embedding": 8, "layers": 1, "heads": 2},
    "wavenet": {**SMALL, "context": 4, "embedding": 4, "hidden": 8},
}
"""Each kind of model, with settings that keep it small."""
CONSTRAINED = ("ngram", "gru", "mixture")
"""Kinds that are asked for words of a regular expression, which takes half a second of a network's time."""


def answers(model: morelike.LanguageModel) -> dict[str, Any]:
    """Return what a model of words says, by question. All values are JSON."""
    first = model.vocabulary.characters[-3]
    found: dict[str, Any] = {
        "log probability": by_word(model.log_probability, ASKED),
        "log probability, unknown reserve": by_word(model.log_probability, UNKNOWN, unknown="reserve"),
        "log probability, unknown skip": by_word(model.log_probability, UNKNOWN, unknown="skip"),
        "surprisal": {word: model.surprisal(word).tolist() for word in ASKED},
        "next": {first: model.next(first)},
        "sample": model.sample(10, seed=1),
        "sample, listed and repeated": model.sample(10, novel=False, unique=False, temperature=0.7, top_p=0.9, seed=2),
        "sample, prefix": model.sample(5, prefix=first, max_length=12, top_k=9, seed=3),
        "top": [[word, nats, proven] for word, nats, proven in model.top(5, max_length=10)],
        "top, suffix": [[word, nats, proven] for word, nats, proven in model.top(3, suffix=first, max_length=4)],
        "evaluate": model.evaluate(ASKED).as_dict(),
        "units": [units.tolist() for units in model.unit_losses(ASKED)],
    }
    if model.architecture.kind in CONSTRAINED:
        found["sample, regex"] = model.sample(5, regex=f"{first}[a-n](li|.)a?", min_p=0.001, seed=4)
        found["sample, similar"] = model.sample(5, similar=f"{first}ela", within=1, seed=5)
    if "C" in model.weights:
        found["embed"] = model.embed(first * 2).tolist()
    if model.labels:
        found |= label_answers(model)
    return found


def label_answers(model: morelike.LanguageModel) -> dict[str, Any]:
    """Return what a model says of its labels."""
    labels = list(model.labels)
    return {
        "labels": dict(model.labels),
        "label probabilities": model.label_probabilities(ASKED).tolist(),
        "log probability, label": {label: by_word(model.log_probability, ASKED, label=label) for label in labels},
        "next, label": {label: model.next("a", label=label)["n"] for label in labels},
        "sample, label": {label: model.sample(5, label=label, seed=6) for label in labels},
        "top, label": {label: [word for word, _, _ in model.top(3, label=label, max_length=9)] for label in labels},
        "evaluate, labels": model.evaluate(NAMES, labels=LABELS).as_dict(),
    }


def text_answers(model: morelike.LanguageModel) -> dict[str, Any]:
    """Return what a model of running text says."""
    asked = ["the moon is fair", "tide"]
    return {
        "log probability": by_word(model.log_probability, asked),
        "surprisal": {text: model.surprisal(text).tolist() for text in asked},
        "next": {"the se": model.next("the se")},
        "write": model.write(60, seed=1),
        "write, prefix": model.write(40, prefix="the ", temperature=0.8, top_p=0.9, seed=2),
        "evaluate": model.evaluate([TEXT]).as_dict(),
        "units": [units.tolist() for units in model.unit_losses([TEXT])],
    }


def by_word(ask: Callable[..., Any], words: Sequence[str], **how: Any) -> dict[str, float]:
    """Return a number for each word."""
    return dict(zip(words, ask(words, **how).tolist(), strict=True))


def classifier_answers(folder: Path) -> dict[str, Any]:
    """Return what the classifier in a folder says."""
    classifier, words = morelike.Classifier.load(folder), [*ASKED, *NUMBERS[:4], *UNKNOWN, "a1"]
    return {
        "threshold": classifier.threshold,
        "auc": classifier.auc,
        "judged": classifier.judged.as_dict() if classifier.judged else None,
        "log ratio": by_word(classifier.log_ratio, words),
        "probability": by_word(classifier.probability, words),
        "probability, prior": by_word(classifier.probability, words, prior=0.9),
        "predict": classifier.predict(words).tolist(),
        "good": answers(classifier.good),
        "bad": answers(classifier.bad),
    }


def run_answers(folder: Path) -> dict[str, Any]:
    """Return what a finished run tells, its model included."""
    audit = morelike.audit(folder, count=100)
    return {
        "show": command_answer("show", str(folder)),
        "runs": command_answer("runs", "--out", str(folder.parent)),
        "audit": [[share.part, share.words, share.found, share.expected] for share in audit.shares],
        **answers(morelike.load(folder)),
    }


def store_answers(folder: Path) -> dict[str, Any]:
    """Return what a store shows, and the answers of a model that learns from it."""
    store = morelike.Store.open(folder)
    return {
        "show": command_answer("data", "show", str(folder), "--check"),
        "train": list(store.split.train),
        "dev": list(store.split.dev),
        "test": list(store.split.test),
        "counts": {part: list(map(int, counts)) for part, counts in store.split.counts.items()},
        **answers(morelike.train(store, kind="ngram", order=3)),
    }


def resumed_answers(folder: Path) -> dict[str, Any]:
    """Resume the run in a folder, which changes the folder, and return what its final model says of words.

    The samples are left out: they are exact for equal weights only, and each processor rounds training differently.
    """
    went_on = command_answer("train", "--resume", str(folder), "--no-report")
    model = morelike.load(folder)
    metrics = [json.loads(line) for line in (folder / "metrics.jsonl").read_text("utf-8").splitlines()]
    return {
        "kind": went_on["kind"],
        "steps": went_on["steps"],
        "status": json.loads((folder / "meta.json").read_bytes())["status"],
        "metrics": [[line["step"], line["loss"], line["dev"]] for line in metrics if "dev" in line],
        "log probability": by_word(model.log_probability, ASKED),
        "surprisal": {word: model.surprisal(word).tolist() for word in ASKED},
        "evaluate": model.evaluate(ASKED).as_dict(),
    }


ANSWERS: dict[str, Callable[[Path], dict[str, Any]]] = {
    "model": lambda folder: {"show": command_answer("show", str(folder)), **answers(morelike.load(folder))},
    "text": lambda folder: {"show": command_answer("show", str(folder)), **text_answers(morelike.load(folder))},
    "classifier": classifier_answers,
    "run": run_answers,
    "interrupted run": resumed_answers,
    "store": store_answers,
    "estimator": lambda file: answers(pickle.loads(file.read_bytes()).model_),
}
"""How each sort of saved thing is loaded and asked."""


def command_answer(*arguments: str) -> Any:
    """Return what a command prints with `--json`, without places and moments.

    Raises:
        RuntimeError: the command failed.
    """
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed):
            main([*arguments, "--json"])
    except SystemExit as stop:
        if stop.code:
            raise RuntimeError(f"morelike {' '.join(arguments)}: exit status {stop.code}") from None
    return without_places(json.loads(printed.getvalue()))


def without_places(told: Any) -> Any:
    """Return what a command told, without what differs from one machine or moment to another."""
    passing = ("model", "run", "store", "path", "argv", "versions", "started", "seconds", "steps_per_second", "threads")
    if isinstance(told, list):
        return [without_places(each) for each in told]
    if isinstance(told, dict):
        return {name: without_places(value) for name, value in told.items() if name not in passing}
    return told


def keep(name: str, what: str) -> None:
    """Write the answers of `saved/NAME`; a copy is asked, so that what is saved stays as it is."""
    with tempfile.TemporaryDirectory() as folder:
        source, copied = SAVED / name, Path(folder) / name
        shutil.copytree(source, copied) if source.is_dir() else shutil.copy(source, copied)
        found = {"what": what, **ANSWERS[what](copied)}
    text = json.dumps(rounded(found), ensure_ascii=False, separators=(",", ":"))
    (SAVED / f"{name}.json").write_text(text + "\n", encoding="utf-8")


def rounded(found: Any) -> Any:
    """Return answers with 12 digits of each number, which is more than the tests compare."""
    if isinstance(found, dict):
        return {name: rounded(value) for name, value in found.items()}
    if isinstance(found, list | tuple):
        return [rounded(each) for each in found]
    return float(f"{found:.12g}") if isinstance(found, float) else found


def save_models() -> None:
    """Save one model of each kind, of each smoothing, with labels, with counts and of running text."""
    named = {kind: morelike.train(NAMES, kind, name="names", **settings) for kind, settings in KINDS.items()}
    for smoothing in ("add", "kneser-ney", "witten-bell"):
        settings = {"order": 3, "smoothing": smoothing, "alpha": 0.3}
        named[f"ngram_{smoothing.replace('-', '_')}"] = morelike.train(NAMES, "ngram", name="names", **settings)
    named["ngram_counts"] = morelike.train(NAMES, "ngram", counts=COUNTS, name="names", order=3, weights="log")
    short = morelike.train(NAMES, "ngram", name="names", order=2)
    named["mixture"] = morelike.mix([short, named["gru"], named["bow"]], NAMES)
    numbers = morelike.train(NUMBERS, "ngram", name="numbers", order=2)
    named["blend"] = morelike.blend([named["mixture"], numbers], [0.7, 0.3])
    for kind in ("ngram", "gru", "transformer"):
        settings = {"name": "names", **KINDS[kind], **({"order": 2} if kind == "ngram" else {})}
        named[f"{kind}_labels"] = morelike.train(NAMES, kind, labels=LABELS, **settings)
    for name, model in named.items():
        model.save(SAVED / name)
        keep(name, "model")
    for kind in ("ngram", "gru", "transformer", "mlp"):
        model = morelike.train(TEXT, kind, form="text", name="dover", **KINDS[kind])
        model.save(SAVED / f"{kind}_text")
        keep(f"{kind}_text", "text")


def save_others() -> None:
    """Save a classifier, a store and a pickled estimator."""
    classifier = morelike.classify(NAMES, NUMBERS, "ngram", order=2, features="length")
    classifier.save(SAVED / "classifier")
    keep("classifier", "classifier")
    with tempfile.TemporaryDirectory() as folder:
        listed = Path(folder) / "names.tsv"
        rows = [f"{name}\t{count}" for name, count in zip(NAMES, COUNTS, strict=True)]
        listed.write_text("\n".join(rows) + "\n", encoding="utf-8")
        command_answer("data", "build", str(listed), "-o", str(SAVED / "store"))
    keep("store", "store")
    estimator = morelike.Estimator("ngram", order=2).fit(NAMES)
    (SAVED / "estimator.pickle").write_bytes(pickle.dumps(estimator))
    keep("estimator.pickle", "estimator")


def save_runs() -> None:
    """Save a finished run and an interrupted one."""
    with tempfile.TemporaryDirectory() as out:
        settings = {**KINDS["mlp"], "hidden": 6, "steps": 60}
        morelike.train(NAMES, "mlp", counts=COUNTS, name="names", out=out, report=False, **settings)
        next(Path(out).iterdir()).rename(SAVED / "run")
    keep("run", "run")
    with tempfile.TemporaryDirectory() as out:
        interrupt_a_run(Path(out)).rename(SAVED / "interrupted_run")
    keep("interrupted_run", "interrupted run")


COMMAND = "import sys; sys.argv[0] = 'morelike'; from morelike.cli.main import main; main()"
"""Runs the command line as `morelike` does; the run then notes this name rather than the place of a program."""


def interrupt_a_run(out: Path) -> Path:
    """Return the folder of a run that learns from a pipe and is interrupted by Ctrl-C after its first checkpoint."""
    flags = {"model": "gru", "embedding": 4, "hidden": 4, "dropout": 0.2, "batch": 8}
    flags |= {"learning-rate": 0.001, "steps": 300, "evaluate-every": 50, "chunk": 1, "out": "."}
    given = [part for name, value in flags.items() for part in (f"--{name}", str(value))]
    command = [sys.executable, "-c", COMMAND, "train", "-", *given]
    with subprocess.Popen(command, stdin=subprocess.PIPE, cwd=out) as process:
        assert process.stdin
        process.stdin.write("\n".join(NAMES).encode())
        process.stdin.close()
        while process.poll() is None and not list(out.glob("*/checkpoints/*.json")):
            time.sleep(0.001)
        process.send_signal(signal.SIGINT)
    return next(out.iterdir())


if __name__ == "__main__":
    shutil.rmtree(SAVED, ignore_errors=True)
    SAVED.mkdir()
    save_models()
    save_others()
    save_runs()
    print(f"{sum(file.stat().st_size for file in SAVED.rglob('*') if file.is_file()):,} bytes in {SAVED}")
