"""The live page in Chromium: its start, its frames and draws while a GRU of 160 trains, its memory, and its bytes.

`MORELIKE_MINUTES` is the time over which the memory is measured, ten by default.
"""

from __future__ import annotations

import gzip
import json
import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.harness.benchmark import Target
from benchmarks.harness.errors import FailedError, SkippedError
from benchmarks.harness.processes import morelike

MINUTES = float(os.environ.get("MORELIKE_MINUTES", "10"))
SECONDS = 10.0
"""How long frames, draws and steps are counted."""
PAIRS = 3
LONG = {"kind": "gru", "quick": False, "settings": {"steps": 1_000_000, "hidden": 160}}
INTERACTIVE = "document.querySelector('play-timeline input')"
MOVING = "document.querySelector('polyline.train')?.points.length > 1"
FRAMES = """(seconds) => new Promise((done) => {
  let count = 0;
  const began = performance.now();
  const step = () => {
    count += 1;
    if (performance.now() - began < 1000 * seconds) requestAnimationFrame(step);
    else done(count / seconds);
  };
  requestAnimationFrame(step);
})"""
POST = """([path, body]) => fetch(path, { method: "POST", headers: { "Content-Type": "application/json" },
  body: JSON.stringify(body) }).then((answer) => answer.json())"""
TARGETS = (
    Target(
        "`morelike play`: command to a page that can be used", "seconds_to_interactive", 1, "s",
        "Chromium is open, the caches are warm", at_most=True, bound="the imports of the server",
    ),
    Target(
        "command to the first moving curve, GRU quick", "seconds_to_moving_curve", 3, "s",
        "Chromium is open, the caches are warm", at_most=True, bound="the import of JAX",
    ),
    Target(
        "frames a second while a GRU of 160 trains", "frames_a_second", 30, "",
        "the browser draws on the same cores", bound="the cores",
    ),
    Target(
        "longest draw of a frame", "longest_draw_ms", 8, "ms",
        "processor time of its scripts", at_most=True, bound="the chart of the loss",
    ),
    Target(
        "training with an open page, per step", "slowing_percent", 5, "%",
        "processor time of the process that trains, median of pairs", at_most=True, bound="the looks",
    ),
    Target(
        "growth of the memory of the page after its first minute", "growth_megabytes", 3, "MB",
        "after garbage collection", at_most=True, bound="the looks that the page keeps",
    ),
    Target("bytes of the page", "kilobytes", 200, "kB", "all languages", at_most=True, bound="the languages"),
    Target(
        "bytes of the page, compressed", "compressed_kilobytes", 60, "kB", "one language", at_most=True, bound="scripts"
    ),
)  # fmt: skip


def measure() -> dict[str, Any]:
    """Return the figures of the page; `load` is the number of processes that waited for a processor meanwhile."""
    chromium = shutil.which("chromium")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        raise SkippedError("this needs Playwright: `make test-browser` installs it") from None
    if chromium is None:
        raise SkippedError("there is no Chromium here: `make test-browser` installs it")
    with sync_playwright() as driver, tempfile.TemporaryDirectory() as folder:
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        starts = [_start(browser, Path(folder)) for _ in range(3)]
        with _server(Path(folder)) as address:
            page = browser.new_page(viewport={"width": 1280, "height": 800})
            page.goto(address)
            figures = {**_while_it_trains(browser, page), **_memory(page)}
        browser.close()
    return {
        "seconds_to_interactive": round(min(start[0] for start in starts), 2),
        "seconds_to_moving_curve": round(min(start[1] for start in starts), 2),
        **figures,
        **_bytes(),
        "load": round(os.getloadavg()[1], 1),
    }


@contextmanager
def _server(folder: Path) -> Iterator[str]:
    command = morelike("play", "--no-browser", "--port", "0", "--out", str(folder / "runs"))
    server = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        assert server.stderr
        found = re.search(r"http://\S+", server.stderr.readline())
        if found is None:
            raise FailedError("`morelike play` printed no address")
        yield found[0]
    finally:
        server.terminate()
        server.communicate(timeout=60)


def _start(browser: Any, folder: Path) -> tuple[float, float]:
    """Return the seconds from the command to a page that can be used, and to a curve that moves."""
    page, began = browser.new_page(), time.perf_counter()
    with _server(folder) as address:
        page.goto(address)
        interactive = _until(page, INTERACTIVE) - began
        moving = _until(page, MOVING) - began
        page.close()
    return interactive, moving


def _until(page: Any, expression: str) -> float:
    while not page.evaluate(f"Boolean({expression})"):
        time.sleep(0.005)
    return time.perf_counter()


def _while_it_trains(browser: Any, page: Any) -> dict[str, Any]:
    """Return frames and draws while a GRU of 160 trains, and how much the open page slows it."""
    run = page.evaluate(POST, ["/api/runs", LONG])["id"]
    page.reload()
    _until(page, MOVING)
    frames = page.evaluate(FRAMES, SECONDS)
    browser.start_tracing(page=page, categories=["devtools.timeline"])
    time.sleep(SECONDS)
    events = json.loads(browser.stop_tracing())["traceEvents"]
    draws = [e.get("tdur", e["dur"]) / 1000 for e in events if e["name"] == "FireAnimationFrame" and "dur" in e]
    shown, hidden = [], []
    address = page.url
    for _ in range(PAIRS):
        shown.append(_cost_of_a_step(page, run))
        page.goto(f"{address.partition('#')[0]}page/api.js")  # the same browser, without the page
        hidden.append(_cost_of_a_step(page, run))
        page.goto(address)
        _until(page, MOVING)
    pairs = [100 * (one / other - 1) for one, other in zip(shown, hidden, strict=True)]
    return {
        "frames_a_second": round(frames, 1),
        "draws": len(draws),
        "median_draw_ms": round(median(draws), 2),
        "longest_draw_ms": round(max(draws), 2),
        "slowing_percent": round(median(pairs), 1),
        "slowing_of_each_pair": [round(each, 1) for each in pairs],
    }


def _cost_of_a_step(page: Any, run: str) -> float:
    """Return the processor seconds of the process that trains, for each step that it takes."""
    worker = next(
        path.parent
        for path in Path("/proc").glob("[0-9]*/cmdline")
        if b"morelike.play.worker" in path.read_bytes() and path.read_bytes().endswith(f"{run}\0".encode())
    )
    before = _step(page, run), _processor_seconds(worker)
    time.sleep(SECONDS)
    steps, seconds = _step(page, run) - before[0], _processor_seconds(worker) - before[1]
    return seconds / steps


def _step(page: Any, run: str) -> int:
    found: int = page.evaluate(f"fetch('/api/runs/{run}').then((answer) => answer.json()).then((run) => run.step)")
    return found


def _processor_seconds(process: Path) -> float:
    fields = (process / "stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _memory(page: Any) -> dict[str, Any]:
    """Return the megabytes of the page's heap after garbage collection, over time, while the run trains."""
    session = page.context.new_cdp_session(page)
    heap, began = [], time.monotonic()
    while True:
        session.send("HeapProfiler.collectGarbage")
        heap.append(round(session.send("Runtime.getHeapUsage")["usedSize"] / 1e6, 2))
        if time.monotonic() - began >= 60 * MINUTES:
            break
        time.sleep(60 * min(MINUTES / 10, 1))
    first = heap[min(1, len(heap) - 1)]
    return {"minutes": MINUTES, "heap_megabytes": heap, "growth_megabytes": round(heap[-1] - first, 2)}


def _bytes() -> dict[str, float]:
    """Return the kilobytes that a browser gets with all languages, and compressed with the largest of them."""
    from morelike.play.page_files import page_file
    from morelike.play.record.bundle import bundle
    from morelike.play.texts import LANGUAGES, sentences, texts

    pages = [found.data for name in ("index.html", "page.css") if (found := page_file(name))]
    files = [*pages, bundle("main.js").encode()]
    spoken = [
        json.dumps([texts(each), sentences(each)], ensure_ascii=False, separators=(",", ":")).encode()
        for each in LANGUAGES
    ]
    packed = sum(len(gzip.compress(each)) for each in files) + max(len(gzip.compress(each)) for each in spoken)
    return {
        "kilobytes": round(sum(map(len, [*files, *spoken])) / 1000, 1),
        "compressed_kilobytes": round(packed / 1000, 1),
    }
