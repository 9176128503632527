"""Races: lanes that begin together on one list, wait for their turn and obey one by one."""

import asyncio
import json
import time

import pytest

import morelike
from morelike.cli.main import main
from morelike.errors import SettingError
from morelike.play.limits import PlayLimits
from morelike.play.lists import Lists
from morelike.play.race.races import Races
from morelike.play.runs import Runs
from morelike.play.streams import stream
from morelike.play.views import Views
from morelike.runs.plan import hiding_test, make_plan, plan_of_run
from morelike.runs.run_folder import RunFolder
from morelike.text.corpus import corpus_of
from morelike.text.splits import split
from morelike.training.experiment import ExperimentFinished, run_experiment, start_run
from morelike.workflows.leader_board import rank

from ...training.runs import pronounceable, small_settings

WORDS = pronounceable(200)
LANES = [{"kind": "mlp", "settings": {"hidden": hidden}} for hidden in (4, 6, 8)]


def wait_for(true, seconds=60.0):
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def begin(client, lanes=LANES, **more):
    name = client.post("/api/lists", json={"text": "\n".join(WORDS[:90])}).json()["id"]
    return client.post("/api/races", json={"list": name, "lanes": lanes, **more})


@pytest.fixture
def lanes(client, runs):
    """The runs of a race of three, of which two may train at once."""
    found = [runs.find(run["id"]) for run in begin(client, seed=5).json()["runs"]]
    wait_for(lambda: [run.status for run in found] == ["training", "training", "waiting"])
    return found


def command(client, run, name):
    assert client.post(f"/api/runs/{run.id}/command", json={"command": name}).status_code == 200


def test_the_lanes_have_one_list_split_and_seed_and_differ_in_what_was_chosen(client, runs, lanes):
    race = client.get("/api/races/1").json()
    assert race["differs"] == {"hidden": [4, 6, 8]}
    plans = [plan_of_run(run.folder) for run in lanes]
    assert {(plan.corpus.fingerprint, plan.split, plan.training.seed) for plan in plans} == {
        (plans[0].corpus.fingerprint, "shuffle-42", 5)
    }
    assert client.get("/api/races").json()["newest"] == race


def test_a_lane_waits_for_its_turn_until_another_one_ends(client, lanes):
    command(client, lanes[1], "stop")
    wait_for(lambda: lanes[2].status == "training")
    assert [run.status for run in lanes[:2]] == ["training", "stopped"]


def test_a_lane_that_is_paused_lets_the_next_one_begin_and_goes_on_later(client, lanes):
    command(client, lanes[0], "pause")
    wait_for(lambda: [run.status for run in lanes] == ["paused", "training", "training"])
    command(client, lanes[0], "resume")
    wait_for(lambda: lanes[0].status == "training")


def test_a_lane_that_waits_can_be_stopped_and_continued(client, lanes):
    command(client, lanes[2], "stop")
    assert lanes[2].status == "stopped"
    command(client, lanes[0], "stop")
    wait_for(lambda: lanes[0].status == "stopped" and not lanes[0].active)
    assert lanes[2].status == "stopped"
    command(client, lanes[2], "continue")
    wait_for(lambda: lanes[2].status == "training")


def test_one_lane_begins_again_with_other_settings_and_the_others_go_on(client, runs, lanes, monkeypatch):
    monkeypatch.setattr(PlayLimits, "check_started", lambda *_: None)
    body = {"kind": "gru", "settings": {"hidden": 4, "learning_rate": 0.5}}
    race = client.post("/api/races/1/lanes/1", json=body).json()
    assert [run["id"] for run in race["runs"]][::2] == [lanes[0].id, lanes[2].id]
    mended = runs.find(race["runs"][1]["id"])
    assert race["differs"]["kind"] == ["mlp", "gru", "mlp"]
    assert race["differs"]["learning_rate"][1] == 0.5
    assert plan_of_run(mended.folder).training.seed == 5
    wait_for(lambda: lanes[1].status == "stopped" and {lanes[2].status, mended.status} == {"training", "waiting"})
    assert lanes[0].status == "training"
    assert client.post("/api/races/1/lanes/3", json={}).status_code == 422


def test_a_page_gets_the_events_of_all_lanes_in_one_stream_and_goes_on_where_it_was(lanes):
    async def read(after):
        events = stream(lanes, after, lanes=True)
        await anext(events)
        number, data = (await anext(events)).split("\n")[:2]
        watched = [run.watched for run in lanes]
        await events.aclose()
        return number.removeprefix("id: "), json.loads(data.removeprefix("data: ")), watched

    wait_for(lambda: [run.step for run in lanes] == [2, 2, 0])
    number, events, watched = asyncio.run(read([0, 0, 0]))
    assert number == "5.5.1"
    assert [event["lane"] for event in events] == [0] * 5 + [1] * 5 + [2]
    assert events[-1] == {"type": "status", "status": "waiting", "lane": 2}
    assert asyncio.run(read([5, 4, 1]))[1] == [events[9]]
    assert watched == [1, 1, 1]
    assert [run.watched for run in lanes] == [0, 0, 0]


def test_at_the_end_of_the_server_no_lane_begins_that_waited(runs, lanes):
    ended = runs.close()
    assert {run.id for run in ended} == {run.id for run in lanes[:2]}
    wait_for(lambda: [run.status for run in lanes] == ["stopped"] * 3)
    assert not any(run.active for run in lanes)


def test_a_lane_that_waits_gives_up_its_turn_when_the_page_has_gone(runs, lanes):
    lanes[2].last_watched = time.monotonic() - runs.limits.unwatched - 1
    runs.stop_unwatched()
    assert [run.status for run in lanes] == ["training", "training", "stopped"]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"lanes": LANES[:1]}, "lanes"),
        ({"lanes": [*LANES, *LANES]}, "lanes"),
        ({"lanes": [LANES[0], {"kind": "nothing"}]}, "nothing"),
        ({"lanes": [LANES[0], {"kind": "mlp", "settings": {"nothing": 1}}]}, "nothing"),
        ({"lanes": [LANES[0], {"kind": "mlp", "settings": {"seed": 1}}], "seed": -1}, "seed"),
        ({"lanes": LANES, "list": "nothing"}, "nothing"),
    ],
)
def test_a_wrong_race_is_refused_in_one_sentence_and_leaves_no_folder(client, runs, body, says):
    response = begin(client, **body)
    assert response.status_code in (400, 422)
    assert says in response.json()["error"]
    assert "\n" not in response.json()["error"]
    assert not runs.out.exists()


def test_a_race_of_more_runs_than_the_page_may_start_is_refused(client, runs, lanes):
    response = begin(client, LANES[:2])
    assert "3 runs were started on this page" in response.json()["error"]
    assert client.get("/api/races/9").status_code == 404
    assert client.get("/api/races/9/events").status_code == 404


@pytest.mark.parametrize(("cores", "at_once"), [(1, 2), (2, 2), (3, 3), (16, 4)])
def test_as_many_lanes_train_at_once_as_there_are_cores(monkeypatch, cores, at_once):
    monkeypatch.setattr("morelike.play.limits.cores", lambda: cores)
    assert PlayLimits().at_once == at_once


def test_the_defaults_of_a_lane_are_those_of_its_kind(client):
    settings = client.get("/api/races").json()["settings"]
    assert settings["quick"]["gru"] == {"learning_rate": 0.014, "hidden": 96}
    assert settings["quick"]["ngram"] == {}
    assert settings["full"]["gru"]["hidden"] > 96


def trained(out, kind="ngram", words=WORDS, **settings):
    """Return the folder and the result of a run of the command line."""
    plan = hiding_test(make_plan(corpus_of("words", words, "lines"), kind, settings=settings))
    run = start_run(plan, out)
    *_, last = run_experiment(plan, run)
    assert isinstance(last, ExperimentFinished)
    return run, last.result


def race_of(out, folders):
    runs = Runs(out, PlayLimits())
    opened = [runs.open(RunFolder(folder.path)) for folder in folders]
    races = Races(runs, Lists(PlayLimits()), lambda name: Views(runs.find(name)))
    return races, races.open(opened)


def check_result(races, race, results):
    """Compare the result of a race with the functions of the library and the leader board."""
    found, dev = races.result(race), split(WORDS).dev
    models = {run.id: morelike.load(run.folder.path) for run in race.runs}
    losses = {name: model.evaluate(dev).nats_per_character for name, model in models.items()}
    assert found["losses"] == pytest.approx(losses, rel=1e-9)
    assert found["best"] == min(losses, key=losses.get)
    ranked = {each.result.run.name: each.behind for each in rank(results)}
    for each in found["against"]:
        expected = morelike.compare(models[found["best"]], models[each["name"]], dev)
        behind = ranked[each["name"]]
        assert each["difference"] == pytest.approx(expected.difference, rel=1e-5)
        assert each["interval"] == pytest.approx(expected.interval, rel=1e-5)
        assert each["difference"] == pytest.approx(-behind.difference, rel=1e-5)
        assert each["interval"] == pytest.approx([-end for end in behind.interval[::-1]], rel=1e-5)
        assert each["decided"] == expected.decided


def test_the_result_of_runs_that_were_there_equals_compare_and_the_leader_board(tmp_path):
    folders, results = zip(*[trained(tmp_path, order=order) for order in (2, 3, 5)], strict=True)
    races, race = race_of(tmp_path, folders)
    assert races.facts(race)["differs"] == {"order": [2, 3, 5]}
    check_result(races, race, results)


@pytest.mark.slow
def test_the_result_of_a_race_of_networks_equals_compare_and_its_lanes_see_the_same_batches(tmp_path):
    runs = Runs(tmp_path, PlayLimits())
    lists = Lists(PlayLimits())
    listed = lists.add(corpus_of("words", WORDS, "lines"), None)
    races = Races(runs, lists, lambda name: Views(runs.find(name)))
    small = {**small_settings("mlp"), "steps": 40}
    small.pop("seed")
    lanes = [("mlp", {**small, "learning_rate": rate}) for rate in (0.001, 0.01, 0.1)]
    race = races.begin(listed, lanes, 7, quick=True)
    wait_for(lambda: all(run.status == "finished" and not run.active for run in race.runs), 120)
    first = [run.folder.metrics()[0]["losses"] for run in race.runs]
    assert first[0] == first[1] == first[2]  # the first loss is measured before the rates matter
    dev = split(WORDS).dev
    found = races.result(race)
    models = {run.id: morelike.load(run.folder.path) for run in race.runs}
    for each in found["against"]:
        expected = morelike.compare(models[found["best"]], models[each["name"]], dev)
        assert each["difference"] == pytest.approx(expected.difference, rel=1e-5)
        assert each["interval"] == pytest.approx(expected.interval, rel=1e-5)
    runs.close()


def test_runs_of_other_lists_the_same_run_twice_and_five_runs_are_refused_in_one_sentence(tmp_path, capsys):
    one, two = trained(tmp_path)[0], trained(tmp_path, words=WORDS[:100])[0]
    for given, says in (
        ([one, two], "learn from different lists or splits: a race needs one list and one split"),
        ([one, one], "a run cannot race against itself"),
    ):
        with pytest.raises(SettingError, match=says):
            race_of(tmp_path, given)
        names = [str(run.path) for run in given]
        with pytest.raises(SystemExit):
            main(["play", "--no-browser", "--port", "0", "--out", str(tmp_path), *names])
        said = capsys.readouterr().err.strip()
        assert says in said
        assert said.count("\n") == 0
    with pytest.raises(SystemExit):
        main(["play", "--no-browser", "--port", "0", "--out", str(tmp_path), str(one.path), "names"])
    assert "no run 'names'" in capsys.readouterr().err
