"""The widget's module in Chromium, as a notebook loads it: it shows the panels, which grow with the recording."""

import base64
import json
import zlib

import pytest

import morelike
from morelike.play.record.notebook import widget_module
from morelike.play.record.recorder import pack

from ...training.runs import pronounceable
from ..browser import MARKS, until

pytest.importorskip("anywidget")
pytestmark = MARKS
HOME = "http://notebook.test/"
HARNESS = """
async ([module, recording]) => {
  const values = { recording, height: 700, title: "a run" };
  const listeners = new Set();
  window.model = {
    get: (name) => values[name],
    on: (_, call) => listeners.add(call),
    off: (_, call) => listeners.delete(call),
    set: (name, value) => { values[name] = value; listeners.forEach((call) => call()); },
  };
  const { default: widget } = await import(URL.createObjectURL(new Blob([module], { type: "text/javascript" })));
  window.end = widget.render({ model, el: document.body });
  window.count = () => listeners.size;
}
"""
HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def complete():
    """The complete recording of a model that was trained in this process."""
    model = morelike.train([HOSTILE, *pronounceable(60), HOSTILE], "bigram", steps=30, progress=False)
    return json.loads(zlib.decompress(base64.b64decode(morelike.watch(model, words=["bane"], wait=True).recording)))


def beginning_of(complete):
    """Return a recording of the same run while it learned: without looks, and without the end."""
    events = [event for event in complete["events"] if event["type"] in ("started", "progress")]
    status = {"type": "status", "status": "training"}
    return {**complete, "events": [*events[:3], status], "looks": {}, "isComplete": False}


def with_late_look(complete):
    """Return a later recording: a look before events that were known is recorded now."""
    early = beginning_of(complete)
    (look,) = [event for event in complete["events"] if event["type"] == "look"]
    started, *progress, status = early["events"]
    return {**early, "events": [started, look, *progress, status], "looks": complete["looks"]}


@pytest.fixture
def notebook(chromium, complete):
    """A page that has rendered the widget; afterwards it had no error, and asked for nothing but itself."""
    page, complaints = chromium.new_context(viewport={"width": 1000, "height": 800}).new_page(), []
    page.on("console", lambda said: complaints.append(said.text) if said.type != "log" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("dialog", lambda dialog: (complaints.append(dialog.message), dialog.dismiss()))
    page.route(
        "**/*",
        lambda route: (
            route.fulfill(body="<!doctype html><title>notebook</title><body></body>", content_type="text/html")
            if route.request.url == HOME
            else (complaints.append(route.request.url), route.abort())
        ),
    )
    page.goto(HOME)
    page.evaluate(HARNESS, [widget_module(), pack(beginning_of(complete))])
    yield page
    page.context.close()
    assert complaints == []


def frame_of(page):
    return next(frame for frame in page.frames if frame != page.main_frame)


def test_the_panels_are_shown_and_grow_with_the_recording(notebook, complete):
    frame = frame_of(notebook)
    until(frame, "document.querySelector('.status')?.textContent.startsWith('Learning')")
    until(frame, "document.querySelector('play-list').textContent.includes('62 lines')")
    assert frame.locator("td.now").count() == 0
    notebook.evaluate("(recording) => model.set('recording', recording)", pack(with_late_look(complete)))
    until(frame, "document.querySelectorAll('td.now').length")
    points = "document.querySelector('polyline.train').points.length"
    known = frame.evaluate(points)
    notebook.evaluate("(recording) => model.set('recording', recording)", pack(complete))
    until(frame, "document.querySelector('.status').textContent.startsWith('A recording')")
    losses = [event for event in complete["events"] if event["type"] == "progress"]
    until(frame, f"{points} === {sum(len(event['losses']) for event in losses)}")
    assert known == sum(len(event["losses"]) for event in losses[:2])
    words = complete["looks"]["samples"]["seed=0"]["30"]["words"]
    shown = frame.evaluate("[...document.querySelectorAll('td.now bdi')].map((each) => each.textContent)")
    assert shown == [each["word"] for each in words if each["word"]][: len(shown)]
    assert frame.locator("polyline.train").count() == 1
    assert frame.locator("img").count() == 0


def test_the_second_view_opens_in_the_frame_and_shows_its_panels(notebook, complete):
    notebook.evaluate("(recording) => model.set('recording', recording)", pack(complete))
    frame = frame_of(notebook)
    until(frame, "document.querySelectorAll('td.now').length")
    frame.click("text=Look inside")
    until(frame, "document.querySelector('inside-next .bar-row')")
    frame.fill("#next-prefix", "ba")
    until(frame, "document.querySelector('inside-next').dataset.asked.endsWith('prefix=ba')")
    answer = complete["looks"]["next"]["prefix=ba"]["30"]
    values = frame.locator("inside-next .bar-row .value").all_text_contents()
    assert [float(each[:-1]) for each in values] == pytest.approx(
        [100 * p for p in answer["probabilities"]], abs=0.0501
    )


def test_the_frame_reads_nothing_of_the_notebook_and_its_end_stops_it(notebook):
    assert notebook.get_attribute("iframe", "sandbox") == "allow-scripts"
    frame = frame_of(notebook)
    until(frame, "document.querySelector('.status')")
    assert (
        frame.evaluate("(() => { try { return parent.document.title; } catch { return 'refused'; } })()") == "refused"
    )
    assert notebook.evaluate("count()") == 1
    notebook.evaluate("end()")
    assert notebook.evaluate("count()") == 0
