"""`morelike.watch`: the widget of a notebook holds a recording of the run, and shows a line of text without widgets."""

import base64
import json
import re
import threading
import time
import zlib

import nbformat
import pytest
from nbclient import NotebookClient

import morelike
from morelike.play.record import notebook, recorder
from morelike.play.record.notebook import widget_module

from ...training.runs import pronounceable

pytest.importorskip("anywidget")
WORDS = pronounceable(40)


@pytest.fixture(autouse=True)
def few_answers(monkeypatch):
    for name in ("MOST_WORDS", "WORDS_SHOWN", "FEW_LOOKS", "UNITS"):
        monkeypatch.setattr(recorder, name, 2)
    monkeypatch.setattr(recorder.Recorder, "_inside", lambda self: iter([recorder.Question("embedding")]))


def recording_of(packed):
    return json.loads(zlib.decompress(base64.b64decode(packed)))


def test_a_model_in_memory_is_recorded_with_its_look():
    model = morelike.train(WORDS, "ngram", order=3)
    view = morelike.watch(model, words=["bane"], language="it", wait=True)
    found = recording_of(view.recording)
    assert found["isComplete"]
    assert found["words"] == view.words
    assert view.words[0] == "bane"
    assert found["answers"]["/api/state"]["language"] == "it"
    (step,) = [event["step"] for event in found["events"] if event["type"] == "look"]
    nats = found["looks"]["surprisal"]["word=bane"][str(step)]["nats"]
    assert nats == pytest.approx(model.surprisal("bane").tolist(), rel=1e-5)
    assert view._repr_mimebundle_()[0]["text/plain"].startswith("morelike: ngram on words, finished, step ")


@pytest.mark.slow
def test_a_trained_model_in_memory_has_its_curve():
    model = morelike.train(WORDS, "bigram", steps=4, progress=False)
    view = morelike.watch(model, wait=True)
    events = recording_of(view.recording)["events"]
    assert [event["step"] for event in events if event["type"] == "look"] == [4]
    assert [event["step"] for event in events if event["type"] == "progress"][-1] == 4
    assert "step 4 of 4, loss on new words " in view.summary


def test_the_module_of_the_widget_holds_the_page_and_names_no_other_address():
    module = widget_module()
    page = json.loads(re.search(r"^const PAGE = (.*);$", module.replace("; // the page as one file", ";\n//"), re.M)[1])
    assert "script-src 'sha256-" in page
    assert set(re.findall(r"https?://[^\"'\s)\\]+", module)) <= {"http://www.w3.org/2000/svg"}
    assert 'frame.setAttribute("sandbox", "allow-scripts")' in module
    assert module.rstrip().endswith("export default { render };")


def test_without_anywidget_one_sentence_names_the_extra(monkeypatch):
    monkeypatch.setattr(notebook, "is_installed", lambda name: name != "anywidget")
    with pytest.raises(morelike.MorelikeError, match=re.escape("pip install 'morelike[notebook]'")):
        morelike.watch("latest")


def test_what_cannot_be_watched_is_said_in_one_sentence(tmp_path):
    with pytest.raises(morelike.MorelikeError, match="no run 'nothing'"):
        morelike.watch("nothing", out=tmp_path)
    with pytest.raises(morelike.MorelikeError, match="watch = True needs a run folder"):
        morelike.train(WORDS, "ngram", watch=True)
    with pytest.raises(morelike.MorelikeError, match="in a notebook only"):
        morelike.train(WORDS, "ngram", watch=True, out=tmp_path)


@pytest.mark.slow
def test_the_recording_grows_while_a_thread_trains(tmp_path):
    started = threading.Event()
    settings = {"hidden": 8, "embedding": 2, "steps": 4000, "chunk": 20, "evaluate_every": 400}
    seen = []
    thread = threading.Thread(
        target=lambda: morelike.train(
            WORDS, "mlp", out=tmp_path, report=False, progress=False, on_event=lambda _: started.set(), **settings
        )
    )
    thread.start()
    assert started.wait(120)
    view = morelike.watch("latest", out=tmp_path)
    view.observe(lambda change: seen.append(recording_of(change["new"])), "recording")
    thread.join()
    deadline = time.monotonic() + 120
    while not (seen and seen[-1]["isComplete"]):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    counts = [len(each["events"]) for each in seen]
    assert counts == sorted(counts)
    assert any(not each["isComplete"] for each in seen)


CELLS = [
    "import morelike\nwords = morelike.read_lines('names')[:300]",
    "model = morelike.train(words, 'bigram', steps=20, progress=False)\nmorelike.watch(model, wait=True)",
    "settings = {'hidden': 8, 'embedding': 2, 'steps': 6000, 'chunk': 20}\n"
    "model = morelike.train(words, 'mlp', out='runs', progress=False, watch=True, **settings)",
    "morelike.watch(wait=True)",
]


@pytest.fixture(scope="module")
def executed(tmp_path_factory):
    """A notebook that a real kernel has run."""
    cells = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS])
    folder = tmp_path_factory.mktemp("notebook")
    resources = {"metadata": {"path": str(folder)}}
    return NotebookClient(cells, timeout=300, kernel_name="python3", resources=resources).execute()


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_notebook_keeps_the_data_and_the_module_and_shows_text_without_widgets(executed):
    state = executed.metadata["widgets"]["application/vnd.jupyter.widget-state+json"]["state"]
    for number, kind, looks in ((1, "bigram", 1), (2, "mlp", 1), (3, "mlp", 10)):
        (output,) = [each for each in executed.cells[number].outputs if each.output_type != "stream"]
        assert output.data["text/plain"].startswith(f"morelike: {kind} on words")
        widget = state[output.data["application/vnd.jupyter.widget-view+json"]["model_id"]]["state"]
        assert widget["_esm"] == widget_module()
        found = recording_of(widget["recording"])
        shown = [event for event in found["events"] if event["type"] == "look"]
        assert len(shown) >= looks
        assert found["isComplete"] or number == 2
        assert found["looks"]["surprisal"]
