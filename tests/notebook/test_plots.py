"""Pictures of a model as methods: every kind of the registry, for models in memory and loaded ones."""

import inspect
from dataclasses import replace

import jaxtyping
import plotly.graph_objects as go
import pytest

import morelike
from morelike.notebook.plots import method_name
from morelike.reports.picture_registry import PICTURES
from morelike.runs.lookup import runs_in

WORDS = ["anna", "hanna", "anne", "hannah", "nan", "ana", "hen", "henna", "ahna", "nanna", "eha", "nena"] * 2
SETTINGS = {"hidden": 4, "embedding": 2, "steps": 20, "evaluate_every": 5, "chunk": 5, "report": False}
KINDS = [method_name(kind) for kind in PICTURES]


@pytest.fixture(scope="module")
def results():
    return []


@pytest.fixture(scope="module")
def in_memory(results):
    return morelike.train(WORDS, "mlp", on_event=results.append, **SETTINGS)


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    out = tmp_path_factory.mktemp("runs")
    morelike.train(WORDS, "mlp", out=out, **SETTINGS)
    return morelike.load(out=out)


@pytest.fixture(scope="module")
def counted():
    return morelike.train(WORDS, "ngram", order=2)


@pytest.mark.parametrize("kind", KINDS)
def test_every_picture_of_a_model_in_memory_and_of_its_loaded_run_is_drawn_alike(kind, in_memory, loaded):
    first, second = (getattr(model.plot, kind)() for model in (in_memory, loaded))
    assert isinstance(first, go.Figure)
    assert len(first.data) == len(second.data) > 0
    assert first.layout.title.text == second.layout.title.text


def test_the_curves_in_memory_are_those_of_the_run(in_memory, loaded):
    first, second = (model.plot.loss().data[0] for model in (in_memory, loaded))
    assert list(first.y) == list(second.y)
    assert len(first.y) == SETTINGS["steps"]


def test_completion_and_help_know_each_kind_and_nothing_else(in_memory):
    assert dir(in_memory.plot) == sorted(KINDS)
    for kind, picture in PICTURES.items():
        method = getattr(in_memory.plot, method_name(kind))
        assert inspect.getdoc(method).startswith(picture.sentence)
        assert method.__name__ == method_name(kind)
    assert str(inspect.signature(in_memory.plot.surprisal)) == "(*words: 'str') -> 'go.Figure'"


@pytest.mark.slow
@pytest.mark.parametrize("jedi", [False, True])
def test_ipython_completes_the_pictures_with_and_without_jedi(jedi, counted):
    from IPython.core.completer import IPCompleter, provisionalcompleter

    completer = IPCompleter(namespace={"model": counted}, use_jedi=jedi)
    with provisionalcompleter():
        found = {each.text.lstrip(".") for each in completer.completions("model.plot.sur", len("model.plot.sur"))}
    assert "surprisal" in found


def test_the_surprisal_is_of_the_given_words(in_memory, monkeypatch):
    monkeypatch.setattr(jaxtyping.config, "jaxtyping_disable", True)
    figure = in_memory.plot.surprisal("anna", "hen")
    assert len(figure.to_json()) > 100
    assert "anna" not in in_memory.facts
    with pytest.raises(morelike.MorelikeError, match="does not know the character 'z'"):
        in_memory.plot.surprisal("zz")
    with pytest.raises(morelike.MorelikeError, match="word = 3: expected one string"):
        in_memory.plot.surprisal(3)


def test_a_word_is_drawn_as_it_is_cleaned(in_memory):
    assert in_memory.plot.surprisal(" anna ").to_json() == in_memory.plot.surprisal("anna").to_json()


def test_several_models_or_runs_are_drawn_together(in_memory, loaded, counted):
    names = in_memory.plot.leader_board(counted).layout.yaxis.ticktext
    assert sorted(names) == ["mlp", "ngram"]
    assert len(in_memory.plot.curves(loaded.origin.run).data) >= 2
    assert len(in_memory.plot.novelty(counted).data[0].y) == 2


def test_the_result_of_training_draws_too(results, in_memory):
    result = results[-1].result
    assert list(result.plot.loss().data[0].y) == list(in_memory.plot.loss().data[0].y)


REFUSED = {
    "loss": "has no curve",
    "curves": "no curves",
    "embedding": "no embedding",
    "network": "no neurons",
    "weights": "no weights",
    "activations": "counted, not trained",
    "ratios": "counted, not trained",
}


@pytest.mark.parametrize("kind", REFUSED)
def test_a_picture_that_a_model_cannot_have_is_one_sentence(kind, counted):
    with pytest.raises(morelike.MorelikeError, match=REFUSED[kind]) as refused:
        getattr(counted.plot, kind)()
    assert "\n" not in str(refused.value)


def test_a_model_without_its_list_says_what_is_missing(counted, tmp_path):
    lonely = morelike.load(counted.save(tmp_path / "model"))
    assert lonely.origin is None
    assert lonely.plot.surprisal("anna").data
    with pytest.raises(morelike.MorelikeError, match="nothing here names the list"):
        lonely.plot.counts()


def test_a_mixture_has_an_origin_only_if_its_members_were_trained_together(in_memory, counted):
    assert morelike.mix([in_memory, counted], WORDS).origin is None
    together = replace(counted, origin=in_memory.origin)
    assert morelike.mix([in_memory, together], WORDS).origin is in_memory.origin


def test_a_figure_saves_itself(in_memory, tmp_path):
    figure = in_memory.plot.loss()
    figure.save(tmp_path / "a.html")
    assert (tmp_path / "a.html").read_text().startswith("<!doctype html>")
    with pytest.raises(morelike.MorelikeError, match=r"ends in \.html"):
        figure.save(str(tmp_path / "a.pdf"))


def test_each_picture_has_a_sentence_and_the_pictures_name_themselves(counted):
    assert all(picture.sentence.endswith(".") for picture in PICTURES.values())
    assert repr(counted.plot).startswith("<pictures: activations, ")


def test_runs_are_not_needed_to_draw(tmp_path, in_memory):
    assert runs_in(tmp_path) == []
    assert in_memory.origin.run is None
