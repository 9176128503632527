"""Faults: a run is broken, the diagnosis says so at its looks, and a mended run is good."""

import pytest

from morelike import api
from morelike.errors import SettingError
from morelike.evaluation.verdicts import overall
from morelike.play.breaking.faults import broken, faults_of, mended
from morelike.play.limits import PlayLimits
from morelike.play.runs import Runs
from morelike.play.views import Views
from morelike.runs.looks import Looks, LookWriter
from morelike.runs.plan import hiding_test, make_plan, plan_of_run
from morelike.text.corpus import corpus_of
from morelike.training.experiment import run_experiment, start_run

from ..training.runs import pronounceable
from .test_routes import begin

WORDS = pronounceable(400)
SAID = {
    "wrong_sign": ("direction of the update", "the update has the wrong sign"),
    "rate_100": ("update:data", "each step destroys learned values"),
    "unscaled": ("initial loss", "the fresh model is sure of wrong answers"),
}
KINDS = ("gru", "mlp")


def plan_of(kind, **settings):
    given = {"steps": 240, **settings}
    return hiding_test(make_plan(corpus_of("words", WORDS, "lines"), kind, quick=True, settings=given))


def trained(plan, out):
    """Train a plan with looks, as the page does, and return its run and the verdicts at its looks by step."""
    run = start_run(plan, out)
    for _ in run_experiment(plan_of_run(run), run, watch_weights=LookWriter(Looks(run))):
        pass
    views = Views(Runs(out, PlayLimits()).open(run))
    return run, {step: views.panel(str(step), "verdict", {}) for step in Looks(run).steps()}


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "fault"), [(kind, fault) for kind in KINDS for fault in faults_of(kind)])
def test_a_broken_run_is_bad_and_the_mended_one_is_good_as_diagnose_says(kind, fault, tmp_path, monkeypatch):
    monkeypatch.setattr("morelike.training.result.SAMPLES", 3)
    run, verdicts = trained(broken(plan_of(kind), fault), tmp_path)
    bad = [found for found in verdicts.values() if found["verdict"] == "bad"]
    what, sentence = SAID[fault]
    told = [each for found in bad for each in found["readings"] if each["what"] == what and each["verdict"] == "bad"]
    assert any(sentence in each["sentence"] for each in told)
    assert verdicts[1]["verdict"] == "bad"  # after one step, or before it
    diagnosed = api.diagnose(run.path)
    assert overall(diagnosed.readings) == "bad"

    again, verdicts = trained(mended(plan_of_run(run), fault), tmp_path)
    assert [step for step, found in verdicts.items() if found["verdict"] == "bad"] == []
    last = verdicts[max(verdicts)]
    diagnosed = api.diagnose(again.path)
    assert (last["verdict"], overall(diagnosed.readings)) == ("good", "good")


def test_a_fault_is_in_the_settings_of_its_run_and_mending_takes_it_out():
    for kind in ("gru", "bigram"):
        plan = plan_of(kind)
        for fault in faults_of(kind):
            assert broken(plan, fault).as_config() != plan.as_config()
            assert mended(broken(plan, fault), fault) == plan
    assert "wrong_sign" not in plan_of("gru").as_config()["training"]
    assert broken(plan_of("gru"), "wrong_sign").as_config()["training"]["wrong_sign"] is True


def test_a_fault_that_means_nothing_for_a_kind_is_refused_in_one_sentence(client, runs):
    with pytest.raises(SettingError, match=r"the initial weights of a wavenet have no other scale: choose bigram, gru"):
        broken(plan_of("wavenet"), "unscaled")
    for body, sentence in (
        ({"kind": "ngram", "settings": {}, "break": "wrong_sign"}, "ngram is counted, not trained: there is nothing"),
        ({"kind": "bow", "break": "unscaled"}, "the initial weights of a bow have no other scale"),
        ({"break": "nonsense"}, "break"),
    ):
        response = begin(client, **body)
        assert response.status_code in (400, 422)
        assert sentence in response.json()["error"]
        assert "\n" not in response.json()["error"]
    assert not runs.out.exists()


def test_the_page_breaks_a_run_and_mends_it_with_the_same_first_weights(client, runs):
    first = runs.find(begin(client).json()["id"])
    first.looks.save(0, {"C": plan_of("gru").architecture.init(*numbers())["C"]})
    start = {"run": first.id, "step": 0}
    client.post(f"/api/runs/{first.id}/command", json={"command": "stop"})
    one = begin(client, **{"break": "rate_100"}, start_from=start).json()
    assert one["fault"] == "rate_100"
    found = runs.find(one["id"])
    rate = plan_of_run(found.folder).training.learning_rate
    again = client.post("/api/runs", json={"mends": one["id"]}).json()
    other = runs.find(again["id"])
    assert (again["mends"], again["fault"]) == ("rate_100", None)
    assert plan_of_run(other.folder).training.learning_rate == pytest.approx(rate / 100)
    assert other.folder.first_weights().keys() == {"C"}
    refused = client.post("/api/runs", json={"mends": again["id"]})
    assert (refused.status_code, refused.json()["error"]) == (422, "this run has no fault to mend: break one first")


def numbers():
    """Return a generator and a number of symbols."""
    import numpy as np

    return np.random.default_rng(0), 5
