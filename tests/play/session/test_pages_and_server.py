"""Sessions in a browser: two pages at once, a closed page, a server that ends, and a file that is dropped."""

import signal

import pytest

from ...training.runs import pronounceable
from ..browser import MARKS, started, until
from ..test_page_in_browser import STARTED
from .processes import begin_long, children, is_running, meta, wait_for, worker_of

pytestmark = MARKS
STATUS = "document.querySelector('.status').textContent"
POINTS = "document.querySelector('polyline.train')?.points.length ?? 0"


@pytest.fixture
def server(tmp_path):
    """A server of its own for each test: its process, its address and its folder of runs."""
    listed = tmp_path / "words.txt"
    listed.write_text("".join(f"{word}\n" for word in pronounceable(300)))
    with started(["play", str(listed)], tmp_path) as (process, address):
        yield process, address, tmp_path / "runs"


@pytest.fixture
def opened(chromium, server):
    """Return a function that opens the page in one browser, which all pages of a test share."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    context.complaints = []

    def opened():
        page = context.new_page()
        page.on("pageerror", lambda error: context.complaints.append(str(error)))
        page.goto(server[1])
        until(page, STARTED, 60)
        return page

    yield opened
    assert context.complaints == []
    context.close()


@pytest.mark.slow  # it waits for moments of a run, which a loaded machine may pass by
def test_two_pages_see_the_same_run_and_a_command_of_one_shows_on_the_other(opened):
    first = opened()
    run = begin_long(first)
    second = opened()
    for page in (first, second):
        until(page, f"{STATUS}.startsWith('Learning')", 60)
    first.click("text=Pause")
    for page in (first, second):
        until(page, f"{STATUS}.startsWith('Paused')")
    sentence = first.locator(".status").first.text_content()
    assert second.locator(".status").first.text_content() == sentence
    second.focus("#rate")
    second.keyboard.press("ArrowLeft")
    until(first, "document.querySelector('line.knob')")
    looks = "document.querySelector('#look').max"
    until(second, f"{looks} === '{first.evaluate(looks)}'")
    second.click("play-controls >> text=Continue")
    until(first, f"{STATUS}.startsWith('Learning')")
    state = second.evaluate("fetch('/api/state').then((answer) => answer.json())")
    assert state["runs"][0]["id"] == run["id"]
    first.close()
    before = second.evaluate(POINTS)
    until(second, f"{POINTS} > {before}")


@pytest.mark.slow  # it waits for moments of a run, which a loaded machine may pass by
def test_a_run_whose_page_is_closed_is_saved_and_stopped_after_the_grace(opened, server):
    process, _, runs = server
    page = opened()
    run = begin_long(page)
    until(page, STARTED, 60)
    worker = worker_of(runs / run["id"])
    page.close()
    wait_for(lambda: not is_running(worker))
    wait_for(lambda: children(process.pid) == [])  # nor does the run that the page showed first
    assert meta(runs / run["id"])["status"] == "interrupted"
    page = opened()  # the server is there, and goes on with the run when a person asks for it
    until(page, f"{STATUS}.startsWith('Stopped')")
    page.click("play-controls >> text=Continue")
    until(page, f"{STATUS}.startsWith('Learning')", 60)
    assert is_running(worker_of(runs / run["id"]))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_server_that_ends_while_a_run_trains_leaves_a_saved_run_no_process_and_a_page_that_says_so(
    opened, server, number
):
    process, _, runs = server
    page = opened()
    run = begin_long(page)
    until(page, STARTED, 60)
    worker = worker_of(runs / run["id"])
    process.send_signal(number)
    process.wait(60)
    wait_for(lambda: not is_running(worker))
    assert meta(runs / run["id"])["status"] == "interrupted"
    assert [*(runs / run["id"]).glob("checkpoints/*")]
    until(page, f"{STATUS}.startsWith('The server')", 30)
    page.click("text=Other words")  # what cannot be answered is told, and breaks nothing
    until(page, f"{STATUS}.startsWith('The server')", 30)
    assert page.locator("polyline.train").count() == 1


def drop(page, name, text):
    page.evaluate(
        """([name, text]) => {
          const transfer = new DataTransfer();
          if (name) transfer.items.add(new File([text], name));
          else transfer.setData("text/plain", text);
          for (const type of ["dragover", "drop"]) {
            const event = new DragEvent(type, { dataTransfer: transfer, bubbles: true, cancelable: true });
            if (document.querySelector("play-heat").dispatchEvent(event)) throw new Error("the browser would open it");
          }
        }""",
        [name, text],
    )


def test_a_file_that_is_dropped_on_the_page_is_learned_under_its_name(opened):
    page = opened()
    drop(page, "isole d'Italia.txt", "\n".join(pronounceable(60)))
    until(page, "document.querySelector('.facts').textContent.startsWith('60 lines')")
    chosen = page.evaluate("document.querySelector('#list-choice').selectedOptions[0].textContent")
    assert chosen == "isole-d-Italia"
    until(page, STARTED, 60)
    slow = []  # an answer about the list before, which comes last
    page.route("**/api/lists/*", lambda route: slow.append(route) if not slow else route.continue_())
    page.reload()
    wait_for(lambda: slow or page.wait_for_timeout(20))
    drop(page, "", "\n".join(pronounceable(70)))  # a selection of text
    until(page, "document.querySelector('.facts').textContent.startsWith('70 lines')")
    slow[0].continue_()
    page.wait_for_timeout(500)
    assert page.locator(".facts").text_content().startswith("70 lines")


@pytest.mark.parametrize(("text", "sentence"), [("\n \n", "empty"), ("x" * (5 << 20), "5 MB|bytes"), ("a\0b", "NUL")])
def test_a_file_that_is_no_list_is_refused_in_the_status_and_the_run_goes_on(opened, text, sentence):
    page = opened()
    begin_long(page)
    until(page, STARTED, 60)
    drop(page, "list.txt", text)
    until(page, f"/{sentence}/.test({STATUS})")
    before = page.evaluate(POINTS)
    until(page, f"{POINTS} > {before}")
