"""A recording of a run: what it holds, how large it is, and that nothing in it is more than data."""

import json
import re
import zlib
from base64 import b64decode, b64encode
from hashlib import sha256
from itertools import pairwise

import pytest

import morelike
from morelike.cli.main import main
from morelike.play.limits import PlayLimits
from morelike.play.record import recorder, routes
from morelike.play.record.file import page, write_recording
from morelike.play.record.recorder import Question, Recorder, choose_looks, packed, shorter
from morelike.play.runs import LiveRun, Runs
from morelike.play.views import Views
from morelike.runs.looks import Looks
from morelike.runs.plan import hiding_test, make_plan, plan_of_run
from morelike.text.corpus import corpus_of
from morelike.training.experiment import start_run

from ...training.runs import pronounceable

HOSTILE = "</script><b>"
STEPS = (0, 4, 8)


@pytest.fixture(scope="module", autouse=True)
def few_answers():
    """Few answers are soon computed."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("MOST_WORDS", "WORDS_SHOWN", "FEW_LOOKS", "UNITS"):
            patch.setattr(recorder, name, 2)
        yield


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A finished run with looks, which nobody trained, and whose list has a hostile word."""
    words = corpus_of("words", [*pronounceable(40), HOSTILE], "lines")
    plan = hiding_test(make_plan(words, "rnn", settings={"hidden": 6, "embedding": 3, "steps": 8}))
    folder = start_run(plan, tmp_path_factory.mktemp("runs"))
    weights = morelike.build("rnn", words.words, hidden=6, embedding=3).weights
    for step in STEPS:
        Looks(folder).save(step, {name: array * (1 + step) for name, array in weights.items()})
        folder.append_metrics(step=step, loss=3.0, losses=[3.0], blocks=[1], **({"dev": 3.1} if step == 4 else {}))
    folder.update_meta(status="finished", losses={}, steps=8)
    return folder


@pytest.fixture(scope="module")
def run(folder):
    return Runs(folder.path.parent, PlayLimits()).open(folder)


@pytest.fixture(scope="module")
def views(run):
    return Views(run)


@pytest.fixture(scope="module")
def written(views, tmp_path_factory):
    file = tmp_path_factory.mktemp("file") / "run.html"
    assert write_recording(views, file, ["bane", "Ω"], "fr") == file.stat().st_size
    return file.read_text("utf-8")


@pytest.fixture(scope="module")
def recorded(written):
    data = re.search(r'id="recording">([A-Za-z0-9+/=]+)</script>', written)[1]
    return json.loads(zlib.decompress(b64decode(data)))


def test_the_answers_are_those_of_the_server_at_each_look(run, views, recorded):
    assert [event["step"] for event in recorded["events"] if event["type"] == "look"] == run.looks.steps()
    for panel, query in (("surprisal", {"word": "bane"}), ("embedding", {}), ("next", {"prefix": "ba"})):
        kept = recorded["looks"][panel][Question(panel, query).key]
        assert kept == {str(step): views.panel(str(step), panel, query) for step in run.looks.steps()}


def test_the_words_are_those_that_were_asked_for_and_can_be_read_and_then_examples(recorded):
    (facts,) = (answer for address, answer in recorded["answers"].items() if address.startswith("/api/lists/"))
    assert recorded["words"][0] == "bane"
    assert "Ω" not in recorded["words"]
    assert {*recorded["words"][1:]} <= {*facts["examples"]}
    assert next(word for word in facts["examples"] if 4 < len(word) < 10) in recorded["words"]


def test_a_panel_that_the_kind_cannot_have_is_refused_with_the_sentence_of_the_server(recorded):
    assert "no attention" in recorded["looks"]["attention"][""][""]["refused"]


def test_it_speaks_three_languages_and_has_the_lessons(recorded):
    assert {f"/page/texts/{language}.json" for language in ("en", "fr", "it")} <= {*recorded["answers"]}
    assert recorded["answers"]["/api/state"]["language"] == "fr"
    assert recorded["answers"]["/api/lessons/4?language=it"]["language"] == "it"


def test_the_policy_has_the_hashes_of_the_only_script_and_style_and_allows_no_request(written):
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', written)[1]
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    (script,) = re.findall(r'<script type="module">(.*?)</script>', written, re.DOTALL)
    (style,) = re.findall(r"<style>(.*?)</style>", written, re.DOTALL)
    for part, content in (("script-src", script), ("style-src", style)):
        assert rules[part] == f"'sha256-{b64encode(sha256(content.encode()).digest()).decode()}'"
    assert rules["default-src"] == "'none'"
    assert not {"connect-src", "frame-src", "font-src"} & rules.keys()
    assert "unsafe" not in policy
    assert not re.findall(r'(?:src|href)="(?!data:)[^#"]+"', written)


def test_no_word_and_no_name_of_a_list_ends_an_element(written, recorded):
    assert HOSTILE not in written
    assert any(HOSTILE in json.dumps(answer) for answer in recorded["answers"].values())
    assert written.count("<script") == written.count("</script>") == 2
    hostile = page({"words": [HOSTILE]}, f"{HOSTILE} · gru", f"List --> {HOSTILE}: mine")
    assert hostile.count("<script") == hostile.count("</script>") == 2
    assert hostile.count("-->") == 1


def test_it_names_the_licences_of_the_list_and_of_the_page(written, recorded):
    assert "MIT License" in written.partition("-->")[0]
    assert recorded["answers"]["/api/state"]["licence"] == ""  # a list of one's own
    assert recorder.licence_of("mots") == "Licence Ouverte / Etalab 2.0"


def test_answers_are_left_out_when_there_is_no_room_for_them(views, monkeypatch):
    monkeypatch.setattr(recorder, "LARGEST", 2000)
    found = Recorder(views)
    found.complete()
    assert found._spent <= 2000
    assert "landmarks" in found.recording()["looks"]


def test_a_run_that_still_learns_is_recorded_look_by_look(views):
    found = Recorder(views)
    assert not found.recording()["isComplete"]
    for count in range(1, len(STEPS) + 1):
        found.follow()
        assert found.steps == list(STEPS)[-count:]
    kept = found.recording()
    assert {*kept["looks"]} == {"landmarks", "surprisal", "samples"}
    assert [event["step"] for event in kept["events"] if event["type"] == "look"] == found.steps
    assert 8 in found.steps


def test_looks_are_chosen_with_the_ends_and_the_evaluated_steps():
    chosen = choose_looks(range(1000), [100, 200], 40)
    assert len(chosen) == 40
    assert {0, 1, 2, 4, 512, 100, 200, 999} <= {*chosen}
    assert max(b - a for a, b in pairwise(chosen)) < 60


def test_a_number_that_is_cut_is_rounded_as_the_whole_number_is():
    for number in (0.12345, 0.124501, 0.1235, 1.0005, 2.6744997, -0.0049996, 0.9999999):
        assert f"{shorter(number, 3):.2f}" == f"{number:.2f}"
    assert packed(shorter([0.123456, "ü", None, True], 3)) == '[0.123,"ü",null,true]'.encode()


def test_a_run_without_a_look_that_has_not_ended_is_refused(folder, tmp_path):
    plan = plan_of_run(folder)
    empty = LiveRun(start_run(plan, tmp_path))
    empty.status = "training"
    with pytest.raises(morelike.MorelikeError, match="has not begun to learn"):
        write_recording(Views(empty), tmp_path / "x.html")


def test_the_route_hands_the_file_over(run, client, runs, monkeypatch):
    runs._runs[run.id] = run
    monkeypatch.setattr(routes, "recorded_file", lambda views, words, language: f"{views.run.id} {words} {language}")
    answer = client.get(f"/api/runs/{run.id}/recording", params={"words": "bane", "language": "it"})
    assert answer.status_code == 200
    assert answer.headers["content-disposition"].startswith("attachment; filename*=UTF-8''")
    assert answer.text == f"{run.id} ['bane'] it"
    assert client.get(f"/api/runs/{run.id}/recording", params={"language": "xx"}).status_code == 422
    assert client.get("/api/runs/nothing/recording").status_code == 404


def status(*arguments):
    """Return the exit status of `morelike play`."""
    with pytest.raises(SystemExit) as ended:
        main(["play", *arguments])
    return ended.value.code


def test_the_command_writes_the_file_and_opens_no_page(folder, tmp_path, capsys):
    file = tmp_path / "run.html"
    assert status(str(folder.path), "--record", str(file), "--word", "bane", "--lang", "fr", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"file": str(file), "bytes": file.stat().st_size}
    assert status(str(folder.path), "--word", "bane") != 0
    assert "give --record FILE.html too" in capsys.readouterr().err
