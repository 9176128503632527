"""The report as a page: the sections of each sort of run, escaped words, and no access to the network."""

import base64
import hashlib
import json
import re
import shutil
import subprocess
import sys
import time
from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import UndefinedError
from markupsafe import Markup

import morelike
from morelike.architecture import kinds
from morelike.evaluation.diagnostics import Reading, histogram
from morelike.language_model.model import LanguageModel
from morelike.reports.figures import histogram_figures
from morelike.reports.rendering import ENVIRONMENT, asset
from morelike.reports.report_files import write_report
from morelike.reports.run_page import RUN_FACTS, run_page, setting_meanings, train_command
from morelike.reports.run_report import collect_report
from morelike.runs.plan import make_plan
from morelike.text.corpus import Corpus
from morelike.text.formats.options import ReadingOptions
from morelike.text.printable import printable
from morelike.workflows.diagnosis import diagnose, subject_of_run

from .conftest import HOSTILE, TINY, WORDS, make

CURVES = {"loss", "dev", "rate"}
MACROS = ENVIRONMENT.get_template("macros.html.jinja").module


@pytest.fixture
def page_of(parse):
    return lambda run, diagnosis=None: parse(run_page(collect_report(run, diagnosis)))


@pytest.fixture(scope="module")
def page(parse, trained):
    """The page of the trained run."""
    return parse(run_page(collect_report(trained)))


def test_a_trained_run_shows_all_that_it_has(page):
    assert page.sections == [
        "results",
        "samples",
        "training",
        "surprisal",
        "data",
        "model",
        "settings",
        "repeat",
        "glossary",
    ]
    assert page.pictures >= {*CURVES, "novelty", "lengths", "pairs", "surprisal", "network", "embedding", "weights-0"}


def test_the_losses_are_the_exact_losses_of_the_run(page, trained):
    for part, loss in trained.meta()["losses"].items():
        low, high = loss["interval"]
        figures = f"{part}{loss['nats']:.4f}{low:.4f} to {high:.4f}{loss['bits']:.4f}{loss['perplexity']:.2f}"
        assert figures in page.text.replace("mlp", ""), part
    assert "n-gram counts" in page.text
    assert "Leaks: 0 of 2 dev words and 0 of 3 test words" in page.text


def test_the_samples_are_those_of_the_run_with_their_nearest_words(page_of, counted):
    samples = (counted.path / "samples.txt").read_bytes().decode().split("\n")[:-1]
    report = collect_report(counted)
    assert [new.word for new in report.samples.new] == samples
    train = morelike.split(WORDS).train
    for new in report.samples.new:
        assert new.neighbour.word in train
        assert new.neighbour.distance > 0
    shown = page_of(counted).words
    assert all(printable(sample) in shown for sample in samples)


def test_samples_are_counted_by_the_split_that_holds_them(trained, counted):
    model = LanguageModel.load(counted.model)
    samples = collect_report(counted).samples
    assert sum(samples.counts.values()) == sum(samples.lengths.values()) == 1000
    assert samples.counts["train"] > 0
    for part, words in samples.in_list.items():
        assert words
        assert {model.known.split_of(each) for each in words} == {part}


def test_a_counted_run_has_no_curves_and_no_network(page_of, counted):
    page = page_of(counted)
    assert not page.pictures & {*CURVES, "network", "embedding"}
    assert "training" not in page.sections
    assert "learning rate" not in page.text
    assert page.pictures >= {"novelty", "lengths", "pairs", "surprisal"}


def test_a_mixture_shows_its_members_and_the_words_of_their_list(page_of, mixture):
    page = page_of(mixture)
    assert page.pictures >= {"novelty", "lengths", "pairs", "surprisal"}
    assert "A mixture: the average of its members' probabilities" in page.text
    assert "morelike mix " in page.text


def test_a_mixture_whose_members_are_gone_says_so(page_of, mixture, copy):
    run = copy(mixture)
    settings = (run.path / "config.toml").read_text()
    (run.path / "config.toml").write_text(settings.replace("trained", "gone").replace("counted", "gone"))
    page = page_of(run)
    assert "The list could not be read" in page.text
    assert "pairs" not in page.pictures


def test_a_run_of_running_text_shows_what_it_writes_and_no_words(page_of, prose):
    page = page_of(prose)
    assert not page.pictures & {"lengths", "novelty"}
    assert page.pictures >= {"pairs", "surprisal"}
    written = (prose.path / "samples.txt").read_bytes().decode()
    assert " ".join(written.split()) in page.text
    assert "words" not in page.text.replace("keywords", "").partition("Settings")[0]


def test_a_run_with_labels_shows_the_loss_and_the_share_of_each(page_of, tmp_path):
    run = make(tmp_path, order=2, labels=["<x>" if i % 2 else "" for i in range(len(WORDS))])
    page = page_of(run)
    assert re.search(r"test: <x>\d\.\d{4}", page.text)
    assert re.search(r"test: \(no label\)\d\.\d{4}", page.text)
    assert any(re.fullmatch(r"(<x> \d+\.\d%|\(no label\) \d+\.\d%)(, .*%)", each) for each in page.words)


def test_a_run_that_stopped_early_says_so(page_of, trained, copy):
    run = copy(trained)
    run.update_meta(ended="early stopping", steps=1234)
    assert "Early stopping ended the training after 1,234 steps." in page_of(run).text


def test_a_run_on_a_list_too_small_to_split_says_so(page_of, few):
    page = page_of(few)
    assert "3 lines are too few to hold any out" in page.text
    assert "Nothing was held out" in page.text
    assert "Leaks" not in page.text


def test_a_run_without_a_model_yet_shows_its_curves_and_how_to_go_on(page_of, trained, copy):
    run = copy(trained)
    shutil.rmtree(run.model)
    meta = run.meta()
    run.update_meta(status="interrupted", losses={}, baseline={})
    page = page_of(run)
    assert "There is no model yet: the run is interrupted." in page.text
    assert page.pictures == {*CURVES, "lengths", "pairs"}
    assert f"morelike train --resume {run.path}" in page.text
    assert meta["status"] == "finished"


def test_a_resumed_run_has_the_report_of_an_uninterrupted_run(tmp_path):
    from morelike.runs.plan import plan_of_run
    from morelike.training.experiment import run_experiment

    settings = {"kind": "mlp", "embedding": 2, "hidden": 8, **TINY}
    whole = make(tmp_path / "whole", **settings)
    heard = iter(range(8))
    with pytest.raises(StopIteration):
        morelike.train(WORDS, out=tmp_path / "left", on_event=lambda event: next(heard), **settings)
    (path,) = (tmp_path / "left").iterdir()
    left = type(whole)(path)
    assert not left.report.exists()
    list(run_experiment(plan_of_run(left), left))
    ours, theirs = collect_report(left), collect_report(whole)
    assert ours.curves.losses.tolist() == theirs.curves.losses.tolist()
    assert ours.curves.steps.tolist() == theirs.curves.steps.tolist()
    assert ours.samples == theirs.samples


def test_a_run_whose_list_is_missing_leaves_out_its_words_and_says_so(page_of, tmp_path):
    listed = tmp_path / "list.txt"
    listed.write_text("".join(f"{word}\n" for word in WORDS), "utf-8")
    from morelike.text.reading import read_corpus
    from morelike.training.experiment import run_experiment, start_run

    plan = make_plan(read_corpus(listed), "ngram", source=str(listed), settings={"order": 3})
    run = start_run(plan, tmp_path / "runs")
    list(run_experiment(plan, run))
    assert "pairs" in page_of(run).pictures
    listed.unlink()
    page = page_of(run)
    assert "The list could not be read" in page.text
    assert str(listed) in page.text
    assert page.pictures == {"novelty", "lengths", "surprisal"}
    assert "nearest in train" not in page.text
    assert "Leaks: 0 of 2 dev words" in page.text
    listed.write_text("other\nwords\n")
    assert "has changed since" in page_of(run).text


@pytest.mark.parametrize("sort", ["trained", "counted", "mixture", "prose", "few"])
def test_words_are_text_and_never_markup(parse, request, sort):
    page = parse(run_page(collect_report(request.getfixturevalue(sort))))
    executed = [text for attributes, text in page.scripts if "type" not in attributes]
    assert len(executed) == 2
    assert not any("alert(1)" in text for text in executed)
    assert not {"b", "i", "p0"} & {tag for tag, _ in page.tags}
    assert not any(name.startswith("on") for _, attributes in page.tags for name in attributes)
    for name, text in page.blocks.items():
        assert not set("<>&\u2028\u2029") & set(text), name
        json.loads(text)


def test_hostile_words_are_shown_letter_for_letter(page_of, trained, monkeypatch):
    monkeypatch.setattr(LanguageModel, "sample", lambda self, *args, **settings: [*HOSTILE])
    trained.path.joinpath("samples.txt").rename(trained.path / "kept")
    try:
        page = page_of(trained)
    finally:
        trained.path.joinpath("kept").rename(trained.path / "samples.txt")
    for hostile in HOSTILE:
        assert printable(hostile) in page.words


@given(st.text(max_size=60))
def test_any_text_is_escaped_and_shown_unchanged(text):
    from .conftest import Parsed

    safe = text.replace("\r", "").replace("\0", "")
    template = ENVIRONMENT.from_string('<p><bdi title="{{ text }}">{{ text }}</bdi></p>')
    page = Parsed(template.render(text=safe))
    assert page.words == [safe]
    assert [tag for tag, _ in page.tags] == ["p", "bdi"]
    assert page.tags[1][1]["title"] == safe
    assert Parsed(MACROS.word(text)).words == [printable(text)]


@given(st.recursive(st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8))
def test_any_json_can_stand_in_a_page(value):
    from .conftest import Parsed

    page = Parsed(MACROS.json_block("data", json.dumps(value, ensure_ascii=False)))
    assert json.loads(page.blocks["data"]) == value


def test_a_report_takes_less_than_a_megabyte_and_a_half(trained, counted):
    for run in (trained, counted):
        assert len(run_page(collect_report(run)).encode()) < 1_500_000


@pytest.mark.parametrize("kind", kinds())
def test_every_setting_of_a_report_is_explained(kind):
    meanings = setting_meanings(kind)
    tables = make_plan(Corpus("words", WORDS), kind, settings={}).as_config()
    reading = [field.name for field in fields(ReadingOptions)]
    for name in [*RUN_FACTS, *reading, *(name for table in tables.values() for name in table)]:
        assert meanings.get(name), name
        assert "`" not in meanings[name]


def test_the_page_says_nothing_in_the_jargon_of_the_code(page_of, trained):
    said = page_of(trained, diagnose(subject_of_run(trained))).text
    for jargon in ("gradient:data", "update:data", "packed row"):
        assert jargon not in said
    assert "gradient, relative to the weight" in said
    assert "one changed character gives another fingerprint (SHA-256)" in said


def test_only_markup_is_not_escaped():
    template = ENVIRONMENT.from_string("<p>{{ markup }}{{ text }}</p>")
    assert template.render(markup=Markup("<b>x</b>"), text="<b>") == "<p><b>x</b>&lt;b&gt;</p>"


def test_a_template_that_uses_a_missing_value_fails():
    with pytest.raises(UndefinedError, match="'absent' is undefined"):
        ENVIRONMENT.from_string("{{ absent }}").render()


def policy_of(page):
    (found,) = (a["content"] for tag, a in page.tags if tag == "meta" and a.get("http-equiv"))
    return dict(part.strip().split(" ", 1) for part in found.split(";"))


def test_the_policy_of_the_page_lets_nothing_in_from_outside(page):
    policy = policy_of(page)
    assert policy.pop("default-src") == "'none'"
    assert policy.pop("style-src") == "'unsafe-inline'"
    assert policy.pop("img-src") == "data:"
    assert policy.pop("base-uri") == policy.pop("form-action") == "'none'"
    allowed = policy.pop("script-src").split()
    assert not policy
    executed = [text for attributes, text in page.scripts if "type" not in attributes]
    hashes = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in executed]
    assert allowed == [f"'sha256-{value}'" for value in hashes]


def test_nothing_in_the_page_points_outside(page):
    for tag, attributes in page.tags:
        assert "src" not in attributes, tag
        assert attributes.get("href", "#").startswith("#"), tag
    assert not any("Plotly, Inc." in text for _, text in page.scripts)
    assert "url(" not in asset("page.css")


def test_a_report_has_the_diagnosis_of_its_run(parse, trained, tmp_path):
    page = parse(write_report(trained, tmp_path / "a.html").read_text("utf-8"))
    assert page.sections.index("diagnosis") == page.sections.index("training") + 1
    assert "one step of adamw, as the run left it at step 40" in page.text
    assert page.pictures >= {"ratios", "activations-0", "gradients-0", "weights-0"}


def test_readings_are_shown_with_their_verdict_and_advice(page_of, trained):
    found = diagnose(subject_of_run(trained))
    bad = Reading("saturation", "<hidden>", 0.99, "bad", "99% lie beyond 0.97", "lower the rate")
    page = page_of(trained, replace(found, readings=[bad, Reading("spread", "hidden", 0.5, "good", "a deviation")]))
    assert "badsaturation<hidden>99% lie beyond 0.97To change: lower the rate.goodspreadhiddena deviation" in page.text


@pytest.mark.parametrize("name", ["counted", "mixture", "few"])
def test_a_run_without_gradients_has_no_diagnosis(name, request, parse, tmp_path):
    page = parse(write_report(request.getfixturevalue(name), tmp_path / "a.html").read_text("utf-8"))
    assert "diagnosis" not in page.sections


def test_of_a_deep_network_not_every_matrix_has_a_histogram():
    histograms = {f"layers.{i}.W": histogram(np.arange(4.0)) for i in range(30)}
    assert list(histogram_figures(histograms, "weights")) == [f"weights: layers.{i}.W" for i in range(12)]


def test_the_commands_to_repeat_are_those_of_the_run(page, trained):
    assert f"morelike train {trained.path}/list.txt --config {trained.path}/config.toml" in page.text
    assert f"morelike sample {trained.path} -n 20 --seed 0" in page.text


def test_the_command_to_repeat_gives_the_same_model(trained, tmp_path, monkeypatch):
    import shlex

    from morelike.cli.main import main
    from morelike.runs.lookup import runs_in

    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as left:
        main(shlex.split(train_command(collect_report(trained)))[1:])
    assert not left.value.code
    (again,) = runs_in(tmp_path / "runs")
    for name in ("model/model.safetensors", "samples.txt", "metrics.jsonl"):
        assert (again.path / name).read_bytes() == (trained.path / name).read_bytes()


def test_a_report_is_replaced_whole(trained, tmp_path):
    path = tmp_path / "a.html"
    path.write_text("old")
    assert write_report(trained, path) == path
    assert path.read_text("utf-8").endswith("</html>\n")
    assert [file.name for file in tmp_path.iterdir()] == ["a.html"]


@pytest.mark.slow
def test_an_alphabet_of_thousands_makes_a_report_of_bounded_size(tmp_path, parse):
    words = [chr(0x4E00 + i) + chr(0x4E00 + i // 2) for i in range(2500)]
    run = make(tmp_path, words, kind="mlp", embedding=2, hidden=2, steps=1)
    page = run_page(collect_report(run))
    assert len(page) < 1_500_000
    assert "the 40 commonest symbols" in page
    assert "embedding" not in parse(page).pictures


@pytest.mark.slow
def test_the_report_of_the_default_model_takes_less_than_three_seconds(tmp_path):
    """In a process of its own, everything loaded anew; the best of three, since other work shares the machine."""
    words = morelike.read_lines("names")
    run = make(tmp_path, words, kind="gru", steps=20, name="names")
    command = [sys.executable, "-m", "morelike", "report", str(run.path)]
    seconds = []
    for _ in range(3):
        began = time.monotonic()
        subprocess.run(command, check=True, capture_output=True)
        seconds.append(time.monotonic() - began)
    assert min(seconds) < 3
