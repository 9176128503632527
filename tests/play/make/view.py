"""What the browser tests of making words share: the view, what it shows, and what the server keeps."""

import time

from ..browser import until

SIZES = {"phone": (390, 844), "laptop": (1280, 800), "projector": (1920, 1080)}
HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "a\u202ebc",
    "\U0001f642\U0001f469‍\U0001f680",
    "x" * 5000,
    "=1+1",
]
FINISHED = "/^(Finished|Terminé|Finito)/.test(document.querySelector('.status')?.textContent)"
# The words of the finished model are there.
READY = (
    "document.querySelector('make-batch')?.asked === 'at the end' && document.querySelector('.made tbody tr') !== null"
)
REFUSED = "Failed to load resource: "  # the browser logs an answer 409 or 422
NOTHING = {"starred": [], "rejected": [], "edited": []}


def fetched(page, route, body=None, method="GET"):
    """Return the server's answer for the run that the page shows."""
    return page.evaluate(
        """async ([route, method, body]) => {
          const { runs } = await (await fetch("/api/state")).json();
          const headers = { "Content-Type": "application/json" };
          const path = `/api/runs/${encodeURIComponent(runs[0].id)}/make/${route}`;
          return (await fetch(path, { method, headers, body: body && JSON.stringify(body) })).json();
        }""",
        [route, method, body],
    )


def put(page, kept):
    """Keep these words, whatever was kept before."""
    saved = fetched(page, "kept", {**kept, "version": fetched(page, "kept")["version"]}, "PUT")
    assert {**saved, "version": 0} == {**kept, "version": 0}


def settled(page):
    """Wait until the view shows what was asked for, and all is saved."""
    until(
        page,
        "!document.querySelector('make-batch').isWaiting && !document.querySelector('make-kept').isWaiting"
        " && document.querySelector('.made').ariaBusy === 'false'",
    )


def words(page):
    return page.locator(".made tbody td:first-child bdi").all_text_contents()


def kept(page):
    return page.locator("make-kept > section > .body > .scroll > ul bdi").all_text_contents()


def said(page):
    return page.locator(".said").text_content()


def until_kept(page, **expected):
    """Wait until the server keeps these words."""
    deadline = time.monotonic() + 20
    while not expected.items() <= fetched(page, "kept").items():
        assert time.monotonic() < deadline, (fetched(page, "kept"), expected)
        time.sleep(0.05)


def until_kept_has(page, word):
    """Wait until the server keeps this word."""
    deadline = time.monotonic() + 20
    while word not in fetched(page, "kept")["starred"]:
        assert time.monotonic() < deadline, word
        time.sleep(0.05)


def batch(page, act, route="sample"):
    """Act, and return what the page sent and what the server made."""
    with page.expect_response(lambda each: each.url.endswith(f"/make/{route}")) as waited:
        act()
    settled(page)
    return waited.value.request.post_data_json, waited.value.json()
